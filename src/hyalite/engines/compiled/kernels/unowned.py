"""Arrays without an owner: threads that count references to one owner slow each other down."""

from __future__ import annotations

from typing import TypeVar

from numba import carray

from hyalite.engines.compiled.kernels.decorators import kernel
from hyalite.engines.compiled.kernels.intrinsics import pointer
from hyalite.engines.compiled.structs import (
    InferenceMemory,
    Matrix,
    Memory,
    NetworkTable,
    OptimizerStep,
    Program,
    Source,
    Team,
    UpdateTable,
    Vector,
)

A = TypeVar("A", Vector, Matrix)


@kernel
def unowned(array: A) -> A:
    """The same array without an owner."""
    return carray(pointer(array.ctypes.data), array.shape, array.dtype)


@kernel
def keep_alive(array: Vector) -> bool:
    """True; the memory behind an unowned view of the array is held until this call."""
    return array.size >= 0


@kernel
def unowned_program(p: Program) -> Program:
    """The same, of all arrays of a program."""
    n, u = p.network, p.update
    network = NetworkTable(
        unowned(n.instructions), unowned(n.reals), unowned(n.feature_slices), n.training, n.scale,
        n.offset, n.gemm,
    )  # fmt: skip
    update = UpdateTable(
        unowned(u.tiles), unowned(u.penalty_ranges), unowned(u.penalty_factors)
    )  # fmt: skip
    return Program(network, p.loss, update)


@kernel
def unowned_source(s: Source) -> Source:
    """The same, of all arrays of the samples."""
    return Source(
        s.address, s.dtype, s.width, s.rows, unowned(s.orders), unowned(s.labels),
        unowned(s.targets), unowned(s.weight), unowned(s.counts), unowned(s.predictions),
    )  # fmt: skip


@kernel
def unowned_memory(m: Memory) -> Memory:
    """The same, of all that training writes."""
    return Memory(
        unowned(m.theta), unowned(m.grad), unowned(m.state), unowned(m.first_slot),
        unowned(m.second_slot), unowned(m.thread_buffers), unowned(m.batch_buffers),
        unowned(m.part_gradients), unowned(m.moments), unowned(m.block_sums),
        unowned(m.tile_sums), unowned(m.epoch_sums),
    )  # fmt: skip


@kernel
def unowned_inference_memory(m: InferenceMemory) -> InferenceMemory:
    """The same, of inference."""
    return InferenceMemory(
        unowned(m.theta), unowned(m.state), unowned(m.thread_buffers), unowned(m.block_sums)
    )


@kernel
def unowned_step(s: OptimizerStep) -> OptimizerStep:
    """The same, of the learning rates."""
    return OptimizerStep(
        s.kind, s.beta_1, s.beta_2, s.epsilon, s.momentum, s.clip_norm, s.clip_value,
        s.steps_before, unowned(s.learning_rates), s.weight_decays, s.segments,
        s.segment_ranges, s.segment_factors,
    )  # fmt: skip


@kernel
def team_of(thread: int, threads: int, gate: Vector, control: Vector) -> Team:
    """The team as this thread sees it."""
    return Team(thread, threads, unowned(gate), unowned(control))
