"""The known data sets: their shapes, scales and first numbers, and where they are found."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hyalite.data import datasets
from hyalite.errors import FileFormatError

SHARED = Path(__file__).resolve().parents[3] / "shared"
FILES = tuple(datasets.fetch.FASHION_MNIST_FILES)


def write_idx(path: Path, array: np.ndarray) -> None:
    """Write uint8 in the IDX format, compressed."""
    head = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    path.write_bytes(gzip.compress(head + array.astype(np.uint8).tobytes()))


def write_four(folder: Path, train: int = 5, test: int = 3) -> None:
    """Write a small data set in the files' names; the first picture starts with 0, 51, 255."""
    folder.mkdir(parents=True, exist_ok=True)
    for part, n in (("train", train), ("t10k", test)):
        pictures = np.zeros((n, 28, 28))
        pictures[0, 0, :3] = 0, 51, 255
        write_idx(folder / f"{part}-images-idx3-ubyte.gz", pictures)
        write_idx(folder / f"{part}-labels-idx1-ubyte.gz", 9 - np.arange(n))


@pytest.fixture
def fashion(tmp_path, monkeypatch):
    """A small data set where HYALITE_DATA points to."""
    monkeypatch.setenv("HYALITE_DATA", str(tmp_path))
    monkeypatch.setattr(datasets, "_SYSTEM_FOLDER", tmp_path / "no system folder")

    def refuse(*args):
        raise AssertionError("nothing may be downloaded here")

    monkeypatch.setattr(datasets.fetch, "fetch", refuse)
    folder = tmp_path / "fashion-mnist"
    write_four(folder)
    return folder


def test_mnist_comes_with_the_package():
    (x, y), (x_test, y_test) = datasets.mnist()
    assert x.shape == (60000, 784)
    assert x_test.shape == (10000, 784)
    assert x.dtype == x_test.dtype == np.float32
    assert y.dtype == y_test.dtype == np.int64
    assert (x.min(), x.max()) == (0, 1)
    # the mean and deviation that every tutorial normalises MNIST with
    assert x.mean(dtype=np.float64) == pytest.approx(0.1307, abs=5e-5)
    assert x.std(dtype=np.float64) == pytest.approx(0.3081, abs=5e-5)
    assert y[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert y_test[:5].tolist() == [7, 2, 1, 0, 4]
    assert np.bincount(y_test).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


def test_mnist_s_notice_lists_the_files_that_are_there():
    folder = Path(datasets.__file__).parent / "mnist"
    notice = (folder / "NOTICE.md").read_text()
    for name in FILES:
        packed = (folder / name).read_bytes()
        content = gzip.decompress(packed)
        sums = [hashlib.sha256(data).hexdigest() for data in (packed, content)]
        assert f"| `{name}` | `{sums[0]}` | `{sums[1]}` |" in notice


def test_the_class_names_have_ten_entries():
    assert len(datasets.MNIST_CLASSES) == len(datasets.FASHION_MNIST_CLASSES) == 10
    assert datasets.FASHION_MNIST_CLASSES[9] == "Ankle boot"


def test_pictures_are_scaled_as_asked(fashion):
    def first(normalize):
        x = datasets.fashion_mnist(normalize=normalize)[0][0]
        return x.dtype, x[0, :3].tolist()

    assert first(True) == (np.float32, [0, np.float32(0.2), 1])
    assert first("symmetric") == (np.float32, [-1, np.float32(-0.6), 1])
    assert first(False) == (np.uint8, [0, 51, 255])


def test_pictures_are_flattened_unless_asked_not_to(fashion):
    (x, _), (x_test, _) = datasets.fashion_mnist()
    assert (x.shape, x_test.shape) == ((5, 784), (3, 784))
    (rows, _), (rows_test, _) = datasets.fashion_mnist(flatten=False)
    assert (rows.shape, rows_test.shape) == ((5, 28, 28), (3, 28, 28))
    np.testing.assert_array_equal(rows.reshape(5, -1), x)


def test_labels_are_numbers_or_one_hot_rows(fashion):
    (_, y), (_, y_test) = datasets.fashion_mnist()
    assert (y.dtype, y.tolist()) == (np.int64, [9, 8, 7, 6, 5])
    (_, rows), (_, rows_test) = datasets.fashion_mnist(one_hot=True)
    assert (rows.dtype, rows.shape, rows_test.shape) == (np.float32, (5, 10), (3, 10))
    np.testing.assert_array_equal(rows.argmax(1), y)
    np.testing.assert_array_equal(rows_test.argmax(1), y_test)
    np.testing.assert_array_equal(rows.sum(1), 1)


@pytest.mark.parametrize("normalize", ["minmax", None, 1, 0.5])
@pytest.mark.parametrize("load", [datasets.mnist, datasets.fashion_mnist])
def test_another_normalize_is_refused_before_anything_is_read(load, normalize, monkeypatch):
    monkeypatch.setenv("HYALITE_DATA", "no such folder")
    with pytest.raises(ValueError, match=f"normalize={normalize!r}: expected True .* False"):
        load(normalize=normalize)


def test_the_arrays_can_be_written_to(fashion):
    for normalize in (True, "symmetric", False):
        (x, y), _ = datasets.fashion_mnist(normalize=normalize)
        x[0], y[0] = 1, 0


def test_hyalite_data_may_name_the_folder_of_the_files_itself(fashion, monkeypatch):
    monkeypatch.setenv("HYALITE_DATA", str(fashion))
    assert len(datasets.fashion_mnist()[0][0]) == 5


def test_the_inner_folder_comes_before_the_outer_and_the_system_s_last(
    fashion, tmp_path, monkeypatch
):
    write_four(tmp_path, train=6)
    write_four(tmp_path / "system", train=7)
    monkeypatch.setattr(datasets, "_SYSTEM_FOLDER", tmp_path / "system")
    assert len(datasets.fashion_mnist()[0][0]) == 5
    shutil.rmtree(fashion)
    assert len(datasets.fashion_mnist()[0][0]) == 6
    (tmp_path / FILES[0]).unlink()
    assert len(datasets.fashion_mnist()[0][0]) == 7
    monkeypatch.delenv("HYALITE_DATA")
    assert len(datasets.fashion_mnist()[0][0]) == 7


def test_a_hyalite_data_that_is_no_folder_is_said(fashion, monkeypatch):
    monkeypatch.setenv("HYALITE_DATA", str(fashion / "typo"))
    with pytest.raises(
        FileNotFoundError, match=r"HYALITE_DATA=.*typo: expected an existing folder"
    ):
        datasets.fashion_mnist()


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_in_the_chosen_folder_is_said(fashion, name):
    (fashion / name).unlink()
    with pytest.raises(FileNotFoundError, match=name):
        datasets.fashion_mnist()


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_local_file_is_refused_by_name(fashion, name):
    (fashion / name).write_bytes((fashion / name).read_bytes()[:-5])
    with pytest.raises(FileFormatError, match=f"{name}: found a damaged gzip stream"):
        datasets.fashion_mnist()


WRONG = {
    "other pictures": (FILES[0], np.zeros((5, 27, 28)), r"shape \(5, 27, 28\); expected uint8 of"),
    "a label missing": (FILES[1], np.zeros(4), r"shape \(4,\); expected uint8 of shape \(5,\)"),
    "a label over 9": (FILES[3], np.array([0, 10, 1]), "found label 10; expected 0 to 9"),
}


@pytest.mark.parametrize(("name", "array", "message"), WRONG.values(), ids=WRONG)
def test_files_that_do_not_fit_together_are_refused(fashion, name, array, message):
    write_idx(fashion / name, array)
    with pytest.raises(FileFormatError, match=message):
        datasets.fashion_mnist()


def test_mnist_s_files_are_not_taken_for_fashion_mnist_s(fashion, monkeypatch):
    monkeypatch.setenv("HYALITE_DATA", str(Path(datasets.__file__).parent / "mnist"))
    with pytest.raises(FileFormatError, match="found the files of MNIST, expected those of Fash"):
        datasets.fashion_mnist()


def test_the_real_fashion_mnist_is_read(monkeypatch):
    if not (SHARED / "data" / "fashion-mnist").is_dir():
        pytest.skip("needs shared/data/fashion-mnist beside the checkout")
    monkeypatch.setenv("HYALITE_DATA", str(SHARED / "data"))
    (x, y), (x_test, y_test) = datasets.fashion_mnist(normalize=False)
    assert (x.shape, x_test.shape) == ((60000, 784), (10000, 784))
    assert np.bincount(y).tolist() == [6000] * 10
    assert y_test[:5].tolist() == [9, 2, 1, 1, 6]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: datasets.spiral(samples=0),
            r"samples must be .* at least 1, got 0",
        ),
        (
            lambda: datasets.spiral(samples=2.5),
            r"samples must be .* at least 1, got 2.5",
        ),
        (
            lambda: datasets.spiral(samples=True),
            r"samples must be .* at least 1, got True",
        ),
        (
            lambda: datasets.spiral(classes=-1),
            r"classes must be .* at least 1, got -1",
        ),
        (
            lambda: datasets.vertical(classes="3"),
            r"classes must be .* at least 1, got '3'",
        ),
        (
            lambda: datasets.vertical(seed=-1),
            r"seed must be .* to 4294967295, got -1",
        ),
        (
            lambda: datasets.spiral(seed=2**32),
            r"seed must be .* to 4294967295, got 4294967296",
        ),
        (lambda: datasets.sine(0), r"samples must be .* at least 1, got 0"),
    ],
)
def test_a_wrong_argument_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_numpy_s_whole_numbers_will_do():
    assert len(datasets.spiral(np.int64(4), np.uint8(2), np.int32(1))[0]) == 8


def test_importing_the_module_imports_no_optional_package():
    code = (
        "import sys, hyalite.data.datasets; "
        "print({m.partition('.')[0] for m in sys.modules} & "
        "{'PIL', 'pooch', 'requests', 'urllib3', 'tqdm', 'asyncio'})"
    )
    source = str(Path(datasets.__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {source!r}); {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "set()"
