import dataclasses

import numpy as np
import pytest
import xarray as xr

from neuronlib.common.config import Setting
from neuronlib.data.images import load
from neuronlib.information.groups.brackets import layer_bracket
from neuronlib.information.groups.layers import active_by_layer
from neuronlib.information.groups.sampled import of_sampled_groups
from neuronlib.reproduction.compute import verify as verification
from neuronlib.reproduction.compute.layer_study import measure_layers
from neuronlib.reproduction.compute.scheduler import Where, run_studies
from neuronlib.reproduction.design.protocol import best_epochs
from neuronlib.reproduction.design.settings import SETTINGS
from neuronlib.reproduction.design.studies import ALL_STUDIES, LAYERS, LayerStudy
from neuronlib.reproduction.store.results import pilots, stored_study
from neuronlib.training.training import train

SMALL = LayerStudy(
    setting=Setting(dataset="mnist-5k", hidden=(9, 1), dropout=(), epochs=1), networks=2, sizes=(2, 3, 6), groups=4
)


@pytest.fixture(scope="module")
def computed():
    return measure_layers(SMALL)


def test_each_layer_is_what_its_bits_say(computed):
    data = load("mnist-5k")
    ensemble, _ = train(SMALL.setting, data, range(2))
    labels = data.validation.labels
    for layer, of_networks in zip(("1", "2"), active_by_layer(ensemble, data.validation), strict=True):
        for network, bits in enumerate(of_networks):
            own = computed.sel(layer=layer, network=network)
            for name, part in layer_bracket(bits, labels, 10).items():
                np.testing.assert_array_equal(own[name], part)
            groups = of_sampled_groups(bits, labels, 10, (2, 3, 6), 4, seed=0)
            np.testing.assert_array_equal(own.group_information.sel(statistic="mean"), groups.information.mean("group"))
            np.testing.assert_array_equal(own.group_lost.sel(statistic="deviation"), groups.lost.std("group"))


def test_a_layer_of_one_neuron_has_a_bracket_and_no_groups(computed):
    one = computed.sel(layer="2")
    assert one.group_information.isnull().all()
    assert (one.group_used <= 1).all()
    varying = one.constant.values == 0
    assert np.isfinite(one.redundancy.values[varying]).all()


def test_low_ends_are_not_above_high_ends(computed):
    for name in ("information", "outputs", "redundancy", "vulnerability"):
        low, high = computed[name].sel(end="low"), computed[name].sel(end="high")
        assert (low <= high).where(high.notnull(), True).all(), name


def test_outputs_say_at_least_what_bits_of_this_and_later_layers_say(computed):
    low = computed.information.sel(end="low")
    np.testing.assert_array_equal(computed.outputs.sel(end="low", layer="1"), low.max("layer"))
    np.testing.assert_array_equal(computed.outputs.sel(end="low", layer="2"), low.sel(layer="2"))


def test_there_is_a_study_for_each_of_the_papers_settings_with_the_epochs_its_pilots_say():
    assert set(LAYERS) == {f"layers-{name}" for name in SETTINGS}
    for name, setting in SETTINGS.items():
        assert LAYERS[f"layers-{name}"].setting == setting.with_epochs(best_epochs(pilots(name)))


def test_a_stored_study_is_read_as_computed_and_verified(computed, tmp_path, monkeypatch):
    monkeypatch.setitem(ALL_STUDIES, "small", SMALL)
    where = Where(results=tmp_path / "results", weights=tmp_path / "weights")
    run_studies(["small"], where, report=lambda line: None)
    xr.testing.assert_equal(stored_study("small", where.results), computed)
    (one,) = verification.verify(["small"], where)
    assert one.identical
    other = dataclasses.replace(SMALL, networks=1, setting=SMALL.setting.replace(seed=1))
    monkeypatch.setattr(verification, "compute_study", lambda *_: measure_layers(other))
    (changed,) = verification.verify(["small"], where)
    assert not changed.identical


def test_a_study_without_networks_or_with_groups_of_no_neurons_is_refused():
    with pytest.raises(ValueError, match="networks = 0"):
        dataclasses.replace(SMALL, networks=0)
    with pytest.raises(ValueError, match="sizes = "):
        dataclasses.replace(SMALL, sizes=(0, 2))
