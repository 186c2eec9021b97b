"""Changes in an archive are found even if seals and digests match."""

import gzip
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.archive.conftest import Made, forged, rewritten
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.evidence.standing import Standing, data_standing
from workflow.archive.faults.data import data_faults
from workflow.archive.layout import RunArchive
from workflow.archive.verify import check, described_otherwise, verify
from workflow.archive.write import write_archive, write_sums_file
from workflow.data.store import RawFile
from workflow.errors import UserError
from workflow.files import sha256_json
from workflow.plan.config import ROOT, DatasetConfig, load_dataset
from workflow.plan.places import config_root
from workflow.spec import DatasetSpec
from workflow.train.record import Record


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda c: c["test"].update(auc=c["test"]["auc"] + 1e-6), "the sums by user give"),
        (lambda c: c["test"].update(gauc=min(1.0, c["test"]["gauc"] + 1e-6)), "test gAUC"),
        (lambda c: c["epochs"][1].update(learning_rate=5e-4), "the protocol gives"),
        (lambda c: c["epochs"].pop(), "the protocol goes on"),
        (lambda c: c.update(best_epoch=c["best_epoch"] % 3 + 1), "the validation metrics say"),
        (lambda c: c["valid"].update(auc=0.999), "not those of the best epoch"),
        (lambda c: c["provenance"].update(data_fingerprint="0" * 64), "trained on other data"),
        (lambda c: c["spec"].update(seed=77), "no run of campaign tiny"),
        (lambda c: c["provenance"].update(data_origin="published"), "the description of its data says 'twin'"),
        (lambda c: c["provenance"].update(data_note="the published files"), "its note on the data"),
        (lambda c: c["provenance"]["raw_sha256"].update(x="0" * 64), "the SHA-256 sums of its raw files"),
        (lambda c: c["provenance"].update(eval_batch_rows=7), "evaluated in batches of 7 rows, its code takes 8,192"),
        (lambda c: c["parameters"].update(rest=c["parameters"]["rest"] + 1), "others, its model has"),
        (lambda c: c["test"].update(logloss=17.0), "test log loss is 17"),
        (lambda c: c["test"].update(logloss=1e-3), "test log loss is 0.001000, its other numbers allow"),
        (lambda c: c["epochs"][1]["valid"].update(logloss=1e-3), "epoch 2: validation log loss is 0.001000"),
        (lambda c: c["epochs"][0].update(l2_penalty=-1.0), "epoch 1: L2 penalty -1"),
        (lambda c: c["files"].update({"user_sums.npz": "0" * 64}), "not those that the record names"),
        (lambda c: c.update(status="failed", failure="x"), "failed, and yet has results"),
        (lambda c: c["probes"].update(histograms=[histogram()]), "its histograms are not those"),
    ],
)
def test_a_forged_digit_is_found_though_every_seal_is_right(
    made: Made, tmp_path: Path, change: Callable[[dict[str, Any]], None], words: str
) -> None:
    key = sorted(made.archive.records)[0]

    def edit(records: dict[str, Record]) -> None:
        record = forged(records.pop(key), change)
        records[record.spec.key] = record

    archive = rewritten(made, tmp_path, edit)
    assert any(words in fault for fault in verify(archive).faults)
    with pytest.raises(UserError, match=r"\d faults?$"):
        check(archive, 0, 0, strict=False, say=lambda _: None)


def test_runs_on_data_that_a_dataset_s_file_describes_otherwise_here_name_that_file(made: Made, tmp_path: Path) -> None:
    def edit(records: dict[str, Record]) -> None:
        record = forged(records.pop(min(records)), lambda c: c["spec"]["dataset"]["preparation"].update(min_count=9))
        records[record.spec.key] = record

    told = f"no run of campaign tiny; {config_root() / 'datasets/frappe.yaml'} describes other data of this name"
    assert sum(told in fault for fault in verify(rewritten(made, tmp_path, edit)).faults) == 1


def test_an_edited_file_of_a_dataset_is_named_and_no_other_difference(made: Made) -> None:
    here = made.plan.datasets[0]
    edited = here.model_copy(update={"preparation": here.preparation.model_copy(update={"min_count": 9})})
    assert here.preparation.twin is not None
    twin = here.preparation.twin.model_copy(update={"rows": 77})
    larger = here.model_copy(update={"preparation": here.preparation.model_copy(update={"twin": twin})})
    assert described_otherwise(edited, here)
    assert not described_otherwise(larger, here)
    assert not described_otherwise(here, here)


def histogram() -> dict[str, Any]:
    return {"epoch": 1, "split": "valid", "positives": [1] * 50, "negatives": [1] * 50}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda c: c.update(origin="published"), "its specification says that the data are synthetic"),
        (lambda c: c["splits"]["test"].update(positives=1), "its fingerprint is not that of its fields"),
    ],
)
def test_a_claim_of_a_description_is_held_against_what_it_describes(
    made: Made, tmp_path: Path, change: Callable[[dict[str, Any]], None], words: str
) -> None:
    contents = made.archive.contents()
    (meta,) = contents.metas.values()
    said = meta.content()
    change(said)
    said = type(meta).model_validate({**said, "seal": sha256_json(said)})
    write_archive(tmp_path, replace(contents, metas={meta.dataset.id: said}))
    archive = RunArchive(tmp_path)
    assert any(words in fault for fault in verify(archive).faults)
    with pytest.raises(UserError, match=r"lists all faults"):
        Evidence.load(made.plan, source=archive)


@pytest.mark.parametrize("name", ["frappe", "ml-1m", "kkbox"])
def test_a_twin_that_passes_for_real_data_is_found(made: Made, name: str) -> None:
    """Relabelled throughout: no twin in the specification, the checksums of a known archive, new digests."""
    (meta,) = made.archive.contents().metas.values()
    config = load_dataset(name) if name == "frappe" else real_dataset(name)
    for known in config.archives:
        sha256 = config.source.sha256 or "0" * 64 if known.sha256 == "published" else known.sha256
        raw = (RawFile(name=config.source.archive, sha256=sha256, published=True),)
        origin = "published" if known.sha256 == "published" else "other"
        spec = DatasetSpec(name=name, preparation=config.preparation)
        said = meta.model_copy(update={"dataset": spec, "origin": origin, "raw": raw})
        if known.standing != "stand-in":
            assert any("the real data have" in fault for fault in data_faults(config, said))


def real_dataset(name: str) -> DatasetConfig:
    return DatasetConfig.model_validate(yaml.safe_load((ROOT / f"config/datasets/{name}.yaml").read_text()))


def test_a_stand_in_that_claims_the_published_bytes_stays_a_stand_in() -> None:
    config = real_dataset("criteo")
    sha256 = config.archives[1].sha256
    assert data_standing(config, "published", {"x.zip": sha256})[0] is Standing.STAND_IN


def test_a_chosen_subset_of_seeds_is_named(made: Made, tmp_path: Path) -> None:
    dropped = sorted(made.archive.records)[1]
    archive = rewritten(made, tmp_path, lambda records: records.pop(dropped))
    lines: list[str] = []
    check(archive, 0, 0, strict=False, say=lines.append)
    assert f"lacks seed {dropped.rpartition('seed')[2]}" in lines[0]
    with pytest.raises(UserError, match=r"1 fault$"):
        check(archive, 0, 0, strict=True, say=lines.append)


def test_any_changed_file_is_refused_and_named(made: Made, tmp_path: Path) -> None:
    for name in made.archive.digests:
        folder = tmp_path / name
        shutil.copytree(made.archive.folder, folder)
        content = bytearray((folder / name).read_bytes())
        content[len(content) // 2] ^= 1
        (folder / name).write_bytes(content)
        with pytest.raises(UserError, match=f"{name}: its SHA-256 is not that of SHA256SUMS"):
            RunArchive(folder).contents()


def test_an_edited_record_breaks_its_seal(made: Made, tmp_path: Path) -> None:
    shutil.copytree(made.archive.folder, tmp_path / "a")
    path = tmp_path / "a/records.jsonl.gz"
    lines = gzip.decompress(path.read_bytes()).splitlines()
    content = json.loads(lines[2])
    content["test"]["auc"] = 0.99
    lines[2] = json.dumps(content).encode()
    path.write_bytes(gzip.compress(b"\n".join(lines), mtime=0))
    write_sums_file(tmp_path / "a", [tmp_path / "a" / name for name in made.archive.digests])
    with pytest.raises(UserError, match="line 3: the record was changed after it was written"):
        _ = RunArchive(tmp_path / "a").records
