"""The runs behind cells and claims: one section per configuration, with its seeds."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from shlex import quote
from typing import Any

from workflow.analysis.compare.words import Verdict
from workflow.analysis.evidence.load import Evidence, status_of
from workflow.analysis.evidence.standing import Obstacle
from workflow.plan.config import ROOT
from workflow.plan.places import is_figure
from workflow.spec import RunSpec
from workflow.train.record import Record


@dataclass(frozen=True)
class Config:
    """All seeds of one configuration, each with its record; `labels` are of the cells that it stands for."""

    runs: tuple[tuple[RunSpec, Record | None], ...]
    labels: tuple[str, ...]
    needed_by: tuple[str, ...]  # experiments
    claims: tuple[str, ...]

    @property
    def first(self) -> RunSpec:
        """One of them."""
        return self.runs[0][0]

    @property
    def title(self) -> str:
        """Its model and loss."""
        base = getattr(self.first.model, "base", None)
        return f"{self.first.model.name}{f' of {base.name}' if base else ''}, {self.first.loss.name} loss"

    @property
    def statuses(self) -> list[str]:
        """Of each seed: ok, failed or not run."""
        return [status_of(record) for _, record in self.runs]

    @property
    def aucs(self) -> list[float]:
        """On the test set, of the seeds that gave one."""
        return [record.test.auc for _, record in self.runs if record and record.test]

    @property
    def verdict(self) -> Verdict | None:
        """Said where seeds are missing."""
        found = self.statuses
        if found.count("ok") == len(found):
            return None
        return Verdict(
            Obstacle.FAILED if "failed" in found else Obstacle.INCOMPLETE if "ok" in found else Obstacle.NOT_RUN
        )

    @property
    def spec(self) -> str:
        """The resolved specification, less the dataset's, which many share."""
        values = self.first.canonical()
        values["dataset"] = {"name": self.first.dataset.name, "id": self.first.dataset.id}
        del values["seed"]
        return as_json(values)


def configs_of(evidence: Evidence, cited: Mapping[str, Iterable[str]]) -> dict[str, list[Config]]:
    """Every run of the campaign, by dataset and configuration, in the plan's order.

    `cited` has, by run key, the claims that name it.
    """
    plan = evidence.plan
    labels: dict[str, dict[str, None]] = {}
    for cell in plan.cells:  # labels of figures are bare values and need their figure beside them
        label = f"{cell.experiment.replace('_', ' ')}: {cell.label}" if is_figure(cell.experiment) else cell.label
        labels.setdefault(cell.runs[0].id, {})[label] = None
    groups: dict[str, list[tuple[RunSpec, frozenset[str]]]] = {}
    for run, needed_by in plan.runs.values():
        groups.setdefault(run.id, []).append((run, needed_by))
    found: dict[str, list[Config]] = {}
    for id_, group in groups.items():
        used = frozenset[str]().union(*(names for _, names in group))
        config = Config(
            runs=tuple((run, evidence.records.get(run.key)) for run, _ in group),
            labels=tuple(labels[id_]),
            needed_by=tuple(name for name in plan.campaign.experiments if name in used),
            claims=tuple(dict.fromkeys(claim for run, _ in group for claim in cited.get(run.key, ()))),
        )
        found.setdefault(config.first.dataset.id, []).append(config)
    return found


def series_of(record: Record) -> dict[str, list[tuple[int, float]]]:
    """Training loss and validation scores by epoch, as far as they are finite."""
    found: dict[str, list[tuple[int, float | None]]] = {
        "Training loss": [(one.epoch, one.train_loss) for one in record.epochs],
        "Validation AUC": [(one.epoch, one.valid.auc) for one in record.epochs],
        "Validation gAUC": [(one.epoch, one.valid.gauc) for one in record.epochs],
    }
    known = {
        title: [(epoch, value) for epoch, value in points if value is not None and isfinite(value)]
        for title, points in found.items()
    }
    return {title: points for title, points in known.items() if points}


def as_json(values: Mapping[str, Any]) -> str:
    """A specification for readers."""
    return json.dumps(values, indent=1, sort_keys=True, ensure_ascii=False)


def anchor_of(key: str) -> str:
    """Where the page has a run."""
    return f"run-{key.replace('/', '-')}"


def href_of(keys: Iterable[str], known: frozenset[str]) -> str | None:
    """A link to a run, or to the configuration of several runs.

    None for runs that the page does not have.
    """
    present = [key for key in keys if key in known]
    if not present:
        return None
    return f"#{anchor_of(present[0])}" if len(present) == 1 else f"#run-{present[0].partition('/')[0]}"


def configfile_of(evidence: Evidence) -> Path:
    """The campaign's file: in config/, else what the archive or the last call has of it."""
    shipped = Path("config", f"{evidence.plan.campaign.campaign}.yaml")
    if (ROOT / shipped).is_file():
        return shipped
    return Path(evidence.archive).with_name("campaign.json") if evidence.archive else evidence.plan.resolved


def command_of(configfile: Path, run: RunSpec, done: bool) -> str:
    """The shell command that trains only this run; the record of a finished one is deleted first."""
    make = f"python -m workflow train --configfile {quote(configfile.as_posix())} {quote(run.key)}"
    return f"rm -f {quote(run.record_path.as_posix())} && {make}" if done else make
