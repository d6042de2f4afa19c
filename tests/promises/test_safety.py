"""Nothing in the package runs what it reads."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import hyalite as hy
import hyalite.loading

SOURCES = sorted(Path(hy.__file__).parent.rglob("*.py"))
FORBIDDEN_MODULES = {
    "pickle",
    "cPickle",
    "dill",
    "cloudpickle",
    "marshal",
    "shelve",
    "joblib",
    "code",
}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__"}


def dangers(source: str) -> list[str]:
    """Imports and calls that can run what a file says."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [a.name for a in node.names if a.name.split(".")[0] in FORBIDDEN_MODULES]
        elif isinstance(node, ast.ImportFrom):
            if (node.module or "").split(".")[0] in FORBIDDEN_MODULES:
                found.append(node.module or "")
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "id", None)
            if name in FORBIDDEN_CALLS:
                found.append(name)
            attribute = getattr(node.func, "attr", "")
            if attribute in ("eval", "exec", "system", "popen"):
                found.append(attribute)
            for keyword in node.keywords:
                allowed = isinstance(keyword.value, ast.Constant) and not keyword.value.value
                if keyword.arg == "allow_pickle" and not allowed:
                    found.append("allow_pickle")
                if keyword.arg == "shell" and not allowed:
                    found.append("shell")
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_nothing_in_the_package_runs_what_it_reads(path):
    assert dangers(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "import pickle as p",
        "from pickle import loads",
        "from joblib.externals import loky",
        "eval('1')",
        "exec(text)",
        "__import__(name)",
        "np.load(path, allow_pickle=True)",
        "np.load(path, allow_pickle=flag)",
        "os.system(x)",
        "subprocess.run(x, shell=True)",
    ],
)
def test_the_search_for_dangers_finds_them(source):
    assert dangers(source)
