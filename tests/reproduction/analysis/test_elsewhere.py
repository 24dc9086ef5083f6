import numpy as np
import pytest
from elsewhere_results import NOISE, made_up

from neuronlib.reproduction.analysis.elsewhere import (
    VARIANTS,
    answers_of_elsewhere,
    effect_tests,
    gap_over_the_whole,
    gap_within_layers,
)
from neuronlib.reproduction.claims.elsewhere import ASKED_AGAIN, asked_again


def answer_to(words: str, studies):
    (answer,) = [one for one in answers_of_elsewhere(studies) if words in one.sentence]
    return answer


def test_gaps_are_means_over_layers_and_of_the_whole():
    results = made_up("narrow", within=6, whole=-8)
    np.testing.assert_allclose(gap_within_layers(results, "mutual_information", "low"), 6 + NOISE)
    np.testing.assert_allclose(gap_over_the_whole(results, "entropy", "high"), 8 + NOISE)


@pytest.mark.parametrize(
    ("within", "whole", "finding"),
    [(6, -8, "holds"), (-6, -8, "does not hold"), (0, -8, "cannot tell"), (6, 9, "does not hold")],
)
def test_an_answer_asks_for_both_effects(within, whole, finding):
    images = ("MNIST", "Fashion-MNIST")
    answer = answer_to("bottleneck", {name: made_up("bottleneck", within, whole, name) for name in images})
    assert answer.finding == finding
    assert "n = 10" in answer.evidence and "bottleneck: 100-10-100, MNIST" in answer.evidence


def test_all_regularizers_and_images_have_to_agree():
    names = [name for name, (group, _) in VARIANTS.items() if group == "regularizer"]
    agreeing = {f"{name} {of}": made_up(name, 6, -8, of) for name in names for of in ("MNIST", "Fashion-MNIST")}
    assert answer_to("regularizers", agreeing).finding == "holds"
    answer = answer_to("regularizers", agreeing | {"noise MNIST": made_up("noise", -6, -8)})
    assert answer.finding == "does not hold"
    assert "holds in 19 of 20 comparisons, and not in 1" in answer.evidence


def test_an_answer_waits_for_all_networks_that_it_is_about():
    answer = answer_to("bottleneck", {"one": made_up("bottleneck", 6, -8)})
    assert answer.finding == "cannot tell"
    assert answer.evidence.startswith("only 1 of 2 kinds of networks computed; holds in 2 of 2")
    assert answer_to("bottleneck", {"one": made_up("bottleneck", -6, -8)}).finding == "does not hold"


@pytest.mark.parametrize(
    ("within", "finding"), [(6, "holds"), (9, "holds"), (20, "does not hold"), (11, "cannot tell")]
)
def test_optimizers_are_compared_with_rmsprop_by_equivalence(within, finding):
    studies = {}
    for images in ("MNIST", "Fashion-MNIST"):
        for variant, effect in {"l2": 6, "sgd": within, "adamw": 6}.items():
            studies[f"{variant}, {images}"] = made_up(variant, effect, -8, images)
    assert answer_to("optimizer", studies).finding == finding


def test_sigmoid_does_not_answer_and_what_is_missing_is_said():
    answers = answers_of_elsewhere({"one": made_up("narrow", 6, -8, activation="sigmoid")})
    assert len(answers) == 6
    assert {answer.evidence for answer in answers} == {"not computed yet"}


def test_p_values_are_corrected_for_all_tests():
    tests = effect_tests({name: made_up(name, 6, 0) for name in ("l1", "noise")})
    assert (tests.adjusted >= tests.p).all() and tests.p.size == 4
    assert (tests.adjusted.sel(effect="within layers") < 0.05).all()
    assert (tests.adjusted.sel(effect="whole network") == 1).all()


def test_claims_are_asked_by_the_rules_of_the_scoreboard():
    answers = asked_again(made_up("narrow", within=8, whole=-8), "narrow")
    assert list(answers) == list(ASKED_AGAIN)
    assert [answer.verdict for answer in answers.values()] == [
        "reproduced",
        "reproduced",
        "not reproduced",
        "reproduced",
    ]
    small = asked_again(made_up("narrow", within=1, whole=-8), "narrow")
    assert (small["Q22"].verdict, small["Q20"].verdict) == ("reproduced", "direction only")


def test_every_variant_has_a_group_and_a_name():
    assert len({name for _, name in VARIANTS.values()}) == len(VARIANTS)
