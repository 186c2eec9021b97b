"""The answer and its drawings: every number in them is one that the records give."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import numpy as np
import pytest
from scipy import stats

from workflow.analysis.claims.audit import audit
from workflow.analysis.compare.words import Finding
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.report.answer import TOPICS, answer
from workflow.analysis.report.axis import LAYOUTS, NARROW, Layout
from workflow.analysis.report.contrasts import Question, prints_of, questions_of
from workflow.analysis.report.forest import against_prints, forest, standalone
from workflow.analysis.report.page import write_report
from workflow.analysis.report.readme import gains_table
from workflow.analysis.report.sentence import Sentence
from workflow.plan.campaign import Plan

SPREAD = np.array([-2e-4, -1e-4, 0.0, 1e-4, 2e-4])
RealPlan = Callable[..., Plan]
Put = Callable[..., Path]


@pytest.fixture
def measured(real_plan: RealPlan, put: Put) -> Callable[..., Evidence]:
    """Return a function that gives every run of an experiment an AUC by its coordinates; on Frappe, if not told."""

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


def told(evidence: Evidence) -> tuple[Sentence, ...]:
    return answer(evidence, audit(evidence))


def named(questions: tuple[Question, ...], name: str) -> Question:
    return next(one for one in questions if one.name == name)


def test_the_gain_over_the_baselines_that_are_there(measured: Callable[..., Evidence]) -> None:
    evidence = measured("table_4", table_4)
    (one,) = named(questions_of(evidence), "baselines").contrasts
    assert one.over == "CL4CTR, the best of the 9 of 10 baselines that have finished"
    assert one.gain.mean == pytest.approx(0.003)
    assert str(one.gain.paper_points) == "0.27"
    assert one.interval is not None
    oracle = stats.ttest_ind(0.9880 + SPREAD, 0.9850 + SPREAD, equal_var=False).confidence_interval()
    assert (one.interval.low, one.interval.high) == pytest.approx((oracle.low, oracle.high), abs=1e-9)
    short, first = told(evidence)[:2]
    low, high = (f"{100 * each:+.2f}" for each in oracle)
    assert (short.topic, first.title) == ("In short", "TF4CTR against baselines: gain shown")
    assert "TF4CTR gains over CL4CTR, the best of the 9 of 10 baselines that have finished (+0.30" in short.text
    assert f"(+0.30 [{low}, {high}], the paper +0.27)" in short.text
    assert f"best baseline on Frappe: +0.30 [{low}, {high}] points over CL4CTR, the best of the 9 of 10" in first.text
    assert first.text.startswith("TF4CTR over the best baseline on Frappe: ")
    assert ", the paper +0.27 over xDeepFM. TF4CTR over models that Table IV leaves out on Frappe: " in first.text


def test_the_whole_in_short_says_on_which_data_and_over_what(measured: Callable[..., Evidence]) -> None:
    short = told(measured("table_4", table_4, datasets=("frappe", "ml-1m")))[0].text
    oracle = stats.ttest_ind(0.9880 + SPREAD, 0.9850 + SPREAD, equal_var=False).confidence_interval()
    low, high = (f"{100 * each:+.2f}" for each in oracle)
    over = "over CL4CTR, the best of the 9 of 10 baselines that have finished"
    assert f"+0.30 [{low}, {high}] on Frappe {over} (the paper +0.27)" in short
    assert f"+0.30 [{low}, {high}] on ML-1M (close) {over} (the paper +0.49)" in short
    assert "TF4CTR over the best baseline: gain shown, +0.30" in short


def test_the_readmes_table_has_each_gain_that_can_be_told(measured: Callable[..., Evidence]) -> None:
    rows = gains_table(questions_of(measured("table_4", table_4))).rows
    oracle = stats.ttest_ind(0.9880 + SPREAD, 0.9850 + SPREAD, equal_var=False).confidence_interval()
    low, high = (f"{100 * each:+.2f}" for each in oracle)
    over = "CL4CTR, the best of the 9 of 10 baselines that have finished"
    assert rows[0][1:] == ("TF4CTR", over, "Frappe", "+0.27", f"+0.30 [{low}, {high}]", "gain shown")
    assert not any("EulerNet" in str(field) for row in rows for field in row)  # it did not run


def test_the_size_of_the_embedding_is_a_part(measured: Callable[..., Evidence]) -> None:
    evidence = measured("table_4", table_4)
    (one,) = named(questions_of(evidence), "size").contrasts
    assert one.gain.mean == pytest.approx(0.0005)
    assert one.gain.paper_points is None
    assert any("one shared embedding of the same size (24) on Frappe: " in sentence.text for sentence in told(evidence))


def test_loss_and_focusing_are_told_apart(measured: Callable[..., Evidence]) -> None:
    means = {"log": 0.980, "log-matched": 0.981, "auxiliary": 0.984, "twin_focus": 0.983}
    evidence = measured("table_2", lambda at: means.get(at["loss"], 0.97))
    questions = questions_of(evidence)
    loss, focusing = named(questions, "loss").contrasts, named(questions, "focusing").contrasts
    assert len(loss) == len(focusing) == 6
    assert {(one.item == "DualMLP", one.over, round(float(one.gain.mean or 0), 6)) for one in loss} == {
        (True, "log loss with the TF row's settings", 0.002),
        (False, "log loss", 0.003),
    }
    assert {round(float(one.gain.mean or 0), 6) for one in focusing} == {-0.001}
    assert {one.gain.verdict.finding for one in focusing} == {Finding.LOSS}
    (found,) = [one for one in told(evidence) if one.title == "Twin focus loss: 6 gain shown and 6 loss shown"]
    text = found.text
    short = told(evidence)[0].text
    assert "the TF loss over the log loss: gain shown in 6 comparisons (+0.20 to +0.30, the paper " in short
    assert "The TF loss gains over the log loss in 6 of 6 comparisons" in text
    assert "Focusing gains over the same loss with γ = 0 in 0 of 6 comparisons (6 loss shown)" in text


def test_models_in_the_framework_are_a_topic_and_each_is_named(measured: Callable[..., Evidence]) -> None:
    means = {"plain": 0.980, "framework": 0.982}
    alone = measured("table_5", lambda at: means.get(at["variant"]) if at["model"] == "DeepFM" else None)
    assert "a model in the framework gains over the model alone for DeepFM (+0.20 [" in told(alone)[0].text
    short, topic = told(measured("table_5", lambda at: means.get(at["variant"])))[:2]
    assert topic.title == "The framework around other models: gain shown"
    assert short.text.count("+0.20 [") == 3


def test_what_runs_decide_beyond_gains_is_told(measured: Callable[..., Evidence]) -> None:
    """By hand: a fall of 0.05 points for each unit of γ."""
    texts = {one.topic: one.text for one in told(measured("figure_8", lambda at: 0.99 - 0.0005 * int(at["gamma"])))}
    text = texts["Claims beside our runs"]
    assert "slope of auc along γ, frappe −0.05 [−0.05, −0.05] a unit of γ (p " in text
    assert "), seen, is one comparison of P56.trend (AUC falls with γ on every dataset)" in text
    assert "Beyond gains: " in text


def test_claims_beside_runs_are_counted_by_their_verdicts(measured: Callable[..., Evidence]) -> None:
    evidence = measured("table_3", lambda at: 0.985 if at.get("ssem") == "SER" else 0.984)
    rows = [row for row in audit(evidence).computed if row.layer == "runs"]
    (text,) = [one.text for one in told(evidence) if one.topic == "Claims beside our runs"]
    assert text.startswith(f"Of {len(rows)} claims that runs can decide: ")
    for word in {row.verdict.word for row in rows}:
        assert f"{word} {sum(row.verdict.word == word for row in rows)}" in text


def test_ser_is_weighed_with_the_plain_sum(measured: Callable[..., Evidence]) -> None:
    evidence = measured("table_3", lambda at: 0.985 if at.get("ssem") == "SER" else 0.984)
    (one,) = named(questions_of(evidence), "ser").contrasts
    assert one.gain.mean == pytest.approx(0.001)
    assert (one.item, one.over) == ("SER+Sum", "Share+Sum")


def test_printed_numbers_are_counted_as_their_verdicts(measured: Callable[..., Evidence]) -> None:
    evidence = measured("table_4", table_4)
    prints = prints_of(evidence)
    assert len(prints) == 11
    verdicts = [one.number.verdict.word for one in prints]
    (line,) = [one.text for one in told(evidence) if one.topic == "Printed numbers"]
    assert line.startswith("Of 11 printed AUCs")
    for word in set(verdicts):
        assert f"{word} {verdicts.count(word)}" in line
    assert "not run 1" in line


def test_numbers_that_spread_too_far_for_any_number_of_runs_say_why(real_plan: RealPlan, put: Put) -> None:
    """The spread is 0.16 points, its lower 95 % bound 0.10, and 1.96 times that more than 0.10."""
    plan = real_plan("table_4", datasets=["frappe"], seeds=[1, 2, 3, 4, 5])
    cell = next(cell for cell in plan.cells if cell.at["model"] == "TF4CTR")
    for run, off in zip(cell.runs, 10 * SPREAD, strict=True):
        put(run, auc=float(0.98725 + off))
    (line,) = [one.text for one in told(Evidence.load(plan)) if one.topic == "Printed numbers"]
    assert line.endswith("no number of runs would do: 1 as a single one spreads too far.")


def test_without_runs_it_says_so_and_nothing_else_of_runs(real_plan: RealPlan) -> None:
    sentences = told(Evidence.load(real_plan("table_4", datasets=["frappe"])))
    assert sentences[0].text.startswith("Nothing has run: none of the")
    assert {*TOPICS, "Printed numbers", "Open"}.isdisjoint(one.topic for one in sentences)
    assert [one.topic for one in sentences] == ["Standing", "The paper with itself", "The authors' logs"]
    assert "can be settled by nobody: no log shows it, no run could" in sentences[-1].text


def test_twins_and_stand_ins_give_no_finding(real_plan: RealPlan, put: Put, measured: Callable[..., Evidence]) -> None:
    plan = real_plan("table_4", datasets=["frappe"], twin={"rows": 1000}, seeds=[1, 2, 3])
    for run, _ in plan.runs.values():
        put(run, auc=0.9, origin="twin")
    twin = Evidence.load(plan)
    sentences = told(twin)
    assert "synthetic twins" in sentences[0].text
    assert {*TOPICS, "Printed numbers"}.isdisjoint(one.topic for one in sentences)
    assert against_prints(prints_of(twin)) == ""
    stand_in = measured("table_4", table_4, origin="other")
    assert set(TOPICS).isdisjoint(one.topic for one in told(stand_in))
    assert "no evidence about the paper (stand-in)" in " ".join(one.text for one in told(stand_in))
    for evidence in (twin, stand_in):
        drawn = fromstring(forest(questions_of(evidence)))
        assert len(drawn.findall("circle")) == 1  # the legend's


def test_the_drawing_has_each_gain_at_its_place(measured: Callable[..., Evidence]) -> None:
    asked = questions_of(measured("table_4", table_4))
    svg = fromstring(forest([one for one in asked if one.name != "left out"]))
    ticks = {
        float((one.text or "").replace("−", "-")): float(one.get("x", "nan"))
        for one in svg.findall("text")
        if re.fullmatch(r"0|[+−]\d+\.\d", one.text or "")
    }
    (low, left), (high, right) = min(ticks.items()), max(ticks.items())
    scale = (right - left) / (high - low)
    dots = [float(one.get("cx", "nan")) for one in svg.findall("circle")[:-1]]  # the last is the legend's
    assert dots == pytest.approx([left + (points - low) * scale for points in (0.30, 0.05)], abs=0.2)
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
    svg = fromstring(forest(questions_of(measured("table_4", table_4)), layout))
    lines = [one for style in ("grid", "zero") for one in svg.findall(f"path[@class='{style}']")]
    spans = {(float(top), float(top) + float(high)) for one in lines for _, top, high in _strokes(one.get("d", ""))}
    words = [one for one in svg.findall("text") if one.get("class") in ("group", "dim")]
    over = [one for one in words if layout is NARROW or one.get("class") == "group"]  # a wide row's lie beside the axis
    baselines = [float(one.get("y", "nan")) for one in over]
    assert len(spans) >= 3
    assert baselines
    assert not [y for y in baselines for top, bottom in spans if top < y - 2 and y - 9 < bottom]


def _strokes(path: str) -> list[tuple[str, str, str]]:
    return re.findall(r"M([\d.]+) ([\d.]+)v([\d.]+)", path)


def test_the_file_has_colours_for_both_screens_and_no_foreign_text(measured: Callable[..., Evidence]) -> None:
    text = standalone(forest(questions_of(measured("table_4", table_4))))
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
    for one in fromstring(forest(questions_of(measured("table_4", table_4)))).findall("text"):
        group = (one.text or "") if one.get("class") == "group" else group
        if one.get("x") == "12":
            names.append((group, one.text))
    assert len(names) > 3
    assert len(set(names)) == len(names)
    assert any("over DualMLP" in (name or "") for _, name in names)
