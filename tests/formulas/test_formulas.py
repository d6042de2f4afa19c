"""Formulas say what the code computes, and are shown as they are written."""

from __future__ import annotations

import math
from unicodedata import normalize
from xml.etree import ElementTree as ET

import numpy as np
import pytest

import hyalite as hy
from hyalite.formulas import read
from hyalite.layers.probabilities import sigmoid, softmax
from tests import parts

ALL = sorted(
    {
        formula
        for table in (parts.LAYERS, parts.LOSSES, parts.OPTIMIZERS)
        for make in table.values()
        for formula in make().formulas.values()
    }
)
# layers whose y and dx a reader can work out number by number
WORKED_OUT = [
    "linear", "relu", "leaky relu", "sigmoid", "tanh", "gelu", "softmax", "selu", "mish", "silu",
    "rescaling", "dropout", "smooth clip", "scale",
]  # fmt: skip
# y only: the derivative has means over a batch or features
WORKED_OUT_FORWARD = ["batch normalization", "layer normalization"]


def values_at(layer: hy.Layer, arrays: dict[str, np.ndarray], place: tuple[int, int]) -> dict:
    values = {key: np.broadcast_to(a, arrays["x"].shape)[place] for key, a in arrays.items()}
    values |= {key: setting for key, setting in layer.get_config().items() if setting is not None}
    for letter, key in layer.symbols.items():
        values[letter] = values[key] if key in values else getattr(layer, key)
    return values


@pytest.mark.parametrize("name", WORKED_OUT + WORKED_OUT_FORWARD)
def test_the_formulas_of_a_layer_give_what_it_computes(name: str) -> None:
    rng = np.random.default_rng(0)
    layer = parts.LAYERS[name]().build(5, seed=0, dtype="float64")
    for array in layer.values.values():
        array[...] += rng.normal(size=array.shape)
    x, dy = rng.normal(size=(2, 4, 5))
    y = layer.forward(x, training=True)
    dx = layer.backward(dy)
    arrays = {"x": x, "y": y, "dy": dy, **layer.values, **layer.intermediates()}
    names = {"y": y, "dx": dx} if name in WORKED_OUT else {"y": y, "x_hat": arrays.get("x_hat")}
    for key, array in names.items():
        for place in np.ndindex(4, 5):
            rows = {n: arrays[n][place[0]] for n in ("x", "y", "dy")}
            found = read(layer.formulas[key]).compute(values_at(layer, arrays, place), rows)
            assert found == pytest.approx(array[place], rel=1e-9, abs=1e-12), key


@pytest.mark.parametrize("name", [name for name in parts.LOSSES if name != "grouped"])
def test_the_formulas_of_a_loss_give_what_it_computes(name: str) -> None:
    rng = np.random.default_rng(0)
    loss, logits, d, n = parts.LOSSES[name](), rng.normal(size=(6, 4)), 4, 6
    p = logits
    if loss.kind == "classes" and not loss.from_logits:
        p = softmax(logits)
    elif loss.kind == "binary" and not loss.from_logits:
        p = sigmoid(logits)
    for _ in range(4):  # labels, one-hot rows, soft rows
        target = loss.target(parts.target_for(loss, rng, n, d), (d,))
        t = loss.expanded(target, d)
        forms = [("", p, loss.values(p, target), loss.gradient(p, target))]
        if hasattr(type(loss), "fused") and "fused values" in loss.formulas:
            own = type(loss)(loss.label_smoothing)
            probability, values, gradient = own.fused(logits, target)
            forms = [] if loss.from_logits else forms
            forms.append(("fused ", probability, values, gradient))
        for form, prediction, values, gradient in forms:
            given = {"z": logits, "p": prediction, "t": t}
            numbers = {"d": d, "n": n, **loss.get_config()}
            numbers |= {letter: getattr(loss, key) for letter, key in loss.symbols.items()}
            for row in range(n):
                rows = {key: array[row] for key, array in given.items()}
                found = read(loss.formulas[f"{form}values"]).compute(numbers, rows)
                assert found == pytest.approx(values[row], rel=1e-9), form
                for j in range(d):
                    at = {key: array[row, j] for key, array in given.items()}
                    found = read(loss.formulas[f"{form}gradient"]).compute(numbers | at)
                    assert found == pytest.approx(gradient[row, j] / n, abs=1e-12), form


def test_a_quotient_with_blanks_is_wider_than_one_without() -> None:
    values = {"a": 12.0, "b": 2.0, "c": 3.0}
    assert read("a / b·c").compute(values) == 2.0
    assert read("a/b·c").compute(values) == 18.0
    assert read("a / b / c").compute(values) == 2.0
    assert read("a·b / 2c").compute(values) == 4.0
    assert read("-a / b + c").compute(values) == -3.0
    assert read("a - b - c").compute(values) == 7.0


def test_a_sum_takes_the_product_behind_it() -> None:
    rows = {"x": np.array([1.0, 2.0, 3.0]), "y": np.array([1.0, 0.0, -1.0])}
    assert read("Σ_j x·y / 2 + 10").compute({}, rows) == 9.0
    assert read("1 / (1 + Σ_k x)").compute({}, rows) == pytest.approx(1 / 7)
    assert read("max_k x·y - 1").compute({}, rows) == 0
    assert read("max_k x").filled({}, rows) == "3"
    assert read("Σ_rows x").compute({}, rows) is None, "over the batch, which is not given here"
    assert read("Σ_j x").filled({}, rows) == "(1 + 2 + 3)"
    assert read("Σ_j x").filled({}, {"x": np.arange(9.0)}) == "36"


def test_cases_say_which_of_them_holds() -> None:
    formula = read("-q where t > p, 1 - q where t < p")
    assert [formula.compute({"q": 0.3, "t": t, "p": 1.0}) for t in (0, 1, 2)] == [0.7, 0, -0.3]
    relu = read("dy where x > 0, else 0")
    assert relu.filled({"dy": -2.0, "x": 1.5}) == "-2"
    assert relu.reason({"dy": -2.0, "x": 1.5}) == "1.5 > 0"
    assert relu.reason({"dy": -2.0, "x": -1.5}) == "-1.5 ≤ 0"
    assert relu.reason({}) == ""
    assert read("dy").reason({"dy": 1.0}) == ""


def test_numbers_stand_in_the_place_of_names() -> None:
    values = {"β₁": 0.9, "m": -0.01, "g": 3.1e-5, "t": 4, "s": 2e-7, "ŝ": 1e-4}
    assert read("β₁·m + (1 - β₁)·g²").filled(values) == "0.9·(-0.01) + (1 - 0.9)·(3.1×10⁻⁵)²"
    assert read("m / (1 - β₁ᵗ)").filled(values) == "-0.01 / (1 - 0.9⁴)"
    assert read("g / (√s + √ŝ)").filled(values) == "3.1×10⁻⁵ / (√(2×10⁻⁷) + √(10⁻⁴))"
    assert read("e⁻ˣ + e^z").filled({"x": 2, "z": 0.5}) == "e⁻² + e^0.5"
    assert read("ln x + |m|").filled({"x": 2, "m": -3}) == "ln 2 + |-3|"
    assert read("x·s,  s = 1/x").filled({"x": 4}) == "4·0.25"
    assert read("2d").filled({"d": 3}) == "2·3"
    assert read("x·W + b").filled({"x": 1}) is None
    assert read("one row of x").filled({"x": 1}) is None


def test_what_is_filled_in_gives_the_same_again() -> None:
    rng = np.random.default_rng(0)
    tried = 0
    for text in ALL:
        formula = read(text)
        values = {name: float(rng.uniform(0.1, 0.9)) for name in formula.names}
        rows = {name: rng.uniform(0.1, 0.9, 3) for name in formula.names}
        if formula.compute(values, rows) is None:
            continue
        filled = formula.filled(values, rows)
        assert filled is not None
        if "h(" in filled:
            continue  # a function that the formula defines itself
        assert read(filled).compute({}) == pytest.approx(
            float(formula.compute(values, rows)), rel=5e-3, abs=1e-4
        ), text
        tried += 1
    assert tried > 30


@pytest.mark.parametrize("text", ALL)
def test_the_markup_is_well_formed_and_has_every_letter(text: str) -> None:
    markup = ET.fromstring(f"<math>{read(text).mathml}</math>")
    formula = read(text)
    parts_ = [markup, *(ET.fromstring(f"<m>{m}</m>") for _, m in formula.additions)]
    shown = "".join(letters for part in parts_ for letters in part.itertext())
    assert {tag.tag for tag in markup.iter()} <= {
        "math", "mi", "mn", "mo", "mtext", "mrow", "mfrac", "msqrt", "msup", "msub", "munder",
        "mover", "mspace",
    }  # fmt: skip
    for name in read(text).names:
        assert normalize("NFD", name)[0] in shown


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("x²", "<msup><mi>x</mi><mn>2</mn></msup>"),
        ("xᵀ·dy", "<msup><mi>x</mi><mi>T</mi></msup><mo>·</mo><mi>dy</mi>"),
        ("(a + b) / c", "<mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mi>c</mi></mfrac>"),
        ("√(a)", "<msqrt><mi>a</mi></msqrt>"),
        ("x̂", "<mover accent='true'><mi>x</mi><mo>^</mo></mover>"),
        ("β₁", "<msub><mi>β</mi><mn>1</mn></msub>"),
        ("λ2", "<msub><mi>λ</mi><mn>2</mn></msub>"),
        ("W[3, 0]", "<msub><mi>W</mi><mrow><mn>3</mn><mo>,</mo><mn>0</mn></mrow></msub>"),
        (
            "-2×10⁻⁵",
            "<mo>−</mo><mrow><mn>2</mn><mo>×</mo><msup><mn>10</mn><mn>−5</mn></msup></mrow>",
        ),
        (
            "x[s·p + k]",
            "<msub><mi>x</mi><mrow><mi>s</mi><mo>·</mo><mi>p</mi><mo>+</mo><mi>k</mi></mrow></msub>",
        ),
        ("x < 2 & y", "<mtext>x\xa0&lt;\xa02\xa0&amp;\xa0y</mtext>"),
    ],
)
def test_markup(text: str, markup: str) -> None:
    assert read(text).mathml == markup


def test_what_is_no_formula_stays_words() -> None:
    for text in (
        "each sample of x as one row", "(x₁ … x_k)", "dense_1.dx", "a +", "(a", "a)", "", "|a",
        "a where b", "a where b is c", "else", "f(a", "x[a", "x^", "aᵡ",
    ):  # fmt: skip
        assert read(text).is_words, text
        assert read(text).names == []
        assert read(text).compute({"a": 1}) is None
    assert read("a,  2·a = b,  b = ?").additions == [("2·a = b", ""), ("b = ?", "")]
    formula = read("a·b,  a = 2·b,  f(x) = x,  as is said")
    assert not formula.is_words
    assert (formula.main, formula.names) == ("a·b", ["b"])
    assert [text for text, _ in formula.additions] == ["a = 2·b", "f(x) = x", "as is said"]
    *definitions, words = (markup for _, markup in formula.additions)
    assert words == ""
    assert definitions[0] == "<mi>a</mi><mo>=</mo><mn>2</mn><mo>·</mo><mi>b</mi>"
    assert formula.compute({"b": 3}) == 18


def test_letters_with_a_hat_are_known_in_either_form() -> None:
    for hat in ("\u015d", "s\u0302"):
        assert read("\u015d + 1").compute({hat: 2.0}) == 3.0
        assert read("s\u0302 + 1").compute({hat: 2.0}) == 3.0


def test_constants() -> None:
    assert read("e^x").compute({"x": 1.0}) == pytest.approx(math.e)
    assert read("2π").compute({}) == pytest.approx(2 * math.pi)
