"""IDX files: every type, plain and compressed; damaged and hostile ones are refused."""

from __future__ import annotations

import gzip
import random
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from hyalite.data.idx import DTYPES, read_idx
from hyalite.errors import FileFormatError


def header(code: int, *dims: int) -> bytes:
    return bytes([0, 0, code, len(dims)]) + struct.pack(f">{len(dims)}I", *dims)


@pytest.fixture
def idx(tmp_path):
    """Write bytes to a file and give its path."""

    def write(content: bytes, name: str = "some.idx") -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


GOOD = header(0x08, 2, 3) + bytes(range(6))


@pytest.mark.parametrize("code", DTYPES)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_every_type_is_read_in_native_byte_order(idx, code, pack):
    stored = np.array([[0, 1, 2], [3, 100, 127]], DTYPES[code])
    array = read_idx(idx(pack(header(code, 2, 3) + stored.tobytes())))
    assert array.dtype == stored.dtype.newbyteorder("=")
    assert array.dtype.isnative
    np.testing.assert_array_equal(array, stored)


@pytest.mark.parametrize("code", DTYPES)
def test_the_array_is_writable_and_contiguous(idx, code):
    content = header(code, 2, 3) + bytes(6 * DTYPES[code].itemsize)
    array = read_idx(idx(content))
    array[1, 2] = 7
    assert array[1, 2] == 7
    assert array.flags.c_contiguous


def test_negative_numbers_keep_their_sign(idx):
    assert read_idx(idx(header(0x0B, 2) + struct.pack(">2h", -2, 300))).tolist() == [-2, 300]
    assert read_idx(idx(header(0x09, 1) + b"\xff")).tolist() == [-1]


def test_compression_is_told_by_content_and_not_by_name(idx):
    np.testing.assert_array_equal(
        read_idx(idx(gzip.compress(GOOD), "labels.idx")), read_idx(idx(GOOD, "labels.gz"))
    )


def test_two_gzip_members_are_one_stream(idx):
    array = read_idx(idx(gzip.compress(GOOD[:9]) + gzip.compress(GOOD[9:])))
    assert array.tolist() == [[0, 1, 2], [3, 4, 5]]


def test_an_empty_array_is_an_array(idx):
    assert read_idx(idx(header(0x08, 0, 28, 28))).shape == (0, 28, 28)
    assert read_idx(idx(header(0x0D, 0))).dtype == np.float32


DAMAGED = {
    "no bytes at all": (b"", "found 0 bytes of IDX header; expected 4 bytes"),
    "half a header": (GOOD[:3], "found 3 bytes of IDX header"),
    "half the dimensions": (GOOD[:10], "found 6 bytes of sizes of 2 dimensions; expected 8"),
    "another magic": (b"\x89PNG\r\n", "found first bytes 89 50 4e 47; expected an IDX file"),
    "zeros missing": (b"\1" + GOOD[1:], "found first bytes 01 00 08 02; expected an IDX file"),
    "an unknown type": (header(0x0A, 1) + b"1", "expected an IDX file: 00 00, a type out of 08,"),
    "no dimension": (header(0x08) + b"1", "found 0 dimensions; expected 1 to 64"),
    "65 dimensions": (header(0x08, *[1] * 65) + b"1", "found 65 dimensions; expected 1 to 64"),
    "too few values": (GOOD[:-1], "found 5 bytes of values of shape (2, 3), uint8; expected 6"),
    "trailing bytes": (GOOD + b"x", "found more bytes after the values; expected the file to end"),
    "an overflowing product": (header(0x0E, *[2**32 - 1] * 8), "expected at most max_bytes="),
    "an overflow behind a 0": (header(0x08, 0, *[2**32 - 1] * 3), "expected at most max_bytes="),
}


@pytest.mark.parametrize(("content", "message"), DAMAGED.values(), ids=DAMAGED)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_damaged_file_is_refused_by_name(idx, content, message, pack):
    path = idx(pack(content))
    with pytest.raises(FileFormatError) as error:
        read_idx(path)
    assert str(error.value).startswith(f"{path}: found ")
    assert message in str(error.value)


PACKED = gzip.compress(GOOD)
DAMAGED_GZIP = {
    "only the magic": PACKED[:2],
    "cut in the header": PACKED[:8],
    "cut in the data": PACKED[:14],
    "cut before the checksum": PACKED[:-8],
    "a wrong checksum": PACKED[:-8] + bytes([PACKED[-8] ^ 1]) + PACKED[-7:],
    "other bytes after it": PACKED + b"more",
    "another method": PACKED[:2] + b"\x07" + PACKED[3:],
}


@pytest.mark.parametrize("content", DAMAGED_GZIP.values(), ids=DAMAGED_GZIP)
def test_a_damaged_gzip_stream_is_refused_by_name(idx, content):
    path = idx(content)
    with pytest.raises(FileFormatError, match="found a damaged gzip stream") as error:
        read_idx(path)
    assert str(error.value).startswith(f"{path}: ")


def test_no_single_changed_byte_raises_anything_else(idx):
    dice = random.Random(0)
    for original in (GOOD, PACKED):
        for _ in range(500):
            content = bytearray(original)
            content[dice.randrange(len(content))] = dice.randrange(256)
            path = idx(bytes(content[: dice.randrange(len(content) + 1)]))
            try:
                read_idx(path)
            except FileFormatError as error:
                assert str(path) in str(error)  # noqa: PT017 - many files, one test


def test_a_gzip_bomb_is_not_unpacked_beyond_what_it_declares(idx):
    path = idx(gzip.compress(header(0x08, 10) + bytes(1 << 26)))
    tracemalloc.start()
    with pytest.raises(FileFormatError, match="found more bytes"):
        read_idx(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 21


def test_memory_is_not_taken_on_a_header_s_word(idx):
    path = idx(header(0x08, 1 << 30) + bytes(10))
    tracemalloc.start()
    with pytest.raises(FileFormatError, match="found 10 bytes"):
        read_idx(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 22


def test_max_bytes_is_the_largest_array_accepted(idx):
    path = idx(header(0x0C, 3) + bytes(12))
    assert read_idx(path, max_bytes=12).shape == (3,)
    with pytest.raises(FileFormatError, match="12 bytes; expected at most max_bytes=11"):
        read_idx(path, max_bytes=11)


def test_a_missing_file_stays_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_idx(tmp_path / "none.idx")
    with pytest.raises(OSError, match=r"directory|denied"):
        read_idx(tmp_path)
