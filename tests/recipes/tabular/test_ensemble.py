"""The model that predicts, and its file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hyalite as hy
from hyalite.data.tables import Preparation, Table
from hyalite.errors import DataWarning, FileFormatError
from hyalite.files import model_file
from hyalite.loading import MIXTURE_KEY
from hyalite.recipes.tabular.effort import Options
from hyalite.recipes.tabular.ensemble import TabularModel
from hyalite.recipes.tabular.fitting import TrainedTable, class_weights
from hyalite.recipes.tabular.table import fit_mixture
from tests.recipes.tabular.helpers import OPTIONS

pytestmark = pytest.mark.usefixtures("quickly")


def rows(count: int = 60) -> Table:
    rng = np.random.default_rng(0)
    area, place = rng.uniform(50, 150, count), rng.choice(["city", "village", "moon"], count)
    price = 100 * area + 5000 * (place == "city") + rng.normal(0, 100, count)
    area[::7] = np.nan
    cheap = np.where(price < 12_000, "yes", "no")
    return Table(
        {"area": area, "place": place.astype(object), "price": price, "cheap": cheap.astype(object)}
    )


def trained(target: str, **settings: object) -> TrainedTable:
    other = {"price": "cheap", "cheap": "price"}[target]
    return fit_mixture(rows(), target, OPTIONS, ignore=[other], **settings)


@pytest.mark.parametrize("target", ["price", "cheap"])
def test_the_file_gives_the_same_answers(target: str, tmp_path: Path) -> None:
    found, path = trained(target), tmp_path / "model.safetensors"
    found.save(path)
    again = hy.recipes.load(path)
    assert isinstance(again, TabularModel)
    again.use_engine("numpy")
    table = rows().select(["area", "place"])
    np.testing.assert_array_equal(again.predict(table), found.predict(table))
    assert again.classes == found.classes
    assert again.metadata["result"] == found.result
    if found.classes:
        np.testing.assert_array_equal(again.predict_proba(table), found.predict_proba(table))
        assert (again.temperature, again.threshold) == (
            found.model.temperature,
            found.model.threshold,
        )
    else:
        np.testing.assert_array_equal(again.predict_interval(table), found.predict_interval(table))
    again.save(tmp_path / "again.safetensors")
    assert (tmp_path / "again.safetensors").read_bytes() == path.read_bytes()
    with pytest.raises(FileFormatError, match=r"several networks .* hyalite\.recipes\.load"):
        hy.load(path)


def test_the_same_seed_gives_the_same_file(tmp_path: Path) -> None:
    for name in ("a", "b"):
        trained("cheap").save(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_rows_answer_does_not_depend_on_its_neighbours() -> None:
    found, table = trained("price"), rows()
    whole = found.predict(table)
    alone = [found.predict(table.take(np.array([n])))[0] for n in range(10)]
    np.testing.assert_allclose(alone, whole[:10], rtol=1e-6)


def test_intervals_lie_about_the_prediction() -> None:
    found, table = trained("price"), rows()
    low, high = found.predict_interval(table, 0.8).T
    predicted = found.predict(table)
    assert (low <= predicted).all()
    assert (predicted <= high).all()
    wide = found.predict_interval(table, 0.99)
    assert (wide[:, 1] - wide[:, 0] >= high - low).all()


def test_what_a_model_cannot_say_is_refused() -> None:
    with pytest.raises(ValueError, match="predicts numbers"):
        trained("price").predict_proba(rows())
    with pytest.raises(ValueError, match="predicts classes"):
        trained("cheap").predict_interval(rows())
    with pytest.raises(ValueError, match="no column 'area'"):
        trained("price").predict(rows().select(["place"]))
    found = trained("price").model
    with pytest.raises(ValueError, match="weights must be one for each"):
        TabularModel(found.preparation, found.members, [0.5, 0.2, 0.3] * 9)


def test_evaluation_and_report() -> None:
    found = trained("price")
    figures = found.evaluate(rows())
    assert set(figures) == {"rmse", "mean_absolute_error", "r2"}
    assert figures["r2"] > 0.7
    assert list(found.report.figures) == ["this network", "linear model", "always the mean"]
    assert found.report.figures["always the mean"]["R²"] == pytest.approx(0, abs=0.1)
    assert "held-out rows" in found.result
    assert "the mixture:" in found.describe()
    assert "predicts 'price' from 2 columns" in str(found.model)
    classes = trained("cheap")
    assert set(classes.evaluate(rows())) == {"log_loss", "accuracy"}
    assert list(classes.report.figures)[-1].startswith("always '")


def test_groups_and_weights_by_name() -> None:
    table = Table({**rows().columns, "who": np.array([f"p{n // 3}" for n in range(60)], object)})
    found = fit_mixture(table, "cheap", OPTIONS, ignore=["price"], groups="who")
    assert "who" in found.model.preparation.left_out
    with pytest.raises(ValueError, match=r"groups: there is no column 'whom'\. Did you mean 'who'"):
        fit_mixture(table, "cheap", OPTIONS, groups="whom")
    with pytest.raises(ValueError, match="groups: 'cheap' is the target"):
        fit_mixture(table, "cheap", OPTIONS, groups="cheap")
    balanced = trained("cheap", class_weight="balanced")
    weight = balanced.problem.weight
    sums = [weight[balanced.problem.y == k].sum() for k in (0, 1)]
    assert sums[0] == pytest.approx(sums[1])
    heavy = trained("cheap", class_weight={"yes": 1e6})
    assert set(heavy.predict(rows())) == {"yes"}
    for bad, message in (
        ({"maybe": 2.0}, "has the class 'maybe'"),
        ("even", "a dict or 'balanced'"),
    ):
        with pytest.raises(ValueError, match=message):
            trained("cheap", class_weight=bad)
    with pytest.raises(ValueError, match="class_weight needs classes"):
        trained("price", class_weight="balanced")


def test_weights_of_classes_that_are_numbers_or_truths() -> None:
    labels = np.array([0, 1, 1])
    for classes, given in (
        (("0", "1"), {0: 2, 1: 5}),
        (("0", "1"), {0.0: 2, 1.0: 5}),
        (("false", "true"), {False: 2, True: 5}),
        (("false", "true"), {np.False_: 2, np.True_: 5}),
    ):
        assert class_weights(labels, classes, given).tolist() == [2, 5, 5]


def damaged(path: Path, change: object) -> None:
    reader = model_file.Reader(path)
    settings = json.loads(json.dumps(reader.settings))
    change(settings[MIXTURE_KEY])
    model_file.write(path, settings, reader.arrays())


@pytest.mark.parametrize(
    "change",
    [
        lambda about: about.update(format=99),
        lambda about: about.pop("members"),
        lambda about: about["members"][0].pop("weight"),
        lambda about: about["members"][0].update(target={"type": "Dense", "units": 3}),
        lambda about: about["members"][0].update(input_shape=[10**9]),
        lambda about: about["members"].append(about["members"][0]),
        lambda about: about.update(preparation={"type": "Sequential"}),
        lambda about: about.update(preparation=None),
        lambda about: about.update(intervals={"type": "TargetScale", "mean": 0}),
        lambda about: about.update(temperature="hot"),
    ],
)
def test_a_damaged_file_is_refused(change: object, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    trained("price").save(path)
    damaged(path, change)
    with pytest.raises(FileFormatError, match=r"model\.safetensors"):
        hy.recipes.load(path)


def test_fit_table_chooses_by_its_settings() -> None:
    table = rows()
    found = hy.recipes.fit_table(
        table, "price", effort="quick", ignore=["cheap"], verbose=0, engine="numpy"
    )
    assert isinstance(found, hy.recipes.TrainedTable)
    assert found.model.metadata["data"] == "table"
    one = hy.recipes.fit_table(
        table, "price", ignore=["cheap"], epochs=1, verbose=0, engine="numpy"
    )
    assert isinstance(one, hy.recipes.Trained)
    with pytest.raises(ValueError, match="groups is for a mixture of networks"):
        hy.recipes.fit_table(table, "price", epochs=1, groups="cheap", verbose=0)


def test_fit_table_reads_as_it_is_told(tmp_path: Path) -> None:
    lines = [f"{n % 7}!{n % 5}!{3 * (n % 7)}" for n in range(40)]
    (tmp_path / "a.csv").write_text("\n".join(["a!b!price", *lines]), encoding="utf-16-le")
    quick: dict[str, Any] = {
        "effort": "quick", "verbose": 0, "engine": "numpy", "task": "regression",
    }  # fmt: skip
    found = hy.recipes.fit_table(
        tmp_path / "a.csv", "price", delimiter="!", encoding="utf-16-le", **quick
    )
    assert len(found.problem) == 40
    openpyxl = pytest.importorskip("openpyxl", reason="needs the extra excel")
    book = openpyxl.Workbook()
    book.active.append(["another"])
    sheet = book.create_sheet("prices")
    for row in (["a", "price"], *([n % 7, 3 * (n % 7)] for n in range(40))):
        sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    assert hy.recipes.fit_table(tmp_path / "a.xlsx", "price", sheet="prices", **quick).result


def test_what_training_never_saw_is_said() -> None:
    model = trained("price").model
    with pytest.warns(DataWarning, match="column 'place': 60 with a value not seen in training"):
        model.predict(Table({**rows().columns, "place": np.full(60, "sea", object)}))
    model.predict(Table({**rows().columns, "place": np.full(60, "sea", object)}))


def test_a_preparation_tells_the_members_apart() -> None:
    assert isinstance(trained("price").model.preparation, Preparation)
    assert Options().effort == "default"
