"""The requests of a page: what comes back is what the library says of the same model."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import numpy as np
import pytest

import hyalite as hy
from hyalite.play import limits
from hyalite.play.run import run_of
from tests.play.helpers import SMALL, SPIRAL, Answered, Page

EVERYTHING: dict[str, Any] = {
    "output": {"size": 20}, "maps": {"size": 10}, "weights": True, "gradients": True,
    "units": True, "histograms": {"bins": 8, "of": ["weights", "activations", "gradients"]},
    "confusion": "test", "predictions": "test", "field": {"size": 5},
    "history": {"since": {"a": 0}}, "snapshots": True,
    "hidden": {"layer": "dense_1", "units": [0, 1], "part": "test"},
}  # fmt: skip


def test_a_page_trains_and_sees(page: Page) -> None:
    about = page.post("/api/session", {"settings": SMALL})
    assert about["started_anew"]
    assert about["data"]["classes"] == ["0", "1", "2"]
    assert [one["units"] for one in about["runs"]["a"]["layers"]] == [4, 3]
    header, arrays = page.advance("epoch", count=3, want=EVERYTHING)
    run = run_of(SMALL)
    run.train(3)
    model, data = run.model, run.data
    there = header["runs"]["a"]
    assert (header["status"], there["epoch"], there["step"]) == ("paused", 3, run.step)
    for name, value in run.figures.items():
        assert there["figures"][name] == pytest.approx(value)
    theta = arrays["a", "theta"]
    assert theta.tobytes() == model.theta.tobytes()
    size = header["arrays"]
    assert {one["offset"] % 8 for one in size} == {0}

    (low, high), (bottom, top) = about["data"]["domain"]
    corner = [low + 0.5 * (high - low) / 20, top - 0.5 * (top - bottom) / 20]
    probabilities = model.predict(np.array([corner], np.float32))[0]
    assert arrays["a", "region"][0, 0] == probabilities.argmax()
    assert abs(int(arrays["a", "surety"][0, 0]) - 255 * probabilities.max()) <= 1
    assert arrays["a", "maps"].shape == (7, 10, 10)
    hidden = hy.Sequential([hy.Dense(4, "relu")])
    hidden.build(2)
    hidden.set_weights([model.get_weights()["dense_1.W"], model.get_weights()["dense_1.b"]])
    corner = [low + 0.5 * (high - low) / 10, top - 0.5 * (top - bottom) / 10]
    outputs = hidden.predict(np.array([corner], np.float32))[0]
    scales, maps = arrays["a", "map_scales"], arrays["a", "maps"]
    np.testing.assert_allclose(
        (maps[:4, 0, 0].astype(float) - 128) / 127 * scales[:4],
        outputs,
        atol=0.51 * scales.max() / 127,
    )
    predicted = model.predict_classes(data.x_test)
    assert arrays["a", "predicted"].tolist() == predicted.tolist()
    expected = np.zeros((3, 3), int)
    np.add.at(expected, (data.y_test, predicted), 1)
    assert arrays["a", "confusion"].tolist() == expected.tolist()
    outputs = hidden.predict(data.x)
    assert arrays["a", "unit_state"].tolist()[:4] == (outputs.max(axis=0) <= 0).astype(int).tolist()
    np.testing.assert_allclose(
        arrays["a", "unit_mean"][:4], outputs.mean(axis=0), rtol=1e-4, atol=1e-6
    )
    np.testing.assert_allclose(
        arrays["a", "hidden_points"], hidden.predict(data.x_test)[:, :2], rtol=1e-4, atol=1e-6
    )
    assert arrays["a", "history.epoch"].tolist() == [1, 2, 3]
    np.testing.assert_allclose(
        arrays["a", "history.val_loss"], model.history["val_loss"], rtol=1e-6
    )
    assert arrays["a", "histogram.weights"].sum(axis=1).tolist() == [12, 15]
    assert arrays["a", "field"].shape == (5, 5, 2)
    header, arrays = page.advance("nothing", want={"history": {"since": {"a": 3}}})
    assert arrays["a", "history.epoch"].tolist() == []


def test_the_update_is_what_the_next_step_does(page: Page) -> None:
    page.post("/api/session", {"settings": {**SMALL, "engine": "numpy"}})
    _, before = page.advance("batch", count=2, want={"weights": True, "gradients": True})
    weight = page.post("/api/inspect", {"parameter": "dense_1.W", "index": [1, 2]})
    _, after = page.advance("batch", want={"weights": True})
    moved = after["a", "theta"] - before["a", "theta"]
    np.testing.assert_allclose(before["a", "update"], moved, atol=1e-7)
    assert weight["value"] == pytest.approx(float(before["a", "theta"][6]))
    assert weight["after"] == pytest.approx(float(after["a", "theta"][6]), abs=1e-7)
    assert weight["gradient"] == pytest.approx(float(before["a", "gradient"][6]))
    assert {"mean", "mean_square"} <= {name.rpartition(" ")[2] for name in weight["optimizer"]}


def test_a_unit_tells_of_itself(page: Page) -> None:
    page.post("/api/session", {"settings": SMALL})
    found = page.post("/api/inspect", {"unit": {"layer": "dense_1", "unit": 1}})
    assert found["activation"] == "relu"
    assert len(found["weights"]) == 2
    assert sum(found["histogram"]["counts"]) == 60
    page.post("/api/weight", {"parameter": "dense_1.b", "index": [1], "value": -100})
    found = page.post("/api/inspect", {"unit": {"layer": "dense_1", "unit": 1}})
    assert (found["bias"], found["state"], found["active"]) == (-100, "dead", 0)
    header, arrays = page.advance("nothing", want={"units": True})
    assert arrays["a", "unit_state"][1] == 1
    assert not header["runs"]["a"]["reproducible"]


def test_points_come_as_they_are(page: Page) -> None:
    page.post("/api/session", {"settings": SMALL})
    header, arrays = page.post("/api/data", {"part": "test", "start": 5, "count": 10})
    x, y = hy.datasets.spiral(20, 3, seed=1)
    assert header["total"] == 60
    np.testing.assert_array_equal(arrays[None, "x"], x[5:15])
    assert arrays[None, "y"].tolist() == y[5:15].tolist()


def test_painted_points_are_cut_as_a_fit_cuts_them(page: Page) -> None:
    rng = np.random.default_rng(0)
    points = [
        [round(float(a), 3), round(float(b), 3), int(a > 0)] for a, b in rng.normal(size=(40, 2))
    ]
    about = page.post(
        "/api/session", {"settings": {**SMALL, "data": {"kind": "points", "points": points}}}
    )
    assert (about["data"]["training"], about["data"]["test"]) == (32, 8)
    _, training = page.post("/api/data", {"part": "training"})
    _, test = page.post("/api/data", {"part": "test"})
    both = np.concatenate([training[None, "x"], test[None, "x"]])
    assert sorted(both[:, 0].tolist()) == sorted(np.float32([p[0] for p in points]).tolist())
    assert page.advance("epoch", want={"output": {"size": 10}})[1]["a", "region"].max() <= 1


def test_the_inputs_are_those_of_the_network(page: Page) -> None:
    features = ["x2", "x1^2", "sin(x1)"]
    about = page.post(
        "/api/session", {"settings": {**SMALL, "data": {**SPIRAL, "features": features}}}
    )
    assert about["data"]["inputs"] == features
    assert about["data"]["axes"] == ["x1", "x2"]
    assert about["runs"]["a"]["parameters"][0]["shape"] == [3, 4]


def test_a_curve_is_a_curve(page: Page) -> None:
    settings = {
        "data": {"kind": "sine", "samples": 50, "test_samples": 20},
        "epochs": 5,
        "engine": "numpy",
    }
    about = page.post("/api/session", {"settings": settings})
    assert about["data"]["shape"] == "curve"
    _, arrays = page.advance("epoch", want={"output": {"size": 30}, "maps": {"size": 30}})
    run = run_of(settings)
    run.train(1)
    x = np.linspace(*about["data"]["domain"][0], 30, dtype=np.float32)[:, None]
    np.testing.assert_allclose(arrays["a", "curve"], run.model.predict(x)[:, 0], atol=1e-6)
    assert arrays["a", "maps"].shape == (3 * 8 + 1, 30)


def test_a_drawn_digit_is_seen_as_the_network_sees_it(page: Page) -> None:
    settings = {
        "data": {"kind": "mnist", "samples": 200, "test_samples": 100},
        "layers": [{"type": "Conv2D", "filters": 3, "kernel_size": 5, "activation": "relu"},
                   {"type": "MaxPooling2D"}, {"type": "Dense", "units": 6}],
        "epochs": 1,
        "engine": "numpy",
    }  # fmt: skip
    page.post("/api/session", {"settings": settings})
    page.advance("batch", count=2)
    paper = np.full((100, 80), 255, np.uint8)
    paper[20:80, 38:44] = 0
    gray = base64.b64encode(paper.tobytes()).decode()
    header, arrays = page.post("/api/digit", {"width": 80, "height": 100, "gray": gray})
    seen = hy.datasets.prepare_digit(paper)
    np.testing.assert_array_equal(arrays[None, "seen"], seen)
    assert arrays[
        None, "maps.conv2_d_1" if (None, "maps.conv2_d_1") in arrays else "maps.conv2d_1"
    ].shape == (3, 24, 24)
    assert arrays[None, "probabilities"].sum() == pytest.approx(1)
    assert header["label"] == str(arrays[None, "probabilities"].argmax())
    blank = base64.b64encode(b"\xff" * 100).decode()
    assert page.post("/api/digit", {"width": 10, "height": 10, "gray": blank})[0]["blank"]
    for wrong in ({"gray": "?"}, {"gray": gray, "width": 81}, {"width": 10**6}):
        with pytest.raises(Answered):
            page.post("/api/digit", {"width": 80, "height": 100, "gray": gray, **wrong})
    _, arrays = page.advance(
        "nothing", want={"sample": {"part": "test", "index": 3}, "units": True}
    )
    np.testing.assert_array_equal(
        arrays["a", "seen"], hy.datasets.mnist(flatten=False, normalize=False)[1][0][3]
    )


def test_a_table_is_read_as_the_command_line_reads_it(page: Page) -> None:
    rng = np.random.default_rng(1)
    lines = ["width;town;length;kind"]
    for a, b in rng.normal(size=(60, 2)):
        lines.append(
            f"{a:.2f};{'AB'[int(b > 0)]};{b:.2f};{'yes' if a + b > 0 else 'no'}".replace(".", ",")
        )
    found = page.send("/api/upload", "\n".join(lines).encode(), "../../etc/flowers.csv")
    assert found["target"] == "kind"
    assert [one["plane"] for one in found["columns"]] == [True, False, True, False]
    settings = {**SMALL, "data": {"kind": "table", "upload": found["upload"], "target": "kind"}}
    about = page.post("/api/session", {"settings": settings})
    assert about["data"]["axes"] == ["width", "length"]
    assert about["data"]["inputs"] == ["width", "length", "town = A", "town = B"]
    assert about["runs"]["a"]["parameters"][0]["shape"] == [4, 4]
    assert about["data"]["classes"] == ["no", "yes"]
    assert (about["data"]["training"], about["data"]["test"]) == (48, 12)
    _, arrays = page.advance(
        "epoch", count=2, want={"output": {"size": 8}, "confusion": "training"}
    )
    assert arrays["a", "confusion"].sum() == 48
    assert arrays["a", "region"].shape == (8, 8)
    _, points = page.post("/api/data", {"part": "training"})
    assert np.abs(points[None, "x"]).max() < 4  # in the columns' own units
    code = page.post("/api/export", {"format": "python"}).decode()
    assert "'flowers.csv'" in code or '"flowers.csv"' in code


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "a.csv"), (b"\x00" * 1000, "a.csv"), (b"a,b\n1,2\n3", "a.csv"),
        (b"a,a\n1,2\n", "a.csv"), (b"\xff\xfe\x00\xd8", "a.csv"),
        (b"PK\x03\x04" + b"\x00" * 100, "a.xlsx"),
        (b"[" * 50_000, "a.json"),
        (b'{"a": 1', "a.jsonl"), (b"x" * 100, "a.exe"), (b"\x1f\x8b" + b"\x00" * 50, "a.csv"),
        (b"a,b\n" + b'"' * 9999, "a.csv"),
    ],
)  # fmt: skip
def test_a_hostile_table_is_refused(page: Page, content: bytes, name: str) -> None:
    with pytest.raises(Answered) as error:
        page.send("/api/upload", content, name)
    assert error.value.status in (400, 413, 415)
    assert "/tmp" not in str(error.value)


def test_text_in_a_table_stays_text(page: Page) -> None:
    lines = ["<script>alert(1)</script>,b,kind"]
    lines += [f"{n},{n % 5},{'<img src=x onerror=alert(1)>' if n % 2 else 'no'}" for n in range(40)]
    found = page.send("/api/upload", "\n".join(lines).encode(), "x.csv")
    settings = {**SMALL, "data": {"kind": "table", "upload": found["upload"]}}
    page.post("/api/session", {"settings": settings})
    reference = {"array": "", "samples": {"part": "training", "rows": [0]}}
    told = page.post("/api/trace", {"reference": reference})
    assert "<img" not in told["html"]
    assert "<script" not in told["html"]


def test_a_zip_bomb_of_a_table_is_refused_in_time(page: Page) -> None:
    import gzip

    content = gzip.compress(b"a,b\n" + b"1,2\n" * 5_000_000)
    began = time.monotonic()
    with pytest.raises(Answered):
        page.send("/api/upload", content, "bomb.csv")
    assert time.monotonic() - began < 5


def test_a_model_that_was_dropped_is_gone_on_with(page: Page, tmp_path: Any) -> None:
    page.post("/api/session", {"settings": SMALL})
    page.advance("epoch", count=3)
    content = page.post("/api/export", {"format": "model"})
    path = tmp_path / "m.safetensors"
    path.write_bytes(content)
    model = hy.load(path)
    other = page.post("/api/session", {"settings": {**SMALL, "layers": []}})
    assert other["runs"]["a"]["size"] == 9
    about = page.send("/api/model", content)
    assert about["settings"]["layers"][0]["units"] == 4
    assert about["runs"]["a"]["size"] == model.theta.size
    _, arrays = page.advance("nothing", want={"weights": True})
    assert arrays["a", "theta"].tobytes() == model.theta.tobytes()
    page.advance("epoch")
    _, arrays = page.advance("reset", want={"weights": True})
    assert arrays["a", "theta"].tobytes() == model.theta.tobytes()


@pytest.mark.parametrize("kind", ["empty", "noise", "huge header", "cut", "other", "deep"])
def test_a_hostile_model_is_refused(page: Page, kind: str, tmp_path: Any) -> None:
    page.post("/api/session", {"settings": SMALL})
    good = page.post("/api/export", {"format": "model"})
    wide = hy.Sequential([hy.Dense(4), hy.Rescaling(2.0)])
    wide.build(7)
    wide.save(tmp_path / "other.safetensors")
    content = {
        "empty": b"",
        "noise": b"\x93NUMPY" * 100,
        "huge header": (2**62).to_bytes(8, "little") + b"{}",
        "cut": good[:-8],
        "other": (tmp_path / "other.safetensors").read_bytes(),
        "deep": (200_000).to_bytes(8, "little") + b'{"a":' * 40_000,
    }[kind]
    with pytest.raises(Answered) as error:
        page.send("/api/model", content)
    assert error.value.status in (400, 409)
    assert page.advance("epoch")[0]["runs"]["a"]["epoch"] == 1  # the page's own is untouched


def test_two_runs_come_in_one_frame(page: Page) -> None:
    compare = {"layers": [{"type": "Dense", "units": 6, "activation": "tanh"}]}
    about = page.post("/api/session", {"settings": {**SMALL, "compare": compare}})
    assert about["runs"]["b"]["units"] == 9
    header, arrays = page.advance(
        "epoch", want={"maps": {"size": 5, "runs": ["b"]}, "output": {"size": 5}}
    )
    assert ("b", "maps") in arrays
    assert ("a", "maps") not in arrays
    assert ("a", "region") in arrays
    assert header["runs"]["a"]["samples_seen"] == header["runs"]["b"]["samples_seen"] == 60


def test_the_cursor_goes_through_the_batch(page: Page) -> None:
    page.post("/api/session", {"settings": {**SMALL, "batch_size": 3}})
    rows = []
    for _ in range(3):
        header, _ = page.advance("sample")
        rows.append(header["runs"]["a"]["cursor"]["row"])
        assert header["runs"]["a"]["step"] == 0
    assert rows == header["runs"]["a"]["cursor"]["rows"]
    header, _ = page.advance("sample")
    assert header["runs"]["a"]["step"] == 1
    assert header["runs"]["a"]["cursor"] is None


def test_the_catalog_names_what_may_be_sent(page: Page) -> None:
    found = page.get("/api/catalog")
    for name, about in found["optimizers"].items():
        assert about["arguments"]["learning_rate"]["schedule"]
        page.post("/api/session", {"settings": {**SMALL, "optimizer": {"type": name}}})
    for name, about in found["losses"].items():
        if "classes" in about["tasks"] and name not in ("BinaryCrossentropy", "Poisson"):
            page.post("/api/session", {"settings": {**SMALL, "loss": {"type": name}}})
    for name, about in found["data"].items():
        if about["shape"] == "plane" and name != "points":
            defaults = {key: field["default"] for key, field in about["fields"].items()}
            page.post("/api/session", {"settings": {**SMALL, "data": {"kind": name, **defaults}}})
    for name in found["activations"]:
        layer = {"type": "Dense", "units": 3, "activation": name}
        page.post("/api/session", {"settings": {**SMALL, "layers": [layer]}})
    for name in found["initializers"]:
        layer = {"type": "Dense", "units": 3, "initializer": name}
        page.post("/api/session", {"settings": {**SMALL, "layers": [layer]}})
    assert page.get("/api/presets")["presets"] is not None


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/api/advance", {"want": {"nonsense": 1}}, "want"),
        ("/api/advance", {"want": {"output": {"size": 10**6}}}, "want.output.size"),
        ("/api/advance", {"want": {"maps": {"size": 1e6}}}, "want.maps.size"),
        ("/api/advance", {"want": {"histograms": {"of": ["x"]}}}, "want.histograms.of"),
        ("/api/advance", {"want": {"hidden": {"layer": "x"}}}, "want.hidden.layer"),
        ("/api/advance", {"want": {"sample": {"part": "test", "index": 999}}}, "want.sample.index"),
        ("/api/advance", {"want": {"weights": ["x"]}}, "want.weights"),
        ("/api/advance", {"want": {"history": {"since": {"a": -1}}}}, "want.history.since"),
        ("/api/advance", {"want": 5}, "want"),
        ("/api/inspect", {"parameter": "x", "index": []}, "parameter"),
        ("/api/inspect", {"parameter": "dense_1.W", "index": [0, 99]}, "index"),
        ("/api/inspect", {"unit": {"layer": "dense_1", "unit": 99}}, "unit.unit"),
        ("/api/inspect", {"run": "b", "parameter": "dense_1.W", "index": [0, 0]}, "run"),
        ("/api/weight", {"parameter": "dense_1.W", "index": [0, 0], "value": 1e300}, "value"),
        ("/api/weight", {"parameter": "dense_1.W", "index": [0, 0]}, "value"),
        ("/api/trace", {"reference": 5}, "reference"),
        ("/api/trace", {"reference": {"array": "x.y", "index": []}}, "reference.array"),
        ("/api/trace", {"reference": {"array": "dense_1.y", "index": [0, 9]}}, "reference.index"),
        ("/api/trace", {"reference": {"array": "x", "index": [0, 0], "samples": {
            "part": "test", "rows": [999]}}}, "reference.samples.rows"),
        ("/api/export", {"format": "exe"}, "format"),
        ("/api/data", {"part": "x"}, "part"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_told(page: Page, path: str, body: dict[str, Any], field: str) -> None:
    page.post("/api/session", {"settings": SMALL})
    with pytest.raises(Answered) as error:
        page.post(path, body)
    assert error.value.status == 400
    assert error.value.errors[0]["field"] == field


def test_errors_and_traces_come_in_chinese(page: Page) -> None:
    page.post("/api/session", {"settings": SMALL})
    reference = {"array": "", "index": [], "samples": {"part": "test", "rows": [0]}}
    told = page.post("/api/trace", {"reference": reference}, Accept_Language="zh-CN")
    assert "前向" in told["html"]
    assert "Forward" in page.post("/api/trace", {"reference": reference})["html"]


def test_a_frame_of_a_middling_network_is_made_in_time(page: Page) -> None:
    dense = [{"type": "Dense", "units": 64, "activation": "relu"}] * 2
    page.post("/api/session", {"settings": {"layers": dense, "epochs": None, "engine": "numpy"}})
    want = {"output": {"size": 100}, "maps": {"size": 30}, "weights": True}
    page.advance("play", want=want)
    times = []
    for _ in range(20):
        began = time.perf_counter()
        header, _ = page.advance("nothing", want=want)
        times.append(time.perf_counter() - began)
    assert header["status"] == "playing"
    page.advance("pause")
    assert sorted(times)[10] < 0.25  # a slow machine with other work; measured far below


@pytest.mark.parametrize("kind", ["python", "notebook", "model", "onnx", "c", "numpy"])
def test_every_export_is_a_file(page: Page, kind: str) -> None:
    if kind == "onnx":
        pytest.importorskip("onnx")
    page.post("/api/session", {"settings": SMALL})
    body = json.dumps({"format": kind}).encode()
    found, headers, content = page.request(
        "POST", "/api/export", body, Content_Type="application/json"
    )
    assert found == 200
    assert headers["content-disposition"].startswith('attachment; filename="spiral')
    assert len(content) > 100


def test_a_long_history_is_thinned(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "EPOCHS_KEPT", 40)
    monkeypatch.setattr(limits, "EPOCHS_SHOWN", 15)
    page.post("/api/session", {"settings": SMALL})
    page.advance("epoch", count=100)
    _, arrays = page.advance("nothing", want={"history": {"since": {"a": 0}}})
    epochs = arrays["a", "history.epoch"]
    assert len(epochs) <= 15
    assert epochs[-1] == 100
    assert (np.diff(epochs) > 0).all()
    _, arrays = page.advance("nothing", want={"history": {"since": {"a": 98}}})
    assert arrays["a", "history.epoch"].tolist() == [99, 100]


def test_a_stopped_run_says_why(page: Page) -> None:
    stop = {"stop": {"monitor": "val_loss", "patience": 1}, "epochs": 500,
            "optimizer": {"type": "SGD", "learning_rate": 5.0}}  # fmt: skip
    page.post("/api/session", {"settings": {**SMALL, **stop}})
    header, _ = page.advance("epoch", count=400)
    assert header["status"] == "stopped"
    assert "has not improved for 1 epochs" in header["message"]


def test_what_a_page_is_told_is_in_its_language(page: Page) -> None:
    chinese = {"Accept_Language": "zh-CN"}
    wild = {
        **SMALL,
        "loss": "mean_squared_error",
        "epochs": 500,
        "optimizer": {"type": "SGD", "learning_rate": 0.3},
        "layers": [{"type": "Dense", "units": 4, "activation": "relu", "l2": 10.0}],
    }
    about = page.post("/api/session", {"settings": wild}, **chinese)
    assert "权重会无限增大" in about["runs"]["a"]["warnings"][0]["message"]
    header, _ = page.post("/api/advance", {"do": "epoch", "count": 500}, **chinese)
    assert header["status"] == "failed"
    assert "大于 2" in header["runs"]["a"]["failed"]["cause"]
    assert "训练" in header["message"]
    with pytest.raises(Answered, match="至少画 3 个点"):
        page.post("/api/session", {"settings": {"data": {"kind": "points"}}}, **chinese)
    wrong = {"data": {"kind": "moons", "classes": 11}}
    with pytest.raises(Answered, match="应是 2 到 10 的整数"):
        page.post("/api/session", {"settings": wrong}, **chinese)


def test_arrows_of_the_loss_point_downhill(page: Page) -> None:
    page.post("/api/session", {"settings": SMALL})
    header, arrays = page.advance("epoch", count=5, want={"field": {"of": "loss"}})
    run = run_of(SMALL)
    run.train(5)
    arrows = arrays["a", "field_points"]
    labels = run.data.y
    before = run.model.loss.values(run.model.predict(arrows[:, :2]), labels)
    after = run.model.loss.values(run.model.predict(arrows[:, :2] + 1e-2 * arrows[:, 2:]), labels)
    assert (after <= before + 1e-5).mean() > 0.95
    assert header["generation"] == page.get("/api/session")["generation"]


@pytest.mark.parametrize("layers", ["conv4x5,pool,8"])
def test_a_model_of_the_command_line_is_opened(page: Page, tmp_path: Any, layers: str) -> None:
    from hyalite.recipes import Recipe
    from hyalite.recipes.named import named_dataset

    dataset = named_dataset("mnist")
    model = Recipe(layers=layers, epochs=1, dropout=0.1, engine="numpy").model(dataset)
    model.save(tmp_path / "m.safetensors")
    about = page.send("/api/model", (tmp_path / "m.safetensors").read_bytes())
    assert about["data"]["kind"] == "mnist"
    assert about["runs"]["a"]["size"] == model.theta.size
    assert not about["runs"]["a"]["reproducible"]
    _, arrays = page.advance("nothing", want={"sample": {"part": "test", "index": 0}})
    expected = model.predict(dataset.x_test[:1])[0]
    np.testing.assert_allclose(arrays["a", "probabilities"], expected, atol=1e-5)
