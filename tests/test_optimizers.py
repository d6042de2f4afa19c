"""The optimizers against PyTorch, or against what was recorded from it; and their own rules."""

from __future__ import annotations

import importlib.util
import json

import numpy as np
import pytest

import hyalite as hy
import parts
import torch_optimizers as peer
from hyalite.optimizers import STRETCH


@pytest.fixture(scope="module")
def recorded() -> dict:
    return json.loads(peer.RECORD.read_text())["steps"]


def our_steps(case: str, option: str) -> list[np.ndarray]:
    name, arguments, _, _ = peer.CASES[case]
    chosen = dict(peer.OPTIONS[option])
    if "schedule" in chosen:
        schedule, given = chosen.pop("schedule")
        rate = getattr(hy, schedule)(arguments["learning_rate"], **given)
        arguments = arguments | {"learning_rate": rate}
    optimizer = getattr(hy, name)(**arguments, **chosen)
    theta, result = peer.start(), []
    for grad in peer.gradients():
        optimizer.step(theta, grad.copy())
        result.append(theta.copy())
    return result


@pytest.mark.parametrize("option", peer.OPTIONS)
@pytest.mark.parametrize("case", peer.CASES)
def test_ten_steps_agree_with_pytorch(case: str, option: str, recorded: dict) -> None:
    expected = recorded[f"{case}|{option}"]
    if importlib.util.find_spec("torch"):
        live = peer.torch_steps(case, option)
        np.testing.assert_allclose(live, expected, rtol=0, atol=1e-12)
        expected = live
    np.testing.assert_allclose(our_steps(case, option), expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", parts.OPTIMIZERS)
def test_a_long_vector_is_stepped_like_its_parts(name: str) -> None:
    rng = np.random.default_rng(0)
    size = 2 * STRETCH + 5
    theta, grads = rng.normal(size=size), rng.normal(size=(3, size))
    whole, optimizer = theta.copy(), parts.OPTIMIZERS[name]()
    for grad in grads:
        optimizer.step(whole, grad)
    for piece in (slice(0, 10), slice(STRETCH - 3, STRETCH + 3), slice(size - 7, size)):
        alone, optimizer = theta[piece].copy(), parts.OPTIMIZERS[name]()
        for grad in grads:
            optimizer.step(alone, grad[piece].copy())
        np.testing.assert_array_equal(alone, whole[piece])


@pytest.mark.parametrize("name", parts.OPTIMIZERS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_steps_are_in_place_and_keep_the_dtype(name: str, dtype: str) -> None:
    theta = np.linspace(-1, 1, 5, dtype=dtype)
    address, grad = theta.ctypes.data, np.ones(5, dtype)
    optimizer = parts.OPTIMIZERS[name]()
    optimizer.step(theta, grad)
    assert theta.ctypes.data == address
    assert (grad == 1).all(), "an unclipped gradient is left alone"
    assert all(slot.dtype == dtype for slot in optimizer.slots.values())
    assert (theta < np.linspace(-1, 1, 5)).all()


@pytest.mark.parametrize("name", parts.OPTIMIZERS)
def test_every_optimizer_finds_the_minimum_of_a_bowl(name: str) -> None:
    theta, optimizer = np.array([3.0, -2.0]), parts.OPTIMIZERS[name]()
    optimizer.learning_rate = hy.CosineDecay(0.1, steps=3000)
    for _ in range(3000):
        optimizer.step(theta, 2 * theta)
    assert np.abs(theta).max() < (1.0 if name == "adagrad" else 1e-2)


def test_an_optimizer_serves_vectors_of_one_size() -> None:
    optimizer = hy.Adam()
    optimizer.step(np.zeros(3), np.ones(3))
    for theta, grad in ((np.zeros(4), np.ones(4)), (np.zeros(3), np.ones(1))):
        with pytest.raises(ValueError, match="of one size"):
            optimizer.step(theta, grad)


def test_a_gradient_whose_squares_overflow_is_clipped_all_the_same() -> None:
    theta, grad = np.zeros(2, np.float32), np.array([3e30, 4e30], np.float32)
    hy.SGD(1.0, clip_norm=5.0).step(theta, grad)
    np.testing.assert_allclose(theta, [-3, -4], rtol=1e-6)
