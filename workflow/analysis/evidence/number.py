"""A result cell: paper's value, ours, difference, verdict, and the runs behind it.

Units: `points` are hundredths of AUC, as the paper prints them (0.9872 AUC is 98.72
points). The paper truncates to two decimals, so everything printed here is truncated too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import floor, sqrt
from typing import Literal

import pandas as pd

from workflow.analysis.stats.samples import fraction

Metric = Literal["auc", "gauc"]
TOLERANCE_points = Decimal("0.10")  # 0.001 AUC


class Verdict(StrEnum):
    """What a comparison with the paper came to."""

    REPRODUCED = "reproduced"
    DIFFERS = "differs"
    NOT_RUN = "not run"
    OTHER_DATA = "other data"
    TWIN = "other data (twin)"
    OTHER_PROTOCOL = "other protocol"
    FAILED = "failed"
    NO_PAPER_VALUE = "no paper value"


# Shapes, not colours: they stay apart in print and for every reader.
SYMBOLS: dict[Verdict, str] = {
    Verdict.REPRODUCED: "✓",
    Verdict.DIFFERS: "≠",
    Verdict.NOT_RUN: "·",
    Verdict.OTHER_DATA: "◇",
    Verdict.TWIN: "◆",
    Verdict.OTHER_PROTOCOL: "△",
    Verdict.FAILED: "✗",
    Verdict.NO_PAPER_VALUE: "○",
}

DELTA_NOTE = (
    "Δ is ours minus the paper's, in points of AUC × 100, both truncated to two decimals as the paper prints. "
    "So a print stands for a range of 0.01, and reproduced (|Δ| ≤ 0.10) means that the nearest value "
    "in that range is within 0.001 AUC of our mean; nothing that the print leaves open counts as a difference."
)


@dataclass(frozen=True)
class ResultCell:
    """One compared number.

    `ours_points` and `delta_points` are what is printed; `mean` and `sd` are in full
    precision and in AUC, not points. `runs` of `planned` runs gave a value: `values`, by seed.
    """

    metric: Metric
    paper_points: Decimal | None
    ours_points: Decimal | None
    mean: float | None
    sd: float | None
    runs: int
    planned: int
    delta_points: Decimal | None
    verdict: Verdict
    run_keys: tuple[str, ...]
    records: tuple[str, ...]
    source: str | None
    data_note: str
    values: tuple[float, ...]

    @property
    def symbol(self) -> str:
        """The verdict as one sign."""
        return SYMBOLS[self.verdict]

    @property
    def ours(self) -> str:
        """The mean as the paper would print it, with ± sd and the number of runs where they matter."""
        if self.ours_points is None:
            return "–"
        spread = "" if self.sd is None else f" ± {100 * self.sd:.2f}"
        count = "" if self.runs == self.planned == 1 else f" (n={self.runs}{_of(self.runs, self.planned)})"
        return f"{self.ours_points}{spread}{count}"

    @property
    def delta(self) -> str:
        """The signed difference, or a dash."""
        return "–" if self.delta_points is None else signed(self.delta_points)


def _of(runs: int, planned: int) -> str:
    return "" if runs == planned else f" of {planned}"


def signed(points: Decimal) -> str:
    """Format a difference with its sign; zero has none.

    Examples
    --------
    >>> signed(Decimal("0.07")), signed(Decimal("-0.07")), signed(Decimal("0.00"))
    ('+0.07', '−0.07', '0.00')
    """
    return f"{points:+.2f}".replace("-", "−") if points else "0.00"


def truncate(value: float | Fraction) -> Decimal:
    """Cut an AUC to points with two decimals, as the paper prints: floor(10⁴ · value) / 100.

    Parameters
    ----------
    value : float or Fraction
        An AUC, or a difference of two. A float counts as the decimal that it prints as:
        in binary 0.8145 lies below 8145/10000, and a naive floor would print 81.44.

    Returns
    -------
    Decimal
        Points, with exactly two decimals.

    Examples
    --------
    >>> truncate(0.8145), truncate(0.987299)
    (Decimal('81.45'), Decimal('98.72'))
    """
    number = value if isinstance(value, Fraction) else fraction(value)
    return Decimal(floor(number * 10_000)).scaleb(-2)


def difference(ours: float | Fraction, paper_points: Decimal) -> Decimal:
    """Ours minus the paper's print, both truncated alike.

    The paper's value is known only to lie in [v, v + 0.01) points. Truncating ours too
    compares like with like, gives 0 exactly when ours would print the same, and can be
    checked by hand. It also gives the verdict of the lenient reading: below v − 0.10 or
    from v + 0.11 on, even the nearest value in the range is 0.001 AUC or more away.

    Parameters
    ----------
    ours : float or Fraction
        Our mean, as an AUC.
    paper_points : Decimal
        The print, in points.

    Returns
    -------
    Decimal
        Points.

    Examples
    --------
    >>> difference(0.98795, Decimal("98.72"))
    Decimal('0.07')
    """
    return truncate(ours) - paper_points


def judge(
    statuses: list[str], origins: list[str], delta_points: Decimal | None, protocols: Sequence[str] = ()
) -> Verdict:
    """Decide the verdict of a cell; the first rule that applies counts.

    Any run failed → failed, as a mean over the survivors would be a choice. None has
    finished → not run. Any run on a twin or on other bytes than the published → other
    data. Any run that the campaign made cheaper than the paper's protocol → other
    protocol. No print → no paper value. Else the difference decides.

    Parameters
    ----------
    statuses : list of str
        ok, failed or not run, for each planned run.
    origins : list of str
        Origin of the data of each run that has a record: published, other, twin.
    delta_points : Decimal or None
        Difference in points; None where the paper has no value.
    protocols : sequence of str
        paper or other, for each planned run.

    Returns
    -------
    Verdict
        Never `reproduced` or `differs` unless every run used the published data and the
        paper's protocol.
    """
    rules = (
        ("failed" in statuses, Verdict.FAILED),
        ("ok" not in statuses, Verdict.NOT_RUN),
        ("twin" in origins, Verdict.TWIN),
        (any(origin != "published" for origin in origins), Verdict.OTHER_DATA),
        ("other" in protocols, Verdict.OTHER_PROTOCOL),
        (delta_points is None, Verdict.NO_PAPER_VALUE),
    )
    for applies, verdict in rules:
        if applies:
            return verdict
    assert delta_points is not None
    return Verdict.REPRODUCED if abs(delta_points) <= TOLERANCE_points else Verdict.DIFFERS


def result_cell(rows: pd.DataFrame, metric: Metric, paper_points: Decimal | None) -> ResultCell:
    """Compare the runs of one cell, rows of `collect`'s frame, with the paper's print.

    Parameters
    ----------
    rows : pandas.DataFrame
        The cell's rows, one per seed.
    metric : {"auc", "gauc"}
        Which test metric.
    paper_points : Decimal or None
        The paper's print, in points.

    Returns
    -------
    ResultCell
        With the mean and sample standard deviation (from two runs on) of the runs that
        finished. On a twin the difference is left out: it would compare nothing.
    """
    finished = rows[rows["status"] == "ok"]
    values = [fraction(value) for value in finished[f"test_{metric}"].dropna()]
    mean = sum(values, Fraction(0)) / len(values) if values else None
    origins = _texts(rows["data_origin"])
    delta = None if mean is None or paper_points is None else difference(mean, paper_points)
    sources = _texts(rows["source"])
    return ResultCell(
        metric=metric,
        paper_points=paper_points,
        ours_points=None if mean is None else truncate(mean),
        mean=None if mean is None else float(mean),
        sd=_sd(values),
        runs=len(values),
        planned=len(rows),
        delta_points=None if "twin" in origins else delta,
        verdict=judge(_texts(rows["status"]), origins, delta, _texts(rows["protocol"])),
        run_keys=tuple(_texts(rows["run_key"])),
        records=tuple(_texts(rows["record"])),
        source=sources[0] if sources else None,
        data_note="; ".join(dict.fromkeys(_texts(rows["data_note"]))),
        values=tuple(float(value) for value in values),
    )


def _texts(column: pd.Series) -> list[str]:
    return [str(value) for value in column.dropna()]


def _sd(values: list[Fraction]) -> float | None:
    if len(values) < 2:
        return None
    mean = sum(values, Fraction(0)) / len(values)
    return sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1))
