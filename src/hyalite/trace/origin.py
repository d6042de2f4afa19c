"""Which samples a trace is of, and the sentence that says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hyalite.numerals import number
from hyalite.text import shown
from hyalite.trace.recording import Recording
from hyalite.translation import joined, phrased, translated

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
        said = samples(len(self.rows)), self._rows(), self._targets(recording)
        return phrased("One training step on {0}: {1}{2}.", *said)

    def _rows(self) -> str:
        rows, what = list(self.rows), self.source or "samples given"
        if self.total == 1 and not self.source:
            return translated("the only one given")
        if self.total == 1:
            return phrased("row 0 of {0}", self.source)
        of, texts = (f"{self.total:,}", what), [f"{row:,}" for row in rows]
        if len(rows) == 1:
            return phrased("row {2} of the {0} {1}", *of, texts[0])
        if len(rows) > 2 and rows == list(range(rows[0], rows[0] + len(rows))):
            return phrased("rows {2} to {3} of the {0} {1}", *of, texts[0], texts[-1])
        return phrased("rows {2} of the {0} {1}", *of, _listed(texts))

    def _targets(self, recording: Recording) -> str:
        labels, t = recording.find("labels"), recording["t"]
        if labels is not None and labels.array.ndim == 1:
            forms = "; label {0}", "; labels {0}"
            texts = [self._label(int(label)) for label in labels.array]
        elif t.ndim == 2 and t.shape[1] == 1:
            forms = "; target {0}", "; targets {0}"
            texts = [number(value) for value in t[:, 0]]
        else:
            return ""
        return phrased(forms[len(texts) > 1], _listed(texts))

    def _label(self, label: int) -> str:
        name = self.classes[label] if self.classes else str(label)
        return str(label) if name == str(label) else f"{label} ({shown(name)})"


def _listed(texts: Sequence[str]) -> str:
    """Such as "3, 5 and 8"; of many the first."""
    if len(texts) > MOST_NAMED:
        some = joined("{0}, {1}", texts[:MOST_NAMED])
        return phrased("{0} and {1} more", some, f"{len(texts) - MOST_NAMED:,}")
    first = [joined("{0}, {1}", texts[:-1])] if len(texts) > 1 else []
    return joined("{0} and {1}", [*first, texts[-1]])


def samples(count: int) -> str:
    """How many there are."""
    return translated("1 sample") if count == 1 else phrased("{0} samples", f"{count:,}")
