"""Install the package with each extra alone, in a fresh environment, and use it for what it is for.

::

    python scripts/check_extras.py              # no extra, then each that has code
    python scripts/check_extras.py plot onnx    # these

For each extra: a virtual environment with ``.[EXTRA]`` and pytest, a program that needs the extra,
the tests of that part. In the environment without extras the same programs must fail with the
line that says what to install. It downloads some 500 MB in all, wandb and mlflow most.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
HEAD = """
import sys, numpy as np, hyalite as hy
x, y = hy.datasets.spiral(100)
model = hy.Sequential([hy.Dense(8, "relu"), hy.Dense(3, "softmax")])
model.compile("categorical_crossentropy", engine="numpy")
model.fit(x, y, epochs=3, seed=0, verbose=0)
"""


class Check(NamedTuple):
    """A program that needs the extra, the tests of its part, whether the lack is to be said."""

    program: str
    tests: tuple[str, ...] = ()
    ours: bool = True  # the library uses it, and names it where it is missing


NONE = """
before = model.predict(x)
model.save("model.safetensors")
assert (hy.load("model.safetensors").predict(x) == before).all()
optional = {"numba", "scipy", "sklearn", "matplotlib", "PIL", "pooch", "onnx", "pandas"}
assert not optional & set(sys.modules), optional & set(sys.modules)
assert hy.gradcheck.check_model(model, x[:9], y[:9]).ok
from click.testing import CliRunner
from hyalite import cli
run = CliRunner().invoke(cli.commands, ["train", "spiral", "--epochs", "3", "--output", "run"])
assert run.exit_code == 0, run.output
"""
CHECKS = {
    "fast": Check(
        """
fast = hy.Sequential([hy.Dense(8, "relu"), hy.Dense(3, "softmax")])
fast.compile("categorical_crossentropy", engine="compiled")
fast.fit(x, y, epochs=3, seed=0, verbose=0)
np.testing.assert_allclose(fast.predict(x), model.predict(x), atol=1e-5)
""",
    ),
    "plot": Check(
        """
hy.plots.save(hy.plots.curves(model.history), "curves.png")
hy.plots.save(hy.plots.decision_regions(model, x, y), "regions.png")
""",
        ("plots/",),
    ),
    "data": Check(
        """
from pathlib import Path
import struct, zlib
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
for name in "ab":
    Path("pictures", name).mkdir(parents=True, exist_ok=True)
    Path("pictures", name, "1.png").write_bytes(
        b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(bytes([0, 1, 2, 0, 3, 4]))) + chunk(b"IEND", b""))
assert hy.datasets.image_folder("pictures").x.shape == (2, 4)
from hyalite.data.fetch import cache_folder
cache_folder("fashion-mnist")
""",
        ("data/test_images.py", "data/test_fetch.py"),
    ),
    "tables": Check(
        """
from pathlib import Path
try:
    import duckdb
except ModuleNotFoundError:
    Path("points.parquet").touch()
else:
    duckdb.sql("select 1.5 as a, 'x' as b").write_parquet("points.parquet")
assert hy.tables.read("points.parquet").column_names == ["a", "b"]
rows = [f"{a:.3f},{b:.3f},{'abc'[c]}" for (a, b), c in zip(x.tolist(), y.tolist())]
Path("points.csv").write_text("\\n".join(["a,b,arm", *rows]), encoding="utf-8")
from hyalite.cli import commands
commands(["train", "points.csv", "--target", "arm", "--epochs", "3", "--output", "run", "-q"],
         standalone_mode=False)
commands(["predict", "run/points.safetensors", "points.csv", "--output", "predicted.parquet"],
         standalone_mode=False)
assert "predicted arm" in hy.tables.read("predicted.parquet").column_names
""",
        ("data/tables/",),
    ),
    "excel": Check(
        """
from pathlib import Path
try:
    import openpyxl
except ModuleNotFoundError:
    Path("points.xlsx").touch()
else:
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.active.append([1, 2])
    book.save("points.xlsx")
assert hy.tables.read("points.xlsx").column_names == ["a", "b"]
""",
        ("data/tables/reading/test_excel.py",),
    ),
    "sklearn": Check(
        """
from hyalite.sklearn import MLPClassifier, MLPRegressor
from sklearn.model_selection import cross_val_score
made = MLPClassifier(20, max_iter=100, learning_rate_init=0.02, random_state=0)
assert cross_val_score(made, x, x[:, 0] > 0, cv=3).mean() > 0.8
MLPRegressor(solver="lbfgs", random_state=0).fit(x, x[:, 0]).predict(x)
""",
        ("sklearn/test_sklearn.py", "-k", "not own_check"),
    ),
    "dask": Check(
        """
import hyalite.dask
import dask.array as da
from dask.distributed import Client, LocalCluster
if __name__ == "__main__":
    settings = {"n_workers": 1, "processes": False, "dashboard_address": "127.0.0.1:0"}
    with LocalCluster(**settings) as cluster, Client(cluster) as c:
        parts = da.from_array(x, chunks=(100, 2)), da.from_array(y, chunks=100)
        trained = hyalite.dask.fit(c, model, *parts, epochs=2, seed=0)
        assert hyalite.dask.predict(trained, parts[0]).compute().shape == (300, 3)
""",
        ("dask/test_training.py", "-k", "not estimator"),
    ),
    "log": Check(
        """
from pathlib import Path
model.fit(x, y, callbacks=[hy.callbacks.TensorBoardLog("events")], verbose=0)
assert list(Path("events").iterdir())
""",
        ("training/callbacks/",),
    ),
    "mlflow": Check(
        """
log = hy.callbacks.MLflowLog()
try:
    import mlflow
except ModuleNotFoundError:
    model.fit(x, y, callbacks=[log], verbose=0)
mlflow.set_tracking_uri("sqlite:///mlflow.db")
with mlflow.start_run() as run:
    model.fit(x, y, callbacks=[log], verbose=0)
assert "loss" in mlflow.get_run(run.info.run_id).data.metrics
""",
    ),
    "wandb": Check(
        """
log = hy.callbacks.WandbLog()
try:
    import wandb
except ModuleNotFoundError:
    model.fit(x, y, callbacks=[log], verbose=0)
with wandb.init(mode="offline", project="check"):
    model.fit(x, y, callbacks=[log], verbose=0)
from pathlib import Path
assert list(Path("wandb").glob("offline-run-*/*.wandb"))
""",
    ),
    "mpi": Check(
        """
try:
    with hy.workers.mpi() as workers:
        model.fit(x, y, epochs=3, seed=0, verbose=0, workers=workers)
except hy.MissingExtra as error:
    if "pip install mpich" not in str(error):  # mpi4py is there, a library of MPI's need not be
        raise
""",
        ("workers/test_mpi_ranks.py",),
    ),
    "onnx": Check(
        """
from hyalite.export import to_onnx
to_onnx(model, "model.onnx")
import onnx
onnx.checker.check_model(onnx.load("model.onnx"), full_check=True)
""",
        ("export/test_onnx_file.py",),
    ),
    "docs": Check(
        f"""
import pathlib, shutil, subprocess
pathlib.Path("pages").mkdir()
shutil.copy({str(ROOT / "docs" / "decisions.md")!r}, "pages/index.md")
subprocess.run([sys.executable, "-m", "sphinx", "-q", "-C", "-D", "extensions=myst_parser",
                "-D", "html_theme=pydata_sphinx_theme", "pages", "out"], check=True)
assert "Decisions" in pathlib.Path("out/index.html").read_text(encoding="utf-8")
""",
        ours=False,
    ),
}
WITHOUT = {
    "bench": "several GB of other libraries; `python -m benchmarks` is its check",
    "reliability": "`python -m reliability` is its check",
    "torch": "some GB; tests/export/test_torch_file.py is its check",
    "all": "the others together",
    "dev": "the whole test suite is its check",
}


def run(command: list[object], folder: Path, limit: float = 1800) -> tuple[bool, str, float]:
    """Whether it succeeded, what it wrote, and the seconds it took."""
    began = time.perf_counter()
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        list(map(str, command)), cwd=folder, capture_output=True, text=True, timeout=limit,
        env=clean, check=False,
    )  # fmt: skip
    return done.returncode == 0, done.stdout + done.stderr, time.perf_counter() - began


def environment(folder: Path, extra: str) -> Path:
    """A fresh environment with the package, the extra and pytest; its Python."""
    ok, said, _ = run([sys.executable, "-m", "venv", folder / "venv"], folder)
    python = next(p for p in (folder / "venv").glob("*/python*") if p.stem == "python")
    package = f"{ROOT}[{extra}]" if extra else str(ROOT)
    if ok:
        ok, said, _ = run([python, "-m", "pip", "install", "-q", package, "pytest"], folder)
    if not ok:
        raise SystemExit(f"{extra or 'no extra'}: cannot be installed\n{said}")
    return python


def size(folder: Path) -> str:
    """What it takes on disk, without pip and pytest's own few MB."""
    files = (file for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
    return f"{sum(file.stat().st_size for file in files) / 1e6:.0f} MB"


def last(text: str) -> str:
    """The line of a failure that says most."""
    return (text.strip().splitlines() or ["no output"])[-1]


def import_time(python: Path, folder: Path) -> str:
    """The median of seven imports of the package over those of NumPy, in ms."""
    code = (
        "import time, numpy; a = time.perf_counter(); import hyalite as hy; "
        "b = time.perf_counter(); hy.Sequential; c = time.perf_counter(); "
        "print(1e3 * (b - a), 1e3 * (c - a))"
    )
    times = [tuple(map(float, run([python, "-c", code], folder)[1].split())) for _ in range(7)]
    first, whole = (sorted(column)[3] for column in zip(*times, strict=True))
    return f"import takes {first:.0f} ms over NumPy's, with Sequential {whole:.0f} ms"


def tests(python: Path, folder: Path, chosen: tuple[str, ...]) -> str:
    """What pytest's last line says of these tests."""
    if not chosen:
        return "-"
    words = [ROOT / "tests" / word if word.endswith((".py", "/")) else word for word in chosen]
    options = ["-q", "-p", "no:cacheprovider", "-c", ROOT / "pyproject.toml"]
    ok, said, _ = run([python, "-m", "pytest", *options, *words], ROOT)
    return last(said).strip("= ") if ok else f"FAILED: {last(said)}"


def check(extra: str) -> list[tuple[str, str, str, str]]:
    """The lines of the table for one extra, or for the package without any."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = environment(folder, extra)
        weight = size(folder / "venv")
        program = HEAD + (CHECKS[extra].program if extra else NONE)
        ok, said, seconds = run([python, "-c", program], folder)
        result = f"works, {seconds:.1f} s" if ok else f"FAILED: {last(said)}"
        if extra:
            return [(extra, weight, result, tests(python, folder, CHECKS[extra].tests))]
        lines = [("no extra", weight, result, import_time(python, folder))]
        for other in CHECKS:
            if CHECKS[other].ours:
                ok, said, _ = run([python, "-c", HEAD + CHECKS[other].program], folder)
                right = not ok and f"pip install 'hyalite[{other}]'" in last(said)
                told = "says what to install" if right else f"FAILED: {last(said)}"
                lines.append((f"no extra, {other} used", "", told, ""))
        return lines


def main() -> None:
    """Print the table, and fail where a line does."""
    wanted = sys.argv[1:] or ["", *CHECKS]
    unknown = set(wanted) - {"", *CHECKS}
    if unknown:
        raise SystemExit(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(CHECKS)}")
    lines: list[tuple[str, str, str, str]] = []
    print("| installed | on disk | the program | tests, or time |\n|---|---|---|---|", flush=True)
    for extra in wanted:
        found = check(extra)
        lines += found
        for line in found:
            print(f"| {' | '.join(line)} |", flush=True)
    print(textwrap.indent("\n".join(f"{n}: {why}" for n, why in WITHOUT.items()), "not run: "))
    raise SystemExit(any("FAILED" in part for line in lines for part in line))


if __name__ == "__main__":
    main()
