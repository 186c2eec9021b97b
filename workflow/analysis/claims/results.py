"""The results of an audit: outcomes of checks, rows and items."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from workflow.analysis.claims.registry import Claim, Layer
from workflow.analysis.compare.words import Verdict
from workflow.analysis.paper.facts import Value


@dataclass(frozen=True)
class Item:
    """One of several things that a check looked at.

    `supports` says whether it speaks for the claim or against it; None where it does neither. Of our runs `reason` says
    why there is no test, `detectable` is the gain that is detected with 80 % power, and `printed` the tables' verdict
    on a printed number.
    """

    label: str
    verdict: Verdict
    measured: str
    expected: str
    evidence: tuple[str, ...] = ()
    supports: bool | None = None
    reason: str = ""
    detectable: float | None = None
    printed: Verdict | None = None


@dataclass(frozen=True)
class Outcome:
    """The result of a check, before it is attached to a claim.

    `measured` is what was computed, `expected` what the paper says. `evidence` names table
    cells, logs, or keys of runs. `computed` is False if only two quotes are compared.
    """

    verdict: Verdict
    measured: str
    expected: str
    explanation: str
    evidence: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    computed: bool = True


@dataclass(frozen=True)
class AuditRow:
    """The outcome of one layer's check of one claim. `basis` says what the verdict rests on."""

    claim: Claim
    layer: Layer
    outcome: Outcome
    basis: str

    @property
    def verdict(self) -> Verdict:
        """The claim's verdict in this layer."""
        return self.outcome.verdict

    @property
    def computes(self) -> bool:
        """Whether something is computed; a comparison of two quotes is shown but not counted."""
        return self.outcome.computed


@dataclass(frozen=True)
class AuditResult:
    """All rows, in the order of the registry, and their campaign."""

    campaign: str
    twin: bool
    claims: tuple[Claim, ...]
    rows: tuple[AuditRow, ...]

    @property
    def computed(self) -> tuple[AuditRow, ...]:
        """The rows that count as findings."""
        return tuple(row for row in self.rows if row.computes)


def number(value: Value, digits: int = 4) -> str:
    """A value for readers: exact if four decimals suffice, else truncated with a mark."""
    if isinstance(value, str):
        return value
    if value.denominator == 1:
        return f"{value.numerator:,}"
    if abs(value) < Fraction(1, 1000):
        return f"{float(value):.3g}"
    scale = 10**digits
    whole = abs(value) * scale
    cut = whole.numerator // whole.denominator
    sign = "-" if value < 0 else ""
    text = f"{sign}{cut // scale}.{cut % scale:0{digits}d}"
    if whole.denominator == 1:
        text = text.rstrip("0")
    return text if whole.denominator == 1 else text + "…"


def listing(labels: Sequence[str], limit: int = 6) -> str:
    """The first names, and the number of the others."""
    shown = "; ".join(labels[:limit])
    return f"{shown}; and {len(labels) - limit} more" if len(labels) > limit else shown
