"""The estimators on collections: scikit-learn's words, the bytes of one process."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="the estimators need the extra 'sklearn'")
distributed = pytest.importorskip("distributed", reason="needs the extra 'dask'")
da = pytest.importorskip("dask.array", reason="needs the extra 'dask'")

import hyalite.dask  # noqa: E402
from hyalite import sklearn  # noqa: E402
from tests.dask.helpers import collections, data  # noqa: E402
from tests.extras import need  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
SETTINGS = {"max_iter": 4, "random_state": 0, "batch_size": 90}


def test_a_classifier_is_that_of_one_worker(client: Any) -> None:
    x, y = collections()
    names = y.map_blocks(_named, dtype="U5")
    found = []
    for workers in (sorted(client.nthreads())[:1], None):
        model = hyalite.dask.MLPClassifier((16,), class_weight="balanced", **SETTINGS)
        model.workers = workers
        model.fit(x, names)
        found.append((model.coefs_[0].tobytes(), tuple(model.loss_curve_)))
    assert found[0] == found[1]
    assert model.classes_.tolist() == ["three", "two", "zero"]
    assert model.n_iter_ == 4
    lazy = model.predict(x)
    assert lazy.chunks == (x.chunks[0],)
    plain = data()[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert lazy.compute().tolist() == model.predict(plain).tolist()
        np.testing.assert_array_equal(model.predict_proba(x).compute(), model.predict_proba(plain))
    assert (lazy == names).mean().compute() > 0.5
    assert "client" not in model.__getstate__()


def _named(block: np.ndarray) -> np.ndarray:
    return np.array(["zero", "two", "three"])[block]


@pytest.mark.parametrize("scoring", ["score", "loss"])
def test_early_stopping_holds_rows_back(scoring: str, client: Any) -> None:
    x, y = collections()
    model = hyalite.dask.MLPClassifier((16,), early_stopping=True, scoring=scoring, **SETTINGS)
    model.fit(x, y)
    assert len(model.validation_scores_) == len(model.validation_loss_curve_) == 4
    if scoring == "score":
        assert 0 < model.best_validation_score_ <= 1
    else:
        assert model.best_validation_score_ == -min(model.validation_loss_curve_)


def test_a_regressor_of_a_frame(client: Any) -> None:
    frames, pandas = need("dask.dataframe", "dask"), need("pandas", "dev")
    x, _ = data(300)
    table = pandas.DataFrame(x[:, :3], columns=list("abc"))
    table["y"] = table.a - 2 * table.b
    frame = frames.from_pandas(table, npartitions=4)
    model = hyalite.dask.MLPRegressor(hidden_layer_sizes=(8,), **SETTINGS)
    model.fit(frame[["a", "b", "c"]], frame.y)
    assert model.feature_names_in_.tolist() == ["a", "b", "c"]
    lazy = model.predict(frame[["a", "b", "c"]])
    found = lazy.compute()
    assert found.index.equals(table.index)
    np.testing.assert_array_equal(found.to_numpy(), model.predict(table[["a", "b", "c"]]))


def test_what_is_not_for_a_cluster_is_refused(client: Any) -> None:
    x, y = collections()
    for wrong in ({"solver": "lbfgs"}, {"warm_start": True}):
        with pytest.raises(ValueError, match="on a cluster"):
            hyalite.dask.MLPClassifier(**wrong).fit(x, y)
    with pytest.raises(ValueError, match="X must be a dask array or dask data frame, got ndarray"):
        hyalite.dask.MLPClassifier().fit(data()[0], y)


@pytest.mark.slow
def test_a_table_is_trained_as_in_one_process(client: Any) -> None:
    frames, pandas = need("dask.dataframe", "dask"), need("pandas", "dev")
    rng = np.random.default_rng(0)
    table = pandas.DataFrame(
        {
            "size": rng.normal(50, 10, 400).round(1),
            "town": rng.choice(["Ulm", "Bonn", None], 400),
        }
    )
    y = pandas.Series((table["size"] > 50) ^ (table["town"] == "Ulm"), name="sold").astype(int)
    settings = {"effort": "quick", "random_state": 0, "engine": "numpy"}
    alone = sklearn.TabularClassifier(**settings).fit(table, y)
    frame, target = (frames.from_pandas(part, npartitions=3) for part in (table, y))
    model = hyalite.dask.TabularClassifier(**settings).fit(frame, target)
    expected = alone.predict_proba(table)
    np.testing.assert_array_equal(model.predict_proba(table), expected)
    found = model.predict_proba(frame).compute()  # NumPy's products round by their shapes
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert model.predict(frame).compute().tolist() == alone.predict(table).tolist()
