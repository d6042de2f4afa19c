"""What a network is made of, one file an operation: how a layer becomes an instruction.

A new operation is a file here and one of the same name in `kernels/operations`, a line in
`OperationKind`, and one in OPERATIONS.
"""

from hyalite.engines.compiled.lowering.operations.activation import Activation
from hyalite.engines.compiled.lowering.operations.add import Add
from hyalite.engines.compiled.lowering.operations.average_pooling import AveragePooling
from hyalite.engines.compiled.lowering.operations.base import Operation
from hyalite.engines.compiled.lowering.operations.batch_normalization import BatchNormalization
from hyalite.engines.compiled.lowering.operations.convolution import Convolution
from hyalite.engines.compiled.lowering.operations.dense import Dense
from hyalite.engines.compiled.lowering.operations.depthwise_convolution import DepthwiseConvolution
from hyalite.engines.compiled.lowering.operations.dropout import Dropout
from hyalite.engines.compiled.lowering.operations.embedding import Embedding
from hyalite.engines.compiled.lowering.operations.fork import Fork
from hyalite.engines.compiled.lowering.operations.gaussian_noise import GaussianNoise
from hyalite.engines.compiled.lowering.operations.layer_normalization import LayerNormalization
from hyalite.engines.compiled.lowering.operations.max_pooling import MaxPooling
from hyalite.engines.compiled.lowering.operations.parametric_activation import ParametricActivation
from hyalite.engines.compiled.lowering.operations.periodic_embedding import PeriodicEmbedding
from hyalite.engines.compiled.lowering.operations.piecewise_linear_embedding import (
    PiecewiseLinearEmbedding,
)
from hyalite.engines.compiled.lowering.operations.random_affine import RandomAffine
from hyalite.engines.compiled.lowering.operations.random_flip import RandomFlip
from hyalite.engines.compiled.lowering.operations.rescaling import Rescaling
from hyalite.engines.compiled.lowering.operations.scale import Scale
from hyalite.engines.compiled.lowering.operations.smooth_clip import SmoothClip
from hyalite.engines.compiled.lowering.operations.zero_padding import ZeroPadding
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
    GaussianNoise(),
    RandomAffine(),
    RandomFlip(),
    Embedding(),
    PeriodicEmbedding(),
    PiecewiseLinearEmbedding(),
    Convolution(),
    DepthwiseConvolution(),
    MaxPooling(),
    AveragePooling(),
    ZeroPadding(),
    Fork(),
    Add(),
)
# By the exact class of a stage: a user's subclass may do anything.
OPERATION_OF: dict[type[Layer], Operation] = {
    stage: operation for operation in OPERATIONS for stage in operation.stages
}
