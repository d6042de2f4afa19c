"""Pictures in a folder, one sub-folder a class, read through Pillow."""

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
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")
KINDS = "PNG, JPEG, GIF, WebP, BMP or TIFF"
# what Windows, macOS and storage devices leave beside pictures without a dot in front
LEFT_BEHIND = {
    "thumbs.db",
    "ehthumbs.db",
    "desktop.ini",
    "icon\r",
    "__macosx",
    "@eadir",
    "$recycle.bin",
    "system volume information",
}
BITS, PHOTOMETRIC = 258, 262  # TIFF 6.0: bits a sample, and whether 0 is white (0) or black (1)
# EXIF 2.32, tag 274, "Orientation": what undoes each value but 1; names of Pillow's transpositions
ORIENTATION = 274
UPRIGHT = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}


class ImageFolder(NamedTuple):
    """A folder of pictures: x, labels y, and the classes' names in the order of the labels.

    Examples:
        >>> x, y = np.zeros((2, 784)), np.array([1, 0])
        >>> pictures = hy.datasets.ImageFolder(x, y, ("cat", "dog"))
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
    Hidden files and folders are skipped, and what Windows and macOS leave (Thumbs.db, desktop.ini,
    __MACOSX); anything else has to be a picture in its class's folder. How a picture is converted
    is told at `read_image`.

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
        FileFormatError: a file is no picture, is damaged, or declares over `max_pixels`.
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
    alpha: bool = False,
    max_pixels: int = MAX_PIXELS,
) -> npt.NDArray[np.uint8]:
    """Read one PNG, JPEG, GIF, WebP, BMP or TIFF file; the name's ending does not matter.

    Black-and-white and grey pictures become (height, width), all others, palettes too,
    (height, width, 3) in the order red, green, blue. What is transparent shows white, as on
    a page. Samples of 12 and 16 bits keep their upper 8; those of 32 bits and floats, which have no
    known range, are refused. Of an animation or of several pages the first is read. A camera's note
    on orientation (EXIF) is followed, a colour profile is not. Resizing is bilinear, averaging over
    what it shrinks.

    Args:
        path: the file.
        size: (height, width) to resize to.
        color: "gray" (luma after ITU-R 601) or "rgb" to convert to; None keeps.
        alpha: keep what is transparent: where a picture has such parts, a fourth number of each
            pixel is its opacity, 0 to 255. Not with `color`.
        max_pixels: refuse a picture that declares more, before it is decoded.

    Returns:
        uint8, shape (height, width) or (height, width, 3); with `alpha` also (height, width, 4).

    Raises:
        ValueError: `size`, `color` or `max_pixels` is wrong; `alpha` with `color`.
        FileFormatError: none of these, damaged, or over `max_pixels`.
        OSError: the file is missing or cannot be read.
        MissingExtra: Pillow is not installed.

    Examples:
        >>> from PIL import Image
        >>> Image.new("L", (3, 2), 255).save("white.png")  # Pillow says (width, height)
        >>> hy.datasets.read_image("white.png").tolist()
        [[255, 255, 255], [255, 255, 255]]
    """
    _check_arguments(size, color, max_pixels)
    if alpha and color is not None:
        raise ValueError(f"alpha=True keeps the colours of a picture, got color={color!r} with it")
    pillow = require("PIL.Image", extra="data", purpose="reading pictures")
    path = Path(path)
    with path.open("rb") as file:
        try:
            with warnings.catch_warnings():
                # Pillow would warn of large pictures at its own limit, ours is `max_pixels`, and
                # of metadata that are not used.
                warnings.simplefilter("ignore")
                picture = pillow.open(file, formats=FORMATS)
                with picture:
                    _check_pixels(picture, path, max_pixels)
                    picture.load()
                    method = UPRIGHT.get(_orientation(picture))
                    if alpha and picture.has_transparency_data:
                        picture = _with_opacity(picture)
                    else:
                        picture = _eight_bits(_over_white(picture, pillow), pillow)
        except (FileFormatError, MemoryError):
            raise
        except Exception as error:
            # Decoders of hostile bytes raise whatever they stumble over: OSError,
            # SyntaxError, struct.error, IndexError, ... All mean the same here.
            unknown = isinstance(error, pillow.UnidentifiedImageError)  # its text shows `file`
            raise FileFormatError(
                f"{path}: found no readable picture{'' if unknown else f' ({error})'}; "
                f"expected a complete {KINDS}"
            ) from error
    if method is not None:
        picture = picture.transpose(pillow.Transpose[method])
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


def _orientation(picture: Picture) -> int:
    """What a camera noted of how it was held, 1 to 8; 1, upright, where that cannot be read.

    A TIFF has been turned as it was loaded, and says 1.
    """
    try:
        return int(picture.getexif().get(ORIENTATION, 1))
    except Exception:  # damaged metadata do not spoil the picture
        return 1


def _over_white(picture: Picture, pillow: Any) -> Picture:
    """Lay a picture with transparent parts over white; others come back as they are."""
    if not picture.has_transparency_data:
        return picture
    gray = picture.mode in ("1", "L", "LA", "La")
    over = _with_opacity(picture)
    white = pillow.new("RGBA", over.size, "white")
    result: Picture = pillow.alpha_composite(white, over).convert("L" if gray else "RGB")
    return result


def _with_opacity(picture: Picture) -> Picture:
    """Convert one with transparent parts to "RGBA"."""
    # "I;16" has no way there but through eight bits, where its transparent value is lost.
    if picture.mode.startswith("I"):
        raise ValueError("16-bit grey with a transparent value is not supported")
    result: Picture = picture.convert("RGBA")
    return result


def _eight_bits(picture: Picture, pillow: Any) -> Picture:
    """Convert to "L" or "RGB" without clipping; decodes the file where that is still to do."""
    if picture.mode.startswith("I;16") or (picture.mode == "I" and picture.format == "PNG"):
        # Pillow's own conversion would clip at 255. The upper byte is also what Pillow
        # keeps of 16-bit colour.
        tags = getattr(picture, "tag_v2", {})  # of a TIFF
        bits = int(tags.get(BITS, (16,))[0])
        upper = (np.asarray(picture) >> (bits - 8)).astype(np.uint8)
        if tags.get(PHOTOMETRIC) == 0:  # 0 is white there
            upper = ~upper
        result: Picture = pillow.fromarray(upper)
        return result
    if picture.mode in ("I", "F"):
        raise ValueError("samples of 32 bits have no known range; save it with 8 or 16 bits")
    return picture.convert("L" if picture.mode in ("1", "L") else "RGB")


def is_hidden(name: str) -> bool:
    """Whether a file or folder of this name is no data but what a system keeps beside them."""
    return name.startswith(".") or name.lower() in LEFT_BEHIND


def _class_names(root: Path) -> tuple[str, ...]:
    entries = [entry for entry in root.iterdir() if not is_hidden(entry.name)]
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
    files = sorted(entry for entry in folder.iterdir() if not is_hidden(entry.name))
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
