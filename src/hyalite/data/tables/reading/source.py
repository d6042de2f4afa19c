"""The bytes of a file as text: its size, compression and encoding, whatever the text says."""

from __future__ import annotations

import bz2
import codecs
import contextlib
import gzip
import io
import lzma
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from hyalite.errors import FileFormatError

MAX_BYTES = 1 << 30  # of a table, as far as its file declares it
COMPRESSED = (".gz", ".bz2", ".xz")
# The first bytes say it: many a .csv is a gzip file whose name nobody changed.
OPENERS: dict[bytes, Any] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\0": lzma.open,
}
MARKS = (  # the longest first: UTF-32's little mark begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
UNDECODED = re.compile("[\udc80-\udcff]")
OTHER_FILES = {  # what has the wrong name
    b"PK\x03\x04": "a zip archive; unpack it first, or name an Excel file .xlsx",
    b"PAR1": "a Parquet file; name it .parquet",
    b"\xd0\xcf\x11\xe0": "a file of an old Office program; save it as .xlsx or CSV",
    b"%PDF": "a PDF file",
}


def check_size(path: Path, max_bytes: int) -> None:
    """Refuse a file that is too large.

    Raises:
        FileFormatError: it is.
        OSError: there is no such file.
    """
    size = path.stat().st_size
    if size > max_bytes:
        raise too_large(path, size, max_bytes)


def too_large(path: Path, size: int, max_bytes: int, declares: str = "") -> FileFormatError:
    """The error for it."""
    return FileFormatError(
        f"{path}: {declares}{size:,} bytes; expected at most max_bytes={max_bytes:,}"
    )


@contextlib.contextmanager
def text_of(
    path: Path, encoding: str | None, max_bytes: int, errors: str = "strict"
) -> Iterator[IO[str]]:
    """The file as text, unpacked and decoded as it is read, its line ends as they are.

    Raises:
        FileFormatError: damaged, too large when unpacked, of another kind, or not in the encoding.
        OSError: it cannot be read.
        ValueError: an unknown encoding.
    """
    with contextlib.ExitStack() as stack:
        raw: Any = stack.enter_context(path.open("rb"))
        opener = next((o for magic, o in OPENERS.items() if raw.peek(8).startswith(magic)), None)
        try:
            if opener is not None:
                raw = io.BufferedReader(_Limited(stack.enter_context(opener(raw)), path, max_bytes))
            head = raw.peek(8)
            for magic, what in OTHER_FILES.items():
                if head.startswith(magic):
                    raise FileFormatError(f"{path}: no text, but {what}")
            text = io.TextIOWrapper(raw, _encoding(encoding, head), errors, newline="")
            yield stack.enter_context(text)
        except UnicodeError as error:
            line = _undecoded_line(path, encoding, max_bytes) if errors == "strict" else ""
            raise FileFormatError(f"{path}{line}: {_not_decoded(error, encoding)}") from None
        except (EOFError, zlib.error, lzma.LZMAError) as error:
            raise FileFormatError(f"{path}: damaged, {_plain(error)}") from None
        except OSError as error:
            if error.errno is not None:
                raise  # the system's own; a decoder's has no number
            raise FileFormatError(f"{path}: damaged, {_plain(error)}") from None


def _encoding(name: str | None, head: bytes) -> str:
    try:
        found = codecs.lookup(name or "utf-8").name
        "".encode(found)  # of what is no encoding of texts, such as base64
    except (LookupError, TypeError, ValueError):
        raise ValueError(
            f"encoding {name!r} is unknown; name one such as 'utf-8', 'latin-1' or 'gb18030'"
        ) from None
    if name is None or found == "utf-8":
        return next((encoding for mark, encoding in MARKS if head.startswith(mark)), "utf-8")
    return found


def _not_decoded(error: UnicodeError, encoding: str | None) -> str:
    found = ""
    if isinstance(error, UnicodeDecodeError):
        found = f" (byte 0x{error.object[error.start]:02x})" if error.object else ""
    return (
        f"its texts are not in {encoding or 'UTF-8'}{found}; name their encoding, such as gb18030, "
        "cp1252 or latin-1"
    )


def _undecoded_line(path: Path, encoding: str | None, max_bytes: int) -> str:
    """Which line cannot be decoded, where that can be told."""
    with (
        contextlib.suppress(ValueError, OSError),
        text_of(path, encoding, max_bytes, "surrogateescape") as text,
    ):
        for number, line in enumerate(text, start=1):
            if UNDECODED.search(line):
                return f", line {number:,}"
    return ""


def _plain(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__


class _Limited(io.RawIOBase):
    """Bytes that are unpacked as they are read, and no more of them than are allowed."""

    def __init__(self, file: Any, path: Path, max_bytes: int) -> None:
        self.file, self.path, self.max_bytes, self.rest = file, path, max_bytes, max_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        found = self.file.read(min(len(buffer), self.rest + 1))
        self.rest -= len(found)
        if self.rest < 0:
            raise FileFormatError(
                f"{self.path}: more than {self.max_bytes:,} bytes when unpacked; expected at most "
                f"max_bytes={self.max_bytes:,}"
            )
        buffer[: len(found)] = found
        return len(found)
