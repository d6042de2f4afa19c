"""`hyalite predict` of images: how each is prepared, what the network sees, and what it says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np

from hyalite import plots
from hyalite.cli.wording import echo
from hyalite.data.datasets import MNIST_CLASSES, read_image
from hyalite.data.digits import SIDE, find_digit, is_like_mnist
from hyalite.parameters import Array
from hyalite.recipes import ImagePipeline
from hyalite.recipes.dataset import size_text

BAR_WIDTH = 30  # of the longest bar, in characters
EIGHTHS = " ▏▎▍▌▋▊▉"


def predict_images(
    pipeline: ImagePipeline,
    paths: Sequence[str],
    top: int,
    saved: Path | None,
    *,
    invert: bool,
    digit: bool,
) -> None:
    """Print the likeliest classes of each image, and before them what was done to it.

    Args:
        pipeline: the model.
        paths: of the images.
        top: how many classes.
        saved: where to put a picture of what the network saw, if anywhere.
        invert: whether to swap dark and bright.
        digit: whether to bring each into the form of MNIST's digits.

    Raises:
        ValueError: a blank image instead of a digit, or a model that takes images of another form.
        FileFormatError: a file is no picture.
        OSError: a file that cannot be read or written.
        MissingExtra: Pillow, or matplotlib for `saved`, is not installed.
    """
    if saved is not None and saved.resolve() in [Path(path).resolve() for path in paths]:
        raise click.UsageError(f"--save-input would replace the image {saved}; name another file")
    if digit and pipeline.shape != (SIDE, SIDE):
        raise ValueError(
            "--prepare-digit makes images of 28 x 28 in gray, as MNIST's are, and this model takes "
            f"{size_text(pipeline.shape)}"
        )
    names, seen = pipeline.classes, []
    for number, path in enumerate(paths):
        picture, notes = _digit(path) if digit else _image(pipeline, path, invert)
        seen.append(picture)
        shares = pipeline.predict_proba(picture[None])[0]
        best = shares.argsort(kind="stable")[::-1][:top]
        if number:
            echo()
        echo(f"{path}: {names[best[0]]}")
        for note in notes:
            echo(f"  ({note})")
        widest = max(len(names[label]) for label in best)
        for label in best:
            share = float(shares[label])
            echo(f"  {names[label]:<{widest}} {bar(share):<{BAR_WIDTH}} {100 * share:5.1f} %")
    if saved is not None:
        x = pipeline.inputs(np.stack(seen))
        titles = [Path(path).name for path in paths]
        plots.save(plots.predictions(pipeline.model, x, names, titles=titles), saved)
        echo(f"\n{saved} written.")


def _digit(path: str) -> tuple[Array, list[str]]:
    """A digit in the form of MNIST's, and what was done to bring it there."""
    picture = read_image(path, alpha=True)
    try:
        found = find_digit(picture)
    except ValueError:
        raise ValueError(f"{path} is blank, and a digit was to be found in it") from None
    cut, whole = size_text(found.size), size_text(picture.shape[:2])
    return found.like_mnist(), [
        f"{'light on dark' if found.light else 'inverted'}, {cut} of {whole} cut out, "
        f"{'pen widened, scaled' if found.thin else 'scaled'} into 20 x 20, centred by mass"
    ]


def _image(pipeline: ImagePipeline, path: str, invert: bool) -> tuple[Array, list[str]]:
    """An image as the model needs it, and what was done to it."""
    whole, picture = read_image(path), pipeline.read(path)
    notes = []
    if whole.ndim > picture.ndim:
        notes.append("converted to gray")
    if whole.shape[:2] != picture.shape[:2]:
        notes.append(
            f"resized from {size_text(whole.shape[:2])} to {size_text(picture.shape[:2])} "
            "(height x width)"
        )
    if invert:
        picture = 255 - picture
        notes.append("inverted")
    of_digits = pipeline.shape == (SIDE, SIDE) and pipeline.classes == MNIST_CLASSES
    if of_digits and np.ptp(picture) and not is_like_mnist(picture):
        notes.append(
            "not in the form of MNIST's digits: for one that somebody drew, try --prepare-digit"
        )
    elif not invert and picture.mean() > 127 and _is_white_on_black(pipeline):
        notes.append("mostly bright, while the model knows white on black: try --invert")
    return picture, notes


def _is_white_on_black(pipeline: ImagePipeline) -> bool:
    return str(pipeline.model.metadata.get("data")).endswith("mnist")


def bar(share: float) -> str:
    """A share from 0 to 1 as a bar of blocks, exact to an eighth of a character."""
    whole, part = divmod(round(share * BAR_WIDTH * 8), 8)
    return "█" * whole + EIGHTHS[part].strip()
