"""Where the lines of a Chinese paragraph meet, and what its words are; this needs no Sphinx."""

from __future__ import annotations

import re

HAN = r"\u3400-\u9fff\uf900-\ufaff"
WIDE = r"\u3000-\u303f\uff00-\uffef\u2014\u2018-\u201d\u2026"  # punctuation as wide as a character
# A line's end is a space in HTML: wanted between words, not within Chinese. Beside wide
# punctuation there is none either, whatever stands on the other side.
NO_SPACE = re.compile(rf"(?<=[{HAN}{WIDE}])\n(?=[{HAN}{WIDE}])|(?<=[{WIDE}])\n|\n(?=[{WIDE}])")
CHINESE = re.compile(f"[{HAN}]")
WORDS = re.compile(rf"[{HAN}]+|[^\W{HAN}]+")


def joined(text: str) -> str:
    """Text of one paragraph, its lines joined as its language asks."""
    return NO_SPACE.sub("", text)


def is_chinese(text: str) -> bool:
    return 4 * len(CHINESE.findall(text)) > len(text)


def words(text: str) -> list[str]:
    """What a search finds a text by: pairs of Chinese characters, and words in letters."""
    found = []
    for part in WORDS.findall(text):
        if CHINESE.match(part) and len(part) > 1:
            found += [part[place : place + 2] for place in range(len(part) - 1)]
        else:
            found.append(part)
    return found
