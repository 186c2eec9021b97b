"""What a campaign asks for besides time, by hand."""

from pathlib import Path

import pytest

from workflow.config import ROOT, load_campaign, load_dataset
from workflow.data.sources import raw_archive
from workflow.needs import PROCESS_BYTES, RECORD_BYTES, array_bytes, needs_of
from workflow.plan import Plan
from workflow.spec import Twin


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def plan(*datasets: str, **changes: object) -> Plan:
    campaign = load_campaign(ROOT / "config/paper.yaml")
    update = {"datasets": datasets, "experiments": ("table_3",), "seeds": (1,), **changes}
    return Plan(campaign.model_copy(update=update))


def test_what_is_not_there_is_downloaded_and_prepared(folder: Path) -> None:
    needed = plan("ml-1m")
    (dataset,) = needed.datasets
    rows = 800_167 + 2 * 100_021
    assert array_bytes(dataset) == rows * (5 + 2) * 4  # UserID, Gender, Age, Occupation, MovieID; label and group
    found = needs_of(needed, [])
    assert (found.download_bytes, found.unknown) == (5_917_549, ())
    assert found.disk_bytes == 5_917_549 + array_bytes(dataset) + RECORD_BYTES * len(needed.runs)
    assert found.memory_bytes == PROCESS_BYTES + array_bytes(dataset)
    raw = raw_archive(load_dataset("ml-1m"), dataset)
    raw.parent.mkdir(parents=True)
    raw.touch()
    assert needs_of(needed, []).download_bytes == 0
    Path(dataset.prepared_dir).mkdir(parents=True)
    assert needs_of(needed, []).disk_bytes == RECORD_BYTES * len(needed.runs)


def test_an_unknown_size_is_said_and_twins_and_local_files_are_not_downloaded() -> None:
    assert needs_of(plan("frappe", "ml-1m"), []).unknown == ("frappe",)
    for changes in ({"twin": Twin(rows=4000)}, {"local": {"frappe": "mine.zip"}}):
        found = needs_of(plan("frappe", **changes), [])
        assert (found.download_bytes, found.unknown) == (0, ())
