"""Are the gradients right? Held against central differences, in float64.

The numerical derivative is the five-point formula

    f'(x) ≈ [8·(f(x+h) - f(x-h)) - (f(x+2h) - f(x-2h))] / 12h

whose error is of order h⁴, plus rounding of order 1/h. So h is made smaller until two estimates
agree. Near a kink (ReLU at 0, |w| at 0, a clipped probability) differences mean nothing; so the
checker watches which branch won in each layer, loss and penalty, passes over an h for which a
branch changes between x-2h and x+2h, and skips the entry where none is small enough.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from hyalite import checks
from hyalite.layers import Layer
from hyalite.layers.chain import backward, forward
from hyalite.losses import Loss
from hyalite.model import Sequential
from hyalite.parameters import Array, Layout
from hyalite.training.inputs import InputSpec

STEP_SIZES = (2e-3, 5e-4, 1.25e-4, 3e-5, 8e-6)  # h
AGREEMENT = 1e-10  # estimates that differ by less, relatively, are taken as exact
MAX_CHECKED_PARAMETERS = 5000  # parameters; larger models are checked along directions
Branches = list[Array]
Function = Callable[[], tuple[float, Branches]]


@dataclass(frozen=True)
class Report:
    """What a check found.

    Attributes:
        error: the largest relative error, |a - n| / max(|a|, |n|, 1e-3·max|a|).
        name: of the entry where it is, such as ``dense_1.W[3, 0]``, or of the direction.
        analytic: the gradient there by backpropagation.
        numeric: and by differences.
        checked: how many entries (or directions) were compared.
        skipped: how many lay at a kink.

    Examples:
        >>> report = hy.gradcheck.check_layer(hy.ReLU(), [[1.0, 0.0]])
        >>> report.checked, report.skipped, report.tolerance, report.ok  # 0 is ReLU's kink
        (1, 1, 1e-05, True)
    """

    error: float
    name: str
    analytic: float
    numeric: float
    checked: int
    skipped: int

    @property
    def tolerance(self) -> float:
        """1e-7, or 1e-5 where kinks had to be skipped."""
        return 1e-5 if self.skipped else 1e-7

    @property
    def ok(self) -> bool:
        """Whether something was compared and the error is within `tolerance`."""
        return self.checked > 0 and self.error <= self.tolerance

    def __str__(self) -> str:
        if not self.checked:
            return (
                f"gradient NOT CHECKED: all {self.skipped} comparisons met a kink, such as a ReLU "
                "at 0;\n    take fewer samples or units, or a smooth activation such as tanh"
            )
        verdict = "right" if self.ok else "WRONG"
        kinks = f"; {self.skipped} skipped at kinks" if self.skipped else ""
        return (
            f"gradient {verdict}: "
            f"largest relative error {self.error:.1e} of {self.checked} compared{kinks}\n"
            f"    {self.name}: backpropagated {self.analytic:.10g}, numerical {self.numeric:.10g}"
        )


def numerical_gradient(function: Callable[[Array], float], x: Any) -> Array:
    """The gradient of `function` at `x` by differences, an array of x's shape, float64.

    Args:
        function: takes an array of x's shape and returns a number.
        x: of any shape; it is not changed.

    Raises:
        ValueError: `x` holds integers (a step of h would be rounded away), or no numbers.

    Examples:
        >>> function = lambda x: x[0] ** 2 + 5 * x[1]
        >>> gradient = hy.gradcheck.numerical_gradient(function, [3.0, 1.0])
        >>> gradient.round(6).tolist()  # 2·3 and 5
        [6.0, 5.0]
    """
    point = _as_float64(x, "x").copy()
    result = np.empty_like(point)
    for place in np.ndindex(point.shape):
        result[place] = _derivative(lambda: (float(function(point)), []), point, place)
    return result


def check_model(
    model: Sequential,
    x: Any,
    y: Any,
    *,
    sample_weight: Any = None,
    directions: int | None = None,
    seed: int = 0,
) -> Report:
    """Check the gradient of a compiled model's training loss, penalties included.

    A float64 copy is checked; the model itself is not touched. Dropout keeps one mask throughout,
    batch normalization uses the batch's statistics.

    Args:
        model: built or not, compiled.
        x: samples; a few (5 to 20) are enough.
        y: targets.
        sample_weight: (n,), or None.
        directions: None checks every parameter of a model of at most 5,000 and 20 random
            directions of a larger one; a number asks for that many directions.
        seed: of directions, and of initial weights where the model is not built.

    Raises:
        ValueError: the model is not compiled, or x or y do not fit.

    Examples:
        >>> model = hy.Sequential([hy.Dense(4, "tanh"), hy.Dense(3, "softmax")])
        >>> model.compile("categorical_crossentropy")
        >>> report = hy.gradcheck.check_model(model, [[0.1, 0.2], [0.3, -0.4]], [0, 2])
        >>> report.ok, report.checked  # 2·4 + 4 + 4·3 + 3 parameters
        (True, 27)
    """
    twin = _float64_copy(model, x, seed)
    network, objective = twin.network, twin.network.objective(twin.loss)
    spec = InputSpec.of(network, twin.loss, network.input_shape)
    data, target, weight = spec.data(x, y, sample_weight)
    data = data.astype(np.float64)
    target = target if target.ndim == 1 else target.astype(np.float64)
    parameters = network.parameters
    assert parameters is not None
    stages = network.stages(objective)
    total = float(len(data)) if weight is None else float(weight.sum())
    state = parameters.state.copy()

    def loss() -> tuple[float, Branches]:
        parameters.state[...] = state
        output = forward(stages, data, training=True)
        _, values, _ = objective(output, target, weight, total)
        value = float(values.sum() if weight is None else values @ weight) / total
        won = [stage.branches() for stage in stages]
        if not objective.fuses_last:
            won.append(objective.loss.branches(output, target))
        won += [np.sign(layer.values[key]) for layer, key in _with_l1(twin)]
        return value + network.penalty(), [b.copy() for b in won if b is not None]

    output = forward(stages, data, training=True)
    backward(stages, objective(output, target, weight, total)[2])
    network.add_penalty_gradient()
    analytic = parameters.grad.copy()
    if directions is None and analytic.size > MAX_CHECKED_PARAMETERS:
        directions = 20
    if directions is None:
        return _compare(loss, parameters.theta, analytic, parameters.layout)
    return _along_directions(loss, parameters.theta, analytic, directions, seed)


def check_layer(layer: Layer, x: Any, *, training: bool = True, seed: int = 0) -> Report:
    """Check a layer alone: dx and the gradients of its parameters.

    The loss is Σ r·y with random r. A copy in float64 is checked.

    Args:
        layer: built or not.
        x: floats (n, ...).
        training: as in `Layer.forward`.
        seed: of r, and of initial values where the layer is not built.

    Raises:
        ValueError: `x` holds integers, or is of a shape that the layer cannot take.

    Examples:
        >>> x = np.linspace(-1.0, 1.0, 6).reshape(2, 3)
        >>> report = hy.gradcheck.check_layer(hy.Dense(2), x)
        >>> report.ok, report.checked  # x 2·3, W 3·2, b 2
        (True, 14)
        >>> class Wrong(hy.Tanh):
        ...     def backward(self, dy):
        ...         return self.receive_dy(dy) * (1 - self.y)  # the square is missing
        >>> hy.gradcheck.check_layer(Wrong(), x).ok
        False
    """
    x = _as_float64(x, "x").copy()
    fresh = copy.deepcopy(layer)
    fresh.unbind()
    fresh.build(x.shape[1:], seed=seed, dtype=np.float64)
    for store in ("values", "state"):
        for key, values in getattr(layer, store).items():
            getattr(fresh, store)[key][...] = values
    state = {key: values.copy() for key, values in fresh.state.items()}
    step = fresh.clock.step
    parts = [fresh, getattr(fresh, "activation", None)]

    def run() -> Array:
        fresh.clock.step = step
        for key, values in state.items():
            fresh.state[key][...] = values
        return fresh.forward(x, training)

    rng = np.random.default_rng((seed, layer.index, 1))  # not the stream that made the user's x
    r = rng.standard_normal(run().shape)

    def loss() -> tuple[float, Branches]:
        value = float(np.vdot(r, run()))
        won = [part.branches() for part in parts if part is not None]
        return value, [b.copy() for b in won if b is not None]

    run()
    dx = fresh.backward(r.copy())
    assert dx is not None
    reports = [_compare(loss, x, dx.copy(), Layout({"x": x.shape}))]
    for key, values in fresh.values.items():
        gradient = fresh.gradients[key].copy()
        reports.append(_compare(loss, values, gradient, Layout({key: values.shape})))
    return _worst(reports)


def check_loss(loss: Loss, prediction: Any, target: Any, *, sample_weight: Any = None) -> Report:
    """Check a loss alone: `Loss.backward` against `Loss.__call__`.

    Args:
        loss: to check.
        prediction: floats (n, d).
        target: as the loss takes it.
        sample_weight: (n,), or None.

    Raises:
        ValueError: `prediction` holds integers, or an argument does not fit the loss.

    Examples:
        >>> hy.gradcheck.check_loss(hy.Huber(), [[0.3, 2.0]], [[0.0, 0.0]]).ok
        True
    """
    p = _as_float64(prediction, "prediction").copy()
    canonical = loss.target(target, p.shape[1:], "target")

    def value() -> tuple[float, Branches]:
        won = loss.branches(p, canonical)
        return loss(p, target, sample_weight), [] if won is None else [won]

    gradient = loss.backward(p, target, sample_weight)
    return _compare(value, p, gradient, Layout({"prediction": p.shape}))


def _as_float64(x: Any, argument: str) -> Array:
    x = checks.array(x, argument)
    if x.dtype.kind != "f":
        raise ValueError(
            f"{argument} must hold floats, got {x.dtype}: a small step in integers is rounded "
            f"away, and the derivative with it. Use {argument}.astype(float)"
        )
    return x.astype(np.float64)


def _float64_copy(model: Sequential, x: Any, seed: int) -> Sequential:
    """The same model with the same numbers, in float64."""
    twin = copy.deepcopy(model)
    if not twin.compiled:
        raise ValueError("compile the model first: the gradient is that of its loss")
    if not twin.built:
        twin.build(checks.inputs(x, None).shape[1:], seed)
    weights = twin.get_weights()
    twin.network.convert(np.float64)
    twin.set_weights(weights)
    return twin


def _with_l1(model: Sequential) -> Iterator[tuple[Layer, str]]:
    for layer in model.layers:
        for key, l1, _ in layer.penalties():
            if l1:
                yield layer, key


def _derivative(
    function: Function, x: Array, place: Any, direction: Array | None = None
) -> float | None:
    """The derivative by one entry of `x` or along `direction`; None at a kink."""
    best, spread = None, np.inf
    last = None
    for h in STEP_SIZES:
        estimate = _difference(function, x, place, h, direction)
        if estimate is not None and last is not None and abs(estimate - last) < spread:
            best, spread = estimate, abs(estimate - last)
            if spread <= AGREEMENT * abs(estimate):
                break
        last = estimate
    return last if best is None else best


def _difference(
    function: Function, x: Array, place: Any, h: float, direction: Array | None
) -> float | None:
    """The five-point formula; None where a branch changes on the way."""
    here = x[place].copy()
    way = 1.0 if direction is None else direction
    values, won = [], []
    try:
        for factor in (2, 1, -1, -2):
            x[place] = here + factor * h * way
            value, branches = function()
            values.append(value)
            won.append(branches)
    finally:
        x[place] = here
    for other in won[1:]:
        if not all(np.array_equal(a, b) for a, b in zip(won[0], other, strict=True)):
            return None
    far, near, back, far_back = values
    return (8 * (near - back) - (far - far_back)) / (12 * h)


def _compare(function: Function, x: Array, analytic: Array, layout: Layout) -> Report:
    """Every entry of `x`."""
    numeric: list[float | None] = [_derivative(function, x, place) for place in np.ndindex(x.shape)]
    return _report(analytic.ravel(), numeric, layout.name_of)


def _along_directions(
    function: Function, theta: Array, analytic: Array, count: int, seed: int
) -> Report:
    """Along random directions: some evaluations a direction, for any number of parameters."""
    rng = np.random.default_rng(seed)
    slopes, numeric = [], []
    for _ in range(checks.integer(count, "directions")):
        direction = rng.standard_normal(theta.shape)
        direction /= np.linalg.norm(direction)
        slopes.append(float(direction @ analytic))
        numeric.append(_derivative(function, theta, slice(None), direction))
    return _report(np.array(slopes), numeric, lambda index: f"direction {index}")


def _report(analytic: Array, numeric: list[float | None], name_of: Callable[[int], str]) -> Report:
    compared = [index for index, value in enumerate(numeric) if value is not None]
    if not compared:
        return Report(0.0, "-", 0.0, 0.0, 0, len(numeric))
    a = analytic[compared]
    n = np.array([numeric[index] for index in compared], np.float64)
    floor = max(1e-3 * float(np.abs(a).max()), 1e-300)
    errors = np.abs(a - n) / np.maximum(np.maximum(np.abs(a), np.abs(n)), floor)
    # a gradient that is zero throughout is right if the differences are rounding noise
    if np.abs(a).max() == 0:
        errors = np.where(np.abs(n) < 1e-10, 0.0, np.inf)
    worst = int(np.argmax(np.where(np.isnan(errors), np.inf, errors)))
    return Report(
        float(errors[worst]),
        name_of(compared[worst]),
        float(a[worst]),
        float(n[worst]),
        len(compared),
        len(numeric) - len(compared),
    )


def _worst(reports: list[Report]) -> Report:
    worst = max(reports, key=lambda report: report.error)
    return Report(
        worst.error,
        worst.name,
        worst.analytic,
        worst.numeric,
        sum(report.checked for report in reports),
        sum(report.skipped for report in reports),
    )
