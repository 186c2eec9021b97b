"""Rendering: an experiment's figure as PDF and PNG, with the CSV that it draws."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pandas as pd

from workflow.analysis.evidence.load import Evidence
from workflow.analysis.figures import MODULES
from workflow.analysis.figures.style import Figure, house_style, save
from workflow.errors import UserError, nearest

Builder = Callable[[Evidence, str], tuple[Figure, pd.DataFrame]]


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


def render(evidence: Evidence, experiment: str, out: Path) -> list[Path]:
    """Write <out>/<experiment>.pdf, .png and .csv, and give these paths.

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
    return [out / f"{experiment}.{suffix}" for suffix in ("pdf", "png", "csv")]
