"""Labels from raw values: numbers, words for yes and no, a threshold, or the values that count as 1."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from workflow.data.encode.codes import CodeStore
from workflow.data.numbers import numbers_in
from workflow.errors import UserError, shortened
from workflow.spec import Preparation

YES = ("true", "t", "yes", "y")
NO = ("false", "f", "no", "n")
EXAMPLES = 3


def labels_of(store: CodeStore, raw: pl.Series, preparation: Preparation) -> npt.NDArray[np.float32]:
    """The label that each distinct raw value stands for, 0.0 or 1.0.

    0 and 1 in any spelling of numbers are labels, and so are true/false, t/f, yes/no and y/n in
    any case. `label_at_least` and `label_is` of the preparation come before that.
    """
    known = set(raw.str.strip_chars().to_list()) if preparation.label_is else set[str]()
    for value in preparation.label_is or ():
        if value not in known:  # a misspelling
            some = ", ".join(repr(shortened(one, 20)) for one in sorted(known)[:EXAMPLES])
            raise UserError(f"preparation.label_is: no row has {value!r} in {preparation.label!r}, but {some}")
    label = read_labels(raw, preparation.label_at_least, preparation.label_is)
    _refuse_unreadable(store, raw, label, preparation)
    return label.fill_null(0.0).to_numpy().astype(np.float32)


def read_labels(
    raw: pl.Series, label_at_least: float | None = None, label_is: Sequence[str] | None = None
) -> pl.Series:
    """Labels as 0.0 and 1.0, null where a value is none; for the rules see `labels_of`."""
    text, number = raw.str.strip_chars(), numbers_in(raw)
    if label_is is not None:
        return text.is_in(list(label_is)).cast(pl.Float64).zip_with(text != "", pl.Series([None], dtype=pl.Float64))
    if label_at_least is not None:
        return (number >= label_at_least).cast(pl.Float64)
    words = {**dict.fromkeys(YES, 1.0), **dict.fromkeys(NO, 0.0)}
    of_words = text.str.to_lowercase().replace_strict(words, default=None, return_dtype=pl.Float64)
    return number.zip_with(number.is_in([0.0, 1.0]).fill_null(False), of_words)


def _refuse_unreadable(store: CodeStore, raw: pl.Series, label: pl.Series, preparation: Preparation) -> None:
    missing, unreadable = label.is_null() & (raw == ""), label.is_null() & (raw != "")
    wanted = "it must be 0 or 1, true or false, yes or no; for other words set preparation.label_is"
    wanted = wanted if preparation.label_at_least is None else "label_at_least needs a number"
    faults = []
    for kind, what, remedy in (
        (missing, "no label", "fill it in or drop such rows"),
        (unreadable, None, "fix the row"),
    ):
        found = store.find(preparation.label, kind.arg_true().to_numpy()) if kind.any() else None
        if found is not None:  # None: the value is in the dictionary but in no row
            where, code, rows = found
            shown = what or f"{raw[code]!r} is not a label: {wanted}"
            more = f" ({rows:,} rows{_others(raw, kind) if what is None else ''})" if rows > 1 else ""
            faults.append(f"{where}, column {preparation.label!r}: {shown}{more}; {remedy}")
    if faults:
        raise UserError("\n".join(faults))


def _others(raw: pl.Series, kind: pl.Series) -> str:
    values: Sequence[str] = raw.filter(kind).unique(maintain_order=True).to_list()
    if len(values) < 2:
        return ""
    shown = ", ".join(repr(shortened(one, 20)) for one in values[:EXAMPLES])
    return f" with {shown}{', …' if len(values) > EXAMPLES else ''}"
