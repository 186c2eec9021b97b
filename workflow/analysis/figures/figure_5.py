"""Figure 5: the gradients that reach z_s and z_c at each step of the first epoch.

Shapes: S steps.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from workflow.analysis.evidence.dataset import OnDataset, by_dataset, gap_note
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.figures.panels import evidence_notes, nothing_of, seeds_note
from workflow.analysis.figures.style import (
    BLUE,
    VERMILLION,
    Axes,
    Figure,
    blank,
    canvas,
    legend,
    line_handle,
    say_in,
    whole_numbers,
)

PAPER = ("criteo",)
LOSSES = {"twin_focus": "L_ctr + L_TF", "log": "L_ctr"}
COLUMNS = ("dataset", "loss", "step", "branch", "mean_norm", "sd", "runs")
BRANCHES = {"simple": ("$z_s$ (simple encoder)", VERMILLION, "-"), "complex": ("$z_c$ (complex encoder)", BLUE, "--")}
SMOOTHED_FROM = 400  # steps; a longer curve is drawn with its moving mean


def build(evidence: Evidence, experiment: str) -> tuple[Figure, pd.DataFrame]:
    """Draw (a) with L_TF and (b) without, a row per dataset."""
    panels = by_dataset(evidence, experiment)
    frame = pd.DataFrame([row for panel in panels for row in rows_of(panel)], columns=list(COLUMNS))
    if empty := nothing_of(panels):
        return empty, frame
    figure, axes = canvas(len(panels), 2, height_in=1.55 * len(panels) + 0.75, sharey="row")
    for row, panel in enumerate(panels):
        beyond = "" if panel.dataset in PAPER else ", not in the paper's figure"
        for column, one in enumerate(panel.cells):
            axis = axes[row, column]
            part = frame[(frame["dataset"] == panel.dataset) & (frame["loss"] == LOSSES[one.at["loss"]])]
            draw(axis, part, gap_note(one.records))
            axis.set_title(f"({'ab'[column]}) {pretty(LOSSES[one.at['loss']])}: {panel.title}{beyond}")
        axes[row, 0].set_ylabel("mean ‖∂ℓ/∂z‖ of a sample")
        axes[row, 0].set_ylim(bottom=0)  # both are drawn: they share the scale
    for axis in axes[-1]:
        axis.set_xlabel("step of the first epoch")
    for axis in axes.flat:
        whole_numbers(axis)
    same = "(b): the fused logit is $z_s + z_c$, so log loss alone gives both the same gradient, exactly."
    notes = [same, *seeds_note(panels), *evidence_notes(evidence, experiment, panels)]
    legend(figure, [line_handle(name, colour, linestyle=line) for name, colour, line in BRANCHES.values()], 2, notes)
    return figure, frame


def pretty(label: str) -> str:
    """The loss as the paper writes it."""
    return label.replace("L_ctr", r"$L_{ctr}$").replace("L_TF", r"$L_{TF}$")


def rows_of(panel: OnDataset) -> list[dict[str, object]]:
    """One row per loss, branch and step: mean and standard deviation over seeds."""
    rows = []
    for one in panel.cells:
        curves = [norms for record in one.finished for norms in record.probes.gradient_norms[:1]]
        for branch in BRANCHES:
            values_RS = np.array([getattr(norms, branch) for norms in curves])
            if not values_RS.size:
                continue
            deviations = values_RS.std(axis=0, ddof=1) if len(values_RS) > 1 else np.full(values_RS.shape[1], np.nan)
            for step, (mean, sd) in enumerate(zip(values_RS.mean(axis=0), deviations, strict=True), start=1):
                place = {"dataset": panel.dataset, "loss": LOSSES[one.at["loss"]], "step": step, "branch": branch}
                rows.append({**place, "mean_norm": float(mean), "sd": float(sd), "runs": len(values_RS)})
    return rows


def draw(axis: Axes, part: pd.DataFrame, gap: str) -> None:
    """Draw both branches; a long curve pale, with its moving mean on top."""
    if part.empty:
        blank(axis, gap)
        return
    for branch, (_, colour, line) in BRANCHES.items():
        own = part[part["branch"] == branch]
        step_S, value_S = own["step"].to_numpy(), own["mean_norm"].to_numpy()
        smooth = len(step_S) >= SMOOTHED_FROM
        axis.plot(
            step_S, value_S, color=colour, linestyle=line, alpha=0.25 if smooth else 1, linewidth=0.5 if smooth else 1
        )
        if smooth:
            axis.plot(step_S, moving_mean(value_S, len(step_S) // 40), color=colour, linestyle=line)
        if own["sd"].notna().any():
            axis.fill_between(step_S, value_S - own["sd"], value_S + own["sd"], color=colour, alpha=0.2, linewidth=0)
    say_in(axis, gap)


def moving_mean(value_S: npt.NDArray[np.float64], width: int) -> npt.NDArray[np.float64]:
    """Mean of the `width` steps around each; near the ends of as many as there are.

    Examples
    --------
    >>> moving_mean(np.array([0.0, 3.0, 3.0, 0.0]), 3).tolist()
    [1.5, 2.0, 2.0, 1.5]
    """
    kernel_W = np.ones(width)
    return np.convolve(value_S, kernel_W, "same") / np.convolve(np.ones_like(value_S), kernel_W, "same")
