"""The block diagram: complete, the same every time, and safe with any name."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

import hyalite as hy
from hyalite import cli
from hyalite.diagram import Diagram
from tests import parts
from tests.names import HOSTILE, deep

SVG = "{http://www.w3.org/2000/svg}"


def texts(diagram: Diagram) -> list[str]:
    return [
        element.text or "" for element in ElementTree.fromstring(diagram.svg).iter(f"{SVG}text")
    ]


def test_every_block_says_name_kind_shape_and_parameters():
    assert texts(deep().diagram()) == [
        *["data", "samples x", "(n, 4, 5)", ""],
        *["flatten_1", "Flatten", "(n, 20)", ""],
        *["dense_1", "Dense, ReLU", "(n, 30)", "630 parameters"],
        *["batch_normalization_1", "BatchNormalization", "(n, 30)", "60 parameters"],
        *["dropout_1", "Dropout", "(n, 30)", ""],
        *["dense_2", "Dense, Softmax", "(n, 3)", "93 parameters"],
        *["prediction", "output y", "(n, 3)", "783 parameters in all"],
        *["loss", "CategoricalCrossentropy", "of y and the targets", ""],
    ]


def test_a_residual_block_stands_behind_its_layers_and_its_input_passes_by_them():
    inner = hy.Residual([hy.Dense(4, "tanh")])
    model = hy.Sequential([hy.Dense(4), hy.Residual([inner, hy.ReLU()]), hy.Dense(1)])
    model.build(4, seed=0)
    root = ElementTree.fromstring(model.diagram().svg)
    names = [text for text in texts(model.diagram())[::4] if "_" in text]
    assert names == ["dense_1", "dense_1", "residual_1", "relu_1", "residual_1", "dense_2"]
    blocks = [group.find(f"{SVG}rect") for group in root.iter(f"{SVG}g")][1:-1]
    lefts = [float(block.get("x")) for block in blocks]
    assert lefts[0] < lefts[2] < lefts[1]
    assert (lefts[3], lefts[4]) == (lefts[2], lefts[0])
    ends = {float(block.get("x")) + float(block.get("width")) for block in blocks}
    assert len(ends) == 1
    tops = [float(block.get("y")) for block in blocks]
    ways = [path.get("d") for path in root.iter(f"{SVG}path")]
    ways = [re.findall(r"[\d.]+", way) for way in ways if "H" in way]  # x, y, across to, down to
    for (_, y, x, stop), first, last in zip(ways, (1, 1), (2, 4), strict=True):
        assert tops[first] - 26 < float(y) < tops[first]
        assert float(stop) == tops[last] - 8
        assert lefts[last] < float(x) < lefts[first]
    assert ways[0][1] != ways[1][1], "two ways that begin at one place are told apart"


def test_a_model_that_is_not_built_or_compiled():
    shown = texts(hy.Sequential([hy.Dense(2, name="only")]).diagram())
    assert "only" in shown
    assert "not built" in shown
    assert "?" in shown
    assert "loss" not in shown
    with pytest.raises(ValueError, match="no layers; add some"):
        hy.Sequential().diagram()


def test_every_layer_has_a_block():
    for name, make in parts.LAYERS.items():
        model = hy.Sequential([make()])
        model.build(parts.SHAPES.get(name, 5), seed=0)
        assert model.network.names[0] in texts(model.diagram())


def test_names_from_strangers_are_text_and_nothing_else():
    model = deep(first=HOSTILE, second="第一层" * 30)
    diagram = model.diagram()
    root = ElementTree.fromstring(diagram.svg)
    kinds = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert kinds == {"svg", "title", "rect", "path", "g", "text"}
    assert not re.search(r"\son\w+=|href|url\(|<!|<\?|<style", diagram.svg)
    assert "<script>alert(1)</script>&\"'��[2J��" in texts(diagram)
    assert "第一层" * 30 in diagram.svg, "the whole name in the tooltip"
    width = float(root.get("width"))
    for element in root.iter(f"{SVG}rect"):
        assert float(element.get("x", 0)) + float(element.get("width")) <= width
    diagram.svg.encode()  # no lone surrogate is left


def test_blocks_do_not_overlap_and_texts_stay_inside():
    root = ElementTree.fromstring(deep().diagram().svg)
    blocks = [g.find(f"{SVG}rect") for g in root.iter(f"{SVG}g")]
    tops = [float(block.get("y")) for block in blocks]
    bottoms = [top + float(block.get("height")) for top, block in zip(tops, blocks, strict=True)]
    assert all(bottom < top for bottom, top in zip(bottoms[:-1], tops[1:], strict=True))
    assert bottoms[-1] < float(root.get("height"))


def test_the_same_bytes_in_another_process():
    root = str(Path(__file__).parents[1])
    code = f"import sys; sys.path.insert(0, {root!r}); from tests.names import deep"
    code += "; sys.stdout.reconfigure(encoding='utf-8'); print(deep().diagram().svg, end='')"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout == deep().diagram().svg
    assert deep().diagram()._repr_svg_() == done.stdout


def test_it_is_saved_whole_or_not_at_all(tmp_path):
    path = tmp_path / "net.svg"
    diagram = deep().diagram(path)
    assert path.read_text(encoding="utf-8") == diagram.svg
    assert [file.name for file in tmp_path.iterdir()] == ["net.svg"]
    with pytest.raises(ValueError, match=r"path must end in \.svg.*got 'net\.png'"):
        diagram.save("net.png")
    with pytest.raises(FileNotFoundError):
        diagram.save(tmp_path / "nowhere" / "net.svg")
    assert repr(diagram).endswith("characters: end a cell with it, or save it>")


def test_it_needs_no_matplotlib():
    code = "import sys, hyalite as hy; sys.modules['matplotlib'] = None; hy.Sequential("
    code += "[hy.Dense(1)]).diagram()"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_command_draws_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    deep().save("m.safetensors")
    run = CliRunner().invoke(cli.commands, ["summary", "m.safetensors", "--diagram", "m.svg"])
    assert run.exit_code == 0, run.output
    assert run.output.endswith("\nm.svg written.\n")
    assert Path("m.svg").read_text(encoding="utf-8") == deep().diagram().svg
