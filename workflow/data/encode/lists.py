"""Lists in a column: between separators, or as Python, JSON and NumPy write them: [4, 18], ['a'], (4, 18), [1. 2.]."""

import ast
import json
import re
from typing import Any

import polars as pl

from workflow.spec import ListColumn

BRACKETS = r"^(?:\[.*\]|\((?:.*,.*)?\)|\{[^:]*\})$"  # without a comma, as "(direct)" is a name
# What Python's str.split() without argument splits on: Unicode white space and the
# four information separators, which Unicode does not count as white space.
WHITE_SPACE = r"[\s\x1c-\x1f]+"
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

    >>> bracketed_tokens(pl.Series(["[4, 18]", "['a', None, 'b']", "[1 2]", "[]", "[[1]]", "x"])).to_list()
    [['4', '18'], ['a', 'b'], ['1', '2'], [], None, None]
    >>> bracketed_tokens(pl.Series(["(4, 18)", "(4,)", "()", "{'b', 'a'}", "(direct)", "{1: 2}"])).to_list()
    [['4', '18'], ['4'], [], ['b', 'a'], None, None]
    """
    return pl.Series(strings.name, [_items(text) for text in strings.to_list()], dtype=pl.List(pl.String))


def split_tokens(strings: pl.Series, column: ListColumn, bracketed: bool = False) -> pl.Series:
    """Split the strings of a list column; empty tokens are dropped.

    Of lists in brackets, as Python and JSON write them, the items are the tokens.
    With `vocabulary: strings` a blank separator stands for any run of white space, which
    is what the paper's library does when it is given no separator; otherwise it is literal.

    >>> split_tokens(pl.Series(["a b  c", ""]), ListColumn()).to_list()
    [['a', 'b', 'c'], []]
    """
    if bracketed:
        return bracketed_tokens(strings).fill_null([])
    separator = column.separator
    if column.vocabulary == "strings" and separator == " ":
        separator = "\x1f"
        strings = strings.str.replace_all(WHITE_SPACE, separator)
    lists = strings.str.split(separator)
    return lists.list.eval(pl.element().filter(pl.element() != ""))


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
        except Exception:  # any error of the parser on a text that is not a list
            continue
        return values if isinstance(values, list) else None
    inside = text[1:-1]
    return None if set(inside) & set("[]'\"{}()") else inside.replace(",", " ").split()
