"""Curves that grow in a notebook."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest

import hyalite as hy
from hyalite import plots
from hyalite.errors import MissingExtra
from hyalite.training.history import History

figures = pytest.importorskip("matplotlib.figure")


class Screen:
    """Stands in for IPython: what a notebook would show."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, kernel: object | None = "kernel") -> None:
        self.shown: list[bytes] = []
        self.ids = 0
        package, module = types.ModuleType("IPython"), types.ModuleType("IPython.display")
        package.version_info = (9, 0)  # Matplotlib looks at it
        package.get_ipython = lambda: types.SimpleNamespace(kernel=kernel)
        module.Image = lambda data, format, retina: data
        module.display = self.display
        package.display = module
        monkeypatch.setitem(sys.modules, "IPython", package)
        monkeypatch.setitem(sys.modules, "IPython.display", module)

    def display(self, picture: bytes, display_id: bool) -> Any:
        assert display_id
        self.ids += 1
        self.shown.append(picture)
        return types.SimpleNamespace(update=self.shown.append)


class Blank:
    """Stands in for a figure, which takes a while to draw."""

    def savefig(self, file: Any, format: str, dpi: int) -> None:
        file.write(b"\x89PNG")


class Slow(hy.Callback):
    """Epochs that take so many seconds by the clock that LivePlot looks at."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
        self.now = 0.0
        self.seconds = seconds
        stand_in = types.SimpleNamespace(perf_counter=self.clock)
        monkeypatch.setattr("hyalite.plots.live_plot.time", stand_in)

    def clock(self) -> float:
        self.now += 0.05  # a drawing takes as long
        return self.now

    def on_epoch_begin(self, model: Any, epoch: int) -> None:
        self.now += self.seconds


def live(*callbacks: hy.Callback, epochs: int) -> hy.Sequential:
    x, y = hy.datasets.spiral(10)
    model = hy.Sequential([hy.Dense(3, "softmax")])
    model.compile("categorical_crossentropy", metrics=["accuracy"], engine="numpy")
    model.fit(x, y, epochs=epochs, seed=0, verbose=0, callbacks=list(callbacks))
    return model


@pytest.mark.parametrize(
    ("every", "seconds", "drawn"),
    [
        (1, 100, [1, 2, 3, 4, 5, 6, 7]),
        (3, 100, [1, 3, 6, 7]),
        (7, 100, [1, 7]),
        (1, 0.0, [1, 7]),
    ],
)
def test_live_plot_draws_as_often_as_it_should(monkeypatch, every, seconds, drawn) -> None:
    screen, slow = Screen(monkeypatch), Slow(monkeypatch, seconds)
    epochs: list[int] = []

    def curves(history: History, **options: Any) -> Any:
        epochs.append(len(history))
        assert history.epochs == list(range(1, len(history) + 1))
        if len(history) == 7:
            return plots.curves(history, **options)
        return [types.SimpleNamespace(figure=Blank())]

    monkeypatch.setattr("hyalite.plots.live_plot.curves", curves)
    plot = plots.LivePlot(every, "test")
    live(slow, plot, epochs=7)
    assert epochs == drawn
    assert screen.ids == 1, "one output, replaced each time"
    assert len(screen.shown) == len(drawn)
    assert all(picture.startswith(b"\x89PNG") for picture in screen.shown)
    live(slow, plot, epochs=1)
    assert screen.ids == 2, "a further fit has an output of its own"


def test_live_plot_takes_a_tenth_of_the_time_at_most(monkeypatch) -> None:
    screen = Screen(monkeypatch)
    slow = Slow(monkeypatch, 0.1)
    blank = [types.SimpleNamespace(figure=Blank())]
    monkeypatch.setattr("hyalite.plots.live_plot.curves", lambda *_, **__: blank)
    live(slow, plots.LivePlot(), epochs=200)
    assert len(screen.shown) >= 2
    assert (len(screen.shown) - 1) * 0.05 <= 0.1 * slow.now


def test_live_plot_draws_what_there_is_when_a_fit_is_broken_off(monkeypatch) -> None:
    class Stop(hy.Callback):
        def on_epoch_end(self, model: Any, epoch: int, figures: Any) -> None:
            if epoch == 3:
                raise KeyboardInterrupt

    screen = Screen(monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        live(Slow(monkeypatch, 0.0), plots.LivePlot(), Stop(), epochs=9)
    assert len(screen.shown) == 2


@pytest.mark.parametrize("terminal", [True, False])
def test_live_plot_says_once_that_it_needs_a_notebook(monkeypatch, caplog, terminal) -> None:
    if terminal:  # IPython in a terminal has no kernel
        screen = Screen(monkeypatch, kernel=None)
    else:
        monkeypatch.delitem(sys.modules, "IPython", raising=False)
    plot = plots.LivePlot()
    for _ in range(2):
        live(plot, epochs=2)
    assert caplog.messages == [
        "LivePlot draws in a notebook only; elsewhere use "
        "hyalite.plots.curves(model.history) after the fit"
    ]
    assert not terminal or not screen.shown
    with pytest.raises(ValueError, match="every must be a whole number"):
        plots.LivePlot(0)


def test_live_plot_needs_matplotlib_before_training_begins(monkeypatch) -> None:
    Screen(monkeypatch)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtra, match=r"LivePlot needs matplotlib: pip install"):
        live(plots.LivePlot(), epochs=1)


NOTEBOOK = """
import sys
import nbformat
from nbclient import NotebookClient

cell = '''
import numpy as np, hyalite as hy
model = hy.Sequential([hy.Dense(3, "softmax")])
model.compile("categorical_crossentropy", metrics=["accuracy"], engine="numpy")
_ = model.fit(*hy.datasets.spiral(10), epochs=30, verbose=0, callbacks=[hy.plots.LivePlot()])
'''
cells = [nbformat.v4.new_code_cell(text) for text in (cell, "model.diagram()")]
notebook = nbformat.v4.new_notebook(cells=cells)
NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
for cell in notebook.cells:
    print(*[f"{out.output_type} {' '.join(sorted(out.data))}" for out in cell.outputs], sep=", ")
"""


def test_live_plot_and_diagram_in_a_notebook(tmp_path) -> None:
    for module in ("nbformat", "nbclient", "ipykernel"):
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"{module} is not installed; no notebook can be run")
    environment = os.environ | {
        "PYTHONPATH": str(Path(hy.__file__).parents[1]),
        "IPYTHONDIR": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-c", NOTEBOOK],
        capture_output=True,
        text=True,
        env=environment,
        cwd=tmp_path,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "display_data image/png text/plain",
        "execute_result image/svg+xml text/plain",
    ]
