"""What each model costs, beyond the paper: parameters, seconds, and AUC gained per parameter."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median

import pandas as pd

from workflow.analysis.evidence.collect import collect, read_planned
from workflow.analysis.evidence.prints import Paper
from workflow.analysis.pages.document import Document, Field, Section, Table
from workflow.analysis.pages.notes import campaign_notes, data_line, data_title, used_data
from workflow.config import ROOT, load_dataset
from workflow.cost import COSTED
from workflow.plan import Cell, Plan
from workflow.train.record import Record

LOSSES = ("log", "twin_focus")
REFERENCES = (("DNN", "log"), ("DualMLP", "log"))  # the first that the dataset has
LEAST_ADDED = 0.01  # of the reference's parameters
COLUMNS = (
    *("campaign", "dataset", "model", "loss", "n", "planned", "parameters_embedding", "parameters_rest"),
    *("train_s_per_epoch", "eval_s_per_epoch", "epochs_to_best", "seconds_to_best", "test_auc"),
    *("reference", "auc_gain", "added_parameters", "auc_gain_per_million", "authors_log"),
    *("authors_train_s_per_epoch", "authors_eval_s_per_epoch", "authors_epochs_to_best", "authors_seconds_to_best"),
)


@dataclass(frozen=True)
class Authors:
    """The authors' own times of a cell, from their log."""

    log: str
    train_s: float
    eval_s: float
    best_epoch: int

    @property
    def seconds_to_best(self) -> float:
        """Epochs until the best, at the mean time of an epoch."""
        return self.best_epoch * (self.train_s + self.eval_s)


@dataclass(frozen=True)
class Cost:
    """One model on one dataset, over the finished runs of its seeds."""

    dataset: str
    label: str
    loss: str
    model: str
    planned: int
    records: tuple[Record, ...]
    authors: Authors | None

    @property
    def parameters(self) -> int | None:
        """All trainable parameters."""
        return self.records[0].parameters.total if self.records else None

    @property
    def auc(self) -> float | None:
        """Mean test AUC."""
        values = [record.test.auc for record in self.records if record.test]
        return fmean(values) if values else None

    @property
    def train_s(self) -> float:
        """Median seconds of training in an epoch."""
        return median(epoch.train_s for record in self.records for epoch in record.epochs)

    @property
    def eval_s(self) -> float:
        """Median seconds of evaluation after an epoch."""
        return median(epoch.eval_s for record in self.records for epoch in record.epochs)

    @property
    def best_epoch(self) -> float:
        """Mean number of epochs until the best."""
        return fmean(record.best_epoch or 0 for record in self.records)

    @property
    def seconds_to_best(self) -> float:
        """Mean seconds of the epochs until the best."""
        return fmean(
            sum(epoch.train_s + epoch.eval_s for epoch in record.epochs[: record.best_epoch or 0])
            for record in self.records
        )


def build(plan: Plan, experiment: str, out: Path, paper: Paper) -> Document:
    """Gather costs from records and from the authors' logs: a section per dataset."""
    del out
    present = [name for name in COSTED if name in plan.campaign.experiments]
    frame = collect(plan, present)
    costs = costs_of(plan, present)
    names = list(dict.fromkeys(cost.dataset for cost in costs))
    titles = {name: _title(plan, frame, name) for name in names}
    return Document(
        name=experiment,
        title="Cost of each model",
        lines=(
            f"Beyond {paper.paper.title}: what its tables leave out.",
            *(data_line(load_dataset(name).title, used_data(frame[frame["dataset"] == name])) for name in names),
        ),
        sections=tuple(_section(titles[name], [cost for cost in costs if cost.dataset == name]) for name in names),
        notes=(
            "Seconds of an epoch are medians of training + evaluation; epochs and seconds to best are means of seeds. "
            "Runs may have shared the machine: Table VI is where models were timed alone.",
            "Gain per million: difference of mean test AUC, in points, to the reference of the dataset (DNN where it "
            "was run, else DualMLP, with log loss), by million parameters more than it has; none is given where "
            "that is less than 1 % more.",
            "Authors: their own log of the same cell, on their hardware, which they do not name; "
            "epochs to best × mean seconds of an epoch.",
            *campaign_notes(plan, frame),
        ),
        columns=COLUMNS,
        data=tuple(_data(plan, cost, reference_of(costs, cost.dataset)) for cost in costs),
    )


def costs_of(plan: Plan, experiments: Iterable[str]) -> list[Cost]:
    """One entry per dataset and model; a run that several tables share counts once."""
    logs = author_times()
    found: dict[tuple[object, ...], Cost] = {}
    for experiment in experiments:
        for cell in plan.cells_of(experiment):
            run = cell.runs[0]
            if run.loss.name not in LOSSES:
                continue
            base = getattr(run.model, "base", None)
            kind = (cell.dataset, run.model.name, base, run.loss.name)
            if any(key[:4] == kind for key in found) and (experiment != "table_4" or (*kind, run.id) in found):
                continue
            found[*kind, run.id] = _cost(cell, logs)
    order = {name: place for place, name in enumerate(plan.campaign.datasets)}
    return sorted(found.values(), key=lambda cost: order[cost.dataset])


def _cost(cell: Cell, logs: dict[tuple[str, str, str], Authors]) -> Cost:
    run = cell.runs[0]
    records = [read_planned(run) for run in cell.runs]
    plain = cell.label.partition(" + ")[0]
    return Cost(
        dataset=cell.dataset,
        label=plain,
        loss=run.loss.name,
        model=run.model.name,
        planned=len(cell.runs),
        records=tuple(record for record in records if record and record.status == "ok"),
        authors=logs.get((load_dataset(cell.dataset).title, plain, run.loss.name)),
    )


def author_times(path: Path = ROOT / "paper" / "author_logs.csv") -> dict[tuple[str, str, str], Authors]:
    """Times of the logs that give a printed cell of Table II or IV, by dataset, model and loss."""
    names = {"DualMLP+TF": "DualMLP", "TF4CTR": "TF4CTR"}
    found: dict[tuple[str, str, str], Authors] = {}
    for row in pd.read_csv(path).to_dict("records"):
        cells, matches = str(row["paper_cell"]).split("; "), str(row["match_after_truncation"]).split("; ")
        for cell, match in zip(cells, matches, strict=False):
            table, _, rest = cell.partition(" ")
            name = names.get(rest.rpartition(" ")[2])
            if table in ("II", "IV") and name and match == "exact":
                times = Authors(str(row["log"]), row["train_s_mean"], row["eval_s_mean"], int(row["best_epoch"]))
                found.setdefault((str(row["dataset"]), name, "twin_focus"), times)
    return found


def reference_of(costs: Iterable[Cost], dataset: str) -> Cost | None:
    """What gains are measured against."""
    known = {
        (cost.model, cost.loss): cost for cost in reversed(list(costs)) if cost.dataset == dataset and cost.records
    }
    return next((known[kind] for kind in REFERENCES if kind in known), None)


def gain_per_million(cost: Cost, reference: Cost | None) -> float | None:
    """Points of AUC per million added parameters; None where next to nothing is added, or known.

    A model with fewer parameters than the reference has no such price, and the two weights of a
    weighted sum have none worth telling.
    """
    if reference is None or cost.auc is None or reference.auc is None:
        return None
    assert cost.parameters is not None
    assert reference.parameters is not None
    added = cost.parameters - reference.parameters
    return 100 * (cost.auc - reference.auc) / (added / 1e6) if added >= LEAST_ADDED * reference.parameters else None


def _title(plan: Plan, frame: pd.DataFrame, name: str) -> str:
    origins = [origin for origin, _ in used_data(frame[frame["dataset"] == name])]
    return data_title(load_dataset(name).title, [*(["twin"] if plan.campaign.twin else []), *origins])


def _section(title: str, costs: list[Cost]) -> Section:
    reference = reference_of(costs, costs[0].dataset)
    header = ("Model", "Loss", "n", "Embedding", "Rest", "s/epoch", "Epochs to best", "s to best", "AUC")
    header += ("Gain per million", "Authors: s/epoch", "epochs to best", "s to best")
    rows = tuple(_row(cost, reference) for cost in costs)
    named = "none has finished" if reference is None else f"{reference.label}, log loss"
    return Section(title, (f"Reference of the gains: {named}.",), (Table("Cost", header, "ll" + 11 * "r", rows),))


def _row(cost: Cost, reference: Cost | None) -> tuple[Field, ...]:
    log = cost.authors
    theirs = ("–", "–", "–")
    if log:
        theirs = (f"{log.train_s:.2f} + {log.eval_s:.2f}", str(log.best_epoch), f"{log.seconds_to_best:,.0f}")
    name = (cost.label, cost.loss, f"{len(cost.records)}/{cost.planned}")
    if not cost.records:
        return (*name, *7 * ("–",), *theirs)
    size, gain = cost.records[0].parameters, gain_per_million(cost, reference)
    return (
        *name,
        f"{size.embedding:,}",
        f"{size.rest:,}",
        f"{cost.train_s:.2f} + {cost.eval_s:.2f}",
        f"{cost.best_epoch:.1f}",
        f"{cost.seconds_to_best:,.1f}",
        "–" if cost.auc is None else f"{100 * cost.auc:.2f}",
        "–" if gain is None else f"{gain:+.2f}".replace("-", "−"),
        *theirs,
    )


def _data(plan: Plan, cost: Cost, reference: Cost | None) -> dict[str, str]:
    row = dict.fromkeys(COLUMNS, "") | {
        "campaign": plan.campaign.campaign,
        "dataset": cost.dataset,
        "model": cost.label,
        "loss": cost.loss,
        "n": str(len(cost.records)),
        "planned": str(cost.planned),
    }
    if cost.authors:
        row |= {
            "authors_log": cost.authors.log,
            "authors_train_s_per_epoch": repr(cost.authors.train_s),
            "authors_eval_s_per_epoch": repr(cost.authors.eval_s),
            "authors_epochs_to_best": str(cost.authors.best_epoch),
            "authors_seconds_to_best": repr(cost.authors.seconds_to_best),
        }
    if cost.records:
        row |= {
            "parameters_embedding": str(cost.records[0].parameters.embedding),
            "parameters_rest": str(cost.records[0].parameters.rest),
            "train_s_per_epoch": repr(cost.train_s),
            "eval_s_per_epoch": repr(cost.eval_s),
            "epochs_to_best": repr(cost.best_epoch),
            "seconds_to_best": repr(cost.seconds_to_best),
            "test_auc": repr(cost.auc),
        }
    if reference and cost.records and cost.auc is not None and reference.auc is not None:
        gain = gain_per_million(cost, reference)
        row |= {
            "reference": f"{reference.label} + {reference.loss}",
            "auc_gain": repr(cost.auc - reference.auc),
            "added_parameters": str((cost.parameters or 0) - (reference.parameters or 0)),
            "auc_gain_per_million": "" if gain is None else repr(gain / 100),
        }
    return row
