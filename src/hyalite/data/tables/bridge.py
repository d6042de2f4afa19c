"""For the time being: a table of texts as a frame with types, until columns are understood here."""

from __future__ import annotations

import csv as writing
import io
from typing import Any

from hyalite.data.tables.table import Table


def frame_of(table: Table) -> Any:
    """A pyarrow table, texts with the types that pyarrow infers."""
    import pyarrow as arrow
    from pyarrow import csv

    columns = {name: arrow.array(values) for name, values in table.columns.items()}
    texts = [name for name, values in table.columns.items() if values.dtype == object]
    if texts:
        file = io.StringIO()
        out = writing.writer(file, quoting=writing.QUOTE_ALL)
        out.writerow(texts)
        out.writerows(zip(*(table[name].tolist() for name in texts), strict=True))
        options = csv.ConvertOptions(
            null_values=["", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "?"],
            strings_can_be_null=True,
            decimal_point="," if table.delimiter == ";" else ".",
            timestamp_parsers=[csv.ISO8601, "%Y/%m/%d", "%d.%m.%Y"],
        )
        parsing = csv.ParseOptions(newlines_in_values=True)
        found = csv.read_csv(
            io.BytesIO(file.getvalue().encode()), csv.ReadOptions(), parsing, options
        )
        columns.update({name: found[name] for name in texts})
    return arrow.table(columns)
