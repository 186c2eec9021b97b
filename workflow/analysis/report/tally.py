"""What the page counts, each in one way: printed numbers beside ours, a table's other numbers, claims."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from workflow.analysis.claims.audit import counts
from workflow.analysis.claims.registry import LAYER_TITLES
from workflow.analysis.claims.results import AuditResult, AuditRow
from workflow.analysis.compare.words import WORDS, Finding, Verdict, Word
from workflow.analysis.evidence.standing import Obstacle, Standing
from workflow.analysis.pages.document import Document
from workflow.analysis.report.printed import Printed

QUOTES = "quotes"  # a group of its own among the layers: two quotes side by side, in which nothing is computed
GROUPS: dict[str, str] = {**LAYER_TITLES, QUOTES: "two quotes of the paper side by side (not counted above)"}
Counts = tuple[tuple[Verdict, int], ...]


@dataclass(frozen=True)
class Tally:
    """Verdicts of one kind of thing, and how many there are of each. `anchor` is where the page shows them."""

    title: str
    counts: Counts
    anchor: str = ""
    what: str = ""

    @property
    def total(self) -> int:
        """All together."""
        return sum(count for _, count in self.counts)


def group_of(row: AuditRow) -> str:
    """The layer that a row of the audit is counted in, or `QUOTES`."""
    return row.layer if row.computes else QUOTES


def of_claims(result: AuditResult) -> tuple[tuple[str, Counts], ...]:
    """By group of claims; quotes only where there are any."""
    groups = [(str(layer), tally) for layer, tally in counts(result).items()]
    beside = Counter(row.verdict.shown for row in result.rows if not row.computes)
    groups += [(QUOTES, {word: beside[word] for word in WORDS if beside[word]})] if beside else []
    return tuple(
        (name, tuple((_verdict(str(word), _standing(word)), n) for word, n in tally.items())) for name, tally in groups
    )


def of_tables(documents: Iterable[Document], prints: Sequence[Printed]) -> tuple[Tally, ...]:
    """By table: of those with AUCs their `prints`, which are what the answer counts; of others all compared numbers."""
    found = []
    for document in documents:
        own = [one for one in prints if one.table.replace("_", "-") == document.name]
        if own:
            metrics = dict.fromkeys("gAUCs" if one.metric == "gauc" else "AUCs" for one in own)
            found.append(_tally(document, Counter(one.number.verdict for one in own), " and ".join(metrics)))
        else:
            rows = [row for row in document.data if row.get("finding") not in (None, "", "")]
            verdicts = Counter(_verdict(row["finding"], row["standing"]) for row in rows)
            found += [_tally(document, verdicts, "numbers")] if verdicts else []
    return tuple(found)


def beside_runs(prints: Iterable[Printed]) -> list[Printed]:
    """Printed numbers that have all their runs: what the page calls beside ours."""
    return [one for one in prints if not isinstance(one.number.verdict.finding, Obstacle)]


def of_standings(prints: Iterable[Printed]) -> Counts:
    """Printed numbers beside ours by the standing of the runs."""
    found = Counter(one.number.ground.standing for one in beside_runs(prints))
    return tuple((Verdict(None, one), found[one]) for one in Standing if found[one])


# -- parts ----------------------------------------------------------------------------


def _tally(document: Document, verdicts: Counter[Verdict], what: str) -> Tally:
    """Each standing apart; a standing says nothing of what has not run."""
    found = Counter[Verdict]()
    for verdict, count in verdicts.items():
        found[Verdict(verdict.finding) if isinstance(verdict.finding, Obstacle) else verdict] += count
    ordered = sorted(found.items(), key=lambda pair: (WORDS.index(pair[0].shown), pair[0].weak, str(pair[0].standing)))
    return Tally(document.title, tuple(ordered), document.name, what)


def _verdict(word: str, standing: str) -> Verdict:
    known = {str(each): each for each in (*Finding, *Obstacle)}
    plain = word.removesuffix(" (weak)")
    return Verdict(known.get(plain), Standing(standing) if standing else None, plain != word)


def _standing(word: Word) -> str:
    return str(word) if isinstance(word, Standing) else ""
