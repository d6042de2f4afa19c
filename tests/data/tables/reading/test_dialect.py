"""Where the delimiter and the header are."""

from __future__ import annotations

import io

import pytest

from hyalite.data.tables.reading.dialect import BLANK, HEAD, Dialect, sniff


@pytest.mark.parametrize(
    ("text", "delimiter", "skipped"),
    [
        ("a,b\n1,2\n", ",", 0),
        ("a;b\n1,5;2\n", ";", 0),
        ("a;b\n1,5;2,5\n", ";", 0),
        ("a\tb\n1,5\t2;5\n", "\t", 0),
        ("a|b\n1|2\n", "|", 0),
        ('"area (m2, net)";"rooms, all";"price, EUR"\n116.4;5;140814\n', ";", 0),
        ('name,text\n1,"a;b"\n2,"c;d"\n', ",", 0),
        ("id,tags,x\n1,a;b,3\n2,c;d,4\n", ",", 0),
        ("sep=;\na,x;b\n1;2\n", ";", 1),
        ("SEP=,\na,b\n1,2\n", ",", 1),
        ("sep=\t\na\tb\n1\t2\n", "\t", 1),
        ('"sep=|"\na|b\n1|2\n', "|", 1),
        ("# a, b\n\nsep=;\na,x;b\n1;2\n", ";", 3),
        ("Report;;\nDate;2026;\na;b;c\n1;2;3\n", ";", 2),  # as spreadsheets pad titles
        ("Report;;\na;2026;c\n1;2;3\n", ";", 0),
        ("Report\na,b\nx,2\ny,4\n", ",", 1),
        ("Report\na,b\nx,z\ny,4\n", "\t", 0),
        ("# exported, by me\n#\n\na;b\n1;2\n", ";", 3),
        ("#exported,now\na,b\n1,2\n", ",", 1),
        ("#id,name\n1,x\n2,y\n", ",", 0),
        ("# made\n#id\tname\n1\tx\n", "\t", 1),
        ("Report of sales\n\na;b;c\n1;2;3\n", ";", 2),
        ("Report;;;\n;;;\na;b;c;d\n1;2;3;4\n5;6;7;8\n", ";", 2),
        ("text\nhello, you\nbye, him\n", "\t", 0),
        ("point\n1,2,3\n4,5,6\n", "\t", 0),
        ("place\nBonn, NRW, DE\nUlm, BW, DE\n", "\t", 0),
        ("a\n1,5\n2,5\n", "\t", 0),
        ("a,b,c\n1,2,3\nTotal\n", ",", 0),
        ('a,b\n"x\ny",1\n', ",", 0),
        (",a\n1,2\n", ",", 0),
        ("", ",", 0),
    ],
)
def test_delimiter_and_header(text: str, delimiter: str, skipped: int) -> None:
    found = sniff(io.StringIO(text, newline=""))
    assert (found.delimiter, found.skipped) == (delimiter, skipped)
    assert not found.after_blanks


@pytest.mark.parametrize(
    ("text", "blanks"),
    [
        ("x y\n1 2\n3 4\n", True),
        ("# measured\n  x    y\n  1  2.5 \n 10 -3\n", True),
        ('"a name" y\n"b c" 2\n', True),
        ("first last\nAda Lovelace\nAlan Turing\n", False),  # no numbers: one column
        ("1 2\n3 4\n", False),  # no names
        ("living area\n120\n90\n", False),
        ("a,b c\n1,2 x\n3,4 y\n", False),
    ],
)
def test_blanks_separate_where_nothing_else_does(text: str, blanks: bool) -> None:
    assert (sniff(io.StringIO(text, newline=""), blanks=True).delimiter == BLANK) == blanks
    assert sniff(io.StringIO(text, newline="")).delimiter != BLANK, "only if the name allows it"


def test_any_number_of_blanks_is_one() -> None:
    rows = Dialect(BLANK).rows(['  x   "y z" \r\n', "1 2"])
    assert list(rows) == [["x", "y z"], ["1", "2"]]


def test_what_is_said_goes_before_what_is_found() -> None:
    assert sniff(io.StringIO("sep=;\na;b,c\n1;2\n"), ",") == Dialect(",", 1)
    assert sniff(io.StringIO("a;b\n1;2\n"), ",").delimiter == ","


def test_quotation_marks_after_blanks() -> None:
    assert sniff(io.StringIO('a, b\n1, "x, y"\n')).after_blanks
    assert not sniff(io.StringIO('a,b\n"x, ""y""",1\n')).after_blanks


def test_a_head_that_ends_within_a_row() -> None:
    row = "1;2,5;3\n"
    text = "a;b;c\n" + row * (HEAD // len(row) + 10)
    assert sniff(io.StringIO(text)) == Dialect(";")
    wide = ";".join(["x"] * 300_000)
    assert sniff(io.StringIO(f"{wide}\n{wide}\n{wide}\n")) == Dialect(";")
