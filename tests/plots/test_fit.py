"""The fit of a curve."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy
from hyalite import plots
from tests.plots.helpers import labels_of

figures = pytest.importorskip("matplotlib.figure")


def test_regression_fit_of_one_and_of_more_features() -> None:
    x, y = hy.datasets.sine(50)
    model = hy.Sequential([hy.Dense(1)])
    model.compile("mean_squared_error")
    model.build(1, seed=0)
    model.set_weights({"dense_1.W": [[0.0]], "dense_1.b": [0.5]})
    ax = plots.regression_fit(model, x[::-1], y[::-1, 0])
    assert labels_of(ax) == ["true", "model"]
    assert (np.diff(ax.lines[1].get_xdata()) > 0).all()
    assert set(ax.lines[1].get_ydata()) == {0.5}
    assert ax.get_title().endswith(" 1.5 at most")

    wide = hy.Sequential([hy.Dense(2)])
    wide.build(3, seed=0)
    given = figures.Figure().add_subplot()
    assert plots.regression_fit(wide, np.ones((4, 3)), np.zeros((4, 2)), ax=given) is given
    assert given.get_xlabel() == "true value"
    with pytest.raises(ValueError, match=r"y must have shape \(4, 2\), got \(4,\)"):
        plots.regression_fit(wide, np.ones((4, 3)), np.zeros(4))
