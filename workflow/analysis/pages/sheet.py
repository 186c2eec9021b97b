"""Comma-separated values that are safe to open in a spreadsheet: numbers stay numbers, text is never a formula."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence

NUMBER = re.compile(r"[+-]?(\d[\d,]*\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
CONTROLS = ("\t", "\n")  # at the start they are dropped, and what follows is computed
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # in full width, too


def safe_cell(value: object) -> object:
    """Put an apostrophe before text that a spreadsheet would compute; numbers and all else stay.

    A lone carriage return becomes a line feed: csv does not quote it, and it would end the row.

    Examples
    --------
    >>> safe_cell("=HYPERLINK(1)"), safe_cell("-0.02"), safe_cell("-0.02 ± 0.01"), safe_cell(-0.02)
    ("'=HYPERLINK(1)", '-0.02', "'-0.02 ± 0.01", -0.02)
    """
    if not isinstance(value, str) or NUMBER.fullmatch(value):
        return value
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if text.startswith(CONTROLS) or text.lstrip().startswith(FORMULA) else text


def to_csv(rows: Iterable[Mapping[str, object]], columns: Sequence[str]) -> str:
    """Write a header and a line per row; the same rows give the same bytes.

    Parameters
    ----------
    rows : iterable of mapping
        By the names of the columns.
    columns : sequence of str
        In the order of the file.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([safe_cell(name) for name in columns])
    writer.writerows([[safe_cell(row[name]) for name in columns] for row in rows])
    return stream.getvalue()
