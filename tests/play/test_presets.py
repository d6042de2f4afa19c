"""Each question of the page shows what it says of itself: the library trains it and looks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hyalite as hy
from hyalite.data.digits import find_digit
from hyalite.parameters import Array
from hyalite.play.data import data_of
from hyalite.play.run import Run
from hyalite.play.settings import merged, normalized, of_runs

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "src/hyalite/play/presets").glob("*.json"))
PRESETS = [json.loads(path.read_text(encoding="utf-8")) for path in FILES]
TEXTS = ("title", "question", "hint", "answer")
DEEP = {"mnist"}  # data that take seconds


class Trained:
    """The runs of some settings after so many epochs, and what is measured of them."""

    def __init__(self, settings: dict[str, Any], epochs: int) -> None:
        normal = normalized({**settings, "epochs": epochs})
        self.runs = {}
        for name, own in of_runs(normal).items():
            run = Run(own, data_of(own, {}))
            run.train(epochs)
            self.runs[name] = run

    def figure(self, name: str) -> Any:
        """A figure of the table; with "_b" at its end, of the other run."""
        run = self.runs["b" if name.endswith("_b") and name not in FIGURES else "a"]
        measure = FIGURES.get(name) or FIGURES[name.removesuffix("_b")]
        return measure(self, run) if name in BOTH else measure(run)


def outputs(run: Run, layer: int, part: str = "training") -> Array:
    """What a layer of the model gives for the samples of a part."""
    x = np.asarray(run.part(part)[0], run.settings["dtype"])
    for each in run.model.layers[: layer + 1]:
        x = each.forward(x)
    return np.array(x)


def hidden(run: Run) -> list[int]:
    """Places of the dense layers but the last."""
    dense = [n for n, layer in enumerate(run.model.layers) if isinstance(layer, hy.Dense)]
    return dense[:-1]


def accuracy(part: str) -> Callable[[Run], float]:
    def measure(run: Run) -> float:
        x, y, _ = run.part(part)
        return float((run.model.predict(x).argmax(axis=1) == y).mean())

    return measure


def recall(run: Run) -> float:
    x, y, _ = run.part("test")
    right = run.model.predict(x).argmax(axis=1) == y
    return float(min(right[y == label].mean() for label in np.unique(y)))


def losses(run: Run, name: str = "loss") -> Array:
    return np.array(run.model.history[name])


def gradient_ratio(run: Run) -> float:
    """The mean size of the first layer's gradients by that of the last layer's."""
    x, y, _ = run.part("training")
    trace = run.model.trace(x[:100], y[:100])
    names = ["dense_1.dW", f"dense_{len(hidden(run)) + 1}.dW"]
    first, last = (np.abs(trace[name]).mean() for name in names)
    return float(first / last)


def val_loss_rise(run: Run) -> float:
    x, y, _ = run.part("test")
    return float(run.model.evaluate(x, y)["loss"] / losses(run, "val_loss").min())


def sure_of_square(run: Run) -> float:
    """How sure it is of a picture of no digit: a filled square."""
    picture = np.full((100, 100), 255, np.uint8)
    picture[20:80, 20:80] = 0
    return float(run.model.predict(find_digit(picture).like_mnist()[None]).max())


def tremble(run: Run) -> float:
    """How far the loss moves from epoch to epoch, by the loss itself, over the last thirty."""
    last = losses(run)[-30:]
    return float(np.abs(np.diff(last)).mean() / last.mean())


FIGURES: dict[str, Callable[..., Any]] = {
    "failed": lambda run: run.failed is not None,
    "loss": lambda run: losses(run)[-1],
    "loss_left": lambda run: losses(run)[-1] / losses(run)[0],
    "accuracy": accuracy("training"),
    "val_accuracy": accuracy("test"),
    "gap": lambda run: accuracy("training")(run) - accuracy("test")(run),
    "val_loss_rise": val_loss_rise,
    "least_recall": recall,
    "dead": lambda run: (outputs(run, hidden(run)[-1]) == 0).all(axis=0).mean(),
    "saturated": lambda run: (np.abs(outputs(run, hidden(run)[0])) > 0.9).mean(),
    "equal_units": lambda run: bool(np.ptp(run.model.layers[0].W, axis=1).max() == 0),
    "largest_weight": lambda run: max(np.abs(run.model.layers[n].W).max() for n in hidden(run)),
    "gradient_ratio": gradient_ratio,
    "tremble": tremble,
    "sure_of_square": sure_of_square,
    "loss_ratio_b": lambda both, _: losses(both.runs["b"])[-1] / losses(both.runs["a"])[-1],
    "val_gain_b": lambda both, _: both.figure("val_accuracy_b") - both.figure("val_accuracy"),
    "parameters_ratio_b": lambda both, _: (
        both.runs["b"].model.theta.size / both.runs["a"].model.theta.size
    ),
}
BOTH = {"loss_ratio_b", "val_gain_b", "parameters_ratio_b"}


def cases() -> list[Any]:
    """Each question as it opens, and with each of its repairs."""
    found = []
    for preset in PRESETS:
        marks = [pytest.mark.long] if preset["settings"]["data"]["kind"] in DEEP else []
        variants = [("as it opens", {}, preset)]
        variants += [(each["label"]["en"], each["patch"], each) for each in preset["tries"]]
        for label, patch, said in variants:
            settings = merged(preset["settings"], patch)
            epochs = said.get("epochs", preset["epochs"])
            name = f"{preset['name']}: {label}"
            found.append(pytest.param(settings, epochs, said["shows"], id=name, marks=marks))
    return found


@pytest.mark.parametrize(("settings", "epochs", "shows"), cases())
def test_it_shows_what_it_says(
    settings: dict[str, Any], epochs: int, shows: dict[str, Any]
) -> None:
    trained = Trained(settings, epochs)
    assert shows
    for name, said in shows.items():
        value = trained.figure(name)
        if isinstance(said, bool):
            assert value is said, f"{name} is {value}"
            continue
        assert said.keys() <= {"above", "below"}
        assert said.get("above", -np.inf) < value < said.get("below", np.inf), f"{name} is {value}"


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset["name"])
def test_it_is_complete_in_both_languages(preset: dict[str, Any]) -> None:
    assert list(preset) == [
        "name", "order", *TEXTS, "lesson", "settings", "view", "epochs", "shows", "tries",
    ]  # fmt: skip
    texts = [preset[name] for name in TEXTS] + [each["label"] for each in preset["tries"]]
    for text in texts:
        assert list(text) == ["en", "zh"]
        assert re.search("[\u4e00-\u9fff]", text["zh"])
        assert not re.search("[\u4e00-\u9fff]", text["en"])
    assert preset["question"]["en"].endswith("?")


def test_there_are_many_and_names_are_those_of_their_files() -> None:
    assert [preset["name"] for preset in PRESETS] == [path.stem for path in FILES]
    assert len(PRESETS) >= 12
    assert len({preset["order"] for preset in PRESETS}) == len(PRESETS)


def test_the_page_for_teachers_lists_all() -> None:
    page = (ROOT / "docs/guide/play-lesson.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([a-z-]+)` \|", page, re.M)
    assert listed == [p["name"] for p in sorted(PRESETS, key=lambda preset: preset["order"])]
