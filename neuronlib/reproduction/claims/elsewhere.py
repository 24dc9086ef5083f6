"""Four claims, asked again of networks that the paper does not have."""

import xarray as xr

from neuronlib.common.choices import MEASURES, Replacement
from neuronlib.common.scopes import WHOLE
from neuronlib.reproduction.claims.questions.comparisons import (
    BETTER_AND_WORSE,
    KL,
    MI,
    H,
    all_of,
    distances,
    gaps,
)
from neuronlib.reproduction.claims.verdicts import Alike, Answer, Differ, Question
from neuronlib.reproduction.compute.sources import Source

ASKED_AGAIN = {
    "Q18": "whole network: lowest entropy or KL selectivity first is worse than random ablation",
    "Q20": "layer 1: lowest first is better than random ablation, highest first is worse",
    "Q22": "last hidden layer: every order is similar to random ablation",
    "Q49": "lowest mutual information first is worse over the whole network, and better in each layer",
}
"""The claims that are asked of other networks, in a few words. Q22 is about the second of two layers."""


class _OneSetting(Source):
    def __init__(self, results: xr.DataTree):
        self._results = results

    def __call__(self, name: str, replacement: Replacement = "zero", values: int = 2) -> xr.DataTree:
        return self._results


def asked_again(results: xr.DataTree, name: str) -> dict[str, Answer]:
    """Ask the claims of `ASKED_AGAIN` of networks, by the rules of `verdicts`, along the curves.

    Args:
        results: Results with the group ``curves``.
        name: What the networks are called.

    Returns:
        The answer to each claim.
    """
    source = _OneSetting(results)
    layers = [scope for scope in results["curves"] if scope != WHOLE]
    whole, first, last = ([(name, scope)] for scope in (WHOLE, layers[0], layers[-1]))
    questions: dict[str, Question] = {
        "Q18": Differ(quantifier="most", tests=gaps(source, whole, [H, KL], {"low": -1})),
        "Q20": Differ(tests=gaps(source, first, MEASURES, BETTER_AND_WORSE)),
        "Q22": Alike(tests=distances(source, last)),
        "Q49": all_of(
            lambda: Differ(tests=gaps(source, whole, [MI], {"low": -1})),
            lambda: Differ(tests=gaps(source, [(name, layer) for layer in layers], [MI], {"low": 1})),
        ),
    }
    return {claim: question.judged() for claim, question in questions.items()}
