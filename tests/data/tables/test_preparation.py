"""What is learned of a table's columns, and how rows become numbers."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pytest

import hyalite as hy
from hyalite.config import to_config
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
            "column 'area': 1 missing, none in training; the median 2.5 is taken; 1 far outside the "
            "range of training, 1 to 4: 1e+09 (row 2)",
            "column 'c': 1 with a value not seen in training ('z'); 1 missing, none in training",
        ]
        assert made.notes(arrow.table(rows)) == []
        with pytest.raises(
            ValueError, match=r"no column 'area'\. Did you mean 'arae'\? .* with area"
        ):
            made.x(arrow.table({"arae": [1], "c": ["x"]}))
        cheap = arrow.table({"area": ["cheap", "2"], "c": ["x", "y"]})
        assert made.notes(cheap) == [
            "column 'area': 1 cell is no number, and is taken as missing: 'cheap' (row 1); 1 missing, "
            "none in training; the median 2.5 is taken"
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
            ({"target": "city", "task": "regression"}, "'city' has no numbers, but texts such as 'Bonn'"),
            ({"target": "same"}, "'same' has one value only, '7'"),
            ({"target": "price", "ignore": ["size", "city", "built", "lift"]}, "no column is left"),
        ],
    )
    def test_what_is_refused(self, arguments, message) -> None:
        with pytest.raises(ValueError, match=message):
            Preparation.learn(arrow.table(ROWS), **arguments)

    def test_targets_that_are_no_classes_are_refused(self) -> None:
        rows = {"a": list(range(0, 60, 2)), "t": [f"text {i}" for i in range(30)]}
        with pytest.raises(ValueError, match="30 different values in 30 rows, such as 'text 0', which are"):
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
