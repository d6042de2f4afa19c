"""From raw data to answers: a trained model together with what prepares its inputs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hyalite import checks, loading
from hyalite.data import tables
from hyalite.data.datasets import read_image
from hyalite.files.model_file import Reader
from hyalite.model import Sequential
from hyalite.parameters import Array
from hyalite.plots.reading import answers
from hyalite.recipes.images import picture_shape, prepare_for
from hyalite.recipes.labelled import labelled
from hyalite.recipes.metadata import (
    TABLE_KEY,
    class_names,
    preparation_of,
    store_preparation,
    target_offset,
)
from hyalite.recipes.tabular import storage
from hyalite.recipes.tabular.ensemble import TabularModel


class Pipeline:
    """A model that takes arrays, and answers with the names of classes or with numbers.

    Args:
        model: built, and mostly trained.

    Attributes:
        model: itself.
        classes: names in the order of the model's outputs; none where it predicts numbers.

    Examples:
        >>> model = hy.Sequential([hy.Softmax()])
        >>> model.build(2)
        >>> model.metadata["classes"] = ["cat", "dog"]
        >>> pipeline = hy.recipes.Pipeline(model)
        >>> pipeline.predict([[0.0, 1.0], [2.0, 1.0]]).tolist()
        ['dog', 'cat']
    """

    def __init__(self, model: Sequential) -> None:
        _ = model.network.ready
        self.model = model
        numbers = model.compiled and model.loss.kind == "regression"
        self.classes: tuple[str, ...] = () if numbers else tuple(class_names(model))

    def inputs(self, data: Any) -> Array:
        """Raw data as the model takes them, (n, *input_shape).

        Raises:
            ValueError: data that are not of the model's kind.
        """
        return checks.inputs(data, self.model.network.input_shape, "data")

    def predict(self, data: Any) -> Array:
        """The name of the likeliest class for each sample, (n,), or its number or numbers."""
        if self.classes:
            _, labels = answers(self.model, self.inputs(data))
            return np.array(self.classes)[labels]
        y = self.model.predict(self.inputs(data)).astype(np.float64) + target_offset(self.model)
        return y[:, 0] if y.shape[1:] == (1,) else y

    def predict_proba(self, data: Any) -> Array:
        """The probability of each class, (n, classes), in the order of `classes`.

        Raises:
            ValueError: the model predicts numbers, or gives a sample several classes.
        """
        return answers(self.model, self.inputs(data))[0]

    def evaluate(self, data: Any, *, encoding: str = "utf-8") -> dict[str, Any]:
        """Loss and metrics on data that have the targets.

        Args:
            data: the name of a data set, whose test part is taken; a folder of images; a data
                frame or the file of a table.
            encoding: of a table's texts.

        Raises:
            ValueError: data that are not of the model's kind.
        """
        x, y, _ = labelled(self.model, data, encoding=encoding)
        return self.model.evaluate(x, y - offset if (offset := target_offset(self.model)) else y)

    def save(self, path: str | Path) -> None:
        """Write the model and what prepares its inputs to one file, which `load` reads.

        Raises:
            OSError: it cannot be written; an older file at `path` is then untouched.
        """
        self.model.save(path)


class ImagePipeline(Pipeline):
    """A model for pictures: files, or raw ones as arrays.

    Args:
        model: it takes pictures.

    Attributes:
        shape: (height, width[, 3]) of the pictures that it takes.

    Raises:
        ValueError: the model takes no pictures.

    Examples:
        >>> model = hy.Sequential([hy.Flatten(), hy.Rescaling(1 / 255), hy.Dense(2, "softmax")])
        >>> model.build((8, 8), seed=0)
        >>> pipeline = hy.recipes.ImagePipeline(model)
        >>> pipeline.predict_proba(np.zeros((3, 8, 8), np.uint8)).tolist()
        [[0.5, 0.5], [0.5, 0.5], [0.5, 0.5]]
    """

    def __init__(self, model: Sequential) -> None:
        super().__init__(model)
        self.shape = picture_shape(model)

    def inputs(self, data: Any) -> Array:
        """Raw pictures as the model takes them.

        Args:
            data: uint8 (n, height, width[, 3]), the path of a picture, or a list of paths; files
                are resized and converted as the model needs them.

        Raises:
            ValueError: pictures of another shape, or no uint8.
            OSError: a file that cannot be read.
            MissingExtra: Pillow is needed and not installed.
        """
        paths = [data] if isinstance(data, str | Path) else data
        if isinstance(paths, Sequence) and all(isinstance(path, str | Path) for path in paths):
            pictures = np.array([self.read(path) for path in paths], np.uint8)
        else:
            pictures = np.asarray(data)
        if pictures.dtype != np.uint8 or pictures.shape[1:] != self.shape:
            sides = ", ".join(map(str, self.shape))
            raise ValueError(
                f"data must be raw pictures, uint8 of shape (n, {sides}), got "
                f"{pictures.dtype} {pictures.shape}; give the files' paths to have them resized"
            )
        return prepare_for(self.model, pictures)

    def read(self, path: str | Path) -> Array:
        """A picture from a file, converted and resized as the model needs it, raw."""
        color: Any = "gray" if len(self.shape) == 2 else "rgb"
        return read_image(path, size=(self.shape[0], self.shape[1]), color=color)


class TablePipeline(Pipeline):
    """A model for the rows of a table, raw.

    Args:
        model: built for the preparation's features.
        preparation: of its columns, which goes into the model's metadata, and so into its file;
            None takes the one that is there.

    Raises:
        ValueError: no preparation is there, or it has other features than the model takes.
        FileFormatError: what is there is no preparation.

    Examples:
        >>> import pyarrow
        >>> table = pyarrow.table({"rooms": [1, 3, 1], "price": [1.5, 4.0, 2.0]})
        >>> preparation = hy.tables.Preparation.learn(table, "price")
        >>> model = hy.Sequential([hy.Dense(1)])
        >>> model.compile("mse")
        >>> model.build(len(preparation.features), seed=0)
        >>> hy.recipes.TablePipeline(model, preparation).save("houses.safetensors")
        >>> again = hy.recipes.load("houses.safetensors")
        >>> again.preparation.features, again.predict(table).shape
        (['rooms'], (3,))
    """

    def __init__(self, model: Sequential, preparation: tables.Preparation | None = None) -> None:
        if preparation is not None:
            _ = model.network.ready
            store_preparation(model, preparation)
        self.preparation = preparation_of(model) if preparation is None else preparation
        super().__init__(model)

    def inputs(self, data: Any) -> Array:
        """Rows as the model takes them.

        Args:
            data: a data frame of pandas, polars or pyarrow, or the path of a table's file. The
                target may be missing.

        Raises:
            ValueError: a column is missing, or holds another kind of values than in training.
        """
        return self.preparation.x(self.read(data) if isinstance(data, str | Path) else data)

    def read(self, path: str | Path, *, encoding: str = "utf-8") -> Any:
        """The rows of a file."""
        return tables.read(path, encoding=encoding)


RowModel = TablePipeline | TabularModel  # what answers for the raw rows of a table


def pipeline_of(model: Sequential) -> Pipeline:
    """The pipeline for the kind of data that the model's metadata names."""
    if TABLE_KEY in model.metadata:
        return TablePipeline(model)
    if model.metadata.get("kind") == "images":
        return ImagePipeline(model)
    return Pipeline(model)


def load(path: str | Path) -> Pipeline | TabularModel:
    """A model that was trained here or by `hyalite train`, with what prepares its inputs.

    That of a table is a `TabularModel`, or where it is one network a `TablePipeline`.

    Args:
        path: of the file; `hy.load` gives the model alone.

    Raises:
        FileFormatError: damaged, of another kind, or naming a part that is not known.
        OSError: no such file.

    Examples:
        >>> hy.recipes.fit_dataset("spiral", epochs=2, verbose=0).save("spiral.safetensors")
        >>> pipeline = hy.recipes.load("spiral.safetensors")
        >>> pipeline.classes, pipeline.predict([[0.0, 0.5]]).shape
        (('0', '1', '2'), (1,))
    """
    reader = Reader(path)
    return (
        storage.read(reader)
        if loading.MIXTURE_KEY in reader.settings
        else pipeline_of(loading.load(path))
    )


def load_mixture(path: str | Path) -> TabularModel:
    """`load`, of several networks for a table.

    Raises:
        ValueError: it holds something else.
        FileFormatError: as `load`.
        OSError: no such file.
    """
    found = load(path)
    if not isinstance(found, TabularModel):
        raise ValueError(f"{path} holds one network, not several for a table")
    return found


def load_rows(path: str | Path) -> RowModel:
    """`load`, of a table's model.

    Raises:
        ValueError: it was not trained on a table.
        FileFormatError: as `load`.
        OSError: no such file.
    """
    found = load(path)
    return found if isinstance(found, TablePipeline | TabularModel) else TablePipeline(found.model)
