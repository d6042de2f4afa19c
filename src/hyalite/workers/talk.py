"""What workers say to each other beside gradients: JSON data and arrays, in few words.

Each message begins with what it is about. A rank that is at another place in the program is found
by that, rather than that its numbers are taken for something else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hyalite.errors import LostWorker
from hyalite.parameters import Array
from hyalite.workers.group import Group, Message


def swap(group: Group, about: tuple[int, ...], pieces: Sequence[Message]) -> list[Message]:
    """An exchange of which all ranks must say the same of what it is about.

    Args:
        group: of workers.
        about: whole numbers, such as a kind and a step.
        pieces: see `Group.exchange`.

    Raises:
        LostWorker: see `Group.exchange`; or a rank is at another place of the program.
    """
    head = np.array(about, np.int64)
    got = group.exchange([[head, *piece] for piece in pieces], group.timeout)
    for rank, (there, *_) in enumerate(got):
        if there.tobytes() != head.tobytes():
            raise LostWorker(
                f"rank {rank} is at {there.view(np.int64).tolist()} of the program, rank "
                f"{group.rank} at {list(about)}; all ranks must make the same calls of fit with "
                "the same arguments"
            )
    return [message[1:] for message in got]


TOLD, GATHERED = 1, 2  # what an exchange is about; steps are 3, see `step`


def told(
    group: Group, values: Any, arrays: Mapping[str, Array] | None = None
) -> tuple[Any, dict[str, Array]]:
    """What rank 0 has, in all ranks: JSON data, and arrays by name."""
    arrays = arrays or {}
    if group.size == 1:
        return values, dict(arrays)
    message: Message = ()
    if group.rank == 0:
        kinds = {name: (one.dtype.str, one.shape) for name, one in arrays.items()}
        parts = [np.ascontiguousarray(one) for one in arrays.values()]
        message = [_bytes_of([values, kinds]), *parts]
    got = swap(group, (TOLD,), [message] * group.size)[0]
    if group.rank == 0:
        return values, dict(arrays)
    values, kinds = json.loads(bytes(got[0]))
    return values, {
        name: part.view(dtype).reshape(shape).copy()
        for part, (name, (dtype, shape)) in zip(got[1:], kinds.items(), strict=True)
    }


def gathered(group: Group, values: Any) -> list[Any]:
    """What every rank has, in all ranks: JSON data."""
    got = swap(group, (GATHERED,), [[_bytes_of(values)]] * group.size)
    return [json.loads(bytes(part)) for (part,) in got]


def _bytes_of(values: Any) -> Array:
    return np.frombuffer(json.dumps(values, default=_plain).encode(), np.uint8)


def _plain(value: Any) -> Any:
    """A number or an array of NumPy's, as JSON has it."""
    return value.tolist()
