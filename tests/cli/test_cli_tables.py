"""Tables on the command line: train, summary, evaluate, predict."""

from __future__ import annotations

import csv
import gzip
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import hyalite as hy
from hyalite.cli import commands


def run(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(commands, [str(word) for word in words])
    return result.exit_code, result.output


@pytest.fixture
def houses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A table whose price is 100·area, 5,000 more in the city, with gaps; `cheap` if below 12,000.

    The street says nothing, and has a value of its own in every row.
    """
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    with open("houses.csv", "w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "area", "place", "built", "street", "price", "cheap"])
        for n in range(300):
            area, place = rng.uniform(50, 150), rng.choice(["city", "village"])
            price = 100 * area + 5000 * (place == "city") + rng.normal(0, 100)
            built = f"{rng.integers(1950, 2020)}-0{rng.integers(1, 9)}-11"
            gap = "" if n % 10 == 3 else f"{area:.1f}"
            where = "" if n % 20 == 7 else place
            last = [f"{price:.0f}", "yes" if price < 12000 else "no"] if n % 50 else ["", ""]
            rows.writerow([n + 1, gap, where, built, f"street {n}", *last])
    return tmp_path


def read(path: str) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_numbers(houses: Path) -> None:
    words = ["houses.csv", "--target", "price", "--ignore", "cheap", "--epochs", 60]
    code, text = run("train", *words)
    assert code == 0, text
    assert "houses: 235 rows to train on, 59 more as validation rows" in text
    assert "predicts 'price', a number, from 3 columns" in text
    assert "left out: 'id', a running number" in text
    assert "left out: 'street', free text: 294 different texts in 294 rows" in text
    assert "left out: 'cheap', ignored" in text
    table = text[text.index("On 59 validation rows") :].splitlines()
    assert [line.split("  ")[1] for line in table[1:4]] == [
        "this network",
        "ridge regression",
        "always the mean",
    ]
    network, ridge, mean = (float(line.split()[-1]) for line in table[1:4])
    assert min(network, ridge) > 0.75
    assert mean == pytest.approx(0, abs=0.1)
    folder = Path("runs/houses")
    assert {path.name for path in folder.iterdir()} == {
        "houses.safetensors", "history.json", "curves.png", "fit.png", "importance.png",
        "report.html",
    }  # fmt: skip

    model = hy.load(folder / "houses.safetensors")
    rows = hy.tables.read("houses.csv")
    predicted = model.predict(hy.recipes.TablePipeline(model).inputs(rows))[:, 0]
    assert 10_000 < predicted.mean() < 15_000, "in the target's own unit"

    code, text = run("summary", folder / "houses.safetensors")
    assert "predicts    price\nfrom        area, place, built\n" in text
    code, text = run("predict", folder / "houses.safetensors", "houses.csv", "--output", "out.csv")
    assert (code, text) == (0, "out.csv written: 300 rows.\n")
    out, raw = read("out.csv"), read("houses.csv")
    assert list(out[0]) == [*raw[0], "predicted price"]
    assert [row["street"] for row in out] == [row["street"] for row in raw]
    np.testing.assert_allclose([float(r["predicted price"]) for r in out], predicted, rtol=1e-6)
    code, text = run("predict", folder / "houses.safetensors", "houses.csv")
    assert text.splitlines()[0].split() == ["row", "predicted", "price"]
    assert text.splitlines()[-1].startswith("... 290 more")
    code, text = run("evaluate", folder / "houses.safetensors", "houses.csv")
    assert code == 0
    assert "294 rows of houses.csv" in text
    assert "most of these rows are known to it" in text


def test_classes(houses: Path) -> None:
    words = ["houses.csv", "--target", "cheap", "--ignore", "price", "--epochs", 60, "-q"]
    code, text = run("train", *words, "--output", "cheap")
    assert code == 0, text
    assert {path.name for path in Path("cheap").iterdir()} == {
        "houses.safetensors", "history.json", "curves.png", "confusion.png", "importance.png",
        "report.html",
    }  # fmt: skip
    Path("new.csv").write_text(
        "place,area,built,extra\ncity,60,1999-01-11,x\nvillage,140,1999-01-11,y\nmoon,,,z\n"
    )
    code, text = run("predict", "cheap/houses.safetensors", "new.csv", "--output", "new.parquet")
    assert code == 0, text
    assert "Note: column 'place': 1 with a value not seen in training ('moon')" in text
    out = hy.tables.read("new.parquet")
    assert list(out["predicted cheap"][:2]) == ["yes", "no"]
    both = [f"probability of cheap = {name}" for name in ("no", "yes")]
    np.testing.assert_allclose(np.add(*(out[name] for name in both)), 1, atol=2e-6)
    assert list(out["extra"]) == ["x", "y", "z"]


def test_a_run_can_be_resumed(houses: Path) -> None:
    words = ["train", "houses.csv", "--target", "price", "--epochs", 8, "-q"]
    assert run(*words)[0] == 0
    whole = Path("runs/houses/houses.safetensors").read_bytes()
    assert run(*words, "--checkpoint", "saved")[0] == 0
    for newest in sorted(Path("saved").iterdir())[1:]:
        newest.unlink()
    assert run(*words, "--checkpoint", "saved", "--resume")[0] == 0
    assert Path("runs/houses/houses.safetensors").read_bytes() == whole


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["train", "houses.csv"], "say what to predict, as --target COLUMN; the columns are id, a"),
        (["train", "houses.csv", "--target", "prize"], "Did you mean 'price'?"),
        (["train", "gone.csv", "--target", "x"], "gone.csv: No such file"),
        (
            ["train", "spiral", "--target", "x"],
            "--target and what columns are is said of tables",
        ),
        (["train", "houses.csv", "--target", "price", "--color", "rgb"], "are for folders of imag"),
        (["train", "houses.csv", "--target", "street"], "which are no classes; choose another"),
        (["train", "hauses"], "nor a table (.csv, .tsv, .txt, .parquet, "),
        (["predict", "spiral.safetensors", "houses.csv"], "not trained on a table, but on spiral"),
        (["predict", "spiral.safetensors", "a.csv", "b.csv"], "give one table at a time"),
        (["predict", "spiral.safetensors", "a.png", "--output", "o.csv"], "--output is for tables"),
        (["evaluate", "spiral.safetensors", "houses.csv"], "not trained on a table, but on spiral"),
    ],
)
def test_what_is_refused(houses: Path, words: list[str], message: str) -> None:
    model = hy.Sequential([hy.Dense(3, "softmax")])
    model.build(2, seed=0)
    model.metadata["data"] = "spiral"
    model.save("spiral.safetensors")
    code, text = run(*words)
    assert code in (1, 2)
    assert message in " ".join(text.replace("│", " ").split())
    assert "Traceback" not in text


def test_columns_that_a_model_needs_are_named(houses: Path) -> None:
    assert run("train", "houses.csv", "--target", "price", "--epochs", 1, "-q")[0] == 0
    Path("new.csv").write_text("area,plase\n60,city\n")
    code, text = run("predict", "runs/houses/houses.safetensors", "new.csv")
    assert code == 1
    assert "has no column 'place', 'built', 'cheap'. Did you mean 'plase'?" in text
    Path("new.csv").write_text("area,place,built,cheap\n60,city,2020-01-01,no\n")
    code, text = run("predict", "runs/houses/houses.safetensors", "new.csv", "--output", "new.xyz")
    assert code == 1
    assert "name a file that ends in .csv, .tsv or .parquet" in text


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A model, hardly trained, of the price of a town and an area."""
    monkeypatch.chdir(tmp_path)
    rows = {"town": np.array(["Bonn", "Ulm"] * 30, object), "area": np.arange(60) ** 2 / 7}
    rows["price"] = rows["area"] * 3.5
    table = hy.tables.Table(rows)
    preparation = hy.tables.Preparation.learn(table, "price")
    network = hy.Sequential([hy.Dense(1)])
    network.compile("mse")
    network.build(len(preparation.features), seed=0)
    hy.recipes.TablePipeline(network, preparation).save("m.safetensors")
    return "m.safetensors"


NEW = "id;acct;when;flag;area;town\n000201;1000000000000000012345;03.04.2024;True;0,50;Bonn\n"
NEW += '007;1e5; x ;NA;"1,0";"a;""b"""\n'
OUT = NEW.replace("town\n", "town;predicted price\n").replace("Bonn\n", "Bonn;P\n")
OUT = OUT.replace('"""\n', '""";P\n').replace('"1,0"', "1,0")


@pytest.mark.parametrize(
    ("name", "content", "out", "expected"),
    [
        ("n.csv", NEW.encode(), "p.csv", OUT),
        ("n.csv.gz", gzip.compress(NEW.encode()), "p.csv", OUT),
        ("n.csv", ("# made\r\nsep\r\n" + NEW.replace("\n", "\r\n")).encode("utf-16"), "p.csv", OUT),
        ("n.tsv", b"area\ttown\t x \n1\tBonn\t,\n", "p.tsv",
         "area\ttown\t x \tpredicted price\n1\tBonn\t,\tP\n"),
        ("n.tsv", b"area\ttown\t x \n1\tBonn\t,\n", "p.csv",
         'area,town, x ,predicted price\n1,Bonn,",",P\n'),
        ("n.txt", b"area   town\n 1  Bonn\n22 \"a b\" \n", "p.csv",
         "area,town,predicted price\n1,Bonn,P\n22,a b,P\n"),
        ("n.json", b'[{"area": 1.50, "town": "Bonn", "n": 3}, {"town": "\\n", "area": 2}]', "p.csv",
         'area,town,n,predicted price\n1.5,Bonn,3,P\n2,"\n",,P\n'),
    ],
)  # fmt: skip
def test_rows_come_out_letter_for_letter(
    model: str, name: str, content: bytes, out: str, expected: str
) -> None:
    Path(name).write_bytes(content)
    code, text = run("predict", model, name, "--output", out)
    assert code == 0, text
    written = Path(out).read_bytes().decode()
    assert re.sub(r"(?m)[-\d.e]+$", "P", written) == re.sub(r"(?m)[-\d.e]+$", "P", expected)
    assert written.count("P") == 0


def test_parquet_keeps_its_types(model: str) -> None:
    duckdb = pytest.importorskip("duckdb", reason="needs the extra 'tables'")
    rows = "SELECT 1::TINYINT AS n, 0.10::FLOAT AS area, 'Bonn' AS town, 1.50::DECIMAL(9, 2) AS d"
    duckdb.sql(f"{rows}, DATE '2024-03-04' AS day, NULL::INTEGER AS gap").write_parquet("n.parquet")
    code, text = run("predict", model, "n.parquet", "--output", "p.parquet")
    assert code == 0, text
    found = duckdb.sql("DESCRIBE SELECT * FROM 'p.parquet'").fetchall()
    assert [row[1] for row in found] == [
        "TINYINT", "FLOAT", "VARCHAR", "DECIMAL(9,2)", "DATE", "INTEGER", "DOUBLE",
    ]  # fmt: skip
    assert run("predict", model, "n.parquet", "--output", "p.csv")[0] == 0
    lines = Path("p.csv").read_text().splitlines()
    assert lines[0] == "n,area,town,d,day,gap,predicted price"
    assert lines[1].startswith("1,0.1,Bonn,1.50,2024-03-04,,")
    Path("n.csv").write_text("area,town\n0010,Bonn\n")
    assert run("predict", model, "n.csv", "--output", "p.parquet")[0] == 0
    assert hy.tables.read("p.parquet")["area"].tolist() == ["0010"]
    assert {path.name for path in Path().iterdir()} == {
        "m.safetensors", "n.csv", "n.parquet", "p.csv", "p.parquet",
    }  # fmt: skip


def test_an_older_file_stays_where_the_new_one_cannot_be_written(model: str) -> None:
    Path("n.csv").write_text("area,town\n1,Bonn\n")
    Path("p.csv").write_text("old")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError(28, "no room")))
        code, text = run("predict", model, "n.csv", "--output", "p.csv")
    assert (code, Path("p.csv").read_text()) == (1, "old")
    assert "no room" in text


def test_options_of_reading(model: str) -> None:
    text = "Größe|area|town\n5,5|1|Köln\n3,2|2|Bonn\n"
    Path("n.csv").write_bytes(text.encode("latin-1"))
    code, said = run("predict", model, "n.csv")
    assert code == 1
    assert "name their encoding, as --encoding gb18030" in said
    options = ["--encoding", "latin-1", "--delimiter", "|"]
    assert run("predict", model, "n.csv", *options, "--output", "p.csv")[0] == 0
    assert Path("p.csv").read_text(encoding="utf-8").startswith(text.splitlines()[0] + "|predicted")
    code, said = run("predict", model, "n.csv", "--delimiter", "ab")
    assert code == 2
    assert "not one character; write ';' or tab" in said
    Path("n.csv").write_bytes(b"area\ttown\n1\tBonn\n")
    assert run("predict", model, "n.csv", "--delimiter", "tab")[0] == 0
    Path("n.csv").write_text("area,town,price\n1,Bonn,2\n3,Ulm,4\n")
    assert "2 rows of n.csv" in run("evaluate", model, "n.csv", "--delimiter", ",")[1]


def test_a_file_that_is_too_large_speaks_of_no_argument(
    model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hyalite.data.tables.reading.MAX_BYTES", 10)
    Path("n.csv").write_text("area,town\n1,Bonn\n")
    for words in (["predict", model, "n.csv"], ["train", "n.csv"], ["evaluate", model, "n.csv"]):
        code, said = run(*words)
        assert code == 1
        assert "17 bytes; expected at most 10" in said


def test_nothing_of_a_file_steers_the_terminal(model: str) -> None:
    escape = "\x1b[31mred"
    Path("n.csv").write_text(f"{escape},area,town\n1,2,{escape}\n3,4,\u202eBonn\n")
    for words in (
        ["predict", model, "n.csv"],
        ["train", "n.csv"],
        ["train", "n.csv", "--target", "q"],
    ):
        said = CliRunner().invoke(commands, words, color=True).output
        assert "\x1b" not in said
        assert "\u202e" not in said
    preparation = hy.tables.Preparation.learn(
        hy.tables.Table({"a": np.arange(40) % 7 / 2, "y": np.array(["x", escape] * 20, object)}),
        "y",
    )
    network = hy.Sequential([hy.Dense(2, "softmax")])
    network.build(1, seed=0)
    hy.recipes.TablePipeline(network, preparation).save("c.safetensors")
    Path("n.csv").write_text("a\n1\n2\n")
    for words in (["predict", "c.safetensors", "n.csv"], ["summary", "c.safetensors"]):
        said = CliRunner().invoke(commands, words, color=True).output
        assert "\x1b" not in said
        assert "�[31mred" in said


def test_how_columns_are_read_can_be_said_and_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = [f"{n % 9 + 1}.{n * 37 % 1000:03};0{n % 4};{n % 7},5" for n in range(60)]
    Path("t.csv").write_text("\n".join(["size;code;price", "Total;;", *lines]) + "\n")
    words = ["t.csv", "--target", "price", "--type", "code=number", "--decimal", ","]
    code, said = run("train", *words, "--na-values", "none", "--epochs", 1, "--layers", 2)
    assert code == 0, said
    assert "1 row has no usable 'price', and is left out" in said
    assert "'size': 60 of 61 are numbers; 'Total' (row 2) is taken as missing" in said
    rows = [line.split() for line in said.splitlines() if line.startswith("size  ")]
    assert rows == [["size", "number,", "as", "1.234,5", "1.000", "1", "1", "input"]]
    code, said = run("summary", "runs/t/t.safetensors")
    assert "code    number, as 1.234,5" in said
    code, said = run("train", "t.csv", "--target", "price", "--type", "code")
    assert code == 2
    assert "'code' names no kind; write COLUMN=KIND" in said
    code, said = run("train", "t.csv", "--target", "price", "--type", "code=int")
    assert code == 1
    assert "must be one of number, category" in said
