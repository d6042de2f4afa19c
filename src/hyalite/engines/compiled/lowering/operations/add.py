"""The sum that joins the two ways of a block: what its layers made, and what went past them."""

from __future__ import annotations

from hyalite.engines.compiled.lowering.operations.base import Operation
from hyalite.engines.compiled.structs import OperationKind


class Add(Operation):
    """`y = x + y of the fork`, whose number is the constant.

    Its derivative goes both ways, so it is written anew for the one and stays for the other.
    """

    kind = OperationKind.ADD
    dx_over_dy = False
    keeps_dy = True
