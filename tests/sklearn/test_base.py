"""What comes into an estimator: nothing that a form of array carries is dropped in silence."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="the estimators need the extra 'sklearn'")

from hyalite.sklearn import MLPClassifier, MLPRegressor

X = np.random.default_rng(0).normal(size=(20, 2))
y = np.arange(20) % 2
MASK = np.zeros(X.shape, bool)
MASK[3, 1] = True


def fitted() -> MLPClassifier:
    return MLPClassifier((4,), max_iter=1).fit(X, y)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
class TestDoors:
    def test_a_mask_is_refused(self) -> None:
        masked = np.ma.masked_array(X, MASK)
        with pytest.raises(ValueError, match="masked"):
            MLPClassifier().fit(masked, y)
        with pytest.raises(ValueError, match="masked"):
            MLPRegressor().fit(X, np.ma.masked_array(X[:, 0], MASK[:, 1]))
        with pytest.raises(ValueError, match="masked"):
            fitted().predict(masked)

    def test_an_empty_mask_is_none(self) -> None:
        fitted().predict(np.ma.masked_array(X, False))

    @pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
    def test_dates_beside_numbers_are_refused_by_name(self, library: str) -> None:
        module = pytest.importorskip(library)
        days = [datetime.datetime(2021, 1, 1 + i) for i in range(20)]
        columns = {"height": X[:, 0], "born": days}
        frame = module.table(columns) if library == "pyarrow" else module.DataFrame(columns)
        with pytest.raises(ValueError, match=r"X\['born'\] must hold real numbers"):
            MLPClassifier().fit(frame, y)
