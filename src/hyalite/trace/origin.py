"""Which samples a trace is of, and the sentence that says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hyalite.numerals import number
from hyalite.text import shown
from hyalite.trace.recording import Recording

MOST_NAMED = 8  # rows or targets that are named one by one


@dataclass(frozen=True)
class Origin:
    """Where the samples were taken from.

    Attributes:
        rows: their places.
        total: how many there are to take from.
        source: what these are: "test images of mnist"; empty where nothing is known of them.
        classes: the names of the outputs, where they have some.
    """

    rows: Sequence[int]
    total: int
    source: str = ""
    classes: Sequence[str] | None = None

    def title(self, recording: Recording) -> str:
        """The first sentence."""
        count = len(self.rows)
        samples = "1 sample" if count == 1 else f"{count:,} samples"
        return f"One training step on {samples}: {self._rows()}{self._targets(recording)}."

    def _rows(self) -> str:
        rows = list(self.rows)
        of = f"the {self.total:,} {self.source or 'samples given'}"
        if self.total == 1:
            return f"row 0 of {self.source}" if self.source else "the only one given"
        if len(rows) == 1:
            return f"row {rows[0]:,} of {of}"
        if len(rows) > 2 and rows == list(range(rows[0], rows[0] + len(rows))):
            return f"rows {rows[0]:,} to {rows[-1]:,} of {of}"
        return f"rows {_listed([f'{row:,}' for row in rows])} of {of}"

    def _targets(self, recording: Recording) -> str:
        labels, t = recording.find("labels"), recording["t"]
        if labels is not None and labels.array.ndim == 1:
            word, texts = "label", [self._label(int(label)) for label in labels.array]
        elif t.ndim == 2 and t.shape[1] == 1:
            word, texts = "target", [number(value) for value in t[:, 0]]
        else:
            return ""
        return f"; {word}{'s' * (len(texts) > 1)} {_listed(texts)}"

    def _label(self, label: int) -> str:
        name = self.classes[label] if self.classes else str(label)
        return str(label) if name == str(label) else f"{label} ({shown(name)})"


def _listed(texts: Sequence[str]) -> str:
    """Such as "3, 5 and 8"; of many the first."""
    if len(texts) > MOST_NAMED:
        return f"{', '.join(texts[:MOST_NAMED])} and {len(texts) - MOST_NAMED:,} more"
    return " and ".join(filter(None, (", ".join(texts[:-1]), texts[-1])))
