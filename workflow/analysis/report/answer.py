"""The answer: a headline, the research questions by dataset, and what a reader should know. Nothing is typed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import variance

from workflow.analysis.claims.registry import RANKS, Kind, Layer
from workflow.analysis.claims.results import AuditResult, AuditRow
from workflow.analysis.compare.comparison import Comparison
from workflow.analysis.compare.comparisons import DECLARED, DeclaredBest
from workflow.analysis.compare.judge import comparisons_of
from workflow.analysis.compare.questions import Asked, questions_of
from workflow.analysis.compare.words import Finding, Verdict
from workflow.analysis.evidence.load import Evidence, campaign_runs, data_used
from workflow.analysis.evidence.standing import Obstacle, Standing
from workflow.analysis.paper.prints import in_paper
from workflow.analysis.report.headline import headline
from workflow.analysis.report.scores import Ranking, best_sentence, of_own, of_paper
from workflow.analysis.report.text import listed, plural
from workflow.plan.cells import config_name
from workflow.plan.config import available, load_dataset, load_experiment

PUBLISHED_FRAPPE = (
    "With the published Frappe_x1.zip (docs/usage.md says how to get it) `./tf4ctr run evidence table_4` "
    "trains the same runs on it and shows whether the answer changes."
)
WORST = 5  # errors of the paper that the answer names
SETTLED = frozenset({*Finding} - {Finding.OPEN, Finding.NONE})
TWO_RUNS = 1.96 * sqrt(2)  # standard deviations that two runs of one configuration differ by in 95 of 100 cases
RESULTS: tuple[Kind, ...] = ("significance", "gain", "ordering", "majority", "selection", "completeness", "support")
TUNED: Mapping[str, str] = {"tf4ctr": "tuned"}  # a comparison and the same where every model is tuned alike
ERRORS: Mapping[Layer, Finding] = {"paper": Finding.INCONSISTENT, "logs": Finding.CONTRADICTED}
SHOWS: Mapping[Layer, str] = {"paper": "the paper's own numbers give", "logs": "its authors' logs give"}


@dataclass(frozen=True)
class Cell:
    """What a question came to on one dataset: its word and the numbers behind it."""

    verdict: Verdict | None  # None where the campaign plans no such runs
    text: str = ""

    @property
    def settled(self) -> bool:
        """Whether runs have decided it."""
        return self.verdict is not None and self.verdict.finding in SETTLED


@dataclass(frozen=True)
class Line:
    """A row of the answer's table."""

    number: str
    question: str
    compared: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Error:
    """Something that the paper states and that its own numbers or its authors' logs contradict."""

    claim: str
    text: str


@dataclass(frozen=True)
class Answer:
    """What a campaign says: of the paper, or of a user's own models.

    `columns` are the titles of the paper's datasets, `scores` has every model of each dataset. A user's
    own campaign has neither lines nor errors.
    """

    headline: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    scores: tuple[Ranking, ...]
    still_open: str
    know: tuple[str, ...]
    errors: tuple[Error, ...]
    counts: str


def answer(evidence: Evidence, result: AuditResult | None) -> Answer:
    """Say what was found.

    Parameters
    ----------
    evidence : Evidence
        What there is of the campaign.
    result : AuditResult or None
        The audit of this campaign; None for a user's own, which says nothing of the paper.

    Returns
    -------
    Answer
        On synthetic data, on a user's own and where nothing ran the table has no lines; errors that
        the paper makes need no run.
    """
    found = comparisons_of(evidence)
    ours = [name for name in evidence.plan.campaign.datasets if in_paper(name)]
    says = not evidence.plan.campaign.twin and bool(evidence.records)
    about_paper = says and bool(ours) and result is not None
    columns = tuple(load_dataset(name).title for name in ours)
    lines = tuple(_lines(questions_of(evidence), ours)) if about_paper else ()
    return Answer(
        _headline(evidence, found),
        columns,
        lines,
        (*of_own(evidence), *of_paper(evidence)) if evidence.records else (),
        " ".join(filter(None, (_unsettled(lines, columns), _absent(ours)))) if about_paper else "",
        tuple(_know(evidence, result, found)) if says else (),
        tuple(map(_error, _errors(result)[:WORST])) if result else (),
        _counts(result) if result else "",
    )


# -- the headline ---------------------------------------------------------------------


def _headline(evidence: Evidence, found: Mapping[str, Comparison]) -> str:
    if evidence.plan.campaign.twin:
        return (
            "This campaign ran on synthetic data, which only demonstrate the workflow and say nothing about the paper."
        )
    if not evidence.records:
        return f"Nothing has run yet: none of the {len(evidence.plan.runs):,} planned runs has a record."
    text = " ".join(filter(None, (headline(found), *map(best_sentence, of_own(evidence)))))
    return text or "The finished runs do not answer any of the paper's questions yet."


# -- the table ------------------------------------------------------------------------


def _lines(asked: Sequence[Asked], datasets: Sequence[str]) -> Iterator[Line]:
    overall = {one.name: f"{one.item} over {one.over}" for one in DECLARED if isinstance(one, DeclaredBest)}
    for one in asked:
        names = dict.fromkeys(each.id.partition("@")[0] for each in one.answers)
        for name in names:
            own = {each.dataset: each for each in one.answers if each.id.partition("@")[0] == name}
            first = next(iter(own.values()))
            compared = overall.get(name, f"{first.item} over {first.over}")
            alike = {each.dataset: each for each in one.singles if each.id.startswith(f"{TUNED.get(name)}@")}
            beside = {at: _tuned(alike.get(at)) if name in TUNED else "" for at in datasets}
            cells = tuple(_cell(own.get(at), name in overall, beside[at]) for at in datasets)
            yield Line(one.number, one.text, compared, cells)
        for experiment in dict.fromkeys(sweep.experiment for sweep in one.sweeps):
            by = {sweep.dataset: sweep for sweep in one.sweeps if sweep.experiment == experiment}
            cells = tuple(Cell(by[name].verdict) if name in by else Cell(None) for name in datasets)
            yield Line(
                one.number,
                one.text,
                f"best value ({experiment.replace('_', ' ').capitalize()}: {load_experiment(experiment).title})",
                cells,
            )
        if not names and not one.sweeps:
            yield Line(one.number, one.text, "", tuple(Cell(Verdict(Obstacle.NOT_RUN)) for _ in datasets))


def _cell(one: Comparison | None, over_best: bool, tuned: str) -> Cell:
    """Of a gain over the best of many, the rival is named; the paper's too, where it is another."""
    if one is None:
        return Cell(None)
    if not one.ran:
        return Cell(one.verdict, tuned)
    rival = f" over {one.cells[1].label}" if over_best and len(one.cells) > 1 else ""
    theirs = f" over {one.paper_over}" if one.paper_over else ""
    paper = "" if one.gain.paper_points is None else f", paper {one.gain.paper}{theirs}"
    of = f" ({len(one.members)} of {one.planned} so far)" if one.planned > len(one.members) else ""
    return Cell(one.verdict, "; ".join(filter(None, (f"{one.gain.ours}{rival}{paper}{of}", tuned))))


def _tuned(one: Comparison | None) -> str:
    """The same comparison where every model is tuned alike, beside the untuned one."""
    if one is None or not one.ran:
        return f"tuned: {Obstacle.NOT_RUN if one is None else one.verdict.word}"
    return f"tuned: {one.verdict.word}, {one.gain.ours} over {one.over.removeprefix('the best tuned baseline, ')}"


def _unsettled(lines: Sequence[Line], columns: Sequence[str]) -> str:
    """The questions that no run has decided yet, by dataset."""
    parts = []
    for place, title in enumerate(columns):
        left = [line.number for line in lines if not line.cells[place].settled]
        parts += [f"on {title} {listed(dict.fromkeys(left))}"] if left else []
    return f"Still open: {'; '.join(parts)}." if parts else ""


def _absent(datasets: Sequence[str]) -> str:
    missing = [load_dataset(name).title for name in available("datasets") if in_paper(name) and name not in datasets]
    if not missing:
        return ""
    return (
        f"{listed(missing)} did not run in this campaign; the command tf4ctr plan paper estimates what they would take."
    )


# -- what to know ---------------------------------------------------------------------


def _know(evidence: Evidence, result: AuditResult | None, found: Mapping[str, Comparison]) -> Iterator[str]:
    names = evidence.plan.campaign.experiments
    done, planned = campaign_runs(evidence, names)
    yield from _data(evidence)
    rivals = [
        f"{len(one.members)} of {one.planned} baselines on {one.title}"
        for key, one in found.items()
        if key.partition("@")[0] == "tf4ctr" and in_paper(one.dataset) and one.planned
    ]
    beside = f" TF4CTR is compared with {listed(rivals)}." if rivals else ""
    yield f"{len(done):,} of {planned:,} planned runs have finished.{beside}"
    if rivals and not any(one.ran for key, one in found.items() if key.startswith("tuned")):
        yield "All baselines use TF4CTR's embedding L2 and dropout; equal tuning budgets have not run yet."
    noise = list(_noise(evidence))
    if noise:
        yield f"Seeds matter: two single runs of one configuration differ by up to {listed(noise)} in 95 of 100 cases."
    logs = [row for row in result.computed if row.layer == "logs"] if result else []
    bare = sum(row.verdict.finding is Finding.UNSUPPORTED for row in logs)
    if bare:
        yield f"{bare} claim{plural(bare)} of what the authors did cannot be verified from anything published."


def _data(evidence: Evidence) -> Iterator[str]:
    """The standing of each dataset, where it is not the published one."""
    cells = [one for name in evidence.plan.campaign.experiments for one in evidence.cells(name)]
    parts = []
    for dataset in filter(in_paper, evidence.plan.campaign.datasets):
        used = data_used(one for one in cells if one.cell.dataset == dataset)
        reasons = dict.fromkeys(reason for word, reason, _ in used if word != Standing.PUBLISHED)
        if reasons:
            parts.append(f"{load_dataset(dataset).title}: {'; '.join(reasons)}.")
        if dataset == "frappe" and any(word == Standing.REDRAWN for word, _, _ in used):
            parts.append(PUBLISHED_FRAPPE)
    if parts:
        yield f"The data are real but not byte for byte the paper's. {' '.join(parts)}"


def _noise(evidence: Evidence) -> Iterator[str]:
    for dataset in evidence.plan.campaign.datasets:
        pooled = _pooled_variance(evidence, dataset)
        if pooled is not None:
            yield f"±{100 * TWO_RUNS * sqrt(pooled):.2f} points on {load_dataset(dataset).title}"


def _pooled_variance(evidence: Evidence, dataset: str) -> float | None:
    """Of a run's test AUC around its configuration's mean, over all configurations on a dataset."""
    by_cell: dict[str, list[float]] = {}
    for record in evidence.records.values():
        auc = None if record.test is None else record.test.auc
        if auc is not None and config_name(record.spec.dataset) == dataset:
            by_cell.setdefault(record.spec.id, []).append(auc)
    cells = [values for values in by_cell.values() if len(values) > 1]
    if not cells:
        return None
    return sum((len(each) - 1) * variance(each) for each in cells) / sum(len(each) - 1 for each in cells)


# -- errors of the paper --------------------------------------------------------------


def _errors(result: AuditResult) -> list[AuditRow]:
    """What the paper states and is wrong, the weightiest first; the rest by rank."""
    wrong = [row for row in result.computed if row.layer in ERRORS and row.verdict.finding is ERRORS[row.layer]]
    rows = [row for row in wrong if row.claim.weighs]
    return sorted(rows, key=lambda row: (RANKS.index(row.claim.rank), _of_results(row)))


def _of_results(row: AuditRow) -> int:
    """What is said of results comes before what is said of the method."""
    return RESULTS.index(row.claim.kind) if row.claim.kind in RESULTS else len(RESULTS)


def _error(row: AuditRow) -> Error:
    claim, shown = row.claim, f"{SHOWS[row.layer]} {row.outcome.measured}"
    if claim.kind == "theory":
        shown = f"by its own equations this is so in {row.outcome.measured} settings"
    return Error(claim.id, f"{claim.place}: the paper states that {claim.means}; {shown}.")


def _counts(result: AuditResult) -> str:
    """How many checks of the paper fail without any run."""
    against: Mapping[Layer, str] = {"paper": "the paper's own numbers", "logs": "its authors' logs"}
    parts = []
    for layer, words in against.items():
        rows = [row for row in result.computed if row.layer == layer]
        bad = sum(row.verdict.finding is ERRORS[layer] for row in rows)
        parts += [f"{bad} of {len(rows)} checks against {words}"] if rows else []
    return f"{listed(parts)} fail." if parts else ""
