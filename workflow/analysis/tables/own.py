"""The table of an experiment that the paper does not have: every model on every dataset, and their gains."""

from collections.abc import Sequence
from decimal import Decimal
from statistics import mean, stdev
from typing import Literal, get_args

from workflow.analysis.compare.comparison import Comparison
from workflow.analysis.compare.gains import reasons
from workflow.analysis.compare.notes import GAIN_NOTE, OWN_NOTE
from workflow.analysis.compare.points import rounded, shown_mean
from workflow.analysis.evidence.cells import Observed
from workflow.analysis.evidence.dataset import OnDataset, by_dataset
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.pages.document import Document, Entry, Field, Section, Table, rank_marks, without_empty
from workflow.analysis.pages.notes import data_line
from workflow.analysis.tables.differences import difference_data, gains_tables, long_data, of_experiment
from workflow.analysis.tables.page import campaign_lines, runs_section, undefined_gauc
from workflow.plan.config import load_experiment
from workflow.plan.places import is_users

Metric = Literal["auc", "gauc", "logloss"]
OF_TWO_NOTE = (
    "The mean of two runs' logits is over all pairs of the runs, which differ in their seed alone and were trained "
    "apart. Pairs share runs, so that its spread and its tests are the jackknife's over runs."
)
NAMES: dict[Metric, str] = {"auc": "AUC", "gauc": "gAUC", "logloss": "log loss"}


def build(evidence: Evidence, experiment: str) -> Document:
    """Compare an experiment's cells with each other: mean ± SD over seeds of AUC, gAUC and log loss, and gains."""
    found = by_dataset(evidence, experiment)
    gains = {on.dataset: of_experiment(evidence, experiment, on.dataset) for on in found}
    of_two = evidence.means_of_two(experiment)
    cells = {on.dataset: [*on.cells, *(one for one in of_two if one.cell.dataset == on.dataset)] for on in found}
    return Document(
        name=experiment.replace("_", "-"),
        title=load_experiment(experiment).title,
        lines=(
            "Mean ± sample standard deviation over n runs on the test split; AUC and gAUC in points. "
            "Of each dataset the best is bold and the second best is italic."
            + ("" if is_users(experiment) else " The paper has no such table."),
            *campaign_lines(evidence, [experiment]),
        ),
        sections=(
            *(_section(on, cells[on.dataset], gains[on.dataset], is_users(experiment)) for on in found),
            *(runs_section(on.title, on.cells) for on in found),
        ),
        notes=(
            *([(OWN_NOTE if is_users(experiment) else GAIN_NOTE)] if any(gains.values()) else []),
            *([OF_TWO_NOTE] if of_two else []),
        ),
        data=long_data(
            [row for each in cells.values() for one in each for row in _data(evidence, one)]
            + [row for each in gains.values() for row in difference_data(evidence, experiment, each)]
        ),
    )


def shown(one: Observed, metric: Metric, *, counted: bool = True) -> str:
    """A metric's mean and spread: AUC and gAUC in points as in the paper's tables, log loss with four decimals."""
    return shown_mean(one.values(metric), len(one.cell.runs), points=metric != "logloss", counted=counted)


def _section(on: OnDataset, cells: Sequence[Observed], gains: Sequence[Comparison], users: bool) -> Section:
    there = [one for one in cells if any(one.records)]
    idle = [one.label for one in cells if one not in there]
    lines = [data_line("Data", on.used)]
    lines += [f"Not run, {len(idle)} of {len(cells)}: {', '.join(idle)}."] if idle else []
    lines += [*undefined_gauc(cells), *reasons(one.gain for one in gains)] if users else []
    columns = [_column(there, metric) for metric in get_args(Metric)]
    rows = tuple((one.label, *fields) for one, *fields in zip(there, *columns, strict=True))
    table = Table("Mean over seeds", ("Model", *NAMES.values()), "lrrr", rows)
    tables = [without_empty(table), *gains_tables(gains, ("auc", "gauc"))]
    return Section(on.title, tuple(lines), tuple(each for each in tables if each.rows))


def _column(cells: Sequence[Observed], metric: Metric) -> list[Field]:
    texts = [shown(one, metric) for one in cells]
    printed = [None if text == "–" else Decimal(text.split(" ")[0]) for text in texts]
    ranked = [-value if value is not None and metric == "logloss" else value for value in printed]
    return [Entry(text, mark, runs=one.keys) for text, mark, one in zip(texts, rank_marks(ranked), cells, strict=True)]


def _data(evidence: Evidence, one: Observed) -> list[dict[str, str]]:
    """A mapping for each metric that some run has, or could have."""
    found = {metric: one.values(metric) for metric in get_args(Metric)}
    return [
        {
            "campaign": evidence.plan.campaign.campaign,
            "experiment": one.cell.experiment,
            "kind": "number",
            "dataset": one.cell.dataset,
            "cell": one.label,
            "metric": metric,
            "mean": rounded(mean(values) if values else None),
            "sd": rounded(stdev(values) if len(values) > 1 else None),
            "n": str(len(values)),
            "planned": str(len(one.cell.runs)),
            "standing": one.ground.standing or "",
            "run_keys": " ".join(one.keys),
            "records": " ".join(one.places),
        }
        for metric, values in found.items()
    ]
