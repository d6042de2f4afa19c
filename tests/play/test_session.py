"""A page's session: playing in the background, two runs, changes on the way."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from hyalite.engines.compiled.machine_code.progress import compiling
from hyalite.play import limits
from hyalite.play import session as sessions
from hyalite.play import turns as turns_of_pages
from hyalite.play.frames import unpacked
from hyalite.play.numbers import Step
from hyalite.play.problems import Refused
from hyalite.play.run import run_of
from hyalite.play.session import Session
from hyalite.play.showing import frame, looked_at
from hyalite.play.turns import Turns
from tests.play.helpers import SMALL

SGD = {"optimizer": {"type": "SGD", "learning_rate": 0.1}}


@pytest.fixture
def session() -> Iterator[Session]:
    found = Session()
    yield found
    found.close()


def act(session: Session, do: str, **more: Any) -> None:
    session.used = time.monotonic()
    session.act({"do": do, **more})


def wait(session: Session, status: str) -> None:
    until(session, lambda: session.status == status)


def until(session: Session, there: Callable[[], bool], *, heard: bool = True) -> None:
    """However busy the machine is, and the page heard all the time, or not."""
    end = time.monotonic() + 20.0
    while not there():
        assert time.monotonic() < end, session.status
        if heard:
            session.used = time.monotonic()
        time.sleep(0.005)


def test_playing_leads_to_the_bytes_of_a_run(session: Session) -> None:
    session.configure(SMALL, live=False)
    act(session, "play")
    wait(session, "finished")
    run, alone = session.runs["a"], run_of(SMALL)
    alone.train(20)
    assert run.epoch == 20
    assert run.model.theta.tobytes() == alone.model.theta.tobytes()
    act(session, "play")  # goes on beyond
    wait(session, "finished")
    assert run.epoch == 40


def test_it_pauses_at_once_and_goes_on(session: Session) -> None:
    session.configure({**SMALL, "epochs": None}, live=False)
    act(session, "play")
    until(session, lambda: session.runs["a"].step > 0)
    act(session, "pause")  # it answers when nothing is trained any more
    assert session.status == "paused"
    step = session.runs["a"].step
    time.sleep(0.05)
    assert session.runs["a"].step == step > 0
    act(session, "batch", count=3)
    assert session.runs["a"].step == step + 3


def test_a_page_that_is_gone_trains_no_more(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.configure({**SMALL, "epochs": None}, live=False)
    act(session, "play")
    until(session, lambda: session.runs["a"].step > 0)
    monkeypatch.setattr(limits, "IDLE_SECONDS", 0.1)
    until(session, lambda: session.status == "paused", heard=False)
    step = session.runs["a"].step
    time.sleep(0.05)
    assert session.runs["a"].step == step


def test_the_speed_is_kept(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock of the test's own: how fast a busy machine trains is another matter."""
    session.configure({**SMALL, "epochs": None}, live=False)
    run, now, looks = session.runs["a"], 100.0, itertools.count()
    clock = SimpleNamespace(monotonic=lambda: now + 1e-7 * next(looks))
    monkeypatch.setattr(sessions, "time", clock)
    session._pace(20)
    for _ in range(100):
        now += 0.01
        run.step_seconds = 1e-5
        while not session._slice():  # until there is nothing due
            pass
    made = run.step
    assert 20 * run.batches - 2 <= made <= 20 * run.batches
    now += 60.0  # it was held up for a minute, and does not hurry after
    run.step_seconds = 0.01
    while not session._slice():
        pass
    assert run.step <= made + 2


def test_playing_at_a_speed_is_not_faster(session: Session) -> None:
    session.configure({**SMALL, "epochs": None}, live=False)
    began = time.monotonic()
    act(session, "play", speed=20)
    until(session, lambda: session.runs["a"].epoch >= 5)
    act(session, "pause")
    took = time.monotonic() - began
    assert 0 < session.runs["a"].samples_seen <= 20 * took * len(session.runs["a"].samples)


def test_two_runs_keep_pace(session: Session) -> None:
    session.configure({**SMALL, "compare": SGD, "epochs": None}, live=False)
    a, b = session.runs["a"], session.runs["b"]
    assert a.model.theta.tobytes() == b.model.theta.tobytes()  # the same start
    assert a.data is b.data
    act(session, "play")
    until(session, lambda: a.samples_seen > 0 < b.samples_seen)
    act(session, "pause")
    assert a.samples_seen == b.samples_seen > 0
    assert a.model.theta.tobytes() != b.model.theta.tobytes()
    alone = run_of({**SMALL, **SGD, "epochs": None})
    alone.train(b.epoch)
    act(session, "epoch")
    alone.train(b.epoch)
    assert b.model.theta.tobytes() == alone.model.theta.tobytes()
    first = a.snapshots.kept[0].number
    act(session, "seek", snapshot=first)
    assert a.step == b.step == 0


def test_what_may_change_on_the_way_does(session: Session) -> None:
    session.configure(SMALL, live=False)
    act(session, "epoch", count=2)
    theta = session.runs["a"].model.theta.copy()
    other = {**SMALL, "optimizer": {"type": "Adam", "learning_rate": 0.3}}
    assert session.configure(other, live=True) is False
    assert (session.runs["a"].model.theta == theta).all()
    assert session.configure({**other, "seed": 1}, live=True) is True
    assert session.runs["a"].epoch == 0
    assert session.runs["a"].reproducible
    wider = {**other, "layers": [{"type": "Dense", "units": 5, "activation": "relu"}]}
    assert session.configure(wider, live=True) is True


def test_a_wrong_setting_changes_nothing(session: Session) -> None:
    session.configure(SMALL, live=False)
    run = session.runs["a"]
    for wrong in ({"seed": -1}, {"compare": {"loss": "binary_crossentropy"}}):
        with pytest.raises(Refused):
            session.configure({**SMALL, **wrong}, live=False)
        assert session.runs["a"] is run


def test_a_reset_begins_anew(session: Session) -> None:
    session.configure(SMALL, live=False)
    start = session.runs["a"].model.theta.copy()
    act(session, "epoch", count=3)
    act(session, "reset")
    assert session.runs["a"].epoch == 0
    assert (session.runs["a"].model.theta == start).all()


def test_long_requests_end_in_time(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ADVANCE_SECONDS", 0.2)
    session.configure({**SMALL, "epochs": None}, live=False)
    began = time.monotonic()
    act(session, "epoch", count=100_000)
    assert time.monotonic() - began < 20  # on a machine that does other things, too
    assert session.left > 0


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"do": "fly"}, "do must be"),
        ({"do": "batch", "count": 0}, "count"),
        ({"do": "play", "speed": -1}, "speed"),
        ({"do": "seek", "snapshot": 10**6}, "no snapshot"),
        ({"do": "seek"}, "snapshot"),
    ],
)
def test_what_makes_no_sense_is_refused(
    session: Session, request_: dict[str, Any], words: str
) -> None:
    with pytest.raises(Refused, match="send settings first"):
        session.act({"do": "play"})
    session.configure(SMALL, live=False)
    with pytest.raises(Refused, match=words):
        session.act(request_)


def test_a_request_goes_before_the_worker() -> None:
    """Who asks while the worker trains is next, though the worker asks again at once."""
    turns, order, inside = Turns(), [], threading.Semaphore(0)

    def worker() -> None:
        for _ in range(5):
            with turns.last():
                order.append("worker")
                inside.release()
                while not turns._waiting:
                    time.sleep(0.001)
        with turns.last():
            order.append("worker")

    thread = threading.Thread(target=worker, daemon=True)
    thread.start()
    for _ in range(5):
        assert inside.acquire(timeout=20.0)
        with turns.first():
            order.append("request")
    thread.join(20.0)
    assert order == ["worker", "request"] * 5 + ["worker"]


def test_the_worker_leaves_a_moment_to_what_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """No longer, however long that takes."""
    turns, drawn = Turns(), threading.Event()
    monkeypatch.setattr(turns_of_pages, "MOMENT", 60.0)

    def worker() -> None:
        with turns.last():
            assert drawn.is_set()

    thread = threading.Thread(target=worker)
    with turns.drawing():
        thread.start()
        time.sleep(0.05)
        drawn.set()
    thread.join(10.0)
    assert not thread.is_alive()
    monkeypatch.setattr(turns_of_pages, "MOMENT", 0.01)
    with turns.drawing(), turns.last():
        pass


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_looking_at_it_from_all_sides_while_it_trains_changes_no_byte(
    session: Session, engine: str
) -> None:
    settings = {
        **SMALL,
        "layers": [
            {"type": "Dense", "units": 6, "activation": "tanh", "l2": 0.001},
            {"type": "BatchNormalization"},
            {"type": "Dropout", "rate": 0.2},
        ],
        "epochs": None,
        "engine": engine,
    }
    session.configure(settings, live=False)
    assert all(one.wait(300) for one in session.preparing)
    act(session, "play")
    wants: list[dict[str, Any]] = [
        {"output": {"size": 20}, "maps": {"size": 8}, "weights": True, "units": True},
        {"gradients": True, "histograms": {"of": ["gradients"]}, "field": {"of": "loss"}},
        {"history": {}, "predictions": "test", "confusion": "training", "snapshots": True},
    ]
    errors: list[Exception] = []

    def look(want: dict[str, Any]) -> None:
        end = time.monotonic() + 1.0
        try:
            while time.monotonic() < end:
                session.used = time.monotonic()
                frame(session, want)
                looked_at(session, {}, lambda view: Step(view, "batch").told("loss", []))
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=look, args=[want]) for want in wants]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    act(session, "pause")
    assert not errors
    run, alone = session.runs["a"], run_of(settings)
    assert run.step > 0
    alone.train(run.epoch)
    if run.batch:
        alone.advance(run.batch)
    assert (alone.epoch, alone.batch) == (run.epoch, run.batch)
    assert run.model.theta.tobytes() == alone.model.theta.tobytes()
    assert run.model.state.tobytes() == alone.model.state.tobytes()


def test_a_page_waits_without_words_unless_kernels_are_compiled(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.configure(SMALL, live=False)
    assert all(one.wait(300) for one in session.preparing)
    monkeypatch.setattr(Session, "status", "preparing")
    assert unpacked(frame(session, {}))[0]["message"] == ""
    compiling.set()
    try:
        assert unpacked(frame(session, {}))[0]["message"].startswith("The kernels are compiled")
    finally:
        compiling.clear()
