"""Guesses about a table's columns. Each is written with its reason, for the user to correct."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from workflow.data.drafts.names import LABELS, TIMES, USERS, is_named
from workflow.data.drafts.sample import Sample
from workflow.data.encode.labels import read_labels
from workflow.data.encode.lists import are_bracketed, bracketed_tokens
from workflow.data.encode.missing import MARKS, PANDAS, spellings
from workflow.data.encode.split import as_times
from workflow.data.numbers import numbers_in, same_number
from workflow.errors import UserError, nearest, shortened

POSITIVE = ("click", "clicked", "clk", "buy", "bought", "purchase", "positive", "pos", "like", "liked", "on", "yes")
SEPARATORS = ("|", "^", ";", ",", " ", "\x01", "#")
FEW = 20  # distinct values of a number that is a category
RATING_FROM = 4  # of 1 to 5
ROW_ID = 0.95  # distinct values among rows: a row's own number


@dataclass(frozen=True)
class Field:
    """A column that models may read."""

    name: str
    settings: dict[str, Any] = field(default_factory=dict)
    why: str = ""


@dataclass(frozen=True)
class Guess:
    """Guessed values of a dataset's configuration."""

    label: str
    label_settings: dict[str, Any]
    label_why: str
    group: str | None
    group_why: str
    time: str | None
    fields: tuple[Field, ...]
    left_out: tuple[tuple[str, str], ...]  # columns, and why
    missing: tuple[str, ...] = ()  # spellings of missing values that pandas does not know


def guess(sample: Sample, label: str | None = None) -> Guess:
    """Look at the first rows of a table."""
    words = [*PANDAS, *MARKS]
    frame = sample.frame.select(
        pl.when(pl.all().str.strip_chars().is_in(words)).then(pl.lit("")).otherwise(pl.all()).name.keep()
    )
    label = _label(sample, frame, label)
    settings, why = _label_settings(sample, frame[label])
    time = next((name for name in frame.columns if name != label and _is_time(name, frame[name])), None)
    group, group_why = _group(frame, label, settings)
    fields: list[Field] = []
    left_out: list[tuple[str, str]] = []
    for name in frame.columns:
        if name not in (label, time):
            found = _list_field(frame[name])
            reason = "" if found else _useless(frame[name], name == group)
            if reason:
                left_out.append((name, reason))
            else:
                fields.append(found or _number_field(frame[name]) or Field(name))
    if not fields:
        raise UserError(f"{sample.file}: no column but {label!r} is left that a model could read")
    found = set[str]().union(*(spellings(sample.frame[name]) for name in frame.columns if name != label))
    missing = tuple(sorted(found)) if {word.strip() for word in found} & set(MARKS) else ()
    return Guess(label, settings, why, group, group_why, time, tuple(fields), tuple(left_out), missing)


# -- label, user, time ----------------------------------------------------------------


def _label(sample: Sample, frame: pl.DataFrame, given: str | None) -> str:
    if given is not None:
        if given not in frame.columns:
            raise UserError(f"{sample.file}: has no column {given!r}; {nearest(given, frame.columns)}")
        return given
    named = [name for wanted in LABELS for name in frame.columns if is_named(name, (wanted,))]
    binary = [name for name in frame.columns if _is_binary(frame[name])]
    for name in named:
        if name in binary or _is_rating(frame[name]) or len(_words(frame[name])) == 2:
            return name
    if len(binary) == 1:
        return binary[0]
    what = f"{', '.join(binary)} could all be it" if binary else "no column has 0 and 1, or words such as yes and no"
    raise UserError(f"{sample.file}: which column is the label? {what}; add --label COLUMN")


def _is_binary(values: pl.Series) -> bool:
    return _classes(values) == {0.0, 1.0}


def _classes(values: pl.Series) -> set[float]:
    """The labels of values that are labels by themselves; None if one of them is not."""
    found = read_labels(values.filter(values != "").unique())
    return set() if found.has_nulls() else set(found)


def _words(values: pl.Series) -> list[str]:
    found = values.str.strip_chars().str.to_lowercase().unique()
    return sorted(word for word in found.head(FEW).to_list() if word)


def _is_rating(values: pl.Series) -> bool:
    numbers = numbers_in(values.filter(values != ""))
    return len(numbers) > 0 and not numbers.is_null().any() and 2 < numbers.n_unique() <= FEW


def _label_settings(sample: Sample, values: pl.Series) -> tuple[dict[str, Any], str]:
    classes = _classes(values)
    if len(classes) == 2:
        rate = float(read_labels(values).sum()) / len(values)
        return {}, f"guessed; {100 * rate:.1f} % of the rows are positive"
    if _is_rating(values):
        return {"label_at_least": RATING_FROM}, "a rating: from this value on a row is positive; choose your own"
    filled = values.filter(values != "")
    are_numbers = not numbers_in(filled).has_nulls()
    words = same_number(filled) if are_numbers else filled.str.strip_chars()
    counts = words.value_counts(sort=True)[values.name]
    if classes or len(counts) == 1:
        return _of_one_class(sample, values, str(counts[0]), bool(classes))
    if len(counts) != 2:
        raise _no_label(sample, values.name, f"{len(counts)} values")
    common, rarer = map(str, counts)
    if are_numbers:
        numbers = numbers_in(counts)
        return {"label_at_least": float(numbers.to_numpy().max())}, "the larger of two numbers is positive"
    known = [word for word in (common, rarer) if word.lower() in POSITIVE]
    if len(known) == 1:
        return {"label_is": known}, f"guessed from {common!r} and {rarer!r}"
    return {"label_is": [rarer]}, f"the rarer of {common!r} and {rarer!r}; correct it if need be"


def _of_one_class(sample: Sample, values: pl.Series, only: str, is_readable: bool) -> tuple[dict[str, Any], str]:
    """A message about a label whose first rows have one value, as in a file that is sorted by it."""
    if sample.is_whole:
        raise _no_label(sample, values.name, f"only the value {shortened(only)!r}")
    rows = f"the first {len(values):,} rows have only {shortened(only)!r}"
    if not is_readable:
        raise UserError(f"{sample.file}: {values.name!r}: {rows}, and its other value is not known; mix the rows")
    return {}, rows


def _no_label(sample: Sample, name: str, has: str) -> UserError:
    return UserError(f"{sample.file}: {name!r} is not a label: it has {has}; name another with --label COLUMN")


def _is_time(name: str, values: pl.Series) -> bool:
    return is_named(name, TIMES) and values.n_unique() >= FEW and as_times(values).null_count() == 0


def _group(frame: pl.DataFrame, label: str, settings: dict[str, Any]) -> tuple[str | None, str]:
    name = next((name for wanted in USERS for name in frame.columns if is_named(name, (wanted,))), None)
    if name is None or name == label:
        return None, "no column looks like a user, so there is no gAUC; name it here if there is one"
    positive = read_labels(frame[label], **settings).fill_null(0.0)
    if positive.n_unique() == 1:
        return None, f"{name} may be one, but the first rows are all of one class; name it here for gAUC"
    rates = pl.DataFrame({"user": frame[name], "label": positive}).group_by("user").agg(pl.col("label").mean())["label"]
    both = rates.is_between(0.0, 1.0, closed="none").sum()
    if 10 * both < len(rates):
        return None, f"{name} is no group: hardly a user has rows of both classes, which gAUC needs"
    return name, "guessed, for gAUC; null where there are no users"


# -- fields ---------------------------------------------------------------------------


def _useless(values: pl.Series, is_group: bool) -> str:
    distinct = values.n_unique()
    if distinct < 2:
        return "every row has the same value"
    numbers = numbers_in(values)
    whole = numbers.is_not_null().all() and bool((numbers == numbers.round(0)).all())
    text = numbers.is_null().all()
    if not is_group and len(values) >= 5 * FEW and distinct > ROW_ID * len(values) and (whole or text):
        return "nearly every row has a value of its own"
    return ""


def _list_field(values: pl.Series) -> Field | None:
    filled = values.filter(values != "").unique()
    if are_bracketed(filled):
        lengths = bracketed_tokens(filled).list.len().drop_nulls()
        return _as_list(values.name, {}, lengths, "lists in brackets") if len(lengths) else None
    if as_times(filled).null_count() == 0:  # the space in a date separates nothing
        return None
    for separator in SEPARATORS:
        holds = filled.str.contains(separator, literal=True)
        if holds.mean() and float(holds.mean() or 0) > 0.5:  # pyright: ignore[reportArgumentType]
            tokens = filled.str.split(separator)
            if tokens.explode().n_unique() < len(filled) and numbers_in(filled).null_count() > 0:
                told = f"lists: most values hold {separator!r}"
                return _as_list(values.name, {"separator": separator}, tokens.list.len(), told)
    return None


def _as_list(name: str, settings: dict[str, Any], lengths: pl.Series, why: str) -> Field:
    max_len = max(1, int(np.quantile(lengths.to_numpy(), 0.95, method="higher")))
    longest = int(lengths.to_numpy().max())
    told = f"{why}; the longest of {longest}" + (", the last are kept" if longest > max_len else "")
    return Field(name, {"list": {"max_len": max_len, "keep": "last", **settings}}, told)


def _number_field(values: pl.Series) -> Field | None:
    filled = values.filter(values != "")
    numbers = numbers_in(filled)
    if numbers.null_count() or numbers.n_unique() <= FEW:
        return None
    whole = bool((numbers == numbers.round(0)).all())
    if not whole:
        return Field(values.name, {"transform": "quantiles"}, "numbers, in 32 buckets; `squared_log` is Criteo's form")
    if bool(filled.str.contains(".", literal=True).any()):
        return Field(values.name, {"transform": "number"}, "ids written as 7.0 are the same as 7")
    return None
