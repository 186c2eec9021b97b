"""Audits of parts of the registry."""

from collections.abc import Callable
from pathlib import Path

import yaml

from workflow.analysis.claims.audit import audit, audit_prints
from workflow.analysis.claims.results import Outcome
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.paper.author_logs import LOGS_PATH, load_logs
from workflow.analysis.paper.prints import PRINTS_PATH, load_paper
from workflow.plan.campaign import Plan
from workflow.plan.config import ROOT


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


def edited(tmp_path: Path, name: str, edit: Callable[[str], str]) -> Path:
    """A copy of a file of paper/ with a change that must be one."""
    text = (ROOT / "paper" / name).read_text()
    changed = edit(text)
    assert changed != text
    path = tmp_path / name
    path.write_text(changed)
    if name.endswith(".yaml"):
        yaml.safe_load(changed)
    return path
