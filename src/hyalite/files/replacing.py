"""All or nothing: a file gets its new content whole, or keeps the old one.

::

    write a temporary file beside it -> fsync -> read it back -> rename -> fsync the folder

Whoever looks at any moment, be it after a crash or a loss of power, meets the old file or the new.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

TEMPORARY_SUFFIX = ".tmp"  # of temporary files; they begin with a dot and the name of the file
CHUNK = 1 << 20  # bytes that are compared at a time
# Errors by which a file system says that folders cannot be synchronised, not that it failed.
NO_FOLDER_SYNC = (errno.EINVAL, errno.ENOTSUP, errno.EBADF)


def replace(path: Path, content: bytes) -> None:
    """Put `content` at `path`; a link stays one, and what it leads to is replaced.

    Raises:
        OSError: it could not be written, or read back as it was written; what was at `path` is
            untouched, unless the very last step failed: the text says so then.
    """
    path = path.resolve()
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "there is no such folder", str(path.parent))
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}{TEMPORARY_SUFFIX}")
    try:
        _write(temporary, content)
        _read_back(temporary, content)
        os.replace(temporary, path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        if isinstance(error, OSError) and error.filename == str(temporary):
            error.filename = str(path)  # what the user knows of
            error.filename2 = None
        raise
    _sync_folder(path)


def leftovers(folder: Path, name: str) -> Iterator[Path]:
    """Temporary files that were to become files called `name`, a pattern, when a process died."""
    return folder.glob(f".{name}.*{TEMPORARY_SUFFIX}")


def _write(path: Path, content: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags, 0o666)
    try:
        rest = memoryview(content)
        while rest:
            written = os.write(handle, rest)
            rest = rest[written:]
        os.fsync(handle)
    except OSError as error:
        error.filename = str(path)
        raise
    finally:
        os.close(handle)


def _read_back(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        place = 0
        while found := os.read(handle, CHUNK):
            if found != content[place : place + len(found)]:
                break
            place += len(found)
    except OSError as error:
        error.filename = str(path)
        raise
    finally:
        os.close(handle)
    if found or place != len(content):
        text = f"what was written reads back differently from byte {place} on"
        raise OSError(errno.EIO, text, str(path))


def _sync_folder(path: Path) -> None:
    """Make the rename last; Windows has no way to ask for it."""
    if os.name == "nt":
        return
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in NO_FOLDER_SYNC:
            text = f"{error.strerror}; it is written, but a loss of power may still undo that"
            raise OSError(error.errno, text, str(path)) from None
    finally:
        os.close(handle)
