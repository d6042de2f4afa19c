"""`hyalite train` of a table: the mixture, its file, and the commands that read it."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import hyalite as hy
from hyalite.cli import commands
from tests.recipes.tabular.helpers import few_epochs


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table whose price is 100·area, 5,000 more in the city; cheap below 12,000."""
    monkeypatch.chdir(tmp_path)
    few_epochs(monkeypatch)
    rng = np.random.default_rng(0)
    with open("houses.csv", "w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "area", "place", "owner", "price", "cheap"])
        for n in range(120):
            area, place = rng.uniform(50, 150), rng.choice(["city", "village"])
            price = 100 * area + 5000 * (place == "city") + rng.normal(0, 100)
            cheap = "yes" if price < 12000 else "no"
            rows.writerow([n + 1, f"{area:.1f}", place, f"p{n // 3}", f"{price:.0f}", cheap])


def run(*words: object) -> str:
    result = CliRunner().invoke(commands, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    return result.output


def test_numbers() -> None:
    words = ["--target", "price", "--ignore", "cheap,owner", "--effort", "quick"]
    text = run("train", "houses.csv", *words)
    assert "120 rows, predicts 'price' from 2 columns" in text
    assert "5 networks, up to 3 epochs each, in 5 folds, beside a linear model" in text
    assert "intervals of 90 % are mostly" in text
    assert "linear model" in text[text.index("On 120 rows kept back") :]
    model = Path("runs/houses/houses.safetensors")
    assert "predicts    price\nfrom        area, place\neffort      quick" in run("summary", model)
    assert "120 rows of houses.csv, whose values go from" in run("evaluate", model, "houses.csv")
    assert "out.csv written: 120 rows." in run(
        "predict", model, "houses.csv", "--output", "out.csv"
    )
    predicted = hy.recipes.load(model).predict("houses.csv")
    with open("out.csv", encoding="utf-8", newline="") as file:
        written = [float(row["predicted price"]) for row in csv.DictReader(file)]
    np.testing.assert_allclose(written, predicted, rtol=1e-6)


def test_classes_and_the_same_bytes_in_python() -> None:
    words = ["--target", "cheap", "--ignore", "price", "--groups", "owner", "--balanced"]
    text = run("train", "houses.csv", *words, "--effort", "quick", "--seed", 3, "--jobs", 2, "-q")
    assert "held-out rows right" in text
    assert {"houses.safetensors", "report.html"} <= {f.name for f in Path("runs/houses").iterdir()}
    trained = hy.recipes.fit_table(
        "houses.csv", "cheap", ignore=["price"], groups="owner", class_weight="balanced",
        effort="quick", seed=3, n_jobs=1, verbose=0,
    )  # fmt: skip
    trained.save("python.safetensors")
    assert (
        Path("python.safetensors").read_bytes()
        == Path("runs/houses/houses.safetensors").read_bytes()
    )


@pytest.mark.parametrize("option", [["--layers", "8"], ["--epochs", 1], ["--l2", "0.1"]])
def test_an_option_of_one_network_trains_that_one(option: list[object]) -> None:
    run("train", "houses.csv", "--target", "price", *option, "--epochs", 1, "-q")
    assert isinstance(hy.recipes.load("runs/houses/houses.safetensors"), hy.recipes.TablePipeline)


def test_what_a_mixture_cannot_do_is_said() -> None:
    run("train", "houses.csv", "--target", "price", "--effort", "quick", "-q")
    model = "runs/houses/houses.safetensors"
    for words, message in (
        (["summary", model, "--diagram", "a.svg"], "--diagram is for one network"),
        (["train", "houses.csv", "--target", "price", "--time-limit", "0"], "time_limit"),
        (["train", "houses.csv", "--target", "price", "--groups", "own"], "no column 'own'"),
        (["predict", model, "picture.png"], "holds the model of a table"),
    ):
        result = CliRunner().invoke(commands, words)
        assert result.exit_code in (1, 2)
        assert message in " ".join(result.output.split())
        assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["houses.csv", "--target", "price", "--epochs", 1, "--balanced"],
         "--balanced is for a table's mixture of networks, not for the one network that --epochs"),
        (["mnist", "--groups", "owner"], "--groups is for a table's mixture of networks, not f"),
    ],
)  # fmt: skip
def test_an_option_that_would_be_ignored_is_refused(words: list[object], message: str) -> None:
    result = CliRunner().invoke(commands, ["train", *map(str, words)])
    assert result.exit_code != 0
    assert message in result.output + str(result.exception)
