"""What a network is made of, one file an operation: its lowering, and its kernels.

A new operation is a file here, a line in `OperationKind`, one in OPERATIONS, and a branch of each
dispatch in `passes`.
"""

from hyalite.engines.compiled.kernels.operations.activation import Activation
from hyalite.engines.compiled.kernels.operations.base import Operation
from hyalite.engines.compiled.kernels.operations.batch_normalization import BatchNormalization
from hyalite.engines.compiled.kernels.operations.dense import Dense
from hyalite.engines.compiled.kernels.operations.dropout import Dropout
from hyalite.engines.compiled.kernels.operations.embedding import Embedding
from hyalite.engines.compiled.kernels.operations.layer_normalization import LayerNormalization
from hyalite.engines.compiled.kernels.operations.parametric_activation import (
    ParametricActivation,
)
from hyalite.engines.compiled.kernels.operations.periodic_embedding import PeriodicEmbedding
from hyalite.engines.compiled.kernels.operations.piecewise_linear_embedding import (
    PiecewiseLinearEmbedding,
)
from hyalite.engines.compiled.kernels.operations.rescaling import Rescaling
from hyalite.engines.compiled.kernels.operations.scale import Scale
from hyalite.engines.compiled.kernels.operations.smooth_clip import SmoothClip
from hyalite.layers import Layer

OPERATIONS: tuple[Operation, ...] = (
    Dense(),
    Activation(),
    Dropout(),
    BatchNormalization(),
    LayerNormalization(),
    Rescaling(),
    ParametricActivation(),
    SmoothClip(),
    Scale(),
    Embedding(),
    PeriodicEmbedding(),
    PiecewiseLinearEmbedding(),
)
# By the exact class of a stage: a user's subclass may do anything.
OPERATION_OF: dict[type[Layer], Operation] = {
    stage: operation for operation in OPERATIONS for stage in operation.stages
}
