"""A training that diverges."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import hyalite as hy

pytest.importorskip("sklearn", reason="the estimators need the extra 'sklearn'")

from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning

from hyalite.sklearn import MLPRegressor

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.DataConversionWarning"),
]

NUMPY = {"engine": "numpy", "random_state": 0}


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_a_loss_that_diverges_is_a_value_error_of_their_meaning(solver):
    rng = np.random.RandomState(0)
    x = np.finfo(float).max * rng.uniform(size=(10, 2))
    with pytest.raises(ValueError, match=r"Solver produced non-finite parameter weights\. The inp"):
        MLPRegressor(solver=solver, engine="numpy").fit(x, rng.standard_normal(10))


def test_the_error_is_also_the_librarys_and_travels_between_processes():
    x, y = load_iris(return_X_y=True)
    options = {"activation": "identity", "solver": "sgd", "learning_rate_init": 1.0}
    made = MLPRegressor(**options, **NUMPY)
    with pytest.raises(hy.NonFiniteError, match="training stopped in epoch") as caught:
        made.fit(x, y)
    assert isinstance(caught.value, ValueError)
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)


def test_with_samples_held_back_the_best_weights_are_kept():
    x, y = load_iris(return_X_y=True)
    options = {"activation": "identity", "solver": "sgd", "learning_rate_init": 1.0}
    made = MLPRegressor(early_stopping=True, max_iter=20, **options, **NUMPY)
    with pytest.warns(ConvergenceWarning, match=r"is undone.*the best validation score"):
        made.fit(x, y)
    assert np.isnan([made.loss_, made.validation_scores_[-1], made.loss_curve_[-1]]).all()
    assert made.n_iter_ == len(made.loss_curve_) == len(made.validation_loss_curve_)
    assert np.isfinite(made.predict(x)).all()
    assert made.best_validation_score_ == np.nanmax(made.validation_scores_)
