"""Every comparison of a campaign: those declared, and on a user's own data each model with each other."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from itertools import combinations, product
from math import comb

from workflow.analysis.compare.comparison import Comparison, Comparisons, Family, comparison_id
from workflow.analysis.compare.comparisons import Declared, declared
from workflow.analysis.compare.gains import Gain, best_rival, gain_of, over_best
from workflow.analysis.compare.numbers import Metric, printed_points
from workflow.analysis.evidence.cells import Observed, sample
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.evidence.standing import joined
from workflow.analysis.paper.facts import Coordinates
from workflow.analysis.paper.prints import in_paper
from workflow.plan.places import is_users
from workflow.plan.tuning import FINAL, TRIAL

SHOWN = {"rce": "R-CE"}  # names of coordinates for readers
TUNED_ALIKE = "all tuned alike"
OWN, OWN_TUNED = "own", "own-tuned"  # names on a user's own data; those of a user's experiment have its name
MOST_MODELS = 40  # more would be a search, which needs no table of all pairs


@lru_cache(maxsize=2)
def comparisons_of(evidence: Evidence) -> Comparisons:
    """Every comparison that the campaign has cells for."""
    found: dict[str, Comparison] = {}
    to_come = Counter(_own_to_come(evidence))
    for dataset in evidence.plan.campaign.datasets:
        for each in declared():
            to_come[_family(each.family, "auc", dataset)] += _to_come(evidence, each, dataset)
            if each.mean_of:
                made = _mean(evidence, each, dataset, found)
            else:
                made = (_best if each.best else _differences)(evidence, each, dataset)
            found |= {one.id: one for one in made}
    found |= {one.id: one for one in _own(evidence)}
    families: dict[str, Family] = {}
    for one in found.values():
        families.setdefault(one.family, Family([], to_come[one.family])).members.append(one)
    return Comparisons({key: replace(one, judged=families[one.family]) for key, one in found.items()})


def _family(family: str, metric: Metric, dataset: str) -> str:
    """A family has one metric, and either all datasets of the paper or one other dataset."""
    place = "" if in_paper(dataset) else f" on {dataset}"
    return f"{family}{'' if metric == 'auc' else f', {metric}'}{place}"


# -- one cell less another, or several ------------------------------------------------


def _differences(evidence: Evidence, stated: Declared, dataset: str) -> Iterator[Comparison]:
    for names, sides in _sides(stated, dataset):
        plus, minus = ([one for at in side if (one := evidence.cell(at))] for side in sides)
        if len(plus) < len(sides[0]) or len(minus) < len(sides[1]):
            continue
        shown = {key: SHOWN.get(value, value) for key, value in names.items()}
        words = {"item": stated.item.format(**shown), "over": stated.over.format(**shown)}
        filled = stated.model_copy(update=words)
        for metric in stated.metrics:
            if metric == "gauc" and plus[0].cell.runs[0].dataset.preparation.group is None:
                continue
            terms = [(1.0, one) for one in plus] + [(-1.0, one) for one in minus]
            printed = stated.printed or (stated.plus[0], stated.minus[0])
            claimed = _claimed(evidence, [_filled(at, names, dataset) for at in printed], metric)
            claimed = claimed if len(terms) == 2 else None
            yield _weighted(evidence, filled, dataset, terms, claimed, list(names.values()), metric)


def _sides(stated: Declared, dataset: str) -> Iterator[tuple[Coordinates, list[list[dict[str, str]]]]]:
    """The values of a declaration's braces, and the coordinates of both sides; no cell is compared with itself."""
    for values in product(*stated.each.values()):
        names = dict(zip(stated.each, values, strict=True))
        sides = [[_filled(at, names, dataset) for at in side] for side in (stated.plus, stated.minus)]
        if sides[0] != sides[1]:
            yield names, sides


def _to_come(evidence: Evidence, stated: Declared, dataset: str) -> int:
    """How many more comparisons of a declaration there will be once every setting is chosen."""
    missing = [[at for at in (*plus, *minus) if not evidence.cell(at)] for _, (plus, minus) in _sides(stated, dataset)]
    return sum(bool(places) and all(_is_tuned(evidence, at) for at in places) for places in missing)


def _is_tuned(evidence: Evidence, at: Coordinates) -> bool:
    """Whether the campaign tunes the model at this place, chosen or not yet."""
    return at.get("stage") == FINAL and evidence.cell({**at, "stage": TRIAL, "trial": "1"}) is not None


def _filled(at: Coordinates, names: Coordinates, dataset: str) -> dict[str, str]:
    return {**{key: value.format(**names) for key, value in at.items()}, "dataset": dataset}


def _claimed(evidence: Evidence, printed: Sequence[Coordinates], metric: Metric) -> Decimal | None:
    """The paper's gain: one printed number minus the other."""
    new, old = (printed_points(evidence, at, metric) for at in printed)
    return None if new is None or old is None else new - old


def _mean(evidence: Evidence, stated: Declared, dataset: str, found: Mapping[str, Comparison]) -> Iterator[Comparison]:
    """The mean of a declaration's gains."""
    singles = Comparisons(found).named(stated.mean_of, dataset)
    ran = [
        one
        for one in singles
        if joined(cell.ground for cell in one.cells).obstacle is None and all(cell.values("auc") for cell in one.cells)
    ]
    if len(singles) > 1:
        whole = ran or singles
        terms = [(weight / len(whole), each) for one in whole for weight, each in one.terms]
        claims = [one.paper_points for one in whole if one.paper_points is not None]
        claimed = sum(claims, Decimal(0)) / len(claims) if len(claims) == len(whole) else None
        made = _weighted(evidence, stated, dataset, terms, claimed)
        yield replace(made, members=tuple(one.id for one in ran), planned=len(singles))


def _weighted(
    evidence: Evidence,
    stated: Declared,
    dataset: str,
    terms: Sequence[tuple[float, Observed]],
    claimed: Decimal | None = None,
    values: Sequence[str] = (),
    metric: Metric = "auc",
) -> Comparison:
    def uncorrected() -> Gain:
        samples = [(weight, sample(one, metric)) for weight, one in terms]
        found = gain_of(samples, evidence.prior(samples[0][1].data, metric), claimed)
        return replace(found, about_paper=stated.question is not None)

    return Comparison(
        comparison_id(stated.name, dataset, *values, metric=metric),
        stated.question,
        _family(stated.family, metric, dataset),
        dataset,
        stated.item,
        stated.over,
        metric,
        stated.paper,
        tuple(terms),
        uncorrected,
        claimed,
    )


# -- one model and many ---------------------------------------------------------------


def _best(evidence: Evidence, stated: Declared, dataset: str) -> Iterator[Comparison]:
    own = evidence.cell(_filled(stated.plus[0], {}, dataset))
    places = [_filled(at, {}, dataset) for at in stated.minus]
    if stated.plus[0].get("stage") == FINAL:
        places = [at for at in places if _is_tuned(evidence, at)]
    rivals = [one for at in places if (one := evidence.cell(at)) is not None]
    if own is None or not rivals:
        return
    prints = {at["model"]: printed_points(evidence, at, "auc") for at in places}
    known = {name: points for name, points in prints.items() if points is not None}
    best = max(known, key=lambda name: known[name]) if known else None
    own_print = printed_points(evidence, own.at, "auc")
    claimed = own_print - known[best] if best and own_print is not None else None
    yield _over_best(evidence, stated, own, rivals, len(places), claimed, best or "")


def _over_best(
    evidence: Evidence,
    stated: Declared,
    own: Observed,
    rivals: Sequence[Observed],
    planned: int,
    claimed: Decimal | None = None,
    printed_best: str = "",
) -> Comparison:
    """A model over the best of the rivals with all their runs, or of all if none has. `planned` counts all rivals."""
    finished = [one for one in rivals if one.ground.obstacle is None]
    by_label = {one.label: one for one in finished or rivals}
    best = best_rival({label: one.values("auc") for label, one in by_label.items()})

    def uncorrected() -> Gain:
        rivals, challenger = {label: sample(one, "auc") for label, one in by_label.items()}, sample(own, "auc")
        found = over_best(challenger, rivals, evidence.prior(challenger.data, "auc"), claimed)[1]
        return replace(found, about_paper=stated.question is not None)

    terms = [(1.0, own), *([(-1.0, by_label[best])] if best else [])]
    return replace(
        _weighted(evidence, stated, own.cell.dataset, terms, claimed),
        over=f"{stated.over}, {best}" if best else stated.over,
        uncorrected=uncorrected,
        members=tuple(one.label for one in finished),
        planned=planned,
        paper_over=printed_best if printed_best != best else "",
    )


# -- a user's own data and experiments ------------------------------------------------


def own_name(evidence: Evidence, experiment: str, dataset: str) -> str | None:
    """The name of the comparisons of each model with each other; None if an experiment has none."""
    if is_users(experiment):
        return experiment
    if in_paper(dataset):
        return None
    return OWN_TUNED if experiment in evidence.plan.tuned_experiments else OWN if experiment == "table_4" else None


def models_of(evidence: Evidence, experiment: str, dataset: str) -> list[Observed]:
    """The cells that stand for whole models: of tuned ones those of the chosen settings, once they are known."""
    return [one for one in evidence.cells(experiment, dataset) if one.at.get("stage") in (None, FINAL)]


def _own(evidence: Evidence) -> Iterator[Comparison]:
    """Each model over each other, and each over the best of the others; two families for each experiment and dataset.

    Table IV and tuned models on data that the paper does not have, and experiments of the user's own.
    """
    for experiment, dataset, name in _own_tables(evidence):
        models, (every, best) = models_of(evidence, experiment, dataset), _own_families(name, dataset)
        for pair in combinations(models, 2):
            labels, terms = [one.label for one in pair], list(zip((1.0, -1.0), pair, strict=True))
            stated = Declared(name=name, family="", item=labels[0], over=labels[1])
            yield replace(_weighted(evidence, stated, dataset, terms, values=labels), family=every)
        for model in models if len(models) > 1 else ():
            others, words = [one for one in models if one is not model], "the best other model"
            stated = Declared(name=f"{name}-best:{model.label}", family="", item=model.label, over=words)
            planned = _planned_models(evidence, experiment, dataset) - 1
            yield replace(_over_best(evidence, stated, model, others, planned), family=best)


def _own_tables(evidence: Evidence) -> Iterator[tuple[str, str, str]]:
    """Experiment, dataset and the name of its comparisons, where each model is compared with each other."""
    for experiment in evidence.plan.campaign.experiments:
        for dataset in evidence.datasets_of(experiment):
            name = own_name(evidence, experiment, dataset)
            if name and len(models_of(evidence, experiment, dataset)) <= MOST_MODELS:
                yield experiment, dataset, name


def _own_families(name: str, dataset: str) -> tuple[str, str]:
    which = {OWN: "", OWN_TUNED: f", {TUNED_ALIKE}"}.get(name, f" in {name}")
    return (
        f"every model over every other on {dataset}{which}",
        _family(f"a model over the best of the others{which}", "auc", dataset),
    )


def _own_to_come(evidence: Evidence) -> dict[str, int]:
    """By family, how many more comparisons of a user's models there will be once every setting is chosen."""
    found = {}
    for experiment, dataset, name in _own_tables(evidence):
        known = len(models_of(evidence, experiment, dataset))
        whole = _planned_models(evidence, experiment, dataset)
        found |= dict(zip(_own_families(name, dataset), (comb(whole, 2) - comb(known, 2), whole - known), strict=True))
    return found


def _planned_models(evidence: Evidence, experiment: str, dataset: str) -> int:
    """Models of an experiment, chosen or not yet where they are tuned."""
    if experiment not in evidence.plan.tuned_experiments:
        return len(models_of(evidence, experiment, dataset))
    return sum(one.rounds[0].dataset == dataset for one in evidence.plan.tuned_of(experiment) if one.rounds)
