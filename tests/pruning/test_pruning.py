import dataclasses
import itertools
import math
from typing import Any

import numpy as np
import pytest
import torch
import torch_pruning
import xarray as xr
from reference import tiny_images
from torch import nn

import neuronlib
from neuronlib.ablation.cumulative import Outputs, ablate, mean_outputs
from neuronlib.ablation.orders import ablation_orders
from neuronlib.ablation.subsets import ablate_sets
from neuronlib.common.choices import MEASURES
from neuronlib.common.config import Setting
from neuronlib.common.randomness import stream
from neuronlib.data.images import given
from neuronlib.information.measuring import measure
from neuronlib.networks.adopted import adopt
from neuronlib.networks.ensemble import Ensemble, samples_on
from neuronlib.networks.initialization import by_hand
from neuronlib.pruning.compensation import balanced, merge, moments, only, refitted
from neuronlib.pruning.determinantal import Diverse, sample_determinantal
from neuronlib.pruning.merging import noise_out, srinivas_babu
from neuronlib.pruning.pruning import prune
from neuronlib.pruning.saliency import SCORES, taylor
from neuronlib.pruning.selection import CRITERIA, score_order, select
from neuronlib.reproduction.compute import scheduler as runner
from neuronlib.reproduction.compute.compute import images, networks_of
from neuronlib.reproduction.compute.pruning_study import (
    AFTERWARDS,
    RETRAINED,
    SHARES,
    _all_layers,
    _by_standing,
    _pruned,
    compare_criteria,
)
from neuronlib.reproduction.design.jobs import Job
from neuronlib.reproduction.design.protocol import best_epochs
from neuronlib.reproduction.design.settings import paper_setting
from neuronlib.reproduction.design.studies import STUDIES, Study
from neuronlib.reproduction.store.results import of_kind, pilots
from neuronlib.training.training import train

KINDS: dict[str, dict[str, Any]] = {
    "relu": {"hidden": (8, 6), "dropout": ()},
    "sigmoid": {"hidden": (8, 6), "dropout": (), "activation": "sigmoid"},
    "batch normalization": {"hidden": (8, 6), "dropout": (0.3, 0.4), "batch_norm": True},
    "three layers": {"hidden": (6, 8, 5), "dropout": ()},
}


@pytest.fixture(scope="module", params=KINDS)
def trained(request):
    setting = Setting(dataset="mnist-5k", batch_size=8, epochs=30, **KINDS[request.param])
    data = tiny_images(train=80)
    return train(setting, data, range(3), "cpu")[0], data


def some_kept(ensemble: Ensemble, layer: str, count: int) -> np.ndarray:
    return select("random", ensemble, None, layer).kept(count)


def removed(ensemble: Ensemble, layer: str, kept: np.ndarray) -> np.ndarray:
    width = ensemble.setting.hidden[int(layer) - 1]
    return np.array([np.setdiff1d(np.arange(width), of_network) for of_network in kept])


@pytest.mark.parametrize("replacement", ["zero", "mean"])
def test_removing_neurons_is_ablating_them_and_balancing_is_ablating_to_the_mean(trained, replacement):
    ensemble, data = trained
    pixels, labels = torch.from_numpy(data.test.pixels), torch.from_numpy(data.test.labels)
    for layer in ("1", "2"):
        kept = some_kept(ensemble, layer, 3)
        operated = ensemble
        if replacement == "mean":
            operated = balanced(ensemble, layer, kept, moments(ensemble, data, layer))
        smaller = only(operated, layer, kept)
        lost = ablate_sets(ensemble, data, layer, removed(ensemble, layer, kept)[:, None], replacement)
        expected = ensemble.accuracy(pixels, labels) - torch.from_numpy(lost.sum(("set", "label")).values) / len(labels)
        # Sums in another order may move a near-tie: one of the 50 samples.
        torch.testing.assert_close(smaller.accuracy(pixels, labels), expected, atol=1 / len(labels) + 1e-9, rtol=0)


def test_a_pruned_module_puts_out_what_the_masked_one_does(trained):
    ensemble, data = trained
    for position, layer in itertools.product(range(3), ("1", "2")):
        module = ensemble.as_module(position)
        alone = adopt([module])
        smaller = prune(module, "entropy", 0.5, layer, data, surgery="none")
        (kept,) = select("entropy", alone, data, layer).kept(alone.setting.hidden[int(layer) - 1] // 2)
        linear = [part for part in module if isinstance(part, nn.Linear)][int(layer)]
        masked = torch.zeros(linear.in_features)
        masked[kept] = 1
        with torch.no_grad():
            linear.weight *= masked
            inputs = torch.from_numpy(data.test.pixels)
            # float32: sums without the terms that are zero.
            torch.testing.assert_close(smaller(inputs), module(inputs), atol=1e-5, rtol=1e-4)
        assert sum(p.numel() for p in smaller.parameters()) < sum(p.numel() for p in module.parameters())


def test_adopted_networks_are_the_networks(trained):
    ensemble, data = trained
    adopted = adopt([ensemble.as_module(position) for position in range(3)])
    pixels = torch.from_numpy(data.test.pixels)
    torch.testing.assert_close(adopted.logits(pixels), ensemble.logits(pixels))
    assert adopted.setting.hidden == ensemble.setting.hidden and adopted.activation == ensemble.activation


@pytest.mark.parametrize(
    "parts",
    [
        [nn.Linear(4, 3)],
        [nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 2)],
        [nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 3), nn.Sigmoid(), nn.Linear(3, 2)],
        [nn.Linear(4, 3), nn.Linear(3, 2)],
        [nn.ReLU(), nn.Linear(4, 3)],
        [nn.Linear(4, 3), nn.ReLU(), nn.BatchNorm1d(3), nn.Linear(3, 2)],
        [nn.Linear(4, 3), nn.BatchNorm1d(3, eps=0.1), nn.ReLU(), nn.Linear(3, 2)],
        [nn.Linear(4, 3), nn.BatchNorm1d(2), nn.ReLU(), nn.Linear(3, 2)],
        [nn.Linear(4, 3), nn.ReLU(), nn.Linear(5, 2)],
        [nn.LazyLinear(3), nn.ReLU(), nn.Linear(3, 2)],
        [],
    ],
)
def test_networks_of_other_kinds_are_not_adopted(parts):
    with pytest.raises(ValueError, match="cannot adopt"):
        adopt([nn.Sequential(*parts)])


def test_a_network_that_adds_to_a_row_of_layers_is_not_adopted():
    class Residual(nn.Sequential):
        def forward(self, pixels):
            return pixels + super().forward(pixels)

    with pytest.raises(ValueError, match="cannot adopt Residual"):
        adopt([Residual(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 4))])


def test_a_network_in_place_of_a_list_of_networks_is_named():
    network: Any = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
    with pytest.raises(ValueError, match=r"adopt\(\[network\]\)"):
        adopt(network)


def test_networks_of_double_precision_are_adopted():
    module = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Linear(3, 2)).double().eval()
    pixels = torch.rand(5, 4)
    with torch.no_grad():
        torch.testing.assert_close(adopt([module]).logits(pixels)[0], module(pixels.double()).float())


@pytest.mark.parametrize("weight", [math.nan, math.inf, 1e300])
def test_networks_whose_weights_are_no_numbers_are_not_adopted(weight):
    one, other = (nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2)).double() for _ in range(2))
    nn.init.constant_(next(other.parameters()), weight)
    with pytest.raises(ValueError, match="network 1 has weights that are NaN or infinite"):
        adopt([one, other])


def test_networks_of_different_shapes_are_not_adopted_together():
    one, other = (nn.Sequential(nn.Linear(4, n), nn.ReLU(), nn.Linear(n, 2)) for n in (3, 5))
    with pytest.raises(ValueError, match="network 1 is of another shape"):
        adopt([one, other])
    with pytest.raises(ValueError, match="at least one"):
        adopt([])


def test_linear_maps_without_bias_are_adopted():
    module = nn.Sequential(nn.Flatten(), nn.Linear(4, 3, bias=False), nn.ReLU(), nn.Linear(3, 2))
    pixels = torch.rand(5, 4)
    torch.testing.assert_close(adopt([module]).logits(pixels)[0], module(pixels))


@pytest.mark.parametrize("criterion", CRITERIA)
@pytest.mark.parametrize("surgery", ["none", "balance", "refit", "own"])
def test_every_criterion_prunes(trained, criterion, surgery):
    ensemble, data = trained
    module = ensemble.as_module(0)
    if surgery == "own" and criterion not in ("Srinivas-Babu", "NoiseOut", "DivNet"):
        with pytest.raises(ValueError, match="has none"):
            prune(module, criterion, 0.5, "1", data, surgery)
        return
    smaller = prune(module, criterion, 0.5, "1", data, surgery)
    assert smaller[0].out_features == ensemble.setting.hidden[0] // 2
    assert torch.isfinite(smaller(torch.from_numpy(data.test.pixels))).all()


@pytest.mark.parametrize("criterion", CRITERIA)
def test_what_stays_is_a_set_of_the_right_size_and_the_same_each_time(trained, criterion):
    ensemble, data = trained
    one, other = (select(criterion, ensemble, data, "2", seed=3) for _ in range(2))
    for count in (1, 3, ensemble.setting.hidden[1]):
        kept = one.kept(count)
        assert kept.shape == (3, count) and all(len(set(row)) == count for row in kept.tolist())
        np.testing.assert_array_equal(kept, other.kept(count))


def test_taylor_is_what_autograd_says(trained):
    ensemble, data = trained
    labels = torch.from_numpy(data.validation.labels)
    for layer in range(1, len(ensemble.setting.hidden) + 1):
        found = taylor(ensemble, data, str(layer))
        for position in range(3):
            parts = list(ensemble.as_module(position))
            ends = [i for i, part in enumerate(parts) if isinstance(part, nn.ReLU | nn.Sigmoid)]
            outputs = nn.Sequential(*parts[: ends[layer - 1] + 1])(torch.from_numpy(data.validation.pixels))
            outputs = outputs.detach().requires_grad_()
            nn.functional.cross_entropy(
                nn.Sequential(*parts[ends[layer - 1] + 1 :])(outputs), labels, reduction="sum"
            ).backward()
            expected = (outputs * outputs.grad).abs().mean(dim=0).detach()
            # float32: another way to the same gradients, whose errors add up over layers.
            np.testing.assert_allclose(found[position], expected, rtol=1e-4, atol=1e-6)


def test_weight_norms_are_those_of_the_module(trained):
    ensemble, data = trained
    for position, (name, axis, shift) in itertools.product(
        range(3), (("incoming weights", 1, 0), ("outgoing weights", 0, 1))
    ):
        linear = [part for part in ensemble.folded().as_module(position) if isinstance(part, nn.Linear)]
        expected = linear[shift].weight.abs().mean(dim=axis).detach()
        # float32: the same sum in another order.
        np.testing.assert_allclose(SCORES[name].of(ensemble, data, "1")[position], expected, rtol=1e-5)


def test_torch_pruning_scores_incoming_weights_alike_and_removes_the_same_neurons(trained):
    ensemble, data = trained
    pixels = torch.from_numpy(data.test.pixels)
    for position in range(3):
        module = ensemble.folded().as_module(position)
        linear = [part for part in module if isinstance(part, nn.Linear)]
        graph = torch_pruning.DependencyGraph().build_dependency(module, example_inputs=pixels[:1])
        everything = list(range(linear[0].out_features))
        group = graph.get_pruning_group(linear[0], torch_pruning.prune_linear_out_channels, idxs=everything)
        importance = torch_pruning.importance.GroupMagnitudeImportance(p=1, group_reduction="first", normalizer=None)
        ours = SCORES["incoming weights"].of(ensemble, data, "1")[position]
        # float32: the same sum in another order.
        np.testing.assert_allclose(importance(group).detach() / linear[0].in_features, ours, rtol=1e-5)
        smaller = prune(module, "incoming weights", 0.5, "1", surgery="none")
        gone = score_order("incoming weights", adopt([module]), data, "1")[0][: len(everything) // 2].tolist()
        graph.get_pruning_group(linear[0], torch_pruning.prune_linear_out_channels, idxs=gone).prune()
        # The same sums in another order.
        torch.testing.assert_close(smaller(pixels), module(pixels), atol=1e-5, rtol=1e-4)


XOR = given(np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32), np.array([0, 1, 1, 0]))


def test_scores_by_hand():
    # Neuron 0 is on for (1, ·), neuron 1 for all, neuron 2 for none; only neuron 0's output depends on the sample.
    weights = np.array([[2.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    network = by_hand(
        [weights, np.array([[1.0, 0.0], [3.0, 0.0], [5.0, 5.0]])], [np.array([-1.0, 4.0, -1.0]), np.zeros(2)]
    )
    scores = {name: one.of(network, XOR, "1")[0] for name, one in SCORES.items()}
    np.testing.assert_allclose(scores["entropy"], [1, 0, 0])
    np.testing.assert_allclose(scores["activity"], [0.5, 1, 0])
    # Logarithms of halves that cancel, in float64.
    np.testing.assert_allclose(scores["mutual information"], [0, 0, 0], atol=1e-12)
    np.testing.assert_allclose(scores["outgoing weights"], [0.5, 1.5, 5])
    np.testing.assert_allclose(scores["incoming weights"], [1, 0, 0])
    assert scores["Taylor"][2] == 0 and scores["Taylor"][1] > scores["Taylor"][0] > 0
    assert score_order("outgoing weights", network, XOR, "1").tolist() == [[0, 1, 2]]


@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
def test_merging_equal_neurons_loses_nothing(activation):
    source = np.random.default_rng(0)
    entering, leaving, bias = source.normal(size=(3, 4)), source.normal(size=(4, 2)), source.normal(size=4)
    factor = 2.0 if activation == "relu" else 1.0
    entering[:, 3], bias[3] = factor * entering[:, 1], factor * bias[1]
    network = by_hand([entering, leaving], [bias, np.zeros(2)], activation)
    data = given(source.normal(size=(30, 3)).astype(np.float32), np.arange(30) % 2)
    before = network.logits(torch.from_numpy(data.test.pixels))
    for selection in (srinivas_babu(network, "1"), noise_out(network, data, "1")):
        own = selection.own_surgery(network, "1", 3, None)
        assert own is not None
        smaller = only(own, "1", selection.kept(3))
        # float32, sums of a few terms.
        torch.testing.assert_close(smaller.logits(torch.from_numpy(data.test.pixels)), before, atol=1e-5, rtol=1e-5)


def test_saliency_of_srinivas_and_babu_by_hand():
    # v = (1,0), (1,1), (3,0) and w² = 1, 1, 9: 1 goes into 0 at a cost of 1; then 0, with w² = 4, into 2.
    network = by_hand(
        [np.array([[1.0, 1.0, 3.0]]), np.array([[1.0], [1.0], [3.0]])],
        [np.array([0.0, 1.0, 0.0]), np.zeros(1)],
        "sigmoid",
    )
    merges = srinivas_babu(network, "1").merges
    assert merges is not None
    assert merges.order.tolist() == [[1, 0]] and merges.into.tolist() == [[0, 2]]
    assert merge(network, "1", merges, 1).layers[1].weight.flatten().tolist() == [2.0, 0.0, 3.0]
    assert merge(network, "1", merges, 2).layers[1].weight.flatten().tolist() == [0.0, 0.0, 5.0]


def test_constant_neurons_go_first_and_into_the_bias():
    network = by_hand([np.array([[0.0, 1.0, 2.0]]), np.ones((3, 1))], [np.array([5.0, 0.0, 1.0]), np.zeros(1)])
    data = given(np.arange(4, dtype=np.float32)[:, None], np.array([0, 1, 0, 1]))
    selection = noise_out(network, data, "1")
    own = selection.own_surgery(network, "1", 2, None)
    assert own is not None and own.layers[1].bias.item() == 5
    assert selection.kept(2).tolist() == [[1, 2]]


def test_refitting_is_least_squares_with_an_intercept(trained):
    ensemble, data = trained
    kept = some_kept(ensemble, "2", 3)
    found = refitted(ensemble, "2", kept, moments(ensemble, data, "2"))
    outputs = ensemble.outputs(data.train).astype(np.float64)
    first, width = sum(ensemble.setting.hidden[:1]), ensemble.setting.hidden[1]
    following = ensemble.folded().layers[2]
    for k in range(3):
        everything = outputs[k, :, first : first + width]
        wanted = everything @ following.weight[k].double().numpy() + following.bias[k].double().numpy()
        design = np.column_stack([everything[:, kept[k]], np.ones(len(everything))])
        solution = np.linalg.lstsq(design, wanted, rcond=None)[0]
        ours = design @ np.vstack([found.layers[2].weight[k, kept[k]].numpy(), found.layers[2].bias[k].numpy()])
        # Both minimise the same sum; weights of dead neurons are free. Ours are rounded to float32.
        np.testing.assert_allclose(ours, design @ solution, atol=1e-4)


def test_determinantal_sample_has_its_probabilities():
    kernel = np.array([[2.0, 1.0, 0.0, 0.3], [1.0, 2.0, 0.2, 0.0], [0.0, 0.2, 1.0, 0.5], [0.3, 0.0, 0.5, 1.5]])
    pairs = list(itertools.combinations(range(4), 2))
    expected = np.array([np.linalg.det(kernel[np.ix_(pair, pair)]) for pair in pairs])
    source, draws = stream(0, "test"), 4000
    drawn = [tuple(sample_determinantal(kernel, 2, source).tolist()) for _ in range(draws)]
    shares = np.array([drawn.count(pair) for pair in pairs]) / draws
    # Four standard errors of a share, about 0.03.
    np.testing.assert_allclose(shares, expected / expected.sum(), atol=4 * np.sqrt(0.25 / draws))


def test_diverse_sample_seldom_holds_twins():
    outputs = np.random.default_rng(0).normal(size=(50, 5))
    outputs[:, 4] = outputs[:, 3]
    apart = ((outputs[:, :, None] - outputs[:, None]) ** 2).sum(axis=0)
    kernel = np.exp(-10 / 50 * apart) + 0.01 * np.eye(5)
    both = [{3, 4} <= set(Diverse(kernel[None], seed, ((0,), "1")).kept(3)[0].tolist()) for seed in range(200)]
    # Drawn uniformly, 30 % would hold both.
    assert np.mean(both) < 0.05


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"share": 1.0}, "share = 1.0: expected at least 0 and below 1"),
        ({"share": -0.1}, "share = -0.1: expected at least 0 and below 1"),
        ({"share": 0.95}, "leaves none of the 4 neurons of layer 1"),
        ({"layer": "3"}, "layer = '3': expected one of '1'"),
        ({"layer": 1}, "layer = 1: expected one of '1'"),
        ({"layer": "whole"}, "layer = 'whole': expected one of '1'"),
        ({"criterion": "entropy", "surgery": "none"}, "criterion = 'entropy': needs data"),
        ({"surgery": "balance"}, "surgery = 'balance': needs data"),
        ({"surgery": "refit"}, "surgery = 'refit': needs data"),
        ({"criterion": "size"}, "criterion = 'size': expected one of random, entropy"),
        ({"surgery": "glue"}, "surgery = 'glue'"),
    ],
)
def test_impossible_pruning_is_refused(arguments, message):
    module = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 2))
    with pytest.raises(ValueError, match=message):
        neuronlib.prune(module, **{"criterion": "random", "surgery": "none"} | arguments)


def test_nothing_else_is_offered_by_the_package_itself():
    with pytest.raises(AttributeError, match="No neuronlib attribute prunes"):
        neuronlib.prunes  # type: ignore[attr-defined]  # noqa: B018


def test_the_network_that_is_pruned_stays_as_it_is_and_flattening_stays():
    module = nn.Sequential(nn.Flatten(), nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2))
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    smaller = neuronlib.prune(module, "outgoing weights", 0.5, surgery="none")
    assert smaller(torch.rand(3, 2, 2)).shape == (3, 2)
    assert all(torch.equal(tensor, before[name]) for name, tensor in module.state_dict().items())


def test_comparison_holds_every_criterion_layer_and_share():
    study = Study(
        kind="pruning", setting=paper_setting("mnist-5k", regularizer="l2", hidden=(8, 6), epochs=2), networks=2
    )
    results = compare_criteria(study, device="cpu")
    correct = results.correct
    assert dict(correct.sizes) == {"criterion": 13, "layer": 2, "share": len(SHARES), "afterwards": 5, "network": 2}
    whole = correct.sel(share=0, afterwards=["nothing", "balancing"])
    assert (whole == whole.isel(criterion=0, layer=0, afterwards=0)).all()
    assert (correct.sel(afterwards=["nothing", "balancing", "least squares"]) >= 0).all()
    assert ((correct.sel(afterwards="re-training") >= 0) == correct.share.isin(RETRAINED)).all()
    has_own = correct.criterion.isin(["Srinivas-Babu", "NoiseOut", "DivNet"])
    assert ((correct.sel(afterwards="own surgery") >= 0) == has_own).all()
    assert list(AFTERWARDS) == correct.afterwards.values.tolist() and (results.seconds > 0).all()

    data = images(study.setting)
    networks, _ = networks_of(Job(setting=study.setting, first=0, last=1), data, "cpu")
    test = samples_on(networks.device, data.test)

    def right(ensemble):
        return (ensemble.accuracy(*test) * len(data.test.labels)).round().numpy()

    def further(ensemble):
        setting = dataclasses.replace(ensemble.setting, epochs=study.epochs_after)
        return train(setting, data, ensemble.networks, "cpu", start=ensemble)[0]

    random = correct.sel(criterion="random", layer="1")
    plain = only(networks, "1", select("random", networks, data, "1", study.setting.seed).kept(4))
    np.testing.assert_array_equal(random.sel(share=0, afterwards="nothing"), right(networks))
    np.testing.assert_array_equal(random.sel(share=0.5, afterwards="re-training"), right(further(plain)))
    np.testing.assert_array_equal(results.trained_on, right(further(networks)))


def test_nothing_removed_leaves_the_accuracy_as_it_was_however_neurons_are_ranked(trained):
    ensemble, data = trained
    whole = _all_layers(ensemble, data, seed=0)
    assert (whole.sel(share=0) == whole.sel(share=0).isel(how=0, operated=0, measure=0)).all()


def test_ranked_by_standing_layers_lose_the_same_share_and_pooled_they_need_not():
    draw, widths = np.random.default_rng(0), (8, 6)
    # Without ties; every neuron of layer 2 is above every one of layer 1.
    values = {name: (("network", "neuron"), draw.random((3, 14)) + np.repeat([0, 1], widths)) for name in MEASURES}
    pooled = xr.Dataset(values, {"network": range(3), "layer": ("neuron", np.repeat(["1", "2"], widths))})
    for measured, expected in ((_by_standing(pooled, widths), [4, 3]), (pooled, [7, 0])):
        half = ablation_orders(measured, "whole", 0, 0).sel(order="entropy low").values[:, :7]
        gone = [np.bincount(pooled.layer.values[row].astype(int) - 1, minlength=2).tolist() for row in half]
        assert gone == [expected] * 3


def test_a_standing_keeps_each_layers_order_and_all_layers_go_at_one_pace(trained):
    ensemble, data = trained
    measured = measure(ensemble, data.validation)
    standing = _by_standing(measured, ensemble.setting.hidden)
    for name, layer, k in itertools.product(MEASURES, np.unique(measured.layer), range(3)):
        here = (measured.layer == layer).values
        values, places = measured[name].values[k, here], standing[name].values[k, here]
        # Of equal value, of equal place.
        np.testing.assert_array_equal(values[:, None] < values, places[:, None] < places)
        assert places.mean() == pytest.approx((len(places) + 1) / 2 / len(places))


def test_kernel_of_diverse_neurons_is_that_of_its_definition(trained):
    ensemble, data = trained
    outputs = ensemble.outputs(data.validation)[:, :, : ensemble.setting.hidden[0]].astype(np.float64)
    apart = ((outputs[..., :, None] - outputs[..., None, :]) ** 2).mean(axis=1)
    expected = np.exp(-10 * apart) + 0.01 * np.eye(apart.shape[-1])
    # Squares are multiplied out there, in which float64 rounds.
    np.testing.assert_allclose(Diverse.of(ensemble, data, "1", 0).kernels, expected, atol=1e-9)


def test_chunks_of_samples_add_up_to_the_same_taylor_scores(trained, monkeypatch):
    ensemble, data = trained
    whole = taylor(ensemble, data, "1")
    monkeypatch.setattr("neuronlib.pruning.saliency._SAMPLES", 7)
    # Gradients are float32, whose products round by the number of rows.
    np.testing.assert_allclose(taylor(ensemble, data, "1"), whole, rtol=1e-5)


@pytest.mark.parametrize("name", of_kind("pruning"))
def test_pruned_networks_are_those_of_the_papers_setting(name):
    setting = name.removeprefix("pruning-") + "-l2"
    assert STUDIES[name].setting.epochs == best_epochs(pilots(setting))


def test_studies_are_computed_by_what_their_kind_says():
    assert {one.kind for one in STUDIES.values()} == set(runner._STUDIES)
    assert (
        dataclasses.replace(STUDIES["pruning-mnist-relu"], networks=5).digest()
        != STUDIES["pruning-mnist-relu"].digest()
    )


def small_networks():
    data = tiny_images(train=80)
    setting = Setting(dataset="mnist-5k", hidden=(8, 6), dropout=(), batch_size=8, epochs=20)
    return train(setting, data, range(3), "cpu")[0], data


def test_what_a_study_stores_of_all_layers_is_what_ablation_in_that_order_gives():
    ensemble, data = small_networks()
    whole, measured = _all_layers(ensemble, data, seed=0), measure(ensemble, data.validation)
    steps = [round(share * 14) for share in SHARES]
    hows = {"pooled": measured, "by layer": _by_standing(measured, (8, 6))}
    ways: dict[str, Outputs] = {"nothing": "zero", "balancing": mean_outputs(ensemble, data.train)}
    for (how, values), (way, constant) in itertools.product(hows.items(), ways.items()):
        orders = ablation_orders(values, "whole", 0, 0)
        curve = ablate(ensemble, data.test, orders, constant).correct.sum("label")
        for name in MEASURES:
            expected = curve.sel(order=f"{name} low", step=steps).transpose("step", "network")
            found = whole.sel(how=how, operated=way, measure=name).transpose("share", "network")
            # Several neurons at once are summed in another order, which may move a near-tie.
            assert abs(found.values - expected.values).max() <= 1
    assert (whole.sel(how="pooled") != whole.sel(how="by layer")).any()


def test_what_is_done_after_removing_has_the_place_that_is_named_after_it():
    ensemble, data = small_networks()
    known, chosen = moments(ensemble, data, "1"), select("random", ensemble, data, "1", 0)
    study = Study(kind="pruning", setting=ensemble.setting, networks=3)
    found = dict(_pruned(ensemble, data, "1", chosen, known, study, "cpu"))
    share, kept, pixels = SHARES.index(0.5), chosen.kept(4), torch.from_numpy(data.test.pixels)
    operated = {
        "nothing": ensemble,
        "balancing": balanced(ensemble, "1", kept, known),
        "least squares": refitted(ensemble, "1", kept, known),
    }
    for afterwards, expected in operated.items():
        smaller = found[share, AFTERWARDS.index(afterwards)]
        assert torch.equal(smaller.logits(pixels), only(expected, "1", kept).logits(pixels))


def test_a_pruned_network_takes_what_the_whole_one_takes():
    inside = nn.Sequential(nn.Sequential(nn.Identity(), nn.Flatten(), nn.Linear(6, 5), nn.ReLU()), nn.Linear(5, 2))
    smaller = prune(inside.double(), "outgoing weights", surgery="none")
    assert smaller(torch.zeros(4, 2, 3, dtype=torch.float64)).shape == (4, 2)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            {"data": given(np.eye(5), [0, 1, 0, 1, 0])},
            "data of 5 features and labels to 1: the network takes 6 features",
        ),
        ({"data": given(np.eye(6), [1, 2, 1, 2, 1, 2])}, "labels to 2: .* has 2 outputs for labels from 0"),
        (
            {"data": (np.eye(6), np.zeros(6))},
            "data is a tuple; expected what neuronlib.data.images.load or given returns",
        ),
        ({"share": "0.5"}, "share = '0.5': expected at least 0"),
        ({"seed": 1.5}, "seed = 1.5: "),
    ],
)
def test_what_does_not_fit_a_network_is_refused_in_one_line(wrong, message):
    network = nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 2))
    with pytest.raises(ValueError, match=message):
        prune(network, **{"data": given(np.eye(6), [0, 1] * 3)} | wrong)


def test_a_share_may_be_a_number_of_numpy():
    network = nn.Sequential(nn.Linear(6, 4), nn.ReLU(), nn.Linear(4, 2))
    smaller: Any = prune(network, "outgoing weights", np.float32(0.5), surgery="none")  # type: ignore[arg-type]
    assert smaller[0].out_features == 2


def merged(selection):
    assert selection.merges is not None
    return selection.merges


def test_a_neuron_that_falls_as_another_rises_is_merged_into_it_without_loss():
    # The second neuron is 4 less twice the first, the third has nothing to do with them.
    inputs = np.array([[0, 1], [1, 0], [2, 1], [1, 2], [0, 0], [2, 2]], np.float32)
    network = by_hand(
        [np.array([[1.0, -2.0, 0.0], [0.0, 0.0, 1.0]]), np.array([[1.0], [2.0], [3.0]])],
        [np.array([0.0, 4.0, 0.0]), np.zeros(1)],
    )
    selection = noise_out(network, given(inputs, np.arange(6) % 2), "1")
    merges = merged(selection)
    assert (merges.order[0, 0], merges.into[0, 0]) == (0, 1)
    assert (merges.slope[0, 0], merges.offset[0, 0]) == pytest.approx((-0.5, 2))
    own = selection.own_surgery(network, "1", 2, None)
    assert own is not None
    pixels = torch.from_numpy(inputs)
    torch.testing.assert_close(only(own, "1", selection.kept(2)).logits(pixels), network.logits(pixels))


def test_saliencies_count_what_was_merged_before_and_how_long_incoming_weights_are():
    # Squared outgoing weights 1, 1, 2.25, squared distances 1, 9, 4: the second goes into the first, which then has 4.
    network = by_hand(
        [np.array([[0.0, 1.0, 3.0]]), np.array([[1.0], [1.0], [1.5]])], [np.zeros(3), np.zeros(1)], "sigmoid"
    )
    merges = merged(srinivas_babu(network, "1"))
    assert merges.order.tolist() == [[1, 2]] and merges.into.tolist() == [[0, 0]]
    # Of ReLU neurons, outgoing weights times lengths are 1 and 5.
    network = by_hand([np.array([[1.0, 0.0], [0.0, 10.0]]), np.array([[1.0], [0.5]])], [np.zeros(2), np.zeros(1)])
    assert merged(srinivas_babu(network, "1")).order.tolist() == [[0]]
