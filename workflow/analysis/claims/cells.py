"""Where a claim's cells are among our runs: a campaign's frame by the paper's coordinates."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from workflow.analysis.claims.evaluate import Scope
from workflow.analysis.claims.expressions import Selector
from workflow.analysis.claims.facts import Coordinates, label, matches, resolve
from workflow.analysis.claims.registry import CellRule
from workflow.analysis.claims.results import AuditVerdict

# The paper's metric → our column.
COLUMN = {"auc": "test_auc", "gauc": "test_gauc", "train_s": "first_train_s", "infer_s": "first_eval_s"}
_KEYS = {"simple_units": "units"}


@dataclass(frozen=True)
class RunCell:
    """One configuration of the campaign with its rows, one per seed."""

    experiment: str
    name: str
    at: Coordinates
    rows: pd.DataFrame

    @cached_property
    def _values(self) -> dict[str, list[float]]:
        finished = self.rows[self.rows["status"] == "ok"]
        return {metric: [float(value) for value in finished[name].dropna()] for metric, name in COLUMN.items()}

    @cached_property
    def fault(self) -> AuditVerdict | None:
        """Why the cell's runs are no evidence for any metric; None where they are."""
        origins = set(self.rows["data_origin"].dropna())
        rules = (
            ("twin" in origins, AuditVerdict.TWIN),
            (bool(origins - {"published"}), AuditVerdict.OTHER_DATA),
            ("other" in set(self.rows["protocol"]), AuditVerdict.OTHER_PROTOCOL),
            ("failed" in set(self.rows["status"]), AuditVerdict.FAILED),
        )
        return next((verdict for applies, verdict in rules if applies), None)

    def scores(self, metric: str) -> list[float]:
        """Values of the runs that finished."""
        return self._values[metric]

    @property
    def parameters(self) -> int:
        """How many parameters the model has."""
        return int(self.rows.loc[self.rows["status"] == "ok", "parameters"].iloc[0])

    @property
    def keys(self) -> tuple[str, ...]:
        """Identities of the runs."""
        return tuple(str(key) for key in self.rows["run_key"])


@dataclass(frozen=True)
class Target:
    """A cell that a claim speaks of; `cell` is None where the campaign does not plan it."""

    at: Coordinates
    cell: RunCell | None

    @property
    def label(self) -> str:
        """Where the paper has it, without its metric."""
        return label({key: value for key, value in self.at.items() if key != "metric"})

    def state(self, metric: str) -> AuditVerdict | None:
        """Why the cell gives no evidence; None where it does."""
        if self.cell is None:
            return AuditVerdict.NOT_RUN
        if self.cell.fault is not None:
            return self.cell.fault
        return None if self.cell.scores(metric) else AuditVerdict.NOT_RUN

    @property
    def keys(self) -> tuple[str, ...]:
        """Identities of the cell's runs."""
        return self.cell.keys if self.cell else ()


class Campaign:
    """The cells of a collected frame."""

    def __init__(self, frame: pd.DataFrame, rules: Sequence[CellRule]) -> None:
        grouped = frame.groupby(["experiment", "dataset", "cell"], sort=False)
        self.cells = [_run_cell(rows) for _, rows in grouped]
        self.rules = rules

    def targets(self, scope: Scope, selector: Selector, item: Coordinates) -> list[Target]:
        """Cells that a selector names: those that the paper prints, or those of a sweep's figure."""
        if selector.figure is not None:
            wanted = {key: value for key, value in resolve(selector, item).items() if key != "metric"}
            return [Target(cell.at, cell) for cell in self.cells if matches(cell.at, wanted)]
        found: dict[tuple[tuple[str, str], ...], Target] = {}
        for fact in scope.select(selector, item):
            target = self.target(fact.at)
            found.setdefault(tuple(target.at.items()), target)
        return list(found.values())

    def target(self, at: Coordinates) -> Target:
        """The cell at a printed number's place."""
        place = {name: value for name, value in at.items() if name != "metric"}
        return Target(place, self._find(place))

    def _find(self, at: Coordinates) -> RunCell | None:
        """Follow the registry's rule for the table; None where the campaign does not plan the cell."""
        rule = next((rule for rule in self.rules if _applies(rule, at)), None)
        if rule is None:
            return None
        name, dataset = rule.label.format(**at), rule.dataset or at.get("dataset", "")
        return next(
            (
                cell
                for cell in self.cells
                if (cell.experiment, cell.at["dataset"], cell.name) == (rule.experiment, dataset, name)
            ),
            None,
        )


def _applies(rule: CellRule, at: Coordinates) -> bool:
    return rule.table == at.get("table") and rule.variant in (None, at.get("variant"))


def _run_cell(rows: pd.DataFrame) -> RunCell:
    first: dict[Any, Any] = rows.iloc[0].to_dict()
    experiment = str(first["experiment"])
    at = {"source": "paper", "dataset": str(first["dataset"])}
    kind, _, number = experiment.partition("_")
    if kind == "figure":
        at["figure"] = number
    for key, value in json.loads(str(first["keys"])).items():
        at[_KEYS.get(str(key), str(key))] = _text(value)
    return RunCell(experiment, str(first["cell"]), at, rows)


def _text(value: Any) -> str:
    """A grid point's value as the registry writes it: 0.25, 1, "[400, 400]"."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:g}"
    return value if isinstance(value, str) else json.dumps(value)
