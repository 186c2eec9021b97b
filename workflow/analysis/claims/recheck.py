"""The audit's own error rate: verdicts that were derived afresh, and how many of the audit's agree.

Sixty claims were drawn by a stated seed among those that need no run. Their verdicts were derived
again from the paper's text, a second transcription of its tables and the raw logs, with code that
imports nothing of this project, and only then compared. The same person had written the audit's
functions, and the statements are the audit's. So the rate counts slips, and misreadings only as far
as a second look at the text shows them. `audit` is what the audit had said until then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from scipy import special

from workflow.analysis.claims.catalog import ON_LOGS, ON_PAPER
from workflow.plan.config import ROOT
from workflow.plan.reading import read_rows

RECHECK_PATH = ROOT / "paper" / "recheck.csv"
SEED, CLAIMS = 2405, 60


@dataclass(frozen=True)
class Derived:
    """A verdict derived afresh, what it rests on, the audit's, and how a disagreement was settled."""

    claim: str
    layer: str
    derived: str
    found: str
    audit: str
    settled: str

    @property
    def agrees(self) -> bool:
        """Whether the audit had said the same."""
        return self.derived == self.audit


@dataclass(frozen=True)
class Agreement:
    """How many of the verdicts agree, with a 95 % interval of the share (Clopper and Pearson)."""

    agree: int
    total: int
    low: float
    high: float

    def __str__(self) -> str:
        return (
            f"{self.agree} of {self.total} verdicts that were derived afresh agree "
            f"({self.agree / self.total:.1%}, 95 % interval {self.low:.1%} to {self.high:.1%})"
        )


def drawn() -> list[str]:
    """The claims of the sample: sixty of those that have a check on the paper or on the authors' logs."""
    return sorted(Random(SEED).sample(sorted({*ON_PAPER, *ON_LOGS}), CLAIMS))


@cache
def load_recheck(path: Path = RECHECK_PATH) -> tuple[Derived, ...]:
    """Read the verdicts that were derived afresh.

    Raises
    ------
    UserError
        When the file cannot be read or a line has too few cells.
    """
    return tuple(Derived(**row) for row in read_rows(path))


def agreement(rows: Sequence[Derived], level: float = 0.95) -> Agreement:
    """Count the verdicts that agree, with an exact binomial interval.

    Examples
    --------
    >>> rows = [Derived("P01", "paper", "consistent", "", "consistent", "")] * 10
    >>> found = agreement(rows)
    >>> found.agree, round(found.low, 3), found.high
    (10, 0.692, 1.0)
    """
    total, agree, tail = len(rows), sum(row.agrees for row in rows), (1 - level) / 2
    low = 0.0 if agree == 0 else float(special.betaincinv(agree, total - agree + 1, tail))
    high = 1.0 if agree == total else float(special.betaincinv(agree + 1, total - agree, 1 - tail))
    return Agreement(agree, total, low, high)
