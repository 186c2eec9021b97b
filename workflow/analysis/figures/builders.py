"""What draws each figure."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from workflow.analysis.evidence.load import Evidence
from workflow.analysis.figures import SWEEPS, figure_2, figure_4, figure_5, figure_10, figure_11, sweeps
from workflow.analysis.figures.style import Figure, house_style, write_figure
from workflow.errors import UserError, nearest

BUILDERS: Mapping[str, Callable[[Evidence, str], tuple[Figure, pd.DataFrame]]] = {
    "figure_2": figure_2.build,
    "figure_4": figure_4.build,
    "figure_5": figure_5.build,
    **dict.fromkeys(SWEEPS, sweeps.build),
    "figure_10": figure_10.build,
    "figure_11": figure_11.build,
}


def render(evidence: Evidence, experiment: str, out: Path) -> list[Path]:
    """Draw a figure and write <out>/<experiment>.pdf, .png, .svg and .csv, such as into figures/<campaign>."""
    if experiment not in BUILDERS:
        raise UserError(f"experiment {experiment!r} has no figure; {nearest(experiment, BUILDERS)}")
    with house_style():
        return write_figure(*BUILDERS[experiment](evidence, experiment), out / experiment)
