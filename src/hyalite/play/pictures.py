"""What a page draws of a network: its output over the plane, each unit's own map, arrows.

Bytes instead of numbers where a pixel is meant; the first row is the top one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hyalite.layers.chain import forward
from hyalite.parameters import Array
from hyalite.play import limits
from hyalite.play.parts import whole
from hyalite.play.problems import Refused
from hyalite.play.view import LayerView, View

Arrays = dict[str, Array]
PROBED = 500  # training points with an arrow
MOST_LATTICES = 8  # whose inputs are kept


def lattice(domain: Sequence[Sequence[float]], size: int) -> Array:
    """Coordinates of the pixels of a square picture, row by row from the top; of a curve, evenly.

    Args:
        domain: (low, high) of each coordinate.
        size: pixels a side.
    """
    if len(domain) == 1:
        low, high = domain[0]
        return np.linspace(low, high, size, dtype=np.float32)[:, None]
    centres = (np.arange(size) + 0.5) / size
    (left, right), (low, high) = domain
    across, down = left + centres * (right - left), high - centres * (high - low)
    x2, x1 = np.meshgrid(down, across, indexing="ij")
    return np.column_stack([x1.ravel(), x2.ravel()]).astype(np.float32)


class Pictures:
    """The pictures of one network over the coordinates of its data.

    Args:
        view: the network.
    """

    def __init__(self, view: View) -> None:
        self.view, self.data = view, view.run.data
        self.domain = view.domain

    def inputs(self, size: int) -> Array:
        """What the network gets for the pixels of a picture."""
        kept = self.view.lattices
        if size not in kept:
            if len(kept) > MOST_LATTICES:
                kept.clear()
            kept[size] = self.data.to_inputs(lattice(self.domain, size))
        return kept[size]

    def output(self, want: Any) -> Arrays:
        """The predicted class and how sure, or the number."""
        size = whole(want.get("size", 100), "size", "want.output.size", 2, limits.GRID)
        if not self.domain:
            return {}
        y = self.view.predict(self.inputs(size))
        if len(self.domain) == 1:
            return {"curve": y[:, 0].astype(np.float32)}
        if self.data.task == "numbers":
            return {"surface": y[:, 0].reshape(size, size).astype(np.float32)}
        classes, surety = chosen(self.view, y)
        return {
            "region": classes.astype(np.uint8).reshape(size, size),
            "surety": as_bytes(surety).reshape(size, size),
        }

    def maps(self, want: Any) -> tuple[Arrays, list[dict[str, Any]]]:
        """The outputs of single units over the plane, and which these are."""
        size = whole(want.get("size", 30), "size", "want.maps.size", 2, limits.MAP)
        most = whole(want.get("units", 32), "units", "want.maps.units", 1, limits.UNITS)
        names = want.get("layers")
        if names is not None and not isinstance(names, list):
            raise Refused("layers must be a list of names", "want.maps.layers")
        if not self.domain:
            return {}, []
        layers = [one for one in self.view.with_units if names is None or one.name in names]
        if not layers:
            return {}, []
        found = self.view.outputs(self.inputs(size), [one.name for one in layers])
        parts = [found[one.name].reshape(len(found[""]), -1)[:, :most].T for one in layers]
        maps = np.concatenate(parts)
        bytes_, scales = signed_bytes(maps)
        side = (size,) * len(self.domain)
        shown = [
            {"layer": one.name, "units": list(range(len(part)))}
            for one, part in zip(layers, parts, strict=True)
        ]
        return {"maps": bytes_.reshape(-1, *side), "map_scales": scales}, shown

    def field(self, want: Any) -> Arrays:
        """Arrows: how the output changes with the coordinates, or where the loss falls."""
        size = whole(want.get("size", 15), "size", "want.field.size", 2, limits.FIELD)
        if len(self.domain) != 2:
            return {}
        if want.get("of", "output") == "loss":
            return self._loss_field()
        points = lattice(self.domain, size)
        return {"field": self._slopes(points, want.get("class")).reshape(size, size, 2)}

    def _slopes(self, points: Array, label: Any) -> Array:
        """The derivative of the output by both coordinates, (n, 2), by central differences."""
        low, high = (np.array([ends[place] for ends in self.domain]) for place in (0, 1))
        step = 1e-3 * (high - low)
        moved = [points + sign * step * axis for axis in np.eye(2) for sign in (1, -1)]
        y = self.view.predict(
            self.data.to_inputs(np.concatenate([points, *moved]).astype(np.float32))
        )
        here, *others = np.split(self._values(y), 5)
        if here.shape[1] == 1:
            column = np.zeros(len(here), np.intp)
        elif label is None:
            column = here.argmax(axis=1)
        else:
            most = here.shape[1] - 1
            column = np.full(len(here), whole(label, "class", "want.field.class", 0, most))
        rows = np.arange(len(here))
        right, left, up, down = (part[rows, column] for part in others)
        slopes = np.column_stack([(right - left), (up - down)]) / (2 * step)
        return np.asarray(slopes, np.float32)

    def _values(self, y: Array) -> Array:
        """Probabilities of classes, or the number."""
        if self.data.task == "classes":
            return probabilities(self.view, y).astype(np.float64)
        return y.astype(np.float64)

    def _loss_field(self) -> Arrays:
        """At training points: where the loss of each falls fastest."""
        run = self.view.run
        _, _, drawn = run.part("training")
        count = min(PROBED, len(run.samples))
        places = np.linspace(0, len(run.samples) - 1, count).astype(np.intp)
        if drawn is None or drawn.shape[1] != 2:
            return {}
        slopes = []
        network, objective = self.view.model.network, run.objective
        points = drawn[places].astype(np.float64)
        low, high = (np.array([ends[place] for ends in self.domain]) for place in (0, 1))
        step = 1e-3 * (high - low)
        y = run.batch_of("training", places).y
        assert y is not None
        for axis in np.eye(2):
            values = []
            for sign in (1, -1):
                x = self.data.to_inputs((points + sign * step * axis).astype(np.float32))
                output = forward(network.stages(objective), x.astype(network.dtype))
                values.append(objective.values(output, y)[1].astype(np.float64))
            slopes.append(-(values[0] - values[1]) / (2 * step @ axis))
        return {"field_points": np.column_stack([points, *slopes]).astype(np.float32)}

    def hidden(self, want: Any) -> Arrays:
        """The space of two units of a layer: where points and the plane's lattice go."""
        layer = layer_of(self.view, want.get("layer"), "want.hidden.layer")
        units = want.get("units", [0, 1])
        if not isinstance(units, list) or len(units) != 2:
            raise Refused("units must be two", "want.hidden.units")
        pair = [whole(u, "a unit", "want.hidden.units", 0, layer.units - 1) for u in units]
        x, _, _ = self.view.run.part(_part(want, "want.hidden.part"))
        found = self.view.outputs(x[:2000], [layer.name])[layer.name]
        flat = found.reshape(len(found), -1, layer.units).mean(axis=1)
        arrays = {"hidden_points": flat[:, pair].astype(np.float32)}
        if len(self.domain) == 2:
            size = whole(want.get("size", 12), "size", "want.hidden.size", 2, limits.FIELD)
            grid = self.view.outputs(self.inputs(size), [layer.name])[layer.name]
            arrays["hidden_grid"] = grid[:, pair].reshape(size, size, 2).astype(np.float32)
        return arrays

    def sample(self, x: Array) -> Arrays:
        """What every layer makes of one sample: pictures where it gives some, else numbers."""
        names = [layer.name for layer in self.view.layers]
        found = self.view.outputs(x[None], names)
        arrays: Arrays = {}
        for layer in self.view.layers:
            y = found[layer.name][0]
            if y.ndim == 3:
                bytes_, scales = signed_bytes(y.transpose(2, 0, 1).reshape(y.shape[2], -1))
                arrays[f"maps.{layer.name}"] = bytes_.reshape(y.shape[2], *y.shape[:2])
                arrays[f"scales.{layer.name}"] = scales
            elif y.ndim == 1 and layer.units:
                arrays[f"outputs.{layer.name}"] = y.astype(np.float32)
        if self.data.task == "classes":
            arrays["probabilities"] = probabilities(self.view, found[""])[0].astype(np.float32)
        if self.data.shape == "pictures":
            arrays["seen"] = np.asarray(x, np.uint8)
        return arrays


def layer_of(view: View, name: Any, field: str) -> LayerView:
    """The layer of this name that has units.

    Raises:
        Refused: there is none.
    """
    layer = view.layer(name) if isinstance(name, str) else None
    if layer is None or not layer.units:
        known = ", ".join(one.name for one in view.with_units)
        raise Refused(f"there is no layer {str(name)[:40]!r} with units. There are {known}", field)
    return layer


def _part(want: Any, field: str) -> str:
    part = want.get("part", "training")
    if part not in ("training", "test"):
        raise Refused(f"part must be training or test, got {str(part)[:40]!r}", field)
    return str(part)


def probabilities(view: View, y: Array) -> Array:
    """How likely each class is, (n, classes), by the outputs of a network of classes."""
    loss = view.model.loss
    if loss.kind == "regression":  # one-hot targets: what the last activation gives
        return y
    found = loss.probabilities(y)
    assert isinstance(found, np.ndarray)
    return found


def chosen(view: View, y: Array) -> tuple[Array, Array]:
    """The predicted class and its probability."""
    shares = probabilities(view, y)
    classes = (
        view.model.loss.labels(y) if view.model.loss.kind != "regression" else shares.argmax(1)
    )
    return classes, shares[np.arange(len(shares)), classes]


def as_bytes(shares: Array) -> Array:
    """0 to 1 as 0 to 255."""
    scaled = np.nan_to_num(shares * 255)
    return np.clip(scaled + 0.5, 0, 255).astype(np.uint8)


def signed_bytes(rows: Array) -> tuple[Array, Array]:
    """Rows of numbers as bytes, 128 for 0: value = (byte - 128) / 127 · scale of the row.

    Examples:
        >>> from hyalite.play.pictures import signed_bytes
        >>> bytes_, scales = signed_bytes(np.array([[-2.0, 0.0, 1.0]]))
        >>> bytes_.tolist(), scales.tolist()
        ([[1, 128, 192]], [2.0])
    """
    scales = np.abs(rows).max(axis=1) if rows.size else np.zeros(len(rows))
    scales = np.nan_to_num(scales.astype(np.float32))
    factor = 127 / np.where(scales > 0, scales, 1)
    scaled = np.nan_to_num(rows * factor[:, None])
    scaled += 128.5
    return np.clip(scaled, 1, 255).astype(np.uint8), scales
