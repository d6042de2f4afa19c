"""Where the lines of a Chinese paragraph meet; what of this needs no Sphinx."""

from __future__ import annotations

import re

HAN = r"\u3400-\u9fff\uf900-\ufaff"
WIDE = r"\u3000-\u303f\uff00-\uffef\u2014\u2018-\u201d\u2026"  # punctuation as wide as a character
# A line's end is a space in HTML: wanted between words, not within Chinese. Beside wide
# punctuation there is none either, whatever stands on the other side.
NO_SPACE = re.compile(rf"(?<=[{HAN}{WIDE}])\n(?=[{HAN}{WIDE}])|(?<=[{WIDE}])\n|\n(?=[{WIDE}])")
CHINESE = re.compile(f"[{HAN}]")


def joined(text: str) -> str:
    """Text of one paragraph, its lines joined as its language asks."""
    return NO_SPACE.sub("", text)


def is_chinese(text: str) -> bool:
    return 4 * len(CHINESE.findall(text)) > len(text)
