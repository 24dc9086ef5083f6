import numpy as np
import pytest
import xarray as xr

from neuronlib.common.config import Setting
from neuronlib.reproduction.analysis.layer_shapes import (
    QUANTITIES,
    SHAPES,
    points_of_layers,
    predicted_elsewhere,
    quantities_of_layer,
    shape_correlations,
    shape_of_curves,
)
from neuronlib.reproduction.compute.layer_study import measure_layers
from neuronlib.reproduction.design.studies import LayerStudy
from neuronlib.reproduction.store.results import stored


def results_of(random, low, high):
    rows = {"mutual_information low": low, "mutual_information high": high, "random 0": random}
    kinds = {"measure": ("order", ["mutual_information", "mutual_information", "random"])}
    correct = (("network", "order", "step"), np.array(list(rows.values()))[None])
    curves = xr.Dataset(
        {"correct": correct, "samples": 100}, {"step": range(len(random)), "order": list(rows), **kinds}
    )
    return xr.DataTree.from_dict({"curves/1": curves})


def made(points_per_setting=4, seed=0, chance=0.0):
    """Layers of twelve settings of three architectures whose quantities follow from the first shape."""
    generator = np.random.default_rng(seed)
    settings = [f"{name}-{k}" for name in ("a", "b", "c") for k in range(4) for _ in range(points_per_setting)]
    shapes = generator.random((len(settings), len(SHAPES)))
    quantities = np.repeat(shapes[:, :1] ** 3, len(QUANTITIES), axis=1)
    quantities += chance * generator.normal(size=quantities.shape)
    quantities[:, 1] *= -1
    return xr.Dataset(
        {"shapes": (("point", "shape"), shapes), "quantities": (("point", "quantity"), quantities)},
        {
            "shape": list(SHAPES),
            "quantity": list(QUANTITIES),
            "setting": ("point", settings),
            "architecture": ("point", [name[0] for name in settings]),
        },
    )


def test_a_curve_that_stays_high_and_falls_late_has_area_onset_and_bend():
    # Of 90 points above the end, 90, 90, 89, 45 and 0 are left.
    shape = shape_of_curves(results_of([100, 100, 99, 55, 10], [100] * 4 + [10], [100, 10, 10, 10, 10]), "1")
    assert shape["area"] == pytest.approx((1 + 1 + 89 / 90 + 0.5 - 0.5) / 4)
    assert shape["onset"] == 0.5  # one point is lost after two of four neurons, 45 after three
    assert shape["bend"] == pytest.approx(89 / 90 - 0.5)
    assert shape["low gap"] == pytest.approx((0 + 1 + 45) / 3)
    assert shape["high gap"] == pytest.approx((-90 - 89 - 45) / 3)


def test_a_curve_that_never_harms_has_an_onset_of_all():
    shape = shape_of_curves(results_of([100, 100, 99], [100, 100, 99], [100, 100, 99]), "1")
    assert shape["onset"] == 1


def test_correlations_find_what_the_first_shape_decides():
    found = shape_correlations(made(), resamples=200)
    of_area = found.sel(shape="area")
    expected = [1, -1, 1, 1, 1, 1, 1]
    for name in ("correlation", "low", "high"):
        np.testing.assert_allclose(of_area[name], expected)
    assert (abs(found.correlation.drop_sel(shape="area")) < 0.5).all()  # chance of 48 points, three deviations of 0.14
    assert (found.layers == 48).all()
    assert ((found.low <= found.correlation) & (found.correlation <= found.high)).all()


def test_intervals_are_wider_where_layers_of_a_setting_are_alike():
    alike = made(points_per_setting=1, chance=0.5)
    repeated = alike.isel(point=np.repeat(np.arange(12), 4))
    one, four = (shape_correlations(points, resamples=500) for points in (alike, repeated))
    # Four copies of each point hold no more than one.
    np.testing.assert_allclose(one.high - one.low, four.high - four.low, atol=0.02)


def test_unknown_quantities_are_left_out_and_counted():
    points = made()
    points.quantities[:10, 2] = np.nan
    points.quantities[:46, 3] = np.nan
    found = shape_correlations(points, resamples=50)
    assert found.layers.values.tolist() == [48, 48, 38, 2, 48, 48, 48]
    assert found.correlation.sel(shape="area", quantity=QUANTITIES[2]) == pytest.approx(1)
    assert found.correlation.sel(quantity=QUANTITIES[3]).isnull().all()


def test_prediction_for_another_architecture_follows_the_shape_and_not_chance():
    found = predicted_elsewhere(made())
    assert found.architecture.values.tolist() == ["a", "b", "c"]
    assert (found > 0.9).all()
    unrelated = made()
    unrelated["quantities"] = unrelated.quantities.copy(
        data=np.random.default_rng(1).random(unrelated.quantities.shape)
    )
    assert abs(predicted_elsewhere(unrelated).mean()) < 0.25  # of 21 correlations, each of 16 points


def test_too_few_layers_predict_nothing():
    assert predicted_elsewhere(made().isel(point=slice(0, 6))).isnull().all()


def test_no_resamples_are_refused():
    with pytest.raises(ValueError, match="resamples = 0"):
        shape_correlations(made(), resamples=0)


def test_layers_of_a_stored_setting_are_points_beside_a_study():
    name = "small-fashion-relu-none"
    small = LayerStudy(
        setting=Setting(dataset="mnist-5k", hidden=(20, 20), dropout=(), epochs=1),
        networks=2,
        sizes=(2, 3, 4),
        groups=6,
    )
    study = measure_layers(small)
    points = points_of_layers({name: stored(name)}, {name: study})
    assert points.setting.values.tolist() == [name, name]
    assert points.architecture.values.tolist() == ["small-fashion"] * 2
    assert points.layer.values.tolist() == ["1", "2"]
    assert points.shapes.notnull().all() and points.quantities.notnull().all()
    of_first = quantities_of_layer(study, "1")
    mean = study.sel(layer="1", statistic="mean", estimator="corrected", size=4)
    expected = (mean.group_synergy_weighted / mean.group_information).mean().item()
    assert of_first["complexity"].mean() == pytest.approx(expected)
    assert (of_first["redundancy, low end"] < of_first["redundancy, high end"]).all()
    with pytest.raises(ValueError, match=f"{name}: a study of layers without curves"):
        points_of_layers({}, {name: study})
