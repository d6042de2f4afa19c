"""From settings and their data to a model that is ready for training, within the limits."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from hyalite.exact import is_exactly
from hyalite.layers import Dense, Embedding, Flatten, Layer, Rescaling
from hyalite.losses import CategoricalCrossentropy, Loss, MeanSquaredError
from hyalite.model import Sequential
from hyalite.optimizers import Optimizer
from hyalite.parameters import Array, Shape
from hyalite.play import limits
from hyalite.play.data import PlayData
from hyalite.play.parts import AUGMENTATION, PICTURE_LAYERS, make
from hyalite.play.problems import Refused, at
from hyalite.play.settings import leaves_length_open, with_steps
from hyalite.training.callbacks import Callback, EarlyStopping


@dataclass
class Built:
    """A model with what is said of its training.

    Attributes:
        model: built and compiled.
        sources: for each of its layers, its place in settings["layers"]; -1 for the last one, None
            for those that were put between.
        y, y_test: targets as the loss takes them.
        callbacks: of the fit.
        metrics: names, as they are given to `compile`.
    """

    model: Sequential
    sources: list[int | None]
    y: Array
    y_test: Array | None
    callbacks: list[Callback]
    metrics: list[str]


def build(settings: Mapping[str, Any], data: PlayData) -> Built:
    """The model that settings describe, for their data.

    Raises:
        Refused: a part that does not fit, or is beyond the limits.
    """
    loss = loss_of(settings, data)
    layers, sources = _layers(settings, data, loss)
    with at("layers"):
        model = Sequential(layers, dtype=settings["dtype"])
    shape = data.x.shape[1:]
    _check_size(model, shape, sources)
    metrics = metrics_of(loss, data)
    with at("loss"):
        model.compile(
            loss, optimizer_of(settings, data), metrics=metrics, engine=settings["engine"]
        )
    model.build(shape, settings["seed"])
    model.metadata = _metadata(settings, data)
    y, y_test = targets(loss, data)
    return Built(model, sources, y, y_test, callbacks_of(settings), metrics)


def loss_of(settings: Mapping[str, Any], data: PlayData) -> Loss:
    """As set, or that of the data.

    Raises:
        Refused: it is not for such data.
    """
    if settings["loss"] is None:
        return CategoricalCrossentropy() if data.task == "classes" else MeanSquaredError()
    loss = make(settings["loss"], "loss", "loss")
    assert isinstance(loss, Loss)
    if data.task == "numbers" and loss.kind != "regression":
        raise Refused(
            f"{loss.name} is for classes, and here numbers are learned; take mean_squared_error",
            "loss",
        )
    if loss.kind == "binary" and len(data.classes) != 2:
        raise Refused(
            f"binary_crossentropy is for two classes, and there are {len(data.classes)}; take "
            "categorical_crossentropy",
            "loss",
        )
    return loss


def optimizer_of(settings: Mapping[str, Any], data: PlayData) -> Optimizer:
    """As set; a schedule may take its length from the epochs."""
    epochs = settings["epochs"]
    if epochs is None and leaves_length_open(settings["optimizer"]):
        raise Refused(
            "the schedule takes its length from the number of epochs; set one, or its steps",
            "epochs",
        )
    steps = (epochs or 1) * batches_of(settings, training_rows(data))
    optimizer = make(with_steps(settings["optimizer"], steps), "optimizer", "optimizer")
    assert isinstance(optimizer, Optimizer)
    return optimizer


def training_rows(data: PlayData) -> int:
    """How many samples are trained on."""
    return len(data.x) - round(len(data.x) * data.test_share)


def batches_of(settings: Mapping[str, Any], rows: int) -> int:
    """How many steps an epoch has."""
    size = settings["batch_size"] or rows
    return -(-rows // size)


def metrics_of(loss: Loss, data: PlayData) -> list[str]:
    """What is measured beside the loss."""
    if data.task == "numbers":
        return ["mean_absolute_error", "r2"]
    return ["accuracy"] if loss.kind != "regression" else []


def targets(loss: Loss, data: PlayData) -> tuple[Array, Array | None]:
    """Labels, as one-hot rows where the loss is one of numbers."""
    if data.task == "numbers" or loss.kind != "regression":
        return data.y, data.y_test
    rows = np.eye(len(data.classes), dtype=np.float32)
    return rows[data.y], None if data.y_test is None else rows[data.y_test]


def callbacks_of(settings: Mapping[str, Any]) -> list[Callback]:
    """Early stopping, where it is set."""
    if settings["stop"] is None:
        return []
    with at("stop"):
        return [EarlyStopping(**settings["stop"])]


def _layers(
    settings: Mapping[str, Any], data: PlayData, loss: Loss
) -> tuple[list[Layer], list[int | None]]:
    """The layers of the settings with what goes before, between and behind them."""
    layers: list[Layer] = []
    sources: list[int | None] = []

    def add(layer: Layer, source: int | None = None) -> None:
        layers.append(layer)
        sources.append(source)

    pictures = data.shape == "pictures"
    described = list(enumerate(settings["layers"]))
    kinds = [one["type"] for _, one in described]
    for n, kind in enumerate(kinds):
        if kind in PICTURE_LAYERS and not pictures:
            raise Refused(f"{kind} is for pictures, and these data have none", f"layers[{n}]")
    if pictures:
        # as `hyalite train` does it: augmentation of raw pictures, then numbers from 0 to 1
        while described and described[0][1]["type"] in AUGMENTATION:
            n, one = described.pop(0)
            add(_layer(one, n), n)
        if not {*kinds} & {*PICTURE_LAYERS} - {*AUGMENTATION}:
            add(Flatten())
        add(Rescaling(1 / 255))
    if data.embedded:
        add(Embedding(data.embedded))
    for n, one in described:
        layer = _layer(one, n)
        if pictures and is_exactly(layer, Dense) and not _flat(layers):
            add(Flatten())
        add(layer, n)
    if pictures and not _flat(layers):
        add(Flatten())
    units, activation = ending(settings, data, loss)
    with at("output"):
        options = {k: v for k, v in settings["output"].items() if k != "activation"}
        last = {**options, "type": "Dense", "units": units, "activation": activation}
        ended = make(last, "layer", "output")
    assert isinstance(ended, Layer)
    add(ended, -1)
    return layers, sources


def _layer(described: Any, place: int) -> Layer:
    layer = make(described, "layer", f"layers[{place}]")
    assert isinstance(layer, Layer)
    return layer


def _flat(layers: list[Layer]) -> bool:
    """Whether what these give to the next has no rows and columns any more."""
    flat = ("Flatten", "GlobalAveragePooling2D", "Dense")
    return any(type(layer).__name__ in flat for layer in layers)


def ending(settings: Mapping[str, Any], data: PlayData, loss: Loss) -> tuple[int, Any]:
    """Units and activation of the last layer."""
    own = settings["output"].get("activation")
    if data.task == "numbers":
        return 1, own
    if loss.kind == "binary":
        return 1, own or "sigmoid"
    return len(data.classes), own or "softmax"


def _check_size(model: Sequential, shape: Shape, sources: list[int | None]) -> None:
    """Refuse what takes too much memory or time, before any of it is made.

    Raises:
        Refused: it does, or the layers do not fit each other.
    """
    for place, source in enumerate(sources):  # layer by layer, to say which one it is
        field = "output" if source == -1 else "layers" if source is None else f"layers[{source}]"
        with at(field):
            shapes = _plan(model, shape, place + 1)
    parameters, outputs = shapes
    size = sum(math.prod(one) for one in parameters.values())
    if size > limits.PARAMETERS:
        raise Refused(
            f"the network would have {size:,} parameters, here {limits.PARAMETERS:,} are allowed; "
            "take fewer units or layers",
            "layers",
        )
    if sum(map(math.prod, outputs)) > limits.NUMBERS_OF_A_SAMPLE:
        raise Refused("the layers' outputs would be too large; take fewer filters", "layers")
    multiplications = _multiplications(model, shape, outputs)
    if multiplications > limits.MULTIPLICATIONS:
        raise Refused(
            f"one sample would take {multiplications:,} multiplications, here "
            f"{limits.MULTIPLICATIONS:,} are allowed; take fewer filters, or larger strides",
            "layers",
        )


def _plan(model: Sequential, shape: Shape, count: int) -> tuple[dict[str, Shape], list[Shape]]:
    """Shapes of parameters and outputs of the first layers."""
    chain = model.network
    layers, names = chain.layers, chain.names
    try:
        chain.layers, chain.names = layers[:count], names[:count]
        parameters, _, outputs = chain.plan(shape)
    finally:
        chain.layers, chain.names = layers, names
    return parameters, outputs


def _multiplications(model: Sequential, shape: Shape, outputs: list[Shape]) -> int:
    """Of a forward pass of one sample, about."""
    total = 0
    for layer, before, after in zip(model.layers, [shape, *outputs], outputs, strict=False):
        weights = sum(math.prod(one) for one in layer.parameter_shapes(before).values())
        places = math.prod(after[:-1])  # 1 behind flattening
        total += weights * places
    return total


def _metadata(settings: Mapping[str, Any], data: PlayData) -> dict[str, Any]:
    """What goes into the model's file: as `hyalite train` writes it."""
    kind = {"plane": "points"}.get(data.shape, data.shape)
    found: dict[str, Any] = {"data": settings["data"]["kind"], "kind": kind, "part": "test"}
    if data.shape == "pictures":
        found["kind"] = "images"
    if data.classes:
        found["classes"] = list(data.classes)
    return found
