"""Tables on the command line: train, summary, evaluate, predict."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import hyalite as hy
from hyalite.cli import commands

pytest.importorskip("pyarrow", reason="needs the extra 'tables'")
pytest.importorskip("narwhals", reason="needs the extra 'tables'")


def run(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(commands, [str(word) for word in words])
    return result.exit_code, result.output


@pytest.fixture
def houses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A table whose price is 100·area, 5,000 more in the city, with gaps; `cheap` if below 12,000.

    The street says nothing, and has a value of its own in every row.
    """
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    with open("houses.csv", "w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "area", "place", "built", "street", "price", "cheap"])
        for n in range(300):
            area, place = rng.uniform(50, 150), rng.choice(["city", "village"])
            price = 100 * area + 5000 * (place == "city") + rng.normal(0, 100)
            built = f"{rng.integers(1950, 2020)}-0{rng.integers(1, 9)}-11"
            gap = "" if n % 10 == 3 else f"{area:.1f}"
            where = "" if n % 20 == 7 else place
            last = [f"{price:.0f}", "yes" if price < 12000 else "no"] if n % 50 else ["", ""]
            rows.writerow([n + 1, gap, where, built, f"street {n}", *last])
    return tmp_path


def read(path: str) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_numbers(houses: Path) -> None:
    words = ["houses.csv", "--target", "price", "--ignore", "cheap", "--epochs", 60]
    code, text = run("train", *words)
    assert code == 0, text
    assert "houses: 235 rows to train on, 59 more as validation rows" in text
    assert "predicts 'price', a number, from 3 columns" in text
    assert "left out: 'id', a running number" in text
    assert "left out: 'street', 294 different texts in 294 rows" in text
    assert "left out: 'cheap', ignored" in text
    table = text[text.index("On 59 validation rows") :].splitlines()
    assert [line.split("  ")[1] for line in table[1:4]] == [
        "this network",
        "ridge regression",
        "always the mean",
    ]
    network, ridge, mean = (float(line.split()[-1]) for line in table[1:4])
    assert min(network, ridge) > 0.75
    assert mean == pytest.approx(0, abs=0.1)
    folder = Path("runs/houses")
    assert {path.name for path in folder.iterdir()} == {
        "houses.safetensors", "history.json", "curves.png", "fit.png", "importance.png",
        "report.html",
    }  # fmt: skip

    model = hy.load(folder / "houses.safetensors")
    rows = hy.tables.read("houses.csv")
    predicted = model.predict(hy.recipes.TablePipeline(model).inputs(rows))[:, 0]
    assert 10_000 < predicted.mean() < 15_000, "in the target's own unit"

    code, text = run("summary", folder / "houses.safetensors")
    assert "predicts    price\nfrom        area, place, built\n" in text
    code, text = run("predict", folder / "houses.safetensors", "houses.csv", "--output", "out.csv")
    assert (code, text) == (0, "out.csv written: 300 rows.\n")
    out, raw = read("out.csv"), read("houses.csv")
    assert list(out[0]) == [*raw[0], "predicted price"]
    assert [row["street"] for row in out] == [row["street"] for row in raw]
    np.testing.assert_allclose([float(r["predicted price"]) for r in out], predicted, rtol=1e-6)
    code, text = run("predict", folder / "houses.safetensors", "houses.csv")
    assert text.splitlines()[0].split() == ["row", "predicted", "price"]
    assert text.splitlines()[-1].startswith("... 290 more")
    code, text = run("evaluate", folder / "houses.safetensors", "houses.csv")
    assert code == 0
    assert "294 rows of houses.csv" in text
    assert "most of these rows are known to it" in text


def test_classes(houses: Path) -> None:
    words = ["houses.csv", "--target", "cheap", "--ignore", "price", "--epochs", 60, "-q"]
    code, text = run("train", *words, "--output", "cheap")
    assert code == 0, text
    assert {path.name for path in Path("cheap").iterdir()} == {
        "houses.safetensors", "history.json", "curves.png", "confusion.png", "importance.png",
        "report.html",
    }  # fmt: skip
    Path("new.csv").write_text(
        "place,area,built,extra\ncity,60,1999-01-11,x\nvillage,140,1999-01-11,y\nmoon,,,z\n"
    )
    code, text = run("predict", "cheap/houses.safetensors", "new.csv", "--output", "new.parquet")
    assert code == 0, text
    assert "Note: column 'place': 1 with a value not seen in training ('moon')" in text
    out = hy.tables.read("new.parquet").to_pydict()
    assert out["predicted cheap"][:2] == ["yes", "no"]
    both = [f"probability of cheap = {name}" for name in ("no", "yes")]
    np.testing.assert_allclose(np.add(*(out[name] for name in both)), 1, atol=2e-6)
    assert out["extra"] == ["x", "y", "z"]


def test_a_run_can_be_resumed(houses: Path) -> None:
    words = ["train", "houses.csv", "--target", "price", "--epochs", 8, "-q"]
    assert run(*words)[0] == 0
    whole = Path("runs/houses/houses.safetensors").read_bytes()
    assert run(*words, "--checkpoint", "saved")[0] == 0
    for newest in sorted(Path("saved").iterdir())[1:]:
        newest.unlink()
    assert run(*words, "--checkpoint", "saved", "--resume")[0] == 0
    assert Path("runs/houses/houses.safetensors").read_bytes() == whole


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["train", "houses.csv"], "say what to predict, as --target COLUMN; the columns are id, a"),
        (["train", "houses.csv", "--target", "prize"], "Did you mean 'price'?"),
        (["train", "gone.csv", "--target", "x"], "gone.csv: No such file"),
        (["train", "spiral", "--target", "x"], "--target, --categories and --ignore are for tabl"),
        (["train", "houses.csv", "--target", "price", "--color", "rgb"], "are for folders of imag"),
        (["train", "houses.csv", "--target", "street"], "which are no classes; choose another"),
        (["train", "hauses"], "nor a table (.csv, .tsv, .parquet, .pq)"),
        (["predict", "spiral.safetensors", "houses.csv"], "not trained on a table, but on spiral"),
        (["predict", "spiral.safetensors", "a.csv", "b.csv"], "give one table at a time"),
        (["predict", "spiral.safetensors", "a.png", "--output", "o.csv"], "--output is for tables"),
        (["evaluate", "spiral.safetensors", "houses.csv"], "not trained on a table, but on spiral"),
    ],
)
def test_what_is_refused(houses: Path, words: list[str], message: str) -> None:
    model = hy.Sequential([hy.Dense(3, "softmax")])
    model.build(2, seed=0)
    model.metadata["data"] = "spiral"
    model.save("spiral.safetensors")
    code, text = run(*words)
    assert code in (1, 2)
    assert message in " ".join(text.replace("│", " ").split())
    assert "Traceback" not in text


def test_columns_that_a_model_needs_are_named(houses: Path) -> None:
    assert run("train", "houses.csv", "--target", "price", "--epochs", 1, "-q")[0] == 0
    Path("new.csv").write_text("area,plase\n60,city\n")
    code, text = run("predict", "runs/houses/houses.safetensors", "new.csv")
    assert code == 1
    assert "has no column 'place', 'built', 'cheap'. Did you mean 'plase'?" in text
    Path("new.csv").write_text("area,place,built,cheap\n60,city,2020-01-01,no\n")
    code, text = run("predict", "runs/houses/houses.safetensors", "new.csv", "--output", "new.xyz")
    assert code == 1
    assert "name a file that ends in .csv, .tsv or .parquet" in text
