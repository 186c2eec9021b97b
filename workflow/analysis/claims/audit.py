"""The audit: every claim of the paper gets a verdict in each of its layers."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from workflow.analysis.claims import checks
from workflow.analysis.claims import logs as audit_logs
from workflow.analysis.claims import relation as audit_relation
from workflow.analysis.claims import runs as audit_runs
from workflow.analysis.claims import theory as audit_theory
from workflow.analysis.claims.cells import Campaign
from workflow.analysis.claims.evaluate import Scope
from workflow.analysis.claims.facts import LOGS_PATH, Facts, load_facts
from workflow.analysis.claims.registry import LAYERS, Claim, Layer, Registry, load_claims
from workflow.analysis.claims.results import VERDICTS, AuditResult, AuditRow, AuditVerdict, Finding
from workflow.analysis.evidence.collect import collect
from workflow.analysis.evidence.prints import Paper, load_paper
from workflow.errors import UserError, nearest
from workflow.plan import Plan

BASIS: Mapping[Layer, str] = {
    "paper": "the paper's own tables, text and formulas; no run",
    "logs": "the authors' public logs; no run of ours",
    "runs": "our runs",
}
EVALUATORS: Mapping[type, Callable[[Scope, Any, audit_relation.Words], Finding]] = {
    checks.Relation: audit_relation.relation,
    checks.Optimum: audit_relation.optimum,
    checks.Present: audit_relation.present,
    checks.Spread: audit_relation.p_value,
    checks.Gradient: lambda _, check, words: audit_theory.gradient(check, words),
    checks.FusedGradient: lambda _, __, words: audit_theory.fused_gradient(words),
    checks.Forms: lambda _, check, words: audit_theory.forms(check, words),
    checks.Monotone: lambda _, check, words: audit_theory.monotone(check, words),
    checks.Weight: lambda _, check, words: audit_theory.weight(check, words),
    checks.Coverage: lambda scope, check, _: audit_logs.coverage(scope, check),
    checks.Selection: lambda scope, check, _: audit_logs.selection(scope, check),
    checks.Repeats: lambda scope, check, _: audit_logs.repeats(scope, check),
}
TWIN_BASIS = "our runs on synthetic twins: other data, no evidence"


def audit(
    plan: Plan, paper: Paper | None = None, registry: Registry | None = None, logs: Path = LOGS_PATH
) -> AuditResult:
    """Check every claim in every layer.

    Parameters
    ----------
    plan : Plan
        The expanded campaign, whose records are the third layer's evidence.
    paper : Paper, optional
        What the paper prints; by default paper/tables.yaml.
    registry : Registry, optional
        The claims; by default paper/claims.yaml.
    logs : Path, optional
        The table of facts from the authors' logs.

    Returns
    -------
    AuditResult
        A row per claim and layer, in the registry's order.

    Raises
    ------
    UserError
        When a file is missing or breaks its schema, when a claim selects nothing, or when
        a record is damaged.
    """
    campaign = plan.campaign
    return audit_frame(
        collect(plan),
        campaign.campaign,
        campaign.twin is not None,
        paper or load_paper(),
        registry or load_claims(),
        logs,
    )


def audit_frame(
    frame: pd.DataFrame, campaign: str, twin: bool, paper: Paper, registry: Registry, logs: Path = LOGS_PATH
) -> AuditResult:
    """Check every claim, with a campaign's runs already collected."""
    facts = load_facts(paper, registry, logs)
    runs = _run_findings(registry, facts, Campaign(frame, registry.cells), twin)
    rows = []
    for claim in registry.claims:
        for layer in claim.layers:
            finding = runs[claim.id] if layer == "runs" else _finding(facts, claim, layer)
            rows.append(_row(claim, layer, finding, TWIN_BASIS if twin and layer == "runs" else BASIS[layer]))
    return AuditResult(campaign, twin, registry.claims, tuple(rows))


def narrow(result: AuditResult, claims: Collection[str] = (), layers: Collection[str] = ()) -> AuditResult:
    """Keep the rows of some claims and layers; an empty choice keeps all.

    Raises
    ------
    UserError
        When no claim or layer has such a name.
    """
    known = [claim.id for claim in result.claims]
    for name in claims:
        if name not in known:
            raise UserError(f"no claim {name!r}; {nearest(name, known)}")
    for name in layers:
        if name not in LAYERS:
            raise UserError(f"no layer {name!r}; {nearest(name, LAYERS)}")
    rows = tuple(
        row for row in result.rows if (not claims or row.claim in claims) and (not layers or row.layer in layers)
    )
    return replace(result, rows=rows)


def has_verdict(result: AuditResult, verdict: str) -> bool:
    """Whether any row has this verdict: what `--fail-on` asks.

    Raises
    ------
    UserError
        When there is no such verdict.
    """
    known = [str(one) for one in AuditVerdict]
    if verdict not in known:
        raise UserError(f"no verdict {verdict!r}; {nearest(verdict, known)}")
    return any(row.verdict == verdict for row in result.rows)


def counts(result: AuditResult) -> dict[Layer, dict[AuditVerdict, int]]:
    """Rows by layer and verdict; verdicts that do not occur are left out."""
    found: dict[Layer, dict[AuditVerdict, int]] = {}
    for layer in LAYERS:
        tally = Counter(row.verdict for row in result.rows if row.layer == layer)
        found[layer] = {verdict: tally[verdict] for verdict in VERDICTS[layer] if tally[verdict]}
    return found


def summary_line(result: AuditResult) -> str:
    """One line for the README: how many claims came to what, by layer."""
    titles: Mapping[Layer, str] = {"paper": "paper with itself", "logs": "authors' logs", "runs": "our runs"}
    parts = [
        f"{titles[layer]}: {', '.join(f'{n} {verdict}' for verdict, n in tally.items()) or 'none'}"
        for layer, tally in counts(result).items()
    ]
    claims = len({row.claim for row in result.rows})
    return f"{claims} claim{'' if claims == 1 else 's'} audited ({result.campaign}) · {' · '.join(parts)}"


# -- parts ----------------------------------------------------------------------------


def _scope(facts: Facts, claim: Claim) -> Scope:
    said = {(fact.at["claim"], fact.at["name"]): fact for fact in facts.by_source["says"]}
    return Scope(facts, claim.id, said)


def _finding(facts: Facts, claim: Claim, layer: Layer) -> Finding:
    check = claim.paper if layer == "paper" else claim.logs
    words = audit_relation.LOGS
    if layer == "paper":
        words = audit_relation.DOUBT if claim.kind == "plausibility" else audit_relation.PAPER
    return EVALUATORS[type(check)](_scope(facts, claim), check, words)


def _run_findings(registry: Registry, facts: Facts, campaign: Campaign, twin: bool) -> dict[str, Finding]:
    """Layer three in two passes: all tests first, as Holm's correction spans claims."""
    claims = [claim for claim in registry.claims if claim.runs is not None]
    trials = {claim.id: audit_runs.trials_of(_scope(facts, claim), campaign, claim) for claim in claims}
    tests = audit_runs.adjust(
        [(audit_runs.family_of(claim), trial) for claim in claims for trial in trials[claim.id] or ()]
    )
    found = {}
    for claim in claims:
        own = trials[claim.id]
        if own is not None:
            finding = audit_runs.conclude(claim, own, tests.get(audit_runs.family_of(claim), 0))
        else:
            assert isinstance(claim.runs, checks.RunParameters)
            finding = audit_runs.parameters(_scope(facts, claim), campaign, claim, claim.runs)
        found[claim.id] = audit_runs.on_twins(finding) if twin else finding
    return found


def _row(claim: Claim, layer: Layer, finding: Finding, basis: str) -> AuditRow:
    return AuditRow(
        claim=claim.id,
        place=claim.place,
        quote=claim.quote,
        kind=claim.kind,
        means=claim.means,
        layer=layer,
        verdict=finding.verdict,
        measured=finding.measured,
        expected=finding.expected,
        explanation=finding.explanation,
        basis=basis,
        evidence=finding.evidence,
        items=finding.items,
    )
