"""The table of others' runs: one fact each, and messages about a damaged table."""

from pathlib import Path

import pytest

from workflow.analysis.paper.published import PUBLISHED_PATH, load_published, published_facts
from workflow.errors import UserError


def test_every_run_is_a_fact_of_its_own() -> None:
    facts = list(published_facts(load_published()))
    assert len({fact.key for fact in facts}) == len(facts) == len(load_published())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (",0.984124,", ",98.4124,", r"line 2: auc: .*less than 1"),
        ("dataset,", "data,", r"line 2: dat"),
        ("2022-03-02", "March 2022", r"line 2: published: "),
        (",redrawn,others", ",published,others", r"line 2: .*standing is published where other_inputs is empty"),
        (",0.983167,0.153814,2,", ",0.983167,0.153814,1,", r"line 3: frappe Frappe_x1 WideDeep BARS .* is there twice"),
    ],
)
def test_a_damaged_table_names_the_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "published.csv"
    text = PUBLISHED_PATH.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(UserError, match=message):
        load_published(path)


def test_a_missing_or_empty_table(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file"):
        load_published(tmp_path / "none.csv")
    (tmp_path / "empty.csv").write_text("dataset,files\n")
    with pytest.raises(UserError, match="has no row"):
        load_published(tmp_path / "empty.csv")
