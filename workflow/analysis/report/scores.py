"""Every model with its AUC, gAUC and log loss, and the gain of the first model over it.

On the paper's datasets the first is TF4CTR, in Table IV. In a campaign of a user's own it is the model
with the highest mean AUC, and the headline says by how much it is ahead and what it is tied with, as the
models are configured and, where the campaign tunes them, with all tuned alike.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from workflow.analysis.compare.comparison import Comparison
from workflow.analysis.compare.gains import Gain, opposite
from workflow.analysis.compare.judge import MOST_MODELS, TUNED_ALIKE, comparisons_of, models_of, own_name
from workflow.analysis.compare.words import Finding, Verdict
from workflow.analysis.evidence.cells import Observed
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.pages.notes import failures
from workflow.analysis.paper.prints import in_paper
from workflow.analysis.report.text import listed, plural
from workflow.analysis.tables.own import NAMES, shown
from workflow.plan.config import load_dataset, load_experiment

TABLE = "table_4"  # the one table of the paper that compares whole models
LOWEST_AUC = -1.0  # of a model without a run
MOST_NAMES = 3  # in a sentence


@dataclass(frozen=True)
class Scored:
    """A model: its mean scores in the order of `METRICS`, and the first model's gain over it, if compared.

    `lacks` says which of its runs have no result; it is empty where all have one.
    """

    label: str
    scores: tuple[str, ...]
    runs: tuple[str, ...]
    gain: Gain | None = None
    lacks: str = ""

    @property
    def verdict(self) -> Verdict | None:
        """The verdict of the first model's gain over it."""
        return None if self.gain is None else self.gain.verdict

    @property
    def behind(self) -> bool:
        """Whether the first model's gain over it is shown."""
        return self.verdict is not None and self.verdict.finding in (Finding.GAIN, Finding.HOLDS, Finding.SMALLER)


@dataclass(frozen=True)
class Ranking:
    """The models of one experiment on one dataset that have a run; models that lack runs come last."""

    dataset: str
    title: str
    experiment: str
    models: tuple[Scored, ...]
    idle: tuple[str, ...]  # models without a run

    @property
    def first(self) -> str:
        """The model whose gains the ranking shows."""
        return self.models[0].label


METRICS = tuple(NAMES.values())


def of_paper(evidence: Evidence) -> tuple[Ranking, ...]:
    """Table IV on each dataset of the paper: TF4CTR first, then by AUC."""
    datasets = evidence.datasets_of(TABLE) if TABLE in evidence.plan.campaign.experiments else ()
    gains = [one for one in comparisons_of(evidence).values() if one.question == "RQ3" and not one.members]
    found = (_ranking(evidence, TABLE, name, gains, "TF4CTR") for name in datasets if in_paper(name))
    return tuple(filter(None, found))


def of_own(evidence: Evidence) -> tuple[Ranking, ...]:
    """Every table of whole models that is not the paper's: best first."""
    places = [
        (dataset, experiment, name)
        for experiment in evidence.plan.campaign.experiments
        for dataset in evidence.datasets_of(experiment)
        if (name := own_name(evidence, experiment, dataset))
    ]
    tuned = evidence.plan.tuned_experiments
    several = Counter(dataset for dataset, experiment, _ in places if experiment not in tuned)
    found = []
    for dataset, experiment, name in places:
        title = load_experiment(experiment).title if several[dataset] > 1 else ""
        which = TUNED_ALIKE if experiment in tuned else title
        compared = comparisons_of(evidence).named(name, dataset)
        found.append(_ranking(evidence, experiment, dataset, compared, which=which))
    return tuple(filter(None, found))


def best_sentence(ranking: Ranking) -> str:
    """Which model is best, by how much, and which models are tied."""
    title, models = ranking.title, ranking.models
    if not models:
        return f"No model has finished on {title} yet."
    first, others = models[0], models[1:]
    if not others:
        return f"{first.label} is the only model that has finished on {title}: AUC {first.scores[0]}."
    tested = [one for one in others if one.gain is not None and one.gain.p is not None]
    if not first.lacks and all(one.lacks for one in others):
        return f"{first.label} is the only model with all its runs on {title}; {_why_no_test(models)}."
    among = " of the models with all their runs" if any(one.lacks for one in others) and not first.lacks else ""
    if not tested:
        return f"{first.label} has the highest AUC on {title}{among}, before {others[0].label}; {_why_no_test(models)}."
    beaten = [one for one in tested if one.behind]
    tied = [one for one in tested if one.verdict and one.verdict.finding is Finding.EQUAL]
    unsettled = [one for one in tested if one not in beaten and one not in tied]
    left = [one for one in others if one not in tested]
    if len(beaten) == len(others):
        return f"{first.label} is the best model on {title}: it leads {_lead(beaten)} points of AUC."
    parts = [
        f"it beats {_lead(beaten)} points" if beaten else "",
        f"it is tied with {_names(tied)}" if tied else "",
        f"its lead over {_lead(unsettled)} points is not settled" if unsettled else "",
        f"{_names(left)} cannot be compared yet" if left else "",
    ]
    return f"{first.label} has the highest AUC on {title}{among}: {'; '.join(filter(None, parts))}."


def _why_no_test(models: Sequence[Scored]) -> str:
    """Why the first of several models is compared with none."""
    lacking = next((f"of {one.label} {one.lacks}" for one in models if one.lacks), "")
    gain = models[1].gain
    untested = gain.why_no_test if gain else f"more than {MOST_MODELS} models are not compared with each other"
    return lacking or untested


def _lead(models: Sequence[Scored]) -> str:
    """The nearest of them by name, with the gain over it."""
    nearest = models[0]
    more = len(models) - 1
    rest = f" and {more} more model{plural(more)}" if more else ""
    assert nearest.gain is not None
    return f"{nearest.label}{rest}, by {nearest.gain.ours}{' or more' if rest else ''}"


def _names(models: Sequence[Scored]) -> str:
    names = [one.label for one in models]
    return listed(
        names if len(names) <= MOST_NAMES else [*names[: MOST_NAMES - 1], f"{len(names) - MOST_NAMES + 1} more"]
    )


def _ranking(
    evidence: Evidence,
    experiment: str,
    dataset: str,
    compared: Iterable[Comparison],
    first: str | None = None,
    which: str = "",
) -> Ranking | None:
    """None if the experiment has no model on the dataset. `which` distinguishes it from other rankings there."""
    cells = models_of(evidence, experiment, dataset)
    if not cells:
        return None
    pairs = {tuple(cell.cell.runs[0].id for cell in one.cells): one.gain for one in compared}
    gains = {**{ids[::-1]: opposite(gain) for ids, gain in pairs.items()}, **pairs}
    there = [one for one in cells if one.finished]
    there.sort(key=lambda one: (one.label != first, bool(_lacks(one)), -_auc(one)))
    own = there[0].cell.runs[0].id if there and first in (None, there[0].label) else ""
    rows = tuple(
        Scored(
            one.label,
            tuple(shown(one, metric, counted=False) for metric in NAMES),
            one.keys,
            gains.get((own, one.cell.runs[0].id)),
            _lacks(one),
        )
        for one in there
    )
    title = load_dataset(dataset).title
    idle = tuple(one.label for one in cells if one not in there)
    return Ranking(dataset, f"{title} ({which})" if which else title, experiment, rows, idle)


def _lacks(one: Observed) -> str:
    failed = sum(record is not None for record in one.records) - len(one.finished)
    whole = len(one.finished) == len(one.records)
    return "" if whole else f"{len(one.finished)} of {len(one.records)} runs have finished{failures(failed)}"


def _auc(one: Observed) -> float:
    values = one.values("auc")
    return sum(values) / len(values) if values else LOWEST_AUC
