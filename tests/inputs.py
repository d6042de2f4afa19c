"""What the tests of good and bad input share: data, models, and the check of a refusal's words."""

from __future__ import annotations

import re

import numpy as np
import pytest

import hyalite as hy

RNG = np.random.default_rng(3)
X = RNG.standard_normal((12, 4)).astype(np.float32)
LABELS = np.array([0, 1, 2] * 4)
YES_NO = np.array([0, 1, 1, 0] * 3)
NUMBERS = RNG.standard_normal(12)
NAN, INF = float("nan"), float("inf")
# An error says how to mend: one of these words tells the user what to do.
MENDS = re.compile(
    r"\b(use|give|make|remove|fill|reshape|flatten|turn|convert|take|try|leave|put|repeat|end it|"
    r"call|write|add|change|check|choose|needs|goes with|must count|did you mean|transposed|known|"
    r"one sample)\b",
    re.IGNORECASE,
)


def classifier(**options) -> hy.Sequential:
    model = hy.Sequential([hy.Dense(5, "relu"), hy.Dense(3, "softmax")], **options)
    model.compile("categorical_crossentropy", hy.SGD(0.1), metrics=["accuracy"])
    return model


def yes_no(units: int = 1) -> hy.Sequential:
    model = hy.Sequential([hy.Dense(units, "sigmoid")])
    model.compile("binary_crossentropy", hy.SGD(0.1))
    return model


def regression(units: int = 1) -> hy.Sequential:
    model = hy.Sequential([hy.Dense(units)])
    model.compile("mean_squared_error", hy.SGD(0.1))
    return model


def counts() -> hy.Sequential:
    model = hy.Sequential([hy.Dense(1)])
    model.compile("poisson")
    return model


def one_class() -> hy.Sequential:
    model = hy.Sequential([hy.Dense(1)])
    model.compile(hy.CategoricalCrossentropy(from_logits=True))
    return model


def fitted(model: hy.Sequential, x=X, y=LABELS, **options) -> hy.Sequential:
    model.fit(x, y, seed=1, verbose=0, **options)
    return model


def refused(call, *parts: str, mend: bool = True) -> str:
    """The text of the ValueError that `call` raises, with all of `parts` in it, and a mend."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # the text is checked right below
        call()
    text = str(caught.value)
    for part in parts:
        assert part in text, f"{part!r} is not in: {text}"
    if mend:
        assert MENDS.search(text), f"no mend in: {text}"
    return text


def with_entry(array, place, value):
    array = np.array(array, copy=True)
    array[place] = value
    return array


# The samples --------------------------------------------------------------------------------------

BAD_X = {
    "1-D": (X[0], ["(4,)", "(samples", "reshape(1, -1)", "reshape(-1, 1)"]),
    "a number": (3.0, ["single number", "(samples"]),
    "too few features": (X[:, :3], ["(12, 3)", "(samples, 4)"]),
    "one feature": (X[:, :1], ["(12, 1)", "(samples, 4)"]),
    "too many features": (np.hstack([X, X]), ["(12, 8)", "(samples, 4)"]),
    "too many axes": (X.reshape(12, 2, 2), ["(12, 2, 2)", "(samples, 4)", "reshape"]),
    "transposed": (X.T, ["(4, 12)", "(samples, 4)", ".T"]),
    "no rows": (X[:0], ["empty", "(0, 4)"]),
    "no features": (X[:, :0], ["empty", "(12, 0)"]),
    "an empty list": ([], ["(samples"]),
    "NaN": (with_entry(X, (3, 1), NAN), ["finite", "[3, 1]", "nan", "nan_to_num"]),
    "infinity": (with_entry(X, (11, 3), INF), ["finite", "[11, 3]", "inf"]),
    "minus infinity": (with_entry(X, (0, 0), -INF), ["finite", "[0, 0]", "-inf"]),
    "both infinities": (
        with_entry(with_entry(X, (2, 0), INF), (5, 0), -INF),
        ["finite", "[2, 0]"],
    ),
    "objects": (with_entry(X.astype(object), (2, 1), None), ["object", "real numbers", "[2, 1]"]),
    "complex": (X.astype(complex), ["complex", "real numbers", ".real"]),
    "text": (X.astype(str), ["dtype", "real numbers"]),
    "bytes": (X.astype(bytes), ["dtype", "real numbers"]),
    "dates": (X.astype("i8").astype("M8[s]"), ["datetime64", "real numbers"]),
    "ragged": ([[1.0, 2.0, 3.0, 4.0], [1.0]], ["rectangular"]),
    "None": (None, ["None"]),
}


# The targets --------------------------------------------------------------------------------------

BAD_TARGETS = {
    # name: (model, y, parts)
    "labels negative": (classifier, with_entry(LABELS, 5, -1), ["0 to 2", "-1"]),
    "labels too large": (classifier, with_entry(LABELS, 5, 3), ["0 to 2", "3"]),
    "labels from 1": (classifier, LABELS + 1, ["0 to 2", "count from 0"]),
    "labels fractional": (classifier, with_entry(LABELS.astype(float), 2, 0.5), ["whole", "0.5"]),
    "labels huge": (classifier, np.full(12, 1e300), ["1e+300"]),
    "labels beyond int64": (classifier, np.full(12, 2**64 - 1, np.uint64), ["0 to 2"]),
    "labels int8 negative": (classifier, np.full(12, -1, np.int8), ["0 to 2", "-1"]),
    "labels as text": (classifier, np.array(["a", "b", "c"] * 4), ["np.unique"]),
    "labels as a column": (classifier, LABELS[:, np.newaxis], ["(12, 1)", "(samples,)", "ravel"]),
    "labels as a row": (classifier, LABELS[np.newaxis], ["1"]),
    "one-hot, a class short": (classifier, np.eye(2)[YES_NO], ["(12, 2)", "(samples, 3)"]),
    "one-hot, a class too many": (classifier, np.eye(4)[LABELS], ["(12, 4)", "(samples, 3)"]),
    "one-hot, one row": (classifier, np.eye(3)[:1], ["12", "1"]),
    "one-hot, another sum": (
        classifier,
        with_entry(np.eye(3)[LABELS], (4, 0), 1.0),
        ["sum to 1", "row 4", "[1.0, 1.0, 0.0]"],
    ),
    "one-hot, a row of zeros": (
        classifier,
        with_entry(np.eye(3)[LABELS], 7, 0.0),
        ["sum to 1", "row 7"],
    ),
    "soft, negative": (
        classifier,
        with_entry(np.eye(3)[LABELS], 1, [1.5, -0.5, 0.0]),
        ["row 1"],
    ),
    "classes, three axes": (classifier, np.ones((12, 3, 1)), ["(12, 3, 1)"]),
    "yes/no beyond 1": (yes_no, with_entry(YES_NO, 0, 2), ["0..1", "2"]),
    "yes/no negative": (yes_no, YES_NO * 2 - 1, ["0..1", "-1"]),
    "yes/no as a row": (yes_no, YES_NO[np.newaxis], ["1", "12"]),
    "yes/no, two columns": (yes_no, np.eye(2)[YES_NO], ["(12, 2)", "(samples, 1)"]),
    "numbers as a row": (regression, NUMBERS[np.newaxis], ["1", "12"]),
    "numbers, two columns": (regression, np.ones((12, 2)), ["(12, 2)", "(samples, 1)"]),
    "numbers, three axes": (regression, np.ones((12, 1, 1)), ["(12, 1, 1)", "(samples, 1)"]),
    "three outputs, (n,)": (lambda: regression(3), NUMBERS, ["(12,)", "(samples, 3)"]),
    "three outputs, (n, 1)": (
        lambda: regression(3),
        NUMBERS[:, np.newaxis],
        ["(12, 1)", "(samples, 3)", "broadcast"],
    ),
    "three outputs, (1, 3)": (lambda: regression(3), np.ones((1, 3)), ["12", "1"]),
    "three outputs, (3,)": (lambda: regression(3), np.ones(3), ["3"]),
    "as many outputs as rows, (n,)": (
        lambda: regression(12),
        NUMBERS,
        ["(12,)", "(samples, 12)"],
    ),
    "two yes/no, (n,)": (lambda: yes_no(2), YES_NO, ["(12,)", "(samples, 2)"]),
    "two yes/no, (n, 1)": (lambda: yes_no(2), YES_NO[:, np.newaxis], ["(12, 1)", "(samples, 2)"]),
    "a single number": (regression, 1.0, ["single number"]),
    "too short": (regression, NUMBERS[:-1], ["12", "11"]),
    "too long": (regression, np.append(NUMBERS, 1), ["12", "13"]),
    "one": (regression, NUMBERS[:1], ["12", "1"]),
    "empty": (regression, [], ["12", "0"]),
    "labels too short": (classifier, LABELS[:-1], ["12", "11"]),
    "NaN": (regression, with_entry(NUMBERS, 6, NAN), ["finite", "[6]", "nan"]),
    "infinity": (regression, with_entry(NUMBERS, 6, INF), ["finite", "[6]", "inf"]),
    "labels NaN": (classifier, with_entry(LABELS.astype(float), 6, NAN), ["finite", "[6]"]),
    "one-hot NaN": (classifier, with_entry(np.eye(3)[LABELS], (2, 2), NAN), ["finite", "[2, 2]"]),
    "objects": (
        regression,
        with_entry(NUMBERS.astype(object), 3, "many"),
        ["object", "real numbers", "[3]", "'many'"],
    ),
    "counts below 0": (counts, with_entry(YES_NO, 4, -1), ["at least 0", "-1"]),
    "yes/no from -1": (yes_no, YES_NO * 2 - 1.0, ["0..1", "-1", "> 0"]),
    "labels of one output": (one_class, YES_NO, ["one output", "binary_crossentropy"]),
    "complex": (regression, NUMBERS.astype(complex), ["complex", "real numbers"]),
    "None": (regression, None, ["None"]),
    "beyond float32": (regression, np.full(12, 1e300), ["1e+300"]),
}
