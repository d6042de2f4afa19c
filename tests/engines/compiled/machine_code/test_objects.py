"""Kernels compiled by Numba, in processes of their own, and kept on disk."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")

from hyalite.engines.compiled.machine_code import objects, sources

pytestmark = pytest.mark.compiled


def test_a_change_of_any_source_of_the_kernels_is_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in sources.ROOT.rglob("*.py"):
        copy = tmp_path / file.relative_to(sources.ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
    seen = {sources.digest_of_sources.__wrapped__()}
    monkeypatch.setattr(sources, "ROOT", tmp_path)
    assert sources.digest_of_sources.__wrapped__() in seen
    for name in ("kernels/training.py", "lowering/operations/runs.py", "structs.py"):
        file = tmp_path / name
        file.write_text(file.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        seen.add(sources.digest_of_sources.__wrapped__())
    assert len(seen) == 4
    file = tmp_path / "runtime" / "run.py"
    file.write_text("", encoding="utf-8")  # not compiled
    assert sources.digest_of_sources.__wrapped__() in seen


def test_what_is_kept_is_loaded_without_numba(first_use: dict[str, list[str]]) -> None:
    program = (
        "import sys, hyalite as hy\n"
        "model = hy.Sequential([hy.Dense(4, 'relu'), hy.Dense(4, 'softmax')])\n"
        "model.compile('categorical_crossentropy', hy.Adam(0.01), engine='compiled')\n"
        "model.fit([[0.0, 1.0]] * 9, [1] * 9, epochs=2, seed=0, verbose=0)\n"
        "print('numba' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=600,
        env={**os.environ, "HYALITE_ISA": "numba"},
    )  # fmt: skip
    assert done.stdout.strip() == "False"


def test_a_compiler_that_fails_is_an_error_that_shows_its_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects, "_environment", lambda: {**os.environ, "NUMBA_CPU_NAME": "none"})
    found = objects.Objects("float32")
    found.folder = tmp_path / "new"
    with pytest.raises(RuntimeError, match="could not be compiled:\n"):
        found.addresses(["no_such_kernel"])


def test_a_folder_that_cannot_be_written_to_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")
    monkeypatch.setenv(objects.VARIABLE, str(file / "folder"))
    assert objects.cache_folder.__wrapped__().is_dir()
    monkeypatch.setenv(objects.VARIABLE, str(tmp_path / "folder"))
    assert objects.cache_folder.__wrapped__() == tmp_path / "folder"


LONG_AGO = time.time() - (objects.UNUSED_DAYS + 1) * 24 * 3600


def folder_of_objects(cache: Path, name: str, used: float = LONG_AGO) -> Path:
    folder = cache / name
    folder.mkdir(parents=True)
    (folder / "train.o").write_bytes(b"code")
    os.utime(folder, (used, used))
    return folder


def write_objects(folder: Path, dtype: str, names: list[str]) -> None:
    """What stands for the compiler's processes."""
    for name in names:
        (folder / f"{name}.o").write_bytes(b"code")


def test_a_new_version_removes_what_was_not_used_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(objects, "_compile_side_by_side", write_objects)
    monkeypatch.setattr(objects.Objects, "_load", lambda self, name, content: 1)
    of = objects.fingerprint()
    for name in (f"{'0' * 16}-float32", f"{'1' * 16}-float64", f"{'2' * 16}-float32.unused"):
        folder_of_objects(tmp_path, name)
    kept = [f"{'3' * 16}-float32", f"{of}-float64", f"{'4' * 16}-float16", "float32", "notes"]
    for name in kept:
        folder_of_objects(tmp_path, name, time.time() - 9 if name[0] == "3" else LONG_AGO)
    if os.name == "posix":
        kept.append(f"{'5' * 16}-float32")  # a link, to what is not ours
        (tmp_path / kept[-1]).symlink_to(folder_of_objects(tmp_path / "notes", "elsewhere"))
    code = objects.Objects("float32")
    assert code.addresses(["train"]) == {"train": 1}
    assert {path.name for path in tmp_path.iterdir()} == {*kept, code.folder.name}
    assert (tmp_path / "notes/elsewhere/train.o").is_file()


def test_to_use_a_folder_keeps_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(objects.Objects, "_load", lambda self, name, content: 1)
    code = objects.Objects("float32")
    folder_of_objects(tmp_path, code.folder.name)
    code.addresses(["train"])
    objects.remove_unused(tmp_path, "another version")
    assert code.folder.is_dir()


def test_a_folder_that_goes_while_it_is_used_is_compiled_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(objects, "_compile_side_by_side", write_objects)
    monkeypatch.setattr(objects.Objects, "_load", lambda self, name, content: len(content))
    code = objects.Objects("float32")
    folder = folder_of_objects(tmp_path, code.folder.name)
    assert code.addresses(["train"]) == {"train": 4}
    os.utime(folder, (LONG_AGO, LONG_AGO))
    objects.remove_unused(tmp_path, "another version")
    assert code.addresses(["train", "infer"]) == {"train": 4, "infer": 4}
    assert [path.name for path in folder.iterdir()] == ["infer.o"]


def test_several_processes_may_remove_at_once(tmp_path: Path) -> None:
    for number in range(40):
        folder_of_objects(tmp_path, f"{number:016x}-float32")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: objects.remove_unused(tmp_path, "another version"), range(8)))
    assert not list(tmp_path.iterdir())


def test_frames_hold_what_they_were_made_of() -> None:
    from hyalite.engines.compiled.frames import packed, size_of
    from hyalite.engines.compiled.structs import BatchPartition, UpdateTable

    assert packed(BatchPartition(5, 1, 2, 2, 3, 0)).tolist() == [5, 1, 2, 2, 3, 0]
    tiles, ranges = np.zeros((3, 5), np.int64), np.zeros((1, 2), np.int64)
    frame = packed(UpdateTable(tiles, ranges, np.zeros((1, 2))))
    assert frame[:3].tolist() == [tiles.ctypes.data, 3, 5]
    assert len(frame) == size_of(UpdateTable) == 9
    with pytest.raises(TypeError, match="an array of int64 is wanted, not of float64"):
        packed(UpdateTable(np.zeros((3, 5)), ranges, np.zeros((1, 2))))
    with pytest.raises(TypeError, match="an array of 2 axes is wanted, C-contiguous"):
        packed(UpdateTable(tiles.T, ranges, np.zeros((1, 2))))


def test_kernels_are_loaded_where_memory_is_far_apart(first_use: dict[str, list[str]]) -> None:
    """Between two parts of an object there may be more than 32 bits can say."""
    program = (
        "import mmap, hyalite as hy\n"
        "from hyalite.engines.compiled.machine_code import objects\n"
        "code, held = objects.Objects('float32'), []\n"
        "for path in sorted(code.folder.glob('*.o')):\n"
        "    held.append(mmap.mmap(-1, 3 << 30, flags=mmap.MAP_PRIVATE | 0x4020))\n"
        "    assert code.addresses([path.stem])[path.stem]\n"
        "print(len(held) > 10)\n"
    )
    if not sys.platform.startswith("linux"):
        pytest.skip("memory that is only reserved is asked for as Linux has it")
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=600,
        env={**os.environ, "HYALITE_ISA": "numba"},
    )  # fmt: skip
    assert done.stdout.strip() == "True"


def test_kernels_of_one_family_are_compiled_by_one_process() -> None:
    from hyalite.engines.compiled.kernels.catalogue import ENTRIES

    names = ["add", "dense_backward", "dense_forward", "help_infer", "infer", "train"]
    alone, dense, infer = ["train"], names[1:3], names[3:5]
    assert objects._families(names) == [alone, dense, infer, ["add"]]
    assert {*objects.FAMILIES} <= {*ENTRIES}
    keys = {name.removesuffix("_forward") for name in ENTRIES}
    assert {*objects.FIRST, *objects.FAMILIES.values()} <= keys


def test_what_another_process_compiles_is_waited_for(tmp_path: Path) -> None:
    """A lock is held, and the kernel is there when it goes; nobody compiles it a second time."""
    pytest.importorskip("fcntl", reason="without locks of files each process compiles for itself")
    name = "no_kernel_of_that_name"  # so to compile it would fail
    claim = objects._claimed(tmp_path / f"{name}.lock")
    assert claim.__enter__()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(objects._compile_side_by_side, tmp_path, "float32", [name])
        time.sleep(0.3)
        assert not waiting.done()
        (tmp_path / f"{name}.o").write_bytes(b"object")
        claim.__exit__(None, None, None)
        waiting.result(60)
    assert (tmp_path / f"{name}.o").read_bytes() == b"object"
