"""Random models of random tables, to be exported: all kinds of columns, gaps, several networks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

import hyalite as hy
from hyalite.data.tables import Preparation, Table
from hyalite.recipes.tabular import TabularModel
from hyalite.recipes.tabular.member import Member
from hyalite.recipes.tabular.network import layers_for
from hyalite.recipes.tabular.settings import MemberSettings
from hyalite.recipes.tabular.target import TargetScale

Column = Callable[[np.random.Generator, int], object]


def _texts(values, gaps=("",)):
    def made(rng, rows):
        found = np.array([values(rng) for _ in range(rows)], object)
        found[rng.random(rows) < 0.1] = rng.choice(np.array(gaps, object))
        return found

    return made


def _numbers(rng, rows):
    found = rng.normal(40, 9, rows)
    found[rng.random(rows) < 0.1] = np.nan
    return found


def _moments(rng, rows):
    return np.datetime64("2020-01-01", "us") + rng.integers(0, 10**14, rows).astype("m8[us]")


def _german(rng):
    return f"{rng.integers(1, 99)}.{rng.integers(100, 999)},{rng.integers(10, 99)} EUR"


def _day(rng):
    return f"{rng.integers(1, 29):02}.{rng.integers(1, 13):02}.{rng.integers(1990, 2024)}"


COLUMNS: dict[str, Column] = {
    "area (m²)": _numbers,
    'pri"ce*/': _texts(_german, ("", "n/a")),
    "rooms": lambda rng, rows: rng.integers(-3, 9, rows),
    "far": lambda rng, rows: 1.7e9 + rng.normal(0, 5, rows),
    "code": _texts(lambda rng: rng.choice(["007", "012", "3 4"]), (None, "NA")),
    "int": _texts(lambda rng: rng.choice(["city", 'vill"age\\', "größe ??/", "f'"]), ("", "-")),
    "label": _texts(lambda rng: rng.choice(list("abcdefghijklmnop"))),
    "sold?": _texts(lambda rng: rng.choice(["Ja", "Nein"]), ("?",)),
    "": _moments,
    "建成": _texts(_day, ("", "NaT")),
    "1st": _texts(lambda rng: f"{rng.integers(0, 24)}:{rng.integers(10, 60)}", (None,)),
    "measured": _texts(lambda rng: f"{rng.normal(3, 1):.3f}", ("-999",)),
    "truth": lambda rng, rows: rng.random(rows) < 0.3,
}


def random_model(seed: int) -> tuple[TabularModel, Table]:
    """A model whose networks are not trained, but off their beginnings, and rows to predict."""
    rng = np.random.default_rng(seed)
    names = list(COLUMNS) if seed % 5 == 0 else rng.permutation(list(COLUMNS))[:4].tolist()
    table = {name: COLUMNS[name](rng, 120) for name in names}
    classes = ["no", "yes", 'it "depends" ??/'][: 2 + seed % 2] if seed % 3 else ()
    if classes:
        table["target"] = np.array(classes, object)[np.arange(120) % len(classes)]
    else:
        table["target"] = np.exp(rng.normal(6 if seed % 2 else 2, 1, 120))
    frame = Table(table)
    preparation = Preparation.learn(
        frame, "target", na_values=["-999"], categories=["code"] * ("code" in names)
    )
    members = []
    for number in range(1 + seed % 3):
        settings = MemberSettings(units=5 + number, embedding=bool(number % 2))
        layers = layers_for(preparation.schema, len(classes) or 1, settings, 0.0)
        model = hy.Sequential(layers)
        model.build(len(preparation.features), seed=seed + number)
        model.theta += 0.2 * rng.standard_normal(model.theta.shape).astype(np.float32)
        model.engine = "numpy"
        y = np.asarray(table["target"])
        scale = None if classes else TargetScale.learn(y, np.ones(120), log=number != 1)
        if scale is not None and scale.log:
            scale.factor = 0.9
        members.append(Member(model, scale))
    weights = rng.dirichlet(np.ones(len(members)))
    temperature = [1.0, 0.4, 2.5][seed % 3]
    model = TabularModel(
        preparation, members, weights, temperature=temperature, rows=1 + 7 * (seed % 2)
    )
    return model, rows_of(rng, names)


def rows_of(rng: np.random.Generator, names: list[str]) -> Table:
    """Rows like those of training, and some that are not."""
    columns = {}
    for name in names:
        values = COLUMNS[name](rng, 20)
        if values.dtype == object:
            values[:4] = [None, "never seen", " ", " NA "]
        elif values.dtype.kind == "f":
            values[:5] = [np.nan, 1e300, -1e300, np.inf, -999]
        columns[name] = values
    return Table(columns)
