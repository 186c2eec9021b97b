"""The outputs of `make demo`: every rule once, on twins of all five datasets."""

import csv
import subprocess
import sys
from contextlib import chdir
from pathlib import Path

import pytest

from workflow.plan.campaign import Plan
from workflow.plan.config import ROOT, load_campaign
from workflow.train.choice import on_disk
from workflow.train.record import read_record

pytestmark = pytest.mark.demo
PAGE = ROOT / "results/demo/report.html"


@pytest.fixture(scope="module")
def plan() -> Plan:
    if not PAGE.is_file():
        pytest.fail(f"{PAGE.relative_to(ROOT)} is not there; run `make demo` first")
    with chdir(ROOT):
        return Plan(load_campaign(ROOT / "config/demo.yaml"), on_disk)


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


def test_every_stage_of_tuning_was_chosen_and_trained(plan: Plan) -> None:
    cells = plan.cells_of("tuned")
    for model in ("TF4CTR", "DCN"):
        stages = [cell.at["stage"] for cell in cells if cell.at["model"] == model]
        assert [stages.count(stage) for stage in ("trial", "finalist", "final")] == [3, 2, 1]
    assert all((ROOT / one.path).is_file() for one in plan.rounds)


def test_the_audit_reads_the_timing(plan: Plan) -> None:
    with (ROOT / "paper_tables/demo/audit.csv").open(newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if (row["claim"], row["layer"]) == ("P65.others", "runs")]
    assert {row["finding"] for row in rows} == {"synthetic"}


def test_the_page_holds_every_figure_and_says_what_the_data_are(plan: Plan) -> None:
    page = PAGE.read_text()
    figures = [name for name in plan.campaign.experiments if name.startswith("figure_")]
    assert page.count('<details class="figure" id=') == len(figures) == 9
    assert "Synthetic data" in page
    assert PAGE.stat().st_size < 1_600_000  # with Table VII and Figure 11


def test_nothing_is_left_to_do_and_snakemake_reports_it(plan: Plan, tmp_path: Path) -> None:
    assert "Nothing to be done" in (done := snakemake("--", "all")).stdout + done.stderr
    made = tmp_path / "report.zip"
    assert snakemake("--report", str(made), "--", "all").returncode == 0
    assert made.stat().st_size > 10_000
