"""The table of requirements: its numbers are those of the plan, summed here by hand."""

from pathlib import Path

import pytest

from workflow.analysis.report.takes import CAMPAIGNS, CORES, needs_block
from workflow.cli import plan as plan_command
from workflow.cli.main import main
from workflow.cost import epochs
from workflow.cost.forecast import shipped_runs, span
from workflow.cost.speed import ASSUMED
from workflow.files import write_text
from workflow.plan.campaign import Plan
from workflow.plan.config import ROOT, load_campaign, load_dataset
from workflow.plan.tuning import foreseen


def table(block: str) -> dict[str, dict[str, str]]:
    """Cells by campaign and column."""
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines() if line[:1] == "|"]
    header, _, *rows = lines
    return {row[0].strip("`"): dict(zip(header, row, strict=True)) for row in rows}


@pytest.fixture(scope="module")
def block(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The table in an empty folder without finished runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("empty"))
        return needs_block({})


def test_each_campaign_has_its_runs_and_downloads(block: str) -> None:
    found = table(block)
    assert list(found) == list(CAMPAIGNS)
    assert "times the epochs of the authors' logs" in block
    for name in CAMPAIGNS:
        plan = Plan(load_campaign(ROOT / f"config/{name}.yaml"), foreseen)
        assert found[name]["runs"] == f"{len(plan.runs):,}"
        sizes = [load_dataset(each).source.size_bytes for each in plan.campaign.datasets]
        gib = sum(size or 0 for size in sizes) / 1024**3
        told = {"demo": "nothing", "paper": f"{gib:.3g} GiB and "}.get(name, f"{1024 * gib:.3g} MiB and ")
        assert found[name]["download"].startswith(told)
    assert found["demo"]["one GPU"] == found["evidence"]["one GPU"] == "not used"
    assert "assumed" in block


def test_what_lies_on_this_machine_changes_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, block: str) -> None:
    monkeypatch.chdir(tmp_path)
    for _, spec in Plan(load_campaign(ROOT / "config/small.yaml")).sources:
        write_text(spec.prepared_dir / "meta.json", "{}")
    write_text(Path("results/counts.json"), "{}")
    assert needs_block({}) == block


def test_plan_says_the_same_on_a_machine_of_the_assumed_speed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(epochs, "speed_here", ASSUMED.get)
    found = table(needs_block(shipped_runs()))
    for name in ("small", "evidence"):
        for cores in CORES:
            monkeypatch.setattr(plan_command, "usable_cores", lambda cores=cores: cores)
            assert main(["plan", str(ROOT / f"config/{name}.yaml"), "--config", "device=cpu"]) == 0
            assert f"Training takes {found[name][f'{cores} cores']} here, with {cores} runs" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("bounds_s", "text"),
    [
        ((60.0, 60.0), "1.0 min"),
        ((600.0, 5999.0), "10 to 100 min"),
        ((6000.0, 360_000.0), "0.1 to 4.2 days"),
        ((36_000.0, 350_000.0), "10 to 97 h"),
    ],
)
def test_a_range_is_told_in_the_unit_of_its_end(bounds_s: tuple[float, float], text: str) -> None:
    assert span(bounds_s) == text
