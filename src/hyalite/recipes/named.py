"""The data sets that have a name: known images, and points made by a formula."""

from __future__ import annotations

from hyalite.config import nearest
from hyalite.data import datasets
from hyalite.recipes.dataset import Dataset

NAMES = ("mnist", "fashion-mnist", "spiral", "sine")
SPIRAL = {"samples": 100, "classes": 3}  # as in the book
TEST_SPIRAL_SEED = 1  # the training spiral is the book's own, from seed 0
# None of the test points x = 1/999, 2/999, ... is a training point k/1000.
SINE, TEST_SINE = 1000, 999


def named_dataset(name: str) -> Dataset:
    """The data of a name.

    Raises:
        ValueError: no such name.
        OSError: data that cannot be read or downloaded.
        MissingExtra: pooch is needed and missing.
    """
    if name == "mnist":
        (x, y), test = datasets.mnist(flatten=False, normalize=False)
        return Dataset(name, "images", x, y, *test, datasets.MNIST_CLASSES)
    if name == "fashion-mnist":
        (x, y), test = datasets.fashion_mnist(flatten=False, normalize=False)
        return Dataset(name, "images", x, y, *test, datasets.FASHION_MNIST_CLASSES)
    if name == "spiral":
        names = tuple(str(number) for number in range(SPIRAL["classes"]))
        test = datasets.spiral(**SPIRAL, seed=TEST_SPIRAL_SEED)
        return Dataset(name, "points", *datasets.spiral(**SPIRAL), *test, names)
    if name == "sine":
        return Dataset(name, "curve", *datasets.sine(SINE), *datasets.sine(TEST_SINE))
    raise ValueError(
        f"there is no data set {name!r}. {nearest(str(name), NAMES)}Known: {', '.join(NAMES)}"
    )
