"""Needs of a campaign besides time, by hand."""

from collections import defaultdict
from pathlib import Path

import pytest

from workflow.archive.layout import RunArchive
from workflow.cost.epochs import Basis, data_of
from workflow.cost.resources import RECORD_BYTES, array_bytes, needs_of, process_bytes
from workflow.data.sources import raw_archive
from workflow.plan.campaign import Plan
from workflow.plan.config import ROOT, load_campaign, load_dataset
from workflow.spec import Twin

pytestmark = pytest.mark.usefixtures("here")


def plan(*datasets: str, **changes: object) -> Plan:
    campaign = load_campaign(ROOT / "config/paper.yaml")
    update = {"datasets": datasets, "experiments": ("table_3",), "seeds": (1,), **changes}
    return Plan(campaign.model_copy(update=update))


def test_what_is_not_there_is_downloaded_and_prepared(here: Path) -> None:
    needed = plan("ml-1m")
    (dataset,) = needed.datasets
    rows = 800_167 + 2 * 100_021
    fields = ("UserID", "Gender", "Age", "Occupation", "MovieID", "label", "group")
    assert array_bytes(dataset, data_of(dataset)) == rows * len(fields) * 4
    found = needs_of(needed, Basis("cpu"))
    assert (found.download_bytes, found.unknown) == (5_917_549, ())
    assert found.disk_bytes == 5_917_549 + array_bytes(dataset, data_of(dataset)) + RECORD_BYTES * len(needed.runs)
    raw = raw_archive(load_dataset("ml-1m"), dataset)
    raw.parent.mkdir(parents=True)
    raw.touch()
    assert needs_of(needed, Basis("cpu")).download_bytes == 0
    Path(dataset.meta_path).parent.mkdir(parents=True)
    Path(dataset.meta_path).touch()
    assert needs_of(needed, Basis("cpu")).disk_bytes == RECORD_BYTES * len(needed.runs)


def test_an_unknown_size_is_said_and_twins_and_local_files_are_not_downloaded() -> None:
    assert needs_of(plan("frappe", "ml-1m"), Basis("cpu")).unknown == ("frappe",)
    for changes in ({"twin": Twin(rows=4000)}, {"local": {"frappe": "mine.zip"}}):
        found = needs_of(plan("frappe", **changes), Basis("cpu"))
        assert (found.download_bytes, found.unknown) == (0, ())


def test_the_memory_said_is_above_what_shipped_runs_took_and_not_three_times_that() -> None:
    """A process also counts pages of the run before: the seed with the least memory counts, for nine cells in ten."""
    basis = Basis("cpu", fresh=True)
    said_bytes: dict[str, int] = {}
    took_bytes = defaultdict[str, list[int]](list)
    for record in RunArchive(ROOT / "results/evidence").records.values():
        said_bytes[record.spec.id] = process_bytes(record.spec, basis)
        took_bytes[record.spec.id].append(record.provenance.peak_memory_bytes)
    least = {cell: min(took) for cell, took in took_bytes.items()}
    assert all(said_bytes[cell] / 3 < took for cell, took in least.items())
    assert sum(took < said_bytes[cell] for cell, took in least.items()) >= 0.9 * len(least)
    # What a campaign needs is what its largest run needs, whatever a process has trained before.
    assert max(map(max, took_bytes.values())) < max(said_bytes.values())


def test_a_campaign_needs_what_its_largest_run_needs() -> None:
    basis = Basis("cpu")
    both = plan("frappe", "ml-1m")
    alone = [needs_of(plan(name), Basis("cpu")).memory_bytes for name in ("frappe", "ml-1m")]
    assert needs_of(both, Basis("cpu")).memory_bytes == max(alone)
    (dataset, *_) = {run.dataset.id: run for run, _ in both.runs.values()}.values()
    arrays_bytes = process_bytes(dataset, basis, counted=False)
    data = basis.data_of(dataset.dataset)
    assert arrays_bytes == 600_000_000 + data.rows * (4 * data.columns + 80)
    assert process_bytes(dataset, Basis("cuda")) == arrays_bytes + 3_400_000_000
