"""All printed numbers of a kind jointly, to see baselines that are lower than ours while the paper's own rows are not.

Single runs vary too much for a single number to show that; the mean of many does. Each printed number counts once:
a number that two tables repeat is one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from scipy import special

from workflow.analysis.compare.gains import gain_of
from workflow.analysis.compare.numbers import Metric, Number, number
from workflow.analysis.compare.points import in_points
from workflow.analysis.compare.words import Finding, Verdict, verdict
from workflow.analysis.evidence.cells import Observed
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.evidence.standing import Ground, joined
from workflow.analysis.stats.effect import ALPHA
from workflow.analysis.stats.families import holm
from workflow.analysis.stats.prediction import STEP_points
from workflow.analysis.stats.uncertainty import Estimate

Kind = Literal["baselines", "the paper's own rows"]
ALL = "all tables"
TABLES = ("table_4", "table_2", "table_3", "table_5")


@dataclass(frozen=True)
class Together:
    """Mean of the printed number minus ours over the rows of a kind, with the spread of new runs of those rows.

    `difference` is in AUC. `p` is corrected over all of a campaign's; None below three runs a row.
    """

    table: str
    dataset: str
    kind: Kind
    prints: int  # distinct printed numbers that have runs
    planned: int
    difference: float
    prediction: Estimate
    p: float
    ground: Ground

    @property
    def verdict(self) -> Verdict:
        """Consistent, or on which side the printed numbers lie."""
        if self.p >= ALPHA:
            return verdict(self.ground, Finding.CONSISTENT)
        return verdict(self.ground, Finding.HIGHER if self.difference > 0 else Finding.LOWER)

    @property
    def ours(self) -> str:
        """The difference, in points, with its 95 % interval."""
        low, high = (self.difference + sign * self.prediction.half_width for sign in (-1, 1))
        return f"{in_points(self.difference)} [{in_points(low)}, {in_points(high)}]"


@lru_cache(maxsize=2)
def together(evidence: Evidence) -> list[Together]:
    """By dataset and kind of row, of each table and of all tables."""
    planned = [
        _mean(table, dataset, kind, rows, evidence)
        for dataset in evidence.plan.campaign.datasets
        for kind in ("baselines", "the paper's own rows")
        for table, rows in _rows_of(evidence, dataset, kind)
    ]
    found = [each for each in planned if each is not None]
    adjusted = holm([each.p for each in found], len(planned))
    return [replace(each, p=p) for each, p in zip(found, adjusted, strict=True)]


def kind_of(one: Observed) -> Kind:
    """Whether a row is the paper's own method or a baseline."""
    own = (
        one.cell.experiment == "table_3"
        or one.at.get("model") == "TF4CTR"
        or one.at.get("loss") == "twin_focus"
        or one.at.get("variant") == "framework"
    )
    return "the paper's own rows" if own else "baselines"


def distinct(numbers: Iterable[Number]) -> list[Number]:
    """Each printed number of a configuration once, however many tables repeat it."""
    return list({(each.sample.key, each.metric, each.paper_points): each for each in numbers}.values())


def printed_numbers(
    evidence: Evidence, dataset: str, table: str, metric: Metric = "auc"
) -> list[tuple[Observed, Number]]:
    """A table's rows on a dataset with their printed numbers; rows beyond the paper are left out."""
    if table not in evidence.plan.campaign.experiments:
        return []
    cells = [one for one in evidence.cells(table) if one.cell.dataset == dataset and not one.beyond]
    pairs = ((one, number(evidence, one, metric)) for one in cells)
    return [(one, each) for one, each in pairs if each.paper_points is not None]


def _rows_of(evidence: Evidence, dataset: str, kind: Kind) -> list[tuple[str, list[Number]]]:
    by_table = {
        table: distinct(each for one, each in printed_numbers(evidence, dataset, table) if kind_of(one) == kind)
        for table in TABLES
    }
    whole = distinct(each for numbers in by_table.values() for each in numbers)
    parts = [(table, numbers) for table, numbers in by_table.items() if numbers]
    return [*parts, (ALL, whole)] if len(parts) > 1 else parts


def _mean(table: str, dataset: str, kind: Kind, rows: Sequence[Number], evidence: Evidence) -> Together | None:
    ran = [each for each in rows if each.ground.obstacle is None]
    if not ran:
        return None
    terms = [(1 / len(ran), each.sample) for each in ran]
    found = gain_of(terms, evidence.prior(ran[0].sample.data, "auc"))
    if found.mean is None or found.single_pair is None:
        return None
    printed = sum((each.paper_points or Decimal(0) for each in ran), Decimal(0)) / len(ran) + STEP_points / 2
    apart, spread = float(printed) / 100 - found.mean, found.single_pair
    p = 2 * float(special.stdtr(spread.df, -abs(apart) / spread.se))
    ground = joined(each.ground for each in ran)
    return Together(table, dataset, kind, len(ran), len(rows), apart, spread, p, ground)
