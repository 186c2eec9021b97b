"""Made-up probe data with known answers, against the text's statements about the figures."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from tests.analysis.claims.audit_help import of_runs, row
from tests.analysis.conftest import Held
from tests.made_records import made_timing
from workflow.analysis.claims.mechanisms import shares_of_bins
from workflow.analysis.claims.order import mean_of
from workflow.analysis.claims.theory import STEPS
from workflow.analysis.compare.points import p_value
from workflow.analysis.stats.uncertainty import Estimate
from workflow.plan.campaign import Plan
from workflow.plan.cells import Cell
from workflow.train.probes import class_counts, histogram
from workflow.train.record import ClassCounts, GradientNorms, Histogram, ProbeData
from workflow.train.timing_record import write_timing

MakePlan = Callable[..., Plan]
PutProbed = Callable[..., None]
NOISE = (-2, 1, 0, -1, 2)


def put_noisy(plan: Plan, put: Callable[..., None], score: Callable[[Cell], float | None], unit: float = 5e-5) -> None:
    """Five runs of each cell that has a score."""
    for cell in plan.cells:
        if (auc := score(cell)) is not None:
            for run, noise in zip(cell.runs, NOISE, strict=True):
                put(run, auc=auc + noise * unit)


def bars(epoch: int, split: str, misclassified: int, poorly: int, well: int) -> Histogram:
    """A histogram whose positives, of 1,000 rows, are in these classes."""
    positives = [0] * 50
    positives[0], positives[20], positives[49] = misclassified, poorly, well
    return Histogram(epoch=epoch, split=split, positives=tuple(positives), negatives=(0,) * 50)  # pyright: ignore[reportArgumentType]


def test_bins_are_counted_as_the_classes_of_figure_10() -> None:
    rng = np.random.default_rng(1)
    y_N = rng.integers(0, 2, 500).astype(np.float32)
    score_N = (rng.integers(0, 50, 500) / 50 + 0.01).astype(np.float32)  # no row on a class bound
    counted = class_counts(1, "valid", y_N, score_N)
    both = np.array(counted.positives) + np.array(counted.negatives)
    assert shares_of_bins(histogram(1, "valid", y_N, score_N)) == pytest.approx(100 * both / both.sum())


@pytest.mark.parametrize(
    ("last", "wrong", "words"),
    [
        (290, 100, ("holds", "holds")),
        (150, 100, ("does not hold", "holds")),
        (290, 600, ("holds", "does not hold")),
    ],
)
def test_figure_2(real_plan: MakePlan, put_probed: PutProbed, last: int, wrong: int, words: tuple[str, str]) -> None:
    """Hard rows of validation stay at 30 % or are halved; on train 10 or 60 % are misclassified at first."""
    plan = real_plan("figure_2", datasets=["frappe", "ml-tag"])
    for cell in plan.cells:
        for run, noise in zip(cell.runs, NOISE, strict=True):
            train = [bars(epoch, "train", wrong - noise, 100, 900 - wrong + noise) for epoch in (1, 10)]
            valid = [
                bars(1, "valid", 300 + noise, 300 + noise, 400 - 2 * noise),
                bars(10, "valid", last + noise, 300, 700 - last - noise),
            ]
            put_probed(run, ProbeData(histograms=(*train, *valid)))
    found = of_runs(plan, "F2.fit", "F2.easy", "F2.frappe")
    assert (found["F2.fit"].verdict.word, found["F2.easy"].verdict.word) == words
    assert found["F2.frappe"].verdict.word == ("holds" if wrong < last else "does not hold")
    assert "frappe: misclassified on validation, last minus 0.9 of first" in {
        item.label for item in found["F2.fit"].items
    }


def test_a_change_within_the_noise_is_inconclusive_and_a_dataset_without_runs_is_open(
    real_plan: MakePlan, put_probed: PutProbed
) -> None:
    plan = real_plan("figure_2", datasets=["frappe"])
    for run, noise in zip(plan.cells[0].runs, NOISE, strict=True):
        flat = [bars(epoch, split, 400 + noise, 200, 400 - noise) for epoch in (1, 10) for split in ("train", "valid")]
        put_probed(run, ProbeData(histograms=tuple(flat)))
    item, other = of_runs(plan, "F2.easy")["F2.easy"].items
    assert (item.verdict.word, other.verdict.word) == ("open", "not run")
    values = [(400 - noise - 400 - noise) / 10 for noise in NOISE]
    p = float(stats.ttest_1samp(values, 0)[1])  # pyright: ignore[reportArgumentType]
    assert f"p {p_value(p)}" in item.measured


def norms(start: float, end: float, seed: int, steps: int = 800) -> tuple[float, ...]:
    noise = np.random.default_rng(seed).normal(0, 0.02, steps)
    return tuple(float(value) for value in np.linspace(start, end, steps) + noise)


@pytest.mark.parametrize(
    ("complex_", "simple", "still", "words"),
    [
        ((0.2, 0.3), (0.3, 0.2), (0.3, 0.3), ("holds", "holds")),
        ((0.3, 0.2), (0.3, 0.2), (0.3, 0.2), ("does not hold", "does not hold")),
        ((0.3, 0.3), (0.3, 0.2), (0.3, 0.3), ("does not hold", "holds")),
    ],
)
def test_figure_5(
    real_plan: MakePlan,
    put_probed: PutProbed,
    complex_: tuple[float, float],
    simple: tuple[float, float],
    still: tuple[float, float],
    words: tuple[str, str],
) -> None:
    plan = real_plan("figure_5", datasets=["criteo"])
    for cell in plan.cells:
        ends = (simple, complex_) if cell.at["loss"] == "twin_focus" else (still, still)
        for run in cell.runs:
            curves = [norms(*end, seed=run.seed + place) for place, end in enumerate(ends)]
            put_probed(run, ProbeData(gradient_norms=(GradientNorms(epoch=1, simple=curves[0], complex=curves[1]),)))
    found = of_runs(plan, "F5.part", "F5.stay", "F5.part-elsewhere")
    assert (found["F5.part"].verdict.word, found["F5.stay"].verdict.word) == words
    assert found["F5.part-elsewhere"].verdict.word == "not run"


def counts(epoch: int, split: str, positives: Sequence[int], negatives: Sequence[int]) -> ClassCounts:
    return ClassCounts(epoch=epoch, split=split, positives=tuple(positives), negatives=tuple(negatives))  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(("better", "word"), [(30, "holds"), (-30, "does not hold"), (0, "open")])
def test_figure_10(real_plan: MakePlan, put_probed: PutProbed, better: int, word: str) -> None:
    """TF4CTR has 30 poorly classified positives fewer than DualMLP, or more, and gets better epoch by epoch."""
    plan = real_plan("figure_10", datasets=["frappe", "ml-tag"])
    for cell in plan.cells:
        plus = better if cell.at["model"] == "TF4CTR" else 0
        for run, noise in zip(cell.runs, NOISE, strict=True):
            made = [
                counts(epoch, split, (200, 200 - plus - epoch - noise, 600 + plus + epoch + noise), (50, 50, 900))
                for epoch in range(1, 21)
                for split in ("valid", "test")
            ]
            put_probed(run, ProbeData(class_counts=tuple(made)))
    found = of_runs(plan, "F10.well", "F10.poorly", "F10.positives", "F10.refines")
    assert (found["F10.well"].verdict.word, found["F10.poorly"].verdict.word) == (word, word)
    assert len(found["F10.well"].items) == 4
    if better:
        assert found["F10.well"].items[0].measured.startswith(f"{better / 20:+.3f} %".replace("-", "−"))
    # nothing varies between seeds here, so that no test can be made
    assert "no spread" in found["F10.positives"].explanation
    assert found["F10.positives"].verdict.word == "open"


@pytest.mark.parametrize(("step", "word"), [(-0.001, "holds"), (0.001, "does not hold"), (0.0, "open")])
def test_a_trend_of_a_sweep(real_plan: MakePlan, put: Callable[..., None], step: float, word: str) -> None:
    plan = real_plan("figure_8", datasets=["frappe", "ml-tag", "ml-1m"])
    for place, cell in enumerate(plan.cells):
        for run, noise in zip(cell.runs, NOISE, strict=True):
            put(run, auc=0.95 + step * float(cell.at["gamma"]) + noise * (1 + place % 5) / 20_000)
    found = of_runs(plan, "P56.trend", "P52.trend")
    assert (found["P56.trend"].verdict.word, found["P52.trend"].verdict.word) == (word, "not run")
    assert len(found["P56.trend"].items) == 3


def test_ratios_of_times(real_plan: MakePlan) -> None:
    plan = real_plan("table_6", datasets=["kkbox"], campaign="small")
    ratio = {"DNN (Base)": 1.0, "DualMLP": 1.085, "TF4CTR (SER+MoEF)": 2.0, "CL4CTR": 1.0}

    def seconds(place: int, label: str) -> tuple[list[float], list[float]]:
        train = [10 * slow * (ratio.get(label, 1.5) + off) for slow, off in ((1, 0), (2, 0.005), (3, 0.01))]
        return train, [slow * (1 + (place == 5) * off) for slow, off in ((1, 0.01), (2, 0.0), (3, 0.02))]

    write_timing(Path("results/timings/small.json"), made_timing(plan, seconds))
    found = of_runs(plan, "P63", "P64", "P63.infer")
    words = {name: one.verdict.word for name, one in found.items()}
    assert words == {"P63": "holds", "P64": "does not hold", "P63.infer": "holds"}
    assert "x, rounds from 1.08" in found["P63"].items[0].measured


@pytest.mark.parametrize(
    ("gain", "word", "mean"),
    [
        (0.0036, "holds", "does not hold"),
        (0.001, "holds, smaller", "does not hold"),
        (-0.001, "reversed", "does not hold"),
        (0.00005, "does not hold", "holds"),
    ],
)
def test_a_mean_gain_over_four_datasets(
    real_plan: MakePlan, put: Callable[..., None], gain: float, word: str, mean: str
) -> None:
    plan = real_plan("table_4", "table_2", datasets=["kkbox", "criteo", "ml-tag", "frappe"])
    scores = {"TF4CTR": 0.9054 + gain, "DualMLP": 0.9054}
    put_noisy(plan, put, lambda cell: None if "variant" in cell.at else scores.get(cell.at["model"]))
    found = of_runs(plan, "P39", "P38")
    assert found["P39"].verdict.word == word
    assert found["P38"].verdict.word == mean  # the text has 90.54, our runs 90.54 and 100 times the gain


def test_runs_that_spread_too_far_do_not_settle_a_mean(real_plan: MakePlan, put: Callable[..., None]) -> None:
    plan = real_plan("table_4", datasets=["kkbox", "criteo", "ml-tag", "frappe"])
    put_noisy(plan, put, lambda _: 0.90545, 1e-3)
    assert of_runs(plan, "P38")["P38"].verdict.word == "open"


@pytest.mark.parametrize(("later", "word"), [(0.9003, "holds"), (0.903, "does not hold"), (0.9010, "open")])
def test_dualmlp_settles_where_the_best_later_epoch_gains_little(
    real_plan: MakePlan, held: Held, later: float, word: str
) -> None:
    plan = real_plan("figure_10", datasets=["frappe", "ml-tag"])
    for cell in plan.cells:
        for run, noise in zip(cell.runs, NOISE, strict=True):
            held.put(run)
            record = held[run.key]
            auc_E = [0.8, *[0.9] * 8, later + noise / 20_000, 0.85]  # epochs 6 and 8 are on the level stretch
            epochs = [
                record.epochs[0].model_copy(
                    update={"epoch": number, "valid": record.epochs[0].valid.model_copy(update={"auc": auc})}
                )
                for number, auc in enumerate(auc_E, 1)
            ]
            held[run.key] = record.model_copy(update={"epochs": tuple(epochs)})
    found = of_runs(plan, "P61")["P61"]
    assert found.verdict.word == word
    assert len(found.items) == 2


def test_what_focusing_adds_is_judged_against_our_row_without_it_and_other_datasets_stay_open(
    real_plan: MakePlan, put: Callable[..., None]
) -> None:
    plan = real_plan("table_2", datasets=["frappe"])
    for cell in plan.cells:
        focused = cell.at["loss"] == "twin_focus"  # its runs are paired with the others', so their spread must differ
        for run, noise in zip(cell.runs, NOISE, strict=True):
            put(run, auc=0.98 + (0.001 if focused else 0.0) + noise / (30_000 if focused else 20_000))
    found = of_runs(plan, "P20.gamma")["P20.gamma"]
    assert found.measured == "6 gain, 18 not run"
    assert found.verdict.word == "open"


def test_a_mean_of_estimates_has_satterthwaites_degrees_of_freedom() -> None:
    """Two of equal variance and size: Welch's test of their sum, as scipy has it."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(0, 1, 5), rng.normal(0, 2, 7)
    own = mean_of([Estimate(x.mean(), x.var(ddof=1) / 5, 0.0, 4), Estimate(y.mean(), y.var(ddof=1) / 7, 0.0, 6)])
    assert own.p == pytest.approx(stats.ttest_ind(x, -y, equal_var=False)[1])


def test_the_loss_and_gamma_where_it_is_known() -> None:
    """(c + p)^γ shrinks with γ exactly where c + p is below 1, so up to p = 1 − c."""
    assert [c for c, _ in STEPS] == [0.7, 0.7, 0.8, 0.8, 0.9, 0.9]
    simple = row("F4.simple", "paper").items
    assert [item.verdict.word for item in simple] == ["consistent"] * 2 + ["inconsistent"] * 4
    assert "rises for p from 0.20 to 0.30" in simple[2].measured
    assert row("F4.c", "paper").items[0].measured.startswith("crosses at p 0.50 (c 0.5), 0.30 (c 0.7)")
    for claim in ("F4.simple-others", "E14.hard-simple", "E14.hard-complex"):
        assert row(claim, "paper").verdict.word == "consistent"
