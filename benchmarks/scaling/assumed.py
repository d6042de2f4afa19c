"""The machines, links and failure rates that the plan is made for, none of which are here."""

from __future__ import annotations

from benchmarks.scaling.cost import Link, Machine
from benchmarks.scaling.simulation import Job, Waits

PARAMETERS = (1e5, 1e6, 1e7, 1e8)
WORKERS = (2, 4, 8, 16, 64, 256, 1024, 4096)

# 16 cores at three quarters of what two cores reach here (docs/benchmarks.md), half of a server's
# memory bandwidth
LARGE = "16 cores"
MACHINES = {
    LARGE: Machine(speed=700e9, memory=100e9, overhead=100e-6),
    "2 cores": Machine(speed=100e9, memory=20e9, overhead=100e-6),
}
# seven eighths of what the wire carries, as large TCP messages reach; at 100 Gbit/s TCP seldom
# gives more than 8 GB/s. A message of TCP takes 15 to 30 µs between machines, one that goes past
# the kernel some 2 to 3 µs.
SLOW = "10 Gbit/s"
LINKS = {
    SLOW: Link(latency=30e-6, bandwidth=1.1e9),
    "25 Gbit/s": Link(latency=25e-6, bandwidth=2.7e9),
    "100 Gbit/s": Link(latency=15e-6, bandwidth=8e9),
    "400 Gbit/s": Link(latency=3e-6, bandwidth=44e9),
}
DASK = Link(latency=1e-3, bandwidth=1.1e9)  # workers' own connections, in Python, at 10 Gbit/s

YEAR, DAY = 365 * 86_400.0, 86_400.0
# seconds between two failures of a machine
FAILURES = {
    "5 years": 5 * YEAR,
    # 419 interruptions of some 2,048 machines (16,384 accelerators) in 54 days: Llama 3's report
    "260 days": 260 * DAY,
    "1 day": DAY,  # machines that may be taken away
}
DISK = 0.5e9  # bytes a second of a checkpoint
SYNC = 0.05  # seconds until it is safe, however small
SAVED = 12  # bytes a parameter: weights and Adam's two vectors
RESTART = 30.0  # seconds: the job starts, ranks meet, the checkpoint and the data are opened
REGROUP = 5.0  # the same where the others go on: a wait of 5 s, then a part is read again
HICCUPS = Waits(step=1.0, chance=1e-3, hiccup=2.0)  # by the step: one in 1,000 takes three times
JITTER = Waits(step=1.0, jitter=0.05)  # by the step: 5 % more on average


def job(workers: int, between: float, parameters: float, step: float = 0.1) -> Job:
    """A training of so many parameters, without jitter."""
    checkpoint = SYNC + SAVED * parameters / DISK
    return Job(Waits(step), workers, between, checkpoint, RESTART)


SWEEP = job(256, FAILURES["260 days"], 1e8)


def clusters() -> list[tuple[str, int, float]]:
    """Failures, workers and parameters that are looked at."""
    sizes = [(workers, parameters) for workers in (16, 256, 4096) for parameters in (1e6, 1e8)]
    return [(between, *size) for between in FAILURES for size in sizes]
