"""Other libraries' ablation and removal of channels, which give the same numbers where they do the same."""

import copy

import numpy as np
import pytest
import torch
import torch_pruning
from captum.attr import LayerFeatureAblation

import neuronlib as nl
from neuronlib.reproduction.compute.classifiers import classifier

# A convolution and, by the number of its channels, whose outputs a watched layer holds behind ReLU; of the residual
# network that inside a block, as channels of a sum cannot be removed from one of its terms alone.
CASES = {
    "convolutional": ("convolutions.1.0", "convolutions.1.2"),
    "residual": ("blocks.1.first.0", "blocks.1.inner"),
}


@pytest.fixture(scope="module", params=CASES)
def case(request):
    torch.manual_seed(0)
    model = classifier(request.param, (3, 16, 16), 10)
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            # As after training, and not the identity.
            torch.nn.init.uniform_(module.get_buffer("running_mean"), -0.5, 0.5)
            torch.nn.init.uniform_(module.get_buffer("running_var"), 0.5, 2)
            torch.nn.init.uniform_(module.weight, 0.5, 2)
            torch.nn.init.uniform_(module.bias, -0.2, 0.5)
    pixels = np.random.default_rng(1).normal(size=(60, 3 * 16 * 16)).astype(np.float32)
    images = torch.from_numpy(pixels).reshape(-1, 3, 16, 16)
    model.eval()
    with torch.no_grad():
        # Labels that the whole network gets right two times of three.
        labels = (model(images).argmax(dim=1) + (torch.arange(60) % 3 == 0).long()) % 10
    return model, images, nl.given(pixels, labels.numpy()), *CASES[request.param]


def test_captum_loses_the_same_answers_without_each_channel(case):
    model, images, data, _, layer = case
    watched = nl.watch(model, images[:1], layers=[layer])
    labels = torch.from_numpy(data.test.labels)

    def right(inputs: torch.Tensor) -> torch.Tensor:
        return (model(inputs).argmax(dim=1) == labels).float()

    channels = watched.widths[layer]
    mask = torch.arange(channels).reshape(1, channels, 1, 1)
    with torch.no_grad():
        attributed = LayerFeatureAblation(right, model.get_submodule(layer)).attribute(images, layer_mask=mask)
    lost = attributed[:, :, 0, 0].sum(dim=0).numpy()
    ours = nl.each_alone(watched, data).values[0]
    # Rounding may move an image between two classes where the map behind the layer is updated.
    assert abs(ours - lost).max() <= 1
    assert np.ptp(lost) > 2


def test_captum_ablates_groups_of_channels_alike(case):
    model, images, data, _, layer = case
    watched = nl.watch(model, images[:1], layers=[layer])
    labels = torch.from_numpy(data.test.labels)
    orders = nl.ablation_orders(nl.measure(watched, data.test), layer, random_orders=1).sel(order=["random 0"])
    channels = watched.widths[layer]
    steps = [1, channels // 4, channels // 2, channels]
    ours = nl.ablate(watched, data.test, orders, steps=[0, *steps]).correct.sum("label").values[0, 0]
    for step, correct in zip(steps, ours[1:], strict=True):
        mask = torch.ones(1, channels, 1, 1, dtype=torch.long)
        mask[:, orders.values[0, 0, :step]] = 0
        with torch.no_grad():
            ablation = LayerFeatureAblation(
                lambda inputs: (model(inputs).argmax(dim=1) == labels).float(), model.get_submodule(layer)
            )
            attributed = ablation.attribute(images, layer_mask=mask)
        # The first group of the mask is the one that is ablated; the attribution is what is lost by image.
        lost = attributed[:, orders.values[0, 0, 0], 0, 0].sum()
        assert abs(ours[0] - lost.item() - correct) <= 1


@pytest.mark.parametrize("share", [0.25, 0.75])
def test_ablated_channels_are_as_if_torch_pruning_had_removed_them(case, share):
    model, images, data, convolution, layer = case
    watched = nl.watch(model, images[:1], layers=[layer])
    count = round(share * watched.widths[layer])
    orders = nl.ablation_orders(nl.measure(watched, data.test), layer, random_orders=2)
    ours = nl.ablate(watched, data.test, orders, steps=[count]).correct.sum("label").isel(step=0)
    for order in ("random 0", "random 1", "entropy low"):
        smaller = copy.deepcopy(model)
        graph = torch_pruning.DependencyGraph().build_dependency(smaller, example_inputs=images[:1])
        gone = orders.sel(order=order).values[0, :count].tolist()
        target = smaller.get_submodule(convolution)
        graph.get_pruning_group(target, torch_pruning.prune_conv_out_channels, idxs=gone).prune()
        assert target.weight.shape[0] == watched.widths[layer] - count
        with torch.no_grad():
            correct = (smaller(images).argmax(dim=1).numpy() == data.test.labels).sum()
        assert abs(int(ours.sel(order=order)[0]) - correct) <= 1
