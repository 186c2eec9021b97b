"""Lists in Python's or JSON's spelling: [4, 18], ['a', "b"], (4, 18), {4, 18}, [1. 2.] as NumPy prints them."""

import ast
import json
import re
from typing import Any

import polars as pl

BRACKETS = r"^(?:\[.*\]|\((?:.*,.*)?\)|\{[^:]*\})$"  # "(direct)" is a name
MOSTLY = 0.5  # of the values in brackets: the others are then faults


def are_bracketed(strings: pl.Series) -> bool:
    """Whether every string that is not empty is a list in brackets."""
    filled = strings.filter(strings.fill_null("") != "")
    return len(filled) > 0 and bool(_in_brackets(filled).all())


def are_mostly_bracketed(strings: pl.Series) -> bool:
    """Whether most strings that are not empty are lists in brackets: the others are then faults.

    A single "[Alexandros]" among names is a name; a single name among lists is a fault.
    """
    filled = strings != ""
    return int((_in_brackets(strings) & filled).sum()) > MOSTLY * max(1, int(filled.sum()))


def without_faulty_lists(strings: pl.Series) -> pl.Series:
    """The strings of a column of lists in brackets, null in the place of each that is none."""
    faulty = (strings != "") & bracketed_tokens(strings).is_null()
    return strings.zip_with(~faulty, pl.Series([None], dtype=pl.String))


def bracketed_tokens(strings: pl.Series) -> pl.Series:
    """The items of each list as strings; null where a string is no list of plain values.

    Examples
    --------
    >>> bracketed_tokens(pl.Series(["[4, 18]", "['a', None, 'b']", "[1 2]", "[]", "[[1]]", "x"])).to_list()
    [['4', '18'], ['a', 'b'], ['1', '2'], [], None, None]
    >>> bracketed_tokens(pl.Series(["(4, 18)", "(4,)", "()", "{'b', 'a'}", "(direct)", "{1: 2}"])).to_list()
    [['4', '18'], ['4'], [], ['b', 'a'], None, None]
    """
    return pl.Series(strings.name, [_items(text) for text in strings.to_list()], dtype=pl.List(pl.String))


def _in_brackets(strings: pl.Series) -> pl.Series:
    return strings.str.strip_chars().str.contains(f"(?s){BRACKETS}")


def _items(text: str | None) -> list[str] | None:
    text = (text or "").strip()
    if not text:
        return []
    if not re.match(BRACKETS, text, re.DOTALL):
        return None
    values = _parsed(f"[{text[1:-1]}]")  # in the order that is written, also of a set
    if values is None or any(isinstance(value, list | tuple | dict | set) for value in values):
        return None
    return [str(value) for value in values if value is not None and value != ""]


def _parsed(text: str) -> list[Any] | None:
    for parse in (json.loads, ast.literal_eval):
        try:
            values = parse(text)
        except Exception:  # whatever a text that is no list makes a parser raise
            continue
        return values if isinstance(values, list) else None
    inside = text[1:-1]
    return None if set(inside) & set("[]'\"{}()") else inside.replace(",", " ").split()
