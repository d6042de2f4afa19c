"""All that a training run is made of at the end of a step, taken and put back byte for byte."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from hyalite.config import from_config, to_config, type_name
from hyalite.engines.base import Task, Totals
from hyalite.errors import FileFormatError
from hyalite.parameters import Array, Backup
from hyalite.schedules import SCHEDULES
from hyalite.training.callbacks import Callback, Trainable

MAX_JSON_LIST = 50  # entries of a list of numbers that is stored as an array
SCHEDULE_CLASSES = {kind.__name__: kind for kind in SCHEDULES.values()}


@dataclass
class Snapshot:
    """A state as it goes into a file.

    Attributes:
        values: JSON data, in which arrays stand by name.
        arrays: by name.
    """

    values: dict[str, Any]
    arrays: dict[str, Array] = field(default_factory=dict)

    @classmethod
    def take(
        cls, model: Trainable, task: Task, callbacks: Sequence[Callback], begun: Totals
    ) -> Snapshot:
        """Copy the state of a run.

        Raises:
            TypeError: a callback, a metric or a figure that cannot be stored.
        """
        network, optimizer, history = model.network, model.optimizer, model.history
        taken = cls({})
        state = {
            "network": network.ready.backup()._asdict(),
            "seed": network.clock.seed,
            "step": network.clock.step,
            "epochs": network.epochs,
            "optimizer": optimizer.get_state()
            | {"learning_rate": to_config(optimizer.learning_rate)},
            "history": vars(history),
            "stop_training": model.stop_training,
            "begun": _begun(begun),
            # the metrics hold sums of the rows so far
            "metrics": [metric.get_state() for metric in task.metrics] if begun.steps else [],
            "callbacks": [
                {"type": type_name(callback), "state": callback.get_state()}
                for callback in callbacks
            ],
        }
        taken.values = {"state": taken.pack(state, "")}
        return taken

    @property
    def seed(self) -> int:
        """Of the run."""
        return int(self.values["state"]["of"]["seed"])

    @property
    def step(self) -> int:
        """How many steps the network had made."""
        return int(self.values["state"]["of"]["step"])

    @property
    def epochs(self) -> int:
        """How many epochs were complete."""
        return int(self.values["state"]["of"]["epochs"])

    def restore(
        self, model: Trainable, task: Task, callbacks: Sequence[Callback] | None, begun: Totals
    ) -> None:
        """Put the state into a run of the same kind; with None leave its callbacks alone.

        Raises:
            ValueError: it does not fit.
        """
        try:
            self._restore(model, task, callbacks, begun)
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            text = str(error) if isinstance(error, ValueError) else repr(error)
            raise FileFormatError(f"the checkpoint does not fit: {text}") from None

    def check_callbacks(self, callbacks: Sequence[Callback]) -> None:
        """Raise a FileFormatError where the run had other callbacks than these."""
        kinds = [type_name(callback) for callback in callbacks]
        try:
            there = [entry["of"]["type"] for entry in self.values["state"]["of"]["callbacks"]]
        except (LookupError, TypeError) as error:
            raise FileFormatError(f"the checkpoint does not fit: {error!r}") from None
        if kinds != there:
            raise FileFormatError(
                "the checkpoint does not fit: other callbacks than these were there: "
                f"{', '.join(kinds) or 'none'}"
            )

    def take_callbacks_from(self, other: Snapshot) -> None:
        """Let the states of the callbacks be those of another snapshot."""
        own, there = self.values["state"]["of"], other.values["state"]["of"]
        own["callbacks"] = there["callbacks"]
        numbers = {name: one for name, one in self.arrays.items() if not _of_callbacks(name)}
        theirs = {name: one for name, one in other.arrays.items() if _of_callbacks(name)}
        self.arrays = numbers | theirs

    def _restore(
        self, model: Trainable, task: Task, callbacks: Sequence[Callback] | None, begun: Totals
    ) -> None:
        state = self.unpack(self.values["state"])
        network, optimizer = model.network, model.optimizer
        parameters, vectors = network.ready, Backup(**state["network"])
        slots = state["optimizer"]["slots"]
        for name, there in [*vectors._asdict().items(), *slots.items()]:
            own = parameters.state if name == "state" else parameters.theta
            if there.shape != own.shape or there.dtype != own.dtype:
                raise ValueError(f"{name} is {there.dtype} {there.shape}, not {own.shape}")
        parameters.restore(vectors)
        network.clock.seed, network.clock.step = state["seed"], state["step"]
        network.epochs = state["epochs"]
        rate = state["optimizer"].pop("learning_rate")
        if rate != to_config(optimizer.learning_rate):  # a callback had changed it
            optimizer.learning_rate = from_config(rate, SCHEDULE_CLASSES)
        optimizer.set_state(state["optimizer"])
        vars(model.history).update(state["history"])
        model.stop_training = state["stop_training"]
        for metric, sums in zip(task.metrics, state["metrics"], strict=bool(state["metrics"])):
            metric.set_state(sums)
        entries = [] if callbacks is None else state["callbacks"]
        for callback, entry in zip(callbacks or (), entries, strict=True):
            callback.set_state(entry["state"])
        for name, value in state["begun"].items():
            setattr(begun, name, value)
        if begun.predictions is not None:  # of the rows so far; there is room for all
            some = begun.predictions
            room = task.samples.rows_at_once(task.batch_size)
            begun.predictions = np.empty((room, *some.shape[1:]), some.dtype)
            begun.predictions[: len(some)] = some

    def pack(self, value: Any, name: str) -> Any:
        """JSON data of `value`; its arrays are copied into `arrays`, under a name like a path."""
        if isinstance(value, np.ndarray):
            self.arrays[name] = value.copy()
            return {"array": name}
        if isinstance(value, Mapping):
            if not all(isinstance(key, str) for key in value):
                raise TypeError(f"{name}: keys must be texts to be stored, got {list(value)}")
            names = {key: f"{name}.{key}".lstrip(".") for key in value}
            return {"of": {key: self.pack(item, names[key]) for key, item in value.items()}}
        if _is_long(value):  # as a run's history is
            self.arrays[name] = np.array(value)
            return {"list": name}
        if isinstance(value, (list, tuple)):
            return [self.pack(item, f"{name}.{i}") for i, item in enumerate(value)]
        if isinstance(value, np.generic):
            value = value.item()
        if isinstance(value, float) and not math.isfinite(value):
            return {"number": repr(value)}  # JSON has no word for it
        if value is None or isinstance(value, (bool, int, float, str)):
            return value
        raise TypeError(f"{name}: {value!r} cannot be stored in a checkpoint")

    def unpack(self, value: Any) -> Any:
        """What `pack` was given; tuples come back as lists."""
        if isinstance(value, list):
            return [self.unpack(item) for item in value]
        if not isinstance(value, dict):
            return value
        ((kind, content),) = value.items()
        if kind == "array":
            return np.array(self.arrays[content])
        if kind == "list":
            return self.arrays[content].tolist()
        if kind == "number":
            return float(content)
        if kind != "of":
            raise ValueError(f"unknown kind {kind!r}")
        return {key: self.unpack(item) for key, item in content.items()}


def _of_callbacks(name: str) -> bool:
    """Whether an array is part of a callback's state."""
    return name.startswith("callbacks.")


def _is_long(value: Any) -> bool:
    """Whether it is a list of many floats, or of many ints that an array can hold."""
    if not isinstance(value, list) or len(value) <= MAX_JSON_LIST:
        return False
    kinds = {type(item) for item in value}
    return kinds == {float} or (kinds == {int} and max(map(abs, value)) < 1 << 63)


def _begun(begun: Totals) -> dict[str, Any]:
    state = {each.name: getattr(begun, each.name) for each in fields(begun)}
    if begun.predictions is not None:
        state["predictions"] = begun.predictions[: begun.rows]
    return state


def differences(own: Any, there: Any, name: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Where two pieces of JSON data differ: name, here, there."""
    if isinstance(own, dict) and isinstance(there, dict):
        for key in own | there:
            yield from differences(own.get(key), there.get(key), f"{name}.{key}".lstrip("."))
    elif isinstance(own, list) and isinstance(there, list) and len(own) == len(there):
        for i, (one, other) in enumerate(zip(own, there, strict=True)):
            yield from differences(one, other, f"{name}[{i}]")
    elif own != there:
        yield name, own, there
