"""How a record's code relates to a checkout's: only what is listed counts, and only for its model."""

import pytest

from workflow.provenance import equivalents
from workflow.provenance.equivalents import Equivalent, Family, relation, representative

FROZEN, SAME, MOVED, MOVED_AGAIN, UNLISTED = ("0" * 64, "1" * 64, "2" * 64, "3" * 64, "4" * 64)


@pytest.fixture(autouse=True)
def listed(monkeypatch: pytest.MonkeyPatch) -> None:
    proof = "tests/models/test_a.py::test_a"
    family = Family(
        frozen=FROZEN,
        equivalents=(
            Equivalent(code=SAME, differs="nothing", proof=proof),
            Equivalent(code=MOVED, differs="last digits", proof=proof),
            Equivalent(code=MOVED_AGAIN, differs="last digits", proof=proof),
        ),
    )
    monkeypatch.setattr(equivalents, "families", lambda: {"A": family})


@pytest.mark.parametrize(
    ("code", "current", "expected"),
    [
        (FROZEN, FROZEN, "this code"),
        (UNLISTED, UNLISTED, "this code"),
        (FROZEN, SAME, "same bits"),
        (SAME, FROZEN, "same bits"),
        (FROZEN, MOVED, "last digits"),
        (MOVED, SAME, "last digits"),
        (MOVED, MOVED_AGAIN, "last digits"),
        (UNLISTED, SAME, "other"),
        (FROZEN, UNLISTED, "other"),
    ],
)
def test_relation(code: str, current: str, expected: str) -> None:
    assert relation(code, current, "A") == expected
    assert relation(code, current, "B") == ("this code" if code == current else "other")


def test_equivalents_share_one_parameter_and_an_unproved_change_has_its_own() -> None:
    assert {representative(code, "A") for code in (FROZEN, SAME, MOVED)} == {FROZEN}
    assert representative(UNLISTED, "A") == UNLISTED
    assert representative(SAME, "B") == SAME
