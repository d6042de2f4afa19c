"""Record the short animation of `hyalite play` at the top of the READMEs: docs/images/play.webp.

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
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
WIDTH, HEIGHT = 1200, 750
SHOWN = 960  # pixels across of the animation
FRAME = 90  # milliseconds
LAST = 1800  # of the last picture, before it begins anew
MOST_BYTES = 2_000_000
STATE = (
    "s=(data:(kind:spiral,classes:3,noise:0.1),layers:!((type:Dense,units:16,activation:relu),"
    "(type:Dense,units:16,activation:relu)),optimizer:(type:Adam,learning_rate:0.02))"
)


def record(page: Page, frames: int, language: str) -> list[Image.Image]:
    """Pictures of the page, first as it opens and then while it trains."""
    page.evaluate("language => window.hyalite.store.change('view', { language })", language)
    page.wait_for_timeout(800)
    pictures = [shot(page)] * 6
    for n in range(frames):
        # by epochs, slowly at first, so that the animation is as smooth on a slow machine
        page.evaluate(
            "async (count) => (await import('/loop.js')).act('epoch', { count })", 1 + n // 8
        )
        page.wait_for_timeout(60)
        pictures.append(shot(page))
    return pictures


def shot(page: Page) -> Image.Image:
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    return picture.resize((SHOWN, SHOWN * HEIGHT // WIDTH), Image.Resampling.LANCZOS)


def save(pictures: list[Image.Image], path: Path) -> int:
    """Write the animation as well as the size allows; its bytes."""
    durations = [FRAME] * (len(pictures) - 1) + [LAST]
    for quality in (80, 65, 50, 35):
        options: dict[str, Any] = {"quality": quality, "method": 6, "loop": 0}
        pictures[0].save(
            path, save_all=True, append_images=pictures[1:], duration=durations, **options
        )
        if path.stat().st_size < MOST_BYTES:
            break
    return path.stat().st_size


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--output", type=Path, default=ROOT / "docs/images/play.webp")
    parser.add_argument("--browser", default=os.environ.get("CHROMIUM", "/usr/bin/chromium"))
    parser.add_argument("--frames", type=int, default=50)
    parser.add_argument("--language", default="en", choices=("en", "zh"))
    options = parser.parse_args()
    command = [sys.executable, "-m", "hyalite", "play", "--no-browser", "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        address = next(
            found[0] for line in server.stdout if (found := re.search(r"http://\S+", line))
        )
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=options.browser,
                args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
            )
            page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
            page.goto(f"{address}&{STATE}")
            page.wait_for_selector("html[data-ready=true]")
            pictures = record(page, options.frames, options.language)
            browser.close()
    finally:
        server.terminate()
        server.wait(10)
    size = save(pictures, options.output)
    print(f"{options.output}: {len(pictures)} pictures, {size:,} bytes")


if __name__ == "__main__":
    main()
