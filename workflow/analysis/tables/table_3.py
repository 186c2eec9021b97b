"""Table III: every SSEM with every DFM, per dataset, AUC and gAUC."""

from workflow.analysis.evidence.load import Evidence
from workflow.analysis.pages.document import Document
from workflow.analysis.tables.auc import build_auc


def build(evidence: Evidence, experiment: str) -> Document:
    """Compare the grid with the paper's, dataset by dataset."""
    lines: dict[str, list[str]] = {}
    for fact in evidence.paper.frame.select("auc", table="3"):
        if fact.note:
            lines.setdefault(fact.at["dataset"], []).append(f"{fact.at['ssem']}+{fact.at['dfm']}: {fact.note}")
    return build_auc(
        evidence,
        experiment,
        "3",
        "RQ2",
        {"SSEM": lambda one: one.at["ssem"], "DFM": lambda one: one.at["dfm"]},
        "† Settings of this cell (MLP_s, c, γ, dropout) come from the authors' log that gives the printed values; the "
        "other cells use the dataset's final settings.",
        metrics=("auc", "gauc"),
        lines=lines,
    )
