"""From data to a trained model: what `hyalite train` does, as functions."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Unpack, overload

from hyalite.data import tables
from hyalite.model import Sequential
from hyalite.recipes.dataset import VALIDATION_SHARE, Dataset
from hyalite.recipes.images import folder_dataset
from hyalite.recipes.named import named_dataset
from hyalite.recipes.packs import PackDataset, opened, pack_name, packed_target
from hyalite.recipes.pictures import recipe_for
from hyalite.recipes.pipelines import pipeline_of
from hyalite.recipes.recipe import Recipe, Settings
from hyalite.recipes.tables import TableDataset
from hyalite.recipes.tabular.effort import Options
from hyalite.recipes.tabular.fitting import TrainedTable
from hyalite.recipes.tabular.member import batch_size_for
from hyalite.recipes.tabular.packs import fit_pack, refuse_with_pack
from hyalite.recipes.tabular.table import fit_mixture
from hyalite.recipes.trained import Trained
from hyalite.training.callbacks import Callback
from hyalite.training.checkpoint import Checkpoint
from hyalite.workers import Group


def fit(
    recipe: Recipe,
    dataset: Dataset,
    model: Sequential | None = None,
    *,
    callbacks: Sequence[Callback] = (),
    checkpoint: Checkpoint | None = None,
    verbose: int | str = "auto",
    workers: Group | None = None,
) -> Trained:
    """Train a network on a dataset; the functions below first make that of what they are given.

    Args:
        recipe: the settings.
        dataset: what to train and what to test on.
        model: as ``recipe.model(dataset)`` makes it; None makes it.
        callbacks: objects like `EarlyStopping`.
        checkpoint: where and when to save the run, and whether to go on with it.
        verbose: 0 silent, 1 bar, 2 lines, "auto".
        workers: that train it together, see `Sequential.fit`.

    Raises:
        ValueError: a setting out of range, or not for such data.
        NonFiniteError: the loss became NaN or infinite.

    Examples:
        Arrays of your own:

        >>> train, test = hy.datasets.spiral(seed=0), hy.datasets.spiral(seed=1)
        >>> arms = hy.recipes.Dataset("arms", "points", *train, *test, ("red", "green", "blue"))
        >>> recipe = hy.recipes.Recipe(epochs=2)
        >>> trained = hy.recipes.fit(recipe, arms, verbose=0)
        >>> trained.predict([[0.0, 0.1]]).item() in arms.classes
        True
    """
    model = recipe.model(dataset) if model is None else model
    x, y = dataset.training_samples()
    _, y_test = dataset.training_targets()
    began = time.perf_counter()
    model.fit(
        x,
        y,
        epochs=recipe.epochs_for(dataset),
        batch_size=recipe.batch_size,
        validation_data=(dataset.x_test, y_test),
        seed=recipe.seed,
        callbacks=callbacks,
        checkpoint=checkpoint,
        verbose=verbose,
        workers=workers,
    )
    seconds = time.perf_counter() - began
    dataset.finish(model)
    return Trained(pipeline_of(model), dataset, recipe, seconds)


@overload
def fit_table(
    data: Any,
    target: str | None = ...,
    *,
    effort: str = ...,
    time_limit: float | None = ...,
    n_jobs: int | None = ...,
    groups: str | None = ...,
    class_weight: Mapping[str, float] | str | None = ...,
    task: str = ...,
    categories: Collection[str] = ...,
    ignore: Collection[str] = ...,
    types: Mapping[str, str] | None = ...,
    decimal: str | None = ...,
    thousands: str | None = ...,
    na_values: Sequence[str] = ...,
    encoding: str | None = ...,
    delimiter: str | None = ...,
    sheet: str | int | None = ...,
    verbose: int | str = ...,
    seed: int = ...,
    engine: str = ...,
) -> TrainedTable: ...


@overload
def fit_table(
    data: Any,
    target: str | None = ...,
    *,
    task: str = ...,
    categories: Collection[str] = ...,
    ignore: Collection[str] = ...,
    types: Mapping[str, str] | None = ...,
    decimal: str | None = ...,
    thousands: str | None = ...,
    na_values: Sequence[str] = ...,
    encoding: str | None = ...,
    delimiter: str | None = ...,
    sheet: str | int | None = ...,
    validation_split: float | None = ...,
    callbacks: Sequence[Callback] = ...,
    checkpoint: Checkpoint | None = ...,
    verbose: int | str = ...,
    **settings: Unpack[Settings],
) -> Trained: ...


def fit_table(
    data: Any,
    target: str | None = None,
    *,
    effort: str = "default",
    time_limit: float | None = None,
    n_jobs: int | None = None,
    groups: str | None = None,
    class_weight: Mapping[str, float] | str | None = None,
    task: str = "auto",
    categories: Collection[str] = (),
    ignore: Collection[str] = (),
    types: Mapping[str, str] | None = None,
    decimal: str | None = None,
    thousands: str | None = None,
    na_values: Sequence[str] = (),
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | int | None = None,
    validation_split: float | None = None,
    callbacks: Sequence[Callback] = (),
    checkpoint: Checkpoint | None = None,
    verbose: int | str = "auto",
    **settings: Unpack[Settings],
) -> TrainedTable | Trained:
    """Learn to predict one column of a table, as ``hyalite train DATA.csv --target``.

    Several networks and a linear model are trained and weighed by what they say of rows kept back;
    the result is a `TrainedTable`. With any setting of a network of your own (those of `Recipe`
    but seed and engine, a validation split, callbacks, a checkpoint) that one network is trained
    instead, on four fifths of the rows, and the result is a `Trained`.

    Args:
        data: the path of a file that `tables.read` reads, or a data frame of pandas, polars or
            pyarrow. Numbers, categories, dates and gaps are seen to. Or a pack (`tables.pack`), or
            its folder: tables larger than memory.
        target: the column to predict; rows without it are not used. A pack knows its own.
        effort: "quick", "default" or "best".
        time_limit: seconds, about, that training may take; None leaves it to `effort`.
        n_jobs: networks trained at a time; None or -1 for one a core. It changes no result.
        groups: a column whose equal values belong together, such as a person's number: rows of
            one group are not torn apart by the cuts.
        class_weight: what the rows of a class count, by its name, or "balanced".
        task: "classification", "regression", or "auto": classes where the target is texts,
            truths, or at most 20 different whole numbers.
        categories: columns of numbers that stand for categories, such as a postal code.
        ignore: columns to leave out.
        types: what columns are, where it is not seen, such as ``{"zip": "category"}``; see
            `tables.Preparation.learn`.
        decimal: the decimal sign of numbers in texts, where the rows do not decide it.
        thousands: the sign between their groups of three digits.
        na_values: texts that are gaps, beside the usual ones such as NA and n/a.
        encoding: of a file's texts, such as "gb18030"; None is UTF-8, or what its mark says.
        delimiter: between a file's cells; None finds it.
        sheet: of an Excel file, by name or place from 0; None is the first.
        validation_split: of one network, the share of the rows to set apart; a fifth by default.
        callbacks: of one network, objects like `EarlyStopping`.
        checkpoint: of one network, where and when to save the run, and whether to go on with it.
        verbose: 0 silent, 1 bar, 2 lines, "auto".
        settings: those of `Recipe`, such as ``epochs=50, layers=(128, 128)``.

    Raises:
        ValueError: no such column, a target that does not fit the task, a setting out of range, or
            an argument of the mixture with settings of one network.
        FileFormatError: no readable table.
        MissingExtra: pyarrow or narwhals is not installed.

    Examples:
        >>> import pyarrow
        >>> rooms = [1, 2, 3, 4, 5] * 8
        >>> table = pyarrow.table({"rooms": rooms, "price": [100.5 * n for n in rooms]})
        >>> trained = hy.recipes.fit_table(table, "price", effort="quick", verbose=0)
        >>> trained.predict(pyarrow.table({"rooms": [3]})).round(-1).tolist()
        [300.0]
        >>> one = hy.recipes.fit_table(table, "price", epochs=200, verbose=0)
        >>> list(one.report.figures)
        ['this network', 'ridge regression', 'always the mean']
    """
    name = "table"
    packed = opened(data)
    if packed is not None and target not in (None, packed_target(packed)):
        raise ValueError(f"{packed.folder} was packed to predict {packed_target(packed)!r}")
    if packed is None and target is None:
        raise ValueError("target must name the column to predict, got None")
    if packed is None and isinstance(data, str | Path):
        name = Path(data).stem
        data = tables.read(data, encoding=encoding, delimiter=delimiter, sheet=sheet)
    columns: Any = {
        "task": task,
        "categories": categories,
        "ignore": ignore,
        "types": types,
        "decimal": decimal,
        "thousands": thousands,
        "na_values": na_values,
    }
    if packed is not None:
        refuse_with_pack(
            **columns, groups=groups, validation_split=validation_split, encoding=encoding,
            delimiter=delimiter, sheet=sheet,
        )  # fmt: skip
    seed, engine = settings.get("seed", 0), settings.get("engine", "auto")
    own = validation_split is not None or callbacks or checkpoint is not None
    if set(settings) <= {"seed", "engine"} and not own:
        options = Options(
            effort=effort, time_limit=time_limit, n_jobs=n_jobs, seed=seed, engine=engine,
            say=_silent if verbose == 0 else print,
        )  # fmt: skip
        if packed is not None:
            name, trained = pack_name(packed.folder), fit_pack(packed, options, class_weight)
        else:
            trained = fit_mixture(
                data, str(target), options, **columns, groups=groups, class_weight=class_weight
            )
        trained.model.metadata |= {"data": name, "kind": "rows"}
        return trained
    _refuse_of_a_mixture(
        effort=None if effort == "default" else effort, time_limit=time_limit, n_jobs=n_jobs,
        groups=groups, class_weight=class_weight,
    )  # fmt: skip
    if packed is not None:
        settings.setdefault("batch_size", batch_size_for(len(packed)))
    recipe = Recipe(**settings)
    if packed is not None:
        dataset: Dataset = PackDataset.of(packed)
        return fit(recipe, dataset, callbacks=callbacks, checkpoint=checkpoint, verbose=verbose)
    share = VALIDATION_SHARE if validation_split is None else validation_split
    dataset = TableDataset.split(
        data, str(target), name=name, **columns, validation_split=share, seed=recipe.seed
    )
    return fit(recipe, dataset, callbacks=callbacks, checkpoint=checkpoint, verbose=verbose)


def _refuse_of_a_mixture(**arguments: object) -> None:
    """Refuse what one network does not know, rather than train without it."""
    for name, value in arguments.items():
        if value is not None:
            raise ValueError(
                f"{name} is for a mixture of networks, not for one with settings of your own, got "
                f"{value!r}; leave away one or the other"
            )


def _silent(text: str) -> None:
    """What is said where nothing is to be."""


def fit_images(
    folder: str | Path,
    *,
    size: tuple[int, int] | None = None,
    color: str | None = None,
    network: str = "dense",
    validation_split: float = VALIDATION_SHARE,
    callbacks: Sequence[Callback] = (),
    checkpoint: Checkpoint | None = None,
    verbose: int | str = "auto",
    **settings: Unpack[Settings],
) -> Trained:
    """Train a network to tell pictures apart, as ``hyalite train FOLDER``.

    Args:
        folder: a sub-folder for each class; or `train` and `test` with such.
        size: (height, width) to resize to.
        color: "gray" or "rgb" to convert to.
        network: "dense", or "conv" for convolutions with settings that suit them, before which
            those that are given count.
        validation_split: share of each class to set apart, where there is no `test`.
        callbacks: objects like `EarlyStopping`.
        checkpoint: where and when to save the run, and whether to go on with it.
        verbose: 0 silent, 1 bar, 2 lines, "auto".
        settings: those of `Recipe`, such as ``epochs=50, augment=True``, or
            ``layers="conv32,pool,conv64,pool,128"``.

    Raises:
        ValueError: no images in sub-folders, unequal ones, or without a size large ones; a setting
            out of range.
        FileFormatError: a file is no picture.
        OSError: a file that cannot be read.
        MissingExtra: Pillow is not installed.

    Examples:
        >>> from pathlib import Path
        >>> from PIL import Image
        >>> for name, gray in (("dark", 20), ("light", 230)):
        ...     Path("pictures", name).mkdir(parents=True)
        ...     for n in range(10):
        ...         Image.new("L", (4, 4), gray + n).save(f"pictures/{name}/{n}.png")
        >>> trained = hy.recipes.fit_images("pictures", layers=(8,), verbose=0)
        >>> trained.predict("pictures/dark/0.png").tolist()
        ['dark']
    """
    recipe = recipe_for(network, settings)
    dataset = folder_dataset(
        folder,
        size=size,
        color=color,
        validation_split=validation_split,
        seed=recipe.seed,
        convolutions=recipe.convolutional,
    )
    return fit(recipe, dataset, callbacks=callbacks, checkpoint=checkpoint, verbose=verbose)


def fit_dataset(
    name: str,
    *,
    network: str = "dense",
    callbacks: Sequence[Callback] = (),
    checkpoint: Checkpoint | None = None,
    verbose: int | str = "auto",
    **settings: Unpack[Settings],
) -> Trained:
    """Train a network on known data, as ``hyalite train mnist``.

    Args:
        name: "mnist", "fashion-mnist", "spiral" or "sine".
        network: "dense", or of pictures "conv" for convolutions with settings that suit them,
            before which those that are given count.
        callbacks: objects like `EarlyStopping`.
        checkpoint: where and when to save the run, and whether to go on with it.
        verbose: 0 silent, 1 bar, 2 lines, "auto".
        settings: those of `Recipe`, such as ``epochs=50, layers=(128, 128)``.

    Raises:
        ValueError: no such name; a setting out of range.
        OSError: data that cannot be read or downloaded.
        MissingExtra: pooch is needed and not installed.

    Examples:
        >>> trained = hy.recipes.fit_dataset("sine", epochs=5, verbose=0)
        >>> print(trained.model)
        layer    kind         output   parameters
        ─────────────────────────────────────────
        dense_1  Dense, GELU  (n, 64)         128
        dense_2  Dense, GELU  (n, 64)       4,160
        dense_3  Dense        (n, 1)           65
        ─────────────────────────────────────────
        4,353 parameters (17.0 KiB, float32); samples (1,)
    """
    recipe = recipe_for(network, settings)
    dataset = named_dataset(name)
    return fit(recipe, dataset, callbacks=callbacks, checkpoint=checkpoint, verbose=verbose)
