"""The authors' best of twelve, chosen on validation and on test: what choosing on test adds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from statistics import fmean

from workflow.analysis.compare.numbers import Number, number
from workflow.analysis.compare.points import in_points
from workflow.analysis.compare.words import Verdict
from workflow.analysis.evidence.cells import Observed
from workflow.analysis.evidence.dataset import OnDataset, by_dataset
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.evidence.standing import Obstacle
from workflow.analysis.pages.document import Document, Entry, Field, Section, Table
from workflow.analysis.pages.notes import data_line
from workflow.analysis.tables.page import campaign_lines, score, source_line
from workflow.analysis.tables.rows import told
from workflow.plan.config import load_experiment


@dataclass(frozen=True)
class Candidate:
    """A finished run, and its test AUC beside the print of its cell."""

    observed: Observed
    result: Number

    @property
    def auc(self) -> Fraction:
        """On test."""
        assert self.result.exact_mean is not None
        return self.result.exact_mean

    @property
    def settings(self) -> str:
        """What it was chosen among."""
        return ", ".join(f"{name}={self.observed.at[key]}" for key, name in SETTINGS.items())

    def monitored(self, split: str) -> float:
        """The sum of the metrics that training monitors, each a mean over seeds."""
        metrics = self.observed.cell.runs[0].training.monitor
        return float(sum(fmean(self.observed.values(metric, split)) for metric in metrics))


SETTINGS = {"units": "MLP_s", "gamma": "γ", "c": "c"}


@dataclass(frozen=True)
class Choice:
    """A cell of Table III, chosen twice among the same runs; None where a run is missing.

    `bias` is the test AUC of the run chosen on test minus that of the run chosen on validation.
    """

    name: str
    candidates: tuple[Candidate, ...]
    planned: int
    paper_points: Decimal | None

    @cached_property
    def by_validation(self) -> Candidate | None:
        """The run with the highest score on validation."""
        return self._best("valid")

    @cached_property
    def by_test(self) -> Candidate | None:
        """The run with the highest score on test."""
        return self._best("test")

    def _best(self, split: str) -> Candidate | None:
        whole = len(self.candidates) == self.planned
        return max(self.candidates, key=lambda each: each.monitored(split)) if whole else None

    @property
    def bias(self) -> float | None:
        """In AUC; at most slightly negative, where gAUC decided against AUC."""
        if self.by_validation is None or self.by_test is None:
            return None
        return float(self.by_test.auc - self.by_validation.auc)


def verdict_of(candidate: Candidate | None) -> Verdict:
    """Verdict of a candidate against the paper's print; not run where there was no choice."""
    return Verdict(Obstacle.NOT_RUN) if candidate is None else candidate.result.verdict


def build(evidence: Evidence, experiment: str) -> Document:
    """Choose every cell of the grid on validation and on test, from records only."""
    paper = evidence.paper
    found = [(on, _choices(evidence, on.cells)) for on in by_dataset(evidence, experiment)]
    return Document(
        name=experiment.replace("_", "-"),
        title=load_experiment(experiment).title,
        lines=(
            f"{source_line(paper, '3')} This page is beyond the paper.",
            *campaign_lines(evidence, [experiment]),
        ),
        sections=(
            _summary({on.title: choices for on, choices in found}),
            *(_section(on, choices) for on, choices in found),
        ),
        notes=(
            "A run is chosen by the sum of the metrics that its training monitors (AUC + gAUC), on validation or on "
            "test; both scores shown are test AUC. Bias is the second minus the first. Ties go to the first run.",
            "A cell is chosen only when all its runs are done: a choice among fewer is another choice.",
        ),
        data=tuple(_data(evidence, experiment, on.dataset, choice) for on, choices in found for choice in choices),
    )


# -- choosing -------------------------------------------------------------------------


def _choices(evidence: Evidence, cells: Sequence[Observed]) -> list[Choice]:
    groups: dict[tuple[str, str], list[Observed]] = {}
    for one in cells:
        groups.setdefault((one.at["ssem"], one.at["dfm"]), []).append(one)
    return [_choice(evidence, *place, group) for place, group in groups.items()]


def _choice(evidence: Evidence, ssem: str, dfm: str, cells: Sequence[Observed]) -> Choice:
    place = {"table": "3", "dataset": cells[0].cell.dataset, "ssem": ssem, "dfm": dfm}
    printed = evidence.print_of(place, "auc")
    done = tuple(Candidate(one, number(evidence, one, "auc", place)) for one in cells if one.ground.obstacle is None)
    return Choice(f"{ssem}+{dfm}", done, len(cells), printed.points if printed else None)


# -- sections -------------------------------------------------------------------------


def _summary(by_title: Mapping[str, Sequence[Choice]]) -> Section:
    rows = [_bias_row(title, choices) for title, choices in by_title.items()]
    if len(by_title) > 1:
        rows.append(_bias_row("All", [choice for choices in by_title.values() for choice in choices]))
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
    same = sum(choice.by_validation is choice.by_test for _, choice in found)
    mean = sum(bias for bias, _ in found) / len(found)
    best = in_points(_best_bias([choice for _, choice in found])) if title != "All" else ""
    return (title, count, str(same), in_points(mean), in_points(largest), where.name if largest > 0 else "–", best)


def _best_bias(choices: Sequence[Choice]) -> float:
    """The dataset's headline, chosen on test, minus the one chosen on validation; in test AUC."""
    by_validation = max(filter(None, (each.by_validation for each in choices)), key=lambda one: one.monitored("valid"))
    by_test = max(filter(None, (each.by_test for each in choices)), key=lambda one: one.monitored("test"))
    return float(by_test.auc - by_validation.auc)


def _section(on: OnDataset, choices: Sequence[Choice]) -> Section:
    """Two lines a cell: the run that validation chooses, and the one that test chooses."""
    open_ = [choice for choice in choices if choice.bias is None]
    started = [
        f"{choice.name} {len(choice.candidates)} of {choice.planned} runs" for choice in open_ if choice.candidates
    ]
    lines = [data_line("Data", on.used)]
    if open_:
        told = f": {', '.join(started)}" if started else ""
        lines.append(f"Not chosen yet, {len(open_)} of {len(choices)} cells{told}.")
    rows = tuple(row for choice in choices if choice.bias is not None for row in _choice_rows(choice))
    header = ("Cell", "Chosen on", "Paper", "Ours", "Δ", "Finding", "Bias", "Settings of the run")
    return Section(on.title, tuple(lines), (Table("Test AUC", header, "llrrrlrl", rows, group=2),) if rows else ())


def _choice_rows(choice: Choice) -> Iterator[tuple[Field, ...]]:
    first, second = choice.by_validation, choice.by_test
    assert first is not None
    assert second is not None
    assert choice.bias is not None
    yield (
        choice.name,
        "validation",
        "–" if choice.paper_points is None else str(choice.paper_points),
        *_compared(first.result),
        "",
        first.settings,
    )
    same = "the same" if first is second else second.settings
    yield ("", "test", "", *_compared(second.result), in_points(choice.bias), same)


def _compared(each: Number) -> tuple[Field, Field, Field]:
    return Entry(each.ours, runs=each.run_keys), each.delta, told(each.verdict)


def _data(evidence: Evidence, experiment: str, dataset: str, choice: Choice) -> dict[str, str]:
    first, second = choice.by_validation, choice.by_test
    return {
        "campaign": evidence.plan.campaign.campaign,
        "experiment": experiment,
        "dataset": dataset,
        "cell": choice.name,
        "runs": str(len(choice.candidates)),
        "planned": str(choice.planned),
        "paper": "" if choice.paper_points is None else str(choice.paper_points),
        "by_validation": first.observed.label if first else "",
        "auc_by_validation": score(float(first.auc)) if first else "",
        "by_test": second.observed.label if second else "",
        "auc_by_test": score(float(second.auc)) if second else "",
        "bias_auc": "" if choice.bias is None else str(choice.bias),
        "finding_by_validation": verdict_of(first).word,
        "finding_by_test": verdict_of(second).word,
        "standing": verdict_of(first).standing or "",
        "run_key_by_validation": " ".join(first.result.run_keys) if first else "",
        "run_key_by_test": " ".join(second.result.run_keys) if second else "",
    }
