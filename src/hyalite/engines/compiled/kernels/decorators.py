"""How the functions of the kernels are compiled: two decorators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit
from numba.core import typed_passes, untyped_passes
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import PassManager

F = TypeVar("F", bound=Callable[..., Any])
# Passes of Numba that find nothing to do in a kernel, which has neither closures nor expressions of
# whole arrays; looking for it is a fifth of what Numba does.
NEEDLESS = (
    untyped_passes.WithLifting,
    untyped_passes.InlineClosureLikes,
    untyped_passes.RewriteSemanticConstants,
    untyped_passes.DeadBranchPrune,
    untyped_passes.RewriteDynamicRaises,
    untyped_passes.MakeFunctionToJitFunction,
    untyped_passes.InlineInlinables,
    untyped_passes.FindLiterallyCalls,
    untyped_passes.LiteralUnroll,
    untyped_passes.LiteralPropagationSubPipelinePass,
    typed_passes.InlineOverloads,
    typed_passes.NopythonRewrites,
    typed_passes.NoPythonSupportedFeatureValidation,
    typed_passes.AnnotateTypes,
    typed_passes.DumpParforDiagnostics,
)


class Pipeline(CompilerBase):
    """Numba's, of what kernels need."""

    def define_pipelines(self) -> list[PassManager]:
        """All passes but the needless."""
        passes = PassManager("kernel")
        for one, text in DefaultPassBuilder.define_nopython_pipeline(self.state).passes:
            if one not in NEEDLESS:
                passes.add_pass(one, text)
        passes.finalize()
        return [passes]


OPTIONS: dict[str, Any] = {
    "error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True,
    "pipeline_class": Pipeline,
}  # fmt: skip


def kernel(function: F) -> F:
    """Compiled, without a freedom that would let rounding depend on how: one order, one rounding.

    So the bytes do not depend on who compiled, with which neighbours, or for which vector width.
    Where two roundings are one too many, the source says `fma`.

    It can be called from compiled code alone: what Python would need to call it is left out, which
    is a tenth of compiling. What can be called from elsewhere is listed in `catalogue`.
    """
    return njit(**OPTIONS)(function)


def elementary(function: F) -> F:
    """As `kernel`, for a function of one number that loops call.

    It becomes part of the loop, however long it is. Else LLVM leaves long ones apart, and a loop
    that calls is not made of vector instructions: 8 times slower.
    """
    return njit(**OPTIONS, forceinline=True)(function)


# Numba compiles a function anew for every literal among its arguments, which takes 0.2 to 1 s each.
# These are none.
ZERO, ONE = cast(int, np.int64(0)), cast(int, np.int64(1))
TRUE, FALSE = cast(bool, np.bool_(True)), cast(bool, np.bool_(False))
