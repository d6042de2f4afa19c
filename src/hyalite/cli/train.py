"""`hyalite train`: train a network on known data or a folder of images, and leave its files."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hyalite.cli.arguments import (
    ACTIVATIONS,
    KNOWN_DATA,
    NETWORKS,
    OPTIMIZERS,
    column_names,
    column_types,
    data_argument,
    image_size,
    is_pack,
    is_table,
    layer_words,
    positive_int,
    reading_options,
    reading_words,
    table_name,
    value_options,
)
from hyalite.cli.train_pack import open_pack, train_pack_mixture
from hyalite.cli.train_table import refuse_options_of_a_mixture, train_table, wants_own_network
from hyalite.cli.wording import echo, options_for_arguments, tell
from hyalite.cli.workers import CARRIERS, group_of
from hyalite.errors import MissingExtra

if TYPE_CHECKING:
    from hyalite.data.tables.reading import ReadOptions
    from hyalite.recipes import Dataset, Recipe
    from hyalite.workers import Group


@click.command(short_help="Train a network; leaves model, figures and pictures in a folder.")
@click.argument("data", callback=data_argument)
@click.option(
    "--network",
    type=click.Choice(NETWORKS),
    metavar="NAME",
    default="dense",
    help="dense, or conv for images, see above.",
)
@click.option(
    "--layers",
    callback=layer_words,
    metavar="LAYERS",
    help="The hidden ones, or none, see above.  [64,64]",
)
@click.option(
    "--activation",
    type=click.Choice(ACTIVATIONS),
    metavar="NAME",
    show_default="relu",
    help="Of the hidden layers, see above.",
)
@click.option(
    "--optimizer",
    type=click.Choice(OPTIMIZERS),
    metavar="NAME",
    help="How weights are moved, see above.  [adam]",
)
@click.option(
    "--learning-rate",
    type=float,
    metavar="RATE",
    help="The highest; warms up, falls to 0.  [adam's: 0.005]",
)
@click.option(
    "--epochs",
    type=int,
    callback=positive_int,
    metavar="N",
    help="Passes over the data.  [mnist: 5, more for less data]",
)
@click.option(
    "--batch-size",
    type=int,
    callback=positive_int,
    metavar="N",
    help="Samples a step.  [32]",
)
@click.option(
    "--dropout",
    type=float,
    metavar="SHARE",
    help="Share of the hidden units dropped.  [0]",
)
@click.option(
    "--augment",
    "augment",
    flag_value=True,
    type=bool,
    default=None,
    help="Shift and turn each image, anew in each epoch.",
)
@click.option(
    "--no-augment",
    "augment",
    flag_value=False,
    type=bool,
    default=None,
    help="Leave that out of --network conv.",
)
@click.option(
    "--l1",
    type=float,
    metavar="LAMBDA",
    help="Penalty λ·Σ|w| on the weights.  [0]",
)
@click.option(
    "--l2",
    type=float,
    metavar="LAMBDA",
    help="Penalty λ·Σw² on the weights.  [0; of a table 3/rows]",
)
@click.option(
    "--seed",
    type=int,
    metavar="N",
    default=0,
    help="The same seed gives the same model.",
)
@click.option(
    "--image-size",
    callback=image_size,
    metavar="HxW",
    help="Resize a folder's images, such as to 28x28.",
)
@click.option(
    "--color", type=click.Choice(["gray", "rgb"]), help="Convert a folder's images to this."
)
@click.option("--target", metavar="COLUMN", help="Of a table: what to predict.")
@click.option(
    "--task",
    "kind",
    type=click.Choice(["auto", "classification", "regression"]),
    metavar="KIND",
    default="auto",
    help="classification or regression.",
)
@click.option(
    "--categories",
    callback=column_names,
    metavar="COLUMNS",
    help="Numbers that stand for categories, as a,b.",
)
@click.option(
    "--ignore", callback=column_names, metavar="COLUMNS", help="Columns to leave out, as a,b."
)
@click.option(
    "--effort",
    type=click.Choice(["quick", "default", "best"]),
    default="default",
    metavar="NAME",
    help="Of a table: quick, default or best.",
)
@click.option(
    "--time-limit", type=float, metavar="SECONDS", help="Of a table: train for about so long."
)
@click.option(
    "--jobs",
    "n_jobs",
    type=int,
    callback=positive_int,
    metavar="N",
    help="Of a table: networks at a time.  [one a core]",
)
@click.option(
    "--groups", metavar="COLUMN", help="Of a table: rows that belong together, as a person's."
)
@click.option("--balanced", is_flag=True, help="Of a table: rare classes count as much.")
@click.option(
    "--type",
    "types",
    callback=column_types,
    multiple=True,
    metavar="COLUMN=KIND",
    help="What a column is, see above.",
)
@value_options
@reading_options
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    show_default="runs/NAME-OF-DATA",
    help="Where the files go.",
)
@click.option(
    "--checkpoint",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Save the run there as it goes, and at Ctrl-C.",
)
@click.option(
    "--save-every",
    metavar="TIME",
    default="epoch",
    help='Or "5 min", or "500 steps".',
)
@click.option("--resume", is_flag=True, help="Go on from the newest checkpoint.")
@click.option(
    "--workers",
    type=click.Choice(CARRIERS),
    metavar="NAME",
    help="mpi: share each batch with mpiexec's ranks.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print the result only.")
def train(workers: str | None, **options: Any) -> None:
    """Train a network on DATA and leave model, figures and pictures in a folder.

    \b
    DATA is one of
      mnist           handwritten digits; they come with hyalite
      fashion-mnist   clothes; downloaded once, 31 MB
      spiral          three spiral arms of points, to be told apart
      sine            one period of the sine, to be learned as a curve
      TABLE           a .csv, .tsv, .parquet, .json or .xlsx file; see --target.
                      Categories, dates and missing values are seen to; several networks
                      and a linear model are mixed. With an option of a single network,
                      such as --layers, that one is trained, on four fifths of the rows.
      PACK            a folder that hyalite pack wrote: a table larger than memory
      FOLDER          images, a sub-folder for each class. Where it holds train and test
                      instead, these are used; else a fifth of each class is set apart.

    \b
    LAYERS are hidden layers with commas between
      128             a dense layer of 128 units
      conv32          of images: 32 filters of 3 x 3 pixels; conv32x5 of 5 x 5, conv32s2
                      with strides of 2, conv32same with a border that keeps the size
      pool            the maximum of 2 x 2 pixels; pool3 of 3 x 3; s2 and same as of conv
      gap             the mean of each filter over the whole image

    With --network conv it is convolutions for images, with layers, dropout, augmentation, learning
    rate, batch size and epochs that suit them; an option that is given counts before these.

    \b
    activations   relu, leaky_relu, gelu (default for sine), selu, mish, silu or swish,
                  tanh, sigmoid, linear
    optimizers    adam, adamw, sgd, rmsprop, adagrad
    kinds         number, category, date (date-dmy, date-mdy, date-ymd), time, truth,
                  text, ignore; where what a column is cannot be seen

    \b
    Examples:
      hyalite train mnist
      hyalite train mnist --layers 128,128 --dropout 0.1 --output runs/wider
      hyalite train mnist --layers 128,128 --augment --epochs 20
      hyalite train mnist --network conv
      hyalite train mnist --layers conv16x5,pool,conv32,pool,64 --epochs 3
      hyalite train spiral --activation tanh --epochs 300
      hyalite train houses.csv --target price
      hyalite train pictures/ --image-size 28x28 --color gray
      hyalite train mnist --epochs 100 --checkpoint saved --resume
      mpiexec -n 4 hyalite train mnist --batch-size 1024 --workers mpi
    """  # noqa: D301  # \b: click, leave the lines as they are
    with group_of(workers, tell) as group:
        _train(group=group, **options)


def _train(
    group: Group | None,
    data: str,
    output: Path | None,
    quiet: bool,
    checkpoint: Path | None,
    save_every: str,
    resume: bool,
    image_size: tuple[int, int] | None,
    color: str | None,
    target: str | None,
    kind: str,
    categories: tuple[str, ...],
    ignore: tuple[str, ...],
    effort: str,
    time_limit: float | None,
    n_jobs: int | None,
    groups: str | None,
    balanced: bool,
    types: dict[str, str],
    decimal: str | None,
    thousands: str | None,
    na_values: tuple[str, ...],
    encoding: str | None,
    delimiter: str | None,
    sheet: str | None,
    network: str,
    **settings: Any,
) -> None:
    """The command, in one process of perhaps several."""
    from hyalite import recipes
    from hyalite.cli.artifacts import REPORT_FILE, draw, how_called, next_steps, other_network
    from hyalite.recipes.packs import pack_name
    from hyalite.recipes.pictures import recipe_for
    from hyalite.recipes.tabular.member import batch_size_for
    from hyalite.training.checkpoint import Checkpoint

    if resume and checkpoint is None:
        raise click.UsageError("--resume needs --checkpoint FOLDER, where the run was saved")
    saving = None
    if checkpoint is not None:
        saving = Checkpoint(checkpoint, save_every, resume=resume)
    given: Any = {name: value for name, value in settings.items() if value is not None}
    recipe = recipe_for(network, given)
    say = _silent if quiet else echo
    run = {
        "effort": effort,
        "time_limit": time_limit,
        "n_jobs": n_jobs,
        "seed": recipe.seed,
        "engine": recipe.engine,
    }
    columns = {
        "task": kind,
        "categories": categories,
        "ignore": ignore,
        "types": types,
        "decimal": decimal,
        "thousands": thousands,
        "na_values": na_values,
    }
    reading: ReadOptions = {"encoding": encoding, "delimiter": delimiter, "sheet": sheet}
    with options_for_arguments():
        if is_pack(data):
            said = {"image_size": image_size, "color": color, "groups": groups}
            packed = open_pack(data, target, said | columns | reading)
            if not wants_own_network():
                name = pack_name(Path(data))
                folder = _ready_folder(output or Path("runs") / name, name)
                weight = "balanced" if balanced else None
                train_pack_mixture(packed, name, folder, say, run, weight)
                return
            if "batch_size" not in given:
                recipe = recipe_for(network, given | {"batch_size": batch_size_for(len(packed))})
        if is_table(data) and not Path(data).is_dir() and not wants_own_network():
            frame, column = _read_table(data, image_size, color, target, reading)
            name = table_name(Path(data))
            folder = _ready_folder(output or Path("runs") / name, name)
            columns |= {"groups": groups, "class_weight": "balanced" if balanced else None}
            train_table(data, frame, column, folder, say, run, columns)
            return
        refuse_options_of_a_mixture(data)
        dataset = _load(data, image_size, color, target, columns, reading, recipe)
        folder = _ready_folder(output or Path("runs") / dataset.name, dataset.name)
        if (folder / f"{dataset.name}.safetensors").exists():
            echo(f"{folder} holds an earlier run, which this one will replace\n", err=True)
        model = recipe.model(dataset)
    say(f"{dataset.name}: {dataset.describe()}\n\n{model}\n\n{recipe.describe(dataset)}")
    say(f"val_... are figures of the {dataset.part} {dataset.noun}, which training never sees\n")

    trained = recipes.fit(
        recipe, dataset, model, checkpoint=saving, verbose=0 if quiet else "auto", workers=group
    )
    if group is not None and group.rank:
        return
    model_file = folder / f"{dataset.name}.safetensors"
    trained.save(model_file)
    trained.history.save(folder / "history.json")
    say(f"\nTrained in {trained.seconds:.1f} s.")
    echo(trained.result)
    report = trained.full_report(model_file) if dataset.kind == "rows" else None
    if report is not None:
        say(f"\n{trained.report}\n")
        echo(report.verdict)
        for warning in report.warnings:
            echo(f"Warning: {warning}", err=quiet)
        report.save(folder / REPORT_FILE)

    say(f"\nIn {folder}:")
    wide = max(20, len(model_file.name) + 2)
    say(f"  {model_file.name:<{wide}}the model: layers, weights, and what it was trained on")
    say(f"  {'history.json':<{wide}}the figures of every epoch")
    if report is not None:
        say(f"  {REPORT_FILE:<{wide}}all of this with figures and pictures, for a browser")
    try:
        for name, meaning in draw(trained, folder, report):
            say(f"  {name:<{wide}}{meaning}")
    except MissingExtra as error:
        echo(f"No pictures: {error}", err=quiet)
    say("\nTry next:")
    options = []
    if image_size is not None:
        options.append(f"--image-size {image_size[0]}x{image_size[1]}")
    if color is not None:
        options.append(f"--color {color}")
    if target is not None:
        options.append(f"--target {shlex.quote(target)}")
    called = how_called()
    verdict = None if report is None else report.verdict
    words = reading_words(encoding, delimiter, sheet)
    other = other_network(network, recipe, dataset)
    for line in next_steps(data, options, dataset.kind, folder, model_file, words, verdict, other):
        say(f"  {called}{line.removeprefix('hyalite')}")


def _load(
    data: str,
    size: Any,
    color: Any,
    target: str | None,
    columns: dict[str, Any],
    reading: ReadOptions,
    recipe: Recipe,
) -> Dataset:
    """The data; options that are not for their kind are refused.

    Raises:
        ValueError: such an option; a table without a target; or as for the functions called.
    """
    from hyalite.recipes.images import folder_dataset
    from hyalite.recipes.named import named_dataset
    from hyalite.recipes.packs import PackDataset
    from hyalite.recipes.tables import TableDataset

    path = Path(data)
    if is_pack(path):
        return PackDataset.of(open_pack(data, target, {}))
    known, table = data in KNOWN_DATA, is_table(data) and not path.is_dir()
    if not table and (target is not None or any(columns[key] for key in columns if key != "task")):
        raise ValueError(f"--target and what columns are is said of tables, not of {data}")
    if (known or table) and (size or color):
        raise ValueError(f"--image-size and --color are for folders of images, not for {data}")
    if known:
        return named_dataset(data)
    if not table:
        return folder_dataset(
            path,
            size=size,
            color=color,
            seed=recipe.seed,
            convolutions=recipe.convolutional,
        )
    frame, column = _read_table(data, size, color, target, reading)
    return TableDataset.split(frame, column, name=table_name(path), seed=recipe.seed, **columns)


def _read_table(
    data: str, size: Any, color: Any, target: str | None, reading: ReadOptions
) -> tuple[Any, str]:
    """The rows, and the column to predict.

    Raises:
        ValueError: an option for images, or no target.
    """
    from hyalite.data import tables
    from hyalite.data.tables.reading import remarks

    if size or color:
        raise ValueError(f"--image-size and --color are for folders of images, not for {data}")
    frame = tables.read(Path(data), **reading)
    for remark in remarks(frame):
        echo(f"Note: {remark}", err=True)
    if target is None:
        names = ", ".join(frame.column_names)
        raise ValueError(f"say what to predict, as --target COLUMN; the columns are {names}")
    return frame, target


def _silent(text: str) -> None:
    """What --quiet says."""


def _ready_folder(folder: Path, name: str) -> Path:
    """The output folder, made; it may hold an older run of the same data, but no other model.

    Raises:
        ValueError: it holds another model.
        OSError: it cannot be made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    others = sorted(
        file.name for file in folder.glob("*.safetensors") if file.name != f"{name}.safetensors"
    )
    if others:
        raise ValueError(f"{folder} holds another model, {others[0]}; choose another --output")
    return folder
