"""The answer and its drawings: every number in them follows from the records."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import numpy as np
import pytest

from tests.analysis.report.outputs import texts_of
from workflow.analysis.claims.audit import audit
from workflow.analysis.compare.comparisons import declared
from workflow.analysis.compare.points import in_points
from workflow.analysis.compare.questions import questions_of
from workflow.analysis.compare.words import Finding
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.figures import style
from workflow.analysis.report.answer import Answer, answer
from workflow.analysis.report.counts import prints_of
from workflow.analysis.report.forest import Groups, forest, of_prints, of_questions
from workflow.analysis.report.headline import OUTCOMES, PART, PARTS, WHOLE, Outcome, _where, together
from workflow.analysis.report.page import write_report
from workflow.analysis.report.text import listed
from workflow.plan.campaign import Plan

SEVERAL = {Outcome.GAIN_ON_SOME, Outcome.LOSS_ON_SOME, Outcome.DIVIDED}  # of several datasets
SPREAD = np.array([-2e-4, -1e-4, 0.0, 1e-4, 2e-4])
RealPlan = Callable[..., Plan]
Put = Callable[..., Path]


@pytest.fixture
def measured(real_plan: RealPlan, put: Put) -> Callable[..., Evidence]:
    """Return a function that gives every run of an experiment an AUC by its coordinates; on Frappe by default."""

    def make(
        experiment: str,
        mean: Callable[[dict[str, str]], float | None],
        datasets: tuple[str, ...] = ("frappe",),
        **changes: Any,
    ) -> Evidence:
        plan = real_plan(experiment, datasets=[*datasets], seeds=[1, 2, 3, 4, 5])
        for cell in plan.cells_of(experiment):
            auc = mean(dict(cell.at))
            if auc is not None:
                # in another order by cell, so that paired runs differ too
                for run, off in zip(cell.runs, np.roll(SPREAD, len(cell.label)), strict=True):
                    put(run, auc=float(auc + off), **changes)
        return Evidence.load(plan)

    return make


def table_4(at: dict[str, str]) -> float | None:
    """TF4CTR's mean is 0.9880, CL4CTR's 0.9850, all others' 0.98; EulerNet did not run."""
    if at["model"] == "EulerNet":
        return None
    if "variant" in at:
        return 0.9875
    return {"TF4CTR": 0.9880, "CL4CTR": 0.9850}.get(at["model"], 0.98)


def told(evidence: Evidence) -> Answer:
    return answer(evidence, audit(evidence, only=("P46", "P05.select", "P36")))


def words_of(text: str) -> int:
    return len(re.sub(r"[.;,]", "", text).split())


def test_the_best_baseline_that_has_finished_is_beaten(measured: Callable[..., Evidence]) -> None:
    found = told(measured("table_4", table_4))
    (line,) = [one for one in found.lines if one.number == "RQ3"]
    (cell,) = line.cells
    assert cell.verdict is not None
    assert cell.verdict.finding is Finding.HOLDS  # +0.30 beside +0.27
    assert cell.text.startswith("+0.30 [")
    assert " over CL4CTR, paper +0.27" in cell.text
    assert cell.text.endswith(" (9 of 10 baselines so far); tuned: not planned")
    assert found.headline == "TF4CTR beats every baseline run so far on Frappe."
    assert any("9 of 10 baselines on Frappe" in one for one in found.know)


def test_a_gain_smaller_than_printed_is_said_where_it_is(measured: Callable[..., Evidence]) -> None:
    evidence = measured(
        "table_4", lambda at: 0.9860 if at["model"] == "TF4CTR" else 0.9850 if "variant" not in at else 0.98
    )
    assert told(evidence).headline == "TF4CTR beats all 10 baselines on Frappe, by less than reported."


def test_the_framework_that_gains_nothing_is_said(measured: Callable[..., Evidence]) -> None:
    found = told(measured("table_5", lambda _: 0.9850))
    assert "the framework around other models showed no gain" in found.headline.lower()
    assert {
        cell.verdict.word for line in found.lines if line.number == "RQ4" for cell in line.cells if cell.verdict
    } == {"does not hold"}


def test_every_sentence_that_the_headline_can_make_reads_well() -> None:
    """All outcomes of the whole, and of each part."""
    assert {*WHOLE} == {*Outcome} - {Outcome.SMALLER, *SEVERAL}  # said behind the gain, and by dataset
    assert {*PART} == {*Outcome}
    assert {*OUTCOMES.values()} == {*Outcome} - {*SEVERAL}
    several = list(PARTS.values())
    for outcome, words in PART.items():
        text = words.format(parts=listed(several), where=" on Frappe and ML-1M")
        assert words_of(text) < 45, outcome
        assert "{" not in text
    whole = [words.format(rivals="every baseline run so far", data="Frappe and ML-1M") for words in WHOLE.values()]
    assert max(map(words_of, whole)) < 20
    known = {"pairing": "RQ2", "fusion": "RQ2", "tf-loss-mean": "RQ1", "framework-mean": "RQ4"}
    names = {one.name: one.question for one in declared()}
    assert all(name.partition(":")[0] in names for name in PARTS)
    assert {name: names[name] for name in known} == known


@pytest.mark.parametrize(
    ("findings", "outcome"),
    [
        ("HOLDS GAIN", Outcome.GAIN),
        ("HOLDS SMALLER", Outcome.GAIN),
        ("SMALLER SMALLER", Outcome.SMALLER),
        ("HOLDS DOES_NOT_HOLD", Outcome.GAIN_ON_SOME),
        ("GAIN OPEN", Outcome.GAIN_ON_SOME),
        ("SMALLER LOSS OPEN", Outcome.DIVIDED),
        ("REVERSED EQUAL", Outcome.LOSS_ON_SOME),
        ("EQUAL DOES_NOT_HOLD", Outcome.NONE),
        ("EQUAL OPEN", Outcome.OPEN),
        ("", None),
    ],
)
def test_findings_of_several_datasets_come_to_one_word(findings: str, outcome: Outcome | None) -> None:
    assert together({OUTCOMES[Finding[name]] for name in findings.split()}) is outcome


@pytest.mark.parametrize(
    ("outcome", "by", "where"),
    [
        (Outcome.GAIN, {"Frappe": Outcome.GAIN, "ML-1M": Outcome.SMALLER}, ""),
        (Outcome.NONE, {"Frappe": Outcome.NONE}, " on Frappe"),
        (Outcome.GAIN_ON_SOME, {"Frappe": Outcome.NONE, "ML-1M": Outcome.SMALLER}, " on ML-1M"),
        (Outcome.LOSS_ON_SOME, {"Frappe": Outcome.LOSS, "ML-1M": Outcome.OPEN}, " on Frappe"),
        (Outcome.DIVIDED, {"Frappe": Outcome.LOSS, "ML-1M": Outcome.GAIN}, ""),
    ],
)
def test_a_part_names_the_datasets_that_it_is_about(outcome: Outcome, by: dict[str, Outcome], where: str) -> None:
    assert _where(outcome, by, 2) == where


def test_a_rival_that_the_paper_leaves_out_is_named_where_it_is_nearer(shipped: Evidence) -> None:
    def mean(model: str) -> float:
        at = {"table": "4", "dataset": "ml-1m", "model": model}
        cell = shipped.cell(at)
        assert cell is not None
        return float(np.mean(cell.values("auc")))

    assert mean("EulerNet") < mean("FinalMLP") < mean("TF4CTR")
    gain = in_points(mean("TF4CTR") - mean("FinalMLP"))
    (line,) = [one for one in told(shipped).know if "leaves out" in one]
    assert f"{gain} [" in line
    assert "over FinalMLP on ML-1M" in line
    assert "over FinalMLP on Frappe" not in line  # there CL4CTR, a baseline of the paper, is nearer


def test_the_headline_has_at_most_sixty_words(shipped: Evidence) -> None:
    assert 10 < words_of(told(shipped).headline) <= 60


def test_every_word_of_the_table_is_defined_below_it(shipped: Evidence) -> None:
    one = told(shipped)
    shown = {cell.verdict.word for line in one.lines for cell in line.cells if cell.verdict}
    assert len(shown) > 4
    assert {word for word in shown if f"“{word}”: " not in one.words} == set()


def test_two_runs_differ_by_as_much_as_seeds_spread(shipped: Evidence) -> None:
    """The pooled spreads of runs that were trained to their end, by an independent loop."""
    by: dict[str, dict[str, list[float]]] = {}
    for record in shipped.records.values():
        assert record.test is not None
        assert record.test.auc is not None
        if record.spec.training.max_epochs == 100:
            by.setdefault(record.spec.dataset.name, {}).setdefault(record.spec.id, []).append(record.test.auc)
    off = {
        name: 196
        * np.sqrt(2 * np.sum([np.var(v) * len(v) for v in cells.values()]) / sum(len(v) - 1 for v in cells.values()))
        for name, cells in by.items()
    }
    (line,) = [one for one in told(shipped).know if one.startswith("Seeds matter")]
    assert f"{off['frappe']:.2f} points on Frappe and {off['ml-1m']:.2f} points on ML-1M" in line


def test_a_failed_run_is_not_one_that_has_finished(real_plan: RealPlan, put: Callable[..., Path]) -> None:
    plan = real_plan("table_4", datasets=["frappe"])
    for cell, failure in zip(plan.cells, (None, "no"), strict=False):
        for run in cell.runs:
            put(run, failure=failure)
    (line,) = [one for one in told(Evidence.load(plan)).know if "planned runs" in one]
    assert f"5 of {len(plan.runs)} planned runs have finished, 5 failed; " in line


def test_errors_of_the_paper_need_no_run(real_plan: RealPlan) -> None:
    evidence = Evidence.load(real_plan("table_4", datasets=["frappe"]))
    found = told(evidence)
    assert found.headline.startswith("Nothing has run yet: none of the")
    assert (found.lines, found.know) == ((), ())
    assert list(found.errors) == ["P46", "P05.select"]
    assert "shows this on 4 of 5 datasets" in found.errors["P46"]


def test_synthetic_data_and_stand_ins_answer_nothing(
    real_plan: RealPlan, put: Put, measured: Callable[..., Evidence]
) -> None:
    plan = real_plan("table_4", datasets=["frappe"], twin={"rows": 1000}, seeds=[1, 2, 3])
    for run, _ in plan.runs.values():
        put(run, auc=0.9, origin="twin")
    synthetic = Evidence.load(plan)
    assert "only demonstrate the workflow" in told(synthetic).headline
    assert not told(synthetic).lines
    assert of_prints(prints_of(synthetic), synthetic.paper) == []
    stand_in = measured("table_4", table_4, origin="other")
    assert "TF4CTR" not in told(stand_in).headline
    for evidence in (synthetic, stand_in):
        assert of_questions(questions_of(evidence)) == []


@pytest.fixture
def gains(measured: Callable[..., Evidence]) -> Groups:
    return of_questions(questions_of(measured("table_4", table_4)))


def axes_of(groups: Groups, monkeypatch: pytest.MonkeyPatch, **look: bool) -> list[style.Axes]:
    """The axes of a drawing, as they are saved."""
    saved: list[style.Figure] = []
    monkeypatch.setattr(style, "svg_of", lambda figure: saved.append(figure) or b"")
    forest(groups, **look)
    return saved[0].axes


def test_the_drawing_has_each_gain_at_its_place(
    measured: Callable[..., Evidence], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = questions_of(measured("table_4", table_4))
    (group,) = of_questions([replace(one, singles=()) for one in asked if one.number == "RQ3"])
    (line,) = group[1]
    assert (line.ours, line.theirs) == (pytest.approx(0.30, abs=1e-3), 0.27)
    axis = axes_of([group], monkeypatch)[0]
    dots = {str(one.get_label()): np.asarray(one.get_xdata()).tolist() for one in axis.lines}
    assert line.interval is not None
    assert dots["the paper's"] == [line.theirs]
    assert dots["ours, 95 % interval"] == [line.interval[0], line.ours, line.interval[1]]


def test_a_printed_number_is_named_by_table_method_dataset_and_metric(measured: Callable[..., Evidence]) -> None:
    evidence = measured("table_3", lambda at: 0.9870 if at.get("ssem") == "SER" else 0.9850)
    groups = of_prints(prints_of(evidence), evidence.paper)
    assert [title.partition(":")[0] for title, _ in groups] == [
        "Table III · Frappe · AUC",
        "Table III · Frappe · gAUC",
    ]
    lines = groups[0][1]
    assert ("SER+WSF", "98.72 → 98.70, Δ −0.02") in [(one.label, one.told.partition(";")[0]) for one in lines]
    assert all(f"Δ {in_points((one.ours or 0) / 100)};" in one.told for one in lines)
    within = sum(abs(one.ours or 0) <= 0.1 for one in lines)
    assert 0 < within < len(lines) == 20
    assert groups[0][0].endswith(f": {within} of 20 within ±0.10")


def test_no_line_of_the_grid_crosses_words(gains: Groups, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wide, they are beside the axes; narrow, on a background of their own."""
    for axis in axes_of(gains, monkeypatch, narrow=True):
        boxes = [text.get_bbox_patch() for text in axis.texts]
        assert boxes
        assert all(box is not None and box.get_facecolor() == (1, 1, 1, 1) for box in boxes)
    assert not any(axis.texts for axis in axes_of(gains, monkeypatch))


def test_the_file_has_colours_for_both_screens_and_no_foreign_text(gains: Groups) -> None:
    text = forest(gains).decode()
    assert fromstring(text).tag == "{http://www.w3.org/2000/svg}svg"
    assert "prefers-color-scheme: dark" in text
    assert not re.search(r"url\((?!#)|@import|<script", text)


def test_where_no_gain_is_planned_the_file_says_so(measured: Callable[..., Evidence]) -> None:
    evidence = measured("figure_6", lambda _: 0.98)
    write_report(evidence, Path("report.html"))
    drawn = Path("figures", evidence.plan.campaign.campaign, "gains.svg").read_text()
    assert texts_of(drawn) == ["These experiments have no gain to draw."]


def test_no_two_rows_of_the_drawing_have_one_name(gains: Groups) -> None:
    names = [(title, one.label) for title, lines in gains for one in lines]
    assert len(names) > 3
    assert len(set(names)) == len(names)
    assert any("over DualMLP" in name for _, name in names)
