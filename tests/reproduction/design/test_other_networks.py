import json
from pathlib import Path

import pytest

from neuronlib.common.config import Setting
from neuronlib.reproduction.design.jobs import Job
from neuronlib.reproduction.design.settings import paper_setting
from neuronlib.reproduction.design.studies import CLASSIFIERS, ELSEWHERE, STUDIES
from neuronlib.reproduction.store.paths import RESULTS
from neuronlib.reproduction.store.results import study_path


def test_each_study_differs_from_the_papers_network_in_what_its_name_says():
    for name, study in ELSEWHERE.items():
        _, family, activation, variant = name.split("-")
        setting = study.setting
        assert setting.activation == activation
        assert setting.dataset == {"mnist": "mnist", "fashion": "fashion-mnist"}[family]
        usual = paper_setting(setting.dataset, setting.activation, "none", epochs=20).configuration()
        changed = {key for key, value in setting.configuration().items() if usual.get(key) != value}
        expected = {
            "narrow": {"hidden", "weight_decay"},
            "bottleneck": {"hidden", "weight_decay"},
            "slim": {"hidden", "weight_decay"},
            "wide": {"hidden", "weight_decay", "epochs"},
            "l1": {"l1"},
            "smoothing": {"label_smoothing"},
            "stopping": {"patience", "epochs"},
            "decay": {"weight_decay"},
            "noise": {"input_noise"},
            "sgd": {"optimizer", "weight_decay", "momentum", "learning_rate"},
            "adamw": {"optimizer", "weight_decay"},
        }
        assert changed == expected[variant], name
        assert study.networks == 10


def test_curves_have_few_points():
    for study in ELSEWHERE.values():
        # What is left beyond equal steps makes a few more.
        assert max(len(study.steps(scope)) for scope in ("1", "whole")) <= 54


@pytest.mark.parametrize("name", [*STUDIES, *CLASSIFIERS])
def test_digests_of_stored_studies_are_those_before_settings_had_more_attributes(name):
    assert study_path(name, RESULTS).is_file()


def test_a_configuration_makes_the_same_job_again():
    job = Job(setting=Setting(l1=1e-5), first=0, last=1)
    configuration = json.loads(json.dumps(job.configuration()))
    again = Job(**configuration | {"setting": Setting(**configuration["setting"])})
    assert again.digest() == job.digest() != Job(setting=Setting(), first=0, last=1).digest()
    assert "l1" not in Job(setting=Setting(), first=0, last=1).configuration()["setting"]
    assert isinstance(study_path("elsewhere-mnist-relu-l1"), Path)
