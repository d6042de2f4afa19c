"""Training by SciPy's L-BFGS: the whole data's loss and gradient as a function of theta."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import minimize as scipy_minimize

from hyalite.data.samples import Samples
from hyalite.engines.base import Task
from hyalite.engines.numpy import NumpyEngine
from hyalite.model import Sequential
from hyalite.parameters import Array


def minimize(
    model: Sequential, x: Array, target: Array, weight: Array | None, *, steps: int, calls: int,
    tol: float,
) -> Any:  # fmt: skip
    """Move the model's parameters to where its loss is least; SciPy's result.

    Args:
        model: built and compiled; its optimizer is not used.
        x: samples (n, features).
        target: as `Sequential.fit` takes it.
        weight: of the samples (n,), or None.
        steps: iterations at most.
        calls: evaluations of loss and gradient at most.
        tol: of the largest entry of the gradient.
    """
    network = model.network
    parameters, engine = network.ready, NumpyEngine(network)
    objective = network.objective(model.loss)
    if weight is not None:
        weight = weight / weight.mean()
    y = model.loss.target(target, network.output_shape)
    task = Task(Samples(x, y, weight, network.dtype), len(x), objective, ())

    def loss(theta: Array) -> tuple[float, Array]:
        parameters.theta[...] = theta
        with np.errstate(over="ignore", invalid="ignore"):
            value = engine.gradient(task)
        return value, parameters.grad.astype(np.float64)

    found = scipy_minimize(
        loss,
        parameters.theta.astype(np.float64),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": steps, "maxfun": calls, "gtol": tol},
    )
    parameters.theta[...] = found.x
    return found
