"""The samples held back for validation."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="the estimators need the extra 'sklearn'")

from sklearn.datasets import make_classification

from hyalite.sklearn import MLPClassifier
from hyalite.sklearn.holdout import hold_out

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.DataConversionWarning"),
]

NUMPY = {"engine": "numpy", "random_state": 0}


@pytest.fixture(scope="module")
def three():
    """Samples of three classes."""
    return make_classification(60, 6, n_informative=4, n_classes=3, random_state=0)


def test_a_single_member_of_two_classes_stays_in_training(three):
    y = (np.arange(60) == 7).astype(int)
    made = MLPClassifier(early_stopping=True, max_iter=3, **NUMPY).fit(three[0], y)
    assert made.classes_.tolist() == [0, 1]


def test_what_is_held_back():
    y = np.repeat([0, 1, 2], [30, 20, 10])
    training, validation = hold_out(60, 0.1, y, 3)
    assert np.bincount(y[validation]).tolist() == [3, 2, 1]
    assert sorted([*training, *validation]) == list(range(60))
    y[0] = 7  # alone of its class
    training, validation = hold_out(60, 0.1, y, 3)
    assert 0 in training
    assert len(validation) == 6
    assert sorted([*training, *validation]) == list(range(60))
    for crowd in (np.arange(60), np.arange(60) // 2, None):  # no shares to keep
        assert len(hold_out(60, 0.1, crowd, 3)[1]) == 6
    with pytest.raises(ValueError, match=r"The validation set is too small: .*0\.1 of 10 .* is 1"):
        hold_out(10, 0.1, None, 0)
