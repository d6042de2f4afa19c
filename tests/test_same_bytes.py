"""The same seed gives the same bytes, in any process."""

from __future__ import annotations

import os
import random
import subprocess
import sys

PROCESSES = 20
TRAIN = """
import hashlib, json
import hyalite as hy
x, y = hy.datasets.spiral(samples=60)
model = hy.Sequential([
    hy.Dense(32, "relu", l2=1e-3), hy.BatchNormalization(), hy.Dropout(0.2),
    hy.Dense(16, "gelu"), hy.LayerNormalization(), hy.Dense(3, "softmax"),
])
model.compile("categorical_crossentropy", hy.Adam(0.02, decay=1e-3), metrics=["accuracy", "f1"])
history = model.fit(x, y, batch_size=32, epochs=5, seed=7, validation_split=0.2,
                    class_weight="balanced", verbose=0)
digest = hashlib.sha256(model.theta.tobytes() + model.state.tobytes())
for slot in model.optimizer.slots.values():
    digest.update(slot.tobytes())
digest.update(json.dumps(history.history).encode())
digest.update(model.predict(x).tobytes())
print(digest.hexdigest())
"""


def test_twenty_fresh_processes_with_random_hash_seeds_give_the_same_bytes() -> None:
    digests = set()
    for _ in range(PROCESSES):
        environment = os.environ | {"PYTHONHASHSEED": str(random.randrange(2**32))}
        done = subprocess.run(
            [sys.executable, "-c", TRAIN],
            capture_output=True,
            text=True,
            check=True,
            env=environment,
            timeout=60,
        )
        digests.add(done.stdout.strip())
    assert len(digests) == 1
    assert len(digests.pop()) == 64
