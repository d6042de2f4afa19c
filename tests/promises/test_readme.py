"""What the README shows works as it stands, in both languages."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def blocks(name: str, language: str) -> list[str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.S)


def test_the_programs_run(tmp_path: Path) -> None:
    # the first command's model, for the program that uses it
    command = [sys.executable, "-m", "hyalite", "train", "mnist", "--epochs", "1", "--quiet"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=300)
    code = "\n".join(blocks("README.md", "python"))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    accuracy = float(re.search(r"'accuracy': ([\d.]+)", done.stdout)[1])
    assert accuracy > 0.96
    assert "gradient right" in done.stdout


def test_the_first_program_has_twelve_lines_but_for_the_blank_one() -> None:
    lines = [line for line in blocks("README.md", "python")[0].splitlines() if line]
    assert len(lines) == 12


@pytest.mark.parametrize("language", ["bash", "python"])
def test_both_languages_show_the_same(language: str) -> None:
    without_comments = [
        [
            re.sub(r"\s*#.*", "", line)
            for block in blocks(name, language)
            for line in block.splitlines()
        ]
        for name in ("README.md", "README.zh-CN.md")
    ]
    assert without_comments[0] == without_comments[1]


@pytest.mark.parametrize(
    "name", ["README.md", "README.zh-CN.md", "CONTRIBUTING.md", "docs/decisions.md"]
)
def test_links_lead_somewhere(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    for link in re.findall(r"\]\((?!http)([^)#]+)\)", text):
        assert (ROOT / name).parent.joinpath(link).exists(), link
