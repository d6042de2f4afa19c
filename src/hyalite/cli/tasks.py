"""The data that the command line can name: its training part, its test part, and its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from hyalite.cli.arguments import KNOWN_DATA
from hyalite.data import datasets
from hyalite.data.images import is_hidden
from hyalite.data.prepare import prepare_pictures
from hyalite.data.split import split_rows
from hyalite.layers import Rescaling
from hyalite.model import Sequential
from hyalite.parameters import Array

Kind = Literal["images", "points", "curve", "rows"]
VALIDATION_SHARE = 0.2  # of a folder of images that has no `test` in it
LARGEST_IMAGE = 1 << 16  # numbers; 256 x 256 gray
SPIRAL = {"samples": 100, "classes": 3}  # as in the book
TEST_SPIRAL_SEED = 1  # the training spiral is the book's own, from seed 0
# None of the test points x = 1/999, 2/999, ... is a training point k/1000.
SINE, TEST_SINE = 1000, 999


@dataclass(frozen=True)
class Task:
    """Data to train on and data to test on.

    Attributes:
        name: of the data; files are named after it.
        kind: "images" and "points" have classes, a "curve" has numbers; "rows" of a table either.
        x: to train on; images are raw, uint8 (n, height, width[, 3]).
        y: labels or numbers.
        x_test: to test on; never seen in training.
        y_test: its labels or numbers.
        classes: their names; none for a curve.
        part: what the latter two are called: "test", or "validation" where they were cut off.
    """

    name: str
    kind: Kind
    x: Array
    y: Array
    x_test: Array
    y_test: Array
    classes: tuple[str, ...] = ()
    part: str = "test"

    @property
    def noun(self) -> str:
        """What one speaks of in the plural."""
        return self.kind if self.kind in ("images", "rows") else "points"

    def describe(self) -> str:
        """One line about the data."""
        text = f"{len(self.x):,} {self.noun}"
        if self.kind == "images":
            text += " of " + size_text(self.x.shape[1:])
        if self.classes:
            text += f" in {len(self.classes)} classes"
        return f"{text} to train on, {len(self.x_test):,} more as {self.part} {self.noun}"


def size_text(shape: Sequence[int]) -> str:
    """A picture's shape in words."""
    return f"{shape[0]} x {shape[1]}" + (" in colour" if len(shape) == 3 else "")


def load_task(
    data: str, *, size: tuple[int, int] | None = None, color: Any = None, seed: int = 0
) -> Task:
    """The data of a name or folder.

    Args:
        data: one of `KNOWN_DATA`, or a folder of images.
        size: (height, width) to resize a folder's images to.
        color: "gray" or "rgb" to convert a folder's images to.
        seed: of the cut, where a folder has no test images.

    Raises:
        ValueError: a folder that holds no images in sub-folders, or unequal ones; or `size` or
            `color` with data that is no folder.
        OSError: data that cannot be read or downloaded.
        MissingExtra: Pillow or pooch is needed and missing.
    """
    if data in KNOWN_DATA and (size or color):
        raise ValueError(f"--image-size and --color are for folders of images, not for {data}")
    if data == "mnist":
        (x, y), test = datasets.mnist(flatten=False, normalize=False)
        return Task(data, "images", x, y, *test, datasets.MNIST_CLASSES)
    if data == "fashion-mnist":
        (x, y), test = datasets.fashion_mnist(flatten=False, normalize=False)
        return Task(data, "images", x, y, *test, datasets.FASHION_MNIST_CLASSES)
    if data == "spiral":
        names = tuple(str(number) for number in range(SPIRAL["classes"]))
        test = datasets.spiral(**SPIRAL, seed=TEST_SPIRAL_SEED)
        return Task(data, "points", *datasets.spiral(**SPIRAL), *test, names)
    if data == "sine":
        return Task(data, "curve", *datasets.sine(SINE), *datasets.sine(TEST_SINE))
    return _folder_task(Path(data), size, color, seed)


def _folder_task(path: Path, size: tuple[int, int] | None, color: Any, seed: int) -> Task:
    name = path.resolve().name or "images"
    if not has_parts(path):
        x, y, classes = read_folder(path, size, color)
        _check_classes(path, classes)
        rows, kept = split_rows(len(x), VALIDATION_SHARE, y, seed)
        return Task(name, "images", x[rows], y[rows], x[kept], y[kept], classes, "validation")
    x, y, classes = read_folder(path / "train", size, color)
    _check_classes(path / "train", classes)
    as_trained: Any = "gray" if x.ndim == 3 else "rgb"
    x_test, y_test, test_classes = read_folder(path / "test", x.shape[1:3], as_trained)
    y_test = relabel(y_test, test_classes, classes, str(path / "test"))
    return Task(name, "images", x, y, x_test, y_test, classes)


def _check_classes(path: Path, classes: Sequence[str]) -> None:
    if len(classes) == 1:
        raise ValueError(
            f"{path} has only one class, {classes[0]}; to tell classes apart takes two or more: "
            "give each a sub-folder with its pictures"
        )


def has_parts(path: Path) -> bool:
    """Whether a folder is not of classes but of `train` and `test`."""
    return (path / "train").is_dir() and (path / "test").is_dir()


def read_folder(path: Path, size: Any = None, color: Any = None) -> datasets.ImageFolder:
    """The raw pictures of a folder whose sub-folders are classes.

    Raises:
        ValueError: as `datasets.image_folder` does, with the command line's options in the text;
            also where the images are too large for a dense network.
    """
    files = (
        file
        for file in path.glob("*/*")
        if file.is_file() and not (is_hidden(file.name) or is_hidden(file.parent.name))
    )
    first = min(files, default=None)
    if size is None and first is not None:
        picture = datasets.read_image(first, color=color)
        if picture.size > LARGEST_IMAGE:
            raise ValueError(
                f"{first} is {size_text(picture.shape)}, too large for a network whose every unit "
                "looks at every pixel; resize all with --image-size 64x64, say"
            )
    try:
        return datasets.image_folder(path, size=size, color=color, flatten=False, normalize=False)
    except ValueError as error:
        text = str(error)
        for call, option in (
            ("pass size=(height, width)", "pass --image-size HEIGHTxWIDTH"),
            ("pass color='gray' or color='rgb'", "pass --color gray or --color rgb"),
        ):
            text = text.replace(call, option)
        raise type(error)(text) from None


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

    Raises:
        ValueError: the model takes no pictures.
    """
    shape: tuple[int, ...] = model.network.input_shape
    if len(shape) == 2 or (len(shape) == 3 and shape[2] == 3):
        return shape
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
    flat = len(model.network.input_shape) == 1
    raw = any(isinstance(layer, Rescaling) for layer in model.layers)
    return prepare_pictures(pictures, flatten=flat, normalize=not raw)


def class_names(model: Sequential) -> list[str]:
    """The classes' names that came with the model, or numbers."""
    count = max(2, model.network.output_shape[-1])
    names = model.metadata.get("classes")
    if isinstance(names, list) and len(names) == count:
        return [str(name) for name in names]
    return [str(number) for number in range(count)]


def test_data(model: Sequential, data: str) -> tuple[Array, Array, str]:
    """The test part of `data` as the model takes it, its targets, and what it is in words.

    Of a folder without `test` in it all images; resized and converted as the model needs them.

    Raises:
        ValueError: data that are not of the model's kind.
    """
    if data in KNOWN_DATA:
        task = load_task(data)
        x, y, names = task.x_test, task.y_test, task.classes
        what = f"{task.part} {task.noun} of {data}"
    else:
        path = Path(data)
        part = path / "test" if has_parts(path) else path
        shape = picture_shape(model)
        color: Any = "gray" if len(shape) == 2 else "rgb"
        x, y, classes = read_folder(part, shape[:2], color)
        names, what = tuple(classes), f"images in {part}"
    if x.dtype == "uint8":
        picture_shape(model)  # refuses a model that takes no pictures
        x = prepare_for(model, x)
    takes = model.network.input_shape
    if x.shape[1:] != takes:
        raise ValueError(
            f"{data} has samples of shape {x.shape[1:]}, the model takes {takes}; "
            "give data like those it was trained on, see `hyalite summary`"
        )
    if names:
        y = relabel(y, names, class_names(model), data)
    return x, y, what
