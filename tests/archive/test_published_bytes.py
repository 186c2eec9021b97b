"""The way to the published Frappe: given its bytes, the same runs are trained on them and compared with ours.

Shown on two made-up archives of Frappe's shape, one of which the configuration knows as published.
"""

import hashlib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.archive.conftest import ARM
from tests.conftest import write_campaign
from tests.data.made import table, zipped
from workflow.analysis.evidence.standing import Standing, data_standing
from workflow.archive.compare import compare
from workflow.archive.export import export
from workflow.archive.layout import RunArchive
from workflow.archive.verify import verify
from workflow.data.provide import arrange, bring
from workflow.plan.campaign import Plan
from workflow.plan.config import ROOT, load_campaign, load_dataset
from workflow.train.run import train_runs

ROWS = {"train": 160, "valid": 60, "test": 60}
CAMPAIGN = {
    "campaign": "evidence",
    "datasets": ["frappe"],
    "experiments": ["own"],
    "seeds": [1, 2],
    "device": "cpu",
    "limits": {"training": {"batch_size": 100, "max_epochs": 2}},
    "local": {"frappe": "frappe.zip"},
}


def files_of(fields: list[str], items: int) -> dict[str, bytes]:
    """Three tables; the items of the train negatives depend on `items`, as they do in ours."""
    found = {}
    for split, count in ROWS.items():
        drawn = items if split == "train" else 0
        moved = [{"item": drawn * (1 - n // 2 % 2)} for n in range(count)]
        rows = [
            (n // 2 % 2, *(f"{field}{(n + by.get(field, 0)) % 7}" for field in fields)) for n, by in enumerate(moved)
        ]
        found[f"{split}.csv"] = table(["label", *fields], rows, "\r\n").encode()
    return found


@pytest.fixture
def config(config_folder: Path, here: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Frappe's configuration, with the sums and counts of the made-up published files."""
    values = yaml.safe_load((ROOT / "config/datasets/frappe.yaml").read_text())
    fields = [field["name"] for field in values["preparation"]["fields"]]
    md5 = {name[:-4]: hashlib.md5(content).hexdigest() for name, content in files_of(fields, 3).items()}
    values["source"]["file_md5"] = md5
    values["published"] = {"rows": ROWS}
    write_campaign(here, CAMPAIGN, {"own": {"arms": [ARM]}})
    (config_folder / "datasets/frappe.yaml").write_text(yaml.safe_dump(values))
    monkeypatch.delenv("TF4CTR_MIRROR", raising=False)
    return values


def trained(files: dict[str, bytes], folder: str) -> tuple[RunArchive, list[str]]:
    """What `run` does with these files, and `export` after it."""
    zipped(Path("frappe.zip"), files)
    plan, lines = Plan(load_campaign(Path("evidence.yaml"))), list[str]()
    for source, spec in plan.sources:
        bring(source, spec, plan.campaign, lines.append)
        arrange(source, spec, plan.campaign, lines.append)
    train_runs([run for run, _ in plan.runs.values()], "cpu", 600.0, lambda _: None)
    export(plan, Path(folder))
    return RunArchive(Path(folder)), lines


def standing(archive: RunArchive) -> Standing:
    (found,) = {
        data_standing(load_dataset("frappe"), record.provenance.data_origin, record.provenance.raw_sha256)[0]
        for record in archive.records.values()
    }
    return found


def test_published_bytes_make_published_records_that_compare_with_ours(config: dict[str, Any]) -> None:
    fields = [field["name"] for field in config["preparation"]["fields"]]
    ours, _ = trained(files_of(fields, 0), "ours")
    theirs, lines = trained(files_of(fields, 3), "theirs")
    assert (standing(ours), standing(theirs)) == (Standing.STAND_IN, Standing.PUBLISHED)
    assert verify(theirs).faults == ()
    assert any("finished runs of other data than now are kept in results/earlier/" in line for line in lines)
    assert theirs.records.keys() == ours.records.keys()
    for key, record in theirs.records.items():
        siblings = [one for one in theirs.records.values() if one.spec.id == record.spec.id and one is not record]
        assert record.provenance.data_fingerprint != ours.records[key].provenance.data_fingerprint
        assert compare(record, ours.records[key], siblings) != "equal"
