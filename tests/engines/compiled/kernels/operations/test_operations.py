"""Every kind of operation has its file and its branch."""

from __future__ import annotations

import pytest

pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")


pytestmark = pytest.mark.compiled


def test_every_kind_of_operation_has_its_file_and_its_branch_in_the_passes() -> None:
    import inspect

    from hyalite.engines.compiled.kernels import passes
    from hyalite.engines.compiled.kernels.operations import OPERATIONS
    from hyalite.engines.compiled.structs import OperationKind

    assert sorted(operation.kind for operation in OPERATIONS) == list(OperationKind)
    text = inspect.getsource(passes)
    for kind in OperationKind:
        assert text.count(f"operation == {kind.name}:") == 2
        assert getattr(passes, kind.name) == kind
