"""The recorded trainings on 64-bit Arm, in an emulator: do they give the same bytes?

    python scripts/same_bytes_on_arm.py ROOT

ROOT is a folder outside the repository for that machine's Python and the packages that Hyalite
needs, 120 MB; where it is empty they are fetched, once. It takes:

- qemu's emulator of one program, `qemu-aarch64-static` (Debian: apt-get install qemu-user-static);
- to fill ROOT, Debian or a relative that knows packages for Arm
  (dpkg --add-architecture arm64 && apt-get update);
- Numba and ziglang, which compile the kernels as for a wheel.

It takes a few minutes to compile and one for the trainings, in both dtypes, with one thread and
two. The exit status is 0 where all bytes are those of `tests/engines/compiled/recorded.json`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
EMULATORS = ("qemu-aarch64-static", "qemu-aarch64")
LIBRARIES = "src/hyalite/engines/compiled/machine_code/libraries"
DEBIAN = ("python3-minimal:arm64", "libpython3-stdlib:arm64", "libstdc++6:arm64")
PLATFORMS = ("manylinux2014_aarch64", "manylinux_2_27_aarch64", "manylinux_2_28_aarch64")


def fill(root: Path) -> None:
    """Put Debian's Python for Arm and the wheels of Hyalite's dependencies into a folder."""
    only = [f"--no-{kind}" for kind in ("recommends", "suggests", "conflicts", "breaks")]
    only += ["--no-replaces", "--no-enhances", "--recurse"]
    listed = subprocess.run(
        ["apt-cache", "depends", *only, *DEBIAN], check=True, capture_output=True, text=True
    )
    packages = sorted(set(re.findall(r"^\w\S*:arm64$", listed.stdout, re.MULTILINE)))
    if not packages:
        raise SystemExit("not done: dpkg --add-architecture arm64 && apt-get update")
    with tempfile.TemporaryDirectory() as work:
        subprocess.run(["apt-get", "download", "-q", *packages], check=True, cwd=work)
        for package in Path(work).glob("*.deb"):
            subprocess.run(["dpkg", "-x", str(package), str(root)], check=True)
    if not (root / "lib").exists():
        (root / "lib").symlink_to("usr/lib")
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    command = [sys.executable, "-m", "pip", "install", "-q", "--target", str(root / "site")]
    command += ["--only-binary=:all:", "--no-deps"]
    command += ["--python-version", python_of(root).name.removeprefix("python")]
    command += [part for name in PLATFORMS for part in ("--platform", name)]
    subprocess.run([*command, *project["dependencies"]], check=True)


def python_of(root: Path) -> Path:
    """The interpreter in the folder."""
    return next(path for path in root.glob("usr/bin/python3.*") if path.name[8:].isdigit())


def compare(root: Path, emulator: str, tree: Path) -> int:
    """Compile the kernels for Arm, then run the recorded trainings there; how many runs failed."""
    for part in ("src", "tests"):
        shutil.copytree(
            REPOSITORY / part, tree / part, ignore=shutil.ignore_patterns("__pycache__")
        )
    build = [sys.executable, "-m", "hyalite.engines.compiled.machine_code.build"]
    build += ["--machine", "aarch64", "--system", "linux", "--out", str(tree / LIBRARIES)]
    here = {**os.environ, "PYTHONPATH": str(REPOSITORY / "src")}
    subprocess.run(build, check=True, env=here)
    paths = os.pathsep.join(map(str, (tree / "src", tree, root / "site")))
    check = [emulator, "-L", str(root), str(python_of(root))]
    check += ["-m", "tests.engines.compiled.recorded", "--check"]
    failed = 0
    for threads in "1", "2":
        there = {**os.environ, "PYTHONPATH": paths, "HYALITE_NUM_THREADS": threads}
        failed += subprocess.run(check, check=False, cwd=tree, env=there).returncode != 0
    return failed


def main(root: Path) -> None:
    """Fill the folder if it is empty; compare."""
    emulator = next((name for name in EMULATORS if shutil.which(name)), None)
    if emulator is None:
        raise SystemExit(f"not done: there is no {EMULATORS[0]} on the path (qemu-user-static)")
    root.mkdir(parents=True, exist_ok=True)
    if not any(root.iterdir()):
        fill(root)
    with tempfile.TemporaryDirectory() as tree:
        raise SystemExit(compare(root, emulator, Path(tree)))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]).resolve())
