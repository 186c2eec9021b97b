"""The audit's files and its view in the terminal."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from workflow.analysis.claims.audit import audit, audit_prints, counts, narrow, summary_line
from workflow.analysis.claims.results import AuditResult
from workflow.analysis.claims.write import audit_csv, audit_json, audit_md, write_audit
from workflow.analysis.compare.words import Finding
from workflow.analysis.evidence.load import Evidence
from workflow.plan.campaign import Plan


@pytest.fixture
def result() -> AuditResult:
    return audit_prints()


@pytest.fixture
def twins(make_plan: Callable[..., Plan]) -> AuditResult:
    return audit(Evidence.load(make_plan(campaign="demo", experiments=["table_3"], twin={"rows": 4000, "seed": 1})))


def test_the_same_input_gives_the_same_bytes(result: AuditResult, tmp_path: Path) -> None:
    for folder, one in (("a", result), ("b", audit_prints())):
        write_audit(one, tmp_path / folder)
    for name in ("audit.md", "audit.csv", "audit.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_csv_has_every_claim_layer_and_item(result: AuditResult) -> None:
    lines = list(csv.DictReader(io.StringIO(audit_csv(result))))
    own = [line for line in lines if not line["item"]]
    assert [(line["claim"], line["layer"]) for line in own] == [(row.claim.id, row.layer) for row in result.rows]
    cells = [line for line in lines if line["claim"] == "S.T3" and line["layer"] == "logs" and line["item"]]
    assert sum(line["finding"] == "supported" for line in cells) == 39


def test_no_cell_of_the_csv_is_a_formula(result: AuditResult) -> None:
    """A relation is in words in its own column."""
    lines = list(csv.DictReader(io.StringIO(audit_csv(result))))
    for text in (value for line in lines for value in line.values() if value[:1] in tuple("=+-@\t\r")):
        float(text.replace(",", ""))
    relations = {line["relation"] for line in lines}
    assert {"", "equals", "differs", "at least", "truncates to"} <= relations
    own = next(
        line for line in lines if line["claim"] == "T2.mean_gain" and line["item"].startswith("Table II DCN rce")
    )
    assert (own["measured"], own["relation"], own["expected"]) == ("-0.02", "equals", "+0.02")


def test_json_has_counts_claims_and_rows(result: AuditResult) -> None:
    value = json.loads(audit_json(result))
    assert value["summary"] == summary_line(result)
    assert len(value["claims"]) == len(result.claims)
    assert value["counts"]["paper"]["inconsistent"] == counts(result)["paper"][Finding.INCONSISTENT]
    rows = {(row["claim"], row["layer"]): row for row in value["rows"]}
    assert rows["P01", "paper"]["verdict"] == "inconsistent"
    assert rows["S.T3", "logs"]["items"][0]["verdict"] in ("supported", "unsupported", "contradicted")


def test_counts_add_up_to_the_rows(result: AuditResult) -> None:
    assert sum(n for tally in counts(result).values() for n in tally.values()) == len(result.computed)


def test_markdown_starts_with_the_counts_and_names_each_claim(result: AuditResult) -> None:
    text = audit_md(result)
    assert text.index(summary_line(result)) < text.index("## Summary")
    assert all(f"| {row.claim.id} " in text for row in result.rows)
    assert "synthetic" not in text


def test_every_line_of_a_twin_campaign_says_so(twins: AuditResult) -> None:
    lines = list(csv.DictReader(io.StringIO(audit_csv(twins))))
    ours = [line for line in lines if line["layer"] == "runs"]
    assert ours
    assert all("twins" in line["rests_on"] for line in ours)
    assert f"our runs: {len({line['claim'] for line in ours})} not run" in summary_line(twins)
    assert "synthetic data" in audit_md(twins).split("## ")[0]


def test_the_summary_is_computed(result: AuditResult) -> None:
    """Its numbers are those of the rows, so that fewer rows give another line."""
    only = narrow(result, ["P07", "T2.gain"])
    assert summary_line(only) == (
        "2 claims audited (none) · paper against itself: 2 consistent · authors' logs: 1 partly supported · "
        "our runs: none"
        " · others' published results: none"
    )
    assert f"{len({row.claim.id for row in result.rows})} claims audited (none)" in summary_line(result)
    assert "\n" not in summary_line(result)
