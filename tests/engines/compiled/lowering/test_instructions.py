"""The row of instructions that stages become."""

from __future__ import annotations

import pytest

import hyalite as hy

pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")


pytestmark = pytest.mark.compiled


def test_a_block_is_its_layers_between_a_fork_and_a_sum() -> None:
    from hyalite.engines.compiled.lowering.program import Lowering
    from hyalite.engines.compiled.structs import Column, OperationKind

    inner = hy.Residual([hy.Dropout(0.5)])
    block = hy.Residual([hy.ReLU(), hy.Dense(5, "tanh"), inner, hy.Dense(3)])
    model = hy.Sequential([hy.Dense(3, "tanh"), block, hy.Dense(1)])
    model.build(4, seed=0)
    rows = Lowering(model.network, None, 32).instructions
    names = [OperationKind(one[Column.OPERATION]).name for one in rows]
    assert names == [
        "DENSE", "FORK", "ACTIVATION", "DENSE", "FORK", "DROPOUT", "ADD", "DENSE", "ADD", "DENSE",
    ]  # fmt: skip
    assert [int(one.constants[0]) for one in rows if one.constants.size] == [8, 6, 4, 1]
    x, y, dy = ([one[column] for one in rows] for column in (Column.X, Column.Y, Column.DY))
    assert x[1] == y[1] == y[0], "a fork moves nothing"
    assert y[1] not in y[2:], "and what follows it works elsewhere"
    assert dy[8] not in dy[:8], "the derivative by the sum stays for the fork"
    assert rows[8][Column.DX] == dy[7]
    assert dy[1] == dy[0]


def test_nothing_is_taken_into_a_pass_across_the_edge_of_a_block() -> None:
    from hyalite.engines.compiled.lowering.program import Lowering
    from hyalite.engines.compiled.structs import ActivationKind, Column

    layers = [
        hy.Residual([hy.Rescaling(0.5)]),
        hy.Dense(4, "relu"),
        hy.Residual([hy.Dropout(0.5), hy.Dense(4)]),
        hy.ReLU(),
        hy.Dense(1),
    ]
    model = hy.Sequential(layers)
    model.build(4, seed=0)
    rows = Lowering(model.network, None, 32).instructions
    _, rescaling, _, dense, _, dropout, within, _, _, end = rows
    assert (rows.scale, rescaling.reals[0]) == (1.0, 0.5)
    assert dense[Column.DERIVATIVE] == ActivationKind.RELU
    assert within[Column.MASKED] < 0, "the fork adds to what the ReLU masks"
    assert dropout.needs_y == ()
    assert end[Column.MASKED] == 1, "as ever, where nothing lies in between"
