"""The fourth layer: claims beside what others published."""

import csv
import io
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from tests.analysis.claims.audit_help import row
from tests.analysis.prints_help import reprinted
from workflow.analysis.claims import audit as audits
from workflow.analysis.claims.audit import audit_prints, narrow
from workflow.analysis.claims.write import audit_csv, audit_md
from workflow.analysis.paper.prints import load_paper
from workflow.analysis.paper.published import PUBLISHED_PATH, load_published

DATASETS = ("kkbox", "ml-1m", "ml-tag", "frappe", "criteo")


def published_rows() -> list[dict[str, str]]:
    with PUBLISHED_PATH.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row for row in rows if (row["by"], row["choice"]) == ("others", "published")]


@pytest.mark.parametrize("dataset", DATASETS)
def test_a_lead_is_the_print_over_the_best_row(dataset: str) -> None:
    """Against the table by hand: every best is a single run, so that a tenth of a point is the bar."""
    rows = [each for each in published_rows() if each["dataset"] == dataset and each["published"] < "2024-05"]
    outcome = row(f"L.{dataset}", "published")
    if not rows:
        assert outcome.verdict.word == "none known"
        return
    rank = ("published", "redrawn", "other protocol")
    nearest = min(rank.index(each["standing"]) for each in rows)
    best = max((each for each in rows if each["standing"] == rank[nearest]), key=lambda each: each["auc"])
    printed = load_paper().frame.select("auc", table="4", dataset=dataset, model="TF4CTR")[0].number
    low, high = 100 * Fraction(best["auc"]) - Fraction("0.1"), 100 * Fraction(best["auc"]) + Fraction("0.1")
    place = "above" if printed > high else "below" if printed + Fraction("0.01") <= low else "within"
    assert outcome.measured.startswith(f"{Decimal(outcome.measured[:5])}, {place}")
    for told in (best["model"], best["source"], best["version"], best["files"], best["other_inputs"]):
        assert told in outcome.measured
    assert best["url"] in outcome.evidence[0]
    assert outcome.verdict.word == ("other protocol" if rank[nearest] == "other protocol" else place)
    assert outcome.verdict.standing == rank[nearest]


def test_kkbox_says_nothing_of_the_paper_and_why() -> None:
    """Lists read otherwise are another protocol: the gap is shown, a verdict is not."""
    for claim in ("B.kkbox", "L.kkbox"):
        outcome = row(claim, "published")
        assert (outcome.verdict.finding, outcome.verdict.word) == (None, "other protocol")
        assert "list columns split and pooled otherwise" in outcome.explanation
        assert "says nothing of the paper" in outcome.explanation
    lead = row("L.kkbox", "published")
    assert lead.measured.startswith("84.50, below by 0.84: xDeepFM 85.34 (BARS")


def test_baselines_have_an_item_each_and_the_worst_decides() -> None:
    verdicts = {}
    for dataset in DATASETS:
        outcome = row(f"B.{dataset}", "published")
        verdicts[dataset] = (outcome.verdict.word, str(outcome.verdict.standing))
        assert len(outcome.items) == 10
        words = Counter(item.verdict.word for item in outcome.items)
        assert words["below"] == 0 or outcome.verdict.word == "below"
        known = [item for item in outcome.items if item.verdict.word != "none known"]
        assert all(item.evidence and "https://" in item.evidence[0] for item in known)
    assert verdicts == {
        "kkbox": ("other protocol", "other protocol"),
        "ml-1m": ("none known", "None"),
        "ml-tag": ("below", "redrawn"),
        "frappe": ("below", "redrawn"),
        "criteo": ("within", "published"),
    }


@pytest.mark.parametrize(
    ("claim", "model", "new", "word"),
    [("B.criteo", "AFN+", "81.20", "below"), ("L.criteo", "TF4CTR", "81.70", "above")],
)
def test_another_print_gives_another_verdict(tmp_path: Path, claim: str, model: str, new: str, word: str) -> None:
    changed = reprinted(tmp_path, {("4", "criteo", model, "auc"): new})
    assert row(claim, "published").verdict.word == "within"
    assert row(claim, "published", paper=changed).verdict.word == word


def test_another_published_run_gives_another_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = load_published()
    best = max((run for run in runs if (run.dataset, run.by) == ("criteo", "others")), key=lambda run: run.auc)
    better = best.model_copy(update={"auc": Decimal("0.8180"), "published": "2024-04-30", "model": "Better"})
    later = better.model_copy(update={"published": "2024-05-06"})
    for extra, word in ((better, "below"), (later, "within")):
        monkeypatch.setattr(audits, "load_published", lambda extra=extra: (*runs, extra))
        outcome = row("L.criteo", "published")
        assert outcome.verdict.word == word
        assert outcome.items[1].verdict.word == "below"  # to this day


def test_the_files_have_the_layer_with_its_items() -> None:
    result = narrow(audit_prints(only=["B.criteo", "L.frappe"]), layers=["published"])
    assert {one.claim.id for one in result.rows} == {"B.criteo", "L.frappe"}
    lines = list(csv.DictReader(io.StringIO(audit_csv(result))))
    assert Counter(line["claim"] for line in lines) == {"B.criteo": 11, "L.frappe": 4}
    assert {line["standing"] for line in lines if line["claim"] == "L.frappe"} == {"redrawn"}
    text = audit_md(result)
    assert "## The paper with others' published results" in text
    assert "Behind B.criteo" in text
