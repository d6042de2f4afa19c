"""`hyalite train`."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import hyalite as hy
from hyalite.cli import arguments
from hyalite.cli.artifacts import next_steps, other_network
from hyalite.data.tables import reading
from hyalite.layers import ACTIVATIONS
from hyalite.optimizers import OPTIMIZERS
from hyalite.recipes import images, named, networks, pictures, recipe
from hyalite.recipes.report import Verdict
from tests.cli.helpers import ENVIRONMENT, PROGRAM, Image, draw_folder, error_of, run


def test_train_spiral_leaves_its_files_and_says_what_it_did(here: Path) -> None:
    output = run("train", "spiral", "--epochs", 4, "--seed", 3).output
    assert "spiral: 300 points in 3 classes to train on, 300 more as test points" in output
    assert "dense_2  Dense, ReLU     (n, 64)       4,160" in output
    assert (
        "adam, learning rate up to 0.005 and back to 0, 4 epochs, batches of 32, seed 3" in output
    )
    assert "epoch 4/4  loss" in output
    assert "val_... are figures of the test points" in output
    assert "of 300 test points right: " in output
    files = {file.name for file in (here / "runs/spiral").iterdir()}
    assert files == {"spiral.safetensors", "history.json", "curves.png", "regions.png"}
    assert all(f"  {name} " in output for name in files)
    history = json.loads((here / "runs/spiral/history.json").read_text())
    assert history["seed"] == 3
    assert len(history["history"]["val_accuracy"]) == 4

    model = hy.load("runs/spiral/spiral.safetensors")
    assert model.metadata["classes"] == ["0", "1", "2"]
    assert model.metadata["result"] in output
    again = run("evaluate", "runs/spiral/spiral.safetensors", "spiral").output
    assert model.metadata["result"].split()[0] == again.split()[0]
    assert f"accuracy {history['history']['val_accuracy'][-1]:.4f}" in again


def test_train_sine_learns_a_curve(here: Path) -> None:
    output = run("train", "sine", "--epochs", 40).output
    assert "sine: 1,000 points to train on, 999 more as test points" in output
    assert "Dense, GELU" in output
    files = {file.name for file in (here / "runs/sine").iterdir()}
    assert files == {"sine.safetensors", "history.json", "curves.png", "fit.png"}
    said = hy.load("runs/sine/sine.safetensors").metadata["result"]
    assert said in output
    assert said.endswith(" at most on 999 test points, whose values go from -1 to 1.")
    assert float(said.split()[2]) < 0.05
    again = run("evaluate", "runs/sine/sine.safetensors", "sine").output
    assert again.startswith(said.split(" at most")[0])


def test_train_on_a_folder_sets_a_fifth_of_each_class_apart(bars: Path) -> None:
    files = {file.name for file in (bars / "run").iterdir()}
    assert files == {
        "pictures.safetensors",
        "history.json",
        "curves.png",
        "mistakes.png",
        "example.png",
    }
    task = images.folder_dataset(bars / "pictures")
    assert task.part == "validation"
    assert task.x.shape == (32, 8, 8)
    assert task.x.dtype == np.uint8
    assert np.bincount(task.y_test).tolist() == [4, 4]
    both = np.concatenate([task.x, task.x_test]).reshape(40, -1)
    assert len(np.unique(both, axis=0)) == 40
    model = hy.load(bars / "run/pictures.safetensors")
    assert model.metadata["classes"] == ["flat", "tall"]
    assert model.metadata["result"] == "8 of 8 validation images right: 100.00 %."
    flatten, rescaling, *_ = model.layers
    assert isinstance(flatten, hy.Flatten)
    assert isinstance(rescaling, hy.Rescaling)
    assert rescaling.scale == pytest.approx(1 / 255)
    assert model.predict_classes(task.x_test).tolist() == task.y_test.tolist()


def test_what_systems_leave_in_a_folder_does_not_stop_a_training(here: Path) -> None:
    words = ("--epochs", 2, "--layers", 4, "-q")
    draw_folder(here / "clean", 5)
    draw_folder(here / "left", 5)
    (here / "left/flat/Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0")
    (here / "left/desktop.ini").write_text("[x]")
    (here / "left/__MACOSX/flat").mkdir(parents=True)
    (here / "left/__MACOSX/flat/._00.png").write_bytes(b"\0\5")
    for name in ("clean", "left"):
        run("train", here / name, *words, "--output", here / f"runs/{name}")
    one, two = (hy.load(here / f"runs/{name}/{name}.safetensors") for name in ("clean", "left"))
    assert one.theta.tobytes() == two.theta.tobytes()


def test_a_folder_with_train_and_test_is_used_as_such(here: Path) -> None:
    draw_folder(here / "parts/train", 10)
    draw_folder(here / "parts/test", 3, ("tall",))  # not every class, so the labels differ
    output = run("train", "parts", "--epochs", 40, "--layers", "16", "--dropout", 0.1).output
    assert "20 images of 8 x 8 in 2 classes to train on, 3 more as test images" in output
    assert "3 of 3 test images right: 100.00 %." in output
    again = run("evaluate", "runs/parts/parts.safetensors", "parts").output
    assert again.startswith("3 of 3 images in parts/test right: 100.00 %.")
    assert "Note" not in again


def test_what_to_try_next_works_when_pasted(here: Path) -> None:
    draw_folder(here / "my pictures", 5)
    Image.new("L", (9, 9)).save(here / "my pictures/flat/other.png")
    words = ["train", "my pictures", "--image-size", "8x8", "--color", "gray", "--epochs", 1]
    output = run(*words).output
    lines = [line.strip() for line in output.partition("Try next:\n")[2].splitlines()]
    assert len(lines) == 3
    assert lines[2] == "hyalite train mnist"
    for line in lines[:2]:
        command, *words = shlex.split(line)
        assert command == "hyalite"
        run(*words)
    assert (here / "runs/my pictures-2/my pictures.safetensors").exists()


def test_the_same_seed_gives_the_same_bytes(here: Path) -> None:
    def weights(seed: int, output: str) -> bytes:
        run("train", "spiral", "--epochs", 2, "--seed", seed, "--output", output, "-q")
        return (here / output / "spiral.safetensors").read_bytes()

    assert weights(5, "a") == weights(5, "b") == weights(5, "b")
    assert weights(5, "a") != weights(6, "c")


def test_quiet_says_the_result_and_no_more() -> None:
    result = run("train", "spiral", "--epochs", 1, "--quiet")
    assert result.stdout.count("\n") == 1
    assert " of 300 test points right: " in result.stdout
    assert result.stderr == ""


def test_every_setting_reaches_the_model() -> None:
    words = "--layers 5,4 --activation tanh --optimizer sgd --learning-rate 0.25 --epochs 2"
    words += " --batch-size 100 --dropout 0.5 --l1 1e-4 --l2 1e-3"
    run("train", "spiral", *words.split(), "-q")
    model = hy.load("runs/spiral/spiral.safetensors")
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds == ["Dense", "Dropout", "Dense", "Dropout", "Dense"]
    dense = [layer for layer in model.layers if isinstance(layer, hy.Dense)]
    assert [layer.units for layer in dense] == [5, 4, 3]
    assert [(layer.l1, layer.l2) for layer in dense] == [(1e-4, 1e-3)] * 3
    assert isinstance(dense[0].activation, hy.Tanh)
    assert type(dense[0].initializer).__name__ == "GlorotUniform"
    assert isinstance(model.optimizer, hy.SGD)
    schedule = model.optimizer.learning_rate
    assert isinstance(schedule, hy.CosineDecay)
    assert (schedule.learning_rate, schedule.steps) == (0.25, 6)
    run("train", "spiral", "--layers", "none", "--epochs", 1, "-q")
    assert len(hy.load("runs/spiral/spiral.safetensors").layers) == 1


def test_images_are_augmented_on_request(bars: Path) -> None:
    run("train", bars / "pictures", "--augment", "--epochs", 2, "--output", "augmented", "-q")
    model = hy.load("augmented/pictures.safetensors")
    assert [type(layer).__name__ for layer in model.layers][:3] == [
        "RandomAffine",
        "Flatten",
        "Rescaling",
    ]


def kinds_of(path: str) -> list[str]:
    return [type(layer).__name__ for layer in hy.load(path).layers]


def test_convolutions_are_trained_and_used_like_any_network(bars: Path, here: Path) -> None:
    words = ["--layers", "conv8,pool,conv8same,16", "--epochs", 20]
    output = run("train", bars / "pictures", *words, "--output", "run").output
    assert "Conv2D, ReLU" in output
    assert "8 of 8 validation images right: 100.00 %." in output
    files = {"curves.png", "mistakes.png", "filters.png", "feature_maps.png", "occlusion.png"}
    assert files <= {file.name for file in (here / "run").iterdir()}
    for name, meaning in (
        ("filters.png", "filters of the first convolution, before training and after"),
        ("feature_maps.png", "what each layer makes of the first validation image"),
        ("occlusion.png", "which parts of an image its class hangs on"),
    ):
        assert f"  {name:<22}{meaning}\n" in output
    path = "run/pictures.safetensors"
    assert kinds_of(path) == [
        "Rescaling", "Conv2D", "MaxPooling2D", "Conv2D", "Flatten", "Dense", "Dense",
    ]  # fmt: skip
    kinds = ("HeNormal", "HeNormal", "HeNormal", "GlorotUniform")
    weighted = [layer for layer in hy.load(path).layers if hasattr(layer, "initializer")]
    assert tuple(type(layer.initializer).__name__ for layer in weighted) == kinds
    assert "40 of 40 images in" in run("evaluate", path, bars / "pictures").output
    assert run("predict", path, bars / "pictures/tall/03.png").output.startswith(
        f"{bars / 'pictures/tall/03.png'}: tall"
    )
    assert "conv2d_1" in run("summary", path, "--diagram", "model.svg").output
    run("export", path, "--numpy", "model.py", "--c", "model.c", "--torch", "m.torch.safetensors")
    assert {"model.svg", "model.py", "model.c", "m.torch.safetensors"} <= {
        file.name for file in here.iterdir()
    }


def test_the_filters_before_training_are_those_it_began_with(
    bars: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, np.ndarray] = {}
    fit, filters = hy.Sequential.fit, hy.plots.filters

    def watched_fit(model, *args, **options):
        seen["began"] = model.get_weights()["conv2d_1.W"]
        return fit(model, *args, **options)

    def watched_filters(model, before):
        seen["before"], seen["after"] = before["conv2d_1.W"], model.get_weights()["conv2d_1.W"]
        return filters(model, before)

    monkeypatch.setattr(hy.Sequential, "fit", watched_fit)
    monkeypatch.setattr(hy.plots, "filters", watched_filters)
    words = ["--layers", "conv4,gap", "--epochs", 2, "--seed", 7, "--checkpoint", "saved"]
    for more in ([], ["--resume"]):
        run("train", bars / "pictures", *words, *more, "--output", "run")
        np.testing.assert_array_equal(seen["before"], seen["began"])
        assert (seen["after"] != seen["before"]).any()


def test_the_network_of_pictures_takes_colours_and_settings_of_ones_own(here: Path) -> None:
    random = np.random.default_rng(0)
    for name, channel in (("red", 0), ("blue", 2)):
        (here / "colours" / name).mkdir(parents=True)
        for number in range(5):
            picture = random.integers(0, 60, (10, 10, 3), np.uint8)
            picture[..., channel] += 150
            Image.fromarray(picture).save(here / f"colours/{name}/{number}.png")
    small = ["--layers", "conv4,pool,conv8,gap", "--epochs", 30]
    output = run("train", "colours", "--network", "conv", *small).output
    assert "2 of 2 validation images right" in output
    assert "30 epochs, batches of 64" in output
    assert (here / "runs/colours/occlusion.png").stat().st_size > 5000
    assert kinds_of("runs/colours/colours.safetensors") == [
        "RandomAffine", "Rescaling", "Conv2D", "MaxPooling2D", "Conv2D", "GlobalAveragePooling2D",
        "Dropout", "Dense",
    ]  # fmt: skip
    assert "colours/red/0.png: red" in run(
        "predict", "runs/colours/colours.safetensors", "colours/red/0.png"
    ).output  # fmt: skip
    run("train", "colours", "--network", "conv", "--no-augment", "--dropout", 0, *small, "-q")
    assert kinds_of("runs/colours/colours.safetensors")[0] == "Rescaling"
    assert "Dropout" not in kinds_of("runs/colours/colours.safetensors")


@pytest.mark.parametrize(
    ("words", "message", "code"),
    [
        ("spiral --layers conv8,16", "--layers 'conv8,16' has layers for images; spiral has", 1),
        ("spiral --network conv", "has layers for images; spiral has none", 1),
        (
            "mnist --layers conv40x29",
            "28 x 28 are too small for --layers 'conv40x29': 'conv40x29' in place 1 takes 29 x 29 "
            "pixels, and 28 x 28 are left for it; give --layers 'conv40x29same', with borders",
            1,
        ),
        ("mnist --layers conf8,16", "'conf8' is no layer; write units of a dense layer as 128", 2),
        ("mnist --layers 16,conv8", "'conv8' takes pictures, and behind '16' there are none", 2),
        ("mnist --network cnn", "'cnn' is not one of 'dense', 'conv'", 2),
    ],
)
def test_layers_that_cannot_be(words: str, message: str, code: int) -> None:
    assert message in " ".join(run("train", *words.split(), code=code).stderr.split())


def test_small_images_are_told_of_layers_that_fit(bars: Path, here: Path) -> None:
    words = ["train", bars / "pictures", "--network", "conv", "--epochs", 2, "-q"]
    text = error_of(*words)
    assert text == (
        "Error: images of 8 x 8 are too small for --layers 'conv32,pool,conv64,pool,128': 'pool' "
        "in place 4 takes 2 x 2 pixels, and 1 x 1 are left for it; give --layers "
        "'conv32same,pool,conv64same,pool,128', with borders"
    )
    (layers,) = [part for part in text.split("'") if "same" in part]
    run(*words, "--layers", layers)


def draw_large(folder: Path, side: int, mode: str) -> None:
    for name, gray in (("dark", 40), ("light", 200)):
        (folder / name).mkdir(parents=True)
        for number in range(5):
            Image.new(mode, (side, side), gray if mode == "L" else (gray, 90, number)).save(
                folder / f"{name}/{number}.png"
            )


def test_large_images_are_refused_for_what_looks_at_them(here: Path) -> None:
    draw_large(here / "large", 160, "RGB")  # 76,800 numbers
    start = f"{Path('large/dark/0.png')} is 160 x 160 in colour, 76,800 numbers, and every "
    end = "To have them as large as they are, pass --image-size HEIGHTxWIDTH"
    assert error_of("train", "large", "-q") == (
        f"Error: {start}unit of a dense layer has a weight for each; resize all with --image-size "
        f"64x64, say, or take convolutions, --network conv. {end}"
    )
    words = ["--layers", "conv2s2,pool3,gap", "--epochs", 1, "-q"]
    run("train", "large", *words)
    run("train", "large", "--image-size", "160x160", "--layers", 2, "--epochs", 1, "-q")
    draw_large(here / "larger", 520, "L")  # 270,400
    start = f"{Path('larger/dark/0.png')} is 520 x 520, 270,400 numbers, and every "
    assert error_of("train", "larger", *words) == (
        f"Error: {start}filter looks at all of them; resize all with --image-size 64x64, say. {end}"
    )
    assert "--network conv" not in error_of("train", "larger", "-q")


@pytest.mark.parametrize(
    ("words", "next_words"),
    [
        ("--layers 8", "--layers 128,128 --dropout 0.1"),
        ("--network conv --layers conv8,gap", "--network conv --layers conv8,gap --epochs 4"),
        ("--network conv --layers 8", "--layers 128,128 --dropout 0.1"),
        ("--layers conv8,gap", "--layers conv8,gap --augment --epochs 4"),
    ],
)
def test_what_to_try_next_with_images(words: str, next_words: str, bars: Path) -> None:
    folder = bars / "pictures"
    output = run("train", folder, *words.split(), "--epochs", 2, "--output", "run").output
    _, line, _ = output.partition("Try next:\n")[2].splitlines()
    assert line.split() == [
        "hyalite", "train", str(folder), *next_words.split(), "--output", "run-2",
    ]  # fmt: skip
    run(*line.split()[1:])


def test_the_named_network_is_named_again() -> None:
    x, y = np.zeros((600, 28, 28), np.uint8), np.zeros(600, np.int64)
    digits = hy.recipes.Dataset("digits", "images", x, y, x, y, ("a", "b"))
    recipe = pictures.recipe_for("conv", {})
    words = f"--network conv --epochs {2 * recipe.epochs_for(digits)}"
    assert other_network("conv", recipe, digits) == words


def test_the_words_of_the_options_are_those_of_the_library() -> None:
    assert set(arguments.ACTIVATIONS) == set(ACTIVATIONS) - {"softmax"}
    assert set(arguments.OPTIMIZERS) == set(OPTIMIZERS) == set(recipe.PEAK_LEARNING_RATES)
    assert set(networks.RECTIFIERS) <= set(ACTIVATIONS)
    assert arguments.TABLES == reading.ENDINGS
    assert arguments.KNOWN_DATA == named.NAMES
    assert set(arguments.NETWORKS) == set(pictures.NETWORKS)
    text = run("train", "--help").output
    assert all(name in text for name in (*ACTIVATIONS.keys() - {"softmax"}, *OPTIMIZERS))
    assert "adam's: 0.005" in text
    assert recipe.PEAK_LEARNING_RATES["adam"] == 0.005


def test_without_matplotlib_training_works_and_says_once_what_to_install(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    result = run("train", "spiral", "--epochs", 1)
    assert result.output.count("pip install 'hyalite[plot]'") == 1
    assert "No pictures: drawing" in result.stdout
    assert "test points right" in result.output
    files = {file.name for file in (here / "runs/spiral").iterdir()}
    assert files == {"spiral.safetensors", "history.json"}


def test_a_training_that_explodes_says_what_to_change() -> None:
    words = "train spiral --optimizer sgd --learning-rate 1e12 --epochs 2 -q"
    assert "A smaller learning rate" in error_of(*words.split())


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ there")
def test_interrupting_ends_with_130_and_one_line(here: Path) -> None:
    words = [*PROGRAM, "train", "spiral", "--epochs", "100000"]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        while b"epoch 1/" not in process.stdout.readline():
            assert process.poll() is None
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
        assert process.stderr.read().strip() == b"Interrupted."
    assert not list((here / "runs/spiral").iterdir())


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="signals differ there")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_goes_on_to_the_same_model(
    here: Path, number: signal.Signals, code: int
) -> None:
    train = ["train", "spiral", "--epochs", "1500", "--batch-size", "8", "--dropout", "0.1"]
    words = [*train, "--checkpoint", "saved", "--save-every", "1 h"]
    with subprocess.Popen(
        [*PROGRAM, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        while b"epoch 1/" not in process.stdout.readline():
            assert process.poll() is None
        time.sleep(0.3)
        process.send_signal(number)
        assert process.wait(10) == code
        assert b"all of it is saved in saved. To go on" in process.stderr.read()
    assert len(list((here / "saved").iterdir())) == 1
    assert not list((here / "runs/spiral").iterdir())
    assert "holds checkpoints of an earlier run" in error_of(*words)
    for last in ([*words, "--resume"], [*train, "--output", "plain"]):
        subprocess.run([*PROGRAM, *last], env=ENVIRONMENT, check=True, capture_output=True)
    resumed, plain = here / "runs/spiral/spiral.safetensors", here / "plain/spiral.safetensors"
    assert resumed.read_bytes() == plain.read_bytes()


def test_options_for_checkpoints_that_make_no_sense() -> None:
    assert "--resume needs --checkpoint" in run("train", "spiral", "--resume", code=2).stderr
    words = ["train", "spiral", "--checkpoint", "saved", "--save-every", "often"]
    assert "every must be 'epoch', a number of steps" in error_of(*words)
    other = ["train", "spiral", "--epochs", "2", "--checkpoint", "saved"]
    run(*other)
    assert "holds another run: its" in run(*other, "--resume", "--batch-size", "7", code=1).stderr


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (None, "--layers 128,128 --dropout 0.2"),
        (Verdict("network", "..."), "--layers 128,128 --dropout 0.2"),
        (Verdict("linear", "..."), "--layers none"),
        (Verdict("trivial", "..."), ""),
        (Verdict("network", "...", ("price in $", "b")), "--ignore 'price in $,b'"),
    ],
)
def test_what_a_table_is_tried_with_next_goes_by_the_verdict(
    verdict: Verdict | None, words: str
) -> None:
    steps = next_steps(
        "a.csv", ["--target y"], "rows", Path("o"), Path("o/m.safetensors"), (), verdict
    )
    trained = [step for step in steps if step.startswith("hyalite train")]
    assert trained == ([f"hyalite train a.csv --target y {words} --output o-2"] if words else [])
