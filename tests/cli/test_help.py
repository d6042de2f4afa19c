"""Help pages in English and Chinese."""

from __future__ import annotations

import click
import pytest

from hyalite import cli
from hyalite.text import columns
from hyalite.translation import speaking
from tests.cli.helpers import run

COMMANDS = sorted(cli.commands.commands)


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_a_help_page_in_chinese_has_the_same_options(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = [*filter(None, [command]), "--help"]
    english = run(*words).output.splitlines()
    monkeypatch.setenv("HYALITE_LANG", "zh_CN")
    chinese = run(*words).output.splitlines()
    assert chinese[0].startswith("用法：")
    assert "选项：" in chinese
    options = english.index("Options:")
    for place, line in enumerate(english):
        if place > options and line.startswith("  -"):
            name = line.split("  ")[1]
            assert any(other.startswith(f"  {name}") for other in chinese), name
        elif line.startswith("    hyalite"):
            example = line.split("   ")[1]
            assert any(example in other for other in chinese), line
    assert max(map(columns, chinese)) <= 100


def test_a_long_description_is_wrapped_by_columns() -> None:
    command = cli.commands.commands["predict"]
    with (
        speaking("zh_CN"),
        command.make_context("predict", ["x", "y"], terminal_width=50, resilient_parsing=True) as c,
    ):
        lines = command.get_help(c).splitlines()
    options = lines[lines.index("选项：") :]
    assert max(map(columns, options)) <= 50
    assert any(line.startswith(" " * 20) for line in options)


def test_help_in_english_is_clicks_own() -> None:
    own = click.HelpFormatter(width=78)
    command = cli.commands.commands["evaluate"]
    with click.Context(command, info_name="evaluate", terminal_width=78) as context:
        command.format_help(context, own)
        assert context.get_help() == own.getvalue().rstrip("\n")
