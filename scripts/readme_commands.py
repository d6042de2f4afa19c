"""Print the README's two commands, one a line, so that they can be run word for word."""

from __future__ import annotations

import re
import sys
from pathlib import Path

README = Path(__file__).resolve().parents[1] / (sys.argv[1] if len(sys.argv) > 1 else "README.md")
COUNT = 2

commands = [
    line
    for block in re.findall(r"```bash\n(.*?)```", README.read_text(encoding="utf-8"), re.S)
    for line in re.sub(r"\\\n\s*", "", block).splitlines()  # a line may go on in the next
    if line.startswith("python3 -m venv")
]
if len(commands) != COUNT:
    sys.exit(f"{README.name} has {len(commands)} set-up commands, expected {COUNT}")
print("\n".join(commands))
