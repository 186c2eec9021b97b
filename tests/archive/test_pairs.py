"""Sums of pairs of runs in archives: computed at export, restored, merged, verified."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tests.archive.conftest import ARM, Made, opened, trained
from workflow.analysis.evidence.load import Evidence
from workflow.archive.export import export, restore
from workflow.archive.layout import RunArchive
from workflow.archive.merge import merge
from workflow.archive.verify import verify
from workflow.archive.write import refuse_loss, write_archive
from workflow.data.store import load_meta, load_split
from workflow.errors import UserError
from workflow.train.keep import file_path
from workflow.train.pairs import SCORES, pair_sums


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    yield from opened(trained(tmp_path_factory.mktemp("pairs"), {**ARM, "training": {"keep_scores": True}}))


def test_pairs_are_of_one_configuration_and_give_the_auc_of_the_mean_logit(kept: Made) -> None:
    pairs = kept.archive.pairs
    assert len(pairs) == 2 * 3  # two configurations, three seeds
    for run, _ in kept.plan.runs.values():
        assert sum(key.startswith(f"{run.id}/") for key in pairs) == 3
    first, second = (run for run, _ in list(kept.plan.runs.values())[:2])
    split = load_split(first.dataset.prepared_dir, "test", load_meta(first.dataset.prepared_dir))
    p_SN = np.array([np.load(file_path(run, SCORES)) for run in (first, second)], dtype=np.float64)
    mean_N = np.log(p_SN / (1 - p_SN)).mean(axis=0)
    found = pairs[f"{first.key}+seed{second.seed}"]
    auc = found.placements_positive_U.sum() / found.positives_U.sum()
    assert auc == pytest.approx(roc_auc_score(split.y_N, mean_N), abs=1e-12)
    assert split.group_N is not None
    for place, user in enumerate(np.unique(split.group_N)):
        own = split.group_N == user
        if len(set(split.y_N[own])) == 2:
            assert found.auc_U[place] == pytest.approx(roc_auc_score(split.y_N[own], mean_N[own]), abs=1e-12)
        else:
            assert np.isnan(found.auc_U[place])
    evidence = Evidence.load(kept.plan, source=kept.archive)
    cells = evidence.means_of_two("own")
    assert [len(one.values("auc")) for one in cells] == [3, 3]
    here = Evidence.load(kept.plan).means_of_two("own")  # from kept scores
    assert [one.values("auc") for one in cells] == [one.values("auc") for one in here]


def test_an_honest_archive_has_no_fault_and_says_what_it_cannot_check(kept: Made) -> None:
    found = verify(kept.archive)
    assert found.faults == ()
    assert any(line.startswith("6 pairs of runs") for line in found.unchecked)


def test_restored_pairs_are_exported_and_merged_though_their_scores_are_not_here(kept: Made, here: Path) -> None:
    shutil.copytree(kept.folder / "archive", here / "archive")
    archive = RunArchive(Path("archive"))
    whole = archive.contents()
    restore(archive)
    assert pair_sums(whole.records.values()).keys() == whole.pairs.keys()
    export(kept.plan, Path("again"))
    name = "pair_sums-frappe-twin.npz"
    assert Path("again", name).read_bytes() == Path("archive", name).read_bytes()
    one = next(iter(whole.records))
    half = replace(whole, records={one: whole.records[one]}, sums={one: whole.sums[one]}, pairs={})
    write_archive(Path("half"), half)
    merge([RunArchive(Path("half")), archive], Path("merged"))
    assert RunArchive(Path("merged")).pairs.keys() <= whole.pairs.keys()
    with pytest.raises(UserError, match="6 pairs of runs"):
        refuse_loss(Path("again"), replace(whole, pairs={}))


def test_forged_pairs_are_faults(kept: Made, tmp_path: Path) -> None:
    whole = kept.archive.contents()
    key, sums = next(iter(whole.pairs.items()))
    for place, forged in enumerate(
        (
            {key: replace(sums, positives_U=sums.positives_U + 1)},
            {key: replace(sums, placements_positive_U=sums.placements_positive_U * 0.9)},
            {f"{key}9": sums},  # of a run that is not there
        )
    ):
        write_archive(tmp_path / str(place), replace(whole, pairs=forged))
        (fault,) = verify(RunArchive(tmp_path / str(place))).faults
        assert "pair" in fault


def test_scores_that_are_not_the_records_are_refused(kept: Made) -> None:
    record = next(iter(kept.archive.records.values()))
    path = file_path(record.spec, SCORES)
    before = path.read_bytes()
    path.write_bytes(before[:-1] + b"\0")
    try:
        with pytest.raises(UserError, match=r"test_scores\.npy: is not the file"):
            pair_sums(kept.archive.records.values())
    finally:
        path.write_bytes(before)
