"""Lists, frames and tensors give what their array gives, or are named; nothing is dropped."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

import hyalite as hy
from hyalite import checks
from tests.inputs import (
    LABELS,
    NAN,
    NUMBERS,
    X,
    classifier,
    fitted,
    refused,
    regression,
    with_entry,
)

WHOLE = (np.arange(48).reshape(12, 4) * 7 % 50).astype(np.float32)


def _memmap(tmp_path, array):
    path = tmp_path / "x.dat"
    mapped = np.memmap(path, array.dtype, "w+", shape=array.shape)
    mapped[:] = array
    mapped.flush()
    return np.memmap(path, array.dtype, "r", shape=array.shape)


def _read_only(array):
    array = array.copy()
    array.flags.writeable = False
    return array


def ml_dtypes(name):
    return getattr(pytest.importorskip("ml_dtypes", reason="no bfloat16"), name)


def _pandas():
    return pytest.importorskip("pandas", reason="no data frames of pandas")


def _polars():
    return pytest.importorskip("polars", reason="no data frames of polars")


def _arrow():
    return pytest.importorskip("pyarrow", reason="no tables of pyarrow")


def _mixed(x):
    """Columns of floats, whole numbers, bytes and halves; the values are those of x."""
    kinds = {"a": np.float64, "b": np.int64, "c": np.uint8, "d": np.float16}
    return {name: x[:, i].astype(kind) for i, (name, kind) in enumerate(kinds.items())}


FRAMES = {
    "pandas": lambda x, _: _pandas().DataFrame(x),
    "pandas, rows in another order": lambda x, _: _pandas().DataFrame(x, index=range(12, 0, -1)),
    "pandas, one name twice": lambda x, _: _pandas().DataFrame(x, columns=[*"aaaa"]),
    "pandas, several dtypes": lambda x, _: _pandas().DataFrame(_mixed(x)),
    "pandas, nullable": lambda x, _: _pandas().DataFrame(_mixed(x)).convert_dtypes(),
    "pandas, of pyarrow": lambda x, _: (
        _pandas().DataFrame(_mixed(x)).convert_dtypes(dtype_backend=_arrow() and "pyarrow")
    ),
    "pandas, objects": lambda x, _: _pandas().DataFrame(x.astype(object)),
    "pandas, sparse": lambda x, _: _pandas().DataFrame(x).astype("Sparse[float32]"),
    "polars": lambda x, _: _polars().DataFrame(_mixed(x)),
    "polars, decimal": lambda x, _: _polars().DataFrame(_mixed(x)).cast(_polars().Decimal(9, 2)),
    "narwhals": lambda x, _: pytest.importorskip("narwhals").from_native(_polars().DataFrame(x)),
    "pyarrow": lambda x, _: _arrow().table(_mixed(x)),
}
GOOD_X = {
    "uint8": lambda x, _: x.astype(np.uint8),
    "int8": lambda x, _: x.astype(np.int8),
    "int64": lambda x, _: x.astype(np.int64),
    "uint64": lambda x, _: x.astype(np.uint64),
    "float16": lambda x, _: x.astype(np.float16),
    "float64": lambda x, _: x.astype(np.float64),
    "longdouble": lambda x, _: x.astype(np.longdouble),
    "other byte order": lambda x, _: x.astype(">f4"),
    "list": lambda x, _: x.tolist(),
    "list of whole numbers": lambda x, _: x.astype(int).tolist(),
    "list of arrays": lambda x, _: list(x),
    "tuple": lambda x, _: tuple(map(tuple, x.tolist())),
    "Fortran order": lambda x, _: np.asfortranarray(x),
    "transposed view": lambda x, _: np.ascontiguousarray(x.T).T,
    "every other row": lambda x, _: np.repeat(x, 2, axis=0)[::2],
    "every other column": lambda x, _: np.repeat(x, 2, axis=1)[:, ::2],
    "backwards": lambda x, _: x[::-1].copy()[::-1],
    "read-only": lambda x, _: _read_only(x),
    "read-only, Fortran, uint8": lambda x, _: _read_only(np.asfortranarray(x.astype(np.uint8))),
    "memory-mapped": lambda x, path: _memmap(path, x),
    "memory-mapped uint8": lambda x, path: _memmap(path, x.astype(np.uint8)),
    "a field of records": lambda x, _: np.rec.fromarrays([x], names="x").x,
    "objects": lambda x, _: x.astype(object),
    "Python's own numbers": lambda x, _: [[Decimal(int(v)) for v in row] for row in x],
    "matrix": lambda x, _: x.view(np.matrix),
    "masked, with no entry masked": lambda x, _: np.ma.masked_less(x, -1),
    "bfloat16": lambda x, _: x.astype(ml_dtypes("bfloat16")),
    "bfloat16, other order": lambda x, _: np.asfortranarray(x.astype(ml_dtypes("bfloat16"))),
    **{f"frame: {name}": make for name, make in FRAMES.items()},
}


@pytest.mark.parametrize("batch_size", [5, 100])
@pytest.mark.parametrize("case", GOOD_X)
def test_samples_in_every_form_give_the_same_bytes(case, batch_size, tmp_path):
    options = {"epochs": 2, "batch_size": batch_size, "validation_split": 0.25}
    plain = fitted(classifier(), WHOLE, **options)
    x = GOOD_X[case](WHOLE, tmp_path)
    kept = np.array(x)
    other = fitted(classifier(), x, **options)
    assert other.theta.tobytes() == plain.theta.tobytes()
    assert other.history.history == plain.history.history
    assert other.predict(x).tobytes() == plain.predict(WHOLE).tobytes()
    assert other.evaluate(x, LABELS) == plain.evaluate(WHOLE, LABELS)
    np.testing.assert_array_equal(np.asarray(x), kept)


def _tensor(text):
    """What a tensor on a GPU, or one that requires its gradient, does when NumPy asks for it."""

    class Tensor:
        def __array__(self, dtype=None, copy=None):
            raise RuntimeError(text)

        def detach(self):
            raise AssertionError("only looked for")

    return Tensor()


def _frame(**columns):
    return _pandas().DataFrame({"a": np.arange(12.0), **columns})


DATES = np.arange(12).astype("M8[D]")
NOT_TAKEN = {
    # what no array of numbers is, or what NumPy would take from it in silence
    "masked": (lambda: np.ma.masked_less(X, 0), ["masked", ".filled(0)"]),
    "masked rows": (lambda: [np.ma.masked_less(row, 0) for row in X], ["masked"]),
    "fields": (lambda: np.zeros(12, "f4, i4"), ["structured_to_unstructured(x)"]),
    "durations": (lambda: X.astype("i8").astype("m8[s]"), ["np.timedelta64(1, 's')"]),
    "dates": (lambda: DATES.reshape(-1, 1), ["dates", "np.timedelta64(1, 'D')"]),
    "durations as objects": (lambda: np.array([[np.timedelta64(1, "s")]], object), ["x[0, 0]"]),
    "None in a list": (lambda: [[1.0, None], [2.0, 3.0]], ["x[0, 1] is None", "missing"]),
    "too large for a float": (lambda: [[10**400]], ["float64"]),
    "a set": (lambda: {1.0, 2.0}, ["a set", "np.array(list(x))"]),
    "a generator": (lambda: (row for row in X), ["a generator", "np.array(list(x))"]),
    "a dict": (lambda: {"a": [1.0], "b": [2.0]}, ["a dict", "np.column_stack"]),
    "an object": (lambda: object(), ["an object", "NumPy array"]),
    "complex of bfloat16": (lambda: np.zeros((12, 4), ml_dtypes("bcomplex32")), ["bcomplex32"]),
    "text": (lambda: X.astype(np.dtypes.StringDType()), ["StringDType", "astype(float)"]),
    "sparse": (lambda: pytest.importorskip("scipy.sparse").csr_matrix(X), ["x.toarray()"]),
    "sparse array": (lambda: pytest.importorskip("scipy.sparse").coo_array(X), ["x.toarray()"]),
    "sparse rows": (lambda: [pytest.importorskip("scipy.sparse").csr_matrix(X)], ["vstack(x)"]),
    "a tensor": (lambda: _tensor("that requires grad."), ["a Tensor", "detach().cpu()", "grad"]),
    "tensors": (lambda: [_tensor("on cuda:0")], ["torch.stack(x)", "cuda:0"]),
    "lazy frame": (lambda: _polars().DataFrame(X).lazy(), ["x.collect()"]),
    "column of texts": (lambda: _frame(kind=[*"uvw"] * 4), ["x['kind'][0] is 'u'"]),
    "column of categories": (
        lambda: _frame(kind=_pandas().Categorical([5, 6, 7] * 4)),
        ["x['kind']", "categories", "get_dummies"],
    ),
    "column of dates": (lambda: _frame(day=DATES), ["x['day']", "datetime64"]),
    "column of durations": (lambda: _frame(time=DATES - DATES[0]), ["x['time']", "timedelta64"]),
    "column of complex": (lambda: _frame(z=np.ones(12, complex)), ["x['z']", "complex"]),
    "NaN in a column": (lambda: _frame(b=with_entry(X[:, 0], 3, NAN)), ["x['b'][3] is nan"]),
    "missing whole number": (
        lambda: _frame(b=_pandas().array([1, 2, None] * 4, dtype="Int64")),
        ["x['b'][2] is nan"],
    ),
    "missing truth": (
        lambda: _frame(b=_pandas().array([True, None] * 6, dtype="boolean")),
        ["x['b'][1] is <NA>", "missing"],
    ),
    "polars, dates": (lambda: _polars().DataFrame({"a": X[:, 0], "day": DATES}), ["x['day']"]),
    "polars, null": (lambda: _polars().DataFrame({"a": [1, None] * 6}), ["x['a'][1]"]),
    "polars, lists": (lambda: _polars().DataFrame({"a": [[1, 2]] * 12}), ["x['a'][0]"]),
    "polars, pairs": (
        lambda: _polars().DataFrame({"a": X[:, :2]}),
        ["x['a']", "one number a row", "(12, 2)"],
    ),
    "pyarrow, dates": (lambda: _arrow().table({"a": X[:, 0], "day": DATES}), ["x['day']"]),
    "pyarrow, categories": (
        lambda: _arrow().table({"kind": _arrow().array([*"uvw"] * 4).dictionary_encode()}),
        ["x['kind']", "categories"],
    ),
}


@pytest.mark.parametrize("case", NOT_TAKEN)
def test_what_is_no_array_of_numbers_is_named_and_nothing_of_it_dropped(case):
    make, parts = NOT_TAKEN[case]
    x = make()
    text = refused(lambda: fitted(classifier(), x), *parts)
    assert text.startswith("x")
    whole = [part.replace("(x)", "(y)").replace("x.", "y.").replace("x[", "y[") for part in parts]
    refused(lambda: fitted(regression(), y=make()), *whole)
    refused(lambda: fitted(regression(), y=NUMBERS, sample_weight=make()), "sample_weight")


def test_a_frame_of_numpys_dtypes_is_not_copied():
    frame = _pandas().DataFrame(X)
    assert np.shares_memory(checks.array(frame, "x"), frame.to_numpy())


def test_a_pandas_frame_gives_what_its_array_gives_in_any_form_of_targets():
    pandas = _pandas()
    frame = pandas.DataFrame(_mixed(WHOLE))
    targets, weight = pandas.DataFrame({"t": NUMBERS}), pandas.Series(np.arange(12.0))
    data = (frame, targets, weight)
    one = fitted(regression(), frame, targets, sample_weight=weight, validation_data=data)
    arrays = WHOLE, NUMBERS, np.arange(12.0)
    two = fitted(regression(), *arrays[:2], sample_weight=arrays[2], validation_data=arrays)
    assert one.theta.tobytes() == two.theta.tobytes()
    assert one.history.history == two.history.history
    assert one.evaluate(frame, targets) == two.evaluate(*arrays[:2])
    mixed = pandas.get_dummies(pandas.DataFrame({"a": NUMBERS, "kind": [*"uvw"] * 4}))
    assert fitted(classifier(), mixed).predict(mixed).shape == (12, 3)  # truths beside numbers
    validation = (_frame(kind=[*"uvw"] * 4), NUMBERS)
    refused(
        lambda: fitted(regression(), frame, NUMBERS, validation_data=validation),
        "validation_data[0]['kind'][0] is 'u'",
    )


@pytest.mark.parametrize("make", [np.ma.masked_less, lambda y, _: with_entry(y, 2, NAN)])
def test_the_learning_rate_finder_takes_targets_by_the_same_door(make):
    y = make(NUMBERS, 0)
    refused(lambda: hy.find_learning_rate(regression(), X, y), "y", mend=False)


def test_boolean_samples_count_as_zeros_and_ones():
    x = WHOLE > 20
    one, two = fitted(classifier(), x), fitted(classifier(), x.astype(np.float32))
    assert one.theta.tobytes() == two.theta.tobytes()


LABEL_FORMS = {
    "objects": lambda y: y.astype(object),
    "bfloat16": lambda y: y.astype(ml_dtypes("bfloat16")),
    "pandas": lambda y: _pandas().Series(y, index=range(12, 0, -1)),
    "pandas, nullable": lambda y: _pandas().Series(y, dtype="Int64"),
    "pandas, of pyarrow": lambda y: _pandas().Series(y, dtype=_arrow() and "int64[pyarrow]"),
    "pandas, categories": lambda y: _pandas().Series(y).astype("category"),
    "one-hot pandas": lambda y: _pandas().get_dummies(_pandas().Series([*"abc"]).iloc[y]),
    "polars": lambda y: _polars().Series(y),
    "pyarrow": lambda y: _arrow().array(y),
    "int32": lambda y: y.astype(np.int32),
    "uint8": lambda y: y.astype(np.uint8),
    "int8": lambda y: y.astype(np.int8),
    "uint64": lambda y: y.astype(np.uint64),
    "float": lambda y: y.astype(np.float32),
    "other byte order": lambda y: y.astype(">i4"),
    "list": lambda y: y.tolist(),
    "read-only": _read_only,
    "strided": lambda y: np.repeat(y, 3)[::3],
    "one-hot float": lambda y: np.eye(3)[y],
    "one-hot float16": lambda y: np.eye(3, dtype=np.float16)[y],
    "one-hot uint8": lambda y: np.eye(3, dtype=np.uint8)[y],
    "one-hot bool": lambda y: np.eye(3, dtype=bool)[y],
    "one-hot Fortran": lambda y: np.asfortranarray(np.eye(3)[y]),
    "one-hot list": lambda y: np.eye(3)[y].tolist(),
}


@pytest.mark.parametrize("case", LABEL_FORMS)
def test_labels_in_every_form_give_the_same_bytes(case):
    options = {"epochs": 2, "batch_size": 5, "validation_split": 0.25, "class_weight": {1: 3.0}}
    y = LABEL_FORMS[case](LABELS)
    plain, other = fitted(classifier(), **options), fitted(classifier(), y=y, **options)
    assert other.theta.tobytes() == plain.theta.tobytes()
    assert other.history.history == plain.history.history
    assert other.evaluate(X, y) == plain.evaluate(X, LABELS)
    p = plain.predict(X)
    loss = hy.CategoricalCrossentropy()
    assert loss(p, y) == loss(p, LABELS)
    np.testing.assert_array_equal(loss.backward(p, y), loss.backward(p, LABELS))
