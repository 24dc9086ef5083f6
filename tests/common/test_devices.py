import pytest
import torch

from neuronlib.common import devices
from neuronlib.common.devices import resolve_device


def test_cuda_is_refused_where_there_is_none(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert resolve_device("auto").type == "cpu"
    with pytest.raises(ValueError, match="no CUDA device"):
        resolve_device("cuda")


def test_a_gpu_that_pytorch_has_no_programs_for_is_passed_over_and_named(monkeypatch):
    def fails(*_, **__):
        raise torch.AcceleratorError("CUDA error: no kernel image is available\nCompile with TORCH_USE_CUDA_DSA")

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch, "ones", fails)
    devices._fault_of_kernels.cache_clear()
    try:
        with pytest.warns(UserWarning, match=r"on the CPU: .* fails on it \(CUDA error: no kernel image"):
            assert resolve_device("auto").type == "cpu"
        with pytest.raises(ValueError, match="fails on it .*; use 'cpu' or 'auto'"):
            resolve_device("cuda")
        assert resolve_device("cpu").type == "cpu"
    finally:
        devices._fault_of_kernels.cache_clear()
