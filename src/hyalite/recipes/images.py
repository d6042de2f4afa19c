"""Folders of images: read for training, and prepared for a model that takes pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hyalite.data import datasets
from hyalite.data.images import is_hidden
from hyalite.data.prepare import prepare_pictures
from hyalite.data.split import split_rows
from hyalite.exact import is_exactly
from hyalite.layers import Rescaling
from hyalite.model import Sequential
from hyalite.parameters import Array
from hyalite.recipes.dataset import VALIDATION_SHARE, Dataset, size_text

# Numbers of an image that is taken as it is, where no size is asked for.
MOST_NUMBERS = 1 << 16  # 256 x 256 gray
MOST_OF_CONVOLUTIONS = 1 << 18  # 512 x 512 gray, 295 x 295 in colour


def folder_dataset(
    path: str | Path,
    *,
    size: tuple[int, int] | None = None,
    color: Any = None,
    validation_split: float = VALIDATION_SHARE,
    seed: int = 0,
    convolutions: bool = False,
) -> Dataset:
    """The pictures of a folder: its sub-folders are classes, or `train` and `test` with classes.

    Args:
        path: of the folder.
        size: (height, width) to resize to.
        color: "gray" or "rgb" to convert to.
        validation_split: share of each class to set apart, where there is no `test`.
        seed: of that cut.
        convolutions: whether they are what looks at the images, and not a dense layer.

    Raises:
        ValueError: no images in sub-folders, a single class, unequal images, or without a size
            ones that are large.
        OSError: a file that cannot be read.
        MissingExtra: Pillow is not installed.
    """
    path = Path(path)
    name = path.resolve().name or "images"
    if not has_parts(path):
        x, y, classes = read_folder(path, size, color, convolutions)
        _check_classes(path, classes)
        rows, kept = split_rows(len(x), validation_split, y, seed)
        return Dataset(name, "images", x[rows], y[rows], x[kept], y[kept], classes, "validation")
    x, y, classes = read_folder(path / "train", size, color, convolutions)
    _check_classes(path / "train", classes)
    as_trained: Any = "gray" if x.ndim == 3 else "rgb"
    x_test, y_test, test_classes = read_folder(path / "test", x.shape[1:3], as_trained)
    y_test = relabel(y_test, test_classes, classes, str(path / "test"))
    return Dataset(name, "images", x, y, x_test, y_test, classes)


def _check_classes(path: Path, classes: Sequence[str]) -> None:
    if len(classes) == 1:
        raise ValueError(
            f"{path} has only one class, {classes[0]}; to tell classes apart takes two or more: "
            "give each a sub-folder with its pictures"
        )


def has_parts(path: Path) -> bool:
    """Whether a folder is not of classes but of `train` and `test`."""
    return (path / "train").is_dir() and (path / "test").is_dir()


def read_folder(
    path: Path, size: Any = None, color: Any = None, convolutions: bool = False
) -> datasets.ImageFolder:
    """The raw pictures of a folder whose sub-folders are classes.

    Raises:
        ValueError: as `datasets.image_folder` does; also where the images are large, and no size
            says that this is meant.
    """
    files = (
        file
        for file in path.glob("*/*")
        if file.is_file() and not (is_hidden(file.name) or is_hidden(file.parent.name))
    )
    first = min(files, default=None)
    if size is None and first is not None:
        picture = datasets.read_image(first, color=color)
        if picture.size > (MOST_OF_CONVOLUTIONS if convolutions else MOST_NUMBERS):
            raise ValueError(_too_large(first, picture, convolutions))
    return datasets.image_folder(path, size=size, color=color, flatten=False, normalize=False)


def _too_large(file: Path, picture: Array, convolutions: bool) -> str:
    seen = "every unit of a dense layer has a weight for each"
    other = ""
    if convolutions:
        seen = "every filter looks at all of them"
    elif picture.size <= MOST_OF_CONVOLUTIONS:
        other = ", or take convolutions, network='conv'"
    return (
        f"{file} is {size_text(picture.shape)}, {picture.size:,} numbers, and {seen}; resize all "
        f"with size=(64, 64), say{other}. To have them as large as they are, pass "
        "size=(height, width)"
    )


def relabel(y: Array, names: Sequence[str], classes: Sequence[str], where: str) -> Array:
    """Labels by place in `names` -> labels by place in `classes`.

    Raises:
        ValueError: a name that is not among the classes.
    """
    unknown = [name for name in names if name not in classes]
    if unknown:
        raise ValueError(
            f"{where} has the class {unknown[0]!r}, which the model does not know; "
            f"its classes are {', '.join(classes)}"
        )
    return np.array([classes.index(name) for name in names], np.int64)[y]


def picture_shape(model: Sequential) -> tuple[int, ...]:
    """(height, width[, 3]) of the pictures that a model takes; flat ones must be square.

    Those of one channel are gray.

    Raises:
        ValueError: the model takes no pictures.
    """
    shape: tuple[int, ...] = model.network.input_shape
    if len(shape) == 2 or (len(shape) == 3 and shape[2] == 3):
        return shape
    if shape[2:] == (1,):
        return shape[:2]
    side = round(shape[0] ** 0.5)
    kind = model.metadata.get("kind", "images")
    if len(shape) == 1 and side > 2 and side * side == shape[0] and kind == "images":
        return side, side
    raise ValueError(
        f"this model does not take pictures: its samples have shape {shape}"
        + (f", it was trained on {model.metadata['data']}" if "data" in model.metadata else "")
    )


def prepare_for(model: Sequential, pictures: Array) -> Array:
    """Raw pictures as the model takes them.

    A model that rescales by itself gets them raw. Others are taken to be trained on what
    `hyalite.datasets` gives by default, 0..1, flat or not as the model has it.
    """
    takes = model.network.input_shape
    raw = any(is_exactly(layer, Rescaling) for layer in model.layers)
    x = prepare_pictures(pictures, flatten=len(takes) == 1, normalize=not raw)
    return x[..., np.newaxis] if takes[2:] == (1,) else x
