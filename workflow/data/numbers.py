"""Numbers in columns of text, and numbers as text."""

import numpy as np
import polars as pl

EXACT = 2**53  # whole numbers below it are exact as floats


def numbers_in(raw: pl.Series) -> pl.Series:
    """Texts as numbers, whatever spaces are around them; null for other texts and for NaN."""
    return raw.str.strip_chars().cast(pl.Float64, strict=False).fill_nan(None)


def read_numbers(raw: pl.Series) -> tuple[np.ndarray, np.ndarray]:
    """Read numbers; missing counts as 0. The second array marks what could be read."""
    values = raw.str.strip_chars().replace("", "0").cast(pl.Float64, strict=False)
    numbers = values.fill_null(np.nan).to_numpy()
    readable = np.isfinite(numbers)
    return np.where(readable, numbers, 0.0), readable


def number_texts(values: pl.Series) -> pl.Series:
    """Numbers as texts, whole ones without a decimal point; null for NaN."""
    whole = ((values == values.round(0)) & (values.abs() < EXACT)).fill_null(False)
    integers = values.zip_with(whole, pl.Series([None], dtype=values.dtype)).cast(pl.Int64).cast(pl.String)
    return integers.fill_null(values.fill_nan(None).cast(pl.String))


def same_number(raw: pl.Series) -> pl.Series:
    """One spelling of each number: 7 for 7.0, 07 and " 7"; other text loses the spaces around it."""
    text = raw.str.strip_chars()
    number = numbers_in(raw)
    exact = number.zip_with(number.abs() < EXACT, pl.Series([None], dtype=pl.Float64))
    return number_texts(exact).fill_null(text).rename(raw.name)
