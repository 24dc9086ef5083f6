"""Checks of the book's assignments, for learners, tests and grading: each looks at facts about a learner's code.

A check returns a report with points. Printed, it says which facts are true, and of the others what is the case instead.
"""

from typing import Any

from neuronlib.reproduction.course.checks.ablation import (
    VERDICTS,
    check_conclusion,
    check_curve,
    check_gap,
    check_p_value,
)
from neuronlib.reproduction.course.checks.importance import DEVELOPMENT, HELD_OUT, check_contest, check_importance
from neuronlib.reproduction.course.checks.measures import (
    BY_HAND,
    check_bias,
    check_by_hand,
    check_entropy,
    check_kl_selectivity,
    check_measure_on_drawn_tables,
    check_mutual_information,
)
from neuronlib.reproduction.course.checks.replication import check_counterexample, check_repair
from neuronlib.reproduction.course.laws import LAWS
from neuronlib.reproduction.course.report import Fact, Report, differs, examine

__all__ = [
    "BY_HAND",
    "DEVELOPMENT",
    "HELD_OUT",
    "LAWS",
    "VERDICTS",
    "Fact",
    "Report",
    "check_bias",
    "check_by_hand",
    "check_conclusion",
    "check_contest",
    "check_counterexample",
    "check_curve",
    "check_entropy",
    "check_gap",
    "check_importance",
    "check_kl_selectivity",
    "check_measure_on_drawn_tables",
    "check_mutual_information",
    "check_p_value",
    "check_repair",
    "contest",  # noqa: F822
    "differs",
    "examine",
]


def __getattr__(name: str) -> Any:
    # The contest needs torch, which is loaded only by what computes.
    if name == "contest":
        from neuronlib.reproduction.course.importance_contest import contest

        return contest
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
