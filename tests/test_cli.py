from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

import hyalite as hy
from hyalite import cli
from hyalite.cli import arguments
from hyalite.cli.predict import BAR_WIDTH, bar
from hyalite.data.tables import reading
from hyalite.layers import ACTIVATIONS
from hyalite.optimizers import OPTIMIZERS
from hyalite.recipes import images, named, networks, recipe
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


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def bars(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of pictures and, in `run`, what training on it left."""
    folder = tmp_path_factory.mktemp("bars")
    draw_folder(folder / "pictures", 20)
    run("train", folder / "pictures", "--epochs", 30, "--layers", 16, "--output", folder / "run")
    return folder


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


def test_the_words_of_the_options_are_those_of_the_library() -> None:
    assert set(arguments.ACTIVATIONS) == set(ACTIVATIONS) - {"softmax"}
    assert set(arguments.OPTIMIZERS) == set(OPTIMIZERS) == set(recipe.PEAK_LEARNING_RATES)
    assert set(networks.RECTIFIERS) <= set(ACTIVATIONS)
    assert arguments.TABLES == reading.ENDINGS
    assert arguments.KNOWN_DATA == named.NAMES
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


def test_summary_shows_layers_data_classes_and_result(bars: Path) -> None:
    output = run("summary", bars / "run/pictures.safetensors").output
    assert "rescaling_1  Rescaling" in output
    assert "trained on  pictures\n" in output
    assert "classes     flat, tall\n" in output
    assert "CosineDecay(learning_rate=0.005" in output
    assert "result      8 of 8 validation images right: 100.00 %.\n" in output


def test_summary_of_a_bare_model() -> None:
    model = hy.Sequential([hy.Dense(2)])
    model.build(3, seed=0)
    model.save("bare.safetensors")
    assert run("summary", "bare.safetensors").output.rstrip().endswith("samples (3,)")


def test_datasets_tells_where_fashion_mnist_is(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from hyalite.data import datasets, fetch

    monkeypatch.delenv("HYALITE_DATA", raising=False)
    monkeypatch.setattr(datasets, "_SYSTEM_FOLDER", here / "nowhere")
    monkeypatch.setattr(fetch, "cache_folder", lambda name: here / "cache" / name)
    output = run("datasets").output
    for name in arguments.KNOWN_DATA:
        assert f"\n{name} " in f"\n{output}"
    assert f"downloaded when first used, 31 MB, into {here / 'cache'}" in output
    folder = here / "data/fashion-mnist"
    folder.mkdir(parents=True)
    monkeypatch.setenv("HYALITE_DATA", str(here / "data"))
    assert f"on disk in {folder}" in run("datasets").output
    monkeypatch.setenv("HYALITE_DATA", str(here / "none"))
    assert "not found: HYALITE_DATA=" in run("datasets").output
    monkeypatch.delenv("HYALITE_DATA")
    (here / "cache").mkdir()
    (here / "data/fashion-mnist").rename(here / "cache/fashion-mnist")
    for file in fetch.FASHION_MNIST_FILES:
        (here / "cache/fashion-mnist" / file).touch()
    assert f"on disk in {here / 'cache/fashion-mnist'}" in run("datasets").output
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "pooch", None)
    monkeypatch.setenv("HYALITE_DATA", "")
    monkeypatch.setattr(datasets, "_SYSTEM_FOLDER", here / "nowhere")
    assert "pip install 'hyalite[data]'" in run("datasets").output


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("train nosuch", "'nosuch' is neither one of mnist, fashion-mnist, spiral, sine nor a fo"),
        ("train spiral --layers 64,x", "'64,x' is no list of sizes; write 64,64 or 128 or none."),
        ("train spiral --layers 0", "'0' is no list of sizes"),
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
        ("predict points.safetensors text.txt", "does not take pictures: its samples have shape"),
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


def test_a_training_that_explodes_says_what_to_change() -> None:
    words = "train spiral --optimizer sgd --learning-rate 1e12 --epochs 2 -q"
    assert "A smaller learning rate" in error_of(*words.split())


def test_predict_names_the_picture_that_cannot_be_read(bars: Path, here: Path) -> None:
    model = bars / "run/pictures.safetensors"
    assert error_of("predict", model, "gone.png") == "Error: gone.png: No such file or directory"
    (here / "no.png").write_text("text")
    assert "no.png: found no readable picture" in error_of("predict", model, "no.png")


def test_version_and_help() -> None:
    assert run("--version").output == f"hyalite, version {hy.__version__}\n"
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
    run(*words, "--resume")
    run(*train, "--output", "plain")
    resumed, plain = here / "runs/spiral/spiral.safetensors", here / "plain/spiral.safetensors"
    assert resumed.read_bytes() == plain.read_bytes()


def test_options_for_checkpoints_that_make_no_sense() -> None:
    assert "--resume needs --checkpoint" in run("train", "spiral", "--resume", code=2).stderr
    words = ["train", "spiral", "--checkpoint", "saved", "--save-every", "often"]
    assert "every must be 'epoch', a number of steps" in error_of(*words)
    other = ["train", "spiral", "--epochs", "2", "--checkpoint", "saved"]
    run(*other)
    assert "holds another run: its" in run(*other, "--resume", "--batch-size", "7", code=1).stderr


def test_a_reader_that_goes_away_ends_it_quietly() -> None:
    words = [*PROGRAM, "datasets"]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
