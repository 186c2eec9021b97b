"""What each model costs, beyond the paper: parameters, seconds, and AUC gained per parameter."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean, median

from workflow.analysis.compare.points import truncate
from workflow.analysis.evidence.cells import Observed
from workflow.analysis.evidence.load import Evidence, data_used
from workflow.analysis.pages.document import Document, Field, Section, Table, without_empty
from workflow.analysis.pages.notes import data_line
from workflow.analysis.paper.author_logs import Logs
from workflow.analysis.stats.samples import exact_mean
from workflow.analysis.tables import COSTED
from workflow.analysis.tables.page import campaign_lines
from workflow.analysis.tables.rows import titled
from workflow.plan.config import load_dataset
from workflow.train.record import Record

LOSSES = ("log", "twin_focus")
REFERENCES = (("DNN", "log"), ("DualMLP", "log"))  # the first that the dataset has
LEAST_ADDED = 0.01  # of the reference's parameters


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
        return float(exact_mean(values)) if values else None

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


def build(evidence: Evidence, experiment: str) -> Document:
    """Gather costs from records and from the authors' logs: a section per dataset."""
    present = costed(evidence)
    cells = [one for name in present for one in evidence.cells(name)]
    costs = costs_of(evidence)
    by_dataset = {cost.dataset: [one for one in cells if one.cell.dataset == cost.dataset] for cost in costs}
    return Document(
        name=experiment,
        title="Cost of each model",
        lines=(
            f"Beyond {evidence.paper.about.title}: what its tables leave out.",
            *campaign_lines(evidence, present),
            *(data_line(load_dataset(name).title, data_used(found)) for name, found in by_dataset.items()),
        ),
        sections=tuple(
            _section(titled(name, found), [cost for cost in costs if cost.dataset == name])
            for name, found in by_dataset.items()
        ),
        notes=(
            "Seconds of an epoch are medians of training + evaluation; epochs and seconds to best are means of seeds. "
            "Runs may have shared the machine: Table VI is where models were timed alone.",
            "Gain per million: difference of mean test AUC, in points, to the reference of the dataset (DNN where it "
            "was run, else DualMLP, with log loss), by million parameters more than it has; none is given where "
            "that is less than 1 % more.",
            "Authors: their own log of the same cell, on their hardware, which they do not name; "
            "epochs to best × mean seconds of an epoch.",
        ),
        data=tuple(_data(evidence, cost, reference_of(costs, cost.dataset)) for cost in costs),
    )


def costed(evidence: Evidence) -> list[str]:
    """The campaign's experiments whose cells are listed."""
    return [name for name in COSTED if name in evidence.plan.campaign.experiments]


def costs_of(evidence: Evidence) -> list[Cost]:
    """One entry per dataset and model; a run that several tables share counts once."""
    logs = author_times(evidence.logs)
    found: dict[tuple[object, ...], Cost] = {}
    for experiment in costed(evidence):
        for one in evidence.cells(experiment):
            run = one.cell.runs[0]
            if run.loss.name not in LOSSES:
                continue
            base = getattr(run.model, "base", None)
            kind = (one.cell.dataset, run.model.name, base, run.loss.name)
            if any(key[:4] == kind for key in found) and (experiment != "table_4" or (*kind, run.id) in found):
                continue
            found[*kind, run.id] = _cost(one, logs)
    order = {name: place for place, name in enumerate(evidence.plan.campaign.datasets)}
    return sorted(found.values(), key=lambda cost: order[cost.dataset])


def _cost(one: Observed, logs: dict[tuple[str, str, str], Authors]) -> Cost:
    run = one.cell.runs[0]
    # Table II's labels name the loss too, which has a column of its own here.
    name = one.at["model"] if one.at.get("table") == "2" else one.label
    return Cost(
        dataset=one.cell.dataset,
        label=name,
        loss=run.loss.name,
        model=run.model.name,
        planned=len(one.cell.runs),
        records=one.finished,
        authors=logs.get((load_dataset(one.cell.dataset).title, name, run.loss.name)),
    )


def author_times(logs: Logs) -> dict[tuple[str, str, str], Authors]:
    """Times of the logs that give a printed cell of Table II or IV, by dataset, model and loss."""
    names = {"DualMLP+TF": "DualMLP", "TF4CTR": "TF4CTR"}
    found: dict[tuple[str, str, str], Authors] = {}
    for row in logs:
        cells, matches = row["paper_cell"].split("; "), row["match_after_truncation"].split("; ")
        for cell, match in zip(cells, matches, strict=False):
            table, _, rest = cell.partition(" ")
            name = names.get(rest.rpartition(" ")[2])
            if table in ("II", "IV") and name and match == "exact":
                seconds = float(row["train_s_mean"]), float(row["eval_s_mean"])
                times = Authors(row["log"], *seconds, int(row["best_epoch"]))
                found.setdefault((row["dataset"], name, "twin_focus"), times)
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


def _section(title: str, costs: list[Cost]) -> Section:
    reference = reference_of(costs, costs[0].dataset)
    header = ("Model", "Loss", "n", "Embedding", "Rest", "s/epoch", "Epochs to best", "s to best", "AUC")
    header += ("Gain per million", "Authors: s/epoch", "epochs to best", "s to best")
    shown = [cost for cost in costs if cost.records or cost.authors]
    idle = [f"{cost.label} ({cost.loss})" for cost in costs if cost not in shown]
    named = "none has finished" if reference is None else f"{reference.label}, log loss"
    lines = [f"Reference of the gains: {named}."]
    lines += [f"No finished run, {len(idle)} of {len(costs)}: {', '.join(idle)}."] if idle else []
    table = Table("Cost", header, "ll" + 11 * "r", tuple(_row(cost, reference) for cost in shown))
    return Section(title, tuple(lines), (without_empty(table),) if shown else ())


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
        "–" if cost.auc is None else str(truncate(cost.auc)),
        "–" if gain is None else f"{gain:+.2f}".replace("-", "−"),
        *theirs,
    )


def _data(evidence: Evidence, cost: Cost, reference: Cost | None) -> dict[str, str]:
    log, done, size = cost.authors, bool(cost.records), cost.records[0].parameters if cost.records else None
    known = reference is not None and done and cost.auc is not None and reference.auc is not None
    gain = gain_per_million(cost, reference)
    return {
        "campaign": evidence.plan.campaign.campaign,
        "dataset": cost.dataset,
        "model": cost.label,
        "loss": cost.loss,
        "n": str(len(cost.records)),
        "planned": str(cost.planned),
        "parameters_embedding": str(size.embedding) if size else "",
        "parameters_rest": str(size.rest) if size else "",
        "train_s_per_epoch": repr(cost.train_s) if done else "",
        "eval_s_per_epoch": repr(cost.eval_s) if done else "",
        "epochs_to_best": repr(cost.best_epoch) if done else "",
        "seconds_to_best": repr(cost.seconds_to_best) if done else "",
        "test_auc": repr(cost.auc) if done else "",
        "reference": f"{reference.label} + {reference.loss}" if known and reference else "",
        "auc_gain": repr(cost.auc - reference.auc) if known and reference and cost.auc and reference.auc else "",
        "added_parameters": (str((cost.parameters or 0) - (reference.parameters or 0)) if known and reference else ""),
        "auc_gain_per_million": "" if not known or gain is None else repr(gain / 100),
        "authors_log": log.log if log else "",
        "authors_train_s_per_epoch": repr(log.train_s) if log else "",
        "authors_eval_s_per_epoch": repr(log.eval_s) if log else "",
        "authors_epochs_to_best": str(log.best_epoch) if log else "",
        "authors_seconds_to_best": repr(log.seconds_to_best) if log else "",
    }
