"""Layer two: the printed cells against the authors' logs."""

import csv
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.analysis.claims.audit_help import row, rows
from tests.analysis.prints_help import reprinted
from workflow.analysis.claims.audit import audit_prints
from workflow.analysis.claims.registry import LAYERS
from workflow.analysis.claims.results import Outcome
from workflow.analysis.paper.author_logs import LOGS_PATH


def edited(tmp_path: Path, edit: Callable[[str], str]) -> Path:
    """A copy of the logs with a change, which must change something."""
    text, path = LOGS_PATH.read_text(), tmp_path / "author_logs.csv"
    path.write_text(edit(text))
    assert path.read_text() != text
    return path


@pytest.fixture(scope="module")
def found() -> dict[str, Outcome]:
    result = audit_prints()
    return {one.claim.id: one.outcome for one in result.rows if one.layer == "logs"}


@pytest.mark.parametrize(
    ("claim", "measured", "verdict"),
    [
        ("S.T2", "4 of 96", "partly supported"),
        ("S.T3", "39 of 80", "partly supported"),
        ("S.T4", "5 of 55", "partly supported"),
        ("S.T5", "1 of 18", "partly supported"),
        ("S.T6", "0 of 7", "contradicted"),
        ("S.T4.p", "0 of 5", "unsupported"),
        ("S.T3.rounded", "11 of 80", "partly supported"),
        ("S.T3.test", "10 of 10", "supported"),
        ("S.T3.valid", "6 of 10", "contradicted"),
        ("T1.instances", "4 of 5", "contradicted"),
        ("T1.features", "3 of 5", "contradicted"),
        ("T1.fields", "5 of 5", "supported"),
        ("P15.constant", "4 of 76", "contradicted"),
        ("P20.focusing", "0 of 2", "contradicted"),
        ("E09.noise", "66 of 76", "contradicted"),
        ("P07", "75 of 76", "partly supported"),
        ("P16.fair", "24", "doubtful"),
        ("P24", "62 of 62", "supported"),
        ("P24.criteo", "0 of 2", "contradicted"),
        ("P27", "1 of 1", "supported"),
        ("P05", "11,064", "supported"),
        ("P06", "2", "supported"),
        ("E04", "1 of 2", "contradicted"),
        ("P54", "1 of 2", "partly supported"),
        ("P58", "2 of 3", "contradicted"),
        ("P64.logs", "2.17", "contradicted"),
        ("P65.light", "1.46", "contradicted"),
        ("P36", "0 configurations", "unsupported"),
        ("P57", "0 in the authors' logs", "unsupported"),
        ("T3.print", "97.9128", "supported"),
        ("U01", "0 of 76", "contradicted"),
    ],
)
def test_known_answers(found: dict[str, Outcome], claim: str, measured: str, verdict: str) -> None:
    assert (found[claim].verdict.word, found[claim].measured.startswith(measured)) == (verdict, True)


def test_every_cell_of_table_3_has_its_verdict_and_logs(found: dict[str, Outcome]) -> None:
    items = {item.label: item for item in found["S.T3"].items}
    assert Counter(str(item.verdict) for item in items.values()) == {
        "supported": 39,
        "contradicted": 7,
        "unsupported": 34,
    }
    assert items["Table III frappe SER+WSF"].evidence == ("log 422294bf",)
    assert items["Table III frappe MoE+MoEF"].verdict.word == "contradicted"
    assert items["Table III kkbox Share+Sum"].verdict.word == "unsupported"
    supported = Counter(label.split()[2] for label, item in items.items() if item.verdict.word == "supported")
    assert supported == {"ml-tag": 4, "frappe": 16, "kkbox": 9, "ml-1m": 10}


def test_coverage_agrees_with_what_was_noted_when_the_logs_were_read(found: dict[str, Outcome]) -> None:
    with LOGS_PATH.open() as stream:
        noted = {
            entry["log"].removesuffix(".log")[-8:]
            for entry in csv.DictReader(stream)
            if entry["paper_cell"].startswith("III ") and entry["match_after_truncation"].startswith("exact")
        }
    computed = {
        name.removeprefix("log ")
        for item in found["S.T3"].items
        if item.verdict.word == "supported"
        for name in item.evidence
    }
    assert computed == noted


def test_which_cells_break_the_choice_by_validation(found: dict[str, Outcome]) -> None:
    broken = {item.label for item in found["S.T3.valid"].items if item.verdict.word == "contradicted"}
    assert broken == {
        "Table III frappe SER+CF",
        "Table III frappe Share+WSF",
        "Table III kkbox SER+WSF",
        "Table III ml-tag SER+CF",
    }


def test_instances_differ_only_on_ml_1m(found: dict[str, Outcome]) -> None:
    bad = [item for item in found["T1.instances"].items if item.verdict.word == "contradicted"]
    assert [(item.label, item.measured) for item in bad] == [("Table I ml-1m instances", "1,000,209")]


@pytest.mark.parametrize(
    ("claim", "old", "new", "measured"),
    [
        ("S.T3", "0.987228", "0.987328", "38 of 80"),
        ("S.T4", "0.987228", "0.987328", "4 of 55"),
        ("S.T2", "0.842933", "0.842833", "3 of 96"),
        ("P20.focusing", "0.814858", "0.814809", "2 of 2"),
        ("S.T3.test", "0.987063,0.982174", "0.987000,0.982100", "9 of 10"),
    ],
)
def test_a_changed_digit_of_a_log_changes_the_verdict_that_rests_on_it(
    tmp_path: Path, claim: str, old: str, new: str, measured: str
) -> None:
    changed = edited(tmp_path, lambda text: text.replace(old, new))
    assert row(claim, "logs").measured != measured
    assert row(claim, "logs", logs=changed).measured == measured


def test_a_changed_digit_of_a_cell_takes_its_support_away(tmp_path: Path) -> None:
    changed = reprinted(tmp_path, {("3", "kkbox", "SER", "MoEF", "gauc"): "77.63"})
    assert row("S.T3", "logs", paper=changed).measured == "38 of 80"


def test_a_second_seed_would_be_seen(tmp_path: Path) -> None:
    def twice(text: str) -> str:
        line = next(line for line in text.splitlines() if "422294bf" in line)
        return text + line.replace("422294bf", "422294b0").replace(",2023,2,", ",2024,2,") + "\n"

    changed = edited(tmp_path, twice)
    assert row("P36.two", "logs").verdict.word == "unsupported"
    assert row("P36.two", "logs", logs=changed).verdict.word == "supported"


def test_layers_stay_apart() -> None:
    both = rows("P07")
    assert both["P07", "paper"].verdict.word == "consistent"
    assert both["P07", "logs"].verdict.word == "partly supported"
    assert len({row.basis for row in audit_prints().rows}) == len(LAYERS) - 1  # and say what they rest on
