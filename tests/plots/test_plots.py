"""All pictures: they change nothing, load no more than they need, and name what is missing."""

from __future__ import annotations

import copy
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hyalite as hy
from hyalite import plots
from hyalite.errors import MissingExtra
from tests.plots.helpers import PICTURES, trained

pytest.importorskip("matplotlib.figure")


def everything(model: hy.Sequential) -> list[Any]:
    optimizer = model.optimizer
    return copy.deepcopy(
        [
            model.theta.tobytes(),
            model.grad.tobytes(),
            model.state.tobytes(),
            vars(model.network.clock),
            model.network.epochs,
            optimizer.steps,
            {name: slot.tobytes() for name, slot in optimizer.slots.items()},
            model.history.history,
            model.norms.norms,  # type: ignore[attr-defined]
        ]
    )


def test_the_public_names_are_the_pictures_and_what_they_need() -> None:
    others = {"GradientNorms", "LivePlot", "OcclusionMap", "occlusion_map", "probabilities", "save"}
    assert plots.__all__ == sorted({*PICTURES, *others}, key=lambda name: (name.islower(), name))
    for name in plots.__all__:
        assert callable(getattr(plots, name)), name


@pytest.mark.parametrize(
    "draw", [plots.confusion_matrix, plots.regression_fit, plots.mistakes, plots.decision_regions]
)
def test_a_model_that_is_not_built_is_told_so(draw) -> None:
    model = hy.Sequential([hy.Dense(2)])
    model.compile("mse")
    with pytest.raises(ValueError, match="the model is not built"):
        draw(model, np.ones((3, 2)), np.ones(3))


@pytest.mark.parametrize("name", PICTURES)
def test_no_picture_changes_what_it_shows(name, tmp_path) -> None:
    outputs, picture = PICTURES[name]
    model, x, y = trained(outputs)
    before, x_before, y_before = everything(model), x.copy(), y.copy()
    drawn = picture(model, x, y)
    plots.save(drawn, tmp_path / "picture.png", dpi=50)
    assert everything(model) == before
    assert np.array_equal(x, x_before)
    assert np.array_equal(y, y_before)
    assert (tmp_path / "picture.png").stat().st_size > 1000
    again = tmp_path / "again.png"
    plots.save(picture(model, x, y), again, dpi=50)
    assert again.read_bytes() == (tmp_path / "picture.png").read_bytes()
    model.fit(x, y, verbose=0)  # and the model still learns
    assert everything(model) != before


@pytest.mark.parametrize("name", PICTURES)
def test_a_missing_matplotlib_is_named_in_one_line(name, monkeypatch) -> None:
    outputs, picture = PICTURES[name]
    model, x, y = trained(outputs)
    for module in [module for module in sys.modules if module.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtra, match=r"needs matplotlib: pip install 'hyalite\[plot\]'"):
        picture(model, x, y)


def test_no_picture_loads_pyplot() -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from tests.plots import helpers as t\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
        "for outputs, picture in t.PICTURES.values():\n"
        "    picture(*t.trained(outputs))\n"
        "assert 'matplotlib.figure' in sys.modules and 'matplotlib.pyplot' not in sys.modules"
    )
    folder = str(Path(__file__).parents[2])
    subprocess.run([sys.executable, "-c", program, folder], check=True)
