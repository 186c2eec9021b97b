"""Tokens from raw values. A transform works on distinct values, so its cost is small.

In the result "" means missing (out of vocabulary) and null marks a value that the
transform cannot read, which the caller reports with its row.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import polars as pl

from workflow.data.numbers import read_numbers, same_number
from workflow.settings import Frozen

AGE_BUCKETS = (10, 20, 30, 40, 50, 60)  # upper ends, inclusive; above the last: bucket 7
BUCKETS = 32  # of quantiles
AGE_RANGE = (1, 95)  # others are entry errors in KKBox, whose default age is 0


class Buckets(Frozen):
    """Buckets of numbers: a number is in the first one whose end it does not exceed, else in the last."""

    ends: tuple[float, ...]
    tokens: tuple[str, ...]  # one more than ends


def transform(name: str, raw: pl.Series, buckets: Buckets | None = None) -> pl.Series:
    """Apply the transform called `name` to a column of raw strings.

    >>> transform("squared_log", pl.Series(["", "0", "-1", "2", "20"])).to_list()
    ['', '', '-1', '2', '8']
    """
    return TRANSFORMS[name](raw) if buckets is None else bucketed(raw, buckets)


def quantiles(raw: pl.Series, count_U: npt.NDArray[np.int64]) -> Buckets:
    """Buckets of about equally many training rows; equal numbers share one.

    A value's bucket is floor(32 · the share of training rows with a smaller number), so that a value
    that training lacks has one too.
    """
    number, readable = read_numbers(raw)
    values, place_U = np.unique(number, return_inverse=True)
    given = readable & (raw != "").to_numpy()
    count_V = np.bincount(place_U, np.where(given, count_U, 0), len(values))
    below_V = np.concatenate([[0.0], np.cumsum(count_V)])  # the last one: for numbers above all ends
    bucket_V = (BUCKETS * below_V / max(1.0, count_V.sum())).astype(np.int64).clip(max=BUCKETS - 1)
    ends = np.flatnonzero(np.diff(bucket_V))
    return Buckets(ends=tuple(values[ends].tolist()), tokens=tuple(map(str, bucket_V[[*ends, -1]].tolist())))


def bucketed(raw: pl.Series, buckets: Buckets) -> pl.Series:
    """Numbers as the tokens of their buckets.

    >>> values = pl.Series(["", "0.5", "2", "1e3", "7"])
    >>> bucketed(values, quantiles(values, np.array([9, 2, 1, 1, 0]))).to_list()
    ['', '0', '16', '24', '24']
    """
    number, readable = read_numbers(raw)
    place_U = np.searchsorted(np.array(buckets.ends), number)
    tokens = pl.Series(raw.name, np.array(buckets.tokens)[place_U], dtype=pl.String)
    return _assemble(tokens, missing=~(readable & (raw != "").to_numpy()), readable=readable)


class Scale(Frozen):
    """Of numbers with the transform "standard": mean and standard deviation of the training rows."""

    mean: float
    deviation: float


def scale_of(raw: pl.Series, count_U: npt.NDArray[np.int64]) -> Scale:
    """Mean and standard deviation of distinct raw numbers that occur `count_U` times; 0 and 1 without any.

    A deviation of 0, of a constant column, counts as 1.
    """
    number, readable = read_numbers(raw)
    count_U = np.where(readable & (raw != "").to_numpy(), count_U, 0)
    if not count_U.sum():
        return Scale(mean=0.0, deviation=1.0)
    mean = float(np.average(number, weights=count_U))
    deviation = float(np.sqrt(np.average((number - mean) ** 2, weights=count_U)))
    return Scale(mean=mean, deviation=deviation or 1.0)


def as_numbers(tokens: pl.Series, scale: Scale | None) -> npt.NDArray[np.int32]:
    """Numbers as columns of x, shape (U, 2): the bits of a float32 and 1 where missing; the float is then 0.

    (v - mean) / deviation with a scale, else sign(v) · ln(1 + |v|).

    >>> as_numbers(pl.Series(["3", ""]), Scale(mean=1.0, deviation=4.0))[:, 0].view(np.float32).tolist()
    [0.5, 0.0]
    """
    number, readable = read_numbers(tokens.fill_null(""))
    missing = ~readable | (tokens.fill_null("") == "").to_numpy()
    value = np.sign(number) * np.log1p(np.abs(number))
    if scale is not None:
        value = (number - scale.mean) / scale.deviation
    bits = np.where(missing, 0.0, value).astype(np.float32).view(np.int32)
    return np.stack([bits, missing.astype(np.int32)], axis=1)


def squared_log(raw: pl.Series) -> pl.Series:
    """Criteo's bucketing: floor(ln(x)^2) above 2, else int(x); 0 and missing become "".

    The published code fills missing values with 0 and then declares 0 the missing token,
    so true zeros are lost with them; small and negative values keep their own token.
    """
    number, readable = read_numbers(raw)
    large = number > 2
    log = np.log(np.where(large, number, 1.0))
    bucket = np.where(large, np.floor(log * log), np.trunc(number)).astype(np.int64)
    tokens = pl.Series(raw.name, bucket).cast(pl.String)
    return _assemble(tokens, missing=bucket == 0, readable=readable)


def checked_number(raw: pl.Series) -> pl.Series:
    """The text itself, of numbers that are read as such later."""
    return _assemble(raw, missing=(raw == "").to_numpy(), readable=read_numbers(raw)[1])


def country(raw: pl.Series) -> pl.Series:
    """The first two characters of an ISRC code, which name the country."""
    return raw.str.slice(0, 2)


def age_bucket(raw: pl.Series) -> pl.Series:
    """Decades "1" (up to 10) to "7" (61 to 95); ages outside 1..95 are missing."""
    number, readable = read_numbers(raw)
    tokens = pl.Series(raw.name, np.searchsorted(AGE_BUCKETS, number) + 1).cast(pl.String)
    return _assemble(tokens, missing=(number < AGE_RANGE[0]) | (number > AGE_RANGE[1]), readable=readable)


def _assemble(tokens: pl.Series, missing: np.ndarray, readable: np.ndarray) -> pl.Series:
    tokens = tokens.zip_with(pl.Series(~missing), pl.Series([""], dtype=pl.String))
    return tokens.zip_with(pl.Series(readable), pl.Series([None], dtype=pl.String))


TRANSFORMS: dict[str, Callable[[pl.Series], pl.Series]] = {
    "none": lambda raw: raw,
    "number": same_number,
    "squared_log": squared_log,
    "country": country,
    "age_bucket": age_bucket,
    "standard": checked_number,
    "log": checked_number,
}
