"""Estimators for scikit-learn's pipelines, searches and plots: change one import line.

::

    from hyalite.sklearn import MLPClassifier  # was: from sklearn.neural_network import ...

Needs the extra ``sklearn``.
"""

from __future__ import annotations

from hyalite.errors import require

require("sklearn", extra="sklearn", purpose="hyalite.sklearn")

from hyalite.sklearn.classifier import MLPClassifier  # noqa: E402
from hyalite.sklearn.regressor import MLPRegressor  # noqa: E402
from hyalite.sklearn.tabular_classifier import TabularClassifier  # noqa: E402
from hyalite.sklearn.tabular_regressor import TabularRegressor  # noqa: E402

__all__ = ["MLPClassifier", "MLPRegressor", "TabularClassifier", "TabularRegressor"]
