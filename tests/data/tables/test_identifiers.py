"""Columns that number or name the rows."""

from __future__ import annotations

import numpy as np
import pytest

from hyalite.data.tables.identifiers import number_reason, text_reason

RNG = np.random.default_rng(0)
N = 300
OUT = {
    "from 1": np.arange(1, N + 1),
    "from 1001": np.arange(1001, 1001 + N),
    "from 100001, falling": np.arange(100001 + N, 100001, -1),
    "steps of 10": 10 * np.arange(N),
    "steps of 7 from -50": -50 + 7 * np.arange(N),
    "any order": RNG.permutation(N) + 5000,
    "any order, steps of 5": 5 * RNG.permutation(N),
    "rows left out": np.sort(RNG.choice(10 * N, N, replace=False)) + 10**6,
    "some twice": np.sort(np.r_[np.arange(N - 5), np.arange(5)]),
    "gaps": np.r_[np.arange(1000.0, 1000 + N - 3), [np.nan] * 3],
}
STAY = {
    "years": np.arange(1900, 2000),
    "years in any order": RNG.permutation(np.arange(1850, 2020)),
    "prices": RNG.choice(np.arange(50_000, 500_000), N, replace=False),
    "prices, sorted": np.sort(RNG.choice(np.arange(50_000, 500_000), N, replace=False)),
    "areas": RNG.integers(40, 160, N),
    "a measure": np.arange(N) / 10,
    "few rows": np.arange(10),
}


@pytest.mark.parametrize("kind", OUT)
def test_running_numbers(kind: str) -> None:
    assert number_reason("c", OUT[kind].astype(float)) == "a running number"


@pytest.mark.parametrize("kind", STAY)
def test_what_stays(kind: str) -> None:
    assert number_reason("c", STAY[kind].astype(float)) == ""


@pytest.mark.parametrize("name", ["id", "PassengerId", "customer_no", "KundenNummer", "uuid"])
def test_a_name_tells(name: str) -> None:
    assert number_reason(name, STAY["prices"].astype(float)).startswith("an identifier: 300 diff")


@pytest.mark.parametrize("name", ["price", "humidity", "price index", "number of rooms", "paid"])
def test_other_names_do_not(name: str) -> None:
    assert number_reason(name, STAY["prices"].astype(float)) == ""


def test_texts() -> None:
    texts = [f"A-{n:04}" for n in range(N)]
    assert text_reason(N, texts, N) == "identifiers: 300 different texts in 300 rows"
    assert text_reason(N, [f"a nice {text}" for text in texts], N).startswith("free text: 300")
    assert text_reason(20, texts[:20], 20) == ""
