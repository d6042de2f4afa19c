"""Commands as the tests run them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
from click.testing import CliRunner, Result

import hyalite as hy
from hyalite import cli
from tests.extras import optional

Image = optional("PIL.Image", "data")
PROGRAM = [sys.executable, "-c", "from hyalite.cli import main; main()"]
# absolute, since the tests run in folders of their own
ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(hy.__file__).parents[1])}


def run(*words: object, code: int = 0) -> Result:
    result = CliRunner().invoke(cli.commands, [str(word) for word in words])
    assert result.exit_code == code, result.output + repr(result.exception)
    return result


def error_of(*words: object, code: int = 1) -> str:
    """The one line on stderr."""
    text = run(*words, code=code).stderr
    assert text.count("\n") == 1, text
    return text.strip()


def draw_folder(folder: Path, count: int, classes: tuple[str, ...] = ("flat", "tall")) -> None:
    """Pictures with a bright bar, lying or standing; and noise, so that none is like another."""
    random = np.random.default_rng(count)
    for name in classes:
        (folder / name).mkdir(parents=True)
        for number in range(count):
            picture = random.integers(0, 60, (8, 8), np.uint8)
            if name == "flat":
                picture[4] += 180
            else:
                picture[:, 4] += 180
            Image.fromarray(picture).save(folder / name / f"{number:02}.png")
