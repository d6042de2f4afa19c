"""The plan past one machine: the model at its limits, the simulation beside closed forms."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from benchmarks.__main__ import main
from benchmarks.scaling import assumed, draws, measured, noise, page
from benchmarks.scaling.cost import (
    Link,
    Machine,
    break_even,
    direct,
    half_of_all,
    halving,
    partial_sums,
    speed_up,
    step,
    to_target,
)
from benchmarks.scaling.simulation import Job, Waits
from click.testing import CliRunner

import hyalite as hy
from hyalite.workers.shards import total
from tests.extras import need

FREE = Link(0.0, math.inf)
IDEAL = Machine(1e12, math.inf)
LARGE, SLOW = assumed.MACHINES["16 cores"], assumed.LINKS["10 Gbit/s"]
DOCS = Path(__file__).resolve().parents[2] / "docs"


# The model ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", assumed.WORKERS)
def test_without_latency_and_with_endless_bandwidth_all_workers_count(workers: int) -> None:
    assert speed_up(1e6, 2**20, workers, IDEAL, FREE) == pytest.approx(workers)


@pytest.mark.parametrize("link", assumed.LINKS.values())
def test_one_worker_has_nothing_to_exchange(link: Link) -> None:
    alone = step(1e6, 1024, 1, LARGE, link)
    assert alone.exchange == 0
    assert alone == step(1e6, 1024, 1, LARGE, FREE)
    assert alone.total == pytest.approx(6e6 * 1024 / 700e9 + 40e6 / 100e9 + 100e-6)


@pytest.mark.parametrize("workers", [2, 3, 4, 7, 64])
def test_the_wire_carries_what_slices_take(workers: int) -> None:
    """Counted: from each to every other one a slice, and one of each sum."""
    floats = workers * 1000
    sent = sum(2 * 4 * 1000 for other in range(workers) if other != 0)
    assert step(floats, 0, workers, LARGE, Link(0.0, 2e9)).wire == pytest.approx(sent / 2e9)


def test_messages() -> None:
    assert [direct(p) for p in (1, 2, 8)] == [0, 2, 14]
    assert [halving(p) for p in (1, 2, 3, 8, 4096)] == [0, 2, 4, 6, 24]
    slow = Link(1e-3, math.inf)
    assert step(1e5, 0, 8, IDEAL, slow).exchange == pytest.approx(14e-3)
    assert step(1e5, 0, 8, IDEAL, slow, messages=halving).exchange == pytest.approx(6e-3)


def test_halving_adds_as_the_fixed_tree_does() -> None:
    """As the page says: neighbours first, the bytes are those by halves; in order of ranks, not."""
    gradients = np.random.default_rng(0).standard_normal((16, 4096), dtype=np.float32)

    def leaf(node: tuple[int, int]) -> np.ndarray | None:
        return gradients[node[0]] if node[1] - node[0] == 1 else None

    held = [row.copy() for row in gradients]
    distance = 1
    while distance < len(held):
        held = [held[rank] + held[rank ^ distance] for rank in range(len(held))]
        distance *= 2
    tree = total(0, 16, leaf, np.add)
    assert all(row.tobytes() == tree.tobytes() for row in held)
    in_order = gradients[0].copy()
    for row in gradients[1:]:
        in_order += row
    assert in_order.tobytes() != tree.tobytes()


def test_the_busiest_worker_decides() -> None:
    def rows(workers: int) -> float:
        return step(1e6, 1024, workers, LARGE, FREE, shards=8).rows

    assert [round(8 * rows(p) / rows(1)) for p in range(1, 9)] == [8, 4, 3, 2, 2, 2, 2, 1]
    passes = [step(1e6, 1024, p, LARGE, FREE, shards=8).passes for p in (1, 2, 8)]
    assert passes == pytest.approx([(40 + 12 * 7) * 1e-5, (40 + 12 * 3) * 1e-5, 40e-5])
    with pytest.raises(ValueError, match="workers must be at most the shards, 8; got 9"):
        rows(9)


@pytest.mark.parametrize("workers", [2, 8, 1024])
@pytest.mark.parametrize("parameters", assumed.PARAMETERS)
def test_break_even_batches(parameters: float, workers: int) -> None:
    batch = break_even(parameters, workers, LARGE, SLOW)
    assert speed_up(parameters, batch, workers, LARGE, SLOW) == pytest.approx(1)
    assert speed_up(parameters, 2 * batch, workers, LARGE, SLOW) > 1
    batch = half_of_all(parameters, workers, LARGE, SLOW)
    assert speed_up(parameters, batch, workers, LARGE, SLOW) == pytest.approx(workers / 2)
    # without latency and adding the size of the network cancels
    plain = replace(LARGE, memory=math.inf), replace(SLOW, latency=0.0)
    batch = break_even(parameters, workers, *plain)
    assert batch == pytest.approx(4 / 3 * LARGE.speed / SLOW.bandwidth)


def test_time_to_a_loss() -> None:
    """Where nothing but the rows costs, the smallest batch is best: one row a worker."""
    for workers in (1, 16, 1024):
        seconds, batch = to_target(1e6, 300.0, workers, IDEAL, FREE)
        assert batch == workers
        assert seconds == pytest.approx((1 + 300 / workers) * 6e6 / IDEAL.speed)
    # where a step costs the same with any batch, the largest
    assert to_target(1.0, 300.0, 4, Machine(1e30, math.inf, 1.0), FREE)[1] == 2.0**24
    # small networks are not helped by more machines where small batches suffice, and never by
    # thousands that send each other a message each
    times = [to_target(1e5, 1e3, workers, LARGE, SLOW)[0] for workers in (1, 2, 8, 4096)]
    assert times == sorted(times)
    times = [to_target(1e5, 1e5, workers, LARGE, SLOW)[0] for workers in (8, 1, 4096)]
    assert times == sorted(times)


# Stragglers and failures --------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [1, 2, 16, 4096])
@pytest.mark.parametrize("waits", [assumed.JITTER, assumed.HICCUPS], ids=["jitter", "hiccups"])
def test_the_slowest_of_many(waits: Waits, workers: int) -> None:
    drawn = waits.slowest(workers, 40_000, np.random.default_rng(workers))
    error = 4 * drawn.std() / math.sqrt(len(drawn)) + 1e-9
    assert drawn.mean() == pytest.approx(waits.mean_of_slowest(workers), abs=error)


def test_drawing_the_slowest_is_drawing_all() -> None:
    waits, random = Waits(1.0, 0.2, 0.1, 0.3), np.random.default_rng(0)
    each = 1 + random.exponential(0.2, (40_000, 6)) + 0.3 * (random.random((40_000, 6)) < 0.1)
    drawn = waits.slowest(6, 40_000, random)
    probabilities = [0.1, 0.5, 0.9, 0.99]
    expected = np.quantile(each.max(axis=1), probabilities)
    np.testing.assert_allclose(np.quantile(drawn, probabilities), expected, rtol=0.02)


def test_without_failures_a_job_takes_its_steps_and_its_checkpoints() -> None:
    job = Job(Waits(0.5), 8, math.inf, checkpoint=3.0, restart=30.0)
    assert job.run(100, every=30, seed=0) == pytest.approx(50 + 4 * 3)


# (workers, checkpoint, restart, interval) with a failure of one in 10,000 s
@pytest.mark.parametrize(
    ("workers", "checkpoint", "restart", "interval"),
    [(1, 0.0, 0.0, 1000), (10, 5.0, 30.0, 100), (100, 1.0, 50.0, 20), (100, 30.0, 200.0, 40)],
)
def test_failures_cost_what_the_closed_form_says(
    workers: int, checkpoint: float, restart: float, interval: float
) -> None:
    job = Job(Waits(1.0), workers, 1e4, checkpoint, restart)
    drawn = [draws.stretch(job, interval, seed, failures=2000) for seed in range(4)]
    assert np.mean(drawn) == pytest.approx(job.stretch(interval), rel=0.04)


def test_jitter_and_failures_together() -> None:
    """Steps that vary little against the interval: as steps of their mean."""
    waits = Waits(1.0, jitter=0.2)
    job = Job(waits, 16, 16e3, checkpoint=2.0, restart=20.0)
    mean = waits.mean_of_slowest(16)
    drawn = np.mean([job.run(50_000, 50, seed) for seed in range(4)]) / (50_000 * mean)
    assert drawn == pytest.approx(job.stretch(50 * mean), rel=0.03)


def test_the_best_interval() -> None:
    job = Job(Waits(1.0), 1, 86_400.0, checkpoint=60.0, restart=0.0)
    assert job.young() == pytest.approx(3219.94, abs=0.01)
    assert job.daly() == pytest.approx(3180.05, abs=0.5)  # 3219.9·(1 + 0.0062 + 0.00004) − 60
    for cost in (0.01, 60.0, 2e4, 1e5):
        job = replace(job, checkpoint=cost)
        best = job.best()
        lengths = best * np.array([0.5, 0.9, 1.0, 1.1, 2.0])
        assert np.argmin([job.stretch(length) for length in lengths]) == 2
        assert job.stretch(job.daly()) <= 1.02 * job.stretch(best)
    frequent = replace(job, checkpoint=1e-3)
    assert frequent.young() == pytest.approx(frequent.best(), rel=1e-3)


# Measurements -------------------------------------------------------------------------------------


def measurements() -> dict:
    """As the model has them, of 2 cores."""
    machine, link = Machine(60e9, 10e9), Link(5e-6, 3e9)
    exchange = [
        {"ranks": ranks, "floats": floats, "allreduce": 1e-3,
         "ours": step(floats, 0, ranks, IDEAL, link, shards=8).exchange}
        for ranks in (2, 3, 4) for floats in (1000, 10**6, 10**7)
    ]  # fmt: skip
    steps = []
    for ranks in (1, 2, 3, 4):
        for batch in (256, 1024):
            parts = step(measured.PARAMETERS, batch, ranks, machine, link, shards=8)
            seconds = parts.compute * max(1, ranks / 2) + parts.latency + parts.wire
            found = [0.9 * seconds, seconds, 2 * seconds]
            steps.append({"batch": batch, "ranks": ranks, "seconds": found})
    return {"command": "python -m benchmarks scaling --measure", "date": "2000-01-01", "cores": 2,
            "machine": {"processor": "an abacus"}, "exchange": exchange,
            "steps": steps}  # fmt: skip


def test_what_the_model_made_is_predicted() -> None:
    found = measurements()
    link, machine = measured.link_of(found["exchange"]), measured.machine_of(found["steps"])
    assert (link.latency, link.bandwidth) == pytest.approx((5e-6, 3e9))
    assert (machine.speed, machine.memory) == pytest.approx((60e9, 10e9))
    exchanges, steps = list(measured.exchanges(found)), list(measured.steps(found))
    assert (len(exchanges), len(steps)) == (9, 8)
    for line in (*exchanges, *steps):
        assert line.measured == pytest.approx(line.predicted)
    found["steps"][-2]["seconds"] = [1.0]
    assert max(measured.steps(found), key=lambda line: line.measured).ranks == 4


def test_partial_sums() -> None:
    """Counted by hand on the tree over eight shards."""
    assert partial_sums(8, 2) == (1, 1)
    assert partial_sums(8, 3) == (1, 2, 2)  # 0-1; 2-3 and 4; 5 and 6-7
    assert partial_sums(8, 5) == (1, 2, 1, 1, 1)  # 0; 1 and 2; 3; 4-5; 6-7
    assert set(partial_sums(4096, 1024)) == {1}
    three = step(3e6, 0, 3, IDEAL, Link(0.0, 1e9), shards=8)
    assert three.wire == pytest.approx((2 + 1) * 4 * 2e6 / 1e9)


def test_the_noise_scale_of_a_gradient() -> None:
    """Beside each row's own gradient."""
    random = np.random.default_rng(0)
    x, y = random.standard_normal((400, 5)), random.integers(0, 3, 400)
    model = hy.Sequential([hy.Dense(4, "tanh"), hy.Dense(3, "softmax")], dtype="float64")
    model.build((5,), seed=0)
    model.compile("categorical_crossentropy")
    rows = np.array([noise._gradient(model, x[i : i + 1], y[i : i + 1]) for i in range(400)])
    expected = rows.var(axis=0, ddof=1).sum() / np.sum(rows.mean(axis=0) ** 2)
    assert noise.noise_scale(model, x, y) == pytest.approx(expected, rel=0.1)


# The page -----------------------------------------------------------------------------------------


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draws, "STEPS", 100)
    monkeypatch.setattr(draws, "FAILURES", 2)
    monkeypatch.setattr(draws, "SEEDS", 2)
    monkeypatch.setattr(noise, "measure", lambda: [{"data": "mnist", "epochs": 0, "rows": 123.0}])


@pytest.mark.slow
def test_command_writes_page_json_and_pictures(tmp_path: Path, small: None) -> None:
    need("matplotlib", "plot")
    (tmp_path / f"{measured.NAME}.json").write_text(json.dumps(measurements()), encoding="utf-8")
    run("scaling", out=tmp_path)
    text = (tmp_path / "scaling.md").read_text(encoding="utf-8")
    assert "share 2 cores (an abacus)" in text
    assert text.count(" 1.00 |") == 9 + 9 + 8 + 4  # ratios, all-reduces, ratios, speed-ups alone
    assert "(5.00 µs, 3.00 GB/s, adding within)" in text
    for name in ("step", "break-even", "target", "stragglers", "checkpoints", "measured"):
        assert f"images/scaling/{name}.png" in text
        assert (tmp_path / "images" / "scaling" / f"{name}.png").stat().st_size > 5000
    result = json.loads((tmp_path / "scaling.json").read_text(encoding="utf-8"))
    assert len(result["failures"]) == len(assumed.clusters())
    assert "Not measured yet" in page.render(result, None, {})


def run(*arguments: str, out: Path) -> str:
    done = CliRunner().invoke(main, ["--out", str(out), *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_a_plan_of_ones_own_is_printed(tmp_path: Path) -> None:
    own = ["--speed", "1e12", "--memory", "1e11", "--latency", "1e-9", "--bandwidth", "1e15"]
    output = run("scaling", *own, out=tmp_path)
    assert "| yours |" in output
    assert not list(tmp_path.iterdir())


def test_the_page_has_what_the_model_says_now() -> None:
    text = (DOCS / "scaling.md").read_text(encoding="utf-8")
    for block in (*page.model_blocks({}), page.nothing_gained()):
        assert block in text, f"run python -m benchmarks scaling --render:\n{block[:300]}"
    result = json.loads((DOCS / "scaling.json").read_text(encoding="utf-8"))
    for found in result["failures"]:
        job = assumed.job(found["workers"], assumed.FAILURES[found["between"]], found["parameters"])
        if found["drawn"] is not None:  # drawn of 10 times 100 failures
            lost = job.stretch(job.best()) - 1
            assert found["drawn"] - 1 == pytest.approx(lost, rel=0.15)
