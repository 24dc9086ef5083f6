from typing import Any

import pytest

from neuronlib.common.checks import check
from neuronlib.common.config import Setting
from neuronlib.reproduction.book.chapters import PARAMETERS
from neuronlib.reproduction.design.settings import paper_setting


@pytest.mark.parametrize(
    ("attribute", "value", "reason"),
    [
        ("dataset", "imagenet", "'mnist', 'fashion-mnist', 'cifar10' or 'mnist-5k'"),
        ("hidden", (), "at least 1 item"),
        ("hidden", (100, 0), "greater than or equal to 1"),
        ("activation", "tanh", "'relu' or 'sigmoid'"),
        ("dropout", (0.3, 1.0), "less than 1"),
        ("dropout", (0.3,), "one probability for each of the 2 hidden layers"),
        ("batch_norm", "true", "valid boolean"),
        ("weight_decay", -0.1, "greater than or equal to 0"),
        ("learning_rate", 0, "greater than 0"),
        ("learning_rate", float("inf"), "finite"),
        ("learning_rate", "1e-3", "valid number"),
        ("epochs", 0, "greater than or equal to 1"),
        ("epochs", 2.5, "valid integer"),
        ("epochs", True, "valid integer"),
        ("batch_size", None, "valid integer"),
        ("seed", -1, "greater than or equal to 0"),
        ("l1", -1e-5, "greater than or equal to 0"),
        ("label_smoothing", 1.0, "less than 1"),
        ("patience", 1.5, "valid integer"),
        ("input_noise", float("inf"), "finite"),
    ],
)
def test_impossible_setting_is_refused_in_one_line_that_names_it(attribute, value, reason):
    with pytest.raises(ValueError, match=f"^{attribute} = .*{reason}[^\n]*$"):
        Setting(**{attribute: value})


def test_digest_changes_with_every_attribute():
    changes: dict[str, Any] = {
        "dataset": "cifar10",
        "split": "early-version",
        "scaling": "unit",
        "hidden": (100, 99),
        "activation": "sigmoid",
        "dropout": (),
        "batch_norm": True,
        "weight_decay": 0.1,
        "optimizer": "adam",
        "learning_rate": 0.1,
        "momentum": 0.1,
        "batch_size": 33,
        "epochs": 11,
        "seed": 1,
        "l1": 1e-5,
        "label_smoothing": 0.1,
        "patience": 3,
        "input_noise": 0.3,
    }
    assert changes.keys() == Setting.__dataclass_fields__.keys()
    digests = {Setting(**{name: value}).digest() for name, value in changes.items()} | {Setting().digest()}
    assert len(digests) == len(changes) + 1


def test_digest_stays_what_it_is():
    # Results are filed under it: a changed default or field name must not go unnoticed.
    assert Setting().digest() == "e777f9b0c7c4"


def test_attributes_that_came_later_are_part_of_the_configuration_once_they_are_used():
    later: dict[str, Any] = {"l1": 1e-5, "label_smoothing": 0.1, "patience": 3, "input_noise": 0.3}
    assert not later.keys() & Setting().configuration().keys()
    used = Setting(**later).configuration()
    assert used | later == used
    assert Setting(**used) == Setting(**later)


def test_a_description_names_all_that_differs():
    setting = Setting(dropout=(), l1=1e-5, label_smoothing=0.1, input_noise=0.3, patience=3, optimizer="adamw")
    parts = "L1 1e-05, label smoothing 0.1, input noise 0.3, adamw, at most 10 epochs, patience 3"
    assert setting.describe() == f"mnist 100-100 relu, {parts}"
    assert "decay 0.01, adamw" in Setting(weight_decay=0.01, dropout=(), optimizer="adamw").describe()


def test_lists_are_taken_for_tuples():
    widths: Any = [20, 20]
    assert Setting(hidden=widths) == Setting(hidden=(20, 20))


def test_paper_settings_have_the_papers_numbers():
    mnist, cifar = paper_setting("mnist"), paper_setting("cifar10")
    assert (mnist.hidden, mnist.dropout, mnist.momentum) == ((100, 100), (0.3, 0.4), 0.01)
    assert (cifar.hidden, cifar.dropout, cifar.momentum) == ((250, 500, 250, 500), (0.2, 0.4, 0.2, 0.4), 0.1)
    for setting in (mnist, cifar):
        assert (setting.optimizer, setting.learning_rate, setting.batch_size) == ("rmsprop", 1e-3, 32)


@pytest.mark.parametrize(
    ("regularizer", "dropout", "batch_norm", "weight_decay"),
    [
        ("none", (), False, 0),
        ("l2", (), False, 1e-4),
        ("dropout", (0.3, 0.4), False, 0),
        ("dropout-batchnorm", (0.3, 0.4), True, 0),
    ],
)
def test_regularizers_are_the_papers_four(regularizer, dropout, batch_norm, weight_decay):
    setting = paper_setting(regularizer=regularizer)
    assert (setting.dropout, setting.batch_norm, setting.weight_decay) == (dropout, batch_norm, weight_decay)


def test_unknown_regularizer_and_unknown_depth_are_refused():
    with pytest.raises(ValueError, match="'none', 'l2', 'dropout' or 'dropout-batchnorm'"):
        unknown: Any = "l1"
        paper_setting(regularizer=unknown)
    with pytest.raises(ValueError, match="for 2 and 4 hidden layers"):
        paper_setting(hidden=(10, 10, 10))
    with pytest.raises(ValueError, match="hidden = 100: "):
        paper_setting(hidden=100)


def test_every_parameter_has_a_kind_that_checks():
    assert check("regularizer", "l2", PARAMETERS["regularizer"]) == "l2"
    assert check("networks", 3, PARAMETERS["networks"]) == 3
    with pytest.raises(ValueError, match="device"):
        check("device", "tpu", PARAMETERS["device"])
