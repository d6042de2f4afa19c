"""The command: its address, the first picture, the end; and the files that it gives out."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from hyalite.play import limits, server
from hyalite.play.server import ADDRESS, listening, static_files
from tests.play.helpers import SMALL, Answered, Page, Place, raw, serving, status


@contextmanager
def command(*words: str) -> Iterator[tuple[subprocess.Popen[str], int, str]]:
    """The command in a process of its own, its port and key."""
    process = subprocess.Popen(
        [sys.executable, "-m", "hyalite", "play", "--no-browser", *words],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/#key=(\S+)", line)
        assert found, line + process.stdout.read()
        yield process, int(found[1]), found[2]
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.mark.slow
def test_the_command_opens_and_ends_cleanly() -> None:
    with command() as (process, port, key):
        page = Page(port)
        page.enter(key)
        page.post("/api/session", {"settings": {"epochs": None, "engine": "numpy"}})
        header, arrays = page.advance("play", want={"output": {"size": 50}})
        assert arrays["a", "region"].shape == (50, 50)
        end = time.monotonic() + 120  # where kernels are compiled first
        while header["status"] == "preparing" and time.monotonic() < end:
            time.sleep(0.1)
            header, _ = page.advance("nothing")
        assert header["status"] == "playing"
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Ctrl-C")
        assert "For one more page" in process.stdout.readline()  # the key is used up
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=10)
        assert process.returncode == 0
        assert "Traceback" not in rest
        assert rest.endswith("Stopped.\n")
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=2)


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.slow
def test_sigterm_ends_it_too_with_a_request_open() -> None:
    with command() as (process, port, _), socket.create_connection(("127.0.0.1", port)) as held:
        held.sendall(b"POST /api/session HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        began = time.monotonic()
        process.terminate()
        process.communicate(timeout=15)
        assert time.monotonic() - began < 10


def test_a_port_that_is_taken_is_told() -> None:
    with listening(0) as first:
        port = first.getsockname()[1]
        with pytest.raises(OSError, match=f"port {port} cannot be had"):
            listening(port)


def test_short_answers_are_sent_at_once() -> None:
    """As asyncio does for sockets that name their protocol, see its `_set_nodelay`."""
    with listening(0) as listener:
        assert listener.proto == socket.IPPROTO_TCP


def test_it_listens_on_this_machine_alone() -> None:
    with listening(0) as listener:
        assert listener.getsockname()[0] == ADDRESS == "127.0.0.1"
        port = listener.getsockname()[1]
        others = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None)}
        for address in sorted(str(one) for one in others if not str(one).startswith("127.")):
            with pytest.raises(OSError, match=r".*"):
                socket.create_connection((address, port), timeout=2).close()


def test_files_come_with_their_types(place: Place) -> None:
    files = static_files()
    for path, (content, kind, tag) in files.items():
        page = Page(place.port)
        found, headers, body = page.request("GET", path)
        assert (found, headers["content-type"], body) == (200, kind, content)
        found, _, body = page.request("GET", path, If_None_Match=tag)
        assert (found, body) == (304, b"")
        page.connection.close()
        if path == "/index.html":
            assert files["/"] == files[path]


def test_what_is_not_there_is_not_found(place: Place) -> None:
    host = f"Host: 127.0.0.1:{place.port}".encode()
    assert status(raw(place.port, b"GET /nothing.js HTTP/1.1\r\n" + host + b"\r\n\r\n")) == 404


def test_it_ends_with_the_last_page_where_that_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "SILENT_SECONDS", 0.3)
    monkeypatch.setattr(server, "SWEEP_SECONDS", 0.05)
    with serving() as place:
        sweep = [place.application, place.server, True]
        threading.Thread(target=server._sweep, args=sweep, daemon=True).start()
        page = place.page()
        page.post("/api/alive", {})
        assert place.thread.is_alive()
        place.thread.join(10)
        assert not place.thread.is_alive()


def test_a_page_that_left_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LEFT_SECONDS", 0.0)
    with serving() as place:
        page = place.page()
        page.post("/api/session", {"settings": SMALL})
        page.advance("play")
        page.post("/api/leave", {})
        time.sleep(0.01)
        place.application.pages.sweep()
        assert not place.application.pages.sessions
        with pytest.raises(Answered, match="no token"):
            page.post("/api/alive", {})
