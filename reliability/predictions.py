"""Predictions in many threads at once, equal bit for bit to those made one after the other."""

from __future__ import annotations

import threading

import numpy as np

import hyalite as hy
from reliability.finding import Finding
from reliability.kills import engines

TITLE = "Inference is read-only"
THREADS = 16
FEW, MANY = 50, 10_000  # predictions of each thread
SIZES = (1, 3, 16, 40, 300)  # rows at a time


def measure(full: bool) -> list[Finding]:
    """With each engine, while nothing trains."""
    return [_engine(engine, MANY if full else FEW) for engine in engines()]


def _engine(engine: str, each: int) -> Finding:
    finding = Finding(f"Predictions in threads are those made alone ({engine} engine).")
    model = hy.Sequential(
        [
            hy.Dense(64, "relu"),
            hy.BatchNormalization(),
            hy.Dropout(0.5),
            hy.Dense(32, "gelu"),
            hy.LayerNormalization(),
            hy.Dense(10, "softmax"),
        ]
    )
    model.compile("categorical_crossentropy", engine=engine)
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((400, 50), np.float32), rng.integers(0, 10, 400)
    model.fit(x, y, epochs=1, seed=0, verbose=0)
    before = model.theta.tobytes(), model.state.tobytes()
    pieces = [x[n : n + SIZES[n % len(SIZES)]] for n in range(100)]
    alone = [model.predict(piece).tobytes() for piece in pieces]
    figures = model.evaluate(x, y)
    wrong: list[str] = []

    def work(thread: int) -> None:
        try:
            for n in range(each):
                number = (n * (thread + 1)) % len(pieces)
                if model.predict(pieces[number]).tobytes() != alone[number]:
                    wrong.append(f"thread {thread}, prediction {n}")
            if model.evaluate(x, y) != figures:
                wrong.append(f"thread {thread}: evaluate")
        except BaseException as error:
            wrong.append(repr(error))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    finding.count("threads", THREADS)
    finding.count("predictions", THREADS * each)
    for how in wrong:
        finding.breaks(how)
    after = model.theta.tobytes(), model.state.tobytes()
    finding.check(before == after, "the model was changed")
    return finding
