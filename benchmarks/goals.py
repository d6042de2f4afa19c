"""The goals, and whether a run met them."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from typing import Any

from benchmarks import growth, predict, train
from benchmarks.peers import OTHERS, OURS, PEERS
from benchmarks.tables import number, table

# geometric mean of the ratios over the training workloads: at least
MEANS = {"pytorch": 6.0, "scikit-learn": 6.0, "jax-scan": 2.5}
LEAST = 1.2  # of any peer on any workload
FLOOR = {"mnist64": 1.15, "mnist512": 1.1}  # times the floor, at most
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
    yield from many_rows(result.get("predict", {}))
    yield from growth_goals(result.get("growth", {}))


def many_rows(predicted: dict[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """A thousand predictions beside ONNX Runtime's."""
    ours, theirs = (predict.microseconds(predicted, peer, 1000) for peer in (OURS, "onnxruntime"))
    if ours is not None and theirs is not None:
        text = "1,000 rows predicted no slower than by ONNX Runtime"
        yield text, f"{number(theirs / ours)} times its speed", ours <= theirs


def growth_goals(measured: dict[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """Every point of every series, and what another thread does."""
    ratios = [
        (theirs / ours[at], PEERS[peer].title, f"{series} {at:,}")
        for series, found in measured.items()
        for ours in [growth.curve(series, found.get(OURS, []))]
        for peer in found
        if peer not in (OURS, f"{OURS}-numpy")
        for at, theirs in growth.curve(series, found[peer]).items()
        if at in ours
    ]
    if ratios:
        ratio, peer, where = min(ratios)
        text = "nowhere slower than another, however wide, deep or large"
        yield text, f"{number(ratio)} times at least: {peer}, {where}", ratio >= 1
    threads = growth.curve("threads", measured.get("threads", {}).get(OURS, []))
    if len(threads) > 1:
        most = max(threads)
        ratio = threads[1] / threads[most]
        yield f"{most} threads no slower than one", f"{number(ratio)} times", ratio >= 1


def tables(result: dict[str, Any]) -> str:
    """The goals as a table."""
    lines = [[text, found, "yes" if met else "no"] for text, found, met in goals(result)]
    return table(["goal", "measured", "met"], lines, text=3) if lines else ""
