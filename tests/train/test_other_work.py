"""The share of other work, with known clocks and on this machine."""

from types import SimpleNamespace

import pytest

from workflow.train import other_work
from workflow.train.other_work import OtherWork


@pytest.mark.parametrize(
    ("wall_s", "busy_percent", "own_s", "share"),
    [
        (10.0, 60.0, 8.0, 0.2),  # busy 12 of the 20 seconds that two cores have, 8 of them ours
        (10.0, 39.0, 8.0, 0.0),  # the two clocks round differently
        (0.001, 100.0, 0.0, 0.0),  # one tick in a millisecond tells nothing
    ],
)
def test_the_share_is_what_is_busy_and_not_ours(
    monkeypatch: pytest.MonkeyPatch, wall_s: float, busy_percent: float, own_s: float, share: float
) -> None:
    now_s, own = iter((0.0, wall_s)), iter((0.0, own_s))
    monkeypatch.setattr(other_work, "time", SimpleNamespace(monotonic=lambda: next(now_s)))
    monkeypatch.setattr(other_work, "_own_s", lambda: next(own))
    monkeypatch.setattr(other_work, "psutil", SimpleNamespace(cpu_percent=lambda: busy_percent, cpu_count=lambda: 2))
    assert OtherWork().share() == pytest.approx(share)


def test_here_it_is_a_share() -> None:
    assert 0.0 <= OtherWork().share() <= 1.0
