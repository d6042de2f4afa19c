"""A second network with the numbers of a run as they were at one moment, to be looked at.

So the run goes on while pictures of it are made.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from hyalite.layers import Activation, Conv2D, Dense, DepthwiseConv2D, Layer, Residual
from hyalite.parameters import Array, Shape
from hyalite.play.building import build
from hyalite.play.problems import in_language
from hyalite.play.run import Run
from hyalite.summary import kind_of

WITH_UNITS = (Dense, Conv2D, DepthwiseConv2D, Residual)
ROWS = 4096  # of a forward pass at a time


@dataclass(frozen=True)
class LayerView:
    """One layer of the network.

    Attributes:
        name: such as "dense_1".
        layer: itself.
        shape: of one output sample.
        units: how many, or filters; 0 where it has none of its own.
        first_unit: where they begin among all.
        source: its place in the settings; -1 the last, None put between by the server.
    """

    name: str
    layer: Layer
    shape: Shape
    units: int
    first_unit: int
    source: int | None

    @property
    def activation(self) -> Activation | None:
        """The one that its outputs went through."""
        found: Activation | None = getattr(self.layer, "activation", None)
        return found

    def described(self) -> dict[str, Any]:
        """As JSON data."""
        own = self.layer.values
        kernel = list(getattr(self.layer, "kernel_size", ())) or None
        return {
            "name": self.name,
            "type": type(self.layer).__name__,
            "text": kind_of(self.layer),
            "shape": list(self.shape),
            "units": self.units,
            "first_unit": self.first_unit,
            "source": self.source,
            "parameters": sum(array.size for array in own.values()),
            "weights": f"{self.name}.W" if "W" in own else None,
            "bias": f"{self.name}.b" if "b" in own else None,
            "kernel": kernel,
        }


class View:
    """A network that takes over the numbers of a run.

    Args:
        run: to look at.

    Attributes:
        coming: the samples of the coming batch, as places among those that are trained on.
        cursor: how many of them were visited.
        domain: (low, high) of each coordinate of the data; of 2, 1 or none.
        lattices: what the network gets for the pixels of pictures, by their size.
    """

    def __init__(self, run: Run) -> None:
        built = build(run.settings, run.data)
        self.model = built.model
        self.run = run
        self.layers: list[LayerView] = []
        first = 0
        network = self.model.network
        for name, layer, shape, source in zip(
            network.names, network.layers, network.shapes, built.sources, strict=True
        ):
            units = shape[-1] if isinstance(layer, WITH_UNITS) else 0
            self.layers.append(LayerView(name, layer, shape, units, first, source))
            first += units
        self.units = first
        self.domain = run.data.domain
        self.lattices: dict[int, Array] = {}
        self._take_stages()
        self.coming = run.coming_rows()
        self.cursor = 0

    def sync(self) -> None:
        """Take over the run's numbers; nothing may train it meanwhile."""
        mine, its = self.model.network, self.run.model.network
        mine.ready.theta[...], mine.ready.state[...] = its.ready.theta, its.ready.state
        mine.clock.seed, mine.clock.step = its.clock.seed, its.clock.step
        mine.epochs = its.epochs
        self.cursor = self.run.cursor

    def sync_all(self) -> None:
        """The same with what a step depends on: optimizer, penalties, rates of dropout."""
        self.sync()
        self.coming = self.run.coming_rows()
        self.model.optimizer = copy.deepcopy(self.run.model.optimizer)
        for own, its in zip(
            self.model.network.all_layers(), self.run.model.network.all_layers(), strict=True
        ):
            for name in ("l1", "l2", "bias_l1", "bias_l2", "rate", "stddev"):
                if hasattr(its, name):
                    setattr(own, name, getattr(its, name))
        self._take_stages()

    def _take_stages(self) -> None:
        self._stages = self.model.network.stages()
        self._lasts = {str(stage.name): stage for stage in self._stages}

    @property
    def with_units(self) -> list[LayerView]:
        """The layers that have units."""
        return [layer for layer in self.layers if layer.units]

    def layer(self, name: str) -> LayerView | None:
        """That of a name."""
        return next((layer for layer in self.layers if layer.name == name), None)

    def outputs(self, x: Array, wanted: Iterable[str]) -> dict[str, Array]:
        """What these layers give for samples, and "" for the last one: predictions, not training.

        Args:
            x: samples as they come, (n, ...).
            wanted: names of layers.
        """
        names = {*wanted}
        parts = list(self._parts(x, names))
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def _parts(self, x: Array, names: set[str]) -> Iterator[Mapping[str, Array]]:
        dtype = self.model.network.dtype
        for start in range(0, max(1, len(x)), ROWS):
            y = np.ascontiguousarray(x[start : start + ROWS], dtype)
            found: dict[str, Array] = {}
            for stage in self._stages:
                y = stage.forward(y)
                if stage.name in names and self._lasts[stage.name] is stage:
                    found[stage.name] = y.copy()
            found[""] = y.copy()
            yield found

    def predict(self, x: Array) -> Array:
        """What the network gives for samples."""
        return self.outputs(x, ())[""]

    def described(self, language: str | None) -> dict[str, Any]:
        """As JSON data, with words in the language of the page."""
        run, slots = self.run, self.model.network.ready.layout.slots
        return {
            "layers": [layer.described() for layer in self.layers],
            "units": self.units,
            "parameters": [
                {"name": slot.name, "shape": list(slot.shape), "offset": slot.offset}
                for slot in slots
            ],
            "size": self.model.theta.size,
            "metrics": run.metric_names(run.test_samples is not None),
            "penalized": any(layer.has_penalty for layer in self.model.network.layers),
            "batches": run.batches,
            "engine": run.engine,
            "reproducible": run.reproducible,
            "warnings": [
                {**one, "message": in_language(one["message"], language)} for one in run.warnings
            ],
        }
