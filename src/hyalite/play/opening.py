"""A model's file that was dropped on the page: its settings, and its numbers to start from."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hyalite.config import to_config
from hyalite.exact import is_exactly
from hyalite.layers import Dense, Embedding, Flatten, Layer, Rescaling
from hyalite.loading import load
from hyalite.model import Sequential
from hyalite.parameters import Backup
from hyalite.play.data import data_of
from hyalite.play.parts import HIDDEN
from hyalite.play.preparing import Preparing
from hyalite.play.problems import Refused, at
from hyalite.play.run import Run
from hyalite.play.session import Session
from hyalite.play.settings import DATA, normalized

OPTIONS_OF_LAST = ("units", "type")


def open_model(session: Session, content: bytes) -> None:
    """Work with the model of a file from now on.

    It is trained on what its file says, where the page knows these data, else on the present ones.

    Raises:
        Refused: it is no model's file, or of a model that the page cannot make.
    """
    with tempfile.TemporaryDirectory(prefix="hyalite-play-") as folder:
        path = Path(folder) / "model.safetensors"
        path.write_bytes(content)
        try:
            with at(""):
                model = load(path)
        except Refused as error:
            text = error.problem.message.replace(str(path), "the file")
            raise Refused(text, "", 400) from None
    settings = normalized({**(session.settings or {}), **_settings(model, session)})
    data = data_of(settings, session.uploads)
    run = Run(settings, data)
    mine, its = run.model.network.ready, model.network.ready
    same = {name: array.shape for name, array in mine.named().items()}
    if same != {name: array.shape for name, array in its.named().items()}:
        raise Refused(
            f"the model takes samples of shape {model.network.input_shape}, which these data do "
            "not have; choose the data that it was trained on first",
            "",
            409,
        )
    start = Backup(its.theta.copy(), its.state.copy())
    with session.looking, session.turns.first():
        session.playing = False
        session.take(settings, {"a": Run(settings, data, start)})
        session.preparing = [Preparing(settings, data)]


def _settings(model: Sequential, session: Session) -> dict[str, Any]:
    """What of the settings the model says."""
    found: dict[str, Any] = {"compare": None, "dtype": model.network.dtype.name}
    name = model.metadata.get("data")
    now = (session.settings or {}).get("data", {}).get("kind")
    if isinstance(name, str) and name in DATA and name not in ("points", "table") and name != now:
        found["data"] = {"kind": name}
    layers = [layer for layer in model.layers if not is_exactly(layer, Embedding)]
    layers = [one for one in layers if not is_exactly(one, Flatten, Rescaling)]
    if not layers or not is_exactly(layers[-1], Dense) or model.layers[-1] is not layers[-1]:
        raise Refused("the page knows models that end in a Dense layer", "")
    found["layers"] = [_described(layer) for layer in layers[:-1]]
    last = _described(layers[-1])
    found["output"] = {k: v for k, v in last.items() if k not in OPTIONS_OF_LAST}
    if model.compiled:
        found["loss"] = _plain(to_config(model.loss))
        found["optimizer"] = _plain(to_config(model.optimizer))
    return found


def _described(layer: Layer) -> dict[str, Any]:
    """A layer as settings have it."""
    found = _plain(to_config(layer))
    assert isinstance(found, dict)
    return found


def _plain(value: Any) -> Any:
    """JSON data without what a page does not say."""
    if isinstance(value, dict):
        if value.get("columns") is not None:
            raise Refused("the page knows no layers of single columns", "layers")
        return {name: _plain(item) for name, item in value.items() if name not in HIDDEN}
    return [_plain(item) for item in value] if isinstance(value, list) else value
