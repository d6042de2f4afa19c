"""Downloads of published data files, each pinned by size and SHA-256, from several mirrors."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from hyalite.errors import require


class PinnedFile(NamedTuple):
    """What a download has to be, whoever serves it: its bytes are known beforehand."""

    size: int
    sha256: str


class DownloadError(OSError):
    """No mirror gave the files; the text says why for each, and how to place them by hand."""


# Pinned are the files as Zalando Research publishes them (its MD5 sums are in the README of
# github.com/zalandoresearch/fashion-mnist). Debian's package dataset-fashion-mnist has the
# same content under other sums: there, gzip's header lost its name and time.
FASHION_MNIST_FILES = {
    "train-images-idx3-ubyte.gz": PinnedFile(
        26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"
    ),
    "train-labels-idx1-ubyte.gz": PinnedFile(
        29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"
    ),
    "t10k-images-idx3-ubyte.gz": PinnedFile(
        4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"
    ),
    "t10k-labels-idx1-ubyte.gz": PinnedFile(
        5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"
    ),
}
# The authors' bucket comes last, since it speaks only http, and proxies on the way have
# answered with MNIST's files of the same names (zalandoresearch/fashion-mnist issue 107).
FASHION_MNIST_MIRRORS = (
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
)


def cache_folder(name: str) -> Path:
    """The user's cache folder for one data set, such as `~/.cache/hyalite/fashion-mnist`.

    Raises:
        MissingExtra: pooch is not installed.
    """
    pooch = require("pooch", extra="data", purpose=f"downloading {name}")
    return Path(pooch.os_cache("hyalite")) / name


def fetch(
    name: str,
    files: Mapping[str, PinnedFile],
    folder: str | os.PathLike[str],
    mirrors: Sequence[str],
) -> Path:
    """Make sure that `folder` holds the pinned files, downloading those that it lacks.

    A file that is already there with the right SHA-256 is kept. Each download goes to a
    temporary name and takes its own only after its SHA-256 was found right. A mirror that
    fails is not asked again; the next one continues with what is missing.

    Args:
        name: the data set, for messages.
        files: name of each file -> its size in bytes and SHA-256.
        folder: where they belong; made if it is not there.
        mirrors: addresses to which a file's name is appended, in the order of asking.

    Returns:
        `folder`, as a Path.

    Raises:
        DownloadError: no mirror gave all files.
        MissingExtra: pooch is not installed.
    """
    pooch = require("pooch", extra="data", purpose=f"downloading {name}")
    failures = []
    for mirror in mirrors:
        try:
            for file, pinned in files.items():
                pooch.retrieve(
                    mirror + file,
                    known_hash=f"sha256:{pinned.sha256}",
                    fname=file,
                    path=folder,
                    downloader=_downloader(pooch, pinned.size),
                )
        except (OSError, ValueError) as error:  # requests' errors are OSErrors
            failures.append(f"  {mirror}{file}: {error}")
        else:
            return Path(folder)
    raise DownloadError(
        f"{name} could not be downloaded. Tried:\n"
        + "\n".join(failures)
        + f"\nTo place the files by hand, put {', '.join(files)} into a folder {name!r} and set "
        "the environment variable HYALITE_DATA to the folder above it."
    )


def _downloader(pooch: Any, size: int) -> Callable[[str, str, object], None]:
    # "identity": else requests would unpack what a server declares as compressed in transit,
    # and the bytes counted would not be the bytes sent
    http = pooch.HTTPDownloader(chunk_size=1 << 16, headers={"Accept-Encoding": "identity"})

    def download(url: str, output_file: str, caller: object) -> None:
        with open(output_file, "wb") as file:
            http(url, _CappedFile(file, size), caller)

    return download


class _CappedFile:
    """A file that refuses to grow beyond `size`, so that no server can fill the disk."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._size = size
        self._room = size

    def write(self, chunk: bytes) -> int:
        self._room -= len(chunk)
        if self._room < 0:
            raise ValueError(f"the server sent more than the expected {self._size} bytes")
        return self._file.write(chunk)

    def flush(self) -> None:
        self._file.flush()
