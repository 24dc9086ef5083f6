import dataclasses

import numpy as np
import pytest
import torch

import neuronlib as nl
from neuronlib.reproduction.compute.classifier_study import measure_and_ablate_classifiers
from neuronlib.reproduction.compute.classifiers import classifier, classifiers
from neuronlib.reproduction.design.studies import CLASSIFIERS, PUBLISHED, ClassifierStudy, study

FEW = ClassifierStudy(
    architecture="convolutional",
    dataset="mnist-5k",
    epochs=1,
    networks=2,
    batch=32,
    random_orders=1,
    points=2,
    test_samples=60,
)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("weights")


@pytest.fixture(scope="module")
def results(cache):
    return measure_and_ablate_classifiers(FEW, device="cpu", cache=cache)


def states(models):
    return [{name: value.clone() for name, value in model.state_dict().items()} for model in models]


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(value, other[name]) for name, value in one.items())


def test_a_network_is_the_same_whichever_others_there_are_and_whether_read_or_trained(results, cache):
    data = nl.load("mnist-5k")
    read = states(classifiers(FEW, data, "cpu", cache))
    (alone,) = states(classifiers(dataclasses.replace(FEW, networks=1), data, "cpu"))
    assert same(read[0], alone)
    assert not same(read[0], read[1])


def test_a_damaged_file_of_the_cache_is_trained_anew(results, cache):
    data = nl.load("mnist-5k")
    before = states(classifiers(FEW, data, "cpu", cache))
    file = sorted(cache.glob("*.pt"))[0]
    file.write_bytes(file.read_bytes()[:-1])
    after = states(classifiers(FEW, data, "cpu", cache))
    assert all(same(one, other) for one, other in zip(before, after, strict=True))


def test_training_teaches_more_than_guessing(results):
    assert (results.accuracy > 0.5).all()


def test_what_is_stored_is_what_the_front_door_gives(results, cache):
    data = nl.load("mnist-5k")
    model = classifiers(FEW, data, "cpu", cache)[1]
    example = torch.zeros(1, 1, 28, 28)
    for summary in ("mean", "positions"):
        measured = nl.measure(nl.watch(model, example, summary=summary), data.validation)
        stored = results.counts.sel(summary=summary, network=1)
        np.testing.assert_array_equal(measured.counts.values[0], stored.values)
    taylor = nl.pruning.SCORES["Taylor"].of
    first = nl.data.Samples(data.validation.pixels[:60], data.validation.labels[:60])
    few = dataclasses.replace(data, validation=first)
    layer = str(results.layer.values[0])
    of_layer = results.scores.sel(criterion="Taylor", network=1)[(results.layer == layer).values]
    np.testing.assert_array_equal(taylor(nl.watch(model, example), few, layer)[0], of_layer)


def test_curves_begin_with_the_whole_network_and_end_without_any_channel(results):
    known = results.correct.where(results.correct >= 0)
    for end in (0, -1):
        of_orders = known.isel(share=end)
        # Also the same order's start for whichever replacement and scope, as nothing is ablated yet.
        dims = ("order",) if end else ("order", "scope", "replacement")
        assert float((of_orders.max(dims) - of_orders.min(dims)).max()) == 0


def test_only_criteria_that_a_layer_has_order_it(results):
    absent = (results.correct < 0).all(("network", "share"))
    hidden = absent.sel(replacement="zero", scope=str(results.layer.values[-1]))
    assert hidden.sel(order=[f"{name} low" for name in PUBLISHED]).values.tolist() == [False, False, False, True, True]
    assert absent.sel(scope="whole", order=[f"{name} low" for name in PUBLISHED]).all()
    assert not absent.sel(order=["entropy low", "kl_selectivity high", "random 0"]).any()


def test_studies_are_found_by_name():
    assert study("residual-cifar10") is CLASSIFIERS["residual-cifar10"]
    assert len({one.digest() for one in CLASSIFIERS.values()}) == len(CLASSIFIERS)


@pytest.mark.parametrize(("architecture", "layers"), [("convolutional", 4), ("residual", 7), ("transformer", 3)])
@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 32, 32)])
def test_architectures_take_both_sizes_of_images_and_are_watched(architecture, layers, shape):
    model = classifier(architecture, shape, 10).eval()
    watched = nl.watch(model, torch.zeros(1, *shape))
    assert len(watched.widths) == layers
    assert watched.traced
