"""Every public name shows itself in an example, and every example prints what it says.

The examples take ``import hyalite as hy`` and ``import numpy as np`` as done. They run in an empty
folder, warnings are errors, and "auto" is the NumPy engine, since the compiled one takes a minute
on a fresh machine; ``-m stress`` runs them once more with whatever "auto" finds.
"""

from __future__ import annotations

import doctest
import importlib
import inspect
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import hyalite as hy
from hyalite.data import fetch
from hyalite.engines import choice, threads

PACKAGE = Path(hy.__file__).parent
PUBLIC = [  # the modules whose names users reach
    "hyalite",
    *(value.__name__ for value in map(hy.__getattr__, hy.__all__) if inspect.ismodule(value)),
    "hyalite.export",
    "hyalite.files",
    "hyalite.sklearn",
]
EXCEPTIONS = {  # public names without an example, and why
    "MLflowLog": "needs a tracker's run, which takes seconds to start",
    "WandbLog": "needs an account, or a run of its own that takes seconds to start",
    "Trainable": "a protocol for the type checker; nobody makes one",
}


class Runner(doctest.DocTestRunner):
    """Skips the test where an example needs an optional package that is not installed."""

    def report_unexpected_exception(self, out: Any, test: Any, example: Any, exc_info: Any) -> None:
        error = exc_info[1]
        if isinstance(error, hy.MissingExtra) or (
            isinstance(error, ModuleNotFoundError) and not str(error.name).startswith("hyalite")
        ):
            pytest.skip(str(error))
        if isinstance(error, pytest.skip.Exception):
            raise error
        super().report_unexpected_exception(out, test, example, exc_info)


def collect() -> list[Any]:
    """All docstrings of the package that have examples, as parameters of a test."""
    found = []
    finder = doctest.DocTestFinder(exclude_empty=True)
    for path in sorted(PACKAGE.rglob("*.py")):
        if ">>>" not in path.read_text(encoding="utf-8"):
            continue
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        name = ".".join(parts).removesuffix(".__init__")
        try:
            module = importlib.import_module(name)
        except hy.MissingExtra as error:
            skip = pytest.mark.skip(reason=str(error))
            found.append(pytest.param(None, id=name, marks=skip))
            continue
        tests = finder.find(module, name, globs={"hy": hy, "np": np})
        found += [pytest.param(test, id=test.name) for test in tests if test.examples]
    return found


COLLECTED = collect()


def check(test: doctest.DocTest) -> None:
    """Run the examples of one docstring; a failure shows them all with what they gave."""
    runner = Runner(verbose=False, optionflags=doctest.ELLIPSIS)
    report: list[str] = []
    test.globs = {"hy": hy, "np": np}  # the runner empties them afterwards
    runner.run(test, out=report.append)
    if runner.failures:
        pytest.fail("".join(report), pytrace=False)


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder, no downloads, and the number of threads as it was."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(threads, "_chosen", None)
    monkeypatch.setattr(fetch, "fetch", lambda name, *_: pytest.skip(f"{name} is not here"))


@pytest.mark.parametrize("test", COLLECTED)
def test_the_examples_print_what_they_say(
    test: doctest.DocTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choice, "there_is_any", lambda: False)
    check(test)


@pytest.mark.stress
@pytest.mark.parametrize("test", COLLECTED)
def test_they_print_the_same_with_the_engine_that_auto_finds(test: doctest.DocTest) -> None:
    check(test)


def public_names(module: ModuleType) -> list[str]:
    """Classes and functions that users find in a module."""
    names = getattr(module, "__all__", None)
    if names is None:
        names = [name for name in vars(module) if not name.startswith("_")]
        names = [name for name in names if home(getattr(module, name)) == module.__name__]
    return [name for name in names if is_code(getattr(module, name))]


def home(value: object) -> str | None:
    return getattr(value, "__module__", None)


def is_code(value: object) -> bool:
    """A class or a function of ours, neither a table nor a name for a type."""
    return (inspect.isclass(value) or inspect.isfunction(value)) and str(home(value)).startswith(
        "hyalite."
    )


def has_example(value: object) -> bool:
    return any(line.lstrip().startswith(">>> ") for line in str(value.__doc__).splitlines())


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_has_an_example(name: str) -> None:
    try:
        module = importlib.import_module(name)
    except hy.MissingExtra as error:
        pytest.skip(str(error))
    names = public_names(module)
    assert names
    bare = {key for key in names if not has_example(getattr(module, key))} - set(EXCEPTIONS)
    assert not bare, f"give an example of {', '.join(sorted(bare))} at the end of the docstring"


def test_the_exceptions_are_public_names_without_examples() -> None:
    values = {
        name: getattr(module, name)
        for module in map(importlib.import_module, PUBLIC[:-1])  # what needs no optional package
        for name in public_names(module)
    }
    for name in EXCEPTIONS:
        assert not has_example(values[name])


def test_examples_have_a_section_at_the_end_of_their_docstring() -> None:
    for parameter in COLLECTED:
        for test in filter(None, parameter.values):
            sections = inspect.cleandoc(test.docstring).split("\n\nExamples:\n")
            assert len(sections) == 2, test.name
            assert ">>>" not in sections[0], test.name
            assert all(line[:1] in ("", " ") for line in sections[1].splitlines()), test.name
