"""What an object's constructor was given describes it: print, store, compare."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import hyalite as hy
from hyalite import metrics
from hyalite.config import Configurable
from tests.inputs import classifier, refused


class Base(Configurable):
    def __init__(self, rate: float, *, decay: float = 0.0, name: str | None = None) -> None:
        self.rate, self.decay, self.name = rate, decay, name


class Derived(Base):
    def __init__(self, rate: float = 0.1, power: int = 2, **options) -> None:
        super().__init__(rate, **options)
        self.power = power


def test_what_is_passed_on_is_spelled_out_in_the_signature() -> None:
    parameters = inspect.signature(Derived).parameters
    assert list(parameters) == ["rate", "power", "decay", "name"]
    assert parameters["decay"].kind is inspect.Parameter.KEYWORD_ONLY
    assert parameters["decay"].default == 0.0
    made = Derived(power=3, decay=0.5)
    assert made.get_config() == {"rate": 0.1, "power": 3, "decay": 0.5, "name": None}
    assert repr(made) == "Derived(power=3, decay=0.5)"
    with pytest.raises(TypeError, match="unexpected keyword argument 'decline'"):
        Derived(decline=1)


def test_the_former_name_of_get_config_still_works_and_names_the_new_one() -> None:
    with pytest.warns(DeprecationWarning, match=r"get_config\(\) now"):
        assert hy.ReLU().settings() == hy.ReLU().get_config() == {"name": None}
    with pytest.warns(DeprecationWarning, match=r"Own\.settings is called get_config now"):

        class Own(Base):
            def settings(self):
                return {"rate": 1.0}

    assert repr(Own(2.0)) == "Own(rate=1.0)"


@pytest.mark.parametrize(
    ("use", "argument", "nearest", "known"),
    [
        (lambda: hy.Dense(3, "rellu"), "activation", "relu", "tanh"),
        (lambda: hy.Dense(3, initializer="he_norm"), "initializer", "he_normal", "zeros"),
        (lambda: hy.Dense(3, bias_initializer="zero"), "bias_initializer", "zeros", "he_normal"),
        (
            lambda: classifier().compile("categorical_crosentropy"),
            "loss",
            "categorical_crossentropy",
            "mean_squared_error",
        ),
        (
            lambda: classifier().compile("categorical_crossentropy", "adamm"),
            "optimizer",
            "adam",
            "sgd",
        ),
        (
            lambda: classifier().compile("categorical_crossentropy", metrics=["acuracy"]),
            "metric",
            "accuracy",
            "f1",
        ),
    ],
)
def test_unknown_names_list_the_known_ones_and_the_nearest(use, argument, nearest, known):
    refused(use, argument, f"Did you mean '{nearest}'", known)


@pytest.mark.parametrize(
    "use",
    [
        lambda: hy.Dense(3, "qqqq"),
        lambda: hy.Dense(3, initializer="qqqq"),
        lambda: classifier().compile("qqqq"),
        lambda: classifier().compile("categorical_crossentropy", "qqqq"),
        lambda: classifier().compile("categorical_crossentropy", metrics=["qqqq"]),
        lambda: classifier().compile("categorical_crossentropy", engine="qqqq"),
    ],
)
def test_names_near_to_none_still_list_the_known_ones(use):
    text = refused(use, "'qqqq'", mend=False)
    assert "did you mean" not in text
    assert len(text.split(",")) > 1


@pytest.mark.parametrize(
    ("use", "part"),
    [
        (lambda: hy.Dense(3, 7), "activation"),
        (lambda: hy.Dense(3, np.tanh), "activation"),
        (lambda: hy.Dense(3, hy.Dense), "activation"),
        (lambda: hy.Dense(3, initializer=5), "initializer"),
        (lambda: classifier().compile(np.mean), "loss"),
        (lambda: classifier().compile(hy.Adam), "loss"),
        (lambda: classifier().compile("categorical_crossentropy", hy.Dense), "optimizer"),
        (lambda: classifier().compile("categorical_crossentropy", 0.1), "optimizer"),
        (lambda: classifier().compile("categorical_crossentropy", metrics=[3]), "metric"),
        (lambda: classifier().compile("categorical_crossentropy", metrics=None), "metrics"),
        (lambda: classifier().compile("categorical_crossentropy", metrics=metrics.F1), "metrics"),
        (
            lambda: classifier().compile("categorical_crossentropy", metrics=[metrics.LossMetric]),
            "loss",
        ),
        (lambda: hy.Sequential([hy.Dense]), "Dense(64)"),
        (lambda: hy.Sequential(["dense"]), "layers"),
        (lambda: hy.Sequential([None]), "layers"),
        (lambda: hy.Sequential(hy.Dense(3)), "list"),
    ],
)
def test_things_of_the_wrong_kind_are_refused_in_words(use, part):
    with pytest.raises((TypeError, ValueError)) as caught:
        use()
    text = str(caught.value)
    assert part in text
    assert "is not iterable" not in text
    assert "positional argument" not in text


def test_names_are_taken_in_any_case():
    model = hy.Sequential([hy.Dense(3, "ReLU"), hy.Dense(3, "Softmax")])
    model.compile("categorical_crossentropy", "Adam")
    assert isinstance(model.optimizer, hy.Adam)
