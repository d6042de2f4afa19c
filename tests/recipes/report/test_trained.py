"""The report of a table that was trained on, from Python."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import hyalite as hy

SETTINGS = {"epochs": 60, "verbose": 0, "engine": "numpy"}


def test_of_a_table(houses: Path) -> None:
    trained = hy.recipes.fit_table("houses.csv", "cheap", ignore=["price"], **SETTINGS)
    report = trained.full_report("runs/new houses/houses.safetensors")
    evidence = report.evidence
    assert [way.name for way in evidence.ways] == [
        "this network",
        "logistic regression",
        "always 'no'",
    ]
    for way in evidence.ways:  # the figures are those of the short report
        short = trained.report.figures[way.name]
        for name, value in short.items():
            assert report.comparison.interval(way.name, name).value == pytest.approx(value)
    assert str(report.verdict) in report.html().replace("&#x27;", "'")
    assert report.importance is not None
    assert set(report.importance.names) == {"area", "place"}
    assert {each.column.name for each in report.dependences} <= {"area", "place"}
    assert evidence.curves is not None
    assert list(evidence.curves.series) == ["training", "validation"]
    assert "Left out: 'id', a running number." in evidence.notes
    assert "'runs/new houses/houses.safetensors'" in evidence.uses["On the command line"]


def test_numbers_are_in_their_unit_and_a_leak_is_told(houses: Path) -> None:
    trained = hy.recipes.fit_table("houses.csv", "price", **SETTINGS)
    evidence = trained.full_report().evidence
    assert evidence.curves is not None
    last = evidence.curves.series["validation"][-1]
    off = np.abs(evidence.network.answers - evidence.y).mean()
    assert last == pytest.approx(off, rel=1e-3)
    text = Path("houses.csv").read_text().splitlines()
    text = [f"{line},{line.split(',')[3]}" for line in text]
    Path("leak.csv").write_text("\n".join([f"{text[0][:-5]}cents", *text[1:]]))
    leaky = hy.recipes.fit_table("leak.csv", "price", ignore=["cheap"], **SETTINGS).full_report()
    assert [warning for warning in leaky.warnings if "leak" in warning] == [
        "A leak is suspected: 'cents' alone tells 'price', all but 0.0 % of its variance. Is it "
        "known before the target is? If not, leave it out (--ignore on the command line, "
        "ignore=... in Python)."
    ]


def test_only_of_tables() -> None:
    trained = hy.recipes.fit_dataset("sine", epochs=1, verbose=0, engine="numpy")
    with pytest.raises(ValueError, match="a full report is of a table, and sine is none"):
        trained.full_report()
