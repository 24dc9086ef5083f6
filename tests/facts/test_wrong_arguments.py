"""Every call of the library with one wrong argument ends in one line, or is right all the same."""

import json
import pickle
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import wrong_arguments

import neuronlib
from neuronlib.reproduction.design import studies

# Slips that a type checker would tell.
nl: Any = neuronlib
Study: Any = studies.Study
# Reviewed line by line: what an argument may be, too. Numbers that are other numbers, and not wrong ones, have the same
# kinds as wrong ones of another argument.
ACCEPTED = Path(__file__).with_name("accepted_arguments.txt")
BITS = np.array([[s, t, u, s ^ t] for s in (0, 1) for t in (0, 1) for u in (0, 1)])


@pytest.fixture(scope="module")
def outcomes():
    # In a process of its own, without the checks of shapes that tests switch on.
    script = Path(wrong_arguments.__file__)
    run = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def test_everything_public_is_called_or_has_a_reason_why_not(tmp_path):
    called = wrong_arguments.calls(wrong_arguments.Fixture(tmp_path)).keys()
    assert {*wrong_arguments.public()} == {*called} | {*wrong_arguments.EXCUSED}


def test_no_wrong_argument_ends_in_a_traceback_from_deep_inside(outcomes):
    assert len(outcomes) > 5000
    assert [one for one in outcomes if one["outcome"] == "deep"] == []


def test_what_means_the_same_gives_the_same(outcomes):
    assert [one for one in outcomes if one["outcome"] == "wrong"] == []
    assert sum(one["outcome"] == "right" for one in outcomes) > 400


def test_what_is_accepted_is_what_was_reviewed(outcomes):
    accepted = defaultdict(list)
    for one in outcomes:
        if one["outcome"] == "accepted":
            accepted[f"{one['call']}.{one['argument']}"].append(one["kind"])
    lines = [f"{argument}: {'; '.join(kinds)}" for argument, kinds in accepted.items()]
    assert lines == ACCEPTED.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: nl.information.of_triplets(BITS * 2),
            "active: expected an array of true and false .or 1 and 0. with axes sample, neuron, .*",
        ),
        (lambda: nl.ablation.ranked(np.ones(2), "Low", np.arange(2)), "direction = 'Low': .* 'low' or 'high'"),
        (lambda: nl.Setting(hidden={100, 50}), "hidden = .*: expected a list or a tuple"),
        (lambda: nl.Setting(seed=None), "seed = None: .*"),
        (lambda: nl.load("mnist-5k", seed=None), "seed = None: .*"),
        (lambda: nl.Setting(epoch=3), "Setting: no argument 'epoch'; did you mean epochs.*"),
        (
            lambda: Study(kind="replication", setting={"epochs": 3, "apples": 1}),
            "setting = .*apples.*: expected a setting, as nl.Setting.* makes it",
        ),
        (
            lambda: nl.Samples(np.full((1, 2), np.nan, np.float32), np.array([0])),
            "pixels: expected finite numbers, .*",
        ),
        (lambda: nl.quantize(np.ones(3), np.array([np.nan])), "thresholds: expected finite thresholds, .*"),
        (lambda: nl.entropy(np.full((2, 2), np.nan)), "counts: expected an array of whole numbers .*"),
        (lambda: nl.plain.entropy(np.full((2, 2), np.nan)), "table: expected finite numbers, .*"),
        (lambda: nl.ablation.holm(np.array([0.5, 1.5])), "p_values: expected numbers from 0 to 1, .*"),
        (
            lambda: nl.joint_counts(
                [(torch.ones(1, 2, width), torch.tensor([0, 1])) for width in (1, 3)], np.zeros(1), 2
            ),
            "chunks of unequal widths: .*",
        ),
        (lambda: nl.from_state({}), ".*expected a network's state_dict.*"),
        (lambda: nl.entropy(), "entropy: argument 'counts' is missing; it takes counts"),
        (lambda: nl.entropy(BITS, 3), "entropy: 2 arguments; it takes counts"),
        (lambda: nl.entropy(BITS, counts=BITS), "entropy: argument 'counts' is given twice"),
    ],
)
def test_slip_is_refused_in_one_line(call, message):
    with pytest.raises((ValueError, TypeError), match=rf"\A{message}\Z"):
        call()


@pytest.mark.parametrize("steps", [[0, 1, 1], [0, 0.5], [2, 1], [], {0, 1}, "01", [0, True]])
def test_steps_are_increasing_whole_numbers_in_a_row(tmp_path, steps):
    fixture = wrong_arguments.Fixture(tmp_path)
    with pytest.raises(ValueError, match=r"\Asteps = [^\n]*: (expected|input should be) [^\n]*\Z"):
        nl.ablate(fixture.networks, fixture.data.test, fixture.orders, steps=steps)


def test_whole_numbers_that_are_bits_are_bits():
    assert np.array_equal(nl.information.of_triplets(BITS), nl.information.of_triplets(BITS.astype(bool)))


def test_front_door_keeps_what_a_function_says_of_itself():
    for function in (nl.entropy, nl.ablation.ablate, nl.train):
        assert function.__doc__ == function.__wrapped__.__doc__
        assert pickle.loads(pickle.dumps(function)) is function
