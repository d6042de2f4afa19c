"""Folders of pictures: what they become, and every way in which one is refused."""

from __future__ import annotations

import io
import os
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest

from hyalite.data.images import ImageFolder, image_folder, read_image
from hyalite.errors import FileFormatError, MissingExtra

Image = pytest.importorskip("PIL.Image", reason="the extra 'data' is not installed")

GRAY = np.arange(12, dtype=np.uint8).reshape(3, 4) * 20
RGB = np.arange(36, dtype=np.uint8).reshape(3, 4, 3) * 7


def write(path: Path, pixels: np.ndarray, **options: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)
    return path


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, depth: int, color: int, rows: bytes, *more: bytes) -> bytes:
    """A PNG made by hand, for kinds that Pillow does not write."""
    head = struct.pack(">2I5B", width, height, depth, color, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + b"".join(more)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@pytest.fixture
def folder(tmp_path):
    """Two classes, three gray pictures: b/1.png, b/2.png and a/1.png."""
    root = tmp_path / "pictures"
    write(root / "b" / "2.png", GRAY + 2)
    write(root / "b" / "1.png", GRAY + 1)
    write(root / "a" / "1.png", GRAY)
    return root


def test_sub_folders_are_classes_and_files_come_by_name(folder):
    data = image_folder(folder, flatten=False, normalize=False)
    assert isinstance(data, ImageFolder)
    assert data.classes == ("a", "b")
    assert (data.y.dtype, data.y.tolist()) == (np.int64, [0, 1, 1])
    assert data.x.dtype == np.uint8
    np.testing.assert_array_equal(data.x, [GRAY, GRAY + 1, GRAY + 2])


def test_pictures_and_labels_are_prepared_as_the_other_data_sets_are(folder):
    x, y, _ = image_folder(folder, normalize="symmetric", one_hot=True)
    assert (x.dtype, x.shape) == (np.float32, (3, 12))
    np.testing.assert_allclose(x[0], (GRAY.ravel() - 127.5) / 127.5, rtol=1e-6)
    assert (y.dtype, y.tolist()) == (np.float32, [[1, 0], [0, 1], [0, 1]])
    np.testing.assert_allclose(image_folder(folder).x[0], GRAY.ravel() / 255, rtol=1e-6)


def test_classes_named_by_numbers_are_sorted_as_numbers(tmp_path):
    for name in ("10", "9", "0"):
        write(tmp_path / name / "1.png", GRAY)
    assert image_folder(tmp_path).classes == ("0", "9", "10")
    write(tmp_path / "x" / "1.png", GRAY)
    assert image_folder(tmp_path).classes == ("0", "10", "9", "x")


def test_colour_pictures_have_a_third_axis(tmp_path):
    write(tmp_path / "a" / "1.png", RGB)
    x = image_folder(tmp_path, flatten=False, normalize=False).x
    np.testing.assert_array_equal(x, RGB[None])
    assert image_folder(tmp_path).x.shape == (1, 36)


def test_color_converts_all_pictures(tmp_path):
    write(tmp_path / "a" / "1.png", RGB)
    write(tmp_path / "a" / "2.png", GRAY)
    assert image_folder(tmp_path, color="gray", flatten=False).x.shape == (2, 3, 4)
    x = image_folder(tmp_path, color="rgb", flatten=False, normalize=False).x
    assert x.shape == (2, 3, 4, 3)
    np.testing.assert_array_equal(x[1], np.stack([GRAY] * 3, axis=-1))


def test_size_is_height_and_width(folder):
    write(folder / "b" / "3.png", np.zeros((30, 50), np.uint8))
    assert image_folder(folder, size=(5, 7), flatten=False).x.shape == (4, 5, 7)


def test_a_picture_of_another_size_is_named(folder):
    odd = write(folder / "b" / "3.png", np.zeros((30, 50), np.uint8))
    with pytest.raises(ValueError, match="pass size") as error:
        image_folder(folder)
    assert str(error.value) == (
        f"{odd} is 30 x 50 (height x width), gray, but the first picture, "
        f"{folder / 'a' / '1.png'}, is 3 x 4 (height x width), gray; "
        "pass size=(height, width) to resize all"
    )


def test_a_picture_of_another_colour_is_named(folder):
    odd = write(folder / "b" / "3.png", RGB)
    with pytest.raises(ValueError, match="pass color='gray' or color='rgb'") as error:
        image_folder(folder)
    assert str(error.value).startswith(f"{odd} is 3 x 4 (height x width), rgb")


def test_hidden_files_and_folders_are_skipped(folder):
    (folder / ".cache").mkdir()
    (folder / ".DS_Store").write_bytes(b"x")
    (folder / "a" / ".DS_Store").write_bytes(b"x")
    assert image_folder(folder).classes == ("a", "b")


@pytest.mark.parametrize("name", ["Thumbs.db", "ehthumbs.db", "Desktop.ini", "desktop.ini"])
def test_what_windows_leaves_is_skipped(folder, name):
    plain = image_folder(folder)
    for place in (folder, folder / "a"):
        (place / name).write_bytes(b"\xd0\xcf\x11\xe0")
    found = image_folder(folder)
    assert found.classes == plain.classes
    assert found.x.tobytes() == plain.x.tobytes()
    (folder / "a" / "1.png").unlink()
    with pytest.raises(ValueError, match="a is empty; put pictures of this class into it"):
        image_folder(folder)


@pytest.mark.parametrize("name", ["__MACOSX", "@eaDir", "$RECYCLE.BIN"])
def test_folders_that_systems_and_archives_leave_are_skipped(folder, name):
    (folder / name / "a").mkdir(parents=True)
    (folder / name / "a" / "._1.png").write_bytes(b"\0\5")
    (folder / "a" / name).mkdir()
    assert image_folder(folder).classes == ("a", "b")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"normalize": "no"}, "normalize='no': expected True"),
        ({"size": 28}, r"size=28: expected \(height, width\)"),
        ({"size": (28, 0)}, r"size=\(28, 0\): expected \(height, width\)"),
        ({"size": (28.0, 28)}, r"size=\(28.0, 28\): expected \(height, width\)"),
        ({"size": (1, 2, 3)}, r"size=\(1, 2, 3\): expected \(height, width\)"),
        ({"color": "grey"}, "color='grey': expected 'gray', 'rgb' or None"),
        ({"max_pixels": 0}, "max_pixels=0: expected a whole number above 0"),
    ],
)
def test_a_wrong_argument_is_named(folder, arguments, message):
    with pytest.raises(ValueError, match=message):
        image_folder(folder, **arguments)


def test_a_folder_without_sub_folders_is_refused(tmp_path):
    with pytest.raises(ValueError, match="has no sub-folders; expected one for each class"):
        image_folder(tmp_path)
    write(tmp_path / "1.png", GRAY)
    with pytest.raises(ValueError, match="has no sub-folders; expected one for each class"):
        image_folder(tmp_path)


def test_an_empty_class_is_refused(folder):
    (folder / "c").mkdir()
    (folder / "c" / ".hidden").write_bytes(b"")
    with pytest.raises(ValueError, match="c is empty; put pictures of this class into it"):
        image_folder(folder)


def test_a_file_beside_the_class_folders_is_refused(folder):
    write(folder / "0.png", GRAY)
    with pytest.raises(ValueError, match=r"0\.png lies beside the class folders"):
        image_folder(folder)


def test_the_folder_above_train_and_test_says_what_to_pass(tmp_path):
    for part in ("train", "test"):
        write(tmp_path / part / "0" / "0000.png", GRAY)
    with pytest.raises(ValueError, match="folder inside a class's folder") as error:
        image_folder(tmp_path)
    assert f"pass {tmp_path / 'train'}" in str(error.value)
    assert image_folder(tmp_path / "train").classes == ("0",)


def test_a_folder_within_a_class_is_refused(folder):
    write(folder / "b" / "more" / "1.png", GRAY)
    with pytest.raises(ValueError, match="is a folder inside a class's folder") as error:
        image_folder(folder)
    assert str(error.value).startswith(f"{folder / 'b' / 'more'} is")
    assert str(error.value).endswith(f"pass {folder / 'b'}")


def test_a_missing_folder_stays_an_os_error(tmp_path, folder):
    with pytest.raises(FileNotFoundError):
        image_folder(tmp_path / "none")
    with pytest.raises(NotADirectoryError):
        image_folder(folder / "a" / "1.png")
    with pytest.raises(FileNotFoundError):
        read_image(tmp_path / "none.png")


@pytest.mark.skipif(not hasattr(os, "symlink") or sys.platform == "win32", reason="needs links")
def test_a_link_out_of_the_folder_is_refused(folder, tmp_path):
    outside = write(tmp_path / "secret" / "1.png", GRAY)
    link = folder / "a" / "0.png"
    link.symlink_to(outside)
    with pytest.raises(ValueError, match=r"a/0\.png is a link to outside .*; replace it by a copy"):
        image_folder(folder)
    link.unlink()
    (folder / "linked").symlink_to(outside.parent, target_is_directory=True)
    with pytest.raises(ValueError, match=r"linked/1\.png is a link to outside"):
        image_folder(folder)


@pytest.mark.skipif(not hasattr(os, "symlink") or sys.platform == "win32", reason="needs links")
def test_a_link_within_the_folder_is_followed(folder, tmp_path):
    (folder / "a" / "2.png").symlink_to(folder / "b" / "1.png")
    (tmp_path / "shortcut").symlink_to(folder, target_is_directory=True)
    assert len(image_folder(tmp_path / "shortcut").x) == 4


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_named_pipe_is_refused_instead_of_waited_for(folder):
    os.mkfifo(folder / "a" / "pipe.png")
    with pytest.raises(ValueError, match=r"pipe\.png is not a regular file"):
        image_folder(folder)


def packed(kind: str) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(RGB).save(stream, kind)
    return stream.getvalue()


GOOD = packed("PNG")
DAMAGED = {
    "empty": b"",
    "text": b"class,pixel\n0,1\n",
    "JPEG 2000, not among the formats": b"\0\0\0\x0cjP  \r\n\x87\n",
    "only a signature": GOOD[:8],
    "cut in the header": GOOD[:20],
    "cut in the data": GOOD[:60],
    "a changed byte in the data": GOOD[:45] + bytes([GOOD[45] ^ 255]) + GOOD[46:],
    "a JPEG cut in half": packed("JPEG")[: len(packed("JPEG")) // 2],
    "data that is no zlib stream": GOOD[:33] + chunk(b"IDAT", b"nonsense") + chunk(b"IEND", b""),
    "no pixels": png(0, 0, 8, 0, b""),
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_picture_is_refused_by_name(folder, content):
    bad = folder / "b" / "3.png"
    bad.write_bytes(content)
    with pytest.raises(
        FileFormatError, match=r"expected a complete PNG, JPEG, GIF, WebP, BMP or TIFF"
    ) as error:
        image_folder(folder, size=(3, 4), color="gray")
    assert str(error.value).startswith(f"{bad}: found no readable picture")
    assert "<" not in str(error.value), "the repr of something"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"])
def test_no_changed_byte_raises_anything_else(tmp_path, kind):
    path = tmp_path / "picture"
    original = packed(kind)
    for position in range(0, len(original), 1 + len(original) // 250):
        content = bytearray(original)
        content[position] ^= 0x55
        path.write_bytes(content)
        try:
            read_image(path, max_pixels=10_000)
        except FileFormatError as error:
            assert str(path) in str(error)  # noqa: PT017 - many files, one test


def test_a_picture_over_max_pixels_is_refused_before_it_is_decoded(tmp_path):
    path = tmp_path / "bomb.png"
    # No data at all: had decoding begun, the error would be another.
    path.write_bytes(png(13_000, 13_000, 8, 0, b""))
    with pytest.raises(FileFormatError, match="found a picture of 13000 x 13000 pixels") as error:
        read_image(path)
    assert str(error.value).endswith("expected at most max_pixels=67108864")


def test_max_pixels_is_the_largest_picture_accepted(tmp_path):
    path = write(tmp_path / "1.png", GRAY)
    assert read_image(path, max_pixels=12).shape == (3, 4)
    with pytest.raises(FileFormatError, match=r"3 x 4 pixels .* expected at most max_pixels=11"):
        read_image(path, max_pixels=11)


def test_pillow_s_own_limit_is_a_file_format_error_too(tmp_path):
    path = tmp_path / "bomb.png"
    path.write_bytes(png(65_535, 65_535, 8, 0, b""))
    with pytest.raises(FileFormatError, match=r"bomb\.png: found no readable picture"):
        read_image(path)


@pytest.mark.parametrize("ending", ["png", "bmp", "tiff", "TIF", "gif", "GIF", "webp", "none"])
def test_every_kind_is_read_whatever_its_name(tmp_path, ending):
    path = tmp_path / f"1.{ending}"
    kind = {"TIF": "TIFF", "NONE": "BMP"}.get(ending.upper(), ending.upper())
    Image.fromarray(RGB).save(path, kind, **({"lossless": True} if kind == "WEBP" else {}))
    assert read_image(path).tolist() == RGB.tolist()
    assert read_image(path, color="gray").shape == (3, 4)


def test_kinds_may_be_mixed_in_a_folder(tmp_path):
    for name in ("a/1.PNG", "a/2.bmp", "b/1.tif", "b/2.GIF"):
        write(tmp_path / name, RGB)
    x, y, classes = image_folder(tmp_path, flatten=False, normalize=False)
    assert (x.tolist(), y.tolist(), classes) == ([RGB.tolist()] * 4, [0, 0, 1, 1], ("a", "b"))


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_of_an_animation_or_several_pages_the_first_is_read(tmp_path, kind):
    path, other = tmp_path / "1", Image.new("RGB", (2, 1), "blue")
    options = {"lossless": True} if kind == "WEBP" else {}
    Image.new("RGB", (2, 1), "red").save(
        path, kind, save_all=True, append_images=[other], **options
    )
    with Image.open(path) as picture:
        assert picture.n_frames == 2
    assert read_image(path).tolist() == [[[255, 0, 0], [255, 0, 0]]]


TURN = {  # how a picture is stored, to be seen upright
    1: lambda p: p,
    2: lambda p: p[:, ::-1],
    3: lambda p: p[::-1, ::-1],
    4: lambda p: p[::-1],
    5: lambda p: p.transpose(1, 0, 2),
    6: lambda p: np.rot90(p),
    7: lambda p: np.rot90(p.transpose(1, 0, 2), 2),
    8: lambda p: np.rot90(p, -1),
}


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "JPEG"])
@pytest.mark.parametrize("orientation", TURN)
def test_a_cameras_note_on_orientation_is_followed(tmp_path, kind, orientation):
    pixels = np.kron(RGB, np.ones((8, 8, 1), np.uint8))
    exif = Image.Exif()
    exif[274] = orientation
    options = {"lossless": True} if kind == "WEBP" else {}
    stored = Image.fromarray(np.ascontiguousarray(TURN[orientation](pixels)))
    stored.save(tmp_path / "1", kind, exif=exif, **options)
    found = read_image(tmp_path / "1")
    assert found.shape == pixels.shape
    assert np.abs(found.astype(int) - pixels).max() <= (30 if kind == "JPEG" else 0)
    assert read_image(tmp_path / "1", size=(6, 4)).shape == (6, 4, 3)


def test_damaged_metadata_do_not_spoil_a_picture(tmp_path):
    path = write(tmp_path / "1.png", RGB, exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff")
    assert read_image(path).tolist() == RGB.tolist()


def test_a_jpeg_for_print_comes_out_in_its_colours(tmp_path):
    pixels = np.kron(RGB, np.ones((8, 8, 1), np.uint8))
    Image.fromarray(pixels).convert("CMYK").save(tmp_path / "1.jpg", quality=100)
    assert np.abs(read_image(tmp_path / "1.jpg").astype(int) - pixels).max() < 8


def tiff(bits: int, zero: int, data: bytes, order: str = "<") -> bytes:
    """A gray TIFF of two pixels made by hand; of white or black (1) the sample is zero."""
    data += b"\0" * (len(data) % 2)
    tags = {256: 2, 257: 1, 258: bits, 259: 1, 262: zero, 273: 8, 277: 1, 278: 1, 279: len(data)}
    entries = b"".join(
        struct.pack(order + "HHIHH", tag, 3, 1, value, 0) for tag, value in tags.items()
    )
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8 + len(data))
    return head + data + struct.pack(order + "H", len(tags)) + entries + bytes(4)


DEEP = {
    "16 bits": (tiff(16, 1, struct.pack("<2H", 0x1234, 65535)), [0x12, 255]),
    "16 bits, other order": (tiff(16, 1, struct.pack(">2H", 0x1234, 65535), ">"), [0x12, 255]),
    "16 bits, white is zero": (tiff(16, 0, struct.pack("<2H", 0x1234, 65535)), [0xED, 0]),
    "12 bits": (tiff(12, 1, bytes([0x12, 0x3F, 0xFF])), [0x12, 255]),
    "8 bits, white is zero": (tiff(8, 0, bytes([1, 255])), [254, 0]),
}


@pytest.mark.parametrize(("content", "pixels"), DEEP.values(), ids=DEEP)
def test_a_gray_tiff_keeps_the_upper_bits_of_its_samples(tmp_path, content, pixels):
    (tmp_path / "1.tif").write_bytes(content)
    assert read_image(tmp_path / "1.tif").tolist() == [pixels]


@pytest.mark.parametrize("dtype", [np.int32, np.float32])
def test_samples_without_a_known_range_are_refused(tmp_path, dtype):
    path = write(tmp_path / "1.tif", GRAY.astype(dtype))
    with pytest.raises(FileFormatError, match=r"1\.tif.*32 bits have no known range"):
        read_image(path)


def declaring(kind: str, side: int) -> bytes:
    """A small file that says it is a large picture."""
    if kind == "GIF":
        size = struct.pack("<HH", side, side)
        return b"GIF89a" + size + bytes([0x80, 0, 0, *bytes(6)]) + b",\0\0\0\0" + size + b"\0\2\0;"
    if kind == "BMP":
        return packed("BMP")[:18] + struct.pack("<ii", side, side) + packed("BMP")[26:]
    if kind == "TIFF":
        return (
            tiff(8, 1, b"")
            .replace(struct.pack("<HHIH", 256, 3, 1, 2), struct.pack("<HHIH", 256, 3, 1, side))
            .replace(struct.pack("<HHIH", 257, 3, 1, 1), struct.pack("<HHIH", 257, 3, 1, side))
        )
    canvas = struct.pack("<I", side - 1)[:3] * 2
    stream = io.BytesIO()
    Image.new("RGB", (4, 4)).save(stream, "WEBP", lossless=True)
    frame = bytes(6) + struct.pack("<I", 3)[:3] * 2 + bytes(4) + stream.getvalue()[12:]
    body = b"WEBPVP8X" + struct.pack("<IB3x", 10, 2) + canvas + b"ANIM" + struct.pack("<I6x", 6)
    body += b"ANMF" + struct.pack("<I", len(frame)) + frame
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "WEBP"])
def test_every_kind_over_max_pixels_is_refused_before_it_is_decoded(tmp_path, kind):
    path = tmp_path / "bomb"
    path.write_bytes(declaring(kind, 9000))
    with pytest.raises(FileFormatError, match="found a picture of 9000 x 9000 pixels"):
        read_image(path)


def test_a_jpeg_is_read(tmp_path):
    path = write(tmp_path / "1.jpg", np.full((8, 16, 3), (200, 100, 50), np.uint8), quality=95)
    picture = read_image(path)
    assert (picture.dtype, picture.shape) == (np.uint8, (8, 16, 3))
    assert np.abs(picture.astype(int) - (200, 100, 50)).max() < 8


def test_sixteen_bit_gray_keeps_its_upper_byte(tmp_path):
    deep = np.array([[0, 255, 256], [0x1234, 0x8000, 65535]], np.uint16)
    path = write(tmp_path / "1.png", deep)
    assert read_image(path).tolist() == [[0, 0, 1], [0x12, 0x80, 255]]
    assert read_image(path, color="rgb").shape == (2, 3, 3)


def test_sixteen_bit_colour_keeps_its_upper_byte(tmp_path):
    path = tmp_path / "1.png"
    path.write_bytes(png(1, 1, 16, 2, b"\0" + struct.pack(">3H", 0x12FF, 256, 65535)))
    assert read_image(path).tolist() == [[[0x12, 1, 255]]]


def test_black_and_white_is_gray(tmp_path):
    path = write(tmp_path / "1.png", np.array([[True, False]]))
    assert read_image(path).tolist() == [[255, 0]]


def test_a_palette_becomes_its_colours(tmp_path):
    path = tmp_path / "1.png"
    path.write_bytes(png(2, 1, 8, 3, b"\0\0\1", chunk(b"PLTE", bytes([9, 8, 7, 1, 2, 3]))))
    assert read_image(path).tolist() == [[[9, 8, 7], [1, 2, 3]]]


TRANSPARENT = {
    "colour": (png(1, 1, 8, 6, b"\0" + bytes([10, 20, 30, 0])), [255, 255, 255]),
    "half-way colour": (png(1, 1, 8, 6, b"\0" + bytes([0, 0, 0, 51])), [204, 204, 204]),
    "opaque colour": (png(1, 1, 8, 6, b"\0" + bytes([10, 20, 30, 255])), [10, 20, 30]),
    "gray": (png(1, 1, 8, 4, b"\0" + bytes([10, 0])), 255),
    "a transparent gray value": (png(1, 1, 8, 0, b"\0\5", chunk(b"tRNS", b"\0\5")), 255),
    "a transparent palette entry": (
        png(1, 1, 8, 3, b"\0\0", chunk(b"PLTE", bytes([9, 8, 7])), chunk(b"tRNS", b"\0")),
        [255, 255, 255],
    ),
}


@pytest.mark.parametrize(("content", "pixel"), TRANSPARENT.values(), ids=TRANSPARENT)
def test_what_is_transparent_shows_white(tmp_path, content, pixel):
    path = tmp_path / "1.png"
    path.write_bytes(content)
    assert read_image(path).tolist() == [[pixel]]


OPACITY = {
    "colour": [10, 20, 30, 0],
    "half-way colour": [0, 0, 0, 51],
    "opaque colour": [10, 20, 30, 255],
    "gray": [10, 10, 10, 0],
    "a transparent gray value": [5, 5, 5, 0],
    "a transparent palette entry": [9, 8, 7, 0],
}


@pytest.mark.parametrize("kind", OPACITY)
def test_what_is_transparent_may_be_kept(tmp_path, kind):
    path = tmp_path / "1.png"
    path.write_bytes(TRANSPARENT[kind][0])
    assert read_image(path, alpha=True).tolist() == [[OPACITY[kind]]]
    with pytest.raises(ValueError, match="keeps the colours of a picture, got color='gray'"):
        read_image(path, color="gray", alpha=True)


def test_a_picture_without_transparent_parts_stays_as_it_is(tmp_path):
    for pixels in (GRAY, RGB):
        path = write(tmp_path / "1.png", pixels)
        assert read_image(path, alpha=True).tolist() == pixels.tolist()
    assert read_image(path, alpha=True, size=(5, 2)).shape == (5, 2, 3)


def test_sixteen_bit_gray_with_a_transparent_value_is_refused(tmp_path):
    path = tmp_path / "1.png"
    path.write_bytes(png(1, 1, 16, 0, b"\0\1\2", chunk(b"tRNS", b"\1\2")))
    for alpha in (False, True):
        with pytest.raises(FileFormatError, match="16-bit grey with a transparent value"):
            read_image(path, alpha=alpha)


def test_an_even_picture_stays_even_when_resized(tmp_path):
    path = write(tmp_path / "1.png", np.full((9, 5), 77, np.uint8))
    np.testing.assert_array_equal(read_image(path, size=(4, 6)), np.full((4, 6), 77))


def test_without_pillow_the_error_names_the_extra(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(MissingExtra, match=r"reading pictures needs PIL: pip install 'hyalite\["):
        image_folder(folder)
