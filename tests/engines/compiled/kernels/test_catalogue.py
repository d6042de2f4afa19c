"""The kernels that are compiled by themselves."""

from __future__ import annotations

import struct
import sys

import llvmlite.binding as llvm
import pytest

pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")


pytestmark = pytest.mark.compiled
ALLOWED = {"malloc", "free", "memcpy", "memmove", "memset", "sched_yield"}


def foreign_symbols(data: bytes) -> set[str]:
    """What an object file of ELF's 64-bit form needs from elsewhere."""
    sections = {s.name(): s.data() for s in llvm.ObjectFileRef.from_data(data).sections()}
    names, found = sections[b".strtab"], set()
    for name, _, _, place, _, _ in struct.iter_unpack("<IBBHQQ", sections[b".symtab"]):
        if name and place == 0:
            found.add(names[name : names.index(b"\0", name)].decode())
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="objects are of another form here")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_kernels_need_memory_of_the_c_library_and_nothing_of_its_mathematics(dtype: str) -> None:
    from hyalite.engines.compiled.kernels.catalogue import ENTRIES
    from hyalite.engines.compiled.machine_code.objects import Objects

    objects = Objects(dtype)
    objects.addresses(list(ENTRIES))
    files = {name: objects.folder / f"{name}.o" for name in ENTRIES}
    needed = {name: foreign_symbols(path.read_bytes()) for name, path in files.items()}
    assert "malloc" in needed["predict_few"]  # so such symbols are seen
    beyond = {name: symbols - ALLOWED for name, symbols in needed.items() if symbols - ALLOWED}
    assert not beyond
