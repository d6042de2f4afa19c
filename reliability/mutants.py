"""Mutation testing: faults put into the mathematics one at a time; the tests must see each.

A mutant is the library with one operator, comparison, constant or statement changed in a backward
pass, a loss or an optimizer. It is killed when a test fails. Survivors are listed.
"""

from __future__ import annotations

import ast
import copy
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import hyalite
from reliability.finding import Finding

TITLE = "Mutants"
ROOT = Path(__file__).parents[1]
SOURCE = Path(hyalite.__file__).parent
# file -> functions in it whose mutants are made
MATHEMATICS = {
    "layers/activations.py": ("backward",),
    "layers/augmentation.py": ("backward",),
    "layers/base.py": ("penalty", "add_penalty_gradient"),
    "layers/dense.py": ("backward",),
    "layers/dropout.py": ("backward",),
    "layers/embedding.py": ("backward",),
    "layers/normalization.py": ("backward",),
    "layers/periodic_embedding.py": ("backward",),
    "layers/piecewise_linear_embedding.py": ("backward", "_inside"),
    "layers/shaping.py": ("backward",),
    "losses/base.py": ("backward", "__call__"),
    "losses/crossentropy.py": ("values", "gradient", "_clipped"),
    "losses/grouped.py": ("values", "gradient"),
    "losses/regression.py": ("values", "gradient"),
    "losses/objective.py": ("values", "__call__"),
    "optimizers/base.py": (
        "_clip",
        "step",
        "bind",
        "_factors",
        "current_learning_rate",
        "coming_learning_rates",
    ),
    "optimizers/sgd.py": ("update",),
    "optimizers/adagrad.py": ("update",),
    "optimizers/rmsprop.py": ("update",),
    "optimizers/adam.py": ("update", "decay_weights"),
}
TESTS = (
    "losses",
    "optimizers",
    "layers",
    "test_gradcheck.py",
    "test_initializers.py",
    "test_random.py",
    "test_schedules.py",
    "promises/test_gradients.py",
    "training/test_loop.py",
)
LEAST = 0.95  # share that must be killed
SHORT = 40  # every so many, in the short form
SECONDS = 300  # of the tests, until a mutant counts as caught in a loop

OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.MatMult: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}


@dataclass
class Mutant:
    """One change: in which file, what, and the file's text with it."""

    path: str
    what: str
    text: str


def mutants() -> Iterator[Mutant]:
    """All of them."""
    for path, names in MATHEMATICS.items():
        tree = ast.parse((SOURCE / path).read_text(encoding="utf-8"))
        places = [
            node
            for function in ast.walk(tree)
            if isinstance(function, ast.FunctionDef) and function.name in names
            for statement in _body(function)
            for node in ast.walk(statement)
        ]
        for node in places:
            for change in _changes(node):
                before = _line(node)
                kept = copy.copy(node.__dict__)
                change()
                what = f"line {getattr(node, 'lineno', 0)}: {before}  ->  {_line(node)}"
                yield Mutant(path, what, ast.unparse(ast.fix_missing_locations(tree)))
                node.__dict__.clear()
                node.__dict__.update(kept)


def _body(function: ast.FunctionDef) -> list[ast.stmt]:
    """Without the docstring."""
    first = function.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return function.body[1:] if documented else function.body


def _line(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())[:90]


def _changes(node: ast.AST) -> Iterator[Callable[[], None]]:
    """What may be changed at this place."""

    def put(name: str, value: object) -> Callable[[], None]:
        return lambda: setattr(node, name, value)

    if isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in OPERATORS:
        yield put("op", OPERATORS[type(node.op)]())
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARISONS:
        yield put("ops", [COMPARISONS[type(node.ops[0])](), *node.ops[1:]])
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield put("op", ast.UAdd())
    elif isinstance(node, ast.BoolOp):
        yield put("op", ast.Or() if isinstance(node.op, ast.And) else ast.And())
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield put("value", not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        yield put("value", node.value + 1)
    elif isinstance(node, ast.Return) and not isinstance(node.value, ast.Constant | None):
        yield put("value", ast.Constant(None))
    elif isinstance(node, (ast.If, ast.IfExp)):
        yield put("test", ast.UnaryOp(ast.Not(), node.test))
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield put("value", ast.Constant(None))


def survives(mutant: Mutant, folder: Path) -> bool:
    """Run the tests on the library with this change."""
    place = folder / "src" / "hyalite" / mutant.path
    original = (SOURCE / mutant.path).read_text(encoding="utf-8")
    place.write_text(mutant.text, encoding="utf-8")
    tests = [str(ROOT / "tests" / name) for name in TESTS]
    try:
        run = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests],
            cwd=ROOT,
            env={
                **os.environ,
                "PYTHONPATH": str(folder / "src"),
                "PYTHONDONTWRITEBYTECODE": "1",
                "HYALITE_NUM_THREADS": "1",
            },
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    finally:
        place.write_text(original, encoding="utf-8")
    return run.returncode == 0


def measure(full: bool) -> list[Finding]:
    """Kill them all, or every 40th."""
    finding = Finding("The tests notice a fault in the mathematics.")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(SOURCE, folder / "src" / "hyalite", ignore=ignore)
        for mutant in list(mutants())[:: 1 if full else SHORT]:
            finding.count("mutants")
            if not survives(mutant, folder):
                finding.count("killed")
                if finding.tried["killed"] % 20 == 0:
                    finding.say()
                continue
            told = f"{mutant.path} {mutant.what}"
            finding.notes.append(f"survived: `{told}`")
    killed, made = finding.tried.get("killed", 0), finding.tried["mutants"]
    finding.tried["percent"] = round(100 * killed / made, 1)
    finding.check(killed >= LEAST * made, f"only {killed} of {made} were killed")
    return [finding]
