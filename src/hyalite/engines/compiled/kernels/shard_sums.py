"""The gradient of a tile of the parameter vector, over some shards of the batch.

Each shard's is made from zero, and shards are added in the tree of `hyalite.workers.shards`, so
that workers come to the same bytes as one process.
"""

from __future__ import annotations

from hyalite.engines.compiled.kernels.decorators import kernel
from hyalite.engines.compiled.kernels.intrinsics import vector_at
from hyalite.engines.compiled.kernels.signatures import call_tile_gradient
from hyalite.engines.compiled.kernels.synchronization import OTHERS, OWN, takes
from hyalite.engines.compiled.structs import (
    BatchPartition,
    Matrix,
    Memory,
    Program,
    Share,
    Team,
    Tile,
    Vector,
)

LOW, HIGH, INSTRUCTION, AT, OWNER = range(len(Tile._fields))


@kernel
def sum_nodes(
    program: Program, partition: BatchPartition, memory: Memory, share: Share, rows: int,
    team: Team,
) -> None:  # fmt: skip
    """Of the tiles that this thread takes the gradient over each of the worker's nodes."""
    tiles, nodes, sums = program.update.tiles, share.nodes, share.sums
    for turn in (OWN, OTHERS):
        for tile in range(tiles.shape[0]):
            if not takes(team, turn, tile, tiles[tile, OWNER]):
                continue
            low, size = tiles[tile, LOW], tiles[tile, HIGH] - tiles[tile, LOW]
            for node in range(nodes.shape[0]):
                grad = vector_at(sums, node * sums.shape[1] + low, size)
                first, stop = nodes[node, 0], nodes[node, 1]
                add_shards(program, partition, memory, rows, tile, first, stop, team.thread, grad)


@kernel
def add_shards(
    program: Program, partition: BatchPartition, memory: Memory, rows: int, tile: int, first: int,
    stop: int, thread: int, grad: Vector,
) -> None:  # fmt: skip
    """grad ← that of a tile over the shards first..stop-1 of the batch, a node of the tree.

    Sums of equally many shards are joined as soon as there are two side by side, as ones in a
    binary number are carried; what is left at the end is joined from the right. Sums that wait for
    their neighbour wait in the thread's buffer, behind the place of a tile's gradient.
    """
    buffer = memory.thread_buffers[thread]
    waiting = 0
    for shard in range(first, stop):
        into = _sum(grad, buffer, waiting)
        if program.update.tiles[tile, INSTRUCTION] >= 0:
            call_tile_gradient(
                program.network.functions.tile_gradient,
                (program.network, program.update, partition, memory, rows, tile, shard, into),
            )
        else:
            _sum_parts(program.update.tiles, partition, memory, tile, shard, into)
        waiting += 1
        done = shard - first + 1
        while done % 2 == 0:
            waiting -= 1
            _add(_sum(grad, buffer, waiting), _sum(grad, buffer, waiting - 1))
            done //= 2
    while waiting > 1:
        waiting -= 1
        _add(_sum(grad, buffer, waiting), _sum(grad, buffer, waiting - 1))


@kernel
def _sum(grad: Vector, buffer: Vector, number: int) -> Vector:
    """Where the sum of this number lies while it waits; the first is the gradient itself."""
    return vector_at(buffer, number * grad.size, grad.size) if number else grad


@kernel
def _add(x: Vector, y: Vector) -> None:
    """y ← y + x."""
    for i in range(x.size):
        y[i] += x[i]


@kernel
def _sum_parts(
    tiles: Matrix, partition: BatchPartition, memory: Memory, tile: int, shard: int, grad: Vector
) -> None:
    """grad ← the gradients of the parts of a shard, added up in their order."""
    at, of_parts = tiles[tile, AT], memory.part_gradients
    parts = partition.parts // partition.shards
    for part in range(parts):
        more = vector_at(of_parts, (shard * parts + part) * of_parts.shape[1] + at, grad.size)
        for i in range(grad.size):
            grad[i] = grad[i] + more[i] if part else more[i]
