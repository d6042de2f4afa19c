"""Memory for the numbers of a network."""

from __future__ import annotations

import pytest

from hyalite.parameters import LINE, Scratch, empty, whole_lines, zeros


@pytest.mark.parametrize("shape", [(1,), (3, 5), (1000,)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_memory_begins_a_line_of_the_caches(shape, dtype):
    for array in (empty(shape, dtype), zeros(shape, dtype), Scratch().take("x", shape, dtype)):
        assert array.ctypes.data % LINE == 0
        assert array.shape == shape
        assert array.dtype == dtype
        assert array.flags.c_contiguous
    assert not zeros(shape, dtype).any()
    assert [whole_lines(count) for count in (0, 1, 16, 17)] == [0, 16, 16, 32]
