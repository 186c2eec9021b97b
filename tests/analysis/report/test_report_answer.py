"""The answer and its drawings: every number in them is one that the records give."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import numpy as np
import pytest

from workflow.analysis.claims.audit import audit
from workflow.analysis.compare.comparisons import DECLARED
from workflow.analysis.compare.questions import questions_of
from workflow.analysis.compare.words import Finding
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.report.answer import Answer, answer
from workflow.analysis.report.axis import LAYOUTS, NARROW, Layout
from workflow.analysis.report.forest import against_prints, forest, of_questions, standalone
from workflow.analysis.report.headline import OUTCOMES, PART, PARTS, SEVERAL, WHOLE, Outcome, together
from workflow.analysis.report.page import write_report
from workflow.analysis.report.printed import prints_of
from workflow.analysis.report.text import listed
from workflow.plan.campaign import Plan

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
    assert cell.text.endswith(" (9 of 10 baselines so far); tuned: not run")
    assert found.headline == "TF4CTR beats every baseline run so far on Frappe."
    assert any("9 of 10 baselines on Frappe" in one for one in found.know)


def test_a_gain_smaller_than_printed_is_said_where_it_is(measured: Callable[..., Evidence]) -> None:
    evidence = measured(
        "table_4", lambda at: 0.9860 if at["model"] == "TF4CTR" else 0.9850 if "variant" not in at else 0.98
    )
    assert told(evidence).headline == "TF4CTR beats all 10 baselines on Frappe, by less than the paper reports."


def test_the_framework_that_gains_nothing_is_said(measured: Callable[..., Evidence]) -> None:
    found = told(measured("table_5", lambda _: 0.9850))
    assert "the framework around other models showed no gain" in found.headline.lower()
    assert {
        cell.verdict.word for line in found.lines if line.number == "RQ4" for cell in line.cells if cell.verdict
    } == {"does not hold"}


def test_every_sentence_that_the_headline_can_make_reads_well() -> None:
    """All outcomes of the whole, and of each part; the words are those of this table and nothing else."""
    assert {*WHOLE} == {*Outcome} - {Outcome.SMALLER, *SEVERAL}  # said behind the gain, and by dataset
    assert {*PART} == {*Outcome}
    assert {*OUTCOMES.values()} == {*Outcome} - {*SEVERAL}
    several = list(PARTS.values())
    for outcome, words in PART.items():
        text = words.format(parts=listed(several))
        assert words_of(text) < 45, outcome
        assert "{" not in text
    whole = [words.format(rivals="every baseline run so far", data="Frappe and ML-1M") for words in WHOLE.values()]
    assert max(map(words_of, whole)) < 20
    known = {"pairing": "RQ2", "fusion": "RQ2", "tf-loss-mean": "RQ1", "framework-mean": "RQ4"}
    names = {one.name: one.question for one in DECLARED}
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


def test_the_headline_has_at_most_sixty_words(shipped: Evidence) -> None:
    assert 10 < words_of(told(shipped).headline) <= 60


def test_two_runs_differ_by_as_much_as_seeds_spread(shipped: Evidence) -> None:
    """The pooled spreads of evidence, by a loop of its own: 0.17 on Frappe and 0.22 on ML-1M."""
    by: dict[str, dict[str, list[float]]] = {}
    for record in shipped.records.values():
        assert record.test is not None
        assert record.test.auc is not None
        by.setdefault(record.spec.dataset.name, {}).setdefault(record.spec.id, []).append(record.test.auc)
    off = {
        name: 196
        * np.sqrt(2 * np.sum([np.var(v) * len(v) for v in cells.values()]) / sum(len(v) - 1 for v in cells.values()))
        for name, cells in by.items()
    }
    (line,) = [one for one in told(shipped).know if one.startswith("Seeds matter")]
    assert f"±{off['frappe']:.2f} points on Frappe and ±{off['ml-1m']:.2f} points on ML-1M" in line


def test_errors_of_the_paper_need_no_run(real_plan: RealPlan) -> None:
    evidence = Evidence.load(real_plan("table_4", datasets=["frappe"]))
    found = told(evidence)
    assert found.headline.startswith("Nothing has run yet: none of the")
    assert (found.lines, found.know) == ((), ())
    assert [one.claim for one in found.errors] == ["P46", "P05.select"]
    assert "the paper's own numbers show 4 of 5" in found.errors[0].text


def test_synthetic_data_and_stand_ins_answer_nothing(
    real_plan: RealPlan, put: Put, measured: Callable[..., Evidence]
) -> None:
    plan = real_plan("table_4", datasets=["frappe"], twin={"rows": 1000}, seeds=[1, 2, 3])
    for run, _ in plan.runs.values():
        put(run, auc=0.9, origin="twin")
    synthetic = Evidence.load(plan)
    assert "only demonstrate the workflow" in told(synthetic).headline
    assert not told(synthetic).lines
    assert against_prints(prints_of(synthetic)) == ""
    stand_in = measured("table_4", table_4, origin="other")
    assert "TF4CTR" not in told(stand_in).headline
    for evidence in (synthetic, stand_in):
        assert forest(of_questions(questions_of(evidence))) == ""


def test_the_drawing_has_each_gain_at_its_place(measured: Callable[..., Evidence]) -> None:
    asked = questions_of(measured("table_4", table_4))
    svg = fromstring(forest(of_questions([replace(one, singles=()) for one in asked if one.number == "RQ3"])))
    ticks = {
        float((one.text or "").replace("−", "-")): float(one.get("x", "nan"))
        for one in svg.findall("text")
        if re.fullmatch(r"0|[+−]\d+\.\d", one.text or "")
    }
    (low, left), (high, right) = min(ticks.items()), max(ticks.items())
    scale = (right - left) / (high - low)
    dots = [float(one.get("cx", "nan")) for one in svg.findall("circle")[:-1]]  # the last is the legend's
    assert dots == pytest.approx([left + (points - low) * scale for points in (0.30,)], abs=0.2)
    assert len(svg.findall("path[@class='theirs']")) == 1 + 1  # TF4CTR's printed gain, and the legend's


def test_a_printed_number_is_named_by_table_method_dataset_and_metric(measured: Callable[..., Evidence]) -> None:
    evidence = measured("table_3", lambda at: 0.9870 if at.get("ssem") == "SER" else 0.9850)
    svg = fromstring(against_prints(prints_of(evidence)))
    links = svg.findall("a")
    names = [one.get("aria-label", "") for one in links]
    assert len(names) == len(set(names)) > 20
    assert any(name.startswith("Table III, SER+WSF, Frappe AUC: paper 98.72, ours 98.70 ±") for name in names)
    assert [one.text for one in svg.findall("text[@class='group']")] == [
        "Table III · Frappe · AUC",
        "Table III · Frappe · gAUC",
    ]
    band = svg.find("rect[@class='band']")
    assert band is not None
    left, wide = float(band.get("x", "nan")), float(band.get("width", "nan"))
    told = [re.search(r"Δ ([+−]?\d+\.\d+)", name) for name in names]
    off = [float(one[1].replace("−", "-")) for one in told if one]
    dots = [float(one.get("cx", "nan")) for link in links for one in link.findall("circle")]
    assert [left <= dot <= left + wide for dot in dots] == [abs(one) <= 0.1 for one in off]
    assert {*map(bool, off)} == {True, False}


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_no_line_of_the_grid_crosses_words(measured: Callable[..., Evidence], layout: Layout) -> None:
    svg = fromstring(forest(of_questions(questions_of(measured("table_4", table_4))), layout))
    lines = [one for style in ("grid", "zero") for one in svg.findall(f"path[@class='{style}']")]
    spans = {(float(top), float(top) + float(high)) for one in lines for _, top, high in _strokes(one.get("d", ""))}
    words = [one for one in svg.findall("text") if one.get("class") in ("group", "dim")]
    over = [one for one in words if layout is NARROW or one.get("class") == "group"]  # a wide row's lie beside the axis
    baselines = [float(one.get("y", "nan")) for one in over]
    assert spans
    assert baselines
    assert not [y for y in baselines for top, bottom in spans if top < y - 2 and y - 9 < bottom]


def _strokes(path: str) -> list[tuple[str, str, str]]:
    return re.findall(r"M([\d.]+) ([\d.]+)v([\d.]+)", path)


def test_the_file_has_colours_for_both_screens_and_no_foreign_text(measured: Callable[..., Evidence]) -> None:
    text = standalone(forest(of_questions(questions_of(measured("table_4", table_4)))))
    assert fromstring(text).tag == "{http://www.w3.org/2000/svg}svg"
    assert "prefers-color-scheme: dark" in text
    assert not re.search(r"url\(|@import|<script", text)


def test_where_no_gain_is_planned_the_file_says_so(measured: Callable[..., Evidence]) -> None:
    evidence = measured("figure_6", lambda _: 0.98)
    write_report(evidence, Path("report.html"))
    drawn = fromstring(Path("figures", evidence.plan.campaign.campaign, "gains.svg").read_text())
    assert [one.text for one in drawn.iter("{http://www.w3.org/2000/svg}text")] == [
        "These experiments have no gain to draw."
    ]


def test_no_two_rows_of_the_drawing_have_one_name(measured: Callable[..., Evidence]) -> None:
    names, group = [], ""
    for one in fromstring(forest(of_questions(questions_of(measured("table_4", table_4))))).findall("text"):
        group = (one.text or "") if one.get("class") == "group" else group
        if one.get("x") == "12":
            names.append((group, one.text))
    assert len(names) > 3
    assert len(set(names)) == len(names)
    assert any("over DualMLP" in (name or "") for _, name in names)
