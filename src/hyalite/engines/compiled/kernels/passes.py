"""Forward and backward through all instructions, for one block of rows: who does what.

What an operation does stands in its own file, in `operations/`.
"""

from __future__ import annotations

from hyalite.engines.compiled.kernels.buffers import y_of
from hyalite.engines.compiled.kernels.decorators import kernel
from hyalite.engines.compiled.kernels.operations.activation import (
    activation_backward,
    activation_forward,
)
from hyalite.engines.compiled.kernels.operations.batch_normalization import (
    batch_normalization_backward,
    batch_normalization_forward,
)
from hyalite.engines.compiled.kernels.operations.dense import dense_backward, dense_forward
from hyalite.engines.compiled.kernels.operations.dropout import dropout_backward, dropout_forward
from hyalite.engines.compiled.kernels.operations.embedding import (
    embedding_backward,
    embedding_forward,
)
from hyalite.engines.compiled.kernels.operations.layer_normalization import (
    layer_normalization_backward,
    layer_normalization_forward,
)
from hyalite.engines.compiled.kernels.operations.parametric_activation import (
    parametric_activation_backward,
    parametric_activation_forward,
)
from hyalite.engines.compiled.kernels.operations.periodic_embedding import (
    periodic_embedding_backward,
    periodic_embedding_forward,
)
from hyalite.engines.compiled.kernels.operations.piecewise_linear_embedding import (
    piecewise_linear_embedding_backward,
    piecewise_linear_embedding_forward,
)
from hyalite.engines.compiled.kernels.operations.rescaling import (
    rescaling_backward,
    rescaling_forward,
)
from hyalite.engines.compiled.kernels.operations.scale import scale_backward, scale_forward
from hyalite.engines.compiled.kernels.operations.smooth_clip import (
    smooth_clip_backward,
    smooth_clip_forward,
)
from hyalite.engines.compiled.structs import (
    NOWHERE,
    Block,
    Column,
    Matrix,
    NetworkTable,
    OperationKind,
    PartGradient,
    Vector,
)

DENSE, ACTIVATION = int(OperationKind.DENSE), int(OperationKind.ACTIVATION)
DROPOUT, RESCALING = int(OperationKind.DROPOUT), int(OperationKind.RESCALING)
BATCH_NORMALIZATION = int(OperationKind.BATCH_NORMALIZATION)
LAYER_NORMALIZATION = int(OperationKind.LAYER_NORMALIZATION)
PARAMETRIC_ACTIVATION = int(OperationKind.PARAMETRIC_ACTIVATION)
SMOOTH_CLIP, SCALE = int(OperationKind.SMOOTH_CLIP), int(OperationKind.SCALE)
EMBEDDING = int(OperationKind.EMBEDDING)
PERIODIC_EMBEDDING = int(OperationKind.PERIODIC_EMBEDDING)
PIECEWISE_LINEAR_EMBEDDING = int(OperationKind.PIECEWISE_LINEAR_EMBEDDING)
OPERATION, DY = int(Column.OPERATION), int(Column.DY)


@kernel
def forward(network: NetworkTable, theta: Vector, block: Block) -> Matrix:
    """Run all instructions on the samples in the first's x; return the output (rows, outputs)."""
    table = network.instructions
    for k in range(table.shape[0]):
        operation = table[k, OPERATION]
        if operation == DENSE:
            dense_forward(network, k, theta, block)
        elif operation == ACTIVATION:
            activation_forward(network, k, theta, block)
        elif operation == DROPOUT:
            dropout_forward(network, k, theta, block)
        elif operation == BATCH_NORMALIZATION:
            batch_normalization_forward(network, k, theta, block)
        elif operation == LAYER_NORMALIZATION:
            layer_normalization_forward(network, k, theta, block)
        elif operation == RESCALING:
            rescaling_forward(network, k, theta, block)
        elif operation == PARAMETRIC_ACTIVATION:
            parametric_activation_forward(network, k, theta, block)
        elif operation == SMOOTH_CLIP:
            smooth_clip_forward(network, k, theta, block)
        elif operation == SCALE:
            scale_forward(network, k, theta, block)
        elif operation == EMBEDDING:
            embedding_forward(network, k, theta, block)
        elif operation == PERIODIC_EMBEDDING:
            periodic_embedding_forward(network, k, theta, block)
        elif operation == PIECEWISE_LINEAR_EMBEDDING:
            piecewise_linear_embedding_forward(network, k, theta, block)
    return y_of(table, table.shape[0] - 1, block, theta)


@kernel
def backward(network: NetworkTable, theta: Vector, gradient: PartGradient, block: Block) -> None:
    """From dL/d(output), in the last instruction's dy, back to the first parameters.

    Args:
        network: what to do.
        theta: parameters.
        gradient: of this part of the batch; what belongs to it is written or added. A dense layer
            whose gradient is made by tiles leaves x and dy in the batch's buffers instead.
        block: the rows.
    """
    table = network.instructions
    for k in range(table.shape[0] - 1, -1, -1):
        operation = table[k, OPERATION]
        if table[k, DY] == NOWHERE:
            return  # no parameters from here on
        if operation == DENSE:
            dense_backward(network, k, theta, gradient, block)
        elif operation == ACTIVATION:
            activation_backward(network, k, theta, gradient, block)
        elif operation == DROPOUT:
            dropout_backward(network, k, theta, gradient, block)
        elif operation == BATCH_NORMALIZATION:
            batch_normalization_backward(network, k, theta, gradient, block)
        elif operation == LAYER_NORMALIZATION:
            layer_normalization_backward(network, k, theta, gradient, block)
        elif operation == RESCALING:
            rescaling_backward(network, k, theta, gradient, block)
        elif operation == PARAMETRIC_ACTIVATION:
            parametric_activation_backward(network, k, theta, gradient, block)
        elif operation == SMOOTH_CLIP:
            smooth_clip_backward(network, k, theta, gradient, block)
        elif operation == SCALE:
            scale_backward(network, k, theta, gradient, block)
        elif operation == EMBEDDING:
            embedding_backward(network, k, theta, gradient, block)
        elif operation == PERIODIC_EMBEDDING:
            periodic_embedding_backward(network, k, theta, gradient, block)
        elif operation == PIECEWISE_LINEAR_EMBEDDING:
            piecewise_linear_embedding_backward(network, k, theta, gradient, block)
