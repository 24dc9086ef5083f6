"""Stored pieces with sound checksums and wrong content: each is refused in one line that names the file."""

import functools
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from neuronlib.reproduction.store import netcdf
from neuronlib.reproduction.store.atomic import StoreError
from neuronlib.reproduction.store.paths import RESULTS
from neuronlib.reproduction.store.results import job_path, pilots, stored, stored_jobs, stored_study, study_path
from neuronlib.reproduction.store.status import status

SETTING = "small-fashion-relu-dropout"
STUDIES = {
    "replication": "replication-2layer",
    "pruning": "pruning-mnist-relu",
    "images": "images-mnist-relu-dropout",
    "classifier": "residual-mnist",
    "layers": "layers-mnist-relu-dropout",
    "rewarded": "learning-mnist-mutual-information",
    "elsewhere": "elsewhere-mnist-relu-narrow",
}

Forge = Callable[[xr.Dataset], xr.Dataset]


def attribute(**given: object) -> Forge:
    return lambda of: of.assign_attrs(given)


def without_attribute(name: str) -> Forge:
    return lambda of: of.drop_attrs().assign_attrs({key: value for key, value in of.attrs.items() if key != name})


def configured(**given: object) -> Forge:
    return lambda of: of.assign_attrs(configuration=json.dumps(json.loads(of.attrs["configuration"]) | given))


def changed(name: str, change: Callable[[np.ndarray], object]) -> Forge:
    """One variable or coordinate with other values, of the same type unless the change makes another."""

    def forge(of: xr.Dataset) -> xr.Dataset:
        part = of[name]
        new = xr.Variable(part.dims, np.asarray(change(part.values.copy())), part.attrs)
        return of.assign_coords({name: new}) if name in of.coords else of.assign({name: new})

    return forge


def entry(name: str, value: object) -> Forge:
    """One variable whose last entry is another."""

    def put(values: np.ndarray) -> np.ndarray:
        values.reshape(-1)[-1] = value
        return values

    return changed(name, put)


def first_step(name: str) -> Forge:
    """A curve of one order that starts with another accuracy, and goes on as before."""

    def put(values: np.ndarray) -> np.ndarray:
        values[0, 0, :2] += np.array([5, -5], values.dtype)
        return values

    return changed(name, put)


def turned(name: str) -> Forge:
    return lambda of: of.assign({name: of[name].transpose(*reversed(of[name].dims))})


def renamed_order(name: str) -> Forge:
    return changed(name, lambda values: values[::-1])


JOB: dict[str, Forge] = {
    "another core": attribute(core=99),
    "a core that is a word": attribute(core="one"),
    "no core": without_attribute("core"),
    "configuration of other epochs": lambda of: configured(
        setting=json.loads(of.attrs["configuration"])["setting"] | {"epochs": 1}
    )(of),
    "configuration of other networks": configured(first=1),
    "configuration of an unknown field": configured(colour="red"),
    "configuration that is none": attribute(configuration="{"),
    "configuration that is a list": attribute(configuration="[]"),
    "no configuration": without_attribute("configuration"),
    "no date": without_attribute("date"),
    "seconds that are no number": attribute(training=np.nan),
    "other networks' numbers": changed("network", lambda numbers: numbers + 10),
    "the same network again and again": changed("network", lambda numbers: numbers * 0),
    "one network fewer": lambda of: of.isel(network=slice(1, None)),
    "an epoch fewer": lambda of: of.isel(epoch=slice(1, None)),
    "a loss that is no number": entry("training_loss", np.nan),
    "an infinite loss": entry("training_loss", np.inf),
    "an accuracy of 1.5": entry("test_accuracy", 1.5),
    "counts beyond the samples": entry("counts", 60000),
    "counts that are fractions": changed("counts", lambda counts: counts + 0.5),
    "twice the samples": changed("samples", lambda counts: counts * 2),
    "samples below zero": changed("samples", lambda counts: np.r_[counts[0] + 2 * counts[1], -counts[1], counts[2:]]),
    "neurons of another layer's width": lambda of: of.isel(neuron=slice(0, -1)),
    "more dead neurons than there are": entry("dead", 1000),
    "a curve below zero": entry("zero_1", 30000),
    "a curve above all samples": entry("zero_1", -30000),
    "a curve of fractions": changed("zero_whole", lambda curve: curve.astype(np.float32)),
    "a curve with its axes exchanged": turned("mean_2"),
    "an order that starts from another accuracy": first_step("zero_1"),
    "another accuracy than after training": changed("test_accuracy", lambda accuracy: accuracy * 0.9),
    "no curve of a layer": lambda of: of.drop_vars("zero_2"),
    "no curves with one replacement": lambda of: of.drop_vars(["mean_1", "mean_2", "mean_whole"]),
    "orders under each other's names": renamed_order("order"),
    "orders by other measures": renamed_order("measure"),
    "orders in other directions": renamed_order("direction"),
    "steps that are other ones": changed("step_1", lambda steps: steps + 1),
    "layers that are called otherwise": renamed_order("layer"),
    "an unknown variable": lambda of: of.assign(colour=("network", np.zeros(of.sizes["network"]))),
    "twice the test samples": attribute(test_samples=20000),
    "no test samples": without_attribute("test_samples"),
    "test samples that are a word": attribute(test_samples="many"),
    "a neuron that costs more than all": entry("lost", 20000),
    "information that is infinite": entry("information", np.inf),
    "information beyond that of the label": entry("information", 4.0),
    "pairs that share more than one bit": entry("pairs", 1.5),
    "triplets beyond one bit": entry("triplets", -7.84),
    "no variables": lambda of: xr.Dataset(attrs=of.attrs),
}
PILOTS: dict[str, Forge] = {
    "another core": attribute(core=99),
    "other networks' numbers": changed("network", lambda numbers: numbers - 1000),
    "one epoch": lambda of: of.isel(epoch=slice(0, 1)),
    "epochs in another order": changed("epoch", lambda epochs: epochs[::-1]),
    "an accuracy that is no number": entry("validation_accuracy", np.nan),
    "no accuracy": lambda of: of.drop_vars("validation_accuracy"),
    "one pilot": lambda of: of.isel(network=slice(0, 1)),
}
OF_STUDIES: dict[str, dict[str, Forge]] = {
    "replication": {
        "another core": attribute(core=99),
        "a curve above all samples": entry("shrunk_whole", -30000),
        "orders under each other's names": renamed_order("order"),
        "no curves with one replacement": lambda of: of.drop_vars(["shrunk_1", "shrunk_2", "shrunk_whole"]),
        "steps that are other ones": changed("step_whole", lambda steps: steps[::-1]),
        "one network fewer": lambda of: of.isel(network=slice(1, None)),
    },
    "pruning": {
        "another core": attribute(core=99),
        "more correct answers than samples": entry("correct", 20000),
        "no answers where there must be": changed("correct", lambda correct: correct * 0 - 1),
        "criteria under each other's names": renamed_order("criterion"),
        "shares that are other ones": changed("share", lambda share: share / 2),
        "more correct answers of whole networks": entry("trained_on", 1e6),
        "seconds that are no number": entry("seconds", np.nan),
        "no answers without layers": lambda of: of.drop_vars("whole"),
    },
    "images": {
        "another core": attribute(core=99),
        "more orders than there are": entry("random", 255),
        "fewer images": lambda of: of.isel(image=slice(0, 16), byte=slice(0, 2)),
        "fewer test samples": attribute(test_samples=8),
        "other random orders": attribute(random_orders=255),
        "ablations under each other's names": renamed_order("ablation"),
        "the same network again and again": changed("network", lambda numbers: numbers * 0),
    },
    "classifier": {
        "another core": attribute(core=99),
        "counts below zero": entry("counts", -1),
        "counts of other samples": changed("fine_counts", lambda counts: counts * 2),
        "summaries under each other's names": renamed_order("summary"),
        "more correct answers than samples": entry("correct", 20000),
        "no answers where there must be": changed("correct", lambda correct: correct * 0 - 1),
        "an accuracy of 2": entry("accuracy", 2.0),
        "an infinite score": entry("scores", np.inf),
        "layers in pieces": changed("layer", lambda names: np.r_[names[-1:], names[:-1]]),
        "scopes that are no layers": renamed_order("scope"),
    },
    "layers": {
        "another core": attribute(core=99),
        "a low end above its high end": changed("redundancy", lambda ends: ends[..., ::-1]),
        "more information than labels have": entry("information", 4.0),
        "information that is no number": entry("information", np.nan),
        "a degree below zero": entry("vulnerability", -1.0),
        "more constant neurons than a layer has": entry("constant", 101),
        "infinite information of groups": entry("group_information", np.inf),
        "sizes that are other ones": changed("size", lambda sizes: sizes + 1),
        "ends under each other's names": renamed_order("end"),
        "one network fewer": lambda of: of.isel(network=slice(1, None)),
        "other samples": attribute(validation_samples=100),
    },
    "rewarded": {
        "another core": attribute(core=99),
        "more correct answers than samples": entry("correct", 20000),
        "measures that are no number": entry("measures", np.nan),
        "strengths under each other's names": renamed_order("strength"),
        "orders under each other's names": renamed_order("order"),
        "one network fewer": lambda of: of.isel(network=slice(1, None)),
        "other samples": attribute(validation_samples=100),
    },
    "elsewhere": {
        "another core": attribute(core=99),
        "a training accuracy of 2": entry("training_accuracy", 2.0),
        "no training accuracy": lambda of: of.drop_vars("training_accuracy"),
        "a curve above all samples": entry("zero_whole", -30000),
        "orders under each other's names": renamed_order("order"),
        "no curves of a layer": lambda of: of.drop_vars("zero_1"),
        "one network fewer": lambda of: of.isel(network=slice(1, None)),
    },
}


@functools.cache
def sound(path: Path) -> xr.Dataset:
    return netcdf.read(path)


def put(forge: Forge, of: Path, folder: Path) -> Path:
    """Write a forgery under the name of the sound piece, into another store."""
    forged = folder / of.relative_to(RESULTS)
    netcdf.write(forge(sound(of).copy(deep=True)), forged)
    return forged


@functools.cache
def pilot_file() -> Path:
    (path,) = (RESULTS / SETTING).glob("networks-1000-*")
    return path


@functools.cache
def job_file() -> Path:
    job = next(iter(stored_jobs(SETTING)))
    return job_path(job, RESULTS / SETTING)


def refused(path: Path, read: Callable[[], object]) -> None:
    with pytest.raises(StoreError, match=path.name) as error:
        read()
    assert "\n" not in str(error.value)
    assert '"neuronlib run" computes it anew' in str(error.value)


@pytest.mark.parametrize("forge", JOB.values(), ids=JOB)
def test_a_forged_job_is_refused_and_status_says_so(forge, tmp_path):
    (tmp_path / SETTING).mkdir()
    shutil.copy(pilot_file(), tmp_path / SETTING)
    path = put(forge, job_file(), tmp_path)
    refused(path, lambda: stored(SETTING, folder=tmp_path))
    (entry,) = status([SETTING], tmp_path)
    assert path.name in (*entry.stale, *entry.damaged) and entry.networks == 0


@pytest.mark.parametrize("forge", PILOTS.values(), ids=PILOTS)
def test_forged_pilots_are_refused_and_status_says_so(forge, tmp_path):
    path = put(forge, pilot_file(), tmp_path)
    refused(path, lambda: pilots(SETTING, tmp_path))
    (entry,) = status([SETTING], tmp_path)
    assert path.name in (*entry.stale, *entry.damaged) and entry.epochs is None


@pytest.mark.parametrize(
    ("kind", "forge"),
    [pytest.param(kind, forge, id=f"{kind}: {what}") for kind, of in OF_STUDIES.items() for what, forge in of.items()],
)
def test_a_forged_study_is_refused(kind, forge, tmp_path):
    name = STUDIES[kind]
    path = put(forge, study_path(name), tmp_path)
    refused(path, lambda: stored_study(name, tmp_path))


def test_what_is_stored_is_sound_whole_and_unforged():
    assert not [(path, fault) for path, _, fault in netcdf.examined(RESULTS) if fault]
