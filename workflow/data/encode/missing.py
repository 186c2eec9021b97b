"""Raw values that count as missing."""

import polars as pl

from workflow.spec import Preparation

# Those that pandas.read_csv takes for missing by default.
PANDAS = (
    *("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA"),
    *("NULL", "NaN", "None", "n/a", "nan", "null"),
)
MARKS = ("?", "-", "--", r"\N")  # of databases and hand-made tables; values for pandas


def without_missing(raw: pl.Series, preparation: Preparation) -> pl.Series:
    """Distinct raw values, "" in the place of each that counts as missing."""
    words = PANDAS if preparation.missing == "pandas" else preparation.missing
    listed = raw.is_in(list(words))
    if preparation.missing == "pandas":
        listed |= raw.str.strip_chars().is_in(list(words))  # " NA" as well, as spaces do not count
    return raw.zip_with(~listed, pl.Series([""], dtype=pl.String))


def spellings(raw: pl.Series) -> set[str]:
    """Distinct values that often mean a missing one, as spelt: `PANDAS`, `MARKS`, with or without spaces.

    >>> sorted(spellings(pl.Series(["a", " ?", "NA", "-1", ""])))
    [' ?', 'NA']
    """
    return set(raw.filter(raw.str.strip_chars().is_in([word for word in (*PANDAS, *MARKS) if word])).unique())
