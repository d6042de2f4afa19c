"""The pictures of what the model goes by: what each column is worth, and how the answer moves."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from hyalite.importance import Importance, shuffled_columns
from hyalite.parameters import Array
from hyalite.recipes.report.class_figures import log_losses, rarer
from hyalite.recipes.report.dependence import Dependence, partial_dependence
from hyalite.recipes.report.evidence import Evidence, Inside, as_floats
from hyalite.recipes.report.svg import (
    LETTER,
    LONGEST_NAME,
    Chart,
    date_ticks,
    escaped,
    margin,
    percent_texts,
    tick_texts,
    ticks,
)
from hyalite.text import columns, shown
from hyalite.translation import phrased, translated

MOST_MEASURED = 100  # columns; of more only the most promising are measured
PROMISING = 16
MOST_DRAWN, MOST_FOLLOWED = 15, 6  # columns in the picture of all; with a picture of their own
# Rows to predict for what columns are worth, and their cells: some seconds of a mixture's time.
FORECASTS, CELLS = 200_000, 40_000_000
MOST_ROWS, FEWEST_ROWS = 2000, 30
REPEATS = 5
KINDS = ("one", "two", "three", "four", "five")
BARS = 24  # of the distribution below a curve
BAR = 20.0  # height of a bar and its gap


def importance(evidence: Evidence, inside: Inside) -> Importance:
    """What each column is worth, by log loss or RMSE on the rows of the evidence."""
    groups = {column.name: column.places for column in inside.columns}
    most = PROMISING if len(groups) > MOST_MEASURED else None
    copies = REPEATS * len(groups)
    if most is not None:  # halving, then the chosen ones
        copies = 2 * most * math.ceil(math.log2(len(groups) / most)) + REPEATS * most
    rows = min(FORECASTS // copies, CELLS // (copies * inside.x.shape[1]))
    rows = min(MOST_ROWS, max(FEWEST_ROWS, rows))
    chosen = np.sort(np.random.default_rng(0).permutation(len(evidence.y))[:rows])
    x, y = np.asarray(inside.x)[chosen], np.asarray(evidence.y)[chosen]
    classes = bool(evidence.classes)

    def losses(copies: Array) -> Array:
        answers = np.asarray(inside.predict(copies), np.float64)
        again = np.concatenate([y] * (len(copies) // len(y)))
        return log_losses(answers, again) if classes else (answers - again) ** 2

    measure = "log loss" if classes else "RMSE"
    return shuffled_columns(
        losses, x, groups, repeats=REPEATS, most=most, root=not classes, measure=measure
    )


def dependences(inside: Inside, found: Importance) -> list[Dependence]:
    """How the answer moves along the most important columns."""
    by_name = {column.name: column for column in inside.columns}
    names = [found.names[place] for place in found.order[:MOST_FOLLOWED] if found.mean[place] > 0]
    return [partial_dependence(inside, by_name[name]) for name in names]


def importance_picture(found: Importance, unit: str = "", seen: bool = False) -> str:
    """A bar for each column, with the least and the largest rise over the shuffles."""
    order = found.order[:MOST_DRAWN]
    names = [shown(found.names[place], LONGEST_NAME) for place in order]
    mean, rises = found.mean[order], found.rises[order]
    ends = min(0.0, float(rises.min())), max(float(rises.max()), 1e-12)
    left = 14 + LETTER * max(map(columns, names))
    height = BAR * len(names) + 54
    title = translated("What each column is worth")
    chart = Chart(title, (360, height), ends, (len(names), 0), (left, 22, 10, 44))
    chart.y = (len(names), 0)  # the first at the top
    across = ticks(*ends, most=4)
    for place, name in enumerate(names):
        chart.rect(0, place + 0.15, mean[place], place + 0.85, "one")
        middle = [place + 0.5] * 2
        chart.line([rises[place].min(), rises[place].max()], middle, "whisker")
        chart.text(chart.left - 6, chart.at_y(place + 0.5) + 4, name, "end")
    measure = translated(found.measure)
    form = "rise of the {0}, in the unit of {1}" if unit else "rise of the {0}"
    chart.axis_x(phrased(form, measure, shown(unit, 20)), across, tick_texts(across))
    told = phrased(
        "How much the {0} rises when a column is shuffled among the rows; whiskers: the least and "
        "the largest of {1} shuffles. Of two columns that say the same, each may seem to be worth "
        "little.",
        measure,
        found.rises.shape[1],
    )
    left_out = len(found.names) - len(order) + found.left_out
    if left_out:
        told += phrased(" {0} lesser columns are not shown.", f"{left_out:,}")
    if found.left_out:
        told += phrased(
            " Columns were shuffled in blocks first, and the most promising ones singly."
        )
    if seen:
        told += phrased(
            " Measured on rows that the model has learned from: compare columns by it, no more."
        )
    return chart.figure(told)


def dependence_pictures(all_found: Sequence[Dependence], evidence: Evidence) -> list[str]:
    """How the mean answer moves along each column, all on one scale, so that they compare."""
    outputs, _ = _outputs(evidence)
    drawn = [_everything(found)[:, outputs] for found in all_found]
    ends = (
        min((float(values.min()) for values in drawn), default=0.0),
        max((float(values.max()) for values in drawn), default=1.0),
    )
    return [_dependence_picture(found, evidence, ends) for found in all_found]


def _everything(found: Dependence) -> Array:
    """All answers, that for a gap last."""
    return found.answers if found.missing is None else np.vstack([found.answers, found.missing])


def _dependence_picture(found: Dependence, evidence: Evidence, ends: tuple[float, float]) -> str:
    """The mean answer along a column, and how the rows are distributed."""
    outputs, texts = _outputs(evidence)
    answers, everything = found.answers[:, outputs], _everything(found)[:, outputs]
    draw = _along_categories if found.column.kind == "category" else _along_numbers
    chart = draw(found, answers, everything, ends, texts)
    if evidence.classes:
        entries = [(evidence.classes[k], kind) for k, kind in zip(outputs, KINDS, strict=False)]
        form, what = "Mean probability of {0} if all rows had this value.", chart.legend(entries)
    else:
        form, what = "Mean predicted {0} if all rows had this value.", escaped(evidence.target, 40)
    return chart.figure(phrased(form, what) + chart.note)


def _outputs(evidence: Evidence) -> tuple[list[int], Callable[[list[float]], list[str]]]:
    """Which outputs are drawn, and how their values are written."""
    count = len(evidence.classes)
    if not count:
        return [0], lambda values: tick_texts(values)
    if count == 2:
        return [rarer(np.asarray(evidence.y))], percent_texts
    often = np.argsort(-np.bincount(np.asarray(evidence.y), minlength=count), kind="stable")
    return sorted(often[: len(KINDS)].tolist()), percent_texts


def _along_numbers(
    found: Dependence,
    answers: Array,
    everything: Array,
    ends: tuple[float, float],
    texts: Callable[[list[float]], list[str]],
) -> Chart:
    column = found.column
    at = as_floats(column.values[found.at])
    values = as_floats(column.values)
    values = values[np.isfinite(values)]
    values = values[(values >= at[0]) & (values <= at[-1])]
    low, high = ends
    room = (high - low) / 4  # below the curve, for the distribution
    up = ticks(low, high, 5)
    chart = Chart(
        shown(column.name, 40),
        (360, 220),
        (at[0], at[-1]),
        (low - 1.2 * room, high + 0.1 * room),
        (margin(texts(up)), 22, 10, 44),
    )
    chart.axis_y(up, texts(up))
    counts, edges = np.histogram(values, BARS, chart.x)
    for place in np.flatnonzero(counts):
        top = chart.y[0] + 0.9 * (room or 0.2 * (chart.y[1] - chart.y[0])) * counts[place] / max(
            counts
        )
        chart.rect(edges[place], chart.y[0], edges[place + 1], top, "pale")
    for output in range(answers.shape[1]):
        chart.line(at, answers[:, output], KINDS[output])
        chart.dots(at, answers[:, output], KINDS[output], 2)
    if column.kind == "date":
        across, marks = date_ticks(*chart.x)
    else:
        across = ticks(*chart.x)
        marks = tick_texts(across)
    chart.axis_x(shown(column.name, 40), across, marks)
    chart.note = phrased(" Bars below: where the rows are.")
    if found.missing is not None:
        gap = texts([float(v) for v in everything[-1]])
        chart.note += phrased(" Where it is missing: {0}.", escaped(", ".join(gap)))
    return chart


def _along_categories(
    found: Dependence,
    answers: Array,
    everything: Array,
    ends: tuple[float, float],
    texts: Callable[[list[float]], list[str]],
) -> Chart:
    column = found.column
    values = [str(value) for value in column.values[found.at]]
    share = [float((column.values == value).mean()) for value in column.values[found.at]]
    if found.missing is not None:
        values.append("(missing)")
        share.append(float(column.gaps.mean()))
    names = [
        f"{shown(value, LONGEST_NAME - 6)} {100 * part:.2g} %"
        for value, part in zip(values, share, strict=True)
    ]
    low, high = ends
    # bars begin at 0, where that does not hide how they differ; else in the middle of the answers
    base = 0.0 if low <= 0 or high - low > high / 4 else float(answers.mean())
    low, high = min(low, base), max(high, base)
    room = (high - low) / 10 or abs(high) / 10 or 1.0
    across = ticks(low, high + room, 4)
    chart = Chart(
        shown(column.name, 40),
        (360, BAR * len(names) + 54),
        (low if base == low else low - room, high + room),
        (0, 1),
        (14 + LETTER * max(map(columns, names)), 22, 10, 44),
    )
    chart.y = (len(names), 0)
    chart.parts += [
        f'<path class="grid" d="M{chart.at_x(tick):.1f} {chart.top:.1f}V{chart.bottom:.1f}"/>'
        for tick in across
    ]
    one = everything.shape[1] == 1
    for place, name in enumerate(names):
        chart.text(chart.left - 6, chart.at_y(place + 0.5) + 4, name, "end")
        if one:
            chart.rect(base, place + 0.15, everything[place, 0], place + 0.85, "one")
        else:
            least, largest = everything[place].min(), everything[place].max()
            chart.line([least, largest], [place + 0.5] * 2, "whisker")
            for output in range(everything.shape[1]):
                chart.dots([everything[place, output]], [place + 0.5], KINDS[output], 4)
    chart.axis_x(translated("mean answer"), across, texts(across))
    chart.note = phrased(" Beside each value: its share of the rows.")
    if one and base:
        chart.note += phrased(" Bars begin at the mean of the answers.")
    return chart
