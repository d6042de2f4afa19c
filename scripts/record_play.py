"""Record `hyalite play` for the documentation: the animation of the READMEs, the manual's picture.

docs/images/play.webp, or with --parts docs/images/play-parts.png, on which the parts have numbers;
with --language zh those of the Chinese pages.
A server of its own is started, Chromium opens the page without a window, screenshots are taken
while it trains, and Pillow joins them. Needs the extras `play` and `data`, playwright and Chromium
(`--browser`, or $CHROMIUM).
"""

from __future__ import annotations

import argparse
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
WIDTH, HEIGHT = 1200, 750
SHOWN = 960  # pixels across of the animation
FRAME = 90  # milliseconds
LAST = 1800  # of the last picture, before it begins anew
MOST_BYTES = 2_000_000
PARTS_WIDTH, PARTS_HEIGHT = 1280, 900
PARTS_EPOCHS = 60
NAMES = {"en": ("play.webp", "play-parts.png"), "zh": ("play-zh.webp", "play-parts.zh_CN.png")}
# In the order of the manual's table.
PARTS = (
    "#time", "#presets", "#page-tools", "#training", "#data", "#network", "#scrubber", "#output",
    "#loss-card", "#charts", "#table",
)  # fmt: skip
NUMBERED = """parts => parts.forEach((part, n) => {
    const box = document.querySelector(part).getBoundingClientRect();
    const mark = document.createElement("b");
    mark.textContent = n + 1;
    Object.assign(mark.style, {
        position: "absolute", zIndex: 99, left: `${Math.max(0, box.left + scrollX - 16)}px`,
        top: `${Math.max(0, box.top + scrollY - 12)}px`, width: "22px", height: "22px",
        borderRadius: "50%", background: "#a63d00", color: "white",
        font: "bold 13px/22px sans-serif", textAlign: "center",
    });
    document.body.append(mark);
})"""


@contextmanager
def opened(browser: str, width: int, height: int, language: str) -> Iterator[Page]:
    """The page in a browser, served by a process of its own."""
    command = [sys.executable, "-m", "hyalite", "play", "--no-browser", "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        address = next(
            found[0] for line in server.stdout if (found := re.search(r"http://\S+", line))
        )
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(
                executable_path=browser,
                args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
            )
            page = chromium.new_page(viewport={"width": width, "height": height})
            page.goto(address)
            page.wait_for_selector("html[data-ready=true]")
            page.evaluate("language => hyalite.store.change('view', { language })", language)
            page.wait_for_timeout(800)
            yield page
            chromium.close()
    finally:
        server.terminate()
        server.wait(10)


def train(page: Page, epochs: int) -> None:
    """So many epochs more."""
    page.evaluate("(count) => hyalite.act('epoch', { count })", epochs)
    page.evaluate("hyalite.idle()")


def record(page: Page, frames: int) -> list[Image.Image]:
    """Pictures of the page, first as it opens and then while it trains."""
    pictures = [shot(page)] * 6
    for n in range(frames):
        # by epochs, slowly at first, so that the animation is as smooth on a slow machine
        train(page, 1 + n // 8)
        page.wait_for_timeout(60)
        pictures.append(shot(page))
    return pictures


def shot(page: Page) -> Image.Image:
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    return picture.resize((SHOWN, SHOWN * HEIGHT // WIDTH), Image.Resampling.LANCZOS)


def save(pictures: list[Image.Image], path: Path) -> None:
    """Write the animation as well as the size allows."""
    durations = [FRAME] * (len(pictures) - 1) + [LAST]
    for quality in (80, 65, 50, 35):
        options: dict[str, Any] = {"quality": quality, "method": 6, "loop": 0}
        pictures[0].save(
            path, save_all=True, append_images=pictures[1:], duration=durations, **options
        )
        if path.stat().st_size < MOST_BYTES:
            break


def save_parts(page: Page, path: Path) -> None:
    """Write a picture of the whole page with a number at each part."""
    train(page, PARTS_EPOCHS)
    page.locator("#table").scroll_into_view_if_needed()  # charts are drawn when they are seen
    page.wait_for_timeout(1000)
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(300)
    page.evaluate(NUMBERED, PARTS)
    picture = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
    picture.quantize(256).save(path, optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--parts", action="store_true")
    parser.add_argument("--output", type=Path)
    parser.add_argument("--browser", default=os.environ.get("CHROMIUM", "/usr/bin/chromium"))
    parser.add_argument("--frames", type=int, default=50)
    parser.add_argument("--language", default="en", choices=("en", "zh"))
    options = parser.parse_args()
    path = options.output or IMAGES / NAMES[options.language][options.parts]
    size = (PARTS_WIDTH, PARTS_HEIGHT) if options.parts else (WIDTH, HEIGHT)
    with opened(options.browser, *size, options.language) as page:
        if options.parts:
            save_parts(page, path)
        else:
            save(record(page, options.frames), path)
    print(f"{path}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
