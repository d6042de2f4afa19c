"""The benchmarks run and report; how fast anything is, is never asserted here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.extras import need

ROOT = Path(__file__).resolve().parents[2]
RESULT = {
    "command": "python -m benchmarks",
    "date": "2000-01-01",
    "minutes": 30,
    "quick": False,
    "rounds": 5,
    "seconds": 0.5,
    "peers": ["hyalite", "pytorch", "scikit-learn", "onnxruntime", "floor"],
    "missing": ["keras"],
    "failures": ["scikit-learn: round sine64"],
    "machine": {"processor": "an abacus"},
    "versions": {"hyalite": "0.1.0"},
    "train": {
        "mnist64": {
            peer: {"first": 1.0, "epochs": 2, "steps": 1000, "seconds": seconds}
            for peer, seconds in (
                ("hyalite", [0.2, 0.1, 0.3]),
                ("pytorch", [1.4, 1.3, 1.5]),
                ("scikit-learn", [0.1, 0.1, 0.1]),
                ("floor", [0.18, 0.18, 0.18]),
            )
        }
    },
    "agreement": {"mnist64": {"hyalite": [2.0, 1.0], "pytorch": [2.0, 1.0001]}},
    "predict": {
        rows: {"hyalite": [5e-6 * int(rows)], "onnxruntime": [9e-6 * int(rows)]}
        for rows in ("1", "1000")
    },
    "growth": {
        "width": {"hyalite": [{"at": 16, "steps": 10, "seconds": [1e-3]}]},
        "rows": {"hyalite": [{"at": 1000, "epochs": 2, "seconds": [0.5], "memory": 3e6}]},
    },
    "accuracy": {
        "mnist": {
            "target": 0.975,
            "epochs": 15,
            "peers": {
                "hyalite": [{"seconds": [1.0, 1.5], "accuracy": [0.9, 0.98]}],
                "pytorch": [{"seconds": [2.0], "accuracy": [0.97]}],
            },
        }
    },
    "memory": {"nothing": 3e8, "hyalite": 3.5e8},
    "sizes": {"hyalite": {"bytes": {"hyalite": 1e6}, "import": [0.1], "first": [0.5, None]}},
    "imports": {"import numpy": [0.1]},
}


def run(*arguments: object, timeout: float = 120) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        timeout=timeout,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def row(text: str, start: str) -> list[str]:
    """The cells of the first table row that begins with `start`."""
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and cells[0] == start:
            return cells[1:]
    raise AssertionError(f"no row {start!r} in\n{text}")


@pytest.mark.long
@pytest.mark.compiled
@pytest.mark.parametrize("part", ["train", "agreement"])
def test_a_quick_run_measures_those_that_are_asked_for(part: str) -> None:
    text = run(
        "--quick", "--only", "spiral64", "--peers", "hyalite,hyalite-numpy,floor,onnxruntime", part
    )
    assert len(row(text, 'Hyalite, engine="numpy"')[0]) > 0
    if part == "train":
        times = row(text, "Hyalite")[0]
        least, greatest = times.split("(")[1].rstrip(")").split("..")
        assert 0 < float(least.replace(",", "")) <= float(greatest.replace(",", ""))
        row(text, "floor")
    else:
        assert row(text, 'Hyalite, engine="numpy"')[-1] == "yes"
    assert "ONNX" not in text


@pytest.mark.long
@pytest.mark.compiled
@pytest.mark.parametrize("threads", [1, 2])
def test_a_quick_run_compares_products(threads: int) -> None:
    text = run("--quick", "products", "--dtype", "float64", "--threads", threads)
    form, sizes, ours, *_, share = row(text, "square")
    assert (form, sizes) == ("a·b", "16x16x16")
    assert float(ours) > 0
    assert share.endswith("%")


@pytest.mark.compiled
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("form", ["a·b", "aᵀ·b", "a·bᵀ"])
def test_whoever_multiplies_gets_the_product(form: str, dtype: str) -> None:
    """They are called by address, with nothing but numbers: one too few is not noticed."""
    pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")
    from benchmarks.multipliers import MULTIPLIERS
    from benchmarks.products import Product

    product = Product(form, 37, 65, 83)
    for who, make in MULTIPLIERS.items():
        loop = make(product, dtype, 2)
        if loop is not None:
            loop(1)
            assert loop.__defaults__ is not None  # type: ignore[attr-defined]
            a, b, c, *_ = loop.__defaults__[0]  # type: ignore[attr-defined]
            expected = (a.T if form == "aᵀ·b" else a) @ (b.T if form == "a·bᵀ" else b)
            np.testing.assert_allclose(c, expected, 1e-4, 1e-4, err_msg=who)


def test_what_is_unknown_is_refused() -> None:
    with pytest.raises(AssertionError, match="'abacus' is none of hyalite, hyalite-numpy, pytorch"):
        run("--peers", "abacus", "train")


def test_the_report_is_made_of_the_numbers_in_the_file(tmp_path: Path) -> None:
    need("matplotlib", "plot")
    (tmp_path / "benchmarks.json").write_text(json.dumps(RESULT), encoding="utf-8")
    run("--out", tmp_path, "report")
    page = (tmp_path / "benchmarks.md").read_text(encoding="utf-8")
    # goals: what was measured decides
    assert row(page, "PyTorch: at least 6 times Hyalite's time, on average") == [
        "7.00 times",
        "yes",
    ]
    assert row(page, "scikit-learn: at least 6 times Hyalite's time, on average")[1] == "no"
    assert row(page, "never below 1.2 times, whoever and wherever") == [
        "0.500 times: scikit-learn on mnist64",
        "no",
    ]
    assert row(page, "mnist64: at most 1.15 times the floor") == ["1.11 times", "yes"]
    assert row(page, "one row predicted in 6 µs, or sooner than by ONNX Runtime")[1] == "yes"
    # parts
    assert row(page, "Hyalite")[0] == "200 (100..300)"
    training = page.partition("## Training")[2]
    assert row(training, "PyTorch")[0] == "1,400 (1,300..1,500)"
    assert row(page.partition("## The same work")[2], "PyTorch") == ["1e-04", "yes"]
    race = page.partition("## Time to accuracy")[2]
    assert row(race, "Hyalite") == ["2.50 (2.50..2.50)", "2.00"]
    assert row(race, "PyTorch") == ["not always, best 97.00 %", "–"]
    assert row(page.partition("## Memory")[2], "Hyalite") == ["350 MB", "50.0 MB"]
    assert row(page.partition("### By rows")[2], "1,000") == ["0.250", "3.00"]
    # who is missing, and how to get them
    assert (
        'Keras on JAX: not measured, it was not installed; `pip install "hyalite[bench]"`' in page
    )
    assert "Failed: scikit-learn: round sine64." in page
    pictures = {path.name for path in (tmp_path / "images" / "benchmarks").iterdir()}
    assert pictures == {f"{n}.png" for n in ("train", "growth", "accuracy", "memory", "sizes")}
    assert all(f"(images/benchmarks/{name})" in page for name in pictures)
