"""Errors that are told to the page: which field, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from hyalite.translation import catalogue


class Problem(NamedTuple):
    """One error.

    Attributes:
        field: a path such as "layers[0].units"; "" where it is about the whole.
        message: with what came, what was expected and the mend.
    """

    field: str
    message: str


class Refused(Exception):
    """What was asked for cannot be done.

    Args:
        message: why.
        field: what is wrong.
        status: of HTTP: 400, 404, 409, 413, 415 or 429.
    """

    def __init__(self, message: str, field: str = "", status: int = 400) -> None:
        super().__init__(message)
        self.problem, self.status = Problem(field, message), status


@contextmanager
def at(field: str) -> Iterator[None]:
    """Errors of the library within the block are about this field, or about one below it.

    The library's texts begin with the argument's name: "units must be ...".

    Raises:
        Refused: for ValueError, TypeError, KeyError, ArithmeticError, RecursionError.
    """
    try:
        yield
    except Refused:
        raise
    except (ValueError, TypeError, KeyError, ArithmeticError, RecursionError) as error:
        raise Refused(text_of(error), field) from None


def text_of(error: Exception) -> str:
    """What an error says, in one line."""
    if isinstance(error, RecursionError):
        return "nested too deep"
    text = error.args[0] if isinstance(error, KeyError) and error.args else str(error)
    return " ".join(str(text).split())[:2000] or type(error).__name__


def argument_in(message: str, names: Iterator[str] | list[str]) -> str | None:
    """Which argument the text of an error begins with."""
    found = re.match(r"\w+", message)
    return found[0] if found and found[0] in list(names) else None


def in_language(text: str, language: str | None) -> str:
    """A text of the library in the language of a page; None is English."""
    return text if language is None else catalogue(language).translated(text)
