"""Claims as the page shows them: what each layer said, and the evidence behind it."""

from collections.abc import Iterable
from dataclasses import dataclass

from workflow.analysis.claims.audit import counts
from workflow.analysis.claims.registry import LAYER_TITLES, LAYERS
from workflow.analysis.claims.results import AuditItem, AuditResult, AuditRow
from workflow.analysis.report.runs import href_of
from workflow.analysis.report.signs import Sign, sign_of

Evidence = tuple[tuple[str, str | None], ...]  # text and link


@dataclass(frozen=True)
class ItemView:
    """One of the things that a check looked at."""

    label: str
    sign: Sign
    measured: str
    expected: str
    evidence: Evidence


@dataclass(frozen=True)
class FindingView:
    """What one layer said."""

    layer: str
    title: str
    sign: Sign
    measured: str
    expected: str
    explanation: str
    basis: str
    evidence: Evidence
    items: tuple[ItemView, ...]


@dataclass(frozen=True)
class ClaimView:
    """One claim with the findings of its layers."""

    id: str
    place: str
    quote: str | None
    kind: str
    means: str
    findings: tuple[FindingView, ...]

    @property
    def anchor(self) -> str:
        """Where the page has it."""
        return f"claim-{self.id}"

    @property
    def filter(self) -> str:
        """Layer and verdict of each finding, for the filters."""
        return " ".join(f"{finding.layer}:{finding.sign.slug}" for finding in self.findings)


@dataclass(frozen=True)
class LayerView:
    """How many claims came to what in one layer."""

    name: str
    title: str
    verdicts: tuple[tuple[Sign, int], ...]


def claim_views(result: AuditResult, known: frozenset[str]) -> tuple[ClaimView, ...]:
    """Every claim that the audit has a row for, in its order."""
    rows: dict[str, list[AuditRow]] = {}
    for row in result.rows:
        rows.setdefault(row.claim, []).append(row)
    return tuple(
        ClaimView(
            id=claim,
            place=found[0].place,
            quote=found[0].quote,
            kind=found[0].kind,
            means=found[0].means,
            findings=tuple(_finding(row, known) for row in found),
        )
        for claim, found in rows.items()
    )


def layer_views(result: AuditResult) -> tuple[LayerView, ...]:
    """Counts by layer."""
    tally = counts(result)
    return tuple(
        LayerView(layer, LAYER_TITLES[layer], tuple((sign_of(verdict), n) for verdict, n in tally[layer].items()))
        for layer in LAYERS
    )


def cited_runs(result: AuditResult) -> dict[str, list[str]]:
    """By evidence, the claims that name it."""
    found: dict[str, dict[str, None]] = {}
    for row in result.rows:
        for key in (*row.evidence, *(key for item in row.items for key in item.evidence)):
            found.setdefault(key, {})[row.claim] = None
    return {key: list(claims) for key, claims in found.items()}


def _finding(row: AuditRow, known: frozenset[str]) -> FindingView:
    return FindingView(
        layer=row.layer,
        title=LAYER_TITLES[row.layer],
        sign=sign_of(row.verdict),
        measured=row.measured,
        expected=row.expected,
        explanation=row.explanation,
        basis=row.basis,
        evidence=_evidence(row.evidence, known),
        items=tuple(_item(item, known) for item in row.items),
    )


def _item(item: AuditItem, known: frozenset[str]) -> ItemView:
    return ItemView(item.label, sign_of(item.verdict), item.measured, item.expected, _evidence(item.evidence, known))


def _evidence(names: Iterable[str], known: frozenset[str]) -> Evidence:
    return tuple((name, href_of((name,), known)) for name in names)
