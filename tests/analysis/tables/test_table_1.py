"""Table I: its verdicts."""

from pathlib import Path

import pytest

from tests.analysis.prints_help import reprinted
from tests.analysis.tables.tables_help import OUT, MakePlan, Put, Rendered
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.paper.prints import load_paper
from workflow.data.store import Meta, load_meta, write_meta
from workflow.errors import UserError
from workflow.plan.campaign import Plan


def counts(evidence: Evidence | Plan) -> tuple[dict[tuple[str, str], dict[str, str]], str]:
    """Rows by dataset and quantity, and the page."""
    found = Rendered(evidence, "table_1")
    return {(row["dataset"], row["quantity"]): row for row in found.rows}, found.text


def test_wrong_prints_are_found_by_arithmetic(make_plan: MakePlan) -> None:
    found, text = counts(make_plan(datasets=["criteo", "frappe", "ml-1m"]))
    wrong = {key for key, row in found.items() if row["print"] == "wrong"}
    assert wrong == {("criteo", "features"), ("ml-1m", "instances"), ("frappe", "features")}
    assert {row["print"] for key, row in found.items() if key not in wrong} == {"right"}
    assert "the paper prints 1,006,209; the published data have 1,000,209 (800,167 + 100,021 + 100,021)" in text
    assert "the paper prints 5,549,252; the published data have 910,747" in text
    assert {row["finding"] for row in found.values()} == {"not run"}


def test_a_changed_digit_changes_the_verdict(make_plan: MakePlan, tmp_path: Path) -> None:
    changes = {("1", "ml-1m", "instances"): "1,000,209", ("1", "frappe", "instances"): "288,608"}
    found, text = counts(Evidence.load(make_plan(), paper=load_paper(reprinted(tmp_path, changes))))
    assert (found["ml-1m", "instances"]["print"], found["ml-1m", "instances"]["why"]) == ("right", "")
    assert found["frappe", "instances"]["print"] == "wrong"
    assert "the paper prints 288,608" in text
    assert "The reason is not known." in text


def test_published_data_are_compared_with_the_facts_not_with_a_wrong_print(make_plan: MakePlan, prepare: Put) -> None:
    plan = make_plan()
    prepare(plan, "ml-1m")
    prepare(plan, "frappe", train=202_026)
    found, text = counts(plan)
    assert found["ml-1m", "instances"]["finding"] == "consistent"
    assert "and so have ours" in text
    frappe = found["frappe", "instances"]
    assert (frappe["ours"], frappe["finding"]) == ("288,608", "inconsistent")
    assert found["frappe", "split"]["finding"] == "consistent"


def test_where_our_data_differ_is_explained(make_plan: MakePlan, prepare: Put) -> None:
    plan = make_plan()
    path = prepare(plan, "ml-1m", origin="other")
    meta = load_meta(path.parent)
    fields = [
        field.model_copy(update={"vocab_size": 9626}) if field.vocab_size == 9618 else field for field in meta.fields
    ]
    write_meta(path.parent, Meta.model_validate({**meta.model_dump(), "fields": fields}))
    rows, text = counts(plan)
    found = rows["ml-1m", "features"]
    assert (found["ours"], found["print"], found["finding"]) == ("9,634", "right", "stand-in")
    assert "ML-1M (stand-in), features: 9,634, against 9,626. The authors' split of the rows was never" in text


@pytest.mark.parametrize(
    ("campaign", "data", "finding", "shown"),
    [
        (
            {},
            {"origin": "other", "note": "train.csv is not the published file"},
            "stand-in",
            (
                "Frappe: stand-in: these bytes are none",
                "[train.csv is not the published file]. It says nothing about the paper.",
            ),
        ),
        (
            {"twin": {"rows": 4000, "seed": 1}},
            {"origin": "twin", "note": "seed 1"},
            "synthetic",
            ("Frappe: synthetic: synthetic data [seed 1].",),
        ),
    ],
)
def test_other_data_and_twins_are_never_reproduced(
    make_plan: MakePlan,
    prepare: Put,
    campaign: dict[str, object],
    data: dict[str, str],
    finding: str,
    shown: tuple[str, ...],
) -> None:
    plan = make_plan(**campaign)
    prepare(plan, "frappe", **data)
    found, text = counts(plan)
    assert {row["finding"] for (name, _), row in found.items() if name == "frappe"} == {finding}
    assert all(line in text for line in shown)


def test_metadata_of_other_data_in_the_same_place_are_refused(make_plan: MakePlan, prepare: Put) -> None:
    plan = make_plan()
    path, other = prepare(plan, "frappe"), prepare(plan, "ml-1m")
    path.write_text(other.read_text())
    with pytest.raises(UserError, match=f"{path}: holds other data"):
        Rendered(plan, "table_1")
    assert not OUT.exists()
