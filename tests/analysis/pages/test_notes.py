"""The lines under tables and figures: precision and the campaign's limits."""

from collections.abc import Callable
from pathlib import Path

import pytest

from workflow.analysis.evidence.load import Evidence
from workflow.analysis.pages.notes import precision_notes, runs_note
from workflow.analysis.tables.page import campaign_lines
from workflow.plan.campaign import Plan


@pytest.mark.parametrize(
    ("used", "line"),
    [
        ([("Frappe", "A", "bf16"), ("ML-1M", "A", "fp32")], ": Frappe. All else"),
        ([("Frappe", "A", "bf16"), ("Frappe", "B", "fp32"), ("ML-1M", "A", "bf16")], ": A. All else"),
        (
            [("Frappe", "A", "bf16"), ("Frappe", "B", "fp32"), ("ML-1M", "A", "fp32"), ("ML-1M", "B", "bf16")],
            ": A on Frappe, B on ML-1M. All else",
        ),
    ],
)
def test_runs_of_another_precision_get_the_shortest_name(used: list[tuple[str, str, str]], line: str) -> None:
    (note,) = precision_notes(used)
    assert line in note


def test_two_precisions_without_float32_are_both_named() -> None:
    notes = precision_notes([("Frappe", "A", "bf16"), ("ML-1M", "A", "tf32"), ("Frappe", "B", "bf16")])
    assert [note.rpartition(": ")[2] for note in notes] == ["ML-1M.", "Frappe."]


def test_runs_of_nodes_of_different_kinds_are_counted_apart() -> None:
    runs = [("cuda", "fp32"), ("cpu", "fp32"), ("cuda", "fp32"), ("cuda", "bf16")]
    told = "1 on cpu in fp32; 1 on cuda in bf16; 2 on cuda in fp32"
    assert runs_note("x", runs, 0, 5) == f"Campaign “x”: 4 of 5 runs finished; {told}."
    assert runs_note("x", runs, 1, 5) == f"Campaign “x”: 4 of 5 runs finished, 1 failed; {told}."


def test_a_table_names_the_precision_of_the_runs_it_has(
    make_plan: Callable[..., Plan], put: Callable[..., Path]
) -> None:
    for precision in ("fp32", "bf16"):
        plan = make_plan(experiments=["table_3"], precision=precision)
        put(plan.cells[0].runs[0])
        told = [note for note in campaign_lines(Evidence.load(plan), ["table_3"]) if note.startswith("Trained in")]
        assert bool(told) is (precision == "bf16")


def test_limits_of_other_experiments_are_not_told(make_plan: Callable[..., Plan]) -> None:
    limits = {"training": {"max_epochs": 3}, "experiments": {"table_3": {"batch_size": 7}}}
    plan = make_plan(limits=limits)
    assert "it sets max_epochs = 3, batch_size = 7." in campaign_lines(Evidence.load(plan), ["table_3"])[-1]
    bare = make_plan(limits={"experiments": {"table_3": {"batch_size": 7}}})
    assert "batch_size" not in " ".join(campaign_lines(Evidence.load(bare), ["table_1"]))
