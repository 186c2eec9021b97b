"""`audit` on the terminal: by verdict, with statement and quote; a single claim; compared with an earlier audit."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import shown
from workflow.analysis.claims.audit import audit, audit_prints, counts, narrow
from workflow.analysis.claims.results import AuditResult
from workflow.analysis.evidence.load import Evidence
from workflow.cli.audit import grouped, print_audit
from workflow.cli.main import main
from workflow.plan.campaign import Plan
from workflow.plan.config import ROOT, load_campaign


@pytest.fixture
def result() -> AuditResult:
    return audit_prints()


@pytest.fixture
def folder(here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TF4CTR_CAMPAIGN", str(ROOT / "config/small.yaml"))
    return here


def printed(result: AuditResult, width: int, details: bool = False) -> str:
    return shown(lambda to: print_audit(result, to, details=details), width)


@pytest.mark.parametrize("width", [60, 80, 200])
def test_statement_quote_and_reason_are_shown_and_words_are_whole(result: AuditResult, width: int) -> None:
    told = printed(narrow(result, ["T2.mean_gain", "P01"]), width, details=True)
    assert all(len(line) <= width for line in told.splitlines())
    text = " ".join(told.split())
    for claim in (claim for claim in result.claims if claim.id in ("T2.mean_gain", "P01")):
        assert " ".join(f"{claim.id} · {claim.place} · {claim.means}".split()) in text
        assert not claim.quote or f"“{claim.quote}”" in text
    assert "Table II DCN rce mean_gain: -0.02, expected = +0.02" in text
    assert "2 claims audited" in text


def test_rows_are_grouped_by_finding(result: AuditResult) -> None:
    groups = list(grouped(result.rows))
    assert sum(len(rows) for _, rows in groups) == len(result.rows)
    for (layer, told), rows in groups:
        word = rows[0].verdict.shown
        assert str(word) in told
        assert counts(result)[layer][word] >= sum(row in result.computed for row in rows)
    assert len({key for key, _ in groups}) == len(groups)


def test_one_claim_has_the_verdicts_that_it_has_among_all(folder: Path) -> None:
    evidence = Evidence.load(Plan(load_campaign(ROOT / "config/small.yaml")))
    whole = audit(evidence)
    for name in ("P01", "P33.auc"):
        assert audit(evidence, only=[name]).rows == narrow(whole, [name]).rows


def test_a_look_at_one_claim_loads_no_pandas() -> None:
    code = (
        "import sys; from workflow.cli.main import main; main(['audit', 'P01']); "
        "print({name for name in ('torch', 'polars', 'pandas', 'matplotlib', 'scipy.stats._stats_py') "
        "if name in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "set()"


def test_what_changed_since_an_earlier_audit(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "--write"]) == 0
    *files, _ = capsys.readouterr().out.splitlines()
    assert files == [f"paper_tables/small/audit.{suffix}" for suffix in ("md", "csv", "json")]
    assert main(["audit", "--diff", files[2]]) == 0
    assert capsys.readouterr().out.startswith("0 of ")
    value = json.loads(Path(files[2]).read_text())
    first, second = value["rows"][:2]
    was, first["verdict"] = first["verdict"], "doubtful"
    value["rows"].remove(second)
    Path("old.json").write_text(json.dumps(value))
    assert main(["audit", "--diff", "old.json"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert f"{first['claim']} {first['layer']}: doubtful → {was}" in lines
    assert any(line.startswith(f"{second['claim']} {second['layer']}: none → ") for line in lines)
    assert lines[-1].startswith("2 of ")


@pytest.mark.parametrize("content", ["", "[]", '{"rows": [3]}', '{"rows": [{"claim": 1}]}'])
def test_what_is_no_audit_is_named(folder: Path, content: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("old.json").write_text(content)
    assert main(["audit", "--diff", "old.json"]) == 1
    assert "; name an audit.json that `audit --write` has written" in capsys.readouterr().err
    assert main(["audit", "--diff", "none.json"]) == 1
    assert "none.json: no such file" in capsys.readouterr().err


def test_fail_on_names_the_claims(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "P01", "--layer", "paper", "--fail-on", "inconsistent"]) == 1
    assert capsys.readouterr().err == "error: --fail-on inconsistent: P01\n"
    assert main(["audit", "P01", "--layer", "paper", "--fail-on", "consistent"]) == 0
    assert main(["audit", "--fail-on", "inconsistant"]) == 1
    assert "no verdict 'inconsistant'; did you mean 'inconsistent'?" in capsys.readouterr().err
