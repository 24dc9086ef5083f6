"""Classifiers of any graph are measured and ablated as a plain loop over hooks does it, and as the core does."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional
from watchable import Branches, Sequences, Unused, ablated_by_a_hook, model_and_samples

import neuronlib as nl
from neuronlib.networks.watched import layers, watch


def test_layers_are_found_with_their_axes_and_thresholds():
    model, inputs, _ = model_and_samples("branches")
    found = {layer.name: (layer.neurons, layer.axis, layer.threshold) for layer in layers(model, inputs)}
    assert found == {"relu:1": (6, 1, 0.0), "relu:2": (6, 1, 0.0), "gelu": (5, 1, 0.0)}
    model, inputs, _ = model_and_samples("tokens")
    assert {layer.name: (layer.neurons, layer.axis) for layer in layers(model, inputs)} == {"mlp.1": (12, 2)}
    model, inputs, _ = model_and_samples("tanh")
    assert [layer.threshold for layer in layers(model, inputs)] == [0.0, 0.5]


@pytest.mark.parametrize("kind", ["branches", "tokens", "tanh"])
@pytest.mark.parametrize("replacement", ["zero", "mean"])
def test_ablation_is_that_of_a_plain_loop_over_hooks(kind, replacement):
    model, inputs, data = model_and_samples(kind)
    networks = watch(model, inputs)
    measured = nl.measure(networks, data.test)
    means = nl.mean_outputs(networks, data.test)
    for name, layer in networks.layers.items():
        if name == "gelu":
            continue  # a function, which no hook reaches
        orders = nl.ablation_orders(measured, name, random_orders=2)
        curves = nl.ablate(networks, data.test, orders, means if replacement == "mean" else "zero")
        first = list(networks.widths).index(name)
        start = sum(list(networks.widths.values())[:first])
        for order in range(orders.sizes["order"]):
            for step in range(layer.neurons + 1):
                gone = orders.values[0, order, :step] - start
                constant = means[0, start + gone] if replacement == "mean" else torch.zeros(len(gone))
                answers = ablated_by_a_hook(model, inputs, name, layer.axis, gone, constant).numpy()
                right = np.bincount(data.test.labels[answers == data.test.labels], minlength=networks.label_count)
                np.testing.assert_array_equal(curves.correct.values[0, order, step], right)


def test_ablating_all_layers_in_one_order_is_ablating_each_by_a_hook():
    model, inputs, data = model_and_samples("tanh")
    networks = watch(model, inputs)
    orders = nl.ablation_orders(nl.measure(networks, data.test), "whole", random_orders=1)
    curves = nl.ablate(networks, data.test, orders)
    for step in range(0, 13, 3):
        gone = orders.values[0, 0, :step]
        with torch.no_grad():
            hidden = torch.tanh(model[0](inputs))
            hidden[:, gone[gone < 7]] = 0
            hidden = torch.sigmoid(model[2](hidden))
            hidden[:, gone[gone >= 7] - 7] = 0
            answers = model[4](hidden).argmax(dim=1).numpy()
        assert curves.correct.values[0, 0, step].sum() == (answers == data.test.labels).sum()


def test_counts_and_curves_of_a_fully_connected_network_are_the_cores():
    data = nl.load("mnist-5k")
    ensemble, _ = nl.train(nl.Setting(dataset="mnist-5k", hidden=(20, 15), dropout=(), epochs=2), data, networks=2)
    watched = watch([ensemble.as_module(k) for k in range(2)], torch.from_numpy(data.test.pixels[:2]))
    assert list(watched.widths.values()) == [20, 15]
    ours, theirs = (nl.measure(networks, data.validation) for networks in (watched, ensemble))
    # Rounding moves an output across zero once in a long while.
    assert abs(ours.counts.values - theirs.counts.values).max() <= 1
    orders = nl.ablation_orders(theirs, "1", random_orders=2)
    core = nl.ablate(ensemble, data.test, orders).correct.values
    name = next(iter(watched.widths))
    curves = nl.ablate(watched, data.test, orders.assign_coords(layer=name)).correct.values
    assert abs(curves - core).max() <= 2  # images between two classes, of 1000


@pytest.mark.parametrize(("summary", "of"), [("mean", torch.mean), ("max", torch.amax)])
def test_a_channels_value_is_its_summary_over_positions(summary, of):
    model, inputs, data = model_and_samples("branches")
    networks = watch(model, inputs, layers=["relu:1"], summary=summary)
    ((values, _),) = networks.output_chunks(data.test)
    with torch.no_grad():
        expected = of(torch.relu(model.first(inputs)), dim=(2, 3))
    torch.testing.assert_close(values[0], expected)


def test_a_channel_that_is_active_at_more_than_half_of_its_positions_counts_as_active():
    model, inputs, data = model_and_samples("branches")
    networks = watch(model, inputs, layers=["relu:1"], summary="active")
    counts = nl.measure(networks, data.test).counts
    with torch.no_grad():
        shares = (model.first(inputs) > 0).float().mean(dim=(2, 3))
    np.testing.assert_array_equal(counts.sel(value=1).sum("label").values[0], (shares > 0.5).sum(dim=0))


def test_each_position_can_be_a_sample():
    # Two layers with 16 and 4 positions, and one with one: the paper's naive way, for all of them together.
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 3, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(3, 2, 1), nn.Tanh())
    model.extend([nn.Flatten(), nn.Linear(8, 5), nn.ReLU(), nn.Linear(5, 2)]).eval()
    inputs = torch.randn(30, 1, 4, 4)
    data = nl.given(inputs.flatten(1).numpy(), np.arange(30) % 2)
    networks = watch(model, inputs, summary="positions")
    counts = nl.measure(networks, data.test).counts.values[0]
    with torch.no_grad():
        convolved = model[:2](inputs)
        of_layers = [convolved, model[2:5](convolved), model[:8](inputs)[:, :, None, None]]
    neuron = 0
    for of_layer in of_layers:
        active = (of_layer > 0).flatten(2).numpy()
        times = 16 // active.shape[2]
        for channel in range(active.shape[1]):
            for label in (0, 1):
                expected = times * active[np.arange(30) % 2 == label, channel].sum()
                assert counts[neuron, 1, label] == expected
            neuron += 1
    assert (counts.sum(axis=(1, 2)) == 30 * 16).all()
    # What an ablated channel is replaced by is its mean over positions all the same.
    expected = torch.cat([of_layer.mean(dim=(0, 2, 3)) for of_layer in of_layers])
    torch.testing.assert_close(nl.ablation.mean_outputs(networks, data.test)[0], expected)


def test_layers_of_positions_that_have_no_small_multiple_are_not_counted_together():
    layers = [nn.Conv2d(1, 64, 1), nn.ReLU(), nn.Conv2d(64, 64, 2), nn.ReLU(), nn.Flatten(), nn.Linear(64 * 62 * 62, 2)]
    inputs = torch.randn(2, 1, 63, 63)
    networks = watch(nn.Sequential(*layers), inputs, summary="positions")
    data = nl.given(inputs.flatten(1).numpy(), [0, 1])
    with pytest.raises(ValueError, match="layers of 3844, 3969 positions: too many to count together; watch fewer"):
        nl.measure(networks, data.test)


def test_two_values_are_cut_at_the_median_if_asked_for():
    model, inputs, data = model_and_samples("branches", samples=24)
    networks = watch(model, inputs, layers=["gelu"])
    counts = nl.measure(networks, data.test, cuts="quantile").counts.values
    assert (counts.sum(axis=3) == 12).all()
    assert not np.array_equal(counts, nl.measure(networks, data.test).counts.values)


@pytest.mark.parametrize("layer", ["relu:1", "gelu"])
def test_channels_are_ablated_to_their_mean_at_each_position(layer):
    # Behind the first layer stands no linear map alone, behind the second one that is updated.
    model, inputs, data = model_and_samples("branches")
    networks = watch(model, inputs)
    means = nl.ablation.mean_outputs_by_position(networks, data.test)
    with torch.no_grad():
        torch.testing.assert_close(means["relu:1"][0], torch.relu(model.first(inputs)).mean(dim=0))
    orders = nl.ablation_orders(nl.measure(networks, data.test), layer, random_orders=2)
    curve = nl.ablate(networks, data.test, orders, means).correct.sum("label")
    # By itself, each neuron's mean over samples and positions is the mean of its means by position.
    overall = nl.ablation.mean_outputs(networks, data.test)[0]
    torch.testing.assert_close(
        torch.cat(
            [means[name].flatten(2).mean(dim=2)[0] if means[name].ndim > 2 else means[name][0] for name in means]
        ),
        overall,
    )
    # With all neurons ablated, every sample gets the answer to the mean outputs.
    if layer == "relu:1":
        with torch.no_grad():
            x = means[layer]
            y = torch.relu(model.norm(model.second(x))) + x
            y = functional.gelu(model.head(functional.max_pool2d(y, 2).flatten(1)))
            answer = int(model.out(y).argmax())
    else:
        with torch.no_grad():
            answer = int(model.out(means[layer]).argmax())
    assert (curve.isel(step=-1) == (data.test.labels == answer).sum()).all()


def test_means_by_position_are_those_of_the_layers_they_replace():
    model, inputs, data = model_and_samples("branches")
    networks = watch(model, inputs)
    means = nl.ablation.mean_outputs_by_position(networks, data.test)
    orders = nl.ablation_orders(nl.measure(networks, data.test), "gelu", random_orders=0)
    with pytest.raises(ValueError, match=r"replacement of layer 'gelu': expected \(1, 5\), as mean_outputs_by"):
        nl.ablate(networks, data.test, orders, {**means, "gelu": means["gelu"][:, :2]})
    by_hand = nl.by_hand([np.ones((2, 3)), np.ones((3, 2))], [np.zeros(3), np.zeros(2)])
    with pytest.raises(ValueError, match="expected networks that nl.watch returns"):
        nl.ablation.mean_outputs_by_position(by_hand, data.test)


def test_a_network_is_left_as_it_was():
    model, inputs, data = model_and_samples("branches")
    model.train()
    model.norm.eval()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    state = torch.random.get_rng_state()
    networks = watch(model, inputs)
    nl.ablate(networks, data.test, nl.ablation_orders(nl.measure(networks, data.test), "gelu", random_orders=1))
    assert model.training and not model.norm.training and model.relu.inplace
    assert torch.equal(torch.random.get_rng_state(), state)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert not any(module._forward_hooks for module in model.modules())


def test_one_score_is_a_binary_classifier_with_its_threshold():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 1), nn.Sigmoid())
    inputs = torch.randn(30, 4)
    data = nl.given(inputs.numpy(), np.arange(30) % 2)
    networks = watch(model, inputs, threshold=0.5)
    assert (networks.widths, networks.label_count) == ({"1": 6}, 2)
    orders = nl.ablation_orders(nl.measure(networks, data.test), "1", random_orders=1)
    correct = nl.ablate(networks, data.test, orders).correct.isel(network=0, order=0, step=0).sum().item()
    with torch.no_grad():
        assert correct == ((model(inputs)[:, 0] > 0.5).long() == torch.arange(30) % 2).sum()


@settings(deadline=None, max_examples=15)
@given(samples=st.integers(1, 40), classes=st.integers(2, 30), width=st.integers(1, 9))
def test_curves_begin_whole_and_end_the_same_for_every_order(samples, classes, width):
    torch.manual_seed(samples)
    model = nn.Sequential(nn.Conv2d(1, width, 2), nn.SiLU(), nn.Flatten(), nn.Linear(4 * width, classes))
    inputs = torch.randn(samples, 1, 3, 3)
    data = nl.given(inputs.flatten(1).numpy(), np.arange(samples) % classes)
    networks = watch(model, inputs)
    curves = nl.ablate(networks, data.test, nl.ablation_orders(nl.measure(networks, data.test), "1", 2))
    with torch.no_grad():
        whole = (model(inputs).argmax(dim=1) == torch.arange(samples) % classes).sum().item()
    correct = curves.correct.sum("label").values[0]
    assert (correct[:, 0] == whole).all() and len(set(correct[:, -1])) == 1


class Loops(nn.Module):
    def forward(self, x):
        return x if x.sum() > 0 else -x


class Restless(nn.Module):
    def forward(self, x):
        return x + torch.rand_like(x)  # another output each time, whatever is drawn


class Tied(nn.Module):
    def forward(self, x):
        return torch.sigmoid(x[:, :1]).squeeze(1)


@pytest.mark.parametrize(
    ("model", "options", "message"),
    [
        (Loops(), {}, "no layer was found: .*; Loops cannot be traced: symbolically traced"),
        (Restless(), {}, "Restless gives other scores each time"),
        (Sequences(), {"layers": ["lstm"]}, r"layer 'lstm' has several outputs: name the first, 'lstm\[0\]'"),
        (Sequences("state"), {"layers": ["lstm[0]"]}, r"layer 'lstm\[0\]' is off the path to the output"),
        (Sequences("time first"), {}, "the model's scores are not one row a sample"),
        (Tied(), {}, "no layer was found"),
        (Branches(), {"layers": ["relu"]}, "layer 'relu' is used 2 times: name one of relu:1 to relu:2"),
        (Branches(), {"layers": ["rellu:1"]}, "no layer 'rellu:1'; did you mean relu:1"),
        (Unused(), {"layers": ["unused"]}, "layer 'unused' is off the path to the output"),
        (nn.Sequential(nn.Linear(4, 3)), {}, "no layer was found: name modules"),
        (nn.Sequential(nn.Conv2d(2, 3, 1), nn.ReLU()), {}, "the model's output is a tensor of 4 axes"),
        (Branches(), {"summary": "median"}, "summary = 'median'"),
        (Branches(), {"axes": {"relu:1": 4}}, "layer 'relu:1': axis 4 is none of its neurons' axes, 1 to 3"),
        (Branches(), {"axes": {"relu": 1}}, "axes: no layer 'relu' is watched"),
        ([Branches(3), Branches(4)], {}, "the models differ: expected one architecture"),
        ([], {}, "no model: expected at least one"),
    ],
)
def test_what_cannot_be_watched_is_refused_in_one_line(model, options, message):
    conv = isinstance(model, Branches) or (isinstance(model, nn.Sequential) and isinstance(model[0], nn.Conv2d))
    example = torch.zeros(1, 2, 4, 4) if conv or isinstance(model, list) else torch.zeros(1, 4)
    example = torch.zeros(1, 5, 3) if isinstance(model, Sequences) else example
    with pytest.raises(ValueError, match=message) as refused:
        watch(model, example, **options)
    assert "\n" not in str(refused.value)


def test_samples_of_another_shape_are_refused():
    model, inputs, _ = model_and_samples("branches")
    other = nl.given(np.zeros((3, 5), np.float32), [0, 1, 2])
    with pytest.raises(ValueError, match="samples of 5 features: the example has"):
        nl.measure(watch(model, inputs), other.test)
