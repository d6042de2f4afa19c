"""The simulations that the page shows, each from fixed seeds."""

from __future__ import annotations

import statistics
from typing import Any

import numpy as np

from benchmarks.scaling import assumed
from benchmarks.scaling.simulation import Job

STEPS = 20_000  # of each count of workers
INTERVALS = tuple(30.0 * 2 ** (power / 2) for power in range(16))  # seconds between checkpoints
FAILURES = 100  # that a simulated training meets, about
SEEDS = 10
TOO_LONG = 5.0  # times: what takes longer is not simulated


def stragglers() -> list[dict[str, float]]:
    """A step by the number of workers, in steps without any wait."""
    found = []
    for workers in (1, *assumed.WORKERS):
        random = np.random.default_rng(workers)
        means = {
            kind: float(waits.slowest(workers, STEPS, random).mean())
            for kind, waits in (("jitter", assumed.JITTER), ("hiccup", assumed.HICCUPS))
        }
        found.append({"workers": workers, **means})
    return found


def sweep() -> dict[str, Any]:
    """One job with checkpoints after each of `INTERVALS`, from each seed: see `stretch`."""
    job = assumed.SWEEP
    stretches = [
        [stretch(job, every, seed, FAILURES) for seed in range(SEEDS)] for every in INTERVALS
    ]
    return {"intervals": INTERVALS, "stretch": stretches}


def failures() -> list[dict[str, Any]]:
    """Jobs on several clusters, each with its best interval: the mean of the seeds' `stretch`."""
    found = []
    for name, workers, parameters in assumed.clusters():
        job = assumed.job(workers, assumed.FAILURES[name], parameters)
        drawn = None
        if job.stretch(job.best()) < TOO_LONG:
            drawn = statistics.mean(
                stretch(job, job.best(), seed, FAILURES) for seed in range(SEEDS)
            )
        found.append(
            {"between": name, "workers": workers, "parameters": parameters, "drawn": drawn}
        )
    return found


def stretch(job: Job, interval: float, seed: int, failures: int) -> float:
    """Seconds by seconds of training, drawn, of one that meets about so many failures."""
    step = job.waits.step
    every = max(1, round(interval / step))
    steps = every * max(1, round(failures * job.failure / (every * step)))
    return job.run(steps, every, seed) / (steps * step)
