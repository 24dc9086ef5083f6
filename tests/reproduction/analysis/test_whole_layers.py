import numpy as np
import pytest
from layer_results import made_up_curves, made_up_study

from neuronlib.reproduction.analysis.layer_shapes import READINGS, points_of_layers, shape_correlations
from neuronlib.reproduction.analysis.whole_layers import (
    answers_of_layers,
    brackets_apart,
    change_with_depth,
    change_with_regularizer,
    layer_studies,
)
from neuronlib.reproduction.design.settings import SETTINGS

SMALL = [name for name in SETTINGS if name.startswith(("mnist", "small-fashion"))]


def made_up(**redundancies):
    """Studies and points of settings whose redundancy, in both layers, makes the area of their curves."""
    studies = {name: made_up_study(name, redundancy=values) for name, values in redundancies.items()}
    areas = {name: 0.4 + np.mean(values) / 10 for name, values in redundancies.items()}
    return studies, points_of_layers({name: made_up_curves(name, area) for name, area in areas.items()}, studies)


def answered(points, studies):
    return answers_of_layers(points, shape_correlations(points, within_architectures=True), studies)


def sixteen():
    return made_up(**{name: (1.2 + k / 20, 1.7 + k / 20) for k, name in enumerate(SMALL)})


def answer(answers, words):
    return next(one for one in answers if words in one.sentence)


def test_deeper_layers_are_compared_with_the_first_of_their_setting():
    _, points = made_up(**{"mnist-relu-l2": (1.5, 2.0), "small-fashion-relu-l2": (1.5, 1.2)})
    changes = change_with_depth(points).sel(quantity="redundancy of groups")
    assert changes.setting.values.tolist() == ["mnist-relu-l2", "small-fashion-relu-l2"]
    np.testing.assert_allclose(changes, [0.5, -0.3])


def test_regularizers_are_compared_within_architecture_and_activation():
    redundancies = {"mnist-relu-l2": (1, 1), "mnist-relu-dropout": (2, 4), "fashion-relu-dropout": (9, 9)}
    _, points = made_up(**redundancies)
    changes = change_with_regularizer(points, "dropout", "l2")
    assert changes.family.values.tolist() == ["mnist-relu"]
    np.testing.assert_allclose(changes.sel(quantity="redundancy of groups"), [2.0])


def test_names_that_begin_alike_are_other_architectures():
    _, points = made_up(**{"fashion-relu-l2": (1, 1), "small-fashion-relu-dropout": (2, 2)})
    assert change_with_regularizer(points, "dropout", "l2").sizes["family"] == 0


def test_only_brackets_that_do_not_overlap_tell():
    studies, _ = made_up(
        **{"mnist-relu-l2": (1.0, 1.3), "mnist-relu-none": (1.0, 1.2), "mnist-relu-dropout": (1.3, 1.0)}
    )
    # Ends are 10 % off either way: 1.1 and 1.17 are apart, 1.1 and 1.08 are not.
    assert brackets_apart(studies) == (1, 1)


def test_area_that_follows_redundancy_answers_that_ablation_reveals_it():
    studies, points = sixteen()
    answers = answered(points, studies)
    assert answer(answers, "reveals redundancy").finding == "holds"
    assert answer(answers, "reveals redundancy").evidence.endswith("32 layers")
    assert answer(answers, "higher degree of redundancy").finding == "holds"
    # Complexity and low gaps are the same in all settings.
    assert answer(answers, "synergistic effects").finding == "cannot tell"


def test_an_architecture_that_is_not_computed_answers_nothing():
    studies, points = sixteen()
    one = answer(answered(points, studies), "250-500-250-500")
    assert one.finding == "cannot tell"
    assert one.evidence == "not computed: cifar10-relu-l2, funnel-cifar10-relu-l2"


@pytest.mark.parametrize(("wide", "finding"), [(3.0, "holds"), (1.0, "does not hold")])
def test_the_bottleneck_is_compared_in_the_last_layer(wide, finding):
    redundancies = {"cifar10-relu-l2": (9, 9, 9, wide), "funnel-cifar10-relu-l2": (1, 1, 1, 2.0)}
    studies = {name: made_up_study(name, values, complexity=(1.5,) * 4) for name, values in redundancies.items()}
    points = points_of_layers({name: made_up_curves(name) for name in studies}, studies)
    assert answer(answered(points, studies), "250-500-250-500").finding == finding


def test_nothing_is_answered_without_studies():
    answers = answered(points_of_layers({}, {}), {})
    assert {one.finding for one in answers} == {"cannot tell"}


def test_within_architectures_a_difference_between_architectures_does_not_count():
    # Wider layers have more of both; within an architecture, one falls as the other rises.
    redundancies = {name: (3.0 - k / 10,) * 2 for k, name in enumerate(SMALL[:8])}
    redundancies |= {name: (1.5 - k / 10,) * 2 for k, name in enumerate(SMALL[8:])}
    studies = {name: made_up_study(name, redundancy=values) for name, values in redundancies.items()}
    areas = {name: 0.6 + k / 100 if k < 8 else 0.3 + k / 100 for k, name in enumerate(SMALL)}
    points = points_of_layers({name: made_up_curves(name, area) for name, area in areas.items()}, studies)
    place = {"shape": "area", "quantity": "redundancy of groups"}
    assert shape_correlations(points, resamples=50).correlation.sel(place) > 0.3
    assert shape_correlations(points, 50, within_architectures=True).correlation.sel(place) == pytest.approx(-1)


def test_readings_name_shapes_and_quantities_that_there_are():
    _, points = sixteen()
    for reading in READINGS:
        points.shapes.sel(shape=reading.shape), points.quantities.sel(quantity=reading.quantity)


def test_live_studies_are_of_the_images_asked_for():
    studies = layer_studies("live", "mnist-5k", networks=1, epochs=1)
    assert list(studies) == ["small-fashion-relu-none", "small-fashion-relu-dropout"]
    assert all('"dataset": "mnist-5k"' in study.attrs["configuration"] for study in studies.values())
