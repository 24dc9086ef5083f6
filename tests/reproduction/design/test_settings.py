from typing import Any, cast

import pytest

from neuronlib.reproduction.book.chapters import chapters
from neuronlib.reproduction.design.settings import ARCHITECTURES, SETTINGS, names_of


def test_every_architecture_has_a_page_in_the_atlas_and_every_setting_an_architecture():
    assert {f"a2_atlas_{name.replace('-', '_')}" for name in ARCHITECTURES} <= set(chapters())
    assert [name for architecture in ARCHITECTURES for name in names_of(architecture)] == list(SETTINGS)


def test_settings_of_an_unknown_architecture_are_refused():
    with pytest.raises(ValueError, match=r"no architecture 'cifar'; there are: mnist, fashion, .*funnel-cifar10"):
        names_of("cifar")
    with pytest.raises(ValueError, match="activation = 'tanh'"):
        names_of("mnist", cast(Any, "tanh"))
