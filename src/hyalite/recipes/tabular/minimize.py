"""L-BFGS: the minimum of a smooth function of many numbers, by its gradients alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hyalite.parameters import Array

MEMORY = 10  # steps that are remembered
ARMIJO, HALVINGS = 1e-4, 25


def minimize(
    function: Callable[[Array], tuple[float, Array]],
    start: Array,
    *,
    steps: int = 200,
    tolerance: float = 1e-4,
) -> Array:
    """Where the function is least, near enough.

    Each step goes along -H·g, where H is what the last steps say of the inverse Hessian (the
    two-loop recursion), and is halved until the function falls enough.

    Args:
        function: of theta (size,): its value and its gradient (size,).
        start: theta (size,), float64.
        steps: at most.
        tolerance: of the largest entry of the gradient.

    Source: Nocedal & Wright, *Numerical optimization*, algorithms 7.4 and 7.5.

    Examples:
        >>> from hyalite.recipes.tabular.minimize import minimize
        >>> bowl = lambda t: (float(((t - 3) ** 2 * [1, 9]).sum()), 2 * (t - 3) * [1, 9])
        >>> minimize(bowl, np.zeros(2)).round(4).tolist()
        [3.0, 3.0]
    """
    theta = start
    value, gradient = function(theta)
    moves: list[tuple[Array, Array]] = []  # how theta and the gradient changed, newest last
    for _ in range(steps):
        if float(np.abs(gradient).max(initial=0.0)) <= tolerance:
            break
        direction = -_times_inverse_hessian(gradient, moves)
        slope = float(gradient @ direction)
        if slope >= 0:  # rounding has spoilt what was remembered
            moves, direction, slope = [], -gradient, -float(gradient @ gradient)
        length = 1.0 if moves else min(1.0, 1 / float(np.abs(gradient).sum()))
        for _ in range(HALVINGS):
            found, new = function(theta + length * direction)
            if found <= value + ARMIJO * length * slope:
                break
            length /= 2
        else:
            break  # as low as the arithmetic goes
        step, change = length * direction, new - gradient
        if float(step @ change) > 1e-12 * float(change @ change):
            moves = [*moves[-MEMORY + 1 :], (step, change)]
        theta, value, gradient = theta + step, found, new
    return theta


def _times_inverse_hessian(gradient: Array, moves: list[tuple[Array, Array]]) -> Array:
    """The two-loop recursion."""
    found = gradient.copy()
    shares = []
    for step, change in reversed(moves):
        share = float(step @ found) / float(step @ change)
        found -= share * change
        shares.append(share)
    if moves:
        step, change = moves[-1]
        found *= float(step @ change) / float(change @ change)
    for (step, change), share in zip(moves, reversed(shares), strict=True):
        found += (share - float(change @ found) / float(step @ change)) * step
    return found
