"""The page's files, read as text: two languages with the same keys, no markup from strings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "src/hyalite/play/static"
SCRIPTS = sorted(STATIC.rglob("*.js"))
STYLES = sorted(STATIC.rglob("*.css"))
KEY = re.compile(r'^\s*(?:"([^"]+)"|(\w+)):\s', re.MULTILINE)
PLACEHOLDER = re.compile(r"\{(\w+)\}")


def entries(name: str) -> dict[str, str]:
    """Keys and texts of a catalogue: one entry a line."""
    text = (STATIC / f"texts/{name}.js").read_text(encoding="utf-8")
    return dict(re.findall(r'^\s*"([^"]+)":\s*\n?\s*["\'`](.*)["\'`],$', text, re.MULTILINE))


@pytest.mark.parametrize("prefix", ["", "parts-"])
def test_both_languages_have_the_same_keys(prefix: str) -> None:
    english, chinese = entries(f"{prefix}en"), entries(f"{prefix}zh")
    assert english.keys() == chinese.keys()
    for key, text in english.items():
        assert set(PLACEHOLDER.findall(text)) == set(PLACEHOLDER.findall(chinese[key])), key


def test_the_chinese_is_chinese() -> None:
    same = {"R²", "English", "中文", "Dropout"}
    for key, text in (entries("zh") | entries("parts-zh")).items():
        assert (
            re.search(r"[\u4e00-\u9fff]", text) or text in same or not re.search("[a-z]{4}", text)
        ), key


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: str(path.relative_to(STATIC)))
def test_scripts_make_no_markup_and_ask_nobody_else(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for banned in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
    ):
        assert banned not in text, banned
    assert not re.search(r"""["'`]https?://(?!www\.w3\.org/)""", text)
    assert len(text.splitlines()) < 400
    assert text.startswith(("/**", "// ")), "says in a sentence what lives here"
    if path.name != "api.js":
        assert "fetch(" not in text


def test_every_imported_file_is_there() -> None:
    for path in SCRIPTS:
        for name in re.findall(r'from "(\.[^"]+)"', path.read_text(encoding="utf-8")):
            assert (path.parent / name).exists(), f"{path.name} imports {name}"


def test_the_page_has_no_script_or_style_within() -> None:
    html = (STATIC / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<style|style=|\son\w+=|<script(?![^>]*\ssrc=)", html)
    for name in re.findall(r'(?:src|href)="([^"]+)"', html):
        assert (STATIC / name).exists(), name


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_styles_load_nothing(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "url(" not in text
    assert "@import" not in text
    assert len(text.splitlines()) < 400


def test_both_themes_name_the_same_colours() -> None:
    text = (STATIC / "css/tokens.css").read_text(encoding="utf-8")
    light, dark = text.split('html[data-theme="dark"]')
    colour = re.compile(r"^\s*(--[\w-]+): (?:#|rgb)", re.MULTILINE)
    assert set(colour.findall(light)) <= set(colour.findall(dark)) | {"--accent-wash"}


def test_every_text_of_the_shell_is_in_the_catalogue() -> None:
    known = entries("en") | entries("parts-en")
    pattern = re.compile(
        r"""\b(?:t|tLabel|tTitle|label): "([a-z]+\.[\w.-]+)"|\bt\("([a-z]+\.[\w.-]+)\""""
    )
    for path in SCRIPTS:
        for found in pattern.findall(path.read_text(encoding="utf-8")):
            assert (key := found[0] or found[1]) in known, f"{path.name}: {key}"
