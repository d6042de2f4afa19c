"""The kernels that are compiled by themselves, by name: where each stands, and what it takes."""

from __future__ import annotations

import importlib
from typing import Any, NamedTuple

from hyalite.engines.compiled.kernels import signatures
from hyalite.engines.compiled.kernels.frames import numba_type
from hyalite.engines.compiled.structs import OperationKind, Real

KERNELS = "hyalite.engines.compiled.kernels"


class Entry(NamedTuple):
    """A kernel.

    Attributes:
        module: in which it stands, within `kernels`.
        function: its name there.
        hints: what its parameters are, as annotations in `structs`; `Real` is a number of the
            model's dtype.
    """

    module: str
    function: str
    hints: tuple[Any, ...]


ENTRIES: dict[str, Entry] = {
    "train": Entry("training", "train", (int, int, int, Real)),
    "infer": Entry("inference", "infer", (int, int, int, Real)),
    "help_infer": Entry("inference", "help_infer", (int, int, Real)),
    "predict_few": Entry("inference", "predict_few", (int, int, int, int, Real)),
    "product": Entry("matmul", "product", signatures.PRODUCT),
    "window_product": Entry("window_product", "window_product", signatures.WINDOW_PRODUCT),
    "bias_and_activation": Entry(
        "activations", "bias_and_activation", signatures.BIAS_AND_ACTIVATION
    ),
    "activation_gradient": Entry(
        "activations", "activation_gradient", signatures.ACTIVATION_GRADIENT
    ),
    "slice_forward": Entry("operations.dense", "forward_slice", signatures.SLICE_FORWARD),
    "shared_product": Entry("operations.dense", "shared_product", signatures.SHARED_PRODUCT),
    "tile_gradient": Entry("operations.dense", "dense_tile_gradient", signatures.TILE_GRADIENT),
    "gather": Entry("samples", "gather", signatures.GATHER),
    "categorical_loss": Entry("losses", "categorical_loss", signatures.LOSS),
    "binary_loss": Entry("losses", "binary_loss", signatures.LOSS),
    "regression_loss": Entry("losses", "regression_loss", signatures.LOSS),
    "grouped_loss": Entry("grouped_loss", "grouped_loss", signatures.LOSS),
    "predictions": Entry("losses", "predict", signatures.PREDICTIONS),
    "add": Entry("vector_sum", "add", (int, int, int, int, Real)),
    "optimizer": Entry("optimizers", "optimizer_step", signatures.OPTIMIZER),
    "join_sums": Entry("operations.batch_normalization", "join_sums", signatures.JOIN_SUMS),
    "follow_moments": Entry(
        "operations.batch_normalization", "follow_moments", signatures.FOLLOW_MOMENTS
    ),
    "set_drop_rates": Entry("operations.dropout", "set_drop_rates", signatures.SET_DROP_RATES),
}
for _kind in OperationKind:
    _name = _kind.name.lower()
    for _pass, _hints in (("forward", signatures.FORWARD), ("backward", signatures.BACKWARD)):
        ENTRIES[f"{_name}_{_pass}"] = Entry(f"operations.{_name}", f"{_name}_{_pass}", _hints)


def kernel_of(name: str) -> Any:
    """The function, as Numba's decorator has left it."""
    entry = ENTRIES[name]
    return getattr(importlib.import_module(f"{KERNELS}.{entry.module}"), entry.function)


def types_of(name: str, dtype: Any) -> tuple[Any, ...]:
    """The types of its parameters, in a model of a dtype of Numba's."""
    return tuple(dtype if hint is Real else numba_type(hint, dtype) for hint in ENTRIES[name].hints)
