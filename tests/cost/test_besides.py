"""What a campaign takes besides training grows with what it does, and is nothing where nothing is left."""

from pathlib import Path
from typing import Any

import pytest

from workflow.cost.besides import JOB_S, NEXT_S, PAGES_S, SNAKEMAKE_S, besides_s
from workflow.plan.campaign import Plan
from workflow.plan.config import ROOT, load_campaign


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def demo(**changes: Any) -> Plan:
    return Plan(load_campaign(ROOT / "config/demo.yaml").model_copy(update=changes))


@pytest.mark.parametrize(
    ("packs", "tables_s"),
    [("experiments", 2 * JOB_S["table"]), ("datasets", JOB_S["table"] + NEXT_S["table"])],
)
def test_each_job_counts_once(counted: list[str], packs: str, tables_s: float) -> None:
    plan = demo(experiments=("table_3", "figure_6"), datasets=("frappe",), packs=packs)
    rest_s = len(plan.packs) * JOB_S["train"] + JOB_S["figure"] + JOB_S["prepare"] + JOB_S["twin"] + PAGES_S + tables_s
    assert besides_s(plan, plan.runs, 1, "cpu") == pytest.approx(SNAKEMAKE_S + rest_s, abs=0.1)
    assert besides_s(plan, plan.runs, 2, "cpu") == pytest.approx(SNAKEMAKE_S + rest_s / 2, abs=0.1)
    assert besides_s(plan, (), 1, "cpu") == 0.0


def test_timing_has_the_machine_to_itself(counted: list[str]) -> None:
    trained, timed = (demo(experiments=names, datasets=("kkbox",)) for names in (("table_3",), ("table_3", "table_6")))
    for cores in (1, 8):
        before_s, after_s = (besides_s(plan, plan.runs, cores, "cpu") for plan in (trained, timed))
        assert after_s - before_s > JOB_S["timing"]
