"""Names of columns as a file's header gives them."""

from __future__ import annotations

from pathlib import Path

import pytest

from hyalite.data.tables.reading.names import column_names
from hyalite.errors import FileFormatError


def test_blanks_go_and_empty_names_are_places() -> None:
    found = column_names(Path("t.csv"), [" a ", "", None, "rooms \n all", "A", "a b  c"])
    assert found == ["a", "column 2", "column 3", "rooms all", "A", "a b  c"]


def test_a_name_is_there_once() -> None:
    with pytest.raises(FileFormatError, match=r"t\.csv: two columns are named 'a', the 1\. and th"):
        column_names(Path("t.csv"), ["a", "b", "a "])
    with pytest.raises(FileFormatError, match=r"named '�\[2J', the 1\. .* \(and 1 more\)"):
        column_names(Path("t.csv"), ["\x1b[2J", "\x1b[2J", "column 4", ""])
