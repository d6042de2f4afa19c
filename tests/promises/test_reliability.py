"""The short forms of what `python -m reliability` does at length: every promise under attack."""

from __future__ import annotations

import json
import os

import pytest
from click.testing import CliRunner
from reliability import (
    dask_kills,
    flips,
    guided,
    hostile,
    kills,
    limits,
    mutants,
    predictions,
    same_bytes,
    saves,
    soak,
    workers,
)
from reliability.__main__ import PARTS, main
from reliability.finding import Finding

from tests.extras import need

long = pytest.mark.long
posix = pytest.mark.skipif(os.name == "nt", reason="forks and signals as POSIX has them")


def assert_kept(findings: list[Finding]) -> None:
    assert findings
    for finding in findings:
        assert finding.tried, finding
        assert not finding.broken, "\n".join([finding.promise, *finding.notes])


@posix
def test_a_save_survives_a_kill_and_an_error_at_every_call():
    assert_kept([finding for finding in saves.measure(False) if finding.tried])


@posix
@pytest.mark.parametrize("engine", kills.engines())
@pytest.mark.parametrize("count", [1, pytest.param(kills.FEW, marks=long)])
def test_a_run_survives_kills(count, engine):
    assert_kept([kills.killed(engine, count)])


@long
@posix
@pytest.mark.parametrize("engine", kills.engines())
def test_a_fit_on_a_cluster_survives_kills(engine):
    need("distributed", "dask")
    assert_kept([dask_kills.killed(engine, dask_kills.FEW)])


def test_damage_is_noticed():
    assert_kept(flips.measure(False))


OFTEN = {"model file", "pickle", "CSV", "bodies of requests to a page"}  # what strangers send most
KINDS = [
    pytest.param(kind, id=kind.name, marks=[] if kind.name in OFTEN else [long])
    for kind in hostile.READERS
]


@posix
@pytest.mark.parametrize("kind", KINDS)
def test_readers_survive_hostile_files(kind):
    for package, extra in kind.needs.items():
        need(package, extra)
    findings = hostile.measure(False, [kind])
    assert_kept(findings)
    assert findings[0].tried["refused"] > kind.short / 4  # else nothing was hostile


@posix
def test_an_input_that_takes_for_ever_is_found(monkeypatch):
    monkeypatch.setattr(hostile, "SECONDS", 0.1)

    def read_for_ever():
        with hostile._in_time():
            while True:
                pass

    with pytest.raises(hostile.Hang, match=r"more than 0\.1 seconds of a core"):
        read_for_ever()


@long
def test_readers_survive_what_leads_them_further():
    pytest.importorskip("atheris", reason="coverage-guided fuzzing needs the extra 'reliability'")
    assert_kept(guided.measure(False))


@pytest.mark.stress
@pytest.mark.parametrize("name", PARTS)
def test_in_full(name):
    assert_kept(PARTS[name].measure(True))


@long
def test_the_same_seed_gives_the_same_bytes():
    need("scipy", "fast")
    assert_kept(same_bytes.measure(False))


def test_predictions_in_threads():
    assert_kept(predictions.measure(False))


@long
@posix
def test_workers_that_are_killed():
    need("mpi4py", "mpi")
    assert_kept(workers.measure(False))


@long
def test_numbers_at_the_edge():
    assert_kept(limits.measure(False))


@long
def test_the_soak_works():
    assert_kept(soak.measure(False))


@long
def test_mutants_are_programs_that_differ():
    made = list(mutants.mutants())
    assert len(made) > 200
    assert len({(mutant.path, mutant.what, mutant.text) for mutant in made}) > 0.99 * len(made)
    for mutant in made[::25]:
        compile(mutant.text, mutant.path, "exec")


@long
def test_the_report_keeps_what_other_parts_found(tmp_path):
    run = CliRunner().invoke(main, ["predictions", "--quick", "--out", str(tmp_path)])
    assert run.exit_code == 0, run.output
    run = CliRunner().invoke(main, ["flips", "--quick", "--out", str(tmp_path)])
    assert run.exit_code == 0, run.output
    found = json.loads((tmp_path / "reliability.json").read_text())
    assert set(found) == {"predictions", "flips"}
    text = (tmp_path / "reliability.md").read_text()
    assert all(PARTS[name].TITLE in text for name in found)
    assert found["flips"]["command"] == "python -m reliability flips --quick"
