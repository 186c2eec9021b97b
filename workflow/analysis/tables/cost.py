"""What each model costs, beyond the paper: parameters, epochs, and AUC gained per parameter.

There are no seconds, as runs share their machine with others. Table VI times each model alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

from workflow.analysis.compare.points import truncate
from workflow.analysis.evidence.cells import Observed
from workflow.analysis.evidence.dataset import by_dataset
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.pages.document import Document, Field, Section, table_of
from workflow.analysis.pages.notes import data_line
from workflow.analysis.paper.author_logs import Logs
from workflow.analysis.paper.prints import in_paper
from workflow.analysis.stats.samples import exact_mean
from workflow.analysis.tables import shown_by
from workflow.analysis.tables.page import campaign_lines, long_data
from workflow.plan.config import load_dataset
from workflow.plan.places import is_users

LOSSES = ("log", "twin_focus")
NAMES = {"log": "log loss", "twin_focus": "TF loss"}
REFERENCES = (("DNN", "log"), ("DualMLP", "log"))  # the first one in the dataset counts
LEAST_ADDED = 0.01  # of the reference's parameters
NOTES = (
    "“Embedding” and “Rest” are numbers of parameters. “Epochs to best” is a mean over seeds. Seconds are not shown, "
    "because runs shared their machine with others; Table VI times each model alone.",
    "“Gain per million”: mean test AUC minus that of the dataset's reference (DNN with log loss if it was run, else "
    "DualMLP with log loss), in points, per million additional parameters. It is not given if the model has less than "
    "1 % more parameters than the reference.",
)
AUTHORS_NOTE = (
    "“Authors”: from the authors' own log of the same cell, on hardware that the log does not name. Seconds per epoch "
    "are training + evaluation; “s to best” is epochs to best × mean seconds per epoch."
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
        """The model's name for readers, without the loss in Table II's labels, which has its own column."""
        return self.observed.at["model"] if self.observed.at.get("table") == "2" else self.observed.label

    @property
    def loss(self) -> str:
        """The loss's name."""
        return self.observed.cell.runs[0].loss.name

    @cached_property
    def auc(self) -> float | None:
        """Mean test AUC; None before a run has finished."""
        values = self.observed.values("auc")
        return float(exact_mean(values)) if values else None

    @property
    def parameters(self) -> int:
        """All trainable parameters of a model that has run."""
        return self.observed.finished[0].parameters.total

    @property
    def best_epoch(self) -> float:
        """Mean number of epochs until the best, of a model that has run."""
        return fmean(record.best_epoch or 0 for record in self.observed.finished)

    @property
    def authors_s(self) -> float | None:
        """Epochs until the authors' best, at the mean time of an epoch."""
        log = self.log
        return int(log["best_epoch"]) * (float(log["train_s_mean"]) + float(log["eval_s_mean"])) if log else None


def build(evidence: Evidence, experiment: str) -> Document:
    """Gather costs from records and from the authors' logs: a section per dataset."""
    present = shown_by("cost", evidence.plan.campaign.experiments)
    costs = costs_of(evidence)
    on = {each.dataset: each for each in by_dataset(evidence, *present)}
    shown = [on[name] for name in dict.fromkeys(cost.dataset for cost in costs)]
    about_paper = any(in_paper(on.dataset) for on in shown)
    return Document(
        name=experiment,
        title="Cost of each model",
        lines=(
            *(["The paper has no such table."] if about_paper else []),
            *campaign_lines(evidence, present),
            *(data_line(load_dataset(on.dataset).title, on.used) for on in shown),
        ),
        sections=tuple(_section(on.title, [cost for cost in costs if cost.dataset == on.dataset]) for on in shown),
        notes=(*NOTES, *([AUTHORS_NOTE] if any(cost.log for cost in costs) else [])),
        data=long_data(evidence, experiment, [_data(cost, reference_of(costs, cost.dataset)) for cost in costs]),
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
    """Points of AUC per million added parameters; None if hardly any are added, or if an AUC is missing."""
    if reference is None or cost.auc is None or reference.auc is None:
        return None
    added = cost.parameters - reference.parameters
    return 100 * (cost.auc - reference.auc) / (added / 1e6) if added >= LEAST_ADDED * reference.parameters else None


def _section(title: str, costs: Sequence[Cost]) -> Section:
    reference = reference_of(costs, costs[0].dataset)
    shown = [cost for cost in costs if cost.auc is not None or cost.log]
    idle = [f"{cost.label} ({NAMES[cost.loss]})" for cost in costs if cost not in shown]
    named = "none has finished" if reference is None else f"{reference.label}, log loss"
    lines = [f"Reference for the gains: {named}."]
    lines += [f"No finished run, {len(idle)} of {len(costs)}: {', '.join(idle)}."] if idle else []
    return Section(title, tuple(lines), (table_of("Cost", [_row(cost, reference) for cost in shown]),))


def _row(cost: Cost, reference: Cost | None) -> Mapping[str, Field]:
    log, gain = cost.log, gain_per_million(cost, reference)
    size = cost.observed.finished[0].parameters if cost.auc is not None else None
    return {
        "Model": cost.label,
        "Loss": NAMES.get(cost.loss, cost.loss),
        "n": f"{len(cost.observed.finished)}/{len(cost.observed.cell.runs)}",
        "Embedding": f"{size.embedding:,}" if size else "–",
        "Rest": f"{size.rest:,}" if size else "–",
        "Epochs to best": f"{cost.best_epoch:.1f}" if size else "–",
        "AUC": "–" if cost.auc is None else str(truncate(cost.auc)),
        "Gain per million": "–" if gain is None else f"{gain:+.2f}".replace("-", "−"),
        "Authors: s/epoch": f"{float(log['train_s_mean']):.2f} + {float(log['eval_s_mean']):.2f}" if log else "–",
        "Authors: epochs": log["best_epoch"] if log else "–",
        "Authors: s": "–" if cost.authors_s is None else f"{cost.authors_s:,.0f}",
    }


def _data(cost: Cost, reference: Cost | None) -> dict[str, object]:
    log, records, gain = cost.log or {}, cost.observed.finished, gain_per_million(cost, reference)
    other = reference if cost.auc is not None else None
    return {
        "dataset": cost.dataset,
        "model": cost.label,
        "loss": cost.loss,
        "n": len(records),
        "planned": len(cost.observed.cell.runs),
        "parameters_embedding": records[0].parameters.embedding if records else None,
        "parameters_rest": records[0].parameters.rest if records else None,
        "epochs_to_best": cost.best_epoch if records else None,
        "test_auc": cost.auc,
        "reference": f"{other.label} + {other.loss}" if other else None,
        "auc_gain": (cost.auc or 0.0) - (other.auc or 0.0) if other else None,
        "added_parameters": cost.parameters - other.parameters if other else None,
        "auc_gain_per_million": None if gain is None else gain / 100,
        "authors_log": log.get("log"),
        "authors_train_s_per_epoch": log.get("train_s_mean"),
        "authors_eval_s_per_epoch": log.get("eval_s_mean"),
        "authors_epochs_to_best": log.get("best_epoch"),
        "authors_seconds_to_best": cost.authors_s,
        "run_keys": cost.observed.keys,
    }
