"""What `make demo` has left: every rule once, on twins of all five datasets."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from workflow.plan.campaign import Plan
from workflow.plan.config import ROOT, load_campaign
from workflow.train.record import read_record

pytestmark = pytest.mark.demo
PAGE = ROOT / "results/demo/report.html"


@pytest.fixture(scope="module")
def plan() -> Plan:
    if not PAGE.is_file():
        pytest.fail(f"{PAGE.relative_to(ROOT)} is not there; run `make demo` first")
    return Plan(load_campaign(ROOT / "config/demo.yaml"))


def snakemake(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--configfile", "config/demo.yaml", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_every_experiment_has_its_files(plan: Plan) -> None:
    for name in plan.campaign.experiments:
        drawn = name.startswith("figure_")
        folder = ROOT / ("figures" if drawn else "paper_tables") / "demo"
        for kind in ("pdf", "png", "svg", "csv") if drawn else ("md", "tex", "csv"):
            assert (folder / f"{name}.{kind}").stat().st_size > 0
    assert (ROOT / "results/demo/runs.parquet").stat().st_size > 0


def test_every_run_ended_well(plan: Plan) -> None:
    for run, _ in plan.runs.values():
        assert read_record(ROOT / run.record_path).status == "ok"


def test_the_audit_reads_the_timing(plan: Plan) -> None:
    with (ROOT / "paper_tables/demo/audit.csv").open(newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if (row["claim"], row["layer"]) == ("P65.others", "runs")]
    assert {row["finding"] for row in rows} == {"synthetic"}


def test_the_page_holds_every_figure_and_says_what_the_data_are(plan: Plan) -> None:
    page = PAGE.read_text()
    assert page.count("<figure id=") == sum(name.startswith("figure_") for name in plan.campaign.experiments) == 9
    assert "Synthetic data" in page
    assert PAGE.stat().st_size < 1_600_000  # with Table VII and Figure 11


def test_nothing_is_left_to_do_and_snakemake_reports_it(plan: Plan, tmp_path: Path) -> None:
    assert "Nothing to be done" in (done := snakemake("--", "all")).stdout + done.stderr
    made = tmp_path / "report.zip"
    assert snakemake("--report", str(made), "--", "all").returncode == 0
    assert made.stat().st_size > 10_000
