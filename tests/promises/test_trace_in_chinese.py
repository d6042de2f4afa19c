"""A trace in Chinese: no sentence stays English, no number changes."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest

import hyalite as hy
from hyalite.text import columns
from hyalite.translation import speaking
from tests import parts

ENGLISH = re.compile(r"\b[A-Za-z]{2,} [a-z]{2,}")  # two words in a row, and no Σ_rows dy
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """As wide as a trace may be."""
    monkeypatch.setenv("COLUMNS", "88")


def prose(html: str) -> list[str]:
    """What is no code, which has the names of arrays."""
    root = ET.fromstring(html.replace("<!DOCTYPE html>", ""))
    found = [root.text or ""]
    for element in root.iter():
        if element.tag not in ("style", "code"):
            found += [element.text or "", *(child.tail or "" for child in element)]
    return found


def same_step(model: hy.Sequential, x: np.ndarray, y: np.ndarray, **how: object) -> list[str]:
    """The page of a trace in English and in Chinese."""
    pages = []
    for language in (None, "zh_CN"):
        with speaking(language):
            pages.append(model.trace(x, y, **how)._repr_html_())
    return pages


@pytest.mark.parametrize("seed", range(10))
def test_any_model(seed: int) -> None:
    model, x, y, weight = parts.random_model(np.random.default_rng(seed))
    for full in (False, True):
        english, chinese = same_step(model, x, y, sample_weight=weight, full=full)
        assert 'lang="zh-CN"' in chinese
        assert [text for text in prose(chinese) if ENGLISH.search(text)] == []
        assert sorted(NUMBER.findall(english)) == sorted(NUMBER.findall(chinese))
        with speaking("zh_CN"):
            lines = str(model.trace(x, y, sample_weight=weight, full=full)).splitlines()
        assert max(map(columns, lines)) <= 88


def test_pictures() -> None:
    model = hy.Sequential(
        [
            hy.ZeroPadding2D(1),
            hy.Conv2D(3, 3, activation="leaky_relu"),
            hy.MaxPooling2D(2),
            hy.DepthwiseConv2D(2),
            hy.BatchNormalization(),
            hy.AveragePooling2D(2),
            hy.Flatten(),
            hy.Dense(4, "softmax", l2=0.01),
        ]
    )
    model.compile(
        hy.CategoricalCrossentropy(label_smoothing=0.1),
        hy.Adam(hy.ExponentialDecay(0.01, rate=0.5, steps=10), clip_norm=1e-3, clip_value=1e-2),
    )
    model.build((12, 12, 2), seed=0)
    x = np.random.default_rng(0).random((3, 12, 12, 2))
    _, chinese = same_step(model, x, np.array([0, 1, 3]))
    assert [text for text in prose(chinese) if ENGLISH.search(text)] == []
    with speaking("zh_CN"):
        text = str(model.trace(x, np.array([0, 1, 3]), rows=[0, 2]))
    said = re.sub(r"\s", "", text)  # lines may end anywhere
    assert text.startswith(
        "在 2 个样本上的一步训练：3 个给出的样本中的第 0 和 2 行；标签 0 和 3。\n"
    )
    for part in ("前向传播", "损失", "反向传播", "Adam 的第 1 步：更新"):
        assert f"\n{part}" in text
    assert "p是y中的位置，k是卷积核中的位置，s是步幅" in said
    assert "平滑系数为0.1" in said
    assert "g的每个元素都裁剪到±0.01之内。梯度的长度为" in said
    assert "m和s在这一步之前都为0" in said


def test_cases_are_told_in_formulas_too() -> None:
    model = hy.Sequential([hy.Dense(2, "relu"), hy.Dense(1)])
    model.compile("mean_squared_error", hy.SGD(0.1))
    model.build(2, seed=0)
    x, y = np.array([[1.0, 2.0]]), np.array([[1.0]])
    _, chinese = same_step(model, x, y)
    assert "<mtext>，若\xa0</mtext>" in chinese
    assert "<mtext>；否则\xa0</mtext>" in chinese
    with speaking("zh_CN"):
        text = str(model.trace(x, y))
    assert "dense_1.relu.dx = dy，若 x > 0；否则 0" in text
