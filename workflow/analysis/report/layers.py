"""What the audit says, layer by layer: the paper beside itself, its authors' logs, and our runs."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from workflow.analysis.claims.catalog import ON_RUNS
from workflow.analysis.claims.registry import RANKS, Kind, Layer
from workflow.analysis.claims.results import AuditItem, AuditResult, AuditRow
from workflow.analysis.compare import words
from workflow.analysis.compare.words import Finding, Verdict
from workflow.analysis.evidence.standing import Obstacle
from workflow.analysis.report.sentence import FEW, Sentence, listed, plural

RESULTS: tuple[Kind, ...] = ("significance", "gain", "ordering", "majority", "selection", "completeness", "support")
NOT_HELD = "What had to hold and does not"
DECIDED = (
    *(Finding.HOLDS, Finding.SMALLER, Finding.DOES_NOT_HOLD, Finding.REVERSED, Finding.GAIN, Finding.LOSS),
    *(Finding.SEEN, Finding.NOT_SEEN),
)
ELSEWHERE: tuple[Kind, ...] = ("support", "gain", "ordering", "majority")  # among printed numbers and gains


def unaided(result: AuditResult) -> Iterator[Sentence]:
    """A sentence for each of the two layers that the audit has rows of."""
    if rows := _rows(result, "paper"):
        bad = _found(rows, Finding.INCONSISTENT)
        text = f"The paper does not agree with itself in {len(bad)} of {len(rows)} computed checks"
        yield Sentence("The paper with itself", _told(text, bad, NOT_HELD), _anchor("paper", Finding.INCONSISTENT))
    if rows := _rows(result, "logs"):
        bad = _found(rows, Finding.CONTRADICTED)
        text = f"The paper is contradicted by its authors' own logs in {len(bad)} of {len(rows)} computed checks"
        parts = (_told(text, bad, NOT_HELD), _unsettled(rows))
        yield Sentence("The authors' logs", " ".join(filter(None, parts)), _anchor("logs", Finding.CONTRADICTED))


def beside_runs(result: AuditResult) -> Iterator[Sentence]:
    """How far our runs decide the paper's claims, and the weightiest of those that are of no gain."""
    rows = sorted(_rows(result, "runs"), key=_weight)
    if all(row.verdict.finding in Obstacle for row in rows):
        return
    parts = [(row, item) for row in rows for item in row.outcome.items if item.verdict.finding in DECIDED]
    inside = [item.verdict for row, item in parts if row.verdict.finding not in DECIDED]
    text = f"Of {len(rows)} claims that runs can decide: {tally(row.verdict for row in rows)}."
    text += f" Comparisons decided inside claims that stay open: {tally(inside)}." if inside else ""
    first = {row.claim.id: _part(row, item) for row, item in reversed(parts) if row.claim.kind not in ELSEWHERE}
    beyond = reversed(first.values())
    text += f" Beyond gains: {'; '.join(islice(beyond, FEW))}." if first else ""
    yield Sentence("Claims beside our runs", text, "claims?layer=runs")


def tally(verdicts: Iterable[Verdict]) -> str:
    """Verdicts with how often each, in the order in which readers see them."""
    return listed(f"{word} {count}" for word, count in words.tally(verdicts).items())


def _part(row: AuditRow, item: AuditItem) -> str:
    of = f"{row.claim.id} ({row.claim.means})"
    return f"{item.label} {item.measured}, {item.verdict.word}, is one comparison of {of}"


def _unsettled(rows: Sequence[AuditRow]) -> str:
    """Claims that rest on what was never published, and that no run can decide either."""
    bare = [row for row in _found(rows, Finding.UNSUPPORTED) if row.claim.id not in ON_RUNS]
    n = len(bare)
    text = f"{n} claim{plural(n)} of what the authors did can be settled by nobody: no log shows it, no run could"
    return _told(text, bare, "What no log shows") if bare else ""


def _anchor(layer: Layer, finding: Finding) -> str:
    return f"claims?layer={layer}&verdict={finding}"


def _found(rows: Sequence[AuditRow], finding: Finding) -> list[AuditRow]:
    return [row for row in rows if row.verdict.finding is finding]


def _rows(result: AuditResult, layer: Layer) -> list[AuditRow]:
    """Rows of a layer in which something is computed."""
    return [row for row in result.computed if row.layer == layer]


def _told(text: str, rows: Sequence[AuditRow], lead: str) -> str:
    """A sentence with the weightiest claim as its example; the page lists the others.

    What the paper only implies or leaves out, and what needs a caution, does not count as central.
    """
    if not rows:
        return f"{text}."
    central = sum(row.claim.weighs and row.claim.rank == "central" for row in rows)
    unsaid = sum(row.claim.reading != "stated" for row in rows)
    parts = [f"{central} of them on {'a central statement' if central == 1 else 'central statements'}"] * bool(central)
    parts += [f"{unsaid} on what it only implies or leaves out"] * bool(unsaid)
    row = min(rows, key=_weight)
    aside = f", {listed(parts)}" if parts else ""
    return f"{text}{aside}. {lead}, for example: {row.claim.id}, {row.claim.means} (found: {row.outcome.measured})."


def _weight(row: AuditRow) -> tuple[bool, int, int]:
    """What the paper states first, of this central claims, and among these what is said of results."""
    kind = row.claim.kind
    place = RESULTS.index(kind) if kind in RESULTS else len(RESULTS)
    return not row.claim.weighs, RANKS.index(row.claim.rank), place
