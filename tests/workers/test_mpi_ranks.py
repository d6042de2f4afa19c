"""Ranks of MPI: the bytes of one process, and an end within seconds where one rank fails."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

import hyalite as hy
from hyalite.errors import MissingExtra
from hyalite.workers import mpi_ranks
from tests.workers.helpers import fitting, mixed

ROOT = Path(__file__).resolve().parents[2]
# of the environment, such as the wheel of MPICH brings; else the system's
MPIEXEC = shutil.which("mpiexec", path=str(Path(sys.executable).parent)) or shutil.which("mpiexec")
OPTIONS = {"batch_size": 32, "validation_split": 0.2, "callbacks": [hy.EarlyStopping(patience=3)]}
SECONDS = 10  # until all have ended, at most

needs_mpi = pytest.mark.skipif(
    find_spec("mpi4py") is None or MPIEXEC is None,
    reason="needs mpi4py and MPI: pip install 'hyalite[mpi]' mpich",
)


def start(
    ranks: int, *words: object, module: str = "tests.workers.mpi_program"
) -> subprocess.Popen[str]:
    command = [MPIEXEC, "-n", ranks, sys.executable, "-m", module, *words]
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    return subprocess.Popen(
        list(map(str, command)),
        cwd=ROOT,
        # Open MPI wants to be told that root and more ranks than cores are meant
        env=os.environ
        | {
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
            "HYALITE_NUM_THREADS": "1",
            "OMPI_ALLOW_RUN_AS_ROOT": "1",
            "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
            "OMPI_MCA_rmaps_base_oversubscribe": "true",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str], seconds: float = 60) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=seconds)
    return process.returncode, out, err


@needs_mpi
@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_any_number_of_ranks_ends_in_the_bytes_of_one_process(engine: str) -> None:
    expected = fitting(mixed(engine), epochs=2, **OPTIONS)(hy.workers.alone())
    for ranks in (1, 2, 3):
        code, out, err = ended(start(ranks, engine, 2, "-"))
        assert (code, err) == (0, "")
        assert sorted(out.split()) == sorted(["digest", expected] * ranks)


@needs_mpi
@pytest.mark.parametrize("what", ["raise", "exit", "leave", "SIGKILL", "SIGTERM"])
def test_a_rank_that_fails_ends_all(what: str) -> None:
    began = time.monotonic()
    code, out, err = ended(start(2, "numpy", 300, "-", what, 1, 9), seconds=60)
    assert time.monotonic() - began < SECONDS
    assert code != 0
    assert "digest" not in out
    if what == "raise":
        assert err.count("ArithmeticError: this rank is broken") == 1
        assert "rank 1 of 2 ends all" in err


@needs_mpi
def test_what_all_ranks_refuse_is_said_once() -> None:
    code, _, err = ended(start(3, "numpy", 0, "-"))
    assert code != 0
    assert err.count("ValueError: epochs must be") == 1


@needs_mpi
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["train", "mnist", "--workers", "mpi", "--no-such"], "No such option"),
        (["train", "spiral", "--epochs", "none", "--workers=mpi"], "Invalid value for '--epochs'"),
        (["train", "spiral", "--workers", "mpy"], "Invalid value for '--workers'"),
    ],
)
def test_what_is_wrong_with_the_words_is_said_once(words: list[str], said: str) -> None:
    code, out, err = ended(start(3, *words, module="hyalite"))
    assert code != 0
    assert err.count(said) == err.count("Usage:") == 1
    assert "Traceback" not in err
    assert said not in out


@needs_mpi
def test_a_report_that_fails_ends_all(tmp_path: Path) -> None:
    """As where its stream is closed: the others are not to wait for what never comes."""
    program = tmp_path / "program.py"
    program.write_text(
        "import hyalite as hy\n"
        "with hy.workers.mpi(report=lambda error: 1 / 0) as workers:\n"
        "    assert workers.rank == 0\n"
        "    workers.exchange([()] * workers.size, 60)\n"
    )
    began = time.monotonic()
    command = [str(MPIEXEC), "-n", "2", sys.executable, str(program)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert time.monotonic() - began < SECONDS
    assert done.returncode != 0


@needs_mpi
def test_groups_one_after_the_other() -> None:
    """MPI has some two thousand numbers for groups; each is given back."""
    program = "import hyalite as hy\nfor _ in range(3000):\n    with hy.workers.mpi(): pass\n"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (found.returncode, found.stderr) == (0, "")


@needs_mpi
def test_a_signal_to_any_rank_saves_and_any_number_goes_on(tmp_path: Path) -> None:
    expected = fitting(mixed("numpy"), epochs=8, **OPTIONS)(hy.workers.alone())
    code, _, err = ended(start(3, "numpy", 8, tmp_path, "SIGTERM", 2, 13))
    assert code == 128 + signal.SIGTERM
    assert err.count("To go on, run the same again") == 1
    (newest, *_) = sorted(tmp_path.iterdir(), reverse=True)
    assert newest.name in ("step-000000014.safetensors", "step-000000015.safetensors")
    code, _, err = ended(start(2, "numpy", 8, tmp_path, "SIGKILL", 1, 22))
    assert code != 0
    assert (tmp_path / "step-000000021.safetensors").exists()
    code, out, _ = ended(start(1, "numpy", 8, tmp_path))
    assert (code, out.split()) == (0, ["digest", expected])


@needs_mpi
def test_only_rank_0_prints() -> None:
    code, out, _ = ended(start(3, "numpy", 2, "-", "nothing", 0, -1))
    assert code == 0
    assert out.count("epoch 1/2") == 1


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mpi4py", None)
    with pytest.raises(MissingExtra, match=r"pip install 'hyalite\[mpi\]'"), hy.workers.mpi():
        pass


def test_without_mpi_the_remedy_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of mpi4py alone, whose import of MPI fails as it does where no library is found."""
    package = tmp_path / "mpi4py"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "MPI.py").write_text("raise RuntimeError('cannot load MPI library')")
    for name in [name for name in sys.modules if name.partition(".")[0] == "mpi4py"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(MissingExtra, match="pip install mpich"):
        mpi_ranks._library()
    for name in [name for name in sys.modules if name.partition(".")[0] == "mpi4py"]:
        monkeypatch.delitem(sys.modules, name)


@pytest.mark.parametrize("timeout", [0, -1, "long"])
def test_a_timeout_is_a_time(timeout: object) -> None:
    with pytest.raises((ValueError, TypeError), match="timeout"), hy.workers.mpi(timeout):  # type: ignore[arg-type]
        pass
