"""The linear model of a table: ridge and logistic regression, as layers of the library.

It is what a network has to beat, and on few rows it is a member of the mixture.
"""

from __future__ import annotations

import numpy as np

from hyalite.data.tables.schema import Schema
from hyalite.layers import Dense, Embedding, Layer
from hyalite.model import Sequential
from hyalite.parameters import Array
from hyalite.recipes.tabular.member import Member, softmax
from hyalite.recipes.tabular.minimize import minimize
from hyalite.recipes.tabular.problem import Problem
from hyalite.recipes.tabular.target import TargetScale

MAX_FEATURES = 1000  # of categories that would make it wider it knows nothing
MAX_ROWS = 20_000  # more rows hardly move so few weights
PENALTIES = (1000.0, 100.0, 10.0, 1.0, 0.1)  # λ of |y - x·w|² + λ|w|², or Σ -2 ln p + λ|w|²


class Design:
    """The features of a linear model: standardised inputs, and a 1 for each level of a category.

    Args:
        schema: of the inputs.
        x: training rows (n, inputs), which the means and deviations are of.
        weight: what each row counts (n,).
    """

    def __init__(self, schema: Schema, x: Array, weight: Array) -> None:
        self.plain = [*schema.numbers, *schema.indicators]
        self.plain.sort()
        self.taken: list[tuple[int, int]] = []
        size = len(self.plain)
        for place, count in schema.categories:
            if size + count <= MAX_FEATURES:
                self.taken.append((place, count))
                size += count
        own = x[:, self.plain].astype(np.float64)
        total = weight.sum()
        self.mean = weight @ own / total
        deviation = np.sqrt(weight @ (own - self.mean) ** 2 / total)
        self.scale = np.where(deviation > 1e-9, 1 / np.maximum(deviation, 1e-9), 0.0)

    def features(self, x: Array) -> Array:
        """float64 (n, features)."""
        parts = [(x[:, self.plain] - self.mean) * self.scale]
        parts += [x[:, [place]] == np.arange(count) for place, count in self.taken]
        return np.hstack(parts).astype(np.float64, copy=False)

    def model(self, schema: Schema, W: Array, b: Array, inputs: int) -> Sequential:
        """The same as a `Sequential` that takes x as it is, with an embedding for categories.

        Args:
            schema: of the inputs.
            W: (features, outputs) for standardised features.
            b: (outputs,).
            inputs: how many x has.
        """
        plain, outputs = len(self.plain), W.shape[1]
        own = W[:plain] * self.scale[:, None]
        bias = b - self.mean @ own
        layers: list[Layer] = []
        tables = []
        start = plain
        for place, count in schema.categories:
            taken = (place, count) in self.taken
            tables.append(W[start : start + count] if taken else np.zeros((count, outputs)))
            start += count if taken else 0
        if schema.categories:  # each level's row of W is its vector; these are added up
            layers.append(_embedding(schema, outputs))
            own = np.vstack([own, *[np.eye(outputs)] * len(tables)])
        layers.append(Dense(outputs))
        model = Sequential(layers)
        model.build(inputs, seed=0)
        arrays = [own, bias]
        model.set_weights([np.vstack(tables), *arrays] if tables else arrays)
        return model


def _embedding(schema: Schema, dimension: int) -> Embedding:
    return Embedding([count for _, count in schema.categories], dimension)


def ridge_path(x: Array, y: Array, weight: Array) -> list[tuple[Array, Array]]:
    """W (features, 1) and b (1,) for each penalty: the least Σ weight·(y - x·W - b)² + λ|W|².

    By the singular values of the centred rows, so that all penalties cost what one does.

    Source: Hoerl & Kennard 1970.
    """
    weight = weight / weight.mean()
    centre, middle = np.average(x, axis=0, weights=weight), float(np.average(y, weights=weight))
    root = np.sqrt(weight)[:, None]
    u, s, v = np.linalg.svd((x - centre) * root, full_matrices=False)
    along = u.T @ ((y - middle)[:, None] * root)
    found = []
    for penalty in PENALTIES:
        W = v.T @ (along * (s / (s**2 + penalty))[:, None])
        found.append((W, middle - centre @ W))
    return found


def logistic_path(x: Array, y: Array, weight: Array, classes: int) -> list[tuple[Array, Array]]:
    """W (features, classes) and b (classes,) for each penalty, the least of
    Σ weight·(-ln p of the true class) + λ/2·|W|², each from where the last one ended.
    """
    weight = weight / weight.mean()
    rows, truth = len(x), y[:, None] == np.arange(classes)
    shares = (weight @ truth + 1) / (weight.sum() + classes)
    theta = np.vstack([np.zeros((x.shape[1], classes)), np.log(shares)]).ravel()
    found = []
    for penalty in PENALTIES:
        # for two classes the usual model has one column of weights, which weighs as two here
        strength = penalty * (2 if classes == 2 else 1) / rows

        def mean_loss(theta: Array, strength: float = strength) -> tuple[float, Array]:
            W, b = theta.reshape(-1, classes)[:-1], theta.reshape(-1, classes)[-1]
            z = x @ W + b
            z -= z.max(axis=1, keepdims=True)
            p = np.exp(z)
            total = p.sum(axis=1, keepdims=True)
            losses = np.log(total[:, 0]) - z[truth]
            dz = (p / total - truth) * (weight / rows)[:, None]
            value = float(weight @ losses) / rows + strength / 2 * float((W * W).sum())
            return value, np.vstack([x.T @ dz + strength * W, dz.sum(axis=0)]).ravel()

        theta = minimize(mean_loss, theta)
        found.append((theta.reshape(-1, classes)[:-1], theta.reshape(-1, classes)[-1]))
    return found


def paths(problem: Problem, z: Array, rows: Array) -> tuple[Design, list[tuple[Array, Array]]]:
    """The linear model of these rows at each penalty.

    Args:
        problem: with the inputs.
        z: labels, or numbers standardised, of all rows (n,).
        rows: to train on.
    """
    if len(rows) > MAX_ROWS:  # evenly, so that a sorted table gives all its parts
        rows = rows[np.linspace(0, len(rows) - 1, MAX_ROWS).round().astype(np.int64)]
    x, weight = problem.x[rows], problem.weights(rows)
    design = Design(problem.schema, x, weight)
    features = design.features(x)
    if problem.classes:
        return design, logistic_path(features, z[rows], weight, problem.classes)
    return design, ridge_path(features, z[rows], weight)


def linear_answers(
    problem: Problem, rows: Array, kept: Array, log: bool, stopped: object = None
) -> list[Array]:
    """What the linear model of some rows says of those kept back, at each penalty."""
    target = target_of(problem, rows, log)
    z = problem.y if target is None else target.encode(problem.y)
    design, found = paths(problem, z, rows)
    features = design.features(problem.x[kept])
    answers = []
    for W, b in found:
        outputs = features @ W + b
        answers.append(softmax(outputs) if target is None else target.decode(outputs[:, 0]))
    return answers


def linear_member(problem: Problem, penalty: float, log: bool) -> Member:
    """The linear model of all rows."""
    rows = np.arange(len(problem))
    target = target_of(problem, rows, log)
    z = problem.y if target is None else target.encode(problem.y)
    design, found = paths(problem, z, rows)
    W, b = found[PENALTIES.index(penalty)]
    return Member(design.model(problem.schema, W, b, problem.x.shape[1]), target)


def target_of(problem: Problem, rows: Array, log: bool) -> TargetScale | None:
    """The target's scale over these rows; None where there are classes."""
    if problem.classes:
        return None
    return TargetScale.learn(problem.y[rows], problem.weights(rows), log)
