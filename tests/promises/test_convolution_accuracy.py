"""The goals of networks with convolutions: the command runs, resumes and reports."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from benchmarks.__main__ import main
from benchmarks.convolution_accuracy import command, measure
from benchmarks.convolution_accuracy.goals import GOALS, Goal
from benchmarks.convolution_accuracy.training import own
from click.testing import CliRunner

import hyalite as hy
from hyalite.recipes import Dataset
from hyalite.recipes.pictures import recipe_for

Y = np.arange(200) // 100  # dark pictures and bright ones
X = np.tile(np.arange(200)[:, None, None] + 56 * Y[:, None, None], (1, 4, 4)).astype(np.uint8)
TOY = Dataset("toy", "images", X, Y, X[::3], Y[::3], ("dark", "bright"))
MNIST = Dataset(
    "mnist", "images", *(np.zeros((8, 28, 28), np.uint8), np.zeros(8, np.int64)) * 2, ("0",) * 10
)


def layers() -> list[hy.layers.Layer]:
    return [hy.Rescaling(1 / 255), hy.Flatten(), hy.Dense(32, "relu")]


@pytest.fixture
def toys(monkeypatch):
    for name, least, seconds in (("easy", 0.9, 60.0), ("impossible", 1.01, None)):
        make = own(layers, rate=0.05, epochs=40, batch_size=20)
        goal = Goal(f"the {name} one", least, make, seconds=seconds)
        monkeypatch.setitem(GOALS, name, goal)
    monkeypatch.setattr(measure, "named_dataset", lambda name: TOY)
    monkeypatch.setattr(command.machine, "describe", lambda: {"processor": "an abacus"})
    hy.set_num_threads(2)
    yield
    hy.set_num_threads(None)


def run(*arguments, out, only="easy,impossible"):
    words = ["--out", str(out), "convolution-accuracy", "--only", only, *arguments]
    done = CliRunner().invoke(main, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def seeds_of(out, key):
    text = (out / "convolution-accuracy.json").read_text(encoding="utf-8")
    return json.loads(text)["goals"][key]["seeds"]


def test_command_writes_page_and_json(tmp_path, toys):
    output = run("--seeds", "5", only="easy", out=tmp_path)
    assert output.count("easy, seed ") == 5
    shares = [found["accuracy"] for found in seeds_of(tmp_path, "easy").values()]
    text = (tmp_path / "convolution-accuracy.md").read_text(encoding="utf-8")
    cells = [cell.strip() for cell in rows_of(text, "the easy one").split("|")[1:-1]]
    assert cells[1:4] == ["MNIST", "≥ 90 %", "610"]  # 16·32 + 32 + 32·2 + 2
    assert cells[4] == f"{100 * np.mean(shares):.2f} %"
    assert cells[5:8] == [f"{100 * min(shares):.2f} %", f"{100 * max(shares):.2f} %", "5"]
    assert cells[-1] == "yes"
    assert rows_of(text, "the impossible one").endswith("not measured |")
    assert "within 60 s on two cores: 0." in text
    assert "32, 2; 40 epochs, batches of 20, Adam, learning rate up to 0.05 and" in text


def rows_of(text, start):
    return next(line for line in text.splitlines() if line.startswith(f"| {start}"))


def test_a_run_goes_on_where_it_stood(tmp_path, toys):
    run("--seeds", "1", out=tmp_path)
    first = seeds_of(tmp_path, "easy")
    output = run("--seeds", "2", out=tmp_path)
    assert "easy, seed 0" not in output
    assert "easy, seed 1" in output
    assert seeds_of(tmp_path, "easy")["0"] == first["0"]
    assert list(seeds_of(tmp_path, "impossible")) == ["0", "1"]
    text = (tmp_path / "convolution-accuracy.md").read_text(encoding="utf-8")
    assert rows_of(text, "the impossible one").endswith("no, so far |")
    assert "seed" not in run("--seeds", "2", out=tmp_path)
    output = run("--seeds", "1", "--again", only="easy", out=tmp_path)
    assert "easy, seed 0" in output
    assert seeds_of(tmp_path, "easy")["0"]["accuracy"] == first["0"]["accuracy"]
    assert list(seeds_of(tmp_path, "easy")) == ["0", "1"]


def test_figures_of_another_setting_go(tmp_path, toys, monkeypatch):
    run("--seeds", "2", out=tmp_path)
    make = own(layers, rate=0.04, epochs=40, batch_size=20)
    monkeypatch.setitem(GOALS, "easy", replace(GOALS["easy"], make=make))
    output = run("--seeds", "1", out=tmp_path)
    assert "easy, seed 0" in output
    assert list(seeds_of(tmp_path, "easy")) == ["0"]
    assert list(seeds_of(tmp_path, "impossible")) == ["0", "1"]


def test_settings_are_judged_by_training_pictures(tmp_path, toys, monkeypatch):
    monkeypatch.setattr(measure, "HELD_OUT", 50)
    part = measure.without_held_out(TOY)
    np.testing.assert_array_equal(part.x, X[:150])
    np.testing.assert_array_equal(part.y_test, Y[150:])
    output = run("--held-out", "--seeds", "1", only="easy", out=tmp_path)
    assert "easy, seed 0, of 50 held out: " in output
    assert not list(tmp_path.iterdir())


def test_the_networks_are_those_that_the_goals_name():
    parameters = {
        key: goal.make(MNIST, 0).model.theta.size
        for key, goal in GOALS.items()
        if key != "network-conv"
    }
    assert parameters["simple-conv-net"] == 433_890
    assert parameters["deep-conv-net"] == 123_552
    assert parameters["mnist-convnet"] == 34_826
    assert parameters["small"] <= 16_000
    assert parameters["fashion"] <= 125_000
    assert parameters["fashion-normalized"] <= 125_000
    assert GOALS["one-epoch"].make(MNIST, 0).epochs == 1
    for key in ("simple-conv-net", "small", "deep-conv-net"):
        assert GOALS[key].make(MNIST, 0).epochs == 20
    assert GOALS["mnist-convnet"].make(MNIST, 0).epochs == 15
    recipe = recipe_for("conv", {"seed": 3})
    training = GOALS["network-conv"].make(MNIST, 3)
    assert training.batch_size == recipe.batch_size
    np.testing.assert_array_equal(training.model.theta, recipe.model(MNIST).theta)


def test_words():
    texts = [GOALS[key].make(MNIST, 0).network for key in ("deep-conv-net", "small")]
    assert texts[0].startswith("conv16 with border 1, conv16 with border 1, pool, conv32 with")
    assert texts[1] == (
        "`RandomAffine()`, conv16x5, pool, batch normalization, conv24, batch normalization, "
        "conv24, pool, batch normalization, 10"
    )
