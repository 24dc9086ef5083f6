import pytest

from neuronlib.reproduction.claims.scalings import Compared, by_scaling, compare_claims, repeated
from neuronlib.reproduction.claims.table import all_claims
from neuronlib.reproduction.claims.verdicts import Answer
from neuronlib.reproduction.design.settings import SETTINGS
from neuronlib.reproduction.pages.tables.scalings import verdicts_beside
from neuronlib.reproduction.store.results import NotStored


def compared(*verdicts):
    answers = {str(k): Answer(verdict=verdict) for k, verdict in enumerate(verdicts)}
    return Compared(all_claims()[0], "", answers)


def test_a_verdict_depends_on_the_choice_where_choices_differ():
    assert compared("reproduced", "direction only").depends is True
    assert compared("not reproduced", "not reproduced").depends is False


def test_whether_a_verdict_depends_is_open_where_one_choice_leaves_it_open():
    assert compared("reproduced", "not reproduced", "open").depends is None


def test_the_table_says_whether_each_depends():
    said = [compared("reproduced", "direction only"), compared("reproduced", "reproduced"), compared("open", "open")]
    rows = verdicts_beside(said).data.splitlines()[2:]
    assert [row.rstrip(" |").rpartition("| ")[2] for row in rows] == ["yes", "no", "open"]
    assert verdicts_beside([]).data == "None so far."


def test_every_choice_answers_the_same_claims_and_readings():
    both = compare_claims(by_scaling(10), ["N1", "N10", "Q14"])
    assert [(one.claim.id, one.reading) for one in both] == [
        ("N1", "MNIST"),
        ("N1", "Fashion-MNIST"),
        ("N10", "against random"),
        ("N10", "against the whole network"),
        ("Q14", "ReLU with Dropout"),
        ("Q14", "and all sigmoid"),
    ]
    assert all(list(one.answers) == list(by_scaling(10)) for one in both)


def test_a_study_of_one_scaling_is_no_result_of_the_others():
    sources = by_scaling(10)
    assert sources["standard"].study("pruning-mnist-relu").attrs["digest"]
    for scaling in ("symmetric", "unit"):
        with pytest.raises(NotStored, match="pruning-mnist-relu: computed with standard inputs alone"):
            sources[scaling].study("pruning-mnist-relu")
    assert [one.depends for one in compare_claims(sources, ["Q50"])] == [None]


@pytest.mark.parametrize("architecture", ["mnist", "fashion", "small-fashion", "cifar10", "funnel-cifar10"])
def test_what_the_papers_figures_show_is_repeated(architecture):
    names = repeated(architecture)
    assert names and all(SETTINGS[name].panel for name in names)
    assert sorted(names) == sorted(repeated(architecture, "relu") + repeated(architecture, "sigmoid"))
