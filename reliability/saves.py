"""Saving: killed before, in and after every call to the file system, and every call failing."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

import hyalite as hy
from hyalite.files import replacing
from hyalite.training.checkpoint import Checkpoint
from reliability.finding import Finding

TITLE = "Saving"
CALLS = ("open", "write", "fsync", "read", "close", "replace", "unlink", "mkdir")
ERRORS = ("ENOSPC", "EIO", "EACCES", "EDQUOT", "EXDEV", "EINTR")
DIED = 42  # exit code of a child that was told to die

Hook = Callable[[int, str, Callable[..., Any], tuple[Any, ...], dict[str, Any]], Any]


@contextmanager
def hooked(hook: Hook) -> Iterator[None]:
    """Let every call to the file system go through `hook`, with its number."""
    number, real = 0, {name: getattr(os, name) for name in CALLS}

    def wrap(name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            nonlocal number
            number += 1
            return hook(number, name, real[name], arguments, options)

        return call

    for name in CALLS:
        setattr(os, name, wrap(name))
    try:
        yield
    finally:
        for name, function in real.items():
            setattr(os, name, function)


class Target:
    """Something that is saved: as it was before, and as it is to be."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.name = folder, type(self).__name__

    def prepare(self) -> None:
        """Make the folder with the old state in it."""
        raise NotImplementedError

    def save(self) -> None:
        """Save the new state."""
        raise NotImplementedError

    def found(self) -> str:
        """Which state is read back: "old" or "new"; anything else is a break of the promise."""
        raise NotImplementedError

    def renew(self) -> None:
        """As `prepare` left it, nothing else."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        self.prepare()


def _model(value: float) -> hy.Sequential:
    model = hy.Sequential([hy.Dense(5, "tanh"), hy.Dense(2)])
    model.compile("mean_squared_error", "adam", engine="numpy")
    model.build(3, seed=0)
    model.theta[...] = value
    return model


class ModelFile(Target):
    """`Sequential.save` over an older file."""

    def prepare(self) -> None:
        _model(1.0).save(self.folder / "model.safetensors")
        self.model = _model(2.0)

    def save(self) -> None:
        self.model.save(self.folder / "model.safetensors")

    def found(self) -> str:
        theta = hy.load(self.folder / "model.safetensors").theta
        return {1.0: "old", 2.0: "new"}.get(float(theta[0]), "?") if np.ptp(theta) == 0 else "?"


class Checkpoints(Target):
    """The checkpoints of a fit, of which the oldest goes when a new one is there."""

    def prepare(self) -> None:
        self._fit(2)
        self.old = self.step()

    def save(self) -> None:
        self._fit(3)

    def found(self) -> str:
        step = self.step()
        return "old" if step == self.old else "new" if step == self.old + 1 else "?"

    def step(self) -> int:
        snapshot = self._checkpoint().newest()
        return -1 if snapshot is None else snapshot.step

    def _checkpoint(self) -> Checkpoint:
        return Checkpoint(self.folder / "run", keep=2, resume=True)

    def _fit(self, epochs: int) -> None:
        x = np.linspace(0, 1, 12, dtype=np.float32).reshape(4, 3)
        y = x[:, :2]
        _model(0.1).fit(
            x, y, epochs=epochs, batch_size=4, seed=1, verbose=0, checkpoint=self._checkpoint()
        )


TARGETS: tuple[type[Target], ...] = (ModelFile, Checkpoints)


def calls_of(target: Target) -> list[str]:
    """The names of all calls that a save makes."""
    names: list[str] = []

    def note(number: int, name: str, real: Any, arguments: Any, options: Any) -> Any:
        names.append(name)
        return real(*arguments, **options)

    target.renew()
    with hooked(note):
        target.save()
    return names


def places(folder: Path) -> Iterator[tuple[Target, int, str]]:
    """Every call of a save of every target: the target, the call's number and name."""
    for kind in TARGETS:
        target = kind(folder / kind.__name__)
        for at, name in enumerate(calls_of(target), 1):
            yield target, at, name


def killed(target: Target, at: int, when: str) -> bool:
    """Save in a child that dies at call number `at`; whether it came so far."""

    def die(number: int, name: str, real: Any, arguments: Any, options: Any) -> Any:
        if number != at:
            return real(*arguments, **options)
        if when == "torn" and name == "write":
            handle, content = arguments
            real(handle, content[: len(content) // 2])
        elif when != "before":
            with contextlib.suppress(OSError):  # such as a folder that is there already
                real(*arguments, **options)
        os._exit(DIED)

    child = os.fork()
    if child == 0:
        try:
            with hooked(die):
                target.save()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == DIED


def measure_kills(folder: Path) -> Finding:
    """Kill a save at each of its calls."""
    finding = Finding("A save that is killed leaves the old state or the new one, whole.")
    for target, at, name in places(folder):
        for when in ("before", "torn", "after") if name == "write" else ("before", "after"):
            target.renew()
            where = f"{target.name}, killed {when} call {at}, {name}"
            finding.check(killed(target, at, when), f"{where}: it did not come so far")
            finding.count("kills")
            try:
                found = target.found()
            except Exception as error:
                found = repr(error)
            finding.check(found in ("old", "new"), f"{where}: {found}")
            target.save()  # and the next one works
            finding.check(target.found() == "new", f"{where}: the next save")
            left = list(replacing.leftovers(target.folder / "run", "*"))
            finding.check(not left, f"{where}: {left} stayed")
    return finding


def measure_errors(folder: Path) -> Finding:
    """Let each call of a save fail, with each error."""
    finding = Finding("A save that fails says so, and leaves the old state or the new one, whole.")
    for target, at, called in places(folder):
        for code in ERRORS:
            target.renew()
            number_of = getattr(errno, code)

            def fail(number: int, name: str, real: Any, arguments: Any, options: Any) -> Any:
                if number == at:  # noqa: B023  # used within the round
                    if name == "close":
                        real(*arguments, **options)
                    raise OSError(number_of, os.strerror(number_of))  # noqa: B023
                return real(*arguments, **options)

            where = f"{target.name}, {code} at call {at}, {called}"
            said: BaseException | None = None
            with hooked(fail):
                try:
                    target.save()
                except OSError as error:
                    said = error
                except BaseException as error:
                    finding.breaks(f"{where}: {error!r}")
            finding.count("failed calls")
            found = target.found()
            finding.check(found in ("old", "new"), f"{where}: {found}")
            finding.check(said is not None or found == "new", f"{where}: nothing was said")
            target.save()
            finding.check(target.found() == "new", f"{where}: the next save")
    return finding


def measure_full(folder: Path) -> Finding:
    """A file system that is full, and one that may not be written."""
    finding = Finding("A full disk and a folder without the right to write are errors, not losses.")
    if os.name == "nt" or os.getuid() != 0:
        finding.notes.append("left out: it takes root's rights to make both")
        return finding
    small = folder / "small"
    small.mkdir()
    if os.system(f"mount -t tmpfs -o size=64k none {small} 2>/dev/null") == 0:
        try:
            full = ModelFile(small / "model")
            full.renew()
            (small / "filler").write_bytes(b"")
            filler = (small / "filler").open("ab", buffering=0)
            with filler, contextlib.suppress(OSError):  # it is full now, as is wanted
                while filler.write(b"x" * 512):
                    pass
            finding.count("full file systems")
            try:
                full.save()
                finding.breaks("a full file system: nothing was said")
            except OSError as error:
                finding.check(error.errno == errno.ENOSPC, f"a full file system: {error!r}")
            finding.check(full.found() == "old", "a full file system: the old file is gone")
            left = sorted(path.name for path in full.folder.iterdir())
            finding.check(left == ["model.safetensors"], f"a full file system: {left}")
        finally:
            os.system(f"umount {small}")
    else:
        finding.notes.append("no file system could be mounted here, so none was filled")
    for kind in TARGETS:
        target = kind(folder / f"read-only {kind.__name__}")
        target.renew()
        folder.chmod(0o755)
        for path in (target.folder, target.folder / "run"):
            if path.exists():
                path.chmod(0o555)
        child = os.fork()
        if child == 0:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            try:
                target.save()
            except PermissionError:
                os._exit(DIED)
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
        said = os.waitstatus_to_exitcode(status) == DIED
        finding.check(said, f"{kind.__name__}: no PermissionError")
        finding.check(target.found() == "old", f"{kind.__name__}, read-only: the old is gone")
        finding.count("read-only folders")
    return finding


def measure(full: bool) -> list[Finding]:
    """All of it; there is no shorter form."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # for the user without rights
        findings = []
        for part in (measure_kills, measure_errors, measure_full):
            own = folder / part.__name__
            own.mkdir()
            findings.append(part(own))
        return findings
