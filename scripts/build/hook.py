"""Puts the lessons and the kernels' machine code into the wheel; see `backend`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VARIABLE = "HYALITE_BUILD"
PACKAGE = "hyalite/engines/compiled/machine_code/libraries"
LESSONS = "hyalite/lessons"  # where `hyalite lessons` looks for them
RUNNER = {"__init__.py", "__main__.py", "running.py"}  # `python -m lessons`, for a clone
# Of a system and a machine: what a wheel for it is called.
TAGS = {
    "linux-x86_64": "manylinux_2_17_x86_64",
    "linux-aarch64": "manylinux_2_17_aarch64",
    "macos-x86_64": "macosx_11_0_x86_64",
    "macos-aarch64": "macosx_11_0_arm64",
    "windows-x86_64": "win_amd64",
    "windows-aarch64": "win_arm64",
}


class Additions(BuildHookInterface):
    """What does not lie in the package: lessons; kernels, compiled for one system and machine."""

    folder: tempfile.TemporaryDirectory[str] | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """See hatchling's."""
        if version == "editable":
            return
        for file in Path(self.root, "lessons").glob("*.py"):
            if file.name not in RUNNER:
                build_data["force_include"][str(file)] = f"{LESSONS}/{file.name}"
        wanted = os.environ.get(VARIABLE, "")
        if wanted == "pure":
            return
        self.folder = tempfile.TemporaryDirectory(prefix="hyalite-")
        folder = Path(self.folder.name, "libraries")
        source = str(Path(self.root, "src"))
        command = [sys.executable, "-m", "hyalite.engines.compiled.machine_code.build"]
        command += ["--out", str(folder)]
        if wanted:
            system, _, machine = wanted.partition("-")
            command += ["--system", system, "--machine", machine]
        self.app.display_info("compiling the kernels, some minutes; HYALITE_BUILD=pure does not")
        done = subprocess.run(command, env={**os.environ, "PYTHONPATH": source}, check=False)
        if done.returncode:
            if wanted:
                raise RuntimeError(f"the kernels could not be compiled for {wanted}")
            self.app.display_warning("the kernels could not be compiled: the wheel has none")
            return
        built = json.loads((folder / "built.json").read_text(encoding="utf-8"))
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{TAGS[built['for']]}"
        for file in folder.iterdir():
            build_data["force_include"][str(file)] = f"{PACKAGE}/{file.name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """See hatchling's: nothing but the wheel is left in its folder."""
        if self.folder is not None:
            self.folder.cleanup()
