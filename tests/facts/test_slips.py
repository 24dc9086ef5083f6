"""What people pass by mistake to the front door's functions is refused in one line that says what to do."""

from typing import Any

import numpy as np
import pytest
import torch

import neuronlib

# Slips that a type checker would tell.
nl: Any = neuronlib
SETTING = nl.Setting(dataset="mnist-5k", hidden=(8,), dropout=(), epochs=1)


@pytest.fixture(scope="module")
def trained():
    data = nl.load("mnist-5k")
    networks, _ = nl.train(SETTING, data, networks=3)
    orders = nl.ablation_orders(nl.measure(networks, data.validation), layer="1", random_orders=2)
    return data, networks, orders, nl.accuracy(nl.ablate(networks, data.test, orders))


BITS = np.array([[s, t, u, s ^ t] for s in (0, 1) for t in (0, 1) for u in (0, 1)], dtype=bool)
EXAMPLE = torch.zeros(1, 784)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda d, n, o, a: nl.ablate(n, d.test, o, "Mean"),
            "replacement = 'Mean': expected a tensor of real numbers with axes network, neuron or .* 'zero'",
        ),
        (
            lambda d, n, o, a: nl.ablate(n, d.test, o, torch.zeros(3, 5)),
            r"replacement of shape \(3, 5\): expected .* for each network and neuron, \(3, 8\), .*",
        ),
        (
            lambda d, n, o, a: nl.ablate(n, d.test, o, remains=torch.zeros(3, 5)),
            r"remains of shape \(3, 5\): expected .*\(3, 8\), .*",
        ),
        (
            lambda d, n, o, a: nl.ablate(n, d.test, o, steps=[0, 1.5]),
            r"steps = \[0, 1.5\]: input should be a valid integer.*",
        ),
        (
            lambda d, n, o, a: nl.ablate_sets(n, d, "1", np.zeros((3, 1, 1), int), "median"),
            "replacement = 'median': .*",
        ),
        (lambda d, n, o, a: nl.run(SETTING, 2, replacement="Mean"), "replacement = 'Mean': .*"),
        (lambda d, n, o, a: nl.run(SETTING, 2, layers="1"), "layers = '1': expected a list or a tuple or None"),
        (lambda d, n, o, a: nl.run(SETTING, 2, random_orders=-1), "random_orders = -1: .*"),
        (lambda d, n, o, a: nl.run(SETTING, 2, device="gpu"), "device = 'gpu': .*"),
        (lambda d, n, o, a: nl.train(SETTING, d, 1, "CPU"), "device = 'CPU': .*"),
        (lambda d, n, o, a: nl.initialize(SETTING, 4, 3, [0], "gpu"), "device = 'gpu': expected one of PyTorch's, .*"),
        (lambda d, n, o, a: nl.initialize(SETTING, 4, 0, [0]), "labels = 0: .*"),
        (lambda d, n, o, a: nl.measure(n, d.test, 3, "equal"), "cuts = 'equal': .*"),
        (lambda d, n, o, a: nl.measure(n, d.test, "3"), "values = '3': .*"),
        (lambda d, n, o, a: nl.measure(n, d.test, 1), "values = 1: .*"),
        (
            lambda d, n, o, a: nl.ablation_orders(nl.measure(n, d.test), "1", measures=["mutual info"]),
            r"measures = \['mutual info'\]: expected a list of some of entropy, mutual_information, kl_selectivity",
        ),
        (
            lambda d, n, o, a: nl.ablation_orders(nl.measure(n, d.test), "1", measures="entropy"),
            "measures = 'entropy': .*",
        ),
        (lambda d, n, o, a: nl.ablation_orders(nl.measure(n, d.test), "1", -1), "random_orders = -1: .*"),
        (lambda d, n, o, a: nl.class_balanced_orders(nl.measure(n, d.test), "1", seed=-1), "seed = -1: .*"),
        (lambda d, n, o, a: nl.compare_with_random(a, "entropy", "low", 4, exact="no"), "exact = 'no': .*"),
        (lambda d, n, o, a: nl.wilcoxon_p(np.ones(3), exact="no"), "exact = 'no': .*"),
        (lambda d, n, o, a: nl.accuracy(nl.ablate(n, d.test, o), by_label="no"), "by_label = 'no': .*"),
        (lambda d, n, o, a: nl.bootstrap_interval(np.ones(3), seed=-1), "seed = -1: .*"),
        (lambda d, n, o, a: nl.load("mnist-5k", scaling="Unit"), "scaling = 'Unit': .*"),
        (lambda d, n, o, a: nl.prune(n.as_module(0), surgery="fit", data=d), "surgery = 'fit': .*"),
        (lambda d, n, o, a: nl.prune(n.as_module(0), share="half", data=d), "share = 'half': .*"),
        (lambda d, n, o, a: nl.information.one_bit_thresholds("tanh"), "activation = 'tanh': .*"),
        (lambda d, n, o, a: nl.information.anneal(BITS, 3, "Low", 0), "direction = 'Low': .*"),
        (lambda d, n, o, a: nl.information.greedy(BITS, 3, "Low"), "direction = 'Low': .*"),
        (lambda d, n, o, a: nl.ablation.steps_through(300, points=0), "points = 0: .*"),
        (lambda d, n, o, a: nl.watch(n.as_module(0), EXAMPLE, summary="Mean"), "summary = 'Mean': .*"),
        (
            lambda d, n, o, a: nl.watch(n.as_module(0), EXAMPLE, layers="1"),
            "layers = '1': expected a list or a tuple or None",
        ),
        (lambda d, n, o, a: nl.watch(n.as_module(0), EXAMPLE, threshold=0.3), "threshold = 0.3: of 10 scores, .*"),
        (
            lambda d, n, o, a: nl.measure(n, d),
            "samples: expected a part of a data set, such as data.test .*, got ImageData",
        ),
        (
            lambda d, n, o, a: nl.measure(n, d.test.pixels),
            "samples: expected a part of a data set.*, got ndarray of float32 and shape .*",
        ),
        (
            lambda d, n, o, a: nl.ablate(n, d, o),
            "samples: expected a part of a data set, such as data.test .*, got ImageData",
        ),
        (
            lambda d, n, o, a: nl.train(SETTING, d.train, 2),
            "data: expected a data set, as nl.load or nl.given returns it, got Samples",
        ),
        (lambda d, n, o, a: nl.train(SETTING, d, 0), "networks = 0: .*greater than or equal to 1"),
        (
            lambda d, n, o, a: nl.train(SETTING, d, -1),
            "networks = -1: .*greater than or equal to 1",
        ),
        (lambda d, n, o, a: nl.train(SETTING, d, 2.5), "networks = 2.5: .*valid integer or a list or a tuple"),
        (lambda d, n, o, a: nl.train(SETTING, d, "5"), "networks = '5': .*valid integer or a list or a tuple"),
        (lambda d, n, o, a: nl.train(SETTING, d, [1, 1]), r"networks = \[1, 1\]: expected at least one, each once.*"),
        (
            lambda d, n, o, a: nl.compare_with_random(a, "mutual info", "low", 4),
            "measure = 'mutual info': no such order; neurons were ordered by entropy, .*",
        ),
        (
            lambda d, n, o, a: nl.compare_with_random(a, "entropy", "lowest", 4),
            "direction = 'lowest': .*",
        ),
        (lambda d, n, o, a: nl.compare_with_random(a, "entropy", "low", 40), "step = 40: not evaluated; .* 0 to 8"),
        (
            lambda d, n, o, a: nl.prune(n.as_module(0), "mutual_information", data=d),
            r"criterion = 'mutual_information': did you mean mutual information\? expected one of random, entropy, .*",
        ),
    ],
)
def test_slip_is_refused_in_one_line(trained, call, message):
    with pytest.raises(ValueError, match=rf"\A{message}\Z"):
        call(*trained)


def test_printed_comparison_says_what_it_compares_and_claims_nothing_of_one_network(trained):
    *_, accuracy = trained
    line = str(nl.compare_with_random(accuracy, "entropy", "low", step=4))
    assert line.startswith("accuracy without 4 neurons, entropy low minus random: ")
    alone = str(nl.compare_with_random(accuracy[:1], "entropy", "low", step=4))
    assert alone.endswith("an interval and a test take at least 2 networks")


def test_exact_p_value_of_few_networks_is_a_multiple_of_what_their_number_allows(trained):
    *_, accuracy = trained
    # Each of 2 ** 3 patterns of signs is as likely as the others.
    p_value = nl.compare_with_random(accuracy, "entropy", "low", step=4, exact=True).p_value
    assert np.isclose(p_value * 4, np.round(p_value * 4))
