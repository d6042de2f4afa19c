"""A table's model as one file of Python: rows of the table go in, names or numbers come out."""

from __future__ import annotations

import pprint
import textwrap
from collections.abc import Sequence

from hyalite.data.tables.category_column import Category
from hyalite.data.tables.category_texts import TextFormat
from hyalite.data.tables.column import Column
from hyalite.data.tables.date_column import CYCLES, DateTime
from hyalite.data.tables.formats import Format
from hyalite.data.tables.frames import _typed, of_objects
from hyalite.data.tables.number_column import Number
from hyalite.data.tables.vocabulary import Vocabulary
from hyalite.export.library_source import source_of
from hyalite.export.numpy_network import WEIGHTS, arrays, body
from hyalite.export.table_model import (
    Part,
    TableForm,
    filled,
    inputs_of,
    numbers_of,
    plain,
    unit_of,
)
from hyalite.version import __version__

HEAD = '''\
# -*- coding: utf-8 -*-
"""{title}.

Made by Hyalite {version}; it needs NumPy and nothing else. Rows go in as the table has them: their
preparation (cells read, gaps filled, numbers scaled, categories made 1 and 0) is in this file::

    from {module} import {names}
    predict(rows)  # columns by name, or a list of rows, each a dict; None is a gap

{gives}

The columns:

{inputs}
"""

from __future__ import annotations

{imports}
'''
CLASSES = '''\
def predict(rows):
    """The likeliest class of each row, (n,)."""
    return np.array(CLASSES)[predict_proba(rows).argmax(axis=1)]


def predict_proba(rows):
    """The probability of each class, (n, classes), in the order of CLASSES."""
    x = prepared(rows)
    total = 0.0
{mixture}
    return total


'''
NUMBERS = '''\
def predict(rows):
    """The number of each row in the target's own unit, (n,)."""
    x = prepared(rows)
    total = 0.0
{mixture}
    return total


'''
PREPARED = '''\
def prepared(rows):
    """What the networks take, float32 (n, FEATURES), of rows as the table has them."""
    if isinstance(rows, (list, tuple)):
        names = {name for row in rows for name in row}
        rows = {name: [row.get(name) for row in rows] for name in names}
    rows = {str(name): rows[name] for name in rows}
    missing = [name for name, *_ in COLUMNS if name not in rows]
    if missing:
        raise ValueError(f"rows have no column {', '.join(map(repr, missing))}")
    lengths = {len(rows[name]) for name, *_ in COLUMNS}
    if len(lengths) > 1:
        raise ValueError(f"the columns have different lengths, {sorted(lengths)}")
    x = np.empty((lengths.pop(), FEATURES), np.float32)
    for name, places, made, encode, settings in COLUMNS:
        x[:, places] = encode(made.read(cells(name, rows[name])), **settings)
    return x


def cells(name, column):
    """A column as an array of numbers, truths, dates, or objects: texts and None."""
    if isinstance(column, np.ndarray):
        if column.dtype.kind in "fiubMm":
            return _typed(column)
        column = column.tolist()
    return of_objects(name, list(column))


'''
NUMBER = '''\
def number(found, center, scale, fill, limit, indicator):
    """Scaled by median and quartiles; the median for a gap, and a 1 beside it."""
    missing = np.isnan(found)
    with np.errstate(over="ignore"):
        scaled = ((np.where(missing, fill, found) - center) / scale).clip(-limit, limit)
    return np.column_stack([scaled, missing]) if indicator else scaled[:, None]


'''
DATE = '''\
def date(found, cycles, **days):
    """The days since 1970 as a number, and the place in cycles of so many days."""
    features, there = [number(found, **days)], ~np.isnan(found)
    for length in cycles:
        turn = 2 * np.pi * np.nan_to_num(found) / length
        features += [(np.sin(turn) * there)[:, None], (np.cos(turn) * there)[:, None]]
    return np.hstack(features)


'''
CATEGORY = '''\
def category(found, known, embed):
    """A 1 for the known value, or its place; "(other)" is one that training never saw."""
    if found.dtype.kind != "O":
        found = TextFormat().typed(found)
    other = known.exact.get("(other)", -1)
    missing = known.exact.get("(missing)", other)
    places = known.places(found, unknown=other, missing=missing)[:, None]
    return places if embed else places == np.arange(len(known.exact))


'''
SOFTMAX = '''\
def softmax(z):
    """Probabilities of logits, in double precision."""
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


'''
YES = '''\
def both(yes):
    """The probabilities of no and yes."""
    return np.hstack([1 - yes, yes])


'''
SIGMOID = '''\
def sigmoid(z):
    """The probability of yes."""
    e = np.exp(-abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


'''
# Of each ending: what makes an answer of the outputs z, float64 (n, outputs).
ENDINGS = {
    "softmax": "softmax(z)",
    "probabilities": "z",
    "sigmoid": "both(sigmoid(z))",
    "yes": "both(z)",
    "number": "({factor} * (z[:, 0] * {scale} + {mean})).clip({low}, {high})",
    "logarithm": "({factor} * np.exp((z[:, 0] * {scale} + {mean})"
    ".clip(np.log({low}), np.log({high})))).clip({low}, {high})",
}


def table_source(form: TableForm, module: str) -> str:
    """The whole file."""
    columns = [column for column, _ in form.columns]
    formats: list[type[Format]] = [type(column.format) for column in columns]
    if any(isinstance(column, Category) for column in columns):
        formats.append(TextFormat)
    imports, formats_text = source_of([*formats, _typed, of_objects, Vocabulary])
    text = _head(form, module, imports)
    if form.classes:
        text += f"CLASSES = {_data(form.classes, 0)}\n"
    text += f"FEATURES = {len(form.preparation.features)}\n\n\n"
    text += (CLASSES if form.classes else NUMBERS).format(mixture=_mixture(form))
    text += PREPARED + _helpers(form, columns)
    for number, part in enumerate(form.parts, 1):
        text += f'def network_{number}(x):\n    """Outputs for prepared rows, float64."""\n'
        text += f"{body(part.steps)}\n    return x.astype(np.float64)\n\n\n"
    text += (
        f"# How cells are read, as the library does it.\n\n{formats_text}\n\n{_columns(form)}\n\n"
    )
    return f"{text}{WEIGHTS}\n\n" + "\n".join(arrays(part.steps) for part in form.parts)


def _head(form: TableForm, module: str, imports: str) -> str:
    target = form.preparation.target
    if form.classes:
        gives = "predict gives the name of a class, predict_proba the probability of each."
    else:
        gives = f"predict gives {plain(target.name)}{unit_of(target)}."
    lines = [
        filled(f"    {plain(column.name)}: {inputs_of(column, texts=True)}", "        ")
        for column, _ in form.columns
    ]
    own = {"from __future__ import annotations", "import numpy as np", "import base64"}
    others = sorted(set(imports.splitlines()) - own)
    return HEAD.format(
        title=filled(plain(form.title), ""),
        version=__version__,
        module=module,
        names="predict, predict_proba" if form.classes else "predict",
        gives=filled(gives, ""),
        inputs="\n".join(lines),
        imports="\n".join(["import base64", *filter(None, others), "", "import numpy as np", ""]),
    )


def _mixture(form: TableForm) -> str:
    lines = []
    for number, part in enumerate(form.parts, 1):
        lines.append(f"z = network_{number}(x)")
        lines.append(f"total = total + {part.weight!r} * {_answer(part)}")
    if form.temperature is not None:
        smallest, temperature, floor = form.smallest, form.temperature, form.floor
        lines.append(f"total = softmax(np.log(total.clip({smallest!r}, 1)) / {temperature!r})")
        lines.append(f"total = (total + {floor!r}) / (1 + {floor!r} * len(CLASSES))")
    return textwrap.indent("\n".join(lines), "    ")


def _answer(part: Part) -> str:
    figures = {key: _number(value) for key, value in part.numbers.items()}
    return ENDINGS[part.ending].format(**figures)


def _helpers(form: TableForm, columns: Sequence[Column]) -> str:
    endings = {part.ending for part in form.parts}
    wanted = {
        NUMBER: any(isinstance(column, Number | DateTime) for column in columns),
        DATE: any(isinstance(column, DateTime) for column in columns),
        CATEGORY: any(isinstance(column, Category) for column in columns),
        SOFTMAX: "softmax" in endings or form.temperature is not None,
        SIGMOID: "sigmoid" in endings,
        YES: bool(endings & {"sigmoid", "yes"}),
    }
    return "".join(code for code, needed in wanted.items() if needed)


def _columns(form: TableForm) -> str:
    """The name, the places of the features, the format and the encoding of each column."""
    names = form.preparation.features
    gaps = list(dict.fromkeys(c.format.gaps for c, _ in form.columns if c.format.gaps is not None))
    text = "".join(f"GAPS_{n} = {_data(texts, 0)}\n" for n, texts in enumerate(gaps, 1))
    text += "# name, places of its features, how cells are read, how they become features\n"
    text += "COLUMNS = [\n"
    for column, places in form.columns:
        what = "; ".join(plain(names[place]) for place in places)
        text += textwrap.fill(f"# {what}", 96, initial_indent="    ", subsequent_indent="    # ")
        if isinstance(column, Category):
            known = f"Vocabulary({_data(column.known, 8)})"
            encode = f"category, {{'known': {known}, 'embed': {column.embed}}}"
        else:
            encode = _numbers(column)
        made = _format(column.format, gaps)
        text += f"\n    ({column.name!a}, {places}, {made},\n     {encode}),\n"
    return text + "]\n"


def _numbers(column: Column) -> str:
    days = numbers_of(column)
    keys = ("center", "scale", "fill", "limit", "indicator")
    settings = ", ".join(f"{key!r}: {_number(getattr(days, key))}" for key in keys)
    if not isinstance(column, DateTime):
        return f"number, {{{settings}}}"
    cycles = tuple(CYCLES[cycle][0] for cycle in column.cycles)
    return f"date, {{'cycles': {cycles}, {settings}}}"


def _format(made: Format, gaps: list[tuple[str, ...]]) -> str:
    """The format's constructor, with those arguments that are not the usual ones."""
    usual = type(made)().get_config()
    settings = {key: value for key, value in made.get_config().items() if value != usual[key]}
    arguments = {key: ascii(value) for key, value in settings.items()}
    if made.gaps is not None:
        arguments["gaps"] = f"GAPS_{gaps.index(made.gaps) + 1}"
    return f"{type(made).__name__}({', '.join(f'{k}={v}' for k, v in arguments.items())})"


def _number(value: float) -> str:
    return str(value).replace("inf", "np.inf") if isinstance(value, float) else repr(value)


def _data(value: object, indent: int) -> str:
    """A literal, in lines that are not long."""
    text = pprint.pformat(value, width=92 - indent, compact=True)
    start = f"\n{' ' * indent}" if indent and "\n" in text else ""
    return start + text.replace("\n", f"\n{' ' * indent}")
