"""`hyalite lessons`: the list, the copies, and that a copied notebook runs."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.cli.helpers import ENVIRONMENT, PROGRAM, error_of, run

lessons = importlib.import_module("hyalite.cli.lessons")  # the module, not its command
LESSONS = lessons.find_lessons()
PLACE = "hyalite-lessons"


def test_the_list_says_what_each_needs() -> None:
    lines = run("lessons").output.splitlines()
    listed = {int(line[:2]): line[4:] for line in lines[: lines.index("")]}
    assert list(listed) == list(LESSONS)
    assert listed[1].split("  ")[0] == "The dense layer"
    assert listed[12].endswith(" plot, data, Fashion-MNIST")
    assert listed[14].endswith(" plot, book/sample_weight.pkl")
    assert listed[19].endswith(" plot, book/params.pkl")
    assert listed[20].endswith(" plot, book/deep_convnet_params.pkl")
    assert listed[17] == "Errata"
    assert max(map(len, lines)) <= 88


def test_one_is_copied_as_notebook_and_script_with_what_it_imports(here: Path) -> None:
    first, how, *_ = run("lessons", 17).output.splitlines()
    assert first == f"Errata: {Path(PLACE, '17_errata.ipynb')}"
    assert f"hyalite lessons 17 {PLACE} --open" in how
    files = {path.name: path.read_text(encoding="utf-8") for path in (here / PLACE).iterdir()}
    assert sorted(files) == ["17_errata.ipynb", "17_errata.py", "figures.py"]
    cells = json.loads(files["17_errata.ipynb"])["cells"]
    assert cells[0]["source"][0] == "# 17 · Errata\n"
    # what the links lead to does not lie beside the copy
    for name in ("17_errata.ipynb", "17_errata.py"):
        assert "../docs" not in files[name]
        assert "](https://github.com/hyalite/hyalite/blob/main/docs/errata.md)" in files[name]


def test_all_are_copied(here: Path) -> None:
    assert f"{len(LESSONS)} lessons: mine" in run("lessons", "all", "mine").output
    names = {path.name for path in (here / "mine").iterdir()}
    for lesson in LESSONS.values():
        assert {lesson.path.name, f"{lesson.path.stem}.ipynb"} <= names
    assert "figures.py" in names
    assert not {"__init__.py", "__main__.py", "running.py", "pictures"} & names


def test_what_a_reader_changed_is_kept(here: Path) -> None:
    run("lessons", 2)
    notebook = here / PLACE / "02_activations.ipynb"
    assert "kept" not in run("lessons", 2).output
    notebook.write_text("mine", encoding="utf-8")
    assert (
        f"{Path(PLACE, notebook.name)} is there already and was kept." in run("lessons", 2).output
    )
    assert notebook.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("which", ["0", "99", "-1", "four", "four.py"])
def test_what_is_no_lesson(here: Path, which: str) -> None:
    result = run("lessons", "--", which, code=2)
    assert f"'{which}' is none of the lessons 1 to {max(LESSONS)}, nor all" in result.stderr
    assert not list(here.iterdir())


def test_a_folder_that_is_a_file(here: Path) -> None:
    (here / "taken").touch()
    assert "'taken' is a file" in run("lessons", 1, "taken", code=2).stderr
    (here / "locked").touch()
    assert error_of("lessons", 1, "locked/in").endswith("locked/in: Not a directory")


def test_opening_needs_a_lesson() -> None:
    assert "hyalite lessons 4 --open" in run("lessons", "--open", code=2).stderr


def test_a_wheel_has_them_in_the_package(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`scripts/build/hook.py` puts them there; a clone has them at its root."""
    monkeypatch.setattr(lessons, "PACKAGE", here)
    (here / "lessons").mkdir()
    (here / "lessons/07_own.py").write_text("# %% [markdown]\n# # 7 · Own\n", encoding="utf-8")
    assert [(number, lesson.title) for number, lesson in lessons.find_lessons().items()] == [
        (7, "Own")
    ]


def test_it_says_which_extras_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lessons, "_is_there", lambda module: module == "PIL")
    assert "Still to install: pip install 'hyalite[plot]'" in run("lessons", 12).output
    assert "Still to install" not in run("lessons", 13).output


JUPYTER = "import sys; print('opened', *sys.argv[1:]); sys.exit(3)"


@pytest.mark.parametrize("name", ["jupyterlab", "notebook"])
def test_it_opens_in_the_jupyter_that_is_installed(
    here: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (here / "packages").mkdir()
    (here / "packages" / f"{name}.py").write_text(JUPYTER, encoding="utf-8")
    path = os.pathsep.join([str(here / "packages"), ENVIRONMENT["PYTHONPATH"]])
    code = f"""
import importlib
from hyalite import cli
lessons = importlib.import_module("hyalite.cli.lessons")
lessons._is_there = lambda module: module == {name!r}
cli.main()
"""
    command = [sys.executable, "-c", code, "lessons", "3", "--open"]
    done = subprocess.run(
        command, env=ENVIRONMENT | {"PYTHONPATH": path}, capture_output=True, text=True
    )
    assert f"opened {Path(PLACE, '03_losses.ipynb')}" in done.stdout, done.stderr
    assert done.returncode == 3, "Jupyter's"


def test_without_jupyter_it_says_how(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lessons, "_is_there", lambda module: module in ("PIL", "matplotlib"))
    said = run("lessons", 3, "my lessons", "--open").output.splitlines()[-1]
    assert said.startswith("To open it in Jupyter: pip install jupyterlab, then hyalite lessons 3 ")
    assert said.endswith("'my lessons' --open")


EXECUTE = """
import sys, nbformat
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
kernel = KernelManager(kernel_name="python3")
if sys.platform != "win32":
    kernel.transport, kernel.ip = "ipc", sys.argv[2]  # no port that another test may take
try:
    NotebookClient(notebook, km=kernel, timeout=200).execute()
finally:
    kernel.shutdown_kernel(now=True)
outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
print(sum(output.output_type == "display_data" for output in outputs))
"""


def execute(number: int) -> int:
    """Run the copied notebook as Jupyter does, in its folder; how many pictures it shows."""
    # not imported: where a kernel of Jupyter is loaded, progress is shown as in a notebook
    for module, extra in (("nbclient", "docs"), ("ipykernel", "docs"), ("matplotlib", "plot")):
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"{module} is not here; it comes with the extra '{extra}'")
    run("lessons", number, PLACE)
    with tempfile.TemporaryDirectory() as short:  # a socket's path has some hundred bytes
        done = subprocess.run(
            [sys.executable, "-c", EXECUTE, f"{LESSONS[number].path.stem}.ipynb", f"{short}/k"],
            cwd=PLACE,
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
        )
    assert done.returncode == 0, done.stderr[-3000:]
    return int(done.stdout)


def test_a_copied_notebook_runs() -> None:
    assert execute(2) == 2


@pytest.mark.long
@pytest.mark.parametrize("number", sorted(set(LESSONS) - {2}))
def test_every_copied_notebook_runs(number: int) -> None:
    execute(number)


def test_the_command_as_a_process(here: Path) -> None:
    done = subprocess.run(
        [*PROGRAM, "lessons", "1"], env=ENVIRONMENT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert (here / PLACE / "01_dense_layer.ipynb").is_file()
