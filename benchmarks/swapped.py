"""``python -m benchmarks.swapped``: programs for scikit-learn's MLPs, and the same with one import
line changed.

Each program has a process of its own, runs as it is and with ``hyalite.sklearn`` in the place of
``sklearn.neural_network``, and sets ``score``; the fit's time is taken, after a first fit on a few
rows so that nothing is compiled while the clock runs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.tables import table

LINE = "from sklearn.neural_network import MLPClassifier, MLPRegressor"
OURS = "from hyalite.sklearn import MLPClassifier, MLPRegressor"
HEAD = """
import json, time, warnings
warnings.simplefilter("ignore")
import numpy as np
from sklearn import datasets
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, MinMaxScaler
{line}

def timed(model, x, y):
    global seconds
    MLPClassifier(max_iter=1).fit(np.eye(4), [0, 1, 0, 1])
    MLPRegressor(max_iter=1).fit(np.eye(4), [0.0, 1, 0, 1])
    start = time.perf_counter()
    model.fit(x, y)
    seconds = time.perf_counter() - start
    return model

def mnist(rows):
    import hyalite as hy
    (x, y), (x_test, y_test) = hy.datasets.mnist()
    return x[:rows], x_test, y[:rows], y_test
"""
TAIL = """
print(json.dumps({"score": score, "seconds": seconds}))
"""
PROGRAMS = {
    "digits, defaults": """
x, x_test, y, y_test = train_test_split(*datasets.load_digits(return_X_y=True), random_state=0)
score = timed(MLPClassifier(random_state=0), x, y).score(x_test, y_test)
""",
    "digits, two layers, early stopping": """
x, x_test, y, y_test = train_test_split(*datasets.load_digits(return_X_y=True), random_state=0)
model = MLPClassifier((64, 32), early_stopping=True, max_iter=300, random_state=0)
score = timed(model, x, y).score(x_test, y_test)
""",
    "digits, sgd with momentum": """
x, y = datasets.load_digits(return_X_y=True)
x, x_test, y, y_test = train_test_split(MinMaxScaler().fit_transform(x), y, random_state=0)
model = MLPClassifier(solver="sgd", learning_rate_init=0.2, max_iter=100, random_state=0)
score = timed(model, x, y).score(x_test, y_test)
""",
    "breast cancer, pipeline": """
x, x_test, y, y_test = train_test_split(
    *datasets.load_breast_cancer(return_X_y=True), random_state=0)
model = make_pipeline(StandardScaler(), MLPClassifier(alpha=1, max_iter=300, random_state=0))
score = timed(model, x, y).score(x_test, y_test)
""",
    "breast cancer, cross-validated": """
x, y = datasets.load_breast_cancer(return_X_y=True)
model = make_pipeline(StandardScaler(), MLPClassifier(20, max_iter=200, random_state=0))
score = float(cross_val_score(model, x, y, cv=5).mean())
timed(model, x, y)
""",
    "wine, lbfgs": """
x, x_test, y, y_test = train_test_split(*datasets.load_wine(return_X_y=True), random_state=0)
model = make_pipeline(StandardScaler(), MLPClassifier(solver="lbfgs", random_state=0))
score = timed(model, x, y).score(x_test, y_test)
""",
    "wine, grid search": """
x, y = datasets.load_wine(return_X_y=True)
x = StandardScaler().fit_transform(x)
search = GridSearchCV(MLPClassifier(max_iter=100, random_state=0),
                      {"alpha": [1e-4, 1e-1], "hidden_layer_sizes": [(10,), (50,)]}, cv=3)
score = float(timed(search, x, y).best_score_)
""",
    "diabetes, regression": """
x, x_test, y, y_test = train_test_split(*datasets.load_diabetes(return_X_y=True), random_state=0)
model = make_pipeline(StandardScaler(), MLPRegressor(
    hidden_layer_sizes=(20,), alpha=10, learning_rate_init=0.01, max_iter=500, random_state=0))
score = timed(model, x, y).score(x_test, y_test)
""",
    "diabetes, lbfgs": """
x, x_test, y, y_test = train_test_split(*datasets.load_diabetes(return_X_y=True), random_state=0)
model = make_pipeline(StandardScaler(), MLPRegressor(
    hidden_layer_sizes=(10,), solver="lbfgs", alpha=10, max_iter=300, random_state=0))
score = timed(model, x, y).score(x_test, y_test)
""",
    "MNIST, 20,000 rows": """
x, x_test, y, y_test = mnist(20_000)
model = MLPClassifier((64, 64), batch_size=100, max_iter=10, random_state=0)
score = timed(model, x, y).score(x_test, y_test)
""",
}


def run(program: str, line: str) -> dict[str, float]:
    """Score and seconds of a program with this import line."""
    root = Path(__file__).resolve().parents[1]
    paths = [str(root / "src"), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, "-c", HEAD.format(line=line) + PROGRAMS[program] + TAIL],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{program}: {done.stderr.strip()}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Print the table."""
    rows = []
    for program in PROGRAMS:
        theirs, ours = run(program, LINE), run(program, OURS)
        rows.append(
            [
                program,
                f"{theirs['score']:.3f}",
                f"{ours['score']:.3f}",
                f"{theirs['seconds']:.2f}",
                f"{ours['seconds']:.2f}",
                f"{theirs['seconds'] / ours['seconds']:.1f}",
            ]
        )
    head = ["program", "score, scikit-learn", "score, ours", "seconds", "ours", "times"]
    print(table(head, rows))


if __name__ == "__main__":
    main()
