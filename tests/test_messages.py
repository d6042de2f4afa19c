"""Messages: a line on the error stream, unless the program has other plans for it."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from hyalite import messages
from hyalite.translation import speaking


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], logging.Logger]]:
    """Makes the logger that of a program without logging; pytest sets up its own in each test."""

    def make() -> logging.Logger:
        monkeypatch.setattr(messages.logger, "propagate", False)
        monkeypatch.setattr(messages.logger, "handlers", [])
        return messages.logger

    yield make
    messages.logger.setLevel(logging.NOTSET)
    messages.say_once.cache_clear()


def test_a_program_without_logging_sees_them(bare, capsys) -> None:
    logger = bare()
    messages.say("first")
    messages.say("50 %s done")
    assert capsys.readouterr().err == "hyalite: first\nhyalite: 50 %s done\n"
    for _ in range(3):
        messages.say_once("third")
    assert capsys.readouterr().err == "hyalite: third\n"
    assert len(logger.handlers) == 1
    messages.say("layer \x1b[31mred")
    assert capsys.readouterr().err == "hyalite: layer �[31mred\n"


def test_they_are_in_the_language_that_is_spoken(bare, capsys) -> None:
    bare()
    with speaking("zh_CN"):
        messages.say("compiled in 3 s")
    assert capsys.readouterr().err == "hyalite: 编译用了 3 秒\n"


def test_they_follow_the_error_stream_where_it_is_exchanged(bare, capsys, monkeypatch) -> None:
    bare()
    messages.say("here")
    monkeypatch.setattr(sys, "stderr", sys.stdout)
    messages.say("there")
    assert capsys.readouterr() == ("hyalite: there\n", "hyalite: here\n")


def level(logger: logging.Logger) -> None:
    logger.setLevel(logging.ERROR)


def null(logger: logging.Logger) -> None:
    logger.addHandler(logging.NullHandler())


def refuse(logger: logging.Logger) -> None:
    logger.addFilter(nothing)


def nothing(record: logging.LogRecord) -> bool:
    return False


@pytest.mark.parametrize("silence", [level, null, refuse])
@pytest.mark.parametrize("late", [False, True])
def test_they_are_silenced_by_the_usual_means(bare, capsys, silence, late) -> None:
    logger = bare()
    if late:
        messages.say("before")
    silence(logger)
    messages.say("silenced")
    logger.removeFilter(nothing)
    assert capsys.readouterr() == ("", "hyalite: before\n" if late else "")


PROGRAM = """
import logging, sys
from hyalite import messages
print(logging.getLogger("hyalite").handlers)
messages.say("printed")
logging.basicConfig(stream=sys.stdout, format="%(levelname)s %(name)s %(message)s")
messages.say("logged")
messages.logger.propagate = False  # away from the program's handlers
messages.say("printed again")
"""


def test_a_programs_own_logging_takes_them_over_and_the_import_installs_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\nWARNING hyalite logged\n"
    assert done.stderr == "hyalite: printed\nhyalite: printed again\n"
