"""The authors' best of twelve, chosen on validation and on test: the bias of choosing on test."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from statistics import fmean

from workflow.analysis.compare.numbers import Number, number, printed_points
from workflow.analysis.compare.points import in_points
from workflow.analysis.evidence.cells import Observed
from workflow.analysis.evidence.dataset import OnDataset, by_dataset
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.evidence.standing import Obstacle
from workflow.analysis.pages.document import Document, Entry, Field, Section, table_of
from workflow.analysis.pages.notes import data_line
from workflow.analysis.tables.page import campaign_lines, long_data, score, source_line
from workflow.plan.config import load_experiment

SETTINGS = {"units": "MLP_s", "gamma": "γ", "c": "c"}


Candidate = tuple[Observed, Number]  # a finished run, and its test AUC beside the print of its cell


@dataclass(frozen=True)
class Choice:
    """A cell of Table III, chosen twice among the same runs."""

    name: str
    candidates: tuple[Candidate, ...]
    planned: int
    paper_points: Decimal | None

    @cached_property
    def chosen(self) -> tuple[Candidate, Candidate] | None:
        """The runs with the highest score on validation and on test; None where a run is missing."""
        whole = len(self.candidates) == self.planned
        return (_best(self.candidates, "valid"), _best(self.candidates, "test")) if whole else None

    @property
    def bias(self) -> float:
        """Test AUC of the second minus the first; slightly negative at most, if gAUC decided against AUC."""
        return _bias(*self.chosen) if self.chosen else float("nan")


def build(evidence: Evidence, experiment: str) -> Document:
    """Choose every cell of the grid on validation and on test, from records only."""
    found = [(on, _choices(evidence, on.cells)) for on in by_dataset(evidence, experiment)]
    return Document(
        name=experiment,
        title=load_experiment(experiment).title,
        lines=(
            f"{source_line(evidence.paper, '3')} This page is beyond the paper.",
            *campaign_lines(evidence, [experiment]),
        ),
        sections=(
            _summary({on.title: choices for on, choices in found}),
            *(_section(on, choices) for on, choices in found),
        ),
        notes=(
            "A run is chosen by the sum of the metrics that its training monitors (AUC + gAUC), on validation or on "
            "test; both scores shown are test AUC. Bias is the second minus the first. Ties go to the first run.",
            "A run is chosen for a cell only when all its runs have finished: among fewer, another could be chosen.",
        ),
        data=long_data(evidence, experiment, [_data(on.dataset, each) for on, choices in found for each in choices]),
    )


# -- choosing -------------------------------------------------------------------------


def _choices(evidence: Evidence, cells: Sequence[Observed]) -> list[Choice]:
    groups: dict[tuple[str, str], list[Observed]] = {}
    for one in cells:
        groups.setdefault((one.at["ssem"], one.at["dfm"]), []).append(one)
    return [_choice(evidence, *place, group) for place, group in groups.items()]


def _choice(evidence: Evidence, ssem: str, dfm: str, cells: Sequence[Observed]) -> Choice:
    place = {"table": "3", "dataset": cells[0].cell.dataset, "ssem": ssem, "dfm": dfm}
    done = tuple((one, number(evidence, one, "auc", place)) for one in cells if one.ground.obstacle is None)
    return Choice(f"{ssem}+{dfm}", done, len(cells), printed_points(evidence, place, "auc"))


def _best(candidates: Sequence[Candidate], split: str) -> Candidate:
    """By the sum of the metrics that training monitors, each a mean over seeds."""
    metrics = candidates[0][0].cell.runs[0].training.monitor
    return max(candidates, key=lambda one: sum(fmean(one[0].values(metric, split)) for metric in metrics))


def _bias(first: Candidate, second: Candidate) -> float:
    return float((second[1].exact_mean or 0) - (first[1].exact_mean or 0))


# -- sections -------------------------------------------------------------------------


def _summary(by_title: Mapping[str, Sequence[Choice]]) -> Section:
    rows = [_bias_row(title, choices) for title, choices in by_title.items()]
    if len(by_title) > 1:
        rows.append(_bias_row("All", [choice for choices in by_title.values() for choice in choices]))
    lines = (
        "Choosing among runs by their test score makes that score too good. The bias is what this adds to test AUC, in "
        "points. The best cell is the highest of a dataset, itself chosen by the same split.",
    )
    return Section("Bias of choosing on test", lines, (table_of("Best of twelve", rows),))


def _bias_row(title: str, choices: Sequence[Choice]) -> Mapping[str, Field]:
    found = [(choice.bias, choice.name, *choice.chosen) for choice in choices if choice.chosen]
    row = {"Dataset": title, "Cells chosen": f"{len(found)} of {len(choices)}"}
    names = ("Same run", "Mean bias", "Largest bias", "At", "Bias of the best cell")
    if not found:
        return {**row, **dict.fromkeys(names, "–")}
    biases, _, by_validation, by_test = zip(*found, strict=True)
    largest, where, *_ = max(found, key=lambda each: each[0])
    best = _bias(_best(by_validation, "valid"), _best(by_test, "test"))
    return {
        **row,
        "Same run": str(sum(first is second for first, second in zip(by_validation, by_test, strict=True))),
        "Mean bias": in_points(fmean(biases)),
        "Largest bias": in_points(largest),
        "At": where if largest > 0 else "–",
        "Bias of the best cell": "" if title == "All" else in_points(best),
    }


def _section(on: OnDataset, choices: Sequence[Choice]) -> Section:
    """Two lines a cell: the run that validation chooses, and the one that test chooses."""
    unchosen = [choice for choice in choices if choice.chosen is None]
    started = [
        f"{choice.name} {len(choice.candidates)} of {choice.planned} runs" for choice in unchosen if choice.candidates
    ]
    lines = [data_line("Data", on.used)]
    if unchosen:
        told = f": {', '.join(started)}" if started else ""
        lines.append(f"Not chosen yet, {len(unchosen)} of {len(choices)} cells{told}.")
    rows = [row for choice in choices for row in _choice_rows(choice)]
    return Section(on.title, tuple(lines), (table_of("Test AUC", rows, group=2),))


def _choice_rows(choice: Choice) -> Iterator[Mapping[str, Field]]:
    for split, (one, result) in zip(("validation", "test"), choice.chosen or (), strict=False):
        first = split == "validation"
        printed = "–" if choice.paper_points is None else str(choice.paper_points)
        same = choice.chosen is not None and choice.chosen[0] is choice.chosen[1] and not first
        settings = ", ".join(f"{name}={one.at[key]}" for key, name in SETTINGS.items())
        yield {
            "Cell": choice.name if first else "",
            "Chosen on": split,
            "Paper": printed if first else "",
            "Ours": Entry(result.ours, runs=result.sample.keys),
            "Δ": result.delta,
            "Finding": result.verdict,
            "Bias": "" if first else in_points(choice.bias),
            "Settings of the run": "the same" if same else settings,
        }


def _data(dataset: str, choice: Choice) -> dict[str, object]:
    chosen = dict(zip(("by_validation", "by_test"), choice.chosen or (None, None), strict=True))
    return {
        "dataset": dataset,
        "cell": choice.name,
        "runs": len(choice.candidates),
        "planned": choice.planned,
        "paper": choice.paper_points,
        **{way: one and one[0].label for way, one in chosen.items()},
        **{f"auc_{way}": one and score(one[1].mean) for way, one in chosen.items()},
        "bias_auc": choice.bias,
        **{f"finding_{way}": one[1].verdict if one else Obstacle.NOT_RUN for way, one in chosen.items()},
        "standing": choice.chosen and choice.chosen[0][1].verdict.standing,
        **{f"run_key_{way}": one and one[1].sample.keys for way, one in chosen.items()},
    }
