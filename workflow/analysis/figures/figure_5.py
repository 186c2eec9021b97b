"""Figure 5: the gradients that reach z_s and z_c at each step of the first epoch.

Shapes: S steps.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from workflow.analysis.evidence.dataset import OnDataset, by_dataset, gap_note
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.figures import style
from workflow.analysis.figures.panels import evidence_notes, nothing_of, over_runs, seeds_note

PAPER = ("criteo",)
LOSSES = {"twin_focus": "L_ctr + L_TF", "log": "L_ctr"}
PLACE = ("dataset", "loss", "step", "branch")
BRANCHES = {
    "simple": ("$z_s$ (simple encoder)", style.VERMILLION, "-"),
    "complex": ("$z_c$ (complex encoder)", style.BLUE, "--"),
}
SMOOTHED_FROM = 400  # steps; a longer curve is drawn with its moving mean


def build(evidence: Evidence, experiment: str) -> tuple[style.Figure, pd.DataFrame]:
    """Draw (a) with L_TF and (b) without, a row per dataset."""
    panels = by_dataset(evidence, experiment)
    norms = (row for panel in panels for row in _rows(panel))
    frame = over_runs(norms, PLACE, mean_norm=("norm", "mean"), sd=("norm", "std"), runs=("norm", "size"))
    if empty := nothing_of(panels):
        return empty, frame
    figure, axes = style.canvas(len(panels), 2, height_in=1.55 * len(panels) + 0.75, sharey="row")
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
        style.whole_numbers(axis)
    same = "(b): the fused logit is $z_s + z_c$, so log loss alone gives both the same gradient, exactly."
    notes = [same, *seeds_note(panels), *evidence_notes(evidence, experiment, panels)]
    style.legend(figure, 2, notes)
    return figure, frame


def pretty(label: str) -> str:
    """The loss as the paper writes it."""
    return label.replace("L_ctr", r"$L_{ctr}$").replace("L_TF", r"$L_{TF}$")


def _rows(panel: OnDataset) -> Iterator[dict[str, object]]:
    """One row per loss, run, branch and step."""
    for one in panel.cells:
        for norms in (norms for record in one.finished for norms in record.probes.gradient_norms[:1]):
            for branch in BRANCHES:
                for step, norm in enumerate(getattr(norms, branch), start=1):
                    place = (panel.dataset, LOSSES[one.at["loss"]], step, branch)
                    yield {**dict(zip(PLACE, place, strict=True)), "norm": norm}


def draw(axis: style.Axes, part: pd.DataFrame, gap: str) -> None:
    """Draw both branches; a long curve pale, with its moving mean on top."""
    if part.empty:
        style.blank(axis, gap)
        return
    for branch, (name, colour, line) in BRANCHES.items():
        own = part[part["branch"] == branch]
        step_S, value_S = own["step"].to_numpy(), own["mean_norm"].to_numpy()
        look: style.Look = {"color": colour, "linestyle": line}
        if len(step_S) < SMOOTHED_FROM:
            axis.plot(step_S, value_S, linewidth=1, label=name, **look)
        else:
            axis.plot(step_S, value_S, linewidth=0.5, alpha=0.25, **look)
            axis.plot(step_S, moving_mean(value_S, len(step_S) // 40), label=name, **look)
        if own["sd"].notna().any():
            axis.fill_between(step_S, value_S - own["sd"], value_S + own["sd"], color=colour, alpha=0.2, linewidth=0)
    style.say_in(axis, gap)


def moving_mean(value_S: npt.NDArray[np.float64], width: int) -> npt.NDArray[np.float64]:
    """Mean of the `width` steps around each; near the ends of as many as there are."""
    kernel_W = np.ones(width)
    return np.convolve(value_S, kernel_W, "same") / np.convolve(np.ones_like(value_S), kernel_W, "same")
