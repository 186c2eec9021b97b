"""What the paper's text says of Figures 6 to 9: paper/figures.yaml, typed."""

from functools import cache
from pathlib import Path
from typing import Literal

from workflow.plan.config import ROOT, read_yaml, validate
from workflow.settings import Frozen


class Sweep(Frozen):
    """The stated optima by dataset, as values of `coordinate`; several are a range."""

    location: str
    parameter: str
    coordinate: Literal["alpha", "c", "gamma", "units"]
    optimum: dict[str, tuple[str, ...]]
    note: str


class Stated(Frozen):
    """By figure."""

    figure_6: Sweep
    figure_7: Sweep
    figure_8: Sweep
    figure_9: Sweep


@cache
def load_stated(path: Path = ROOT / "paper" / "figures.yaml") -> Stated:
    """Read and check the transcription.

    Raises
    ------
    UserError
        When the file is missing, is not YAML, or breaks the schema; it names file and key.
    """
    return validate(Stated, read_yaml(path), str(path))
