"""What is learned of a table's columns, and how rows become numbers."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pytest

import hyalite as hy
from hyalite.config import from_config, to_config
from hyalite.data.tables.columns import REGISTRY, Number
from hyalite.data.tables.older import upgraded
from hyalite.errors import FileFormatError

arrow = pytest.importorskip("pyarrow", reason="needs the extra 'tables'")
pytest.importorskip("narwhals", reason="needs the extra 'tables'")

Preparation = hy.tables.Preparation
ROWS = {
    "size": [10.0, 20.0, None, 40.0],
    "city": ["Bonn", "Köln", "Bonn", None],
    "built": [dt.date(2020, 1, 1), dt.date(2021, 7, 2), None, dt.date(2024, 3, 3)],
    "lift": [True, False, None, True],
    "same": [7, 7, 7, 7],
    "none": [None] * 4,
    "price": [1.5, 2.5, 3.5, 4.75],
}


class TestPreparation:
    def test_every_kind_of_column(self) -> None:
        made = Preparation.learn(arrow.table(ROWS), "price")
        assert made.left_out == {"same": "one value", "none": "empty"}
        assert made.features == [
            "size", "built", "built sin of year", "built cos of year", "built sin of week",
            "built cos of week",
            "size (missing)", "city = (other)", "city = (missing)", "city = Bonn",
            "built (missing)", "lift = (other)", "lift = (missing)", "lift = true",
        ]  # fmt: skip
        assert made.schema == (tuple(range(6)), tuple(range(6, 14)), ())
        assert made.groups["size"] == [0, 6]
        x = made.x(arrow.table(ROWS))
        assert x.dtype == np.float32
        # quartiles 15 and 30 around the median 20, which the missing one gets
        np.testing.assert_allclose(x[:, 0], [-10 / 15, 0, 0, 20 / 15], rtol=1e-6)
        day = (dt.date(2021, 7, 2) - dt.date(1970, 1, 1)).days
        turn = 2 * np.pi * np.array([day / 365.2425, day / 7])
        waves = [np.sin(turn[0]), np.cos(turn[0]), np.sin(turn[1]), np.cos(turn[1])]
        np.testing.assert_allclose(x[1, 2:6], waves, atol=1e-6)
        assert x[2, 2:6].tolist() == [0, 0, 0, 0]
        assert x[:, 6].tolist() == [0, 0, 1, 0]
        # Köln was seen once, so it is one of the others
        assert x[:, 7:10].tolist() == [[0, 0, 1], [1, 0, 0], [0, 0, 1], [0, 1, 0]]
        assert x[:, 10].tolist() == [0, 0, 1, 0]
        assert x[:, 11:].tolist() == [[0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]]
        np.testing.assert_array_equal(made.y(arrow.table(ROWS)), ROWS["price"])

    def test_it_comes_back_from_json_and_does_the_same(self) -> None:
        table = arrow.table(ROWS)
        made = Preparation.learn(table, "price")
        model = hy.Sequential([hy.Dense(1)])
        model.build(len(made.features))
        hy.recipes.TablePipeline(model, made)
        model.metadata = json.loads(json.dumps(model.metadata))
        again = hy.recipes.TablePipeline(model).preparation
        assert to_config(again) == to_config(made)
        assert again.x(table).tobytes() == made.x(table).tobytes()

    @pytest.mark.parametrize("kind", ["pandas", "polars"])
    def test_frames_of_other_libraries_give_the_same(self, kind: str) -> None:
        library = pytest.importorskip(kind, reason="a frame of its own")
        table = arrow.table(ROWS)
        frame = library.DataFrame(ROWS)
        if kind == "pandas":
            frame["built"] = library.to_datetime(frame["built"])
        made, other = Preparation.learn(table, "price"), Preparation.learn(frame, "price")
        assert to_config(other) == to_config(made)
        np.testing.assert_array_equal(made.x(frame), made.x(table))

    def test_what_training_never_saw_is_handled_and_said(self) -> None:
        rows = {"area": [1.0, 2.0, 3.0, 4.0], "c": ["x", "x", "y", "y"], "t": [1.0, 2.0, 3.0, 4.5]}
        made = Preparation.learn(arrow.table(rows), "t")
        new = arrow.table({"area": [None, 1e9], "c": ["z", None]})
        assert made.x(new).tolist() == [[0, 0, 0], [1e6, 0, 0]]
        assert made.notes(new) == [
            "column 'area': 1 missing, none in training; the median 2.5 is taken; 1 far outside "
            "the range of training, 1 to 4: 1e+09 (row 2)",
            "column 'c': 1 with a value not seen in training ('z'); 1 missing, none in training",
        ]
        assert made.notes(arrow.table(rows)) == []
        with pytest.raises(
            ValueError, match=r"no column 'area'\. Did you mean 'arae'\? .* with area"
        ):
            made.x(arrow.table({"arae": [1], "c": ["x"]}))
        cheap = arrow.table({"area": ["cheap", "2"], "c": ["x", "y"]})
        assert made.notes(cheap) == [
            "column 'area': 1 cell is no number, and is taken as missing: 'cheap' (row 1); 1 "
            "missing, none in training; the median 2.5 is taken"
        ]
        texts = made.x(arrow.table({"area": ["2", " "], "c": ["x", "y"]}))
        np.testing.assert_array_equal(
            texts, made.x(arrow.table({"area": [2, None], "c": ["x", "y"]}))
        )

    def test_many_categories_are_embedded_and_come_last(self) -> None:
        rng = np.random.default_rng(0)
        names = [f"n{i:02}" for i in range(40)]
        rows = {
            "who": [*names, *names, *names, "once"],
            "z": rng.normal(size=121),
            "t": rng.normal(size=121),
        }
        made = Preparation.learn(arrow.table(rows), "t")
        assert (made.features, made.embedded) == (["z", "who"], (41,))
        assert made.groups == {"z": [0], "who": [1]}
        x = made.x(arrow.table({"who": ["n00", "n39", "once", "never", None], "z": [0.0] * 5}))
        assert x[:, 1].tolist() == [1, 40, 0, 0, 0]
        hy.Embedding(made.embedded).build(2).forward(x)

    def test_columns_that_say_nothing_are_left_out(self) -> None:
        rng = np.random.default_rng(0)
        rows = {
            "id": rng.permutation(120)[:100],
            "name": [f"somebody {i}" for i in range(100)],
            "code": [f"A-{i:03}" for i in range(100)],
            "year": np.arange(1900, 2000),
            "zip": rng.integers(0, 5, 100) * 1000,
            "secret": rng.normal(size=100),
            "t": rng.integers(0, 2, 100),
        }
        made = Preparation.learn(
            arrow.table(rows), "t", categories=["zip"], ignore=["secret"], task="classification"
        )
        assert made.left_out == {
            "id": "a running number",
            "name": "free text: 100 different texts in 100 rows",
            "code": "identifiers: 100 different texts in 100 rows",
            "secret": "ignored",
        }
        assert made.features == ["year"] + [
            f"zip = {n}" for n in ("0", "1000", "2000", "3000", "4000")
        ]

    @pytest.mark.parametrize(
        ("target", "task", "known"),
        [
            (["b", "a", "b", "a"], "classification", ("a", "b")),
            ([True, False, True, False], "classification", ("false", "true")),
            ([10, 9, 10, 9], "classification", ("9", "10")),
            ([10.0, 9.0, 10.0, 9.0], "classification", ("9", "10")),
            ([1.5, 2.0, 3.0, 4.0], "regression", None),
        ],
    )
    def test_the_task_follows_from_the_target(self, target, task, known) -> None:
        made = Preparation.learn(arrow.table({"a": [1, 2, 4, 8], "t": target}), "t")
        assert made.target.task == task
        if known:
            assert made.target.known == known
            assert [known[k] for k in made.y(arrow.table({"t": target}))] == [
                {True: "true", False: "false"}.get(v, str(v).removesuffix(".0")) for v in target
            ]
            with pytest.raises(ValueError, match="has the class 'new', which the model does not"):
                made.y(arrow.table({"t": ["new"]}))

    def test_rows_without_a_target_are_not_learned_from(self) -> None:
        rows = {"a": [1, 2, 4, 800], "t": [1.5, 2.5, 3.0, None]}
        assert len(hy.tables.known_rows(arrow.table(rows), "t")) == 3
        assert Preparation.learn(arrow.table(rows), "t").columns[0].center == 2
        with pytest.raises(ValueError, match="'t' is missing in every row"):
            Preparation.learn(arrow.table({"a": [1, 2], "t": [None, float("nan")]}), "t")

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"target": "pric"}, r"no column 'pric'\. Did you mean 'price'\? The columns are size"),
            ({"target": "price", "ignore": ["sise"]}, "Did you mean 'size'"),
            ({"target": "price", "categories": ["x"]}, "no column 'x'"),
            ({"target": "price", "task": "clustering"}, "task must be one of auto, classif"),
            (
                {"target": "city", "task": "regression"},
                "'city' has no numbers, but texts such as 'Bonn'",
            ),
            ({"target": "same"}, "'same' has one value only, '7'"),
            ({"target": "price", "ignore": ["size", "city", "built", "lift"]}, "no column is left"),
        ],
    )
    def test_what_is_refused(self, arguments, message) -> None:
        with pytest.raises(ValueError, match=message):
            Preparation.learn(arrow.table(ROWS), **arguments)

    def test_targets_that_are_no_classes_are_refused(self) -> None:
        rows = {"a": list(range(0, 60, 2)), "t": [f"text {i}" for i in range(30)]}
        with pytest.raises(
            ValueError, match="30 different values in 30 rows, such as 'text 0', which are"
        ):
            Preparation.learn(arrow.table(rows), "t")

    def test_what_is_no_frame_is_refused(self) -> None:
        with pytest.raises(ValueError, match="a data frame of pandas, polars or pyarrow, got list"):
            Preparation.learn([[1, 2]], "t")

    @pytest.mark.parametrize(
        "change",
        [
            lambda table: table.update(type="Dense", units=3),
            lambda table: table.update(columns=[]),
            lambda table: table.update(columns=[{"type": "Number", "name": "a"}]),
            lambda table: table["columns"][0].update(scale=0),
            lambda table: table["columns"][0].update(name=3),
            lambda table: table["columns"].append(table["columns"][0]),
            lambda table: table.update(target="price"),
            lambda table: table.update(columns=[table["target"]]),
            lambda table: table["columns"].pop(),
        ],
    )
    def test_a_forged_description_is_refused(self, change) -> None:
        rows = {"a": [1, 2, 4, 8], "b": [1.5, 2, 4, 8], "t": [1.5, 2.0, 3.0, 4.0]}
        model = hy.Sequential([hy.Dense(1)])
        model.build(2)
        hy.recipes.TablePipeline(model, Preparation.learn(arrow.table(rows), "t"))
        change(model.metadata["table"])
        with pytest.raises(FileFormatError):
            hy.recipes.TablePipeline(model)

    def test_a_model_of_other_data_says_so(self) -> None:
        model = hy.Sequential([hy.Dense(1)])
        model.metadata["data"] = "mnist"
        with pytest.raises(ValueError, match="not trained on a table, but on mnist"):
            hy.recipes.TablePipeline(model)


TOWNS = [["city", "suburb", "village"][i % 3] for i in range(60)]
ZIPS = [["01067", "10115", "80331"][i % 3] for i in range(60)]
RNG = np.random.default_rng(0)
AREAS = RNG.uniform(40, 160, 60).round(1)
DAYS = [dt.date(2024, 1, 1) + dt.timedelta(int(d)) for d in RNG.integers(0, 900, 60)]


def german(**changes: list[str]) -> hy.tables.Table:
    """A table as a German program writes it."""
    columns = {
        "area": [f"{a:.1f}".replace(".", ",") for a in AREAS],
        "rent": [f"{100 * a:,.2f} EUR".translate(str.maketrans(".,", ",.")) for a in AREAS],
        "town": TOWNS,
        "zip": ZIPS,
        "built": [f"{d:%d.%m.%Y}" for d in DAYS],
        "lift": [["ja", "nein"][i % 2] for i in range(60)],
        "price": [f"{1000 * a:,.0f}".replace(",", ".") for a in AREAS],
    }
    return hy.tables.Table(columns | changes, delimiter=";")


class TestReading:
    """How a column is written is learned once, and a row means the same wherever it comes from."""

    def test_formats_are_learned_and_kept(self) -> None:
        made = Preparation.learn(german(), "price")
        assert [column.kind for column in made.columns] == [
            "number", "number", "category", "category", "date", "truth"
        ]  # fmt: skip
        np.testing.assert_allclose(made.y(german()), (1000 * AREAS).round())
        assert made.target.task == "regression"
        config = json.loads(json.dumps(to_config(made)))
        again = from_config(config, {**REGISTRY, "Preparation": Preparation})
        assert again.x(german()).tobytes() == made.x(german()).tobytes()

    @pytest.mark.parametrize("kind", ["pandas", "polars", "text"])
    def test_a_row_is_the_same_from_everywhere(self, kind: str) -> None:
        made = Preparation.learn(german(), "price")
        x = made.x(german())
        columns = {
            "area": AREAS.tolist(),
            "rent": (100 * AREAS).round(2).tolist(),
            "town": TOWNS,
            "zip": [int(z) for z in ZIPS],  # as a reader makes it of 01067
            "built": DAYS,
            "lift": [i % 2 == 0 for i in range(60)],
        }
        if kind == "text":
            columns = {name: list(map(str, cells)) for name, cells in columns.items()}
            columns |= {"area": german()["area"].tolist(), "rent": german()["rent"].tolist()}
            columns["lift"] = ["JA " if i % 2 == 0 else " nein" for i in range(60)]
            frame = hy.tables.Table(columns)
        else:
            frame = pytest.importorskip(kind, reason="a frame of its own").DataFrame(columns)
        np.testing.assert_allclose(made.x(frame), x, atol=1e-6)
        assert made.notes(frame) == []

    def test_a_row_is_the_same_alone(self) -> None:
        kinds = ["007", "1.10", "1e5", "A12"] * 10
        rows = {"kind": kinds, "a": [f"{n / 8}" for n in range(40)], "y": ["01", "1A"] * 20}
        made = Preparation.learn(hy.tables.Table(rows), "y")
        together = made.x(hy.tables.Table(rows))
        for row in range(4):
            alone = hy.tables.Table({name: cells[row : row + 1] for name, cells in rows.items()})
            assert made.x(alone).tobytes() == together[row : row + 1].tobytes()
            assert made.y(alone).tolist() == [row % 2]

    def test_cells_of_another_kind_are_gaps_with_their_rows(self) -> None:
        made = Preparation.learn(german(), "price")
        new = german(area=["12,5", "n.a.", *["1"] * 58], built=["unknown", *["2030-01-01"] * 59])
        notes = "\n".join(made.notes(new))
        assert "column 'area': 1 missing, none in training" in notes
        assert "1 cell is no date, and is taken as missing: 'unknown' (row 1)" in notes
        assert "59 after the last of training" in notes
        assert "2030-01-01 (row 2)" in notes
        assert np.isfinite(made.x(new)).all()

    def test_what_is_said_of_the_rows_of_training(self) -> None:
        prices = ["Total", "", *german()["price"][2:]]
        made = Preparation.learn(german(price=prices, area=["?", *german()["area"][1:]]), "price")
        assert made.remarks == (
            "2 of 60 rows have no usable 'price', and are left out",
            "'price': 58 of 59 are numbers; 'Total' (row 1) is taken as missing",
        )
        head, *rows = made.describe()
        assert head == ("column", "kind", "example", "gaps", "not read", "becomes")
        about = {name: rest for name, *rest in rows}
        assert about["price"] == ["number, as 1.234,5", prices[2], "1", "1", "the target"]
        assert about["area"][2:] == ["1", "", "1 input"]
        assert about["town"] == ["category", "city", "", "", "3 inputs"]
        assert about["built"][0] == "date, day first"

    def test_options(self) -> None:
        made = Preparation.learn(
            german(), "price", types={"zip": "number", "built": "ignore", "town": "text"},
            na_values=["ja"],
        )  # fmt: skip
        assert made.left_out["built"] == "ignored"
        assert made.left_out["town"] == "free text"
        assert made.features[2] == "zip"
        with pytest.raises(ValueError, match="no column 'zipp'"):
            Preparation.learn(german(), "price", types={"zipp": "number"})

    def test_other_rows_of_the_same_table(self) -> None:
        whole = Preparation.learn(german(), "price")
        some = whole.refit(german().take(np.arange(7)))
        assert some.left_out == whole.left_out
        assert [c.name for c in some.columns] == [c.name for c in whole.columns]
        assert some.columns[0].center == np.median(AREAS[:7])
        assert some.target.mean == pytest.approx(1000 * AREAS[:7].mean())
        assert some.x(german()).shape == (60, len(some.features))


class TestWildNumbers:
    def test_one_wild_number_does_not_ruin_a_column(self) -> None:
        found = np.r_[np.arange(50.0), 1e300]
        made = Number.learn("a", found)
        x = made.scaled(found)[:, 0]
        assert np.abs(x[:50]).max() < 2
        assert x[50] == 1e6
        assert "1e+300" not in made.unknown(np.arange(3.0), np.arange(3))
        mostly_zero = np.r_[np.zeros(80), np.arange(1.0, 20), 1e300, -1e300]
        assert np.abs(Number.learn("a", mostly_zero).scaled(mostly_zero)[90]) > 0.1
        assert np.isfinite(Number.learn("a", np.array([1.7e308, -1.7e308] * 3)).scale)

    @pytest.mark.parametrize("far", [1.7e9, -2.4e6])
    def test_a_target_far_from_zero_keeps_its_digits(self, far: float) -> None:
        y = far + np.arange(40) % 7 + 0.25
        made = Preparation.learn(hy.tables.Table({"a": np.arange(40.0) % 9, "y": y}), "y")
        assert made.target.offset == pytest.approx(y.mean())
        network = ((y - made.target.mean) / made.target.scale).astype(np.float32)
        answers = (network * np.float32(made.target.scale)).astype(np.float32)
        back = made.target.restore(answers + np.float32(made.target.mean - made.target.offset))
        np.testing.assert_allclose(back, y, atol=1e-4)
        np.testing.assert_allclose(made.target.digits(back), y, atol=1e-4)

    def test_a_target_beyond_all_measure_is_left_out_and_said(self) -> None:
        y = np.r_[np.arange(40) / 8, 1e300]
        made = Preparation.learn(hy.tables.Table({"a": np.arange(41.0) % 9, "y": y}), "y")
        assert made.remarks == (
            "1 row has no usable 'y', and is left out",
            "'y': 1e+300 (row 41) is beyond all others",
        )
        assert made.target.high == y[39]


class TestTargets:
    @pytest.mark.parametrize(
        ("target", "message"),
        [
            (["x"] * 30, "has one value only, 'x'"),
            (["x"] * 29 + ["y"], "has the class 'y' in one row only, besides 'x'"),
            ([f"t{n}" for n in range(30)], "30 different values in 30 rows"),
            (
                [str(n) for n in range(1001, 1031)],
                "is a running number, which nothing in a row can",
            ),
            (["2024-01-01", "2024-01-02"] * 15, "has dates, such as '2024-01-01'"),
            ([""] * 30, "is missing in every row"),
        ],
    )
    def test_from_which_nothing_can_be_learned(self, target: list[str], message: str) -> None:
        rows = hy.tables.Table({"a": np.arange(30.0) % 7, "t": target})
        with pytest.raises(ValueError, match=message):
            Preparation.learn(rows, "t")

    def test_a_running_number_where_the_user_wants_it(self) -> None:
        rows = hy.tables.Table({"a": np.arange(30.0) % 7, "t": np.arange(30)})
        assert Preparation.learn(rows, "t", task="regression").target.task == "regression"

    def test_an_unknown_class_of_any_kind_is_named(self) -> None:
        for known in (["yes", "no"], ["1", "2"], ["+", "-"]):
            rows = hy.tables.Table({"a": np.arange(30.0) % 7, "t": known * 15})
            made = Preparation.learn(rows, "t")
            assert set(made.target.known) == set(known)
            with pytest.raises(ValueError, match="has the class 'perhaps', which the model does"):
                made.y(hy.tables.Table({"t": ["perhaps"]}))


def test_an_embedded_columns_other_is_trained() -> None:
    names = [f"n{n:02}" for n in range(20)] * 5
    rows = hy.tables.Table({"who": names, "t": np.arange(100) / 7})
    made = Preparation.learn(rows, "t")
    assert made.schema == ((), (), ((0, 21),))
    x = made.x(rows)
    masked = made.mask_unknown(x, seed=1)
    assert (x.min(), np.count_nonzero(masked == 0)) == (1, 2)
    np.testing.assert_array_equal(masked, made.mask_unknown(x, seed=1))
    new = hy.tables.Table({"who": ["n05", "never", None]})
    assert made.x(new)[1:, 0].tolist() == [0, 0]
    said = (
        "column 'who': 1 with a value not seen in training ('never'); 1 missing, none in training"
    )
    assert made.notes(new) == [said]


@pytest.mark.parametrize("form", ["config", "older"])
def test_descriptions_of_former_versions_do_what_they_did(form: str) -> None:
    path = Path(__file__).parents[2] / "recorded/tables.json"
    recorded = json.loads(path.read_text(encoding="utf-8"))
    registry = {**REGISTRY, "Preparation": Preparation}
    made = from_config(upgraded(recorded[form]), registry)
    texts = {
        name: ["" if cell is None else str(cell) for cell in cells]
        for name, cells in recorded["rows"].items()
    }
    rows = hy.tables.Table(texts)
    assert made.features == recorded["features"]
    np.testing.assert_array_equal(made.x(rows), np.array(recorded["x"], np.float32))
    known = rows.take(np.arange(len(recorded["y"])))
    np.testing.assert_array_equal(made.y(known), recorded["y"])
    assert from_config(recorded["classes"], REGISTRY).known == ("Aachen", "Bonn", "Köln", "Ulm")
    comma = made.columns[0].format.read(np.array(["1,5", "1.5"], object))
    assert comma.tolist() == [1.5, 1.5]


def test_thousands_of_columns_take_a_second_or_two() -> None:
    texts = {f"f{i}": [f"{n * i % 97 / 8}" for n in range(50)] for i in range(1, 1001)}
    rows = hy.tables.Table({**texts, "y": [f"{n / 7:.3f}" for n in range(50)]})
    made = Preparation.learn(rows, "y")
    assert made.x(rows).shape[0] == 50
    assert made.notes(rows) == []


def test_texts_of_digits_beside_numbers_are_codes_in_a_frame() -> None:
    shops, price = [f"{n % 4}" for n in range(40)], [float(n % 4) for n in range(40)]
    area = [n / 8 for n in range(40)]
    frame = arrow.table({"shop": shops, "area": area, "price": price})
    made = Preparation.learn(frame, "price", task="regression")
    assert made.features == ["area", "shop = 0", "shop = 1", "shop = 2", "shop = 3"]
    texts = arrow.table({"shop": shops, "area": [str(a) for a in area], "price": shops})
    assert Preparation.learn(texts, "price", task="regression").features == ["shop", "area"]
    target = arrow.table({"shop": shops, "area": area})  # codes, but it is what is asked for
    assert Preparation.learn(target, "shop", task="regression").target.high == 3


@pytest.mark.parametrize("wild", [999.0, 999_999.0, 1e200])
def test_a_sentinel_does_not_make_the_range(wild: float) -> None:
    column = np.array([0.0] * 80 + [1.0] * 20 + [wild] * 2)
    made = Preparation.learn(
        hy.tables.Table({"a": column, "y": np.arange(102.0)}), "y", task="regression"
    )
    x = made.x(hy.tables.Table({"a": np.array([0.0, 1.0])}))
    assert x[1, 0] - x[0, 0] >= 1


class TestWhatIsRefusedOfTheTarget:
    def test_a_target_among_the_ignored(self) -> None:
        with pytest.raises(ValueError, match=r"the target 'price' cannot be left out"):
            Preparation.learn(arrow.table(ROWS), "price", ignore=["price"])

    def test_options_by_which_no_cell_of_it_can_be_read(self) -> None:
        prices = [f"1.{n},50" for n in range(100, 130)]
        table = hy.tables.Table({"a": [f"{n % 7}" for n in range(30)], "price": prices})
        assert Preparation.learn(table, "price").y(table)[0] == 1100.5
        with pytest.raises(ValueError, match=r"no cell of the target 'price' is a num.*--decimal"):
            Preparation.learn(table, "price", decimal=".")


def test_a_column_of_lists_can_be_ignored() -> None:
    table = arrow.table({**ROWS, "lists": [[1], [2], [3], [4]]})
    made = Preparation.learn(table, "price", ignore=["lists"])
    assert made.left_out["lists"] == "ignored"
    assert made.x(table).shape == (4, len(made.features))
    with pytest.raises(ValueError, match="column 'lists' holds lists"):
        Preparation.learn(table, "price")
