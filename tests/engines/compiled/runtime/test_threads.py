"""Any number of threads gives the same bytes."""

from __future__ import annotations

import re

import pytest

from tests import compiling

pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")


pytestmark = pytest.mark.compiled

NOTICE = (
    r"hyalite: compiling the fast engine, once for this machine and dtype \.\.\.\n"
    r"hyalite: compiled in \d+ s\n"
)


@pytest.mark.slow
def test_any_number_of_threads_gives_the_same_bytes_in_fresh_processes(
    first_use: dict[str, list[str]],
) -> None:
    results = [compiling.run(threads) for threads in (None, 1, 2, 3, 8)]
    # the first process may have been the one that compiled the engine, and then has said so
    output, said = first_use["float32"]
    assert {result.stdout for result in results} == {output}
    assert re.sub(NOTICE, "", said) == ""
    assert len(results[0].stdout) == 65
    assert [result.stderr for result in results] == [""] * 5  # nothing was compiled again
