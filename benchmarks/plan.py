"""What one run of the benchmarks is asked for, and what it has to note beside its figures."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import click

from benchmarks.peers import DEFAULT, INSTALL, PEERS
from benchmarks.workloads import TRAINING, Workload


@dataclass
class Plan:
    """The choices of a run.

    Attributes:
        folder: where the data is made; empty at first, gone afterwards.
        rounds: how often each peer is timed, in turn.
        only: names of the training workloads, from `known`.
        peers: names of those who take part where they can.
        quick: everything small, only to see that it works.
        missing: peers that are not installed.
        failures: "peer: what it was asked", of those that failed.
        known: training workloads by name.
    """

    folder: Path
    rounds: int = 7
    only: tuple[str, ...] = tuple(TRAINING)
    peers: tuple[str, ...] = DEFAULT
    quick: bool = False
    missing: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    known: Mapping[str, Workload] = field(default_factory=lambda: TRAINING)

    def __post_init__(self) -> None:
        self.began = time.perf_counter()
        if self.quick:
            self.rounds = 2
        self.missing = [name for name in self.peers if not PEERS[name].installed]
        self.peers = tuple(name for name in self.peers if name not in self.missing)
        for name in self.missing:
            self.say(f"{PEERS[name].title} is left out, it is not installed: {INSTALL}")

    @property
    def seconds(self) -> float:
        """About how long a timed round is."""
        return 0.02 if self.quick else 0.5

    @property
    def workloads(self) -> list[Workload]:
        """The training workloads."""
        return [self.sized(self.known[name]) for name in self.only]

    def sized(self, workload: Workload) -> Workload:
        """The workload, or in a quick run a few of its batches."""
        if self.quick and workload.batch:
            return replace(workload, rows=(2 if workload.words else 20) * workload.batch)
        return workload

    def trainers(self, *among: str) -> list[str]:
        """The peers that train: all of them, or those named that take part."""
        return [name for name in self.peers if PEERS[name].trains and name in (among or PEERS)]

    def learners(self) -> list[str]:
        """Those of them that also predict."""
        return [name for name in self.trainers() if PEERS[name].predicts]

    @property
    def minutes(self) -> int:
        """Since the start, rounded up."""
        return -int(-(time.perf_counter() - self.began) // 60)

    def say(self, text: str) -> None:
        """A line of progress, with the minutes since the start."""
        minutes, seconds = divmod(int(time.perf_counter() - self.began), 60)
        click.echo(f"{minutes:3}:{seconds:02} {text}", err=True)


@contextmanager
def planned(options: Mapping[str, Any], **others: Any) -> Iterator[Plan]:
    """The plan that options of the command line ask for, and others that count before them; with a
    folder for as long as it is carried out.
    """
    wanted = {key: value for key, value in (dict(options) | others).items() if key != "out"}
    with tempfile.TemporaryDirectory() as folder:
        yield Plan(Path(folder), **wanted)
