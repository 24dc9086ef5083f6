import dataclasses

import numpy as np
import pytest
import torch

from neuronlib.data.images import load
from neuronlib.reproduction.compute.compute import compute
from neuronlib.reproduction.compute.elsewhere import measure_and_ablate
from neuronlib.reproduction.design.jobs import Job
from neuronlib.reproduction.design.studies import ELSEWHERE
from neuronlib.reproduction.store import netcdf
from neuronlib.reproduction.store.atomic import StoreError
from neuronlib.reproduction.store.encoding import decode
from neuronlib.training.training import train

SMALL = dataclasses.replace(ELSEWHERE["elsewhere-mnist-relu-stopping"], points=10).smaller("mnist-5k", 2, 3, 2)


@pytest.fixture(scope="module")
def results():
    return measure_and_ablate(SMALL, device="cpu")


def test_results_are_those_of_a_job_of_the_same_networks(results):
    job = compute(Job(setting=SMALL.setting, first=0, last=1, random_orders=2), device="cpu", groups=False)
    for name in ("counts", "validation_accuracy", "test_accuracy", "dead"):
        np.testing.assert_array_equal(results[name], job[name])
    ours, theirs = (decode(one)["curves"]["whole"].correct for one in (results, job))
    np.testing.assert_array_equal(ours, theirs.sel(step=ours.step, order=ours.order))


def test_training_accuracy_is_that_of_the_trained_networks(results):
    data = load("mnist-5k")
    ensemble, _ = train(SMALL.setting, data, 2, "cpu")
    pixels, labels = torch.from_numpy(data.train.pixels), torch.from_numpy(data.train.labels)
    right = (ensemble.logits(pixels).argmax(dim=2) == labels).to(torch.float64).mean(dim=1)
    np.testing.assert_allclose(results.training_accuracy, right, rtol=1e-6)  # stored in 32 bits


def test_results_are_stored_and_read(results, tmp_path):
    netcdf.write(results, tmp_path / "study.nc")
    read = netcdf.read(tmp_path / "study.nc", SMALL.digest())
    assert list(decode(read)["curves"]) == ["1", "2", "whole"]
    for name in ("training_accuracy", "zero_1"):
        netcdf.write(results.drop_vars(name), tmp_path / "lacking.nc")
        with pytest.raises(StoreError, match=name):
            netcdf.read(tmp_path / "lacking.nc", SMALL.digest())
