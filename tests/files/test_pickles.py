"""Pickles of arrays: what every NumPy writes is read, and nothing in a file is ever run."""

from __future__ import annotations

import base64
import bz2
import functools
import gzip
import io
import json
import lzma
import pickle
import random
import re
import struct
import subprocess
import sys
import time
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest

from hyalite.errors import FileFormatError
from hyalite.files.pickle_machine import CODES, MAX_OPCODES
from hyalite.files.pickles import convolution_arrays, dense_arrays, import_pickle
from tests.record_pickles import DTYPES, cases

RECORDED = Path(__file__).parents[1] / "recorded" / "pickles.json"
ALLOWANCE = 8 << 20  # bytes beyond twice the file's size, for MAX_OPCODES small objects


@pytest.fixture
def pickled(tmp_path):
    """Write bytes, or an object by the real `pickle`, to a file and give its path."""
    path = tmp_path / "some.pkl"

    def write(content, protocol=4) -> Path:
        if not isinstance(content, bytes):
            content = pickle.dumps(content, protocol)
        path.unlink(missing_ok=True)  # to overwrite it would wait for the disk on some systems
        path.write_bytes(content)
        return path

    return write


def assert_same(found, expected):
    assert list(found) == list(expected)
    for name, array in found.items():
        assert array.dtype == np.asarray(expected[name]).dtype.newbyteorder("="), name
        assert array.dtype.isnative
        assert array.flags.writeable
        assert array.shape == expected[name].shape, name
        np.testing.assert_array_equal(array, expected[name])


# What is read -----------------------------------------------------------------------------------


def recordings():
    entries = json.loads(RECORDED.read_text(encoding="utf-8"))
    return {
        f"{version}, protocol {protocol}": zlib.decompress(base64.b64decode(text))
        for version, protocols in entries.items()
        for protocol, text in protocols.items()
    }


@pytest.mark.parametrize("name", recordings())
def test_every_numpy_and_protocol_is_read_with_every_dtype_and_order(pickled, name):
    found = import_pickle(pickled(recordings()[name]))
    assert_same({name: found[name] for name in cases()}, cases())  # Python 2's dicts have no order
    assert len(found) == len(cases())


@pytest.mark.parametrize("protocol", range(1, pickle.HIGHEST_PROTOCOL + 1))
def test_the_installed_numpy_is_read_with_every_dtype_and_order(pickled, protocol):
    assert_same(import_pickle(pickled(cases(), protocol)), cases())


@pytest.mark.parametrize("protocol", range(1, pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("dtype", ["f4", ">f8", "i2"])
def test_many_axes_in_any_order_are_read(pickled, protocol, dtype):
    base = np.arange(120).reshape(2, 3, 4, 5).astype(dtype)
    arrays = {
        str(axes): base.transpose(axes) for axes in [(3, 1, 0, 2), (1, 0, 3, 2), (3, 2, 1, 0)]
    }
    assert_same(import_pickle(pickled(arrays, protocol)), arrays)


@pytest.mark.parametrize("protocol", [1, 2, 3, 4, 5])
def test_large_arrays_are_read_piece_by_piece(pickled, protocol):
    rng = np.random.default_rng(0)
    arrays = {"W1": rng.normal(size=(800, 500)), "b1": rng.integers(0, 256, 3_000_001, np.uint8)}
    assert_same(import_pickle(pickled(arrays, protocol)), arrays)


def test_extreme_values_keep_their_bits(pickled):
    array = np.array([np.nan, np.inf, -np.inf, -0.0, 5e-324])
    assert import_pickle(pickled({"x": array}))["x"].tobytes() == array.tobytes()


def test_lists_of_arrays_are_named_by_number(pickled):
    arrays = [np.arange(3), np.float32(2), np.zeros((2, 2))]
    for content in (arrays, tuple(arrays)):
        found = import_pickle(pickled(content))
        assert_same(found, {str(index): array for index, array in enumerate(arrays)})


def test_lists_of_pairs_are_named_as_dense_layers(pickled):
    pairs = [(np.ones((2, 3)), np.zeros((1, 3))), (np.ones((3, 1)), np.zeros((1, 1)))]
    expected = {"W1": pairs[0][0], "b1": pairs[0][1], "W2": pairs[1][0], "b2": pairs[1][1]}
    for content in (pairs, tuple(pairs), [list(pair) for pair in pairs]):
        assert_same(import_pickle(pickled(content)), expected)


def test_empty_containers_give_no_arrays(pickled):
    for content in ({}, [], ()):
        assert import_pickle(pickled(content)) == {}


def test_names_may_be_any_text(pickled):
    arrays = {"": np.ones(1), "层 1/W": np.ones(2), "a\nb": np.ones(3)}
    assert_same(import_pickle(pickled(arrays, 5)), arrays)


def test_one_array_under_two_names_stays_one_array(pickled):
    tied = np.arange(3.0)
    found = import_pickle(pickled({"a": tied, "b": tied, "c": tied.copy()}))
    assert found["a"] is found["b"]
    assert not np.shares_memory(found["a"], found["c"])


def test_the_arrays_do_not_refer_to_the_file(pickled):
    path = pickled({"x": np.arange(3.0)})
    found = import_pickle(path)
    found["x"][1] = 7
    assert import_pickle(path)["x"][1] == 1


def test_the_books_weights_are_read(shared):
    found = import_pickle(shared / "data" / "book" / "sample_weight.pkl")
    sides = [784, 50, 100, 10]
    assert {name: array.shape for name, array in found.items()} == {
        **{f"W{n}": (sides[n - 1], sides[n]) for n in (1, 2, 3)},
        **{f"b{n}": (sides[n],) for n in (1, 2, 3)},
    }
    assert {array.dtype for array in found.values()} == {np.dtype("float32")}
    assert [W.shape for W, _ in dense_arrays(found)] == [(784, 50), (50, 100), (100, 10)]


# Limits -----------------------------------------------------------------------------------------


def test_a_file_larger_than_the_limit_is_refused_unread(pickled):
    path = pickled({"x": np.zeros(1000)})
    size = path.stat().st_size
    assert import_pickle(path, max_bytes=size)
    with pytest.raises(FileFormatError, match=rf"{size:,} bytes, more than max_bytes={size - 1:,}"):
        import_pickle(path, max_bytes=size - 1)


def test_missing_files_and_folders_are_the_usual_errors(tmp_path):
    with pytest.raises(FileNotFoundError):
        import_pickle(tmp_path / "none.pkl")
    with pytest.raises(OSError, match=r"directory|denied"):
        import_pickle(tmp_path)


@pytest.mark.parametrize("protocol", [1, 2, 3, 4, 5])
def test_memory_stays_below_twice_the_files_size(pickled, protocol):
    values = np.arange(4_000_000, dtype=">u4").view("u1").reshape(4000, 4000)
    path = pickled({"x": values, "y": values.view(">u4").copy(order="F")}, protocol)
    del values
    tracemalloc.start()
    try:
        import_pickle(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2 * path.stat().st_size + ALLOWANCE


def test_one_array_under_very_many_names_takes_its_memory_once(pickled):
    array = np.zeros(1 << 17)
    path = pickled(dict.fromkeys(map(str, range(10_000)), array))
    tracemalloc.start()
    try:
        found = import_pickle(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(found) == 10_000
    assert peak < 2 * path.stat().st_size + ALLOWANCE


def test_as_many_arrays_as_promised_are_read(pickled):
    arrays = {str(n): np.full(3, n) for n in range(1250)}
    for protocol in (1, 2, 3, 4, 5):
        assert len(import_pickle(pickled(arrays, protocol))) == 1250


# Hostile pickles, as raw opcodes ----------------------------------------------------------------


def text(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value.encode())) + value.encode()


def raw(value: bytes) -> bytes:
    return b"B" + struct.pack("<I", len(value)) + value


def whole(value: int) -> bytes:
    return b"\x8a\x09" + value.to_bytes(9, "little", signed=True)


def tuple_(*items: bytes) -> bytes:
    return b"(" + b"".join(items) + b"t"


def glob(module: str, name: str) -> bytes:
    return f"c{module}\n{name}\n".encode()


def call(module: str, name: str, *arguments: bytes) -> bytes:
    return glob(module, name) + tuple_(*arguments) + b"R"


CORE = "numpy._core.multiarray"
STATE = (b"K\x03", text("<"), b"N", b"N", b"N", b"J\xff\xff\xff\xff", b"J\xff\xff\xff\xff", b"K\0")
F4 = call("numpy", "dtype", text("f4"), b"\x89", b"\x88") + tuple_(*STATE) + b"b"
EMPTY = call(CORE, "_reconstruct", glob("numpy", "ndarray"), tuple_(b"K\0"), raw(b"b"))
SHAPE = tuple_(b"K\2", b"K\3")
DATA = raw(bytes(range(24)))


def dtype(code="f4", align=b"\x89", copy=b"\x88", state=STATE):
    return call("numpy", "dtype", text(code), align, copy) + tuple_(*state) + b"b"


def state(**changes):
    """NumPy's state of a dtype with single items (i0 to i7) changed."""
    return tuple(changes.get(f"i{index}", item) for index, item in enumerate(STATE))


def array(shape=SHAPE, kind=F4, data=DATA, fortran=b"\x89", version=b"K\1", empty=EMPTY):
    return empty + tuple_(version, shape, kind, fortran, data) + b"b"


def buffered(*arguments: bytes) -> bytes:
    return call("numpy._core.numeric", "_frombuffer", *arguments)


def held(value: bytes, name: bytes = text("x")) -> bytes:
    """A pickle of a dict with this one value."""
    return b"\x80\x04}" + name + value + b"s."


def deep(opener: bytes, closer: bytes) -> bytes:
    count = MAX_OPCODES // 3 - 10
    return b"\x80\x04" + opener * count + closer * count + b"."


def dangerous(canary: str) -> dict[str, tuple[str, str, tuple[bytes, ...]]]:
    """Calls that would leave a mark, or that open the way to one."""
    touch, path = text(f"touch {canary}"), text(canary)
    python = text(f"open({canary!r}, 'w')")
    found = {
        "os.system": (touch,),
        "posix.system": (touch,),
        "nt.system": (touch,),
        "os.popen": (touch,),
        "os.mkdir": (path,),
        "os.remove": (path,),
        "os._exit": (b"K\0",),
        "subprocess.Popen": (tuple_(text("touch"), path),),
        "subprocess.check_output": (tuple_(text("touch"), path),),
        "pty.spawn": (text("sh"),),
        "builtins.eval": (python,),
        "builtins.exec": (python,),
        "__builtin__.eval": (python,),
        "builtins.compile": (python, text("x"), text("exec")),
        "builtins.open": (path, text("w")),
        "builtins.__import__": (text("antigravity"),),
        "builtins.getattr": (glob("numpy", "ndarray"), text("tofile")),
        "builtins.bytearray": (whole(1 << 40),),
        "builtins.list": (tuple_(),),
        "builtins.range": (whole(1 << 60),),
        "builtins.breakpoint": (),
        "builtins.print": (text("here"),),
        "io.open": (path, text("w")),
        "pathlib.Path.touch": (path,),
        "importlib.import_module": (text("antigravity"),),
        "ctypes.CDLL": (text("libc.so.6"),),
        "socket.create_connection": (tuple_(text("localhost"), b"K\x16"),),
        "shutil.rmtree": (path,),
        "webbrowser.open": (text("http://localhost"),),
        "runpy.run_path": (path,),
        "code.interact": (),
        "pickle.loads": (raw(b"cos\nsystem\n."),),
        "_pickle.loads": (raw(b"cos\nsystem\n."),),
        "marshal.loads": (raw(b"N"),),
        "types.CodeType": (),
        "types.FunctionType": (),
        "operator.attrgetter": (text("tofile"),),
        "functools.partial": (glob("numpy", "dtype"),),
        "copyreg._reconstructor": (glob("numpy", "ndarray"), glob("numpy", "ndarray"), b"N"),
        "copyreg.add_extension": (text("os"), text("system"), b"K\1"),
        "codecs.open": (path, text("w")),
        "_codecs.decode": (raw(b"x"), text("zlib")),
        "_codecs.lookup": (text("antigravity"),),
        "collections.OrderedDict": (),
        "numpy.load": (path,),
        "numpy.save": (path, SHAPE),
        "numpy.zeros": (whole(1 << 40),),
        "numpy.ndarray.tofile": (array(), path),
        "numpy.memmap": (path,),
        "numpy.matrix": (SHAPE,),
        "numpy.core.multiarray.fromfile": (path,),
        "numpy.core.multiarray.empty": (whole(1 << 40),),
        "numpy.core.records.fromfile": (path,),
        "numpy.ma.core._mareconstruct": (glob("numpy", "ndarray"),),
        "numpy.testing._private.utils.runstring": (python, b"}"),
        "numpy.f2py.diagnose.run": (),
        "numpy.random._pickle.__randomstate_ctor": (),
        "torch._utils._rebuild_tensor_v2": (),
        "joblib.numpy_pickle.NumpyArrayWrapper": (),
        "sklearn.neural_network._multilayer_perceptron.MLPClassifier": (),
        "__main__.Model": (),
        "hyalite.Sequential": (),
    }
    return {name: (*name.rsplit(".", 1), arguments) for name, arguments in found.items()}


def hostile(canary: str) -> dict[str, tuple[bytes, str]]:
    """Pickles by name, each with a part of the text that must refuse it."""
    found: dict[str, tuple[bytes, str]] = {}
    for name, (module, last, arguments) in dangerous(canary).items():
        said = f"byte 4: the global {name} is not an array's; a pickle can run code"
        found[f"{name} by GLOBAL"] = (held(call(module, last, *arguments), b")"), said)
        by_stack = text(module) + text(last) + b"\x93" + tuple_(*arguments) + b"R"
        found[f"{name} by STACK_GLOBAL"] = (
            held(by_stack),
            f"the global {name} is not an array's; a pickle can run code, and this one asks to",
        )
    runs = "a pickle can run code, and this one asks to"
    touch = text(f"touch {canary}")

    found |= {  # other ways to objects
        "INST": (b"(" + touch + b"ios\nsystem\n.", runs),
        "OBJ": (b"(" + glob("numpy", "dtype") + touch + b"o.", runs),
        "NEWOBJ": (held(glob("numpy", "dtype") + tuple_(text("f4")) + b"\x81"), runs),
        "NEWOBJ_EX": (held(glob("numpy", "dtype") + b")}\x92"), runs),
        "EXT1": (held(b"\x82\x01"), runs),
        "EXT2": (held(b"\x83\x01\x01"), runs),
        "EXT4": (held(b"\x84\x01\x01\x01\x01"), runs),
        "PERSID": (b"Pos\n.", runs),
        "BINPERSID": (held(text("id") + b"Q"), runs),
        "NEXT_BUFFER": (held(b"\x97"), "a buffer that is kept outside the file"),
        "READONLY_BUFFER": (held(b"\x98"), "a buffer that is kept outside the file"),
        "a call of text": (held(text("os.system") + tuple_(touch) + b"R"), "a call of text"),
        "a call of a tuple": (held(b"))R"), "a call of a tuple"),
        "a call of an array": (held(array() + b")R"), "a call of an array"),
        "a call of a dtype": (held(F4 + tuple_(DATA) + b"R"), "a call of a dtype"),
        "a call with a list": (held(glob("numpy", "dtype") + b"]R"), "with a list"),
        "a call with a dict": (held(glob("numpy", "dtype") + b"}R"), "with a dict"),
        "a call of ndarray": (
            held(glob("numpy", "ndarray") + tuple_(SHAPE) + b"R"),
            "ndarray with",
        ),
        "a state for a name": (held(glob("numpy", "ndarray") + b"}b"), "gets a state"),
        "a state for a dict": (held(b"}}b"), "gets a state"),
        "a state for a list": (held(b"]}b"), "gets a state"),
        "a state for a number": (held(b"K\1}b"), "gets a state"),
        "a state with attributes": (
            held(EMPTY + tuple_(b"N", b"}" + text("__class__") + b"Ns") + b"b"),
            "gets a state",
        ),
        "a global's name from bytes that are no text": (
            held(b"U\2\xff\xfe" + text("x") + b"\x93"),
            "not UTF-8",
        ),
        "a global's name from bytes": (
            held(raw(b"os") + text("x") + b"\x93"),
            "bytes instead of a name",
        ),
        "a global's name from a number": (held(b"K\1K\2\x93"), "instead of a name"),
        "a global with control characters": (
            held(text("o\x1b[2Js") + text("system\n") + b"\x93"),
            r"global o\x1b[2Js.system\n is",
        ),
    }
    protocol_0 = "protocol 0"
    found |= {  # opcodes that arrays do not have
        "STRING": (b"S'x'\n.", protocol_0),
        "UNICODE": (b"Vx\n.", protocol_0),
        "LONG": (b"L1L\n.", protocol_0),
        "LONG of a million digits": (b"L" + b"9" * 10**6 + b"L\n.", protocol_0),
        "INT": (b"I2\n.", protocol_0),
        "INT of a million digits": (b"I" + b"9" * 10**6 + b"\n.", "a line that does not end"),
        "INT of 900 digits": (b"I" + b"9" * 900 + b"\n.", protocol_0),
        "FLOAT": (b"F1e999\n.", protocol_0),
        "PUT": (b"}p0\n.", protocol_0),
        "GET": (b"g0\n.", protocol_0),
        "LIST": (b"(l.", protocol_0),
        "DICT": (b"(d.", protocol_0),
        "BINFLOAT": (held(b"G" + bytes(8)), "a Python float"),
        "LONG1 of 255 bytes": (held(b"\x8a\xff" + bytes(255)), "a number of 255 bytes"),
        "LONG4 of a million bytes": (
            held(b"\x8b" + struct.pack("<i", 10**6) + b"\x7f" * 10**6),
            "a very long number",
        ),
        "LONG4 of a negative size": (held(b"\x8b\xff\xff\xff\xff"), "a very long number"),
        "EMPTY_SET": (held(b"\x8f"), "a set"),
        "ADDITEMS": (held(b"(\x90"), "a set"),
        "FROZENSET": (held(b"(\x91"), "a set"),
        "POP": (held(b"N0"), "is no opcode"),
        "POP_MARK": (held(b"(1"), "is no opcode"),
        "DUP": (held(b"N2"), "is no opcode"),
        "DUP very often": (b"\x80\x04N" + b"2" * 10**6 + b".", "is no opcode"),
        "a zero byte": (b"\0" * 1000, "byte 0: b'\\x00' is no opcode"),
        "a 255": (b"\xff" * 1000, "is no opcode"),
    }
    short = "the file is cut short"
    good = held(array())
    found |= {  # where it begins and ends
        "an empty file": (b"", f"byte 0: 1 bytes should follow and 0 do: {short}"),
        "a protocol and no more": (b"\x80\x04", short),
        "no STOP": (good[:-1], short),
        "bytes after STOP": (good + b"N", "1 bytes follow the pickle's end"),
        "a second pickle after STOP": (good + b"cos\nsystem\n.", "bytes follow"),
        "STOP alone": (b".", "byte 0: a value is taken from an empty stack"),
        "two values at STOP": (b"\x80\x04}}.", "more than one value is left"),
        "a mark at STOP": (b"\x80\x04(}.", "more than one value is left"),
        "a mark above the value at STOP": (b"\x80\x04}(.", "empty stack"),
        "protocol 6": (b"\x80\x06" + good[2:], "protocol 6; it stands at byte 0 and is at most 5"),
        "protocol 255": (b"\x80\xff" + good[2:], "protocol 255"),
        "a second protocol": (b"\x80\x04\x80\x04}.", "byte 2: protocol 4"),
        "a zip file": (b"PK\x03\x04" + bytes(100), "a zip archive"),
        "a .npy file": (b"\x93NUMPY\x01\0v\0{'descr': '<f4'}", "(.npy)"),
        "a gzip file": (b"\x1f\x8b\x08\0" + bytes(100), "by gzip"),
        "a text": (b"hello, world\n", "byte 0"),
        "a JSON text": (b'{"W1": [[1, 2]]}', "byte 0"),
        "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), "byte 1"),
    }
    for code, width in {b"\x8c": 1, b"X": 4, b"\x8d": 8, b"C": 1, b"B": 4, b"\x8e": 8}.items():
        for size in {2 ** (8 * width) - 1, 2 ** (8 * width - 2), 2 ** (8 * width - 1)}:
            content = held(code + size.to_bytes(width, "little"))
            found[f"{code!r} with {size} bytes announced"] = (content, short)
    for code, width in {b"U": 1, b"T": 4, b"\x96": 8}.items():
        content = held(code + b"\xff" * width + b"abc")
        found[f"{code!r} with the most bytes announced"] = (content, short)
    found |= {
        "a frame of 2**60 bytes": (b"\x80\x04\x95" + struct.pack("<Q", 1 << 60) + b"}.", short),
        "a frame one byte too long": (b"\x80\x04\x95" + struct.pack("<Q", 3) + b"}.", short),
        "a frame without its size": (b"\x80\x04\x95\1\2", short),
    }
    empty, unmarked = "taken from an empty stack", "a mark is looked for"
    found |= {  # the stack and the memo
        **{
            f"{code!r} on an empty stack": (b"\x80\x04" + code + b".", empty)
            for code in (
                b"\x85",
                b"\x86",
                b"\x87",
                b"a",
                b"s",
                b"R",
                b"b",
                b"\x93",
                b"\x94",
                b"q\0",
            )
        },
        **{
            f"{code!r} on a mark": (b"\x80\x04NNN(" + code + b".", empty)
            for code in (
                b"\x85",
                b"\x86",
                b"\x87",
                b"a",
                b"s",
                b"R",
                b"b",
                b"\x93",
                b"\x94",
                b"q\0",
            )
        },
        **{
            f"{code!r} without a mark": (b"\x80\x04}NN" + code + b".", unmarked)
            for code in (b"t", b"e", b"u")
        },
        "an unknown memo entry": (held(b"h\0"), "the memo has no entry 0"),
        "an unknown far memo entry": (held(b"j\xff\xff\xff\xff"), "no entry 4294967295"),
        "a far memo entry": (held(b"Nr\xff\xff\xff\xff"), "is None; an array is expected"),
        "items for a dict": (held(b"}Na"), "items are appended to a dict"),
        "items for a tuple": (held(b")(NNe"), "items are appended to a tuple"),
        "keys for a list": (held(b"]" + text("a") + b"Ns"), "put into a list"),
        "keys for a name": (held(glob("numpy", "dtype") + text("a") + b"Ns"), "put into the name"),
        "a key without a value": (held(b"}(" + text("a") + b"u"), "1 keys and values"),
    }
    laughs_tuple = b"\x80\x04)q\0" + b"".join(
        b"(" + bytes([104, n]) * 10 + b"tq" + bytes([n + 1]) for n in range(200)
    )
    laughs_list = b"\x80\x04]q\0" + b"".join(
        b"](" + bytes([104, n]) * 10 + b"eq" + bytes([n + 1]) for n in range(200)
    )
    laughs_dict = b"\x80\x04}q\0" + b"".join(
        b"}(" + b"".join(text(str(k)) + bytes([104, n]) for k in range(10)) + b"uq" + bytes([n + 1])
        for n in range(200)
    )
    many = f"more than {MAX_OPCODES:,} opcodes"
    million = 10**6
    found |= {  # bombs
        "a billion laughs in tuples": (laughs_tuple + b".", "more than one value"),
        "a billion laughs in tuples as a value": (
            b"\x80\x04}" + text("x") + laughs_tuple[2:] + tuple_() + b"s.",
            "put into",
        ),
        "a billion laughs in tuples alone": (laughs_tuple + b"0.", "is no opcode"),
        "a billion laughs in lists": (laughs_list + b".", "more than one value"),
        "a billion laughs in dicts": (laughs_dict + b".", "more than one value"),
        "a billion laughs as a shape": (
            held(array(shape=b"(" + laughs_tuple[2:] + b"t")),
            "a tuple of 201 as shape",
        ),
        "a billion laughs as a side": (
            laughs_tuple + array(shape=b"h\xc8\x85") + b".",
            "a tuple of 10 in the shape",
        ),
        "a billion laughs as a name": (held(array(), b"(" + laughs_tuple[2:] + b"t"), "name"),
        "a billion laughs as a dtype": (
            held(call("numpy", "dtype", laughs_tuple[2:])),
            "with arguments that NumPy does not write",
        ),
        "a billion laughs as a state": (held(EMPTY + b"(" + laughs_tuple[2:] + b"tb"), "a state"),
        "a list in itself": (b"\x80\x04]q\0h\0a.", "item 1 is a list of 1"),
        "a list in itself twice": (b"\x80\x04]q\0(h\0h\0e.", "the value of W1 is a list of 2"),
        "a list in a tuple in itself": (b"\x80\x04]q\0h\0h\0\x86a.", "the value of W1 is a list"),
        "a dict in itself": (b"\x80\x04}q\0" + text("x") + b"h\0s.", "x is a dict of 1"),
        "tuples as deep as may be": (
            b"\x80\x04)" + b"\x85" * (MAX_OPCODES - 3) + b".",
            "item 1 is a tuple",
        ),
        "deep lists, well formed": (deep(b"](", b"e"), "item 1 is a list of 1"),
        "very many marks": (b"\x80\x04" + b"(" * million + b".", many),
        "very many dicts": (b"\x80\x04" + b"}" * million + b".", many),
        "very many texts": (b"\x80\x04" + b"\x8c\0" * million + b".", many),
        "very many memo entries": (b"\x80\x04}" + b"\x94" * million + b".", many),
        "very many globals": (b"\x80\x04" + glob("numpy", "dtype") * 200_000 + b".", many),
        "very many protocols": (b"\x80\x04" * million, "byte 2: protocol 4"),
        "very many names for one array": (
            b"\x80\x04}" + array() + b"q\0t" + (text("n") + b"h\0") * million + b"u.",
            "a mark is looked for",
        ),
        "very many names for one array, well formed": (
            b"\x80\x04}("
            + text("first")
            + array()
            + b"q\0"
            + b"".join(text(str(n)) + b"h\0" for n in range(200_000))
            + b"u.",
            many,
        ),
        "one megabyte used by very many arrays": (
            b"\x80\x04"
            + raw(bytes(million))
            + b"q\0"
            + b"("
            + array(shape=tuple_(whole(million // 4)), data=b"h\0") * 1000
            + b"t.",
            "the arrays up to here take more bytes than the file has",
        ),
        "one megabyte of text used by very many arrays": (
            b"\x80\x04"
            + call("_codecs", "encode", text("\xff" * million), text("latin1"))
            + b"q\0("
            + array(shape=tuple_(whole(million // 4)), data=b"h\0") * 1000
            + b"t.",
            "the arrays up to here take more bytes than the file has",
        ),
        "one megabyte of text measured very often": (
            b"\x80\x04"
            + call("_codecs", "encode", text("\xff" * million), text("latin1"))
            + b"q\0("
            + array(shape=tuple_(b"K\1"), data=b"h\0") * 1000
            + b"t.",
            "2000000 bytes for shape (1,) of float32, which takes 4",
        ),
        "a line that never ends": (b"c" + b"a" * million, "a line that does not end"),
        "very many lines that never end": (
            b"\x80\x04" + (b"c" + b"a" * 998) * 1000,
            "a line that does not end within 1000 bytes",
        ),
        "a name of a megabyte": (held(array(), text("x" * million)), "of 1000000 bytes"),
        "a global of a megabyte": (
            held(text("os" * million) + text("x") + b"\x93"),
            "a name of 2000000 bytes; the limit is 1000",
        ),
    }
    ff = b"J\xff\xff\xff\xff"
    shapes = {
        "of a negative side": (tuple_(b"K\2", ff), "-1 in the shape"),
        "of two negative sides": (tuple_(ff, b"J\xfa\xff\xff\xff"), "-1 in the shape"),
        "of truth values": (tuple_(b"\x88", b"K\6"), "True in the shape"),
        "of None": (tuple_(b"N"), "None in the shape"),
        "of text": (tuple_(text("6")), "text in the shape"),
        "that is a list": (b"](K\2K\3e", "a list of 2 as shape"),
        "that is a number": (b"K\6", "6 as shape"),
        "that is None": (b"N", "None as shape"),
        "too small": (
            tuple_(b"K\2", b"K\2"),
            "24 bytes for shape (2, 2) of float32, which takes 16",
        ),
        "too large": (
            tuple_(b"K\2", b"K\4"),
            "24 bytes for shape (2, 4) of float32, which takes 32",
        ),
        "of no axis": (b")", "24 bytes for shape () of float32"),
        "without numbers": (tuple_(b"K\0", b"K\3"), "which takes 0"),
        "of 2**40": (tuple_(whole(1 << 40)), "more bytes than the file has"),
        "of 2**70": (tuple_(whole(1 << 70)), "a shape that no array can have"),
        "whose product overflows to 6": (
            tuple_(whole((1 << 63) + 3), b"K\2"),
            "a shape that no array can have",
        ),
        "whose product overflows to 0": (
            tuple_(whole(1 << 32), whole(1 << 32)),
            "a shape that no array can have",
        ),
        "that hides its size behind a 0": (
            tuple_(b"K\0", whole(1 << 62)),
            "a shape that no array can have",
        ),
        "of 65 axes": (tuple_(b"K\2", b"K\3", b"K\1" * 63), "a tuple of 65 as shape"),
        "of 40,000 axes": (tuple_(b"K\2" * 40_000), "a tuple of 40000 as shape"),
    }
    found |= {f"a shape {name}": (held(array(shape=s)), said) for name, (s, said) in shapes.items()}
    codes = (
        "O O8 V8 U4 S3 a3 M8 m8 c8 c16 f16 g f f1 f3 i i3 b B ? u0 f4,f4 <f4 3f4 (2,)f4 float32 F4"
    )
    found |= {
        f"the dtype {code}": (held(array(kind=dtype(code))), f"the dtype {code}; known: b1 i1")
        for code in [*codes.split(), "names"]
    }
    written = "that NumPy does not write"
    found |= {  # dtypes
        "a dtype of a code with a line's end": (held(dtype("f4\n")), "the dtype f4\\n; known"),
        "a dtype of a long code": (held(dtype("f" * 5000)), "of 5000 bytes"),
        "a dtype of no text": (held(call("numpy", "dtype", b"NN")), written),
        "a dtype from a list of fields": (
            held(call("numpy", "dtype", b"]", b"\x89", b"\x88")),
            written,
        ),
        "a dtype from a global": (
            held(call("numpy", "dtype", glob("numpy", "ndarray"), b"\x89", b"\x88")),
            written,
        ),
        "a dtype aligned": (held(dtype(align=b"\x88")), written),
        "a dtype of one argument": (held(call("numpy", "dtype", text("f4"))), written),
        "a dtype without byte order": (
            held(array(kind=call("numpy", "dtype", text("f4"), b"\x89", b"\x88"))),
            "a dtype instead of a dtype with its byte order",
        ),
        "a dtype with two byte orders": (held(F4 + tuple_(*STATE) + b"b"), "gets a state"),
        **{
            f"a dtype in byte order {order}": (
                held(dtype(state=state(i1=text(order)))),
                "the byte order",
            )
            for order in ("|", "=", "", "<<", "!", "O")
        },
        "a dtype of one byte in byte order <": (held(dtype("i1")), "the byte order"),
        "a dtype of version 4": (held(dtype(state=(*state(i0=b"K\4"), b"}"))), "gets a state"),
        "a dtype of version 2": (held(dtype(state=state(i0=b"K\2"))), "gets a state"),
        "a dtype with a subarray": (held(dtype(state=state(i2=SHAPE))), "gets a state"),
        "a dtype with names": (held(dtype(state=state(i3=tuple_(text("a"))))), "gets a state"),
        "a dtype with fields": (held(dtype(state=state(i4=b"}"))), "gets a state"),
        "a dtype with a size": (held(dtype(state=state(i5=b"K\1"))), "gets a state"),
        "a dtype with an alignment": (held(dtype(state=state(i6=b"K\1"))), "gets a state"),
        "a dtype with flags": (held(dtype(state=state(i7=b"K\x3f"))), "gets a state"),
        "a dtype with a list as state": (held(F4[:-1] + b"]b"), "gets a state"),
        "a dtype with a short state": (held(dtype(state=STATE[:3])), "gets a state"),
        "a dtype as the value": (held(F4), "the value of x is a dtype"),
    }
    found |= {  # arrays
        "an array of another class": (
            held(call(CORE, "_reconstruct", glob("numpy", "dtype"), tuple_(b"K\0"), raw(b"b"))),
            written,
        ),
        "an array of a first shape": (
            held(
                call(
                    CORE,
                    "_reconstruct",
                    glob("numpy", "ndarray"),
                    tuple_(whole(1 << 40)),
                    raw(b"b"),
                )
            ),
            written,
        ),
        "an array of objects at first": (
            held(call(CORE, "_reconstruct", glob("numpy", "ndarray"), tuple_(b"K\0"), raw(b"O"))),
            written,
        ),
        "an array without values": (held(EMPTY), "x is an array without values"),
        "an array with values twice": (
            held(array() + tuple_(b"K\1", SHAPE, F4, b"\x89", DATA) + b"b"),
            "an array gets a state",
        ),
        "an array of version 2": (held(array(version=b"K\2")), "gets a state"),
        "an array without version": (
            held(EMPTY + tuple_(SHAPE, F4, b"\x89", DATA) + b"b"),
            "state",
        ),
        "an array in order 2": (held(array(fortran=b"K\2")), "gets a state"),
        "an array in order None": (held(array(fortran=b"N")), "gets a state"),
        "an array of text": (held(array(data=text("x" * 24))), "text instead of an array's bytes"),
        "an array of a list": (held(array(data=b"]")), "a list of 0 instead of an array's bytes"),
        "an array of None": (held(array(data=b"N")), "None instead of an array's bytes"),
        "an array of an array": (held(array(data=array())), "an array instead of an array's bytes"),
        "an array without dtype": (held(array(kind=b"N")), "None instead of a dtype"),
        "an array with text as dtype": (held(array(kind=text("f4"))), "text instead of a dtype"),
        "an array with too few bytes": (held(array(data=raw(bytes(23)))), "23 bytes for shape"),
        "an array with too many bytes": (held(array(data=raw(bytes(25)))), "25 bytes for shape"),
        "an array with no bytes": (held(array(data=raw(b""))), "0 bytes for shape"),
        "truth values of 2": (
            held(array(kind=dtype("b1", state=state(i1=text("|"))), data=raw(b"\0\1\2\0\1\0"))),
            "a truth value that is neither 0 nor 1",
        ),
        "a scalar with too many bytes": (
            held(call(CORE, "scalar", F4, DATA)),
            "24 bytes for shape ()",
        ),
        "a scalar of text": (held(call(CORE, "scalar", F4, text("abcd"))), "text instead"),
        "a scalar without bytes": (held(call(CORE, "scalar", F4)), written),
        "a scalar of an object": (held(call(CORE, "scalar", dtype("O"), b"N")), "the dtype O"),
        "a scalar of no dtype": (
            held(call(CORE, "scalar", text("f4"), DATA)),
            "instead of a dtype",
        ),
        "a buffer in order A": (held(buffered(DATA, F4, SHAPE, text("A"))), written),
        "a buffer in order K without axes": (held(buffered(DATA, F4, SHAPE, text("K"))), written),
        "a buffer in order None": (held(buffered(DATA, F4, SHAPE, b"N")), "None instead of a name"),
        "a buffer in order C with axes": (
            held(buffered(DATA, F4, SHAPE, text("C"), tuple_(b"K\1", b"K\0"))),
            written,
        ),
        "a buffer of text": (held(buffered(text("x"), F4, SHAPE, text("C"))), "text instead"),
        "a buffer too small": (
            held(buffered(raw(b"x"), F4, SHAPE, text("C"))),
            "1 bytes for shape",
        ),
        "a buffer of six arguments": (held(buffered(DATA, F4, SHAPE, b"NNN")), written),
        **{
            f"axes {name}": (held(buffered(DATA, F4, SHAPE, text("K"), axes)), said)
            for name, axes, said in [
                ("doubled", tuple_(b"K\0", b"K\0"), "axes that are not those of a tuple of 2"),
                ("beyond", tuple_(b"K\1", b"K\2"), "axes that are not those"),
                ("negative", tuple_(ff, b"K\0"), "-1 in the axes"),
                ("missing", tuple_(b"K\0"), "axes that are not those"),
                ("of text", tuple_(text("0"), b"K\1"), "text in the axes"),
                ("in a list", b"](K\1K\0e", "a list of 2 as axes"),
                ("very many", tuple_(b"K\1" * 40_000), "a tuple of 40000 as axes"),
            ]
        },
    }

    def encoded(data: bytes, codec: str = "latin1") -> bytes:
        return held(array(data=call("_codecs", "encode", data, text(codec))))

    broken = b"X" + struct.pack("<I", 24)
    found |= {  # bytes as text
        **{
            f"text encoded by {codec}": (encoded(text("x" * 24), codec), written)
            for codec in ("utf-8", "latin-1", "zlib", "rot13", "idna", "bz2", "antigravity", "hex")
        },
        "text encoded by a long codec": (encoded(text("x"), "l" * 5000), "of 5000 bytes"),
        "text encoded by no codec": (held(call("_codecs", "encode", text("x"))), written),
        "text encoded by three arguments": (
            held(call("_codecs", "encode", text("x"), text("latin1"), text("ignore"))),
            written,
        ),
        "bytes encoded": (encoded(DATA), written),
        "text beyond Latin-1": (encoded(text("\u0100" * 12)), "characters beyond Latin-1"),
        "text with one far character": (encoded(text("x" * 20 + "\U0001f600")), "beyond Latin-1"),
        "text that is no UTF-8": (encoded(broken + b"\xff" * 24), "beyond Latin-1"),
        "text of endless continuation": (encoded(broken + b"\x80" * 24), "beyond Latin-1"),
        "text cut within a character": (encoded(broken + b"x" * 23 + b"\xc3"), "beyond Latin-1"),
        "text with a surrogate": (encoded(broken + b"\xed\xa0\x80" * 8), "beyond Latin-1"),
        "megabytes of continuation": (
            held(
                array(
                    shape=tuple_(whole(10**6)),
                    data=call(
                        "_codecs",
                        "encode",
                        b"X" + struct.pack("<I", 4 * 10**6) + b"\x80" * 4 * 10**6,
                        text("latin1"),
                    ),
                )
            ),
            "beyond Latin-1",
        ),
        "megabytes of text with one far character": (
            held(
                array(
                    shape=tuple_(whole(10**6)),
                    data=call(
                        "_codecs",
                        "encode",
                        text("x" * (4 * 10**6 - 4) + "\U0001f600"),
                        text("latin1"),
                    ),
                )
            ),
            "beyond Latin-1",
        ),
        "text of too many characters": (encoded(text("x" * 25)), "25 bytes for shape"),
        "text of too few characters": (encoded(text("\xff" * 12 + "x" * 11)), "23 bytes for shape"),
        "text of two bytes each": (encoded(text("\xff" * 25)), "50 bytes for shape"),
        "empty bytes for a full array": (held(array(data=call("builtins", "bytes"))), "0 bytes"),
        "bytes of a size": (held(call("builtins", "bytes", whole(1 << 40))), written),
    }
    expected = "; an array is expected"
    found |= {  # names and values
        "a number as name": (held(array(), b"K\1"), "1 instead of an array's name"),
        "None as name": (held(array(), b"N"), "None instead of an array's name"),
        "a tuple as name": (held(array(), b")"), "a tuple of 0 instead of an array's name"),
        "a list as name": (held(array(), b"]"), "a list of 0 instead of an array's name"),
        "a dict as name": (held(array(), b"}"), "a dict of 0 instead of an array's name"),
        "an array as name": (held(array(), array()), "an array instead of an array's name"),
        "bytes as name": (held(array(), raw(b"x")), "bytes instead of an array's name"),
        "a string that is no text as name": (held(array(), b"U\1\xff"), "that is not UTF-8"),
        "a surrogate as name": (held(array(), b"X\3\0\0\0\xed\xa0\x80"), "that is not UTF-8"),
        "a name twice": (
            b"\x80\x04}(" + (text("x") + array()) * 2 + b"u.",
            "the name x comes twice",
        ),
        "a name in text and as Python 2's string": (
            b"\x80\x04}(" + text("x") + array() + b"U\1x" + array() + b"u.",
            "the name x comes twice",
        ),
        "None as value": (held(b"N"), "x is None" + expected),
        "a number as value": (held(b"K\7"), "x is 7" + expected),
        "text as value": (held(text("hello")), "x is text" + expected),
        "bytes as value": (held(DATA), "x is bytes" + expected),
        "a dict as value": (held(b"}"), "x is a dict of 0" + expected),
        "a list of arrays as value": (held(b"]" + array() + b"a"), "x is a list of 1" + expected),
        "a global as value": (held(glob("numpy", "dtype")), "x is the name dtype" + expected),
        "a name with control characters": (held(b"N", text("\x1b[2J\n")), r"of \x1b[2J\n is None"),
        "a long name": (held(b"N", text("n" * 999)), "n... is None"),
        "None alone": (b"\x80\x04N.", "the pickle holds None; a dict of arrays"),
        "a number alone": (b"\x80\x04K\1.", "the pickle holds 1;"),
        "text alone": (b"\x80\x04" + text("x") + b".", "the pickle holds text;"),
        "an array alone": (b"\x80\x04" + array() + b".", "the pickle holds an array;"),
        "a list of numbers": (b"\x80\x04](K\1K\2e.", "item 1 is 1; a list of arrays"),
        "a list of single arrays": (b"\x80\x04]" + array() + b"\x85a.", "item 1 is a tuple of 1"),
        "a list of triples": (b"\x80\x04]" + array() * 3 + b"\x87a.", "item 1 is a tuple of 3"),
        "a list of arrays and pairs": (
            b"\x80\x04](" + array() * 2 + b"\x86" + array() + b"e.",
            "item 2 is an array",
        ),
        "a list of pairs of numbers": (b"\x80\x04]K\1K\2\x86a.", "the value of W1 is 1"),
        "a list of dicts": (b"\x80\x04]}a.", "item 1 is a dict of 0"),
    }
    return found


HARMLESS = {
    "one array": held(array()),
    "one array in Fortran order": held(array(fortran=b"\x88")),
    "one scalar": held(call(CORE, "scalar", F4, raw(bytes(4)))),
    "one buffer": held(buffered(DATA, F4, SHAPE, text("C"))),
    "one buffer in Fortran order": held(buffered(DATA, F4, SHAPE, text("F"))),
    "one array of text": held(
        array(data=call("_codecs", "encode", text("x" * 24), text("latin1")))
    ),
    "one empty array": held(array(shape=tuple_(b"K\0"), data=call("builtins", "bytes"))),
}

READER = """
import json, sys, time, tracemalloc
from pathlib import Path
from hyalite.errors import FileFormatError
from hyalite.files.pickles import import_pickle

events, listening = [], False

def hook(event, arguments):
    if listening:
        events.append([event, str(arguments[0]) if event == "open" else ascii(arguments)[:200]])

def read(path):
    try:
        import_pickle(path)
    except BaseException as error:
        return [type(error).__name__, str(error)]

sys.addaudithook(hook)
results = {}
for path in sorted(Path(sys.argv[1]).glob("*.pkl")):
    events.clear()
    start, listening = time.process_time(), True
    said = read(path)
    listening = False
    seconds = time.process_time() - start
    tracemalloc.start()  # in a second reading, since it makes the bombs ten times slower
    read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    results[path.name] = dict(said=said, events=list(events), seconds=seconds, peak=peak)
print(json.dumps(results))
"""


@pytest.fixture(scope="session")
def readings(tmp_path_factory):
    """What came of reading every hostile and harmless pickle in a process that is listened to."""
    folder = tmp_path_factory.mktemp("pickles")
    canary = folder / "canary"
    contents = {name: content for name, (content, _) in hostile(str(canary)).items()}
    contents |= HARMLESS | recordings()
    paths = {}
    for number, (name, content) in enumerate(contents.items()):
        paths[name] = folder / f"{number:04}.pkl"
        paths[name].write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-c", READER, str(folder)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    results = json.loads(done.stdout)
    return canary, {name: (path, results[path.name]) for name, path in paths.items()}


@functools.cache
def sayings() -> dict[str, str]:
    return {name: said for name, (_, said) in hostile("/canary").items()}


def test_there_are_more_than_a_hundred_hostile_pickles_of_many_kinds():
    assert len(sayings()) > 400
    assert len(set(sayings().values())) > 200


@pytest.mark.parametrize("name", sayings())
def test_hostile_pickles_are_refused_with_one_error_and_nothing_else_happens(readings, name):
    canary, results = readings
    path, result = results[name]
    assert result["said"] is not None, "it was read"
    kind, message = result["said"]
    assert kind == "FileFormatError", message
    assert sayings()[name] in message
    assert message.startswith(f"{path}: ")
    assert message.isprintable()
    assert len(message) < len(str(path)) + 300
    assert result["events"] == [["open", str(path)]]
    assert result["seconds"] < 1
    assert result["peak"] < 2 * path.stat().st_size + ALLOWANCE
    assert not canary.exists()


@pytest.mark.parametrize("name", [*HARMLESS, *recordings()])
def test_reading_arrays_does_nothing_but_open_the_file(readings, name):
    _, results = readings
    path, result = results[name]
    assert result["said"] is None
    assert result["events"] == [["open", str(path)]]
    assert result["peak"] < 2 * path.stat().st_size + ALLOWANCE


@pytest.mark.parametrize("name", HARMLESS)
def test_the_hostile_pickles_are_made_of_parts_that_read_and_mean_what_pickle_means(pickled, name):
    path = pickled(HARMLESS[name])
    with path.open("rb") as file:
        assert_same(import_pickle(path), {"x": np.asarray(pickle.load(file)["x"])})


@pytest.mark.skipif(sys.platform == "win32", reason="the calls are those of a POSIX shell")
@pytest.mark.parametrize("name", ["posix.system", "os.popen", "subprocess.Popen", "builtins.eval"])
def test_the_real_pickle_would_have_run_them(tmp_path, name):
    canary = tmp_path / "canary"
    content = hostile(str(canary))[f"{name} by STACK_GLOBAL"][0]
    code = "import pickle, sys; pickle.loads(sys.stdin.buffer.read())"
    subprocess.run([sys.executable, "-c", code], input=content, timeout=30, check=True)
    patience = time.monotonic() + 10  # a shell may outlive the process that began it
    while not canary.exists():
        assert time.monotonic() < patience
        time.sleep(0.01)


# Damage -----------------------------------------------------------------------------------------


def small(protocol):
    return pickle.dumps({"W": np.arange(6, dtype="f4").reshape(2, 3)}, protocol)


@pytest.mark.parametrize("protocol", [1, 2, 3, 4, 5])
def test_every_truncation_is_refused(pickled, protocol):
    content = small(protocol)
    for length in range(len(content)):
        with pytest.raises(FileFormatError):
            import_pickle(pickled(content[:length]))


@pytest.mark.parametrize("protocol", [1, 2, 3, 4, 5])
def test_every_change_of_one_byte_gives_arrays_of_the_same_shapes_or_the_one_error(
    pickled, protocol
):
    content, shapes, read = small(protocol), [(2, 3)], 0
    rng = random.Random(protocol)
    with pickled(content).open("r+b", buffering=0) as file:  # in place: files are slow to make
        for place, old in enumerate(content):
            # every value at one protocol; every bit and some opcodes at the others, to save time
            some = {old ^ 1 << bit for bit in range(8)} | set(rng.choices(content, k=8))
            for new in (*(range(256) if protocol == 4 else some), old):
                file.seek(place)
                file.write(bytes([new]))
                try:
                    found = import_pickle(file.name)
                except FileFormatError:
                    assert new != old
                else:
                    assert [array.shape for array in found.values()] == shapes, (place, new)
                    # nothing that was accepted could do harm, so the real one may say what it means
                    real = pickle.loads(Path(file.name).read_bytes(), encoding="latin1")
                    assert_same(found, real)
                    read += 1
    assert read > 2 * len(content)  # the values, the letters of names, and the old bytes


def test_random_opcodes_give_arrays_or_the_one_error(pickled):
    rng = random.Random(0)
    parts = [bytes([code]) for code in range(256)] + [text("a"), text("b"), DATA, F4, EMPTY, SHAPE]
    parts += [array(), b"K\1", b"h\0", b"q\0", b"(", b"t", b"}", b"R", b"b", b"u", b"s", b"."] * 10
    for _ in range(3000):
        content = b"\x80\x04" + b"".join(rng.choices(parts, k=rng.randrange(1, 40))) + b"."
        try:
            found = import_pickle(pickled(content))
        except FileFormatError:
            continue
        assert all(isinstance(value, np.ndarray) for value in found.values())


def test_the_error_names_the_path_the_byte_and_what_was_found(pickled):
    path = pickled(b"\x80\x04}" + text("x") + call("os", "system", text("true")) + b"s.")
    with pytest.raises(FileFormatError) as raised:
        import_pickle(path)
    assert str(raised.value) == (
        f"{path}: byte 9: the global os.system is not an array's; a pickle can run code, and this "
        "one asks to. Only arrays are read, in a dict or a list"
    )


def test_protocol_0_is_refused_with_the_way_out(pickled):
    with pytest.raises(FileFormatError, match="write the pickle again with protocol=2 or later"):
        import_pickle(pickled({"x": np.zeros(3)}, 0))


def _zipped(member):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(member, b"x")
    return stream.getvalue()


def _saved(save, *arrays, **named):
    stream = io.BytesIO()
    save(stream, *arrays, **named)
    return stream.getvalue()


OTHERS = {
    "npz": (_saved(np.savez, W1=np.ones(2)), [r"\.npz", "allow_pickle=False", "set_weights"]),
    "npz, no names": (_saved(np.savez, np.ones(2)), [r"\.npz"]),
    "npz, compressed": (_saved(np.savez_compressed, W1=np.ones(2)), [r"\.npz"]),
    "npy": (_saved(np.save, np.ones(2)), [r"\.npy", "allow_pickle=False"]),
    "torch": (_zipped("archive/data.pkl"), ["torch.save", "weights_only=True"]),
    "torch, old": (pickle.dumps(0x1950A86A20F9469CFC6C, 2), ["torch.save", "weights_only=True"]),
    "keras": (_zipped("metadata.json"), ["Keras", "get_weights"]),
    "HDF5": (b"\x89HDF\r\n\x1a\n", ["HDF5", "h5py"]),
    "zip": (_zipped("weights.pkl"), ["zip archive", "unpack"]),
    "gzip": (gzip.compress(pickle.dumps({"x": np.ones(2)})), ["gzip", "unpack"]),
    "bzip2": (bz2.compress(pickle.dumps({"x": np.ones(2)})), ["bzip2", "unpack"]),
    "xz": (lzma.compress(pickle.dumps({"x": np.ones(2)})), ["xz", "unpack"]),
    "zlib": (zlib.compress(pickle.dumps({"x": np.ones(2)}), 3), ["zlib", "unpack"]),
    "safetensors": (struct.pack("<Q", 2) + b'{"', ["safetensors", "hyalite.load"]),
}


@pytest.mark.parametrize(("content", "said"), OTHERS.values(), ids=OTHERS)
def test_another_kind_of_file_is_called_by_its_name(pickled, content, said):
    path = pickled(content)
    with pytest.raises(FileFormatError) as raised:
        import_pickle(path)
    text = str(raised.value).removeprefix(str(path))
    assert text.startswith(": no pickle but ")
    for part in said:
        assert re.search(part, text), text
    assert "run code" not in text


def test_a_file_of_joblib_says_how_to_write_it_instead(pickled):
    content = b"\x80\x04cjoblib.numpy_pickle\nNumpyArrayWrapper\n."
    with pytest.raises(
        FileFormatError, match=r"joblib\.dump wrote it.*pickle\.dump or numpy\.savez"
    ):
        import_pickle(pickled(content))


def test_a_name_may_look_like_another_kind_of_file(pickled):
    for name in ('{"', '":{"', "PK\3\4", "x"):
        for protocol in range(1, 6):
            assert list(import_pickle(pickled({name: np.ones(2)}, protocol))) == [name]


# Dense layers -----------------------------------------------------------------------------------


def layers(*sides, **changes):
    arrays = {}
    for number in range(len(sides) - 1, 0, -1):  # backwards: the order must not matter
        arrays[f"b{number}"] = np.full(sides[number], number, "f4")
        arrays[f"W{number}"] = np.full((sides[number - 1], sides[number]), number, "f4")
    return arrays | changes


def test_dense_arrays_come_in_the_order_of_their_numbers():
    pairs = dense_arrays(layers(*range(1, 13)))
    assert [W.shape for W, _ in pairs] == [(n, n + 1) for n in range(1, 12)]
    assert [b.shape for _, b in pairs] == [(n + 1,) for n in range(1, 12)]
    assert [int(W.flat[0]) for W, _ in pairs] == list(range(1, 12))


def test_dense_arrays_take_biases_of_one_row():
    arrays = layers(3, 2, b1=np.array([[5.0, 6.0]]))
    ((_, b),) = dense_arrays(arrays)
    assert b.tolist() == [5, 6]
    assert np.shares_memory(b, arrays["b1"])


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        (
            {},
            "there is no array W1; dense layers have W1, b1, W2, .* and no others. Found: none",
        ),
        ({"gamma": np.ones(3)}, "there is no array W1; .* Found: gamma"),
        ({"0": np.ones((2, 3)), "1": np.ones(3)}, "there is no array W1; .* Found: 0, 1"),
        (layers(3, 2) | {"W2": np.ones((2, 2))}, "there is no array b2; .* Found: b1, W1, W2"),
        (layers(3, 2) | {"gamma": np.ones(3)}, "there is no array W2"),
        (layers(3, 2) | {"W3": np.ones((2, 2)), "b3": np.ones(2)}, "there is no array W2"),
        (layers(3, 2) | {"W01": np.ones((3, 2)), "b01": np.ones(2)}, "there is no array W2"),
        (layers(*[2] * 20) | {"x": np.ones(1)}, r"there is no array W20; .*, \.\.\.$"),
        (layers(3, 2, W1=np.ones(3)), r"W1 has shape \(3,\); expected \(inputs, outputs\), none 0"),
        (layers(3, 0), r"W1 has shape \(3, 0\)"),
        (layers(3, 2, 4, W2=np.ones((5, 4))), r"W2 has shape \(5, 4\); expected \(2, outputs\)"),
        (layers(3, 2, b1=np.ones(3)), r"b1 has shape \(3,\); W1 with \(3, 2\) needs \(2,\)"),
        (layers(3, 2, b1=np.ones((2, 1))), r"b1 has shape \(2, 1\)"),
        (layers(3, 1, b1=np.ones(())), r"b1 has shape \(\)"),
    ],
)
def test_dense_arrays_that_do_not_fit_are_refused_by_name(arrays, said):
    with pytest.raises(FileFormatError, match=said):
        dense_arrays(arrays)


def convolutions(**changes):
    """Two convolutions, on 6 x 6 pixels of 3 channels, and two dense layers behind them."""
    shapes = {"W1": (4, 3, 3, 2), "W2": (5, 4, 1, 2), "W3": (5 * 6 * 6, 7), "W4": (7, 2)}
    arrays = {name: np.arange(np.prod(shape)).reshape(shape) for name, shape in shapes.items()}
    return arrays | {f"b{n}": np.arange(size) for n, size in enumerate((4, 5, 7, 2), 1)} | changes


def test_convolution_arrays_come_with_channels_last():
    arrays = convolutions()
    kernels, pairs = convolution_arrays(arrays)
    assert [W.shape for W, _ in kernels] == [(3, 2, 3, 4), (1, 2, 4, 5)]
    assert kernels[0][0][2, 1, 0, 3] == arrays["W1"][3, 0, 2, 1]
    W, b = pairs[0]
    assert W.reshape(6, 6, 5, 7)[4, 1, 3, 6] == arrays["W3"].reshape(5, 6, 6, 7)[3, 4, 1, 6]
    assert b.tolist() == list(range(7))
    np.testing.assert_array_equal(pairs[1][0], arrays["W4"])


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        (layers(3, 2), "W1 has no four dimensions"),
        (convolutions(W2=np.ones((5, 3, 1, 2))), r"W2 has shape \(5, 3, 1, 2\); .*\(filters, 4,"),
        (convolutions(W1=np.ones((4, 3, 0, 2))), r"W1 has .*\(filters, channels, rows, .* none 0"),
        (convolutions(b2=np.ones(4)), r"b2 has shape \(4,\); W2 with \(5, 4, 1, 2\) needs \(5,\)"),
        ({"W1": np.ones((4, 3, 3, 2))}, r"b1 is missing; W1 with \(4, 3, 3, 2\) needs \(4,\)"),
        ({"W1": np.ones((4, 3, 3, 2)), "b1": np.ones(4)}, "there is no array W2"),
        (convolutions(W3=np.ones((175, 7))), "W3 has 175 rows, which are no square .* 5 channels"),
        (convolutions(W4=np.ones((6, 2))), r"W4 has shape \(6, 2\); expected \(7, outputs\)"),
    ],
)
def test_convolution_arrays_that_do_not_fit_are_refused_by_name(arrays, said):
    with pytest.raises(FileFormatError, match=said):
        convolution_arrays(arrays)


def test_the_table_of_dtypes_is_tested_in_full():
    assert set(CODES) == set(DTYPES)
