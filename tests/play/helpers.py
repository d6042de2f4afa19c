"""A server of `hyalite play` within the test's process, and a page without a browser."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from hyalite.play.frames import unpacked
from hyalite.play.guard import Keys
from hyalite.play.server import listening, make_server

SPIRAL = {"kind": "spiral", "samples": 20, "test_samples": 20, "noise": 0.2}
SMALL: dict[str, Any] = {
    "data": SPIRAL,
    "layers": [{"type": "Dense", "units": 4, "activation": "relu"}],
    "epochs": 20,
    "engine": "numpy",  # nothing is compiled for it
}


class Place:
    """A server that is running.

    Attributes:
        port: on this machine.
        keys: of its guard.
        application: behind the guard.
    """

    def __init__(self) -> None:
        listener = listening(0)
        self.port = listener.getsockname()[1]
        self.keys = Keys()
        self.server, self.application = make_server(listener, self.keys)
        self.listener = listener
        run = self.server.run
        self.thread = threading.Thread(target=run, kwargs={"sockets": [listener]}, daemon=True)

    def page(self) -> Page:
        """A page that has come in."""
        page = Page(self.port)
        page.enter(self.keys.new_key())
        return page


@contextmanager
def serving() -> Iterator[Place]:
    """A server for the time of the block."""
    place = Place()
    place.thread.start()
    try:
        yield place
    finally:
        place.server.should_exit = True
        place.thread.join(10)
        place.listener.close()
        place.application.close()
        assert not place.thread.is_alive()


class Answered(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, errors: list[dict[str, str]]) -> None:
        super().__init__(f"{status} {errors}")
        self.status, self.errors = status, errors


class Page:
    """What the page does, without a browser. Each is closed at the end of its test."""

    opened: ClassVar[list[Page]] = []

    def __init__(self, port: int) -> None:
        self.port, self.token = port, ""
        self.opened.append(self)
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def enter(self, key: str) -> None:
        self.token = self.post("/api/enter", {"key": key})["token"]

    def request(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        own = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.connection.request(method, path, body, {**own, **named})
        response = self.connection.getresponse()
        return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()

    def get(self, path: str) -> Any:
        return self._read(*self.request("GET", path))

    def post(self, path: str, body: Any, **headers: str) -> Any:
        text = json.dumps(body).encode()
        return self._read(
            *self.request("POST", path, text, **{"Content_Type": "application/json", **headers})
        )

    def send(self, path: str, content: bytes, name: str = "") -> Any:
        kind = "application/octet-stream"
        return self._read(*self.request("POST", path, content, Content_Type=kind, X_Filename=name))

    def advance(self, do: str = "nothing", **more: Any) -> Any:
        return self.post("/api/advance", {"do": do, **more})

    @staticmethod
    def _read(status: int, headers: dict[str, str], content: bytes) -> Any:
        if status >= 400:
            raise Answered(status, json.loads(content)["errors"])
        if headers["content-type"].startswith("application/json"):
            return json.loads(content)
        return unpacked(content) if content[:4] == b"HYP1" else content


def raw(port: int, content: bytes, timeout: float = 30.0) -> bytes:
    """What comes back for bytes that were sent as they are."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        connection.sendall(content)
        parts = []
        try:
            while part := connection.recv(1 << 16):
                parts.append(part)
                if b"\r\n\r\n" in b"".join(parts) and _is_whole(b"".join(parts)):
                    break
        except (ConnectionError, TimeoutError):
            pass
        return b"".join(parts)


def _is_whole(answer: bytes) -> bool:
    head, _, body = answer.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return len(body) >= int(value)
    return False


def status(answer: bytes) -> int:
    """Of an answer; 0 where the connection was closed without one."""
    return int(answer.split()[1]) if answer else 0
