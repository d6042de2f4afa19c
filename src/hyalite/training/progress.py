"""How a fit shows itself: a bar on a terminal or in a notebook, plain lines elsewhere."""

from __future__ import annotations

import importlib.util
import sys
from typing import Any

from hyalite.translation import translated

MAX_LINES = 20  # of a long run that nobody watches


class Progress:
    """Shows the epochs of one fit.

    Args:
        verbose: 0 nothing, 1 a bar, 2 a line an epoch, "auto" a bar on a terminal or in a
            notebook and lines elsewhere (thinned out where there are many epochs).
        first: number of the first epoch.
        last: number of the last.
    """

    def __init__(self, verbose: int | str, first: int, last: int) -> None:
        check_verbose(verbose)
        self.first, self.last = first, last
        self.every = 1
        if verbose == "auto":
            verbose = 1 if _is_watched() else 2
            if verbose == 2 and last - first >= 2 * MAX_LINES:
                self.every = (last - first + 1) // MAX_LINES
        self.bars, self.lines = verbose == 1, verbose == 2
        self.one_bar = last - first >= 2 * MAX_LINES  # for all epochs, rather than one for each
        self.bar: Any = None
        self.due = ""  # the latest line, where it was passed over

    @property
    def shows(self) -> bool:
        """Whether there is anything to see."""
        return self.bars or self.lines

    def begin_epoch(self, epoch: int, rows: int) -> None:
        """Open a bar where one is due; the epoch has so many rows."""
        if self.bars and self.bar is None:
            total = self.last - self.first + 1 if self.one_bar else rows
            text = translated("epochs" if self.one_bar else f"epoch {epoch}/{self.last}")
            form = "{desc} {percentage:3.0f}% {bar:25} {elapsed}{postfix}"
            self.bar = _tqdm()(
                total=total,
                desc=text,
                bar_format=form,
                file=sys.stderr,
                dynamic_ncols=True,
            )

    def tick(self, rows: int) -> None:
        """So many rows of the epoch are done."""
        if self.bar is not None and not self.one_bar:
            self.bar.update(rows - self.bar.n)

    def end_epoch(self, epoch: int, figures: dict[str, Any], seconds: float) -> None:
        """Show what was measured."""
        if not self.shows:
            return
        text = "  ".join(
            f"{name} {value:.4f}" if 1e-2 <= abs(value) < 1e4 else f"{name} {value:.3g}"
            for name, value in figures.items()
            if isinstance(value, (int, float))
        )
        if self.bar is not None:
            self.bar.set_postfix_str(text, refresh=not self.one_bar)
            if self.one_bar:
                self.bar.update()
            else:
                self.close()
        elif self.lines:
            self.due = f"epoch {epoch}/{self.last}  {text}  {seconds:.2f} s"
            if epoch in (self.first, self.last) or epoch % self.every == 0:
                self._print()

    def _print(self) -> None:
        print(translated(self.due), flush=True)
        self.due = ""

    def close(self) -> None:
        """Leave the bar as it stands; show the last epoch in any case."""
        if self.due:
            self._print()
        if self.bar is not None:
            self.bar.close()
            self.bar = None


def check_verbose(verbose: int | str) -> None:
    """Raise a ValueError where `Progress` does not know it."""
    if verbose not in (0, 1, 2, "auto"):
        raise ValueError(f"verbose must be 0, 1, 2 or 'auto', got {verbose!r}")


def _in_notebook() -> bool:
    return "ipykernel" in sys.modules


def _is_watched() -> bool:
    return _in_notebook() or sys.stderr.isatty()


def _tqdm() -> Any:
    # without ipywidgets the notebook bar only complains
    if _in_notebook() and importlib.util.find_spec("ipywidgets"):
        from tqdm.notebook import tqdm_notebook

        return tqdm_notebook
    from tqdm import tqdm

    return tqdm
