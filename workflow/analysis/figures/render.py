"""A drawn figure as PDF, PNG and SVG, with the CSV that it draws."""

from math import isnan
from pathlib import Path

import pandas as pd

from workflow.analysis.compare.points import rounded
from workflow.analysis.figures.style import Figure, drawn
from workflow.analysis.pages.output import write_files
from workflow.analysis.pages.sheet import to_csv


def write(figure: Figure, frame: pd.DataFrame, stem: Path) -> list[Path]:
    """Write <stem>.pdf, .png, .svg and .csv, and give these paths; in the project's style."""
    rows = [{str(name): _written(value) for name, value in row.items()} for row in frame.to_dict("records")]
    return write_files(stem, {**drawn(figure), "csv": to_csv(rows, list(frame.columns))})


def _written(value: object) -> object:
    """Ten digits of a float, since further ones depend on the machine; nothing for a missing value."""
    if isinstance(value, float):
        return "" if isnan(value) else rounded(value)
    return value
