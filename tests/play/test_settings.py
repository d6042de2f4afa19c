"""Settings of a link: brought to their normal form, or refused with the field."""

from __future__ import annotations

from typing import Any

import pytest

from hyalite.play.problems import Refused
from hyalite.play.run import run_of
from hyalite.play.settings import merged, normalized, of_runs


def test_nothing_is_a_setting() -> None:
    found = normalized({})
    assert found["data"]["classes"] == 3
    assert found["batch_size"] == 32
    assert normalized(found) == found


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"nonsense": 1}, "nonsense", "Known: version, data"),
        ({"version": 2}, "version", "must be 1"),
        ({"data": {"kind": "nonsense"}}, "data.kind", "Known: spiral"),
        ({"data": {"kind": "spiral", "classes": 11}}, "data.classes", "from 2 to 10, got 11"),
        ({"data": {"kind": "spiral", "classes": True}}, "data.classes", "got True"),
        ({"data": {"kind": "spiral", "noise": "x"}}, "data.noise", "must be a number"),
        ({"data": {"kind": "spiral", "noise": 10**400}}, "data.noise", "got 1000"),
        ({"data": {"kind": "spiral", "features": []}}, "data.features", "one or more"),
        ({"data": {"kind": "spiral", "features": ["x1", "x1"]}}, "data.features", "one or more"),
        ({"data": {"kind": "points", "points": [[1, 2]]}}, "data.points[0]", "[x1, x2, label]"),
        ({"data": {"kind": "points", "points": [[1, 2, 10]]}}, "data.points[0]", "from 0 to 9"),
        ({"data": {"kind": "points", "points": [[1, 1e9, 1]]}}, "data.points[0]", "coordinate"),
        ({"layers": 5}, "layers", "must be a list"),
        ({"layers": [{"type": "Dense"}] * 25}, "layers", "at most 24"),
        ({"layers": [{"type": "Dense"}]}, "layers[0]", "units"),
        ({"layers": [{"type": "Dense", "units": 0}]}, "layers[0].units", "from 1 to 1,024"),
        ({"layers": [{"type": "Dense", "units": 2.5}]}, "layers[0].units", "whole number"),
        ({"layers": [{"type": "Dense", "units": 4, "activation": "rellu"}]},
         "layers[0].activation", "Did you mean 'relu'"),
        ({"layers": [{"type": "Dense", "units": 4, "name": "x"}]}, "layers[0]", "no argument"),
        ({"layers": [{"type": "Embedding", "categories": 4}]}, "layers[0]", "unknown"),
        ({"layers": [{"type": "__import__"}]}, "layers[0]", "unknown"),
        ({"layers": [{"type": "Dropout", "rate": 1.5}]}, "layers[0].rate", "from 0 to 1"),
        ({"layers": [{"type": "Dropout", "rate": 1}]}, "layers[0].rate", "[0, 1)"),
        ({"layers": [{"type": "Residual", "layers": [{"type": "Dense", "units": 0}]}]},
         "layers[0].layers[0].units", "whole number"),
        ({"output": {"units": 4}}, "output", "options of the last"),
        ({"loss": "nonsense"}, "loss", "unknown"),
        ({"optimizer": {"type": "SGD", "learning_rate": -1}}, "optimizer.learning_rate",
         "at least 0"),
        ({"optimizer": {"type": "SGD", "nesterov": True}}, "optimizer.nesterov", "momentum"),
        ({"optimizer": {"type": "Adam", "learning_rate": {"type": "CosineDecay", "steps": 5}}},
         "optimizer.learning_rate", "learning_rate"),
        ({"batch_size": 0}, "batch_size", "whole number"),
        ({"epochs": 10**7}, "epochs", "to 1,000,000"),
        ({"shuffle": 1}, "shuffle", "true or false"),
        ({"seed": -1}, "seed", "whole number"),
        ({"dtype": "float16"}, "dtype", "float32, float64"),
        ({"engine": "gpu"}, "engine", "auto, compiled, numpy"),
        ({"stop": {"patience": -1}}, "stop.patience", "whole number"),
        ({"stop": {"x": 1}}, "stop", "monitor"),
        ({"class_weight": {"0": 2}}, "class_weight", "balanced"),
        ({"compare": 5}, "compare", "null or an object"),
        ({"compare": {"compare": {}}}, "compare", "not three"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(given: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(Refused) as error:
        normalized(given)
    assert error.value.problem.field == field
    assert words in error.value.problem.message


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"layers": [{"type": "Dense", "units": 1024}] * 4}, "layers", "parameters"),
        ({"layers": [{"type": "Conv2D", "filters": 4, "kernel_size": 3}]}, "layers[0]", "pictures"),
        ({"data": {"kind": "mnist"}, "layers": [
            {"type": "ZeroPadding2D", "padding": 28}] * 20 + [
            {"type": "GlobalAveragePooling2D"}]}, "layers", "too large"),
        ({"data": {"kind": "mnist"}, "layers": [
            {"type": "Conv2D", "filters": 64, "kernel_size": 5, "padding": "same"},
            {"type": "Conv2D", "filters": 64, "kernel_size": 5, "padding": "same"},
            {"type": "GlobalAveragePooling2D"}]},
         "layers", "multiplications"),
        ({"data": {"kind": "mnist"}, "layers": [
            {"type": "MaxPooling2D", "pool_size": 28}, {"type": "MaxPooling2D"}]},
         "layers[1]", "pool"),
        ({"data": {"kind": "sine"}, "loss": "categorical_crossentropy"}, "loss", "numbers"),
        ({"loss": "binary_crossentropy"}, "loss", "two classes"),
        ({"output": {"activation": "relu"}}, "loss", "probabilities"),
        ({"data": {"kind": "points"}}, "data.points", "paint at least"),
        ({"data": {"kind": "table"}}, "data.upload", "drop the table"),
        ({"epochs": None, "optimizer": {"type": "Adam", "learning_rate": {
            "type": "CosineDecay", "learning_rate": 0.1, "steps": None}}}, "epochs", "length"),
        ({"stop": {"monitor": "nonsense"}}, "stop.monitor", "val_loss"),
    ],
)  # fmt: skip
def test_what_does_not_fit_the_data_is_named(given: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(Refused) as error:
        run_of(given)
    assert error.value.problem.field == field
    assert words in error.value.problem.message


def test_a_number_of_thousands_of_digits_is_one_too_many() -> None:
    with pytest.raises(Refused, match="something very large"):
        normalized({"seed": 10**5000})


def test_a_merge_patch_is_that_of_its_rfc() -> None:
    for target, patch, result in [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ]:
        assert merged(target, patch) == result


def test_two_runs_differ_by_the_patch_alone() -> None:
    settings = normalized({"compare": {"optimizer": {"type": "SGD", "learning_rate": 0.1}}})
    runs = of_runs(settings)
    assert {name for name in runs["a"] if runs["a"][name] != runs["b"][name]} == {"optimizer"}
    with pytest.raises(Refused) as error:
        of_runs(normalized({"compare": {"seed": -1}}))
    assert error.value.problem.field == "compare.seed"
