"""The requests of a page, one function each; `requests.md` beside this file is the contract.

What the first picture does not need is imported where it is used.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from hyalite.errors import MissingExtra, NonFiniteError
from hyalite.play import limits
from hyalite.play.catalog import catalog, presets
from hyalite.play.exports import File, export
from hyalite.play.frames import finite
from hyalite.play.guard import Keys
from hyalite.play.inspecting import place_in, unit, weight
from hyalite.play.parts import real, short
from hyalite.play.problems import Refused, in_language
from hyalite.play.session import Session
from hyalite.play.showing import digit_frame, frame, looked_at, run_named, samples_frame
from hyalite.translation import speaking

Answer = dict[str, Any] | bytes | File
_speech = threading.Lock()  # the language is that of the process


class Pages:
    """The sessions of all pages, by their tokens.

    Args:
        keys: of the guard.
    """

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self.sessions: dict[str, Session] = {}
        self.lock = threading.Lock()
        self.ever = False  # whether there has been a page

    def session(self, token: str) -> Session:
        """That of a token; it is made where there is none yet.

        Raises:
            Refused: there are too many pages.
        """
        with self.lock:
            self.ever = True
            found = self.sessions.get(token)
            if found is None:
                self._make_room()
                found = self.sessions[token] = Session()
            found.used, found.left_at = time.monotonic(), None
            return found

    def _make_room(self) -> None:
        """Drop what was left longest, or has been silent longest, where there are too many."""
        if len(self.sessions) < limits.SESSIONS:
            return
        now = time.monotonic()
        gone = sorted(
            (one.left_at if one.left_at is not None else one.used + limits.SESSION_SECONDS, token)
            for token, one in self.sessions.items()
            if one.left_at is not None or now - one.used > limits.SESSION_SECONDS
        )
        if not gone:
            raise Refused(f"{limits.SESSIONS} pages are open already; close one of them", "", 429)
        self._drop(gone[0][1])

    def sweep(self) -> None:
        """Drop the sessions of pages that have left for good."""
        now = time.monotonic()
        with self.lock:
            for token, one in [*self.sessions.items()]:
                if one.left_at is not None and now - one.left_at > limits.LEFT_SECONDS:
                    self._drop(token)

    def _drop(self, token: str) -> None:
        self.sessions.pop(token).close()
        self.keys.forget(token)

    @property
    def silent_seconds(self) -> float:
        """How long no page has been heard."""
        with self.lock:
            last = max((one.used for one in self.sessions.values()), default=0.0)
        return time.monotonic() - last

    def close(self) -> None:
        """End all workers."""
        for token in [*self.sessions]:
            self.sessions.pop(token).close()


def described(session: Session, started_anew: bool) -> dict[str, Any]:
    """What the page is told of its settings, data and networks."""
    if not session.runs:
        raise Refused("send settings first", "", 409)
    run = session.runs["a"]
    data = run.data
    with session.turns.first():
        about = {
            "kind": run.settings["data"]["kind"],
            "inputs": list(data.inputs),
            "plane": len(data.axes) == 2,
            "shape": data.shape,
            "task": data.task,
            "training": len(run.samples),
            "test": len(run.rows("test")),
            "classes": list(data.classes),
            "picture": list(data.x.shape[1:]) if data.shape == "pictures" else None,
            "domain": data.domain,
            "range": data.range,
            "axes": list(data.axes),
            "unit": list(data.unit),
            "remarks": list(data.remarks),
        }
        return {
            "settings": session.settings,
            "started_anew": started_anew,
            "generation": session.generation,
            "data": about,
            "runs": {
                name: view.described(session.language) for name, view in session.views.items()
            },
        }


def _session(session: Session, request: dict[str, Any]) -> Answer:
    live = request.get("live", False)
    if not isinstance(live, bool):
        raise Refused(f"live must be true or false, got {short(live)}", "live")
    anew = session.configure(request.get("settings", {}), live)
    return described(session, anew)


def _advance(session: Session, request: dict[str, Any]) -> Answer:
    session.act(request)
    return frame(session, request.get("want", {}))


def _inspect(session: Session, request: dict[str, Any]) -> Answer:
    if "unit" in request:
        return looked_at(session, request, lambda view: unit(view, request["unit"]))
    return looked_at(
        session,
        request,
        lambda view: weight(view, request.get("parameter"), request.get("index")),
    )


def _trace(session: Session, request: dict[str, Any]) -> Answer:
    from hyalite.play.numbers import Step

    reference = request.get("reference")
    if not isinstance(reference, dict) or not isinstance(reference.get("array"), str):
        raise Refused("reference must be an object with an array", "reference")

    def look(view: Any) -> dict[str, Any]:
        step = Step(view, reference.get("samples"))
        return step.told(reference["array"], reference.get("index", []))

    return looked_at(session, request, look)


def _weight(session: Session, request: dict[str, Any]) -> Answer:
    run = run_named(session, request)
    value = real(request.get("value"), "value", "value", -1e6, 1e6)
    with session.looking:
        view = session.views[request.get("run", "a")]
        name, place, _ = place_in(view, request.get("parameter"), request.get("index"))
        with session.turns.first():
            return {"value": run.set_number(name, place, value)}


def _digit(session: Session, request: dict[str, Any]) -> Answer:
    return looked_at(session, request, lambda view: digit_frame(view, request))


def _export(session: Session, request: dict[str, Any]) -> Answer:
    return looked_at(session, request, lambda view: export(view, request.get("format")))


def _upload(session: Session, content: bytes, name: str) -> Answer:
    from hyalite.play.table_data import read_upload

    key, upload = read_upload(content, name)
    session.uploads[key] = upload
    while len(session.uploads) > limits.UPLOADS:
        session.uploads.popitem(last=False)
    return upload.described(key)


def _model(session: Session, content: bytes, _: str) -> Answer:
    from hyalite.play.opening import open_model

    open_model(session, content)
    return described(session, True)


def _leave(session: Session, _: dict[str, Any]) -> Answer:
    session.left_at = time.monotonic()
    session.playing = False
    return {}


GETS: Mapping[str, Callable[[Session], Answer]] = {
    "/api/catalog": lambda _: catalog(),
    "/api/presets": lambda _: {"presets": presets()},
    "/api/session": lambda session: described(session, False),
}
POSTS: Mapping[str, Callable[[Session, dict[str, Any]], Answer]] = {
    "/api/session": _session,
    "/api/data": samples_frame,
    "/api/advance": _advance,
    "/api/inspect": _inspect,
    "/api/trace": _trace,
    "/api/weight": _weight,
    "/api/digit": _digit,
    "/api/export": _export,
    "/api/alive": lambda _, __: {},
    "/api/leave": _leave,
}
UPLOADS: Mapping[str, Callable[[Session, bytes, str], Answer]] = {
    "/api/upload": _upload,
    "/api/model": _model,
}
SPEAKING = {"/api/trace", "/api/export"}  # whose answers have words of the library in them


def answer(
    pages: Pages, method: str, path: str, headers: Mapping[str, str], body: bytes, token: str
) -> Answer:
    """The answer to a request that the guard has let in.

    Raises:
        Refused: it cannot be answered.
    """
    if path == "/api/enter":
        key = parsed(body).get("key")
        found = pages.keys.exchange(key)
        if found is None:
            raise Refused(
                "this address has been used already, or is wrong; the terminal shows a fresh one",
                "",
                401,
            )
        from hyalite.version import __version__

        return {"token": found, "version": __version__}
    if path == "/api/key" and method == "POST":
        return {"key": pages.keys.new_key()}
    session = pages.session(token)
    session.language = language_of(headers)
    if method == "GET" and path in GETS:
        return GETS[path](session)
    if method == "POST" and path in UPLOADS:
        if not headers.get("content-type", "").startswith("application/octet-stream"):
            raise Refused("Content-Type must be application/octet-stream", "", 415)
        return UPLOADS[path](session, body, unquote(headers.get("x-filename", ""))[:200])
    if method != "POST" or path not in POSTS:
        known = path in GETS or path in POSTS or path in UPLOADS
        raise Refused("there is no such request", "", 405 if known else 404)
    if path not in SPEAKING:
        return POSTS[path](session, parsed(body))
    with _speech, speaking(language_of(headers)):
        return POSTS[path](session, parsed(body))


def parsed(body: bytes) -> dict[str, Any]:
    """A body as JSON data.

    Raises:
        Refused: it is none.
    """
    try:
        found = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Refused("the body must be JSON") from None
    if not isinstance(found, dict):
        raise Refused("the body must be a JSON object")
    return found


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no JSON")


def language_of(headers: Mapping[str, str]) -> str | None:
    """The language that the page speaks, as catalogues are named; None is English."""
    return "zh_CN" if headers.get("accept-language", "").lower().startswith("zh") else None


def in_words(error: Exception, headers: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
    """Status and body for what went wrong."""
    if isinstance(error, Refused):
        status, (field, message) = error.status, error.problem
    elif isinstance(error, MissingExtra | NonFiniteError):
        status, field, message = 409, "", str(error)
    elif isinstance(error, MemoryError):
        status, field, message = 413, "", "this takes more memory than there is"
    else:
        raise error
    message = in_language(message, language_of(headers))
    return status, finite({"errors": [{"field": field, "message": message}]})
