"""Attacks on the page's server, over a raw socket: none of them gets in."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time

import pytest

from hyalite.play import limits
from hyalite.play.guard import Keys
from hyalite.play.server import static_files
from tests.play.helpers import SMALL, Answered, Page, Place, raw, status


def head(place: Place, first: str, *lines: str, host: str | None = None) -> bytes:
    own = [] if host == "" else [f"Host: {host or f'127.0.0.1:{place.port}'}"]
    return "\r\n".join([first, *own, *lines, "", ""]).encode("latin-1")


def api(
    place: Place, page: Page, *lines: str, host: str | None = None, token: bool = True
) -> bytes:
    """A request that would be answered, but for what the test adds."""
    own = [f"Authorization: Bearer {page.token}"] if token else []
    body = b"{}"
    lines = (*own, "Content-Type: application/json", f"Content-Length: {len(body)}", *lines)
    return head(place, "POST /api/alive HTTP/1.1", *lines, host=host) + body


def test_the_page_itself_is_answered(place: Place, page: Page) -> None:
    assert status(raw(place.port, api(place, page))) == 200
    for name in ("localhost", "127.0.0.1", "[::1]"):
        origin = f"http://{name}:{place.port}"
        sent = api(place, page, f"Origin: {origin}", "Sec-Fetch-Site: same-origin",
                   host=f"{name}:{place.port}")  # fmt: skip
        assert status(raw(place.port, sent)) == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:{port}.evil.example",
        "[::1]evil:{port}", "127.0.0.1:80", "0.0.0.0:{port}", "user@127.0.0.1:{port}",
        "127.0.0.1:{port}:{port}", "2130706433:{port}", "LOCALHOST.evil:{port}",
    ],
)  # fmt: skip
def test_a_name_made_to_point_here_is_no_name_of_ours(place: Place, page: Page, host: str) -> None:
    """DNS rebinding: of such a request everything but the Host looks right."""
    host = host.format(port=place.port)
    assert status(raw(place.port, api(place, page, host=host))) == 421
    assert status(raw(place.port, head(place, "GET / HTTP/1.1", host=host))) == 421


def test_one_host_is_named_and_one_alone(place: Place, page: Page) -> None:
    assert status(raw(place.port, api(place, page, host=""))) in (400, 421)
    twice = api(place, page, "Host: evil.example")
    assert status(raw(place.port, twice)) in (400, 421)
    absolute = head(place, f"GET http://evil.example:{place.port}/ HTTP/1.1", host="evil.example")
    assert status(raw(place.port, absolute)) == 421


@pytest.mark.parametrize(
    "line",
    [
        "Origin: http://evil.example", "Origin: null", "Origin: https://127.0.0.1:{port}",
        "Origin: http://127.0.0.1:1", "Origin: http://127.0.0.1:{port}.evil.example",
        "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Sec-Fetch-Site: none",
    ],
)  # fmt: skip
def test_another_site_is_not_answered(place: Place, page: Page, line: str) -> None:
    sent = api(place, page, line.format(port=place.port))
    assert status(raw(place.port, sent)) == 403


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_a_form_is_no_request(place: Place, page: Page, kind: str) -> None:
    """What a form of another site can send without being asked."""
    lines = [f"Authorization: Bearer {page.token}", "Content-Length: 2"]
    lines += [f"Content-Type: {kind}"] if kind else []
    sent = head(place, "POST /api/alive HTTP/1.1", *lines) + b"{}"
    assert status(raw(place.port, sent)) == 415


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "CONNECT"])
def test_other_methods_are_refused(place: Place, page: Page, method: str) -> None:
    sent = head(place, f"{method} /api/session HTTP/1.1", f"Authorization: Bearer {page.token}")
    assert status(raw(place.port, sent)) in (400, 405)


def test_no_answer_lets_other_sites_read(place: Place, page: Page) -> None:
    for sent in (api(place, page), head(place, "GET / HTTP/1.1")):
        answer = raw(place.port, sent).partition(b"\r\n\r\n")[0].lower()
        assert b"access-control" not in answer
        assert b"set-cookie" not in answer
        assert b"server:" not in answer
        assert b"default-src 'none'; script-src 'self'" in answer
        assert b"x-content-type-options: nosniff" in answer
        assert b"referrer-policy: no-referrer" in answer
        assert b"cross-origin-resource-policy: same-origin" in answer
        assert b"cross-origin-opener-policy: same-origin" in answer
    assert b"cache-control: no-store" in raw(place.port, api(place, page)).lower()


@pytest.mark.parametrize(
    "path",
    ["/api/catalog", "/api/presets", "/api/session", "/api/advance", "/api/key", "/api/export",
     "/api/trace", "/api/upload", "/api/model", "/api/leave", "/api/nonsense"],
)  # fmt: skip
@pytest.mark.parametrize("token", ["", "Bearer ", "Bearer x", "Basic {token}", "Bearer {token}x"])
def test_nothing_is_told_without_the_token(place: Place, page: Page, path: str, token: str) -> None:
    token = token.format(token=page.token)
    lines = [f"Authorization: {token}"] if token else []
    assert status(raw(place.port, head(place, f"GET {path} HTTP/1.1", *lines))) == 401
    lines += ["Content-Type: application/json", "Content-Length: 2"]
    assert status(raw(place.port, head(place, f"POST {path} HTTP/1.1", *lines) + b"{}")) == 401


def test_a_token_in_the_address_is_none(place: Place, page: Page) -> None:
    sent = head(place, f"GET /api/catalog?token={page.token} HTTP/1.1")
    assert status(raw(place.port, sent)) == 401


def test_a_key_is_good_for_one_exchange(place: Place) -> None:
    key = place.keys.new_key()
    Page(place.port).enter(key)
    with pytest.raises(Answered, match="has been used already") as error:
        Page(place.port).enter(key)
    assert error.value.status == 401
    for wrong in ("", "x", "\ud800", None, 5, ["x"], key[:-1]):
        with pytest.raises(Answered):
            Page(place.port).post("/api/enter", {"key": wrong})
    page = place.page()
    other = Page(place.port)
    other.enter(page.post("/api/key", {})["key"])
    assert other.token != page.token


def test_keys_and_tokens_are_long_and_all_different() -> None:
    keys = Keys()
    found = [keys.new_key() for _ in range(50)]
    assert {len(key) for key in found} == {43}  # 32 bytes
    assert len(set(found)) == 50
    for _ in range(1000):  # others cannot lock the door
        assert keys.exchange("wrong") is None
    token = keys.exchange(found[-1])
    assert token not in (None, *found)
    assert keys.exchange(found[0]) is None  # only the newest count


def test_what_one_page_does_another_does_not_see(place: Place, page: Page) -> None:
    page.post("/api/session", {"settings": SMALL})
    with pytest.raises(Answered, match="send settings first"):
        place.page().get("/api/session")


@pytest.mark.parametrize(
    "path",
    [
        "/../../../../etc/passwd", "/..%2f..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/server.py",
        "/static/../guard.py", "/guard.py", "//etc/passwd", "/./index.html", "/index.html/",
        "/C:\\Windows\\win.ini", "/..\\guard.py", "/%00", "/index.html%00.js", "/presets",
    ],
)  # fmt: skip
def test_no_path_reaches_the_disk(place: Place, path: str) -> None:
    answer = raw(place.port, head(place, f"GET {path} HTTP/1.1"))
    assert status(answer) in (400, 404)
    assert b"root:" not in answer


def test_the_files_are_those_of_the_page() -> None:
    files = static_files()
    assert all(name.startswith("/") and ".." not in name for name in files)
    assert not any(name.endswith((".py", ".md")) for name in files)


def test_a_huge_body_is_refused_before_it_is_read(place: Place, page: Page) -> None:
    lines = [f"Authorization: Bearer {page.token}", "Content-Type: application/json"]
    said = head(place, "POST /api/session HTTP/1.1", *lines, f"Content-Length: {10**12}")
    began = time.monotonic()
    assert status(raw(place.port, said)) == 413
    chunked = head(place, "POST /api/session HTTP/1.1", *lines, "Transfer-Encoding: chunked")
    chunk = b"%x\r\n%s\r\n" % (1 << 16, b" " * (1 << 16))
    assert status(raw(place.port, chunked + chunk * 40)) in (413, 0)
    assert time.monotonic() - began < 10
    for wrong in ("-1", "x", "1e3", "0x10"):
        sent = head(place, "POST /api/session HTTP/1.1", *lines, f"Content-Length: {wrong}")
        assert status(raw(place.port, sent)) in (400, 413)


def test_a_slow_body_is_not_waited_for(
    place: Place, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.3)
    lines = [f"Authorization: Bearer {page.token}", "Content-Type: application/json"]
    sent = head(place, "POST /api/session HTTP/1.1", *lines, "Content-Length: 1000")
    began = time.monotonic()
    assert status(raw(place.port, sent + b"{")) == 408
    assert time.monotonic() - began < 5
    assert page.post("/api/alive", {}) == {}


def test_a_head_that_does_not_come_is_not_waited_for(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "HEADER_SECONDS", 0.3)
    began = time.monotonic()
    assert raw(place.port, b"POST /api/session HTTP/1.1\r\nHost: 127") == b""
    assert time.monotonic() - began < 5


def test_a_head_without_end_is_refused(place: Place) -> None:
    long = head(place, "GET / HTTP/1.1", "X: " + "a" * (1 << 17))
    assert status(raw(place.port, long)) in (400, 431, 0)
    many = head(place, "GET / HTTP/1.1", *(f"X-{n}: y" for n in range(200)))
    assert status(raw(place.port, many)) in (400, 431)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"null", b"{", b'{"settings": NaN}', b"\xff\xfe", b"[" * 100_000,
        b'{"settings": ' + b'{"data":' * 50_000, b'{"settings": {"seed": ' + b"9" * 10_000 + b"}}",
        b'{"settings": {"seed": 1e999}}', b'{"settings": 5}', b'{"settings": {"data": []}}',
    ],
)  # fmt: skip
def test_a_body_that_is_no_request_is_told_so(place: Place, page: Page, body: bytes) -> None:
    found, _, content = page.request("POST", "/api/session", body, Content_Type="application/json")
    assert found == 400
    assert json.loads(content)["errors"][0]["message"]


def test_no_web_socket_is_opened(place: Place, page: Page) -> None:
    lines = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
             f"Authorization: Bearer {page.token}"]  # fmt: skip
    answer = raw(place.port, head(place, "GET /api/session HTTP/1.1", *lines))
    assert status(answer) != 101


def test_there_are_only_so_many_pages(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SESSIONS", 3)
    pages = [place.page() for _ in range(3)]
    place.application.pages.close()
    for page in pages:
        page.post("/api/alive", {})
    late = place.page()
    with pytest.raises(Answered, match="pages are open already") as error:
        late.post("/api/alive", {})
    assert error.value.status == 429
    pages[1].post("/api/leave", {})
    late.post("/api/alive", {})  # in the place of the one that left
    with pytest.raises(Answered, match="no token"):
        pages[1].post("/api/alive", {})


@pytest.mark.parametrize("total", [1000, pytest.param(10_000, marks=pytest.mark.long)])
def test_thousands_of_requests_leave_it_as_it_was(place: Place, page: Page, total: int) -> None:
    """Of the kinds that are refused: fast, and without anything that stays."""
    page.post("/api/session", {"settings": SMALL})
    sessions = len(place.application.pages.sessions)
    refused = head(place, "GET /api/catalog HTTP/1.1")
    began = time.monotonic()

    def flood(count: int) -> None:
        with socket.create_connection(("127.0.0.1", place.port), timeout=60) as connection:
            for _ in range(count // 50):
                connection.sendall(refused * 50)
                data = b""
                while data.count(b"HTTP/1.1 401") < 50:
                    part = connection.recv(1 << 16)
                    assert part
                    data += part

    threads = [threading.Thread(target=flood, args=[total // 4]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert time.monotonic() - began < 60
    assert len(place.application.pages.sessions) == sessions
    assert page.advance("epoch")[0]["runs"]["a"]["epoch"] == 1


def test_connections_that_are_only_held_do_no_harm(place: Place, page: Page) -> None:
    held = [socket.create_connection(("127.0.0.1", place.port)) for _ in range(30)]
    try:
        assert page.post("/api/alive", {}) == {}
    finally:
        for one in held:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            one.close()
    assert page.post("/api/alive", {}) == {}


@pytest.mark.parametrize(
    "path",
    ["/api/session", "/api/advance", "/api/trace", "/api/inspect", "/api/digit", "/api/data"],
)
def test_odd_texts_are_no_fault_of_the_server(place: Place, page: Page, path: str) -> None:
    page.post("/api/session", {"settings": SMALL})
    odd = "\ud800\x00<b>\u202e" + "x" * 1000
    fields = ["settings", "want", "do", "run", "reference", "parameter", "unit", "part", "gray"]
    nested = {"data": {"kind": odd}, "array": odd, "layer": odd, "output": {"size": odd}}
    for field in fields:
        for value in (odd, [odd], {odd: odd}, nested, {"data": {"kind": "table", "target": odd}}):
            body = json.dumps({field: value}).encode()
            found, _, _ = page.request("POST", path, body, Content_Type="application/json")
            assert found in (200, 400, 409)
