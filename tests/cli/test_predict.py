"""`hyalite predict`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import hyalite as hy
from hyalite import plots
from hyalite.cli.predict_images import BAR_WIDTH, bar
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


def digits_model(metadata: dict[str, object], shape: tuple[int, ...] = (28, 28)) -> str:
    """An untrained model of digits, saved; where it lies."""
    model = hy.Sequential([hy.Flatten(), hy.Rescaling(1 / 255), hy.Dense(10, "softmax")])
    model.build(shape, seed=0)
    model.metadata = {"kind": "images", **metadata}
    model.save("digits.safetensors")
    return "digits.safetensors"


def paper() -> np.ndarray:
    """A stroke of ink, off the centre."""
    picture = np.full((300, 400), 240, np.uint8)
    picture[100:250, 300:310] = 30
    return picture


def seen_by(monkeypatch: pytest.MonkeyPatch) -> list[np.ndarray]:
    """The images that `--save-input` draws from now on."""
    drawn: list[np.ndarray] = []

    def save(axes: np.ndarray, path: Path) -> None:
        drawn.extend(np.asarray(ax.images[0].get_array()) for ax in axes)

    monkeypatch.setattr(plots, "save", save)
    return drawn


def test_a_drawn_digit_is_brought_into_mnists_form_and_the_command_says_how(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = digits_model({"data": "mnist"})
    Image.fromarray(paper()).save("ink.png")
    Image.fromarray(255 - paper()).save("chalk.png")
    pen = np.full((300, 400, 4), 255, np.uint8)  # white, on nothing
    pen[..., 3] = np.where(paper() < 128, 255, 0)
    Image.fromarray(pen).save("screen.png")
    thick = paper()
    thick[100:250, 300:350] = 30
    Image.fromarray(thick).convert("RGB").rotate(90, expand=True).save("thick.png")
    seen = seen_by(monkeypatch)
    files = ["ink.png", "chalk.png", "screen.png", "thick.png"]
    words = ["--prepare-digit", "--top", 1, "--save-input", "seen.png"]
    blocks = run("predict", model, *files, *words).output.split("\n\n")
    notes = [
        "inverted, 150 x 10 of 300 x 400 cut out, pen widened, scaled",
        "light on dark, 150 x 10 of 300 x 400 cut out, pen widened, scaled",
        "light on dark, 150 x 10 of 300 x 400 cut out, pen widened, scaled",
        "inverted, 50 x 150 of 400 x 300 cut out, scaled",
    ]
    for block, file, note in zip(blocks, files, notes, strict=False):
        head, said, share = block.splitlines()
        assert head.startswith(f"{file}: ")
        assert said == f"  ({note} into 20 x 20, centred by mass)"
        assert share.endswith(" %")
    assert blocks[4:] == ["seen.png written.\n"]
    assert np.array_equal(seen[0], hy.datasets.prepare_digit(paper()))
    assert all(image.any(axis=1).sum() == 20 for image in seen[:3])
    assert seen[3].any(axis=0).sum() == 20
    share = hy.recipes.ImagePipeline(hy.load(model)).predict_proba(seen[0][None]).max()
    assert blocks[0].endswith(f"{100 * share:5.1f} %")


def test_what_the_network_sees_is_saved_in_one_picture(
    bars: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("matplotlib", reason="the picture needs the extra 'plot'")
    model = bars / "run/pictures.safetensors"
    files = [bars / f"pictures/{name}/00.png" for name in ("flat", "tall")]
    output = run("predict", model, *files, "--save-input", "seen.png").output
    assert output.endswith("\n\nseen.png written.\n")
    with Image.open("seen.png") as picture:
        two = picture.size
    run("predict", model, files[0], "--save-input", "seen.png")
    with Image.open("seen.png") as picture:
        assert picture.size[0] < two[0]
    seen = seen_by(monkeypatch)
    run("predict", model, *files, "--invert", "--save-input", "seen.png")
    for image, file in zip(seen, files, strict=True):
        assert np.array_equal(image, 255 - np.asarray(Image.open(file)))


def test_a_model_of_digits_hints_at_their_form(here: Path) -> None:
    hint = (
        "  (not in the form of MNIST's digits: for one that somebody drew, try --prepare-digit)\n"
    )
    (_, _), (x, _) = hy.datasets.mnist(flatten=False, normalize=False)
    Image.fromarray(x[0]).save("known.png")
    Image.fromarray(np.kron(x[0], np.ones((10, 10), np.uint8))).save("large.png")
    Image.fromarray(np.roll(x[0], 5, axis=1)).save("aside.png")
    Image.fromarray(paper()).save("ink.png")
    for metadata in ({"data": "mnist"}, {"classes": list("0123456789")}, {}):
        model = digits_model(metadata)
        for file, hinted in (("known", False), ("large", False), ("aside", True), ("ink", True)):
            output = run("predict", model, f"{file}.png").output
            assert (hint in output) == hinted, (metadata, file)
            assert "--invert" not in output
        assert hint in run("predict", model, "ink.png", "--invert").output
        assert "--prepare-digit" not in run("predict", model, "ink.png", "--prepare-digit").output
    clothes = digits_model(
        {"data": "fashion-mnist", "classes": list(hy.datasets.FASHION_MNIST_CLASSES)}
    )
    assert "try --invert" in run("predict", clothes, "ink.png").output
    assert "--prepare-digit" not in run("predict", clothes, "ink.png").output
    assert "try" not in run("predict", digits_model({}, (20, 20)), "ink.png").output


@pytest.mark.parametrize(
    ("words", "message", "code"),
    [
        ("ink.png --prepare-digit --invert", "inverts where needed; leave out --invert", 2),
        ("a.csv --prepare-digit", "--prepare-digit, --invert and --save-input are for images", 2),
        ("a.csv --save-input b.png", "--save-input are for images", 2),
        ("ink.png --save-input ./ink.png", "would replace the image ink.png; name another", 2),
        ("blank.png --prepare-digit", "blank.png is blank, and a digit was to be found", 1),
        ("gone.png --prepare-digit", "gone.png: No such file or directory", 1),
    ],
)
def test_how_a_digit_cannot_be_prepared(words: str, message: str, code: int, here: Path) -> None:
    Image.fromarray(paper()).save("ink.png")
    Image.new("L", (30, 20), 200).save("blank.png")
    model = digits_model({"data": "mnist"})
    assert message in " ".join(run("predict", model, *words.split(), code=code).stderr.split())


def test_another_model_takes_no_prepared_digit(bars: Path, here: Path) -> None:
    words = (bars / "run/pictures.safetensors", bars / "pictures/flat/00.png", "--prepare-digit")
    assert error_of("predict", *words) == (
        "Error: --prepare-digit makes images of 28 x 28 in gray, as MNIST's are, and this model "
        "takes 8 x 8"
    )


@pytest.mark.long
@pytest.mark.compiled
def test_95_of_100_drawn_digits_are_read_right(here: Path) -> None:
    """As commands, from MNIST to what people drew: the network of pictures, after two epochs."""
    from tests.data.drawn_digits import COUNT, SEED, drawn

    run("train", "mnist", "--network", "conv", "--epochs", 2, "-q")
    pictures, labels = drawn(COUNT, SEED)
    files = [f"{number:03}.png" for number in range(COUNT)]
    for file, picture in zip(files, pictures, strict=True):
        Image.fromarray(picture).save(file)

    def right(*words: object) -> float:
        output = run("predict", "runs/mnist/mnist.safetensors", *files, "--top", 1, *words).output
        said = [line[-1] for line in output.splitlines() if line[:-3] in files]
        return float(np.mean(np.array(said, int) == labels))

    assert right("--prepare-digit", "--save-input", "seen.png") >= 0.95
    assert right() < 0.5


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


def test_a_model_with_one_channel_takes_gray_pictures(here: Path) -> None:
    model = hy.Sequential([hy.Flatten(), hy.Dense(10, "softmax")])
    model.build((28, 28, 1), seed=0)
    pipeline = hy.recipes.ImagePipeline(model)
    assert pipeline.shape == (28, 28)
    assert pipeline.inputs(np.zeros((2, 28, 28), np.uint8)).shape == (2, 28, 28, 1)
    model.save("channel.safetensors")
    Image.fromarray(paper()).convert("RGB").save("ink.png")
    words = ["--prepare-digit", "--save-input", "seen.png"]
    assert "(inverted, 150 x 10" in run("predict", "channel.safetensors", "ink.png", *words).output


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
