"""A second version of the paper, made up from the first by changing some prints."""

from pathlib import Path

import pytest

from tests.analysis.prints_help import reprinted
from workflow.analysis.claims.method import compared, other_versions
from workflow.analysis.paper.prints import load_paper


@pytest.fixture
def second(tmp_path: Path) -> Path:
    reprinted(tmp_path, {("3", "frappe", "SER", "WSF", "auc"): "98.73"}, "prints.v9.csv")
    return tmp_path


def test_what_changed_is_named_with_both_prints(second: Path) -> None:
    (other,) = other_versions(second)
    assert other.about.version == "v9"
    found = compared(load_paper(), [other])
    assert found.verdict.word == "changed between versions"
    (item,) = found.items
    assert (item.expected, item.measured) == ("98.72", "98.73 in v9")
    assert "frappe" in item.label
    assert "v1 beside" in found.explanation


def test_equal_versions_are_consistent_and_without_one_none_is_known(tmp_path: Path) -> None:
    assert compared(load_paper(), [load_paper()]).verdict.word == "consistent"
    assert other_versions(tmp_path) == ()
    assert compared(load_paper(), []).verdict.word == "none known"
