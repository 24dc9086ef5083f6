import numpy as np
import pytest
from reward_results import both, made_up

from neuronlib.ablation.significance import holm, wilcoxon_p
from neuronlib.reproduction.analysis.reward_study import (
    ACCURACY,
    OUTCOMES,
    REDUNDANCY,
    ROBUSTNESS,
    answers_of_rewards,
    chosen,
    dead_neurons,
    difference_to_none,
    effects_of,
    missing_studies,
    of_last_layer,
    reward_studies,
)


@pytest.fixture(scope="module")
def effects():
    return effects_of(both())


def test_outcomes_are_read_off_the_curves_and_the_last_layer():
    study = made_up()
    intact = study.correct.isel(layer=0, order=0, share=0, drop=True) / 10
    np.testing.assert_allclose(ACCURACY.of(study).transpose("strength", "network"), intact)
    # Curves that fall evenly cover what lies in the middle between their ends.
    ends = study.correct.isel(layer=1, order=0).values / 10
    middle = np.trapezoid(ends, dx=0.1, axis=-1)
    np.testing.assert_allclose(ROBUSTNESS.of(study).transpose("strength", "network"), middle)
    # Four of five neurons with 0.3 bits each, of 0.6 bits together.
    np.testing.assert_allclose(REDUNDANCY.of(study).sel(strength=0.0), 2.0, rtol=1e-6)
    assert of_last_layer(study).sizes["neuron"] == 5
    np.testing.assert_allclose(dead_neurons(study), 20.0)


def test_every_comparison_is_corrected_for_together(effects):
    assert len(effects) == 2 * 3 * 2 * len(OUTCOMES)
    p_values = np.array([wilcoxon_p(effect.comparison.values, exact=True) for effect in effects])
    np.testing.assert_allclose([effect.holm for effect in effects], holm(p_values))
    # Ten networks of one sign: 2 of 1024, times at least 300 comparisons.
    assert min(effect.holm for effect in effects) > 0.3
    assert min(effect.corrected for effect in effects) == pytest.approx(2 / 1024)


def test_differences_are_paired_and_zero_for_strength_zero():
    differences = difference_to_none(made_up(), ACCURACY)
    assert not differences.sel(strength=0.0).any()
    assert differences.sel(strength=0.3).mean() == pytest.approx(2.0, abs=0.2)


def test_answers_follow_from_the_effects(effects):
    raised, accurate, robust, harmful, of_information, kept, _ = answers_of_rewards(effects)
    assert [one.finding for one in (raised, accurate, robust)] == ["holds"] * 3
    assert [one.finding for one in (harmful, of_information)] == ["does not hold"] * 2
    # The penalty does not divide class selectivity by 2.5.
    assert kept.finding == "cannot tell"
    strong = answers_of_rewards(effects_of(both(rise=0.25)))
    # It does, and takes 2 points, more than the margin.
    assert strong[-2].finding == "does not hold"
    assert (
        "at strength 0.3; of 1 strengths, higher at 1 and lower at 0 after correction (10 networks)" in raised.evidence
    )
    spared = answers_of_rewards(effects_of(both(gain=0.05, rise=0.25)))
    assert spared[-1].finding == "holds" and spared[1].finding == "cannot tell"


def test_data_sets_that_disagree_give_no_answer():
    studies = both() | {"MNIST": both(gain=-2.0)["MNIST"]}
    assert answers_of_rewards(effects_of(studies))[1].finding == "cannot tell"


def test_nothing_is_compared_for_one_network_or_none():
    assert effects_of({}) == []
    assert effects_of(both(networks=1)) == []
    assert {one.finding for one in answers_of_rewards([])} == {"cannot tell"}
    assert {one.evidence for one in answers_of_rewards([])} == {"not computed yet"}


def test_layers_that_say_nothing_have_no_redundancy():
    studies = both()
    for study in studies["MNIST"].values():
        study["information"] = study.information.where(study.strength >= 0, 0.0)
    some = chosen(effects_of(studies), outcome=REDUNDANCY, dataset="MNIST")
    assert {one.strength for one in some} == {0.3}


def test_what_is_missing_is_named():
    assert len(missing_studies({})) == 6
    assert missing_studies(both()) == []


def test_studies_are_computed_on_the_spot():
    (of_terms,) = reward_studies("live", "mnist-5k", networks=2, epochs=1).values()
    assert list(of_terms) == ["mutual_information", "kl_selectivity", "class_selectivity"]
    # Without a reward, the networks are the same whatever is not rewarded.
    nothing = [study.correct.sel(strength=0.0) for study in of_terms.values()]
    assert nothing[0].equals(nothing[1]) and nothing[0].equals(nothing[2])
