"""Who is let in: nobody but the page itself, on this machine, with the token it was given.

One gate before everything else, closed by default. What it keeps out, and by what:

- another site's page whose name was made to point here (DNS rebinding): the Host header must name
  this server; a rebound request is of the same origin, so no other header tells;
- another site's forms and scripts: Origin and Sec-Fetch-Site, and no cookie that a browser would
  send along by itself;
- other users of the machine, and whoever sees the address in the list of processes: a token, which
  the key in the address is exchanged for once;
- bodies without end: a limit in bytes and in time.

Source: the cases of MCP's SDK (CVE-2025-66416), marimo (CVE-2026-39987), Jupyter's tokens.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from hyalite.play import limits

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
HEADERS = [
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
    (b"x-frame-options", b"DENY"),
]
OPEN = "/api/enter"  # the one request that needs no token
TYPES = ("application/json", "application/octet-stream")
MOST_HEADERS = 64
MOST_KEYS = 16


class Keys:
    """Keys for one exchange each, and the tokens that they were exchanged for."""

    def __init__(self) -> None:
        self._keys: list[str] = []
        self._tokens: list[str] = []

    def new_key(self) -> str:
        """A key for the address of one more page."""
        key = secrets.token_urlsafe(32)
        self._keys = [*self._keys, key][-MOST_KEYS:]
        return key

    def exchange(self, key: object) -> str | None:
        """A token for a key, which is then used up; None for a wrong one.

        Of 256 bits nobody guesses one; to lock the door after some tries would let others lock it.
        """
        given = key.encode("utf-8", "surrogatepass") if isinstance(key, str) else b""
        found = None
        for own in self._keys:  # all of them, so that the time tells nothing
            if hmac.compare_digest(own.encode(), given):
                found = own
        if found is None:
            return None
        self._keys.remove(found)
        token = secrets.token_urlsafe(32)
        self._tokens.append(token)
        return token

    def token_of(self, header: str) -> str | None:
        """The token in an Authorization header, where it is one of ours."""
        given = header.removeprefix("Bearer ").encode()
        if not header.startswith("Bearer "):
            return None
        found = None
        for own in self._tokens:
            if hmac.compare_digest(own.encode(), given):
                found = own
        return found

    def forget(self, token: str) -> None:
        """Let a token count no more."""
        self._tokens = [own for own in self._tokens if own != token]


class Guard:
    """The gate, as an ASGI application around another.

    Args:
        app: what is behind it; it finds the token as ``scope["token"]`` and the whole body, once.
        port: that this server listens on.
        keys: of its pages.
    """

    def __init__(self, app: App, port: int, keys: Keys) -> None:
        self.app, self.keys = app, keys
        self.hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")}
        self.origins = {f"http://{host}" for host in self.hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":  # no web sockets
            if scope["type"] == "websocket":
                await receive()
                await send({"type": "websocket.close", "code": 1008})
            return
        refusal = self._refusal(scope)
        if refusal is not None:
            await _answer(send, *refusal)
            return
        body = await self._body(scope, receive)
        if isinstance(body, tuple):
            await _answer(send, *body, close=True)
            return
        await self.app(scope, _once(body), _with_headers(send, scope["path"]))

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        """Status and message for a request that is not let in."""
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        if len(headers) > MOST_HEADERS:
            return 431, "too many headers"
        given: dict[str, list[str]] = {}
        for name, value in headers:
            given.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
        hosts = given.get("host", [])
        if len(hosts) != 1 or hosts[0] not in self.hosts:
            return 421, "this server answers for 127.0.0.1 alone"
        origins = given.get("origin", [])
        if len(origins) > 1 or any(origin not in self.origins for origin in origins):
            return 403, "requests of other sites are not answered"
        method, path = scope["method"], scope["path"]
        if not path.startswith("/api/"):
            return None if method in ("GET", "HEAD") else (405, "GET alone")
        sites = given.get("sec-fetch-site", [])
        if any(site != "same-origin" for site in sites):
            return 403, "requests of other sites are not answered"
        if method not in ("GET", "POST"):
            return 405, "GET and POST alone"
        if method == "POST":
            kinds = given.get("content-type", [])
            if len(kinds) != 1 or kinds[0].partition(";")[0].strip().lower() not in TYPES:
                return 415, f"Content-Type must be {' or '.join(TYPES)}"
        if path != OPEN:
            tokens = given.get("authorization", [])
            token = self.keys.token_of(tokens[0]) if len(tokens) == 1 else None
            if token is None:
                return 401, "no token, or one that counts no more; open the page anew"
            scope["token"] = token
        return None

    async def _body(self, scope: Scope, receive: Receive) -> bytes | tuple[int, str]:
        """The whole body within the limits, or status and message."""
        is_json = True
        for name, value in scope["headers"]:
            if name.lower() == b"content-type":
                is_json = not value.lower().startswith(b"application/octet-stream")
        most = limits.JSON_BYTES if is_json else limits.UPLOAD_BYTES
        for name, value in scope["headers"]:
            if name.lower() == b"content-length" and (not value.isdigit() or int(value) > most):
                return 413, f"a request may have {most:,} bytes"
        parts, size = [], 0
        try:
            async with asyncio.timeout(limits.BODY_SECONDS):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return 400, "gone"
                    parts.append(message.get("body", b""))
                    size += len(parts[-1])
                    if size > most:
                        return 413, f"a request may have {most:,} bytes"
                    if not message.get("more_body"):
                        return b"".join(parts)
        except TimeoutError:
            return 408, f"a request must be whole within {limits.BODY_SECONDS:g} seconds"


def _once(body: bytes) -> Receive:
    """Receive that gives the body, and then waits for ever."""
    given = False

    async def receive() -> MutableMapping[str, Any]:
        nonlocal given
        if given:
            await asyncio.Event().wait()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _with_headers(send: Send, path: str) -> Send:
    """Send that adds what every answer says."""

    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            own = [*HEADERS]
            if path.startswith("/api/"):
                own.append((b"cache-control", b"no-store"))
            message["headers"] = [*message.get("headers", []), *own]
        await send(message)

    return sending


async def _answer(send: Send, status: int, text: str, close: bool = False) -> None:
    """An error, in the form of all others."""
    body = json.dumps({"errors": [{"field": "", "message": text}]}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        *HEADERS,
    ]
    if close:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
