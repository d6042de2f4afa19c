"""``python -m benchmarks workers``: a training that several processes share, and their exchange."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks import machine
from benchmarks.tables import number, table

ROOT = Path(__file__).parents[1]
MPIEXEC = shutil.which("mpiexec", path=str(Path(sys.executable).parent)) or shutil.which("mpiexec")
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)  # of the gradient
LAYERS, STEPS = (512, 512), 24


@click.command("workers", short_help="A training that several processes share")
@click.option("--ranks", type=click.IntRange(min=2), default=2, help="Processes, a thread each.")
@click.option("--batch", type=click.IntRange(min=1), default=1024, help="Rows of a batch.")
@click.pass_context
def command(context: click.Context, ranks: int, batch: int) -> None:
    """mnist512 in large batches, one thread a process: alone with one shard, with eight, and by
    several ranks of MPI; and what a step's exchange takes beside MPI's own sum.

    All forms take turns, medians count. Close everything else: ranks that wait for one that has
    lost its core lose with it.
    """
    if MPIEXEC is None:
        raise click.ClickException("needs MPI: pip install 'hyalite[mpi]' mpich")
    quick = context.obj["quick"]
    rounds = 2 if quick else context.obj["rounds"]
    forms = {
        "one process, one shard": (1, 1),
        "one process, 8 shards": (1, 8),
        f"{ranks} ranks, 8 shards": (ranks, 8),
    }
    seconds: dict[str, list[float]] = {name: [] for name in forms}
    for _ in range(rounds):
        for name, (size, shards) in forms.items():
            seconds[name].append(ran(size, "step", batch, shards, 4 if quick else STEPS))
    medians = {name: statistics.median(found) for name, found in seconds.items()}
    shared = medians[f"{ranks} ranks, 8 shards"]
    click.echo(f"{machine.processor()}; 784-512-512-10, Adam, batches of {batch}; ms a step\n")
    rows = [[name, number(1e3 * one), f"{one / shared:.2f}"] for name, one in medians.items()]
    click.echo(table(["", "ms a step", f"speed-up of {ranks} ranks"], rows))
    found = ran(ranks, "exchange", 5 if quick else 30)
    rows = [
        [f"{size:,}", number(1e6 * sum_), number(1e6 * ours), f"{ours / sum_:.2f}"]
        for size, sum_, ours in found
    ]
    head = ["float32", "MPI.Allreduce, µs", "exchange of a step, µs", "ratio"]
    click.echo(f"\n{ranks} ranks\n\n{table(head, rows)}")


def ran(ranks: int, *words: object) -> Any:
    """What rank 0 of this program printed."""
    command = [MPIEXEC, "-n", ranks, sys.executable, "-m", "benchmarks.workers", *words]
    done = subprocess.run(
        list(map(str, command)),
        cwd=ROOT,
        env=os.environ | {"HYALITE_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout)


def seconds_a_step(workers: Any, batch: int, shards: int, steps: int) -> float:
    """Of a training that is warm."""
    import hyalite as hy

    (x, y), _ = hy.datasets.mnist()
    x, y = (np.concatenate([one] * 2)[: batch * steps] for one in (x, y))
    layers = [hy.Dense(units, "relu") for units in LAYERS]
    model = hy.Sequential([*layers, hy.Dense(10, "softmax")])
    model.compile("categorical_crossentropy", "adam", engine="compiled")
    options = {"batch_size": batch, "seed": 0, "verbose": 0, "shards": shards, "workers": workers}
    model.fit(x, y, **options)
    history = model.fit(x, y, epochs=3, **options)
    return min(history.seconds) / steps


def exchanges(workers: Any, rounds: int) -> list[tuple[int, float, float]]:
    """Of each size: the gradient's, the seconds of MPI's sum, and of ours."""
    from hyalite.workers.shards import nodes_of
    from hyalite.workers.step import StepExchange

    world, library = workers._world, workers.library
    exchange, found = StepExchange(workers), []
    nodes = nodes_of(8, workers.rank, workers.size)
    for size in SIZES:
        one = np.random.default_rng(workers.rank).standard_normal(size).astype(np.float32)
        out = np.empty_like(one)

        def plain(one: Any = one, out: Any = out) -> None:
            world.Allreduce(one, out, library.SUM)

        def ours(one: Any = one, out: Any = out) -> None:
            exchange(0, 8, [one] * len(nodes), out, [np.zeros(16)])

        found.append((size, timed(world, plain, rounds), timed(world, ours, rounds)))
    return found


def timed(world: Any, call: Callable[[], None], rounds: int) -> float:
    """The median of as many calls, which all ranks begin together."""
    seconds = []
    for _ in range(rounds + 3):
        world.Barrier()
        began = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds[3:])


def main(what: str, *numbers: str) -> None:
    """One rank: ``python -m benchmarks.workers step BATCH SHARDS STEPS`` or ``exchange ROUNDS``."""
    import hyalite as hy

    program: dict[str, Callable[..., Any]] = {"step": seconds_a_step, "exchange": exchanges}
    with hy.workers.mpi(timeout=120) as workers:
        found = program[what](workers, *map(int, numbers))
        if workers.rank == 0:
            print(json.dumps(found))


if __name__ == "__main__":
    arguments: Sequence[str] = sys.argv[1:]
    main(*arguments)
