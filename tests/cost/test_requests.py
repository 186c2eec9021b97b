"""Requests of jobs to a cluster, and locks on file systems that have none."""

import errno
import fcntl
import os
from math import ceil
from pathlib import Path
from typing import Any

import pytest

from workflow.cost.epochs import data_of
from workflow.cost.requests import JOB_MB, START_MIN, VARIABLE, Asks, cluster, settled
from workflow.cost.resources import COPIES, ROW_BYTES, TORCH_BYTES, TRAINED
from workflow.errors import UserError
from workflow.files import locked
from workflow.plan.campaign import Pack, Plan
from workflow.plan.config import ROOT, load_campaign


@pytest.fixture(autouse=True)
def folder(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


def plan_with(**changes: Any) -> Plan:
    values = {"experiments": ("table_4",), "datasets": ("frappe", "criteo"), "seeds": (1,), "pack_size": 4, **changes}
    return Plan(load_campaign(ROOT / "config/paper.yaml").model_copy(update=values))


def test_the_profile_says_what_auto_means_and_nothing_of_other_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "device=cuda")
    for device, expected in (("auto", "cuda"), ("cpu", "cpu"), ("cuda", "cuda")):
        assert settled(plan_with(device=device)).campaign.device == expected
    monkeypatch.delenv(VARIABLE)
    assert settled(plan_with(device="auto")).campaign.device == "auto"


def asks_of(plan: Plan, *, away: bool = True) -> Asks:
    return Asks(plan, plan.runs, away=away)


def pack_on(plan: Plan, dataset: str) -> Pack:
    return next(pack for pack in plan.packs if pack.dataset.name == dataset)


def test_a_part_of_a_pack_asks_for_that_part(counted: list[str]) -> None:
    plan = plan_with(device="cpu", pack_size=100)
    pack = pack_on(plan, "criteo")
    part = Asks(plan, frozenset(run.key for run in pack.runs[:2]), away=True)
    assert START_MIN < part.training(pack.name).minutes < asks_of(plan).training(pack.name).minutes


@pytest.mark.parametrize(
    ("text", "words"),
    [("cuda", "must be key=value words"), ("device=gpu", "device"), ("hours=3", "hours"), ("factor=-1", "factor")],
)
def test_a_mistake_in_it_is_one_line_that_names_it(text: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, text)
    with pytest.raises(UserError, match=VARIABLE) as caught:
        cluster()
    assert words in str(caught.value)


def test_memory_grows_with_rows_columns_and_copies(counted: list[str]) -> None:
    asks = asks_of(plan_with(device="cpu"))
    by_dataset = {pack.dataset.name: asks.training(pack.name).mb for pack in asks.plan.packs}
    pack = pack_on(asks.plan, "criteo")
    data = data_of(pack.dataset)
    arrays = data.rows * (4 * data.columns + ROW_BYTES) / 1e6
    model = (4 * COPIES * 5000 + TRAINED * 10_000 * 50 + 8192 * 100) / 1e6  # as the fixture counts
    assert by_dataset["criteo"] == pytest.approx(JOB_MB + TORCH_BYTES["cpu"] / 1e6 + arrays + model, abs=1)
    assert by_dataset["criteo"] > by_dataset["frappe"] > JOB_MB
    both = asks_of(plan_with(device="cpu", pack_workers=2))
    assert both.training(pack.name).mb == pytest.approx(2 * by_dataset["criteo"] - JOB_MB, abs=2)


def test_minutes_are_those_of_runs_left_times_the_factor(counted: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_with(device="cpu")
    pack = pack_on(plan, "frappe")
    monkeypatch.setenv(VARIABLE, "factor=1")
    one = asks_of(plan)
    monkeypatch.setenv(VARIABLE, "factor=3")
    three = asks_of(plan)
    seconds = sum(one._seconds[run.key] for run in pack.runs)
    assert one.training(pack.name).minutes == pytest.approx(START_MIN + seconds / 60, abs=1)
    assert three.training(pack.name).minutes == pytest.approx(START_MIN + 3 * seconds / 60, abs=1)


def test_an_attempt_asks_for_as_much_again_up_to_the_most(counted: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_with(device="cpu")
    small, large = (pack_on(plan, name) for name in ("frappe", "criteo"))
    hours = ceil(1.5 * asks_of(plan).training(large.name).minutes / 60)
    monkeypatch.setenv(VARIABLE, f"longest_h={hours}")
    ask = asks_of(plan).training(small.name)
    assert [ask.mem_mb(attempt) for attempt in (1, 2, 3)] == [ask.mb, 2 * ask.mb, 3 * ask.mb]
    assert (ask.runtime(1), ask.runtime(2)) == (ask.minutes, 2 * ask.minutes)
    assert asks_of(plan).training(large.name).runtime(1) < 60 * hours
    assert asks_of(plan).training(large.name).runtime(2) == 60 * hours


def test_jobs_of_an_array_ask_for_the_most_that_one_needs(counted: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_with(device="cpu")
    own = [asks_of(plan).training(pack.name) for pack in plan.packs]
    monkeypatch.setenv(VARIABLE, "alike=true")
    alike = {asks_of(plan).training(pack.name) for pack in plan.packs}
    assert len(set(own)) > 1
    (only,) = alike
    assert (only.mb, only.minutes) == (max(ask.mb for ask in own), max(ask.minutes for ask in own))


def test_nothing_is_counted_or_read_where_jobs_run_here(counted: list[str]) -> None:
    asks = asks_of(plan_with(device="cpu", experiments=("table_4", "table_6")), away=False)
    assert asks.training(asks.plan.packs[0].name).minutes == START_MIN
    assert asks.timing.minutes == START_MIN
    assert counted == []


# -- locks ----------------------------------------------------------------------------


def test_a_lock_is_held_by_one_and_goes_with_its_handle(tmp_path: Path) -> None:
    first, second = (os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT) for _ in range(2))
    assert locked(first, wait=False)
    assert not locked(second, wait=False)
    os.close(first)
    assert locked(second, wait=True)
    os.close(second)


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
def test_without_locks_of_the_file_system_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def flock(handle: int, how: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "flock", flock)
    with (tmp_path / "lock").open("w") as handle:
        assert locked(handle.fileno(), wait=False)
