from pathlib import Path

import pytest

from benchmarks.made_records import write_all
from workflow.analysis.evidence.load import Evidence, WorkingDirectory
from workflow.archive.faults.records import count_faults, metric_faults
from workflow.plan.campaign import Plan
from workflow.plan.config import ROOT, load_campaign


def test_made_records_are_taken_for_runs_on_the_published_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the analysis would skip the tests whose time is asked for."""
    monkeypatch.chdir(tmp_path)
    changes = {"datasets": ("frappe", "criteo"), "seeds": (1, 2), "experiments": ("table_2", "figure_5", "figure_10")}
    plan = Plan(load_campaign(ROOT / "config/small.yaml").model_copy(update=changes))
    assert write_all(plan) == len(plan.runs)
    evidence = Evidence.load(plan)
    assert set(evidence.records) == set(plan.runs)
    assert all(one.ground.bears for name in changes["experiments"] for one in evidence.cells(name))
    aucs = set()
    for record in evidence.records.values():
        sums, meta = WorkingDirectory().user_sums(record), evidence.metas[record.spec.dataset.id]
        assert sums is not None
        assert [*metric_faults(record, sums), *count_faults(sums, meta)] == []
        assert len(record.probes.histograms) == 2 * len(record.spec.probes.histogram_epochs)
        aucs.add(record.test.auc if record.test else None)
    assert len(aucs) == len(evidence.records)
