"""The transcription: complete, consistent with itself, and refused where it is damaged."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from tests.analysis.prints_help import reprinted
from workflow.analysis.paper.facts import Except, Fact, Frame
from workflow.analysis.paper.prints import PRINTS_PATH, load_paper
from workflow.errors import UserError


@pytest.fixture
def frame() -> Frame:
    return load_paper().frame


def test_every_printed_cell_is_there(frame: Frame) -> None:
    found = Counter((fact.at["table"], fact.metric) for fact in frame if "table" in fact.at)
    assert found["1", "instances"] == found["1", "split"] == 5
    assert (found["2", "auc"], found["2", "gain"], found["2", "mean_auc"], found["2", "mean_gain"]) == (96, 72, 24, 18)
    assert found["3", "auc"] == found["3", "gauc"] == 80
    assert (found["4", "auc"], found["4", "p_value"]) == (55, 5)
    assert (found["5", "auc"], found["5", "gain"]) == (18, 9)
    assert (found["6", "train_s"], found["6", "train_ratio"]) == (7, 6)


def test_a_version_is_told_by_its_file(tmp_path: Path) -> None:
    assert load_paper().about.cited == "arXiv 2405.03167v1"
    other = load_paper(reprinted(tmp_path, {("4", "frappe", "TF4CTR", "auc"): "98.73"}, "prints.v4.csv"))
    assert other.about.version == "v4"
    with pytest.raises(UserError, match=r"version: "):
        load_paper(reprinted(tmp_path, {("4", "frappe", "TF4CTR", "auc"): "98.73"}, "prints.4.csv"))


def test_scores_have_two_decimals(frame: Frame) -> None:
    scores = [fact for fact in frame if fact.metric in ("auc", "gauc") and "table" in fact.at]
    assert {fact.points.as_tuple().exponent for fact in scores} == {-2}


def test_selecting_needs_each_coordinate(frame: Frame) -> None:
    assert {fact.text for fact in frame.select("gain", claim="P33.auc")} == {"0.21"}
    assert frame.select("auc", table="3", model="TF4CTR") == []  # Table III has no model
    cells = frame.select("gauc", table="3", dataset=("frappe", "ml-1m"), ssem=Except(["SER"]), dfm="Sum")
    assert len(cells) == 6


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.replace('"288,609"', "288.6o9"), r"line 18: printed: '288\.6o9' is not a number"),
        (lambda text: text.replace("metric,printed", "metrik,printed"), "no column 'metrik'; did you mean 'metric'"),
        (lambda text: text + text.splitlines()[1] + "\n", "prints Table I criteo instances a second time"),
        (lambda text: text.replace('"288,609",', '"288,609"'), r"line 18: 11 cells, not 12"),
    ],
)
def test_a_damaged_transcription_is_refused(tmp_path: Path, change: Callable[[str], str], message: str) -> None:
    text = PRINTS_PATH.read_text(encoding="utf-8")
    assert change(text) != text
    path = tmp_path / "prints.csv"
    path.write_text(change(text), encoding="utf-8")
    with pytest.raises(UserError, match=message) as caught:
        load_paper(path)
    assert str(path) in str(caught.value)


def test_facts_are_exact_and_labelled() -> None:
    fact = Fact({"table": "2", "model": "DCN", "loss": "rce"}, "mean_gain", "+0.02")
    assert (fact.value, fact.points, fact.label) == (Fraction(1, 50), Decimal("0.02"), "Table II DCN rce mean_gain")
