"""The page of the plan, every figure of it computed or from its JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.scaling import assumed, draws, measured, texts
from benchmarks.scaling.assumed import LARGE, LINKS, MACHINES, PARAMETERS, SLOW, WORKERS
from benchmarks.scaling.cost import (
    Link,
    Machine,
    break_even,
    direct,
    half_of_all,
    halving,
    speed_up,
    step,
    to_target,
)
from benchmarks.scaling.simulation import Job
from benchmarks.tables import number, table

NAME = "scaling"
Result = dict[str, Any]

EPOCHS, FITS, TOGETHER = 10, 100, 8  # of a search over machines
SMALL, WIDE = 1024, 8192  # batches
NOISE = (1e2, 1e3, 1e4, 1e5)  # noise scales, rows


def write(out: Path) -> Path:
    """Render `scaling.md` and its pictures from the JSON in the folder `out`."""
    from benchmarks.scaling import pictures

    result = json.loads((out / f"{NAME}.json").read_text(encoding="utf-8"))
    found = measured.read(out)
    path = out / f"{NAME}.md"
    path.write_text(render(result, found, pictures.draw(result, found, out)), encoding="utf-8")
    return path


def render(result: Result, found: Result | None, drawn: dict[str, str]) -> str:
    """The page; `drawn` has the pictures' paths by name."""
    versions = ", ".join(f"{name} {version}" for name, version in result["versions"].items())
    blocks = [
        "# Past one machine",
        f"Written by `{result['command']}` on {result['date']} ({versions}); what was drawn at "
        f"random is in [{NAME}.json]({NAME}.json). Do not edit: the command writes it anew.",
        texts.START,
        _short(result["noise"]),
        *model_blocks(drawn),
        *_useful(result["noise"], drawn),
        "## What does not pay",
        nothing_gained(),
        _rest(),
        "## Predicted beside measured",
        *_measured(found, drawn),
        "## Stragglers",
        _stragglers(result["stragglers"]),
        _picture("A step's time by the number of workers", drawn.get("stragglers")),
        "## Failures, and how often to save",
        *_failures(result["failures"], drawn),
        texts.LEFT_OUT,
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _short(noise: list[Result]) -> str:
    machine, links = MACHINES[LARGE], (LINKS[SLOW], LINKS["100 Gbit/s"])
    ten, hundred = (_rows(break_even(1e6, 2, machine, link)) for link in links)
    halves = [_rows(half_of_all(1e6, 8, machine, link)) for link in links]
    many, few = (
        step(1e5, 0, 4096, machine, links[0], messages=how).latency for how in (direct, halving)
    )
    largest = max(found["rows"] for found in noise)
    soon = [to_target(1e5, largest, p, machine, links[0])[0] for p in (1, *WORKERS)]
    alone = fit_seconds(1e7, SMALL, 1)
    return texts.SHORT.format(
        alone=duration(alone),
        fits=FITS,
        together=TOGETHER,
        search=duration(-(-FITS // TOGETHER) * alone),
        ten=ten,
        hundred=hundred,
        half_ten=halves[0],
        half_hundred=halves[1],
        noise=_rows(largest),
        gain=f"{soon[0] / min(soon):.2f}",
        direct=duration(many),
        halving=duration(few),
    )


def model_blocks(drawn: dict[str, str]) -> list[str]:
    """All that the model says of a step, of the assumed machines."""
    machine = MACHINES[LARGE]
    return [
        "## What a step costs",
        texts.MODEL,
        _assumptions(),
        f"### The same batch over more machines: times as fast, {WIDE:,} rows, {LARGE} each",
        speed_ups(machine, LINKS, WIDE),
        f"### {SMALL:,} rows for every machine: times the rows a second of one, {LARGE} each",
        growing(machine, LINKS, SMALL),
        "### Break-even batches",
        "The batch from which P machines are faster than one, and the one from which they are at "
        "least P/2 times as fast. For large networks the first is 4/3·F/W and the adding, whatever "
        "n and P are: the size of the network cancels.",
        *(f"{name}:\n\n{break_evens(machine, LINKS)}" for name, machine in MACHINES.items()),
        _picture("From which batch 8 machines are faster than one", drawn.get("break-even")),
        "### Messages",
        texts.MESSAGES,
        _messages(),
        _picture("What a step is spent on, 1 million parameters", drawn.get("step")),
    ]


def plan_for(machine: Machine, link: Link) -> str:
    """The model's tables for one machine and link, to be printed."""
    links = {"yours": link}
    return "\n\n".join(
        [
            f"times as fast, the same batch of {WIDE:,} rows:",
            speed_ups(machine, links, WIDE),
            f"times the rows a second, {SMALL:,} rows for every machine:",
            growing(machine, links, SMALL),
            "batches from which they pay, and from which P are P/2 times as fast:",
            break_evens(machine, links),
        ]
    )


def _assumptions() -> str:
    machines = [
        [name, f"{m.speed / 1e9:g} GFLOP/s", f"{m.memory / 1e9:g} GB/s", f"{m.overhead * 1e6:g} µs"]
        for name, m in MACHINES.items()
    ]
    links = [
        [name, f"{link.latency * 1e6:g} µs", f"{link.bandwidth / 1e9:g} GB/s"]
        for name, link in {**LINKS, f"{SLOW}, Dask": assumed.DASK}.items()
    ]
    return "\n\n".join(
        [
            "Assumed, not measured:",
            table(["machine", "F", "M", "c"], machines),
            table(["link", "α", "W"], links),
            "F is what two cores reach here ([benchmarks](benchmarks.md)), and eight times that "
            "less an eighth for shared caches and memory. α and W are of TCP, at 400 Gbit/s of a "
            "network that passes the kernel by.",
        ]
    )


def speed_ups(machine: Machine, links: dict[str, Link], batch: int) -> str:
    """Times as fast as one machine with the same batch, by parameters and link."""
    lines = [
        [
            _count(n),
            name,
            *(number(speed_up(n, batch, workers, machine, link)) for workers in WORKERS),
        ]
        for n in PARAMETERS
        for name, link in links.items()
    ]
    return table(["parameters", "link", *map(_count, WORKERS)], lines, text=2)


def growing(machine: Machine, links: dict[str, Link], rows: int) -> str:
    """Times the rows a second of one machine, with so many rows for each."""
    lines = []
    for n in PARAMETERS:
        alone = step(n, rows, 1, machine, Link(0.0, 1.0)).total
        for name, link in links.items():
            times = [
                workers * alone / step(n, rows * workers, workers, machine, link).total
                for workers in WORKERS
            ]
            lines.append([_count(n), name, *map(number, times)])
    return table(["parameters", "link", *map(_count, WORKERS)], lines, text=2)


def break_evens(machine: Machine, links: dict[str, Link]) -> str:
    """Batches from which more machines pay, and from which half of them do."""
    counts = (2, 8, 64, 1024)
    lines = []
    for n in PARAMETERS:
        for name, link in links.items():
            cells = [f"{_rows(break_even(n, p, machine, link))}" for p in counts]
            cells += [f"{_rows(half_of_all(n, p, machine, link))}" for p in counts[1:]]
            lines.append([_count(n), name, *cells])
    head = [f"P = {p:,}" for p in counts] + [f"half, P = {p:,}" for p in counts[1:]]
    return table(["parameters", "link", *head], lines, text=2)


def _messages() -> str:
    lines = []
    for n in (1e5, 1e6, 1e7):
        for name in (SLOW, "100 Gbit/s"):
            for how, messages in (("each to every other", direct), ("halving", halving)):
                times = [
                    step(n, 0, p, MACHINES[LARGE], LINKS[name], messages=messages).exchange
                    for p in WORKERS
                ]
                lines.append([_count(n), name, how, *(number(1e3 * t) for t in times)])
    return table(["parameters", "link", "messages", *map(_count, WORKERS)], lines, text=3)


def _useful(noise: list[Result], drawn: dict[str, str]) -> list[str]:
    machine, lines = MACHINES[LARGE], []
    for n in PARAMETERS:
        for name in (SLOW, "100 Gbit/s"):
            cells = []
            for rows in NOISE:
                seconds = {p: to_target(n, rows, p, machine, LINKS[name]) for p in (1, *WORKERS)}
                best = min(seconds, key=lambda p: seconds[p][0])
                times = number(seconds[1][0] / seconds[best][0])
                cells.append(f"{times} ({_count(best)})" if best > 1 else "1 (alone)")
            lines.append([_count(n), name, *cells])
    head = ["parameters", "link", *(f"N = {_count(rows)}" for rows in NOISE)]
    known = [[found["data"], str(found["epochs"]), _rows(found["rows"])] for found in noise]
    return [
        "## How large a batch still helps",
        texts.TARGET,
        "How many times as soon as one machine, and with how many:",
        table(head, lines, text=2),
        _picture("How many times as soon a loss is reached", drawn.get("target")),
        "N measured here, of 784-64-64-10 with Adam on all training rows:",
        table(["data", "epochs trained", "N, rows"], known),
    ]


def fit_seconds(rows: float, batch: int, workers: int, parameters: float = 1e5) -> float:
    """Of a fit of so many rows on machines of LARGE at SLOW."""
    parts = step(parameters, batch, workers, MACHINES[LARGE], LINKS[SLOW])
    return EPOCHS * rows / batch * parts.total


def nothing_gained() -> str:
    """A fit and a search by the rows of a table."""
    lines = []
    for rows in (1e5, 1e6, 1e7, 1e8, 1e9):
        alone = fit_seconds(rows, SMALL, 1)
        over = [fit_seconds(rows, batch, TOGETHER) for batch in (SMALL, WIDE)]
        spread = -(-FITS // TOGETHER) * alone
        times = [alone, *over, spread, FITS * over[0], FITS * over[1]]
        lines.append([_count(rows), *map(duration, times)])
    head = [
        "rows",
        "a fit, alone",
        *(f"over {TOGETHER}, {batch:,} rows" for batch in (SMALL, WIDE)),
        f"{FITS} fits, one a machine",
        *(f"{FITS} fits, each over {TOGETHER}, {batch:,} rows" for batch in (SMALL, WIDE)),
    ]
    return "\n\n".join(
        [
            texts.NOTHING.format(epochs=EPOCHS, large=LARGE, slow=SLOW),
            table(head, lines),
            texts.ALONE.format(together=TOGETHER, small=SMALL),
        ]
    )


def _rest() -> str:
    machine, few = MACHINES[LARGE], 1e5
    dask, mpi = (break_even(few, 8, machine, link) for link in (assumed.DASK, LINKS[SLOW]))
    return texts.REST.format(few=_count(few), dask=_rows(dask / mpi))


def _measured(found: Result | None, drawn: dict[str, str]) -> list[str]:
    if found is None:
        return [
            "Not measured yet: `python -m benchmarks scaling --measure` trains by 1 to 4 ranks of "
            "MPI and puts the figures here."
        ]
    link, machine = measured.link_of(found["exchange"]), measured.machine_of(found["steps"])
    exchanges = [
        [f"{c.size:,}", str(c.ranks), *_times(c), number(1e3 * c.beside)]
        for c in measured.exchanges(found)
    ]
    steps = [
        [
            *(f"{c.size:,}", str(c.ranks), *_times(c)),
            *(f"{c.beside / seconds:.2f}" for seconds in (c.predicted, c.measured)),
        ]
        for c in measured.steps(found)
    ]
    times = ["predicted, ms", "measured, ms", "measured / predicted"]
    return [
        texts.MEASURED.format(
            **found,
            parameters=measured.PARAMETERS,
            shards=measured.SHARDS,
            name=measured.NAME,
            latency=number(1e6 * link.latency),
            bandwidth=number(link.bandwidth / 1e9),
            speed=number(machine.speed / 1e9),
            passes=number(machine.memory / 1e9),
        ),
        table(["numbers", "ranks", *times, "MPI's all-reduce, ms"], exchanges, text=0),
        table(["batch", "ranks", *times, "speed-up, predicted", "measured"], steps, text=0),
        _picture("Measured beside predicted", drawn.get("measured")),
    ]


def _times(c: measured.Comparison) -> list[str]:
    ratio = f"{c.measured / c.predicted:.2f}" if c.predicted else "–"
    return [number(1e3 * c.predicted), number(1e3 * c.measured), ratio]


def _stragglers(found: list[Result]) -> str:
    lines = []
    for drawn in found:
        cells = []
        for kind, waits in (("jitter", assumed.JITTER), ("hiccup", assumed.HICCUPS)):
            expected = waits.mean_of_slowest(drawn["workers"])
            cells += [f"{expected:.3f}", f"{drawn[kind]:.3f}"]
        lines.append([_count(drawn["workers"]), *cells])
    head = ["workers", "jitter, expected", "drawn", "hiccups, expected", "drawn"]
    text = texts.STRAGGLERS.format(
        jitter=assumed.JITTER.jitter, rare=1 / assumed.HICCUPS.chance, steps=draws.STEPS
    )
    return f"{text}\n\n{table(head, lines)}"


def _failures(found: list[Result], drawn: dict[str, str]) -> list[str]:
    lines = []
    for one in found:
        between, workers, n = one["between"], one["workers"], one["parameters"]
        job = assumed.job(workers, assumed.FAILURES[between], n)
        best = job.best()
        cells = [job.failure, job.checkpoint, job.young(), job.daly(), best]
        # of a group that goes on: nothing to write, nothing lost but a step
        group = Job(job.waits, workers, job.between, 0.0, assumed.REGROUP)
        stretches = [job.stretch(best), one["drawn"], group.stretch(job.waits.step)]
        lines.append(
            [between, _count(workers), _count(n), *map(duration, cells), *map(_lost, stretches)]
        )
    head = [
        *("a machine fails", "workers", "parameters", "M", "C", "Young", "Daly", "exactly"),
        *("lost, expected", "lost, drawn", "lost where others go on"),
    ]
    text = texts.FAILURES.format(
        sync=assumed.SYNC,
        disk=assumed.DISK / 1e9,
        restart=assumed.RESTART,
        failures=draws.FAILURES,
        seeds=draws.SEEDS,
        long=draws.TOO_LONG,
    )
    sweep = assumed.SWEEP
    title = f"{sweep.workers} machines, 100 million parameters, a failure in 260 days of each"
    return [
        text,
        table(head, lines),
        _picture(title, drawn.get("checkpoints")),
        texts.AFTER.format(often="5 min", regroup=assumed.REGROUP),
    ]


def _lost(stretch: float | None) -> str:
    """What is lost by seconds of training."""
    if stretch is None or stretch >= draws.TOO_LONG:
        return "–"
    return f"{number(100 * (stretch - 1))} %" if stretch > 1.00001 else "< 0.001 %"


def _picture(title: str, path: str | None) -> str:
    return f"![{title}]({path})" if path else ""


def _count(value: float) -> str:
    """10,000, then 0.1 M and so on."""
    return f"{value / 1e6:,g} M" if value >= 1e5 else f"{value:,.0f}"


def _rows(value: float) -> str:
    """Rows of a batch, of which two digits count."""
    return f"{float(f'{value:.2g}'):,.0f}"


def duration(seconds: float) -> str:
    """In the unit that reads best."""
    for unit, size in (("d", 86_400.0), ("h", 3_600.0), ("min", 60.0), ("s", 0.02), ("ms", 0.0)):
        if seconds >= 2 * size:
            size = {"s": 1.0, "ms": 1e-3}.get(unit, size)
            return f"{float(f'{seconds / size:.2g}'):,.4g} {unit}"
    raise AssertionError
