"""Pictures in a folder, one sub-folder a class; PNG and JPEG, read through Pillow."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from hyalite.data.prepare import Normalize, check_normalize, prepare_labels, prepare_pictures
from hyalite.errors import FileFormatError, require

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

Color = Literal["gray", "rgb"]
MAX_PIXELS = 1 << 26  # 67 million: above any phone's usual picture, a quarter GB in memory


class ImageFolder(NamedTuple):
    """A folder of pictures: x, labels y, and the classes' names in the order of the labels.

    Examples:
        >>> pictures = hy.datasets.ImageFolder(np.zeros((2, 784)), np.array([1, 0]), ("cat", "dog"))
        >>> x, y, classes = pictures
        >>> [classes[label] for label in y]
        ['dog', 'cat']
    """

    x: npt.NDArray[Any]
    y: npt.NDArray[Any]
    classes: tuple[str, ...]


def image_folder(
    path: str | os.PathLike[str],
    *,
    size: tuple[int, int] | None = None,
    color: Color | None = None,
    flatten: bool = True,
    normalize: Normalize = True,
    one_hot: bool = False,
    max_pixels: int = MAX_PIXELS,
) -> ImageFolder:
    """Read a folder whose sub-folders are classes and hold a picture a file.

    Classes are sorted by name (by number where every name is a number), files by name.
    Hidden files and folders are skipped; anything else has to be a picture in its class's
    folder. How a picture is converted is told at `read_image`.

    Args:
        path: the folder; of the archive in *Neural Networks from Scratch* it is
            `fashion_mnist_images/train`.
        size: (height, width) to resize to; by default all have to be like the first.
        color: "gray" or "rgb" to convert to; by default all have to be like the first.
        flatten: one row a picture, (n, height * width [* 3]), else (n, height, width[, 3]).
        normalize: True for float32 in 0..1, "symmetric" for float32 in -1..1, False for uint8.
        one_hot: y as float32 (n, classes), else int64 (n,), the index into `classes`.
        max_pixels: refuse a picture that declares more.

    Returns:
        `ImageFolder`: x, y and the classes' names.

    Raises:
        ValueError: an argument is wrong; a class is empty or missing; a file lies where none
            belongs, is no regular file or is a link out of the folder; a picture differs
            from the first in size or colour.
        FileFormatError: a file is no PNG or JPEG, is damaged, or declares over `max_pixels`.
        OSError: a file or folder is missing or cannot be read.
        MissingExtra: Pillow is not installed.

    Examples:
        >>> from pathlib import Path
        >>> from PIL import Image
        >>> for name, gray in (("cat", 0), ("dog", 255)):
        ...     Path("animals", name).mkdir(parents=True)
        ...     Image.new("L", (2, 1), gray).save(f"animals/{name}/1.png")
        >>> x, y, classes = hy.datasets.image_folder("animals")
        >>> x.tolist(), y.tolist(), classes
        ([[0.0, 0.0], [1.0, 1.0]], [0, 1], ('cat', 'dog'))
    """
    check_normalize(normalize)
    root = Path(path)
    names = _class_names(root)
    files = [(file, label) for label, name in enumerate(names) for file in _files(root, name)]

    first = read_image(files[0][0], size=size, color=color, max_pixels=max_pixels)
    pictures = np.empty((len(files), *first.shape), np.uint8)
    for i, (file, _) in enumerate(files):
        picture = read_image(file, size=size, color=color, max_pixels=max_pixels)
        if picture.shape != first.shape:
            fix = (
                "pass size=(height, width) to resize all"
                if picture.shape[:2] != first.shape[:2]
                else "pass color='gray' or color='rgb' to convert all"
            )
            raise ValueError(
                f"{file} is {_describe(picture)}, but the first picture, {files[0][0]}, is "
                f"{_describe(first)}; {fix}"
            )
        pictures[i] = picture

    x = prepare_pictures(pictures, flatten=flatten, normalize=normalize)
    labels = np.array([label for _, label in files])
    return ImageFolder(x, prepare_labels(labels, len(names), one_hot=one_hot), names)


def read_image(
    path: str | os.PathLike[str],
    *,
    size: tuple[int, int] | None = None,
    color: Color | None = None,
    max_pixels: int = MAX_PIXELS,
) -> npt.NDArray[np.uint8]:
    """Read one PNG or JPEG file.

    Black-and-white and grey pictures become (height, width), all others, palettes too,
    (height, width, 3) in the order red, green, blue. What is transparent shows white, as on
    a page. Samples of 16 bits keep their upper 8. Resizing is bilinear, averaging over what
    it shrinks. A camera's note on orientation (EXIF) is not followed.

    Args:
        path: the file.
        size: (height, width) to resize to.
        color: "gray" (luma after ITU-R 601) or "rgb" to convert to; None keeps.
        max_pixels: refuse a picture that declares more, before it is decoded.

    Returns:
        uint8, shape (height, width) or (height, width, 3).

    Raises:
        ValueError: `size`, `color` or `max_pixels` is wrong.
        FileFormatError: no PNG or JPEG, damaged, or over `max_pixels`.
        OSError: the file is missing or cannot be read.
        MissingExtra: Pillow is not installed.

    Examples:
        >>> from PIL import Image
        >>> Image.new("L", (3, 2), 255).save("white.png")  # Pillow says (width, height)
        >>> hy.datasets.read_image("white.png").tolist()
        [[255, 255, 255], [255, 255, 255]]
    """
    _check_arguments(size, color, max_pixels)
    pillow = require("PIL.Image", extra="data", purpose="reading pictures")
    path = Path(path)
    with path.open("rb") as file:
        try:
            with warnings.catch_warnings():
                # Pillow would warn of large pictures at its own limit; ours is `max_pixels`.
                warnings.simplefilter("ignore", pillow.DecompressionBombWarning)
                picture = pillow.open(file, formats=("PNG", "JPEG"))
            with picture:
                _check_pixels(picture, path, max_pixels)
                picture = _eight_bits(_over_white(picture, pillow), pillow)
        except (FileFormatError, MemoryError):
            raise
        except Exception as error:
            # Decoders of hostile bytes raise whatever they stumble over: OSError,
            # SyntaxError, struct.error, IndexError, ... All mean the same here.
            raise FileFormatError(
                f"{path}: found no readable picture ({error}); expected a complete PNG or JPEG"
            ) from error
    if color is not None:
        picture = picture.convert("L" if color == "gray" else "RGB")
    if size is not None and picture.size != (size[1], size[0]):
        picture = picture.resize((size[1], size[0]), pillow.Resampling.BILINEAR)
    return np.array(picture, dtype=np.uint8)


def _check_arguments(size: Any, color: object, max_pixels: int) -> None:
    if size is not None:
        pair = isinstance(size, tuple | list) and len(size) == 2
        if not pair or not all(_is_positive(side) for side in size):
            raise ValueError(f"size={size!r}: expected (height, width), two whole numbers above 0")
    if color not in (None, "gray", "rgb"):
        raise ValueError(f"color={color!r}: expected 'gray', 'rgb' or None (as in the file)")
    if not _is_positive(max_pixels):
        raise ValueError(f"max_pixels={max_pixels!r}: expected a whole number above 0")


def _is_positive(value: int) -> bool:
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    return whole and bool(value > 0)


def _check_pixels(picture: Picture, path: Path, max_pixels: int) -> None:
    width, height = picture.size
    if width * height > max_pixels:
        raise FileFormatError(
            f"{path}: found a picture of {height} x {width} pixels (height x width); "
            f"expected at most max_pixels={max_pixels}"
        )


def _over_white(picture: Picture, pillow: Any) -> Picture:
    """Lay a picture with transparent parts over white; others come back as they are."""
    if not picture.has_transparency_data:
        return picture
    # "I;16" has no way to RGBA but through eight bits, where its transparent value is lost.
    if picture.mode.startswith("I"):
        raise ValueError("16-bit grey with a transparent value is not supported")
    gray = picture.mode in ("1", "L", "LA", "La")
    over: Picture = picture.convert("RGBA")
    white = pillow.new("RGBA", over.size, "white")
    result: Picture = pillow.alpha_composite(white, over).convert("L" if gray else "RGB")
    return result


def _eight_bits(picture: Picture, pillow: Any) -> Picture:
    """Convert to "L" or "RGB" without clipping; decodes the file where that is still to do."""
    if picture.mode.startswith("I"):
        # Pillow's own conversion would clip at 255. The upper byte is also what Pillow
        # keeps of 16-bit colour.
        upper: Picture = pillow.fromarray((np.asarray(picture) >> 8).astype(np.uint8))
        return upper
    return picture.convert("L" if picture.mode in ("1", "L") else "RGB")


def _class_names(root: Path) -> tuple[str, ...]:
    entries = [entry for entry in root.iterdir() if not entry.name.startswith(".")]
    names = [entry.name for entry in entries if entry.is_dir()]
    if not names:
        raise ValueError(
            f"{root} has no sub-folders; expected one for each class, with its pictures in it"
        )
    if len(names) < len(entries):
        loose = min(entry.name for entry in entries if entry.name not in set(names))
        raise ValueError(
            f"{root / loose} lies beside the class folders; move it into one of them, or away"
        )
    if all(name.isdecimal() for name in names):
        return tuple(sorted(names, key=lambda name: (int(name), name)))
    return tuple(sorted(names))


def _files(root: Path, name: str) -> Iterator[Path]:
    """A class's picture files by name; refuses whatever is not a file inside `root`."""
    folder = root / name
    files = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    if not files:
        raise ValueError(f"{folder} is empty; put pictures of this class into it, or remove it")
    inside = root.resolve()
    for file in files:
        if file.is_dir():
            # most often the folder above `train` and `test` was given
            part = root / "train" if (root / "train").is_dir() else folder
            raise ValueError(
                f"{file} is a folder inside a class's folder; expected only pictures there. "
                f"If the classes are the folders in {part}, pass {part}"
            )
        # A link must not carry files from elsewhere into a model, nor read from a device.
        if not file.resolve().is_relative_to(inside):
            raise ValueError(f"{file} is a link to outside {root}; replace it by a copy")
        if not file.is_file():
            raise ValueError(f"{file} is not a regular file; remove it")
        yield file


def _describe(picture: npt.NDArray[np.uint8]) -> str:
    height, width = picture.shape[:2]
    return f"{height} x {width} (height x width), {'gray' if picture.ndim == 2 else 'rgb'}"
