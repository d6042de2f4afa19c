"""Hostile networks: model files with blocks and layers of pictures, and layers in words.

What was read is used, too, where it is small: shown, drawn, and run by both engines.
"""

from __future__ import annotations

import copy
import json
import math
import os
import struct
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

import hyalite as hy
from hyalite.config import to_config
from hyalite.files import model_file
from hyalite.network import Network
from hyalite.recipes import Dataset, Recipe
from hyalite.recipes.layer_words import MOST, parse
from hyalite.recipes.networks import layers_for
from reliability.readers import LARGEST, Model, Random, Reader, flipped

MOST_NUMBERS = 50_000  # between the layers of a network that is run
MOST_WEIGHTS = 5_000  # of a network in words that is made
ROWS = 3


class Pictures(Model):
    """Model files with convolutions, pooling, paddings, augmentation and residual blocks."""

    name, inputs, short = "model file of pictures", 500_000, 400

    def make(self, folder: Path) -> list[bytes]:
        found = []
        for number, (layers, shape, dtype) in enumerate(networks()):
            model = hy.Sequential(layers, dtype=dtype)
            model.compile("categorical_crossentropy", hy.Adam(0.01), ["accuracy"])
            model.build(shape, seed=number)
            model.save(folder / "model")
            found.append((folder / "model").read_bytes())
        for layer in ADDED:  # what a kernel needs is loaded now, before files are watched
            for dtype in ("float32", "float64"):
                model = hy.Sequential([hy.Tanh(), copy.deepcopy(layer)], dtype=dtype)
                model.build((4,) if isinstance(layer, FLAT) else (4, 4, 2), seed=0)
                run(model)
        self.added = list(map(to_config, ADDED))
        return found

    def change(self, content: bytes, chance: Random) -> bytes:
        if chance.random() < 0.3:
            return super().change(content, chance)
        (length,) = struct.unpack("<Q", content[:8])
        header = json.loads(content[8 : 8 + length])
        settings = json.loads(header["__metadata__"][model_file.METADATA_KEY])
        for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
            if chance.random() < 0.5:
                _relaid(settings["layers"], settings["names"], self.added, chance)
            else:
                _resized(settings, chance)
        settings.pop("sha256", None)
        settings = {"sha256": model_file.ZEROS, **settings}
        header["__metadata__"] = {model_file.METADATA_KEY: json.dumps(settings)}
        head = json.dumps(header).encode()
        return model_file.sealed(struct.pack("<Q", len(head)) + head + content[8 + length :])

    def read(self, path: Path) -> object:
        model = hy.load(path)
        assert str(model)
        assert model.diagram().svg
        run(model)
        return model


def networks() -> list[tuple[list[hy.Layer], tuple[int, ...], str]]:
    """Layers, shape of a sample and dtype: small, and with every kind of layer of pictures."""
    pictures = [
        hy.RandomAffine(1, 20, 0.1), hy.Rescaling(0.1), hy.ZeroPadding2D(((0, 1), (2, 0))),
        hy.Conv2D(2, 3, 2, "same", "relu", l2=0.1), hy.MaxPooling2D(2, 1, "same"),
        hy.DepthwiseConv2D(2, 1, 1, 2, "tanh"), hy.AveragePooling2D((2, 1)),
        hy.GlobalAveragePooling2D(), hy.Dense(2, "softmax"),
    ]  # fmt: skip
    block = [hy.BatchNormalization(), hy.ReLU(), hy.Conv2D(2, 3, 1, "same", use_bias=False)]
    residual = [
        hy.RandomFlip(), hy.Conv2D(2, 3, padding=1, name="first"),
        hy.Residual([*block, hy.Residual([hy.GaussianNoise(0.1), hy.Tanh()])], name="block"),
        hy.MaxPooling2D(), hy.Flatten(), hy.Dropout(0.2), hy.Dense(2, "softmax"),
    ]  # fmt: skip
    dense = [
        hy.Residual([hy.Dense(3, "gelu"), hy.Residual([hy.LayerNormalization()]), hy.Dense(4)]),
        hy.Dense(2, "softmax"),
    ]  # fmt: skip
    return [
        (pictures, (6, 7, 2), "float32"), (residual, (6, 5), "float64"), (dense, (4,), "float32"),
    ]  # fmt: skip


# layers that are put into a file
ADDED = (
    hy.MaxPooling2D(2, 1, "same"), hy.AveragePooling2D(1), hy.ZeroPadding2D(), hy.RandomAffine(),
    hy.GlobalAveragePooling2D(), hy.RandomFlip("vertical"), hy.Flatten(), hy.Rescaling(2.0),
    hy.Residual([hy.ReLU()]), hy.GaussianNoise(0.1), hy.Conv2D(1, 1), hy.DepthwiseConv2D(1),
    hy.BatchNormalization(), hy.LayerNormalization(), hy.Softmax(), hy.Dense(1), hy.Dropout(0.1),
    hy.Embedding(3, 2), hy.PeriodicEmbedding(None, 2, 2), hy.Scale(), hy.SmoothClip(),
)  # fmt: skip
FLAT = (  # which take no pictures
    hy.LayerNormalization, hy.Softmax, hy.Dense, hy.Embedding, hy.PeriodicEmbedding, hy.Scale,
)  # fmt: skip
SIZES: tuple[Any, ...] = (
    0, 1, 2, 3, 5, 7, 64, 1000, 1 << 20, 1 << 31, 1 << 32, 1 << 62, 1 << 63, 1 << 70, 10**30,
    10**400, -1, 0.5, 1e308, True, None, "same", "valid", "", [], [1], [1, 2], [2, 1], [3, 1 << 40],
    [1, 2, 3], [[0, 1], [1, 0]], [[1, 1 << 33], [0, 0]], [[[1]]], {"type": "ReLU"},
)  # fmt: skip


def _relaid(layers: Any, names: Any, added: list[Any], chance: Random) -> None:
    """One layer is put in, taken out, doubled, moved, or put within a block; in place."""
    if not isinstance(layers, list) or not isinstance(names, list):
        return
    inner = [layer["layers"] for layer in layers if isinstance(layer, dict) and "layers" in layer]
    if inner and chance.random() < 0.4:
        within = chance.choice(inner)
        _relaid(within, [""] * len(within) if isinstance(within, list) else [], added, chance)
        return
    place, kind = chance.randrange(len(layers) + 1), chance.randrange(5)
    if kind == 0 or place == len(layers):
        layers.insert(place, copy.deepcopy(chance.choice(added)))
        names.insert(place, f"new_{chance.randrange(1000)}")
    elif kind == 1:
        del layers[place], names[place : place + 1]
    elif kind == 2:
        layers.insert(place, copy.deepcopy(layers[place]))
        names.insert(place, f"new_{chance.randrange(1000)}")
    elif kind == 3 and len(names) == len(layers):
        to = chance.randrange(len(layers))
        layers.insert(to, layers.pop(place))
        names.insert(to, names.pop(place))
    else:
        layers[place] = {"type": "Residual", "layers": [layers[place]], "name": None}


def _resized(value: Any, chance: Random) -> None:
    """One setting somewhere is another size, or what is none; in place."""
    held = [value]
    places: list[tuple[Any, Any]] = []
    while held:
        one = held.pop()
        for key in list(one) if isinstance(one, dict) else range(len(one)):
            if isinstance(one[key], dict | list):
                held.append(one[key])
            if key not in ("type", "sha256"):
                places.append((one, key))
    one, key = chance.choice(places)
    one[key] = copy.deepcopy(chance.choice(SIZES))


def run(model: hy.Sequential) -> None:
    """Predict some rows by both engines, where nothing between the layers is large."""
    network = model.network
    if _numbers(network) > MOST_NUMBERS:
        return
    x = np.zeros((ROWS, *network.input_shape), network.dtype)
    with np.errstate(all="ignore"):
        for engine in ("numpy", "compiled") if find_spec("numba") else ("numpy",):
            model.engine = engine
            assert model.predict(x).shape == (ROWS, *network.output_shape)


def _numbers(network: Network) -> int:
    """How many there are at once for one sample, at most: outputs, and pictures with a border."""
    most = math.prod(network.input_shape)
    for place in network.walk():
        most = max(most, math.prod(place.shape))
        windows = getattr(place.layer, "windows", None)
        if windows is not None:
            over = windows(place.layer.input_shape)
            most = max(most, math.prod(over.picture), math.prod(over.output) * math.prod(over.size))
    return most


class Words(Reader):
    """Layers in words, as ``--layers`` takes them."""

    name, inputs, short = "layers in words", 2_000_000, 2000
    errors = (ValueError,)

    def make(self, folder: Path) -> list[bytes]:
        x, y = np.zeros((4, 12, 13), np.uint8), np.array([0, 1, 1, 0])
        self.dataset = Dataset("zeros", "images", x, y, x, y, ("no", "yes"))
        Recipe(engine="numpy").model(self.dataset).predict(x)  # finds the threads of NumPy's BLAS
        return [
            b"conv32,pool,conv64,pool,128", b"64,64", b"none", b"conv4x2s1same, gap, 3",
            b"pool3s2same,conv2x1s2", b"conv2x3s1same,pools1,pool2", b"gap",
        ]  # fmt: skip

    def change(self, content: bytes, chance: Random) -> bytes:
        if chance.random() < 0.2:
            return flipped(content, chance)
        for _ in range(chance.choice((1, 1, 2, 4, 12))):
            place = chance.randrange(len(content) + 1)
            taken = place + chance.choice((0, 0, 0, 1, 2, 9))
            content = content[:place] + chance.choice(PIECES) + content[taken:]
        return content[:LARGEST]

    def read(self, path: Path) -> object:
        text = os.fsdecode(path.read_bytes())  # as the command line gives it
        words = parse(text)
        numbers = [*words.units]
        for part in words.pictures:
            numbers += [number for number in part if isinstance(number, int)]
        assert all(0 < number <= MOST for number in numbers)
        network = Network(layers_for(Recipe(layers=text), self.dataset))
        parameters, _, _ = network.plan(self.dataset.x.shape[1:])
        if sum(map(math.prod, parameters.values())) > MOST_WEIGHTS:
            return words
        model = Recipe(layers=text, engine="numpy").model(self.dataset)
        assert model.predict(self.dataset.x).shape == (4, 2)
        return words


PIECES = (
    b"conv", b"pool", b"gap", b"same", b"none", b"x", b"s", b",", b",", b"0", b"1", b"2", b"3",
    b"32", b"999999", b"1000000", b"9" * 99, b" ", b"-1", b"+2", b"1e3", b"0x8", b"1_0", b"2.5",
    b"\n", b"\t", b"\0", b"\xff", b"\xc2\xb2", b"\xd9\xa3", b"\xef\xbc\x92", b"\xe2\x80\x8b",
    b"conv2,", b"pool,", b",gap", b"conv1x1s1same,", b"2," * 40, b"conv1x1," * 30, b"None", b"()",
)  # fmt: skip
