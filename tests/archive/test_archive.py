"""Archives: whole and equal when read back, and what is wrong with one is found."""

import gzip
import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from tests.archive.conftest import Made
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.evidence.standing import Standing, data_standing
from workflow.archive.data_faults import data_faults
from workflow.archive.export import export, restore
from workflow.archive.layout import RunArchive
from workflow.archive.merge import merge
from workflow.archive.verify import check, verify
from workflow.archive.write import write_archive, write_sums_file
from workflow.cli.main import main
from workflow.data.store import RawFile
from workflow.errors import UserError
from workflow.files import sha256_json
from workflow.plan.config import ROOT, DatasetConfig, load_dataset
from workflow.spec import DatasetSpec
from workflow.train.keep import file_path, is_finished, read_user_sums
from workflow.train.placements import UserSums
from workflow.train.record import Record, read_record


def rewritten(made: Made, folder: Path, edit: Callable[[dict[str, Record]], None]) -> RunArchive:
    """An archive as a forger would leave it: records changed, every seal and digest made anew."""
    contents = made.archive.contents()
    records = dict(contents.records)
    edit(records)
    sums = {key: sums for key, sums in contents.sums.items() if key in records}
    changed = type(contents)(contents.campaign, records, sums, contents.metas)
    write_archive(folder, changed)
    return RunArchive(folder)


def forged(record: Record, change: Callable[[dict[str, Any]], None]) -> Record:
    content = record.content()
    change(content)
    return Record.model_validate({**content, "seal": sha256_json(content)})


def test_what_is_read_back_is_what_was_trained(made: Made) -> None:
    assert set(made.archive.records) == set(made.plan.runs)
    assert made.archive.campaign == made.plan.campaign
    for run, _ in made.plan.runs.values():
        record = read_record(run.record_path)
        assert made.archive.record(run) == record
        sums, own = made.archive.user_sums(record), read_user_sums(record)
        assert sums is not None
        assert own is not None
        for field in fields(UserSums):
            assert np.array_equal(getattr(sums, field.name), getattr(own, field.name), equal_nan=True)
    assert made.archive.meta(made.plan.datasets[0]) is not None


def test_evidence_from_an_archive_names_the_file_that_has_its_records(made: Made) -> None:
    evidence, here = Evidence.load(made.plan, source=made.archive), Evidence.load(made.plan)
    for one, beside in zip(evidence.cells("own"), here.cells("own"), strict=True):
        assert one.places == tuple(f"archive/records.jsonl.gz#{run.key}" for run in one.cell.runs)
        assert beside.places == tuple(run.record_path.as_posix() for run in beside.cell.runs)


def test_equal_runs_make_equal_archives_that_sha256sum_accepts(made: Made, tmp_path: Path) -> None:
    export(made.plan, tmp_path)
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (made.archive.folder / path.name).read_bytes()
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=tmp_path, check=True)


def test_no_path_of_the_machine_is_in_it(made: Made, tmp_path: Path) -> None:
    campaign = made.plan.campaign.model_copy(update={"mirror": "/secret/mirror", "local": {"frappe": "/secret/x"}})
    export(type(made.plan)(campaign), tmp_path)
    assert b"secret" not in (tmp_path / "campaign.json").read_bytes()


def test_restored_runs_are_finished_and_none_is_touched_that_stands(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = RunArchive(made.archive.folder.resolve())
    monkeypatch.chdir(tmp_path)
    restored = restore(archive)
    assert len(restored) == 6
    meta = archive.meta(made.plan.datasets[0])
    assert meta is not None
    assert all(is_finished(run, meta) for run in restored)
    assert restore(archive) == []
    file_path(restored[0], "user_sums.npz").write_bytes(b"mine")
    assert restore(archive) == []
    assert file_path(restored[0], "user_sums.npz").read_bytes() == b"mine"


def test_restored_runs_are_exported_as_they_came_though_their_data_are_not_here(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = RunArchive(made.archive.folder.resolve())
    monkeypatch.chdir(tmp_path)
    restore(archive)
    lines: list[str] = []
    export(made.plan, Path("again"), say=lines.append)
    assert lines == []
    assert files_of(tmp_path / "again") == files_of(archive.folder)


def test_an_export_says_what_it_cannot_describe(made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = RunArchive(made.archive.folder.resolve())
    monkeypatch.chdir(tmp_path)
    restore(archive)
    [kept] = Path("results/restored").rglob("*.json")
    kept.unlink()
    lines: list[str] = []
    export(made.plan, Path("again"), say=lines.append)
    [line] = lines
    told = "frappe-twin: 6 records and no description of their data (meta-frappe-twin.json)"
    assert line.startswith(f"{told}; prepare it here, or `restore` the archive")
    assert verify(RunArchive(Path("again"))).faults == (told,)


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_no_archive_is_overwritten_with_less(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    key = sorted(made.archive.records)[0]
    fewer = rewritten(made, tmp_path / "fewer", lambda records: records.pop(key) and None)
    shipped = tmp_path / "shipped"
    shutil.copytree(made.archive.folder, shipped)
    before = files_of(shipped)
    with pytest.raises(UserError, match=r"shipped: holds an archive of which 1 of its 6 runs would be lost; write to "):
        merge([fewer], shipped)
    assert files_of(shipped) == before
    merge([fewer], shipped, force=True)
    assert len(RunArchive(shipped).contents().records) == 5
    assert main(["export", "--campaign", "config/tiny.yaml", "--out", str(shipped)]) == 0  # all of it, and one more
    assert files_of(shipped) == before

    def edit(records: dict[str, Record]) -> None:
        records[key] = forged(records[key], lambda c: c["test"].update(logloss=9.0))

    other = rewritten(made, tmp_path / "other", edit)
    capsys.readouterr()
    assert main(["export", "--campaign", "config/tiny.yaml", "--out", str(other.folder)]) == 1
    assert "of which other results (1) would be lost; write to another folder" in capsys.readouterr().err
    (other.folder / "records.jsonl.gz").write_bytes(b"x")
    assert main(["export", "--campaign", "config/tiny.yaml", "--out", str(other.folder)]) == 1
    assert "holds an archive that cannot be read" in capsys.readouterr().err
    assert main(["export", "--campaign", "config/tiny.yaml", "--out", str(other.folder), "--force"]) == 0
    assert files_of(other.folder) == before


def test_an_overwritten_archive_leaves_no_file_behind(made: Made, tmp_path: Path) -> None:
    contents = made.archive.contents()
    write_archive(tmp_path, contents)
    write_archive(tmp_path, type(contents)(contents.campaign, contents.records, contents.sums, {}))
    assert RunArchive(tmp_path).unlisted == []
    assert "meta-frappe-twin.json" not in files_of(tmp_path)


def test_files_that_nothing_vouches_for_and_those_that_are_gone_are_named(made: Made, tmp_path: Path) -> None:
    folder = tmp_path / "a"
    shutil.copytree(made.archive.folder, folder)
    for name in ("report.html", "runs.parquet", "timing.json"):  # the first two are made from an archive, beside it
        (folder / name).write_text("{}")
    assert verify(RunArchive(folder)).faults == ("timing.json: not named in SHA256SUMS; remove it, or export again",)
    (folder / "meta-frappe-twin.json").unlink()
    with pytest.raises(UserError, match=r"meta-frappe-twin\.json: cannot be read \(No such file or directory\); take"):
        verify(RunArchive(folder))


def test_an_honest_archive_has_no_fault(made: Made) -> None:
    lines: list[str] = []
    check(made.archive, 0, 0, strict=True, say=lines.append)
    assert lines[-1:] == ["archive: 6 records, 0 of them by other code than this checkout's: no fault found"]
    assert [line.partition(":")[0] for line in lines[:-1]] == ["not checked"]


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
    changed = type(contents)(contents.campaign, contents.records, contents.sums, {meta.dataset.id: said})
    write_archive(tmp_path, changed)
    archive = RunArchive(tmp_path)
    assert any(words in fault for fault in verify(archive).faults)
    with pytest.raises(UserError, match=r"lists all faults"):
        Evidence.load(made.plan, source=archive)


@pytest.mark.parametrize("name", ["frappe", "ml-1m", "kkbox"])
def test_a_twin_that_passes_for_real_data_is_found(made: Made, name: str) -> None:
    """Relabelled throughout: no twin in the specification, the checksums of a known archive, every digest anew."""
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
    archive = rewritten(made, tmp_path, lambda records: records.pop(dropped) and None)
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


def test_what_is_no_archive_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(tmp_path)]) == 1
    assert "is no archive; `export` writes one" in capsys.readouterr().err
    (tmp_path / "SHA256SUMS").write_text("../x\n")
    assert main(["verify", str(tmp_path)]) == 1
    assert "not a line of sha256sum" in capsys.readouterr().err


def test_halves_merge_to_the_whole(made: Made, tmp_path: Path) -> None:
    keys = sorted(made.archive.records)

    def without(name: str, dropped: list[str]) -> RunArchive:
        def edit(records: dict[str, Record]) -> None:
            for key in dropped:
                del records[key]

        return rewritten(made, tmp_path / name, edit)

    halves = [without("a", keys[:3]), without("b", keys[4:])]
    merged = merge(halves, tmp_path / "whole")
    assert [(one.key, one.how) for one in merged.twice] == [(keys[3], "equal")]
    assert (merged.runs, merged.left_out) == (len(keys), 0)
    assert RunArchive(tmp_path / "whole").contents().records == made.archive.contents().records


def test_archives_of_campaigns_that_share_runs_merge(made: Made, tmp_path: Path) -> None:
    whole = made.archive.contents()
    seed = min(record.spec.seed for record in whole.records.values())
    own = {key for key, record in whole.records.items() if record.spec.seed == seed}
    first = sorted(own)[0]
    part = replace(
        whole,
        campaign=whole.campaign.model_copy(update={"campaign": "part", "seeds": (seed,)}),
        records={first: whole.records[first]},
        sums={key: sums for key, sums in whole.sums.items() if key == first},
    )
    write_archive(tmp_path / "part", part)
    merged = merge([RunArchive(tmp_path / "part"), made.archive], tmp_path / "joined")
    assert (merged.runs, merged.left_out) == (len(own), len(whole.records) - len(own))
    joined = RunArchive(tmp_path / "joined")
    assert joined.campaign.campaign == "part"
    assert joined.records == {key: whole.records[key] for key in own}
    other = {key: record for key, record in whole.records.items() if key not in own}
    rest = replace(whole, records=other, sums={key: sums for key, sums in whole.sums.items() if key in other})
    write_archive(tmp_path / "rest", rest)
    with pytest.raises(UserError, match="shares no run with"):
        merge([RunArchive(tmp_path / "part"), RunArchive(tmp_path / "rest")], tmp_path / "nothing")


def test_rivals_agree_within_the_spread_of_their_seeds_or_are_named(made: Made, tmp_path: Path) -> None:
    key = sorted(made.archive.records)[0]

    def moved(by: float) -> RunArchive:
        def edit(records: dict[str, Record]) -> None:
            records[key] = forged(records[key], lambda c: c["test"].update(auc=c["test"]["auc"] + by))

        return rewritten(made, tmp_path / str(by), edit)

    [near] = [one for one in merge([made.archive, moved(1e-7)], tmp_path / "near").twice if one.key == key]
    assert "within the seeds'" in near.how
    with pytest.raises(UserError, match=rf"{key}.*are in conflict"):
        merge([made.archive, moved(-0.4)], tmp_path / "far")


def test_a_run_trained_again_is_the_same_bit_for_bit(made: Made, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(made.archive.folder), "--retrain", "1", "--seed", "3"]) == 0
    told = capsys.readouterr().out
    assert ": equal, on this kind of machine" in told
    assert "1 of 1, about 1 min" in told
    assert " epoch 3: " in told


def test_a_campaign_s_name_is_the_name_of_its_archive(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = len(made.archive.records)  # of a relative path, so before the working directory changes
    monkeypatch.chdir(tmp_path)
    shipped = made.folder / made.archive.folder
    shutil.copytree(shipped, tmp_path / "results/tiny")
    assert main(["verify", "tiny"]) == 0
    assert main(["merge", "tiny", str(shipped), "--out", "both"]) == 0
    assert f"both: {runs} runs written, {runs} of them in more than one archive" in capsys.readouterr().out
    assert main(["restore", "tiny"]) == 0
    assert main(["restore", "tiny"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert [line.partition(": ")[2] for line in told] == [
        f"{runs} of {runs} runs restored, 0 were here already",
        f"0 of {runs} runs restored, {runs} were here already",
    ]


def test_only_files_of_archives_are_ever_deleted(
    made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mirror has a SHA256SUMS of its own, which lists its zips."""
    (tmp_path / "Frappe.zip").write_bytes(b"data")
    (tmp_path / "x.npz").write_bytes(b"mine")
    write_sums_file(tmp_path, [tmp_path / "Frappe.zip", tmp_path / "x.npz"])
    before = files_of(tmp_path)
    for options in ((), ("--force",)):
        assert main(["export", "--campaign", "config/tiny.yaml", "--out", str(tmp_path), *options]) == 1
        assert files_of(tmp_path) == before
    with pytest.raises(UserError, match=r"holds Frappe\.zip and 1 more, which is no part of an archive"):
        merge([made.archive], tmp_path, force=True)
    assert files_of(tmp_path) == before
