"""Programs that compile and use the compiled engine, for processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys

PROGRAM = """
import hashlib, sys, numpy as np, hyalite as hy
rng = np.random.default_rng(0)
x, y = rng.standard_normal((700, 90), np.float32), rng.integers(0, 4, 700)
digest = hashlib.sha256()
for batch_size, shards, norm in ((64, 1, hy.Dropout(0.2)), (None, 3, hy.BatchNormalization())):
    model = hy.Sequential([
        hy.Dense(500, "relu", l2=1e-3), norm, hy.Dense(1100, "gelu"), hy.Dense(4, "softmax")
    ], dtype=sys.argv[1])
    model.compile("categorical_crossentropy", hy.Adam(0.01, clip_norm=1.0), engine="compiled")
    model.fit(x, y, batch_size=batch_size, epochs=3, seed=1, shards=shards, verbose=0)
    digest.update(model.theta.tobytes() + model.state.tobytes() + model.predict(x).tobytes())
small = hy.Sequential([hy.Dense(4, "relu"), hy.Dense(2)], dtype=sys.argv[1])
small.build(90, seed=0)
digest.update(small.predict(x[:1]).tobytes())
print(digest.hexdigest())
"""

EVERY_KERNEL = """
import sys, numpy as np
from hyalite.engines.compiled.kernels.catalogue import ENTRIES
from hyalite.engines.compiled.machine_code.choice import addresses
addresses(sorted(ENTRIES), np.dtype(sys.argv[1]))
"""
TIMEOUT = 1200  # seconds; some 60 on two quiet cores


def run(
    threads: int | None = None, dtype: str = "float32", *, every_kernel: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run the program; on its output is the digest of all that it computed.

    Args:
        threads: of the engine; None is the default of a process that nobody limits.
        dtype: of the models. For each the engine is compiled anew.
        every_kernel: compile all at once, before: each time that a test met a new one, processes
            would load Numba for it.
    """
    environment = {key: text for key, text in os.environ.items() if "NUM_THREADS" not in key}
    if threads is not None:
        environment["HYALITE_NUM_THREADS"] = str(threads)
    return subprocess.run(
        [sys.executable, "-c", EVERY_KERNEL * every_kernel + PROGRAM, dtype],
        capture_output=True, text=True, check=True, timeout=TIMEOUT, env=environment,
    )  # fmt: skip
