"""Raw data in, answers out: models with what prepares their inputs, and their files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import hyalite as hy
from hyalite.errors import FileFormatError

recipes = hy.recipes


def digits(metadata: dict[str, object]) -> hy.Sequential:
    model = hy.Sequential([hy.Flatten(), hy.Rescaling(1 / 255), hy.Dense(2, "softmax")])
    model.build((8, 8), seed=0)
    model.metadata = metadata
    return model


def test_a_file_says_which_pipeline_it_is_for(here: Path) -> None:
    for metadata, kind in (
        ({}, recipes.Pipeline),
        ({"kind": "images", "classes": ["a", "b"]}, recipes.ImagePipeline),
    ):
        digits(metadata).save("model.safetensors")
        assert type(recipes.load("model.safetensors")) is kind


def test_pictures_come_as_arrays_or_files(pictures: Path) -> None:
    image = pytest.importorskip("PIL.Image", reason="needs the extra 'data'")
    pipeline = recipes.ImagePipeline(digits({"classes": ["flat", "tall"]}))
    path = pictures / "flat/00.png"
    raw = np.asarray(image.open(path))
    one = pipeline.predict_proba(path)
    assert one.shape == (1, 2)
    np.testing.assert_array_equal(pipeline.predict_proba(raw[None]), one)
    np.testing.assert_array_equal(pipeline.predict_proba([path, str(path)]), [one[0], one[0]])
    image.open(path).convert("RGB").save("colour.png")
    np.testing.assert_array_equal(pipeline.predict_proba("colour.png"), one)
    for bad in (raw, raw[None] / 255, np.zeros((2, 9, 8), np.uint8)):
        with pytest.raises(ValueError, match=r"raw pictures, uint8 of shape \(n, 8, 8\), got"):
            pipeline.predict(bad)


def test_a_model_that_takes_no_pictures_is_refused() -> None:
    model = hy.Sequential([hy.Dense(2)])
    model.build(3)
    with pytest.raises(ValueError, match=r"does not take pictures: its samples have shape \(3,\)"):
        recipes.ImagePipeline(model)


def test_numbers_are_given_as_numbers() -> None:
    model = hy.Sequential([hy.Dense(1)])
    model.compile("mse")
    model.build(1)
    model.set_weights([[[2.0]], [1.0]])
    pipeline = recipes.Pipeline(model)
    assert pipeline.classes == ()
    assert pipeline.predict([[3.0], [0.5]]).tolist() == [7.0, 2.0]
    wide = hy.Sequential([hy.Dense(2)])
    wide.compile("mse")
    wide.build(1, seed=0)
    assert recipes.Pipeline(wide).predict([[3.0]]).shape == (1, 2)
    with pytest.raises(ValueError, match="data must have shape"):
        pipeline.predict([[1.0, 2.0]])


def test_an_unbuilt_model_is_refused() -> None:
    with pytest.raises(ValueError, match="not built"):
        recipes.Pipeline(hy.Sequential([hy.Dense(1)]))


class TestTables:
    @pytest.fixture(autouse=True)
    def _extras(self) -> None:
        self.arrow = pytest.importorskip("pyarrow", reason="needs the extra 'tables'")
        pytest.importorskip("narwhals", reason="needs the extra 'tables'")
        self.rows = self.arrow.table({"a": [1, 2, 4, 8], "t": [1.5, 2.0, 3.0, 4.5]})
        self.preparation = hy.tables.Preparation.learn(self.rows, "t")

    def model(self, inputs: int = 1) -> hy.Sequential:
        model = hy.Sequential([hy.Dense(1)])
        model.compile("mse")
        model.build(inputs, seed=0)
        return model

    def test_the_file_keeps_the_preparation(self, here: Path) -> None:
        pipeline = recipes.TablePipeline(self.model(), self.preparation)
        pipeline.save("model.safetensors")
        again = recipes.load("model.safetensors")
        assert isinstance(again, recipes.TablePipeline)
        np.testing.assert_array_equal(again.predict(self.rows), pipeline.predict(self.rows))
        assert again.inputs(self.rows).tobytes() == self.preparation.x(self.rows).tobytes()
        assert again.evaluate(self.rows)["loss"] == pytest.approx(
            np.square(pipeline.predict(self.rows) - [1.5, 2, 3, 4.5]).mean(), rel=1e-5
        )

    def test_a_preparation_of_other_features_is_refused(self) -> None:
        model = self.model(2)
        with pytest.raises(ValueError, match=r"gives 1 features, the model takes .* shape \(2,\)"):
            recipes.TablePipeline(model, self.preparation)
        assert "table" not in model.metadata

    def test_a_file_with_the_old_names_of_its_parts_is_read(self) -> None:
        dates = [f"20{year}-01-0{day}" for year, day in ((20, 1), (21, 2), (22, 3), (23, 4))]
        rows = {"built": np.array(dates, "datetime64[s]"), "t": ["x", "y", "x", "y"]}
        preparation = hy.tables.Preparation.learn(self.arrow.table(rows), "t")
        model = self.model(len(preparation.features))
        recipes.TablePipeline(model, preparation)
        table = model.metadata["table"]
        assert (table["columns"][0]["type"], table["target"]["type"]) == ("DateTime", "ClassTarget")
        table["columns"][0]["type"], table["target"]["type"] = "Moment", "Classes"
        again = recipes.TablePipeline(model).preparation
        assert again.features == preparation.features

    def test_the_old_names_warn_and_work(self) -> None:
        model = self.model()
        with pytest.warns(DeprecationWarning, match=r"write hy\.recipes\.TablePipeline\(model, pr"):
            self.preparation.store(model)
        with pytest.warns(DeprecationWarning, match=r"write hy\.recipes\.TablePipeline\(model\)\."):
            found = hy.tables.of_model(model)
        assert found.features == self.preparation.features
        with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
            hy.tables.nonsense  # noqa: B018

    def test_a_forged_preparation_is_refused(self) -> None:
        model = self.model()
        model.metadata["table"] = {"type": "Number"}
        with pytest.raises(FileFormatError):
            recipes.TablePipeline(model)
