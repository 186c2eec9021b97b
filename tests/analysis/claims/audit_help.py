"""Audits of parts of the registry."""

from pathlib import Path

from workflow.analysis.claims.audit import audit, audit_prints
from workflow.analysis.claims.results import Outcome
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.paper.author_logs import LOGS_PATH, load_logs
from workflow.analysis.paper.prints import PRINTS_PATH, load_paper
from workflow.plan.campaign import Plan


def rows(*ids: str, paper: Path = PRINTS_PATH, logs: Path = LOGS_PATH) -> dict[tuple[str, str], Outcome]:
    """Audit these claims; outcomes by claim and layer."""
    result = audit_prints(load_paper(paper), load_logs(logs), only=ids)
    return {(row.claim.id, row.layer): row.outcome for row in result.rows}


def of_runs(evidence: Evidence | Plan, *ids: str) -> dict[str, Outcome]:
    """Audit claims, all or some, beside the runs of a plan; outcomes of that layer by claim."""
    loaded = Evidence.load(evidence) if isinstance(evidence, Plan) else evidence
    return {row.claim.id: row.outcome for row in audit(loaded, only=ids).rows if row.layer == "runs"}


def row(claim: str, layer: str, **sources: Path) -> Outcome:
    """Audit one claim in one layer."""
    return rows(claim, **sources)[claim, layer]
