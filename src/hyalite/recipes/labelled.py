"""Data with its targets as a trained model takes them: to measure the model on."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple, Unpack

from hyalite.data import tables
from hyalite.data.tables.reading import ReadOptions, is_table
from hyalite.model import Sequential
from hyalite.parameters import Array
from hyalite.recipes.images import has_parts, picture_shape, prepare_for, read_folder, relabel
from hyalite.recipes.metadata import class_names, preparation_of
from hyalite.recipes.named import NAMES, named_dataset


class Labelled(NamedTuple):
    """Samples as the model takes them, their targets, and what they are in words."""

    x: Array
    y: Array
    what: str


def labelled(model: Sequential, data: Any, **options: Unpack[ReadOptions]) -> Labelled:
    """Samples and targets from data of any kind, prepared for the model.

    Args:
        model: trained.
        data: a data frame or the file of a table, of which all rows that have the target are
            taken; the name of a data set, of which the test part; or a folder of images, of which
            `test`, and all where there is no such part.
        options: how a table's file is read, as of `tables.read`.

    Raises:
        ValueError: data that are not of the model's kind.
        OSError: data that cannot be read.
        MissingExtra: a package that reads them is not installed.
    """
    if not isinstance(data, str | Path):
        return _of_frame(model, data, "rows")
    if str(data) in NAMES:
        dataset = named_dataset(str(data))
        x, y, names = dataset.x_test, dataset.y_test, dataset.classes
        what = f"{dataset.part} {dataset.noun} of {data}"
    elif is_table(data) and not Path(data).is_dir():
        return _of_frame(model, tables.read(data, **options), f"rows of {data}")
    else:
        path = Path(data)
        part = path / "test" if has_parts(path) else path
        shape = picture_shape(model)
        color: Any = "gray" if len(shape) == 2 else "rgb"
        x, y, classes = read_folder(part, shape[:2], color)
        names, what = tuple(classes), f"images in {part}"
    if x.dtype == "uint8":
        picture_shape(model)  # refuses a model that takes no pictures
        x = prepare_for(model, x)
    takes = model.network.input_shape
    if x.shape[1:] != takes:
        raise ValueError(
            f"{data} has samples of shape {x.shape[1:]}, the model takes {takes}; "
            "give data like those it was trained on, see print(model)"
        )
    if names:
        y = relabel(y, names, class_names(model), str(data))
    return Labelled(x, y, what)


def _of_frame(model: Sequential, frame: Any, what: str) -> Labelled:
    preparation = preparation_of(model)
    known = preparation.labelled(frame)
    return Labelled(preparation.x(known), preparation.y(known), what)
