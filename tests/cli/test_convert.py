"""`hyalite convert`: weights from elsewhere."""

from __future__ import annotations

import pickle
from itertools import pairwise
from pathlib import Path

import click
import numpy as np
from click.testing import CliRunner

import hyalite as hy
from hyalite.cli import commands
from hyalite.cli.arguments import ACTIVATIONS
from hyalite.files import import_pickle


def run(*words: object) -> tuple[int, str]:
    """The exit code, and what was asked for or else the complaint; not what the error stream says
    besides, as that the engine is being compiled.
    """
    result = CliRunner().invoke(commands, [str(word) for word in words])
    return result.exit_code, result.stderr if result.exit_code else result.stdout


def test_convert_makes_a_model_of_the_books_weights(shared: Path, tmp_path: Path) -> None:
    book = shared / "data" / "book" / "sample_weight.pkl"
    code, text = run("convert", book, tmp_path / "book.safetensors", "--activation", "sigmoid")
    assert code == 0, text
    model = hy.load(tmp_path / "book.safetensors")
    arrays = import_pickle(book)
    np.testing.assert_array_equal(model.layers[1].W, arrays["W2"])
    _, (x, y) = hy.datasets.mnist()
    assert model.evaluate(x, y)["accuracy"] == 0.9352


def write_weights(path: Path, *sizes: int) -> Path:
    """A pickle of the weights of dense layers, named as the books name them."""
    arrays = {}
    for number, (inputs, units) in enumerate(pairwise(sizes), start=1):
        arrays[f"W{number}"] = np.ones((inputs, units), np.float32)
        arrays[f"b{number}"] = np.zeros(units, np.float32)
    path.write_bytes(pickle.dumps(arrays, protocol=2))
    return path


def test_convert_guesses_no_activation(tmp_path: Path) -> None:
    weights, made = write_weights(tmp_path / "weights.pkl", 3, 4, 2), tmp_path / "out.safetensors"
    code, text = run("convert", weights, made)
    assert code == 2
    text = " ".join(text.replace("│", " ").split())
    assert "does not say which activation they were trained with" in text
    assert f"--activation sigmoid (or {', '.join(ACTIVATIONS)})" in text
    assert not made.exists()
    code, text = run("convert", weights, made, "--activation", "tanh")
    assert code == 0
    assert "last layer was taken to be softmax; --last names another" in text
    assert isinstance(hy.load(made).layers[0].activation, hy.Tanh)


def test_convert_asks_for_no_activation_where_no_layer_is_hidden(tmp_path: Path) -> None:
    weights, made = write_weights(tmp_path / "weights.pkl", 3, 1), tmp_path / "out.safetensors"
    code, text = run("convert", weights, made, "--last", "linear")
    assert code == 0, text
    assert "taken to be" not in text
    assert hy.load(made).predict(np.ones((1, 3))).tolist() == [[3.0]]


def test_convert_knows_a_network_of_the_book_by_its_convolutions(tmp_path: Path) -> None:
    weights, made = tmp_path / "params.pkl", tmp_path / "out.safetensors"
    arrays = {"W1": np.ones((3, 1, 5, 5)), "b1": np.ones(3), "W2": np.ones((3 * 12 * 12, 8))}
    arrays |= {"b2": np.ones(8), "W3": np.ones((8, 10)), "b3": np.ones(10)}
    weights.write_bytes(pickle.dumps(arrays, protocol=2))
    code, text = run("convert", weights, made)
    assert code == 0, text
    assert "out.safetensors written: the book's SimpleConvNet." in " ".join(text.split())
    assert hy.load(made).predict(np.ones((1, 28, 28))).shape == (1, 10)
    code, text = run("convert", weights, tmp_path / "other.safetensors", "--activation", "tanh")
    assert code == 2
    assert "leave out --activation" in " ".join(text.replace("│", " ").split())


def test_convert_refuses_what_is_no_pickle_of_arrays(tmp_path: Path) -> None:
    bad = tmp_path / "bad.pkl"
    bad.write_bytes(b"cos\nsystem\n(S'touch pwned'\ntR.")
    code, text = run("convert", bad, tmp_path / "out.safetensors")
    assert code == 1
    assert "os.system" in text
    assert list(tmp_path.iterdir()) == [bad]


def test_the_help_tells_the_defaults_that_the_options_have() -> None:
    for command in commands.commands.values():
        shown = CliRunner().invoke(commands, [command.name, "--help"]).output
        for option in command.params:
            if isinstance(option, click.Option):
                assert "[default" not in (option.help or ""), "typed by hand"
                if isinstance(option.default, str):
                    assert f"[default: {option.default}]" in shown
