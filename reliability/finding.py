"""What a part of the run found."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Finding:
    """A promise, how often it was put to the test, and how often it was broken.

    Attributes:
        promise: in words.
        tried: of what, how many: such as {"kills": 1000}.
        broken: how often.
        notes: what else one should know; the first breaks in words.
    """

    promise: str
    tried: dict[str, Any] = field(default_factory=dict)
    broken: int = 0
    notes: list[str] = field(default_factory=list)

    def count(self, what: str, number: int | float = 1) -> None:
        """So many more were tried."""
        self.tried[what] = self.tried.get(what, 0) + number

    def say(self) -> None:
        """A line of progress."""
        print("  " + ", ".join(f"{n:,} {what}" for what, n in self.tried.items()), file=sys.stderr)

    def breaks(self, how: str) -> None:
        """The promise was broken."""
        self.broken += 1
        if self.broken <= 5:
            self.notes.append(how)

    def check(self, kept: bool, how: str) -> None:
        """Whether it was kept this time."""
        if not kept:
            self.breaks(how)
