"""What the command line says: errors with options instead of arguments, nothing that steers it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from hyalite.errors import LostWorker, MissingExtra, NonFiniteError

# What is wrong with the user's input, files or machine; anything else is a fault of ours.
EXPECTED = (ValueError, OSError, MissingExtra, NonFiniteError, MemoryError, LostWorker)
OPTIONS = (
    ("max_bytes=", ""),
    ("name their encoding, such as", "name their encoding, as --encoding"),
    ("or name the delimiter", "or name the delimiter with --delimiter"),
    ("pass size=(height, width)", "pass --image-size HEIGHTxWIDTH"),
    ("pass color='gray' or color='rgb'", "pass --color gray or --color rgb"),
    ("size=(64, 64)", "--image-size 64x64"),
    ("network='conv'", "--network conv"),
    ("augment=True is for", "--augment is for"),
    ("layers=", "--layers "),
    ("see print(model)", "see `hyalite summary`"),
)


@contextmanager
def options_for_arguments() -> Iterator[None]:
    """Raise a ValueError of the block anew, where it names an argument that is an option here."""
    try:
        yield
    except ValueError as error:
        text = str(error)
        for argument, option in OPTIONS:
            text = text.replace(argument, option)
        if text == str(error):
            raise
        raise type(error)(text) from None


def echo(text: Any = "", err: bool = False) -> None:
    """Print a line. Names and values of strangers' files are in it, so nothing steers a terminal.

    Whatever a command prints goes through here.
    """
    from hyalite.text import printable
    from hyalite.translation import translated

    click.echo(translated(printable(str(text))), err=err)


def tell(error: BaseException) -> int:
    """Print what ended a command, in a line; the exit code, or 0 where it is no error to be told.

    Args:
        error: whatever it was.
    """
    if isinstance(error, click.UsageError):
        told = io.StringIO()  # in click's words, which go the way of ours
        error.show(told)
        echo(told.getvalue().rstrip("\n"), err=True)
        return error.exit_code
    if isinstance(error, KeyboardInterrupt):
        echo("\nInterrupted.", err=True)
        return 130
    if isinstance(error, EXPECTED):
        echo(f"Error: {_one_line(error)}", err=True)
        return 1
    return 0


def _one_line(error: BaseException) -> str:
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return " ".join(str(error).split()) or type(error).__name__
