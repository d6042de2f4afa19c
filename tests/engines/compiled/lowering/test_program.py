"""The tables that a network becomes."""

from __future__ import annotations

import pytest

import hyalite as hy

pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")


pytestmark = pytest.mark.compiled


def test_the_table_says_shapes_and_sizes_of_every_instruction() -> None:
    from hyalite.engines.compiled.lowering.program import Lowering
    from hyalite.engines.compiled.structs import Column, OperationKind

    model = hy.Sequential(
        [
            hy.Rescaling(0.5),
            hy.Tanh(),
            hy.Flatten(),
            hy.Dense(5, "relu", use_bias=False),
            hy.BatchNormalization(),
            hy.Dense(3),
        ]
    )
    model.build((4, 2), seed=0)
    lowering = Lowering(model.network, None, 10)
    table = lowering.program().network.instructions
    kinds = [OperationKind(kind).name for kind in table[:, Column.OPERATION]]
    assert kinds == ["ACTIVATION", "DENSE", "BATCH_NORMALIZATION", "DENSE"]
    shapes = [table[:, column : column + 3] for column in (Column.INPUT_SHAPE, Column.OUTPUT_SHAPE)]
    assert shapes[0].tolist() == [[1, 4, 2], [1, 1, 8], [1, 1, 5], [1, 1, 5]]
    assert shapes[1].tolist() == [[1, 4, 2], [1, 1, 5], [1, 1, 5], [1, 1, 3]]
    assert shapes[0].prod(axis=1).tolist() == table[:, Column.INPUTS].tolist()
    assert shapes[1].prod(axis=1).tolist() == table[:, Column.OUTPUTS].tolist()
    assert table[:, Column.WEIGHT_SIZE].tolist() == [0, 40, 5, 15]
    assert table[:, Column.BIAS_SIZE].tolist() == [0, 0, 5, 3]
    assert table[:, Column.COST].sum() == model.theta.size == lowering.instructions.cost


def test_where_the_blocks_of_a_batch_meet() -> None:
    from hyalite.engines.compiled.lowering.program import Lowering
    from hyalite.engines.compiled.structs import Column, Meeting

    layers = [hy.Dense(800), hy.Dense(700), hy.BatchNormalization(), hy.Dense(500), hy.Dense(2000)]
    model = hy.Sequential(layers)
    model.build(1000, seed=0)
    names = ["NONE", "PRODUCT", "SUMS", "NONE", "PRODUCT"]
    for batch_size, expected in ((10, names), (20_000, ["NONE", "NONE", "SUMS", "NONE", "NONE"])):
        lowering = Lowering(model.network, None, batch_size)
        table = lowering.program().network.instructions
        assert [Meeting(kind).name for kind in table[:, Column.MEETING]] == expected
        assert lowering.partition().own_buffers
    table = Lowering(model.network, None, 0).program().network.instructions
    assert set(table[:, Column.MEETING]) == {Meeting.NONE}
