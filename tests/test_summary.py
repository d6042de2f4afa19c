"""The summary: aligned whatever the names, and safe with any."""

from __future__ import annotations

import unicodedata

from click.testing import CliRunner

import hyalite as hy
from hyalite import cli
from tests.names import HOSTILE, deep


def wide(text: str) -> int:
    return sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in text)


def test_the_summary_is_aligned_whatever_the_names():
    for names in ({}, {"first": "隐藏层"}, {"first": "n" * 300}, {"second": "层" * 90 + "a"}):
        lines = str(deep(**names)).splitlines()[:-1]
        assert len({wide(line) for line in lines}) == 1, "\n".join(lines)
        assert wide(lines[0]) <= 80
    assert ("n" * 35 + "…  Dense, ReLU") in str(deep(first="n" * 300))


def test_what_is_within_a_block_is_indented_below_it():
    inner = hy.Residual([hy.BatchNormalization(), hy.Tanh()], name="内部")
    model = hy.Sequential([hy.Residual([hy.Dense(9, "relu"), hy.Dense(4), inner]), hy.Dense(1)])
    model.build(4, seed=0)
    assert str(model).splitlines() == [
        "layer                      kind                output  parameters",
        "─────────────────────────────────────────────────────────────────",
        "residual_1                 Residual            (n, 4)          93",
        "  dense_1                  Dense, ReLU         (n, 9)          45",
        "  dense_2                  Dense               (n, 4)          40",
        "  内部                     Residual            (n, 4)           8",
        "    batch_normalization_1  BatchNormalization  (n, 4)           8",
        "    tanh_1                 Tanh                (n, 4)           0",
        "dense_1                    Dense               (n, 1)           5",
        "─────────────────────────────────────────────────────────────────",
        "98 parameters (0.4 KiB, float32), 8 running statistics; samples (4,)",
    ]


def test_the_summary_steers_no_terminal():
    text = str(deep(first=HOSTILE))
    assert "\x1b" not in text
    assert all(letter.isprintable() or letter == "\n" for letter in text)


def test_the_summary_of_a_strangers_file_steers_no_terminal_either(tmp_path):
    model = deep(first="a\x1b[2Jb")
    model.metadata = {
        "data": "\x1b]0;title\x07",
        "result": "\x1b[31m99 %",
        "classes": ["\x9b2J"] * 3,
    }
    model.save(tmp_path / "m.safetensors")
    run = CliRunner().invoke(cli.commands, ["summary", str(tmp_path / "m.safetensors")])
    assert run.exit_code == 0, run.output
    assert "99 %" in run.output
    assert all(letter.isprintable() or letter == "\n" for letter in run.output)


def test_the_summary_of_what_is_not_built():
    lines = str(hy.Sequential([hy.Dense(1, name="层"), hy.ReLU()])).splitlines()
    assert lines[2:4] == ["层      Dense  ?                ?", "relu_1  ReLU   ?                ?"]
    assert lines[-1].startswith("not built yet")
