"""Write the cases of `test_pickles` with the running Python and NumPy into the recorded file.

Run it once in each environment, old ones, too; it is Python 2 and 3 alike for that:

    python tests/record_pickles.py tests/recorded/pickles.json

Each adds one entry such as "NumPy 1.16.6, Python 2.7": for every protocol from 1 on a pickle of
all cases, compressed with zlib, in base64.
"""

import base64
import json
import pickle
import platform
import sys
import zlib

import numpy as np

DTYPES = ["b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"]


def cases():
    """Arrays of every dtype and byte order in every layout, by name, the same in every version."""
    found = {}
    for code in DTYPES:
        for order in "|" if code.endswith("1") else "<>":
            dtype = np.dtype(order + code)
            values = (np.arange(24) * 37 % 128 - (0 if code[0] in "bu" else 64)).astype(dtype)
            name = order + code + " "
            found[name + "C"] = values[:6].reshape(2, 3).copy()
            found[name + "Fortran"] = np.asfortranarray(values[:6].reshape(2, 3))
            found[name + "strided"] = values.reshape(4, 6)[::2, ::-3]
            found[name + "transposed"] = values.reshape(2, 3, 4).transpose(1, 0, 2)
            found[name + "0-d"] = values[5].reshape(()).astype(dtype)
            found[name + "empty"] = values[:0].reshape(0, 3)
            found[name + "scalar"] = values[7]
            found[name + "read-only"] = values[:4].copy()
            found[name + "read-only"].flags.writeable = False
    return found


def main(path):
    """Add this environment's entry to the JSON file at `path`."""
    try:
        with open(path) as file:
            recorded = json.load(file)
    except IOError:  # noqa: UP024  # OSError is another one in Python 2
        recorded = {}
    version = ".".join(platform.python_version_tuple()[:2])
    entry = recorded["NumPy %s, Python %s" % (np.__version__, version)] = {}  # noqa: UP031
    for protocol in range(1, pickle.HIGHEST_PROTOCOL + 1):
        content = pickle.dumps(cases(), protocol)
        entry[str(protocol)] = base64.b64encode(zlib.compress(content, 9)).decode("ascii")
    with open(path, "w") as file:
        json.dump(recorded, file, indent=1, sort_keys=True)
        file.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
