"""`hyalite evaluate`."""

from __future__ import annotations

from pathlib import Path

from tests.cli.helpers import Image, error_of, run


def test_evaluate_on_a_folder_resizes_and_matches_classes_by_name(bars: Path, here: Path) -> None:
    model = bars / "run/pictures.safetensors"
    (here / "more/tall").mkdir(parents=True)
    for number in range(3):
        picture = Image.open(bars / f"pictures/tall/0{number}.png")
        picture.convert("RGB").resize((16, 16), Image.Resampling.NEAREST).save(
            here / f"more/tall/{number}.png"
        )
    output = run("evaluate", model, "more").output
    assert output.startswith("3 of 3 images in more right: 100.00 %.\nloss ")
    assert "most of these images are known to it" in output
    (here / "more/tall").rename(here / "more/wide")
    assert error_of("evaluate", model, "more") == (
        "Error: more has the class 'wide', which the model does not know; "
        "its classes are flat, tall"
    )
