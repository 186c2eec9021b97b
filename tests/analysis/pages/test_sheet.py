"""Comma-separated values: what a spreadsheet would compute, and what comes back."""

import csv
import io

from hypothesis import example, given
from hypothesis import strategies as st

from workflow.analysis.pages.sheet import safe_cell, to_csv


def is_number(text: str) -> bool:
    """Oracle: Python reads it as a finite number, thousands marked or not."""
    try:
        return abs(float(text.replace(",", ""))) < float("inf") and "_" not in text and text == text.strip()
    except ValueError:
        return False


@given(st.text() | st.from_regex(r"[=+\-@\t\r\n ]+.*"))
@example("=1+1")
@example("+cmd|' /C calc'!A0")
@example("  @SUM(1)")
@example("\t=1")
@example("-0.02…")
@example("−0.02")
def test_no_cell_is_a_formula(text: str) -> None:
    """Only numbers begin with a sign; what begins with another letter is as it was."""
    header, row = csv.reader(io.StringIO(to_csv([{"a": "b", text: text}], ("a", text)), newline=""))
    read = text.replace("\r\n", "\n").replace("\r", "\n")
    for written in (header[-1], row[-1]):
        if written[:1] in ("\t", "\r", "\n") or written.strip()[:1] in ("=", "+", "-", "@"):
            assert is_number(written)
        assert written.removeprefix("'") == read.removeprefix("'")


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers())
def test_numbers_stay_numbers(value: float) -> None:
    ((_,), (number,), (words,), (signed,)) = csv.reader(
        io.StringIO(to_csv([{"n": value}, {"n": str(value)}, {"n": f"{value:+}"}], ["n"]))
    )
    assert float(number) == float(words) == float(signed) == float(value)


def test_what_is_no_text_stays() -> None:
    assert safe_cell(None) is None
    assert safe_cell("") == ""
    assert safe_cell("1,006,209") == "1,006,209"
