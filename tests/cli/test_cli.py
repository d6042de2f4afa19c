"""The command line as a whole: errors, help, processes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import hyalite as hy
from hyalite import cli
from tests.cli.helpers import ENVIRONMENT, PROGRAM, Image, draw_folder, error_of, run


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("train nosuch", "'nosuch' is neither one of mnist, fashion-mnist, spiral, sine nor a fo"),
        ("train spiral --layers 64,x", "'x' is no layer; write units of a dense layer as 128"),
        ("train spiral --layers 0", "units of '0' must be a whole number from 1 to 999,999."),
        ("train spiral --epochs 0", "expected 1 or more, got 0."),
        ("train spiral --batch-size -5", "expected 1 or more, got -5."),
        ("train spiral --activation rleu", "'rleu' is not one of 'relu'"),
        ("train . --image-size 28x28x3", "'28x28x3' is no size; write 28x28 (height x width)"),
        ("predict none.safetensors a.png", "File 'none.safetensors' does not exist."),
        ("predict", "Missing argument 'MODEL'."),
        ("trian mnist", "No such command 'trian'"),
    ],
)
def test_usage_errors_end_with_2(words: str, text: str) -> None:
    assert text in run(*words.split(), code=2).stderr


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("train spiral --learning-rate nan", "learning_rate must be a number in [0, inf), got nan"),
        ("train spiral --augment", "--augment is for images; spiral has none"),
        ("train spiral --dropout 1", "rate must be a number in [0, 1), got 1.0"),
        ("train spiral --seed -1", "seed must be an integer from 0 to"),
        ("train mnist --image-size 8", "--image-size and --color are for folders of images, not"),
        ("train empty", "empty has no sub-folders; expected one for each class"),
        ("train unequal", "pass --image-size HEIGHTxWIDTH to resize all"),
        ("train mixed", "pass --color gray or --color rgb to convert all"),
        ("train huge", "resize all with --image-size 64x64"),
        ("train alone", "alone has only one class, dog; to tell classes apart takes two or more"),
        ("train spiral --output text.txt", "text.txt: File exists"),
        ("summary text.txt", "is not a readable safetensors file"),
        ("predict points.safetensors text.doc", "does not take pictures: its samples have shape"),
        ("evaluate points.safetensors sine", "sine has samples of shape (1,), the model takes (2"),
        ("evaluate points.safetensors unequal", "does not take pictures"),
        ("train spiral --output other", "other holds another model, else.safetensors; choose an"),
    ],
)
def test_other_errors_end_with_1_and_one_line(here: Path, words: str, text: str) -> None:
    (here / "text.txt").write_text("text")
    (here / "empty").mkdir()
    (here / "other").mkdir()
    (here / "other/else.safetensors").touch()
    for name, second in (("unequal", ("L", (9, 9))), ("mixed", ("RGB", (8, 8)))):
        (here / name / "one").mkdir(parents=True)
        Image.new("L", (8, 8)).save(here / name / "one/a.png")
        Image.new(*second).save(here / name / "one/b.png")
    draw_folder(here / "alone", 4, ("dog",))
    (here / "huge/one").mkdir(parents=True)
    Image.new("L", (300, 300)).save(here / "huge/one/a.png")
    points = hy.Sequential([hy.Dense(3, "softmax")])
    points.build(2, seed=0)
    points.save("points.safetensors")
    line = error_of(*words.split())
    assert line.startswith("Error: ")
    assert text in line


def test_version_and_help() -> None:
    lines = run("--version").output.splitlines()
    assert lines[0] == f"hyalite, version {hy.__version__}"
    assert lines[1].startswith("kernels: ")
    assert "hyalite train mnist" in run("-h").output
    for command in cli.commands.commands:
        text = run(command, "--help").output
        assert max(map(len, text.splitlines())) <= 90
        if command != "datasets":
            assert f"  hyalite {command} " in text
        options = text.partition("Options:\n")[2].splitlines()
        assert all(line.startswith("  -") for line in options), "an option takes two lines"


def test_help_and_version_load_nothing_heavy() -> None:
    program = (
        "import sys; from hyalite.cli import commands\n"
        "for words in (['train', '--help'], ['--version']):\n"
        "    try: commands(words)\n"
        "    except SystemExit: pass\n"
        "assert not {'numpy', 'matplotlib', 'PIL', 'tqdm'} & sys.modules.keys()"
    )
    subprocess.run(
        [sys.executable, "-c", program], check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT
    )


def test_in_a_process_of_its_own(here: Path) -> None:
    words = [*PROGRAM, "train", "sine", "--epochs", "2"]
    done = subprocess.run(
        words, capture_output=True, text=True, encoding="utf-8", check=True, env=ENVIRONMENT
    )
    assert "test points, whose values go from" in done.stdout
    assert "Try next:" in done.stdout
    assert done.stderr == ""
    words = [*PROGRAM, "summary", "runs/sine/sine.safetensors"]
    ascii_only = ENVIRONMENT | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(words, capture_output=True, text=True, env=ascii_only, check=True)
    assert "dense_1  Dense, GELU" in done.stdout


def test_a_reader_that_goes_away_ends_it_quietly() -> None:
    words = [*PROGRAM, "datasets"]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
