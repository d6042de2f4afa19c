"""Errors of the library in the words of the command line: options instead of arguments."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

OPTIONS = (
    ("pass size=(height, width)", "pass --image-size HEIGHTxWIDTH"),
    ("pass color='gray' or color='rgb'", "pass --color gray or --color rgb"),
    ("size=(64, 64)", "--image-size 64x64"),
    ("augment=True is for", "--augment is for"),
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
