"""Every printed AUC and gAUC that the campaign has a cell for."""

from dataclasses import dataclass

from workflow.analysis.compare.numbers import Number
from workflow.analysis.compare.together import TABLES, printed_numbers
from workflow.analysis.evidence.dataset import OnDataset
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.report.order import in_paper_order


@dataclass(frozen=True)
class Printed:
    """One printed AUC or gAUC, and ours."""

    table: str  # its experiment, such as table_3
    title: str  # the paper's name of the table
    dataset: str
    cell: str
    metric: str
    number: Number


def prints_of(evidence: Evidence) -> tuple[Printed, ...]:
    """Every AUC and gAUC of the paper's tables that the campaign has a cell for, in the paper's order."""
    return tuple(
        Printed(
            name,
            evidence.paper.name_of(name.removeprefix("table_")),
            OnDataset(one.cell.dataset, (one,)).title,
            one.label,
            each.metric,
            each,
        )
        for name in in_paper_order(evidence.plan.campaign.experiments)
        if name in TABLES
        for dataset in evidence.datasets_of(name)
        for metric in (("auc", "gauc") if name == "table_3" else ("auc",))
        for one, each in printed_numbers(evidence, dataset, name, metric)
    )
