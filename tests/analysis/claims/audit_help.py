"""Audits of parts of the registry, without runs."""

from collections.abc import Callable
from pathlib import Path

import yaml

from workflow.analysis.claims.audit import audit_prints
from workflow.analysis.claims.registry import Registry, load_claims
from workflow.analysis.claims.results import Outcome
from workflow.analysis.paper.author_logs import LOGS_PATH, load_logs
from workflow.analysis.paper.prints import load_paper
from workflow.plan.config import ROOT

QUOTED = ("P02", "P14", "P24", "P33.gauc", "P49.before", "P51")  # other claims refer to what they say


def part(*ids: str, registry: Registry | None = None) -> Registry:
    """The registry with these claims only, and those that others quote."""
    whole = registry or load_claims()
    kept = tuple(claim for claim in whole.claims if claim.id in {*ids, *QUOTED})
    return whole.model_copy(update={"claims": kept})


def rows(*ids: str, paper: Path | None = None, registry: Registry | None = None, logs: Path = LOGS_PATH):
    """Audit these claims; outcomes by claim and layer."""
    printed = load_paper(paper) if paper else load_paper()
    result = audit_prints(printed, part(*ids, registry=registry), load_logs(logs))
    return {(row.claim.id, row.layer): row.outcome for row in result.rows}


def row(claim: str, layer: str, **sources) -> Outcome:
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
