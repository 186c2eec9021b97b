"""Figures, from records only: each as PDF and PNG, with the CSV that it draws."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from workflow.analysis.figures import figure_2, figure_4, figure_5, figure_10, sweeps
from workflow.analysis.figures.style import Figure, house_style, save
from workflow.errors import UserError, nearest
from workflow.plan import Plan

Builder = Callable[[Plan, str], tuple[Figure, pd.DataFrame]]
BUILDERS: dict[str, Builder] = {
    "figure_2": figure_2.build,
    "figure_4": figure_4.build,
    "figure_5": figure_5.build,
    "figure_6": sweeps.build,
    "figure_7": sweeps.build,
    "figure_8": sweeps.build,
    "figure_9": sweeps.build,
    "figure_10": figure_10.build,
}


def render(plan: Plan, experiment: str, out: Path) -> None:
    """Write <out>/<experiment>.pdf, .png and .csv, from the records that exist.

    Parameters
    ----------
    plan : Plan
        The expanded campaign.
    experiment : str
        Name of an experiment that is a figure.
    out : Path
        The folder, such as figures/<campaign>.

    Raises
    ------
    UserError
        When the experiment is no known figure, or a record is damaged. Nothing is written then.
    """
    if experiment not in BUILDERS:
        raise UserError(f"experiment {experiment!r} has no figure; {nearest(experiment, BUILDERS)}")
    with house_style():
        figure, frame = BUILDERS[experiment](plan, experiment)
        save(figure, frame, out / experiment)
