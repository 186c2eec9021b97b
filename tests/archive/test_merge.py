"""Archives are joined where they agree."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.archive.conftest import Made
from tests.archive.forging import forged, rewritten
from workflow.archive.layout import RunArchive
from workflow.archive.merge import merge
from workflow.archive.write import write_archive
from workflow.errors import UserError
from workflow.train.record import Record


def test_halves_merge_to_the_whole(made: Made, tmp_path: Path) -> None:
    keys = sorted(made.archive.records)

    def without(name: str, dropped: list[str]) -> RunArchive:
        def edit(records: dict[str, Record]) -> None:
            for key in dropped:
                del records[key]

        return rewritten(made, tmp_path / name, edit)

    halves = [without("a", keys[:3]), without("b", keys[4:])]
    merged = merge(halves, tmp_path / "whole")
    assert merged.twice == {keys[3]: "equal"}
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

    assert "within the seeds'" in merge([made.archive, moved(1e-7)], tmp_path / "near").twice[key]
    with pytest.raises(UserError, match=rf"{key}.*are in conflict"):
        merge([made.archive, moved(-0.4)], tmp_path / "far")
