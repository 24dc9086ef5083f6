"""Files of networks and samples that are damaged, hostile or in another format."""

import io
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strays import STRAYS, described
from torch import Tensor, nn

from neuronlib.common import unpacking
from neuronlib.networks.adopted import adopt, from_state
from neuronlib.networks.files import read_example, read_model, read_networks, read_samples
from neuronlib.networks.initialization import by_hand
from neuronlib.networks.unordered import in_order_of_use
from neuronlib.networks.watched import watch
from neuronlib.pruning.pruning import prune


def network(*widths: int, normalized: bool = False, seed: int = 0) -> nn.Sequential:
    torch.manual_seed(seed)
    parts: list[nn.Module] = []
    for place, pair in enumerate(zip(widths, widths[1:], strict=False)):
        parts += [nn.ReLU()] if place else []
        parts += [nn.Linear(*pair)]
        parts += [nn.BatchNorm1d(pair[1])] if normalized and place < len(widths) - 2 else []
    return nn.Sequential(*parts).eval()


def write_state(path: Path) -> None:
    torch.save(network(4, 6, 3).state_dict(), path)


def write_safetensors(path: Path) -> None:
    safetensors.torch.save_file(network(4, 6, 3).state_dict(), path)


def write_samples(path: Path) -> None:
    draw = np.random.default_rng(0)
    np.savez(path, inputs=draw.normal(size=(6, 4)).astype(np.float32), labels=np.arange(6) % 3)


def write_program(path: Path) -> None:
    samples = torch.export.Dim("samples")
    program = torch.export.export(network(4, 6, 3), (torch.zeros(2, 4),), dynamic_shapes=({0: samples},))
    torch.export.save(program, path)


def state_in(path: Path) -> list[bytes]:
    (read,) = read_networks(path)
    return [tensor.numpy().tobytes() for tensor in read.state_dict().values()]


def samples_in(path: Path) -> list[bytes]:
    data = read_samples(path)
    return [part.tobytes() for half in (data.validation, data.test) for part in (half.pixels, half.labels)]


def program_in(path: Path) -> list[bytes]:
    read: Any = read_model(path)
    return [tensor.detach().numpy().tobytes() for tensor in read.state_dict.values()]


FORMATS: dict[str, tuple[Callable[[Path], None], Callable[[Path], list[bytes]]]] = {
    "pt": (write_state, state_in),
    "npz": (write_samples, samples_in),
    "pt2": (write_program, program_in),
}


@pytest.fixture(scope="module", params=FORMATS)
def sound(request, tmp_path_factory):
    write, read = FORMATS[request.param]
    path = tmp_path_factory.mktemp("sound") / f"mine.{request.param}"
    write(path)
    return path, read, read(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(data=st.data())
def test_with_one_bit_changed_it_is_the_same_or_refused_in_one_line(sound, tmp_path, data):
    path, read, before = sound
    content = bytearray(path.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    changed = tmp_path / path.name
    changed.write_bytes(content)
    try:
        after = read(changed)
    except ValueError as error:
        assert str(changed) in str(error) and "\n" not in str(error)
    else:
        assert after == before


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_truncated_file_is_refused_in_one_line(sound, tmp_path, data):
    path, read, _ = sound
    whole = path.read_bytes()
    (tmp_path / path.name).write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    with pytest.raises(ValueError, match=path.name) as error:
        read(tmp_path / path.name)
    assert "\n" not in str(error.value)


# Of safetensors, which has no checksum, the header alone is checked.
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
@given(data=st.data())
def test_with_one_bit_of_its_header_changed_safetensors_holds_the_same_numbers_or_is_refused(tmp_path, data):
    path = tmp_path / "mine.safetensors"
    write_safetensors(path)
    before, content = state_in(path), bytearray(path.read_bytes())
    (header,) = struct.unpack("<Q", content[:8])
    content[data.draw(st.integers(0, header + 7))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content)
    try:
        after = state_in(path)
    except ValueError as error:
        assert "mine.safetensors" in str(error) and "\n" not in str(error)
    else:
        assert after == before


@pytest.mark.parametrize("normalized", [False, True])
@pytest.mark.parametrize("widths", [(4, 6, 3), (4, *[5] * 12, 3)])
def test_safetensors_holds_the_network_that_pytorch_wrote(tmp_path, widths, normalized):
    # Twelve layers: by name, "10" comes before "2".
    one = network(*widths, normalized=normalized)
    safetensors.torch.save_file(one.state_dict(), tmp_path / "mine.safetensors")
    (read,) = read_networks(tmp_path)
    inputs = torch.randn(20, 4)
    torch.testing.assert_close(read(inputs), one(inputs))
    with pytest.raises(ValueError, match=r"mine.safetensors: holds parameters \(dict\), which say not how"):
        read_model(tmp_path / "mine.safetensors")


def named(**shapes: tuple[int, ...]) -> dict[str, Tensor]:
    state: dict[str, Tensor] = {}
    for name, shape in sorted(shapes.items()):
        kinds = ("weight", "bias") if len(shape) == 2 else ("weight", "bias", "running_mean", "running_var")
        state |= {f"{name}.{kind}": torch.zeros(shape if kind == "weight" else shape[:1]) for kind in kinds}
    return state


@pytest.mark.parametrize(
    ("shapes", "expected"),
    [
        ({"fc1": (5, 4), "fc2": (5, 5), "out": (3, 5)}, ["fc1", "fc2", "out"]),
        ({"fc1": (5, 4), "bn1": (5,), "fc2": (5, 5), "bn2": (5,), "out": (3, 5)}, ["fc1", "bn1", "fc2", "bn2", "out"]),
        ({"inner": (6, 4), "before": (4, 2), "after": (3, 6)}, ["before", "inner", "after"]),
        ({"fc9": (5, 4), "fc10": (3, 5)}, ["fc9", "fc10"]),
    ],
)
def test_layers_that_are_sorted_by_name_are_put_in_the_order_of_their_use(shapes, expected):
    order = in_order_of_use(named(**shapes))
    assert list(dict.fromkeys(name.partition(".")[0] for name in order)) == expected


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ({"a": (5, 5), "b": (5, 5), "c": (3, 5)}, "several orders make a row"),
        ({"a": (5, 4), "b": (3, 6)}, "no order make a row"),
        ({f"{'x' * k}": (5, 5) for k in range(1, 30)} | {"other": (7, 9)}, "no order"),
    ],
)
def test_an_order_that_cannot_be_told_is_refused(shapes, message):
    with pytest.raises(ValueError, match=message):
        in_order_of_use(named(**shapes))


def test_what_pytorch_wrote_without_checksums_is_refused_with_what_to_do(tmp_path):
    torch.save(network(4, 6, 3).state_dict(), tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    with pytest.raises(ValueError, match="old.pt: .*before 1.6 wrote files without checksums: .* save it anew"):
        read_networks(tmp_path / "old.pt")


@pytest.mark.parametrize("kind", STRAYS)
@pytest.mark.parametrize("read", [read_networks, read_model, read_samples])
def test_what_is_no_file_is_refused_in_one_line_and_never_waited_for(tmp_path, read, kind):
    if kind == "a folder" and read is read_networks:
        pytest.skip("a folder of networks")
    STRAYS[kind](tmp_path / "it")
    with pytest.raises(ValueError, match=f"it is {described(kind)}: expected a file that"):
        read(tmp_path / "it")


def header(shape: tuple[int, ...], kind: str = "<f4") -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": kind, "fortran_order": False, "shape": shape})
    return file.getvalue()


@pytest.mark.parametrize("shape", [(10**9, 10**4), (2**31, 4), (2**62, 4), (3, 2)])
def test_an_array_whose_header_claims_other_numbers_is_refused(tmp_path, shape):
    labels = io.BytesIO()
    np.save(labels, np.arange(3))
    with zipfile.ZipFile(tmp_path / "mine.npz", "w") as file:
        file.writestr("inputs.npy", header(shape) + bytes(20))
        file.writestr("labels.npy", labels.getvalue())
    for read in (read_samples, lambda path: read_example(path, network(4, 3, 2))):
        with pytest.raises(ValueError, match=r"mine.npz: inputs of shape .* has \d+ bytes; expected what numpy.savez"):
            read(tmp_path / "mine.npz")


@pytest.mark.parametrize("read", [read_networks, read_model, read_samples])
def test_what_unpacks_to_too_much_is_refused_before_it_is_unpacked(tmp_path, monkeypatch, read):
    with zipfile.ZipFile(tmp_path / "bomb", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("inputs.npy", bytes(10**7))
    monkeypatch.setattr(unpacking, "UNPACKED_ANYWAY", 10**6)
    monkeypatch.setattr(zipfile.ZipFile, "testzip", lambda archive: pytest.fail("unpacked"))
    with pytest.raises(ValueError, match="bomb: unpacks to 10 MB, .* write it uncompressed"):
        read(tmp_path / "bomb")


@pytest.mark.parametrize(
    "claimed", [{"shape": [10**6, 10**6], "data_offsets": [0, 4 * 10**12]}, {"shape": [2**40, 2**40]}, {"dtype": "F9"}]
)
def test_a_header_of_safetensors_that_claims_more_than_there_is_is_refused(tmp_path, claimed):
    text = json.dumps({"0.weight": {"dtype": "F32", "shape": [3, 4], "data_offsets": [0, 48]} | claimed}).encode()
    for length in (len(text), 2**62, 10**8):
        (tmp_path / "mine.safetensors").write_bytes(struct.pack("<Q", length) + text + bytes(48))
        with pytest.raises(ValueError, match="mine.safetensors: expected what safetensors.torch.save_file"):
            read_networks(tmp_path / "mine.safetensors")


class Large:
    def __reduce__(self):
        return bytearray, (2**62,)


def test_a_state_that_asks_for_all_memory_is_refused(tmp_path):
    torch.save({"0.weight": Large()}, tmp_path / "mine.pt")
    with pytest.raises(ValueError, match="mine.pt: expected what torch.save"):
        read_networks(tmp_path / "mine.pt")


BAD: dict[str, tuple[Callable[[Tensor], Tensor], str]] = {
    "NaN": (lambda weight: weight * torch.nan, "holds NaN: expected finite numbers"),
    "one NaN": (lambda weight: weight.clone().index_put_((torch.tensor(1),), torch.tensor(torch.nan)), "holds NaN"),
    "infinity": (lambda weight: weight / 0, "holds an infinite number"),
    "complex numbers": (lambda weight: weight * 1j, "holds complex64: expected real numbers"),
}


@pytest.mark.parametrize(("make", "message"), BAD.values(), ids=BAD)
def test_numbers_that_make_no_sense_are_refused_everywhere_and_named(tmp_path, make, message):
    one = network(4, 6, 3)
    with torch.no_grad():
        one[2].weight = nn.Parameter(make(one[2].weight))
    torch.save(one.state_dict(), tmp_path / "mine.pt")
    example = torch.zeros(2, 4)
    for call in (
        lambda: from_state(one.state_dict()),
        lambda: read_networks(tmp_path / "mine.pt"),
        lambda: adopt([one]),
        lambda: prune(one, "outgoing weights", share=0.5, layer="1", surgery="none"),
        lambda: watch(one, example),
    ):
        with pytest.raises(ValueError, match=f"'2.weight' {message}") as error:
            call()
        assert "\n" not in str(error.value)
    if one[2].weight.is_complex():
        return  # no array of fractions, which is all that `by_hand` is given
    weights = [np.ones((4, 6)), make(torch.ones(6, 3)).numpy()]
    with pytest.raises(ValueError, match=f"layer 2: 'weights' {message}"):
        by_hand(weights, [np.zeros(6), np.zeros(3)])


def test_a_negative_variance_is_refused_everywhere():
    one = network(4, 6, 3, normalized=True)
    one.state_dict()["1.running_var"][2] = -1
    for call in (lambda: from_state(one.state_dict()), lambda: adopt([one]), lambda: watch(one, torch.zeros(2, 4))):
        with pytest.raises(ValueError, match="running_var' holds a negative variance: expected 0 or more"):
            call()


def test_a_mask_of_infinities_and_whole_numbers_beside_the_weights_are_no_fault():
    class Masked(nn.Module):
        mask: Tensor

        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = nn.Linear(4, 6), nn.Linear(6, 3)
            self.places = nn.Parameter(torch.arange(6), requires_grad=False)
            self.register_buffer("mask", torch.full((6,), -torch.inf))

        def forward(self, inputs: Tensor) -> Tensor:
            return self.second(torch.relu(torch.maximum(self.first(inputs)[:, self.places], self.mask)))

    assert list(watch(Masked(), torch.zeros(2, 4)).widths.values()) == [6]


def test_numbers_that_fit_their_type_alone_are_accepted_where_it_stays():
    one = network(4, 6, 3).double()
    one.state_dict()["0.weight"][0, 0] = 1e200
    watch(one, torch.zeros(2, 4).double())
    with pytest.raises(ValueError, match="'0.weight' holds an infinite number, or one beyond float32"):
        adopt([one])
