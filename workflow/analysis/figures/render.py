"""Rendering: an experiment's figure as PDF, PNG and SVG, with the CSV that it draws."""

from math import isnan
from pathlib import Path

from workflow.analysis.compare.points import rounded
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.figures import MODULES
from workflow.analysis.figures.style import drawn, house_style
from workflow.analysis.pages.output import module_of, write_files
from workflow.analysis.pages.sheet import to_csv


def render(evidence: Evidence, experiment: str, out: Path) -> list[Path]:
    """Write <out>/<experiment>.pdf, .png, .svg and .csv, and give these paths.

    Parameters
    ----------
    evidence : Evidence
        What there is of the campaign.
    experiment : str
        Name of an experiment that is a figure.
    out : Path
        The folder, such as figures/<campaign>.

    Raises
    ------
    UserError
        When the experiment is no known figure.
    """
    build = module_of("figures", MODULES, experiment).build
    with house_style():
        figure, frame = build(evidence, experiment)
        pictures = drawn(figure)
    rows = [{name: _written(value) for name, value in row.items()} for row in frame.to_dict("records")]
    return write_files(out / experiment, {**pictures, "csv": to_csv(rows, list(frame.columns))})


def _written(value: object) -> object:
    """Ten digits of a float, since further ones depend on the machine; nothing for a missing value."""
    if isinstance(value, float):
        return "" if isnan(value) else rounded(value)
    return value
