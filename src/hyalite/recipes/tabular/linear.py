"""The linear model of a table: ridge and logistic regression, as layers of the library.

It is what a network has to beat, and on few rows it is a member of the mixture.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from hyalite.data.tables.schema import Schema
from hyalite.layers import Dense, Embedding, Layer
from hyalite.model import Sequential
from hyalite.parameters import Array
from hyalite.recipes.tabular.member import Member, softmax
from hyalite.recipes.tabular.minimize import minimize
from hyalite.recipes.tabular.problem import Problem
from hyalite.recipes.tabular.target import TargetScale

MAX_ROWS = 20_000  # more rows hardly move so few weights
MAX_CLOSED_FORM = 500  # features; of more the equations take longer than steps downhill
MARGIN = 0.5  # ranges of training beyond its ends: so far a straight line is believed
PENALTIES = (1000.0, 100.0, 10.0, 1.0, 0.1)  # λ of |y - x·w|² + λ|w|², or Σ -2 ln p + λ|w|²
Weights = tuple[Array, Array]  # W (features, outputs), b (outputs,)


class Design:
    """The features of a linear model: standardised inputs, and a 1 for the level of each category.

    The ones are not written out, be there thousands of levels: W has a row for each, which is
    looked up.

    Args:
        schema: of the inputs.
        x: training rows (n, inputs), which the means and deviations are of.
        weight: what each row counts (n,).
    """

    def __init__(self, schema: Schema, x: Array, weight: Array) -> None:
        self.plain = sorted([*schema.numbers, *schema.indicators])
        self.categories = schema.categories
        self.size = len(self.plain) + sum(count for _, count in self.categories)
        own = x[:, self.plain].astype(np.float64)
        total = weight.sum()
        self.mean = weight @ own / total
        deviation = np.sqrt(weight @ (own - self.mean) ** 2 / total)
        self.scale = np.where(deviation > 1e-9, 1 / np.maximum(deviation, 1e-9), 0.0)

    def rows(self, x: Array) -> Rows:
        """The features of these rows."""
        start, levels = len(self.plain), []
        for place, count in self.categories:
            levels.append(start + x[:, place].astype(np.intp))
            start += count
        own = np.ascontiguousarray((x[:, self.plain] - self.mean) * self.scale, np.float64)
        return Rows(own, np.array(levels, np.intp).reshape(len(levels), len(x)), self.size)

    def model(self, W: Array, b: Array, inputs: int) -> Sequential:
        """The same as a `Sequential` that takes x as it is, with an embedding for categories.

        Args:
            W: (features, outputs).
            b: (outputs,).
            inputs: how many x has.
        """
        plain, outputs = len(self.plain), W.shape[1]
        own = W[:plain] * self.scale[:, None]
        bias = b - self.mean @ own
        layers: list[Layer] = []
        tables = [W[plain:]] if self.categories else []
        if tables:  # each level's row of W is its vector; these are added up
            counts = [count for _, count in self.categories]
            places = [place for place, _ in self.categories]
            layers.append(Embedding(counts, outputs, columns=places))
            own = np.vstack([own, *[np.eye(outputs)] * len(counts)])
        layers.append(Dense(outputs))
        model = Sequential(layers)
        model.build(inputs, seed=0)
        model.set_weights([*tables, own, bias])
        return model


@dataclass(frozen=True)
class Rows:
    """The features of rows.

    Attributes:
        plain: standardised inputs, float64 (n, plain).
        levels: places of the ones among the features, (categories, n).
        size: how many features there are.
    """

    plain: Array
    levels: Array
    size: int

    def times(self, W: Array) -> Array:
        """x·W, (n, outputs)."""
        found = self.plain @ W[: self.plain.shape[1]]
        for level in self.levels:
            found += W[level]
        return np.asarray(found)

    def transposed_times(self, dz: Array) -> Array:
        """xᵀ·dz, (features, outputs)."""
        found = np.zeros((self.size, dz.shape[1]))
        found[: self.plain.shape[1]] = self.plain.T @ dz
        for level in self.levels:
            for output in range(dz.shape[1]):
                found[:, output] += np.bincount(level, dz[:, output], self.size)
        return found

    def gram(self, weight: Array) -> Array:
        """xᵀ·diag(weight)·x, (features, features)."""
        plain = self.plain.shape[1]
        found = np.empty((self.size, self.size))
        found[:, :plain] = self.transposed_times(weight[:, None] * self.plain)
        found[:plain, plain:] = found[plain:, :plain].T
        pairs = np.zeros(self.size**2)
        for one in self.levels:
            for other in self.levels:
                pairs += np.bincount(one * self.size + other, weight, len(pairs))
        found[plain:, plain:] = pairs.reshape(found.shape)[plain:, plain:]
        return found


def ridge_path(
    rows: Rows, y: Array, weight: Array, penalties: Sequence[float] = PENALTIES
) -> list[Weights]:
    """For each penalty the least Σ weight·(y - x·W - b)² + λ|W|².

    By the normal equations of the centred features; of many features step by step.

    Source: Hoerl & Kennard 1970.
    """
    weight = weight / weight.mean()
    middle = float(np.average(y, weights=weight))
    if rows.size > MAX_CLOSED_FORM:

        def squares(z: Array) -> tuple[Array, Array]:
            off = z[:, 0] - (y - middle)
            return off**2 / 2, off[:, None]

        start = np.zeros((rows.size + 1, 1))
        found = _path(rows, squares, weight, start, penalties)
        return [(W, b + middle) for W, b in found]
    centre = rows.transposed_times(weight[:, None])[:, 0] / len(weight)
    gram = rows.gram(weight) - len(weight) * np.outer(centre, centre)
    along = rows.transposed_times((weight * (y - middle))[:, None])
    found = []
    for penalty in penalties:
        W = np.linalg.solve(gram + penalty * np.eye(rows.size), along)
        found.append((W, middle - centre @ W))
    return found


def logistic_path(
    rows: Rows, y: Array, weight: Array, classes: int, penalties: Sequence[float] = PENALTIES
) -> list[Weights]:
    """For each penalty the least Σ weight·(-ln p of the true class) + λ/2·|W|²."""
    weight = weight / weight.mean()
    truth = y[:, None] == np.arange(classes)
    shares = (weight @ truth + 1) / (weight.sum() + classes)

    def losses(z: Array) -> tuple[Array, Array]:
        z = z - z.max(axis=1, keepdims=True)
        p = np.exp(z)
        total = p.sum(axis=1, keepdims=True)
        return np.log(total[:, 0]) - z[truth], p / total - truth

    start = np.vstack([np.zeros((rows.size, classes)), np.log(shares)])
    # for two classes the usual model has one column of weights, which weighs as two here
    factor = 2.0 if classes == 2 else 1.0
    return _path(rows, losses, weight, start, [factor * penalty for penalty in penalties])


def _path(
    rows: Rows,
    losses: Callable[[Array], tuple[Array, Array]],
    weight: Array,
    start: Array,
    penalties: Sequence[float],
) -> list[Weights]:
    """The least Σ weight·loss + λ/2·|W|² for each λ, each from where the last one ended.

    Args:
        rows: the features.
        losses: of z = x·W + b (n, outputs): the loss of each row, and its derivative by z.
        weight: what each row counts (n,), of mean 1.
        start: W, and b below it, (features + 1, outputs).
        penalties: λ, falling.
    """
    count, shape, theta, found = len(weight), start.shape, start.ravel(), []
    for penalty in penalties:
        strength = penalty / count

        def mean_loss(theta: Array, strength: float = strength) -> tuple[float, Array]:
            W, b = theta.reshape(shape)[:-1], theta.reshape(shape)[-1]
            values, dz = losses(rows.times(W) + b)
            dz = dz * (weight / count)[:, None]
            value = float(weight @ values) / count + strength / 2 * float((W * W).sum())
            gradient = np.empty(shape)
            gradient[:-1] = rows.transposed_times(dz) + strength * W
            gradient[-1] = dz.sum(axis=0)
            return value, gradient.ravel()

        theta = minimize(mean_loss, theta)
        found.append((theta.reshape(shape)[:-1], theta.reshape(shape)[-1]))
    return found


def paths(
    problem: Problem, z: Array, rows: Array, penalties: Sequence[float] = PENALTIES
) -> tuple[Design, list[Weights]]:
    """The linear model of these rows at each penalty.

    Args:
        problem: with the inputs.
        z: labels, or numbers standardised, of all rows (n,).
        rows: to train on.
        penalties: falling.
    """
    if len(rows) > MAX_ROWS:  # evenly, so that a sorted table gives all its parts
        rows = rows[np.linspace(0, len(rows) - 1, MAX_ROWS).round().astype(np.int64)]
    x, weight = problem.x[rows], problem.weights(rows)
    design = Design(problem.schema, x, weight)
    features = design.rows(x)
    if problem.classes:
        return design, logistic_path(features, z[rows], weight, problem.classes, penalties)
    return design, ridge_path(features, z[rows], weight, penalties)


def linear_answers(
    problem: Problem, rows: Array, kept: Array, log: bool, stopped: object = None
) -> list[Array]:
    """What the linear model of some rows says of those kept back, at each penalty."""
    target = target_of(problem, rows, log)
    z = problem.y if target is None else target.encode(problem.y)
    design, found = paths(problem, z, rows)
    features = design.rows(problem.x[kept])
    answers = []
    for W, b in found:
        outputs = features.times(W) + b
        answers.append(softmax(outputs) if target is None else target.decode(outputs[:, 0]))
    return answers


def linear_member(problem: Problem, penalty: float, log: bool) -> Member:
    """The linear model of all rows."""
    rows = np.arange(len(problem))
    target = target_of(problem, rows, log)
    z = problem.y if target is None else target.encode(problem.y)
    down_to = PENALTIES[: PENALTIES.index(penalty) + 1]  # the last from where the others ended
    design, found = paths(problem, z, rows, down_to)
    W, b = found[-1]
    return Member(design.model(W, b, problem.x.shape[1]), target)


def target_of(problem: Problem, rows: Array, log: bool) -> TargetScale | None:
    """The target's scale over these rows; None where there are classes."""
    if problem.classes:
        return None
    return TargetScale.learn(problem.y[rows], problem.weights(rows), log, 0.0 if log else MARGIN)
