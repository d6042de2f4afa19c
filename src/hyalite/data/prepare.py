"""How stored pictures and labels become what a network trains on; one way for all data sets."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Normalize = bool | Literal["symmetric"]


def check_normalize(normalize: object) -> None:
    """Refuse an unknown `normalize`; called before files are read, which may take long.

    Raises:
        ValueError: it is neither True, False nor "symmetric".
    """
    known = isinstance(normalize, bool) or (isinstance(normalize, str) and normalize == "symmetric")
    if not known:
        raise ValueError(
            f"normalize={normalize!r}: expected True (0..1), 'symmetric' (-1..1) or "
            f"False (uint8, untouched)"
        )


def prepare_pictures(
    pictures: npt.NDArray[np.uint8], *, flatten: bool, normalize: Normalize
) -> npt.NDArray[Any]:
    """Scale and reshape pictures.

    Args:
        pictures: uint8, shape (n, height, width) or (n, height, width, 3).
        flatten: one row of numbers a picture, (n, height * width [* 3]), in C order.
        normalize: True gives float32 x / 255, in 0..1; "symmetric" gives float32
            (x - 127.5) / 127.5, in -1..1, as *Neural Networks from Scratch* does; False
            leaves uint8.

    Raises:
        ValueError: `normalize` is none of these.
    """
    check_normalize(normalize)
    n, *shape = pictures.shape
    x: npt.NDArray[Any] = pictures.reshape(n, int(np.prod(shape))) if flatten else pictures
    if normalize is False:
        return x
    # In place after the cast: of the large float32 array there is never a second one.
    x = x.astype(np.float32)
    if normalize == "symmetric":
        x -= 127.5
        x /= 127.5
    else:
        x /= 255
    return x


def prepare_labels(
    labels: npt.NDArray[Any], classes: int, *, one_hot: bool
) -> npt.NDArray[np.int64] | npt.NDArray[np.float32]:
    """Turn class numbers of shape (n,) into int64 (n,), or one-hot float32 (n, classes)."""
    y = labels.astype(np.int64)
    if not one_hot:
        return y
    rows = np.zeros((len(y), classes), np.float32)
    rows[np.arange(len(y)), y] = 1
    return rows
