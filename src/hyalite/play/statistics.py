"""What a page counts of a network: dead units, histograms, confusion, the gradient to come."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from hyalite.engines.blas import one_blas_thread
from hyalite.engines.numpy import NumpyEngine
from hyalite.layers import Sigmoid, Tanh
from hyalite.parameters import Array
from hyalite.play import limits
from hyalite.play.parts import whole
from hyalite.play.pictures import Arrays, chosen
from hyalite.play.problems import Refused
from hyalite.play.view import LayerView, View

DEAD, SATURATED = 1, 2
ZERO_KINDS = ("ReLU",)  # 0 on a whole side, and without a derivative there
RANGES = {Sigmoid: (0.0, 1.0), Tanh: (-1.0, 1.0)}
OUTER = 0.05  # of such a range at each end
MOST_SATURATED = 0.95  # of the samples
HISTOGRAMS = ("weights", "activations", "gradients")


def looked_at(view: View) -> Array:
    """Training samples, evenly chosen, on which units are judged."""
    x, _, _ = view.run.part("training")
    most = limits.SAMPLES_LOOKED_AT // (8 if view.run.data.shape == "pictures" else 1)
    step = -(-len(x) // most)
    return x[::step]


def unit_outputs(view: View) -> dict[str, Array]:
    """What each layer with units gives for those, (samples or places, units)."""
    found = view.outputs(looked_at(view), [layer.name for layer in view.with_units])
    return {one.name: found[one.name].reshape(-1, one.units) for one in view.with_units}


def units(view: View) -> Arrays:
    """Of every unit: whether it is dead or saturated, mean, spread, how often above 0."""
    states, means, spreads, active = [], [], [], []
    found = unit_outputs(view)
    for layer in view.with_units:
        y = found[layer.name]
        states.append(state_of(layer, y))
        means.append(y.mean(axis=0))
        spreads.append(y.std(axis=0))
        active.append((y > 0).mean(axis=0))
    return {
        "unit_state": np.concatenate(states).astype(np.uint8),
        "unit_mean": np.concatenate(means).astype(np.float32),
        "unit_std": np.concatenate(spreads).astype(np.float32),
        "unit_active": np.concatenate(active).astype(np.float32),
    }


def state_of(layer: LayerView, y: Array) -> Array:
    """DEAD, SATURATED or 0 for each unit, by its outputs (n, units)."""
    kind = type(layer.activation)
    if kind.__name__ in ZERO_KINDS:
        return np.where((y <= 0).all(axis=0), DEAD, 0)
    if kind in RANGES:
        low, high = RANGES[kind]
        edge = OUTER * (high - low)
        outer = (y < low + edge) | (y > high - edge)
        return np.where(outer.mean(axis=0) > MOST_SATURATED, SATURATED, 0)
    return np.zeros(layer.units, np.intp)


def histograms(view: View, want: Any, coming: Callable[[], Array]) -> Arrays:
    """Counts of numbers in bins, a row for each layer with units.

    Args:
        view: the network.
        want: "bins", and "of" what.
        coming: gives the gradient of the coming batch.
    """
    bins = whole(want.get("bins", 40), "bins", "want.histograms.bins", 2, limits.BINS)
    kinds = want.get("of", ["weights"])
    if not isinstance(kinds, list) or not set(map(str, kinds)) <= set(HISTOGRAMS):
        raise Refused(f"of must be some of {', '.join(HISTOGRAMS)}", "want.histograms.of")
    found: Arrays = {}
    for kind in kinds:
        rows = [*_numbers(view, kind, coming)]
        counts = np.zeros((len(rows), bins), np.int32)
        ranges = np.zeros((len(rows), 2), np.float32)
        for n, values in enumerate(rows):
            known = values[np.isfinite(values)]
            if known.size:
                counts[n], edges = np.histogram(known, bins)
                ranges[n] = edges[0], edges[-1]
        found[f"histogram.{kind}"], found[f"histogram.{kind}.range"] = counts, ranges
    return found


def _numbers(view: View, kind: str, coming: Callable[[], Array]) -> list[Array]:
    """Of each layer with units."""
    if kind == "activations":
        found = unit_outputs(view)
        return [found[layer.name].ravel() for layer in view.with_units]
    parameters = view.model.network.ready
    vector = parameters.theta if kind == "weights" else coming()
    views = parameters.layout.views(vector)
    rows = []
    for layer in view.with_units:
        own = [a.ravel() for name, a in views.items() if name.startswith(f"{layer.name}.")]
        rows.append(np.concatenate(own) if own else np.zeros(0))
    return rows


def confusion(view: View, part: str) -> Arrays:
    """How often each class was taken for each, rows are true."""
    data = view.run.data
    if data.task != "classes":
        return {}
    x, labels, _ = view.run.part(part)
    if not len(x):
        return {}
    predicted, _ = chosen(view, view.predict(x))
    count = len(data.classes)
    counts = np.bincount(labels * count + predicted, minlength=count * count)
    return {"confusion": counts.reshape(count, count).astype(np.int32)}


def predictions(view: View, part: str) -> Arrays:
    """Of each sample of a part."""
    x, _, _ = view.run.part(part)
    x = x[: limits.POINTS_SHOWN]
    if not len(x):
        return {}
    y = view.predict(x)
    if view.run.data.task == "numbers":
        return {"predicted": y[:, 0].astype(np.float32)}
    classes, surety = chosen(view, y)
    return {"predicted": classes.astype(np.uint8), "probability": surety.astype(np.float32)}


def accuracies(view: View) -> dict[str, float]:
    """Of both parts, where a loss of numbers learns classes and so measures none."""
    run = view.run
    if run.data.task != "classes" or view.model.loss.kind != "regression":
        return {}
    found = {}
    for part, name in (("training", "accuracy"), ("test", "val_accuracy")):
        x, labels, _ = run.part(part)
        x, labels = x[: limits.POINTS_SHOWN], labels[: limits.POINTS_SHOWN]
        if len(x):
            found[name] = float((chosen(view, view.predict(x))[0] == labels).mean())
    return found


def gradient_to_come(view: View) -> tuple[Array, Array]:
    """The gradient of the coming batch with penalties, and what it would add to theta.

    By the reference engine; its last digits may differ from those of the compiled one.
    """
    run, network = view.run, view.model.network
    parameters, objective = network.ready, run.objective
    kept = parameters.state.copy()
    engine, clock_row = NumpyEngine(network), network.clock.row
    batch = run.batch_of("training", view.coming)
    with one_blas_thread, np.errstate(all="ignore"):
        engine.batch_gradient(network.stages(objective), batch, objective, ())
        network.add_penalty_gradient()
        gradient = parameters.grad.copy()
        after, optimizer = parameters.theta.copy(), copy.deepcopy(view.model.optimizer)
        optimizer.bind(parameters.layout)
        optimizer.step(after, gradient.copy())
    parameters.state[...], network.clock.row = kept, clock_row
    return gradient, after - parameters.theta
