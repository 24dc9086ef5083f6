"""LeNet-5 on few filters."""

import dataclasses

import numpy as np
import pytest
import torch

from neuronlib.reproduction.compute.compute import images_of
from neuronlib.reproduction.compute.lenet_study import (
    WHOLE_FILTERS,
    filter_orders,
    filters_named,
    lenet,
    prune_filters,
    with_filters,
)
from neuronlib.reproduction.design.axes import FILTER_CRITERIA, FILTERS, NEW_WEIGHTS, RETRAINED_FILTERS
from neuronlib.reproduction.design.studies import LeNetStudy

STUDY = LeNetStudy(dataset="mnist-5k", epochs=1, epochs_after=1, networks=1, random_orders=1)
SHAPE = (1, 28, 28)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    cache = tmp_path_factory.mktemp("weights")
    first = prune_filters(STUDY, device="cpu", cache=cache)
    assert len(list(cache.iterdir())) == 1
    return first, prune_filters(STUDY, device="cpu", cache=cache)


def model(filters=WHOLE_FILTERS):
    torch.manual_seed(0)
    return lenet(SHAPE, 10, filters)


def test_the_shape_is_that_of_caffe():
    # 20 and 50 filters of 5 x 5, 500 hidden neurons, each with a bias.
    assert sum(one.numel() for one in model().parameters()) == 20 * 26 + 50 * 501 + 500 * 801 + 10 * 501


def test_without_filters_the_network_is_what_it_is_when_their_outputs_are_zero():
    whole = model()
    kept = (np.array([7, 2]), np.array([40, 3, 11]))
    smaller = with_filters(whole, kept)
    zeroed = model()
    with torch.no_grad():
        for map_, stay, filters in zip((zeroed.conv1, zeroed.conv2), kept, WHOLE_FILTERS, strict=True):
            gone = np.setdiff1d(np.arange(filters), stay)
            map_.weight[gone] = 0
            map_.get_parameter("bias")[gone] = 0
        images = torch.randn(5, *SHAPE)
        torch.testing.assert_close(smaller(images), zeroed(images), atol=1e-5, rtol=1e-4)
    assert smaller.conv2.weight.shape == (3, 2, 5, 5)
    assert torch.equal(whole.conv1.weight, model().conv1.weight)


def test_orders_are_permutations_of_each_layer_and_do_not_depend_on_other_networks():
    data = images_of("mnist-5k", "paper", "standard")
    orders = filter_orders(model(), data, STUDY, 0)
    assert set(orders) == {*FILTER_CRITERIA, "random 0"}
    for of_layers in orders.values():
        assert [sorted(order.tolist()) for order in of_layers] == [list(range(20)), list(range(50))]
    again = filter_orders(model(), data, dataclasses.replace(STUDY, networks=3), 0)
    assert all(np.array_equal(again[name][1], orders[name][1]) for name in orders)


def test_every_criterion_is_there_and_re_trained_where_it_is_said(results):
    correct = results[0].correct
    assert correct.criterion.values.tolist() == [*FILTER_CRITERIA, "random 0", NEW_WEIGHTS]
    assert correct.filters.values.tolist() == filters_named() and len(FILTERS) == 3
    again = (correct.sel(afterwards="re-training") >= 0).values
    assert again[:, : len(RETRAINED_FILTERS)].all() and not again[:, len(RETRAINED_FILTERS) :].any()
    nothing = (correct.sel(afterwards="nothing") >= 0).values
    assert nothing[:-1].all() and not nothing[-1].any()


def test_a_trained_network_from_the_cache_gives_the_same_results(results):
    first, second = results
    np.testing.assert_array_equal(first.correct, second.correct)
    np.testing.assert_array_equal(first.intact, second.intact)
