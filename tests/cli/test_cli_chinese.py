"""The command line in Chinese: its main messages; and which files depend on the language."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import hyalite as hy
from tests.cli.helpers import Image, draw_folder, run

COMMAND = re.compile(
    r"^ *hyalite .*|(?:hyalite|commands) [a-z]+|predicted [a-z]+|pip install \S+"
    r"|\w+\.\w+ [a-z_]+ before"  # an array of a trace
)
ENGLISH = re.compile(r"\b[A-Za-z]{2,} [a-z]{2,}")  # two words in a row, and no Σ_rows dy
HISTORY = re.compile(r"\b(?:val_)?[a-z_0-9]+ [\d.e+-]+")  # figures by their names in the history
DRAWN = re.compile(r"<(?:path|rect|circle) [^>]*>")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@pytest.fixture(autouse=True)
def _chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYALITE_LANG", "zh_CN")


def write_table(path: Path) -> None:
    random = np.random.default_rng(0)
    lines = ["area,place,built,price"]
    for _ in range(200):
        area, place = random.uniform(40, 160), random.choice(["town", "hill"])
        price = area * (90 if place == "town" else 50)
        lines.append(f"{area:.1f},{place},{random.integers(1950, 2020)}-05-11,{price:.0f}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def said(*words: object, code: int = 0) -> str:
    """What a command says, after a look whether it is Chinese."""
    output = run(*words, code=code).output
    for line in output.splitlines():
        assert not ENGLISH.search(HISTORY.sub("", COMMAND.sub("", line))), line
    return output


def test_points() -> None:
    output = said("train", "spiral", "--epochs", 3)
    assert "spiral：训练用 300 个点（3 个类别），另有 300 个测试点" in output
    assert "第 3/3 轮  loss" in output
    assert re.search(r"300 个测试点中答对 \d+ 个：[\d.]+%。", output)
    assert "接下来可以试试：" in output
    summary = said("summary", "runs/spiral/spiral.safetensors")
    head, rule, first = summary.splitlines()[:3]
    assert head.split() == ["层", "种类", "输出", "参数"]
    assert "训练数据    spiral" in summary
    assert re.search(r"结果        300 个测试点中答对", summary)
    step = said("trace", "runs/spiral/spiral.safetensors", "--row", 5)
    assert step.startswith("在 1 个样本上的一步训练：300 个 spiral 的测试点中的第 5 行；标签 0。\n")
    assert "写full=True（命令行写--full）显示全部内容。" in re.sub(r"\s", "", step)
    assert re.search(r"^Adam 的第 1 步：更新 dense_\d\.W\[\d+, \d+\]$", step, re.M)
    said("trace", "runs/spiral/spiral.safetensors", "--full")
    said("trace", "runs/spiral/spiral.safetensors", "--html", "step.html")
    page = Path("step.html").read_text(encoding="utf-8")
    assert '<html lang="zh-CN">' in page
    assert "<h3>反向传播</h3>" in page
    assert len(rule) == len(first)
    assert "300 个 spiral 的测试点中" in said(
        "evaluate", "runs/spiral/spiral.safetensors", "spiral"
    )


def test_a_curve_and_the_data_there_are() -> None:
    output = said("train", "sine", "--epochs", 2)
    assert re.search(r"在 999 个测试点上平均相差 [\d.]+，最多相差 [\d.]+；", output)
    assert "手写数字" in said("datasets")


def test_the_lessons() -> None:
    assert "\n 4  误差反向传播法  " in said("lessons")
    assert said("lessons", 17).startswith("勘误：")
    assert "book/sample_weight.pkl" in said("lessons")


def test_pictures() -> None:
    pytest.importorskip("PIL", reason="pictures need the extra 'data'")
    draw_folder(Path("bars"), 20)
    output = said("train", "bars", "--epochs", 3, "--output", "run")
    assert "训练用 32 张 8 x 8 的图片（2 个类别），另有 8 张验证图片" in output
    output = said("predict", "run/bars.safetensors", "bars/flat/00.png", "--invert")
    assert "（已反转黑白）" in output
    assert "提示：" in said("evaluate", "run/bars.safetensors", "bars")


def test_a_drawn_digit() -> None:
    pytest.importorskip("PIL", reason="pictures need the extra 'data'")
    pytest.importorskip("matplotlib", reason="the picture needs the extra 'plot'")
    model = hy.Sequential([hy.Flatten(), hy.Dense(10, "softmax")])
    model.build((28, 28), seed=0)
    model.save("digits.safetensors")
    paper = np.full((300, 400), 240, np.uint8)
    paper[100:250, 300:310] = 30
    Image.fromarray(paper).save("ink.png")
    output = said("predict", "digits.safetensors", "ink.png")
    assert "（不是 MNIST 数字的样子：如果是手绘的数字，试试 --prepare-digit）" in output
    words = ("predict", "digits.safetensors", "ink.png", "--prepare-digit")
    output = said(*words, "--save-input", "seen.png")
    assert (
        "（已反转黑白，从 300 x 400 中裁出 150 x 10，笔画加粗，缩放到 20 x 20，按质心居中）"
        in output
    )
    assert output.endswith("已写出 seen.png。\n")
    assert "请去掉 --invert" in said(*words, "--invert", code=2)
    assert "--save-input 会覆盖图片 ink.png" in said(*words, "--save-input", "ink.png", code=2)
    Image.fromarray(paper[:90]).save("blank.png")
    assert "blank.png 是空白的" in said(*words[:2], "blank.png", "--prepare-digit", code=1)


def test_images_of_the_wrong_size() -> None:
    pytest.importorskip("PIL", reason="pictures need the extra 'data'")
    draw_folder(Path("bars"), 3)
    assert (
        "错误：8 x 8 的图片对 --layers 'conv32,pool,conv64,pool,128' 太小：第 4 处的 'pool' 要用 "
        "2 x 2 像素，而到这里只剩 1 x 1；请写 --layers "
        "'conv32same,pool,conv64same,pool,128'，加上填充"
    ) in said("train", "bars", "--network", "conv", code=1)
    Path("large/a").mkdir(parents=True)
    for side, text in (
        (160, "160 x 160 彩色，共 76,800 个数，而全连接层的每个神经元对每个数都有一个权重；"),
        (300, "请统一大小，例如 --image-size 64x64。要保持原来的大小，"),
    ):
        Image.new("RGB", (side, side)).save("large/a/1.png")
        assert text in run("train", "large", code=1).stderr
        assert ("用卷积：--network conv" in run("train", "large", code=1).stderr) == (side == 160)


@pytest.mark.slow
def test_a_table() -> None:
    write_table(Path("houses.csv"))
    output = said("train", "houses.csv", "--target", "price", "--effort", "quick")
    assert "200 行，由 3 列预测 'price'" in output
    head = next(line for line in output.splitlines() if line.startswith("列"))
    assert head.split() == ["列", "种类", "例子", "缺失", "未读", "变成"]
    assert re.search(r"^place +类别 +\w+ +2 个输入$", output, re.M)
    assert "网络 5/5：训练完毕" in output
    assert "好于" in output
    assert_chinese_page(Path("runs/houses/report.html"))
    model = "runs/houses/houses.safetensors"
    assert said("predict", model, "houses.csv").splitlines()[0].split()[0] == "行"
    assert "已写出 out.csv：200 行。" in said("predict", model, "houses.csv", "--output", "out.csv")
    assert (
        Path("out.csv").read_text(encoding="utf-8").startswith("area,place,built,price,predicted")
    )
    assert "在 200 行 houses.csv 的数据上" in said("evaluate", model, "houses.csv")
    assert "由 3 列预测 'price'" in said("summary", model)
    output = said("train", "houses.csv", "--target", "place", "--layers", 4, "--output", "one")
    assert "在 40 行验证数据上" in output
    assert_chinese_page(Path("one/report.html"))


def assert_chinese_page(path: Path) -> None:
    """A report without a sentence in English."""
    page = path.read_text(encoding="utf-8")
    assert '<html lang="zh-CN">' in page
    shown = re.sub(r"<style>.*?</style>|<pre>.*?</pre>", "", page, flags=re.S)
    texts = re.findall(r'>([^<]+)<|aria-label="([^"]*)"', shown)
    assert [text for pair in texts for text in pair if ENGLISH.search(text)] == []


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("train", "错误：缺少参数 'DATA'。"),
        ("trian mnist", "错误：没有 'trian' 这个命令"),
        ("train nosuch", "'nosuch' 不是已知的数据（mnist, fashion-mnist, spiral, sine）"),
        (
            "train spiral --layers 64,x",
            "'--layers' 的值无效：'x' 不是层；全连接层写神经元数，例如 128；",
        ),
        ("train spiral --epochs 0", "'--epochs' 的值无效：应为 1 或更大，得到 0。"),
        ("train spiral --activation rleu", "'rleu' 不在其中："),
        ("train spiral --resume", "错误：--resume 需要 --checkpoint FOLDER"),
        ("predict none.safetensors a.png", "没有 'none.safetensors' 这个文件。"),
    ],
)
def test_wrong_options(words: str, text: str) -> None:
    assert text in said(*words.split(), code=2)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("train houses.csv", "错误：请说明要预测什么，写 --target COLUMN；各列是 area,"),
        (
            "train houses.csv --target prize",
            "没有 'prize' 这一列。是不是想写 'price'？各列是",
        ),
        ("train empty", "错误：empty 没有子文件夹；"),
        (
            "train mnist --image-size 8",
            "错误：--image-size 和 --color 只用于图片文件夹，不用于 mnist",
        ),
        ("summary houses.csv", "错误：houses.csv 不是能读的 safetensors 文件："),
    ],
)
def test_errors_that_people_meet(words: str, text: str) -> None:
    write_table(Path("houses.csv"))
    Path("empty").mkdir()
    assert text in run(*words.split(), code=1).stderr


@pytest.mark.slow
def test_no_file_depends_on_the_language_but_for_the_words_of_a_report(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_table(Path("houses.csv"))
    files = {}
    for language in ("en", "zh_CN"):
        monkeypatch.setenv("HYALITE_LANG", language)
        run("train", "spiral", "--epochs", 2, "--output", "points")
        run("train", "houses.csv", "--target", "price", "--effort", "quick", "--output", "rows")
        run("predict", "rows/houses.safetensors", "houses.csv", "--output", "rows/out.csv")
        files[language] = {
            path.name: path.read_bytes()
            for folder in ("points", "rows")
            for path in Path(folder).iterdir()
            if path.suffix in (".safetensors", ".csv", ".html")
        }
    pages = [found.pop("report.html").decode() for found in files.values()]
    assert set(files["en"]) == {"spiral.safetensors", "houses.safetensors", "out.csv"}
    assert files["en"] == files["zh_CN"]
    drawn, numbers = ([pattern.findall(page) for page in pages] for pattern in (DRAWN, NUMBER))
    assert drawn[0] == drawn[1]
    assert sorted(numbers[0]) == sorted(numbers[1])
