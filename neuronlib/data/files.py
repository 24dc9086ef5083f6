"""The image files: found or downloaded, verified, and read as they are."""

import contextlib
import hashlib
import shutil
import tempfile
import warnings
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import UInt8
from numpy import ndarray

from neuronlib.common.door import methods_checked
from neuronlib.common.entries import Labels
from neuronlib.common.errors import NeuronlibError
from neuronlib.common.regular_files import read_regular

# torchvision knows the digests of the compressed files only; these are of what they unpack to.
_UNPACKED_MD5 = {
    "mnist": {
        "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
        "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
        "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
        "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
    },
    "fashion-mnist": {
        "train-images-idx3-ubyte": "f4a8712d7a061bf5bd6d2ca38dc4d50a",
        "train-labels-idx1-ubyte": "9018921c3c673c538a1fc5bad174d6f9",
        "t10k-images-idx3-ubyte": "8181f5470baa50b63fa0f6fddb340f0a",
        "t10k-labels-idx1-ubyte": "15d484375f8d13e6eb1aabb0c3f46965",
    },
}
_BINARY_SHA256 = {
    "data_batch_1.bin": "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
    "data_batch_2.bin": "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
    "data_batch_3.bin": "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
    "data_batch_4.bin": "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
    "data_batch_5.bin": "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
    "test_batch.bin": "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b",
}


# Of a file; the largest is the training images of MNIST, 47 MB. What is unpacked is verified first.
_MOST_BYTES = 2**26


class DataError(NeuronlibError):
    """A data set that is neither on disk nor to be had, or whose files are incomplete or not what they should be."""


@methods_checked()
@dataclass(frozen=True)
class Images:
    """Images as they are on file: one a row, features in the order channel, row, column; labels count from 0."""

    pixels: UInt8[ndarray, "sample feature"]
    labels: Labels


class _Layout(NamedTuple):
    folder: str
    # For each file the names it may have, the preferred one first, with the digest that it then has.
    files: tuple[dict[str, str], ...]


def read(name: str, root: Path) -> tuple[Images, Images]:
    """Return the designated training set and the official test set of "mnist", "fashion-mnist" or "cifar10".

    ``root`` is the folder of all data sets. It is written to only if it has no file of this one.

    Raises:
        DataError: If a file is missing or is not what it should be, or if the data set could not be downloaded.

    Example:
        >>> with tempfile.TemporaryDirectory() as root:
        ...     (Path(root) / "cifar-10-batches-bin").mkdir()
        ...     _ = (Path(root) / "cifar-10-batches-bin" / "test_batch.bin").write_bytes(b"")
        ...     read("cifar10", Path(root))  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        neuronlib.data.files.DataError: ...data_batch_1.bin: missing, ...
    """
    source = _source(name)
    layouts = _layouts(name, source)
    files = _find(root, layouts)
    if files is None:
        _download(name, source, root, layouts)
        files = _find(root, layouts)
    if files is None:
        raise DataError(f"{name}: the files just downloaded to {root} are gone; try again")
    _verify(files)
    if name != "cifar10":
        return _read_unpacked(source, layouts[0].folder, files)
    if next(iter(files)).suffix == ".bin":
        *training, test = files
        return _read_binary(training), _read_binary([test])
    return _read_with(source, root, train=True), _read_with(source, root, train=False)


def at_hand(name: str, root: Path) -> bool:
    """Return whether "mnist", "fashion-mnist" or "cifar10" is in the folder of all data sets; nothing is downloaded.

    Raises:
        DataError: If only some of its files are there, or one has not its published digest.
    """
    files = _find(root, _layouts(name, _source(name)))
    if files is not None:
        _verify(files)
    return files is not None


def _source(name: str) -> Any:
    # The import takes seconds and brings torch, which reading mnist-5k must not wait for.
    from torchvision import datasets

    return {"mnist": datasets.MNIST, "fashion-mnist": datasets.FashionMNIST, "cifar10": datasets.CIFAR10}[name]


def _layouts(name: str, source: Any) -> list[_Layout]:
    if name != "cifar10":
        unpacked = _UNPACKED_MD5[name]
        pairs = tuple({Path(file).stem: unpacked[Path(file).stem], file: md5} for file, md5 in source.resources)
        return [_Layout(f"{source.__name__}/raw", pairs)]
    pickled = [*source.train_list, *source.test_list, (source.meta["filename"], source.meta["md5"])]
    return [
        _Layout(source.base_folder, tuple({file: md5} for file, md5 in pickled)),
        _Layout("cifar-10-batches-bin", tuple({file: sha256} for file, sha256 in _BINARY_SHA256.items())),
    ]


def _find(root: Path, layouts: list[_Layout]) -> dict[Path, str] | None:
    # None is "not there at all", which a download mends; an incomplete data set is for its owner to mend.
    incomplete = None
    for folder, files in layouts:
        candidates = [{root / folder / file: digest for file, digest in names.items()} for names in files]
        present = [next((item for item in names.items() if item[0].is_file()), None) for names in candidates]
        if all(present):
            return dict(item for item in present if item)
        if any(present):
            incomplete = incomplete or next(iter(candidates[present.index(None)]))
    if incomplete:
        raise DataError(f"{incomplete}: missing, though other files of the data set are there; {_remedy(incomplete)}")
    return None


def _verify(files: dict[Path, str]) -> None:
    for path, expected in files.items():
        kind = "md5" if len(expected) == 32 else "sha256"
        try:
            content = read_regular(path, _MOST_BYTES)
        except OSError as error:
            raise DataError(f"{path}: cannot be read ({error.strerror}); {_remedy(path)}") from error
        except ValueError as error:
            raise DataError(f"{error}; {_remedy(path)}") from error
        digest = hashlib.new(kind, content, usedforsecurity=False).hexdigest()
        if digest != expected:
            raise DataError(
                f"{path}: truncated or altered ({len(content)} bytes with {kind.upper()} {digest}, "
                f"expected {expected}); {_remedy(path)}"
            )


def _remedy(path: Path) -> str:
    return f"restore it, or delete folder {path.parent} and let the data set be downloaded again"


def _download(name: str, source: Any, root: Path, layouts: list[_Layout]) -> None:
    target = root / layouts[0].folder
    created = [folder for folder in target.parents if not folder.exists()]
    try:
        root.mkdir(parents=True, exist_ok=True)
        # Inside the root, so that the finished folder gets its place in one step.
        with tempfile.TemporaryDirectory(prefix=".neuronlib-", dir=root) as temporary:
            _open(source, Path(temporary), train=False, download=True)
            _verify(_find(Path(temporary), layouts) or {})
            target.parent.mkdir(exist_ok=True)
            try:
                (Path(temporary) / layouts[0].folder).rename(target)
            except OSError:
                # Another process may have been faster; then its files serve.
                if _find(root, layouts) is None:
                    raise
    except (RuntimeError, OSError, HTTPException) as error:
        tried = "; ".join(
            f"{root / folder} with {', '.join(' or '.join(names) for names in files)}" for folder, files in layouts
        )
        url = source.url if name == "cifar10" else source.mirrors[0]
        raise DataError(
            f"{name}: not found in {root}, and the download failed ({type(error).__name__}: "
            f"{' '.join(str(error).split())}); looked for {tried}; put the files there, from {url}, or name the "
            "folder that has them with root or NEURONLIB_DATA; mnist-5k needs no network and no files"
        ) from error
    finally:
        for folder in created:
            # Removes what is empty, so what was made for a download that failed, and nothing else.
            with contextlib.suppress(OSError):
                folder.rmdir()


def _open(source: Any, root: Path, **options: bool) -> Any:
    with warnings.catch_warnings():
        # NumPy 2.4.0 to 2.4.4 warn of how CIFAR-10's files were pickled, in 2009.
        warnings.filterwarnings("ignore", r"dtype\(\): align", np.exceptions.VisibleDeprecationWarning)
        return source(root, **options)


def _read_with(source: Any, root: Path, train: bool) -> Images:
    images = _open(source, root, train=train)
    pixels = np.asarray(images.data)
    if pixels.ndim == 4:
        pixels = np.moveaxis(pixels, 3, 1)
    return Images(pixels.reshape(len(pixels), -1), np.asarray(images.targets, np.int64))


def _read_unpacked(source: Any, folder: str, files: dict[Path, str]) -> tuple[Images, Images]:
    from torchvision.datasets.utils import extract_archive

    # Not read in place: torchvision needs the files unpacked, and prefers unverified ones in "processed" to them.
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary, folder)
        place.mkdir(parents=True)
        for path in files:
            if path.suffix == ".gz":
                extract_archive(path, place)
            else:
                shutil.copy(path, place)
        return _read_with(source, Path(temporary), train=True), _read_with(source, Path(temporary), train=False)


def _read_binary(files: list[Path]) -> Images:
    records = np.concatenate([np.fromfile(path, np.uint8).reshape(-1, 1 + 3 * 32 * 32) for path in files])
    return Images(records[:, 1:], records[:, 0].astype(np.int64))
