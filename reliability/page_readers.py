"""Hostile pages: requests that pretend to be those of `hyalite play`, and settings from links."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

from hyalite.play.api import Pages, answer, parsed
from hyalite.play.guard import Guard, Keys
from hyalite.play.problems import Refused
from hyalite.play.run import run_of
from hyalite.play.settings import DATA, normalized
from reliability.network_readers import SIZES
from reliability.readers import Random, Reader, flipped

MOST_SAMPLES = 400  # of settings that are trained, for a step
WORDS = (
    "relu", "softmax", "Dense", "Dropout", "Conv2D", "Residual", "SGD", "Adam", "CosineDecay",
    "categorical_crossentropy", "Huber", "binary_crossentropy", "val_loss", "numbers", "classes",
    "he_normal", "numpy", "float64", "<script>", "../..", "\x00",
)  # fmt: skip


class PlaySettings(Reader):
    """Settings as a link holds them; those that are accepted are trained for a step."""

    name, inputs, short = "settings of a page", 200_000, 300
    errors = (Refused,)
    allowance = 256 << 20

    def make(self, folder: Path) -> list[bytes]:
        dense = {"type": "Dense", "units": 3, "activation": "relu", "l2": 0.1}
        layers = [dense, {"type": "Dropout", "rate": 0.1}, {"type": "BatchNormalization"},
                  {"type": "Residual", "layers": [dense]}]  # fmt: skip
        rate = {"type": "CosineDecay", "learning_rate": 0.1, "steps": None, "warmup": None}
        some: list[dict[str, Any]] = [
            {"data": {"kind": kind, "samples": 5, "test_samples": 5}, "layers": layers}
            for kind in DATA
            if kind not in ("points", "table", "mnist", "fashion-mnist")
        ]
        points = [[n / 7, n % 3, n % 2] for n in range(12)]
        some += [
            {"data": {"kind": "points", "points": points}, "class_weight": "balanced"},
            {"data": {"kind": "moons"}, "loss": "binary_crossentropy", "output": {"l1": 0.1}},
            {"optimizer": {"type": "SGD", "learning_rate": rate, "momentum": 0.9}, "epochs": 3,
             "stop": {"monitor": "loss"}, "compare": {"seed": 1}},
        ]  # fmt: skip
        return [json.dumps({**one, "engine": "numpy"}).encode() for one in some]

    def change(self, content: bytes, chance: Random) -> bytes:
        if chance.random() < 0.1:
            return flipped(content, chance)
        settings = json.loads(content)
        for _ in range(chance.choice((1, 1, 2, 4))):
            _change(settings, chance)
        return json.dumps(settings).encode()

    def read(self, path: Path) -> object:
        given = parsed(path.read_bytes())
        settings = normalized(given)
        data = settings["data"]
        many = data.get("samples", 0) * (data.get("classes") or 1)
        if many > MOST_SAMPLES or settings["engine"] != "numpy" or data["kind"] == "mnist":
            return settings
        run = run_of(settings)
        run.advance(1)
        return run


class PlayRequests(Reader):
    """Heads of requests, the token not among them: none gets through the guard."""

    name, inputs, short = "requests to a page", 400_000, 400
    errors = (Refused,)

    def make(self, folder: Path) -> list[bytes]:
        head = {
            "method": "POST",
            "path": "/api/advance",
            "headers": [
                ["host", "127.0.0.1:8000"], ["content-type", "application/json"],
                ["origin", "http://127.0.0.1:8000"], ["sec-fetch-site", "same-origin"],
                ["authorization", "Bearer x"], ["content-length", "2"],
            ],
        }  # fmt: skip
        keys = Keys()
        token = keys.exchange(keys.new_key())
        assert token is not None
        self.keys, self.token = keys, token
        return [json.dumps(head).encode(), json.dumps({**head, "path": "/api/session"}).encode()]

    def change(self, content: bytes, chance: Random) -> bytes:
        head = json.loads(content)
        for _ in range(chance.choice((1, 2, 3))):
            header = chance.choice(head["headers"])
            kind = chance.randrange(6)
            if kind == 0:
                header[1] = flipped(header[1].encode(), chance).decode("latin-1")
            elif kind == 1:
                head["headers"].append([header[0].upper(), header[1]])
            elif kind == 2:
                head["headers"].remove(header)
            elif kind == 3:
                head["path"] = flipped(head["path"].encode(), chance).decode("latin-1")
            elif kind == 4:
                head["method"] = chance.choice(("GET", "POST", "PUT", "OPTIONS", "HEAD", ""))
            else:
                header[1] = chance.choice(WORDS)
            if not head["headers"]:
                break
        return json.dumps(head).encode()

    def read(self, path: Path) -> object:
        head = json.loads(path.read_bytes())
        scope: MutableMapping[str, Any] = {
            "type": "http",
            "method": head["method"],
            "path": head["path"],
            "headers": [
                (name.encode("latin-1"), value.encode("latin-1")) for name, value in head["headers"]
            ],
        }
        reached, answered = [], []

        async def behind(scope: Any, receive: Any, send: Any) -> None:
            reached.append(scope["path"])

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": b"{}", "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            answered.append(message)

        asyncio.run(Guard(behind, 8000, self.keys)(scope, receive, send))
        inside = [one for one in reached if one.startswith("/api/") and one != "/api/enter"]
        assert not inside, f"got through: {head}"
        if not reached:
            raise Refused(str(answered[0]["status"]))
        return reached


def _change(value: Any, chance: Random) -> None:
    """One place in JSON data, somewhere, gets another value; in place."""
    places = list(value) if isinstance(value, dict) else list(range(len(value)))
    if not places:
        return
    place = chance.choice(places)
    inner = value[place]
    if isinstance(inner, dict | list) and inner and chance.random() < 0.8:
        _change(inner, chance)
        return
    kind = chance.randrange(5)
    if kind == 0:
        value[place] = copy.deepcopy(chance.choice(SIZES))
    elif kind == 1:
        value[place] = chance.choice(WORDS)
    elif kind == 2 and isinstance(value, dict):
        value[chance.choice(WORDS)] = copy.deepcopy(inner)
    elif kind == 3 and isinstance(value, list):
        value.insert(place, copy.deepcopy(inner))
    else:
        del value[place]


class PlayBodies(Reader):
    """Bodies of requests of a page that is in: each is answered, or refused with a field.

    Exports are left out: they write files, of their own, and no other may be opened here.
    """

    name, inputs, short = "bodies of requests to a page", 100_000, 200
    errors = (Refused,)
    allowance = 256 << 20

    def make(self, folder: Path) -> list[bytes]:
        self.keys = Keys()
        token = self.keys.exchange(self.keys.new_key())
        assert token is not None
        self.token, self.pages = token, Pages(self.keys)
        settings = {
            "data": {"kind": "moons", "samples": 5, "test_samples": 5},
            "layers": [{"type": "Dense", "units": 3, "activation": "relu"}],
            "engine": "numpy",
            "compare": {"seed": 1},
        }
        self.settings = json.dumps({"settings": settings}).encode()
        place = {"parameter": "dense_1.W", "index": [0, 1]}
        want = {
            "output": {"size": 4, "runs": ["a"]}, "maps": {"size": 4, "units": 2, "layers": None},
            "weights": ["dense_1.W"], "gradients": True, "units": True, "snapshots": True,
            "histograms": {"bins": 4, "of": ["weights", "gradients"]}, "confusion": "test",
            "predictions": "training", "field": {"size": 3, "of": "output", "class": 0},
            "history": {"since": {"a": 0}}, "sample": {"part": "test", "index": 1},
            "hidden": {"layer": "dense_1", "units": [0, 1], "part": "test", "size": 3},
        }  # fmt: skip
        samples = {"part": "test", "rows": [1, 2]}
        reference = {"array": "dense_1.y", "index": [0, 1], "samples": samples}
        bodies: list[tuple[str, dict[str, Any]]] = [
            ("/api/advance", {"do": "epoch", "count": 1, "speed": None, "want": want}),
            ("/api/advance", {"do": "seek", "snapshot": 1, "want": want}),
            ("/api/data", {"run": "b", "part": "test", "start": 1, "count": 3}),
            ("/api/inspect", place),
            ("/api/inspect", {"unit": {"layer": "dense_1", "unit": 1}}),
            ("/api/trace", {"reference": reference}),
            ("/api/weight", {**place, "value": 0.5}),
            ("/api/digit", {"width": 2, "height": 2, "gray": "AAAAAA=="}),
        ]
        return [json.dumps([path, body]).encode() for path, body in bodies]

    def change(self, content: bytes, chance: Random) -> bytes:
        path, body = json.loads(content)
        for _ in range(chance.choice((1, 1, 2, 3))):
            _change(body, chance)
        return json.dumps([path, body]).encode()

    def read(self, path: Path) -> object:
        where, body = json.loads(path.read_bytes())
        if not self.pages.session(self.token).runs:
            self._ask("/api/session", self.settings)
        found = self._ask(where, json.dumps(body).encode())
        self.pages.session(self.token).playing = False
        return found

    def _ask(self, path: str, body: bytes) -> object:
        return answer(self.pages, "POST", path, {}, body, self.token)
