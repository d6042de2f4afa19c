"""Which engine runs a model: the one that is asked for, or the fastest that can."""

from __future__ import annotations

from hyalite.engines.base import Engine
from hyalite.engines.compiled.machine_code.choice import there_is_any
from hyalite.engines.numpy import NumpyEngine
from hyalite.errors import require
from hyalite.losses import Loss
from hyalite.messages import say_once
from hyalite.network import Network
from hyalite.optimizers import Optimizer
from hyalite.workers import Group

ENGINES = ("auto", "compiled", "numpy")


def choose(
    name: str,
    network: Network,
    shards: int = 1,
    loss: Loss | None = None,
    optimizer: Optimizer | None = None,
    *,
    workers: Group | None = None,
    quiet: bool = False,
) -> Engine:
    """The engine for this network.

    Args:
        name: "numpy"; "compiled"; or "auto": compiled where there is machine code, or Numba to make
            it, and every part is the library's own, else numpy, which is said once: see
            `hyalite.messages`.
        network: built.
        shards: parts of a batch that are computed apart.
        loss: for training or evaluation.
        optimizer: for training.
        workers: that train together; None for this process alone.
        quiet: say nothing.

    Raises:
        MissingExtra: "compiled" without Numba.
        ValueError: "compiled" for a model with a part that it does not know.
    """
    reference = NumpyEngine(network, shards, workers)
    if name == "numpy":
        return reference
    if not there_is_any():
        if name == "compiled":
            require("numba", "fast", "the compiled engine")
        if not quiet:
            say_once("no Numba, so the NumPy engine; pip install 'hyalite[fast]' for the fast one")
        return reference
    from hyalite.engines.compiled.engine import CompiledEngine
    from hyalite.engines.compiled.lowering.support import Unsupported, check

    try:
        check(network, loss, optimizer)
    except Unsupported as reason:
        if name == "compiled":
            raise ValueError(f"engine='compiled' cannot run this model: {reason}") from None
        if not quiet:
            say_once(f"the NumPy engine, since {reason}")
        return reference
    return CompiledEngine(network, shards, workers)
