"""The audit's own error rate: verdicts that were derived afresh, and how many of the audit's agree.

Sixty claims were drawn by a stated seed among those that need no run. Their verdicts were derived
again from the paper's text, a second transcription of its tables and the raw logs, with code that
imports nothing of this project, and only then compared. `audit` is what the audit had said until then.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

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


def drawn_from() -> list[str]:
    """The claims that need no run: those with a check on the paper or on the authors' logs."""
    return sorted({*ON_PAPER, *ON_LOGS})


def drawn() -> list[str]:
    """The claims of the sample."""
    return sorted(Random(SEED).sample(drawn_from(), CLAIMS))


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


def recheck_text() -> tuple[str, ...]:
    """For readers: the share that agrees, what it is worth, and each disagreement with how it was settled."""
    rows, layers = load_recheck(), {"paper": "the paper itself", "logs": "the authors' logs"}
    found = agreement(rows)
    share = f"{found.agree} of {found.total} agree ({100 * found.agree / found.total:.1f} %"
    return (
        f"Error rate of the audit: {CLAIMS} of the {len(drawn_from())} claims that need no run were drawn with seed "
        f"{SEED}, and their {found.total} verdicts were derived afresh, with other code, from the paper's text, its "
        f"tables and the authors' logs. {share}, 95 % interval {100 * found.low:.1f} to {100 * found.high:.1f} %).",
        "The author of the audit derived both. The share therefore counts slips of the code, not misreadings of the "
        "paper that both derivations share.",
        *(
            f"Disagreement on {row.claim} ({layers[row.layer]}): the audit had {row.audit}, the new derivation "
            f"{row.derived}. {row.settled}"
            for row in rows
            if not row.agrees
        ),
    )


def recheck_data() -> dict[str, Any]:
    """The same for programs, with every disagreement as it was written down."""
    rows = load_recheck()
    return {
        "seed": SEED,
        "claims": CLAIMS,
        "drawn_from": len(drawn_from()),
        **{name: round(value, 6) for name, value in asdict(agreement(rows)).items()},
        "disagreements": [asdict(row) for row in rows if not row.agrees],
        "caution": recheck_text()[1],
    }
