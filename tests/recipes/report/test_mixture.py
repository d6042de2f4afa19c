"""The report of a mixture: rows kept back, intervals, columns as they were understood."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import hyalite as hy

SETTINGS = {"effort": "quick", "engine": "numpy", "verbose": 0, "time_limit": 5}


def table(n: int = 120) -> hy.tables.Table:
    """A price by area and place, and whether it is dear; some areas are missing."""
    rng = np.random.default_rng(0)
    area, place = rng.uniform(50, 150, n), rng.choice(["city", "village"], n)
    price = 100 * area + 5000 * (place == "city") + rng.normal(0, 500, n)
    cells = np.array([f"{value:.1f}" for value in area], object)
    cells[::9] = ""
    dear = np.where(price > 12_000, "yes", "no").astype(object)
    columns = {"area": cells, "place": place.astype(object), "price": price, "dear": dear}
    return hy.tables.Table(columns)


@pytest.mark.parametrize("target", ["price", "dear"])
def test_of_a_mixture(target: str, tmp_path: Path) -> None:
    rows = table()
    other = {"price": "dear", "dear": "price"}[target]
    trained = hy.recipes.fit_table(rows, target, ignore=[other], **SETTINGS)
    report = trained.full_report("houses", "houses.safetensors")
    evidence = report.evidence
    names = [way.name for way in evidence.ways]
    assert names[:2] == ["this network", "linear model"]
    for name, figures in trained.report.figures.items():
        for figure, value in figures.items():
            assert report.comparison.interval(name, figure).value == pytest.approx(value)
    inside = evidence.inside
    assert inside is not None
    np.testing.assert_allclose(
        inside.predict(inside.x)[:3],
        trained.model.outputs(trained.model.inputs(rows))[trained.mixture.rows[:3]],
    )
    area = next(column for column in inside.columns if column.name == "area")
    assert area.values.dtype == np.float64
    assert area.gaps.any()
    assert report.verdict.take in ("network", "linear")
    if target == "price":
        share = report.comparison.intervals["coverage"][1]
        assert 0.75 < share.value < 1
        assert 'predict_interval("new.csv"' in evidence.uses["In Python"]
    report.save(tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Predicting " + target in page
    assert "ignored" in page


def test_the_rows_must_have_been_kept() -> None:
    trained = hy.recipes.fit_table(table(60), "dear", ignore=["price"], **SETTINGS)
    trained.table = None
    with pytest.raises(ValueError, match="train by fit_table"):
        trained.full_report()
