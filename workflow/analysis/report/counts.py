"""What the report counts: printed numbers beside ours, a table's other numbers, claims."""

from collections.abc import Iterable, Sequence

from workflow.analysis.claims.registry import LAYER_TITLES
from workflow.analysis.claims.results import AuditResult, AuditRow
from workflow.analysis.compare.numbers import Number
from workflow.analysis.compare.together import TABLES, printed_numbers
from workflow.analysis.compare.words import Finding, Verdict, tally
from workflow.analysis.evidence.cells import Observed
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.evidence.standing import Obstacle, Standing
from workflow.analysis.pages.document import Document
from workflow.analysis.report.text import in_paper_order

QUOTES = "quotes"  # a group of its own among the layers: two quotes side by side, in which nothing is computed
GROUPS: dict[str, str] = {**LAYER_TITLES, QUOTES: "two quotes of the paper against each other (not counted above)"}
Prints = Sequence[tuple[Observed, Number]]
Counted = list[tuple[Verdict, int]]


def group_of(row: AuditRow) -> str:
    """The layer that a row of the audit is counted in, or `QUOTES`."""
    return row.layer if row.computes else QUOTES


def of_claims(result: AuditResult) -> list[tuple[str, Counted]]:
    """By group of claims; quotes only where there are any."""
    groups: dict[str, list[Verdict]] = {layer: [] for layer in LAYER_TITLES}
    for row in result.rows:
        groups.setdefault(group_of(row), []).append(row.verdict)
    return [(name, tally(verdicts)) for name, verdicts in groups.items()]


def prints_of(evidence: Evidence) -> Prints:
    """Every AUC and gAUC of the paper's tables that the campaign has a cell for, in the paper's order."""
    return [
        pair
        for name in in_paper_order(evidence.plan.campaign.experiments)
        if name in TABLES
        for dataset in evidence.datasets_of(name)
        for metric in (("auc", "gauc") if name == "table_3" else ("auc",))
        for pair in printed_numbers(evidence, dataset, name, metric)
    ]


def beside_runs(prints: Prints) -> list[Number]:
    """Printed numbers whose runs have all finished."""
    return [number for _, number in prints if not isinstance(number.verdict.finding, Obstacle)]


def of_tables(documents: Iterable[Document], prints: Prints) -> dict[str, tuple[str, Counted]]:
    """By table, what is counted: printed numbers if it has AUCs, else all rows with a verdict."""
    found = {}
    for document in documents:
        own = [number for one, number in prints if one.cell.experiment == document.name]
        rows = [row for row in document.data if row.get("finding")]
        if own:
            metrics = dict.fromkeys("gAUCs" if one.metric == "gauc" else "AUCs" for one in own)
            found[document.name] = (f"printed {' and '.join(metrics)}", tally(one.verdict for one in own))
        elif rows:
            what = "gains" if {row.get("kind") for row in rows} == {"comparison"} else "numbers"
            found[document.name] = (what, tally(_verdict(row["finding"], row["standing"]) for row in rows))
    return found


def _verdict(word: str, standing: str) -> Verdict:
    """A verdict from the word and the standing in long data."""
    known = {str(each): each for each in (*Finding, *Obstacle)}
    plain = word.removesuffix(" (weak)")
    return Verdict(known.get(plain), Standing(standing) if standing else None, plain != word)
