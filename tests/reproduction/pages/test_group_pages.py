from typing import Any

import numpy as np
import xarray as xr

import neuronlib as nl
from neuronlib.reproduction.analysis.groups import class_code, pairs_and_triplets, shuffled_within_classes
from neuronlib.reproduction.compute.groups import retrained, sub_networks
from neuronlib.reproduction.compute.sources import StoredResults
from neuronlib.reproduction.pages.figures.groups import PARTS, parts_by_depth
from neuronlib.reproduction.pages.tables.groups import groups_told, statements_table, views_table

LABELS = np.arange(800) % 10
AROUND = np.array([-0.01, 0.0, 0.01])


def test_a_code_for_the_classes_has_redundant_pairs_without_synergy_and_synergistic_triplets():
    code = class_code(30, LABELS, seed=0)
    view = pairs_and_triplets([code], LABELS, 10, seed=0)
    kept = code[:, nl.information.distinct_varying_neurons(code)]
    first, second = np.triu_indices(kept.shape[1], k=1)
    pairs = np.stack(
        [[np.bincount(2 * kept[:, j] + kept[:, k], minlength=4)] for j, k in zip(first, second, strict=True)]
    )
    # Bits that the class fixes are redundant in as far as they depend on each other.
    shared = nl.mutual_information(pairs.reshape(-1, 2, 2)).mean()
    np.testing.assert_allclose(view.redundancy, shared, atol=1e-6)  # BROJA is solved to within 1e-6 bits
    np.testing.assert_allclose(view.synergy, 0, atol=1e-6)
    assert view.synergistic_triplets > 2 * view.redundant_triplets


def test_shuffling_within_classes_keeps_each_neurons_relation_with_the_class_and_no_other():
    noisy = class_code(6, LABELS, seed=1) ^ (np.random.default_rng(0).random((800, 1)) < 0.3)
    mixed = shuffled_within_classes(noisy, LABELS, seed=0)
    for label in range(10):
        np.testing.assert_array_equal(noisy[LABELS == label].sum(axis=0), mixed[LABELS == label].sum(axis=0))
    # All neurons flip together before, and by themselves afterwards.
    assert (noisy[LABELS == 0] != noisy[LABELS == 0][0]).any()
    together = [len(np.unique(bits[LABELS == 0], axis=0)) for bits in (noisy, mixed)]
    assert together[0] == 2 < together[1]


def test_depth_is_drawn_from_the_stored_means_a_line_for_each_setting():
    source = StoredResults()
    names = ["mnist-relu-dropout", "small-fashion-sigmoid-l2"]
    stored = {name: source(name)["groups"].to_dataset() for name in names}
    figure = parts_by_depth(stored)
    for axes, part in zip(figure.axes, PARTS, strict=True):
        lines: list[Any] = [line for line in axes.lines if line.get_marker() != "None"]
        for line, name in zip(lines, names, strict=True):
            means = stored[name].pairs.sel(part=part).mean("network").values
            np.testing.assert_allclose(line.get_ydata(), means, atol=1e-12)  # means in float64
    assert len(parts_by_depth({}).axes) == 1


def accuracies(synergistic: float) -> xr.DataArray:
    rules = ["most synergistic", "random", "the whole layer"]
    values = np.array([synergistic, 0.8, 0.9])[:, None, None] + np.zeros((3, 3, 1)) + AROUND
    starts = ["not re-trained", "trained weights", "initial weights"]
    return xr.DataArray(values, {"rule": rules, "start": starts}, ("rule", "start", "network"))


def summary(redundancy: tuple[float, float]) -> xr.Dataset:
    parts = ["redundancy", "unique", "synergy", "redundancy (Williams, Beer)"]
    values = np.array([[[layer, 0.2, 0.01, 0.3]] for layer in redundancy]) + AROUND[None, :, None]
    return xr.Dataset({"pairs": (("layer", "network", "part"), values)}, {"layer": ["1", "2"], "part": parts})


def view(synergistic: float) -> xr.Dataset:
    names = ("redundancy", "synergy", "williams_beer", "redundant_triplets", "synergistic_triplets")
    return xr.Dataset({name: ("network", synergistic + AROUND) for name in names})


def beyond(first: float, second: float) -> Any:
    """Shares of redundant triplets in both layers, the rest being synergistic."""
    return {
        ("dropout", layer): np.column_stack([share + AROUND, 1 - share - AROUND])
        for layer, share in (("1", first), ("2", second))
    }


def test_statements_hold_where_the_interval_excludes_zero():
    held = statements_table(beyond(0.8, 0.2), accuracies(0.85)).data
    assert held.count("holds for: Dropout") == 2 and "six random neurons reach less" in held
    neither = statements_table(beyond(0.5, 0.5), accuracies(0.8)).data
    assert neither.count("holds for: none") == 2 and "undecided" in neither


def test_findings_turn_with_the_numbers():
    views = {"code": view(0.7), "1": view(0.3), "2": view(0.6), "mixed": view(0.5)}
    some = {"l2": summary((0.02, 0.04)), "dropout": summary((0.03, 0.08))}
    told = groups_told(some, {}, beyond(0.8, 0.2), views, accuracies(0.8)).data
    assert "redundancy grows with depth" in told and "stored settings" not in told
    assert "synergy prevails in layer 2" in told and "Most of this synergy" in told
    assert "Dropout raises redundancy" in told and "is not shown to be the reason" in told
    views["mixed"] = view(0.1)
    some["dropout"] = summary((0.08, 0.03))
    told = groups_told(some, some, beyond(0.8, 0.8), views, accuracies(0.9)).data
    assert "does not surely grow" in told and "in 1 of 2 stored settings (n = 3 each)" in told
    assert "redundancy prevails in layer 2" in told and "The smaller part of this synergy" in told
    assert "does not surely raise" in told and "Synergy is the reason" in told
    assert len(views_table(views).data.splitlines()) == 6


def test_the_whole_layer_as_a_sub_network_is_the_network_and_groups_have_six_different_neurons():
    data = nl.load("mnist-5k")
    setting = nl.Setting(dataset="mnist-5k", hidden=(12, 10), dropout=(), epochs=2)
    networks, history = nl.train(setting, data, 2, "cpu")
    kept = sub_networks(networks, data, "2", seed=0)
    for rule in ("most synergistic", "most redundant", "most information", "random"):
        assert all(len(set(members)) == 6 for members in kept[rule].tolist())
    some = {rule: kept[rule] for rule in ("most synergistic", "the whole layer")}
    accuracy = retrained(networks, data, "2", some, "cpu")
    whole = accuracy.sel(rule="the whole layer")
    np.testing.assert_allclose(whole.sel(start="not re-trained"), history.test_accuracy.isel(epoch=-1), atol=1e-6)
    assert (accuracy.sel(rule="most synergistic", start="not re-trained") < whole.sel(start="trained weights")).all()
