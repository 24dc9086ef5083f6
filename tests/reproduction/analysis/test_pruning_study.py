import numpy as np
import pytest
import xarray as xr

from neuronlib.reproduction.analysis.pruning_study import after, gained, in_place_of_training, limit, pruned_curves

SHARES = [0.0, 0.25, 0.5, 0.75]
AXES = ("criterion", "layer", "share", "afterwards", "network")


def study(**correct):
    # Of 1000 samples and two networks of one layer; re-training was tried at 50 and 75 % only.
    trained = [[-1, -1], [-1, -1], [940, 960], [900, 920]]
    values = [[[[some, again] for some, again in zip(rows, trained, strict=True)]] for rows in correct.values()]
    places = {"criterion": list(correct), "layer": ["1"], "share": SHARES, "afterwards": ["nothing", "re-training"]}
    return xr.Dataset({"correct": (AXES, np.array(values))}, places, {"test_samples": 1000})


RANDOM = [[950, 970], [900, 900], [600, 700], [300, 500]]
GENTLE = [[950, 970], [950, 970], [942, 962], [500, 900]]
STUDY = study(random=RANDOM, gentle=GENTLE)


def test_what_was_not_tried_is_not_a_number_and_not_drawn():
    assert np.isnan(after(STUDY, "re-training").sel(share=[0.0, 0.25])).all()
    assert pruned_curves(STUDY, ["gentle"], "1", "re-training")["gentle"].step.values.tolist() == [50, 75]


def test_a_gain_is_over_random_removal_of_the_same_network_and_random_removal_gains_nothing():
    assert gained(STUDY, "random", "1", "nothing").tolist() == [0, 0]
    np.testing.assert_allclose(
        gained(STUDY, "gentle", "1", "nothing"), [(0 + 5 + 34.2 + 20) / 4, (0 + 7 + 26.2 + 40) / 4]
    )


def test_the_limit_is_one_point_of_the_mean_and_what_rises_again_later_does_not_count():
    assert limit(STUDY, "gentle", "1", "nothing") == "50 %"
    recovering = study(random=RANDOM, gentle=[GENTLE[0], [800, 800], GENTLE[2], GENTLE[2]])
    assert limit(recovering, "gentle", "1", "nothing") == "0 %"
    harmless = study(random=RANDOM, gentle=[GENTLE[0]] * 4)
    assert limit(harmless, "gentle", "1", "nothing") == "75 %"


def test_a_limit_below_the_smallest_share_tried_is_said_to_be_below_it():
    better = study(random=RANDOM, gentle=[[1000, 1000]] * 4)
    assert limit(better, "gentle", "1", "re-training") == "below 50 %"


def test_surgery_is_compared_with_training_where_networks_were_trained():
    less = in_place_of_training(STUDY, "gentle", "1", "nothing")
    assert list(less) == [0.5, 0.75]
    assert less[0.75] == pytest.approx([-40, -2])
