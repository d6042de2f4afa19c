"""Where pictures are drawn and how they are saved."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from hyalite import plots
from tests.plots.helpers import history_of

pytest.importorskip("matplotlib.figure")


def test_save_takes_axes_arrays_and_figures_and_leaves_nothing_half_done(tmp_path) -> None:
    axes = plots.curves(history_of(2, loss=[1.0, 0.5], accuracy=[0.1, 0.2]))
    plots.save(axes, tmp_path / "array.png")
    plots.save(axes[0], tmp_path / "axes.png")
    plots.save(axes[0].figure, tmp_path / "figure.svg")
    assert (tmp_path / "array.png").read_bytes() == (tmp_path / "axes.png").read_bytes()
    assert (tmp_path / "array.png").read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in (tmp_path / "figure.svg").read_bytes()
    (tmp_path / "old.xyz").write_text("old")
    with pytest.raises(ValueError, match="xyz"):
        plots.save(axes, tmp_path / "old.xyz")
    assert (tmp_path / "old.xyz").read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 4


def test_pictures_are_drawn_in_threads(spiral, tmp_path) -> None:
    failed: list[BaseException] = []

    def draw(number: int) -> None:
        try:
            plots.save(plots.decision_regions(*spiral), tmp_path / f"{number}.png", dpi=40)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=draw, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert len({file.read_bytes() for file in tmp_path.iterdir()}) == 1


def test_pyplot_is_never_loaded_nor_matplotlib_before_a_picture() -> None:
    program = (
        "import sys; from hyalite import plots\n"
        "assert 'matplotlib' not in sys.modules\n"
        "from hyalite.training.history import History\n"
        "h = History(0); h.append(1, {'loss': 1.0}, 0.0)\n"
        "plots.curves(h)\n"
        "assert 'matplotlib.figure' in sys.modules and 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
