"""Each mistake on docs/errata.md: the faulty line re-created, what it does, and ours beside it.

A test is named after its entry: ``softmax-axis`` is shown by `test_softmax_axis`.
"""

from __future__ import annotations

import math
import os
import pickle
import re
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import hyalite as hy
from hyalite.data.fetch import DownloadError, PinnedFile, fetch
from hyalite.data.split import split_rows
from hyalite.errors import FileFormatError
from hyalite.files.pickles import convolution_arrays, import_pickle
from hyalite.gradcheck import check_model, numerical_gradient
from hyalite.loading import from_book_arrays
from hyalite.random import sample_order

PAGE = Path(__file__).resolve().parents[2] / "docs" / "errata.md"
CHECKS = {"test_page_and_tests_have_the_same_entries", "test_links_of_the_page_lead_somewhere"}


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def entries() -> list[str]:
    return re.findall(r"^### `([a-z0-9-]+)`", PAGE.read_text(encoding="utf-8"), re.M)


def test_page_and_tests_have_the_same_entries() -> None:
    ids = entries()
    assert len(ids) == len(set(ids))
    tests = {name for name in globals() if name.startswith("test_")} - CHECKS
    assert {f"test_{name.replace('-', '_')}" for name in ids} == tests


def test_links_of_the_page_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)\)", PAGE.read_text(encoding="utf-8"))
    assert links
    for link in links:
        assert (PAGE.parent / link).exists(), link


# Deep Learning from Scratch: the notebook and the two articles ----------------------------------


def test_softmax_axis() -> None:
    z = np.random.default_rng(0).standard_normal((100, 10))
    y = np.exp(z - np.max(z)) / np.sum(np.exp(z - np.max(z)))
    assert y.sum() == pytest.approx(1)  # the batch, where each row should
    labels = np.zeros(100, int)
    loss = -np.mean(np.log(y[np.arange(100), labels] + 1e-7))
    assert loss == pytest.approx(7.45, abs=0.01)
    ours = hy.CategoricalCrossentropy()(hy.Softmax().forward(z), labels)
    assert ours == pytest.approx(2.78, abs=0.01)
    far = np.array([[1000.0, 0, 1], [1, 3, 2]])
    e = np.exp(far - np.max(far))
    assert (e[1] / e.sum()).tolist() == [0, 0, 0]  # so argmax says class 0
    np.testing.assert_allclose(hy.Softmax().forward(far)[1], [0.09, 0.665, 0.245], atol=1e-3)


def test_sigmoid_precedence() -> None:
    x = np.array([[-2.0], [0], [2]])
    y = 1 / 1 + np.exp(-x)
    np.testing.assert_allclose(y.ravel(), [8.389, 2, 1.135], atol=1e-3)
    assert (y * (1 - y) < 0).all()  # the derivative built on it has the wrong sign everywhere
    layer = hy.Sigmoid()
    np.testing.assert_allclose(layer.forward(x).ravel(), [0.119, 0.5, 0.881], atol=1e-3)
    assert (layer.backward(np.ones_like(x)) > 0).all()


def test_sigmoid_overflow() -> None:
    x = np.array([[-100.0], [-90]], np.float32)
    with pytest.warns(RuntimeWarning, match="overflow"):
        y = 1 / (1 + np.exp(-x))
    assert (y == 0).all()
    ours = hy.Sigmoid().forward(x)  # a warning would fail the test
    assert (ours > 0).all()
    np.testing.assert_allclose(ours[1, 0], np.exp(-90.0), rtol=1e-5)


def one_dimensional_gradient(f, x):
    """The articles' loop over ``range(x.size)`` with one index."""
    grad = np.zeros_like(x)
    for i in range(x.size):
        kept = x[i]
        x[i] = kept + 1e-4
        above = f(x)
        x[i] = kept - 1e-4
        below = f(x)
        grad[i] = (above - below) / 2e-4
        x[i] = kept
    return grad


def test_gradient_1d_loop() -> None:
    def f(w):
        return float((w**2).sum())

    with pytest.raises(IndexError, match="out of bounds"):
        one_dimensional_gradient(f, np.ones((2, 3)))
    column = np.array([[1.0], [2], [3]])  # here x[i] is a view: kept moves with it
    half = one_dimensional_gradient(f, column.copy())
    np.testing.assert_allclose(half, [[1], [2], [3]], atol=1e-3)
    np.testing.assert_allclose(numerical_gradient(f, column), [[2], [4], [6]])
    np.testing.assert_allclose(numerical_gradient(f, np.ones((2, 3))), np.full((2, 3), 2))


def test_gradient_row_by_row() -> None:
    def f(w):
        return float(w.sum() ** 2)

    x = np.ones((2, 2))
    rows = np.array([one_dimensional_gradient(f, row) for row in x.copy()])
    np.testing.assert_allclose(rows, np.full((2, 2), 4))
    np.testing.assert_allclose(numerical_gradient(f, x), np.full((2, 2), 8))


def test_gradient_of_integers() -> None:
    x = np.array([5, 6])
    found = one_dimensional_gradient(lambda w: float((w**2).sum()), x)
    assert found.tolist() == [45000, 55000]  # right: 10 and 12
    with pytest.raises(ValueError, match=r"astype\(float\)"):
        numerical_gradient(lambda w: float((w**2).sum()), np.array([5, 6]))
    np.testing.assert_allclose(
        numerical_gradient(lambda w: float((w**2).sum()), [5.0, 6.0]), [10, 12]
    )


def test_function_without_a_result() -> None:
    def function_2(x):
        if x.ndim == 1:
            return np.sum(x**2)
        return None  # so Python adds where nothing is written

    x = np.ones((2, 2))
    assert function_2(x) is None
    with pytest.raises(TypeError, match="NoneType"):
        function_2(x + 1e-4) - function_2(x - 1e-4)
    np.testing.assert_allclose(numerical_gradient(lambda w: np.sum(w**2), x), np.full((2, 2), 2))


def test_y_comma_size() -> None:
    y = np.array([0.1, 0.9])
    with pytest.raises(NameError, match="size"):
        y.reshape(1, y, size)  # noqa: F821
    with pytest.raises(ValueError, match=r"One sample: prediction.reshape\(1, -1\)"):
        hy.CategoricalCrossentropy()(y, [1])
    assert hy.CategoricalCrossentropy()(y.reshape(1, -1), [1]) == pytest.approx(-np.log(0.9))


def test_label_bracket() -> None:
    y, t = np.array([[0.1, 0.9], [0.8, 0.2]]), np.array([1, 0])
    with pytest.raises((TypeError, ValueError)):
        y[np.arange(2, t)]
    np.testing.assert_allclose(y[np.arange(2), t], [0.9, 0.8])
    mean = -np.log([0.9, 0.8]).mean()
    assert hy.CategoricalCrossentropy()(y, t) == pytest.approx(mean)


def test_logarithm_plus_delta() -> None:
    assert -np.log(1.0 + 1e-7) == pytest.approx(-1e-7)  # a loss below zero
    assert hy.CategoricalCrossentropy()([[1.0, 0]], [0]) == 0


def test_squared_error_is_a_sum() -> None:
    y, t = np.full((100, 10), 0.1), np.zeros((100, 10))
    assert 0.5 * np.sum((y - t) ** 2) == pytest.approx(5)
    assert 0.5 * np.sum((y[:10] - t[:10]) ** 2) == pytest.approx(0.5)
    loss = hy.MeanSquaredError()
    assert loss(y, t) == pytest.approx(0.01)
    assert loss(y[:10], t[:10]) == pytest.approx(0.01)


def test_batch_with_replacement() -> None:
    rng = np.random.default_rng(0)
    seen = np.unique(np.concatenate([rng.choice(60_000, 100) for _ in range(600)]))
    assert len(seen) / 60_000 == pytest.approx(1 - np.exp(-1), abs=0.005)  # 63 %
    order = sample_order(0, 1, 60_000)
    assert len(np.unique(order)) == 60_000


def test_relu_changes_its_caller() -> None:
    x, dout = np.array([[-1.0, 2]]), np.array([[5.0, 7]])
    dout[x <= 0] = 0
    assert dout.tolist() == [[0, 7]]
    relu, dy = hy.ReLU(), np.array([[5.0, 7]])
    relu.forward(x)
    assert relu.backward(dy).tolist() == [[0, 7]]
    assert dy.tolist() == [[5, 7]]


def test_one_hot_assumed() -> None:
    z = np.array([[2.0, 1, 0], [0, 1, 3], [1, 1, 1]])
    y, labels = softmax(z), np.array([0, 2, 1])
    wrong = (y - labels) / 3  # three samples, three classes: nothing complains
    assert wrong[0].round(2).tolist() == [0.22, -0.59, -0.3]
    with pytest.raises(ValueError, match="broadcast"):
        y[:2] - labels[:2]
    loss = hy.CategoricalCrossentropy(from_logits=True)
    right = loss.backward(z, labels)
    assert right[0].round(2).tolist() == [-0.11, 0.08, 0.03]
    np.testing.assert_array_equal(right, loss.backward(z, np.eye(3)[labels]))


def test_soft_targets_rounded() -> None:
    y, t = np.array([[0.5, 0.3, 0.2]]), np.array([[0.4, 0.3, 0.3]])
    as_label = -np.log(y[0, t.argmax(axis=1)] + 1e-7)[0]
    assert as_label == pytest.approx(0.693, abs=1e-3)
    assert hy.CategoricalCrossentropy()(y, t) == pytest.approx(1.121, abs=1e-3)


def test_dout_ignored() -> None:
    def backward(y, t, dout=1):
        return (y - t) / len(t)

    y, t = np.array([[0.7, 0.3]]), np.array([[1.0, 0]])
    np.testing.assert_array_equal(backward(y, t, dout=2), backward(y, t))
    # ours starts the way back and takes no factor; a layer passes one on
    sigmoid, x = hy.Sigmoid(), np.array([[0.3]])
    sigmoid.forward(x)
    np.testing.assert_allclose(
        sigmoid.backward(np.array([[2.0]])), 2 * sigmoid.backward(np.array([[1.0]]))
    )
    with pytest.raises(TypeError):
        hy.CategoricalCrossentropy().backward(y, t, dout=2)


def test_one_sample_divided() -> None:
    z, t = np.array([1.0, 2, 3, 4]), np.array([0.0, 0, 0, 1])
    y = softmax(z[None])[0]
    wrong = (y - t) / t.shape[0]
    loss = hy.CategoricalCrossentropy(from_logits=True)
    right = loss.backward(z[None], t[None])
    np.testing.assert_allclose(right[0] / wrong, 4)  # too small by the number of classes
    with pytest.raises(ValueError, match="One sample"):
        loss.backward(z, t)


def test_one_sample_in_affine() -> None:
    x, dout = np.array([1.0, 2]), np.array([3.0, 4])
    dw, db = np.dot(x.T, dout), np.sum(dout, axis=0)
    assert (dw, db) == (11, 7)  # numbers, where (2, 2) and (2,) are due
    dense = hy.Dense(2)
    with pytest.raises(ValueError, match=r"x.reshape\(1, -1\)"):
        dense.forward(x)
    dense.forward(x[None])
    dense.backward(dout[None])
    assert dense.dW.tolist() == [[3, 4], [6, 8]]
    assert dense.db.tolist() == [3, 4]


def test_cache_never_filled() -> None:
    def forward(x, w):
        a1 = np.maximum(0, w @ x)
        return a1 / a1.max()  # only the result: nothing is kept for the way back

    cache = forward(np.ones((2, 1)), np.eye(2))
    with pytest.raises(IndexError):
        cache["A1"]
    dense, relu = hy.Dense(2), hy.ReLU()
    relu.forward(dense.forward(np.ones((3, 2))))
    assert dense.backward(relu.backward(np.ones((3, 2)))).shape == (3, 2)


def books_im2col(x, size, stride=1, pad=0):
    """The windows of (n, channels, height, width) as rows, in the type that the book has them."""
    n, channels, *lengths = x.shape
    rows, columns = ((length + 2 * pad - size) // stride + 1 for length in lengths)
    framed = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    col = np.zeros((n, channels, size, size, rows, columns))
    for i, j in np.ndindex(size, size):
        down, right = i + stride * rows, j + stride * columns
        col[:, :, i, j] = framed[:, :, i:down:stride, j:right:stride]
    return col.transpose(0, 4, 5, 1, 2, 3).reshape(n * rows * columns, -1)


def test_im2col_in_float64() -> None:
    x = np.zeros((100, 1, 28, 28), np.float16)
    col = books_im2col(x, 5)
    assert col.dtype == np.float64
    assert col.nbytes / 1e6 == pytest.approx(11.5, abs=0.05)
    assert np.dot(col, np.zeros((25, 30), np.float16)).dtype == np.float64
    conv = hy.Conv2D(30, 5)
    y = conv.forward(np.zeros((1, 28, 28), np.float32))
    assert y.dtype == np.float32
    view = conv.windows((28, 28)).view(conv.framed)
    assert np.shares_memory(view, conv.framed)
    assert view.size == 24 * 24 * 25


def test_pooling_border() -> None:
    def forward(x):
        n, channels, height, width = x.shape
        rows, columns = int(1 + (height - 3) / 3), int(1 + (width - 3) / 3)
        windows = books_im2col(x, 3, stride=3, pad=1).reshape(-1, 9)
        return windows.max(axis=1).reshape(n, rows, columns, channels), windows.argmax(axis=1)

    with pytest.raises(ValueError, match="reshape"):  # 10 times 10 windows, 9 times 9 expected
        forward(np.zeros((1, 1, 28, 28)))
    y, winners = forward(-np.ones((1, 1, 27, 27)))
    assert y[0, :, :, 0].tolist() == [[0] * 9] + 8 * [[0] + 8 * [-1]]
    assert winners[0] == 0  # the corner of the border, where its gradient goes
    pool = hy.MaxPooling2D(3, padding=1)
    assert pool.output_shape((28, 28)) == (10, 10)
    assert (pool.forward(-np.ones((1, 27, 27))) == -1).all()
    assert pool.backward(np.ones((1, 9, 9))).sum() == 81  # nothing is lost


@pytest.mark.parametrize(("kernel", "stride", "rows"), [(4, 1, 4687), (5, 2, 1171)])
def test_half_pixels(kernel, stride, rows) -> None:
    side = (28 - kernel) / stride + 1
    assert int(30 * (side / 2) * (side / 2)) == rows
    conv = hy.Conv2D(30, kernel, strides=stride)
    model = hy.Sequential([conv, hy.MaxPooling2D(), hy.Flatten(), hy.Dense(100)])
    model.build((28, 28))
    pooled = int(side) // 2
    assert len(model.layers[3].W) == 30 * pooled * pooled < rows
    with pytest.raises(ValueError, match="not aligned"):
        np.dot(np.zeros((1, 30 * pooled * pooled)), np.zeros((rows, 100)))


def test_epochs_of_a_fraction() -> None:
    steps, per_epoch = np.arange(1, 5000), max(60_000 / 128, 1)
    assert steps[steps % per_epoch == 0].tolist() == [1875, 3750]  # every fourth epoch
    model = hy.Sequential([hy.Dense(1)])
    model.compile("mse")
    history = model.fit(np.ones((468, 1)), np.ones(468), batch_size=128, epochs=3, verbose=0)
    assert len(history) == 3
    assert model.optimizer.steps == 3 * 4  # 3 full batches and a smaller one


def test_loss_after_the_step() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((20, 5)), rng.integers(0, 10, 20)
    model = hy.Sequential([hy.Dense(10, "softmax")])
    model.compile("categorical_crossentropy", hy.SGD(0.1))
    model.build(5, seed=0)
    before = model.evaluate(x, y)["loss"]
    history = model.fit(x, y, batch_size=20, verbose=0)
    assert history["loss"][0] == pytest.approx(before, rel=1e-6)
    assert (before, model.evaluate(x, y)["loss"]) == pytest.approx((2.49, 2.46), abs=0.005)


def test_accuracy_of_whole_batches() -> None:
    def accuracy(right, batch_size=100):
        batches = range(int(len(right) / batch_size))
        found = sum(np.sum(right[i * batch_size : (i + 1) * batch_size]) for i in batches)
        return found / len(right)

    assert accuracy(np.ones(150)) == pytest.approx(0.667, abs=1e-3)
    assert accuracy(np.ones(99)) == 0
    model = hy.Sequential([hy.Dense(2, "softmax")])
    model.compile("categorical_crossentropy", metrics=["accuracy"])
    model.build(2)
    model.layers[0].W[...] = np.eye(2)
    y = np.arange(150) % 2
    assert model.evaluate(np.eye(2)[y], y, batch_size=100)["accuracy"] == 1


@pytest.mark.parametrize(
    ("name", "accuracy"), [("params.pkl", 0.9600), ("deep_convnet_params.pkl", 0.9797)]
)
def test_other_parameters_than_the_books(name, accuracy, request) -> None:
    file = request.getfixturevalue("shared") / "data" / "book" / name
    if not file.is_file():
        pytest.skip(f"{name} of the book's repository is not in {file.parent.name}/")
    model = from_book_arrays(*convolution_arrays(import_pickle(file)))
    _, (x, y) = hy.datasets.mnist(flatten=False)
    assert model.evaluate(x, y)["accuracy"] == pytest.approx(accuracy, abs=1e-6)


def test_dropout_of_the_scores() -> None:
    scores = np.where(np.arange(10) == 0, 50.0, np.full((20_000, 1), -50.0))  # sure, and right
    kept = np.random.default_rng(0).random(scores.shape) > 0.5
    loss, labels = hy.CategoricalCrossentropy(from_logits=True), np.zeros(len(scores), int)
    least = sum(math.comb(9, k) / 2**9 * math.log(1 + k) for k in range(10)) / 2
    assert least == pytest.approx(0.83, abs=0.005)
    assert loss(scores * kept, labels) == pytest.approx(least, abs=0.02)
    assert loss(scores, labels) == pytest.approx(0)
    sure = np.log(9 * 0.99 / 0.01) * np.eye(1, 10)
    assert softmax(sure)[0, 0] == pytest.approx(0.99)
    assert softmax(0.5 * sure)[0, 0] == pytest.approx(0.77, abs=0.005)
    book = [(np.zeros((3, 3, a, b)), np.zeros(b)) for a, b in ((1, 2), *[(2, 2)] * 5)]
    ours = from_book_arrays(book, [(np.zeros((32, 5)), np.zeros(5)), (np.zeros((5, 10)), sure[0])])
    assert [type(layer) for layer in ours.layers[-2:]] == [hy.Dropout, hy.Dense]
    assert ours.predict(np.zeros((1, 28, 28)))[0, 0] == pytest.approx(0.77, abs=0.005)


def test_normalized_by_pixel() -> None:
    def by_pixel(x, mean, variance):
        return ((x.reshape(len(x), -1) - mean) / np.sqrt(variance + 10e-7)).reshape(x.shape)

    x = np.random.default_rng(0).standard_normal((100, 28, 28, 16))
    x[:, 0, 0] = 0  # a corner where there is nothing
    rows = x.reshape(100, -1)
    assert rows.shape[1] == 12_544
    later = x[:1].copy()
    later[:, 0, 0] = 1
    there = by_pixel(later, rows.mean(axis=0), rows.var(axis=0))[0, 0, 0]
    np.testing.assert_allclose(there, 1000)
    norm = hy.BatchNormalization(momentum=0.0)  # at prediction, those of the last batch
    y = norm.forward(x, training=True)
    assert norm.gamma.shape == norm.beta.shape == (16,)
    np.testing.assert_allclose(y.mean(axis=(0, 1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(y.std(axis=(0, 1, 2)), 1, atol=1e-4)
    np.testing.assert_allclose(norm.forward(later)[0, 0, 0], 1, atol=0.05)


# Neural Networks from Scratch -------------------------------------------------------------------


def test_labels_are_a_vector() -> None:
    x, y = hy.datasets.spiral(100, 3)
    assert y.shape == (300,)  # the text says 300 x 1
    perfect = y.reshape(-1, 1)
    assert np.mean(perfect == y) == pytest.approx(1 / 3)  # 300 x 300 comparisons
    assert hy.metrics.CategoricalAccuracy()(np.eye(3)[y], y) == 1
    model = hy.Sequential([hy.Dense(3, "softmax")])
    model.compile("categorical_crossentropy")
    with pytest.raises(ValueError, match=r"np\.ravel\(y\)"):
        model.fit(x, perfect, verbose=0)


def test_bias_shape() -> None:
    bias, dbias = np.zeros(3), np.ones((5, 3)).sum(axis=0, keepdims=True)
    with pytest.raises(ValueError, match="broadcast"):
        bias += -1.0 * dbias
    dense = hy.Dense(3)
    dense.forward(np.ones((5, 2)))
    dense.backward(np.ones((5, 3)))
    assert dense.b.shape == dense.db.shape == (3,)


def test_global_generator() -> None:
    world = np.random.RandomState(0)  # stands for NumPy's one generator, shared by all
    first = world.randn(2)
    world = np.random.RandomState(0)
    world.rand()  # somebody else draws one number
    assert not np.allclose(world.randn(2), first)

    def weights():
        model = hy.Sequential([hy.Dense(3), hy.Dropout(0.5), hy.Dense(1)])
        model.compile("mse")
        np.random.rand()
        model.fit(np.ones((4, 2)), np.ones(4), seed=7, verbose=0)
        return model.theta.tobytes()

    before = np.random.get_state()[1].copy()
    hy.datasets.spiral(10, 2)
    np.testing.assert_array_equal(np.random.get_state()[1], before)
    assert weights() == weights()


def test_sigmoid_named_softmax() -> None:
    def make():
        class Activation:
            def forward(self, z):
                return 1 / (1 + np.exp(-z))

        class Activation:  # noqa: F811  # the second of that name is the one that stays
            def forward(self, z):
                return softmax(z)

        return Activation()

    z = np.array([[-3.0], [0], [3]])
    assert make().forward(z).ravel().tolist() == [1, 1, 1]
    with pytest.raises(ValueError, match="always 1"):
        hy.Softmax().forward(z)
    assert hy.Sigmoid().forward(z).ravel().round(2).tolist() == [0.05, 0.5, 0.95]


def test_softmax_without_keepdims() -> None:
    e = np.exp(np.array([[2.0, 0, 0], [0, 1, 0], [0, 0, 0]]))
    with pytest.raises(ValueError, match="broadcast"):
        e[:2] / np.sum(e[:2], axis=1)
    sums = (e / np.sum(e, axis=1)).sum(axis=1)  # as many samples as classes: no error
    assert sums.round(2).tolist() == [1.33, 1.02, 0.65]
    np.testing.assert_allclose(hy.Softmax().forward(np.log(e)).sum(axis=1), 1)


def test_softmax_and_confidence() -> None:
    z = np.array([[0.0, 10]])
    plain = np.exp(z) / np.exp(z).sum()
    np.testing.assert_allclose(softmax(z), plain)  # subtracting the largest changes nothing
    assert plain[0, 1] == pytest.approx(0.99995, abs=1e-5)
    smooth = hy.CategoricalCrossentropy(label_smoothing=0.1, from_logits=True)
    assert smooth.backward(z, [1])[0, 1] > 0.04  # this does pull a sure answer back
    assert hy.CategoricalCrossentropy(from_logits=True).backward(z, [1])[0, 1] < 0


def test_labels_as_a_column() -> None:
    p = np.array([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]])
    column = np.array([[0], [2]])
    wrong = np.sum(-np.log(p) * column, axis=1)
    assert wrong.round(2).tolist() == [0, 9.66]
    right = -np.log(p[[0, 1], [0, 2]])
    assert right.round(2).tolist() == [0.36, 0.22]
    with pytest.raises(ValueError, match=r"flatten it: np\.ravel\(target\)"):
        hy.CategoricalCrossentropy()(p, column)
    assert hy.CategoricalCrossentropy()(p, column.ravel()) == pytest.approx(right.mean())


def test_label_out_of_range() -> None:
    p = np.array([[0.7, 0.2, 0.1]])
    assert -np.log(p[range(1), [-1]]) == pytest.approx(-np.log(0.1))  # the last class, in silence
    for label in (-1, 3):
        with pytest.raises(ValueError, match=f"from 0 to 2.* found {label}"):
            hy.CategoricalCrossentropy()(p, [label])


def test_argmax_of_one_column() -> None:
    y = np.array([0, 1, 1, 0])
    p = np.where(y == 1, 0.9, 0.1).reshape(-1, 1)  # every answer right
    assert np.mean(np.argmax(p, axis=1) == y) == 0.5
    assert hy.metrics.BinaryAccuracy()(p, y) == 1


def test_loss_saturates() -> None:
    z = np.array([[1000.0, 0], [20, 0]])
    clipped = -np.log(np.clip(softmax(z)[:, 1], 1e-7, 1 - 1e-7))
    assert clipped.round(3).tolist() == [16.118, 16.118]
    exact = [hy.CategoricalCrossentropy(from_logits=True)(row[None], [1]) for row in z]
    assert np.round(exact, 3).tolist() == [1000, 20]


def test_relu_slope_at_zero() -> None:
    x, _ = hy.datasets.spiral(100, 3)
    dense, relu = hy.Dense(64, initializer=hy.initializers.ScaledNormal(0.01)), hy.ReLU()
    z = dense.forward(x)
    assert np.count_nonzero(z == 0) == 3 * 64  # each arm begins at the origin
    dy = np.ones_like(z)
    wrong = dy.copy()
    wrong[z < 0] = 0
    relu.forward(z)
    dense.backward(relu.backward(dy))
    np.testing.assert_allclose(wrong.sum(axis=0) - dense.db, 3)


def test_division_unclipped() -> None:
    p = softmax(np.array([[0.0, 800]]))
    with np.errstate(divide="ignore", invalid="ignore"):
        dp = -np.array([[1.0, 0]]) / p
        assert dp[0, 0] == -np.inf
        dz = (np.diagflat(p) - p.T @ p) @ dp[0]
    assert np.isnan(dz).all()
    loss = hy.CategoricalCrossentropy()
    assert np.isfinite(loss.backward(p, [0])).all()
    fused = hy.CategoricalCrossentropy(from_logits=True)
    assert fused.backward(np.array([[0.0, 800]]), [0]).tolist() == [[-1, 1]]


def test_uint8_labels_negated() -> None:
    y, p = np.array([[1], [0]], np.uint8), np.array([[0.9], [0.2]])
    wrong = (-y / p + (1 - y) / (1 - p)) / 2
    np.testing.assert_allclose(wrong.ravel(), [141.67, 0.625], atol=0.01)
    right = hy.BinaryCrossentropy().backward(p, y)
    np.testing.assert_allclose(right.ravel(), [-0.5556, 0.625], atol=1e-4)


def test_uint8_one_hot_negated() -> None:
    y, p = np.array([[1, 0, 0]], np.uint8), np.array([[0.7, 0.2, 0.1]])
    assert (-y / p).round(1).tolist() == [[364.3, 0, 0]]
    right = hy.CategoricalCrossentropy().backward(p, y)
    np.testing.assert_allclose(right, [[-1.4286, 0, 0]], atol=1e-4)


def test_bias_gradient_by_ones() -> None:
    dy = np.array([[1.0, 2], [3, 4], [5, 6]])
    assert np.dot(dy, np.ones((2, 2))).tolist() == [[3, 3], [7, 7], [11, 11]]
    dense = hy.Dense(2)
    dense.forward(np.ones((3, 1)))
    dense.backward(dy)
    assert dense.db.tolist() == [9, 12] == np.dot(np.ones(3), dy).tolist()


def test_order_of_the_jacobian() -> None:
    z, dy = np.array([[1.0, 2, 0.5]]), np.array([0.3, -1, 2])
    y = softmax(z)
    jacobian = np.diagflat(y) - y.T @ y
    np.testing.assert_array_equal(jacobian, jacobian.T)  # so both orders give one result
    np.testing.assert_allclose(dy @ jacobian, jacobian @ dy)
    layer = hy.Softmax()
    layer.forward(z)
    np.testing.assert_allclose(layer.backward(dy[None])[0], jacobian @ dy)


def test_integer_gradient_cut_off() -> None:
    z, dy = np.array([[1.0, 2, 0.5]]), np.array([[1, 0, 0]])
    y = softmax(z)
    dx = np.empty_like(dy)
    dx[0] = (np.diagflat(y) - y.T @ y) @ dy[0]
    assert dx.tolist() == [[0, 0, 0]]
    layer = hy.Softmax()
    layer.forward(z)
    assert layer.backward(dy).round(3).tolist() == [[0.178, -0.145, -0.032]]


def test_fused_is_not_separate() -> None:
    z, t = np.array([[40.0]]), np.array([[0.0]])
    p = 1 / (1 + np.exp(-z))
    clipped = np.clip(p, 1e-7, 1 - 1e-7)
    assert p == 1
    assert (1 - t) / (1 - clipped) * p * (1 - p) == 0  # surely wrong, and nothing is learned
    assert -np.log(1 - clipped) == pytest.approx(16.118, abs=1e-3)
    model = hy.Sequential([hy.Dense(1, "sigmoid", use_bias=False)], dtype="float64")
    model.compile("binary_crossentropy", hy.SGD(1.0))
    model.build(1)
    model.theta[...] = 40
    assert model.evaluate(np.ones((1, 1)), t)["loss"] == pytest.approx(40)
    model.fit(np.ones((1, 1)), t, verbose=0)
    assert model.theta == pytest.approx(39)


def test_momentum_changes_the_gradient() -> None:
    layer = SimpleNamespace(dweight=np.array([1.0]), kept=np.zeros(1))
    seen = []
    for _ in range(3):
        delta = layer.dweight
        delta += 0.9 * layer.kept
        layer.kept = delta
        seen.append(float(delta[0]))
    np.testing.assert_allclose(seen, [1, 1.9, 3.61])  # the gradient is 1 throughout
    assert layer.dweight == pytest.approx(3.61)
    theta, grad, optimizer = np.zeros(1), np.ones(1), hy.SGD(1.0, momentum=0.9)
    steps = [theta[0]]
    for _ in range(3):
        optimizer.step(theta, grad)
        steps.append(theta[0])
    np.testing.assert_allclose(-np.diff(steps), [1, 1.9, 2.71])
    assert grad == 1


def test_state_kept_on_the_layer() -> None:
    squares = 100.0  # what Adagrad left on the layer after 100 gradients of 1
    squares = 0.9 * squares + 0.1
    assert 1 / np.sqrt(squares) == pytest.approx(0.105, abs=1e-3)
    x = np.ones((1, 1))
    model = hy.Sequential([hy.Dense(1, use_bias=False)])
    model.compile("mse", hy.Adagrad(0.1))
    model.build(1)
    model.theta[...] = 1
    model.fit(x, [0.0], epochs=100, verbose=0)
    model.compile("mse", hy.RMSprop(1.0))  # a new optimizer starts from nothing
    model.theta[...] = 1
    model.fit(x, [0.0], verbose=0)
    assert 1 - model.theta[0] == pytest.approx(3.162, abs=1e-3)


def test_decay_counts_steps() -> None:
    by_epoch, by_step = (0.05 / (1 + 1e-3 * t) for t in (5, 5 * 600))
    assert (round(by_epoch, 4), round(by_step, 4)) == (0.0498, 0.0125)
    optimizer = hy.Adam(0.05, decay=1e-3)
    theta = np.zeros(1)
    for _ in range(3000):
        optimizer.step(theta, np.ones(1))
    assert optimizer.current_learning_rate == pytest.approx(by_step)


def steps_of(optimizer, gradients):
    theta, found = np.zeros(1), []
    for gradient in gradients:
        before = theta[0]
        optimizer.step(theta, np.array([gradient]))
        found.append(theta[0] - before)
    return found


def test_adam_without_momentum() -> None:
    as_printed = steps_of(hy.Adam(1.0, beta_1=0.0), [1.0, -1.0])
    np.testing.assert_allclose(as_printed, [-1, 1], atol=1e-5)
    np.testing.assert_allclose(steps_of(hy.Adam(1.0), [1.0, -1.0]), [-1, 0.0526], atol=1e-4)


def test_adam_correction_slows() -> None:
    uncorrected = (0.1 * 1.0) / np.sqrt(0.001 * 1.0)
    assert uncorrected == pytest.approx(3.162, abs=1e-3)  # so correction shortens the first step
    assert steps_of(hy.Adam(1.0), [1.0]) == pytest.approx([-1])


def test_bias_penalty_from_weights() -> None:
    weight, bias = np.array([[0.5, -0.5]]), np.array([[0.1, 0.2]])
    wrong = np.zeros((1, 2))
    wrong += 2 * 0.01 * weight  # one input: the shapes happen to fit
    assert wrong.tolist() == [[0.01, -0.01]]
    with pytest.raises(ValueError, match="broadcast"):
        wrong += 2 * 0.01 * np.ones((3, 2))
    dense = hy.Dense(2, bias_l2=0.01).build(1)
    dense.W[...], dense.b[...] = weight, bias.ravel()
    dense.db[...] = 0
    dense.add_penalty_gradient()
    np.testing.assert_allclose(dense.db, [0.002, 0.004], rtol=1e-6)


def test_l1_at_zero() -> None:
    bias = np.zeros((1, 3))
    slope = np.ones_like(bias)
    slope[bias < 0] = -1
    assert slope.tolist() == [[1, 1, 1]]  # every untouched bias is pushed below zero
    dense = hy.Dense(3, bias_l1=0.1).build(2)
    dense.db[...] = 0
    dense.add_penalty_gradient()
    assert dense.db.tolist() == [0, 0, 0]


def test_penalties_without_defaults() -> None:
    def layer_dense(n_input, n_neuron, weight_L1, weight_L2, bias_L1, bias_L2):
        raise AssertionError

    with pytest.raises(TypeError, match="4 required positional arguments"):
        layer_dense(512, 3)
    with pytest.raises(TypeError, match="weight_L1"):
        layer_dense(2, 512, weight_L2=5e-4, bias_L2=5e-4)
    dense = hy.Dense(512, l2=5e-4, bias_l2=5e-4)
    assert (dense.l1, dense.bias_l1) == (0, 0)


def test_penalty_left_out() -> None:
    layers = [hy.Dense(4, l2=0.1, initializer=lambda shape, stream: np.ones(shape)) for _ in "abc"]
    model = hy.Sequential(layers)
    model.compile("mse", hy.SGD(0.0))
    history = model.fit(np.ones((2, 4)), np.ones((2, 4)), verbose=0)
    two = sum(0.1 * float((layer.W**2).sum()) for layer in model.layers[:2])
    assert two == pytest.approx(3.2)  # what the script adds up
    assert history["penalty"][0] == pytest.approx(4.8)


def test_dropout_unused() -> None:
    rng = np.random.default_rng(0)
    a, W, r = rng.standard_normal((4, 6)), rng.standard_normal((6, 2)), rng.standard_normal((4, 2))
    mask = rng.binomial(1, 0.5, a.shape) / 0.5
    backpropagated = (r @ W.T) * mask  # masked on the way back ...
    true = numerical_gradient(lambda h: float((r * (h @ W)).sum()), a)  # ... but not forward
    ratio = backpropagated / true
    assert set(ratio.round(6).ravel()) == {0, 2}
    model = hy.Sequential([hy.Dense(6, "tanh"), hy.Dropout(0.5), hy.Dense(2)], dtype="float64")
    model.compile("mse")
    assert check_model(model, a, r).ok


def test_dropout_of_everything() -> None:
    keep = 1 - 1.0
    with np.errstate(invalid="ignore"):
        mask = np.random.RandomState(0).binomial(1, keep, (2, 2)) / np.float64(keep)
    assert np.isnan(mask).all()
    with pytest.raises(ValueError, match=r"rate must be a number in \[0, 1\)"):
        hy.Dropout(1.0)


def test_squared_error_broadcast() -> None:
    y = np.arange(4.0)
    p = y.reshape(-1, 1)  # all right
    assert np.mean((p - y) ** 2) == 2.5
    with pytest.raises(TypeError, match="len"):
        len(y[0])  # the way back then fails
    assert hy.MeanSquaredError()(p, y) == 0


def test_cut_in_order() -> None:
    _, y = hy.datasets.sine(1000)
    assert y[:500].min() > -1e-6  # trained on the upper half wave
    assert y[500:].max() < 1e-6  # and the lower is never seen
    rows, kept = split_rows(1000, 0.5, None, seed=0)
    for part in (rows, kept):
        assert y[part].min() < -0.99
        assert y[part].max() > 0.99


def test_tested_on_training_data() -> None:
    x, _ = hy.datasets.sine(1000)
    assert np.isin(x[:500], hy.datasets.sine(1000)[0]).all()  # each training point is asked again
    rows, kept = split_rows(1000, 0.5, None, seed=0)
    assert not set(rows) & set(kept)
    assert len(rows) + len(kept) == 1000


def test_model_of_one_layer() -> None:
    layers = ["dense"]
    i = 0  # the first layer is asked for its successor before it is asked whether it is the last
    with pytest.raises(IndexError):
        layers[i + 1]
    model = hy.Sequential([hy.Dense(1)])
    model.compile("mse")
    model.fit(np.ones((4, 2)), np.ones(4), verbose=0)
    assert model.predict(np.ones((1, 2))).shape == (1, 1)


def test_ending_unchecked() -> None:
    relu = np.clip(np.array([[2.0, 3]]), 1e-7, 1 - 1e-7)  # outputs of a ReLU, taken for chances
    for label in (0, 1):
        assert -np.log(relu[0, label]) == pytest.approx(1e-7)  # every label is free
    with pytest.raises(AttributeError, match="prediction"):
        SimpleNamespace().prediction(relu)  # a dense layer at the end, noticed in training
    model = hy.Sequential([hy.Dense(2, "relu")])
    with pytest.raises(ValueError, match="End it with activation='softmax'"):
        model.compile("categorical_crossentropy")


def test_accuracy_of_columns() -> None:
    y = np.array([[0], [1], [1], [0]])
    assert np.mean(y == np.argmax(y, axis=1).reshape(-1, 1)) == 0.5  # prediction == y, all right
    many = np.array([[1, 0], [0, 1], [1, 1], [0, 1]])
    assert np.mean(many == np.argmax(many, axis=1).reshape(-1, 1)) == 0.375
    assert hy.metrics.BinaryAccuracy()(y.astype(float), y) == 1
    assert hy.metrics.BinaryAccuracy()(many.astype(float), many) == 1


def test_stale_dropout_mask() -> None:
    class Dropout:
        def forward(self, x, on=True):
            if not on:
                return x
            self.mask = np.array([[0.0, 2]])
            return x * self.mask

    faulty, x = Dropout(), np.ones((1, 2))
    faulty.forward(x)
    faulty.forward(x, on=False)
    assert (x * faulty.mask).tolist() == [[0, 2]]  # the way back of a pass that dropped nothing
    ours = hy.Dropout(0.5)
    ours.forward(x, training=True)
    ours.forward(x)
    assert ours.backward(x).tolist() == [[1, 1]]


def test_loss_needs_a_model() -> None:
    class Loss:
        def calculate(self, values):
            return np.mean(values), sum(self.trainable_layer)

    with pytest.raises(AttributeError, match="trainable_layer"):
        Loss().calculate([1.0])
    assert hy.MeanSquaredError()([[1.0]], [[3.0]]) == 4


def test_running_sum_of_a_mean() -> None:
    losses = [np.ones(100), np.full(1, 10.0)]  # a full batch and a last one of one sample
    with pytest.raises(TypeError, match="len"):
        len(np.mean(losses[0]))
    assert np.mean([part.mean() for part in losses]) == 5.5
    assert np.concatenate(losses).mean() == pytest.approx(1.089, abs=1e-3)
    model = hy.Sequential([hy.Dense(1, use_bias=False)], dtype="float64")
    model.compile("mse")
    model.build(1)
    model.theta[...] = 1
    x = np.sqrt(np.concatenate(losses)).reshape(-1, 1)
    for size in (100, 7, 1024):
        assert model.evaluate(x, np.zeros(101), batch_size=size)["loss"] == pytest.approx(110 / 101)


def test_result_not_returned() -> None:
    def calculate_cumulate(*, add_regularization=False):
        np.mean(y_pred - y_true)  # noqa: F821  # names of another method

    def without_return(values):
        np.sum(values)

    with pytest.raises(NameError):
        calculate_cumulate()
    with pytest.raises(TypeError, match="unpack"):
        _data_loss, _penalty = without_return([1.0])
    model = hy.Sequential([hy.Dense(1)])
    model.compile("mse", metrics=["accuracy"])
    history = model.fit(np.ones((4, 2)), np.ones(4), verbose=0)
    assert set(model.evaluate(np.ones((4, 2)), np.ones(4))) == {"loss", "accuracy"}
    assert "accuracy" in history


def test_accuracy_above_one() -> None:
    right = np.ones((5, 2), bool)  # five samples, two yes/no outputs, no mistake
    assert np.sum(right) / len(right) == 2
    y = np.array([[1, 0], [0, 1], [1, 1], [0, 0], [1, 0]])
    assert hy.metrics.BinaryAccuracy()(y.astype(float), y) == 1


def test_precision_of_the_first_batch() -> None:
    x, y = hy.datasets.sine(1000)
    assert np.std(y[:100]) / 250 == pytest.approx(0.00068, abs=5e-6)
    whole = np.std(y) / 250
    assert whole == pytest.approx(0.00283, abs=5e-6)
    model = hy.Sequential([hy.Dense(1)])
    model.compile("mse", metrics=["accuracy"])
    model.fit(x, y, batch_size=100, shuffle=False, verbose=0)
    assert model.metrics[0].precision == pytest.approx(whole)


def test_batches_in_order() -> None:
    x, y = hy.datasets.spiral(100, 3)  # class after class, and a batch is one class

    def accuracy(shuffle):
        model = hy.Sequential([hy.Dense(64, "relu"), hy.Dense(3, "softmax")])
        model.compile("categorical_crossentropy", hy.Adam(0.05), ["accuracy"])
        model.fit(x, y, batch_size=100, epochs=50, shuffle=shuffle, seed=0, verbose=0)
        return model.evaluate(x, y)["accuracy"]

    assert accuracy(shuffle=False) < 0.5 < 0.6 < accuracy(shuffle=True)


def write_picture(path: Path, shade: int) -> None:
    image = pytest.importorskip("PIL.Image", reason="pictures need the extra data")
    path.parent.mkdir(parents=True, exist_ok=True)
    image.fromarray(np.full((2, 2), shade, np.uint8)).save(path)


def test_folders_unsorted(tmp_path, monkeypatch) -> None:
    for label in range(3):
        write_picture(tmp_path / str(label) / "0.png", 10 * label)
    listed = sorted(os.listdir(tmp_path))
    plain = hy.datasets.image_folder(tmp_path, normalize=False)
    found = os.listdir
    monkeypatch.setattr(os, "listdir", lambda path: sorted(found(path), reverse=True))
    assert os.listdir(tmp_path) == listed[::-1]  # another file system, another order of the rows
    again = hy.datasets.image_folder(tmp_path, normalize=False)
    np.testing.assert_array_equal(again.x, plain.x)
    assert again.y.tolist() == [0, 1, 2]


def test_unreadable_picture(tmp_path) -> None:
    with pytest.raises(ValueError, match="inhomogeneous"):  # the reader gives None, no file named
        np.array([np.zeros((2, 2)), None])
    write_picture(tmp_path / "0" / "0.png", 1)
    (tmp_path / "0" / "1.png").write_bytes(b"no picture")
    with pytest.raises(FileFormatError, match=r"1\.png: found no readable picture"):
        hy.datasets.image_folder(tmp_path)


def test_folder_names_as_numbers(tmp_path) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        np.array(["boot", "bag"]).astype("uint8")
    write_picture(tmp_path / "boot" / "0.png", 1)
    write_picture(tmp_path / "bag" / "0.png", 2)
    folder = hy.datasets.image_folder(tmp_path)
    assert folder.classes == ("bag", "boot")
    assert folder.y.tolist() == [0, 1]


def test_predict_missing(request) -> None:
    model = hy.Sequential([hy.Dense(2, "softmax")])
    model.build(3)
    assert model.predict(np.ones((5, 3))).shape == (5, 2)
    pages = sorted((request.getfixturevalue("shared") / "sources" / "nnfs").glob("*/*.md"))
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    assert "model.predict(" in text
    assert "def predict(" not in text


def test_partial_download(tmp_path) -> None:
    archive = tmp_path / "data.zip"
    archive.write_bytes(b"PK\x03\x04 the line was cut here")
    assert archive.is_file()  # all that is asked
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(archive)
    pytest.importorskip("pooch", reason="downloads need the extra data")
    with pytest.raises(DownloadError):  # there, and yet not taken
        fetch("data", {archive.name: PinnedFile(30, "0" * 64)}, tmp_path, mirrors=())


class Intruder:
    """Unpickling this makes a folder."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self):
        return os.mkdir, (self.path,)


def test_pickle_runs_code(tmp_path) -> None:
    made, file = tmp_path / "made", tmp_path / "model.pkl"
    file.write_bytes(pickle.dumps(Intruder(str(made))))
    for read in (import_pickle, hy.load):
        with pytest.raises(FileFormatError):
            read(file)
    assert not made.exists()
    pickle.loads(file.read_bytes())
    assert made.is_dir()


def test_parameters_shared() -> None:
    first = SimpleNamespace(weight=np.zeros(2))
    second = SimpleNamespace(weight=first.weight)  # get, then set: one array in two models
    second.weight += 1
    assert first.weight.tolist() == [1, 1]
    model, other = (hy.Sequential([hy.Dense(1)]) for _ in range(2))
    for one in (model, other):
        one.build(2, seed=0)
    weights = model.get_weights()
    other.set_weights(weights)
    other.theta += 1
    np.testing.assert_array_equal(model.get_weights()["dense_1.W"], weights["dense_1.W"])


def test_parameters_cut_short() -> None:
    layers = [SimpleNamespace(weight=None) for _ in range(3)]
    for values, layer in zip([np.zeros((2, 5))], layers):  # noqa: B905  # the mistake
        layer.weight = values
    assert [layer.weight is None for layer in layers] == [False, True, True]
    model = hy.Sequential([hy.Dense(2), hy.Dense(1)])
    model.build(3)
    before = model.theta.copy()
    with pytest.raises(ValueError, match="dense_2"):
        model.set_weights({k: v for k, v in model.get_weights().items() if "dense_1" in k})
    np.testing.assert_array_equal(model.theta, before)


def test_saved_with_the_optimizer(tmp_path) -> None:
    names = ("weight", "square_sum", "cumulate", "square_sum_modified", "cumulate_modified")
    layer = {name: np.zeros((784, 64)) for name in names} | {"dweight": np.zeros((784, 64))}
    layer.pop("dweight")  # the only one of Adam's that is removed before saving
    assert len(pickle.dumps(layer)) / np.zeros((784, 64)).nbytes == pytest.approx(5, abs=0.01)
    model = hy.Sequential([hy.Dense(64)])
    model.compile("mse", hy.Adam())
    model.fit(np.ones((2, 784)), np.ones((2, 64)), verbose=0)
    model.save(tmp_path / "model.safetensors")
    size = (tmp_path / "model.safetensors").stat().st_size
    assert size / model.theta.nbytes == pytest.approx(1, abs=0.02)
