"""The server: listens on this machine alone, gives out the page's files, answers its requests."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
import socket
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any

from hyalite.errors import require
from hyalite.play import limits
from hyalite.play.bundle import bundled
from hyalite.play.guard import Guard, Keys, Receive, Scope, Send

if TYPE_CHECKING:
    from hyalite.play.api import Pages

ADDRESS = "127.0.0.1"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}
EXTRA = "play"
SILENT_SECONDS = 90.0  # without any page, until the server may end
SWEEP_SECONDS = 5.0
SWITCH_SECONDS = 0.001  # how long a thread of Python may keep others waiting

Answered = tuple[int, dict[str, str], bytes]  # status, headers, content

logger = logging.getLogger("hyalite.play")


def static_files() -> dict[str, tuple[bytes, str, str]]:
    """The page's files by path: content, type and tag. No request ever names a file on disk."""
    found: dict[str, tuple[bytes, str, str]] = {}

    def read(folder: Traversable, path: str) -> None:
        for entry in folder.iterdir():
            name = f"{path}/{entry.name}"
            if entry.is_dir():
                read(entry, name)
            elif os.path.splitext(entry.name)[1] in TYPES:
                found[name] = _tagged(entry.read_bytes(), name)

    read(resources.files("hyalite.play") / "static", "")
    if "/index.html" in found:
        texts = {
            name: content.decode()
            for name, (content, kind, _) in found.items()
            if "charset" in kind
        }
        page, bundles = bundled(texts["/index.html"], texts)
        for name, text in {"/index.html": page, **bundles}.items():
            found[name] = _tagged(text.encode(), name)
        found["/"] = found["/index.html"]
    return found


def _tagged(content: bytes, path: str) -> tuple[bytes, str, str]:
    """A file's content, type and tag."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:24]}"'
    return content, TYPES[os.path.splitext(path)[1]], tag


def listening(port: int) -> socket.socket:
    """A socket that listens on this machine alone.

    Raises:
        OSError: the port is taken.
    """
    # with the protocol named, asyncio sends short answers at once: else their second half would be
    # held back until the first is acknowledged, up to 40 ms
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name != "nt":  # else two servers could listen at one port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((ADDRESS, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise OSError(error.errno, f"port {port} cannot be had: {error.strerror}") from None
    return listener


class Application:
    """What is behind the guard: the page's files, and its requests.

    Args:
        keys: of the guard.
        entered: called with each key that was exchanged.
    """

    def __init__(self, keys: Keys, entered: Callable[[str], None] = lambda key: None) -> None:
        self.keys, self.entered = keys, entered
        self.files = static_files()
        self._threads = ThreadPoolExecutor(limits.ANSWERS, "hyalite-answer")
        self._pages: Pages | None = None
        self._loading = threading.Lock()

    @property
    def pages(self) -> Pages:
        """The sessions; what they need is imported when the first request comes, or before."""
        with self._loading:
            if self._pages is None:
                from hyalite.play.api import Pages

                self._pages = Pages(self.keys)
        return self._pages

    def close(self) -> None:
        """End all workers."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._pages is not None:
            self._pages.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        if not scope["path"].startswith("/api/"):
            await _send(send, *self._file(scope["path"], headers))
            return
        body = (await receive())["body"]  # whole, from the guard
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, self._answer, scope, headers, body)
        if scope["path"] == "/api/enter" and found[0] == 200:
            self.entered(json.loads(body)["key"])
        await _send(send, *found)

    def _file(self, path: str, headers: dict[str, str]) -> Answered:
        found = self.files.get(path)
        if found is None:
            return 404, {"content-type": "text/plain; charset=utf-8"}, b"not found"
        content, kind, tag = found
        about = {"etag": tag, "cache-control": "no-cache"}
        if headers.get("if-none-match") == tag:
            return 304, about, b""
        return 200, {**about, "content-type": kind}, content

    def _answer(self, scope: Scope, headers: dict[str, str], body: bytes) -> Answered:
        from hyalite.play.api import answer, in_words
        from hyalite.play.exports import File
        from hyalite.play.frames import as_json

        token = scope.get("token", "")
        try:
            found = answer(self.pages, scope["method"], scope["path"], headers, body, token)
        except Exception as error:
            try:
                status, told = in_words(error, headers)
            except Exception:
                logger.exception("a request failed")  # the page learns nothing of our insides
                status = 500
                told = {"errors": [{"field": "", "message": "the server failed; see the terminal"}]}
            return status, {"content-type": "application/json"}, as_json(told)
        if isinstance(found, File):
            kept = f'attachment; filename="{found.name}"'
            return 200, {"content-type": found.kind, "content-disposition": kept}, found.content
        if isinstance(found, bytes):
            return 200, {"content-type": "application/octet-stream"}, found
        return 200, {"content-type": "application/json"}, as_json(found)


async def _send(send: Send, status: int, headers: dict[str, str], content: bytes) -> None:
    """An answer, as an ASGI application gives it."""
    length = {} if status == 304 else {"content-length": str(len(content))}
    lines = [(name.encode(), value.encode()) for name, value in {**headers, **length}.items()]
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": content})


def make_server(
    listener: socket.socket, keys: Keys, entered: Callable[[str], None] = lambda key: None
) -> tuple[Any, Application]:
    """The server, which is not running yet, and what is behind its guard.

    Args:
        listener: of `listening`.
        keys: for the addresses that were shown.
        entered: called with a key that has been used up.

    Raises:
        MissingExtra: uvicorn is not installed.
    """
    uvicorn = require("uvicorn", EXTRA, "hyalite play")
    application = Application(keys, entered)
    config = uvicorn.Config(
        Guard(application, listener.getsockname()[1], keys),
        http=_protocol(),
        ws="none",
        lifespan="off",
        proxy_headers=False,  # it would trust X-Forwarded-* of 127.0.0.1
        server_header=False,
        access_log=False,
        log_level="warning",
        limit_concurrency=limits.CONNECTIONS,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=2,
        h11_max_incomplete_event_size=32 << 10,
    )
    return uvicorn.Server(config), application


def serve(
    listener: socket.socket,
    keys: Keys,
    entered: Callable[[str], None],
    *,
    threads: int | None = None,
    stop_with_page: bool = False,
) -> None:
    """Answer until a signal comes, or the last page is gone.

    Args:
        listener: of `listening`.
        keys: for the addresses that were shown.
        entered: called with a key that has been used up.
        threads: that train at most; None for as many as otherwise.
        stop_with_page: end when no page has been heard for a while.

    Raises:
        MissingExtra: uvicorn is not installed.
        KeyboardInterrupt: at Ctrl-C, when all is closed.
    """
    from hyalite.engines.threads import set_num_threads

    server, application = make_server(listener, keys, entered)
    sys.setswitchinterval(SWITCH_SECONDS)
    _beside("hyalite-warm", _warm, application, threads)
    _beside("hyalite-sweep", _sweep, application, server, stop_with_page)
    try:
        server.run(sockets=[listener])
    finally:
        listener.close()
        application.close()
        set_num_threads(None)


def _beside(name: str, job: Callable[..., None], *arguments: Any) -> None:
    """Do it in a thread that nobody waits for."""
    threading.Thread(target=job, args=arguments, name=name, daemon=True).start()


def _warm(application: Application, threads: int | None) -> None:
    """Import what requests need, NumPy first, while the browser starts."""
    from hyalite.engines.threads import set_num_threads

    set_num_threads(threads)
    _ = application.pages


def _sweep(application: Application, server: Any, stop_with_page: bool) -> None:
    """Drop sessions whose page has left; end the server where that is wanted."""
    pause = threading.Event()
    while not server.should_exit:
        pause.wait(SWEEP_SECONDS)
        pages = application._pages
        if pages is None:
            continue
        pages.sweep()
        if stop_with_page and pages.ever and pages.silent_seconds > SILENT_SECONDS:
            server.should_exit = True


def _protocol() -> type:
    """Uvicorn's HTTP/1.1 with a limit of time for the head of a request, which it has not."""
    module = require("uvicorn.protocols.http.h11_impl", EXTRA, "hyalite play")

    class Impatient(module.H11Protocol):  # type: ignore[misc,name-defined]
        """Closes a connection whose request is not begun in time."""

        def connection_made(self, transport: asyncio.Transport) -> None:
            """Begin to wait."""
            super().connection_made(transport)
            self.loop.call_later(limits.HEADER_SECONDS, self._close_if_silent)

        def _close_if_silent(self) -> None:
            if self.cycle is None and not self.transport.is_closing():
                self.transport.close()

    return Impatient
