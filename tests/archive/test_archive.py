"""Archives: complete and equal when read back, joined if they agree, and their faults are found."""

import gzip
import hashlib
import os
import shutil
import subprocess
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from tests.archive.conftest import Made, files_of, forged, rewritten
from tests.conftest import write_campaign
from workflow.analysis.evidence.load import Evidence
from workflow.archive import configuration
from workflow.archive.configuration import brought_along
from workflow.archive.export import export
from workflow.archive.faults.records import digests_of
from workflow.archive.layout import RunArchive
from workflow.archive.merge import merge
from workflow.archive.verify import check, verify
from workflow.archive.write import write_archive, write_sums_file
from workflow.cli.main import main
from workflow.errors import UserError
from workflow.files import scratch_prefix
from workflow.plan.config import ROOT, check_campaign
from workflow.plan.places import DATASETS
from workflow.train.keep import read_user_sums
from workflow.train.placements import UserSums
from workflow.train.record import read_record


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


def test_own_datasets_and_experiments_of_a_checkout_are_brought_along(
    config_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They lie beside those that the project comes with."""
    monkeypatch.setattr(configuration, "ROOT", config_folder.parent)
    folder = config_folder.parent
    write_campaign(folder, {"campaign": "mine", "datasets": ["frappe"]}, {"mine": {"arms": []}, "table_4": {}})
    clicks = (config_folder / "datasets/frappe.yaml").read_text().replace("name: frappe", "name: clicks")
    (config_folder / "datasets/clicks.yaml").write_text(clicks)
    names = {"datasets": ["frappe", "clicks"], "experiments": ["mine", "table_4"]}
    found = brought_along(check_campaign({"campaign": "mine", **names}, "here"))
    assert {kind: list(one) for kind, one in found.items()} == {"datasets": ["clicks"], "experiments": ["mine"]}


def test_the_project_comes_with_the_datasets_that_are_named() -> None:
    assert {path.stem for path in (ROOT / "config/datasets").glob("*.yaml")} >= DATASETS


def test_no_path_of_the_machine_is_in_it(made: Made, tmp_path: Path) -> None:
    campaign = made.plan.campaign.model_copy(update={"mirror": "/secret/mirror", "local": {"frappe": "/secret/x"}})
    export(type(made.plan)(campaign), tmp_path)
    assert b"secret" not in (tmp_path / "campaign.json").read_bytes()


def test_no_archive_is_overwritten_with_less(made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = sorted(made.archive.records)[0]
    fewer = rewritten(made, tmp_path / "fewer", lambda records: records.pop(key))
    shipped = tmp_path / "shipped"
    shutil.copytree(made.archive.folder, shipped)
    before = files_of(shipped)
    with pytest.raises(UserError, match=r"shipped: holds an archive of which 1 of its 6 runs would be lost; write to "):
        merge([fewer], shipped)
    assert files_of(shipped) == before
    merge([fewer], shipped, force=True)
    assert len(RunArchive(shipped).contents().records) == 5
    assert main(["export", "--campaign", "tiny.yaml", "--out", str(shipped)]) == 0  # all of it, and one more
    assert files_of(shipped) == before
    changed = forged(made.archive.records[key], lambda c: c["test"].update(logloss=9.0))
    other = rewritten(made, tmp_path / "other", lambda records: records.update({key: changed})).folder
    again = ["export", "--campaign", "tiny.yaml", "--out", str(other)]
    capsys.readouterr()
    assert main(again) == 1
    assert "of which other results (1) would be lost; write to another folder" in capsys.readouterr().err
    (other / "records.jsonl.gz").write_bytes(b"x")
    assert main(again) == 1
    assert "holds an archive that cannot be read" in capsys.readouterr().err
    assert main([*again, "--force"]) == 0
    assert files_of(other) == before


def test_an_overwritten_archive_leaves_no_file_behind(made: Made, tmp_path: Path) -> None:
    contents = made.archive.contents()
    write_archive(tmp_path, contents)
    write_archive(tmp_path, replace(contents, metas={}))
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
    checksums = hashlib.sha256((made.archive.folder / "SHA256SUMS").read_bytes()).hexdigest()
    assert lines[-2] == f"archive: identifier {checksums}"
    assert {line.partition(":")[0] for line in lines[:-2]} == {"not checked"}


def test_what_is_no_archive_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(tmp_path)]) == 1
    assert "is no archive; `export` writes one" in capsys.readouterr().err
    (tmp_path / "SHA256SUMS").write_text("../x\n")
    assert main(["verify", str(tmp_path)]) == 1
    assert "not a line of sha256sum" in capsys.readouterr().err


def test_a_run_trained_again_is_the_same_bit_for_bit(made: Made, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(made.archive.folder), "--retrain", "1", "--seed", "3"]) == 0
    told = capsys.readouterr().out
    assert ": equal, on this kind of machine" in told
    assert "1 of 1, about 1 min" in told
    assert " epoch 3: " in told


def test_a_campaign_s_name_is_the_name_of_its_archive(away: RunArchive, capsys: pytest.CaptureFixture[str]) -> None:
    runs = len(away.records)
    shutil.copytree(away.folder, "results/tiny")
    assert main(["verify", "tiny"]) == 0
    assert main(["merge", "tiny", str(away.folder), "--out", "both"]) == 0
    assert f"both: {runs} runs written, {runs} of them in more than one archive" in capsys.readouterr().out
    assert main(["restore", "tiny"]) == 0
    assert main(["restore", "tiny"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert [line.partition(": ")[2] for line in told] == [
        f"{runs} of {runs} runs restored, 0 were here already",
        f"0 of {runs} runs restored, {runs} were here already",
    ]


def test_only_files_of_archives_are_deleted(made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A mirror has a SHA256SUMS of its own, which lists its zips."""
    (tmp_path / "Frappe.zip").write_bytes(b"data")
    (tmp_path / "x.npz").write_bytes(b"mine")
    write_sums_file(tmp_path, [tmp_path / "Frappe.zip", tmp_path / "x.npz"])
    before = files_of(tmp_path)
    for options in ((), ("--force",)):
        assert main(["export", "--campaign", "tiny.yaml", "--out", str(tmp_path), *options]) == 1
        assert files_of(tmp_path) == before
    with pytest.raises(UserError, match=r"holds Frappe\.zip and 1 more, which is no part of an archive"):
        merge([made.archive], tmp_path, force=True)
    assert files_of(tmp_path) == before


@pytest.mark.parametrize("name", ["Snakefile", "timing.json", "campaign.json", "SHA256SUMS"])
def test_only_files_beside_a_campaign_are_taken_for_an_archives(made: Made, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text('{"mine": 1}')
    with pytest.raises(UserError, match=f"holds {name}, which is no part of an archive"):
        write_archive(tmp_path, made.archive.contents())
    assert files_of(tmp_path) == {name: b'{"mine": 1}'}


def test_what_a_later_call_writes_does_not_lie_in_the_archive_of_a_campaign(made: Made) -> None:
    """`export` writes to results/<campaign> by default."""
    archive = Path("results", made.plan.campaign.campaign)
    assert archive not in (*made.plan.resolved.parents, *made.plan.timing_path.parents)


def test_an_export_that_was_killed_while_it_wrote_is_made_again(made: Made, tmp_path: Path) -> None:
    shutil.copytree(made.archive.folder, tmp_path / "archive")
    left = scratch_prefix(tmp_path / "archive/records.jsonl.gz").replace(f"-{os.getpid()}-", "-4000000-")
    for name in (f"{left}abc_1.part", ".campaign.json.another.host-77-x.part"):  # of this machine, and of another
        (tmp_path / "archive" / name).write_bytes(b"half")
    write_archive(tmp_path / "archive", made.archive.contents())
    assert [path.name for path in (tmp_path / "archive").glob(".*")] == [".campaign.json.another.host-77-x.part"]


def test_the_file_of_a_run_s_sums_has_a_digest_by_every_python() -> None:
    """Oracle: the files that `zipfile` of Python 3.11.7 and of 3.11.2 (Debian 12's) wrote from these arrays."""
    placed = [1.5, 2.0], [3.0, 0.5], [0.75, np.nan]
    assert set(digests_of(UserSums(np.array([2, 3]), np.array([4, 1]), *map(np.array, placed)))) == {
        "876bc225fa32dd63b6a5aed1b21709589359d95b78f8a437dbc4eea988c6f2f4",
        "92c134db849031fa6afb2a5ae1ccd4acf61ad192b6b03792e4069aec5876d2de",
    }


def test_an_archive_without_records_is_none_and_sums_without_a_record_stay_behind(made: Made, tmp_path: Path) -> None:
    whole, first = made.archive.contents(), min(made.archive.records)
    write_archive(tmp_path / "stray", replace(whole, records={first: whole.records[first]}))
    assert RunArchive(tmp_path / "stray").sums.keys() == {first}
    (tmp_path / "stray/records.jsonl.gz").write_bytes(gzip.compress(b""))
    write_sums_file(tmp_path / "stray", [path for path in (tmp_path / "stray").iterdir() if path.name != "SHA256SUMS"])
    for command in (["verify"], ["restore"], ["merge", "--out", str(tmp_path / "x"), str(made.archive.folder)]):
        assert main([*command, str(tmp_path / "stray")]) == 1


@pytest.mark.parametrize("values", [{"title": 3}, {"name": "another"}])
def test_a_fault_in_what_an_archive_brings_along_is_named_there(
    made: Made, tmp_path: Path, values: dict[str, object]
) -> None:
    """Not in the file of that name in config/."""
    contents = made.archive.contents()
    own = {"own": {**contents.configuration["experiments"]["own"], **values}}
    write_archive(tmp_path, replace(contents, configuration={"experiments": own}))
    with pytest.raises(UserError) as caught:
        verify(RunArchive(tmp_path))
    assert str(caught.value).startswith(f"{tmp_path / 'configuration.json'}: experiments.own: {next(iter(values))}: ")
