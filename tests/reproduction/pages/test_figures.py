from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest

from neuronlib.common.choices import DIRECTIONS
from neuronlib.reproduction.analysis.effects import gap
from neuronlib.reproduction.analysis.neurons import lost_alone, neurons
from neuronlib.reproduction.compute.sources import StoredResults
from neuronlib.reproduction.pages.figures.grids import gaps_at_a_glance, gaps_by_layer
from neuronlib.reproduction.pages.figures.panels import curves
from neuronlib.reproduction.pages.figures.single_losses import measure_against_loss
from neuronlib.reproduction.store.paths import RESULTS


def test_a_curve_through_fewer_points_keeps_its_ends_and_lies_on_the_whole_one():
    source = StoredResults()
    whole, few = (plt.figure().gca() for _ in range(2))
    curves(whole, source, "mnist-relu-dropout", "1")
    curves(few, source, "mnist-relu-dropout", "1", points=7)
    for full, thin in zip(whole.lines, few.lines, strict=True):
        every, kept = (np.asarray(line.get_xydata()).tolist() for line in (full, thin))
        assert len(kept) == 7
        assert all(point in every for point in kept)
        assert [kept[0], kept[-1]] == [every[0], every[-1]]


def test_the_atlas_in_one_figure_shows_the_mean_gaps_and_nothing_of_layers_that_are_not_there():
    source = StoredResults()
    shallow, deep = "mnist-relu-dropout", "cifar10-relu-l2"
    figure = gaps_at_a_glance(gaps_by_layer(source, [shallow, deep], "entropy"))
    panels = {axes.get_title(): axes for axes in figure.axes}
    assert list(panels) == ["layer 1", "layer 2", "layer 3", "layer 4", "whole network"]
    marks = {
        title: [
            (x, round(y))
            for line in axes.lines
            if line.get_marker() != "None"
            for x, y in np.asarray(line.get_xydata()).tolist()
        ]
        for title, axes in panels.items()
    }
    assert [place for _, place in marks["layer 3"]] == [1, 1]
    for title, scope in (("layer 1", "1"), ("whole network", "whole")):
        expected = [
            (gap(source(name), scope, "entropy", way).mean(), place)
            for place, name in enumerate((shallow, deep))
            for way in DIRECTIONS
        ]
        assert marks[title] == expected


def test_single_neurons_are_points_of_their_layer_and_large_marks_their_means():
    source, name = StoredResults(networks=3), "mnist-relu-dropout"
    results = source(name)
    entropy: Any = measure_against_loss(source, name).axes[0]
    points, marks = entropy.collections[::2], entropy.collections[1::2]
    for layer, of_layer, mark in zip(("1", "2"), points, marks, strict=True):
        lost = 100 * lost_alone(results, layer) / 10_000
        values = neurons(results, "entropy", layer)
        expected = np.column_stack([values.ravel(), lost.ravel()])
        np.testing.assert_allclose(of_layer.get_offsets(), expected, atol=1e-9)  # in float64
        np.testing.assert_allclose(mark.get_offsets()[0], [values.mean(), lost.mean()], atol=1e-9)


@pytest.mark.parametrize(("folder", "name"), [(Path("nowhere"), "mnist-relu-l2"), (RESULTS, "cifar10-relu-l2")])
def test_what_has_no_single_losses_gets_a_figure_that_says_so(folder, name):
    figure = measure_against_loss(StoredResults(folder, networks=1), name)
    assert [axes.texts[0].get_text() for axes in figure.axes] == ["not computed yet"] * 3
