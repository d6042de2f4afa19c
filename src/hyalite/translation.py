"""What people read, in their language where they ask for one.

The library speaks English: its sentences are in model files, tables and errors, and none of those
may depend on who reads them. So a sentence is translated where it is shown: by the command line,
and in the pages that are made to be read, a table's report and a trace. A line, or a word in a
table, is looked up in a catalogue such as `locale/zh_CN.po`. An entry is a text of the library
with {} where a value stands::

    msgid "{} of {} {} right: {} %."
    msgstr "{1} {2!t}中答对 {0} 个：{3}%。"

``!t`` has the value itself looked up. What has no entry stays as it is. `translated` is given a
finished sentence, finds its form and takes the values out of it. Where values may read as
anything, a form is written with numbers, "from {0} to {1}", and `phrased` puts them in: no text is
taken for one of these.
"""

from __future__ import annotations

import json
import re
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, partial, reduce
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("locale")
ENTRY = re.compile(r'^msgid (".*"(?:\n".*")*)\nmsgstr (".*"(?:\n".*")*)', re.M)
VARIABLES = ("HYALITE_LANG", "LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set counts


class Catalogue:
    """The texts in one language.

    Args:
        entries: from English.
        language: as a page names it, such as "zh-CN".

    Examples:
        >>> from hyalite.translation import Catalogue
        >>> words = Catalogue({"{} of {} {} right": "{1}{2!t}中{0}对", "pictures": "张图片"})
        >>> words.translated("9 of 10 pictures right")
        '10张图片中9对'
        >>> Catalogue({"all {0}": "全部 {0}"}).phrased("all {0}", 3)
        '全部 3'
    """

    def __init__(self, entries: Mapping[str, str], language: str = "") -> None:
        self.entries, self.language = entries, language
        forms = [(text.split("{}"), form) for text, form in entries.items() if "{}" in text]
        # first what begins with words of its own ("Error: {}"), then what has most of them
        self.forms = sorted(forms, key=lambda form: (not form[0][0], -sum(map(len, form[0]))))
        self.filling = _Filling(self)

    def translated(self, text: str) -> str:
        """A text as a whole, or line by line; blanks before and behind stay."""
        if text.strip() in self.entries or "\n" not in text:
            return self._line(text)
        return "\n".join(map(self._line, text.split("\n")))

    def phrased(self, form: str, *values: object) -> str:
        """A form of the library with values in it, which may read as they like."""
        return self.filling.format(self.entries.get(form, form), *values)

    def _line(self, text: str) -> str:
        inner = text.strip()
        found = self.entries.get(inner) if inner else None
        if found is None:
            for pieces, form in self.forms:
                if (values := values_of(pieces, inner)) is not None:
                    found = self.filling.format(form, *values)
                    break
            else:
                return text
        return text.replace(inner, found, 1)


class _Filling(string.Formatter):
    """``{0!t}``: a value that is looked up."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def convert_field(self, value: Any, conversion: str | None) -> Any:
        if conversion == "t":
            return self.catalogue.translated(value.strip())
        return super().convert_field(value, conversion)


def values_of(pieces: Sequence[str], text: str) -> list[str] | None:
    """What stands between the pieces of a form, each as near as it can be; None where it has not
    that form.
    """
    first, *middle, last = pieces
    if not text.startswith(first) or not text.endswith(last):
        return None
    place, end, values = len(first), len(text) - len(last), []
    for piece in middle:
        found = text.find(piece, place, end)
        if found < 0:
            return None
        values.append(text[place:found])
        place = found + len(piece)
    return [*values, text[place:end]] if place <= end else None


def read(path: Path) -> dict[str, str]:
    """The entries of a catalogue's file, from English."""
    found = {}
    for parts in ENTRY.findall(path.read_text(encoding="utf-8")):
        english, other = ("".join(map(json.loads, part.split("\n"))) for part in parts)
        if english:  # the one without is about the file
            found[english] = other
    return found


@cache
def catalogue(language: str) -> Catalogue:
    """The texts in a language that there is a file of."""
    return Catalogue(read(FOLDER / f"{language}.po"), language.replace("_", "-"))


def wanted(environment: Mapping[str, str]) -> str | None:
    """The language that is asked for, such as "zh_CN" by LANG=zh_CN.UTF-8; None is English."""
    asked = next(filter(None, map(environment.get, VARIABLES)), "")
    name = re.split(r"[.@]", asked)[0].replace("-", "_")
    known = sorted(path.stem for path in FOLDER.glob("*.po"))
    return next((one for one in known if name in (one, one.partition("_")[0])), None)


ENGLISH = Catalogue({}, "en")
_spoken = ENGLISH


@contextmanager
def speaking(language: str | None) -> Iterator[None]:
    """Print in a language within the block; None is English."""
    global _spoken
    before, _spoken = _spoken, ENGLISH if language is None else catalogue(language)
    try:
        yield
    finally:
        _spoken = before


def is_english() -> bool:
    """Whether texts stay as they are."""
    return _spoken is ENGLISH


def spoken() -> str:
    """The language, as the `lang` of a page has it: "en" or "zh-CN"."""
    return _spoken.language


def translated(text: str) -> str:
    """A text that is about to be shown, in the language spoken."""
    return text if is_english() else _spoken.translated(text)


def phrased(form: str, *values: object) -> str:
    """A form with its values, in the language spoken.

    Examples:
        >>> from hyalite.translation import phrased, speaking
        >>> phrased("{0} others", 3)
        '3 others'
        >>> with speaking("zh_CN"):
        ...     print(phrased("{0} others", 3))
        其余 3 项
    """
    return _spoken.phrased(form, *values)


def joined(form: str, texts: Iterable[str]) -> str:
    """Some texts as one, each put to those before it by a form such as "{0}, {1}"."""
    return reduce(partial(phrased, form), texts)
