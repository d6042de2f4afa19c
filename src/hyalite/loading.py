"""Models from files or from given weights, and the closed list of what a file may name."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from hyalite import checks
from hyalite.config import USERS, UnknownPart, from_config
from hyalite.errors import FileFormatError
from hyalite.files import model_file
from hyalite.initializers import INITIALIZERS, UserInitializer
from hyalite.layers import LAYERS, Conv2D, Dense, Dropout, Flatten, Layer, MaxPooling2D
from hyalite.losses import LOSSES, GroupedCrossentropy
from hyalite.metrics import METRIC_CLASSES
from hyalite.model import MODEL_FORMAT, Sequential
from hyalite.optimizers import OPTIMIZERS
from hyalite.parameters import Array, Shape
from hyalite.random import new_seed
from hyalite.schedules import SCHEDULES

REGISTRY: dict[str, type] = {
    **LAYERS,
    **{
        kind.__name__: kind
        for kind in (
            *INITIALIZERS.values(),
            UserInitializer,
            *LOSSES.values(),
            GroupedCrossentropy,
            *OPTIMIZERS.values(),
            *SCHEDULES.values(),
        )
    },
    **METRIC_CLASSES,
}


MIXTURE_KEY = "table model"  # among a file's settings, where it holds several networks


def holds_mixture(path: str | Path) -> bool:
    """Whether the file is of several networks for a table, which `hyalite.recipes.load` reads.

    Raises:
        FileFormatError: damaged, or of another kind.
        OSError: no such file.
    """
    return MIXTURE_KEY in model_file.Reader(path).settings


def described(
    settings: Mapping[str, Any], registry: Mapping[str, type] = REGISTRY
) -> tuple[Sequential, Shape, dict[str, Shape]]:
    """The model of these settings, not built, its input shape, and the shapes of all its arrays.

    Raises:
        UnknownPart: a class that is not in the registry.
        KeyError, TypeError, ValueError, AttributeError: settings that make no model.
    """
    model = Sequential(from_config(settings["layers"], registry), dtype=settings["dtype"])
    model.network.rename(settings["names"])
    shape = checks.shape(tuple(settings["input_shape"]))
    parameters, states, _ = model.network.plan(shape)
    return model, shape, parameters | states


def load(path: str | Path, *, layers: Iterable[type[Layer]] = ()) -> Sequential:
    """Read a model that `Sequential.save` wrote. Nothing in the file is run.

    Args:
        path: of the file.
        layers: classes of your own that the model has, beside the library's.

    Raises:
        FileFormatError: damaged, of another kind, or naming a part that is not known.
        OSError: no such file.

    Examples:
        >>> model = hy.Sequential([hy.Dense(2, "softmax")])
        >>> model.build(3)
        >>> model.metadata["classes"] = ["cat", "dog"]
        >>> model.save("animals.safetensors")
        >>> loaded = hy.load("animals.safetensors")
        >>> loaded, loaded.metadata
        (Sequential([Dense(units=2, activation=Softmax())]), {'classes': ['cat', 'dog']})
    """
    reader = model_file.Reader(path)
    settings = reader.settings
    if MIXTURE_KEY in settings:
        raise FileFormatError(
            f"{path} holds the model of a table, several networks with what prepares its rows; "
            "read it with hyalite.recipes.load, whose predict takes a data frame"
        )
    if settings.get("format") != MODEL_FORMAT:
        raise FileFormatError(
            f"{path} has model format {settings.get('format')!r}; this version reads "
            f"{MODEL_FORMAT}. For a file of weights alone make the model first, then call "
            "load_weights"
        )
    own = {kind.__name__: kind for kind in layers}  # so files of earlier versions name them
    registry = own | REGISTRY | {f"{USERS}{name}": kind for name, kind in own.items()}
    try:
        model, shape, arrays = described(settings, registry)
        reader.check(arrays, model.network.dtype)
        model.network.allocate(shape)
        if "training" in settings:
            model.compile(**from_config(settings["training"], registry))
        model.metadata = dict(settings["metadata"])
    except UnknownPart as error:
        hint = "give your own layers as load(path, layers=[...])"
        raise FileFormatError(f"{path}: {error}; {hint}") from None
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        if isinstance(error, FileFormatError) and str(path) in str(error):
            raise
        raise FileFormatError(f"{path}: its settings do not make a model: {error!r}") from None
    model.network.clock.seed = new_seed()
    reader.read_into(model.network.ready.named())
    return model


def from_dense_arrays(
    pairs: Sequence[tuple[Array, Array]], activation: str = "relu", last: str = "softmax"
) -> Sequential:
    """A compiled model of dense layers from weights made elsewhere.

    Args:
        pairs: W (inputs, units) and b (units,) of each layer, in order.
        activation: of the hidden layers.
        last: of the last layer; it also decides the loss the model is compiled with.

    Raises:
        ValueError: shapes that do not chain, or an unknown activation.

    Examples:
        >>> from hyalite.loading import from_dense_arrays
        >>> model = from_dense_arrays([(np.ones((2, 1)), np.zeros(1))], last="linear")
        >>> model.predict([[3.0, 4.0]]).tolist()
        [[7.0]]
    """
    hidden = [Dense(W.shape[1], activation) for W, _ in pairs[:-1]]
    model = Sequential([*hidden, Dense(pairs[-1][0].shape[1], last)])
    model.build(pairs[0][0].shape[0])
    return _with_weights(model, pairs, last)


def _with_weights(model: Sequential, pairs: Iterable[tuple[Array, Array]], last: str) -> Sequential:
    """The model with these weights, compiled as its last activation suggests."""
    model.set_weights([array for pair in pairs for array in pair])
    losses = {"softmax": "categorical_crossentropy", "sigmoid": "binary_crossentropy"}
    metrics = ["accuracy"] if last in losses else []
    model.compile(losses.get(last, "mean_squared_error"), metrics=metrics)
    return model


# Of *Deep Learning from Scratch*'s networks, by how many convolutions they have: their paddings,
# a list of those before each pooling.
BOOK_PADDINGS = {1: [[0]], 6: [[1, 1], [1, 2], [1, 1]]}
BOOK_NAMES = {1: "SimpleConvNet", 6: "DeepConvNet"}


def from_book_arrays(
    kernels: Sequence[tuple[Array, Array]], pairs: Sequence[tuple[Array, Array]]
) -> Sequential:
    """A compiled model of the weights of the book's `SimpleConvNet` or `DeepConvNet`.

    Both end in two dense layers; filters, kernels and sizes may be others than the book's, the
    order of layers and the paddings are its own. It predicts what the book's program does. There a
    dropout of 0.5 in the `DeepConvNet` halves what it gets at prediction, while ours doubles what
    it keeps in training; so the last W is halved, for the dropout before it, and with b once more
    for that of the scores, which we leave out.

    Args:
        kernels: W (rows, columns, channels, filters) and b of each convolution, as
            `hyalite.files.pickles.convolution_arrays` gives them.
        pairs: W (inputs, units) and b (units,) of the dense layers.

    Raises:
        ValueError: weights of another network.

    Source: *Deep Learning from Scratch*, chapters 7 and 8.

    Examples:
        >>> from hyalite.loading import from_book_arrays
        >>> kernels = [(np.ones((5, 5, 1, 3)), np.zeros(3))]
        >>> pairs = [(np.ones((3 * 12 * 12, 8)), np.zeros(8)), (np.ones((8, 10)), np.zeros(10))]
        >>> from_book_arrays(kernels, pairs).network.input_shape  # 12 pixels pooled, 24, and 5 - 1
        (28, 28)
    """
    if len(kernels) not in BOOK_PADDINGS or len(pairs) != 2:
        raise ValueError(
            f"{len(kernels)} convolutions and {len(pairs)} dense layers are neither the book's "
            "SimpleConvNet (1 and 2) nor its DeepConvNet (6 and 2), and weights do not say where "
            "pooling and padding go; make the model, and give the arrays of "
            "hyalite.files.pickles.convolution_arrays to its set_weights"
        )
    blocks, waiting, layers = BOOK_PADDINGS[len(kernels)], iter(kernels), list[Layer]()
    for paddings in blocks:
        for padding in paddings:
            rows, columns, _, filters = next(waiting)[0].shape
            layers.append(Conv2D(filters, (rows, columns), padding=padding, activation="relu"))
        layers.append(MaxPooling2D())
    (_, hidden), (W, b) = pairs
    layers += [Flatten(), Dense(len(hidden), "relu")]
    if len(kernels) == 6:
        layers.append(Dropout(0.5))
        W, b = W / 4, b / 2
    model = Sequential([*layers, Dense(len(b), "softmax")])
    model.build(_input_shape(blocks, kernels, len(pairs[0][0])))
    return _with_weights(model, [*kernels, pairs[0], (W, b)], "softmax")


def _input_shape(
    blocks: Sequence[Sequence[int]], kernels: Sequence[tuple[Array, Array]], rows: int
) -> Shape:
    """The pictures of which square ones with so many numbers are left, from the last layer back."""
    side = math.isqrt(rows // len(kernels[-1][1]))
    before = reversed(kernels)
    for paddings in reversed(blocks):
        side *= 2
        for padding in reversed(paddings):
            side += len(next(before)[0]) - 1 - 2 * padding
    channels = kernels[0][0].shape[2]
    return (side, side) if channels == 1 else (side, side, channels)
