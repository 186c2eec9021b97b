"""The answer: a few ranked sentences, made from verdicts by a template per kind of claim. Nothing is typed."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from workflow.analysis.claims.results import AuditResult
from workflow.analysis.compare.points import in_points, signed
from workflow.analysis.compare.words import Finding
from workflow.analysis.evidence.load import Evidence, campaign_runs, data_used
from workflow.analysis.evidence.standing import Obstacle, Standing, weakest
from workflow.analysis.paper.prints import in_paper
from workflow.analysis.report.contrasts import Contrast, Printed, Question, own_contrasts, prints_of, questions_of
from workflow.analysis.report.layers import beside_runs, tally, unaided
from workflow.analysis.report.sentence import FEW, Sentence, listed, plural
from workflow.plan.config import available, load_dataset

TOPICS = {
    "TF4CTR against baselines": ("baselines", "left out"),
    "Sample selection embedding": ("ser", "size"),
    "Twin focus loss": ("loss", "focusing"),
    "The framework around other models": ("framework",),
}
CENTRAL = ("baselines", "ser", "loss", "framework")  # what the paper stands or falls with
NAMES = {
    "baselines": "whether TF4CTR beats the baselines",
    "left out": "whether it beats models that Table IV leaves out",
    "ser": "what SER contributes",
    "loss": "what the TF loss contributes",
    "focusing": "what focusing adds to two plain losses",
    "framework": "what other models gain inside the framework",
    "size": "what the larger embedding alone would contribute",
}
IN_SHORT: Mapping[Finding, str] = {
    Finding.HOLDS: "{subject} gains over {over}",
    Finding.SMALLER: "{subject} gains over {over}, less than the paper says",
    Finding.DOES_NOT_HOLD: "{subject} does not gain over {over} as the paper says",
    Finding.REVERSED: "{subject} loses to {over}",
    Finding.GAIN: "{subject} gains over {over}",
    Finding.LOSS: "{subject} loses to {over}",
    Finding.EQUAL: "{subject} equals {over}",
    Finding.OPEN: "whether {subject} gains over {over} is open",
}


def answer(evidence: Evidence, result: AuditResult) -> tuple[Sentence, ...]:
    """Say what was found, the most important first.

    Parameters
    ----------
    evidence : Evidence
        What there is of the campaign.
    result : AuditResult
        The audit of this campaign.

    Returns
    -------
    tuple of Sentence
        At most ten; the first is the whole in short. On synthetic twins, and where nothing ran,
        none says anything of what was measured; what the paper, its logs and others' results show
        needs no run and stands.
    """
    if result.twin:
        measured = [Sentence("Standing", _twin_line(evidence), "runs")]
    elif not evidence.records:
        measured = [Sentence("Standing", _nothing_line(evidence), "runs")]
    else:
        asked = questions_of(evidence)
        parts = (_in_short(evidence, asked), _own(evidence), _gains(asked), _numbers(prints_of(evidence)))
        measured = [*(one for part in parts for one in part), *beside_runs(result), _standing(evidence)]
    return (*measured, *unaided(result))


# -- in short -------------------------------------------------------------------------


def _in_short(evidence: Evidence, asked: Sequence[Question]) -> Iterator[Sentence]:
    """What each central question came to, each with its numbers."""
    told = [(one, [each for each in one.contrasts if each.tells]) for one in asked if one.name in CENTRAL]
    told = [(one, contrasts) for one, contrasts in told if contrasts]
    if told:
        done, planned = campaign_runs(evidence, evidence.plan.campaign.experiments)
        data = dict.fromkeys(each.dataset for _, contrasts in told for each in contrasts)
        clauses = "; ".join(_brief(one, contrasts, placed=len(data) > 1) for one, contrasts in told)
        where = f", on {listed(data)}" if len(data) == 1 else ""  # else each clause says it
        text = f"From {len(done):,} of {planned:,} planned runs{where}: {clauses}. Gains are in points of AUC."
        yield Sentence("In short", text, told[0][0].anchor)


def _brief(question: Question, told: Sequence[Contrast], *, placed: bool) -> str:
    """A question's comparisons as a clause: each of a few with its finding and size, many as what came how often.

    `placed: True` names the datasets, as the sentence has several.
    """
    where = f" on {listed(dict.fromkeys(one.dataset for one in told))}" if placed else ""
    article, _, rest = question.subject.partition(" ")
    subject = f"{article.lower()} {rest}" if article in ("The", "A") else question.subject
    if len(told) == 1:
        return _one_alone(question, subject, told[0], where)
    found = Counter(one.gain.verdict.finding for one in told)
    if len(told) <= FEW:
        alike = len(found) == 1
        place = where if len({one.dataset for one in told}) == 1 else ""  # once, else each says it
        each = listed(_one_of_few(question, one, alike=alike, placed=placed and not place) for one in told)
        return f"{subject} over {question.over}{place}: {f'{_tallied(found)}, ' if alike else ''}{each}"
    means = [one.gain.mean for one in told if one.gain.mean is not None]
    claimed = [one.gain.paper_points for one in told if one.gain.paper_points is not None]
    paper = f", the paper {signed(min(claimed))} to {signed(max(claimed))}" if claimed else ""
    span = f"{in_points(min(means))} to {in_points(max(means))}{paper}"
    return f"{subject} over {question.over}: {_tallied(found)} in {len(told)} comparisons{where} ({span})"


def _one_alone(question: Question, subject: str, one: Contrast, where: str) -> str:
    """Whether it gains, as a statement with its size behind it."""
    finding = one.gain.verdict.finding
    assert isinstance(finding, Finding)
    named = one.item in question.subject  # not one model of several
    clause = IN_SHORT[finding].format(subject=subject, over=one.over if named else question.over)
    paper = "" if one.gain.paper_points is None else f", the paper {signed(one.gain.paper_points)}"
    model = "" if named or question.subject in one.item else f" for {one.item}"
    return f"{clause}{model}{where} ({one.gain.ours}{paper})"


def _one_of_few(question: Question, one: Contrast, *, alike: bool, placed: bool) -> str:
    """Its finding, unless all are `alike`, its size, where, of what and over what, as far as the question is silent."""
    parts = [
        "" if alike else f"{one.gain.verdict.word},",
        one.gain.ours,
        f"on {one.dataset}" if placed else "",
        "" if one.item in question.subject else f"for {one.item}",
        "" if one.over in question.over else f"over {one.over}",
        "" if one.gain.paper_points is None else f"(the paper {signed(one.gain.paper_points)})",
    ]
    return " ".join(filter(None, parts))


# -- the standing ---------------------------------------------------------------------


def _twin_line(evidence: Evidence) -> str:
    return (
        f"Campaign {evidence.plan.campaign.campaign} ran on synthetic twins of the data: nothing that it measured "
        "says anything about the paper's numbers or gains. What follows needs no run."
    )


def _nothing_line(evidence: Evidence) -> str:
    planned = len(evidence.plan.runs)
    return (
        f"Nothing has run: none of the {planned:,} planned run{plural(planned)} has a record, so that of the paper's "
        "numbers and gains nothing can be said yet. What follows needs no run."
    )


def _standing(evidence: Evidence) -> Sentence:
    names = evidence.plan.campaign.experiments
    done, planned = campaign_runs(evidence, names)
    parts = [f"{len(done):,} of {planned:,} planned runs have a record"]
    cells = [one for name in names for one in evidence.cells(name)]
    for dataset in evidence.plan.campaign.datasets:
        used = data_used(one for one in cells if one.cell.dataset == dataset)
        standing = weakest(Standing(word) for word, _, _ in used)
        title = load_dataset(dataset).title
        if standing is None:
            parts.append(f"{title} has none yet")
            continue
        if standing is Standing.OWN:
            parts.append(f"{title} is data of your own, and no evidence about the paper")
            continue
        bearing = standing in (Standing.PUBLISHED, Standing.REDRAWN)
        reasons = "; ".join(dict.fromkeys(reason for word, reason, _ in used if word == standing))
        what = f"{standing} evidence" if bearing else f"no evidence about the paper ({standing})"
        parts.append(f"{title} is {what}: {reasons}")
    planned_here = evidence.plan.campaign.datasets
    others = [load_dataset(name).title for name in available("datasets") if in_paper(name) and name not in planned_here]
    parts += [f"{listed(others)} did not run"] if others else []
    return Sentence("Standing", " ".join(f"{part}." for part in parts), "runs")


# -- gains ----------------------------------------------------------------------------


def _gains(questions: Sequence[Question]) -> Iterator[Sentence]:
    """A sentence a topic that has runs, and one that names the questions without."""
    asked = {one.name: one for one in questions}
    silent = []
    for topic, names in TOPICS.items():
        wanted = [asked[name] for name in names if name in asked]
        told = [one for one in wanted if any(each.tells for each in one.contrasts)]
        silent += [one for one in wanted if one not in told]
        if told:
            contrasts = [each for one in told for each in one.contrasts]
            missing = sum(not each.tells for each in contrasts)
            more = [f"{missing} more comparison{plural(missing)} cannot be told yet."] if missing else []
            found = Counter(each.gain.verdict.finding for each in contrasts if each.tells)
            text = " ".join([*(gain_text(one, len(found) == 1) for one in told), *more])
            yield Sentence(topic, text, told[0].anchor, _tallied(found))
    if silent:
        verdicts = Counter(each.gain.verdict.word for one in silent for each in one.contrasts)
        why = listed([f"{n} {word}" for word, n in verdicts.items()])
        text = f"Not answered yet: {listed([NAMES[one.name] for one in silent])} (comparisons: {why})."
        yield Sentence("Open", text, silent[0].anchor)


def _tallied(found: Counter[Finding | Obstacle | None]) -> str:
    """What comparisons came to: one word, or how often each."""
    words = [word for word in Finding if found[word]]
    return str(words[0]) if len(words) == 1 else listed([f"{found[word]} {word}" for word in words])


def _own(evidence: Evidence) -> Iterator[Sentence]:
    """What TF4CTR comes to on data that the paper does not have."""
    for one in own_contrasts(evidence):
        if one.ran:
            text = (
                f"TF4CTR's gain over {one.over} on {one.dataset} is {one.gain.ours} points ({one.gain.verdict.word})."
            )
            yield Sentence("Your data", text, "table-4")


def gain_text(question: Question, alike: bool = False) -> str:
    """The sentence of a question: what each of a few comparisons came to, or how many came to what.

    `alike: True` leaves out what each of them was found to be, as it is said already.

    Examples
    --------
    >>> gain_text(Question("x", "", "SER", "a shared embedding", "", ()))
    'SER over a shared embedding: nothing to tell yet.'
    """
    told = [one for one in question.contrasts if one.tells]
    if len(told) <= FEW:
        places = {one.dataset for one in told}
        where = f" on {told[0].dataset}" if len(places) == 1 else ""
        clauses = "; ".join(_clause(question, one, alike, not where) for one in told) or "nothing to tell yet"
        return f"{question.subject} over {question.over}{where}: {clauses}."
    found = Counter(one.gain.verdict.finding for one in told)
    return f"{question.subject} over {question.over}: {_tallied(found)} ({_span(told)})."


def _clause(question: Question, one: Contrast, alike: bool, placed: bool) -> str:
    """A comparison's finding and size, and `placed` its dataset, whose title has the standing."""
    parts = [
        "" if alike else one.gain.verdict.word,
        f"on {one.dataset}" if placed else "",
        "" if one.item in question.subject else f"for {one.item}",
        f"{one.gain.ours} points",
        "" if one.over in question.over else f"over {one.over}",
    ]
    beyond = f" over {one.paper_over}" if one.paper_over else ""
    paper = "" if one.gain.paper_points is None else f", the paper {one.gain.paper}{beyond}"
    return " ".join(filter(None, parts)) + paper


def _sized(one: Contrast) -> str:
    return f"{one.item} on {one.dataset} {one.gain.ours} points"


def _span(told: Sequence[Contrast]) -> str:
    ordered = sorted(told, key=lambda one: one.gain.mean or 0.0)
    claimed = [one.gain.paper_points for one in told if one.gain.paper_points is not None]
    paper = f"; the paper has {signed(min(claimed))} to {signed(max(claimed))}" if claimed else ""
    return f"from {_sized(ordered[0])} to {_sized(ordered[-1])}{paper}"


# -- numbers --------------------------------------------------------------------------


def _numbers(prints: Sequence[Printed]) -> Iterator[Sentence]:
    if not prints:
        return
    verdicts = tally(one.number.verdict for one in prints)
    text = f"Of {len(prints)} printed AUCs and gAUCs in the tables of this campaign: {verdicts}."
    yield Sentence("Printed numbers", text, "tables")
