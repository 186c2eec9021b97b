"""The authors' best of twelve, chosen on validation and on test: what choosing on test adds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pandas as pd

from workflow.analysis.evidence.collect import collect
from workflow.analysis.evidence.gains import in_points
from workflow.analysis.evidence.number import DELTA_NOTE, ResultCell, Verdict, result_cell
from workflow.analysis.evidence.prints import Paper
from workflow.analysis.pages.document import Document, Entry, Field, Section, Table
from workflow.analysis.pages.notes import campaign_notes, data_line, data_title, legend, used_data
from workflow.analysis.stats.samples import fraction
from workflow.analysis.tables.blocks import comparison, points, score
from workflow.analysis.tables.comparison import source_line
from workflow.config import load_dataset, load_experiment
from workflow.plan import Cell, Plan

COLUMNS = (
    *("campaign", "experiment", "dataset", "cell", "runs", "planned", "paper"),
    *("by_validation", "auc_by_validation", "by_test", "auc_by_test", "bias_auc", "verdict_by_validation"),
    *("verdict_by_test", "run_key_by_validation", "run_key_by_test"),
)


@dataclass(frozen=True)
class Candidate:
    """A finished run; `valid` and `test` are the sums of the metrics that training monitors."""

    label: str
    valid: float
    test: float
    auc: Fraction  # on test


@dataclass(frozen=True)
class Choice:
    """A cell of Table III, chosen twice among the same runs; None where a run is missing.

    `bias` is the test AUC of the run chosen on test minus that of the run chosen on validation.
    """

    name: str
    runs: int
    planned: int
    by_validation: Candidate | None
    by_test: Candidate | None
    results: Mapping[str, ResultCell]  # by label of the candidate
    paper_points: Decimal | None

    @property
    def bias(self) -> float | None:
        """In AUC; at most slightly negative, where gAUC decided against AUC."""
        if self.by_validation is None or self.by_test is None:
            return None
        return float(self.by_test.auc - self.by_validation.auc)

    def verdict(self, candidate: Candidate | None) -> Verdict:
        """Verdict of a candidate against the paper's print; not run where there was no choice."""
        return Verdict.NOT_RUN if candidate is None else self.results[candidate.label].verdict


def build(plan: Plan, experiment: str, out: Path, paper: Paper) -> Document:
    """Choose every cell of the grid on validation and on test, from records only.

    Cells have the keys `ssem` and `dfm`, and others to choose among.
    """
    del out
    frame = collect(plan, (experiment,))
    config = load_experiment(experiment)
    by_dataset = {
        name: _choices([cell for cell in plan.cells_of(experiment) if cell.dataset == name], frame, paper)
        for name in plan.datasets_of(config)
    }
    every = [choice for choices in by_dataset.values() for choice in choices]
    titles = {name: _title(plan, name, frame) for name in by_dataset}
    verdicts = [choice.verdict(candidate) for choice in every for candidate in (choice.by_validation, choice.by_test)]
    return Document(
        name=experiment.replace("_", "-"),
        title=config.title,
        lines=(f"{source_line(paper, paper.table_3)} This page is beyond the paper.",),
        sections=(
            _summary(by_dataset, titles),
            *(_section(titles[name], choices, frame[frame["dataset"] == name]) for name, choices in by_dataset.items()),
        ),
        notes=(
            *legend(verdict for verdict in verdicts if verdict is not Verdict.NOT_RUN),
            DELTA_NOTE,
            "A run is chosen by the sum of the metrics that its training monitors (AUC + gAUC), on validation or on "
            "test; both scores shown are test AUC. Bias is the second minus the first. Ties go to the first run.",
            "A cell is chosen only when all its runs are done: a choice among fewer is another choice.",
            *campaign_notes(plan, frame),
        ),
        columns=COLUMNS,
        data=tuple(_data(plan, experiment, name, choice) for name, choices in by_dataset.items() for choice in choices),
    )


def _title(plan: Plan, dataset: str, frame: pd.DataFrame) -> str:
    used = used_data(frame[frame["dataset"] == dataset])
    return data_title(load_dataset(dataset).title, [*(["twin"] if plan.campaign.twin else []), *(o for o, _ in used)])


# -- choosing -------------------------------------------------------------------------


def _choices(cells: Sequence[Cell], frame: pd.DataFrame, paper: Paper) -> list[Choice]:
    groups: dict[str, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(f"{cell.keys['ssem']}+{cell.keys['dfm']}", []).append(cell)
    return [_choice(name, group, frame, paper) for name, group in groups.items()]


def _choice(name: str, cells: Sequence[Cell], frame: pd.DataFrame, paper: Paper) -> Choice:
    dataset = cells[0].dataset
    printed = paper.table_3.datasets.get(dataset, {}).get(name)
    rows = frame[frame["dataset"] == dataset].groupby("cell")
    metrics = cells[0].runs[0].training.monitor
    results = {
        cell.label: result_cell(rows.get_group(cell.label), "auc", printed.auc if printed else None) for cell in cells
    }
    candidates = [_candidate(cell.label, rows.get_group(cell.label), metrics) for cell in cells]
    done = [candidate for candidate in candidates if candidate is not None]
    complete = len(done) == len(cells)
    return Choice(
        name=name,
        runs=len(done),
        planned=len(cells),
        by_validation=max(done, key=lambda each: each.valid) if complete else None,
        by_test=max(done, key=lambda each: each.test) if complete else None,
        results=results,
        paper_points=printed.auc if printed else None,
    )


def _candidate(label: str, rows: pd.DataFrame, metrics: Sequence[str]) -> Candidate | None:
    """Means over the seeds of one configuration; None unless every seed is done."""
    if not (rows["status"] == "ok").all():
        return None
    valid, test = (float(sum(rows[f"{split}_{metric}"].mean() for metric in metrics)) for split in ("valid", "test"))
    aucs = [fraction(float(value)) for value in rows["test_auc"]]
    return Candidate(label, valid, test, sum(aucs, Fraction(0)) / len(aucs))


# -- sections -------------------------------------------------------------------------


def _summary(by_dataset: Mapping[str, Sequence[Choice]], titles: Mapping[str, str]) -> Section:
    rows = [_bias_row(titles[name], choices) for name, choices in by_dataset.items()]
    if len(by_dataset) > 1:
        rows.append(_bias_row("All", [choice for choices in by_dataset.values() for choice in choices]))
    header = ("Dataset", "Cells chosen", "Same run", "Mean bias", "Largest bias", "In", "Bias of the best cell")
    lines = (
        "Choosing among runs by their test score makes the score too good. The bias is what it adds to test AUC, in "
        "points. The best cell is the highest of a dataset, itself chosen by the same split.",
    )
    return Section("Bias of choosing on test", lines, (Table("Best of twelve", header, "lrrrrlr", tuple(rows)),))


def _bias_row(title: str, choices: Sequence[Choice]) -> tuple[Field, ...]:
    found = [(bias, choice) for choice in choices if (bias := choice.bias) is not None]
    count = f"{len(found)} of {len(choices)}"
    if not found:
        return (title, count, "–", "–", "–", "–", "–")
    largest, where = max(found, key=lambda pair: pair[0])
    same = sum(choice.by_validation == choice.by_test for _, choice in found)
    mean = sum(bias for bias, _ in found) / len(found)
    best = in_points(_best_bias([choice for _, choice in found])) if title != "All" else ""
    return (title, count, str(same), in_points(mean), in_points(largest), where.name if largest > 0 else "–", best)


def _best_bias(choices: Sequence[Choice]) -> float:
    """The dataset's headline, chosen on test, minus the one chosen on validation; in test AUC."""
    by_validation = max((each.by_validation for each in choices if each.by_validation), key=lambda each: each.valid)
    by_test = max((each.by_test for each in choices if each.by_test), key=lambda each: each.test)
    return float(by_test.auc - by_validation.auc)


def _section(title: str, choices: Sequence[Choice], rows: pd.DataFrame) -> Section:
    header = ("Cell", "Paper", "Chosen on validation", "Δ", "Chosen on test", "Δ", "Bias", "Run chosen on validation")
    header += ("Run chosen on test",)
    lines = tuple(_choice_row(choice) for choice in choices)
    return Section(title, (data_line("Data", used_data(rows)),), (Table("Test AUC", header, "lrrrrrrll", lines),))


def _choice_row(choice: Choice) -> tuple[Field, ...]:
    if choice.by_validation is None or choice.by_test is None or choice.bias is None:
        words = f"{choice.runs} of {choice.planned} runs"
        return (choice.name, points(choice.paper_points), "–", words, "–", "", "–", "", "")
    first, second = choice.by_validation, choice.by_test
    same = "the same" if first == second else _settings(second.label)
    return (
        choice.name,
        points(choice.paper_points),
        *_compared(choice.results[first.label]),
        *_compared(choice.results[second.label]),
        in_points(choice.bias),
        _settings(first.label),
        same,
    )


def _compared(cell: ResultCell) -> tuple[Field, Field]:
    return Entry(cell.ours, runs=cell.run_keys), comparison(cell)


def _settings(label: str) -> str:
    return label.partition(", ")[2]


def _data(plan: Plan, experiment: str, dataset: str, choice: Choice) -> dict[str, str]:
    first, second = choice.by_validation, choice.by_test
    return {
        "campaign": plan.campaign.campaign,
        "experiment": experiment,
        "dataset": dataset,
        "cell": choice.name,
        "runs": str(choice.runs),
        "planned": str(choice.planned),
        "paper": "" if choice.paper_points is None else str(choice.paper_points),
        "by_validation": first.label if first else "",
        "auc_by_validation": score(float(first.auc)) if first else "",
        "by_test": second.label if second else "",
        "auc_by_test": score(float(second.auc)) if second else "",
        "bias_auc": "" if choice.bias is None else str(choice.bias),
        "verdict_by_validation": choice.verdict(first),
        "verdict_by_test": choice.verdict(second),
        "run_key_by_validation": " ".join(choice.results[first.label].run_keys) if first else "",
        "run_key_by_test": " ".join(choice.results[second.label].run_keys) if second else "",
    }
