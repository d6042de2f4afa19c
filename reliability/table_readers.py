"""Hostile tables: CSV and JSON grown from their own signs, Parquet footers, Excel's inner files."""

from __future__ import annotations

import bz2
import datetime as dt
import gzip
import io
import json
import struct
import zipfile
from pathlib import Path

import numpy as np

import hyalite as hy
from reliability.readers import LARGEST, Random, Reader, flipped, twisted

MAX_BYTES = 1 << 20  # of a table; inputs have at most 16 KiB
ROWS = ("area;rooms;town", "116,4;5;Bonn", '72;2;"Köln; Süd"', ";;", "1e5;-3;'x'")
SIGNS = (
    b'"', b'""', b",", b";", b"\t", b"|", b"\n", b"\r", b"\r\n", b"\0", b"#", b"sep=;\n", b"=",
    b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff", b"\xe4", b" ", b"", b"\x1f\x8b", b"PK\3\4",
    b"1" * 400, b",,,,,,,,", b'"' * 99, b"\n" * 300, b"\xe2\x80\xae", b"\x1b[31m", b"http://x/y.csv",
)  # fmt: skip


class TableReader(Reader):
    """Tables, whose reader goes by the ending."""

    def read(self, path: Path) -> object:
        """Every column, as long as the others."""
        table = hy.tables.read(path, max_bytes=MAX_BYTES)
        assert all(len(table[name]) == table.num_rows > 0 for name in table.column_names)
        return table


class Csv(TableReader):
    """CSV and its kin, plain and compressed."""

    name, inputs, ending = "CSV", 2_000_000, ".txt"  # of which all signs may separate

    def make(self, folder: Path) -> list[bytes]:
        lines = "\n".join(ROWS).encode()
        return [
            lines,
            lines.replace(b";", b",").replace(b"\n", b"\r\n"),
            b"# exported\n\n" + lines.replace(b";", b"\t"),
            "\n".join(ROWS).encode("utf-16"),
            b"a\n1\n\n3\n",
            b'area  rooms "a town"\n 116.4   5 Bonn \n72 2 K\n',
            b",".join(b"c%d" % n for n in range(900)) + b"\n" + b",".join([b"1"] * 900),
        ]

    def change(self, content: bytes, chance: Random) -> bytes:
        if chance.random() < 0.3:
            return flipped(content, chance)
        for _ in range(chance.choice((1, 2, 3, 8, 20))):
            place = chance.randrange(len(content) + 1)
            taken = place + chance.choice((0, 0, 0, 1, 2, 30))
            content = content[:place] + chance.choice(SIGNS) + content[taken:]
        if chance.random() < 0.1:  # compressed, at times a hundred times as much
            content *= chance.choice((1, 1, 500))
            packed = chance.choice((gzip.compress, bz2.compress))(content)
            return packed if chance.random() < 0.5 else flipped(packed, chance)
        return content[:LARGEST]


class Json(TableReader):
    """JSON, as a list and by lines."""

    name, inputs, ending = "JSON", 1_000_000, ".json"

    def make(self, folder: Path) -> list[bytes]:
        self.rows = [{"area": 116.4, "rooms": 5, "town": "Bonn"}, {"area": None, "sold": True}]
        lines = "\n".join(json.dumps(row) for row in self.rows)
        return [
            json.dumps(self.rows).encode(),
            lines.encode(),
            json.dumps(self.rows, indent=1).encode(),
        ]

    def change(self, content: bytes, chance: Random) -> bytes:
        if chance.random() < 0.3:
            return flipped(content, chance)
        if chance.random() < 0.05:
            return chance.choice((b"[", b'[{"a":', b"{")) * chance.choice((9, 5000))
        rows = list(self.rows) * chance.choice((1, 1, 20))
        for _ in range(chance.choice((1, 1, 2, 5))):
            place = chance.randrange(len(rows))
            rows[place] = twisted(rows[place], chance)
        if chance.random() < 0.5:
            return json.dumps(rows).encode()[:LARGEST]
        return "\n".join(map(json.dumps, rows)).encode()[:LARGEST]


class Parquet(TableReader):
    """Parquet, mostly with a footer of the right length and wrong content."""

    name, inputs, short, ending = "Parquet", 200_000, 60, ".parquet"
    allowance = 320 << 20  # DuckDB may take 256 MiB beside a table's own
    needs = {"duckdb": "tables"}

    def make(self, folder: Path) -> list[bytes]:
        from hyalite.data.tables.reading import parquet

        names = np.array(["Bonn", None, "Köln"] * 5, object)
        days = np.array(["2026-11-21", "NaT", "1970-01-01"] * 5, "M8[us]")
        columns = {
            "area": np.arange(15) / 7, "rooms": np.arange(15), "town": names, "day": days,
            "sold": np.arange(15) % 2 == 0, "same": np.full(15, 3.0),
        }  # fmt: skip
        found = []
        for chosen in (list(columns), ["town"], ["area", "rooms"]):
            parquet.write(folder / "good.parquet", {name: columns[name] for name in chosen})
            found.append((folder / "good.parquet").read_bytes())
        return found

    def change(self, content: bytes, chance: Random) -> bytes:
        if chance.random() < 0.3:
            return flipped(content, chance)
        (length,) = struct.unpack("<I", content[-8:-4])
        pages, footer = content[: -8 - length], content[-8 - length : -8]
        if chance.random() < 0.7:
            footer = flipped(footer, chance)
        else:
            pages = content[:4] + flipped(pages[4:], chance)
        return pages + footer + struct.pack("<I", len(footer)) + b"PAR1"


class Excel(TableReader):
    """Excel files whose archive is right and whose parts are not."""

    name, inputs, short, ending = "Excel", 200_000, 100, ".xlsx"
    needs = {"openpyxl": "excel"}

    def make(self, folder: Path) -> list[bytes]:
        import openpyxl

        book = openpyxl.Workbook()
        for row in (["area", "when", "sold", "town"], [116.4, dt.datetime(2026, 11, 21), True, "x"],
                    [None, dt.time(14, 30), "=1/0", "y"]):  # fmt: skip
            book.active.append(row)
        file = io.BytesIO()
        book.save(file)
        return [file.getvalue()]

    def change(self, content: bytes, chance: Random) -> bytes:
        if chance.random() < 0.2:
            return flipped(content, chance)
        file = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w") as new:
            names = [name for name in old.namelist() if chance.random() > 0.02]
            for name in names:
                part = old.read(name)
                if "sheet1" in name or chance.random() < 0.1:
                    part = _twisted_xml(part, chance)
                new.writestr(name, part, zipfile.ZIP_DEFLATED)
        return file.getvalue()


def _twisted_xml(part: bytes, chance: Random) -> bytes:
    for _ in range(chance.choice((1, 1, 2, 4))):
        if chance.random() < 0.3:
            part = flipped(part, chance)
            continue
        old, new = chance.choice(XML)
        part = part.replace(old, new, chance.choice((1, 1, 9)))
    return part


XML = (
    (b'r="A1"', b'r="XFD1048576"'), (b'r="D3"', b'r="ZZZZZ99999999999"'),
    (b'r="2"', b'r="1048575"'), (b'r="3"', b'r="0"'), (b't="n"', b't="s"'),
    (b't="inlineStr"', b't="s"'), (b"116.4", b"1e400"),
    (b"116.4", b"nan"), (b"116.4", b"-99999999999"), (b't="b"', b't="d"'), (b"<c ", b"<c><c "),
    (b's="1"', b's="4294967295"'), (b"<row", b"<row><row"), (b"<v>", b"<v>" + b"9" * 5000),
    (b"<worksheet", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><worksheet'),
    (b"<worksheet", b'<!DOCTYPE a [<!ENTITY b "cc"><!ENTITY c "&b;&b;">]><worksheet'),
    (b"<v>116.4", b"<v>&b;&c;"), (b"worksheet", b"chartsheet"),
    (b"sheet1.xml", b"../../../etc/passwd"),
)  # fmt: skip
