"""A rendered table as readers see it, and helpers for tests of tables."""

import csv
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from workflow.analysis.evidence.load import Evidence
from workflow.analysis.tables.builders import render
from workflow.plan.campaign import Plan
from workflow.spec import RunSpec

MakePlan = Callable[..., Plan]
Put = Callable[..., Path]
OUT = Path("paper_tables/out")


class Rendered:
    """The files of a table, rendered now."""

    def __init__(self, evidence: Evidence | Plan, name: str) -> None:
        render(evidence if isinstance(evidence, Evidence) else Evidence.load(evidence), name, OUT)
        self.files = {kind: (OUT / f"{name}.{kind}").read_text(encoding="utf-8") for kind in ("md", "tex", "csv")}
        with (OUT / f"{name}.csv").open(newline="", encoding="utf-8") as stream:
            self.rows = list(csv.DictReader(stream))

    @property
    def text(self) -> str:
        """As Markdown."""
        return self.files["md"]

    @cached_property
    def lines(self) -> list[list[str]]:
        """The fields of each line of a table in it."""
        lines = (line for line in self.text.splitlines() if line.startswith("|"))
        return [[part.strip() for part in line.split("|")[1:-1]] for line in lines]

    def has(self, *fields: str) -> bool:
        """Whether a line begins with these fields."""
        return list(fields) in [line[: len(fields)] for line in self.lines]

    @cached_property
    def numbers(self) -> dict[tuple[str, str, str], dict[str, str]]:
        """Long data by dataset, item and metric."""
        return {(row["dataset"], row["item"], row["metric"]): row for row in self.rows if row["kind"] == "number"}

    @cached_property
    def comparisons(self) -> dict[str, dict[str, str]]:
        """Long data by the comparison's id."""
        return {row["id"]: row for row in self.rows if row["kind"] == "comparison"}


def runs_of(plan: Plan, dataset: str, label: str, experiment: str) -> tuple[RunSpec, ...]:
    """The runs of a cell, by its label."""
    return next(c.runs for c in plan.cells if (c.experiment, c.dataset, c.label) == (experiment, dataset, label))
