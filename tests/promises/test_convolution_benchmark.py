"""The comparison of networks of pictures: its words, its peers, its page."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from benchmarks.convolution.workloads import PICTURES, RACES
from benchmarks.data import Arrays
from benchmarks.layers import (
    Convolution,
    Dense,
    Dropout,
    Flip,
    Normalization,
    Pooling,
    parse,
    without_chance,
)
from benchmarks.peers import INSTALL, PEERS
from benchmarks.peers.floor import Floor
from benchmarks.workloads import Workload

import hyalite as hy
from tests.promises.test_benchmarks import RESULT as DENSE
from tests.promises.test_benchmarks import row, run

ALL = "flip,conv2x5p1lin,bn,conv3p1lin,pool,bn,drop0.5,conv2p2,4"
TINY = Workload("tiny", "made here", (784, 10), 4, epsilon=1e-10, words=ALL)


def timed(seconds: float, form: str = "") -> dict:
    return {"first": 1.0, "epochs": 1, "steps": 100, "seconds": [seconds] * 3, "form": form}


RESULT = DENSE | {
    "command": "python -m benchmarks convolution",
    "peers": ["hyalite", "pytorch", "keras", "floor", "floor-pytorch"],
    "missing": ["jax-scan"],
    "failures": [],
    "steps": {
        "SimpleConvNet": {
            "hyalite": timed(1.0),
            "pytorch": timed(2.0, "channels last"),
            "keras": timed(0.5),
            "floor": timed(0.9),
            "floor-pytorch": timed(0.8),
        },
        "DeepConvNet": {"hyalite": timed(4.0), "pytorch": timed(4.5, "channels first")},
    },
    "agreement": {"SimpleConvNet": {"hyalite": [2.0, 1.0], "pytorch": [2.0, 1.0001]}},
    "races": {
        "SimpleConvNet": {
            "target": 0.98,
            "epochs": 20,
            "peers": {
                "hyalite": [{"seconds": [5.0, 5.0], "accuracy": [0.97, 0.981]}],
                "pytorch": [{"seconds": [11.0], "accuracy": [0.98]}],
                "keras": [{"seconds": [1.0], "accuracy": [0.97]}],
            },
        }
    },
    "memory": {
        "nothing": {"built": 3e8, "peak": 3e8},
        "hyalite": {"built": 3.5e8, "peak": 4e8},
        "pytorch": {"built": 5e8, "peak": 6e8},
    },
}


def need(peer: str) -> None:
    if not PEERS[peer].installed:  # found, not imported: Keras asks for its backend then
        pytest.skip(f"needs {PEERS[peer].title}: {INSTALL}")


def pictures(workload: Workload, rows: int = 8) -> Arrays:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((rows, *workload.input_shape), np.float32)
    return Arrays(x, rng.integers(0, 10, rows))


def test_words_name_layers() -> None:
    layers = [
        Flip(),
        Convolution(2, 5, 1, linear=True),
        Normalization(),
        Convolution(3, padding=1, linear=True),
        Pooling(),
        Normalization(),
        Dropout(0.5),
        Convolution(2, padding=2),
        Dense(4),
    ]
    assert str(parse(ALL)) == str(layers)  # tuples without entries are all equal
    assert without_chance(ALL) == "conv2x5p1lin,bn,conv3p1lin,pool,bn,conv2p2,4"
    with pytest.raises(ValueError, match="'convolution' is no layer"):
        parse("pool,convolution")


@pytest.mark.parametrize("name", PICTURES)
def test_the_networks_are_those_that_are_named(name: str) -> None:
    known = {"SimpleConvNet": 433_890, "DeepConvNet": 123_552, "mnist_convnet": 34_826}
    peer = PEERS["hyalite-numpy"].load()(PICTURES[name], pictures(PICTURES[name]))
    assert peer.model.theta.size == PICTURES[name].parameters
    assert PICTURES[name].parameters == known.get(name, PICTURES[name].parameters)
    if name == "small":
        assert PICTURES[name].parameters <= 16_000


def test_what_is_raced_to_is_a_share_of_all_pictures() -> None:
    for races in RACES.values():
        for name, (workload, target) in races.items():
            assert workload == replace(PICTURES[name], rows=None)
            assert 0.9 < target < 1


@pytest.mark.parametrize("peer", ["pytorch", "keras", "jax-step", "jax-scan"])
@pytest.mark.slow
def test_peers_do_the_same(peer: str) -> None:
    need(peer)
    workload = TINY.without_chance()
    data = pictures(workload)
    ours, theirs = (PEERS[name].load()(workload, data) for name in ("hyalite-numpy", peer))
    for found in (ours, theirs):
        found.train(5)
        found.reset()
        found.train(5)
    np.testing.assert_allclose(theirs.predict(data.x), ours.predict(data.x), rtol=0, atol=2e-4)


@pytest.mark.parametrize("peer", ["pytorch", "keras", "jax-scan"])
@pytest.mark.slow
def test_peers_flip_and_drop_in_training_alone(peer: str) -> None:
    need(peer)
    data = pictures(TINY)
    with_chance, without = (
        PEERS[peer].load()(workload, data) for workload in (TINY, TINY.without_chance())
    )
    before = with_chance.predict(data.x)
    np.testing.assert_allclose(before, without.predict(data.x), rtol=1e-5)
    losses = [found.train(1).loss[0] for found in (with_chance, without)]
    assert abs(losses[0] - losses[1]) > 1e-4


def test_the_floor_has_the_products_of_a_step() -> None:
    workload = replace(TINY, words="conv2x5p1,pool,conv3p1,4")
    floor = Floor(workload, pictures(workload))
    operations = sum(
        2 * math.prod(left.shape) * right.shape[1] * times
        for left, right, _, times in floor.products
    )
    first, second = 26 * 26 * 25 * 2, 13 * 13 * 9 * 2 * 3
    dense = 13 * 13 * 3 * 4 + 4 * 10
    assert operations == 4 * 2 * (2 * first + 3 * (second + dense))
    floor.train(1)
    x, W, y, _ = floor.products[0]
    np.testing.assert_allclose(y, x @ W, rtol=1e-5)


def test_the_page_is_made_of_the_numbers_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "convolution-benchmark.json").write_text(json.dumps(RESULT), encoding="utf-8")
    run("--out", tmp_path, "convolution", "--render")
    page = (tmp_path / "convolution-benchmark.md").read_text(encoding="utf-8")
    # goals: what was measured decides
    average = "below 500,000 parameters PyTorch takes at least 1.5 times as long, on average"
    assert row(page, average) == ["1.50 times", "yes"]
    assert row(page, "a step is nowhere slower than another's") == [
        "0.500 times: Keras on JAX on SimpleConvNet",
        "no",
    ]
    assert row(page, "no later than another at 98 % with SimpleConvNet") == [
        "10.0 s; PyTorch 11.0 s",
        "yes",
    ]
    assert row(page, "DeepConvNet is trained in no more memory than by PyTorch") == [
        "400 MB; PyTorch 600 MB",
        "yes",
    ]
    # parts
    assert row(page, "Hyalite")[:2] == ["10,000 (10,000..10,000)", "40,000 (40,000..40,000)"]
    floor = page.partition("### Beside the floor")[2]
    operations, least, _, *times = row(floor, "SimpleConvNet")
    assert (operations, least, times) == ("0.433", "8.00", ["1.25", "2.50", "0.625"])
    assert "| DeepConvNet " not in floor.partition("##")[0]
    assert row(page.partition("## The same work")[2], "PyTorch") == ["1e-04", "yes"]
    assert row(page.partition("## Memory")[2], "Hyalite") == ["350 MB", "400 MB", "50.0 MB"]
    networks = page.partition("## Networks")[2]
    assert row(networks, "DeepConvNet")[-2:] == ["123,552", "100"]
    assert "PyTorch took: SimpleConvNet channels last, DeepConvNet channels first." in page
    assert "JAX + optax, lax.scan: not measured" in page


@pytest.mark.long
@pytest.mark.compiled
def test_a_quick_run_writes_page_and_json(tmp_path: Path) -> None:
    hy.datasets.mnist()  # not downloaded while a clock runs
    peers = "hyalite,hyalite-numpy,floor"
    options = ("--only", "small", "--peers", peers, "--race", "none")
    # two engines, of which one compiles what convolutions need
    run("--quick", "--out", tmp_path, "convolution", *options, timeout=600)
    result = json.loads((tmp_path / "convolution-benchmark.json").read_text(encoding="utf-8"))
    assert result["command"] == (
        f"python -m benchmarks --quick convolution --only small --peers {peers} --race none"
    )
    assert result["failures"] == []
    page = (tmp_path / "convolution-benchmark.md").read_text(encoding="utf-8")
    assert "**A quick run" in page
    same = page.partition("## The same work")[2]
    assert row(same, 'Hyalite, engine="numpy"')[-1] == "yes"
    assert "## Time to accuracy" not in page
