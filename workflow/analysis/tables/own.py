"""The table of an experiment that the paper does not have: every model on every dataset, and their gains."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from statistics import mean, stdev
from typing import Literal

from workflow.analysis.compare.comparison import Comparison
from workflow.analysis.compare.gains import reasons
from workflow.analysis.compare.numbers import METRICS
from workflow.analysis.compare.points import shown_mean
from workflow.analysis.evidence.cells import Observed
from workflow.analysis.evidence.dataset import OnDataset, by_dataset
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.pages.document import Document, Entry, Section, Table, rank_marks, table_of
from workflow.analysis.pages.notes import GAIN_NOTE, OWN_NOTE, data_line
from workflow.analysis.tables.differences import difference_data, gains_table, of_experiment
from workflow.analysis.tables.page import campaign_lines, long_data, runs_section, undefined_gauc
from workflow.plan.config import load_experiment
from workflow.plan.places import is_users

Metric = Literal["auc", "gauc", "logloss"]
OF_TWO_NOTE = (
    "The mean of two runs' logits is over all pairs of the runs, which differ in their seed alone and were trained "
    "apart. Pairs share runs, so that its spread and its tests are the jackknife's over runs."
)
PAPER_HAS_NONE = " The paper has no such table."
NAMES: Mapping[Metric, str] = {"auc": "AUC", "gauc": "gAUC", "logloss": "log loss"}


def build(evidence: Evidence, experiment: str) -> Document:
    """Compare an experiment's cells with each other: mean ± SD over seeds of AUC, gAUC and log loss, and gains."""
    of_two, users = evidence.means_of_two(experiment), is_users(experiment)
    parts = [
        (
            on,
            [*on.cells, *(one for one in of_two if one.cell.dataset == on.dataset)],
            of_experiment(evidence, experiment, on.dataset),
        )
        for on in by_dataset(evidence, experiment)
    ]
    return Document(
        name=experiment,
        title=load_experiment(experiment).title,
        lines=(
            "Mean ± sample standard deviation over n runs on the test split; AUC and gAUC in points. "
            f"Of each dataset the best is bold and the second best is italic.{PAPER_HAS_NONE * (not users)}",
            *campaign_lines(evidence, [experiment]),
        ),
        sections=(
            *(_section(on, cells, gains, users) for on, cells, gains in parts),
            *(runs_section(on.title, on.cells) for on, *_ in parts),
        ),
        notes=(
            *([OWN_NOTE if users else GAIN_NOTE] if any(gains for *_, gains in parts) else []),
            *([OF_TWO_NOTE] if of_two else []),
        ),
        data=long_data(
            evidence,
            experiment,
            [
                *(line for _, cells, _ in parts for one in cells for line in _data(one)),
                *(line for *_, gains in parts for line in difference_data(gains)),
            ],
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
    return Section(on.title, tuple(lines), (_means(there), *(gains_table(gains, metric) for metric in METRICS)))


def _means(cells: Sequence[Observed]) -> Table:
    columns: dict[str, list[Entry]] = {}
    for metric, name in NAMES.items():
        texts = [shown(one, metric) for one in cells]
        sign = -1 if metric == "logloss" else 1
        marks = rank_marks([None if text == "–" else sign * Decimal(text.split(" ")[0]) for text in texts])
        found = zip(texts, marks, cells, strict=True)
        columns[name] = [Entry(text, mark, runs=one.keys) for text, mark, one in found]
    rows = [
        {"Model": one.label, **{name: column[place] for name, column in columns.items()}}
        for place, one in enumerate(cells)
    ]
    return table_of("Mean over seeds", rows)


def _data(one: Observed) -> Iterator[dict[str, object]]:
    """A mapping for each metric that some run has, or could have."""
    for metric in NAMES:
        values = one.values(metric)
        yield {
            "kind": "number",
            "dataset": one.cell.dataset,
            "cell": one.label,
            "metric": metric,
            "mean": mean(values) if values else None,
            "sd": stdev(values) if len(values) > 1 else None,
            "n": len(values),
            "planned": len(one.cell.runs),
            "standing": one.ground.standing,
            "run_keys": one.keys,
            "records": one.places,
        }
