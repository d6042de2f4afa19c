"""Compile the kernels ahead: ``python -m hyalite.engines.compiled.machine_code.build``.

Each level of the instruction set gets a library with the kernels for both dtypes. Numba and a
linker are needed for it: the package `ziglang`, which links for other systems, too, or the system's
`cc`. Nothing but the C library is needed to use them.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

from hyalite.engines.compiled.machine_code.levels import LEVELS, machine
from hyalite.engines.compiled.machine_code.prebuilt import FOLDER
from hyalite.engines.compiled.machine_code.sources import digest_of_sources

DTYPES = ("float32", "float64")
# Of a system: what LLVM calls it, what zig calls it, and the ending of a library.
SYSTEMS = {
    "linux": ("{machine}-unknown-linux-gnu", "{machine}-linux-gnu.2.17", "so"),
    "macos": ("{machine}-apple-macosx11.0.0", "{machine}-macos.11.0", "dylib"),
    "windows": ("{machine}-w64-windows-gnu", "{machine}-windows-gnu", "dll"),
}


def this_system() -> str:
    """One of SYSTEMS."""
    return {"darwin": "macos", "win32": "windows"}.get(sys.platform, "linux")


def triple(level: str, system: str) -> str:
    """What LLVM calls a system on processors of a level."""
    return SYSTEMS[system][0].format(machine=LEVELS[level].machine)


def compile_objects(
    folder: Path, level: str, system: str, dtype: str, names: Sequence[str] = ()
) -> list[Path]:
    """The objects of kernels, by default of all, for a level and a dtype."""
    folder.mkdir(parents=True)
    chosen = LEVELS[level]
    command = [
        sys.executable, "-m", "hyalite.engines.compiled.machine_code.compiler", str(folder), dtype,
        "--library", "--triple", triple(level, system),
        "--cpu", chosen.cpu, f"--features={chosen.features}",
        *([] if names else ["--all"]),
    ]  # fmt: skip
    like = LEVELS[written_for(level)]
    environment = {
        **os.environ, "NUMBA_CPU_NAME": like.cpu, "NUMBA_CPU_FEATURES": like.features,
        "HYALITE_TARGET": triple(level, system),
    }  # fmt: skip
    subprocess.run(
        command, check=True, env=environment, stdout=subprocess.DEVNULL, text=True,
        input="\n".join(names),
    )  # fmt: skip
    return sorted(folder.glob("*.o"))


def written_for(level: str) -> str:
    """The level that Numba writes for, which knows this machine's kind of processor alone.

    For another kind it is one of this kind whose vectors are as wide. What comes out LLVM optimizes
    for the processor that is meant.

    Raises:
        RuntimeError: there is none.
    """
    chosen = LEVELS[level]
    if chosen.machine == machine():
        return level
    if not chosen.like or LEVELS[chosen.like].machine != machine():
        raise RuntimeError(f"the kernels for {level} cannot be compiled on {machine()}")
    return chosen.like


def link(objects: Sequence[Path], library: Path, level: str, system: str) -> None:
    """A shared library of the objects.

    Raises:
        RuntimeError: there is no linker for that system.
    """
    chosen = LEVELS[level]
    if find_spec("ziglang") is not None:
        target = SYSTEMS[system][1].format(machine=chosen.machine)
        command = [sys.executable, "-m", "ziglang", "cc", "-target", target, "-s"]
    elif shutil.which("cc") and system == this_system() and chosen.machine == machine():
        command = ["cc"]
    else:
        raise RuntimeError(f"to link for {system} on {chosen.machine}: pip install ziglang")
    if system == "macos":  # else the folder of this build is written into it
        command += ["-install_name", f"@rpath/{library.name}"]
    made = objects[0].with_name(library.name)  # linkers for Windows leave more beside it
    files = [str(path) for path in objects]
    subprocess.run([*command, "-shared", "-o", str(made), *files, "-lm"], check=True)
    shutil.move(made, library)


def build(folder: Path, levels: Sequence[str], system: str, jobs: int) -> None:
    """Write the libraries and `built.json` into a folder.

    Args:
        folder: for them; what is in it is replaced.
        levels: names of `LEVELS`.
        system: one of SYSTEMS.
        jobs: processes at a time.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    libraries = {level: f"hyalite-{level}.{SYSTEMS[system][2]}" for level in levels}
    with tempfile.TemporaryDirectory() as work, ThreadPoolExecutor(jobs) as pool:
        made = {
            (level, dtype): pool.submit(
                compile_objects, Path(work, level, dtype), level, system, dtype
            )
            for level in levels
            for dtype in DTYPES
        }
        for level in levels:
            objects = [path for dtype in DTYPES for path in made[level, dtype].result()]
            link(_renamed(objects), folder / libraries[level], level, system)
    about = {
        "for": f"{system}-{LEVELS[levels[0]].machine}",
        "sources": digest_of_sources(),
        "libraries": libraries,
    }
    (folder / "built.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


def _renamed(objects: Sequence[Path]) -> list[Path]:
    """The same files, each with a name of its own: linkers for Windows ask for that."""
    return [path.rename(path.with_name(f"{path.parent.name}-{path.name}")) for path in objects]


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Compile the kernels ahead.")
    parser.add_argument("--out", type=Path, default=FOLDER, help="a folder; else the package's")
    parser.add_argument("--system", choices=SYSTEMS, default=this_system())
    parser.add_argument("--machine", default=machine(), help="x86_64 or aarch64")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args()
    levels = [name for name, level in LEVELS.items() if level.machine == chosen.machine]
    build(chosen.out, levels, chosen.system, chosen.jobs)


if __name__ == "__main__":
    main()
