"""The audit's files and its view in the terminal."""

import csv
import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from tests.analysis.audit_help import NO_RUNS
from workflow.analysis.claims.audit import audit_frame, counts, narrow, summary_line
from workflow.analysis.claims.registry import load_claims
from workflow.analysis.claims.results import AuditResult, AuditVerdict
from workflow.analysis.claims.write import audit_csv, audit_json, audit_md, print_audit, write_audit
from workflow.analysis.evidence.prints import load_paper


@pytest.fixture(scope="module")
def result() -> AuditResult:
    return audit_frame(NO_RUNS, "none", False, load_paper(), load_claims())


@pytest.fixture(scope="module")
def twins() -> AuditResult:
    return audit_frame(NO_RUNS, "demo", True, load_paper(), load_claims())


def test_the_same_input_gives_the_same_bytes(result: AuditResult, tmp_path: Path) -> None:
    again = audit_frame(NO_RUNS, "none", False, load_paper(), load_claims())
    for folder, one in (("a", result), ("b", again)):
        write_audit(one, tmp_path / folder)
    for name in ("audit.md", "audit.csv", "audit.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_csv_has_every_claim_layer_and_item(result: AuditResult) -> None:
    lines = list(csv.DictReader(io.StringIO(audit_csv(result))))
    own = [line for line in lines if not line["item"]]
    assert [(line["claim"], line["layer"]) for line in own] == [(row.claim, row.layer) for row in result.rows]
    cells = [line for line in lines if line["claim"] == "S.T3" and line["layer"] == "logs" and line["item"]]
    assert sum(line["verdict"] == "supported" for line in cells) == 39


def test_json_has_counts_claims_and_rows(result: AuditResult) -> None:
    value = json.loads(audit_json(result))
    assert value["summary"] == summary_line(result)
    assert len(value["claims"]) == len(result.claims)
    assert {row["claim"] for row in value["rows"]} == {claim["id"] for claim in value["claims"]}
    assert value["counts"]["paper"]["inconsistent"] == counts(result)["paper"][AuditVerdict.INCONSISTENT]


def test_counts_add_up_to_the_rows(result: AuditResult) -> None:
    assert sum(n for tally in counts(result).values() for n in tally.values()) == len(result.rows)


def test_markdown_starts_with_the_counts_and_names_each_claim(result: AuditResult) -> None:
    text = audit_md(result)
    assert text.index(summary_line(result)) < text.index("## Summary")
    assert all(f"| {claim.id} " in text for claim in result.claims)
    assert "synthetic" not in text


def test_every_line_of_a_twin_campaign_says_so(twins: AuditResult) -> None:
    lines = list(csv.DictReader(io.StringIO(audit_csv(twins))))
    assert all(line["verdict"] == "other data (twin)" for line in lines if line["layer"] == "runs")
    assert all("twins" in line["rests_on"] for line in lines if line["layer"] == "runs")
    assert "our runs: 46 other data (twin)" in summary_line(twins)
    assert "synthetic twins" in audit_md(twins).split("## ")[0]


def test_the_summary_is_computed(result: AuditResult) -> None:
    line = summary_line(result)
    assert line == summary_line(result)
    assert f"{len(result.claims)} claims audited (none)" in line
    assert "\n" not in line
    for layer, tally in counts(narrow(result, ["P07", "T2.gain"])).items():
        assert sum(tally.values()) == {"paper": 2, "logs": 1, "runs": 0}[layer]


@pytest.mark.parametrize("width", [60, 200])
def test_the_terminal_shows_rows_and_details(result: AuditResult, width: int) -> None:
    stream = io.StringIO()
    print_audit(narrow(result, ["T2.mean_gain"]), Console(file=stream, width=width), details=True)
    shown = " ".join(stream.getvalue().split())
    assert "T2.mean_gain" in shown
    assert "Table II DCN rce mean_gain: -0.02, must be = 0.02" in shown
    assert "1 claim audited" in shown
