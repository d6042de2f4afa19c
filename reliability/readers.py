"""The readers of the library as they are attacked: good files, and changes that know the format."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import random
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import hyalite as hy
from hyalite.data.idx import read_idx
from hyalite.data.images import read_image
from hyalite.files import import_pickle, model_file
from hyalite.training.checkpoint import read as read_checkpoint

ALLOWANCE = 64 << 20  # bytes of memory beside twice the largest file
LARGEST = 1 << 14  # of the inputs; sizes that they declare are anything
SHORT = 300  # inputs for each reader in the short form
NUMBERS = (0, 1, 2, 3, 7, 255, 256, 65535, 1 << 16, 1 << 31, (1 << 31) - 1, (1 << 32) - 1)

Random = random.Random


def flipped(content: bytes, chance: Random) -> bytes:
    """Some bytes changed, or put in, taken out, doubled, cut off; or a number of some width."""
    found = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 2, 4, 8))):
        place = chance.randrange(len(found) + 1)
        kind = chance.randrange(7)
        if kind == 0 and place < len(found):
            found[place] ^= 1 << chance.randrange(8)
        elif kind == 1 and place < len(found):
            found[place] = chance.randrange(256)
        elif kind == 2:
            found[place:place] = chance.randbytes(chance.randrange(1, 9))
        elif kind == 3:
            del found[place : place + chance.randrange(1, 9)]
        elif kind == 4:
            stop = place + chance.randrange(1, 65)
            found[place:place] = found[place:stop]
        elif kind == 5:
            form = chance.choice((">I", "<I", "<Q", ">H", "<H"))
            width = struct.calcsize(form)
            number = (chance.choice(NUMBERS) + chance.choice((-1, 0, 1))) % (1 << 8 * width)
            found[place : place + width] = struct.pack(form, number)
        elif chance.random() < 0.2:
            del found[place:]
    return bytes(found[:LARGEST])


class Reader:
    """A reader under attack: how to call it, good files, and changes that know the format."""

    name = ""
    ending = ""  # of the file's name, where the reader goes by it
    inputs, short = 0, SHORT  # in the full form, in the short one
    allowance = ALLOWANCE
    needs: dict[str, str] = {}  # packages, and the extra that has them
    errors: tuple[type[BaseException], ...] = (hy.FileFormatError,)

    def __init__(self, folder: Path) -> None:
        self.good = self.make(folder)

    def make(self, folder: Path) -> list[bytes]:
        """Good files."""
        raise NotImplementedError

    def change(self, content: bytes, chance: Random) -> bytes:
        """A hostile file."""
        return flipped(content, chance)

    def read(self, path: Path) -> object:
        """Read it."""
        raise NotImplementedError


class Idx(Reader):
    """IDX files, plain."""

    name, inputs = "IDX", 20_000_000

    def make(self, folder: Path) -> list[bytes]:
        head = b"\0\0\x08\x03" + struct.pack(">3I", 2, 3, 4)
        small = b"\0\0\x0d\x01" + struct.pack(">I", 3)
        return [head + bytes(range(24)), small + struct.pack(">3f", 1, 2, 3), b"\0\0\x0b\x02"]

    def change(self, content: bytes, chance: Random) -> bytes:
        if chance.random() < 0.5:
            return flipped(content, chance)
        sizes = [chance.choice(NUMBERS) for _ in range(chance.randrange(6))]
        code, count = chance.choice(b"\x08\x09\x0b\x0c\x0d\x0e\x0a"), len(sizes)
        count = chance.choice((count, count, count, 0, 65, 255))
        body = chance.randbytes(chance.randrange(64))
        return b"\0\0" + bytes((code, count)) + struct.pack(f">{len(sizes)}I", *sizes) + body

    def read(self, path: Path) -> object:
        return read_idx(path, max_bytes=1 << 24)


class Gz(Idx):
    """IDX files, compressed; bombs among them."""

    name, inputs = "gzip", 2_000_000
    allowance = 8 << 20  # half of what a bomb holds, which is a thousand times its file

    def make(self, folder: Path) -> list[bytes]:
        bomb = b"\0\0\x08\x01" + struct.pack(">I", 1 << 12) + bytes(15 << 20)
        plain = super().make(folder)
        self.plain = plain
        return [gzip.compress(text, mtime=0) for text in [*plain, bomb]]

    def change(self, content: bytes, chance: Random) -> bytes:
        if chance.random() < 0.5:
            return flipped(content, chance)
        inside = super().change(chance.choice(self.plain), chance)
        return gzip.compress(inside, 1, mtime=0) + chance.choice((b"", b"", b"x", b"\x1f\x8b"))

    def read(self, path: Path) -> object:
        return read_idx(path, max_bytes=1 << 20)


class Pickle(Reader):
    """Pickles of arrays."""

    name, inputs = "pickle", 10_000_000

    def make(self, folder: Path) -> list[bytes]:
        W = np.arange(6, dtype=np.float32).reshape(2, 3)
        values: list[Any] = [
            {"W1": W, "b1": W[0]},
            [(W, W[0]), (W.T, W[:, 0])],
            [W.astype("i8"), np.float64(3)],
        ]
        return [pickle.dumps(value, protocol) for value in values for protocol in (1, 2, 4, 5)]

    def change(self, content: bytes, chance: Random) -> bytes:
        found = flipped(content, chance)
        while chance.random() < 0.5:  # whole opcodes, with arguments that may fit
            place = chance.randrange(len(found) + 1)
            opcode = bytes((chance.choice(OPCODES),))
            found = found[:place] + opcode + chance.choice(ARGUMENTS) + found[place:]
        return found[:LARGEST]

    def read(self, path: Path) -> object:
        return import_pickle(path)


OPCODES = b"(.0123FIJKLMNPQRSTUVXabcdehgjlqrstpu})]\x80\x81\x82\x85\x86\x87\x88\x8a\x8b\x8c\x8d"
OPCODES += b"\x8e\x8f\x90\x91\x92\x93\x94\x95\x96\x97\x98BCG"
ARGUMENTS = (
    b"",
    b"\0",
    b"\xff\xff\xff\xff",
    struct.pack("<Q", 1 << 60),
    b"os\nsystem\n",
    b"numpy.core.multiarray\n_reconstruct\n",
    b"12345678901234567890\n",
)


class Model(Reader):
    """Model files whose checksum is right, so that the readers behind it are met."""

    name, inputs = "model file", 1_500_000

    def make(self, folder: Path) -> list[bytes]:
        model = hy.Sequential(
            [hy.Flatten(), hy.Dense(3, "relu", l2=0.1), hy.BatchNormalization(), hy.Dense(2)]
        )
        model.compile("huber", hy.Adam(hy.CosineDecay(0.1, 10)), ["r2"], engine="numpy")
        model.build((2, 2), seed=0)
        model.save(folder / "model")
        return [(folder / "model").read_bytes()]

    def change(self, content: bytes, chance: Random) -> bytes:
        if chance.random() < 0.2:
            return flipped(content, chance)
        (length,) = struct.unpack("<Q", content[:8])
        header = json.loads(content[8 : 8 + length])
        settings = json.loads(header["__metadata__"][model_file.METADATA_KEY])
        digits = settings.pop("sha256")
        for _ in range(chance.choice((1, 1, 2, 3))):
            if chance.random() < 0.7:
                settings = twisted(settings, chance)
            else:
                header = twisted(header, chance)
        if not isinstance(header, dict):
            return content
        text = json.dumps(
            {"sha256": "0" * len(digits), **settings} if isinstance(settings, dict) else settings
        )
        header["__metadata__"] = {model_file.METADATA_KEY: text}
        body = content[8 + length :]
        if chance.random() < 0.3:
            body = flipped(body, chance)
        head = json.dumps(header).encode()
        return model_file.sealed(struct.pack("<Q", len(head)) + head + body)

    def read(self, path: Path) -> object:
        return hy.load(path)


class CheckpointFile(Model):
    """Checkpoints whose checksum is right."""

    name, inputs = "checkpoint", 1_000_000

    def make(self, folder: Path) -> list[bytes]:
        self.x = np.linspace(0, 1, 12, dtype=np.float32).reshape(4, 3)
        self.folder = folder / "run"
        self._fit(hy.Checkpoint(self.folder, 1))
        return [path.read_bytes() for path in hy.Checkpoint(self.folder).files()]

    def _fit(self, checkpoint: hy.Checkpoint | None, **options: Any) -> None:
        model = hy.Sequential([hy.Dense(2)])
        model.compile("mean_squared_error", "adam", ["r2"], engine="numpy")
        model.fit(
            self.x, self.x[:, :2], epochs=2, batch_size=3, verbose=0, checkpoint=checkpoint,
            seed=0, callbacks=[hy.EarlyStopping("loss")], **options,
        )  # fmt: skip

    def read(self, path: Path) -> object:
        snapshot = read_checkpoint(path)
        model = hy.Sequential([hy.Dense(2)])
        model.compile("mean_squared_error", "adam", ["r2"], engine="numpy")
        model.build(3, seed=0)
        model.history = hy.History(0)
        from hyalite.data.samples import Samples
        from hyalite.engines.base import Task, Totals

        samples = Samples(self.x, self.x[:, :2], None, model.network.dtype)
        objective = model.network.objective(model.loss, (2,))
        task = Task(samples, 3, objective, model.metrics)
        snapshot.restore(model, task, [hy.EarlyStopping("loss")], Totals())
        return snapshot


class Png(Reader):
    """Pictures whose chunks have right checksums."""

    name, inputs = "PNG", 1_500_000
    needs = {"PIL": "data"}

    def make(self, folder: Path) -> list[bytes]:
        from PIL import Image

        rng, found = np.random.default_rng(0), []
        for mode, shape in {"L": (9, 7), "RGB": (9, 7, 3), "RGBA": (5, 6, 4), "1": (8, 8)}.items():
            pixels = rng.integers(0, 256, shape).astype(np.uint8)
            file = io.BytesIO()
            picture = Image.fromarray(pixels, None if mode != "1" else "L")
            (picture.convert("1") if mode == "1" else picture).save(file, "PNG")
            found.append(file.getvalue())
        file = io.BytesIO()
        Image.fromarray(pixels).convert("P").save(file, "PNG")
        return [*found, file.getvalue()]

    def change(self, content: bytes, chance: Random) -> bytes:
        if chance.random() < 0.3:
            return flipped(content, chance)
        found, place = content[:8], 8
        while place + 12 <= len(content):
            (length,) = struct.unpack(">I", content[place : place + 4])
            kind, body = content[place + 4 : place + 8], content[place + 8 : place + 8 + length]
            if chance.random() < 0.4:
                inner = body
                if kind == b"IDAT" and chance.random() < 0.5:
                    inner = zlib.compress(flipped(zlib.decompress(body), chance))
                else:
                    inner = flipped(body, chance)
                body = inner
            if chance.random() < 0.1:
                kind = chance.choice(
                    (b"tRNS", b"PLTE", b"iCCP", b"zTXt", b"acTL", b"eXIf", b"gAMA")
                )
            for _ in range(chance.choice((1, 1, 1, 1, 0, 2))):
                sum_ = struct.pack(">I", zlib.crc32(kind + body))
                found += struct.pack(">I", len(body)) + kind + body + sum_
            place += 12 + length
        return found[:LARGEST]

    def read(self, path: Path) -> object:
        return read_image(path, max_pixels=1 << 20)


def twisted(value: Any, chance: Random) -> Any:
    """JSON data with one part of it replaced by something unexpected."""
    if isinstance(value, dict) and value and chance.random() < 0.85:
        key = chance.choice(list(value))
        if chance.random() < 0.1:
            return {name: part for name, part in value.items() if name != key}
        if chance.random() < 0.05:
            return {**value, chance.choice(ODD_NAMES): value[key]}
        return {**value, key: twisted(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.8:
        place = chance.randrange(len(value))
        if chance.random() < 0.2:
            return value[:place] + value[place + 1 :]
        return [*value[:place], twisted(value[place], chance), *value[place + 1 :]]
    if isinstance(value, int) and chance.random() < 0.5:
        return value + chance.choice((-1, 1, -(1 << 31), 1 << 31, 1 << 62))
    return chance.choice(ODD)


ODD_NAMES = ("type", "__class__", "", "W", "units", "\0", "a" * 500)
ODD: Sequence[Any] = (
    None, True, -1, 0, 1 << 40, 1 << 70, 1e308, -0.5, "", "relu", "x" * 300, [], {}, [[]], [0] * 40,
    {"type": "Dense"}, {"type": "Sequential"}, {"type": "os.system"}, {"of": {}},
    {"array": "theta"},
    {"number": "nan"}, {"type": "Dense", "units": 1 << 40}, {"type": "Adam"}, "F64", "float64",
)  # fmt: skip
