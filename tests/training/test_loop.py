"""The training loop: the same bytes again, failures, weights, settings between fits."""

from __future__ import annotations

import copy
import math
from typing import ClassVar

import numpy as np
import pytest

import hyalite as hy
from hyalite import metrics
from hyalite.data.split import split_rows
from hyalite.training.callbacks import Callback
from tests.training.helpers import (
    KINDS,
    LABELS,
    NUMBERS,
    RNG,
    Record,
    Script,
    X,
    bits,
    fit,
    mixed,
    plain,
)

# Numbers that are not finite ----------------------------------------------------------------------


class Poison(hy.Layer):
    """A user's layer that gives NaN at one of the training passes, in the forward or way back."""

    def __init__(self, at: int = 0, back: bool = False, name: str | None = None) -> None:
        super().__init__(name)
        self.at, self.back = at, back
        self.count = [0]

    def forward(self, x, training=False):
        x = self.receive(x).copy()
        if training:
            self.count[0] += 1
            if self.count[0] >= self.at > 0 and not self.back:
                x[0, 0] = np.nan
        return x

    def backward(self, dy):
        return dy * np.nan if self.back and self.count[0] == self.at else dy


def test_a_nan_of_a_users_layer_is_traced_to_layer_epoch_and_batch():
    poison = Poison(at=12, name="culprit")  # 5 batches an epoch: the 2nd of epoch 3
    model = hy.Sequential([hy.Dense(4), poison, hy.BatchNormalization(), hy.Dense(3, "softmax")])
    model.compile("categorical_crossentropy", hy.Adam(0.01))
    record = Record()
    with pytest.raises(hy.NonFiniteError, match=r"epoch 3.*batch 2.*culprit"):
        fit(model, batch_size=6, epochs=9, callbacks=[record])
    assert model.history.epochs == [1, 2]
    for now, then in zip((model.theta, model.state), record.after[2], strict=True):
        np.testing.assert_array_equal(now, then)
    assert record.log[-2:] == ["3<", "end"]
    # optimizer and clock stand where epoch 2 left them, too: the same goes on as if never tried
    poison.count[0] = -(10**9)
    other = hy.Sequential([hy.Dense(4), Poison(), hy.BatchNormalization(), hy.Dense(3, "softmax")])
    other.compile("categorical_crossentropy", hy.Adam(0.01))
    fit(other, batch_size=6, epochs=2)
    for one in (model, other):
        fit(one, batch_size=6, epochs=2, seed=None)
    assert bits(model) == bits(other)
    assert model.optimizer.steps == other.optimizer.steps


@pytest.mark.parametrize("first", [1, 4], ids=["at once", "later"])
@pytest.mark.parametrize("shards", [1, 3])
def test_a_nan_on_the_way_back_stops_training_with_the_last_good_weights(first, shards):
    model = hy.Sequential(
        [hy.Dense(4, name="one"), Poison(at=first, back=True), hy.Dense(3, "softmax")]
    )
    model.compile("categorical_crossentropy", hy.SGD(0.1, momentum=0.9))
    model.build(5, seed=2)
    start = model.theta.copy()
    record = Record()
    with pytest.raises(hy.NonFiniteError, match=r"one.*W|one.*b"):
        fit(model, batch_size=15, epochs=9, callbacks=[record], shards=shards)
    good = record.after[max(record.after)][0] if record.after else start
    np.testing.assert_array_equal(model.theta, good)
    assert np.isfinite(model.theta).all()


@pytest.mark.parametrize("optimizer", [hy.SGD(1e30), hy.SGD(1e30, momentum=0.9), hy.SGD(1e300)])
@pytest.mark.parametrize("batch_size", [7, 30])
def test_a_huge_learning_rate_stops_training_and_a_smaller_one_goes_on(optimizer, batch_size):
    model = hy.Sequential([hy.Dense(6), hy.BatchNormalization(), hy.Dense(2)])
    model.compile("mse", hy.SGD(0.01))
    fit(model, y=NUMBERS, epochs=2)
    model.optimizer.learning_rate = optimizer.learning_rate
    model.optimizer.momentum = optimizer.momentum
    model.optimizer.slot_names = optimizer.slot_names
    before = bits(model)
    record = Record()
    with pytest.raises(hy.NonFiniteError, match=r"epoch \d+, (last )?batch.*layer \w+_\d"):
        fit(model, y=NUMBERS, batch_size=batch_size, epochs=50, callbacks=[record])
    if record.after:
        theta, state = record.after[max(record.after)]
        before = theta.tobytes(), state.tobytes()
    assert bits(model) == before
    assert np.isfinite(model.theta).all()
    assert np.isfinite(model.state).all()


def test_after_a_failure_training_goes_on_with_a_smaller_learning_rate():
    model, other = mixed(), mixed()
    for one in (model, other):
        fit(one, epochs=2, batch_size=8)
    model.optimizer.learning_rate = 1e38
    with pytest.raises(hy.NonFiniteError) as caught:
        fit(model, epochs=3, batch_size=8)
    assert "smaller learning rate" in str(caught.value)
    assert bits(model) == bits(other)
    for one in (model, other):
        one.optimizer.learning_rate = 0.01
        fit(one, epochs=3, batch_size=8)
    assert bits(model) == bits(other)
    assert model.history.history == other.history.history
    assert model.history.epochs == [3, 4, 5]


def test_a_failure_in_the_very_first_epoch_leaves_the_initial_weights():
    model = mixed()
    model.build(5, seed=2)
    before = bits(model)
    model.optimizer.learning_rate = 1e39
    with pytest.raises(hy.NonFiniteError) as caught:
        fit(model, batch_size=8)
    assert "epoch 0" not in str(caught.value), "there is no epoch 0"
    assert bits(model) == before
    assert not model.optimizer.slots or not any(s.any() for s in model.optimizer.slots.values())


def test_overflow_in_the_samples_stops_training_and_names_the_first_layer():
    x = X.astype(np.float32)
    x[3, 2] = 3e38
    model = hy.Sequential([hy.Rescaling(100.0, name="scale"), hy.Dense(3, "softmax")])
    model.compile("categorical_crossentropy")
    with pytest.raises(hy.NonFiniteError, match=r"epoch 1, batch 1.*scale"):
        fit(model, x)
    assert np.isfinite(model.theta).all()


def test_the_text_of_a_failure_is_true_where_early_stopping_restores_other_weights():
    def blow(model):
        model.optimizer.learning_rate = 1e39

    model = mixed()
    record = Record()
    callbacks = [Script(5, 1, 3, 4, do={4: blow}), record, hy.EarlyStopping("score", patience=9)]
    with pytest.raises(hy.NonFiniteError) as caught:
        fit(model, epochs=9, callbacks=callbacks)
    good = [e for e, (theta, _) in record.after.items() if np.array_equal(theta, model.theta)]
    assert good == [2], "early stopping always restores the best weights"
    assert "after epoch 4" not in str(caught.value), "those are the weights of epoch 2"


def test_a_validation_loss_that_overflows_is_recorded_and_warns_of_nothing():
    model = hy.Sequential([hy.Dense(2)])
    model.compile("mse", hy.SGD(0.01))
    history = fit(model, y=NUMBERS, validation_data=(X, np.full((30, 2), 1e30)))
    assert history["val_loss"] == [math.inf]


# The same bytes -----------------------------------------------------------------------------------


@pytest.mark.parametrize("shards", [1, 3])
@pytest.mark.parametrize("options", [{}, {"validation_split": 0.2}, {"shuffle": False}])
@pytest.mark.parametrize("batch_size", [1, 8, 30, 100])
def test_ten_fits_of_one_epoch_are_one_fit_of_ten(batch_size, options, shards):
    options = options | {"batch_size": batch_size, "shards": shards}
    one, ten = mixed(), mixed()
    history = fit(one, epochs=10, **options)
    single = [fit(ten, epochs=1, **options) for _ in range(10)]
    assert bits(one) == bits(ten)
    assert [h.epochs for h in single] == [[n] for n in range(1, 11)]
    for name in history:
        assert history[name] == [h[name][0] for h in single], name


def test_without_a_seed_later_fits_keep_the_models():
    one, two = mixed(), mixed()
    history = fit(one, epochs=4, batch_size=8)
    fit(two, epochs=2, batch_size=8)
    assert fit(two, epochs=2, batch_size=8, seed=None).seed == history.seed == 2
    assert bits(one) == bits(two)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others():
    results = []
    for seed in (0, 1, 2**63 - 1, 0):
        model = mixed()
        fit(model, epochs=2, batch_size=8, seed=seed)
        results.append(bits(model))
    assert results[0] == results[3]
    assert len(set(results)) == 3


def test_a_fresh_seed_is_drawn_noted_and_repeats_the_run():
    one, two, three = mixed(), mixed(), mixed()
    seed = fit(one, seed=None, batch_size=8).seed
    assert fit(two, seed=None, batch_size=8).seed != seed
    assert bits(one) != bits(two)
    fit(three, seed=seed, batch_size=8)
    assert bits(three) == bits(one)


@pytest.mark.parametrize("part", ["order", "mask", "initial values", "split"])
def test_the_seed_reaches_every_source_of_randomness(part):
    def run(seed):
        layers = [hy.Dense(4, "tanh"), *([hy.Dropout(0.4)] if part == "mask" else [])]
        model = hy.Sequential([*layers, hy.Dense(3, "softmax")])
        model.compile("categorical_crossentropy", hy.SGD(0.1))
        if part != "initial values":
            model.build(5, seed=0)
        split = 0.3 if part == "split" else 0.0
        fit(model, seed=seed, shuffle=part == "order", batch_size=7, validation_split=split)
        return bits(model)

    assert run(1) == run(1) != run(2)


def test_the_global_random_state_is_neither_read_nor_changed():
    import random

    random.seed(1)
    np.random.seed(1)
    states = random.getstate(), np.random.get_state()[1].tobytes()
    one = mixed()
    fit(one, batch_size=8, validation_split=0.2)
    assert (random.getstate(), np.random.get_state()[1].tobytes()) == states
    np.random.seed(2)
    two = mixed()
    fit(two, batch_size=8, validation_split=0.2)
    assert bits(one) == bits(two)


def test_each_epoch_has_an_order_of_its_own_and_every_sample_once():
    class See(hy.Layer):
        seen: ClassVar[list] = []

        def forward(self, x, training=False):
            if training:
                self.seen.append(x[:, 0].copy())
            return self.receive(x)

        def backward(self, dy):
            return dy

    x = np.arange(20.0)[:, np.newaxis]
    for shuffle in (True, False):
        See.seen = []
        model = hy.Sequential([See(), hy.Dense(1)], dtype="float64")
        model.compile("mse", hy.SGD(1e-6))
        fit(model, x, x, epochs=3, batch_size=6, shuffle=shuffle)
        assert [len(batch) for batch in See.seen] == [6, 6, 6, 2] * 3
        orders = np.concatenate(See.seen).reshape(3, 20)
        for order in orders:
            assert sorted(order) == list(range(20))
        assert len({order.tobytes() for order in orders}) == (3 if shuffle else 1)
        assert (orders[0].tolist() == list(range(20))) != shuffle


# Shards -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("batch_size", [5, 8, 30])
def test_shards_agree_to_rounding(batch_size, weighted):
    results = []
    for shards in (1, 2, 3, 7):
        model = hy.Sequential(
            [
                hy.Dense(6, "tanh", l2=0.01),
                hy.Dropout(0.4),
                hy.LayerNormalization(),
                hy.Dense(3, "softmax"),
            ],
            dtype="float64",
        )
        model.compile("categorical_crossentropy", hy.SGD(0.1, momentum=0.9), ["accuracy"])
        weight = np.arange(30.0) if weighted else None
        history = fit(model, epochs=3, batch_size=batch_size, shards=shards, sample_weight=weight)
        results.append((model.theta.copy(), model.grad.copy(), np.array(history["loss"])))
    for result in results[1:]:
        for one, two in zip(results[0], result, strict=True):
            np.testing.assert_allclose(one, two, rtol=1e-10, atol=1e-13)
    assert results[0][0].tobytes() != results[3][0].tobytes(), "were there shards at all?"


def test_a_dropout_mask_does_not_depend_on_the_shards():
    class See(hy.Layer):
        seen: ClassVar[list] = []

        def forward(self, x, training=False):
            if training:
                self.seen.append(x.copy())
            return self.receive(x)

        def backward(self, dy):
            return dy

    masks = []
    for shards in (1, 2, 3, 7, 30):
        See.seen = []
        model = hy.Sequential([hy.Dropout(0.5), See(), hy.Dense(3, "softmax")])
        model.compile("categorical_crossentropy", hy.SGD(0.0))
        fit(model, np.ones((30, 19)), batch_size=11, epochs=2, shards=shards, shuffle=False)
        assert len(See.seen) == 2 * (2 * min(shards, 11) + min(shards, 8))
        masks.append(np.concatenate(See.seen))
    for mask in masks[1:]:
        np.testing.assert_array_equal(mask, masks[0])
    assert set(np.unique(masks[0])) == {0.0, 2.0}
    halves = masks[0].reshape(2, 30, 19)
    assert not np.array_equal(halves[0], halves[1]), "each step has a mask of its own"


# Validation ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["labels", "one-hot", "soft", "yes/no"])
def test_validation_split_is_stratified_whatever_form_the_classes_come_in(form):
    labels = np.repeat([0, 1, 2], [60, 30, 10])
    if form == "yes/no":
        labels = np.repeat([0, 1], [90, 10])
    x = np.arange(100.0)[:, np.newaxis]
    y = {"one-hot": np.eye(3), "soft": np.eye(3) * 0.7 + 0.1}.get(form)
    y = labels if y is None else y[labels]

    class Rows(metrics.Metric):
        """Which samples a metric is shown."""

        name, kinds, shown = "rows", ("classes", "binary"), []

        def reset(self):
            self.rows = []

        def update(self, prediction, target, weight=None):
            self.rows.append(target)

        def result(self):
            Rows.shown.append(np.concatenate(self.rows))
            return 0.0

    Rows.shown = []
    binary = form == "yes/no"
    model = hy.Sequential([hy.Dense(1, "sigmoid") if binary else hy.Dense(3, "softmax")])
    model.compile("binary_crossentropy" if binary else "categorical_crossentropy", metrics=[Rows()])
    fit(model, x / 100, y, validation_split=0.2)
    trained, kept = Rows.shown

    def count(t):
        labels = t if t.ndim == 1 else t[:, 0] if binary else t.argmax(axis=1)
        return np.bincount(labels.astype(int)).tolist()

    assert count(trained) == ([72, 8] if binary else [48, 24, 8])
    assert count(kept) == ([18, 2] if binary else [12, 6, 2])


def test_validation_data_are_measured_after_the_epoch_and_never_trained_on():
    model, alone = mixed(), mixed()
    x, y = X[:10] + 1, LABELS[:10]
    history = fit(model, epochs=3, batch_size=8, validation_data=(x, y))
    for epoch in range(3):
        fit(alone, batch_size=8)
        figures = alone.evaluate(x, y)
        assert history["val_loss"][epoch] == pytest.approx(figures["loss"], rel=1e-6)
        assert history["val_accuracy"][epoch] == pytest.approx(figures["accuracy"])
    assert bits(model) == bits(alone)


def test_validation_weights_count():
    model = plain("categorical_crossentropy", "softmax", 3)
    w = np.r_[np.ones(10), np.zeros(20)]
    history = fit(model, validation_data=(X, LABELS, w))
    assert history["val_loss"][0] == pytest.approx(model.evaluate(X[:10], LABELS[:10])["loss"])


def test_validation_split_takes_the_sample_weights_along():
    weight = np.arange(1.0, 31.0)
    model = plain("categorical_crossentropy", "softmax", 3)
    history = fit(model, validation_split=0.3, sample_weight=weight, class_weight={0: 5.0})
    _, kept = split_rows(30, 0.3, LABELS, seed=2)
    figures = model.evaluate(X[kept], LABELS[kept], sample_weight=weight[kept])
    assert history["val_loss"][0] == pytest.approx(figures["loss"], rel=1e-12)


# Every batch size ---------------------------------------------------------------------------------


@pytest.mark.parametrize("weighted", [False, True], ids=["", "weighted"])
@pytest.mark.parametrize("kind", KINDS)
def test_loss_and_metrics_do_not_depend_on_the_batch_size(kind, weighted):
    loss, ending, y, figures = KINDS[kind]
    weight = RNG.uniform(0, 3, 30) if weighted else None
    if weighted:
        weight[[0, 4, 29]] = 0  # batches of one then weigh nothing at all
    model = plain(loss, ending, 3, hy.SGD(0.0), l1=0.01, l2=0.02)
    model.compile(loss, hy.SGD(0.0), figures)
    model.build(5, seed=3)
    expected = None
    for batch_size in range(1, 32):
        history = fit(
            model,
            y=y,
            batch_size=batch_size,
            sample_weight=weight,
            validation_data=(X, y, weight)[: 3 if weighted else 2],
        )
        found = {name: history[name][0] for name in history if name != "learning_rate"}
        for name, value in model.evaluate(
            X, y, batch_size=batch_size, sample_weight=weight
        ).items():
            found[f"evaluate {name}"] = value
        if expected is None:
            expected = found
            assert set(expected) == {
                *("loss", "data_loss", "penalty"),
                *(prefix + m.name for m in model.metrics for prefix in ("", "val_", "evaluate ")),
                *("val_loss", "evaluate loss"),
            }
            continue
        for name, value in found.items():
            np.testing.assert_allclose(
                value, expected[name], rtol=1e-12, atol=1e-12, err_msg=f"{name}, {batch_size}"
            )
    # the training figures, those of validation and of evaluate are one and the same
    assert expected["data_loss"] == pytest.approx(expected["evaluate loss"], rel=1e-12)
    assert expected["val_loss"] == pytest.approx(expected["evaluate loss"], rel=1e-12)
    for metric in model.metrics:
        name = metric.name
        np.testing.assert_allclose(expected[name], expected[f"evaluate {name}"], atol=1e-12)


def test_the_last_batch_counts_by_its_samples():
    model = plain(optimizer=hy.SGD(0.0))
    model.build(5, seed=0)
    y = np.zeros((30, 2))
    y[29] = 1e6
    history = fit(model, y=y, batch_size=29, shuffle=False)
    assert history["loss"][0] == pytest.approx(float(((model.predict(X) - y) ** 2).mean()))


# Weights ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_sample_weight_is_the_row_repeated(kind):
    loss, ending, y, figures = KINDS[kind]
    times = RNG.integers(0, 4, 30)
    rows = np.repeat(np.arange(30), times)
    results = []
    for x, t, w in ((X, y, times), (X[rows], y[rows], None), (X, y, times * 17.5)):
        model = plain(loss, ending, 3, hy.SGD(0.1, momentum=0.9), l2=0.1)
        if kind in ("squared", "absolute", "Huber"):
            # std of the target, on which the books' accuracy rests, is not weighted
            figures = ["r2", "mse", "mae"]
        model.compile(loss, model.optimizer, figures)
        history = fit(model, x, t, sample_weight=w, epochs=4, batch_size=1000)
        figures_of = model.evaluate(x, t, sample_weight=w)
        results.append((model.theta.copy(), history, figures_of))
    for theta, history, figures_of in results[1:]:
        np.testing.assert_allclose(theta, results[0][0], rtol=1e-9, atol=1e-12)
        for name in history:
            if name != "confusion_matrix":  # its counts are weights, scaled
                np.testing.assert_allclose(history[name], results[0][1][name], rtol=1e-8)
        for name in figures_of:
            if name != "confusion_matrix":
                np.testing.assert_allclose(figures_of[name], results[0][2][name], rtol=1e-8)


def test_weight_zero_leaves_the_row_out():
    weight = np.ones(30)
    weight[[0, 7, 29]] = 0
    x, y = X.copy(), NUMBERS.copy()
    x[7], y[7] = 50, -1e3  # whatever stands there
    results = []
    for data in ((x, y, weight), (x[weight > 0], y[weight > 0], None)):
        model = plain(optimizer=hy.SGD(0.1))
        history = fit(model, *data[:2], sample_weight=data[2], epochs=4, batch_size=1000)
        results.append((model.theta.copy(), history["loss"]))
    np.testing.assert_allclose(results[0][0], results[1][0], rtol=1e-10)
    np.testing.assert_allclose(results[0][1], results[1][1], rtol=1e-10)


@pytest.mark.parametrize("form", ["labels", "one-hot", "soft", "yes/no"])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    "class_weight", [{0: 0.5, 1: 3.0}, {np.int64(1): np.float32(4)}, "balanced"]
)
def test_a_class_weight_is_the_sample_weight_of_its_rows(form, weighted, class_weight):
    labels = (np.arange(30) % 5 == 0).astype(int) if form == "yes/no" else LABELS
    classes = labels.max() + 1
    loss, ending, units = (
        ("binary_crossentropy", "sigmoid", 1)
        if classes == 2
        else (
            "categorical_crossentropy",
            "softmax",
            3,
        )
    )
    y = labels
    if form in ("one-hot", "soft"):
        y = np.eye(3)[labels]
    if form == "soft":
        y = y * 0.7 + 0.1
    if class_weight == "balanced":
        by_class = 30 / (classes * np.bincount(labels))
    else:
        by_class = np.array([class_weight.get(c, 1.0) for c in range(classes)])
    expected = y @ by_class if form == "soft" else by_class[labels]
    weight = RNG.uniform(0.5, 2, 30) if weighted else None
    total = expected if weight is None else expected * weight
    results = []
    for options in (
        {"class_weight": class_weight, "sample_weight": weight},
        {"sample_weight": total},
    ):
        model = plain(loss, ending, units)
        history = fit(model, y=y, batch_size=7, epochs=3, **options)
        results.append((model.theta.copy(), history["loss"]))
    np.testing.assert_allclose(results[0][0], results[1][0], rtol=1e-10)
    np.testing.assert_allclose(results[0][1], results[1][1], rtol=1e-10)


def test_class_weights_leave_the_metrics_those_of_the_data():
    model = plain("categorical_crossentropy", "softmax", 3)
    model.compile("categorical_crossentropy", hy.SGD(0.0), ["accuracy", "confusion_matrix"])
    without = fit(model)
    with_them = fit(model, class_weight={0: 100.0, 1: 0.0})
    assert with_them["loss"] != without["loss"]
    assert with_them["accuracy"] == without["accuracy"]
    assert with_them["confusion_matrix"] == without["confusion_matrix"]


def test_balanced_takes_the_training_rows_alone():
    train, _ = split_rows(30, 0.3, LABELS, seed=2)
    counts = np.bincount(LABELS[train], minlength=3)
    weight = (len(train) / (3 * counts))[LABELS]
    results = []
    for options in (
        {"class_weight": "balanced"},
        {"class_weight": dict(enumerate(weight_by(weight)))},
    ):
        model = plain("categorical_crossentropy", "softmax", 3)
        fit(model, validation_split=0.3, **options)
        results.append(model.theta.copy())
    np.testing.assert_allclose(results[0], results[1], rtol=1e-12)


def weight_by(weight):
    return [weight[label == LABELS][0] for label in range(3)]


# Callbacks and settings ---------------------------------------------------------------------------


def test_callbacks_are_told_in_order():
    log = []
    fit(mixed(), epochs=2, callbacks=[Record(log, "a"), Record(log, "b")])
    assert log == [
        *("abegin", "bbegin"),
        *("a1<", "b1<", "a1>", "b1>"),
        *("a2<", "b2<", "a2>", "b2>"),
        *("aend", "bend"),
    ]


def test_a_callback_may_stop_training():
    def stop(model):
        model.stop_training = True

    model = mixed()
    assert fit(model, epochs=9, callbacks=[Script(do={3: stop})]).epochs == [1, 2, 3]
    assert fit(model, epochs=2).epochs == [4, 5], "a fit starts unstopped"


def test_a_callback_may_write_figures_and_sees_all_of_them():
    seen = []

    class See(Callback):
        def on_epoch_end(self, model, epoch, figures):
            seen.append(dict(figures))

    history = fit(mixed(), validation_split=0.2, callbacks=[Script(1.5), See()])
    assert history["score"] == [1.5]
    assert seen[0] == {name: history[name][0] for name in history}


def test_the_learning_rate_may_be_set_between_fits():
    model = plain("categorical_crossentropy", "softmax", 3)
    fit(model)
    before = bits(model)
    model.optimizer.learning_rate = 0.0
    assert fit(model)["learning_rate"] == [0.0]
    assert bits(model) == before
    model.optimizer.learning_rate = hy.StepDecay(0.1, 0.5, 1)
    # the schedule stands at the steps done so far: two
    assert fit(model)["learning_rate"] == [0.1 * 0.5**2]
    assert bits(model) != before


def test_settings_of_layers_may_be_changed_between_fits():
    """What a layer shows is what the next fit computes with."""

    def change(model):
        model.layers[2].rate = 0.0
        model.layers[0].l2 = 0.0
        model.layers[1].momentum = 0.1

    one, two = mixed(), mixed()
    for model in (one, two):
        fit(model, batch_size=8)
    two = copy.deepcopy(two)  # this one comes without an engine that could remember
    change(one)
    change(two)
    for model in (one, two):
        fit(model, batch_size=8, epochs=2)
    assert bits(one) == bits(two)


def test_compile_takes_copies():
    loss, optimizer, metric = hy.Huber(0.5), hy.Adam(0.1), metrics.RegressionAccuracy()
    model = plain()
    model.compile(loss, optimizer, [metric])
    assert model.loss is not loss
    assert model.optimizer is not optimizer
    assert model.metrics[0] is not metric
    shown = [repr(part) for part in (loss, optimizer, metric)]
    fit(model, y=NUMBERS)
    assert [repr(part) for part in (loss, optimizer, metric)] == shown
    assert optimizer.steps == 0
    optimizer.learning_rate = 9.0
    loss.delta = 9.0
    assert model.optimizer.learning_rate == 0.1
    assert model.loss.delta == 0.5


def test_compile_again_keeps_the_weights_and_counts_anew():
    model = mixed()
    fit(model, epochs=3)
    before = bits(model)
    model.compile("categorical_crossentropy", hy.SGD(0.1), ["f1"])
    assert bits(model) == before
    assert model.optimizer.steps == 0
    history = fit(model)
    assert history.epochs == [1]
    assert "f1" in history


def test_no_batch_size_means_all_samples():
    models = [mixed() for _ in range(3)]
    for model, size in zip(models, (None, len(X), 10**9), strict=True):
        fit(model, batch_size=size, epochs=3)
    assert len({model.theta.tobytes() for model in models}) == 1
    assert models[0].optimizer.steps == 3
