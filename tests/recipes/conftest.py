"""A table, a folder of pictures, and an empty folder to work in."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def houses(here: Path) -> Path:
    """A table whose price is 100·area, 5,000 more in the city, with gaps; cheap below 12,000."""
    pytest.importorskip("pyarrow", reason="needs the extra 'tables'")
    pytest.importorskip("narwhals", reason="needs the extra 'tables'")
    rng = np.random.default_rng(0)
    with open("houses.csv", "w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "area", "place", "price", "cheap"])
        for n in range(300):
            area, place = rng.uniform(50, 150), rng.choice(["city", "village"])
            price = 100 * area + 5000 * (place == "city") + rng.normal(0, 100)
            gap = "" if n % 10 == 3 else f"{area:.1f}"
            last = [f"{price:.0f}", "yes" if price < 12000 else "no"] if n % 50 else ["", ""]
            rows.writerow([n + 1, gap, place, *last])
    return here / "houses.csv"


@pytest.fixture
def pictures(here: Path) -> Path:
    """Pictures with a bright bar, lying or standing."""
    image = pytest.importorskip("PIL.Image", reason="needs the extra 'data'")
    random = np.random.default_rng(0)
    for name in ("flat", "tall"):
        (here / "pictures" / name).mkdir(parents=True)
        for number in range(20):
            picture = random.integers(0, 60, (8, 8), np.uint8)
            if name == "flat":
                picture[4] += 180
            else:
                picture[:, 4] += 180
            image.fromarray(picture).save(here / "pictures" / name / f"{number:02}.png")
    return here / "pictures"
