"""Figures as files: the same records give the same bytes, and gaps and precision are named."""

import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from workflow.analysis.evidence.load import Evidence
from workflow.analysis.figures import FIGURES, SWEEPS, module_for
from workflow.analysis.figures.builders import BUILDERS, render
from workflow.errors import UserError
from workflow.plan.campaign import Plan
from workflow.plan.config import load_experiment
from workflow.train.record import ProbeData


@pytest.mark.parametrize(
    "figure", [pytest.param(name, marks=[pytest.mark.attack] * (name in SWEEPS[1:])) for name in FIGURES]
)
def test_without_any_run_each_figure_is_drawn_with_its_gaps(plan_of: Callable[..., Plan], figure: str) -> None:
    render(Evidence.load(plan_of(figure)), figure, Path("f"))
    for kind in ("pdf", "png", "svg", "csv"):
        assert Path("f", f"{figure}.{kind}").stat().st_size > 0


def test_the_names_that_rules_know_are_the_figures_and_their_modules() -> None:
    assert {name: f"workflow.analysis.figures.{module_for(name)}" for name in FIGURES} == {
        name: build.__module__ for name, build in BUILDERS.items()
    }


def test_a_campaign_without_the_figures_datasets_says_so(plan_of: Callable[..., Plan]) -> None:
    for figure in FIGURES:
        plan = plan_of(figure)
        empty = Plan(plan.campaign.model_copy(update={"datasets": ("kkbox",)}))
        drawn, frame = BUILDERS[figure](Evidence.load(empty), figure)
        assert figure == "figure_4" or frame.empty
        assert drawn.axes


def test_the_same_records_give_the_same_bytes(plan_of: Callable[..., Plan], put: Callable[..., Path]) -> None:
    plan = plan_of("figure_6")
    for cell in plan.cells:
        put(cell.runs[0], auc=0.9 + float(cell.at["alpha"]) / 100)
    for folder in ("f", "g"):
        render(Evidence.load(plan), "figure_6", Path(folder))
    for kind in ("pdf", "png", "svg", "csv"):
        assert Path("f", f"figure_6.{kind}").read_bytes() == Path("g", f"figure_6.{kind}").read_bytes()


@pytest.mark.parametrize("figure", ["figure_2", "figure_5", "figure_10"])
def test_a_figure_of_no_run_is_words_and_no_empty_panels(plan_of: Callable[..., Plan], figure: str) -> None:
    drawn, frame = BUILDERS[figure](Evidence.load(plan_of(figure)), figure)
    assert frame.empty
    (axis,) = drawn.axes
    for line in axis.texts[0].get_text().splitlines():
        assert re.fullmatch(r"(Frappe|ML-1M|Criteo): no run yet \(0 of \d+\)\.", line)


def test_a_vector_has_every_colour_of_the_house_by_day_and_by_night(plan_of: Callable[..., Plan]) -> None:
    render(Evidence.load(plan_of("figure_4")), "figure_4", Path("f"))
    root = ElementTree.fromstring(Path("f/figure_4.svg").read_text(encoding="utf-8"))
    rules, drawn = root[0].text or "", "".join(ElementTree.tostring(each, encoding="unicode") for each in root[1:])
    asked = set(re.findall(r"var\((--\w+)\)", drawn))
    by_day, by_night = (dict(re.findall(r"(--\w+):(#\w{6})", part)) for part in rules.split("@media"))
    assert asked <= set(by_day) == set(by_night)
    assert {"--cffffff", "--c222222", "--c0072b2"} <= asked
    assert not re.search("#(ffffff|222222|767676|0072b2|d55e00)", drawn)
    for name in asked - {"--cffffff"}:  # all that is drawn stands out from its ground, at 3 : 1 as WCAG asks
        for colours in (by_day, by_night):
            assert contrast(colours[name], colours["--cffffff"]) >= 3


def contrast(one: str, other: str) -> float:
    """WCAG's ratio of two colours."""

    def luminance(colour: str) -> float:
        parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_an_unknown_figure_is_refused(plan_of: Callable[..., Plan]) -> None:
    with pytest.raises(UserError, match="figure_6"):
        render(Evidence.load(plan_of("figure_6")), "figure_66", Path("f"))


@pytest.mark.parametrize("figure", ["figure_2", "figure_5", "figure_6", "figure_10"])
def test_a_figure_of_runs_in_half_precision_says_so(
    plan_of: Callable[..., Plan], put_probed: Callable[..., None], figure: str, small_print: Callable[[Plan, str], str]
) -> None:
    for precision, expected in (("fp32", False), ("bf16", True)):
        plan = plan_of(figure, precision=precision)
        assert "Trained in" not in small_print(plan, figure)  # nothing is drawn yet
        for cell in plan.cells:
            put_probed(cell.runs[0], ProbeData())
        assert ("Trained in bfloat16 (hidden layers" in small_print(plan, figure)) is expected


def test_a_figure_whose_arms_differ_in_precision_says_which(
    config: Path, plan_of: Callable[..., Plan], put_probed: Callable[..., None], small_print: Callable[[Plan, str], str]
) -> None:
    plan_of("figure_10")
    path = config / "experiments/figure_10.yaml"
    values = yaml.safe_load(path.read_text())
    values["overrides"] = [
        {"dataset": "frappe", "at": {"model": "TF4CTR"}, "source": "test", "set": {"training.precision": "bf16"}}
    ]
    path.write_text(yaml.safe_dump(values))
    load_experiment.cache_clear()
    plan = plan_of("figure_10")
    for cell in plan.cells:
        put_probed(cell.runs[0], ProbeData())
    notes = small_print(plan, "figure_10")
    assert ": TF4CTR. All else is in float32." in notes
    assert "DualMLP" not in notes
