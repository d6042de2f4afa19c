"""A frame: where the runs stand, and the pictures and numbers that the page wants of them."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from hyalite.engines.blas import one_blas_thread
from hyalite.engines.compiled.machine_code.progress import compiling
from hyalite.parameters import Array
from hyalite.play import limits, statistics
from hyalite.play.frames import packed
from hyalite.play.parts import whole
from hyalite.play.pictures import Arrays, Pictures
from hyalite.play.problems import Refused, in_language
from hyalite.play.run import Run
from hyalite.play.session import Session
from hyalite.play.view import View

WANTS = (
    "output", "maps", "weights", "gradients", "units", "histograms", "confusion", "predictions",
    "field", "history", "sample", "hidden", "snapshots",
)  # fmt: skip

PREPARING = (
    "The kernels are compiled, once for this machine and for each kind of layer; this takes up to "
    "a minute, and goes on by itself."
)


def frame(session: Session, want: Any) -> bytes:
    """Where the runs stand, and what the page wants to see of them.

    The runs are held only while their numbers are copied.

    Raises:
        Refused: something that is not there to be wanted.
    """
    if not isinstance(want, dict) or not set(want) <= set(WANTS):
        raise Refused(f"want may have {', '.join(WANTS)}", "want")
    if not session.runs:
        raise Refused("send settings first", "", 409)
    whole_state = want.get("gradients") or "gradients" in str(want.get("histograms", ""))
    with session.looking, session.turns.drawing():
        with session.turns.first():
            header = _header(session, want)
            parts = {}
            for name, view in session.views.items():
                view.sync_all() if whole_state else view.sync()
                parts[name] = _history(view.run, name, want)
        began = time.perf_counter()
        arrays = []
        with one_blas_thread, np.errstate(all="ignore"):
            for name, view in session.views.items():
                own = parts[name] | _arrays(view, _wanted_of(name, want), header["runs"][name])
                arrays += [(name, key, array) for key, array in own.items()]
        header["time"]["picture_ms"] = round(1000 * (time.perf_counter() - began), 2)
    return packed(header, arrays)


def _wanted_of(run: str, want: dict[str, Any]) -> dict[str, Any]:
    """What is wanted of a run: {"runs": ["b"]} in a wish leaves out the others."""
    found = {}
    for key, value in want.items():
        runs = value.get("runs") if isinstance(value, dict) else None
        if not isinstance(runs, list) or run in runs:
            found[key] = value
    return found


def _header(session: Session, want: dict[str, Any]) -> dict[str, Any]:
    session.frames += 1
    first = session.runs["a"]
    return {
        "frame": session.frames,
        "generation": session.generation,
        "status": session.status,
        "message": _message(session),
        "left": session.left,
        "time": {
            "train_ms": round(1000 * session.train_seconds, 2),
            "picture_ms": 0.0,
            "steps_a_second": round(session.steps_a_second),
        },
        "snapshots": first.snapshots.described(first.step, bool(want.get("snapshots"))),
        "runs": {name: _stand(run, session.language) for name, run in session.runs.items()},
    }


def _message(session: Session) -> str:
    """Why it stands still, in the language of the page."""
    runs = session.runs.values()
    texts = [run.failed["message"] for run in runs if run.failed]
    texts += [session.trouble] if session.trouble else []
    if session.status == "preparing" and compiling.is_set():
        texts = [PREPARING]
    for run in runs:
        if run.stopped:
            stop, best = run.settings["stop"], run.model.history.best_epoch
            texts.append(
                f"{stop['monitor']} has not improved for {stop['patience']} epochs; the weights "
                f"are those of epoch {best}"
            )
    return in_language(texts[0], session.language) if texts else ""


def _stand(run: Run, language: str | None) -> dict[str, Any]:
    """Where a run stands."""
    cursor = None
    if run.cursor:
        rows = run.rows("training")[run.coming_rows()]
        cursor = {
            "position": run.cursor,
            "size": len(rows),
            "row": int(run.coming_rows()[run.cursor - 1]),
            "rows": run.coming_rows().tolist()[:1000],
        }
    return {
        "epoch": run.epoch,
        "step": run.step,
        "batch": run.batch,
        "batches": run.batches,
        "samples_seen": run.samples_seen,
        "learning_rate": float(run.model.optimizer.current_learning_rate),
        "figures": run.figures,
        "best_epoch": run.model.history.best_epoch,
        "reproducible": run.reproducible,
        "failed": _failure(run, language),
        "cursor": cursor,
        "maps": [],
    }


def _failure(run: Run, language: str | None) -> dict[str, Any] | None:
    """What went wrong, in the language of the page."""
    if run.failed is None:
        return None
    words = {key: in_language(run.failed[key], language) for key in ("message", "cause")}
    return {**run.failed, **words}


def _history(run: Run, name: str, want: dict[str, Any]) -> Arrays:
    """Figures of the epochs that the page does not have yet."""
    if "history" not in want:
        return {}
    about = want["history"] if isinstance(want["history"], dict) else {}
    since = about.get("since", {})
    after = since.get(name, 0) if isinstance(since, dict) else 0
    after = whole(after, "since", "want.history.since", 0)
    history = run.model.history
    first = bisect_right(history.epochs, after)
    count = len(history) - first
    places = np.arange(first, len(history))
    if count > limits.EPOCHS_SHOWN:
        places = np.linspace(first, len(history) - 1, limits.EPOCHS_SHOWN).astype(np.intp)
    chosen = places.tolist()
    arrays: Arrays = {"history.epoch": np.array([history.epochs[n] for n in chosen], np.int32)}
    for key, column in history.history.items():
        values = [column[n] if isinstance(column[n], float) else np.nan for n in chosen]
        arrays[f"history.{key}"] = np.array(values, np.float64).astype(np.float32)
    return arrays


def _arrays(view: View, want: dict[str, Any], header: dict[str, Any]) -> Arrays:
    """All that is wanted of one run."""
    pictures = Pictures(view)
    found: Arrays = {}
    header["figures"] |= statistics.accuracies(view)

    @cache
    def coming() -> tuple[Array, Array]:
        return statistics.gradient_to_come(view)

    def about(key: str) -> dict[str, Any]:
        value = want[key]
        return value if isinstance(value, dict) else {}

    if want.get("output"):
        found |= pictures.output(about("output"))
    if want.get("maps"):
        arrays, header["maps"] = pictures.maps(about("maps"))
        found |= arrays
    if want.get("weights"):
        found |= _weights(view, want["weights"])
    if want.get("gradients") and view.model.theta.size <= limits.THETA_SHOWN:
        gradient, update = coming()
        found |= {"gradient": gradient.astype(np.float32), "update": update.astype(np.float32)}
    if want.get("units"):
        found |= statistics.units(view)
    if want.get("histograms"):
        found |= statistics.histograms(view, about("histograms"), lambda: coming()[0])
    for key, make in (("confusion", statistics.confusion), ("predictions", statistics.predictions)):
        if want.get(key):
            part = about(key).get("part") if isinstance(want[key], dict) else want[key]
            found |= make(view, _part(part, f"want.{key}"))
    if want.get("field"):
        found |= pictures.field(about("field"))
    if want.get("hidden"):
        found |= pictures.hidden(about("hidden"))
    if want.get("sample"):
        part = _part(about("sample").get("part"), "want.sample.part")
        x, _, _ = view.run.part(part)
        index = whole(about("sample").get("index"), "index", "want.sample.index", 0, len(x) - 1)
        found |= pictures.sample(x[index])
    return found


def _weights(view: View, wanted: Any) -> Arrays:
    """All parameters as one vector, or some by their names."""
    if isinstance(wanted, dict):
        wanted = wanted.get("names", True)
    if wanted is True:
        small = view.model.theta.size <= limits.THETA_SHOWN
        return {"theta": view.model.theta.astype(np.float32)} if small else {}
    named = view.model.network.ready.named()
    if not isinstance(wanted, list) or not all(name in named for name in map(str, wanted)):
        raise Refused(f"weights must be true or some of {', '.join(named)}", "want.weights")
    return {name: named[name].astype(np.float32) for name in wanted}


def _part(value: Any, field: str) -> str:
    if value not in ("training", "test"):
        raise Refused(f"the part must be training or test, got {str(value)[:40]!r}", field)
    return str(value)


def samples_frame(session: Session, request: dict[str, Any]) -> bytes:
    """Coordinates, pictures and targets of a part of the data.

    Raises:
        Refused: no such run or part.
    """
    run = run_named(session, request)
    part = _part(request.get("part", "training"), "part")
    x, y, drawn = run.part(part)
    start = whole(request.get("start", 0), "start", "start", 0)
    count = whole(request.get("count", 2000), "count", "count", 1, limits.POINTS_SHOWN)
    some = slice(start, start + count)
    classes = run.data.task == "classes"
    arrays = {"y": y[some].astype(np.int32 if classes else np.float32).reshape(-1)}
    if drawn is not None:
        arrays["x"] = drawn[some].astype(np.float32)
    if run.data.shape == "pictures":
        arrays["images"] = x[some]
    header = {"part": part, "start": start, "total": len(x)}
    return packed(header, [(None, name, array) for name, array in arrays.items()])


def run_named(session: Session, request: dict[str, Any]) -> Run:
    """The run that a request is about.

    Raises:
        Refused: there is no such one.
    """
    name = request.get("run", "a")
    if not session.runs:
        raise Refused("send settings first", "", 409)
    if not isinstance(name, str) or name not in session.runs:
        raise Refused(f"run must be one of {', '.join(session.runs)}", "run")
    return session.runs[name]


def looked_at(session: Session, request: dict[str, Any], look: Callable[[View], Any]) -> Any:
    """What a function says of a run, with all that a step depends on.

    Raises:
        Refused: there is no such run.
    """
    run_named(session, request)
    with session.looking:
        view = session.views[request.get("run", "a")]
        with session.turns.first():
            view.sync_all()
        with one_blas_thread, np.errstate(all="ignore"):
            return look(view)


def digit_frame(view: View, request: dict[str, Any]) -> bytes:
    """What the network makes of a digit that was drawn.

    Raises:
        Refused: no picture, or the network takes none.
    """
    import base64
    import binascii

    from hyalite.data.digits import prepare_digit

    if view.run.data.shape != "pictures":
        raise Refused("the network takes no pictures; choose digits as data", "", 409)
    width = whole(request.get("width"), "width", "width", 1, 512)
    height = whole(request.get("height"), "height", "height", 1, 512)
    try:
        content = base64.b64decode(str(request.get("gray", "")), validate=True)
    except (ValueError, binascii.Error):
        raise Refused("gray must be bytes in base64", "gray") from None
    if len(content) != width * height:
        raise Refused(f"gray must be {width * height} bytes, got {len(content)}", "gray")
    picture = np.frombuffer(content, np.uint8).reshape(height, width)
    try:
        seen = prepare_digit(picture)
    except ValueError:
        return packed({"blank": True, "label": "", "index": None}, [])
    arrays = Pictures(view).sample(seen)
    best = int(arrays["probabilities"].argmax())
    header = {"blank": False, "label": view.run.data.classes[best], "index": best}
    return packed(header, [(None, name, array) for name, array in arrays.items()])
