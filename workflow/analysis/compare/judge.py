"""Every declared comparison of a campaign, computed once and corrected once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from itertools import product

from workflow.analysis.compare.comparison import Comparison, Comparisons, comparison_id, family_of, over_best_of
from workflow.analysis.compare.comparisons import DECLARED
from workflow.analysis.compare.declared import Declared, DeclaredBest, DeclaredMean
from workflow.analysis.compare.gains import Term, corrected, gain_of
from workflow.analysis.compare.numbers import Metric, printed_points
from workflow.analysis.compare.own import own_comparisons
from workflow.analysis.evidence.cells import Observed, sample
from workflow.analysis.evidence.load import Evidence
from workflow.plan.tuning import FINAL, TRIAL

At = Mapping[str, str]
Cells = Mapping[frozenset[tuple[str, str]], Observed]  # by coordinates


@lru_cache(maxsize=2)
def comparisons_of(evidence: Evidence) -> Comparisons:
    """Compute and correct every comparison that the campaign has cells for; once for each evidence."""
    found: dict[str, Comparison] = {}
    cells = {
        frozenset(one.at.items()): one
        for name in evidence.plan.campaign.experiments
        if name not in evidence.plan.timed
        for one in (*evidence.cells(name), *evidence.means_of_two(name))
    }
    for dataset in evidence.plan.campaign.datasets:
        for declared in DECLARED:
            if isinstance(declared, Declared):
                made = _differences(evidence, declared, dataset, cells)
            elif isinstance(declared, DeclaredBest):
                made = _best(evidence, declared, dataset, cells)
            elif isinstance(declared, DeclaredMean):
                made = _mean(evidence, declared, dataset, found)
            else:
                raise AssertionError(declared)
            found |= {one.id: one for one in made}
    found |= {one.id: one for one in own_comparisons(evidence)}
    return Comparisons({one.id: one for one in _corrected(found.values())})


# -- one cell less another ------------------------------------------------------------


def _differences(evidence: Evidence, declared: Declared, dataset: str, cells: Cells) -> Iterator[Comparison]:
    for values in product(*declared.each.values()):
        names = dict(zip(declared.each, values, strict=True))
        sides = [[_filled(at, names, dataset) for at in side] for side in (declared.plus, declared.minus)]
        observed = [[cells.get(frozenset(at.items())) for at in side] for side in sides]
        plus, minus = ([one for one in side if one is not None] for side in observed)
        if len(plus) < len(sides[0]) or len(minus) < len(sides[1]) or sides[0] == sides[1]:
            continue
        for metric in declared.metrics:
            if metric == "gauc" and plus[0].cell.runs[0].dataset.preparation.group is None:
                continue
            terms = [(1.0, sample(one, metric)) for one in plus] + [(-1.0, sample(one, metric)) for one in minus]
            printed = declared.printed or (declared.plus[0], declared.minus[0])
            claimed = _claimed(evidence, [_filled(at, names, dataset) for at in printed], metric)
            yield Comparison(
                comparison_id(declared.name, dataset, *values, metric=metric),
                declared.question,
                family_of(declared.family, metric, dataset),
                dataset,
                declared.item.format(**names),
                declared.over.format(**names),
                metric,
                declared.paper,
                (*plus, *minus),
                gain_of(terms, evidence.prior(terms[0][1].data, metric), claimed if len(terms) == 2 else None),
            )


def _filled(at: At, names: At, dataset: str) -> dict[str, str]:
    return {**{key: value.format(**names) for key, value in at.items()}, "dataset": dataset}


def _claimed(evidence: Evidence, printed: Sequence[At], metric: Metric) -> Decimal | None:
    """The paper's gain: one print less the other."""
    points = [printed_points(evidence, at, metric) for at in printed]
    known = [each for each in points if each is not None]
    return known[0] - known[1] if len(known) == 2 else None


# -- one model and many ---------------------------------------------------------------


def _best(evidence: Evidence, declared: DeclaredBest, dataset: str, cells: Cells) -> Iterator[Comparison]:
    own = cells.get(frozenset(_filled(declared.own, {}, dataset).items()))
    places = [_filled(at, {}, dataset) for at in declared.rivals]
    if declared.own.get("stage") == FINAL:  # of tuned models those that the campaign tunes, chosen or not yet
        places = [at for at in places if frozenset({**at, "stage": TRIAL, "trial": "1"}.items()) in cells]
    rivals = [one for at in places if (one := cells.get(frozenset(at.items()))) is not None]
    if own is None or not rivals:
        return
    prints = {at["model"]: printed_points(evidence, at, "auc") for at in places}
    known = {name: points for name, points in prints.items() if points is not None}
    best = max(known, key=lambda name: known[name]) if known else None
    own_print = printed_points(evidence, own.at, "auc")
    claimed = own_print - known[best] if best and own_print is not None else None
    yield over_best_of(evidence, declared, own, rivals, len(places), claimed, best or "")


# -- the mean of many -----------------------------------------------------------------


def _mean(
    evidence: Evidence, declared: DeclaredMean, dataset: str, found: Mapping[str, Comparison]
) -> Iterator[Comparison]:
    singles = [one for one in found.values() if one.id.partition(":")[0] == declared.of and one.dataset == dataset]
    if len(singles) < 2:
        return
    whole = [one for one in singles if one.ran] or singles
    share = 1 / len(whole)
    terms: list[Term] = [(share * weight, each) for one in whole for weight, each in one.gain.terms]
    claims = [one.gain.paper_points for one in whole if one.gain.paper_points is not None]
    claimed = sum(claims, Decimal(0)) / len(claims) if len(claims) == len(whole) else None
    yield Comparison(
        comparison_id(declared.name, dataset),
        declared.question,
        family_of(declared.family, "auc", dataset),
        dataset,
        declared.item,
        declared.over,
        "auc",
        declared.paper,
        tuple(cell for one in whole for cell in one.cells),
        gain_of(terms, evidence.prior(terms[0][1].data, "auc"), claimed),
        tuple(one.id for one in whole if one.ran),
        len(singles),
    )


# -- correction -----------------------------------------------------------------------


def _corrected(found: Iterable[Comparison]) -> list[Comparison]:
    """Holm's rule in each family."""
    families: dict[str, list[Comparison]] = {}
    kept = list(found)
    for one in kept:
        families.setdefault(one.family, []).append(one)
    judged = {
        one.id: replace(one, gain=gain)
        for family in families.values()
        for one, gain in zip(family, corrected([one.gain for one in family]), strict=True)
    }
    return [judged[one.id] for one in kept]
