"""What stands around the package agrees with it: versions, scripts, workflows."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

import hyalite as hy

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_one_version_everywhere() -> None:
    cited = re.search(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text("utf-8"), re.M)
    assert cited
    assert hy.__version__ == PROJECT["version"] == cited[1]


@pytest.mark.skipif(os.name == "nt", reason="they are for a POSIX shell")
@pytest.mark.parametrize("name", ["setup", "test", "check", "docs"])
def test_a_script_can_be_run(name: str) -> None:
    script = ROOT / "scripts" / name
    assert os.access(script, os.X_OK)
    assert len(script.read_text(encoding="utf-8").splitlines()) < 10
    subprocess.run(["sh", "-n", str(script)], check=True)


def test_the_workflow_tests_what_the_package_promises() -> None:
    workflow = (ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8")
    (pythons,) = re.findall(r'^ +python: \["(.+)"\]', workflow, re.M)
    assert f">={pythons.split(chr(34))[0]}" == PROJECT["requires-python"]
    (numpy,) = [line for line in PROJECT["dependencies"] if line.startswith("numpy")]
    assert f'numpy: "{numpy.removeprefix("numpy>=")}"' in workflow


def test_the_contributors_guide_names_files_that_are_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:src|tests|docs|scripts|benchmarks|\.ci)/[\w./]*)`", text))
    assert len(named) > 15
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


def test_the_changelog_has_versions_with_dates_and_groups() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    first, *released = re.findall(r"^## (.+)$", text, re.M)
    assert first == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", line) for line in released)
    assert f"[{hy.__version__}]" in {line.partition(" ")[0] for line in released}
    groups = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert set(re.findall(r"^### (.+)$", text, re.M)) <= groups
