"""The page: verdict, what was read, figures, pictures, warnings and use, as one file of HTML."""

from __future__ import annotations

from collections.abc import Sequence

from hyalite.data.tables.description import in_language
from hyalite.importance import Importance
from hyalite.recipes.report import effects, pictures
from hyalite.recipes.report.bootstrap import Interval
from hyalite.recipes.report.comparison import Comparison, Figure
from hyalite.recipes.report.dependence import Dependence
from hyalite.recipes.report.evidence import Evidence
from hyalite.recipes.report.style import STYLE
from hyalite.recipes.report.svg import escaped
from hyalite.recipes.report.verdict import Verdict
from hyalite.translation import phrased, spoken, translated

MOST_READ = 300  # columns in the table of what was read
MOST_BY_CLASS = 30  # classes with figures of their own on the page


def page(
    evidence: Evidence,
    comparison: Comparison,
    verdict: Verdict,
    warnings: Sequence[str],
    importance: Importance | None,
    dependences: Sequence[Dependence],
) -> str:
    """The whole page.

    It loads nothing and runs nothing; a browser that knows the policy in its head refuses both.
    Its words are of the language spoken.
    """
    names = escaped(evidence.target), escaped(evidence.name)
    title = phrased("Predicting {0} from {1}", *names)
    parts = [
        ("verdict", "Verdict", _verdict(evidence, verdict)),
        ("read", "What was read", _read(evidence)),
        ("figures", "Figures", _figures(evidence, comparison)),
        ("pictures", "Pictures", _pictures(evidence)),
        ("columns", "What the model goes by", _effects(evidence, importance, dependences)),
        ("warnings", "Warnings", _warnings([*warnings, *evidence.notes])),
        ("use", "How to use the model", _uses(evidence)),
    ]
    parts = [(key, translated(name), content) for key, name, content in parts if content]
    links = " ".join(f'<a href="#{key}">{name}</a>' for key, name, _ in parts)
    body = "\n".join(
        f'<section aria-labelledby="{key}"><h2 id="{key}">{name}</h2>\n{content}\n</section>'
        for key, name, content in parts
    )
    rows = escaped(translated(evidence.rows_text)), escaped(translated(evidence.kept))
    measured = phrased("Measured on {0}, {1}. Made with Hyalite.", *rows)
    return (
        f'<!DOCTYPE html>\n<html lang="{spoken()}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f'<header><h1>{title}</h1>\n<p class="soft">{measured}</p>\n'
        f'<nav aria-label="{translated("Parts of this page")}">{links}</nav></header>\n'
        f"<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _verdict(evidence: Evidence, verdict: Verdict) -> str:
    doubt = "" if verdict.take == "network" and not verdict.leaks else " doubt"
    facts = "".join(
        f"<dt>{escaped(translated(name))}</dt><dd>{escaped(translated(value), 400)}</dd>"
        for name, value in evidence.facts.items()
    )
    sentence = escaped(translated(verdict.sentence), 2000)
    box = f'<div class="verdict{doubt}"><p>{sentence}</p></div>'
    return box + (f"<dl>{facts}</dl>" if facts else "")


def _table(rows: Sequence[Sequence[str]], caption: str) -> str:
    """Rows of texts, the first the head; the first cell of each is a head, too."""
    head = "".join(f'<th scope="col">{escaped(text)}</th>' for text in rows[0])
    body = "".join(
        f'<tr><th scope="row">{escaped(row[0], 60)}</th>'
        + "".join(f"<td>{escaped(text, 300)}</td>" for text in row[1:])
        + "</tr>"
        for row in rows[1:]
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escaped(caption)}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _read(evidence: Evidence) -> str:
    if not evidence.read:
        return ""
    rows = in_language(evidence.read[: MOST_READ + 1])
    more = len(evidence.read) - len(rows)
    told = phrased("{0} more columns are not shown.", f"{more:,}")
    rest = f'<p class="soft">{told}</p>' if more else ""
    return _table(rows, translated("What was read, column by column")) + rest


def _cell(figure: Figure, found: Interval, best: bool = False) -> str:
    ends = phrased("{0} to {1}", figure.text(found.low), figure.text(found.high))
    return (
        f'<td role="cell" class="figure{" best" * best}">{figure.text(found.value)}'
        f'<span class="range">{ends}</span></td>'
    )


def _figures(evidence: Evidence, comparison: Comparison) -> str:
    heads, lines = _heads(comparison.names), []
    for figure, found in comparison.table():
        values = [interval.value for interval in found]
        best = min(values) if figure.better == "low" else max(values)
        cells = "".join(_cell(figure, one, one.value == best) for one in found)
        lines.append(f"{_named(figure, evidence)}{cells}</tr>")
    for figure, one in comparison.intervals.values():
        empty = '<td role="cell" class="figure"></td>' * (len(comparison.names) - 1)
        lines.append(f"{_named(figure, evidence)}{_cell(figure, one)}{empty}</tr>")
    told = phrased(
        "On {0}. Below each figure: where it lies with 95 % confidence, from draws of these rows; "
        "the best of a line is bold.",
        escaped(translated(evidence.rows_text)),
    )
    if not evidence.classes:
        target = escaped(repr(evidence.target))
        told += phrased(" RMSE and mean error are in the unit of {0}.", target)
    return (
        f'<p class="soft">{told}</p>{_figure_table("Figures", "figure", heads, lines)}'
        f"{_by_class(evidence, comparison)}"
    )


def _heads(names: Sequence[str]) -> str:
    """Of the ways to predict."""
    return "".join(
        f'<th scope="col" role="columnheader" class="figure">{escaped(translated(name), 40)}</th>'
        for name in names
    )


def _figure_table(caption: str, first: str, heads: str, lines: Sequence[str]) -> str:
    """Lines of figures; the roles stay where the style lays a narrow table out as blocks."""
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{translated(caption)}">'
        f'<table class="figures" role="table" style="--ways:{heads.count("<th")}">'
        '<thead><tr role="row">'
        f'<th scope="col" role="columnheader">{translated(first)}</th>{heads}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _named(figure: Figure, evidence: Evidence) -> str:
    meaning = translated(figure.meaning)
    if figure.name == "PR AUC":
        two = len(evidence.classes) == 2
        meaning += translated("; of the rarer class" if two else "; mean of all classes")
    return (
        f'<tr role="row"><th scope="row" role="rowheader">{escaped(translated(figure.name))}'
        f'<span class="meaning">{escaped(meaning)}</span></th>'
    )


def _by_class(evidence: Evidence, comparison: Comparison) -> str:
    """F1 of each class and way; the trivial answer has none to speak of."""
    if not comparison.f1 or len(evidence.classes) > MOST_BY_CLASS:
        return ""
    names, figure = comparison.names[:-1], Figure("F1", "plain", "high", "")
    lines = []
    for label, name in enumerate(evidence.classes):
        count = phrased("{0} rows", f"{int((evidence.y == label).sum()):,}")
        cells = "".join(_cell(figure, comparison.f1[way][label]) for way in names)
        lines.append(
            f'<tr role="row"><th scope="row" role="rowheader">{escaped(name, 40)}'
            f'<span class="meaning">{count}</span></th>{cells}</tr>'
        )
    title, told = (
        "F1 of each class",
        translated(
            "2·hits / (predicted + actual): 1 where a class is always found and never wrongly said."
        ),
    )
    return (
        f'<h3 style="margin-top:24px">{translated(title)}</h3><p class="soft">{told}</p>'
        + _figure_table(title, "class", _heads(names), lines)
    )


def _pictures(evidence: Evidence) -> str:
    if evidence.classes:
        drawn = [pictures.calibration(evidence), pictures.confusion(evidence)]
    else:
        drawn = [pictures.fit(evidence), pictures.residuals(evidence)]
    if evidence.curves is not None:
        drawn.insert(1 if evidence.classes else 2, pictures.learning_curve(evidence.curves))
    return f'<div class="pictures">{"".join(drawn)}</div>'


def _effects(
    evidence: Evidence, importance: Importance | None, dependences: Sequence[Dependence]
) -> str:
    if importance is None:
        return ""
    unit = "" if evidence.classes else evidence.target
    seen = evidence.inside is not None and evidence.inside.seen
    drawn = [effects.importance_picture(importance, unit, seen)]
    drawn += effects.dependence_pictures(dependences, evidence)
    return f'<div class="pictures">{"".join(drawn)}</div>'


def _warnings(warnings: Sequence[str]) -> str:
    if not warnings:
        none = "None: no leak, no rare class, no drift and no duplicates were found."
        return f"<p>{translated(none)}</p>"
    lines = "".join(f"<li>{escaped(translated(text), 2000)}</li>" for text in warnings)
    return f'<ul class="warnings">{lines}</ul>'


def _uses(evidence: Evidence) -> str:
    return "".join(
        f"<h3>{escaped(translated(title))}</h3><pre><code>{_lines(text)}</code></pre>"
        for title, text in evidence.uses.items()
    )


def _lines(text: str) -> str:
    return "\n".join(escaped(translated(line), 1000) for line in text.splitlines())
