"""How the threads of a kernel meet: atomic numbers, and a barrier made of them.

The numbers are int64, entries of a vector that is given by its address.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.base import BaseContext
from numba.extending import intrinsic

from hyalite.engines.compiled.kernels.decorators import kernel
from hyalite.engines.compiled.kernels.intrinsics import INT64, WINDOWS, X86, Code, code
from hyalite.engines.compiled.structs import Team

# How long a waiting thread asks again before it gives its core away: some microseconds, the length
# of a small step. With more threads than cores the one that is waited for must be able to run.
MAX_SPINS = 4000
give_core_away = types.ExternalFunction(
    "SwitchToThread" if WINDOWS else "sched_yield", types.int32()
)


def _entry(builder: ir.IRBuilder, address: ir.Value, index: ir.Value) -> ir.Value:
    return builder.gep(builder.inttoptr(address, INT64.as_pointer()), [index])


@intrinsic
def atomic_add(_: types.Type, address: types.Type, index: types.Type, value: types.Type) -> Code:
    """Add to an entry; returns what was there before."""

    def generate(context: BaseContext, builder: ir.IRBuilder, *values: ir.Value) -> ir.Value:
        return builder.atomic_rmw("add", _entry(builder, *values[:2]), values[2], "seq_cst")

    return code(types.int64(*[types.int64] * 3), generate)


@intrinsic
def atomic_exchange(
    _: types.Type, address: types.Type, index: types.Type, value: types.Type
) -> Code:
    """Write an entry; returns what was there before."""

    def generate(context: BaseContext, builder: ir.IRBuilder, *values: ir.Value) -> ir.Value:
        return builder.atomic_rmw("xchg", _entry(builder, *values[:2]), values[2], "seq_cst")

    return code(types.int64(*[types.int64] * 3), generate)


@intrinsic
def atomic_load(_: types.Type, address: types.Type, index: types.Type) -> Code:
    """An entry, as the other threads have left it."""

    def generate(context: BaseContext, builder: ir.IRBuilder, *values: ir.Value) -> ir.Value:
        return builder.load_atomic(_entry(builder, *values), "seq_cst", 8)

    return code(types.int64(types.int64, types.int64), generate)


@intrinsic
def atomic_replace(
    _: types.Type, address: types.Type, index: types.Type, old: types.Type, new: types.Type
) -> Code:
    """Write `new` where `old` stands; whether it did."""

    def generate(context: BaseContext, builder: ir.IRBuilder, *values: ir.Value) -> ir.Value:
        place = _entry(builder, *values[:2])
        found = builder.cmpxchg(place, values[2], values[3], "seq_cst", "seq_cst")
        return builder.extract_value(found, 1)

    return code(types.boolean(*[types.int64] * 4), generate)


@intrinsic
def breathe(_: types.Type) -> Code:
    """Tell the processor that this thread waits, so that one beside it in the same core works."""

    def generate(context: BaseContext, builder: ir.IRBuilder) -> None:
        if X86:
            kind = ir.FunctionType(ir.VoidType(), [])
            pause = cgutils.get_or_insert_function(builder.module, kind, "llvm.x86.sse2.pause")
            builder.call(pause, [])

    return code(types.void(), generate)


COUNT, ROUND = 0, 8  # entries of a gate, a cache line apart


@kernel
def wait_for_all(gate: int, threads: int) -> None:
    """Return when all threads are here. At `gate` are GATE_SIZE numbers, zeros at first."""
    if threads == 1:
        return
    now = atomic_load(gate, ROUND)
    if atomic_add(gate, COUNT, 1) + 1 == threads:
        atomic_add(gate, COUNT, -threads)
        atomic_add(gate, ROUND, 1)
        return
    spins = 0
    while atomic_load(gate, ROUND) == now:
        spins += 1
        if spins > MAX_SPINS:
            give_core_away()


OWN, OTHERS = 0, 1  # the turns in which a thread looks for work


@kernel
def takes(team: Team, turn: int, piece: int, owner: int) -> bool:
    """Whether the thread is to do a piece of work: in the turn `OWN` one of its own, in `OTHERS`
    another's, unless somebody has begun it.

    Who begins a piece leaves there the number of the round, which is the same for all from one
    meeting to the next, and of no other round. So nothing needs to be reset.

    Args:
        team: the threads; at its `claims` are numbers for as many pieces, zeros at first.
        turn: which.
        piece: its number.
        owner: a number that stands for a thread, the same at every step: its caches may have what
            the piece needs.
    """
    own = owner % team.threads == team.thread
    if own != (turn == OWN):
        return False
    if team.threads == 1:
        return True
    now = atomic_load(team.gate, ROUND) + 1
    begun = atomic_load(team.claims, piece) == now
    return not begun and atomic_exchange(team.claims, piece, now) != now


@kernel
def wait_until(address: int, index: int, number: int) -> None:
    """Return when the others have counted an entry up to a number."""
    spins = 0
    while atomic_load(address, index) < number:
        spins += 1
        if spins > MAX_SPINS:
            give_core_away()
