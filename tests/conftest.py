"""What all tests share: how they are run, data beside the checkout, signals, scratch memory."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from hyalite.engines import choice
from hyalite.parameters import Scratch
from tests import compiling

# read by SciPy when it is first imported; without it scikit-learn skips some of its checks
os.environ.setdefault("SCIPY_ARRAY_API", "1")
os.environ["HYALITE_LANG"] = "en"  # what the command line says, wherever the tests run

TESTS = Path(__file__).resolve().parent
SHARED = TESTS.parents[1] / "shared"
WORKER = "PYTEST_XDIST_WORKER"  # is set in the processes that pytest-xdist starts
PATIENCE = 2 * compiling.TIMEOUT  # for another process to compile the engine

# How they are run ---------------------------------------------------------------------------------


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """The whole suite runs on all cores, where pytest-xdist is installed; a part of it does not,
    since new processes would take longer than most files do. ``-n`` says otherwise.
    """
    if hasattr(config, "workerinput"):  # one of those processes, which starts none
        return
    option = config.option
    whole = [Path(argument).resolve() for argument in config.args] == [TESTS]
    watched = option.keyword or option.collectonly or option.usepdb or option.capture == "no"
    if whole and not watched and getattr(option, "numprocesses", 0) is None:
        option.numprocesses, option.dist = "logical", "worksteal"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what needs the compiled engine, and leave out what was not asked for."""
    lacking = pytest.mark.skip(reason="the compiled engine needs the extra 'fast'")
    for item in items:
        call = getattr(item, "callspec", None)
        if call is not None and "compiled" in map(str, call.params.values()):
            item.add_marker("compiled")
        if item.get_closest_marker("compiled") and find_spec("numba") is None:
            item.add_marker(lacking)
    others = [item for item in items if not _asked_for(item, config.option.markexpr)]
    left_out = set(others)
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=others)


def _asked_for(item: pytest.Item, markers: str) -> bool:
    """Whether ``-m`` names what takes long, where a test does."""
    named = [name for name in ("stress", "long") if item.get_closest_marker(name)]
    return not named or named[0] in markers


@pytest.fixture(scope="session", autouse=True)
def _nothing_is_compiled(request: pytest.FixtureRequest) -> Iterator[None]:
    """Where the engine's own tests are left out, "auto" takes the other one in all the rest."""
    with pytest.MonkeyPatch.context() as patch:
        if "not compiled" in request.config.option.markexpr:
            patch.setattr(choice, "there_is_any", lambda: False)
        yield


@pytest.fixture(scope="session", autouse=True)
def _compiled_once(request: pytest.FixtureRequest) -> None:
    """Of several processes each takes a dtype to compile, before any test looks at the clock or
    at what is written on the error stream.
    """
    if WORKER in os.environ and any(
        item.get_closest_marker("compiled") for item in request.session.items
    ):
        request.getfixturevalue("first_use")


@pytest.fixture(scope="session")
def first_use(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """By dtype, output and error stream of the first process that used the compiled engine: where
    it is new, the one that compiled it.
    """
    folder = tmp_path_factory.getbasetemp()
    dtypes = ["float32", "float64"]
    if WORKER in os.environ:
        folder = folder.parent  # which all of them share
        if int(os.environ[WORKER].removeprefix("gw")) % 2:
            dtypes.reverse()
    printed = {}
    for dtype in dtypes:
        file = folder / f"first-use-{dtype}.json"
        with _alone(file.with_suffix(".lock")):
            if not file.exists():
                # of one test alone nobody waits for all kernels
                done = compiling.run(dtype=dtype, every_kernel=WORKER in os.environ)
                file.write_text(json.dumps([done.stdout, done.stderr]), encoding="utf-8")
        printed[dtype] = json.loads(file.read_text(encoding="utf-8"))
    return printed


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """One process at a time; where another one was killed inside, not for ever."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            lock.mkdir()
            break
        except FileExistsError:
            time.sleep(0.1)
    try:
        yield
    finally:
        with suppress(FileNotFoundError):
            lock.rmdir()


# What they share ----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the sources' documents and data; tests that need it skip where it is not."""
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED.name}/ does not lie beside the checkout")
    return SHARED


@pytest.fixture(autouse=True)
def _signals_are_heard() -> Iterator[None]:
    """Ctrl-C and SIGTERM as in a terminal, where pytest was started deaf, as by `nohup ... &`.

    Else tests that send one wait for ever: child processes, too, ignore what their parent does.
    """
    handlers = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
    deaf = [number for number in handlers if signal.getsignal(number) == signal.SIG_IGN]
    for number in deaf:
        signal.signal(number, handlers[number])
    yield
    for number in deaf:
        signal.signal(number, signal.SIG_IGN)


@pytest.fixture(autouse=True)
def _dirty_scratch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fill scratch with NaN before each use, so that a read of what was never written shows."""
    clean = Scratch.take

    def take(self, name, shape, dtype):
        array = clean(self, name, shape, dtype)
        array.fill(np.nan if array.dtype.kind == "f" else 1)
        return array

    monkeypatch.setattr(Scratch, "take", take)
