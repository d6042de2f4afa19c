"""Checkpoints: when to save a run, where, and how to find the newest that is whole."""

from __future__ import annotations

import re
import reprlib
import time
from pathlib import Path
from typing import Any

from hyalite import checks
from hyalite.errors import FileFormatError
from hyalite.files import model_file
from hyalite.files.replacing import leftovers
from hyalite.messages import say
from hyalite.training.snapshot import Snapshot, differences

CHECKPOINT_FORMAT = 1
FILE_NAME = re.compile(r"step-(\d{9,})\.safetensors")
SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0}


class Checkpoint:
    """Where and when a fit saves all that it needs to go on after a crash, to the same bytes.

    Where ``model.fit(x, y, epochs=100, seed=0, checkpoint=hy.Checkpoint("run", every="5 min"))``
    ended early, for whatever reason, the same program with
    ``hy.Checkpoint("run", every="5 min", resume=True)`` goes on from the newest checkpoint, and in
    the end weights, optimizer and history are byte for byte those of a run that nothing stopped.
    At a Ctrl-C or a SIGTERM one is saved in any case.

    Each is a file of its own, ``step-000001200.safetensors``, under a checksum. It is written
    beside the older ones and read back before any of them goes.

    Args:
        folder: for the checkpoints of one run; made where there is none.
        every: "epoch"; a number of steps, such as 500 or "500 steps"; or a time, such as "30 s",
            "5 min", "2 h", or a float of seconds. The end of the fit has one in any case.
        keep: how many to keep.
        resume: go on from the newest in the folder, or from the start where there is none. Without
            it the folder must not have any.

    Raises:
        ValueError: an argument out of range.

    Examples:
        The second fit finds the first one's checkpoints, and has one epoch left to train:

        >>> for epochs in (3, 4):
        ...     model = hy.Sequential([hy.Dense(1)])
        ...     model.compile("mse")
        ...     saved = hy.Checkpoint("run", keep=2, resume=True)
        ...     history = model.fit([[1.0]], [2.0], epochs=epochs, checkpoint=saved, verbose=0)
        >>> [file.name for file in saved.files()]
        ['step-000000004.safetensors', 'step-000000003.safetensors']
    """

    def __init__(
        self,
        folder: str | Path,
        every: str | int | float = "epoch",
        keep: int = 3,
        resume: bool = False,
    ) -> None:
        self.folder, self.every = Path(folder), every
        self.keep = checks.integer(keep, "keep")
        self.resume = bool(resume)
        self.steps: int | None = None
        self.seconds: float | None = None
        if isinstance(every, str):
            if every != "epoch":
                self.steps, self.seconds = _parsed(every)
        elif isinstance(every, float):
            self.seconds = checks.number(every, "every", low=0, above=True)
        else:
            self.steps = checks.integer(every, "every")

    def __repr__(self) -> str:
        return f"Checkpoint({str(self.folder)!r}, every={self.every!r}, keep={self.keep})"

    def files(self) -> list[Path]:
        """The checkpoints in the folder, the newest first."""
        if not self.folder.is_dir():
            return []
        found = [path for path in self.folder.iterdir() if FILE_NAME.fullmatch(path.name)]
        return sorted(found, key=_step, reverse=True)

    def newest(self) -> Snapshot | None:
        """The newest that is whole; a message names each that is not.

        Raises:
            FileFormatError: there are some, and none of them can be read.
            ValueError: `resume` is not set, and there are some.
        """
        files = self.files()
        if files and not self.resume:
            raise ValueError(
                f"{self.folder} holds checkpoints of an earlier run. To go on with it give "
                "resume=True, else another folder"
            )
        for path in files:
            try:
                return read(path)
            except (FileFormatError, OSError) as error:
                say(f"a checkpoint is damaged, the one before it is taken: {error}")
        if files:
            raise FileFormatError(f"{self.folder}: none of its {len(files)} checkpoints is whole")
        return None


def _step(path: Path) -> int:
    match = FILE_NAME.fullmatch(path.name)
    assert match is not None
    return int(match[1])


def _parsed(text: str) -> tuple[int | None, float | None]:
    """Steps or seconds."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?) ?(\w+)", text.strip())
    if match is not None and float(match[1]) > 0:
        if match[2] in ("step", "steps") and match[1].isdigit():
            return int(match[1]), None
        if match[2] in SECONDS:
            return None, float(match[1]) * SECONDS[match[2]]
    raise ValueError(
        "every must be 'epoch', a number of steps such as 500 or '500 steps', or a time such as "
        f"'30 s', '5 min', '2 h', got {text!r}"
    )


def read(path: Path) -> Snapshot:
    """What a checkpoint's file holds.

    Raises:
        FileFormatError: damaged, or something else.
        OSError: it cannot be read.
    """
    reader = model_file.Reader(path)
    if reader.settings.get("checkpoint") != CHECKPOINT_FORMAT:
        raise FileFormatError(f"{path} is no checkpoint that this version can read")
    return Snapshot(reader.settings, reader.arrays())


class Saver:
    """The checkpoints of one fit.

    Args:
        checkpoint: as the user asked for it.
        run: what makes a run the same, as JSON data: the model, the settings, the data.
        machine: what the bytes depend on beside it.
        first: number of the fit's first epoch.
    """

    def __init__(
        self, checkpoint: Checkpoint, run: dict[str, Any], machine: dict[str, Any], first: int
    ) -> None:
        self.checkpoint, self.run, self.machine, self.first = checkpoint, run, machine, first
        self.every_epoch = checkpoint.every == "epoch"
        self.latest = -1  # the step that was saved last
        self.saved_at = time.monotonic()
        checkpoint.folder.mkdir(parents=True, exist_ok=True)
        for path in leftovers(checkpoint.folder, "step-*"):
            path.unlink(missing_ok=True)

    def take_over(self, snapshot: Snapshot) -> None:
        """Go on with the run that the snapshot was taken of, if this is the one.

        Raises:
            ValueError: naming what differs.
        """
        found = list(differences(self.run, snapshot.values["run"]))
        if found:
            name, own, there = found[0]
            raise ValueError(
                f"{self.checkpoint.folder} holds another run: its {name} is "
                f"{reprlib.repr(there)}, not {reprlib.repr(own)}"
            )
        self.first, self.latest = int(snapshot.values["first"]), snapshot.step
        for name, own, there in differences(self.machine, snapshot.values["machine"]):
            say(
                f"{name} was {there!r} when the checkpoint was written and is {own!r} now; the "
                "last digits may differ from those of a run that went on there"
            )

    def save(self, step: int, snapshot: Snapshot) -> None:
        """Write one, then let the oldest go.

        Raises:
            OSError: it cannot be written; the older ones are untouched.
        """
        snapshot.values |= {
            "checkpoint": CHECKPOINT_FORMAT,
            "run": self.run,
            "machine": self.machine,
            "first": self.first,
        }
        path = self.checkpoint.folder / f"step-{step:09}.safetensors"
        model_file.write(path, snapshot.values, snapshot.arrays)
        self.latest, self.saved_at = step, time.monotonic()
        for old in self.checkpoint.files()[self.checkpoint.keep :]:
            if old != path:
                old.unlink(missing_ok=True)

    @property
    def is_time(self) -> bool:
        """Whether the seconds are over."""
        seconds = self.checkpoint.seconds
        return seconds is not None and time.monotonic() - self.saved_at >= seconds

    def steps_left(self, step: int) -> int | None:
        """How many steps until the next is due; None where steps do not matter."""
        every = self.checkpoint.steps
        return None if every is None else every - step % every

    def is_due(self, step: int, ends_epoch: bool) -> bool:
        """Whether to save now."""
        if step == self.latest:
            return False
        every = self.checkpoint.steps
        return (self.every_epoch and ends_epoch) or self.is_time or bool(every and not step % every)

    def say_how_to_resume(self, where: str) -> None:
        """A line for whoever stopped the run."""
        say(
            f"stopped after {where}; all of it is saved in {self.checkpoint.folder}. To go on, "
            "run the same again with resume=True (--resume on the command line)"
        )
