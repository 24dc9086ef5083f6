import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from neuronlib.training import compiling as _compiling

needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")

# In a process of its own, where no run-time check of shapes is in the compiler's way.
COMPARE = """
import sys
from pathlib import Path
import numpy as np, torch
sys.path.insert(0, str(Path("tests").resolve()))
from reference import tiny_images
from neuronlib.training import training
from neuronlib.common.config import Setting

setting = Setting(dataset="mnist-5k", hidden=(7, 5), batch_size=8, epochs=3, seed=5, **{options})
data = tiny_images(train=43)
plain, plain_history = training.train(setting, data, range(5), "{device}")
training._WORTH_COMPILING = 0
compiled, history = training.train(setting, data, range(5), "{device}")
few, _ = training.train(setting, data, [3], "{device}")
# Networks of the same shapes, by the program that the first ones left behind.
shifted, _ = training.train(setting, data, range(1, 6), "{device}")
each = (some.parameters() for some in (compiled, plain, few, shifted))
for one, other, alone, again in zip(*each, strict=True):
    # As in test_training: float32 rounding, magnified by small squared gradients, and the more so for a bias before
    # batch normalization, which has no effect.
    if one.ndim == 3:
        torch.testing.assert_close(one, other, rtol=0, atol=2e-4)
    if "{device}" == "cpu":
        assert torch.equal(one[3], alone[0])
        assert torch.equal(one[3], again[2])
    elif one.ndim == 3:
        # On a GPU the product of five matrices need not take the routine of two.
        torch.testing.assert_close(one[3], alone[0], rtol=0, atol=2e-4)
np.testing.assert_allclose(history.training_loss, plain_history.training_loss, atol=1e-4)
"""


def run(code: str, **environment: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-W", "always", "-c", code]
    root = Path(__file__).parents[2]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, env={**os.environ, **environment})


@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=needs_cuda)])
@pytest.mark.parametrize(
    "options",
    [
        {"dropout": (0.3, 0.4), "batch_norm": True},
        {"dropout": (), "l1": 1e-3, "label_smoothing": 0.1, "input_noise": 0.3, "optimizer": "sgd", "momentum": 0.9},
        {"dropout": (), "weight_decay": 0.01, "optimizer": "adamw", "patience": 1},
    ],
    ids=["dropout and batch normalization", "sgd and penalties", "adamw and early stopping"],
)
@pytest.mark.skipif(shutil.which("g++") is None, reason="needs a C++ compiler")
def test_compiled_training_is_plain_training_for_any_number_of_networks(device, options):
    done = run(COMPARE.replace("{options}", repr(options)).replace("{device}", device))
    assert done.returncode == 0, done.stderr
    assert "without torch.compile" not in done.stderr


def test_without_a_compiler_the_plain_path_runs_and_says_so_once(tmp_path):
    code = COMPARE.replace("{options}", "{'dropout': ()}").replace("{device}", "cpu")
    done = run(code, CXX="/nowhere/g++", PATH="/nowhere", TORCHINDUCTOR_CACHE_DIR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("computing without torch.compile, at about half the speed") == 1


def test_what_cannot_be_compiled_is_left_as_it_is():
    assert _compiling.compiled(torch.neg, torch.device("meta"), kind=1) is torch.neg


SCALED = """
import torch
from neuronlib.training.compiling import compiled

def scaled(factor, matrix):
    return factor * matrix + matrix.shape[0]

cpu = torch.device("cpu")
first, other = torch.rand(50_000, 2), torch.rand(40_000, 2)
for threads in (1, 2):
    torch.set_num_threads(threads)
    for factor, matrix in ((2, first), (3, first), (2, other), (2, first)):
        program = compiled(scaled, cpu, (factor, matrix.shape))
        assert program is compiled(scaled, cpu, (factor, matrix.shape))
        torch.testing.assert_close(program(factor, matrix), scaled(factor, matrix))
"""


@pytest.mark.skipif(shutil.which("g++") is None, reason="needs a C++ compiler")
def test_each_kind_of_arguments_and_number_of_threads_has_a_program_of_its_own():
    # A program trusts its caller: with the program of another kind, factor or shape would be the other's.
    done = run(SCALED)
    assert done.returncode == 0, done.stderr


def test_a_folder_that_the_compiler_cannot_make_costs_time_alone(tmp_path):
    (tmp_path / "file").touch()
    code = "from neuronlib.training.compiling import works; print(works('cpu'))"
    environment = os.environ | {"TORCHINDUCTOR_CACHE_DIR": str(tmp_path / "file" / "cache")}
    run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert run.stdout == "False\n"
    assert "computing without torch.compile" in run.stderr
    assert "Traceback" not in run.stderr
