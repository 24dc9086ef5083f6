import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr

from neuronlib.common.choices import DIRECTIONS, MEASURES
from neuronlib.plots.curves import COLOURS, compared_curves, plot_curves, training_history


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
