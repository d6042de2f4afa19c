"""Points made by formulas, as *Neural Networks from Scratch* trains on: spiral, vertical, sine."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hyalite import checks


def spiral(
    samples: int = 100, classes: int = 3, seed: int = 0, noise: float = 0.2
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """Spiral arms around the origin, one a class.

    For class c, with r from 0 to 1 and t from 4c to 4(c + 1), plus normal noise:
    x = (r sin 2.5t, r cos 2.5t).

    Args:
        samples: points a class.
        classes: number of arms.
        seed: 0 gives the numbers printed in the book.
        noise: standard deviation of the noise, 0.2 in the book.

    Returns:
        x: float32, shape (samples * classes, 2); y: int64, shape (samples * classes,).

    Raises:
        ValueError: an argument out of its range.

    Source: `spiral_data` in *Neural Networks from Scratch*, after the course CS231n, Stanford.

    Examples:
        >>> x, y = hy.datasets.spiral(samples=100, classes=3)
        >>> x.shape, y[[0, 100, 200]].tolist()
        ((300, 2), [0, 1, 2])
        >>> x[1].astype(float).round(5).tolist()  # as printed in the book
        [0.003, 0.00965]
    """
    noisy = _BookNoise(samples, classes, seed, noise)
    radius = np.linspace(0, 1, samples)
    points = []
    for c in range(classes):
        t = np.linspace(4 * c, 4 * (c + 1), samples) + noisy.draw()
        points.append(np.column_stack([radius * np.sin(2.5 * t), radius * np.cos(2.5 * t)]))
    return np.concatenate(points).astype(np.float32), np.repeat(
        np.arange(classes, dtype=np.int64), samples
    )


def vertical(
    samples: int = 100, classes: int = 3, seed: int = 0, noise: float = 0.1
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """Clouds side by side, one a class: x = (c / 3, 1/2) plus normal noise, 0.1 in the book.

    Arguments, results and errors are those of `spiral`.

    Source: `vertical_data` in *Neural Networks from Scratch*.

    Examples:
        >>> x, y = hy.datasets.vertical(samples=100, classes=3)
        >>> [round(float(x[y == c, 0].mean()), 1) for c in range(3)]  # around 0, 1/3, 2/3
        [0.0, 0.3, 0.7]
    """
    noisy = _BookNoise(samples, classes, seed, noise)
    points = []
    for c in range(classes):
        first = noisy.draw() + c / 3
        second = noisy.draw() + 0.5
        points.append(np.column_stack([first, second]))
    return np.concatenate(points).astype(np.float32), np.repeat(
        np.arange(classes, dtype=np.int64), samples
    )


def sine(samples: int = 1000) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """One period of the sine, for regression: y = sin 2πx, with x = 0, 1/samples, 2/samples, ...

    Args:
        samples: number of points.

    Returns:
        x and y: float32, shape (samples, 1).

    Raises:
        ValueError: `samples` is no whole number above 0.

    Source: `sine_data` in *Neural Networks from Scratch*.

    Examples:
        >>> x, y = hy.datasets.sine(samples=4)
        >>> x.ravel().tolist(), y.ravel().round(3).tolist()
        ([0.0, 0.25, 0.5, 0.75], [0.0, 1.0, 0.0, -1.0])
    """
    checks.integer(samples, "samples")
    x = np.arange(samples).reshape(-1, 1) / samples
    return x.astype(np.float32), np.sin(2 * np.pi * x).astype(np.float32)


class _BookNoise:
    """The normal noise that readers of the book see after `nnfs.init()`.

    There, NumPy's global generator is seeded and its `randn` made to return float32. A
    RandomState of our own gives the same numbers without touching anything global.
    """

    def __init__(self, samples: int, classes: int, seed: int, noise: float) -> None:
        checks.integer(samples, "samples")
        checks.integer(classes, "classes")
        checks.integer(seed, "seed", low=0, high=2**32 - 1)
        self._samples, self._scale = samples, checks.number(noise, "noise", low=0)
        self._random = np.random.RandomState(seed)

    def draw(self) -> npt.NDArray[np.float32]:
        return self._random.randn(self._samples).astype(np.float32) * self._scale
