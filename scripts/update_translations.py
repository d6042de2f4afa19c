"""Bring the catalogues of the Chinese site up to the pages' text; no code is run.

What is new on a page is added without a translation, what is gone is taken out. With --check
nothing is written: what is missing, unsure or no longer needed is printed, and ends the program
with 1. Names of pages, such as guide/data, begin their catalogues.
"""

from __future__ import annotations

import argparse
import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
CATALOGUES = DOCS / "locale" / "zh_CN" / "LC_MESSAGES"
HEADER = """\
msgid ""
msgstr ""
"Project-Id-Version: Hyalite\\n"
"Language: zh_CN\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""


def catalogue(path: Path) -> Catalog:
    """What a file holds; nothing where there is none."""
    if not path.exists():
        return Catalog()
    with path.open("rb") as file:
        return read_po(file, charset="utf-8", abort_invalid=True)


def extract(pages: list[str], folder: Path) -> dict[str, list[str]]:
    """The texts of pages in their order, by Sphinx; no code is run."""
    others = [
        path.relative_to(DOCS).as_posix()
        for path in DOCS.rglob("*.md")
        if path.relative_to(DOCS).with_suffix("").as_posix() not in pages
    ]
    settings = {
        "nb_execution_mode": "off",
        "exclude_patterns": ",".join(["_build", "_ext", "locale", "conf.py", "**/_*.py", *others]),
        "suppress_warnings": "*",
    }
    options = [f"-D{name}={value}" for name, value in settings.items()]
    command = [sys.executable, "-m", "sphinx", "-Q", *options, "-b", "gettext", DOCS, folder]
    paths = os.pathsep.join([str(ROOT / "src"), *filter(None, [os.environ.get("PYTHONPATH")])])
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": paths})
    return {
        page: [str(message.id) for message in catalogue(folder / f"{page}.pot") if message.id]
        for page in pages
    }


def merged(texts: list[str], old: Catalog) -> str:
    """A page's catalogue: its texts with the translations that there are."""
    new = Catalog()
    for text in texts:
        known = old.get(text)
        message = new.add(text, known.string if known else "")
        # a per cent sign is no format of Python
        message.flags = known.flags & {"fuzzy"} if known else set()
    file = io.BytesIO()
    write_po(file, new, omit_header=True)
    return HEADER + file.getvalue().decode()


def gaps(texts: list[str], old: Catalog) -> list[str]:
    """What is missing, unsure, or no longer on the page."""
    entries = {str(message.id): message for message in old if message.id}
    found = [f"no translation: {t}" for t in texts if t not in entries or not entries[t].string]
    found += [f"unsure (fuzzy): {text}" for text, entry in entries.items() if entry.fuzzy]
    found += [f"not on the page: {text}" for text in entries if text not in texts]
    return found + [f"not on the page: {text}" for text in old.obsolete]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--check", action="store_true", help="print gaps, write nothing")
    parser.add_argument("pages", nargs="*", help="pages whose catalogues are begun")
    arguments = parser.parse_args()
    begun = {
        path.relative_to(CATALOGUES).with_suffix("").as_posix() for path in CATALOGUES.rglob("*.po")
    } - {"sphinx"}  # words of the theme that it has not in Chinese
    with tempfile.TemporaryDirectory() as folder:
        pages = extract(sorted(begun | set(arguments.pages)), Path(folder))
    missing = 0
    for page, texts in pages.items():
        path = CATALOGUES / f"{page}.po"
        for gap in gaps(texts, catalogue(path)):
            print(f"{page}: {gap}")
            missing += 1
        if not arguments.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(merged(texts, catalogue(path)), encoding="utf-8")
    sys.exit(1 if arguments.check and missing else 0)


if __name__ == "__main__":
    main()
