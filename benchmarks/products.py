"""``python -m benchmarks products``: matrix products, ours beside those of BLAS."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import click
import numpy as np

from benchmarks import machine
from benchmarks.tables import number, table

OURS = "Hyalite"
Loop = Callable[[int], None]  # multiplies so many times
SAMPLE = 2e-3  # seconds of one thread, at least: one sample, of which the best counts
SAMPLE_TOGETHER = 3e-2  # of several: the system brings each to a core of its own within some ms
TURNS = 3
REST = 0.25  # seconds before a turn of several threads: those of OpenMP ask for 0.2
# of the workloads: forward, the gradient by the weights, the gradient by the inputs
WORKLOADS = {
    "mnist64": ((100, 784, 64), (784, 100, 64), (100, 64, 64), (64, 100, 64), (100, 64, 10)),
    "mnist512": ((100, 784, 512), (500, 784, 512), (784, 100, 512), (100, 512, 512)),
    "spiral512": ((300, 512, 512), (512, 300, 512)),
}
SQUARES = (16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048)
QUICK = {"mnist64": WORKLOADS["mnist64"][:1]}


class Product(NamedTuple):
    """c ← a·b with one of both perhaps transposed.

    Attributes:
        form: "a·b", "aᵀ·b" or "a·bᵀ".
        rows: of c.
        inner: how many products an entry of c is the sum of.
        columns: of c.
    """

    form: str
    rows: int
    inner: int
    columns: int

    @property
    def operations(self) -> int:
        """Multiplications and additions."""
        return 2 * self.rows * self.inner * self.columns

    def arrays(self, dtype: str) -> tuple[Any, Any, Any]:
        """a and b as they lie in memory, and c."""
        rng = np.random.default_rng(0)
        left, right = (self.rows, self.inner), (self.inner, self.columns)
        a = rng.standard_normal(left[::-1] if self.form == "aᵀ·b" else left).astype(dtype)
        b = rng.standard_normal(right[::-1] if self.form == "a·bᵀ" else right).astype(dtype)
        return a, b, np.zeros((self.rows, self.columns), dtype)


def products(quick: bool) -> list[tuple[str, Product]]:
    """What is measured, and whose it is: by each layer its three, and squares."""
    chosen = QUICK if quick else WORKLOADS
    found = [
        (name, Product(form, *sizes))
        for name, layers in chosen.items()
        for sizes in layers
        for form in ("a·b", "aᵀ·b", "a·bᵀ")
    ]
    squares = SQUARES[:1] if quick else SQUARES
    return found + [("square", Product("a·b", n, n, n)) for n in squares]


def best(loops: dict[str, Loop], threads: int, seconds: float) -> dict[str, float]:
    """The least time of one round of each loop, which take turns of some samples.

    Of one thread its own time counts, so that another program costs no more than its caches. Where
    there are several, those of a library go on asking for work after its turn, and whoever comes
    next would have a core less: so each waits until they sleep.
    """
    clock: Callable[[], float] = time.thread_time if threads == 1 else time.perf_counter
    shortest = SAMPLE if threads == 1 else SAMPLE_TOGETHER
    counts, least = {}, dict.fromkeys(loops, float("inf"))
    for name, loop in loops.items():
        counts[name] = 1
        while min(timed(loop, counts[name], clock) for _ in range(5)) < shortest:
            counts[name] *= 2
    rest = REST if threads > 1 and len(loops) > 1 else 0.0
    for _ in range(TURNS):
        for name, loop in loops.items():
            time.sleep(rest)
            end = time.perf_counter() + seconds / TURNS
            while True:
                least[name] = min(least[name], timed(loop, counts[name], clock) / counts[name])
                if time.perf_counter() >= end:
                    break
    return least


def timed(loop: Loop, count: int, clock: Callable[[], float]) -> float:
    """Seconds of so many turns."""
    began = clock()
    loop(count)
    return clock() - began


def measured_peak(dtype: str, threads: int, seconds: float) -> float:
    """Operations a second of a loop that only multiplies and adds."""
    from benchmarks.multipliers import peak

    repeat, operations = peak(dtype)

    def loop(count: int) -> None:
        others = [threading.Thread(target=repeat, args=(count,)) for _ in range(1, threads)]
        for other in others:
            other.start()
        repeat(count)
        for other in others:
            other.join()

    return threads * operations / best({"": loop}, threads, seconds)[""]


@click.command("products", short_help="Matrix products, ours beside those of BLAS")
@click.option("--dtype", type=click.Choice(["float32", "float64"]), default="float32")
@click.option("--threads", type=click.IntRange(min=1), default=1, help="That multiply together.")
@click.option("--seconds", type=float, default=0.3, help="For each product of each library.")
@click.pass_context
def command(context: click.Context, dtype: str, threads: int, seconds: float) -> None:
    """Matrix products of the workloads' sizes and square ones, in GFLOP/s: ours, OpenBLAS (NumPy's)
    and MKL (PyTorch's, where it is installed), and the peak of the processor.

    Rows, inner, columns: of c, (rows, columns), every entry is a sum of `inner` products. Each is
    called from a compiled loop; the best of many short samples counts. With several threads the
    libraries cut a product as they like, ours by its rows. Close everything else: other programs
    take cores and caches.
    """
    from benchmarks.multipliers import MULTIPLIERS

    quick = context.obj["quick"]
    seconds = 0.01 if quick else seconds
    most = measured_peak(dtype, threads, seconds) / 1e9
    rows = []
    for name, product in products(quick):
        made = {who: make(product, dtype, threads) for who, make in MULTIPLIERS.items()}
        loops = {who: loop for who, loop in made.items() if loop is not None}
        least = best(loops, threads, seconds)
        speeds = {who: product.operations / spent / 1e9 for who, spent in least.items()}
        others = [number(speeds[who]) if who in speeds else "–" for who in list(MULTIPLIERS)[1:]]
        fastest = max((speed for who, speed in speeds.items() if who != OURS), default=0.0)
        ratio = f"{speeds[OURS] / fastest:.2f}" if fastest else "–"
        sizes = "x".join(map(str, product[1:]))
        share = f"{speeds[OURS] / most:.0%}"
        rows.append([name, product.form, sizes, number(speeds[OURS]), *others, ratio, share])
    head = ["of", "form", "rows x inner x columns", *MULTIPLIERS, "ours / best", "of the peak"]
    click.echo(f"{machine.processor()}; {machine.blas()}; {dtype}, {threads} threads; GFLOP/s")
    click.echo(f"peak, measured: {number(most)}\n")
    click.echo(table(head, rows, text=3))
