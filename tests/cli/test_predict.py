"""`hyalite predict`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import hyalite as hy
from hyalite.cli.predict import BAR_WIDTH, bar
from hyalite.recipes import images
from tests.cli.helpers import Image, error_of, run


def test_predict_shows_classes_and_bars(bars: Path, here: Path) -> None:
    model = bars / "run/pictures.safetensors"
    flat, tall = bars / "pictures/flat/00.png", bars / "pictures/tall/00.png"
    blocks = run("predict", model, flat, tall).output.split("\n\n")
    assert len(blocks) == 2
    for block, path, name in zip(blocks, (flat, tall), ("flat", "tall"), strict=True):
        head, *shares = block.splitlines()
        assert head == f"{path}: {name}"
        assert shares[0].startswith(f"  {name} █")
        assert shares[0].endswith(" %")
        assert len(shares) == 2
        assert sum(float(line.split()[-2]) for line in shares) == pytest.approx(100, abs=0.11)
    assert len(run("predict", model, flat, "--top", 1).output.splitlines()) == 2


def test_predict_resizes_converts_and_inverts_and_says_so(bars: Path, here: Path) -> None:
    model = bars / "run/pictures.safetensors"
    picture = np.asarray(Image.open(bars / "pictures/tall/01.png"))
    large = Image.fromarray(255 - picture).convert("RGB").resize((24, 16), Image.Resampling.NEAREST)
    large.save(here / "large.png")
    output = run("predict", model, "large.png", "--invert").output
    assert output.startswith("large.png: tall\n")
    for note in (
        "converted to gray",
        "resized from 16 x 24 to 8 x 8 (height x width)",
        "inverted",
    ):
        assert f"  ({note})\n" in output
    assert "(" not in run("predict", model, bars / "pictures/tall/01.png").output


def test_predict_hints_at_ink_on_paper(here: Path) -> None:
    model = hy.Sequential([hy.Flatten(), hy.Rescaling(1 / 255), hy.Dense(10, "softmax")])
    model.build((28, 28), seed=0)
    model.metadata = {"data": "mnist", "kind": "images"}
    model.save("digits.safetensors")
    Image.new("L", (28, 28), 250).save("paper.png")
    assert "try --invert" in run("predict", "digits.safetensors", "paper.png").output
    assert "try" not in run("predict", "digits.safetensors", "paper.png", "--invert").output


def test_models_made_in_python_get_pictures_as_the_data_sets_give_them(here: Path) -> None:
    model = hy.Sequential([hy.Dense(2, "softmax")])
    model.build(64, seed=0)
    picture = np.arange(64, dtype=np.uint8).reshape(1, 8, 8)
    assert images.picture_shape(model) == (8, 8)
    given = images.prepare_for(model, picture)
    assert given.shape == (1, 64)
    assert given.max() == np.float32(63 / 255)
    assert hy.recipes.Pipeline(model).classes == ("0", "1")
    model.save("plain.safetensors")
    Image.fromarray(picture[0]).save("eight.png")
    assert run("predict", "plain.safetensors", "eight.png").output.startswith("eight.png: ")
    for shape in ((2,), (63,), (8, 8, 4), (8, 8, 3, 1)):
        other = hy.Sequential([hy.Flatten(), hy.Dense(2, "softmax")])
        other.build(shape, seed=0)
        with pytest.raises(ValueError, match="does not take pictures"):
            images.picture_shape(other)


def test_bars_are_exact_to_an_eighth() -> None:
    assert bar(1.0) == "█" * BAR_WIDTH
    assert bar(0.0) == ""
    assert bar(0.5 / BAR_WIDTH) == "▌"
    assert bar(0.5) == "█" * (BAR_WIDTH // 2)


def test_predict_names_the_picture_that_cannot_be_read(bars: Path, here: Path) -> None:
    model = bars / "run/pictures.safetensors"
    assert error_of("predict", model, "gone.png") == "Error: gone.png: No such file or directory"
    (here / "no.png").write_text("text")
    assert "no.png: found no readable picture" in error_of("predict", model, "no.png")
