"""Settings as Python that gives the same bytes, and as a command where there is one for them."""

from __future__ import annotations

import inspect
import shlex
from collections.abc import Mapping
from typing import Any

from hyalite.config import Configurable
from hyalite.exact import is_exactly
from hyalite.files.notebook import as_notebook
from hyalite.initializers import INITIALIZERS, Initializer
from hyalite.layers import ACTIVATIONS, Activation
from hyalite.play.problems import Refused
from hyalite.play.run import Run
from hyalite.schedules import CosineDecay
from hyalite.training.snapshot import differences
from hyalite.translation import translated

LINE = 96


def python(run: Run, file: str = "model.safetensors") -> str:
    """A script that trains the same model to the same bytes.

    Args:
        run: of the settings; the script trains as many epochs as it has, or as many as were set.
        file: which the model is saved to.
    """
    return "\n".join(body for _, body in _cells(run, file)).rstrip("\n") + "\n"


def notebook(run: Run) -> str:
    """The same as a notebook with a sentence before each cell."""
    parts = []
    for words, body in _cells(run, "model.safetensors"):
        parts.append(f"# %% [markdown]\n# {translated(words)}\n")
        parts.append(f"# %%\n{body.strip(chr(10))}\n")
    return as_notebook("\n".join(parts))


def epochs_of(run: Run) -> int:
    """How many epochs the exported script trains."""
    return run.epoch or run.settings["epochs"] or 100


def _cells(run: Run, file: str) -> list[tuple[str, str]]:
    """Sentence and code of each part."""
    data, settings, model = run.data, run.settings, run.model
    layers = [f"    {part(layer)}," for layer in model.layers]
    dtype = "" if settings["dtype"] == "float32" else f', dtype="{settings["dtype"]}"'
    network = ["model = hy.Sequential([", *layers, f"]{dtype})"]
    if data.y is not run.built.y:  # one-hot rows, for a loss of numbers
        network = [*_one_hot(run), *network]
    engine = "" if settings["engine"] == "auto" else f', engine="{settings["engine"]}"'
    network.append(
        f"model.compile(\n    {_name(model.loss, 'loss')},\n    {part(model.optimizer)},\n"
        f"    metrics={run.built.metrics!r}{engine},\n)".replace("'", '"')
    )
    if run.start is not None:
        shape = data.x.shape[1:]
        network.append(f"model.build({shape!r}, seed={settings['seed']})")
        network.append('model.load_weights("dropped.safetensors")  # the file of the page')
    fit = ["history = model.fit(", "    x,", "    y,", *_fit_arguments(run), ")"]
    digest = "print(hashlib.sha256(model.theta.tobytes()).hexdigest())"
    end = [digest, f'model.save("{file}")']
    notes = _notes(run)
    uses_numpy = "np." in data.code + "\n".join(network)
    head = "import hashlib\n\n" + "import numpy as np\n\n" * uses_numpy + "import hyalite as hy\n"
    return [
        ("What is needed.", head),
        ("The data.", data.code + "\n"),
        ("The network, with loss and optimizer.", "\n".join(network) + "\n"),
        ("Training.", "\n".join([*notes, *fit]) + "\n"),
        ("The same bytes as on the page, as their digest shows.", "\n".join(end) + "\n"),
    ]


def _one_hot(run: Run) -> list[str]:
    """Labels as rows."""
    lines = [f"rows = np.eye({len(run.data.classes)}, dtype=np.float32)", "y = rows[y]"]
    if run.data.y_test is not None:
        lines.append("y_test = rows[y_test]")
    return [*lines, ""]


def _fit_arguments(run: Run) -> list[str]:
    settings, data = run.settings, run.data
    lines = [f"batch_size={settings['batch_size']}", f"epochs={epochs_of(run)}"]
    if data.x_test is not None:
        lines.append("validation_data=(x_test, y_test)")
    elif data.test_share:
        lines.append(f"validation_split={data.test_share!r}")
    if settings["class_weight"]:
        lines.append(f'class_weight="{settings["class_weight"]}"')
    if not settings["shuffle"]:
        lines.append("shuffle=False")
    lines.append(f"seed={settings['seed']}")
    if settings["stop"] and (run.stopped or not run.epoch):
        stop = settings["stop"]
        delta = f", min_delta={stop['min_delta']!r}" if stop["min_delta"] else ""
        lines.append(
            f'callbacks=[hy.EarlyStopping("{stop["monitor"]}", patience={stop["patience"]}{delta})]'
        )
    return [f"    {line}," for line in lines]


def _notes(run: Run) -> list[str]:
    """Comments where the page did something that a script does not."""
    notes = []
    if run.batch:
        notes.append(
            f"# the page has made {run.batch} more steps, of the {run.batches} of the next epoch"
        )
    if not run.reproducible and run.start is None:
        notes.append("# on the page settings or weights were changed in between: other bytes there")
    return notes


def part(value: Any) -> str:
    """A part of the library, or a value, as code.

    Examples:
        >>> from hyalite.play.code import part
        >>> part(hy.Dense(8, "relu", l2=0.001, initializer="he_normal"))
        'hy.Dense(8, activation="relu", initializer="he_normal", l2=0.001)'
    """
    if not isinstance(value, Configurable):
        if isinstance(value, list):
            return f"[{', '.join(map(part, value))}]"
        return f'"{value}"' if isinstance(value, str) else repr(value)
    kind = type(value)
    defaults = inspect.signature(kind).parameters
    given: list[str] = []
    for name, setting in value.get_config().items():
        default = defaults[name].default
        text = _name(setting, "activation" if name == "activation" else "initializer")
        if default is inspect.Parameter.empty:
            given.append(text if not given else f"{name}={text}")
        elif text != part(default) and repr(setting) != repr(default):
            given.append(f"{name}={text}")
    where = "hy.initializers." if isinstance(value, Initializer) else "hy."
    return f"{where}{kind.__name__}({', '.join(given)})"


def _name(value: Any, group: str) -> str:
    """The short name of a part that is as its name alone makes it, else code."""
    if isinstance(value, Activation | Initializer):
        table: Mapping[str, type] = ACTIVATIONS if isinstance(value, Activation) else INITIALIZERS
        name = next((name for name, kind in table.items() if kind is type(value)), None)
        if name is not None and repr(value) == f"{type(value).__name__}()":
            return f'"{name}"'
    return part(value)


def command(run: Run) -> str:
    """The command that trains the same model.

    Raises:
        Refused: there is none, with the reason.
    """
    from hyalite.recipes.named import named_dataset
    from hyalite.recipes.recipe import Recipe

    data = run.data
    if not data.command:
        raise Refused("`hyalite train` has no name for these data; take the Python code", "", 409)
    if not run.reproducible:
        raise Refused("settings or weights were changed while it trained; reset first", "", 409)
    dataset = data.dataset or named_dataset(data.command)
    options = _options(run)
    given: dict[str, Any] = {name.replace("-", "_"): value for name, value in options.items()}
    try:
        model = Recipe(seed=run.settings["seed"], engine=run.settings["engine"], **given).model(
            dataset
        )
    except ValueError as error:
        raise Refused(f"`hyalite train` cannot do this: {error}", "", 409) from None
    shape = data.x.shape[1:]
    own, there = run.model.get_config(shape), model.get_config(shape)
    for config in (own, there):
        del config["training"]["metrics"]  # they look on
    for name, here, other in differences(own, there):
        raise Refused(
            f"`hyalite train` has no option for this: {name} is {here!r} here and {other!r} there; "
            "take the Python code",
            "",
            409,
        )
    settings = run.settings
    plain = {"batch_size": settings["batch_size"], "shuffle": settings["shuffle"]}
    if plain["batch_size"] is None or not plain["shuffle"] or settings["stop"]:
        raise Refused(
            "`hyalite train` shuffles, in batches of a size, and does not stop early; take the "
            "Python code",
            "",
            409,
        )
    if settings["class_weight"]:
        raise Refused("`hyalite train` has no class weights here; take the Python code", "", 409)
    words = ["hyalite", "train", data.command, *data.command_options]
    for name, value in options.items():
        words += [f"--{name}"] if value is True else [f"--{name}", str(value)]
    return shlex.join([*words, "--seed", str(settings["seed"])])


def _options(run: Run) -> dict[str, Any]:
    """Those of `hyalite train` that come nearest to the settings."""
    settings = run.settings
    layers = settings["layers"]
    hidden = [one for one in layers if one["type"] in ("Dense", "Conv2D")]
    first = hidden[0] if hidden else {}
    optimizer = run.model.optimizer
    rate = optimizer.learning_rate
    if not is_exactly(rate, CosineDecay) or settings["epochs"] is None:
        raise Refused(
            "`hyalite train` lets the rate warm up and fall along a cosine; choose the schedule "
            "CosineDecay with its length left open, and a number of epochs",
            "optimizer.learning_rate",
            409,
        )
    found: dict[str, Any] = {
        "layers": ",".join(filter(None, map(_word, layers))) or "none",
        "optimizer": type(optimizer).__name__.lower(),
        "learning-rate": rate.learning_rate,
        "epochs": settings["epochs"],
        "batch-size": settings["batch_size"],
        "l2": float(first.get("l2", settings["output"].get("l2", 0.0))),
    }
    if first.get("l1"):
        found["l1"] = first["l1"]
    if isinstance(first.get("activation"), str):
        found["activation"] = first["activation"]
    elif first:
        found["activation"] = "linear"
    rates = [one["rate"] for one in layers if one["type"] == "Dropout"]
    if rates:
        found["dropout"] = rates[0]
    if layers and layers[0]["type"] == "RandomAffine":
        found["augment"] = True
    return found


def _word(layer: Mapping[str, Any]) -> str:
    """A layer as `--layers` names it; empty for one that it has no word for."""
    same = "same" if layer.get("padding") == "same" else ""
    match layer["type"]:
        case "Dense":
            return str(layer["units"])
        case "Conv2D":
            size, strides = _one(layer.get("kernel_size", 3)), _one(layer.get("strides", 1))
            kernel = "" if size == 3 else f"x{size}"
            return f"conv{layer['filters']}{kernel}{'' if strides == 1 else f's{strides}'}{same}"
        case "MaxPooling2D":
            size = _one(layer.get("pool_size", 2))
            strides = "" if layer.get("strides") is None else f"s{_one(layer['strides'])}"
            return f"pool{'' if size == 2 else size}{strides}{same}"
        case "GlobalAveragePooling2D":
            return "gap"
    return ""


def _one(value: Any) -> Any:
    return value[0] if isinstance(value, list) else value
