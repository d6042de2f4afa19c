"""What is taken away is what the page trains; a model file comes back."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hyalite as hy
from tests.play.browser.steps import until

FILES = {"notebook": ".ipynb", "model": ".safetensors", "onnx": ".onnx", "c": ".c", "numpy": ".py"}


def trained(page: Any, epochs: int) -> np.ndarray:
    """So many epochs; the weights as the page has them."""
    page.evaluate(f"hyalite.act('epoch', {{ count: {epochs} }})")
    until(page, f"hyalite.store.frame.header.runs.a.epoch === {epochs}")
    theta = page.evaluate(
        """async () => Array.from((await hyalite.api.post("/api/advance",
            { do: "nothing", want: { weights: true } })).arrays.a.theta)"""
    )
    return np.array(theta, np.float32)


def opened(page: Any) -> None:
    page.locator("#export button").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#export-dialog")


def test_the_shown_code_trains_to_the_same_bytes(open_page: Any, tmp_path: Path) -> None:
    page = open_page("s=(epochs:3)")
    theta = trained(page, 3)
    opened(page)
    page.locator("[data-format=python]").click()
    page.wait_for_selector(".export-text:not([hidden])")
    code = page.locator(".export-text").inner_text()
    code += "\nimport numpy as np\nnp.save('theta.npy', model.theta)\n"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, timeout=120)
    assert np.load(tmp_path / "theta.npy").tobytes() == theta.tobytes()


@pytest.mark.long
@pytest.mark.parametrize("format", FILES)
def test_files_are_saved(open_page: Any, format: str, tmp_path: Path) -> None:
    page = open_page()
    opened(page)
    with page.expect_download() as download:
        page.locator(f"[data-format={format}]").click()
    assert download.value.suggested_filename.endswith(FILES[format])
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.stat().st_size > 100


@pytest.mark.long
def test_a_picture_is_saved(open_page: Any, tmp_path: Path) -> None:
    page = open_page()
    opened(page)
    with page.expect_download() as download:
        page.locator("[data-format=picture]").click()
    path = tmp_path / "picture.png"
    download.value.save_as(path)
    content = path.read_bytes()
    assert content.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", content[16:24])
    assert width >= page.evaluate("document.querySelector('.stage').clientWidth")
    assert height > 600, "network, output and loss"
    assert len(content) > 30_000, "something is drawn"


@pytest.mark.long
def test_a_model_that_was_saved_is_opened_with_its_weights(open_page: Any, tmp_path: Path) -> None:
    page = open_page()
    theta = trained(page, 2)
    opened(page)
    with page.expect_download() as download:
        page.locator("[data-format=model]").click()
    path = tmp_path / "model.safetensors"
    download.value.save_as(path)
    assert hy.load(path).theta.tobytes() == theta.tobytes()
    page.locator("#export-dialog input[type=file]").set_input_files(path)
    page.wait_for_timeout(500)
    again = page.evaluate(
        """async () => Array.from((await hyalite.api.post("/api/advance",
            { do: "nothing", want: { weights: true } })).arrays.a.theta)"""
    )
    assert np.array(again, np.float32).tobytes() == theta.tobytes()


@pytest.mark.long
def test_what_cannot_be_exported_says_why(open_page: Any) -> None:
    page = open_page("s=(data:(kind:moons))", expected=["409"])
    opened(page)
    page.locator("[data-format=command]").click()
    until(page, "document.querySelector('#export-dialog .warn').textContent !== ''")
