"""What one page works with: its settings, one or two runs, and the worker that trains them."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from hyalite.play import limits
from hyalite.play.data import data_of
from hyalite.play.parts import real, whole
from hyalite.play.preparing import Preparing
from hyalite.play.problems import Refused, text_of
from hyalite.play.run import Run
from hyalite.play.settings import normalized, of_runs
from hyalite.play.turns import Turns
from hyalite.play.view import View

NICE = 10  # of the worker, where the system knows priorities of threads
ACTIONS = ("nothing", "sample", "batch", "epoch", "play", "pause", "reset", "seek")
# what may change while training goes on
LIVE = {"optimizer", "batch_size", "epochs", "stop", "shuffle", "layers", "output"}
LIVE_OPTIONS = ("l1", "l2", "bias_l1", "bias_l2", "rate", "stddev")  # of layers


class Session:
    """What one page works with.

    Attributes:
        settings: in normal form; None before the page has sent any.
        runs: "a", and "b" where two are compared.
        views: of the same, for pictures; only within `looking`.
        uploads: tables that were dropped, by their ids.
        turns: who may touch the runs.
        looking: a lock of the views; whoever needs both takes it before its turn.
        used: when the page was heard last.
        left_at: when it said that it leaves; None while it is there.
    """

    def __init__(self) -> None:
        self.settings: dict[str, Any] | None = None
        self.runs: dict[str, Run] = {}
        self.views: dict[str, View] = {}
        self.uploads: OrderedDict[str, Any] = OrderedDict()
        self.turns, self.looking = Turns(), threading.Lock()
        self.playing = False
        self.closed = False
        self.preparing: list[Preparing] = []
        self.trouble = ""  # what stopped the worker, where that was a fault of ours
        self.left = 0  # of what was asked for, and took too long
        self.frames = 0
        self.generation = 0  # how often there were new runs
        self.language: str | None = None  # of the page; None is English
        self.used = time.monotonic()
        self.left_at: float | None = None
        self.speed: float | None = None
        self.train_seconds, self.steps_a_second = 0.0, 0.0
        self._paced = 0.0, 0  # since when a speed is kept, and how many samples there were then
        self._wake = threading.Event()
        self._worker: threading.Thread | None = None

    # Settings ---------------------------------------------------------------------------------

    def configure(self, given: Any, live: bool) -> bool:
        """Take settings; whether training started anew.

        Raises:
            Refused: they are not right; nothing is changed then.
        """
        settings = normalized(given)
        wanted = of_runs(settings)
        with self.looking, self.turns.first():
            self.playing = False
            if live and self._goes_on_with(wanted):
                for name, own in wanted.items():
                    if own != self.runs[name].settings:
                        self.runs[name].take_over(own)
                self.settings = settings
                return False
            known = {_key(run.settings): run.data for run in self.runs.values()}
            runs = {}
            for name, own in wanted.items():
                try:
                    data = known.get(_key(own)) or data_of(own, self.uploads)
                    known[_key(own)] = data
                    runs[name] = Run(own, data)
                except Refused as error:
                    if name == "b":
                        field = f"compare.{error.problem.field}".rstrip(".")
                        raise Refused(error.problem.message, field, error.status) from None
                    raise
            self.take(settings, runs)
            self.preparing = [Preparing(run.settings, run.data) for run in runs.values()]
        return True

    def take(self, settings: dict[str, Any], runs: dict[str, Run]) -> None:
        """Work with these runs from now on; within `looking` and the page's turn."""
        views = {name: View(run) for name, run in runs.items()}
        self.settings, self.runs, self.views = settings, runs, views
        self.generation += 1

    def _goes_on_with(self, wanted: dict[str, dict[str, Any]]) -> bool:
        """Whether only such settings differ as may change while training goes on."""
        if wanted.keys() != self.runs.keys():
            return False
        return all(_may_change(self.runs[name].settings, own) for name, own in wanted.items())

    # Training ---------------------------------------------------------------------------------

    def act(self, request: dict[str, Any]) -> None:
        """Do what a page asks for, see the API.

        Raises:
            Refused: it makes no sense.
        """
        action = request.get("do", "nothing")
        if action not in ACTIONS:
            raise Refused(f"do must be one of {', '.join(ACTIONS)}", "do")
        count = whole(request.get("count", 1), "count", "count", 1, limits.COUNT)
        speed = request.get("speed", self.speed)
        if speed is not None:
            speed = real(speed, "speed", "speed", 1e-3, 1e6)
        if not self.runs:
            raise Refused("send settings first", "", 409)
        self.left, self.trouble = (0, "") if action != "nothing" else (0, self.trouble)
        if action == "nothing":
            if speed != self.speed:
                self._pace(speed)
            return
        trains = action in ("sample", "batch", "epoch")
        if trains and not all(one.wait() for one in self.preparing):
            self.left = count
            return
        with self.looking, self.turns.first():
            if action == "play":
                for run in self.runs.values():
                    run.go_beyond()
                self._pace(speed)
                self.playing = any(run.goes_on for run in self.runs.values())
            else:
                self.playing = False
                self._catch_up()
                self._by_hand(action, count, request)
        if self.playing:
            self._start_worker()
            self._wake.set()

    def _by_hand(self, action: str, count: int, request: dict[str, Any]) -> None:
        runs = list(self.runs.values())
        if action == "reset":
            fresh = {name: run.restarted() for name, run in self.runs.items()}
            assert self.settings is not None
            self.take(self.settings, fresh)
        elif action == "seek":
            number = whole(request.get("snapshot"), "snapshot", "snapshot", 1)
            leader = self.runs["a"]
            leader.seek(number)
            for run in runs[1:]:
                run.seek(run.snapshots.nearest(leader.step))
        elif action != "pause":
            self.left = count
            deadline = time.monotonic() + limits.ADVANCE_SECONDS
            while self.left and any(_can(run) for run in runs) and time.monotonic() < deadline:
                for run in runs:
                    self._one(run, action)
                self.left -= 1
            for run in runs:
                if action != "sample":
                    run.keep()

    @staticmethod
    def _one(run: Run, action: str) -> None:
        """One sample, batch or epoch."""
        if not _can(run):
            return
        if action == "sample":
            run.visit()
        elif action == "batch":
            run.advance(1)
        else:
            run.advance(run.batches)

    def _pace(self, speed: float | None) -> None:
        self.speed = speed
        seen = self.runs["a"].samples_seen if self.runs else 0
        self._paced = time.monotonic(), seen

    def _start_worker(self) -> None:
        if self._worker is None:
            self._worker = threading.Thread(target=self._work, name="hyalite-play", daemon=True)
            self._worker.start()

    def _work(self) -> None:
        """Train while the page plays."""
        _give_way()
        while not self.closed:
            if not self.playing:
                self._wake.wait(1.0)
                self._wake.clear()
                continue
            if time.monotonic() - self.used > limits.IDLE_SECONDS:
                self.pause()
                continue
            if not all(one.wait() for one in self.preparing):
                continue
            with self.turns.last():
                try:
                    rest = self._slice() if self.playing else 0.0
                except Exception as error:  # else the page would wait for ever
                    self.playing, rest = False, 0.0
                    self.trouble = text_of(error)
            if rest:
                time.sleep(rest)

    def _slice(self) -> float:
        """Train for a moment; how long to wait before the next."""
        began = time.monotonic()
        made = 0
        rest = 0.0
        while time.monotonic() - began < limits.SLICE_SECONDS:
            going = [run for run in self.runs.values() if run.goes_on]
            if not going:
                self.playing = False
                for run in self.runs.values():
                    run.keep()
                break
            run = min(going, key=lambda one: one.samples_seen)
            steps = run.steps_of_a_slice
            if self.speed is not None:
                steps = min(steps, self._steps_due(run))
                if steps <= 0:
                    rest = 0.004
                    break
            made += run.advance(steps)
        self._catch_up()
        took = time.monotonic() - began
        if made:
            self.train_seconds = took
            self.steps_a_second = made / took
        return rest

    def _steps_due(self, run: Run) -> int:
        """How many steps the speed allows by now."""
        since, before = self._paced
        assert self.speed is not None
        now = time.monotonic()
        wanted = before + self.speed * (now - since) * len(run.samples)
        behind = (wanted - run.samples_seen) / run.fit.plan.task.batch_size
        if behind * run.step_seconds > 0.25:  # it cannot keep up: no debt
            self._pace(self.speed)
        return int(behind)

    def _catch_up(self) -> None:
        """Bring the run that is behind to as many samples as the other has seen."""
        if len(self.runs) < 2:
            return
        a, b = self.runs.values()
        behind, ahead = (a, b) if a.samples_seen < b.samples_seen else (b, a)
        size = behind.fit.plan.task.batch_size
        while behind.goes_on:
            gap = ahead.samples_seen - behind.samples_seen
            if gap < behind.rows_to_come or not behind.advance(max(1, gap // size)):
                return

    def pause(self) -> None:
        """Stop the worker after its slice."""
        with self.turns.first():
            self.playing = False
            self._catch_up()
            for run in self.runs.values():
                run.keep()

    def close(self) -> None:
        """End the worker."""
        self.closed, self.playing = True, False
        self._wake.set()
        if self._worker is not None:
            self._worker.join(5.0)

    @property
    def status(self) -> str:
        """In one word, see the API."""
        if not all(one.done.is_set() for one in self.preparing):
            return "preparing"
        if self.playing:
            return "playing"
        runs = list(self.runs.values())
        if any(run.failed for run in runs) and not any(run.goes_on for run in runs):
            return "failed"
        if any(run.stopped for run in runs) and not any(run.goes_on for run in runs):
            return "stopped"
        return "paused" if any(run.goes_on for run in runs) else "finished"


def _give_way() -> None:
    """Let whoever draws the page have the cores first: this thread trains on what is left.

    Linux alone has a priority for each thread that anybody may lower.
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)


def _key(settings: Mapping[str, Any]) -> str:
    """What the data depend on."""
    seed = settings["seed"] if settings["data"]["kind"] == "table" else 0
    return json.dumps([settings["data"], seed])


def _can(run: Run) -> bool:
    """Whether one more step can be made by hand, beyond the goal too."""
    return run.failed is None and not run.stopped


def _may_change(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether training may go on from one to the other."""
    different = {name for name in before if before[name] != after[name]}
    if not different <= LIVE:
        return False
    mine, its = before["optimizer"], after["optimizer"]
    kinds = [one.get("type") if isinstance(one, dict) else one for one in (mine, its)]
    if kinds[0] != kinds[1]:
        return False
    layers = [[*one["layers"], one["output"]] for one in (before, after)]
    return len(layers[0]) == len(layers[1]) and all(
        _without(own) == _without(other) for own, other in zip(*layers, strict=True)
    )


def _without(layer: dict[str, Any]) -> dict[str, Any]:
    """A layer without the options that may change."""
    return {name: value for name, value in layer.items() if name not in LIVE_OPTIONS}
