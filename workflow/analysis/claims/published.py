"""The paper beside what others published on the same files.

Two questions, and no run of ours is needed for either. Is each printed baseline within, below or
above what others got with that model? And was the paper's own model ahead of every model that had
been published when it appeared, and is it of those published since?

What counts as equal is ± 0.10 points around a single run, the paper's own bar for a gain that counts
and the bar of those who published most of the rows. Where they published three seeds or more, it is
the prediction interval of one more run. Rows whose inputs differ (other rare tokens, lists read
otherwise) say so and how far they bear; a print is placed among those that bear farthest, and every
answer repeats the difference.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from statistics import fmean
from typing import get_args

from workflow.analysis.claims.cases import Check
from workflow.analysis.claims.results import Item, Outcome
from workflow.analysis.claims.table_4 import BASELINES, FIVE, auc, own
from workflow.analysis.compare.gains import BAR_points
from workflow.analysis.compare.points import truncate
from workflow.analysis.compare.words import Finding, Verdict, verdict
from workflow.analysis.evidence.standing import Ground, Standing, weakest
from workflow.analysis.paper.facts import Fact, Frame, Match
from workflow.analysis.paper.published import Inputs
from workflow.analysis.stats.prediction import meets, prediction
from workflow.analysis.stats.uncertainty import Estimate

APPEARED = "2024-05"  # the paper's first version on arXiv
# The worst first: one baseline below is enough for the claim to be below.
PLACES = (Finding.BELOW, Finding.WITHIN, Finding.ABOVE, Finding.NONE_KNOWN)


@dataclass(frozen=True)
class Placed:
    """A printed AUC among published runs, all of one standing.

    `gap_points` is the print minus the nearest published value, cut alike; 0 between the lowest
    and the highest. It is negative below, also where that counts as within.
    """

    printed: Fact
    place: Finding
    gap_points: Decimal
    runs: tuple[Fact, ...]

    @property
    def other_inputs(self) -> tuple[str, ...]:
        """How the inputs of the runs differ from the paper's; empty where they do not."""
        return tuple(dict.fromkeys(run.note for run in self.runs if run.note))

    @property
    def standing(self) -> Standing | None:
        """The standing of the runs; None if there are none."""
        return Standing(self.runs[0].standing) if self.runs else None

    @property
    def verdict(self) -> Verdict:
        """The verdict, if the inputs allow one about the paper."""
        return _verdict(self.place, [self])

    @property
    def expected(self) -> str:
        """The range of the runs' values."""
        points = sorted(truncate(run.number) for run in self.runs)
        return " to ".join(dict.fromkeys(map(str, (points[0], points[-1])))) if points else "a published run"

    @property
    def measured(self) -> str:
        """The printed number, its place, and the best of the runs."""
        if not self.runs:
            return f"{self.printed.text}; no published run is known"
        best = max(self.runs, key=lambda run: run.number)
        gap = f" by {abs(self.gap_points)}" if self.place in (Finding.ABOVE, Finding.BELOW) else ""
        among = f"{self.expected} in {len(self.runs)} runs" if len(self.runs) > 1 else self.expected
        text = f"{self.printed.text}, {self.place}{gap}: {best.at['model']} {among} ({_cited(best)})"
        return text + (f"; their inputs differ: {'; '.join(self.other_inputs)}" if self.other_inputs else "")

    @property
    def sources(self) -> tuple[str, ...]:
        """Where the runs are published."""
        return tuple(dict.fromkeys("{source} {version} {model}: {url}".format(**run.at) for run in self.runs))


def placed(printed: Fact, runs: Sequence[Fact]) -> Placed:
    """Place a printed AUC among runs, those whose inputs are nearest to the paper's."""
    near = nearest_inputs(runs)
    if not near:
        return Placed(printed, Finding.NONE_KNOWN, Decimal(0), ())
    groups: dict[tuple[str, ...], list[Decimal]] = defaultdict(list)
    for run in near:
        groups[run.at["files"], run.at["source"], run.at["version"]].append(run.points)
    lows, highs = zip(*map(_bounds, groups.values()), strict=True)
    place = Finding.WITHIN
    if not meets(min(lows), max(highs), printed.points):
        place = Finding.ABOVE if Fraction(printed.points) / 100 > max(highs) else Finding.BELOW
    lowest, highest = (truncate(edge(run.number for run in near)) for edge in (min, max))
    nearest = min(max(printed.points, lowest), highest)
    return Placed(printed, place, printed.points - nearest, tuple(near))


def nearest_inputs(runs: Sequence[Fact]) -> list[Fact]:
    """Those of the runs whose inputs are nearest to the paper's."""
    nearest = next((each for each in get_args(Inputs) if any(run.standing == each for run in runs)), None)
    return [run for run in runs if run.standing == nearest]


def best_of(runs: Sequence[Fact]) -> list[Fact]:
    """The best of those with the nearest inputs; empty where there is none."""
    return sorted(nearest_inputs(runs), key=lambda run: run.number)[-1:]


def published(
    frame: Frame, dataset: str, by: str = "others", choice: str = "published", model: Match = None
) -> list[Fact]:
    """What others published on a dataset as they published it, or what else the table has of it."""
    return frame.select("auc", source="published", dataset=dataset, by=by, choice=choice, model=model)


# -- the claims -----------------------------------------------------------------------


def baselines(frame: Frame, dataset: str) -> Outcome:
    """B: place each printed baseline among the runs of its model; one below is enough for the claim to be below."""
    found = {
        fact.label: placed(fact, published(frame, dataset, model=fact.at["model"]))
        for fact in auc(frame, dataset, BASELINES)
    }
    tally = Counter(each.place for each in found.values())
    measured = ", ".join(f"{tally[place]} {place}" for place in PLACES if tally[place])
    worst = next(each for each in PLACES if tally[each])
    chosen = _chosen_on_test(published(frame, dataset, choice="by validation"), published(frame, dataset))
    return _outcome(found, _verdict(worst, list(found.values())), measured, "none below", chosen)


def leads(frame: Frame, dataset: str) -> Outcome:
    """L: the printed AUC beside the best of any model: known when the paper appeared, since, and the group's own."""
    (fact,) = own(frame, dataset)
    known, group = published(frame, dataset), published(frame, dataset, "the paper's authors")
    then, now = f"{fact.label}, before {APPEARED}", f"{fact.label}, to this day"
    found = {
        then: placed(fact, best_of([run for run in known if run.at["published"] < APPEARED])),
        now: placed(fact, best_of(known)),
    }
    if group:
        found[f"{fact.label}, beside the authors' own later models"] = placed(fact, best_of(group))
    return _outcome(found, found[then].verdict, found[then].measured, "above the best published")


DATASETS = tuple(FIVE.values())
ON_PUBLISHED: Mapping[str, Check] = {
    **{f"B.{name}": lambda frame, name=name: baselines(frame, name) for name in DATASETS},
    **{f"L.{name}": lambda frame, name=name: leads(frame, name) for name in DATASETS},
}


def _bounds(auc_N: Sequence[Decimal]) -> tuple[float | Fraction, float | Fraction]:
    """The range that counts as equal to one source's runs, in AUC."""
    found = prediction([float(auc) for auc in auc_N])
    if isinstance(found, Estimate):
        return found.interval().low, found.interval().high
    bar = Fraction(BAR_points) / 100
    return Fraction(min(auc_N)) - bar, Fraction(max(auc_N)) + bar


def _verdict(place: Finding, found: Sequence[Placed]) -> Verdict:
    standing = weakest(each.standing for each in found if each.standing)
    return Verdict(place) if standing is None else verdict(Ground(None, standing), place)


def _outcome(found: Mapping[str, Placed], verdict: Verdict, measured: str, expected: str, extra: str = "") -> Outcome:
    """The outcome of several placed numbers, by name."""
    items = tuple(Item(name, each.verdict, each.measured, each.expected, each.sources) for name, each in found.items())
    text = " ".join(f"{item.label}: {item.measured}." for item in items)
    if any(each.standing == Standing.OTHER_PROTOCOL for each in found.values()):
        text += " As the inputs were prepared by another protocol, the place says nothing of the paper."
    sources = dict.fromkeys(source for each in found.values() for source in each.sources)
    return Outcome(verdict, measured, expected, f"{text} {extra}".strip(), tuple(sources), items)


def _cited(run: Fact) -> str:
    at = run.at
    size = f"embeddings of {at['embedding_dim']}" if at["embedding_dim"] else ""
    return ", ".join(filter(None, (at["source"], at["version"], at["files"], size, at["published"])))


def _chosen_on_test(chosen: Sequence[Fact], known: Sequence[Fact]) -> str:
    """How much lower the published baselines would be if validation had chosen among the same trials."""
    same = ("model", "source")
    pairs = [
        (each, max(run.number for run in known if all(run.at[name] == each.at[name] for name in same)))
        for each in chosen
    ]
    lower = [100 * float(best - each.number) for each, best in pairs if best > each.number]
    if not lower:
        return ""
    names = ", ".join(
        f"{each.at['model']} {float(100 * each.number):.3f} ({float(100 * best):.3f})" for each, best in pairs
    )
    return (
        f"{chosen[0].at['source']} chose on the test set. With the best trial by validation (as published): {names}; "
        f"{fmean(lower):.3f} points lower on average in the {len(lower)} of {len(pairs)} that differ."
    )
