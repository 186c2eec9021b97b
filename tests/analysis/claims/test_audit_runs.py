"""Layer three: claims against runs with known scores."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.analysis.claims.audit_help import of_runs
from tests.analysis.tables.test_table_6 import timing
from workflow.analysis.claims.audit import (
    ON_RUNS,
    audit,
    audit_prints,
    narrow,
    refuse_unknown,
    summary_line,
    with_parts,
)
from workflow.analysis.claims.results import AuditResult, Item
from workflow.analysis.claims.weigh import weigh
from workflow.analysis.compare.judge import comparisons_of
from workflow.analysis.compare.words import Finding, Verdict, verdict
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.evidence.standing import Ground, Obstacle, Standing
from workflow.analysis.paper.prints import load_paper
from workflow.errors import UserError
from workflow.plan.campaign import Plan
from workflow.plan.config import ROOT, check_campaign, load_campaign
from workflow.train.timing_record import write_timing

SEEDS = [2020, 2021, 2022, 2023, 2024]
NOISE = (-0.0002, 0.0001, 0.0, -0.0001, 0.0002)
MakePlan = Callable[..., Plan]
Put = Callable[..., None]


@pytest.fixture
def plan(make_plan: MakePlan) -> Plan:
    return make_plan(experiments=["table_3"], seeds=SEEDS)


def _write(plan: Plan, put: Put, scores: Mapping[tuple[str, str], float], default: float = 0.98, **more: str) -> None:
    """Records for every run: the cell's score and a little noise over the seeds."""
    for cell in plan.cells_of("table_3"):
        score = scores.get((cell.dataset, cell.label), default)
        for run, noise in zip(cell.runs, NOISE, strict=False):
            put(run, auc=score + noise, gauc=score + noise - 0.01, **more)


@pytest.mark.parametrize(
    ("score", "word"), [(0.9821, "holds"), (0.9810, "holds, smaller"), (0.9800, "does not hold"), (0.9790, "reversed")]
)
def test_a_claimed_gain_has_the_word_of_its_comparison(plan: Plan, put: Put, score: float, word: str) -> None:
    """The paper has +0.21; beside it are the same digits and the same verdict as in every table."""
    _write(plan, put, {("frappe", "SER+WSF"): score})
    row, one = of_runs(plan, "P33.auc")["P33.auc"], comparisons_of(Evidence.load(plan))["pairing:SER+WSF@frappe"]
    assert (row.verdict.word, row.items[0].verdict.word, one.verdict.word) == (word, word, word)
    assert row.items[0].measured.startswith(one.gain.ours)
    assert row.items[0].expected == "+0.21"
    assert len(row.evidence) == 10


def test_a_difference_within_the_noise_is_open_and_says_what_would_be_noticed(plan: Plan, put: Put) -> None:
    _write(plan, put, {("ml-1m", "SER+WSF"): 0.98005})
    row = of_runs(plan, "P26.alone")["P26.alone"]
    assert row.verdict.word == "open"
    assert "80 % power" in row.explanation


def test_one_seed_allows_no_test(make_plan: MakePlan, put: Put) -> None:
    plan = make_plan(experiments=["table_3"], seeds=[2023])
    _write(plan, put, {("frappe", "SER+WSF"): 0.99})
    row = of_runs(plan, "P33.auc")["P33.auc"]
    assert row.verdict.word == "open"
    assert "No test: " in row.explanation


def test_without_runs_the_verdict_is_not_run(plan: Plan) -> None:
    rows = of_runs(plan, "P33.auc", "P41", "P52", "S.T3", "P27")
    assert {row.verdict.word for row in rows.values()} == {"not run"}


def test_a_claim_about_four_datasets_is_not_reproduced_on_two(plan: Plan, put: Put) -> None:
    best = {(dataset, f"SER+{dfm}"): 0.99 for dataset in ("frappe", "ml-1m") for dfm in ("WSF", "Sum")}
    _write(plan, put, best)
    row = of_runs(plan, "P35.ssem")["P35.ssem"]
    assert row.verdict.word == "open"
    assert "2 holds, 2 not run" in row.measured


def test_one_sure_failure_refutes_a_claim_about_all(plan: Plan, put: Put) -> None:
    _write(plan, put, {("frappe", "SER+Sum"): 0.97})
    assert of_runs(plan, "P35.ssem")["P35.ssem"].verdict.word == "does not hold"


def test_runs_that_agree_with_what_the_paper_prints_refute_nothing(plan: Plan, put: Put) -> None:
    """On Frappe the paper's own best cell is not 0.1 above SER+Sum; on ML-1M it is."""
    _write(plan, put, {})
    items = {item.label.split(", ")[-1]: item for item in of_runs(plan, "P35.dfm")["P35.dfm"].items}
    assert (items["Frappe (auc)"].verdict.word, items["ML-1M (auc)"].verdict.word) == ("open", "does not hold")
    assert "the paper's own number does not reach the threshold either" in items["Frappe (auc)"].measured


def test_a_majority_over_planned_and_missing_runs_stays_open_until_it_cannot_change(plan: Plan, put: Put) -> None:
    _write(plan, put, {("frappe", "Share+Sum"): 0.99, ("ml-1m", "Share+Sum"): 0.99})
    row = of_runs(plan, "P31.auc")["P31.auc"]
    assert row.measured.endswith("24 not run")
    assert row.verdict.word == "does not hold"  # more than half of 48 cannot hold any more


def test_cells_are_judged_by_the_tables_rule_and_by_a_prediction_test(plan: Plan, put: Put) -> None:
    _write(plan, put, {("frappe", "SER+WSF"): 0.98725, ("frappe", "GM+VF"): 0.9})
    items = {item.label: item for item in of_runs(plan, "S.T3")["S.T3"].items}
    assert items["Table III frappe SER+WSF auc"].verdict.word == "holds"
    assert items["Table III frappe GM+VF auc"].verdict.word == "does not hold"
    assert "against the print" in items["Table III frappe GM+VF auc"].measured
    assert items["Table III kkbox SER+WSF auc"].verdict.word == "not run"


@pytest.mark.parametrize(("origin", "verdict"), [("other", "stand-in"), ("twin", "synthetic")])
def test_other_bytes_are_no_evidence(plan: Plan, put: Put, origin: str, verdict: str) -> None:
    _write(plan, put, {("frappe", "SER+WSF"): 0.99}, origin=origin)
    rows = of_runs(plan, "P33.auc", "S.T3", "P35.ssem")
    assert {rows[name].verdict.word for name in ("P33.auc", "S.T3", "P35.ssem")} == {verdict}


def test_a_stand_in_leaves_its_part_of_a_claim_open_and_does_not_swallow_the_rest(plan: Plan, put: Put) -> None:
    _write(plan, put, {("frappe", "SER+Sum"): 0.97})
    for cell in plan.cells_of("table_3"):
        if cell.dataset == "ml-1m":
            for run in cell.runs:
                put(run, origin="other")
    row = of_runs(plan, "P35.ssem")["P35.ssem"]
    assert row.verdict == Verdict(Finding.DOES_NOT_HOLD, Standing.PUBLISHED)
    assert row.measured == "1 does not hold, 2 not run, 1 stand-in"


@pytest.fixture
def twins(make_plan: MakePlan, put: Put) -> AuditResult:
    plan = make_plan(campaign="demo", experiments=["table_3"], seeds=SEEDS, twin={"rows": 4000, "seed": 1})
    _write(plan, put, {("frappe", "SER+WSF"): 0.9821}, origin="twin")
    return audit(Evidence.load(plan))


def test_twins_are_never_evidence_and_every_line_says_so(twins: AuditResult) -> None:
    runs = [row for row in twins.rows if row.layer == "runs"]
    assert len(runs) == sum(claim.id in ON_RUNS for claim in twins.claims) > 40
    for row in runs:
        assert row.verdict.word in ("synthetic", "not run")
        assert "twin" in row.basis
        assert {item.verdict.word for item in row.outcome.items} <= {"synthetic", "not run", "incomplete"}
    assert sum(row.verdict.word == "synthetic" for row in runs) > 10
    # whatever the twins' runs give, the other layers are what they are without them
    assert [row for row in twins.rows if row.layer != "runs"] == list(audit_prints().rows)


def test_fail_on_and_narrowing(plan: Plan, put: Put) -> None:
    _write(plan, put, {("frappe", "SER+WSF"): 0.9790})
    result = audit(Evidence.load(plan), only=["P33.auc", "P07"])
    assert "reversed" in {row.verdict.word for row in result.rows}
    assert {row.layer for row in narrow(result, layers=["logs"]).rows} == {"logs"}
    only = narrow(result, ["P33.auc"], ["runs"])
    assert [(row.claim.id, row.layer) for row in only.rows] == [("P33.auc", "runs")]
    assert summary_line(only).startswith("1 claim audited")
    with pytest.raises(UserError, match=r"no claim 'P33\.aux'; did you mean 'P33\.auc'"):
        with_parts(["P33.aux"])
    assert with_parts(["P33", "P33.auc", "P01"]) == ["P33.auc", "P33.gauc", "P33.best-gauc", "P01"]
    with pytest.raises(UserError, match="no layer 'log'; did you mean 'logs'"):
        refuse_unknown(["log"])
    with pytest.raises(UserError, match="no verdict 'reverse'; did you mean 'reversed'"):
        refuse_unknown([], "reverse")


def test_every_printed_score_has_a_cell_in_the_shipped_experiments() -> None:
    """Misspelt coordinates in an experiment, or in the paper's tables, would only show as `not run`."""
    plan = Plan(load_campaign(ROOT / "config/paper.yaml"))
    timed = [cell for name in plan.timed for cell in plan.timed_cells_of(name)]
    planned = {frozenset(cell.at.items()) for cell in (*plan.cells, *timed)}
    printed = [fact for fact in load_paper().prints if fact.metric in {"auc", "gauc", "train_s"}]
    wanted = {frozenset(fact.at.items()) for fact in printed if "table" in fact.at}
    assert len(wanted) == 96 + 80 + 55 + 18 + 7
    assert wanted <= planned


def test_the_audit_reads_the_timing(put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    plan = Plan(check_campaign({"campaign": "small", "datasets": ["frappe"], "experiments": ["table_6"]}, "test"))
    assert of_runs(plan, "P65.train")["P65.train"].verdict.word == "not run"
    write_timing(Path("results/timings/small.json"), timing(plan))  # every model takes longer than the one before
    rows = of_runs(plan, "P65.train", "P65.others")
    assert "the best of 6" in rows["P65.train"].items[0].measured
    assert rows["P65.others"].verdict.word == "open"  # two rounds allow no test
    assert "+1.500" in rows["P65.others"].items[0].measured


@pytest.mark.parametrize(
    ("need", "verdicts", "outcome"),
    [
        ("all", "rrr", "holds"),
        ("all", "rri", "open"),
        ("all", "rxi", "does not hold"),
        ("majority", "rrx", "holds"),
        ("majority", "rixi", "open"),
        ("majority", "rxxi", "does not hold"),
        ("some", "xxi", "open"),
        ("some", "xxx", "does not hold"),
        ("none", "xxx", "holds"),
        ("none", "xxr", "does not hold"),
        ("all", "nn", "not run"),
        ("all", "rf", "failed"),
        ("all", "rs", "open"),
        ("all", "xs", "does not hold"),
        ("majority", "rrs", "holds"),
        ("all", "tn", "synthetic"),
        ("all", "fn", "failed"),
    ],
)
def test_weighing(need: str, verdicts: str, outcome: str) -> None:
    direct = Ground(None, Standing.PUBLISHED)
    words = {
        "r": verdict(direct, Finding.HOLDS),
        "x": verdict(direct, Finding.DOES_NOT_HOLD),
        "i": verdict(direct, Finding.OPEN),
        "n": Verdict(Obstacle.NOT_RUN),
        "f": Verdict(Obstacle.FAILED, Standing.PUBLISHED),
        "t": Verdict(None, Standing.SYNTHETIC),
        "s": Verdict(None, Standing.STAND_IN),
    }
    weights = {"r": True, "x": False}
    items = [Item("", words[letter], "", "", supports=weights.get(letter)) for letter in verdicts]
    assert weigh(need, items).word == outcome  # pyright: ignore[reportArgumentType]
