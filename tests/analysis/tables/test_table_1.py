"""Table I: what is judged right, wrong, consistent, other."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.analysis.prints_help import reprinted
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.paper.prints import Paper, load_paper
from workflow.analysis.tables.builders import render
from workflow.data.store import Meta, load_meta, write_meta
from workflow.errors import UserError
from workflow.plan.campaign import Plan

OUT = Path("paper_tables/small")


def cells(plan: Plan, paper: Paper | None = None) -> dict[tuple[str, str], dict[str, str]]:
    render(Evidence.load(plan, paper=paper), "table_1", OUT)
    with (OUT / "table_1.csv").open(newline="", encoding="utf-8") as stream:
        return {(row["dataset"], row["quantity"]): row for row in csv.DictReader(stream)}


def text() -> str:
    return (OUT / "table_1.md").read_text(encoding="utf-8")


def test_wrong_prints_are_found_by_arithmetic(make_plan: Callable[..., Plan]) -> None:
    found = cells(make_plan(datasets=["criteo", "frappe", "ml-1m"]))
    wrong = {key for key, row in found.items() if row["print"] == "wrong"}
    assert wrong == {("criteo", "features"), ("ml-1m", "instances"), ("frappe", "features")}
    assert {row["print"] for key, row in found.items() if key not in wrong} == {"right"}
    assert "the paper prints 1,006,209; the published data have 1,000,209 (800,167 + 100,021 + 100,021)" in text()
    assert "the paper prints 5,549,252; the published data have 910,747" in text()
    assert {row["finding"] for row in found.values()} == {"not run"}


def test_a_changed_digit_changes_the_verdict(make_plan: Callable[..., Plan], tmp_path: Path) -> None:
    changes = {("1", "ml-1m", "instances"): "1,000,209", ("1", "frappe", "instances"): "288,608"}
    path = reprinted(tmp_path, changes)
    found = cells(make_plan(), load_paper(path))
    assert found["ml-1m", "instances"]["print"] == "right"
    assert found["ml-1m", "instances"]["why"] == ""
    assert found["frappe", "instances"]["print"] == "wrong"
    assert "the paper prints 288,608" in text()
    assert "The reason is not known." in text()


def test_published_data_are_compared_with_the_facts_not_with_a_wrong_print(
    make_plan: Callable[..., Plan], prepare: Callable[..., Path]
) -> None:
    plan = make_plan()
    prepare(plan, "ml-1m")
    prepare(plan, "frappe", train=202_026)
    found = cells(plan)
    assert found["ml-1m", "instances"]["finding"] == "consistent"
    assert "and so have ours" in text()
    frappe = found["frappe", "instances"]
    assert (frappe["ours"], frappe["finding"]) == ("288,608", "inconsistent")
    assert found["frappe", "split"]["finding"] == "consistent"


def test_where_our_data_differ_is_explained(make_plan: Callable[..., Plan], prepare: Callable[..., Path]) -> None:
    plan = make_plan()
    path = prepare(plan, "ml-1m", origin="other")
    meta = load_meta(path.parent)
    fields = [
        field.model_copy(update={"vocab_size": 9626}) if field.vocab_size == 9618 else field for field in meta.fields
    ]
    write_meta(path.parent, Meta.model_validate({**meta.model_dump(), "fields": fields}))
    found = cells(plan)["ml-1m", "features"]
    assert (found["ours"], found["print"], found["finding"]) == ("9,634", "right", "stand-in")
    assert "ML-1M (stand-in), features: 9,634, against 9,626. The authors' split of the rows was never" in text()


def test_other_data_and_twins_are_never_reproduced(
    make_plan: Callable[..., Plan], prepare: Callable[..., Path]
) -> None:
    plan = make_plan()
    prepare(plan, "frappe", origin="other", note="train.csv is not the published file")
    assert {row["finding"] for (name, _), row in cells(plan).items() if name == "frappe"} == {"stand-in"}
    assert "Frappe: stand-in: these bytes are none" in text()
    assert "[train.csv is not the published file]. It says nothing about the paper." in text()
    twin = make_plan(twin={"rows": 4000, "seed": 1})
    prepare(twin, "frappe", origin="twin", note="seed 1")
    assert {row["finding"] for (name, _), row in cells(twin).items() if name == "frappe"} == {"synthetic"}
    assert "Frappe: synthetic: synthetic data [seed 1]." in text()


def test_metadata_of_other_data_in_the_same_place_are_refused(
    make_plan: Callable[..., Plan], prepare: Callable[..., Path]
) -> None:
    plan = make_plan()
    path, other = prepare(plan, "frappe"), prepare(plan, "ml-1m")
    path.write_text(other.read_text())
    with pytest.raises(UserError, match=f"{path}: holds other data"):
        render(Evidence.load(plan), "table_1", OUT)
    assert not OUT.exists()
