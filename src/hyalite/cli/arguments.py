"""How the words of a command line become values: names of data, layers, sizes of images."""

from __future__ import annotations

import difflib
import shlex
from pathlib import Path
from typing import Any

import click

KNOWN_DATA = ("mnist", "fashion-mnist", "spiral", "sine")
# Written out rather than taken from the library, whose import would hold up --help; a test
# compares them.
ACTIVATIONS = (
    "relu", "leaky_relu", "gelu", "selu", "mish", "silu", "swish", "tanh", "sigmoid", "linear",
)  # fmt: skip
TABLES = (".csv", ".tsv", ".txt", ".parquet", ".pq", ".json", ".jsonl", ".ndjson", ".xlsx", ".xlsm")
COMPRESSED = (".gz", ".bz2", ".xz")  # after that of a table of texts
NETWORKS = ("dense", "conv")
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


def is_pack(path: str | Path) -> bool:
    """Whether it is the folder of a pack."""
    return (Path(path) / "manifest.json").is_file()


def is_table(path: str | Path) -> bool:
    """Whether a file's name is that of a table."""
    path = Path(path)
    if path.suffix.lower() in COMPRESSED:
        path = path.with_suffix("")
        return path.suffix.lower() in (*TABLES[:3], *TABLES[5:8])
    return path.suffix.lower() in TABLES


def table_name(path: Path) -> str:
    """What a table's data are called: its file's name without the endings."""
    return Path(path.stem).stem if path.suffix.lower() in COMPRESSED else path.stem


def delimiter(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """One character; a tab may be written as a word."""
    if value in ("tab", "\\t"):
        return "\t"
    if value is not None and (len(value) != 1 or value in '"\r\n'):
        raise click.BadParameter(f"{value!r} is not one character; write ';' or tab.")
    return value


def reading_options(command: Any) -> Any:
    """The options of how a table's file is read, for a command."""
    for option in (
        click.option("--sheet", metavar="NAME", help="Of an Excel file; the first."),
        click.option(
            "--delimiter",
            callback=delimiter,
            metavar="SIGN",
            help="Between a table's cells, such as ';' or tab.  [found]",
        ),
        click.option(
            "--encoding", metavar="NAME", help="Of a table's texts, such as gb18030.  [utf-8]"
        ),
    ):
        command = option(command)
    return command


def value_options(command: Any) -> Any:
    """The options of what the texts in a table's cells mean, for a command."""
    for option in (
        click.option(
            "--na-values",
            callback=column_names,
            metavar="TEXTS",
            help="More texts that are gaps, as a,b.",
        ),
        click.option(
            "--thousands",
            metavar="SIGN",
            help="Between groups of three digits, as , or . or a blank.",
        ),
        click.option(
            "--decimal",
            type=click.Choice([".", ","]),
            help="The decimal sign, where rows leave it open.",
        ),
    ):
        command = option(command)
    return command


def reading_words(encoding: str | None, delimiter: str | None, sheet: str | None) -> list[str]:
    """These options as they are typed again."""
    options = {"--encoding": encoding, "--delimiter": delimiter, "--sheet": sheet}
    return [
        f"{name} {'tab' if value == chr(9) else shlex.quote(value)}"
        for name, value in options.items()
        if value is not None
    ]


def column_names(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[str, ...]:
    """Names of columns: "zip code,year" -> ("zip code", "year")."""
    return tuple(name.strip() for name in (value or "").split(",") if name.strip())


def column_types(
    ctx: click.Context, param: click.Parameter, values: tuple[str, ...]
) -> dict[str, str]:
    """Kinds of columns: ("zip=category", "built=date") -> {"zip": "category", "built": "date"}."""
    found = {}
    for value in values:
        name, sign, kind = value.rpartition("=")
        if not sign or not name:
            raise click.BadParameter(f"{value!r} names no kind; write COLUMN=KIND.")
        found[name.strip()] = kind.strip()
    return found


def layer_words(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """The hidden layers as they are written, where they can be read."""
    from hyalite.recipes.layer_words import parse

    if value is not None:
        try:
            parse(value)
        except ValueError as error:
            raise click.BadParameter(f"{str(error).removeprefix('layers: ')}.") from None
    return value


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
