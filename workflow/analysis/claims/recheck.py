"""The audit's own error rate: verdicts that were derived again, and how many of the audit's agree.

Sixty claims were drawn by a stated seed among those that need no run. Their verdicts were derived
again from the paper's text, a second transcription of its tables and the raw logs, with code that
imports nothing of this project, and compared only then. `audit` is the audit's verdict at that time.
"""

from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from workflow.analysis.claims.audit import ON_FACTS
from workflow.analysis.stats.shares import exact_interval
from workflow.plan.config import ROOT
from workflow.plan.reading import read_rows

RECHECK_PATH = ROOT / "paper" / "recheck.csv"
SEED, CLAIMS = 2405, 60
CAUTION = (
    "The author of the audit made both derivations. The share therefore measures slips of the code, not misreadings of "
    "the paper that both derivations share."
)


@dataclass(frozen=True)
class Derived:
    """A verdict derived again, what it rests on, the audit's verdict, and how a disagreement was settled."""

    claim: str
    layer: str
    derived: str
    found: str
    audit: str
    settled: str

    @property
    def agrees(self) -> bool:
        """Whether the audit had the same verdict."""
        return self.derived == self.audit


def drawn_from() -> list[str]:
    """The claims that need no run: those with a check on the paper or on the authors' logs."""
    return sorted({*ON_FACTS["paper"], *ON_FACTS["logs"]})


def drawn() -> list[str]:
    """The claims of the sample."""
    return sorted(Random(SEED).sample(drawn_from(), CLAIMS))


@cache
def load_recheck(path: Path = RECHECK_PATH) -> tuple[Derived, ...]:
    """Read the verdicts that were derived again."""
    return tuple(Derived(**row) for row in read_rows(path))


def recheck_data() -> dict[str, Any]:
    """The share that agrees and its interval, for programs, with every disagreement as it was written down."""
    rows = load_recheck()
    agree = sum(row.agrees for row in rows)
    low, high = exact_interval(agree, len(rows))
    return {
        "seed": SEED,
        "claims": CLAIMS,
        "drawn_from": len(drawn_from()),
        "agree": agree,
        "total": len(rows),
        "low": round(low, 6),
        "high": round(high, 6),
        "disagreements": [asdict(row) for row in rows if not row.agrees],
        "caution": CAUTION,
    }


def recheck_text() -> tuple[str, ...]:
    """For readers: the share that agrees, what limits it, and how each disagreement was settled."""
    layers, found = {"paper": "the paper itself", "logs": "the authors' logs"}, recheck_data()
    agree, total, low, high = (found[name] for name in ("agree", "total", "low", "high"))
    return (
        f"Agreement with a second derivation: {agree} of {total} verdicts ({100 * agree / total:.1f} %, 95 % interval "
        f"{100 * low:.1f} to {100 * high:.1f} %).",
        f"Of the {found['drawn_from']} claims that are checked against the paper or the authors' logs, {CLAIMS} were "
        f"drawn at random (seed {SEED}). Their {total} verdicts were derived again with independent code, from the "
        "paper's text, its tables and the authors' logs.",
        CAUTION,
        *(
            f"Disagreement on {row.claim} ({layers[row.layer]}): the audit's verdict was “{row.audit}”, that of the "
            f"second derivation “{row.derived}”. {row.settled}"
            for row in load_recheck()
            if not row.agrees
        ),
    )
