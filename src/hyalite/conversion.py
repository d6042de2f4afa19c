"""What users call an array, as a NumPy array: lists, data frames, series, tensors of any library.

Nothing but NumPy is imported: a data frame is known by its methods, everything else by the
protocols (``__array__`` and the like) that `np.asarray` follows. What these would drop in silence,
a mask or that a number is a date, is refused here. Names of rows and columns are not used.
"""

from __future__ import annotations

import numbers
import reprlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from hyalite.parameters import Array

REAL = "biuf"  # kinds of NumPy's own dtypes that hold real numbers
_CATEGORICAL = ("category", "dictionary", "Categorical", "Enum")  # pandas, pyarrow, polars
_TEMPORAL = ("date", "time", "duration")  # the same, in small letters
_MISSING = ("NoneType", "NAType", "NaTType")
_TEXT = (
    "use {0}.astype(float) where the text spells numbers; turn text labels into integers by "
    "np.unique(labels, return_inverse=True)[1], other texts into columns of 0 and 1, as "
    "pd.get_dummies does"
)
_MENDS = {
    "c": "take np.abs, .real or .imag first",
    "U": _TEXT,
    "S": _TEXT,
    "T": _TEXT,
    "M": "turn dates into numbers, such as days: "
    "({0} - np.datetime64('2000-01-01')) / np.timedelta64(1, 'D')",
    "m": "turn durations into numbers, such as seconds: {0} / np.timedelta64(1, 's')",
}


def columns_of(values: Any) -> Iterable[tuple[Any, Any]] | None:
    """Names and columns of a data frame (pandas, polars, pyarrow and their like); None of others.

    Looked up on the type, since a lazy frame may compute what is asked of the object.
    """
    kind = type(values)
    if hasattr(kind, "iter_columns"):  # polars, narwhals
        return ((column.name, column) for column in values.iter_columns())
    if hasattr(kind, "itercolumns"):  # pyarrow
        return zip(values.column_names, values.itercolumns(), strict=True)
    if hasattr(kind, "columns") and hasattr(kind, "items"):  # pandas, dask, modin
        return values.items()
    return None


def check_kept(values: Any, argument: str) -> None:
    """Raise a ValueError for what another library's conversion would drop without a word.

    That is a mask, and of a data frame's column that its numbers are dates or durations.
    """
    _check_mask(values, argument)
    for name, column in columns_of(values) or ():
        dtype = str(getattr(column, "dtype", getattr(column, "type", "")))
        if dtype.lower().startswith(_TEMPORAL):
            label = f"{argument}[{name!r}]"
            mend = _MENDS["m" if dtype.lower().startswith("duration") else "M"].format(label)
            raise ValueError(f"{label} must hold real numbers, got dtype {dtype}; {mend}")


def whole_frame(values: Any) -> Array | None:
    """A pandas frame whose columns have NumPy's own real dtypes, not column by column: 50 µs each.

    None where that is not so, or where pandas makes objects of them, as of truths beside numbers.
    """
    dtypes = getattr(values, "dtypes", None)
    if dtypes is None or not all(
        isinstance(dtype, np.dtype) and dtype.kind in REAL for dtype in dtypes
    ):
        return None
    result = np.asarray(values)
    return result if result.dtype.kind in REAL else None


def check_column(column: Any, argument: str) -> None:
    """Raise a ValueError where a data frame's column holds categories: they are no magnitudes."""
    dtype = str(getattr(column, "dtype", getattr(column, "type", "")))
    if dtype.startswith(_CATEGORICAL):
        raise ValueError(
            f"{argument} must hold real numbers, got categories; make a column of 0 and 1 of each, "
            f"as pd.get_dummies does, or use {argument}.astype(float) where they are numbers"
        )


def real(values: Any, argument: str) -> Array:
    """`values` as an array of one of NumPy's real dtypes, not copied where it is one already.

    Dtypes of other packages, such as bfloat16, become float32, which holds all their numbers;
    objects that all are numbers become float64.

    Raises:
        ValueError: anything else, a mask, or rows of unequal length.
    """
    if type(values) is not np.ndarray:
        _check_mask(values, argument)
    try:
        result = np.asarray(values)
    except MemoryError:
        raise
    except Exception as error:  # each library has its own: RuntimeError, TypeError, ...
        if isinstance(values, (list, tuple)) and isinstance(error, ValueError):
            raise ValueError(
                f"{argument} must be a rectangular array of numbers, got unequal rows: {error} "
                "Make all rows equally long"
            ) from None
        raise ValueError(f"{_no_array(values, argument)} ({error})") from None
    if result.dtype.kind in REAL:
        return result
    if result.dtype.kind == "O":
        return _from_objects(result, values, argument)
    own = issubclass(result.dtype.type, np.generic) and not issubclass(result.dtype.type, np.void)
    if own and result.dtype.kind not in _MENDS and np.can_cast(result.dtype, np.float32):
        return result.astype(np.float32)
    mend = _MENDS.get(result.dtype.kind, "convert it to numbers first").format(argument)
    if result.dtype.names:
        mend = (
            "make one array of its fields: "
            f"numpy.lib.recfunctions.structured_to_unstructured({argument})"
        )
    raise ValueError(f"{argument} must hold real numbers, got dtype {result.dtype}; {mend}")


def _check_mask(values: Any, argument: str) -> None:
    """Raise a ValueError for masked entries: NumPy would give the numbers below the mask."""
    rows = values if isinstance(values, (list, tuple)) else (values,)
    kinds = {kind for kind in set(map(type, rows)) if issubclass(kind, np.ndarray)}
    if not any(hasattr(kind, "mask") for kind in kinds):
        return
    count = sum(int(np.sum(getattr(row, "mask", False))) for row in rows)
    if count:
        raise ValueError(
            f"{argument} must have a number at every entry, got a masked array (entries masked: "
            f"{count}); fill them, as {argument}.filled(0) does, or leave their rows out"
        )


def _no_array(values: Any, argument: str) -> str:
    """What `values` is instead of an array, and how to make it one."""
    kind = type(values)
    text = f"{argument} must be an array of numbers, got {_a(kind)}"
    if isinstance(values, (list, tuple)) and hasattr(type(values[0]), "detach"):
        return f"{text} of tensors; convert it: torch.stack({argument}).detach().cpu().numpy()"
    for method in ("toarray", "todense"):
        if hasattr(kind, method):
            return f"{text}, which is sparse; make it dense: {argument}.{method}()"
    if hasattr(kind, "detach"):
        return f"{text}; convert it: {argument}.detach().cpu().float().numpy()"
    if hasattr(kind, "collect"):
        return f"{text}, which is not computed yet; call {argument}.collect()"
    if isinstance(values, Mapping):
        return f"{text}; make one array of its columns: np.column_stack(list({argument}.values()))"
    if isinstance(values, Iterable):
        return f"{text}; make it an array first: np.array(list({argument}))"
    return f"{text}; convert it to a NumPy array first"


def _from_objects(result: Array, values: Any, argument: str) -> Array:
    """An array of Python objects as float64, where each of them is a number."""
    if result.ndim == 0 and not isinstance(values, np.ndarray):
        raise ValueError(_no_array(values, argument))
    entries = result.ravel()
    wrong = {kind for kind in set(map(type, entries)) if not _is_number(kind)}
    if not wrong:
        try:
            return result.astype(np.float64)
        except (OverflowError, TypeError, ValueError) as error:
            raise ValueError(
                f"{argument} must hold real numbers, got dtype object with one that float64 does "
                f"not hold ({error}); scale it"
            ) from None
    place = next(i for i, entry in enumerate(entries) if type(entry) in wrong)
    entry = entries[place]
    where = ", ".join(str(int(i)) for i in np.unravel_index(place, result.shape))
    raise ValueError(
        f"{argument} must hold real numbers, got dtype object: {argument}"
        f"{f'[{where}]' if where else ''} is {reprlib.repr(entry)}; {_mend_of(entry, argument)}"
    )


def _is_number(kind: type) -> bool:
    """Whether objects of this class are real numbers; NumPy counts a duration as one."""
    if issubclass(kind, np.timedelta64):
        return False
    return issubclass(kind, (numbers.Real, np.bool_)) or kind.__name__ == "Decimal"


def _mend_of(entry: Any, argument: str) -> str:
    kind = type(entry)
    if isinstance(entry, (str, bytes)):
        return _TEXT.format(argument)
    if kind.__name__ in _MISSING:
        return "remove or fill what is missing"
    if hasattr(kind, "toarray"):
        return f"make one dense array of the rows: scipy.sparse.vstack({argument}).toarray()"
    if isinstance(entry, (list, tuple, np.ndarray)):
        return "make all rows equally long, and one array of them"
    if isinstance(entry, (complex, np.complexfloating)):
        return _MENDS["c"]
    return "make one array of numbers"


def _a(kind: type) -> str:
    name = kind.__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"
