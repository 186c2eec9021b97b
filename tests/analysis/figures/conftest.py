"""A campaign of figures only, its probes, and the text of a figure."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from workflow.analysis.evidence.load import Evidence
from workflow.analysis.figures.builders import BUILDERS
from workflow.analysis.figures.figure_11 import EXPERIMENT
from workflow.plan.campaign import Plan
from workflow.plan.config import ROOT, available, load_experiment

DATASETS = ["frappe", "ml-1m", "criteo"]


@pytest.fixture
def plan_of(config: Path, make_plan: Callable[..., Plan]) -> Callable[..., Plan]:
    """A campaign of figures only, on the three synthetic datasets."""
    for name in (*BUILDERS, EXPERIMENT):  # Figure 11 draws the trials of `tuned`
        shutil.copy(ROOT / "config" / "experiments" / f"{name}.yaml", config / "experiments")
    available.cache_clear()
    load_experiment.cache_clear()

    def make(*figures: str, **changes: object) -> Plan:
        return make_plan(datasets=DATASETS, experiments=list(figures), **changes)

    return make


@pytest.fixture
def csv() -> Callable[[str], pd.DataFrame]:
    """The long data of a rendered figure."""
    return lambda figure: pd.read_csv(
        Path("f", f"{figure}.csv"), dtype={"value": str}, keep_default_na=False, na_values=[""]
    )


@pytest.fixture
def small_print() -> Callable[[Plan, str], str]:
    """The notes under a figure, as one line."""

    def read(plan: Plan, figure: str) -> str:
        drawn, _ = BUILDERS[figure](Evidence.load(plan), figure)
        return " ".join(each.get_title().get_text().replace("\n", " ") for each in drawn.legends)

    return read
