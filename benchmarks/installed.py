"""What is installed: which packages a requirement brings, their versions and sizes."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
from pathlib import Path
from typing import Any

import hyalite
from hyalite.errors import require

PACKAGE = Path(hyalite.__file__).parent
PROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"


def parse(requirement: str) -> Any:
    """A requirement such as "keras>=3" as an object."""
    module = require("packaging.requirements", extra="bench", purpose="reading requirements")
    return module.Requirement(requirement)


def closure(requirements: tuple[str, ...]) -> set[str]:
    """The packages that an installation of `requirements` brings, as they are installed here."""
    waiting = [parse(text) for text in requirements]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        requirement = waiting.pop()
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        key = name, frozenset(requirement.extras)
        if key not in seen:
            seen.add(key)
            waiting += needs(*key)
    return {name for name, _ in seen}


def needs(name: str, extras: frozenset[str]) -> list[Any]:
    """The requirements of a package that hold on this machine; none if it is not installed."""
    if name == "hyalite":  # from the checkout, whether it is installed or not
        project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
        groups = [project["optional-dependencies"][extra] for extra in extras]
        return [parse(text) for group in (project["dependencies"], *groups) for text in group]
    try:
        found = [parse(text) for text in importlib.metadata.requires(name) or []]
    except importlib.metadata.PackageNotFoundError:
        return []
    return [
        requirement
        for requirement in found
        if requirement.marker is None
        or any(requirement.marker.evaluate({"extra": extra}) for extra in ("", *extras))
    ]


def size(package: str) -> int:
    """Bytes of a package's files, without byte code; 0 if it is not installed."""
    if package == "hyalite":
        files = list(PACKAGE.rglob("*"))
    else:
        try:
            known = importlib.metadata.files(package) or []
        except importlib.metadata.PackageNotFoundError:
            return 0
        files = [Path(str(file.locate())) for file in known]
    return sum(
        file.stat().st_size for file in files if file.is_file() and "__pycache__" not in file.parts
    )


def version(package: str) -> str:
    """Its version, or that it is missing."""
    if package == "hyalite":
        return hyalite.__version__
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
