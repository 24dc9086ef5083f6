"""What people pass by mistake to the front door's functions is refused in one line that says what to do."""

from typing import Any

import numpy as np
import pytest

import neuronlib as nl

# What a type checker would have told.
WRONG: Any = {"networks": (2.5, "5"), "measure": "mutual info", "direction": "lowest"}
SETTING = nl.Setting(dataset="mnist-5k", hidden=(8,), dropout=(), epochs=1)


@pytest.fixture(scope="module")
def trained():
    data = nl.load("mnist-5k")
    networks, _ = nl.train(SETTING, data, networks=3)
    orders = nl.ablation_orders(nl.measure(networks, data.validation), layer="1", random_orders=2)
    return data, networks, orders, nl.accuracy(nl.ablate(networks, data.test, orders))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda d, n, o, a: nl.measure(n, d), "samples: a whole data set; expected one of its parts, .*"),
        (lambda d, n, o, a: nl.measure(n, d.test.pixels), "samples: of type ndarray; expected a part of a data set.*"),
        (lambda d, n, o, a: nl.ablate(n, d, o), "samples: a whole data set; expected one of its parts, .*"),
        (lambda d, n, o, a: nl.train(SETTING, d.train, 2), "data: of type Samples; expected a data set, .*"),
        (lambda d, n, o, a: nl.train(SETTING, d, 0), "networks = 0: .*greater than or equal to 1"),
        (lambda d, n, o, a: nl.train(SETTING, d, -1), "networks = -1: .*greater than or equal to 1"),
        (lambda d, n, o, a: nl.train(SETTING, d, WRONG["networks"][0]), "networks = 2.5: .*valid integer"),
        (lambda d, n, o, a: nl.train(SETTING, d, WRONG["networks"][1]), "networks = '5': .*valid integer"),
        (lambda d, n, o, a: nl.train(SETTING, d, [1, 1]), r"networks = \[1, 1\]: expected at least one, each once.*"),
        (
            lambda d, n, o, a: nl.compare_with_random(a, WRONG["measure"], "low", 4),
            "measure = 'mutual info': no such order; neurons were ordered by entropy, .*",
        ),
        (
            lambda d, n, o, a: nl.compare_with_random(a, "entropy", WRONG["direction"], 4),
            "direction = 'lowest': .*",
        ),
        (lambda d, n, o, a: nl.compare_with_random(a, "entropy", "low", 40), "step = 40: not evaluated; .* 0 to 8"),
        (
            lambda d, n, o, a: nl.prune(n.as_module(0), "mutual_information", data=d),
            "criterion = 'mutual_information': expected one of random, entropy, mutual information, .*",
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
