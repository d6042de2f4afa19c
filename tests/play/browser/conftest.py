"""A server of its own and a real browser for the tests of the page; skipped where one is missing.

Every page fails its test at the end if its console said an error or it asked anybody else for
anything.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("uvicorn", reason="needs uvicorn: pip install 'hyalite[play]'")
playwright = pytest.importorskip(
    "playwright.sync_api", reason="needs playwright: pip install playwright"
)

CHROMIUM = os.environ.get("HYALITE_CHROMIUM") or shutil.which("chromium")
ARGUMENTS = [
    # within a container there is no sandbox to be had, and no other network to talk to
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
AXE = os.environ.get("HYALITE_AXE")  # axe.min.js, from `npm pack axe-core`
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
# The reference engine, unless a test asks for the other: nothing to be compiled, at any machine.
START = """
from hyalite.cli import main
from hyalite.play import settings
settings.DEFAULTS["engine"] = "numpy"
main()
"""
READY = 'html[data-ready="true"]'  # after the first frame is drawn
PATIENCE = 60_000  # ms: the compiled engine may have to be compiled first
playwright.expect.set_options(timeout=30_000)  # ms, as `until` of steps.py


class Server:
    """`hyalite play` as a process of its own.

    Args:
        program: what Python is to run.
    """

    def __init__(self, *program: str) -> None:
        program = program or ("-c", START)
        command = [sys.executable, *program, "play", "--no-browser", "--port", "0"]
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", "HYALITE_LANG": "en"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # as at a user's
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
        )
        self.said = ""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line
            if "#key=" in line:
                break
        words = [word for word in self.said.split() if "#key=" in word]
        if not words:
            self.close()
            raise RuntimeError(f"no address: {self.said}")
        self.address = words[0]
        self.origin = self.address.split("/#")[0]
        self.token: str | None = None

    def key(self) -> str:
        """A key for one page, asked for with the token that the first key gives."""
        if self.token is None:
            entered = self.post("/api/enter", {"key": self.address.split("#key=")[1]})
            self.token = entered["token"]
        return str(self.post("/api/key", {})["key"])

    def post(self, path: str, body: Any) -> Any:
        headers = {"Content-Type": "application/json"}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        request = urllib.request.Request(self.origin + path, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def close(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


@pytest.fixture(scope="package")
def server() -> Iterator[Server]:
    """One server for all tests; each page has a session of its own."""
    running = Server()
    yield running
    running.close()


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    """Debian's Chromium, one for all tests."""
    if CHROMIUM is None:
        pytest.skip("needs Chromium: apt-get install chromium, or HYALITE_CHROMIUM=path")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Any, server: Server) -> Iterator[Callable[..., Any]]:
    """Opens the page: a state behind the key (``"s=(layers:!())"``), a size, options."""
    faults: list[str] = []
    contexts: list[Any] = []
    expected: list[str] = []

    def listen(page: Any) -> None:
        page.on("pageerror", lambda error: faults.append(f"error: {error}"))
        page.on(
            "console",
            lambda message: (
                faults.append(f"console: {message.text}")
                if message.type in ("error", "warning")
                and not any(text in message.text for text in expected)
                else None
            ),
        )

        def request(asked: Any) -> None:
            if not asked.url.startswith((server.origin, "blob:", "data:")):
                faults.append(f"foreign request: {asked.url}")

        # listened to, not routed: each of a page's many files would wait for this process
        page.on("request", request)

    def open_one(state: str = "", width: int = 1280, height: int = 800, **options: Any) -> Any:
        wait = options.pop("wait", True)
        query = options.pop("query", "")
        options.setdefault("locale", "en-US")
        expected.extend(options.pop("expected", []))
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(30_000)  # on a busy machine, too
        contexts.append(context)
        page = context.new_page()
        listen(page)
        page.goto(f"{server.origin}/{query}#key={server.key()}" + (f"&{state}" if state else ""))
        if wait:
            page.wait_for_selector(READY, timeout=PATIENCE)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def axe() -> Callable[[Any], list[str]]:
    """What axe finds wrong with a page, serious and critical: ``rule: element``."""
    if AXE is None or not Path(AXE).exists():
        pytest.skip("needs axe: npm pack axe-core, and HYALITE_AXE=path of axe.min.js")
    source = Path(AXE).read_text(encoding="utf-8")

    def run(page: Any) -> list[str]:
        page.evaluate(source)
        found = page.evaluate("rules => axe.run({runOnly: rules})", RULES)
        return [
            f"{violation['id']}: {node['html'][:160]}"
            for violation in found["violations"]
            if violation["impact"] in ("serious", "critical")
            for node in violation["nodes"]
        ]

    return run
