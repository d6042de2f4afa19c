"""The goals: a network, the data, and the share of the test pictures that must be right."""

from __future__ import annotations

from dataclasses import dataclass

import hyalite as hy
from benchmarks.convolution_accuracy.training import Maker, named, own
from hyalite.layers import Layer

SEEDS = 5  # that a goal is the mean of


@dataclass(frozen=True)
class Goal:
    """What is wanted, and of which network.

    Attributes:
        title: of the network.
        least: share of the test pictures that must be right after the last epoch.
        make: the network, ready to be trained.
        data: "mnist" or "fashion-mnist".
        seconds: that training may take on two cores; None where nothing is wanted.
    """

    title: str
    least: float
    make: Maker
    data: str = "mnist"
    seconds: float | None = None

    @property
    def text(self) -> str:
        """What is wanted, in short."""
        beside = "" if self.seconds is None else f" within {self.seconds:g} s"
        return f"{100 * self.least:g} %{beside}"


def scaled() -> Layer:
    """Raw pixels to 0..1."""
    return hy.Rescaling(1 / 255)


def conv(filters: int, size: int = 3, padding: str | int = "valid") -> Layer:
    """A convolution with ReLU and He's initial values."""
    return hy.Conv2D(filters, size, padding=padding, activation="relu", initializer="he_normal")


def dense(units: int) -> Layer:
    """A dense layer with ReLU and He's initial values."""
    return hy.Dense(units, "relu", initializer="he_normal")


def normalized(
    filters: int, size: int = 3, *, padding: str = "valid", pool: bool = False
) -> list[Layer]:
    """Convolution, pooling, batch normalization, ReLU.

    Pooling stands before the normalization, which then has a quarter of the pixels to see to, and
    the compiled engine pools in the convolution's own pass.
    """
    kernel = hy.Conv2D(filters, size, padding=padding, use_bias=False, initializer="he_normal")
    pooling: list[Layer] = [hy.MaxPooling2D()] if pool else []
    return [kernel, *pooling, hy.BatchNormalization(), hy.ReLU()]


def simple_conv_net() -> list[Layer]:
    """Of *Deep Learning from Scratch*, chapter 7."""
    return [scaled(), conv(30, 5), hy.MaxPooling2D(), hy.Flatten(), dense(100)]


def deep_conv_net() -> list[Layer]:
    """Of *Deep Learning from Scratch*, chapter 8, without its dropout behind the last layer."""
    return [
        scaled(),
        *(conv(16, padding=1), conv(16, padding=1), hy.MaxPooling2D()),
        *(conv(32, padding=1), conv(32, padding=2), hy.MaxPooling2D()),
        *(conv(64, padding=1), conv(64, padding=1), hy.MaxPooling2D()),
        *(hy.Flatten(), dense(50), hy.Dropout(0.5)),
    ]


def keras_convnet() -> list[Layer]:
    """Of Keras's example `mnist_convnet`."""
    return [
        scaled(),
        *(hy.Conv2D(32, 3, activation="relu"), hy.MaxPooling2D()),
        *(hy.Conv2D(64, 3, activation="relu"), hy.MaxPooling2D()),
        *(hy.Flatten(), hy.Dropout(0.5)),
    ]


def one_epoch() -> list[Layer]:
    """Batch normalization, so that few steps suffice."""
    return [
        scaled(),
        *normalized(32, 5, pool=True),
        *normalized(32),
        *normalized(64, pool=True),
        *(hy.Flatten(), dense(128)),
    ]


def small() -> list[Layer]:
    """13,018 parameters."""
    return [
        hy.RandomAffine(),
        scaled(),
        *normalized(16, 5, pool=True),
        *normalized(24),
        *normalized(24, pool=True),
        hy.Flatten(),
    ]


def clothes() -> list[Layer]:
    """Three convolutions, each pooled, and a dense layer."""
    return [
        scaled(),
        *(conv(32, padding="same"), hy.MaxPooling2D()),
        *(conv(64, padding="same"), hy.MaxPooling2D()),
        *(conv(96, padding="same"), hy.MaxPooling2D(), hy.Dropout(0.3)),
        *(hy.Flatten(), dense(48), hy.Dropout(0.2)),
    ]


def mirrored_clothes() -> list[Layer]:
    """Five convolutions with batch normalization, of pictures that are mirrored at random."""
    return [
        hy.RandomFlip(),
        scaled(),
        *(*normalized(32, padding="same"), *normalized(32, padding="same", pool=True)),
        hy.Dropout(0.1),
        *(*normalized(64, padding="same"), *normalized(64, padding="same", pool=True)),
        hy.Dropout(0.15),
        *(*normalized(64, padding="same"), hy.Dropout(0.25), hy.GlobalAveragePooling2D()),
    ]


GOALS = {
    "network-conv": Goal(
        "`hyalite train mnist --network conv`", 0.992, named("conv"), seconds=60.0
    ),
    "one-epoch": Goal("one epoch", 0.99, own(one_epoch, rate=0.005, epochs=1, batch_size=32)),
    "mnist-convnet": Goal(
        "Keras's `mnist_convnet`",
        0.9915,
        own(keras_convnet, rate=0.003, epochs=15, batch_size=128),
    ),
    "small": Goal("at most 16,000 parameters", 0.993, own(small, rate=0.01, epochs=20)),
    "simple-conv-net": Goal(
        "the book's SimpleConvNet", 0.989, own(simple_conv_net, rate=0.003, epochs=20)
    ),
    "fashion": Goal(
        "at most 125,000 parameters",
        0.925,
        own(clothes, rate=0.002, epochs=20, weight_decay=0.05),
        "fashion-mnist",
    ),
    "fashion-normalized": Goal(
        "as many, normalized and mirrored",
        0.935,
        own(mirrored_clothes, rate=0.005, epochs=14, weight_decay=0.05, label_smoothing=0.1),
        "fashion-mnist",
    ),
    "deep-conv-net": Goal(
        "the book's DeepConvNet", 0.9935, own(deep_conv_net, rate=0.001, epochs=20)
    ),
}
