"""The fork: what comes in goes two ways, through the layers of a block and past them."""

from __future__ import annotations

from hyalite.engines.compiled.lowering.operations.base import Operation
from hyalite.engines.compiled.structs import OperationKind


class Fork(Operation):
    """`y = x`, which stays for the sum that joins the two ways; its number is the constant.

    The derivative is that of either way, added. See `add`, of which this is the mirror image.
    """

    kind = OperationKind.FORK
    only_reads = True
    keeps_y = True
