"""Rendering: an experiment's figure as PDF and PNG, with the CSV that it draws."""

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

import pandas as pd

from workflow.analysis.evidence.load import Evidence
from workflow.analysis.figures.style import Figure, house_style, save
from workflow.errors import UserError, nearest

Builder = Callable[[Evidence, str], tuple[Figure, pd.DataFrame]]
# Figure → module: Figures 6 to 9 are one kind.
MODULES: Mapping[str, str] = {
    **{f"figure_{number}": f"figure_{number}" for number in (2, 4, 5)},
    **dict.fromkeys((f"figure_{number}" for number in (6, 7, 8, 9)), "sweeps"),
    "figure_10": "figure_10",
}


def builder(experiment: str) -> Builder:
    """What draws a figure; no other figure's code is loaded.

    Raises
    ------
    UserError
        When the experiment is no known figure.
    """
    if experiment not in MODULES:
        raise UserError(f"experiment {experiment!r} has no figure; {nearest(experiment, MODULES)}")
    return import_module(f"workflow.analysis.figures.{MODULES[experiment]}").build


def render(evidence: Evidence, experiment: str, out: Path) -> None:
    """Write <out>/<experiment>.pdf, .png and .csv.

    Parameters
    ----------
    evidence : Evidence
        What there is of the campaign.
    experiment : str
        Name of an experiment that is a figure.
    out : Path
        The folder, such as figures/<campaign>.
    """
    build = builder(experiment)
    with house_style():
        figure, frame = build(evidence, experiment)
        save(figure, frame, out / experiment)
