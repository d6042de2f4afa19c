"""The goals, and whether a run met them."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from typing import Any

from benchmarks import predict, train
from benchmarks.peers import OTHERS, OURS, PEERS
from benchmarks.tables import number, table

# geometric mean of the ratios over the training workloads: at least
MEANS = {"pytorch": 6.0, "scikit-learn": 6.0, "jax-scan": 2.0}
LEAST = 1.0  # of any peer on any workload
FLOOR = {"mnist64": 1.25, "mnist512": 1.1}  # times the floor, at most
ONE_ROW = 6.0  # microseconds, or less than ONNX Runtime


def goals(result: dict[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """What was wanted, what was measured, and whether it is met; only what was measured."""
    trained = result.get("train", {})
    by_peer = {peer: train.ratios(trained, peer) for peer in OTHERS}
    for peer, least in MEANS.items():
        if by_peer[peer]:
            mean = statistics.geometric_mean(by_peer[peer].values())
            text = f"{PEERS[peer].title}: at least {least:g} times Hyalite's time, on average"
            yield text, f"{number(mean)} times", mean >= least
    every = [(r, peer, name) for peer, found in by_peer.items() for name, r in found.items()]
    if every:
        ratio, peer, name = min(every)
        text = f"never below {LEAST:g} times, whoever and wherever"
        yield text, f"{number(ratio)} times: {PEERS[peer].title} on {name}", ratio >= LEAST
    for name, most in FLOOR.items():
        ratios = train.ratios({name: trained.get(name, {})}, "floor")
        if ratios:
            times = 1 / ratios[name]
            yield (
                f"{name}: at most {most:g} times the floor",
                f"{number(times)} times",
                times <= most,
            )
    ours, theirs = (
        predict.microseconds(result.get("predict", {}), peer) for peer in (OURS, "onnxruntime")
    )
    if ours is not None:
        text = f"one row predicted in {ONE_ROW:g} µs, or sooner than by ONNX Runtime"
        beside = "" if theirs is None else f"; ONNX Runtime {number(theirs)} µs"
        met = ours <= ONE_ROW or (theirs is not None and ours < theirs)
        yield text, f"{number(ours)} µs{beside}", met


def tables(result: dict[str, Any]) -> str:
    """The goals as a table."""
    lines = [[text, found, "yes" if met else "no"] for text, found, met in goals(result)]
    return table(["goal", "measured", "met"], lines, text=3) if lines else ""
