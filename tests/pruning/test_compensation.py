import numpy as np
import pytest
import torch

from neuronlib.ablation.subsets import ablate_sets
from neuronlib.networks.ensemble import Ensemble
from neuronlib.pruning.compensation import balanced, moments, only, refitted
from neuronlib.pruning.selection import select


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
