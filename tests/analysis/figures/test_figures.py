"""Figures from synthetic records: the CSV has the known numbers, gaps are named, bytes repeat."""

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from scipy import stats

from models.losses import twin_focus_loss
from workflow.analysis.evidence import optimum
from workflow.analysis.evidence.cells import Sample
from workflow.analysis.evidence.formulas import Head, monotone_from, printed, slope, term
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.evidence.optimum import Point, best_of, judge_optimum
from workflow.analysis.evidence.stated import load_stated
from workflow.analysis.evidence.verdict import Finding, Ground, Standing
from workflow.analysis.figures import MODULES, figure_2, figure_4, figure_5, figure_10, sweeps
from workflow.analysis.figures.panels import panels_of
from workflow.analysis.figures.render import render
from workflow.analysis.pages.output import module_of
from workflow.analysis.stats.uncertainty import TestSet
from workflow.cells import coordinate
from workflow.config import ROOT, available, load_experiment
from workflow.errors import UserError
from workflow.plan import Plan
from workflow.spec import RunSpec
from workflow.train.record import ClassCounts, GradientNorms, Histogram, ProbeData, read_record, write_record

DATASETS = ["frappe", "ml-1m", "criteo"]


@pytest.fixture
def plan_of(config: Path, make_plan: Callable[..., Plan]) -> Callable[..., Plan]:
    """A campaign of figures only, on the three synthetic datasets."""
    for name in MODULES:
        shutil.copy(ROOT / "config" / "experiments" / f"{name}.yaml", config / "experiments")
    available.cache_clear()
    load_experiment.cache_clear()

    def make(*figures: str, **changes: object) -> Plan:
        return make_plan(datasets=DATASETS, experiments=list(figures), **changes)

    return make


@pytest.fixture
def put_probed(put: Callable[..., Path]) -> Callable[[RunSpec, ProbeData], None]:
    def write(run: RunSpec, probes: ProbeData) -> None:
        path = put(run)
        write_record(path, read_record(path).model_copy(update={"probes": probes}))

    return write


def csv(figure: str) -> pd.DataFrame:
    return pd.read_csv(Path("f", f"{figure}.csv"), dtype={"value": str}, keep_default_na=False, na_values=[""])


# -- every figure ---------------------------------------------------------------------


@pytest.mark.parametrize("figure", MODULES)
def test_without_any_run_each_figure_is_drawn_with_its_gaps(plan_of: Callable[..., Plan], figure: str) -> None:
    render(Evidence.load(plan_of(figure)), figure, Path("f"))
    for kind in ("pdf", "png", "svg", "csv"):
        assert Path("f", f"{figure}.{kind}").stat().st_size > 0


def test_a_campaign_without_the_figures_datasets_says_so(plan_of: Callable[..., Plan]) -> None:
    for figure in MODULES:
        plan = plan_of(figure)
        empty = Plan(plan.campaign.model_copy(update={"datasets": ("kkbox",)}))
        render(Evidence.load(empty), figure, Path("f"))


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
    drawn, frame = module_of("figures", MODULES, figure).build(Evidence.load(plan_of(figure)), figure)
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


# -- precision ------------------------------------------------------------------------


def small_print(plan: Plan, figure: str) -> str:
    """The notes under a figure, as one line."""
    drawn, _ = module_of("figures", MODULES, figure).build(Evidence.load(plan), figure)
    return " ".join(each.get_title().get_text().replace("\n", " ") for each in drawn.legends)


@pytest.mark.parametrize("figure", ["figure_2", "figure_5", "figure_6", "figure_10"])
def test_a_figure_of_runs_in_half_precision_says_so(
    plan_of: Callable[..., Plan], put_probed: Callable[..., None], figure: str
) -> None:
    for precision, expected in (("fp32", False), ("bf16", True)):
        plan = plan_of(figure, precision=precision)
        assert "Trained in" not in small_print(plan, figure)  # nothing is drawn yet
        for cell in plan.cells:
            put_probed(cell.runs[0], ProbeData())
        assert ("Trained in bfloat16 (hidden layers" in small_print(plan, figure)) is expected


def test_a_figure_whose_arms_differ_in_precision_says_which(
    config: Path, plan_of: Callable[..., Plan], put_probed: Callable[..., None]
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


# -- sweeps ---------------------------------------------------------------------------


def test_a_sweep_shows_means_gaps_and_the_stated_optimum(
    plan_of: Callable[..., Plan], put: Callable[..., Path]
) -> None:
    plan = plan_of("figure_6", seeds=[1, 2])
    frappe = [cell for cell in plan.cells if cell.dataset == "frappe"]
    for cell in frappe:
        put(cell.runs[0], auc=0.90 + float(cell.at["alpha"]) / 10)
        put(cell.runs[1], auc=0.92 + float(cell.at["alpha"]) / 10)
    frappe[2].runs[1].record_path.unlink()
    render(Evidence.load(plan), "figure_6", Path("f"))
    rows = csv("figure_6")
    auc = rows[(rows["dataset"] == "frappe") & (rows["metric"] == "auc")].set_index("value")
    assert auc.loc["0.15", "mean"] == pytest.approx(0.925)
    assert auc.loc["0.15", "sd"] == pytest.approx(0.02 / np.sqrt(2))
    assert auc["mean"].isna().tolist() == [
        False,
        False,
        True,
        False,
        False,
        False,
    ]  # one of two seeds is missing: the rest would be a choice
    assert auc["n"].tolist() == [2, 2, 1, 2, 2, 2]
    assert auc[auc["stated_optimum"]].index.tolist() == ["0.45"]
    assert auc[auc["our_optimum"]].index.tolist() == ["0.65"]
    assert set(auc["finding"]) == {"incomplete"}
    panel = panels_of(Evidence.load(plan), "figure_6")[0]
    assert panel.gap == "1 of 12 runs missing"


def test_bars_hold_seeds_and_the_test_set(plan_of: Callable[..., Plan], put: Callable[..., Path]) -> None:
    """Oracles: scipy's t interval of the seeds; and the variances and degrees of freedom added up by hand."""
    aucs = (0.90, 0.91, 0.93)
    plan = plan_of("figure_6", seeds=[1, 2, 3])
    cell = next(cell for cell in plan.cells if cell.dataset == "frappe")
    for run, auc in zip(cell.runs, aucs, strict=True):
        put(run, auc=auc)
    drawn, frame = sweeps.build(Evidence.load(plan), "figure_6")
    row = frame[(frame["dataset"] == "frappe") & (frame["metric"] == "auc")].iloc[0]
    known = stats.t.interval(0.95, 2, np.mean(aucs), stats.sem(aucs))
    assert (row["low_seeds"], row["high_seeds"]) == pytest.approx(known)
    assert (row["low"], row["high"]) == pytest.approx(known)  # no sums by user: the seeds alone
    assert "Thick bars: 95 % interval of the mean of 3 seeds." in small_print(plan, "figure_6")
    names = [text.get_text() for text in drawn.legends[0].get_texts()]
    assert "our best" not in names  # of one point
    evidence = Evidence.load(plan)
    shared = TestSet(np.full((3, 3), 4e-4) + np.diag([1e-4] * 3), 41)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(optimum, "testset_of", lambda _: shared)
        drawn, frame = sweeps.build(evidence, "figure_6")
    row = frame[(frame["dataset"] == "frappe") & (frame["metric"] == "auc")].iloc[0]
    seeds = stats.sem(aucs) ** 2
    df = (seeds + 4e-4) ** 2 / (seeds**2 / 2 + 4e-4**2 / 40)
    known_both = stats.t.interval(0.95, df, np.mean(aucs), np.sqrt(seeds + 4e-4))
    assert (row["low_seeds"], row["high_seeds"]) == pytest.approx(known)
    assert (row["low"], row["high"], row["se_testset"]) == pytest.approx((*known_both, 0.02))
    assert "thin bars: with the test set's error" in drawn.legends[0].get_title().get_text().replace("\n", " ")


def test_gamma_beyond_the_monotone_range_is_marked(plan_of: Callable[..., Plan]) -> None:
    """c is 0.8 here: γ = 3 needs 0.791, γ = 4 would need more than 1."""
    render(Evidence.load(plan_of("figure_8")), "figure_8", Path("f"))
    rows = csv("figure_8")
    rows = rows[(rows["dataset"] == "frappe") & (rows["metric"] == "auc")]
    assert dict(zip(rows["value"], rows["simple_monotone"], strict=True)) == {
        "1": True, "2": True, "3": True, "4": False, "5": False,
    }  # fmt: skip


@pytest.mark.parametrize(("figure", "bands", "lines"), [("figure_8", 1, 0), ("figure_6", 0, 1)])
def test_a_range_is_one_band_and_an_optimum_one_line(
    plan_of: Callable[..., Plan], figure: str, bands: int, lines: int
) -> None:
    """Three lines of one name would leave open which of them is the best."""
    drawn, _ = sweeps.build(Evidence.load(plan_of(figure)), figure)
    panel = drawn.axes[0]
    names = [text.get_text() for text in drawn.legends[0].get_texts()]
    assert [patch.get_alpha() for patch in panel.patches].count(sweeps.RANGE_alpha) == bands
    assert len(panel.lines) == lines
    assert ("paper's range of best values" in names, "paper's best" in names) == (bands == 1, lines == 1)
    assert panel.get_title().endswith("; ours not run")


def test_the_axis_of_figure_9_says_the_layers(plan_of: Callable[..., Plan]) -> None:
    drawn, _ = sweeps.build(Evidence.load(plan_of("figure_9")), "figure_9")
    ticks = [text.get_text() for text in drawn.axes[-1].get_xticklabels()]
    assert ticks == ["A\n400", "B\n800", "C\n200-200", "D\n400-400", "E\n800-800"]


def point(value: str, auc: float | None, spread: float = 0.0002) -> Point:
    values = () if auc is None else tuple(auc + step * spread for step in (-1, -0.5, 0, 0.5, 1))
    ground = Ground(Finding.NOT_RUN) if auc is None else Ground(None, Standing.DIRECT)
    return Point(value, value, {"auc": Sample(values, ground), "gauc": Sample((), ground)}, 5)


@pytest.mark.parametrize(
    ("aucs", "stated", "expected"),
    [
        ((0.90, 0.92, 0.91), ("b",), Finding.SEEN),
        ((0.90, 0.92, 0.91), ("a", "b"), Finding.SEEN),
        ((0.90, 0.92, 0.91995), ("c",), Finding.TIED),
        ((0.90, 0.92, 0.91), ("c",), Finding.NOT_SEEN),
        ((0.90, 0.92, None), ("b",), Finding.INCOMPLETE),
        ((None, None, None), ("b",), Finding.NOT_RUN),
        ((0.90, 0.92, 0.91), (), Finding.NOT_STATED),
    ],
)
def test_the_verdict_on_a_stated_optimum(
    aucs: tuple[float | None, ...], stated: tuple[str, ...], expected: Finding
) -> None:
    points = [point(value, auc) for value, auc in zip("abc", aucs, strict=True)]
    assert judge_optimum(points, stated).finding is expected
    assert best_of(points, "gauc") is None


def test_a_sweep_that_scatters_or_has_one_seed_decides_nothing() -> None:
    wide = [point(value, auc, 0.01) for value, auc in zip("abc", (0.90, 0.92, 0.9195), strict=True)]
    assert judge_optimum(wide, ("c",)).finding is Finding.TOO_FEW
    single = [replace(each, planned=1, samples={"auc": Sample((0.9,), each.samples["auc"].ground)}) for each in wide]
    assert judge_optimum(single, ("c",)).finding is Finding.TOO_FEW


def test_every_stated_optimum_is_a_point_of_its_sweep() -> None:
    for figure in ("figure_6", "figure_7", "figure_8", "figure_9"):
        ((key, values),) = load_experiment(figure).arms[0].grid.items()
        sweep = getattr(load_stated(), figure)
        assert load_experiment(figure).arms[0].at == {sweep.coordinate: f"{{{key.rpartition('.')[2]}}}"}
        for best in sweep.optimum.values():
            assert set(best) <= {coordinate(value) for value in values}
    assert set(sweeps.STRUCTURES) == {coordinate(units) for units in values}


# -- figures from probes --------------------------------------------------------------


def test_histograms_are_drawn_by_class(plan_of: Callable[..., Plan], put_probed: Callable[..., None]) -> None:
    plan = plan_of("figure_2")
    positives, negatives = [0] * 50, [0] * 50
    positives[14], positives[15], positives[30] = 1, 2, 7  # ŷ in [.28, .30), [.30, .32), [.60, .62)
    negatives[19], negatives[20], negatives[35] = 6, 3, 1  # below .4, from .4, from .7
    histogram = Histogram(epoch=1, split="valid", positives=tuple(positives), negatives=tuple(negatives))
    put_probed(plan.cells[0].runs[0], ProbeData(histograms=(histogram,)))
    render(Evidence.load(plan), "figure_2", Path("f"))
    shares = csv("figure_2").groupby(["label", "class"])["share"].sum()
    assert shares[1].to_dict() == pytest.approx(
        {"misclassified": 0.1, "poorly classified": 0.2, "well classified": 0.7}
    )
    assert shares[0].to_dict() == pytest.approx(
        {"misclassified": 0.1, "poorly classified": 0.3, "well classified": 0.6}
    )
    assert figure_2.class_of(14, 1) == "misclassified"


def test_gradients_are_means_over_seeds(plan_of: Callable[..., Plan], put_probed: Callable[..., None]) -> None:
    plan = plan_of("figure_5", seeds=[1, 2])
    cell = next(cell for cell in plan.cells if (cell.dataset, cell.label) == ("frappe", "L_ctr"))
    for run, value in zip(cell.runs, (0.2, 0.4), strict=True):
        norms = GradientNorms(epoch=1, simple=(value, 0.1), complex=(value, 0.3))
        put_probed(run, ProbeData(gradient_norms=(norms,)))
    render(Evidence.load(plan), "figure_5", Path("f"))
    rows = csv("figure_5")
    assert rows["loss"].unique().tolist() == ["L_ctr"]
    simple = rows[rows["branch"] == "simple"]
    assert simple["mean_norm"].tolist() == pytest.approx([0.3, 0.1])
    assert simple["sd"].tolist() == pytest.approx([0.2 / np.sqrt(2), 0.0])
    assert figure_5.moving_mean(np.full(7, 2.5), 3).tolist() == [2.5] * 7


def test_class_shares_of_both_models(plan_of: Callable[..., Plan], put_probed: Callable[..., None]) -> None:
    plan = plan_of("figure_10")
    for cell, well in zip(plan.cells, (6, 8), strict=True):
        counts = ClassCounts(epoch=1, split="test", positives=(1, 9 - well, well), negatives=(5, 5, 10))
        put_probed(cell.runs[0], ProbeData(class_counts=(counts,)))
    render(Evidence.load(plan), "figure_10", Path("f"))
    rows = csv("figure_10").set_index(["model", "label", "class"])
    assert rows.loc[("DualMLP", 1, "well classified"), "share"] == pytest.approx(0.6)
    assert rows.loc[("TF4CTR", 1, "well classified"), "rows"] == 8
    assert rows.loc[("TF4CTR", 0, "misclassified"), "share"] == pytest.approx(0.25)
    assert set(figure_10.MODELS) == {cell.at["model"] for cell in plan.cells}


def test_panels_beside_each_other_share_a_scale_that_holds_all(
    plan_of: Callable[..., Plan], put_probed: Callable[..., None]
) -> None:
    plan = plan_of("figure_10")
    for cell in plan.cells:
        counts = [
            ClassCounts(epoch=epoch, split=split, positives=(7, 2, 1), negatives=(0, 1, 9))
            for epoch in (1, 2)
            for split in ("valid", "test")
        ]
        put_probed(cell.runs[0], ProbeData(class_counts=tuple(counts)))
    figure, _ = figure_10.build(Evidence.load(plan), "figure_10")
    assert figure.axes[0].get_title() == "(a) Frappe, positive samples\nvalidation"
    for start in range(0, len(figure.axes), 4):
        row = figure.axes[start : start + 4]
        assert len({axis.get_ylim() for axis in row}) == 1
        low, high = row[0].get_ylim()
        assert all(
            low <= value <= high
            for axis in row
            for line in axis.lines
            for value in np.asarray(line.get_ydata()).tolist()
        )


def test_both_models_of_figure_10_train_equally_long() -> None:
    for arm in load_experiment("figure_10").arms:
        assert arm.training["patience"] >= arm.training["max_epochs"] == 20


# -- the formula ----------------------------------------------------------------------


@pytest.mark.parametrize(("c", "gamma"), [(c, gamma) for c, gamma, _ in figure_4.SETTINGS])
@pytest.mark.parametrize("head", figure_4.HEADS)
def test_curves_and_gradients_are_those_of_the_loss(head: Head, c: float, gamma: float) -> None:
    p_P = np.linspace(0.02, 0.98, 25)
    z_P = torch.tensor(np.log(p_P / (1 - p_P)), requires_grad=True)
    other_P, y_P = torch.zeros(25, dtype=torch.float64), torch.ones(25, dtype=torch.float64)
    both = (z_P, other_P) if head == "simple" else (other_P, z_P)
    loss = 25 * twin_focus_loss(*both, y_P, alpha=float(head == "simple"), c=c, gamma=gamma)
    (gradient_P,) = torch.autograd.grad(loss, z_P)
    assert loss.item() == pytest.approx(term(head, p_P, c, gamma).sum())
    assert -gradient_P.numpy() == pytest.approx(slope(head, p_P, c, gamma))


@pytest.mark.parametrize("gamma", [1, 2, 3, 4, 5])
def test_the_monotone_bound_is_where_the_gradient_changes_sign(gamma: int) -> None:
    p_P = np.linspace(1e-4, 1 - 1e-4, 20_001)
    bound = monotone_from(gamma)
    assert slope("simple", p_P, bound + 0.002, gamma).min() > 0
    assert slope("simple", p_P, bound - 0.002, gamma).min() < 0


def test_with_gamma_1_the_printed_gradient_is_that_of_log_loss() -> None:
    p_P = np.linspace(0.1, 0.9, 9)
    for head in figure_4.HEADS:
        assert printed(head, p_P, 0.7, 1.0) == pytest.approx(1 - p_P)
