"""Any number of workers, here in threads, ends in the bytes of one process; and what would not."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hyalite as hy
from hyalite.errors import LostWorker
from hyalite.training.snapshot import Snapshot
from hyalite.workers import step
from tests import parts
from tests.workers.helpers import LABELS, WEIGHTS, X, digest, fitting, mixed, noting, wide

ENGINES = ["numpy", "compiled"]
run, alone = hy.workers.threads.run, hy.workers.alone()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.filterwarnings("ignore:overflow")  # of models that move away without end
@pytest.mark.parametrize("first", range(0, 16, 4))
def test_random_models_end_in_the_same_bytes(engine: str, first: int) -> None:
    """Every layer and loss, fewer rows than shards, uneven last batches, weights, clipping."""
    losses, optimizers = itertools.cycle(parts.LOSSES), itertools.cycle(parts.OPTIMIZERS)
    pairs = list(itertools.islice(zip(losses, optimizers, strict=False), 16))
    for seed in range(first, first + 4):
        rng = np.random.default_rng(seed)
        loss, optimizer = pairs[seed]
        model, x, y, weight = parts.random_model(
            rng, dtype=("float32", "float64")[seed % 2], pictures=seed % 4 == 3, loss=loss,
            optimizer=optimizer,
        )  # fmt: skip
        model.engine = engine
        model.optimizer.clip_norm = 0.1 if seed % 3 == 0 else None
        size = int(rng.integers(1, len(x) + 1))
        options = {
            "sample_weight": weight,
            "batch_size": size,
            "shards": 2 + seed % 7,
            "seed": seed,
        }
        fit = or_error(fitting(model, x, y, **options))
        expected = fit(alone)
        for workers in {2, 2 + seed % 7}:
            if workers <= options["shards"]:
                assert run(workers, fit) == [expected] * workers, (seed, workers)


def or_error(fit: Any) -> Any:
    """The same, but a loss that becomes infinite is a result, too."""

    def tried(workers: Any) -> str:
        try:
            return fit(workers)
        except hy.NonFiniteError as error:
            return str(error)

    return tried


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_all_that_has_state_ends_in_the_same_bytes(engine: str, dtype: str) -> None:
    options = {
        "sample_weight": WEIGHTS,
        "class_weight": "balanced",
        "validation_split": 0.2,
        "callbacks": [hy.EarlyStopping("val_loss", patience=1), hy.callbacks.ReduceLearningRate()],
        "epochs": 4,
    }
    fit = fitting(mixed(engine, dtype), **options)
    expected = fit(alone)
    assert fitting(mixed(engine, dtype), shards=8, **options)(None) == expected
    assert fitting(mixed(engine, dtype), shards=7, **options)(None) != expected
    for workers in (2, 3, 8):
        assert run(workers, fit) == [expected] * workers


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("batch_size", [20, 64, None])
def test_large_layers_end_in_the_same_bytes(engine: str, batch_size: int | None) -> None:
    fit = fitting(wide(engine), batch_size=batch_size)
    expected = fit(alone)
    for workers in (2, 5):
        assert run(workers, fit) == [expected] * workers


@pytest.mark.parametrize("engine", ENGINES)
def test_stopped_and_gone_on_with_by_another_number(engine: str, tmp_path: Path) -> None:
    options = {"epochs": 3, "validation_split": 0.2, "batch_size": 32}
    expected = fitting(mixed(engine), **options)(alone)
    for workers, at in ((3, 4), (2, 7), (4, 10)):
        saved = hy.Checkpoint(tmp_path, every=1, resume=True)
        with pytest.raises(KeyboardInterrupt):
            run(workers, interrupted(fitting(mixed(engine), checkpoint=saved, **options), at))
        assert (tmp_path / f"step-{at:09}.safetensors").exists()
    saved = hy.Checkpoint(tmp_path, every=100, resume=True)
    assert fitting(mixed(engine), checkpoint=saved, **options)(alone) == expected


def interrupted(fit: Any, at: int) -> Any:
    """The same, but that rank 0 fails in the exchange of a step."""

    def failing(workers: Any) -> str:
        exchange = workers.exchange

        def count(pieces: Any, timeout: float) -> Any:
            head = pieces[0][0]
            if workers.rank == 0 and head.tolist() == [step.SUMS, at]:
                raise KeyboardInterrupt
            return exchange(pieces, timeout)

        workers.exchange = count
        return fit(workers)

    return failing


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("at", [step.SUMS, step.RESULTS])
def test_who_is_left_goes_on_from_the_last_whole_step(engine: str, at: int) -> None:
    """Rank 2 of 3 fails within an exchange: the others give the run back, and go on as two."""
    from hyalite.training.loop import train
    from hyalite.training.plan import plan_fit

    options = {"batch_size": 32, "epochs": 2, "validation_data": (X[:40], LABELS[:40])}
    expected = fitting(mixed(engine), **options)(alone)
    left: list[Snapshot] = []

    def fit(workers: Any, snapshot: Snapshot | None = None) -> str:
        model = mixed(engine)
        plan = plan_fit(
            model, X, LABELS, validation_split=0.0, sample_weight=None, class_weight=None,
            shuffle=True, seed=3, shards=None, callbacks=[], checkpoint=None, verbose=0,
            workers=workers, snapshot=snapshot, **options,
        )  # fmt: skip
        train(model, plan)
        return digest(model)

    def losing(workers: Any) -> str:
        exchange = workers.exchange

        def fail(pieces: Any, timeout: float) -> Any:
            if workers.rank == 2 and pieces[0][0].tolist() == [at, 7]:
                raise MemoryError
            return exchange(pieces, timeout)

        workers.exchange = fail
        try:
            return fit(workers)
        except LostWorker as error:
            left.append(error.snapshot)  # type: ignore[arg-type]
            raise

    with pytest.raises(MemoryError):
        run(3, losing)
    # who was still within the exchange before may have lost one step more
    left.sort(key=lambda snapshot: -snapshot.step)
    assert left[0].step in (6, 7)
    assert run(2, lambda workers: fit(workers, left[workers.rank])) == [expected] * 2


# What must not pass ------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
def test_sums_in_the_order_of_the_ranks_are_seen(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit = fitting(mixed(engine))
    expected = fit(alone)

    def by_rank(first: int, stop: int, of: Any, add: Any) -> Any:
        known = [of((a, b)) for a in range(stop) for b in range(a + 1, stop + 1)]
        present = [one for one in known if one is not None]
        result = present[0]
        for one in present[1:]:
            result = add(result, one)
        return result

    monkeypatch.setattr(step, "total", by_rank)
    assert run(2, fit) == [expected] * 2, "of two there is but one order"
    assert expected not in run(3, fit)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_clock_that_is_off_by_one_is_seen(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fit(workers: Any) -> str:
        model = mixed(engine)
        take = workers.exchange

        def exchange(pieces: Any, timeout: float) -> Any:
            if workers.rank == 1 and pieces[0][0].tolist() == [step.RESULTS, 2]:
                model.network.clock.step += 1
            return take(pieces, timeout)

        workers.exchange = exchange
        model.fit(X, LABELS, batch_size=32, seed=3, verbose=0, workers=workers)
        return digest(model)

    said: list[str] = []
    with pytest.raises(LostWorker):
        run(2, noting(fit, said))
    assert any("is at [3, 4] of the program" in text for text in said) or any(
        "is at [3, 3] of the program" in text for text in said
    )


def test_a_row_that_is_counted_from_elsewhere_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    from hyalite.engines.numpy import NumpyEngine

    fit = fitting(mixed("numpy"))
    expected = fit(alone)
    right = NumpyEngine.shard_gradient

    def off(self: Any, stages: Any, shard: Any, objective: Any, first: int, rows: int) -> Any:
        return right(self, stages, shard, objective, first + (self.workers.rank == 1), rows)

    monkeypatch.setattr(NumpyEngine, "shard_gradient", off)
    assert expected not in run(2, fit)


def test_a_lost_row_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    from hyalite.engines import numpy_workers

    model = mixed("numpy")
    model.metrics = []
    fit, right = fitting(model), numpy_workers.part_of
    expected = fit(alone)
    assert set(run(2, fit)) == {expected}

    def lose(batch: Any, first: int, stop: int) -> Any:
        return right(batch, first, stop - (stop == len(batch.x)))

    monkeypatch.setattr(numpy_workers, "part_of", lose)
    assert expected not in run(2, fit)


# What is refused ---------------------------------------------------------------------------------


def test_other_data_or_settings_in_one_rank_are_refused() -> None:
    def fit(change: Any) -> Any:
        def own(workers: Any) -> str:
            x, options = X.copy(), {"epochs": 2}
            if workers.rank == 1:
                change(x, options)
            return fitting(mixed("numpy"), x, **options)(workers)

        return own

    def other_row(x: Any, options: Any) -> None:
        x[7] += 1

    def other_rate(x: Any, options: Any) -> None:
        options["epochs"] = 3

    with pytest.raises(ValueError, match=r"run\.data\.content is .* in rank 0 and .* in rank 1"):
        run(3, fit(other_row))
    with pytest.raises(ValueError, match="epochs is 2 in rank 0 and 3 in rank 1"):
        run(2, fit(other_rate))


def test_more_workers_than_shards_are_refused() -> None:
    with pytest.raises(ValueError, match=r"at least the number of workers, 3, got 2.*shards=4"):
        run(3, fitting(mixed("numpy"), shards=2))


def test_running_statistics_of_ones_own_are_refused() -> None:
    class Own(hy.BatchNormalization):
        pass

    def fit(workers: Any) -> None:
        model = hy.Sequential([Own(), hy.Dense(3, "softmax")])
        model.compile("categorical_crossentropy")
        model.fit(X, LABELS, verbose=0, workers=workers)

    fit(alone)
    with pytest.raises(ValueError, match=r"layer own_1 .* running statistics of its own"):
        run(2, fit)


def test_callbacks_are_called_in_rank_0_and_told_to_all() -> None:
    called = []

    class Change(hy.Callback):
        def __init__(self, rank: int) -> None:
            self.rank = rank

        def on_epoch_begin(self, model: Any, epoch: int) -> None:
            called.append(self.rank)
            model.layers[2].rate = 0.1 * epoch
            model.optimizer.learning_rate = 0.01 / epoch
            model.optimizer.beta_1 = 0.8

        def on_epoch_end(self, model: Any, epoch: int, figures: Any) -> None:
            figures["mine"] = epoch * 2.5
            model.theta[3] = 0.25
            model.stop_training = epoch == 3

    def fit(workers: Any) -> str:
        model = mixed("numpy")
        change = Change(workers.rank)
        model.fit(
            X, LABELS, batch_size=32, epochs=5, seed=3, callbacks=[change], verbose=0,
            workers=workers,
        )  # fmt: skip
        assert len(model.history) == 3
        return digest(model)

    expected = fit(alone)
    called.clear()
    assert run(3, fit) == [expected] * 3
    assert called == [0, 0, 0]


def test_a_change_that_cannot_be_told_is_named() -> None:
    class Change(hy.Callback):
        def on_epoch_end(self, model: Any, epoch: int, figures: Any) -> None:
            model.layers[2].rate = hy.ExponentialDecay(0.5, 0.9, 10)

    def fit(workers: Any) -> None:
        mixed("numpy").fit(X, LABELS, callbacks=[Change()], verbose=0, workers=workers)

    with pytest.raises(ValueError, match=r"a callback has made layers\[2\]\.rate"):
        run(2, fit)


def test_a_model_that_was_built_otherwise_takes_the_weights_of_rank_0() -> None:
    def fit(workers: Any) -> str:
        model = mixed("numpy")
        model.build(12, seed=workers.rank)
        model.fit(X, LABELS, seed=3, verbose=0, workers=workers)
        return digest(model)

    assert len(set(run(2, fit))) == 1


def test_without_a_seed_all_take_that_of_rank_0() -> None:
    assert len(set(run(3, fitting(mixed("numpy"), seed=None)))) == 1


def test_the_first_that_fails_of_itself_is_told() -> None:
    def fail(workers: Any) -> None:
        if workers.rank == 2:
            raise ZeroDivisionError
        workers.exchange([()] * workers.size, 5)

    with pytest.raises(ZeroDivisionError):
        run(3, fail)
    with pytest.raises(LostWorker, match=r"has said nothing for 0\.1 s"):
        run(2, lambda workers: workers.rank or workers.exchange([(), ()], 0.1))
