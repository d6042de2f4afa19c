"""What a page takes away: files that are made in memory, or in a folder of our own."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from hyalite.errors import MissingExtra
from hyalite.model import Sequential
from hyalite.play import code
from hyalite.play.problems import Refused
from hyalite.play.view import View


class File(NamedTuple):
    """A file for the page.

    Attributes:
        name: that it is saved under.
        kind: its Content-Type.
        content: its bytes.
    """

    name: str
    kind: str
    content: bytes


def _written(write: Callable[[Sequential, Path], object], ending: str) -> Callable[[View], bytes]:
    """What a function that writes a model's file writes."""

    def make(view: View) -> bytes:
        with tempfile.TemporaryDirectory(prefix="hyalite-play-") as folder:
            path = Path(folder) / f"model{ending}"
            write(view.model, path)
            return path.read_bytes()

    return make


def _onnx(model: Sequential, path: Path) -> None:
    from hyalite.export import to_onnx

    to_onnx(model, path)


def _c(model: Sequential, path: Path) -> None:
    from hyalite.export import to_c

    to_c(model, path)


def _numpy(model: Sequential, path: Path) -> None:
    from hyalite.export import to_numpy

    to_numpy(model, path)


OCTETS = "application/octet-stream"
FORMATS: dict[str, tuple[str, str, Callable[[View], bytes]]] = {
    "python": (".py", "text/x-python", lambda view: code.python(view.run).encode()),
    "command": (".sh", "text/plain", lambda view: (code.command(view.run) + "\n").encode()),
    "notebook": (
        ".ipynb", "application/x-ipynb+json", lambda view: code.notebook(view.run).encode(),
    ),
    "model": (".safetensors", OCTETS, _written(Sequential.save, ".safetensors")),
    "onnx": (".onnx", OCTETS, _written(_onnx, ".onnx")),
    "c": (".c", "text/x-c", _written(_c, ".c")),
    "numpy": ("-network.py", "text/x-python", _written(_numpy, ".py")),
}  # fmt: skip


def export(view: View, kind: Any) -> File:
    """A file of this format.

    Raises:
        Refused: there is no such format, or it cannot hold this network.
    """
    if not isinstance(kind, str) or kind not in FORMATS:
        raise Refused(f"format must be one of {', '.join(FORMATS)}", "format")
    ending, content_type, make = FORMATS[kind]
    try:
        content = make(view)
    except (ValueError, TypeError, MissingExtra) as error:
        raise Refused(str(error), "", 409) from None
    name = view.run.settings["data"]["kind"]
    return File(f"{name}{ending}", content_type, content)
