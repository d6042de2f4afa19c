"""Points in the plane to be told apart, from two classes to many: circles, moons, blobs, xor."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hyalite import checks

Points = tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]
MOST_CLASSES = 1000


def circles(samples: int = 100, classes: int = 2, seed: int = 0, noise: float = 0.1) -> Points:
    """Rings around the origin, one a class, the outermost with radius 1.

    For class c of C: x = r·(cos t, sin t), r = (c + 1) / C, with t evenly around and the whole
    ring turned at random; plus normal noise.

    Args:
        samples: points a class.
        classes: number of rings.
        seed: of the noise; the same seed gives the same points.
        noise: its standard deviation, in gaps between two rings.

    Returns:
        x: float32, shape (samples * classes, 2); y: int64, shape (samples * classes,).

    Raises:
        ValueError: an argument out of its range.

    Examples:
        >>> x, y = hy.datasets.circles(samples=100, classes=2, noise=0.0)
        >>> np.linalg.norm(x, axis=1)[[0, 100]].round(3).tolist(), y[[0, 100]].tolist()
        ([0.5, 1.0], [0, 1])
    """
    random = _checked(samples, classes, seed, noise)
    points = []
    for c in range(classes):
        t = 2 * np.pi * (np.arange(samples) / samples + random.rand())
        points.append((c + 1) / classes * np.column_stack([np.cos(t), np.sin(t)]))
    return _moved(points, random, noise / classes)


def moons(samples: int = 100, classes: int = 2, seed: int = 0, noise: float = 0.1) -> Points:
    """Half circles that reach into each other, one a class, open downward and upward in turn.

    Before all is scaled to a width of 2: for even c x = (c + cos t, sin t), for odd c
    x = (c - cos t, 1/2 - sin t), with t evenly from 0 to π; plus normal noise.

    Arguments, results and errors are those of `circles`; the noise is in radii of a moon.

    Examples:
        >>> x, y = hy.datasets.moons(samples=3, classes=2, noise=0.0)
        >>> x.astype(float).round(2).tolist()[:3]  # the first moon, from right to left
        [[0.33, -0.17], [-0.33, 0.5], [-1.0, -0.17]]
    """
    random = _checked(samples, classes, seed, noise)
    t = np.linspace(0, np.pi, samples)
    points = []
    for c in range(classes):
        side = 1 - 2 * (c % 2)
        points.append(np.column_stack([c + side * np.cos(t), side * np.sin(t) + (c % 2) / 2]))
    middle, half = np.array([(classes - 1) / 2, 0.25]), (classes + 1) / 2
    return _moved([(part - middle) / half for part in points], random, noise / half)


def blobs(samples: int = 100, classes: int = 2, seed: int = 0, noise: float = 0.2) -> Points:
    """Round clouds, one a class, around places that are evenly spread on a circle of radius 1.

    For class c of C: x = (cos 2πc/C, sin 2πc/C) plus normal noise.

    Arguments, results and errors are those of `circles`; the noise is in radii of the circle.

    Examples:
        >>> x, y = hy.datasets.blobs(samples=100, classes=4)
        >>> [abs(x[y == c].mean(axis=0)).round().tolist() for c in (0, 1)]
        [[1.0, 0.0], [0.0, 1.0]]
    """
    random = _checked(samples, classes, seed, noise)
    turns = 2 * np.pi * np.arange(classes) / classes
    points = [np.tile([np.cos(turn), np.sin(turn)], (samples, 1)) for turn in turns]
    return _moved(points, random, noise)


def xor(samples: int = 100, classes: int = 2, seed: int = 0, noise: float = 0.05) -> Points:
    """A board of fields from -1 to 1, whose classes change in every row and column.

    For C classes there are C by C fields; that in column i and row j belongs to the class
    (i + j) mod C. With two classes it is the exclusive or of the signs of the two coordinates.
    Points lie evenly at random in the fields of their class; then normal noise is added.

    Arguments, results and errors are those of `circles`; the noise is in widths of the board.

    Examples:
        >>> x, y = hy.datasets.xor(samples=100, classes=2, noise=0.0)
        >>> bool(((x[:, 0] > 0) ^ (x[:, 1] > 0) == y).all())
        True
    """
    random = _checked(samples, classes, seed, noise)
    row = np.arange(samples) % classes
    points = []
    for c in range(classes):
        field = np.column_stack([(c - row) % classes, row])
        points.append(2 * (field + random.rand(samples, 2)) / classes - 1)
    return _moved(points, random, 2 * noise)


def _checked(samples: int, classes: int, seed: int, noise: float) -> np.random.RandomState:
    """The random numbers: RandomState's are the same in every version of NumPy."""
    checks.integer(samples, "samples")
    checks.integer(classes, "classes", high=MOST_CLASSES)
    checks.number(noise, "noise", low=0)
    return np.random.RandomState(checks.integer(seed, "seed", low=0, high=2**32 - 1))


def _moved(
    points: list[npt.NDArray[np.float64]], random: np.random.RandomState, scale: float
) -> Points:
    """The points of all classes with noise, and their labels."""
    x = np.concatenate(points)
    x += scale * random.randn(*x.shape)
    labels = np.arange(len(points), dtype=np.int64)
    return x.astype(np.float32), np.repeat(labels, len(points[0]))
