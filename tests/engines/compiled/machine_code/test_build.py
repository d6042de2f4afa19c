"""Kernels compiled ahead, for other systems and processors than this one, too."""

from __future__ import annotations

import ctypes
import shutil
import sys
from pathlib import Path

import pytest

pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")

from hyalite.engines.compiled.machine_code import build, levels
from hyalite.engines.compiled.machine_code.objects import Objects

pytestmark = pytest.mark.compiled
NAME = "rescaling_forward"
# System and level, the machine as the file's head names it, and where that stands.
FILES = {
    ("linux", "x86-64-v2"): (b"\x7fELF", b"\x3e\x00", 18),
    ("linux", "aarch64"): (b"\x7fELF", b"\xb7\x00", 18),
    ("macos", "x86-64-v2"): (b"\xcf\xfa\xed\xfe", b"\x07\x00\x00\x01", 4),
    ("macos", "aarch64"): (b"\xcf\xfa\xed\xfe", b"\x0c\x00\x00\x01", 4),
    ("windows", "x86-64-v2"): (b"MZ", b"\x64\x86", -1),
}
ALIKE = [("linux", "x86-64-v2"), ("macos", "x86-64-v2")]
only_from_x86 = pytest.mark.skipif(
    levels.machine() != "x86_64", reason="other machines' kernels are compiled on x86-64"
)


@only_from_x86
@pytest.mark.slow
@pytest.mark.parametrize(
    ("system", "level"),
    # the first is linked and loaded below, the third differs from the fourth in a number
    [pytest.param(*of, marks=pytest.mark.long if of in ALIKE else ()) for of in FILES],
)
def test_a_library_for_another_system_is_of_its_form_and_has_the_kernels(
    tmp_path: Path, system: str, level: str
) -> None:
    pytest.importorskip("ziglang", reason="it links for other systems")
    magic, machine, place = FILES[system, level]
    objects = build.compile_objects(tmp_path / "objects", level, system, "float32", [NAME])
    library = tmp_path / f"library.{build.SYSTEMS[system][2]}"
    build.link(objects, library, level, system)
    data = library.read_bytes()
    if place < 0:  # where Windows's own head begins
        place = int.from_bytes(data[60:64], "little") + 4
    assert data.startswith(magic)
    assert data[place : place + len(machine)] == machine
    assert f"hyalite_{NAME}_float32\0".encode() in data
    assert str(tmp_path).encode() not in data
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == [library.name]


@only_from_x86
@pytest.mark.slow
def test_who_waits_gives_the_core_away_by_the_systems_own_call(tmp_path: Path) -> None:
    own, names = Objects("float32"), ["train", "infer"]
    own.addresses(names)
    # the one of the two that does not take long
    [made] = build.compile_objects(tmp_path / "new", "x86-64-v3", "windows", "float32", ["infer"])
    here = [(own.folder / f"{name}.o", build.this_system()) for name in names]
    for path, system in ((made, "windows"), *here):
        code = path.read_bytes()
        calls = {call for call in (b"sched_yield\0", b"SwitchToThread\0") if call in code}
        assert calls == {b"SwitchToThread\0" if system == "windows" else b"sched_yield\0"}


def test_numba_writes_for_processors_of_this_kind_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "machine", lambda: "x86_64")
    assert build.written_for("x86-64-v4") == "x86-64-v4"
    assert build.written_for("aarch64") == "x86-64-v2"
    monkeypatch.setattr(build, "machine", lambda: "aarch64")
    assert build.written_for("aarch64") == "aarch64"
    with pytest.raises(RuntimeError, match="x86-64-v3 cannot be compiled on aarch64"):
        build.written_for("x86-64-v3")


@pytest.mark.skipif(sys.platform == "win32", reason="without ziglang cc links, which is elsewhere")
def test_no_linker_is_an_error_that_names_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "find_spec", lambda name: None)
    with pytest.raises(RuntimeError, match="to link for windows on x86_64: pip install ziglang"):
        build.link([Path("a.o")], Path("a.dll"), "x86-64-v3", "windows")


@pytest.mark.slow
def test_what_is_linked_here_can_be_loaded_here(tmp_path: Path) -> None:
    if sys.platform == "win32" or not shutil.which("cc"):
        pytest.importorskip("ziglang", reason="there is no other linker")
    level, system = levels.runnable()[-1], build.this_system()
    objects = build.compile_objects(tmp_path / "objects", level, system, "float64", [NAME])
    library = tmp_path / f"library.{build.SYSTEMS[system][2]}"
    build.link(objects, library, level, system)
    assert getattr(ctypes.CDLL(str(library)), f"hyalite_{NAME}_float64")
