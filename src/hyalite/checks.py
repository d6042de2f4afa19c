"""What comes in from users: arrays and numbers are checked here, and errors name the fix."""

from __future__ import annotations

import math
import operator
from typing import Any, SupportsFloat, SupportsIndex

import numpy as np

from hyalite import conversion
from hyalite.parameters import Array, Shape

_CHUNK = 1 << 22  # entries checked at a time: no second copy of a large array
FILL = "Remove or fill such entries, for instance with np.nan_to_num"


def number(
    value: SupportsFloat,
    argument: str,
    *,
    low: float = -math.inf,
    high: float = math.inf,
    above: bool = False,
    below: bool = False,
) -> float:
    """`value` as a finite float in [low, high]; ``above`` / ``below`` make an end exclusive."""
    try:
        result = math.nan if isinstance(value, (str, bytes)) else float(value)
    except (TypeError, ValueError, OverflowError):
        result = math.nan
    too_low = result <= low if above else result < low
    too_high = result >= high if below else result > high
    if not math.isfinite(result) or too_low or too_high:
        left, right = "(" if above or low == -math.inf else "[", ")" if below else "]"
        right = ")" if high == math.inf else right
        raise ValueError(
            f"{argument} must be a number in {left}{low:g}, {high:g}{right}, got {value!r}"
        )
    return result


def integer(value: SupportsIndex, argument: str, *, low: int = 1, high: int | None = None) -> int:
    """`value` as an int of at least `low`, and at most `high` where that is given."""
    try:
        result = low - 1 if isinstance(value, bool) else operator.index(value)
    except TypeError:
        result = low - 1
    if result < low or (high is not None and result > high):
        bounds = f"of at least {low}" if high is None else f"from {low} to {high}"
        raise ValueError(f"{argument} must be a whole number {bounds}, got {value!r}")
    return result


def places(values: Any, count: int, argument: str) -> list[int]:
    """Places among `count`, one or some; all of them for None.

    Raises:
        ValueError: none at all, or one that is not there.
    """
    if values is None:
        return list(range(count))
    try:
        wanted = [values] if isinstance(values, SupportsIndex) else list(values)
        result = [operator.index(value) for value in wanted]
    except TypeError:
        result = []
    if not result or min(result) < 0 or max(result) >= count:
        raise ValueError(
            f"{argument} must be one place or more from 0 to {count - 1}, got {values!r}"
        )
    return result


def shape(values: Any, argument: str = "input_shape", *, empty: bool = False) -> Shape:
    """A sample's shape as a tuple of ints, from a tuple or a single int."""
    sizes = (values,) if isinstance(values, SupportsIndex) else values
    try:
        result = tuple(-1 if isinstance(size, bool) else operator.index(size) for size in sizes)
    except TypeError:
        result = (-1,)
    if isinstance(values, str) or min(result, default=1) < 1 or not (result or empty):
        raise ValueError(
            f"{argument} must be one sample's shape in whole numbers of at least 1, such as 784 "
            f"or (28, 28), got {values!r}; give it without the number of samples"
        )
    return result


def cast(values: Array, dtype: np.dtype[Any], argument: str) -> Array:
    """`values` in the dtype of a model, not copied where they have it.

    Raises:
        ValueError: a number too large for the dtype.
    """
    fits(values, dtype, argument)
    return values.astype(dtype, copy=False)


def fits(values: Array, dtype: np.dtype[Any], argument: str) -> None:
    """Raise a ValueError where a number is too large for the dtype."""
    if values.dtype.kind != "f" or values.dtype.itemsize <= dtype.itemsize or not values.size:
        return
    top, low = float(values.max()), float(values.min())
    limit = float(np.finfo(dtype).max)
    if top > limit or low < -limit:
        raise ValueError(
            f"{argument} holds {top if top > limit else low:g}, too large for {dtype}; scale it, "
            "or make the model with dtype='float64'"
        )


def array(values: Any, argument: str, *, mend: str = FILL) -> Array:
    """`values` as a real numeric array, not copied where it is one already.

    A data frame is taken column by column, so that an error names the column.

    Args:
        values: anything that `np.asarray` takes, or a data frame.
        argument: what it is called in an error.
        mend: what to do about entries that are not finite.

    Raises:
        ValueError: entries that are no real numbers, a mask, a ragged list, NaN or infinity.
    """
    if values is None:
        raise ValueError(f"{argument} must be an array of numbers, got None; give one row a sample")
    columns = conversion.columns_of(values)
    if columns is None:
        result = conversion.real(values, argument)
        if result.dtype.kind == "f":
            _check_finite(result, argument, mend)
        return result
    whole = conversion.whole_frame(values)
    if whole is not None and (whole.dtype.kind != "f" or _not_finite(whole) is None):
        return whole
    parts = []
    for name, column in columns:
        label = f"{argument}[{name!r}]"
        conversion.check_column(column, label)
        parts.append(array(column, label, mend=mend))
        if parts[-1].ndim != 1:
            raise ValueError(
                f"{label} must hold one number a row, got shape {parts[-1].shape}; "
                "make a column of each"
            )
    # columns that lie together, as those of a data frame do
    return np.array(parts).T if parts else np.empty((len(values), 0))


def targets(values: Any, argument: str = "y") -> Array:
    """`values` as `array` has it; a target that is missing is not to be filled."""
    mend = (
        "A target cannot be made up: leave such samples out of all arrays, those where "
        f"np.isfinite({argument}) is False"
    )
    return array(values, argument, mend=mend)


def _check_finite(values: Array, argument: str, mend: str) -> None:
    place = _not_finite(values)
    if place is not None:
        where = ", ".join(map(str, place))
        raise ValueError(
            f"{argument} must be finite: {argument}[{where}] is {values[place]}. {mend}"
        )


def _not_finite(values: Array) -> tuple[int, ...] | None:
    """The place of the first entry that is NaN or infinite."""
    rows = max(1, _CHUNK // max(1, math.prod(values.shape[1:])))
    parts = (values[i : i + rows] for i in range(0, len(values), rows)) if values.ndim else [values]
    for start, part in enumerate(parts):
        # One sum tells for nearly every array; it can also overflow, so look closer then.
        with np.errstate(over="ignore", invalid="ignore"):
            if np.isfinite(np.sum(part)):
                continue
        bad = np.argwhere(~np.isfinite(part))
        if len(bad):
            place = bad[0]
            if values.ndim:
                place[0] += start * rows
            return tuple(map(int, place))
    return None


def inputs(x: Any, shape: Shape | None, argument: str = "x", note: str = "") -> Array:
    """Samples: (n, *shape), or (n, ...) of at least two axes where `shape` is not known yet.

    `note` is what the model says of its samples, for the error's end.

    Raises:
        ValueError: no rows, a wrong number of axes or features, or what `array` refuses.
    """
    x = array(x, argument)
    wanted = "(samples, features)" if shape is None else f"(samples, {', '.join(map(str, shape))})"
    if x.ndim == 1 and (shape is None or len(shape) == 1):
        raise ValueError(
            f"{argument} must have shape {wanted}, got the 1-D shape {x.shape}. "
            f"One sample: {argument}.reshape(1, -1); one feature: {argument}.reshape(-1, 1)"
        )
    if x.ndim == 0:
        raise ValueError(
            f"{argument} must have shape {wanted}, got a single number; give [[number]]"
        )
    if x.size == 0:
        raise ValueError(
            f"{argument} must not be empty, got shape {x.shape}; give at least one sample with at "
            "least one feature"
        )
    if shape is not None and x.shape[1:] != shape:
        mend = ". The features must be those the model was built for; for others make a new model"
        if x.shape == shape or (x.ndim == 1 and x.size == math.prod(shape)):
            mend = f". One sample: {argument}.reshape{(1, *shape)}"
        elif math.prod(x.shape[1:]) == math.prod(shape):
            sizes = "-1" if len(shape) == 1 else ", ".join(map(str, shape))
            mend = f". Reshape it: {argument}.reshape(len({argument}), {sizes})"
        elif x.T.shape[1:] == shape:
            mend = f". Is it transposed? Try {argument}.T"
        raise ValueError(f"{argument} must have shape {wanted}, got {x.shape}{mend}{note}")
    return x


def same_length(first: Array, second: Array, names: tuple[str, str]) -> None:
    """Raise a ValueError where two arrays differ in the number of rows."""
    if len(first) != len(second):
        mend = "give one row of each for every sample"
        if first.ndim == 2 and first.shape[1] == len(second):
            mend = f"is {names[0]} transposed? Try {names[0]}.T"
        raise ValueError(
            f"{names[0]} and {names[1]} must have the same number of rows, "
            f"got {len(first)} and {len(second)}; {mend}"
        )


def weights(values: Any, samples: int, argument: str = "sample_weight") -> Array:
    """Sample weights: float64 (samples,), none negative, not all zero."""
    result = array(values, argument, mend="Give each sample a weight; 0 leaves it out")
    if result.shape != (samples,):
        mend = f"; flatten it: np.ravel({argument})" if result.shape == (samples, 1) else ""
        raise ValueError(
            f"{argument} must have shape ({samples},), one weight a row, got {result.shape}{mend}"
        )
    result = result.astype(np.float64)
    if result.min() < 0:
        raise ValueError(f"{argument} must not be negative, got {result.min():g}")
    if result.sum() <= 0:
        raise ValueError(f"{argument} must not be zero for every row")
    return result
