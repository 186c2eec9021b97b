"""Table V: three models alone and inside the framework."""

from workflow.analysis.evidence.load import Evidence
from workflow.analysis.pages.document import Document
from workflow.analysis.tables.auc import build_auc

NAMES = {"plain": "alone", "framework": "in TF4CTR"}


def build(evidence: Evidence, experiment: str) -> Document:
    """Compare models alone and in the framework with the paper, dataset by dataset."""
    return build_auc(
        evidence,
        experiment,
        "5",
        "RQ4",
        {"Model": lambda one: one.at["model"], "": lambda one: NAMES[one.at["variant"]]},
        "† Settings come from the authors' log or released grid. “In TF4CTR” is the framework as the paper defines it. "
        "Under that name the authors published other models: DeepFM's FM term is one number per batch, WideDeep has no "
        "SSEM, xDeepFM's linear part joins the final logit only. The paper's numbers probably come from that code, so "
        "its rows, beyond the paper, are compared with the same prints.",
        ranked=lambda one: one.at["model"],
    )
