"""The path of a large network, against direct computation."""

from __future__ import annotations

import re

import numpy as np
import pytest

import hyalite as hy
from hyalite.trace.path import follow


def value(text: str, start: str) -> float:
    """What stands behind the last "=" of the line that begins so."""
    lines = re.split(r"\n(?!    [=w])", text)
    line = next(line for line in lines if line.startswith(f"{start} = "))
    line = re.split(r"\s+where ", line)[0]
    numbers = re.findall(r"= (-?[\d.]+(?:×10[⁻⁰-⁹¹²³]+)?)(?=\s|,|$)", line)
    return float(
        numbers[-1].replace("×10", "e").translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    )


def test_it_goes_by_the_strongest_terms(digits: tuple) -> None:
    model, x, y = digits
    for row in range(10):
        trace = model.trace(x, y, rows=row)
        # from the output of the label back to one input
        third = int(np.abs(trace["dense_2.gelu.y"][0] * trace["dense_3.W"][:, y[row]]).argmax())
        second = int(np.abs(trace["dense_1.relu.y"][0] * trace["dense_2.W"][:, third]).argmax())
        first = int(np.abs(x[row] * trace["dense_1.W"][:, second]).argmax())
        text = str(trace)
        assert " ".join(text.partition("The path: ")[2].partition("\n\n")[0].split()) == (
            f"x[{first}] → dense_1.y[{second}] → dense_1.relu.y[{second}] → dense_2.y[{third}] "
            f"→ dense_2.gelu.y[{third}] → dense_3.y[{y[row]}] → dense_3.softmax.y[{y[row]}] → loss"
        )
        for name, place in (
            (f"dense_2.gelu.y[{third}]", (0, third)),
            (f"dense_3.softmax.y[{y[row]}]", (0, y[row])),
            (f"dense_3.dy[{y[row]}]", (0, y[row])),
            (f"dense_3.dW[{third}, {y[row]}]", (third, y[row])),
            (f"dense_2.gelu.dx[{third}]", (0, third)),
            (f"dense_1.dW[{first}, {second}]", (first, second)),
        ):
            array = trace[name.partition("[")[0]]
            assert value(text, name) == pytest.approx(array[place], rel=1e-3), name
        assert value(text, "loss") == pytest.approx(float(trace["loss"]), rel=1e-3)


def test_a_gradient_is_the_product_of_its_factors(digits: tuple) -> None:
    model, x, y = digits
    text = str(model.trace(x, y, rows=1))
    lines = re.findall(
        r"(dense_\d)\.dW\[(\d+), (\d+)\] = x\[(\d+)\]·dy\[(\d+)\] = (\S+) = (\S+)", text
    )
    assert [line[0] for line in lines] == ["dense_3", "dense_2", "dense_1"]
    for _, i, j, of_x, of_dy, factors, product in lines:
        assert (i, j) == (of_x, of_dy)
        first, second = (float(factor.strip("()")) for factor in factors.split("·"))
        assert first * second == pytest.approx(float(product), rel=2e-3)


def test_the_weight_goes_by_its_change(digits: tuple) -> None:
    model, x, y = digits
    for row in range(10):
        trace = model.trace(x, y, rows=row)
        *_, last = str(trace).splitlines()
        name, place, before, sign, change, after = re.fullmatch(
            r"(\S+) after\[(.*)\] = (\S+) ([-+]) (\S+) = (\S+)", last
        ).groups()
        at = tuple(int(i) for i in place.split(", "))
        moved = float(f"{sign}{change}")
        assert round(float(before) + moved, 9) == float(after)
        assert float(before) == pytest.approx(trace[name][at], abs=1e-4)
        assert moved == pytest.approx(trace[f"{name} after"][at] - trace[name][at], rel=0.01)


def test_another_output_is_followed_on_request(digits: tuple) -> None:
    model, x, y = digits
    text = str(model.trace(x, y, rows=0, output=(y[0] + 1) % 10))
    assert f"dense_3.softmax.y[{(y[0] + 1) % 10}] → loss" in " ".join(text.split())


def test_the_gradient_of_several_samples_is_summed(digits: tuple) -> None:
    model, x, y = digits
    trace = model.trace(x, y, rows=range(30))
    text = str(trace)
    assert re.search(r"dense_3\.dW\[\d+, \d+\] = xᵀ·dy", text)
    assert re.search(r"x\[\d+, \d+\]·dy\[\d+, \d+\]", text)
    assert "25 others" in text
    assert "loss = mean of losses = " in text


def test_outputs_are_shown_beside_each_other(digits: tuple) -> None:
    model, x, y = digits
    model.metadata["classes"] = [f"kind {n}" for n in range(10)]
    trace = model.trace(x, y, rows=2)
    lines = str(trace).splitlines()
    start = next(n for n, line in enumerate(lines) if line.split()[:1] == ["output"])
    assert lines[start].split()[:4] == ["output", "z", "p", "t"]
    for n, line in enumerate(lines[start + 1 : start + 11]):
        assert line.startswith(f"    kind {n}")
        assert line.endswith("← the path") == (n == y[2])
        z = float(line.split()[2])
        assert z == pytest.approx(float(trace["dense_3.y"][0, n]), abs=1e-3)


def test_of_many_outputs_those_with_the_largest_derivatives_are_shown() -> None:
    model = hy.Sequential([hy.Dense(30, "softmax")])
    model.compile("categorical_crossentropy", hy.SGD(0.1, clip_norm=0.01))
    model.build(4, seed=0)
    trace = model.trace(np.random.default_rng(0).normal(size=(1, 4)), [17])
    text = str(trace)
    assert "\nt[17] = the label as a one-hot row = 1\n" in text
    lines = text.partition("\n    output")[2].partition("\n\n")[0].splitlines()[1:]
    largest = np.sort(np.argsort(-np.abs(trace["dense_1.softmax.y"][0] - trace["t"][0]))[:12])
    assert [int(line.split()[0]) for line in lines] == largest.tolist()
    assert "is cut to 0.01: g ← g·0.01/" in text


class Opaque(hy.Layer):
    """A user's layer that says nothing of itself, and has no derivative by its input."""

    def parameter_shapes(self, input_shape):
        return {"s": (40,)}

    def forward(self, x, training=False):
        self.sums = self.receive(x).sum(axis=1, keepdims=True)
        return self.sums + self.values["s"]

    def backward(self, dy):
        self.gradients["s"][...] = self.receive_dy(dy).sum(axis=0)

    def output_shape(self, input_shape):
        return (40,)


def test_it_begins_at_a_layer_that_has_no_derivative() -> None:
    model = hy.Sequential([hy.Tanh(), Opaque(), hy.Softmax()])
    model.compile("categorical_crossentropy", hy.SGD(0.1))
    model.build(3, seed=0)
    trace = model.trace([[1.0, 2.0, 3.0]], [5])
    assert "opaque_1.dx" not in trace
    assert "tanh_1.dy" not in trace
    text = str(trace)
    assert "The path: opaque_1.y[5] → softmax_1.y[5] → loss" in text
    assert "Step 1 of SGD, for opaque_1.s[5]" in text, "the steepest of all"


def test_it_ends_at_a_category() -> None:
    """A row of a table is looked up: nothing before it is multiplied."""
    model = hy.Sequential([hy.Linear(), hy.Embedding(50, 30), hy.Dense(2)])
    model.compile("mse")
    model.build(1, seed=0)
    trace = model.trace([[7.0]], [[1.0, 2.0]])
    text = " ".join(str(trace).split())
    assert "The path: embedding_1.y[" in text
    assert re.search(r"embedding_1\.y\[(\d+)\] = E\[7, \1\] = ", text)


@pytest.mark.parametrize(
    "layer",
    [
        lambda: hy.PeriodicEmbedding(frequencies=8, dimension=5),
        lambda: hy.PiecewiseLinearEmbedding([(-1, 0, 1)] * 4, 6),
    ],
)
def test_it_passes_through_layers_that_are_no_sums(layer) -> None:
    model = hy.Sequential([layer(), hy.Dense(3, "softmax")])
    model.compile("categorical_crossentropy")
    model.build(4, seed=0)
    grad = model.grad.copy()
    columns = set()
    for output in range(3):
        trace = model.trace(np.random.default_rng(0).normal(size=(1, 4)), [1], output=output)
        found = re.search(r"The path: x\[(\d)\] → (\w+)\.y\[(\d+)\] → dense_1", str(trace))
        made = trace[f"{found[2]}.y"].shape[1] // 4  # so many outputs of each column
        assert int(found[1]) == int(found[3]) // made
        columns.add(found[1])
    assert len(columns) > 1
    np.testing.assert_array_equal(model.grad, grad)
    for name, array in trace.items():  # to look back has not changed what was noted
        again = model.trace(trace["x"], [1])[name]
        np.testing.assert_array_equal(array, again)


def with_a_block(factor: float) -> hy.trace.Trace:
    """Of a network in whose block f is larger by this factor."""
    within = [hy.Dense(30, "tanh", l2=0.1), hy.Residual([hy.Linear()]), hy.Dense(20)]
    layers = [hy.Dense(20), hy.Residual(within, name="block"), hy.Dense(3, "softmax")]
    model = hy.Sequential(layers, dtype="float64")
    model.compile("categorical_crossentropy", hy.SGD(0.1))
    model.build(40, seed=0)
    within[-1].W[...] *= factor
    return model.trace(np.random.default_rng(0).normal(size=(1, 40)), [1])


def test_it_goes_through_a_block_where_that_adds_more_than_came_in() -> None:
    trace = with_a_block(100)
    last = int(np.abs(trace["block.y"][0] * trace["dense_2.W"][:, 1]).argmax())
    x, f = trace["dense_1.y"][0, last], trace["block.dense_2.y"][0, last]
    assert abs(f) > abs(x)
    inner = int(np.abs(trace["block.residual_1.y"][0] * trace["block.dense_2.W"][:, last]).argmax())
    first = int(np.abs(trace["dense_1.y"][0] * trace["block.dense_1.W"][:, inner]).argmax())
    text = str(trace)
    stations = " ".join(text.partition("The path: ")[2].partition("\n\n")[0].split())
    assert (
        f"→ dense_1.y[{first}] → block.dense_1.y[{inner}] → block.dense_1.tanh.y[{inner}] → "
        f"block.residual_1.linear_1.y[{inner}] → block.residual_1.y[{inner}] → "
        f"block.dense_2.y[{last}] → block.y[{last}] → dense_2.y[1] →"
    ) in stations
    for name, place in (
        (f"block.y[{last}]", last),
        (f"block.dense_1.dW[{first}, {inner}]", (first, inner)),
        (f"block.dense_1.dW with penalty[{first}, {inner}]", (first, inner)),
        (f"block.residual_1.dx[{inner}]", inner),
        (f"block.dx[{first}]", first),
    ):
        expected = trace[name.partition("[")[0]]
        expected = expected[0] if isinstance(place, int) else expected
        assert value(text, name) == pytest.approx(expected[place], rel=1e-3), name
    assert "where x = dense_1.y, f = block.dense_2.y" in text
    assert "where dy = dense_2.dx, dx_f = block.dense_1.dx" in text


def test_it_passes_a_block_by_where_more_came_in_than_that_adds() -> None:
    trace = with_a_block(0.01)
    last = int(np.abs(trace["block.y"][0] * trace["dense_2.W"][:, 1]).argmax())
    text = str(trace)
    assert f"→ dense_1.y[{last}] → block.y[{last}] → dense_2.y[1] →" in " ".join(text.split())
    x, f = trace["dense_1.y"][0, last], trace["block.dense_2.y"][0, last]
    assert value(text, f"block.y[{last}]") == pytest.approx(x + f, rel=1e-3)
    expected = trace["block.dx"][0, last]
    assert value(text, f"block.dx[{last}]") == pytest.approx(expected, rel=1e-3)
    assert "\nblock.dense_" not in text


def test_a_picture_that_was_flipped_is_followed_to_where_a_pixel_was() -> None:
    model = hy.Sequential([hy.RandomFlip(), hy.Flatten(), hy.Dense(12)])
    model.compile("mse")
    model.build((3, 4), seed=0)
    x = np.random.default_rng(0).normal(size=(4, 3, 4))
    trace = model.trace(x, np.ones((4, 12)), full=True)
    flipped = [n for n in range(4) if not np.allclose(trace["random_flip_1.y"][n], x[n])]
    assert 0 < len(flipped) < 4
    for row in range(4):
        section, *_ = follow(trace._recording, row, 0)
        _, line, column = section.output
        assert section.input == (row, line, 3 - column if row in flipped else column)
