"""Users' data: an edit is detected by content, whatever the file's times."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.data.made import campaign, dataset, table, zipped
from workflow.data.local import is_changed, look, note_path, read_note, write_note
from workflow.data.provide import arrange, bring, provide
from workflow.data.sources import raw_archive
from workflow.data.store import load_meta
from workflow.errors import UserError
from workflow.files import sha256_file
from workflow.plan.cells import dataset_spec
from workflow.train.keep import Say

CONFIG = dataset(["city"], format="csv", files={"all": "rows.csv"}, split={})
SPEC = dataset_spec(CONFIG, campaign())
OWN = campaign(local={"toy": "mine.csv"})
COPY = raw_archive(CONFIG, SPEC)


def rows(city: str) -> str:
    return table(["label", "city"], [[at % 2, city if at % 3 else "x"] for at in range(60)])


@pytest.fixture(autouse=True)
def mine(here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's file, in the working directory."""
    monkeypatch.delenv("TF4CTR_MIRROR", raising=False)
    path = Path("mine.csv")
    path.write_text(rows("a"))
    return path


def heard(act: Callable[[Say], object]) -> list[str]:
    lines: list[str] = []
    act(lines.append)
    return lines


def fetched() -> list[str]:
    return heard(lambda say: bring(CONFIG, SPEC, OWN, say))


def edited(path: Path, city: str) -> None:
    """Other rows, in a file of the same size that says to be as old as the first one."""
    times = path.stat()
    path.write_text(rows(city))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns - 10**9))
    assert path.stat().st_size == times.st_size


def test_an_edited_file_is_fetched_again_and_prepared_only_from_the_new_copy(mine: Path) -> None:
    assert fetched() == []
    first = arrange(CONFIG, SPEC, OWN, print)
    edited(mine, "b")
    with pytest.raises(UserError, match=r"toy\.zip: mine\.csv was changed after .*; fetch toy again, then prepare it$"):
        arrange(CONFIG, SPEC, OWN, print)
    assert load_meta(SPEC.prepared_dir) == first
    assert fetched() == [f"{COPY}: is another than before; prepare toy again"]
    assert arrange(CONFIG, SPEC, OWN, print).raw[0].sha256 != first.raw[0].sha256


def test_an_edit_that_a_dry_run_noted_is_still_not_taken(mine: Path) -> None:
    fetched()
    for path in (note_path(COPY), COPY):
        os.utime(path, ns=(0, path.stat().st_mtime_ns - 10**9))  # the clock of a file system is coarse
    edited(mine, "b")
    write_note(COPY, look(CONFIG, OWN, COPY)[1])  # as Snakemake does before it looks what stands
    for one in (OWN, campaign()):
        with pytest.raises(UserError, match="was changed after it was copied here; fetch toy again"):
            arrange(CONFIG, SPEC, one, print)
    fetched()
    arrange(CONFIG, SPEC, OWN, print)


def test_an_unchanged_file_makes_nothing_new(mine: Path) -> None:
    fetched()
    times = COPY.stat().st_mtime_ns, note_path(COPY).stat().st_mtime_ns
    mine.touch()
    assert fetched() == [f"{COPY}: unchanged"]
    assert (COPY.stat().st_mtime_ns, note_path(COPY).stat().st_mtime_ns) == times
    assert times[1] <= times[0]  # else Snakemake would copy it once more
    arrange(CONFIG, SPEC, OWN, print)
    assert heard(lambda say: provide(CONFIG, SPEC, OWN, say)) == []


def test_a_file_that_is_gone_and_a_campaign_without_it_take_nothing_away(mine: Path) -> None:
    fetched()
    noted = read_note(COPY)
    mine.unlink()
    for one in (OWN, campaign()):
        assert look(CONFIG, one, COPY) == (noted, noted)
        arrange(CONFIG, SPEC, one, print)


def test_what_came_from_elsewhere_is_no_longer_the_user_s(mine: Path, tmp_path: Path) -> None:
    fetched()
    path = zipped(tmp_path / "mirror/toy.zip", {"rows.csv": rows("c")})
    path.with_name("SHA256SUMS").write_text(f"{sha256_file(path)}  toy.zip\n")
    bring(CONFIG, SPEC, campaign(mirror="mirror"), print)
    noted, now = look(CONFIG, OWN, COPY)
    assert noted is not None
    assert noted.content == {} != now.content


def test_a_damaged_note_is_none(mine: Path) -> None:
    fetched()
    note_path(COPY).write_text("{")
    noted, now = look(CONFIG, OWN, COPY)
    assert noted is None
    write_note(COPY, now)
    assert read_note(COPY) == now


def test_an_edit_is_seen_though_the_clock_was_set_back(mine: Path) -> None:
    fetched()
    later_ns = COPY.stat().st_mtime_ns + 86_400 * 10**9
    for path in (COPY, note_path(COPY)):
        os.utime(path, ns=(later_ns, later_ns))
    edited(mine, "b")
    write_note(COPY, look(CONFIG, OWN, COPY)[1])  # as Snakemake's dry run does
    assert is_changed(CONFIG, OWN, COPY)
    assert note_path(COPY).stat().st_mtime_ns > later_ns
