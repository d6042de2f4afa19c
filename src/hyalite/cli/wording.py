"""What the command line says: errors with options instead of arguments, nothing that steers it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

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
