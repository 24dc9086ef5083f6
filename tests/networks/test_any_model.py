"""Models of all kinds are watched, from all kinds of samples, and what takes an ensemble takes them."""

import warnings
from typing import Any

import numpy as np
import pytest
import torch
import torchvision
from torch import nn
from torch.ao import quantization
from torch.nn import functional
from torch.nn.utils import parametrizations
from torch.utils.data import DataLoader, IterableDataset, TensorDataset
from watchable import Branches, Sequences, Tokens, Unused, Words, ablated_by_a_hook, model_and_samples

import neuronlib as nl
from neuronlib.networks.computations import Hooked, evaluated
from neuronlib.networks.watched import layers, watch

vision = torchvision.models


class Conditional(Branches):
    """Takes a way that depends on what is computed, so that it cannot be traced."""

    def forward(self, x):
        return super().forward(x if x.isfinite().all() else x.nan_to_num())


def images(size: int = 32) -> torch.Tensor:
    return torch.randn(3, 3, size, size, generator=torch.Generator().manual_seed(0))


class Gated(nn.Module):
    """A GRU, whose last output gives the scores."""

    def __init__(self):
        super().__init__()
        self.gru, self.out = nn.GRU(3, 6, batch_first=True), nn.Linear(6, 4)

    def forward(self, x):
        return self.out(self.gru(x)[0][:, -1])


def mlp(first: nn.Module | None = None, then: nn.Module | None = None) -> nn.Module:
    return nn.Sequential(
        first or nn.Linear(4, 6), nn.ReLU(), then or nn.Identity(), nn.Linear(6, 5), nn.ELU(), nn.Linear(5, 3)
    )


def of_encoder_layers() -> nn.Module:
    encoder = nn.TransformerEncoder(
        nn.TransformerEncoderLayer(8, 2, 12, batch_first=True), 2, enable_nested_tensor=False
    )
    return nn.Sequential(encoder, nn.Flatten(), nn.Linear(40, 3))


def exported(model: nn.Module, inputs: torch.Tensor) -> Any:
    return torch.export.export(model.eval(), (inputs,), dynamic_shapes=({0: torch.export.Dim("samples")},))


def quantized(model: nn.Module, inputs: torch.Tensor | None = None) -> nn.Module:
    """Quantize weights, or, with inputs to calibrate on, what is computed as well."""
    with warnings.catch_warnings():  # PyTorch deprecates this way to quantize, which many models came by
        warnings.simplefilter("ignore")
        if inputs is None:
            return quantization.quantize_dynamic(model.eval(), {nn.Linear}, torch.qint8)
        whole = nn.Sequential(quantization.QuantStub(), model, quantization.DeQuantStub()).eval()
        whole.qconfig = quantization.get_default_qconfig("x86")
        prepared = quantization.prepare(whole)
        prepared(inputs)
        return quantization.convert(prepared)


WORDS = torch.randint(0, 20, (3, 7), generator=torch.Generator().manual_seed(0))
ROWS = torch.randn(3, 4, generator=torch.Generator().manual_seed(0))
# What is found: number of layers, of neurons in the last, the last one's axis.
MODELS = {
    "MLP": (mlp, ROWS, 2, 5, 1),
    "MLP with Dropout": (lambda: mlp(then=nn.Dropout()), ROWS, 2, 5, 1),
    "MLP with weight normalization": (lambda: mlp(parametrizations.weight_norm(nn.Linear(4, 6))), ROWS, 2, 5, 1),
    "MLP with spectral normalization": (lambda: mlp(parametrizations.spectral_norm(nn.Linear(4, 6))), ROWS, 2, 5, 1),
    "MLP in DataParallel": (lambda: nn.DataParallel(mlp()), ROWS, 2, 5, 1),
    "MLP, compiled": (lambda: torch.compile(mlp(), backend="eager"), ROWS, 2, 5, 1),
    "MLP, exported": (lambda: exported(mlp(), ROWS), ROWS, 2, 5, 1),
    "MLP, weights quantized": (lambda: quantized(mlp()), ROWS, 2, 5, 1),
    "CNN": (Branches, torch.randn(3, 2, 4, 4), 3, 5, 1),
    "ResNet-18": (lambda: vision.resnet18(num_classes=5), images(), 17, 512, 1),
    "ResNet-18, exported": (lambda: exported(vision.resnet18(num_classes=5), images()), images(), 17, 512, 1),
    "MobileNetV2": (lambda: vision.mobilenet_v2(num_classes=5), images(), 35, 1280, 1),
    "MobileNetV3": (lambda: vision.mobilenet_v3_small(num_classes=5), images(), 42, 1024, 1),
    "EfficientNet-B0": (lambda: vision.efficientnet_b0(num_classes=5), images(), 65, 1280, 1),
    "SqueezeNet": (lambda: vision.squeezenet1_1(num_classes=5), images(), 26, 5, 1),
    "GoogLeNet, auxiliary outputs": (
        lambda: vision.googlenet(num_classes=5, init_weights=False, aux_logits=True),
        images(48),
        57,
        128,
        1,
    ),
    "Inception v3, auxiliary outputs": (
        lambda: vision.inception_v3(num_classes=5, init_weights=False),
        images(80),
        94,
        192,
        1,
    ),
    "ViT, patches of 8": (lambda: vision.VisionTransformer(32, 8, 2, 4, 32, 64, num_classes=5), images(), 2, 64, 2),
    "DenseNet": (lambda: vision.DenseNet(8, (2, 2), 16, num_classes=5), images(), 11, 32, 1),
    "ConvNeXt": (
        lambda: vision.ConvNeXt([vision.convnext.CNBlockConfig(8, 16, 1), vision.convnext.CNBlockConfig(16, None, 2)]),
        images(),
        3,
        64,
        3,
    ),
    "Swin": (lambda: vision.SwinTransformer([4, 4], 8, [1, 2], [2, 2], [2, 2], num_classes=5), images(), 3, 64, 3),
    "LSTM": (Sequences, torch.randn(3, 5, 3), 1, 6, 2),
    "GRU": (Gated, torch.randn(3, 5, 3), 1, 6, 2),
    "transformer block": (Tokens, torch.randn(3, 5, 4), 1, 12, 2),
    "encoder": (of_encoder_layers, torch.randn(3, 5, 8), 2, 12, 2),
    "words": (Words, WORDS, 1, 16, 2),
    "words, encoder": (lambda: Words(encoder=True), WORDS, 3, 16, 2),
}


@pytest.mark.parametrize("kind", MODELS)
def test_models_of_libraries_are_watched_measured_and_ablated(kind):
    torch.manual_seed(0)
    make, inputs, found, neurons, axis = MODELS[kind]
    networks = watch(make(), inputs)
    last = list(networks.layers.values())[-1]
    assert (len(networks.layers), last.neurons, last.axis) == (found, neurons, axis)
    assert networks.traced == ("encoder" not in kind)
    data = nl.given(inputs.flatten(1).numpy(), [0, 1, 2])
    orders = nl.ablation_orders(nl.measure(networks, data.test), last.name, random_orders=1)
    correct = nl.ablate(networks, data.test, orders, steps=[0, neurons]).correct.sum("label")
    with evaluated(networks.models[0]):
        output = networks.models[0](inputs)
    scores = output["logits"] if isinstance(output, dict) else output
    assert (correct[:, :, 0] == (scores.argmax(dim=1) == torch.arange(3)).sum().item()).all()


class Added(nn.Module):
    def forward(self, one, other):
        return torch.relu(one + other)


@pytest.mark.parametrize(
    ("make", "inputs", "message"),
    [
        (
            lambda: quantized(mlp(), ROWS),
            ROWS,
            "Sequential computes with quantized numbers: watch the model from before",
        ),
        (lambda: nn.Sequential(mlp(), nn.Unflatten(1, (3, 1, 1)), nn.ConvTranspose2d(3, 3, 8)), ROWS, "of 4 axes"),
        (lambda: nn.Sequential(nn.Conv2d(3, 4, 1), nn.ReLU(), nn.Conv2d(4, 3, 1)), images(), "of 4 axes"),
        (Added, ROWS, r"Added fails on inputs torch.float32 \(2, 4\): TypeError: .*'other'"),
        (lambda: nn.Linear(4, 3), ROWS, "no layer was found: name modules"),
        (lambda: nn.Linear(5, 3), ROWS, r"Linear fails on inputs torch.float32 \(2, 4\): RuntimeError: "),
    ],
)
def test_models_that_are_no_classifiers_of_one_input_are_refused_in_one_line(make, inputs, message):
    with pytest.raises(ValueError, match=message) as refused:
        watch(make(), inputs)
    assert "\n" not in str(refused.value)


def test_a_residual_network_is_ablated_as_a_plain_loop_over_hooks_does_it():
    torch.manual_seed(0)
    model, inputs = vision.resnet18(num_classes=4).eval(), images(16).repeat(4, 1, 1, 1)
    inputs += torch.randn(inputs.shape)
    networks = watch(model, inputs, layers=["relu", "layer1.0.relu:2", "layer4.1.relu:1"])
    data = nl.given(inputs.flatten(1).numpy(), np.arange(12) % 4)
    measured = nl.measure(networks, data.test)
    start = 0
    for name, layer in networks.layers.items():
        orders = nl.ablation_orders(measured, name, random_orders=1)
        steps = [0, layer.neurons // 4, layer.neurons // 2, layer.neurons]
        correct = nl.ablate(networks, data.test, orders, steps=steps).correct.sum("label").values[0]
        for order, step in np.ndindex(2, len(steps)):
            gone = orders.values[0, order, : steps[step]] - start
            answers = ablated_by_a_hook(model, inputs, name, 1, gone, torch.zeros(len(gone)))
            assert correct[order, step] == (answers.numpy() == data.test.labels).sum()
        start += layer.neurons


@pytest.mark.parametrize("replacement", ["zero", "mean"])
def test_hooks_find_and_ablate_what_tracing_does(replacement):
    model, inputs, data = model_and_samples("branches")
    hooked = Conditional()
    hooked.load_state_dict(model.state_dict())
    of_each = [watch(one, inputs) for one in (model, hooked)]
    assert [networks.traced for networks in of_each] == [True, False]
    assert of_each[0].widths == of_each[1].widths
    assert [str(layer) for layer in layers(model, inputs)] == [str(layer) for layer in layers(hooked, inputs)]
    measured = [nl.measure(networks, data.test) for networks in of_each]
    assert measured[0].identical(measured[1])
    for name in [*of_each[0].widths, "whole"]:
        orders = nl.ablation_orders(measured[0], name, random_orders=2)
        constants: list[Any] = [
            nl.mean_outputs(networks, data.test) if replacement == "mean" else "zero" for networks in of_each
        ]
        curves = [
            nl.ablate(networks, data.test, orders, some) for networks, some in zip(of_each, constants, strict=True)
        ]
        assert curves[0].identical(curves[1])


def test_what_hooks_see_off_the_path_to_the_output_is_refused():
    class Both(Unused):
        def forward(self, x):
            return super().forward(x if bool(x.isfinite().all()) else x + 1)

    with pytest.raises(ValueError, match="layer 'unused' is off the path to the output"):
        watch(Both(), torch.randn(2, 4), layers=["unused"])
    assert watch(Both(), torch.randn(2, 4)).widths == {"relu:2": 4}


def test_outputs_are_read_before_anything_changes_them_in_place():
    model, inputs, data = model_and_samples("branches")
    ((values, _),) = watch(model, inputs, layers=["norm", "relu:2"]).output_chunks(data.test)
    with torch.no_grad():
        normed = model.norm(model.second(torch.relu(model.first(inputs))))
    torch.testing.assert_close(values[0, :, :6], normed.mean(dim=(2, 3)))
    torch.testing.assert_close(values[0, :, 6:], normed.relu().mean(dim=(2, 3)))


class Stream(IterableDataset):
    """Samples one by one, of which nobody knows how many there are."""

    def __init__(self, inputs, labels):
        self.pairs = list(zip(inputs, labels, strict=True))

    def __iter__(self):
        return iter(self.pairs)


@pytest.mark.parametrize("loader", ["in order", "shuffled", "stream"])
@pytest.mark.parametrize("networks", ["watched", "ensemble"])
def test_samples_from_a_loader_are_those_given_at_once(networks, loader):
    model, inputs, data = model_and_samples("branches")
    labels = torch.from_numpy(data.test.labels)
    some: Any
    if networks == "watched":
        some = watch([model, Branches()], inputs)
    else:
        some = nl.initialize(nl.Setting(hidden=(7, 5), dropout=()), inputs=32, labels=4, networks=[0, 3])
    pairs = TensorDataset(inputs, labels)
    batches = {
        "in order": DataLoader(pairs, batch_size=7),
        "shuffled": DataLoader(pairs, batch_size=5, shuffle=True),
        "stream": DataLoader(Stream(inputs, data.test.labels), batch_size=4),
    }[loader]
    state = torch.random.get_rng_state()
    for values in (2, 3):
        xr_equal = nl.measure(some, data.test, values).counts - nl.measure(some, batches, values).counts
        # Products of matrices round by their number of rows, which may move an output over a quantile.
        assert abs(xr_equal).max() <= (0 if values == 2 else 1)
    means = nl.mean_outputs(some, data.test)
    # float32 sums in another order.
    torch.testing.assert_close(nl.mean_outputs(some, batches), means)
    orders = nl.ablation_orders(nl.measure(some, data.test), "whole", random_orders=1)
    at_once, in_batches = (nl.ablate(some, samples, orders, means) for samples in (data.test, batches))
    assert at_once.identical(in_batches)
    assert torch.equal(torch.random.get_rng_state(), state)


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([(torch.zeros(32), 0, 1)], "the loader gave a list of 3: expected batches of"),
        ([(torch.zeros(32), 0.5)], "labels torch.float64 .*: expected one whole number for each"),
        ([(torch.zeros(32), 9)], "labels hold 9 to 9: expected 0 to 3"),
        ([(torch.zeros(32), -1)], "labels: found -1; expected from 0"),
        ([(torch.zeros(31), 0)], "samples of 31 features: the example has"),
        ([], "no samples: the loader gave no batch"),
    ],
)
def test_what_a_loader_gives_is_checked(pairs, message):
    model, inputs, data = model_and_samples("branches")
    networks = watch(model, inputs)
    orders = nl.ablation_orders(nl.measure(networks, data.test), "gelu", random_orders=1)

    class Given(IterableDataset):
        def __iter__(self):
            return iter(pairs)

    for use in (lambda some: nl.ablate(networks, some, orders), lambda some: nl.measure(networks, some)):
        with pytest.raises(ValueError, match=message):
            use(DataLoader(Given(), batch_size=2))


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float64])
def test_half_and_double_precision_are_ablated_as_a_plain_loop_does_it(kind):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 9), nn.Tanh(), nn.Linear(9, 7), nn.ReLU(), nn.Linear(7, 3)).to(kind)
    inputs = torch.randn(20, 6)
    data = nl.given(inputs.numpy(), np.arange(20) % 3)
    networks = watch(model, inputs.to(kind))
    measured = nl.measure(networks, data.test)
    assert np.isfinite(measured.mutual_information).all()
    orders = nl.ablation_orders(measured, "1", random_orders=1)
    correct = nl.ablate(networks, data.test, orders).correct.sum("label").values[0, 0]
    for step in range(10):
        gone = orders.values[0, 0, :step]
        answers = ablated_by_a_hook(model, inputs.to(kind), "1", 1, gone, torch.zeros(len(gone), dtype=kind))
        # Rounding to half precision differs with the number of samples in a product.
        allowed = 0 if kind == torch.float64 else 1
        assert abs(correct[step] - (answers.numpy() == data.test.labels).sum()) <= allowed


def test_a_model_is_put_back_after_an_exception():
    model = Words()
    model.train()
    model.dense.eval()
    networks = watch(model, WORDS)
    with pytest.raises(IndexError):
        nl.measure(networks, nl.given(np.full((2, 7), 20.0), [0, 1]).test)
    assert model.training and not model.dense.training
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


def test_labels_that_the_network_lacks_are_refused_and_those_without_samples_are_nan():
    model, inputs, _ = model_and_samples("branches")
    networks = watch(model, inputs)
    flat = inputs.flatten(1).numpy()
    two = nl.given(flat, np.arange(len(flat)) % 2 * 3).test
    measured = nl.measure(networks, two)
    assert np.isfinite(measured.kl_selectivity).all()
    curves = nl.ablate(networks, two, nl.ablation_orders(measured, "gelu", random_orders=1))
    assert np.isnan(nl.accuracy(curves, by_label=True).sel(label=[1, 2])).all()
    many = nl.given(flat, np.full(len(flat), 4)).test
    with pytest.raises(ValueError, match="labels hold 4 to 4: expected 0 to 3"):
        nl.measure(networks, many)


def test_a_single_score_behind_a_sigmoid_is_cut_at_one_half():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 1), nn.Sigmoid(), nn.Flatten(0))
    networks = watch(model, torch.randn(3, 4))
    assert (networks.binary_threshold, networks.widths) == (0.5, {"1": 6})


@pytest.fixture(scope="module")
def both():
    from reference import tiny_images

    data = tiny_images(train=80)
    setting = nl.Setting(dataset="mnist-5k", hidden=(7, 5), dropout=(), batch_size=8, epochs=30)
    ensemble, _ = nl.train(setting, data, [0, 1, 2], "cpu")
    example = torch.from_numpy(data.test.pixels[:2])
    return ensemble, watch([ensemble.as_module(k) for k in range(3)], example), data


def names(watched, layer):
    return list(watched.widths)[int(layer) - 1]


@pytest.mark.parametrize("layer", ["1", "2"])
def test_sets_singles_and_each_alone_are_those_of_the_ensemble(both, layer):
    ensemble, watched, data = both
    sets = np.array([[[0, 2], [1, 4]]] * 3)
    for replacement in ("zero", "mean"):
        ours = nl.ablate_sets(watched, data, names(watched, layer), sets, replacement)
        theirs = nl.ablate_sets(ensemble, data, layer, sets, replacement)
        # Rounding may move a sample between two classes.
        assert abs(ours.values - theirs.values).max() <= 1
    np.testing.assert_array_equal(
        nl.ablation.singles(watched, names(watched, layer)), nl.ablation.singles(ensemble, layer)
    )
    assert abs(nl.each_alone(watched, data).values - nl.each_alone(ensemble, data).values).max() <= 1


def test_groups_and_layers_have_the_information_of_the_ensembles(both):
    ensemble, watched, data = both
    for one, other in zip(
        nl.information.active_by_layer(watched, data.validation),
        nl.information.active_by_layer(ensemble, data.validation),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)
    ours, theirs = (nl.information.of_layers(networks, data) for networks in (watched, ensemble))
    assert ours.layer.values.tolist() == list(watched.widths)
    assert ours.drop_vars("layer").equals(theirs.drop_vars("layer"))


@pytest.mark.parametrize("layer", ["1", "2"])
@pytest.mark.parametrize(
    "criterion",
    [
        "random",
        "entropy",
        "class selectivity",
        "activity",
        "Taylor",
        "spectrum",
        "incoming weights",
        "outgoing weights",
    ],
)
def test_criteria_score_neurons_as_the_ensembles(both, criterion, layer):
    ensemble, watched, data = both
    if criterion in nl.pruning.SCORES:
        score = nl.pruning.SCORES[criterion].of
        ours, theirs = score(watched, data, names(watched, layer)), score(ensemble, data, layer)
        # float32: the same products with another number of rows.
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-5)
    kept = nl.pruning.select(criterion, watched, data, names(watched, layer)).kept(3)
    assert kept.shape == (3, 3)


@pytest.mark.parametrize("criterion", ["DivNet", "NoiseOut"])
def test_criteria_that_look_at_outputs_choose_as_for_the_ensemble(both, criterion):
    _, watched, data = both
    assert nl.pruning.select(criterion, watched, data, names(watched, "1")).kept(4).shape == (3, 4)


def test_merging_is_refused_where_weights_are_not_all_that_there_is(both):
    _, watched, data = both
    with pytest.raises(ValueError, match="reads the weights of linear maps in a row, .*; got Watched"):
        nl.pruning.select("Srinivas-Babu", watched, data, names(watched, "1"))


def test_weights_of_channels_are_those_of_the_maps_around_them():
    torch.manual_seed(0)
    convolution, normalization, hidden = nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4).eval(), nn.Linear(16, 5)
    model = nn.Sequential(convolution, normalization, nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), hidden, nn.ReLU())
    model.append(nn.Linear(5, 3)).eval()
    normalization.weight.data.copy_(torch.tensor([0.5, -2.0, 1.0, 0.1]))
    normalization.get_buffer("running_var").copy_(torch.tensor([1.0, 4.0, 0.25, 1.0]))
    data = nl.given(np.random.default_rng(0).normal(size=(12, 72)), np.arange(12) % 3)
    networks = nl.watch(model, torch.zeros(1, 2, 6, 6))
    scores = {**nl.pruning.SCORES, **nl.pruning.SCORES_OF_CHANNELS}

    def score(criterion: str, layer: str) -> np.ndarray:
        return scores[criterion].of(networks, data, layer)[0]

    with torch.no_grad():
        of_kernels = convolution.weight.abs().mean(dim=(1, 2, 3)) * torch.tensor([0.5, 1.0, 2.0, 0.1])
        by_channel = hidden.weight.abs().reshape(5, 4, 4).mean(dim=(0, 2))
        maps = torch.relu(normalization(convolution(torch.from_numpy(data.test.pixels).reshape(12, 2, 6, 6))))
    # The variance has PyTorch's 1e-5 added to it.
    np.testing.assert_allclose(score("incoming weights", "2"), of_kernels, rtol=1e-4)
    np.testing.assert_allclose(score("outgoing weights", "2"), by_channel, rtol=1e-6)
    np.testing.assert_allclose(score("incoming weights", "6"), hidden.weight.detach().abs().mean(dim=1), rtol=1e-6)
    np.testing.assert_allclose(score("batch-norm scale", "2"), [0.5, 2.0, 1.0, 0.1], rtol=1e-6)
    ranks = np.linalg.matrix_rank(maps.numpy()).mean(axis=0)
    np.testing.assert_allclose(score("feature-map rank", "2"), ranks, rtol=1e-12)
    assert nl.pruning.select("batch-norm scale", networks, None, "2").kept(1)[0].tolist() == [1]


@pytest.mark.parametrize(
    ("criterion", "layer", "message"),
    [
        ("batch-norm scale", "relu:1", "no batch normalization before it"),
        ("feature-map rank", "gelu", "no rows and columns"),
        ("outgoing weights", "relu:1", "expected one linear map that takes its outputs"),
        ("incoming weights", "elsewhere", "layer"),
    ],
)
def test_criteria_that_a_layer_has_not_are_refused_in_one_line(criterion, layer, message):
    model, inputs, data = model_and_samples("branches")
    with pytest.raises(ValueError, match=message):
        nl.pruning.select(criterion, watch(model, inputs), data, layer)


def test_criteria_of_channels_are_refused_for_networks_that_have_none():
    network = nl.by_hand([np.ones((2, 3)), np.ones((3, 2))], [np.zeros(3), np.zeros(2)])
    with pytest.raises(ValueError, match=r"expected networks that nl\.watch returns"):
        nl.pruning.select("batch-norm scale", network, None, "1")


def test_taylor_of_a_channel_is_what_autograd_says():
    model, inputs, data = model_and_samples("branches")
    networks = watch(model, inputs)
    found = nl.pruning.SCORES["Taylor"].of(networks, data, "relu:1")[0]
    values = torch.relu(model.first(inputs)).detach().requires_grad_()
    features = torch.relu(model.norm(model.second(values))) + values
    scores = model.out(functional.gelu(model.head(functional.max_pool2d(features, 2).flatten(1))))
    loss = functional.cross_entropy(scores, torch.from_numpy(data.test.labels), reduction="sum")
    (gradient,) = torch.autograd.grad(loss, values)
    expected = (values * gradient).sum(dim=(2, 3)).abs().mean(dim=0).detach()
    # float32: the same gradients by another way.
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


def test_all_layers_are_ablated_and_plotted_in_one_call():
    model, inputs, data = model_and_samples("tokens")
    networks = watch([model, Tokens()], inputs)
    measured = nl.measure(networks, data.validation)
    curves = nl.ablate_layers(networks, data, measured, {"mlp.1": None, "whole": [0, 6, 12]}, "mean", 1, seed=0)
    assert {name: curve.sizes["step"] for name, curve in curves.items()} == {"mlp.1": 13, "whole": 3}
    axes = nl.plot_curves(nl.accuracy(curves["mlp.1"]))
    assert axes.get_title() == "layer mlp.1, 2 networks"
    axes.figure.clear()


def test_wrapped_models_are_taken_as_what_they_wrap():
    model, inputs, _ = model_and_samples("branches")
    wrapped = watch(nn.DataParallel(model), inputs)
    assert wrapped.models == (model,) and wrapped.widths == watch(model, inputs).widths


def test_hooked_layers_that_do_not_run_are_named():
    class Seldom(nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.relu, self.out = nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3)

        def forward(self, x):
            hidden = self.one(x)
            return self.out(self.relu(hidden) if float(x.max()) < 100 else hidden)

    networks = watch(Seldom(), torch.randn(2, 4))
    assert isinstance(networks.computations[0], Hooked)
    with pytest.raises(ValueError, match="layer 'relu 1' was not computed for these samples"):
        nl.measure(networks, nl.given(np.full((2, 4), 200.0), [0, 1]).test)
