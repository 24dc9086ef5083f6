from typing import Any, cast

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr

from neuronlib.common.choices import DIRECTIONS, MEASURES
from neuronlib.plots.curves import COLOURS, compared_curves, plot_curves, training_history
from neuronlib.plots.neurons import against, picture, spectra
from neuronlib.reproduction.analysis.effects import gap
from neuronlib.reproduction.book.chapters import chapters
from neuronlib.reproduction.compute.sources import StoredResults
from neuronlib.reproduction.design.settings import ARCHITECTURES, SETTINGS, names_of
from neuronlib.reproduction.pages.figures.grids import gaps_at_a_glance, gaps_by_layer
from neuronlib.reproduction.pages.figures.panels import curves


@pytest.fixture
def axes():
    mpl.use("agg")
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


def accuracies(networks=3, steps=11):
    kinds = [(m, d) for m in MEASURES for d in DIRECTIONS] + [("random", "random")] * 2
    values = np.random.default_rng(0).random((networks, len(kinds), steps))
    return xr.DataArray(values, dims=("network", "order", "step"), coords={"step": range(steps)}).assign_coords(
        measure=("order", [m for m, _ in kinds]), direction=("order", [d for _, d in kinds]), layer="1"
    )


def test_curves_are_means_in_percent_named_in_the_legend(axes):
    values = accuracies()
    plot_curves(values, axes)
    lines = {line.get_label(): line for line in axes.get_lines()}
    assert len(lines) == 7
    np.testing.assert_allclose(
        lines["mutual information, highest first"].get_ydata(),
        100
        * values.isel(order=(values.measure == "mutual_information") & (values.direction == "high"))[:, 0].mean(
            "network"
        ),
    )
    random = values.isel(order=values.measure == "random").mean(["network", "order"])
    np.testing.assert_allclose(lines["random"].get_ydata(), 100 * random)


def test_low_is_solid_and_high_dashed_and_random_dotted(axes):
    plot_curves(accuracies(), axes)
    styles = {line.get_label(): line.get_linestyle() for line in axes.get_lines()}
    assert {style for name, style in styles.items() if "lowest" in name} == {"-"}
    assert {style for name, style in styles.items() if "highest" in name} == {"--"}
    assert styles["random"] == ":"


def test_a_measure_looks_the_same_whatever_it_is_compared_with(axes):
    curve = accuracies().isel(order=0)
    compared_curves(axes, dict.fromkeys(["mine", "random", "mutual information", "yours"], curve))
    colours = {line.get_label(): line.get_color() for line in axes.get_lines()}
    assert colours["random"] == COLOURS["random"]
    assert colours["mutual information"] == COLOURS["mutual_information"]
    assert len(set(colours.values())) == 4


def test_bands_are_one_standard_deviation(axes):
    values = accuracies()
    plot_curves(values, axes)
    band = axes.collections[0].get_paths()[0].vertices
    curve = 100 * values.isel(order=0)
    top = float((curve.mean("network") + curve.std("network")).max())
    assert band[:, 1].max() == pytest.approx(top, abs=1e-9)


def test_padding_beyond_a_layers_last_neuron_is_not_drawn(axes):
    padded = accuracies().where(accuracies().step <= 6)
    plot_curves(padded, axes)
    assert all(len(line.get_xdata()) == 7 for line in axes.get_lines())
    assert axes.get_xlim() == (0, 6)


def test_colours_differ_in_lightness_too():
    # Relative luminance, so that curves are told apart in grey; line styles and markers differ as well.
    def luminance(colour):
        return float(np.dot(mpl.colors.to_rgb(colour), [0.2126, 0.7152, 0.0722]))

    assert len({round(luminance(colour), 2) for colour in COLOURS.values()}) == len(COLOURS)


def test_history_draws_every_network(axes):
    values = (("network", "epoch"), np.full((4, 3), 0.5))
    history = xr.Dataset({"validation_accuracy": values, "test_accuracy": values}, {"epoch": [1, 2, 3]})
    training_history(axes, history)
    assert len(axes.get_lines()) == 8
    assert {text.get_text() for text in axes.get_legend().get_texts()} == {"validation samples", "test samples"}


def test_against_draws_every_neuron_of_every_network(axes):
    random = np.random.default_rng(0).random((2, 5))
    measures = xr.Dataset(
        dict.fromkeys(MEASURES, (("network", "neuron"), random)), {"layer": ("neuron", ["1", "1", "1", "2", "2"])}
    )
    against(axes, measures, "entropy", "mutual_information")
    assert [len(collection.get_offsets()) for collection in axes.collections] == [6, 4]


def test_spectra_write_every_number(axes):
    spectra(axes, np.array([[0.0, 1.25], [0.5, 3.0]]), ["a", "b"], ["0", "1"])
    assert [text.get_text() for text in axes.texts] == ["0.00", "1.25", "0.50", "3.00"]


def test_picture_keeps_rows_columns_and_channels(axes):
    pixels = np.arange(12.0)
    picture(axes, pixels, (3, 2, 2), "colours")
    drawn = axes.get_images()[0].get_array()
    assert drawn.shape == (2, 2, 3)
    np.testing.assert_allclose(drawn[0, 1], np.array([1.0, 5.0, 9.0]) / 11)


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


def test_every_architecture_has_a_page_in_the_atlas_and_every_setting_an_architecture():
    assert {f"a2_atlas_{name.replace('-', '_')}" for name in ARCHITECTURES} <= set(chapters())
    assert [name for architecture in ARCHITECTURES for name in names_of(architecture)] == list(SETTINGS)


def test_settings_of_an_unknown_architecture_are_refused():
    with pytest.raises(ValueError, match=r"no architecture 'cifar'; there are: mnist, fashion, .*funnel-cifar10"):
        names_of("cifar")
    with pytest.raises(ValueError, match="activation = 'tanh'"):
        names_of("mnist", cast(Any, "tanh"))
