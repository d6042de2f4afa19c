"""What the command line does in one line, Python does in one line, and with the same bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import hyalite as hy
from hyalite.cli import commands


def run(*words: object) -> str:
    result = CliRunner().invoke(commands, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    return result.output


def same_bytes(trained: hy.recipes.Trained, path: str) -> None:
    """The model that Python trained is the one in the file, to the last byte."""
    model = hy.load(path)
    assert trained.model.theta.tobytes() == model.theta.tobytes()
    trained.save("python.safetensors")
    assert Path("python.safetensors").read_bytes() == Path(path).read_bytes()


def test_a_table_of_numbers(houses: Path) -> None:
    words = ["--target", "price", "--ignore", "cheap", "--epochs", 40, "--seed", 3]
    output = run("train", "houses.csv", *words, "--layers", 16)
    trained = hy.recipes.fit_table(
        "houses.csv", target="price", ignore=["cheap"], epochs=40, seed=3, layers=(16,), verbose=0
    )
    same_bytes(trained, "runs/houses/houses.safetensors")
    assert f"\n{trained.result}\n\n{trained.report}\n" in output
    assert len(trained.history) == 40
    ways = list(trained.report.figures)
    assert ways == ["this network", "ridge regression", "always the mean"]
    rows = hy.tables.read("houses.csv")
    predicted = trained.predict(rows)
    assert predicted.shape == (300,)
    assert 10_000 < predicted.mean() < 15_000, "in the target's own unit"
    np.testing.assert_array_equal(trained.predict("houses.csv"), predicted)
    loaded = hy.recipes.load("runs/houses/houses.safetensors")
    np.testing.assert_array_equal(loaded.predict(rows), predicted)
    off = np.abs(trained.dataset.y_test - trained.model.predict(trained.dataset.x_test)[:, 0])
    figures = trained.report.figures["this network"]
    assert figures["mean error"] == pytest.approx(off.mean())
    with pytest.raises(ValueError, match="predicts no classes"):
        trained.predict_proba(rows)


def test_a_table_of_classes(houses: Path) -> None:
    run("train", "houses.csv", "--target", "cheap", "--ignore", "price,id", "--epochs", 40, "-q")
    trained = hy.recipes.fit_table(
        "houses.csv", "cheap", ignore=["price", "id"], epochs=40, verbose=0
    )
    same_bytes(trained, "runs/houses/houses.safetensors")
    assert trained.pipeline.classes == ("no", "yes")
    rows = hy.tables.read("houses.csv")
    names, shares = trained.predict(rows), trained.predict_proba(rows)
    assert names.tolist() == [("no", "yes")[k] for k in shares.argmax(axis=1)]
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-6)
    assert trained.evaluate("houses.csv")["accuracy"] > 0.8
    assert trained.evaluate(rows) == trained.evaluate("houses.csv")
    assert repr(trained) == f"<Trained on houses: {trained.result}>"


def test_pictures(pictures: Path) -> None:
    words = ["--epochs", 20, "--layers", 16, "--image-size", "6x6", "--color", "rgb"]
    run("train", "pictures", *words, "-q")
    trained = hy.recipes.fit_images(
        pictures, size=(6, 6), color="rgb", epochs=20, layers=[16], verbose=0
    )
    same_bytes(trained, "runs/pictures/pictures.safetensors")
    paths = [pictures / name / "00.png" for name in ("tall", "flat")]
    assert trained.predict(paths).tolist() == ["tall", "flat"]
    assert list(trained.report.figures) == ["this network", "always 'flat'"]


@pytest.mark.parametrize("name", ["spiral", "sine"])
def test_known_data(here: Path, name: str) -> None:
    run("train", name, "--epochs", 3, "--dropout", 0.1, "--optimizer", "sgd", "-q")
    trained = hy.recipes.fit_dataset(name, epochs=3, dropout=0.1, optimizer="sgd", verbose=0)
    same_bytes(trained, f"runs/{name}/{name}.safetensors")
    assert (
        trained.evaluate(name).keys()
        == trained.model.evaluate(trained.dataset.x_test, trained.dataset.y_test).keys()
    )


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_frames_give_what_their_file_gives(houses: Path, kind: str) -> None:
    library = pytest.importorskip(kind, reason="a frame of its own")
    settings = {"ignore": ["cheap"], "epochs": 2, "verbose": 0, "engine": "numpy"}
    frame = library.read_csv("houses.csv")
    trained = hy.recipes.fit_table(frame, "price", **settings)
    other = hy.recipes.fit_table("houses.csv", "price", **settings)
    assert trained.model.theta.tobytes() == other.model.theta.tobytes()
    assert trained.dataset.name == "table"
    np.testing.assert_array_equal(trained.predict(frame), other.predict("houses.csv"))


def test_a_run_can_be_saved_and_gone_on_with(houses: Path) -> None:
    settings = {"ignore": ["cheap"], "epochs": 4, "verbose": 0, "engine": "numpy"}
    whole = hy.recipes.fit_table("houses.csv", "price", **settings)

    class Break(hy.Callback):
        def on_epoch_end(self, model, epoch, figures) -> None:
            if epoch == 1:
                raise KeyboardInterrupt

    saving = hy.Checkpoint("saved", resume=True)
    with pytest.raises(KeyboardInterrupt):
        hy.recipes.fit_table(
            "houses.csv", "price", callbacks=[Break()], checkpoint=saving, **settings
        )
    again = hy.recipes.fit_table("houses.csv", "price", checkpoint=saving, **settings)
    assert again.model.theta.tobytes() == whole.model.theta.tobytes()


def test_the_trained_model_goes_on_in_the_targets_unit(houses: Path) -> None:
    trained = hy.recipes.fit_table(
        "houses.csv", "price", ignore=["cheap"], epochs=30, verbose=0, engine="numpy"
    )
    data, model = trained.dataset, trained.model
    before = model.evaluate(data.x_test, data.y_test)["mean_absolute_error"]
    assert before == pytest.approx(trained.report.figures["this network"]["mean error"], rel=1e-5)
    model.compile("mse", hy.Adam(1e-4), ["mae"], engine="numpy")
    model.fit(data.x, data.y, epochs=1, seed=0, verbose=0)
    assert model.evaluate(data.x_test, data.y_test)["mean_absolute_error"] < 1.2 * before


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: hy.recipes.fit_dataset("mnits"), "no data set 'mnits'. Did you mean 'mnist'?"),
        (lambda: hy.recipes.fit_table("houses.csv", "prize"), "Did you mean 'price'?"),
        (lambda: hy.recipes.fit_table([[1, 2]], "x"), "a data frame of pandas, polars or pyarrow"),
        (
            lambda: hy.recipes.fit_table("houses.csv", "price", validation_split=0),
            "leaves one part empty",
        ),
        (lambda: hy.recipes.fit_images("."), "no sub-folders"),
    ],
)
def test_what_is_refused(houses: Path, call, message) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011  # the text is compared below
        call()
    assert message in str(error.value)
