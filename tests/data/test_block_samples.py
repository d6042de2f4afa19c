"""Rows that are read in blocks: the same bytes as in memory, and no more of them than is said."""

from __future__ import annotations

import pickle
import threading

import numpy as np
import pytest

import hyalite as hy
from hyalite.data.block_order import BlockShuffle, EpochOrder
from tests.training.test_checkpoint import ENGINES, model, outcome

RNG = np.random.default_rng(1)
X = RNG.standard_normal((203, 6), np.float32)
LABELS = RNG.integers(0, 3, 203)
NUMBERS = RNG.standard_normal((203, 2))
SHUFFLE = BlockShuffle(7, lanes=4, blocks=2)


class Source:
    """Rows that can be asked for, as a user writes it."""

    def __init__(self, x=X, y=LABELS) -> None:
        self.x, self.y, self.asked, self.threads = x, y, [], set()

    def __len__(self) -> int:
        return len(self.x)

    def block(self, start: int, stop: int):
        self.asked.append((start, stop))
        self.threads.add(threading.get_ident())
        return self.x[start:stop], self.y[start:stop]


class Stops(Source):
    """Ends a fit after some steps."""

    def __init__(self, model: hy.Sequential, stop: int) -> None:
        super().__init__()
        self.model, self.last = model, stop

    def block(self, start: int, stop: int):
        if self.model.network.clock.step >= self.last:
            raise KeyError("the end")
        return super().block(start, stop)


def fit(made: hy.Sequential, x, y=None, **options) -> tuple[object, ...]:
    options = {"epochs": 3, "batch_size": 16, "seed": 4, "verbose": 0, "shuffle": SHUFFLE} | options
    made.fit(x, y, **options)
    return outcome(made)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", ["classes", "numbers"])
def test_a_source_gives_the_bytes_of_arrays(engine: str, kind: str) -> None:
    y = LABELS if kind == "classes" else NUMBERS
    arrays = fit(model(engine, kind), X, y)
    assert fit(model(engine, kind), Source(X, y)) == arrays
    assert arrays != fit(model(engine, kind), X, y, shuffle=True)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_order_is_that_of_the_rows_laid_out(engine: str) -> None:
    """One epoch in stretches has the weights of the same rows, in that order, in one piece."""
    made = EpochOrder(len(X), 16, SHUFFLE, seed=4, epoch=1).whole()
    one, other = model(engine), model(engine)
    fit(one, Source(), epochs=1)
    fit(other, X[made], LABELS[made], epochs=1, shuffle=False)
    assert one.theta.tobytes() == other.theta.tobytes()
    assert one.state.tobytes() == other.state.tobytes()
    np.testing.assert_allclose(one.history["loss"], other.history["loss"], rtol=1e-12)
    for name in ("accuracy", "f1"):
        np.testing.assert_allclose(one.history[name], other.history[name], rtol=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
def test_rows_as_they_lie(engine: str) -> None:
    one, other = model(engine), model(engine)
    fit(one, Source(), epochs=2, shuffle=False)
    fit(other, X, LABELS, epochs=2, shuffle=False)
    assert one.theta.tobytes() == other.theta.tobytes()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("every", [1, 5])
def test_stopped_anywhere_and_gone_on_with(engine: str, every: int, tmp_path) -> None:
    whole = fit(model(engine), Source())
    for stop in range(1, 30, 9):
        folder = tmp_path / f"{stop}"

        made = model(engine)
        source = Stops(made, stop)
        with pytest.raises(KeyError, match="the end"):
            fit(made, source, checkpoint=hy.Checkpoint(folder, every))
        again = fit(model(engine), Source(), checkpoint=hy.Checkpoint(folder, every, resume=True))
        assert again == whole


@pytest.mark.parametrize("engine", ENGINES)
def test_evaluate_and_validation_read_in_blocks(engine: str) -> None:
    made = model(engine)
    fit(made, Source(), epochs=1, validation_data=Source(X[:50], LABELS[:50]))
    arrays = made.evaluate(X[:50], LABELS[:50])
    found = made.evaluate(Source(X[:50], LABELS[:50]))
    for name, value in arrays.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-5)
        np.testing.assert_allclose(made.history[f"val_{name}"][-1], value, rtol=1e-5)


def test_weights_and_splits_of_arrays_in_blocks() -> None:
    weight = RNG.uniform(0.5, 2, len(X))
    options = {"sample_weight": weight, "class_weight": "balanced", "validation_split": 0.2}
    one, other = model("numpy"), model("numpy")
    fit(one, X, LABELS, **options)
    fit(other, np.asfortranarray(X), LABELS, **options)
    assert outcome(one) == outcome(other)
    assert len(one.history["val_loss"]) == 3


def test_class_weights_of_a_source() -> None:
    source = Source()
    with pytest.raises(ValueError, match="give the source an attribute class_counts"):
        fit(model("numpy"), source, class_weight="balanced")
    source.class_counts = np.bincount(LABELS)
    one, other = model("numpy"), model("numpy")
    fit(one, source, class_weight="balanced")
    fit(other, X, LABELS, class_weight="balanced")
    np.testing.assert_allclose(one.theta, other.theta, rtol=1e-4, atol=1e-6)


def test_reading_is_of_blocks_in_another_thread() -> None:
    source = Source()
    fit(model("numpy"), source, epochs=1)
    assert max(stop - start for start, stop in source.asked) <= len(X)
    assert len(source.threads) > 1
    long = [pair for pair in source.asked if pair[1] - pair[0] > 7]
    assert len(long) <= 1  # the target, for the metrics that want it whole


def test_errors_of_a_source_name_the_block() -> None:
    class Bad(Source):
        def block(self, start, stop):
            x, y = super().block(start, stop)
            return (x[:-1], y) if start else (x, y)

    with pytest.raises(ValueError, match=r"x of block\(\d+, \d+\)|must give \d+ rows"):
        fit(model("numpy"), Bad())

    class Nan(Source):
        def block(self, start, stop):
            x, y = super().block(start, stop)
            return np.where(start, np.nan, x), y

    with pytest.raises(ValueError, match=r"x of block\(\d+, \d+\) must be finite"):
        fit(model("numpy"), Nan())

    class Labels(Source):
        def block(self, start, stop):
            x, y = super().block(start, stop)
            return x, np.where(start > 100, 3, y)

    with pytest.raises(ValueError, match=r"y of block\(\d+, \d+\)"):
        fit(model("numpy"), Labels())

    class NoPair(Source):
        def block(self, start, stop):
            return self.x[start:stop]

    with pytest.raises(ValueError, match=r"block\(0, 1\) must give x and y, got ndarray"):
        fit(model("numpy"), NoPair())


def test_what_is_only_for_arrays_is_refused() -> None:
    for options, words in (
        ({"y": LABELS}, "y must be left away"),
        ({"sample_weight": np.ones(203)}, "sample_weight is for arrays"),
        ({"validation_split": 0.1}, "validation_split is for arrays"),
        ({"shuffle": "lanes"}, "shuffle must be True, False, 'blocks' or a BlockShuffle"),
    ):
        with pytest.raises(ValueError, match=words):
            fit(model("numpy"), Source(), **options)
    with pytest.raises(ValueError, match="got a source of 0 rows"):
        fit(model("numpy"), Source(X[:0], LABELS[:0]))


def test_a_lost_row_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutant: a lane that gives a row twice, and leaves the next one out."""
    whole = fit(model("numpy"), Source())
    runs = EpochOrder.runs

    def losing(self, stretch):
        for number, run in enumerate(runs(self, stretch)):
            shifted = run.start + 1 < run.stop and run.stop < self.rows and number == 2
            yield run._replace(start=run.start + 1, stop=run.stop + 1) if shifted else run

    monkeypatch.setattr(EpochOrder, "runs", losing)
    made = EpochOrder(len(X), 16, SHUFFLE, seed=4, epoch=1)
    assert (np.sort(made.whole()) != np.arange(len(X))).any()
    assert fit(model("numpy"), Source()) != whole


def test_maps_of_npy_files(tmp_path) -> None:
    np.save(tmp_path / "x.npy", X)
    np.save(tmp_path / "y.npy", LABELS)
    x, y = np.load(tmp_path / "x.npy", mmap_mode="r"), np.load(tmp_path / "y.npy", mmap_mode="r")
    assert fit(model("numpy"), x, y) == fit(model("numpy"), X, LABELS)
    assert fit(model("numpy"), x, y, shuffle=True) == fit(model("numpy"), X, LABELS, shuffle=True)
    assert fit(model("numpy"), x, y, shuffle="blocks")


def test_pixels_stay_bytes() -> None:
    x = RNG.integers(0, 256, (100, 8), np.uint8)
    for engine in ("numpy", "auto"):
        one, other = model(engine), model(engine)
        fit(one, Source(x, LABELS[:100]))
        fit(other, x, LABELS[:100])
        assert outcome(one) == outcome(other)


def test_samples_can_be_pickled_between_epochs() -> None:
    from hyalite.data.block_samples import BlockSamples, Rows

    samples = BlockSamples(_Read(), 100, np.dtype("float32"), SHUFFLE)
    order = samples.order(10, 0, 1)
    first = samples.of_stretch(order, order.stretch(0))[0].x
    again = pickle.loads(pickle.dumps(samples))
    np.testing.assert_array_equal(again.of_stretch(order, order.stretch(0))[0].x, first)
    assert isinstance(_Read()(0, 1), Rows)


class _Read:
    def __call__(self, start: int, stop: int):
        from hyalite.data.block_samples import Rows

        x = np.arange(start, stop, dtype=np.float32)[:, None]
        return Rows(x, x)
