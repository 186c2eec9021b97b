"""What each model costs, beyond the paper: parameters, epochs, and AUC gained per parameter.

Seconds are none of it: runs share their machine with others. Table VI times models alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

from workflow.analysis.compare.points import rounded, truncate
from workflow.analysis.evidence.cells import Observed
from workflow.analysis.evidence.dataset import OnDataset
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.pages.document import Document, Field, Section, Table, without_empty
from workflow.analysis.pages.notes import data_line
from workflow.analysis.paper.author_logs import Logs
from workflow.analysis.paper.prints import in_paper
from workflow.analysis.stats.samples import exact_mean
from workflow.analysis.tables import shown_by
from workflow.analysis.tables.page import campaign_lines
from workflow.plan.config import load_dataset
from workflow.plan.places import is_users

LOSSES = ("log", "twin_focus")
REFERENCES = (("DNN", "log"), ("DualMLP", "log"))  # the first that the dataset has
LEAST_ADDED = 0.01  # of the reference's parameters
AUTHORS_NOTE = (
    "Authors: their own log of the same cell, on their hardware, which they do not name; epochs to best × mean seconds "
    "of an epoch."
)
Log = Mapping[str, str]


@dataclass(frozen=True)
class Cost:
    """One model on one dataset, and the authors' log of the same cell where they published one."""

    observed: Observed
    log: Log | None

    @property
    def dataset(self) -> str:
        """Its configuration's name."""
        return self.observed.cell.dataset

    @property
    def label(self) -> str:
        """The model's name for readers: Table II's labels name the loss too, which has a column of its own."""
        return self.observed.at["model"] if self.observed.at.get("table") == "2" else self.observed.label

    @property
    def loss(self) -> str:
        """The loss's name."""
        return self.observed.cell.runs[0].loss.name

    @property
    def parameters(self) -> int:
        """All trainable parameters of a model that has run."""
        return self.observed.finished[0].parameters.total

    @cached_property
    def auc(self) -> float | None:
        """Mean test AUC; None before a run has finished."""
        values = self.observed.values("auc")
        return float(exact_mean(values)) if values else None

    @property
    def best_epoch(self) -> float:
        """Mean number of epochs until the best, of a model that has run."""
        return fmean(record.best_epoch or 0 for record in self.observed.finished)


def build(evidence: Evidence, experiment: str) -> Document:
    """Gather costs from records and from the authors' logs: a section per dataset."""
    present = shown_by("cost", evidence.plan.campaign.experiments)
    cells = [one for name in present for one in evidence.cells(name)]
    costs = costs_of(evidence)
    shown = [
        OnDataset(name, tuple(one for one in cells if one.cell.dataset == name))
        for name in dict.fromkeys(cost.dataset for cost in costs)
    ]
    return Document(
        name=experiment,
        title="Cost of each model",
        lines=(
            *(
                [f"Beyond {evidence.paper.about.title}: what its tables leave out."]
                if any(in_paper(on.dataset) for on in shown)
                else []
            ),
            *campaign_lines(evidence, present),
            *(data_line(load_dataset(on.dataset).title, on.used) for on in shown),
        ),
        sections=tuple(_section(on.title, [cost for cost in costs if cost.dataset == on.dataset]) for on in shown),
        notes=(
            "Epochs to best are means of seeds. Seconds are not shown, as runs shared their machine with others: "
            "Table VI is where models are timed alone.",
            "Gain per million: difference of mean test AUC, in points, to the reference of the dataset (DNN where it "
            "was run, else DualMLP, with log loss), by million parameters more than it has; none is given where "
            "that is less than 1 % more.",
            *([AUTHORS_NOTE] if any(cost.log for cost in costs) else []),
        ),
        data=tuple(_data(evidence, cost, reference_of(costs, cost.dataset)) for cost in costs),
    )


def costs_of(evidence: Evidence) -> list[Cost]:
    """One entry per dataset and model; a run that several tables share counts once."""
    logs = author_logs(evidence.logs)
    found: dict[tuple[object, ...], Cost] = {}
    for experiment in shown_by("cost", evidence.plan.campaign.experiments):
        for one in evidence.cells(experiment):
            run = one.cell.runs[0]
            kind = (one.cell.dataset, run.model.name, getattr(run.model, "base", None), run.loss.name)
            key = (*kind, run.id) if experiment == "table_4" or is_users(experiment) else kind
            if run.loss.name in LOSSES and not any(other[: len(key)] == key for other in found):
                cost = Cost(one, None)
                log = logs.get((load_dataset(cost.dataset).title, cost.label, cost.loss))
                found[*kind, run.id] = Cost(one, log)
    order = list(evidence.plan.campaign.datasets)
    return sorted(found.values(), key=lambda cost: order.index(cost.dataset))


def author_logs(logs: Logs) -> dict[tuple[str, str, str], Log]:
    """The logs that give a printed cell of Table II or IV exactly, by dataset, model and loss."""
    names = {"DualMLP+TF": "DualMLP", "TF4CTR": "TF4CTR"}
    found: dict[tuple[str, str, str], Log] = {}
    for row in logs:
        cells, matches = row["paper_cell"].split("; "), row["match_after_truncation"].split("; ")
        for cell, match in zip(cells, matches, strict=False):
            table, _, rest = cell.partition(" ")
            name = names.get(rest.rpartition(" ")[2])
            if table in ("II", "IV") and name and match == "exact":
                found.setdefault((row["dataset"], name, "twin_focus"), row)
    return found


def reference_of(costs: Sequence[Cost], dataset: str) -> Cost | None:
    """What gains are measured against."""
    ran = [cost for cost in costs if cost.dataset == dataset and cost.auc is not None]
    known = {(cost.observed.cell.runs[0].model.name, cost.loss): cost for cost in reversed(ran)}
    return next((known[kind] for kind in REFERENCES if kind in known), None)


def gain_per_million(cost: Cost, reference: Cost | None) -> float | None:
    """Points of AUC per million added parameters; None where next to nothing is added, or known.

    A model with fewer parameters than the reference has no such price, and the two weights of a
    weighted sum have none worth telling.
    """
    if reference is None or cost.auc is None or reference.auc is None:
        return None
    added = cost.parameters - reference.parameters
    return 100 * (cost.auc - reference.auc) / (added / 1e6) if added >= LEAST_ADDED * reference.parameters else None


def _section(title: str, costs: Sequence[Cost]) -> Section:
    reference = reference_of(costs, costs[0].dataset)
    header = ("Model", "Loss", "n", "Embedding", "Rest", "Epochs to best", "AUC", "Gain per million")
    header += ("Authors: s/epoch", "epochs to best", "s to best")
    shown = [cost for cost in costs if cost.auc is not None or cost.log]
    idle = [f"{cost.label} ({cost.loss})" for cost in costs if cost not in shown]
    named = "none has finished" if reference is None else f"{reference.label}, log loss"
    lines = [f"Reference of the gains: {named}."]
    lines += [f"No finished run, {len(idle)} of {len(costs)}: {', '.join(idle)}."] if idle else []
    table = Table("Cost", header, "ll" + 9 * "r", tuple(_row(cost, reference) for cost in shown))
    return Section(title, tuple(lines), (without_empty(table),) if shown else ())


def _row(cost: Cost, reference: Cost | None) -> tuple[Field, ...]:
    theirs = ("–", "–", "–")
    if cost.log:
        train_s, eval_s = (float(cost.log[name]) for name in ("train_s_mean", "eval_s_mean"))
        theirs = (f"{train_s:.2f} + {eval_s:.2f}", cost.log["best_epoch"], f"{_seconds_to_best(cost.log):,.0f}")
    name = (cost.label, cost.loss, f"{len(cost.observed.finished)}/{len(cost.observed.cell.runs)}")
    if cost.auc is None:
        return (*name, *5 * ("–",), *theirs)
    size, gain = cost.observed.finished[0].parameters, gain_per_million(cost, reference)
    return (
        *name,
        f"{size.embedding:,}",
        f"{size.rest:,}",
        f"{cost.best_epoch:.1f}",
        str(truncate(cost.auc)),
        "–" if gain is None else f"{gain:+.2f}".replace("-", "−"),
        *theirs,
    )


def _seconds_to_best(log: Log) -> float:
    """Epochs until the authors' best, at the mean time of an epoch."""
    return int(log["best_epoch"]) * (float(log["train_s_mean"]) + float(log["eval_s_mean"]))


def _data(evidence: Evidence, cost: Cost, reference: Cost | None) -> dict[str, str]:
    log, records, gain = cost.log, cost.observed.finished, gain_per_million(cost, reference)
    other = reference if cost.auc is not None else None
    return {
        "campaign": evidence.plan.campaign.campaign,
        "dataset": cost.dataset,
        "model": cost.label,
        "loss": cost.loss,
        "n": str(len(records)),
        "planned": str(len(cost.observed.cell.runs)),
        "parameters_embedding": str(records[0].parameters.embedding) if records else "",
        "parameters_rest": str(records[0].parameters.rest) if records else "",
        "epochs_to_best": rounded(cost.best_epoch) if records else "",
        "test_auc": rounded(cost.auc),
        "reference": f"{other.label} + {other.loss}" if other else "",
        "auc_gain": rounded((cost.auc or 0.0) - (other.auc or 0.0)) if other else "",
        "added_parameters": str(cost.parameters - other.parameters) if other else "",
        "auc_gain_per_million": rounded(None if gain is None else gain / 100),
        "authors_log": log["log"] if log else "",
        "authors_train_s_per_epoch": log["train_s_mean"] if log else "",
        "authors_eval_s_per_epoch": log["eval_s_mean"] if log else "",
        "authors_epochs_to_best": log["best_epoch"] if log else "",
        "authors_seconds_to_best": rounded(_seconds_to_best(log)) if log else "",
        "run_keys": " ".join(cost.observed.keys),
    }
