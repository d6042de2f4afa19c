"""Types of options of the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import click


def some_of(known: Iterable[str]) -> Callable[[str], tuple[str, ...]]:
    """Names with commas between them."""

    def names(text: str) -> tuple[str, ...]:
        found = tuple(text.split(","))
        for name in found:
            if name not in known:
                raise click.BadParameter(f"{name!r} is none of {', '.join(known)}")
        return found

    return names
