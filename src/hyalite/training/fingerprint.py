"""What the bytes of a run depend on beside its settings: the data, and the machine."""

from __future__ import annotations

import hashlib
import platform
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from hyalite.data.block_samples import BlockSamples
from hyalite.data.samples import Samples
from hyalite.engines.compiled.machine_code.sources import digest_of_sources
from hyalite.parameters import Array
from hyalite.version import __version__

MAX_HASHED_ROWS = 1024  # of x that are looked at


def machine(engine: str) -> dict[str, Any]:
    """Versions, processor and BLAS, as far as rounding may depend on them.

    The compiled engine's kernels give the same bytes on every processor and whoever compiled them,
    so of these only their source counts.
    """
    common = {"hyalite": __version__, "NumPy": np.__version__, "engine": engine}
    if engine == "compiled":
        return {**common, "kernels": digest_of_sources()[:16]}
    from threadpoolctl import threadpool_info

    return {
        **common,
        "BLAS": [
            f"{blas['internal_api']} {blas['version']} {blas.get('architecture', '')}".strip()
            for blas in threadpool_info()
            if blas["user_api"] == "blas" and "numpy" in blas["filepath"]
        ],
        "processor": platform.machine(),
        "its features": _features(),
    }


def _features() -> str:
    """The vector instructions that NumPy uses here."""
    core = sys.modules.get("numpy._core._multiarray_umath")  # NumPy shows them nowhere else
    features: dict[str, bool] = getattr(core, "__cpu_features__", {})
    return " ".join(sorted(name for name, there in features.items() if there))


def data(samples: Samples | None) -> dict[str, Any] | None:
    """Shapes, and the SHA-256 of targets and weights and of evenly spaced rows of x."""
    if samples is None:
        return None
    content = samples.digest() if isinstance(samples, BlockSamples) else _content(samples)
    return {
        "rows": len(samples),
        "shape": list(samples.x.shape[1:]),
        "dtype": samples.x.dtype.name,
        "content": content,
    }


def _content(samples: Samples) -> str:
    rows = np.arange(len(samples)) if samples.rows is None else samples.rows
    some = rows[:: max(1, len(rows) // MAX_HASHED_ROWS)]
    x = samples.x[some]
    return _digest([x, samples.target(), samples.weight, samples.counts, samples.rows])


def _digest(arrays: Sequence[Array | None]) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(b"-" if array is None else array.tobytes())
    return digest.hexdigest()
