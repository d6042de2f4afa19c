"""Schedules of the learning rate, of the weight decay and of dropout."""

from __future__ import annotations

import copy
import math
import pickle
from contextlib import suppress

import numpy as np
import pytest

import hyalite as hy
from hyalite.training.checkpoint import Checkpoint
from tests.training.helpers import LABELS, NUMBERS, X, bits, fit, plain


@pytest.mark.parametrize(
    "schedule",
    [
        hy.InverseTimeDecay(0.5, 0.1),
        hy.ExponentialDecay(0.5, 0.5, 4),
        hy.StepDecay(0.5, 0.1, 4),
        hy.CosineDecay(0.5, 12, warmup=3, final=0.05),
        hy.LogCosineCycles(0.5, 14, cycles=2),
        hy.FlatCosine(0.5, 12),
    ],
    ids=repr,
)
def test_schedules_count_the_steps_of_all_fits(schedule):
    """One linear unit with a constant gradient of 1: each step moves b by the learning rate."""
    model = hy.Sequential([hy.Dense(1, initializer="zeros")], dtype="float64")
    model.compile("mae", hy.SGD(schedule))
    x, y = np.zeros((3, 1)), np.full(3, -1e9)
    rates = []
    for _ in range(5):
        before = float(model.layers[0].b[0]) if model.built else 0.0
        history = fit(model, x, y, batch_size=1)
        rates.append(before - float(model.layers[0].b[0]))
        expected = [schedule(step) for step in range(3 * len(rates) - 3, 3 * len(rates))]
        assert rates[-1] == pytest.approx(sum(expected), rel=1e-12)
        assert history["learning_rate"] == [expected[-1]]


@pytest.mark.parametrize("optimizer", [hy.SGD, hy.Adam])
def test_decay_is_the_schedule_of_the_sources(optimizer):
    models = []
    for rate in (
        {"learning_rate": 0.1, "decay": 0.05},
        {"learning_rate": hy.InverseTimeDecay(0.1, 0.05)},
    ):
        model = plain("categorical_crossentropy", "softmax", 3, optimizer(**rate))
        history = fit(model, epochs=3, batch_size=10)
        models.append(bits(model))
        assert history["learning_rate"] == pytest.approx([0.1 / (1 + 0.05 * n) for n in (2, 5, 8)])
    assert models[0] == models[1]


@pytest.mark.parametrize("cycles", [1, 4, 6])
def test_waves_are_those_of_the_formula(cycles):
    steps = 2**cycles - 1
    rate = hy.LogCosineCycles(0.04, 10 * steps, cycles)
    for step in range(10 * steps):
        wave = math.log2(1 + steps * (step / (10 * steps)))
        expected = 0.02 * (1 - math.cos(2 * math.pi * wave))
        assert rate(step) == pytest.approx(expected, abs=1e-15)
    between = [10 * (2**cycle - 1) for cycle in range(cycles + 1)]
    assert [rate(step) for step in between] == pytest.approx([0] * len(between), abs=1e-15)
    highest = [10 * (2 ** (cycle + 0.5) - 1) for cycle in range(cycles)]
    assert [rate(step) for step in highest] == pytest.approx([0.04] * cycles)
    assert rate(10 * steps) == rate(10 * steps + 1) == rate(10**9) == 0


def test_the_flat_half_is_the_value_itself_and_the_other_half_a_cosine():
    rate = hy.FlatCosine(0.15, 100)
    assert {rate(step) for step in range(51)} == {0.15}
    later = [0.075 * (1 + math.cos(math.pi * (step - 50) / 50)) for step in range(50, 101)]
    assert [rate(step) for step in range(50, 101)] == pytest.approx(later, abs=1e-15)
    assert rate(100) == rate(101) == rate(10**9) == 0


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: hy.LogCosineCycles(-1, 5), "learning_rate must be"),
        (lambda: hy.LogCosineCycles(1, 0), "steps must be"),
        (lambda: hy.LogCosineCycles(1, 5, 0), "cycles must be"),
        (lambda: hy.LogCosineCycles(1, 5, 51), "cycles must be"),
        (lambda: hy.FlatCosine(-1, 5), "value must be"),
        (lambda: hy.FlatCosine(1, 1.5), "steps must be"),
        (lambda: hy.Dropout(hy.FlatCosine(1.0, 9)), r"FlatCosine.* at step 0: rate .*\[0, 1\)"),
        (lambda: hy.AdamW(weight_decay=Late(-1.0, 0)), r"Late.* at step 0: weight_decay must"),
        (lambda: hy.AdamW(weight_decay="0.1"), "weight_decay must be"),
    ],
)
def test_values_out_of_range_are_refused(make, text):
    with pytest.raises(ValueError, match=text):
        make()


class Late(hy.schedules.Schedule):
    """A value from one step on, 0.25 before."""

    def __init__(self, value: float, first: int) -> None:
        self.value, self.first = value, first

    def __call__(self, step: int) -> float:
        return self.value if step >= self.first else 0.25


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
@pytest.mark.parametrize(
    ("drop", "decay", "name"),
    [(1.0, 0.1, "rate"), (-0.1, 0.1, "rate"), (0.1, -1.0, "weight_decay")],
)
def test_a_value_that_is_out_of_range_later_on_is_refused_there(engine, drop, decay, name):
    model = hy.Sequential([hy.Dense(4, "relu"), hy.Dropout(Late(drop, 3)), hy.Dense(2)])
    model.compile("mse", hy.AdamW(weight_decay=Late(decay, 3)), engine=engine)
    with pytest.raises(ValueError, match=f"Late.* at step 3: {name} must"):
        fit(model, y=NUMBERS, batch_size=10, epochs=2)


def test_the_weight_decay_is_that_of_the_step():
    schedule, theta = hy.FlatCosine(0.5, 4), np.array([2.0])
    optimizer, expected = hy.AdamW(hy.StepDecay(0.1, 0.5, 2), weight_decay=schedule), 2.0
    for step in range(6):
        optimizer.step(theta, np.zeros(1))
        expected *= 1 - 0.1 * 0.5 ** (step // 2) * schedule(step)
        assert theta[0] == pytest.approx(expected, rel=1e-14)
    assert optimizer.coming_weight_decays(2).tolist() == [0, 0]
    optimizer.reset()
    assert optimizer.coming_weight_decays(5).tolist() == [schedule(step) for step in range(5)]


def test_a_dropout_alone_counts_its_training_passes():
    dropout, x = hy.Dropout(hy.LogCosineCycles(0.8, 30)).build(4000, seed=0), np.ones((1, 4000))
    for step in range(32):
        assert dropout.forward(x).all(), "a prediction is no step"
        share = 1 - float((dropout.forward(x, training=True) != 0).mean())
        assert share == pytest.approx(dropout.rate(step), abs=0.03)


def scheduled(engine: str, dtype: str = "float32") -> hy.Sequential:
    """Dropout whose mask is kept, whose mask ReLU's zeros tell, and at whose end is a wave."""
    model = hy.Sequential(
        [
            hy.Dense(8, "tanh"),
            hy.Dropout(hy.FlatCosine(0.4, 20)),
            hy.Dense(9, "relu"),
            hy.Dropout(hy.LogCosineCycles(0.5, 20)),
            hy.Dense(7, "relu"),
            hy.Dropout(0.2),
            hy.Dense(3, "softmax"),
        ],
        dtype=dtype,
    )
    decay = hy.FlatCosine(2.0, 16)
    optimizer = hy.AdamW(hy.LogCosineCycles(0.05, 24), decay, weight_decay_factors={"*.b": 0.5})
    model.compile("categorical_crossentropy", optimizer, ["accuracy"], engine=engine)
    return model


@pytest.mark.compiled
def test_the_engines_agree_on_all_that_follows_a_schedule():
    models = [scheduled(engine, "float64") for engine in ("numpy", "compiled")]
    histories = [fit(model, epochs=7, batch_size=8).history for model in models]
    np.testing.assert_allclose(models[1].theta, models[0].theta, rtol=0, atol=1e-12)
    assert histories[0]["loss"] == pytest.approx(histories[1]["loss"], rel=1e-12)
    unlike = scheduled("compiled", "float64")
    unlike.layers[3].rate = 0.0
    fit(unlike, epochs=7, batch_size=8)
    assert np.abs(unlike.theta - models[1].theta).max() > 1e-3


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_ten_fits_of_one_epoch_are_one_of_ten(engine):
    whole, parts = scheduled(engine), scheduled(engine)
    fit(whole, epochs=10, batch_size=8)
    for _ in range(10):
        fit(parts, epochs=1, batch_size=8)
        parts = pickle.loads(pickle.dumps(parts))
    assert bits(parts) == bits(whole)


@pytest.mark.compiled
def test_the_bytes_do_not_depend_on_the_number_of_threads():
    results = []
    x = np.random.default_rng(0).normal(size=(400, 30)).astype(np.float32)
    for threads in (1, 2):
        before = hy.get_num_threads()
        hy.set_num_threads(threads)
        try:
            model = scheduled("compiled")
            model.fit(x, np.arange(400) % 3, batch_size=200, epochs=8, seed=0, verbose=0)
        finally:
            hy.set_num_threads(before)
        results.append(bits(model))
    assert results[0] == results[1]


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_a_run_that_is_gone_on_with_has_the_same_bytes(engine, tmp_path):
    class Stop(hy.Callback):
        def __init__(self, epoch):
            self.epoch = epoch

        def on_epoch_end(self, model, epoch, figures):
            if epoch == self.epoch:
                raise KeyboardInterrupt

    whole = scheduled(engine)
    fit(whole, epochs=6, batch_size=8, callbacks=[Stop(99)])
    for epoch in (3, 99):
        saved = Checkpoint(tmp_path, every=3, resume=True)
        resumed = scheduled(engine)
        with suppress(KeyboardInterrupt):
            fit(resumed, epochs=6, batch_size=8, callbacks=[Stop(epoch)], checkpoint=saved)
    assert bits(resumed) == bits(whole)
    other = scheduled(engine)
    other.layers[3].rate = hy.LogCosineCycles(0.4, 20)
    with pytest.raises(ValueError, match=r"its model.*rate|holds another run"):
        fit(other, epochs=6, batch_size=8, callbacks=[Stop(99)], checkpoint=saved)


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_a_file_and_a_copy_hold_the_schedules(engine, tmp_path):
    model = scheduled(engine)
    fit(model, epochs=2, batch_size=8)
    model.save(tmp_path / "model.safetensors")
    loaded = hy.load(tmp_path / "model.safetensors")
    assert [repr(layer) for layer in loaded.layers] == [repr(layer) for layer in model.layers]
    assert repr(loaded.optimizer) == repr(model.optimizer)
    assert repr(model.layers[1]) == "Dropout(rate=FlatCosine(value=0.4, steps=20))"
    for other in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        fit(other, epochs=2, batch_size=8)
    fit(model, epochs=2, batch_size=8)
    assert bits(other) == bits(model)


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_a_schedule_may_take_a_numbers_place_between_fits_and_the_other_way_round(engine):
    rates = [0.3, hy.FlatCosine(0.3, 10**6), 0.3, 0.0, hy.FlatCosine(0.0, 5)]
    models = [scheduled(engine) for _ in range(2)]
    for rate in rates:
        for model, own in zip(models, (rate, 0.0 if rate in rates[3:] else 0.3), strict=True):
            model.layers[1].rate = model.layers[3].rate = own
            fit(model, epochs=1, batch_size=8)
        assert bits(models[0]) == bits(models[1])


def test_a_trace_shows_the_mask_of_the_coming_step():
    model = scheduled("numpy")
    fit(model, epochs=3, batch_size=8)  # 12 steps
    mask = model.trace(X, LABELS)["dropout_1.m"]
    scale = 1 / (1 - round(65536 * model.layers[1].rate(12)) / 65536)
    np.testing.assert_allclose(np.unique(mask), [0, scale])
