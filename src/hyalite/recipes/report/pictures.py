"""The pictures of how well the answers fit: confusion, calibration, misses, training."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hyalite.parameters import Array
from hyalite.recipes.report.evidence import Curves, Evidence
from hyalite.recipes.report.svg import (
    Chart,
    escaped,
    margin,
    percent_texts,
    tick_texts,
    ticks,
)
from hyalite.text import shown
from hyalite.translation import phrased, translated

MOST_CLASSES = 12  # in the confusion matrix; further ones are taken together
WIDE_CLASSES = 4  # more of them take the width of the page
BINS, LEAST_IN_BIN = 10, 10  # of the calibration curve; bins of fewer rows join their neighbour
MOST_DOTS = 400  # points; of more, their number in each of CELLS x CELLS fields is drawn
CELLS = 40
MIDDLE = 0.99  # share of the rows that is drawn, where the others would take most of the room
STRETCH = 3.0  # how much more room they may take
NAME = 18  # columns of a class's name


def confusion(evidence: Evidence) -> str:
    """The true classes down, the predicted ones across, as a table that is coloured."""
    counts, names = _counts(evidence)
    rows = counts.sum(axis=1)
    head = "".join(f'<th scope="col">{escaped(name, NAME)}</th>' for name in names)
    lines = []
    for row, name in enumerate(names):
        cells = []
        for column in range(len(names)):
            share = counts[row, column] / rows[row] if rows[row] else 0.0
            kind = ' class="dark"' if share > 0.8 else ' class="none"' if not share else ""
            cells.append(
                f'<td{kind} style="--share:{100 * share:.0f}%">{counts[row, column]:,}</td>'
            )
        lines.append(f'<tr><th scope="row">{escaped(name, NAME)}</th>{"".join(cells)}</tr>')
    right = (
        int(counts.trace())
        if len(evidence.classes) == len(names)
        else int((evidence.network.answers.argmax(axis=1) == evidence.y).sum())
    )
    wide = ' class="wide"' if len(names) > WIDE_CLASSES else ""
    title, corner = translated("Confusion matrix"), translated("true \\ predicted")
    told = phrased(
        "{0} of {1} right. A line for each true class, a column for each predicted one; the "
        "darker, the larger the share of the line.",
        f"{right:,}",
        f"{len(evidence.y):,}",
    )
    return (
        f"<figure{wide}><figcaption><h3>{title}</h3><p>{told}</p></figcaption>"
        f'<div class="scroll" tabindex="0" role="region" aria-label="{title}">'
        f'<table class="confusion"><thead><tr><th scope="col">{corner}</th>{head}</tr>'
        f"</thead><tbody>{''.join(lines)}</tbody></table></div></figure>"
    )


def _counts(evidence: Evidence) -> tuple[Array, list[str]]:
    """Rows by true and predicted class; of many classes the most frequent, the others as one."""
    count, y = len(evidence.classes), np.asarray(evidence.y, np.int64)
    said = evidence.network.answers.argmax(axis=1)
    names = list(evidence.classes)
    if count > MOST_CLASSES:
        often = np.argsort(-np.bincount(y, minlength=count), kind="stable")[: MOST_CLASSES - 1]
        often.sort()
        place = np.full(count, len(often))
        place[often] = np.arange(len(often))
        y, said = place[y], place[said]
        names = [*(names[k] for k in often), phrased("({0} others)", count - len(often))]
        count = len(names)
    return np.bincount(y * count + said, minlength=count**2).reshape(count, count), names


def calibration(evidence: Evidence) -> str:
    """How often it was so over how likely it was said to be, with 95 % intervals (Wilson's)."""
    two = len(evidence.classes) == 2
    p, y = np.asarray(evidence.network.answers, np.float64), np.asarray(evidence.y)
    if two:
        said, true = p[:, 1], y == 1
        what = phrased("probability of {0}", repr(shown(evidence.classes[1], NAME)))
    else:
        said, true = p.max(axis=1), p.argmax(axis=1) == y
        what = translated("probability of the likeliest class")
    chart = Chart(translated("Calibration"))
    at = [0, 0.2, 0.4, 0.6, 0.8, 1]
    chart.axis_y(at, percent_texts(at))
    bins = np.minimum((said * BINS).astype(np.int64), BINS - 1)
    counts = np.bincount(bins, minlength=BINS)
    for place in range(BINS):
        height = 0.25 * counts[place] / counts.max()
        if counts[place]:
            chart.rect(place / BINS + 0.01, 0, (place + 1) / BINS - 0.01, height, "pale")
    chart.line([0, 1], [0, 1], "ideal")
    xs, ys = [], []
    for inside in _filled(bins, said):
        x, share, low, high = said[inside].mean(), *_wilson(true[inside])
        chart.line([x, x], [low, high], "one thin")
        xs.append(x)
        ys.append(share)
    chart.line(xs, ys, "one")
    chart.dots(xs, ys, "one")
    chart.axis_x(what, at, percent_texts(at))
    return chart.figure(
        translated(
            "How often it was so, over how likely the network said it is; on the dashed line the "
            "two agree. Bars below: where the rows are. Whiskers: 95 %."
        )
    )


def _filled(bins: Array, said: Array) -> list[Array]:
    """The rows of each bin; of bins with few rows those of several."""
    order = np.argsort(said, kind="stable")
    least = max(LEAST_IN_BIN, len(said) // 100)
    found: list[Array] = []
    for place in range(BINS):
        rows = order[bins[order] == place]
        if found and len(found[-1]) < least:
            found[-1] = np.concatenate([found[-1], rows])
        elif len(rows):
            found.append(rows)
    if len(found) > 1 and len(found[-1]) < least:
        last = found.pop()
        found[-1] = np.concatenate([found[-1], last])
    return found


def _wilson(hits: Array) -> tuple[float, float, float]:
    """A share and its 95 % interval. Source: Wilson 1927."""
    n, share, z = len(hits), float(hits.mean()), 1.96
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * ((share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5) / (1 + z * z / n)
    return share, min(share, middle - half), max(share, middle + half)


def fit(evidence: Evidence) -> str:
    """The true numbers over the predicted ones."""
    y, p = np.asarray(evidence.y, np.float64), np.asarray(evidence.network.answers, np.float64)
    ends = _range(np.concatenate([y, p]))
    name = shown(evidence.target, 30)
    title, label = translated("True over predicted"), phrased("predicted {0}", name)
    chart = _scatter(p, y, ends, ends, title, label)
    chart.line(ends, ends, "ideal")
    form = "True {0} (up), over the prediction; on the dashed line the two agree."
    return chart.figure(phrased(form, escaped(name)) + chart.note)


def residuals(evidence: Evidence) -> str:
    """What was missed, over what was predicted."""
    p = np.asarray(evidence.network.answers, np.float64)
    off = np.asarray(evidence.y, np.float64) - p
    title, label = translated("Misses"), phrased("predicted {0}", shown(evidence.target, 30))
    chart = _scatter(p, off, _range(p), _range(off), title, label)
    chart.line(chart.x, (0, 0), "ideal")
    told = translated(
        "True minus predicted (up), over the prediction. A band around 0 of one width is best; a "
        "bend or a funnel says where the model errs."
    )
    return chart.figure(told + chart.note)


def _range(values: Array) -> tuple[float, float]:
    """All values, or where a few would take most of the room, those in the middle."""
    low, high = float(values.min()), float(values.max())
    tail = (1 - MIDDLE) / 2
    inner = np.quantile(values, [tail, 1 - tail])
    room = float(inner[1] - inner[0])
    if room > 0 and high - low > STRETCH * room:
        return float(inner[0] - room / 10), float(inner[1] + room / 10)
    return low, high


def _scatter(
    xs: Array,
    ys: Array,
    x_ends: tuple[float, float],
    y_ends: tuple[float, float],
    title: str,
    label: str,
) -> Chart:
    """Dots, or of many rows how many lie in each field."""
    up = ticks(*y_ends)
    texts = tick_texts(up)
    chart = Chart(title, x=x_ends, y=y_ends, margins=(margin(texts), 22, 10, 44))
    chart.axis_y(up, texts)
    shown_rows = (chart.x[0] <= xs) & (xs <= chart.x[1]) & (chart.y[0] <= ys) & (ys <= chart.y[1])
    beyond = len(xs) - int(shown_rows.sum())
    xs, ys = xs[shown_rows], ys[shown_rows]
    if len(xs) <= MOST_DOTS:
        chart.dots(xs, ys, "one faint", 2.5)
    elif len(xs):
        _fields(chart, xs, ys)
        chart.note += phrased(" The darker a field, the more rows lie in it.")
    if beyond:
        form = " {0} far rows lie outside." if beyond > 1 else " {0} far row lies outside."
        chart.note += phrased(form, f"{beyond:,}")
    across = ticks(*x_ends)
    chart.axis_x(label, across, tick_texts(across))
    return chart


def _fields(chart: Chart, xs: Array, ys: Array) -> None:
    """How many rows lie in each field, by the logarithm of their number."""
    counts, x_edges, y_edges = np.histogram2d(xs, ys, CELLS, [chart.x, chart.y])
    full = np.log1p(counts.max())
    for column, row in np.argwhere(counts > 0):
        chart.rect(
            x_edges[column],
            y_edges[row],
            x_edges[column + 1],
            y_edges[row + 1],
            "one",
            0.15 + 0.85 * float(np.log1p(counts[column, row]) / full),
        )


def learning_curve(curves: Curves) -> str:
    """What was measured after each epoch."""
    kinds = ("two", "one")  # the last, mostly validation, in the colour of the network
    series = {
        name: np.array([np.nan if v is None else v for v in values], np.float64)
        for name, values in curves.series.items()
    }
    known = np.concatenate([values[np.isfinite(values)] for values in series.values()])
    if not len(known):
        return ""
    epochs = max(map(len, series.values()))
    top = float(np.quantile(known, 0.98))  # the first epochs may be far off
    ends = min(0.0, float(known.min())), max(top, float(known[-1]))
    up = ticks(*ends)
    texts = tick_texts(up)
    title, sides = translated("Training"), (margin(texts), 22, 10, 44)
    chart = Chart(title, x=(1, max(epochs, 2)), y=ends, margins=sides)
    chart.axis_y(up, texts)
    entries = []
    for place, (name, values) in enumerate(series.items()):
        kind = kinds[place % 2]
        chart.line(*_thinned(values.clip(*chart.y)), kind)
        entries.append((translated(name), kind))
    if curves.best is not None:
        chart.line([curves.best, curves.best], chart.y, "ideal")
    across = [tick for tick in ticks(1, max(epochs, 2)) if tick == int(tick)]
    chart.axis_x(translated("epoch"), across, [f"{tick:,.0f}" for tick in across])
    what = escaped(translated(curves.what))
    told = phrased("{0} after each epoch: {1}.", what, chart.legend(entries))
    if curves.best is not None:
        told += phrased(" The epoch {0} was kept (dashed).", curves.best)
    return chart.figure(told)


def _thinned(values: Array, most: int = 400) -> tuple[Sequence[float], Sequence[float]]:
    """Epochs and values; of very many only some."""
    places = np.unique(np.linspace(0, len(values) - 1, most).astype(np.int64))
    return (places + 1).tolist(), values[places].tolist()
