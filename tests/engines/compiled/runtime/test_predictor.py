"""Predictions of few rows and of many."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
import textwrap
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import hyalite as hy
from tests.engines.compiled.helpers import WIDE, classifier, frozen, unaligned

pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")

from hyalite.engines.compiled.runtime.threads import helpers
from hyalite.engines.compiled.structs import NOBODY, PLACE

pytestmark = pytest.mark.compiled


def test_predictions_of_many_rows_and_threads(data: tuple[np.ndarray, np.ndarray]) -> None:
    x, y = data
    model = classifier(*WIDE["several normalizations"]())
    model.fit(x, y, seed=0, verbose=0)
    many = np.tile(x, (7, 1))
    one = model.predict(many)
    before = hy.get_num_threads()
    try:
        for threads in (1, 3):
            hy.set_num_threads(threads)
            assert model.predict(many).tobytes() == one.tobytes()
    finally:
        hy.set_num_threads(None)
    assert hy.get_num_threads() == before
    model.engine = "numpy"
    np.testing.assert_allclose(one, model.predict(many), rtol=1e-4)


def test_a_few_rows_are_predicted_without_ado() -> None:
    model = classifier(hy.Flatten(), hy.Rescaling(0.1), hy.Dense(9, hy.LeakyReLU(0.2)), hy.Tanh())
    model.build((4, 5), seed=0)
    x = np.random.default_rng(0).standard_normal((3, 4, 5)).astype(np.float32)
    reference = copy.deepcopy(model)
    reference.engine = "numpy"

    def agree(samples: Any = x) -> None:
        for _ in range(3):
            np.testing.assert_allclose(
                model.predict(samples), reference.predict(samples), rtol=1e-5
            )

    agree()
    assert model._predictor(x) is not None
    for rows in (x[:1], x[:2], np.repeat(x, 9, axis=0), x.tolist(), x.astype(np.float64)):
        agree(rows)
    for rows in (frozen(x.copy()), unaligned(x), np.asfortranarray(x), x[:, ::-1], x[:0:-1]):
        agree(rows)
    for one in (model, reference):  # what it was prepared from may change
        one.layers[2].activation.slope = 0.7
        one.layers[1].scale = 0.3
        one.layers[2].W[...] *= 2
    assert model._predictor(x) is None
    agree()
    assert model._predictor(x) is not None
    model, reference = copy.deepcopy(model), reference
    assert model._predictor is None
    agree()
    assert model._predictor(x) is not None
    with pytest.raises(ValueError, match="must be finite"):
        model.predict(np.full((1, 4, 5), np.nan, np.float32))
    with pytest.raises(ValueError, match=r"must have shape \(samples, 4, 5\)"):
        model.predict(x[:, :3])
    model.engine = "numpy"
    agree()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda whole: pickle.loads(pickle.dumps(whole))])
def test_copies_of_models_and_of_samples_are_predicted_as_quickly(dtype: str, copied) -> None:
    x = np.random.default_rng(0).normal(size=(3, 5)).astype(dtype)
    model = classifier(hy.Dense(4, "tanh"), dtype=dtype)
    model.build(5, seed=0)
    expected = model.predict(x)
    for one, samples in ((copied(model), x), (model, copied(x)), (copied(model), copied(x))):
        one.predict(samples)
        np.testing.assert_array_equal(one._predictor(samples), expected)


@pytest.mark.parametrize("outputs", [2, 10])
def test_a_sample_alone_gets_the_bytes_that_it_gets_among_others(outputs: int) -> None:
    x = np.random.default_rng(0).normal(size=(40, 77)).astype(np.float32)
    model = hy.Sequential([hy.Dense(33, "tanh"), hy.Dense(outputs, "softmax")])
    model.compile("categorical_crossentropy", engine="compiled")
    model.build(77, seed=0)
    together = model.predict(x)
    for row in range(3):
        np.testing.assert_array_equal(model.predict(x[row : row + 1])[0], together[row])
        np.testing.assert_array_equal(model.predict(x[: row + 2]), together[: row + 2])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_the_kernel_sees_a_sample_that_is_not_finite_among_many(bad: float) -> None:
    x = np.random.default_rng(0).normal(size=(3000, 5)).astype(np.float32)
    model = hy.Sequential([hy.Dense(4, "relu"), hy.Dense(1)])
    model.compile("mse", engine="compiled")
    model.build(5, seed=0)
    model.predict(x)
    assert model._predictor(x).tobytes() == model.predict(x.astype(np.float64)).tobytes()
    x[2990, 3] = bad
    assert model._predictor(x) is None
    with pytest.raises(ValueError, match=r"x must be finite: x\[2990, 3\]"):
        model.predict(x)


def wide_model() -> hy.Sequential:
    """A model whose predictions of 300 rows are worth a second thread."""
    model = hy.Sequential([hy.Dense(300, "tanh"), hy.Dense(3)])
    model.compile("mse", engine="compiled")
    model.build(20, seed=0)
    return model


def test_threads_that_predict_at_once_do_not_meet() -> None:
    x = np.random.default_rng(0).normal(size=(300, 20)).astype(np.float32)
    model = wide_model()
    alone = model.predict(x)
    with ThreadPoolExecutor(8) as pool:
        for together in pool.map(lambda _: model.predict(x), range(400)):
            assert together.tobytes() == alone.tobytes()


def test_predictions_of_changing_numbers_of_rows() -> None:
    x = np.random.default_rng(0).normal(size=(3000, 20)).astype(np.float32)
    model = wide_model()
    whole = model.predict(x)
    for rows in (300, 300, 17, 2999, 300, 1, 1000, 1000):
        for first in (0, 1):
            part = model.predict(x[first : first + rows])
            assert part.tobytes() == whole[first : first + rows].tobytes()
    model.layers[0].W[...] *= 2  # in place: the prepared call reads it where it lies
    assert model.predict(x[:300]).tobytes() != whole[:300].tobytes()


@pytest.fixture
def two_threads() -> Iterator[None]:
    """Two threads, however many cores there are."""
    hy.set_num_threads(2)
    yield
    hy.set_num_threads(None)


@pytest.mark.usefixtures("two_threads")
def test_helpers_leave_when_nobody_calls() -> None:
    model, x = wide_model(), np.ones((300, 20), np.float32)
    for _ in range(3):
        model.predict(x)
        places, patience = helpers(x.dtype)._places, time.monotonic() + 30
        assert places.size >= PLACE
        while (places[::PLACE] != NOBODY).any():
            assert time.monotonic() < patience
            time.sleep(0.001)


@pytest.mark.usefixtures("two_threads")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_has_helpers_of_its_own() -> None:
    model, x = wide_model(), np.ones((300, 20), np.float32)
    expected = model.predict(x)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of a fork beside threads
        child = os.fork()
    if not child:
        same = all(model.predict(x).tobytes() == expected.tobytes() for _ in range(100))
        os._exit(0 if same else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert model.predict(x).tobytes() == expected.tobytes()


def test_predictions_until_the_interpreter_ends() -> None:
    program = textwrap.dedent("""\
        import atexit
        import numpy as np
        import hyalite as hy
        hy.set_num_threads(2)
        model = hy.Sequential([hy.Dense(300, "tanh"), hy.Dense(3)])
        model.compile("mse", engine="compiled")
        model.build(20, seed=0)
        x = np.ones((300, 20), np.float32)
        model.predict(x)
        atexit.register(lambda: print(model.predict(x).shape))
        """)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stdout) == (0, "(300, 3)\n"), done.stderr
