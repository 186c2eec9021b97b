"""The answer: a headline, the research questions by dataset, and what a reader should know. Nothing is typed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from workflow.analysis.claims.registry import RANKS, Kind, Layer
from workflow.analysis.claims.results import AuditResult, AuditRow
from workflow.analysis.compare.comparison import Comparison, Comparisons
from workflow.analysis.compare.comparisons import declared
from workflow.analysis.compare.judge import comparisons_of
from workflow.analysis.compare.questions import Answered, questions_of
from workflow.analysis.compare.swept import Swept, best_of
from workflow.analysis.compare.words import Finding, Verdict
from workflow.analysis.evidence.dataset import by_dataset
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.evidence.standing import Obstacle, Standing
from workflow.analysis.paper.prints import in_paper
from workflow.analysis.report.headline import headline
from workflow.analysis.report.know import TERMS, WORDS, to_know
from workflow.analysis.report.scores import Ranking, best_sentence, of_own, of_paper
from workflow.analysis.report.text import listed
from workflow.plan.config import available, load_dataset, load_experiment

WORST = 5  # errors of the paper that the answer names
UNSETTLED = (*Obstacle, Finding.OPEN, Finding.NONE, None)
RESULTS: tuple[Kind, ...] = ("significance", "gain", "ordering", "majority", "selection", "completeness", "support")
TUNED: Mapping[str, str] = {"tf4ctr": "tuned"}  # a comparison and the same where every model is tuned alike
ERRORS: Mapping[Layer, Finding] = {"paper": Finding.INCONSISTENT, "logs": Finding.CONTRADICTED}
AGAINST: Mapping[Layer, str] = {"paper": "the paper's own numbers", "logs": "its authors' logs"}
TWIN = "This campaign ran on synthetic data, which only demonstrate the workflow and say nothing about the paper."


@dataclass(frozen=True)
class Cell:
    """A question's verdict on one dataset and the numbers behind it; no verdict where no run is planned."""

    verdict: Verdict | None
    text: str = ""
    partial: bool = False  # some of its runs are still to come


@dataclass(frozen=True)
class Line:
    """A row of the answer's table, with a cell for each dataset."""

    number: str
    question: str
    compared: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Answer:
    """What a campaign says about the paper, or about a user's own models.

    `columns` are the titles of the paper's datasets, `scores` has every model of each dataset. `errors` are, by claim,
    statements of the paper that its own numbers or its authors' logs contradict. A user's own campaign has neither
    lines nor errors.
    """

    headline: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    scores: tuple[Ranking, ...]
    still_open: str
    know: tuple[str, ...]
    errors: Mapping[str, str]
    counts: str
    words: str = WORDS
    terms: str = TERMS


def answer(evidence: Evidence, result: AuditResult | None) -> Answer:
    """Say what was found; `result` is the audit of this campaign, and None for a user's own.

    The table has no lines on synthetic data, on a user's own data, and before anything has run. Errors of the paper
    need no run.
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
        " ".join(filter(None, (_data(evidence, ours), _unsettled(lines, columns), _absent(ours))))
        if about_paper
        else "",
        tuple(to_know(evidence, result, found)) if says else (),
        dict(map(_error, _errors(result)[:WORST])) if result else {},
        _counts(result) if result else "",
    )


def _headline(evidence: Evidence, found: Comparisons) -> str:
    if evidence.plan.campaign.twin:
        return TWIN
    if not evidence.records:
        return f"Nothing has run yet: none of the {len(evidence.plan.runs):,} planned runs has a record."
    text = " ".join(filter(None, (headline(found), *map(best_sentence, of_own(evidence)))))
    return text or "The finished runs do not answer any of the paper's questions yet."


# -- the table ------------------------------------------------------------------------


def _lines(asked: Sequence[Answered], datasets: Sequence[str]) -> Iterator[Line]:
    overall = {one.name: f"{one.item} over {one.over}" for one in declared() if one.best}
    for one in asked:
        answers: dict[str, dict[str, Comparison]] = {}
        for each in one.answers:
            answers.setdefault(each.name, {})[each.dataset] = each
        for name, by in answers.items():
            first = next(iter(by.values()))
            alike = {each.dataset: each for each in one.singles if each.name == TUNED.get(name)}
            beside = {at: _tuned(alike.get(at)) if name in TUNED else "" for at in datasets}
            cells = tuple(_cell(by.get(at), name in overall, beside[at]) for at in datasets)
            yield Line(one.number, one.text, overall.get(name, f"{first.item} over {first.over}"), cells)
        for experiment in dict.fromkeys(sweep.experiment for sweep in one.sweeps):
            swept = {sweep.dataset: sweep for sweep in one.sweeps if sweep.experiment == experiment}
            figure = (
                f"{load_experiment(experiment).title} ({experiment.replace('_', ' ').capitalize()}): the best value"
            )
            yield Line(one.number, one.text, figure, tuple(_optimum(swept.get(name)) for name in datasets))
        if not answers and not one.sweeps:
            yield Line(one.number, one.text, "", (Cell(Verdict(Obstacle.NOT_RUN)),) * len(datasets))


def _cell(one: Comparison | None, over_best: bool, tuned: str) -> Cell:
    """A gain over the best of many names the rival, and the paper's rival where that is another."""
    if one is None or not one.ran:
        return Cell(one.verdict, tuned) if one else Cell(None)
    rival = f" over {one.cells[1].label}" if over_best and len(one.cells) > 1 else ""
    theirs = f" over {one.paper_over}" if one.paper_over else ""
    paper = "" if one.gain.paper_points is None else f", paper {one.gain.paper}{theirs}"
    partial = one.planned > len(one.members)
    of = (
        f"{len(one.members)} of {one.planned} baselines"
        if over_best
        else f"mean of {len(one.members)} of {one.planned} comparisons"
    )
    so_far = f" ({of} so far)" if partial else ""
    return Cell(one.verdict, "; ".join(filter(None, (f"{one.gain.ours}{rival}{paper}{so_far}", tuned))), partial)


def _optimum(swept: Swept | None) -> Cell:
    """Whether the value that the paper calls best was seen, and which was best here."""
    best = swept and best_of(swept.points, "auc")
    if swept is None or best is None or not isinstance(swept.verdict.finding, Finding):
        return Cell(swept and swept.verdict)
    return Cell(swept.verdict, f"best at {best.at}, paper {listed(swept.stated, 'or') or 'none'}")


def _tuned(one: Comparison | None) -> str:
    """The same comparison where every model is tuned alike, shown beside the untuned one."""
    if one is None or not one.ran:
        return f"tuned: {'not planned' if one is None else one.verdict.word}"
    among = f"the best of {len(one.members)} tuned rivals" if len(one.members) > 1 else "the only tuned rival"
    return f"tuned: {one.verdict.word}, {one.gain.ours} over {one.cells[1].label}, {among}"


def _data(evidence: Evidence, datasets: Sequence[str]) -> str:
    """The data behind the answer, with their standing."""
    titles = [on.title for on in by_dataset(evidence, *evidence.plan.campaign.experiments) if on.dataset in datasets]
    redrawn = any(Standing.REDRAWN in title for title in titles)
    explained = "; “redrawn” means real data, a part of which was drawn again" if redrawn else ""
    return f"Data: {listed(titles)}{explained}."


def _unsettled(lines: Sequence[Line], columns: Sequence[str]) -> str:
    """The questions that are open, in whole or in part, by dataset, and those that no run is planned for."""
    still, never = [], []
    for place, title in enumerate(columns):
        by: dict[str, list[Cell]] = {}
        for line in lines:
            by.setdefault(line.number, []).append(line.cells[place])
        left = [
            f"{number}{'' if all(map(_is_open, cells)) else ' in part'}"
            for number, cells in by.items()
            if any(_is_open(cell) or cell.partial for cell in cells)
        ]
        still += [f"on {title} {listed(left)}"] if left else []
        missing = [number for number, cells in by.items() if all(cell.verdict is None for cell in cells)]
        never += [f"{listed(missing)} on {title}"] if missing else []
    parts = [f"Still open: {'; '.join(still)}." if still else "", f"Not planned: {'; '.join(never)}." if never else ""]
    return " ".join(filter(None, parts))


def _is_open(cell: Cell) -> bool:
    return cell.verdict is not None and cell.verdict.finding in UNSETTLED


def _absent(datasets: Sequence[str]) -> str:
    missing = [load_dataset(name).title for name in available("datasets") if in_paper(name) and name not in datasets]
    if not missing:
        return ""
    return f"Not in this campaign: {listed(missing)}; ./tf4ctr plan paper estimates what they would take."


# -- errors of the paper --------------------------------------------------------------


def _errors(result: AuditResult) -> list[AuditRow]:
    """Wrong statements of the paper: by rank, those about results before those about the method."""
    wrong = [row for row in result.computed if row.layer in ERRORS and row.verdict.finding is ERRORS[row.layer]]
    place = {kind: number for number, kind in enumerate(RESULTS)}
    stated = [row for row in wrong if row.claim.weighs]
    found: dict[str, AuditRow] = {}  # by place: a reader takes two errors in one place for one
    for row in sorted(stated, key=lambda row: (RANKS.index(row.claim.rank), place.get(row.claim.kind, len(place)))):
        found.setdefault(row.claim.place, row)
    return list(found.values())


def _error(row: AuditRow) -> tuple[str, str]:
    claim, shown = row.claim, f"{AGAINST[row.layer]} show {row.outcome.measured}"
    if claim.wrong:
        return claim.id, f"{claim.place}: {claim.wrong.format(found=row.outcome.measured)}"
    if claim.kind == "theory":
        shown = f"by its own equations this is true in {row.outcome.measured} settings"
    return claim.id, f"{claim.place}: the paper states that {claim.means}; {shown}."


def _counts(result: AuditResult) -> str:
    """How many checks of the paper fail without any run."""
    parts = []
    for layer, words in AGAINST.items():
        rows = [row for row in result.computed if row.layer == layer]
        bad = sum(row.verdict.finding is ERRORS[layer] for row in rows)
        parts += [f"{bad} of {len(rows)} checks against {words}"] if rows else []
    return f"{listed(parts)} fail." if parts else ""
