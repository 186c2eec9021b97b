"""Layer three: claims against runs with known scores."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.analysis.audit_help import NO_RUNS, QUOTED
from workflow.analysis.claims.audit import audit, audit_frame, has_verdict, narrow, summary_line
from workflow.analysis.claims.facts import load_facts
from workflow.analysis.claims.registry import CellRule, Registry, load_claims
from workflow.analysis.claims.results import AuditResult, AuditRow, AuditVerdict
from workflow.analysis.claims.runs import weigh
from workflow.analysis.evidence.prints import load_paper
from workflow.config import ROOT, load_campaign
from workflow.errors import UserError
from workflow.plan import Plan

SEEDS = [2020, 2021, 2022, 2023, 2024]
NOISE = (-0.0002, 0.0001, 0.0, -0.0001, 0.0002)
MakePlan = Callable[..., Plan]
Put = Callable[..., Path]


@pytest.fixture
def plan(make_plan: MakePlan) -> Plan:
    return make_plan(experiments=["table_3"], seeds=SEEDS)


def _write(plan: Plan, put: Put, scores: Mapping[tuple[str, str], float], default: float = 0.98, **more: str) -> None:
    """Records for every run: the cell's score and a little noise over the seeds."""
    for cell in plan.cells_of("table_3"):
        score = scores.get((cell.dataset, cell.label), default)
        for run, noise in zip(cell.runs, NOISE, strict=False):
            put(run, auc=score + noise, gauc=score + noise - 0.01, **more)


def _audit(plan: Plan, *ids: str) -> dict[str, AuditRow]:
    whole = load_claims()
    claims = tuple(claim for claim in whole.claims if claim.id in {*ids, *QUOTED})
    part = whole.model_copy(update={"claims": claims})
    return {row.claim: row for row in audit(plan, registry=part).rows if row.layer == "runs"}


def test_a_gain_as_large_as_claimed_is_reproduced(plan: Plan, put: Put) -> None:
    _write(plan, put, {("frappe", "SER+WSF"): 0.9821})
    row = _audit(plan, "P33.auc")["P33.auc"]
    assert row.verdict == "reproduced"
    assert "+0.210" in row.items[0].measured
    assert "At 80 % power these seeds notice a gain of 0.0" in row.explanation
    assert len(row.evidence) == 10


def test_a_gain_that_is_sure_but_smaller_than_claimed_is_refuted(plan: Plan, put: Put) -> None:
    _write(plan, put, {("frappe", "SER+WSF"): 0.9810})
    assert _audit(plan, "P33.auc")["P33.auc"].verdict == "refuted"


def test_a_loss_where_a_gain_is_claimed_is_refuted(plan: Plan, put: Put) -> None:
    _write(plan, put, {("frappe", "SER+WSF"): 0.9790})
    assert _audit(plan, "P33.auc")["P33.auc"].verdict == "refuted"


def test_a_difference_within_the_noise_is_inconclusive_and_says_what_would_be_noticed(plan: Plan, put: Put) -> None:
    _write(plan, put, {("ml-1m", "SER+WSF"): 0.98005})
    row = _audit(plan, "P26.alone")["P26.alone"]
    assert row.verdict == "inconclusive"
    assert "80 % power" in row.explanation


def test_one_seed_allows_no_test(make_plan: MakePlan, put: Put) -> None:
    plan = make_plan(experiments=["table_3"], seeds=[2023])
    _write(plan, put, {("frappe", "SER+WSF"): 0.99})
    row = _audit(plan, "P33.auc")["P33.auc"]
    assert row.verdict == "inconclusive"
    assert "too few seeds" in row.explanation


def test_without_runs_the_verdict_is_not_run(plan: Plan) -> None:
    rows = _audit(plan, "P33.auc", "P41", "P52", "S.T3", "P27")
    assert {row.verdict for row in rows.values()} == {"not run"}


def test_a_claim_about_four_datasets_is_not_reproduced_on_two(plan: Plan, put: Put) -> None:
    best = {(dataset, f"SER+{dfm}"): 0.99 for dataset in ("frappe", "ml-1m") for dfm in ("WSF", "Sum")}
    _write(plan, put, best)
    row = _audit(plan, "P35.ssem")["P35.ssem"]
    assert row.verdict == "inconclusive"
    assert "2 reproduced, 2 not run" in row.measured


def test_one_sure_failure_refutes_a_claim_about_all(plan: Plan, put: Put) -> None:
    _write(plan, put, {("frappe", "SER+Sum"): 0.97})
    assert _audit(plan, "P35.ssem")["P35.ssem"].verdict == "refuted"


def test_a_majority_over_planned_and_missing_runs_stays_open_until_it_cannot_change(plan: Plan, put: Put) -> None:
    _write(plan, put, {("frappe", "Share+Sum"): 0.99, ("ml-1m", "Share+Sum"): 0.99})
    row = _audit(plan, "P31.auc")["P31.auc"]
    assert row.measured == "24 refuted, 24 not run"
    assert row.verdict == "refuted"  # more than half of 48 cannot hold any more


def test_cells_are_judged_by_the_tables_rule_and_by_a_prediction_test(plan: Plan, put: Put) -> None:
    _write(plan, put, {("frappe", "SER+WSF"): 0.98725, ("frappe", "GM+VF"): 0.9})
    items = {item.label: item for item in _audit(plan, "S.T3")["S.T3"].items}
    assert items["Table III frappe SER+WSF auc"].verdict == "reproduced"
    assert items["Table III frappe GM+VF auc"].verdict == "refuted"
    assert "against the print" in items["Table III frappe GM+VF auc"].measured
    assert items["Table III kkbox SER+WSF auc"].verdict == "not run"


def test_holm_spans_the_claims_of_a_family(plan: Plan, put: Put) -> None:
    _write(plan, put, {("frappe", "SER+WSF"): 0.9821, ("ml-1m", "SER+WSF"): 0.9868})
    alone = _audit(plan, "P33.auc")["P33.auc"]
    family = _audit(plan, "P33.auc", "P35.auc", "P35.gauc")["P33.auc"]
    assert "Holm over 4 tests" in alone.explanation  # with P33.gauc, which is always there
    assert "Holm over 8 tests" in family.explanation


@pytest.mark.parametrize(("origin", "verdict"), [("other", "other data"), ("twin", "other data (twin)")])
def test_other_bytes_are_no_evidence(plan: Plan, put: Put, origin: str, verdict: str) -> None:
    _write(plan, put, {("frappe", "SER+WSF"): 0.99}, origin=origin)
    rows = _audit(plan, "P33.auc", "S.T3", "P35.ssem")
    assert {row.verdict for row in rows.values()} == {verdict}


def test_limits_make_another_protocol(make_plan: MakePlan, put: Put) -> None:
    limits = {"network": {}, "training": {"max_epochs": 3}}
    plan = make_plan(experiments=["table_3"], seeds=SEEDS, limits=limits)
    _write(plan, put, {("frappe", "SER+WSF"): 0.9821})
    assert _audit(plan, "P33.auc")["P33.auc"].verdict == "other protocol"


def test_a_failed_run_leaves_its_claim_failed(plan: Plan, put: Put) -> None:
    _write(plan, put, {("frappe", "SER+WSF"): 0.9821})
    cell = next(c for c in plan.cells_of("table_3") if (c.dataset, c.label) == ("frappe", "SER+WSF"))
    put(cell.runs[0], failure="loss is not finite")
    assert _audit(plan, "P33.auc")["P33.auc"].verdict == "failed"


@pytest.fixture
def twins(make_plan: MakePlan, put: Put) -> AuditResult:
    plan = make_plan(campaign="demo", experiments=["table_3"], seeds=SEEDS, twin={"rows": 4000, "seed": 1})
    _write(plan, put, {("frappe", "SER+WSF"): 0.9821}, origin="twin")
    return audit(plan)


def test_twins_are_never_evidence_and_every_line_says_so(twins: AuditResult) -> None:
    runs = [row for row in twins.rows if row.layer == "runs"]
    assert len(runs) == sum("runs" in claim.layers for claim in twins.claims) > 40
    for row in runs:
        assert row.verdict == AuditVerdict.TWIN
        assert "twin" in row.basis
        assert "twin" in row.explanation
        assert {item.verdict for item in row.items} <= {AuditVerdict.TWIN}
    assert not has_verdict(twins, "refuted")
    assert not has_verdict(twins, "reproduced")
    # whatever the twins' runs give, the other layers are what they are without them
    without = audit_frame(NO_RUNS, "none", False, load_paper(), load_claims())
    others = [[row for row in one.rows if row.layer != "runs"] for one in (twins, without)]
    assert others[0] == others[1]


def test_fail_on_and_narrowing(plan: Plan, put: Put) -> None:
    _write(plan, put, {("frappe", "SER+WSF"): 0.9790})
    part = {"P33.auc", "P07", *QUOTED}
    claims = tuple(claim for claim in load_claims().claims if claim.id in part)
    result = audit(plan, registry=load_claims().model_copy(update={"claims": claims}))
    assert has_verdict(result, "refuted")
    assert not has_verdict(narrow(result, layers=["logs"]), "refuted")
    only = narrow(result, ["P33.auc"], ["runs"])
    assert [(row.claim, row.layer) for row in only.rows] == [("P33.auc", "runs")]
    assert summary_line(only).startswith("1 claim audited")
    with pytest.raises(UserError, match="did you mean"):
        narrow(result, ["P33.aux"])
    with pytest.raises(UserError, match="no layer 'log'; did you mean 'logs'"):
        narrow(result, layers=["log"])
    with pytest.raises(UserError, match="no verdict 'refute'; did you mean 'refuted'"):
        has_verdict(result, "refute")


def test_a_cell_that_an_experiment_does_not_plan_is_not_run(make_plan: MakePlan) -> None:
    whole = load_claims()
    rules = tuple(rule.model_copy(update={"label": "no such label"}) for rule in whole.cells)
    registry = Registry(cells=rules, sources=whole.sources, claims=whole.claims)
    rows = audit(make_plan(experiments=["table_3"], seeds=SEEDS), registry=registry).rows
    assert {row.verdict for row in rows if row.layer == "runs" and row.claim.startswith("P3")} == {"not run"}


@pytest.mark.parametrize("rule", load_claims().cells, ids=lambda rule: f"{rule.experiment}-{rule.variant}")
def test_the_registry_finds_every_printed_cell_in_the_shipped_experiments(rule: CellRule) -> None:
    """A label that was misspelt, or changed in an experiment, would only ever say `not run`."""
    plan = Plan(load_campaign(ROOT / "config/paper.yaml"))
    cells = plan.timed_cells_of(rule.experiment) if rule.experiment in plan.timed else plan.cells_of(rule.experiment)
    labels = {(cell.dataset, cell.label) for cell in cells}
    facts = load_facts(load_paper(), load_claims()).by_source["paper"]
    printed = [fact.at for fact in facts if fact.at.get("table") == rule.table]
    wanted = {
        (rule.dataset or at["dataset"], rule.label.format(**at))
        for at in printed
        if rule.variant in (None, at.get("variant")) and at.get("metric") in {"auc", "train_s"}
    }
    assert wanted
    assert wanted <= labels


@pytest.mark.parametrize(
    ("need", "verdicts", "outcome"),
    [
        ("all", "rrr", "reproduced"),
        ("all", "rri", "inconclusive"),
        ("all", "rxi", "refuted"),
        ("majority", "rrx", "reproduced"),
        ("majority", "rixi", "inconclusive"),
        ("majority", "rxxi", "refuted"),
        ("some", "xxi", "inconclusive"),
        ("some", "xxx", "refuted"),
        ("none", "xxx", "reproduced"),
        ("none", "xxr", "refuted"),
        ("all", "nn", "not run"),
        ("all", "rf", "failed"),
    ],
)
def test_weighing(need: str, verdicts: str, outcome: str) -> None:
    words = {
        "r": AuditVerdict.REPRODUCED,
        "x": AuditVerdict.REFUTED,
        "i": AuditVerdict.INCONCLUSIVE,
        "n": AuditVerdict.NOT_RUN,
        "f": AuditVerdict.FAILED,
    }
    assert weigh(need, [words[letter] for letter in verdicts]) == outcome  # pyright: ignore[reportArgumentType]
