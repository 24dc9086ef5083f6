"""The reader's own networks and samples, from files."""

import io
import operator
import zipfile
from collections import OrderedDict
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations, prune

from neuronlib.networks.adopted import adopt, from_state
from neuronlib.networks.files import read_model, read_networks, read_samples
from neuronlib.reproduction.book import notebooks


class Classifier(nn.Module):
    """Not a row of layers, and with batch normalization behind one map alone."""

    def __init__(self, activation: str):
        super().__init__()
        self.first, self.normal, self.second = nn.Linear(4, 6), nn.BatchNorm1d(6), nn.Linear(6, 5, bias=False)
        self.out, self.drop, self.between = nn.Linear(5, 3), nn.Dropout(), getattr(torch, activation)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        hidden = self.drop(self.between(self.normal(self.first(inputs))))
        return self.out(self.between(self.second(hidden)))


def classifier(activation: str = "relu", seed: int = 0) -> Classifier:
    torch.manual_seed(seed)
    network = Classifier(activation)
    with torch.no_grad():  # moves the running statistics
        for _ in range(5):
            network(3 * torch.randn(20, 4) + 1)
    return network.eval()


def written(path: Path, **arrays: np.ndarray) -> Path:
    np.savez(path, **arrays)  # type: ignore[arg-type]
    return path


@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
def test_a_network_of_any_class_is_read_from_its_parameters(tmp_path, activation):
    network, inputs = classifier(activation), torch.randn(50, 4)
    torch.save(network.state_dict(), tmp_path / "mine.pt")
    (read,) = read_networks(tmp_path / "mine.pt", activation)
    torch.testing.assert_close(read(inputs), network(inputs))
    # float32: batch normalization as ours computes it.
    torch.testing.assert_close(read(inputs), adopt([read]).logits(inputs)[0], rtol=1e-5, atol=1e-5)


def test_a_checkpoint_is_read_by_the_state_in_it(tmp_path):
    network, inputs = classifier(), torch.randn(50, 4)
    optimizer = torch.optim.Adam(network.parameters())
    network(inputs).sum().backward()
    optimizer.step()
    spread = nn.DataParallel(network)  # its names begin with "module."
    for state in (network.state_dict(), spread.state_dict()):
        checkpoint = {"epoch": 3, "loss": torch.tensor(0.5), "model": state, "optimizer": optimizer.state_dict()}
        torch.save(checkpoint, tmp_path / "mine.pt")
        (read,) = read_networks(tmp_path / "mine.pt")
        torch.testing.assert_close(read(inputs), network(inputs))


def test_networks_of_a_folder_are_read_by_name(tmp_path):
    for seed, name in enumerate(["b.pth", "a.pt", "c.pt"]):
        torch.save(classifier(seed=seed).state_dict(), tmp_path / name)
    (tmp_path / "notes.txt").write_text("not a network")
    firsts = [network[0].weight for network in read_networks(tmp_path)]
    for seed, read in zip([1, 0, 2], firsts, strict=True):
        torch.testing.assert_close(read, classifier(seed=seed).first.weight)
    assert adopt(read_networks(tmp_path)).networks == (0, 1, 2)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("whole", classifier(), r"expected what torch.save\(network.state_dict\(\), path\) writes"),
        ("list", [torch.zeros(2)], "a list: expected a network's state_dict"),
        ("numbers", {"weight": 3}, "a dict of weight: expected a network's state_dict"),
        ("nameless", {0: torch.ones(2, 3)}, "a dict of 0: expected a network's state_dict"),
        ("complex", {"0.weight": torch.ones(2, 3) * 1j}, "'0.weight' holds complex64: expected real numbers"),
        (
            "whole numbers",
            {"0.weight": torch.ones(2, 3).to(torch.int8)},
            "'0.weight' holds int8: expected real numbers",
        ),
        ("not a number", {"0.weight": torch.ones(2, 3) * torch.nan}, "'0.weight' holds NaN"),
        ("infinite", {"0.weight": torch.ones(2, 3) / 0}, "'0.weight' holds an infinite number"),
        ("too large", {"0.weight": torch.ones(2, 3).double() * 1e300}, "'0.weight' .* beyond float32"),
        ("variance", {"1.running_var": torch.tensor([1.0, -1.0])}, "'1.running_var' holds a negative variance"),
        ("expanded", {"0.weight": torch.ones(1).expand(10**6, 10**6)}, "'0.weight' of shape .* holds fewer numbers"),
        (
            "checkpoint",
            {"model": classifier().state_dict(), "average": classifier().state_dict()},
            r"a dict of model, average: expected .* by itself.* from_state\(checkpoint\['model'\]\)",
        ),
        ("empty", {"epoch": 3, "model": {}}, "a dict of epoch, model: expected .* by itself"),
        ("pruned", prune.identity(nn.Linear(2, 3), "weight").state_dict(), r"recomputed .* nl.adopt\(\[network\]\)"),
        ("normed", parametrizations.weight_norm(nn.Linear(2, 3)).state_dict(), r"recomputed .* nl.adopt"),
        ("convolution", nn.Sequential(nn.Conv2d(1, 2, 3)).state_dict(), r"layer '0' has weight \(2, 1, 3, 3\), bias"),
        ("norm", nn.Sequential(nn.Linear(2, 3), nn.LayerNorm(3)).state_dict(), r"layer '1' has weight \(3,\), bias"),
        ("other", OrderedDict({"0.weight": torch.ones(2, 3), "0.mask": torch.ones(2, 3)}), "layer '0' has .* mask"),
    ],
)
def test_what_holds_no_parameters_of_such_a_network_is_refused_by_name(tmp_path, name, content, message):
    torch.save(content, tmp_path / f"{name}.pt")
    with pytest.raises(ValueError, match=f"{name}.pt: .*{message}"):
        read_networks(tmp_path / f"{name}.pt")


def zipped(member: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as source:
        source.writestr(member, content)
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"\x93NUMPY", b"not a network", b"PK\x03\x04 half of one", b"u", b"X\x00"),
        zipped("inputs", b"no array"),
    ],
)
def test_a_file_that_is_no_network_or_no_samples_is_refused_by_name(tmp_path, content):
    (tmp_path / "mine.pt").write_bytes(content)
    with pytest.raises(ValueError, match="mine.pt: .*expected what torch.save"):
        read_networks(tmp_path / "mine.pt")
    with pytest.raises(ValueError, match="mine.pt: .*expected what numpy.savez"):
        read_samples(tmp_path / "mine.pt")


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    path = tmp_path_factory.mktemp("program") / "mine.pt2"
    samples = torch.export.Dim("samples")
    torch.export.save(torch.export.export(classifier(), (torch.zeros(2, 4),), dynamic_shapes=({0: samples},)), path)
    return path


def test_a_program_is_read_and_computes_what_its_model_does(program, tmp_path):
    inputs = torch.randn(5, 4)
    for path in (program, tmp_path / "other.name"):
        path.write_bytes(program.read_bytes())
        read: Any = read_model(path)
        torch.testing.assert_close(read.module()(inputs), classifier()(inputs))


def changed(program: Path, member: str, change) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(program) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if member in name else content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "expected what torch.export.save"),
        (b"no model", "expected what torch.export.save"),
        (b"\x08\x08\x12\x07pytorch", "expected what torch.export.save"),  # how an ONNX file begins
        (("models/", lambda old: old.replace(b"aten.relu", b"aten.rolu")), "which PyTorch 2.* wrote, cannot be read"),
        (("models/", lambda old: b"{"), "the program cannot be read by PyTorch 2"),
        (("archive_version", lambda old: b"99"), "which PyTorch 2.* wrote, cannot be read"),
        (("weights/", lambda old: b""), "which PyTorch 2.* wrote, cannot be read"),
    ],
)
def test_a_file_that_is_no_readable_program_is_refused_by_name(program, tmp_path, capfd, content, message):
    content = content if isinstance(content, bytes) else changed(program, *content)
    (tmp_path / "mine.pt2").write_bytes(content)
    with pytest.raises(ValueError, match=f"mine.pt2: .*{message}") as refused:
        read_model(tmp_path / "mine.pt2")
    assert "\n" not in str(refused.value)
    assert capfd.readouterr().err == ""  # no log of PyTorch's beside it


def test_half_a_program_is_refused_by_name(program, tmp_path):
    (tmp_path / "mine.pt2").write_bytes(program.read_bytes()[:900])
    with pytest.raises(ValueError, match="mine.pt2: .*expected what torch.export.save"):
        read_model(tmp_path / "mine.pt2")


def test_a_pickled_module_is_read_only_if_asked_for(tmp_path):
    torch.save(classifier(), tmp_path / "mine.pt")
    with pytest.raises(ValueError, match=r"mine.pt: a pickled module, .* runs code .*pickled=True \(--pickle\)"):
        read_model(tmp_path / "mine.pt")
    inputs = torch.randn(5, 4)
    read: Any = read_model(tmp_path / "mine.pt", pickled=True)
    torch.testing.assert_close(read(inputs), classifier()(inputs))


class Gone:
    def __reduce__(self):
        return operator.attrgetter("no_such_class"), (nn.Linear,)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (Gone(), "the module cannot be unpickled: AttributeError: .*no_such_class"),
        (Path("here"), "holds a PosixPath: expected a module|holds a WindowsPath"),
    ],
)
def test_what_unpickles_to_no_module_is_refused(tmp_path, content, message):
    torch.save(content, tmp_path / "mine.pt")
    with pytest.raises(ValueError, match=f"mine.pt: {message}"):
        read_model(tmp_path / "mine.pt", pickled=True)


def test_parameters_and_torchscript_are_refused_with_the_way_to_export(tmp_path):
    torch.save(classifier().state_dict(), tmp_path / "state.pt")
    with pytest.raises(ValueError, match=r"state.pt: holds parameters \(OrderedDict\), .*torch.export.export\("):
        read_model(tmp_path / "state.pt")
    with pytest.warns(FutureWarning, match="torch.jit"):
        torch.jit.save(torch.jit.script(nn.Sequential(nn.Linear(2, 3))), tmp_path / "script.pt")
    with pytest.raises(ValueError, match=r"script.pt: nothing inside TorchScript can be watched; .*torch.export"):
        read_model(tmp_path / "script.pt")


def test_files_that_are_not_there_are_named(tmp_path):
    for missing in (read_networks, read_samples, read_model):
        for path in (tmp_path / "nowhere", "~nobody-of-that-name/nowhere"):
            with pytest.raises(ValueError, match="nowhere: there is no such file"):
                missing(path)
    with pytest.raises(ValueError, match=r"expected a file \*.pt, \*.pth or"):
        read_networks(tmp_path)
    with pytest.raises(ValueError, match="is a folder: expected a file that torch.export.save"):
        read_model(tmp_path)


@pytest.mark.parametrize("weight", [torch.ones(2, 3).to_sparse(), torch.ones(2, 3, device="meta")])
def test_parameters_that_are_not_there_as_a_matrix_are_refused(weight):
    with pytest.raises(ValueError, match="'0.weight' is not in memory as a matrix"):
        from_state({"0.weight": weight})


def test_an_unknown_activation_function_is_refused():
    with pytest.raises(ValueError, match="activation = 'tanh': input should be"):
        from_state(classifier().state_dict(), "tanh")  # type: ignore[arg-type]


def test_every_sample_is_in_one_half_and_the_seed_says_in_which(tmp_path):
    path = written(tmp_path / "s.npz", inputs=np.arange(44).reshape(11, 2, 2), labels=np.arange(11) % 3)
    data = read_samples(path)
    assert (len(data.validation.labels), len(data.test.labels), data.validation.pixels.shape[1]) == (5, 6, 4)
    both = np.concatenate([data.validation.pixels, data.test.pixels])
    assert sorted(both[:, 0]) == list(range(0, 44, 4))
    labels = np.concatenate([data.validation.labels, data.test.labels])
    np.testing.assert_array_equal(labels, both[:, 0] // 4 % 3)
    np.testing.assert_array_equal(data.test.pixels, read_samples(path).test.pixels)
    assert not np.array_equal(data.test.pixels, read_samples(path, seed=1).test.pixels)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"inputs": np.zeros((3, 2))}, "expected what numpy.savez"),
        ({"inputs": np.array([{}, 2], dtype=object), "labels": np.arange(2)}, "expected what numpy.savez"),
        ({"inputs": np.zeros((1, 2)), "labels": np.zeros(1, int)}, "expected at least two samples"),
        ({"inputs": np.zeros((0, 2, 2)), "labels": np.zeros(0, int)}, "0 samples and 0 labels: expected"),
        ({"inputs": np.zeros(3), "labels": np.zeros(3, int)}, "expected finite numbers by sample and feature"),
        ({"inputs": np.zeros((3, 2)), "labels": np.zeros(2, int)}, "3 samples and 2 labels"),
        ({"inputs": np.zeros((3, 2)), "labels": np.zeros(3)}, "expected one whole number for each sample"),
    ],
)
def test_samples_that_do_not_fit_together_are_refused(tmp_path, arrays, message):
    with pytest.raises(ValueError, match=message):
        read_samples(written(tmp_path / "samples.npz", **arrays))


def tables_of(network: Path, samples: Path, **given: str) -> list[str]:
    given |= {"network": str(network), "samples": str(samples)}
    notebook = notebooks.execute("x4_own_network", given, "smoke")
    return [
        output.data["text/markdown"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "text/markdown" in output.get("data", {})
    ]


@pytest.mark.slow
@pytest.mark.parametrize("widths", [(4, 2, 2), (4, 1, 1, 3), (12, 10, 7, 5, 4, 3, 2)])
def test_the_chapter_takes_layers_of_few_neurons_and_says_which_shares_it_leaves_out(tmp_path, widths):
    torch.manual_seed(0)
    between = [nn.Sequential(nn.ReLU(), nn.Linear(*pair)) for pair in pairwise(widths[1:])]
    torch.save(nn.Sequential(nn.Linear(*widths[:2]), *between).state_dict(), tmp_path / "mine.pt")
    draw = np.random.default_rng(0)
    labels = np.arange(60) % widths[-1]
    samples = written(tmp_path / "s.npz", inputs=draw.normal(size=(60, widths[0])) + labels[:, None], labels=labels)
    tables = tables_of(tmp_path / "mine.pt", samples)
    removed = next(text for text in tables if "neurons removed" in text)
    for number, width in enumerate(widths[1:-1], start=1):
        expected = {round(width * share) for share in (0.25, 0.5, 0.75)} - {0, width}
        rows = [line for line in removed.splitlines() if f"layer {number} " in line]
        for gone, row in zip(sorted(expected), rows, strict=True):
            assert f"| {gone} of {width} |" in row
    assert any("Left out" in text for text in tables) == (min(widths[1:-1]) < 3)


@pytest.mark.slow
def test_the_chapter_takes_networks_and_samples_from_files(tmp_path):
    for seed in (0, 1):
        torch.save(classifier("sigmoid", seed).state_dict(), tmp_path / f"{seed}.pt")
    draw = np.random.default_rng(0)
    samples = written(tmp_path / "s.npz", inputs=draw.normal(size=(60, 4)), labels=np.arange(60) % 3)
    tables = tables_of(tmp_path, samples, activation="sigmoid", replacement="mean")
    assert any("| 2 | 30 | 30 |" in text for text in tables)  # networks, samples to measure and to ablate
    assert any(text.count("of 4 |") == 18 for text in tables)  # two random orders of two networks


@pytest.mark.slow
def test_the_chapter_takes_a_program_and_says_what_its_layers_show(program, tmp_path):
    draw = np.random.default_rng(0)
    samples = written(tmp_path / "s.npz", inputs=draw.normal(size=(60, 4)), labels=np.arange(60) % 3)
    tables = tables_of(program, samples)
    assert any("| relu:1 | 6 |" in text and "| relu:2 | 5 |" in text for text in tables)
    assert "A program is not pruned: its graph is fixed." in tables
    (says,) = (text for text in tables if text.startswith("- The network classifies"))
    assert [line.partition(":")[0] for line in says.splitlines()[1:]] == [
        "- **layer relu",
        "- **layer relu",
        "- **whole network**",
    ]
