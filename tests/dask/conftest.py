"""One cluster for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.dask.helpers import RESTARTED, WORKERS, cluster


@pytest.fixture(scope="package")
def client() -> Iterator[Any]:
    """Of a cluster that all tests here share; what they kill, its nannies start again."""
    with cluster(WORKERS) as found:
        yield found


@pytest.fixture(autouse=True)
def _whole(client: Any) -> None:
    client.wait_for_workers(WORKERS, timeout=RESTARTED)
