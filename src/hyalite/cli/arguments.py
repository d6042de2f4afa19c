"""How the words of a command line become values: names of data, layer sizes, sizes of images."""

from __future__ import annotations

import difflib
from pathlib import Path

import click

KNOWN_DATA = ("mnist", "fashion-mnist", "spiral", "sine")
# Written out rather than taken from the library, whose import would hold up --help; a test
# compares them.
ACTIVATIONS = (
    "relu", "leaky_relu", "gelu", "selu", "mish", "silu", "swish", "tanh", "sigmoid", "linear",
)  # fmt: skip
TABLES = (".csv", ".tsv", ".parquet", ".pq")
OPTIMIZERS = ("adam", "adamw", "sgd", "rmsprop", "adagrad")

MODEL = click.Path(exists=True, dir_okay=False)


def data_argument(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """The name of known data, a table's file, or a folder."""
    if value not in KNOWN_DATA and not Path(value).is_dir() and not is_table(value):
        near = difflib.get_close_matches(value, KNOWN_DATA, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise click.BadParameter(
            f"{value!r} is neither one of {', '.join(KNOWN_DATA)} nor a folder of images nor a "
            f"table ({', '.join(TABLES)}).{hint}"
        )
    return value


def is_table(path: str | Path) -> bool:
    """Whether a file's name is that of a table."""
    return Path(path).suffix.lower() in TABLES


def column_names(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[str, ...]:
    """Names of columns: "zip code,year" -> ("zip code", "year")."""
    return tuple(name.strip() for name in (value or "").split(",") if name.strip())


def layer_sizes(ctx: click.Context, param: click.Parameter, value: str) -> tuple[int, ...]:
    """Units of the hidden layers: "64,64" -> (64, 64), "none" -> ()."""
    parts = [] if value == "none" else value.replace(" ", "").split(",")
    if not all(part.isdecimal() and int(part) > 0 for part in parts):
        raise click.BadParameter(f"{value!r} is no list of sizes; write 64,64 or 128 or none.")
    return tuple(int(part) for part in parts)


def image_size(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> tuple[int, int] | None:
    """Height and width: "28x28" or "28" -> (28, 28)."""
    if value is None:
        return None
    parts = value.lower().split("x")
    if len(parts) > 2 or not all(part.isdecimal() and int(part) > 0 for part in parts):
        raise click.BadParameter(f"{value!r} is no size; write 28x28 (height x width) or 28.")
    return int(parts[0]), int(parts[-1])


def positive_int(ctx: click.Context, param: click.Parameter, value: int | None) -> int | None:
    """A count. `click.IntRange` would check it, too, and put "[x>=1]" into the help."""
    if value is not None and value < 1:
        raise click.BadParameter(f"expected 1 or more, got {value}.")
    return value
