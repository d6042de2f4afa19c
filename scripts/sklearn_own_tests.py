"""Run scikit-learn's own tests of its MLPs on Hyalite's estimators, and show what passes.

::

    python scripts/sklearn_own_tests.py                    # on the NumPy engine
    python scripts/sklearn_own_tests.py --engine auto      # as a user's program would
    python scripts/sklearn_own_tests.py -k early_stopping  # some

The file `sklearn/neural_network/tests/test_mlp.py` of the installed scikit-learn is copied into a
temporary folder with one line changed, the import of the two classes. The exit code is 1 where a
test fails that is not in `KNOWN`, or one passes that is.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

THEIRS = "from sklearn.neural_network import MLPClassifier, MLPRegressor"
OURS = "from hyalite.sklearn import MLPClassifier, MLPRegressor"
NOT_INSTALLED = 2  # exit code where scikit-learn's tests are missing

# The products are small: threads would only wait for each other.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

# Why each of these fails here, and is meant to.
KNOWN = {
    "test_fit": "puts arrays of its own into coefs_ before any fit; here they are views of the "
    "model's one vector (tests/sklearn/test_sklearn_parity.py works the same example out)",
    "test_gradient": "calls the private _loss_grad_lbfgs; hyalite.gradcheck does this here",
    "test_early_stopping_stratified": "wants a refusal of a class with a single member, which "
    "stays in training here",
}

CONFTEST = """
import pytest
from hyalite.sklearn import MLPClassifier, MLPRegressor

for kind in (MLPClassifier, MLPRegressor):
    kind.__init__.__kwdefaults__["engine"] = {engine!r}


@pytest.fixture
def global_random_seed():
    return 42
"""


def their_tests() -> Path | None:
    """The file with scikit-learn's tests, where it is installed with them."""
    try:
        found = importlib.util.find_spec("sklearn.neural_network.tests.test_mlp")
    except ModuleNotFoundError:
        return None
    return None if found is None or found.origin is None else Path(found.origin)


def run(source: Path, engine: str, chosen: str) -> dict[str, str]:
    """The first line of each test's failure by its name; of a test that passed, an empty one."""
    text = source.read_text(encoding="utf-8")
    if text.count(THEIRS) != 1:
        sys.exit(f"{source} does not have the line {THEIRS!r} once")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_mlp.py").write_text(text.replace(THEIRS, OURS), encoding="utf-8")
        (folder / "conftest.py").write_text(CONFTEST.format(engine=engine), encoding="utf-8")
        (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_mlp.py"]
        done = subprocess.run(
            [*command, "--junit-xml=results.xml", *(["-k", chosen] if chosen else [])],
            cwd=folder, capture_output=True, text=True, env=os.environ | ONE_THREAD,
        )  # fmt: skip
        if not (folder / "results.xml").exists():
            sys.exit(done.stdout + done.stderr)
        results = {}
        for case in ET.parse(folder / "results.xml").iter("testcase"):
            wrong = case.find("failure")
            wrong = case.find("error") if wrong is None else wrong
            lines = [] if wrong is None else wrong.get("message", "failed").splitlines()
            results[case.get("name", "")] = lines[0] if lines else ""
    return results


def main() -> int:
    """The table, and whether all is as `KNOWN` says."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--engine", choices=["auto", "compiled", "numpy"], default="numpy")
    parser.add_argument("-k", dest="chosen", default="", help="only tests of such names")
    arguments = parser.parse_args()
    source = their_tests()
    if source is None:
        print("scikit-learn's tests are not installed")
        return NOT_INSTALLED
    results = run(source, arguments.engine, arguments.chosen)
    surprises = 0
    for name, failure in results.items():
        known = KNOWN.get(name.partition("[")[0])
        surprise = bool(failure) != (known is not None)
        surprises += surprise
        print(f"{'FAILS' if failure else 'passes'}{' (!)' if surprise else ''}  {name}")
        for line in filter(None, [failure, known and f"known: {known}"]):
            print(f"        {line}")
    failed = sum(map(bool, results.values()))
    print(f"{len(results) - failed} pass, {failed} fail, {surprises} of all not as expected")
    return 1 if surprises or not results else 0


if __name__ == "__main__":
    sys.exit(main())
