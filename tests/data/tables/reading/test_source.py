"""Bytes as text: compression, encodings, limits."""

from __future__ import annotations

import bz2
import gzip
import lzma
from pathlib import Path

import pytest

from hyalite.data.tables.reading.source import text_of
from hyalite.errors import FileFormatError

TEXT = "Ort,b\r\nKöln,1\r\n"


def read(folder: Path, content: bytes, encoding: str | None = None, limit: int = 1 << 20) -> str:
    path = folder / "t.csv"
    path.write_bytes(content)
    with text_of(path, encoding, limit) as text:
        return text.read()


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress])
@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        ("utf-8", None), ("utf-8-sig", None), ("utf-8-sig", "utf-8"), ("utf-16", None),
        ("utf-32", None), ("utf-16-le", "utf-16-le"), ("latin-1", "latin-1"),
        ("cp1252", "cp1252"), ("gb18030", "gb18030"), ("utf-16", "UTF8"),
    ],
)  # fmt: skip
def test_text_of_any_encoding(tmp_path: Path, pack, encoding: str, named: str | None) -> None:
    assert read(tmp_path, pack(TEXT.encode(encoding)), named) == TEXT


def test_big_endian_marks(tmp_path: Path) -> None:
    assert read(tmp_path, b"\xfe\xff" + TEXT.encode("utf-16-be")) == TEXT
    assert read(tmp_path, b"\0\0\xfe\xff" + TEXT.encode("utf-32-be")) == TEXT


def test_another_encoding_is_to_be_named(tmp_path: Path) -> None:
    message = r"t\.csv, line 2: its texts are not in UTF-8 \(byte 0xf6\); name their encodi"
    with pytest.raises(FileFormatError, match=message):
        read(tmp_path, TEXT.encode("latin-1"))
    with pytest.raises(FileFormatError, match=r"t\.csv: its texts are not in UTF-8"):
        read(tmp_path, b"\xfe\xff\xd8\0\0a")  # where not even the line can be told
    with pytest.raises(FileFormatError, match="not in gb18030"):
        read(tmp_path, b"a\xff", "gb18030")
    for name in ("klingon", "base64", "", "a\0b"):
        with pytest.raises(ValueError, match=r"encoding .* is unknown") as found:
            read(tmp_path, b"a,b", name or "rot13")
        assert not isinstance(found.value, FileFormatError)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_bombs_and_damage(tmp_path: Path, pack) -> None:
    with pytest.raises(FileFormatError, match="more than 1,000 bytes when unpacked"):
        read(tmp_path, pack(bytes(1 << 24)), limit=1000)
    packed = pack(TEXT.encode() * 99)
    with pytest.raises(FileFormatError, match="damaged"):
        read(tmp_path, packed[: len(packed) // 2])
    with pytest.raises(FileFormatError, match="damaged"):
        read(tmp_path, packed[:10] + b"xyz" + packed[13:])


@pytest.mark.parametrize(
    ("content", "what"),
    [(b"PK\x03\x04...", "zip archive"), (b"PAR1...", "Parquet file"), (b"%PDF-1", "PDF file")],
)
def test_a_file_with_the_wrong_name(tmp_path: Path, content: bytes, what: str) -> None:
    with pytest.raises(FileFormatError, match=f"no text, but a {what}"):
        read(tmp_path, content)
