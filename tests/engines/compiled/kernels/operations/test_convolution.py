"""Convolution and pooling compiled: as the reference has them, the same bytes for any threads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hyalite as hy

pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")

pytestmark = pytest.mark.compiled

ACTIVATIONS = (None, "relu", "relu", "tanh", "gelu", "leaky_relu", "selu")
MODELS = 200


def pair(rng: np.random.Generator, high: int) -> tuple[int, int]:
    """Two numbers of 1..high, for rows and columns."""
    return int(rng.integers(1, high + 1)), int(rng.integers(1, high + 1))


def padding(rng: np.random.Generator, high: int = 4) -> Any:
    """One of all kinds."""
    return ("valid", "same", int(rng.integers(0, high)))[rng.integers(3)]


def layer(rng: np.random.Generator) -> hy.Layer:
    """One of those that are tested, drawn."""
    kind = rng.integers(6)
    activation = ACTIVATIONS[rng.integers(len(ACTIVATIONS))]
    if kind <= 1:
        filters, bias = int(rng.integers(1, 36)), bool(rng.integers(4))
        size, strides = pair(rng, 4), pair(rng, 3) if rng.integers(2) else 1
        return hy.Conv2D(filters, size, strides, padding(rng), activation, use_bias=bias, l2=1e-3)
    if kind == 2:
        size, strides = pair(rng, 3), pair(rng, 2)
        return hy.DepthwiseConv2D(size, strides, padding(rng), pair(rng, 2)[0], activation)
    if kind == 3:
        return hy.ZeroPadding2D((pair(rng, 2), (0, 1)))
    size = pair(rng, 3)
    strides = None if rng.integers(2) else pair(rng, 3)
    pooling = hy.MaxPooling2D if rng.integers(2) else hy.AveragePooling2D
    return pooling(size, strides, padding(rng, min(size)))


def network(rng: np.random.Generator) -> tuple[list[hy.Layer], tuple[int, ...]]:
    """Layers, and the shape of samples that fit through them."""
    shape = (int(rng.integers(3, 15)), int(rng.integers(3, 15)), int(rng.integers(1, 5)))
    layers: list[hy.Layer] = []
    inside = shape
    for _ in range(rng.integers(1, 5)):
        one = layer(rng)
        try:
            inside = one.output_shape(inside)
        except ValueError:  # the picture is too small by now
            continue
        layers.append(one)
    if rng.integers(2):
        layers.append(hy.Dropout(0.2))
    last = hy.Flatten() if rng.integers(2) else hy.GlobalAveragePooling2D()
    return [*layers, last, hy.Dense(3, "softmax")], shape[:2] if shape[2] == 1 else shape


def trained(engine: str, seed: int, threads: int | None = None) -> tuple[np.ndarray, ...]:
    """Parameters after two epochs, and predictions."""
    rng = np.random.default_rng(seed)
    layers, shape = network(rng)
    dtype = "float64" if seed % 3 == 0 else "float32"
    n = int(rng.integers(2, 40))
    x, y = rng.normal(size=(n, *shape)).astype(dtype), rng.integers(0, 3, n)
    model = hy.Sequential(layers, dtype=dtype)
    model.compile("categorical_crossentropy", hy.SGD(0.02), engine=engine)
    hy.set_num_threads(threads)
    try:
        model.fit(x, y, batch_size=16, epochs=2, seed=seed, verbose=0)
        return model.theta, model.predict(x)
    finally:
        hy.set_num_threads(None)


@pytest.mark.parametrize("part", range(8))
def test_random_networks_of_pictures_agree_with_the_reference(part: int) -> None:
    for seed in range(part, MODELS, 8):
        found, expected = trained("compiled", seed), trained("numpy", seed)
        tolerance = 1e-11 if seed % 3 == 0 else 2e-4
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, other, tolerance, tolerance, err_msg=str(seed))


def test_any_number_of_threads_gives_the_same_bytes() -> None:
    for seed in range(0, 60, 4):
        one = trained("compiled", seed, 1)
        for threads in (2, 3):
            for a, b in zip(one, trained("compiled", seed, threads), strict=True):
                assert a.tobytes() == b.tobytes(), seed


POOLED = [  # in a pass of its own or in the convolution's: how many instructions it takes
    ([hy.Conv2D(4, 3, activation="relu"), hy.MaxPooling2D()], 2),
    ([hy.Conv2D(4, 3), hy.MaxPooling2D(), hy.ReLU()], 2),
    ([hy.Conv2D(4, 3, activation="gelu"), hy.MaxPooling2D()], 3),
    ([hy.Conv2D(4, 3, activation="relu"), hy.Dropout(0.1), hy.MaxPooling2D()], 4),
    ([hy.Conv2D(4, 3), hy.MaxPooling2D(), hy.SiLU()], 3),  # both would keep something for later
]


@pytest.mark.parametrize(("layers", "count"), POOLED)
def test_pooling_behind_a_convolution_is_in_its_pass(layers: list[hy.Layer], count: int) -> None:
    from hyalite.engines.compiled.lowering.instructions import instructions_of

    model = hy.Sequential([*layers, hy.Flatten(), hy.Dense(3), hy.Softmax()])
    model.build((8, 8), seed=0)
    instructions = instructions_of(model.network, model.network.stages(None), True)
    assert len(instructions) == count


@pytest.mark.parametrize(
    "layers",
    [
        lambda: [hy.Conv2D(3, 2), hy.MaxPooling2D(), hy.Flatten(), hy.GELU()],
        lambda: [hy.Conv2D(3, 2), hy.MaxPooling2D(), hy.LeakyReLU(0.3), hy.Flatten()],
        lambda: [hy.Conv2D(3, 2, activation="relu"), hy.Flatten(), hy.Softmax()],
        lambda: [hy.DepthwiseConv2D(2), hy.Flatten(), hy.Softmax(), hy.Dense(4, "relu")],
    ],
)
def test_what_follows_a_convolution_is_of_the_whole_sample(layers: Any) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(30, 6, 5, 2)), rng.integers(0, 3, 30)
    found = []
    for engine in ("numpy", "compiled"):
        model = hy.Sequential([*layers(), hy.Dense(3, "softmax")], dtype="float64")
        model.compile("categorical_crossentropy", hy.SGD(0.5), engine=engine)
        model.fit(x, y, batch_size=10, epochs=3, seed=0, verbose=0)
        found.append(model.theta)
    np.testing.assert_allclose(*found, rtol=1e-10)


def test_pictures_of_bytes_are_read_as_they_are() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 256, (50, 9, 9), np.uint8), rng.integers(0, 3, 50)
    found = []
    for samples in (x, x.astype(np.float32)):
        conv = hy.Conv2D(5, 3, activation="relu")
        model = hy.Sequential([hy.Rescaling(1 / 255), conv, hy.Flatten(), hy.Dense(3, "softmax")])
        model.compile("categorical_crossentropy", engine="compiled")
        model.fit(samples, y, batch_size=20, epochs=2, seed=0, verbose=0)
        found.append(model.theta.tobytes())
    assert found[0] == found[1]
