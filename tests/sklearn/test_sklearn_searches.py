"""Searches over processes and over a Dask cluster: what `n_jobs=1` gives, byte for byte."""

from __future__ import annotations

import hashlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="the estimators need the extra 'sklearn'")

import joblib
from sklearn.datasets import load_wine
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import hyalite as hy
from hyalite.sklearn import MLPClassifier, TabularClassifier
from tests.extras import need, optional

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
optuna = optional("optuna", "dev")
GRID = {"mlpclassifier__alpha": [1e-4, 1e-1], "mlpclassifier__dropout": [0.0, 0.3]}
WORKERS = 2


@pytest.fixture(autouse=True)
def _all_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a user has it: nothing is said of threads."""
    for name in ("HYALITE_NUM_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """Of a cluster of two worker processes."""
    distributed = need("distributed", "dask")
    with (
        distributed.LocalCluster(
            n_workers=WORKERS,
            threads_per_worker=1,
            dashboard_address="127.0.0.1:0",
            host="127.0.0.1",
            silence_logs=50,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        client.wait_for_workers(WORKERS, timeout=60)
        yield client


def wine() -> tuple[np.ndarray, np.ndarray]:
    return load_wine(return_X_y=True)


def sha(*parts: Any) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()


def networks(scoring: Any = None, epochs: int = 15) -> str:
    """Scores and weights of a search over networks in a pipeline."""
    mlp = MLPClassifier(16, max_iter=epochs, learning_rate_init=0.01, random_state=0)
    search = GridSearchCV(make_pipeline(StandardScaler(), mlp), GRID, cv=3, scoring=scoring)
    search.fit(*wine())
    best = search.best_estimator_[-1]
    return sha(search.cv_results_["mean_test_score"], *best.coefs_, *best.intercepts_)


def tables() -> str:
    """Scores and probabilities of a search over mixtures for tables."""
    x, y = wine()
    model = TabularClassifier(effort="quick", random_state=0)
    search = GridSearchCV(model, {"metric": ["log_loss", "accuracy"]}, cv=2).fit(x[:, :3], y)
    return sha(search.cv_results_["mean_test_score"], search.predict_proba(x[:, :3]))


def score(alpha: float, units: int) -> float:
    """The objective of a study."""
    mlp = MLPClassifier(units, alpha=alpha, max_iter=10, random_state=0)
    return float(cross_val_score(make_pipeline(StandardScaler(), mlp), *wine(), cv=2).mean())


def study() -> str:
    """What Optuna's own sampler proposes in rounds, and what that is worth."""
    space = {
        "alpha": optuna.distributions.FloatDistribution(1e-5, 1.0, log=True),
        "units": optuna.distributions.IntDistribution(4, 32, log=True),
    }
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(n_startup_trials=4, seed=0)
    found = optuna.create_study(direction="maximize", sampler=sampler)
    for _ in range(3):
        asked = [found.ask(space) for _ in range(4)]
        values = joblib.Parallel()(joblib.delayed(score)(**trial.params) for trial in asked)
        for trial, value in zip(asked, values, strict=True):
            found.tell(trial, value)
    return sha(*([trial.value, *trial.params.values()] for trial in found.trials))


LONG = pytest.mark.long


@pytest.mark.parametrize(
    ("backend", "search"),
    [
        ("loky", networks),
        ("dask", networks),
        ("dask", tables),
        ("dask", study),
        ("threading", tables),
        pytest.param("loky", tables, marks=LONG),
        pytest.param("loky", study, marks=LONG),
        pytest.param("threading", networks, marks=LONG),
        pytest.param("threading", study, marks=LONG),
    ],
)
def test_a_search_gives_what_it_gives_alone(
    backend: str, search: Callable[[], str], request: pytest.FixtureRequest
) -> None:
    if backend == "dask":
        request.getfixturevalue("client")
    with joblib.parallel_config("threading", n_jobs=1):
        alone = search()
    with joblib.parallel_config(backend, n_jobs=WORKERS):
        assert search() == alone


def threads_at_work() -> tuple[int, int, int]:
    """In a worker: its process, its share of the cores, the threads that the engine has started."""
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((4000, 50)).astype(np.float32), rng.integers(0, 3, 4000)
    model = hy.Sequential([hy.Dense(256, "relu"), hy.Dense(3, "softmax")])
    model.compile("categorical_crossentropy")
    model.fit(x, y, batch_size=1000, epochs=3, seed=0, verbose=0)
    names = [thread.name for thread in threading.enumerate()]
    return os.getpid(), hy.get_num_threads(), sum(name.startswith("hyalite_") for name in names)


@pytest.mark.parametrize("name", ["loky", "dask"])
def test_workers_take_no_more_than_the_cores(name: str, request: pytest.FixtureRequest) -> None:
    if name == "dask":
        request.getfixturevalue("client")
    with joblib.parallel_config(name, n_jobs=WORKERS):
        found = joblib.Parallel()(joblib.delayed(threads_at_work)() for _ in range(4))
    share = max(1, joblib.cpu_count() // WORKERS)
    assert all(count <= share and started <= share for _, count, started in found)


def kill_one(*arguments: Any) -> float:
    """A scorer whose process dies at its first call, wherever that is but here."""
    flag = os.environ.get(FLAG, "")
    if flag and os.getpid() != int(os.environ[PARENT]):
        try:
            os.close(os.open(flag, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            pass
        else:
            os.kill(os.getpid(), signal.SIGKILL)
    estimator, x, y = arguments
    return float(estimator.score(x, y))


FLAG, PARENT = "HYALITE_TEST_FLAG", "HYALITE_TEST_PARENT"


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
def test_a_dead_worker_of_dask_changes_nothing(client: Any, tmp_path: Any) -> None:
    alone = networks()
    flag = tmp_path / "killed"

    def arm(flag: str, parent: int) -> None:
        os.environ.update({FLAG: flag, PARENT: str(parent)})

    client.run(arm, str(flag), os.getpid())
    with joblib.parallel_config("dask"):
        assert networks(kill_one) == alone
    assert flag.exists()
    client.wait_for_workers(WORKERS, timeout=180)


@pytest.mark.long
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
def test_a_dead_process_of_joblib_ends_the_search_and_the_next_is_the_same(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from joblib.externals.loky import get_reusable_executor
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    alone = networks()
    get_reusable_executor().shutdown(wait=True)  # so that the new ones see these
    monkeypatch.setenv(FLAG, str(tmp_path / "killed"))
    monkeypatch.setenv(PARENT, str(os.getpid()))
    with joblib.parallel_config("loky", n_jobs=WORKERS):
        with pytest.raises(TerminatedWorkerError, match="unexpectedly terminated"):
            networks(kill_one)
        assert networks(kill_one) == alone
