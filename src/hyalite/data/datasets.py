"""Known data sets, MNIST and Fashion-MNIST; users see all of this module as `hyalite.datasets`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hyalite.data import fetch
from hyalite.data.curves import sine, spiral, vertical
from hyalite.data.digits import prepare_digit
from hyalite.data.idx import read_idx
from hyalite.data.images import ImageFolder, image_folder, read_image
from hyalite.data.prepare import Normalize, check_normalize, prepare_labels, prepare_pictures
from hyalite.data.shapes import blobs, circles, moons, xor
from hyalite.errors import FileFormatError

__all__ = [
    "FASHION_MNIST_CLASSES",
    "MNIST_CLASSES",
    "ImageFolder",
    "blobs",
    "circles",
    "fashion_mnist",
    "image_folder",
    "mnist",
    "moons",
    "prepare_digit",
    "read_idx",
    "read_image",
    "sine",
    "spiral",
    "vertical",
    "xor",
]

MNIST_CLASSES = ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")
FASHION_MNIST_CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)

Array = npt.NDArray[Any]
Split = tuple[tuple[Array, Array], tuple[Array, Array]]

_MNIST_FOLDER = Path(__file__).parent / "mnist"
_SYSTEM_FOLDER = Path("/usr/share/datasets/fashion-mnist")  # Debian: dataset-fashion-mnist
_FILES = tuple(fetch.FASHION_MNIST_FILES)  # MNIST's four files have the same names


def mnist(*, flatten: bool = True, normalize: Normalize = True, one_hot: bool = False) -> Split:
    """Handwritten digits, 60,000 to train and 10,000 to test; they come with the package.

    Args:
        flatten: x of shape (n, 784), else (n, 28, 28).
        normalize: True for float32 in 0..1, "symmetric" for float32 in -1..1, False for uint8.
        one_hot: y as float32 (n, 10), else int64 (n,) in 0..9.

    Returns:
        ((x, y), (x_test, y_test))

    Raises:
        ValueError: `normalize` is none of the above.
        FileFormatError: the installed files are damaged.

    Source: LeCun, Bottou, Bengio and Haffner (1998), "Gradient-based learning applied to
    document recognition"; licence and checksums in `hyalite/data/mnist/NOTICE.md`.

    Examples:
        >>> (x, y), (x_test, y_test) = hy.datasets.mnist()
        >>> x.shape, x_test.shape, y[:5].tolist()
        ((60000, 784), (10000, 784), [5, 0, 4, 1, 9])
    """
    check_normalize(normalize)
    return _read_split(_MNIST_FOLDER, flatten=flatten, normalize=normalize, one_hot=one_hot)


def fashion_mnist(
    *, flatten: bool = True, normalize: Normalize = True, one_hot: bool = False
) -> Split:
    """Pictures of clothes, as many and as large as MNIST's; `FASHION_MNIST_CLASSES` names them.

    The four files are looked for in `$HYALITE_DATA/fashion-mnist`, in `$HYALITE_DATA` itself
    and in `/usr/share/datasets/fashion-mnist`; else they are downloaded once, 31 MB, into the
    user's cache folder, which needs the extra `data`.

    Args:
        flatten: x of shape (n, 784), else (n, 28, 28).
        normalize: True for float32 in 0..1, "symmetric" for float32 in -1..1, False for uint8.
        one_hot: y as float32 (n, 10), else int64 (n,) in 0..9.

    Returns:
        ((x, y), (x_test, y_test))

    Raises:
        ValueError: `normalize` is none of the above.
        FileFormatError: local files are damaged, or are MNIST's.
        FileNotFoundError: HYALITE_DATA names no folder, or some of the files are missing there.
        DownloadError: no mirror could give the files (an OSError).
        MissingExtra: the files have to be downloaded and pooch is not installed.

    Source: Xiao, Rasul and Vollgraf (2017), "Fashion-MNIST: a novel image dataset for
    benchmarking machine learning algorithms", arXiv:1708.07747; MIT licence.

    Examples:
        >>> (x, y), (x_test, y_test) = hy.datasets.fashion_mnist(flatten=False, normalize=False)
        >>> x.shape, hy.datasets.FASHION_MNIST_CLASSES[y[0]]
        ((60000, 28, 28), 'Ankle boot')
    """
    check_normalize(normalize)
    folder = find_fashion_mnist()
    if folder is None:
        name = "fashion-mnist"
        folder = fetch.fetch(
            name,
            fetch.FASHION_MNIST_FILES,
            fetch.cache_folder(name),
            fetch.FASHION_MNIST_MIRRORS,
        )
    # The files' names, shapes and value ranges are MNIST's, so nothing but their content
    # would show that a folder holds the wrong ones.
    labels = read_idx(folder / "t10k-labels-idx1-ubyte.gz")
    if np.array_equal(labels, read_idx(_MNIST_FOLDER / "t10k-labels-idx1-ubyte.gz")):
        raise FileFormatError(
            f"{folder}: found the files of MNIST, expected those of Fashion-MNIST, which have "
            f"the same names; set HYALITE_DATA to the folder that holds 'fashion-mnist'"
        )
    return _read_split(folder, flatten=flatten, normalize=normalize, one_hot=one_hot)


def find_fashion_mnist() -> Path | None:
    """The local folder to read from, or None; one named by the user has to be complete."""
    chosen = os.environ.get("HYALITE_DATA")
    if chosen:
        folder = Path(chosen)
        if not folder.is_dir():
            raise FileNotFoundError(f"HYALITE_DATA={chosen}: expected an existing folder")
        inner = folder / "fashion-mnist"
        if inner.is_dir():
            return inner
        if holds_files(folder):
            return folder
    return _SYSTEM_FOLDER if holds_files(_SYSTEM_FOLDER) else None


def holds_files(folder: Path) -> bool:
    """Whether `folder` has the four files."""
    return all((folder / file).is_file() for file in _FILES)


def _read_split(folder: Path, *, flatten: bool, normalize: Normalize, one_hot: bool) -> Split:
    def read(part: str) -> tuple[Array, Array]:
        pictures, labels = _read_part(folder, part)
        x = prepare_pictures(pictures, flatten=flatten, normalize=normalize)
        return x, prepare_labels(labels, 10, one_hot=one_hot)

    return read("train"), read("t10k")


def _read_part(folder: Path, part: str) -> tuple[Array, Array]:
    pictures_file = folder / f"{part}-images-idx3-ubyte.gz"
    labels_file = folder / f"{part}-labels-idx1-ubyte.gz"
    pictures, labels = read_idx(pictures_file), read_idx(labels_file)
    if pictures.dtype != np.uint8 or pictures.shape[1:] != (28, 28):
        raise FileFormatError(
            f"{pictures_file}: found {pictures.dtype} of shape {pictures.shape}; "
            f"expected uint8 of shape (n, 28, 28)"
        )
    if labels.dtype != np.uint8 or labels.shape != pictures.shape[:1]:
        raise FileFormatError(
            f"{labels_file}: found {labels.dtype} of shape {labels.shape}; "
            f"expected uint8 of shape {pictures.shape[:1]}, a label for each picture"
        )
    if labels.max(initial=0) > 9:
        raise FileFormatError(f"{labels_file}: found label {labels.max()}; expected 0 to 9")
    return pictures, labels
