"""The audit: every claim of the paper gets a verdict in each of its layers."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from workflow.analysis.claims import beside, checks, functions, logs, relation, runs
from workflow.analysis.claims.cells import Runs
from workflow.analysis.claims.evaluate import Scope
from workflow.analysis.claims.facts import Facts, facts_of
from workflow.analysis.claims.published import PublishedRun, load_published
from workflow.analysis.claims.registry import LAYERS, Claim, Layer, Registry, load_claims
from workflow.analysis.claims.results import AuditResult, AuditRow, Outcome
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.evidence.verdict import WORDS, Finding, Standing
from workflow.analysis.paper.author_logs import Logs, load_logs
from workflow.analysis.paper.prints import Paper, load_paper
from workflow.errors import UserError, nearest

BASIS: Mapping[Layer, str] = {
    "paper": "the paper's own tables, text and formulas; no run",
    "logs": "the authors' public logs; no run of ours",
    "runs": "our runs",
    "published": "others' published results; no run of ours",
}
TWIN_BASIS = "our runs on synthetic twins: no evidence about the paper"
EVALUATORS: Mapping[type, Callable[[Scope, Any, relation.Words], Outcome]] = {
    checks.Relation: relation.relation,
    checks.Optimum: relation.optimum,
    checks.Present: relation.present,
    checks.Coverage: lambda scope, check, _: logs.coverage(scope, check),
    checks.Function: lambda scope, check, words: named(scope, check, functions.ON_PRINTS)(scope, words),
}


def audit(evidence: Evidence, registry: Registry | None = None, only: Collection[str] = ()) -> AuditResult:
    """Check every claim in every layer, or some claims.

    Parameters
    ----------
    evidence : Evidence
        What there is of a campaign: the third layer's.
    registry : Registry, optional
        The claims; by default paper/claims.yaml.
    only : collection of str
        Names of the claims to check, with the verdicts that they have among all; none of them: all.

    Returns
    -------
    AuditResult
        A row per claim and layer, in the registry's order.

    Raises
    ------
    UserError
        When a claim selects nothing, or names a function that does not exist.
    """
    known = registry or load_claims()
    facts = facts_of(evidence.paper, known, evidence.logs)
    others = load_published()
    wanted = [claim for claim in known.claims if not only or claim.id in only]
    families = {runs.family_of(claim) for claim in wanted}
    outcomes = _run_outcomes([claim for claim in known.claims if runs.family_of(claim) in families], facts, evidence)
    campaign = evidence.plan.campaign
    basis = TWIN_BASIS if campaign.twin else BASIS["runs"]
    rows = []
    for claim in wanted:
        rows += _without_runs(facts, claim)
        if claim.id in outcomes:
            rows.append(AuditRow(claim, "runs", outcomes[claim.id], basis))
        rows += _beside_others(facts, claim, others)
    return AuditResult(campaign.campaign, campaign.twin is not None, known.claims, tuple(rows))


def audit_prints(
    paper: Paper | None = None,
    registry: Registry | None = None,
    authors: Logs | None = None,
    only: Collection[str] = (),
) -> AuditResult:
    """Check claims, all or some, where no run is needed: the paper itself, its authors' logs, others' results."""
    known = registry or load_claims()
    facts = facts_of(paper or load_paper(), known, load_logs() if authors is None else authors)
    others = load_published()
    rows: list[AuditRow] = []
    for claim in (claim for claim in known.claims if not only or claim.id in only):
        rows += (*_without_runs(facts, claim), *_beside_others(facts, claim, others))
    return AuditResult("none", False, known.claims, tuple(rows))


def narrow(result: AuditResult, claims: Collection[str] = (), layers: Collection[str] = ()) -> AuditResult:
    """Keep the rows of some claims and layers; an empty choice keeps all."""
    rows = tuple(
        row for row in result.rows if (not claims or row.claim.id in claims) and (not layers or row.layer in layers)
    )
    return replace(result, rows=rows)


def refuse_unknown(claims: Collection[str], layers: Collection[str], verdict: str | None = None) -> None:
    """Refuse names of no claim, no layer or no verdict.

    Raises
    ------
    UserError
        It names the nearest.
    """
    words = [str(word) for word in WORDS]
    for what, names, known in (
        ("claim", claims, [claim.id for claim in load_claims().claims]),
        ("layer", layers, LAYERS),
        ("verdict", [verdict] if verdict else [], words),
    ):
        for name in names:
            if parts := [each for each in known if each.startswith(f"{name}.") and name not in known]:
                raise UserError(f"{what} {name} is told in parts; name some of {', '.join(parts)}")
            if name not in known:
                raise UserError(f"no {what} {name!r}; {nearest(name, known)}")


def with_verdict(result: AuditResult, verdict: str) -> list[AuditRow]:
    """The rows with a verdict: what `--fail-on` asks."""
    return [row for row in result.rows if row.verdict.word == verdict]


def counts(result: AuditResult) -> dict[Layer, dict[Finding | Standing, int]]:
    """Computed rows by layer and verdict, in the vocabulary's order; verdicts that do not occur are left out."""
    found: dict[Layer, dict[Finding | Standing, int]] = {}
    for layer in LAYERS:
        tally = Counter(row.verdict.shown for row in result.computed if row.layer == layer)
        found[layer] = {word: tally[word] for word in WORDS if tally[word]}
    return found


def summary_line(result: AuditResult) -> str:
    """One line for the README: how many claims came to what, by layer."""
    titles: Mapping[Layer, str] = {
        "paper": "paper with itself",
        "logs": "authors' logs",
        "runs": "our runs",
        "published": "others' published results",
    }
    parts = [
        f"{titles[layer]}: {', '.join(f'{n} {verdict}' for verdict, n in tally.items()) or 'none'}"
        for layer, tally in counts(result).items()
    ]
    if quotes := len(result.rows) - len(result.computed):
        parts.append(f"not counted: {quotes} with quotes alone")
    claims = len({row.claim.id for row in result.rows})
    return f"{claims} claim{'' if claims == 1 else 's'} audited ({result.campaign}) · {' · '.join(parts)}"


# -- parts ----------------------------------------------------------------------------


def named(scope: Scope, check: checks.Function, known: Mapping[str, Callable[..., Outcome]]) -> Callable[..., Outcome]:
    """The function that a check names."""
    if check.name not in known:
        raise scope.fault(f"no function {check.name!r}; {nearest(check.name, known)}")
    return known[check.name]


def _scope(facts: Facts, claim: Claim) -> Scope:
    said = {(fact.at["claim"], fact.at["name"]): fact for fact in facts.by_source["says"]}
    return Scope(facts, claim.id, said)


def _without_runs(facts: Facts, claim: Claim) -> Iterator[AuditRow]:
    doubt = claim.kind == "plausibility"
    layers: tuple[tuple[Layer, Any, relation.Words], ...] = (
        ("paper", claim.paper, relation.DOUBT if doubt else relation.PAPER),
        ("logs", claim.logs, relation.LOGS),
    )
    for layer, check, words in layers:
        if check is not None:
            yield AuditRow(claim, layer, EVALUATORS[type(check)](_scope(facts, claim), check, words), BASIS[layer])


def _beside_others(facts: Facts, claim: Claim, others: Sequence[PublishedRun]) -> Iterator[AuditRow]:
    if claim.published is not None:
        outcome = beside.EVALUATORS[type(claim.published)](_scope(facts, claim), claim.published, others)
        yield AuditRow(claim, "published", outcome, BASIS["published"])


def _run_outcomes(of: Sequence[Claim], facts: Facts, evidence: Evidence) -> dict[str, Outcome]:
    """Layer three in two passes: all tests first, as Holm's correction spans the claims of a family."""
    claims, ours = [claim for claim in of if claim.runs is not None], Runs(evidence)
    trials = {claim.id: runs.trials_of(_scope(facts, claim), ours, claim) for claim in claims}
    tests = runs.adjust([(runs.family_of(claim), trial) for claim in claims for trial in trials[claim.id] or ()])
    found = {}
    for claim in claims:
        own, scope = trials[claim.id], _scope(facts, claim)
        if own is not None:
            found[claim.id] = runs.conclude(claim, own, tests.get(runs.family_of(claim), 0))
        elif isinstance(claim.runs, checks.Function):
            found[claim.id] = named(scope, claim.runs, functions.ON_RUNS)(scope, ours)
    return found
