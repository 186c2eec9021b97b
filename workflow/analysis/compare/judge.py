"""Every declared comparison of a campaign, computed once and corrected once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from itertools import combinations, product

from workflow.analysis.compare.comparisons import DECLARED, Declared, DeclaredBest, DeclaredMean, Question
from workflow.analysis.compare.gains import Gain, Term, corrected, gain_of
from workflow.analysis.compare.numbers import Metric, printed_points
from workflow.analysis.compare.rivals import over_best
from workflow.analysis.compare.words import Verdict
from workflow.analysis.evidence.cells import Observed, sample
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.paper.prints import in_paper
from workflow.plan.config import load_dataset
from workflow.plan.tuning import FINAL

At = Mapping[str, str]
OWN, OWN_TUNED = "own", "own-tuned"  # names of comparisons that nobody declares: on a user's own data


@dataclass(frozen=True)
class Comparison:
    """One gain on one dataset: what it is of, and what it came to.

    `cells` are the runs' cells, those of the item first. `members` are the ids of the comparisons that a
    mean is of, or the names of the rivals that the best is the best of; `planned` is how many there should be.
    `paper_over` names what the paper's gain is over, where its best is another.
    """

    id: str
    question: Question | None  # None on a user's own data
    family: str
    dataset: str
    item: str
    over: str
    metric: Metric
    paper: bool
    cells: tuple[Observed, ...]
    gain: Gain
    members: tuple[str, ...] = ()
    planned: int = 0
    paper_over: str = ""

    @property
    def verdict(self) -> Verdict:
        """Its word."""
        return self.gain.verdict

    @property
    def title(self) -> str:
        """The dataset's name for readers."""
        return load_dataset(self.dataset).title

    @property
    def run_keys(self) -> tuple[str, ...]:
        """The runs behind it."""
        return tuple(dict.fromkeys(key for one in self.cells for key in one.keys))

    @property
    def ran(self) -> bool:
        """Whether all its runs ended with a result."""
        return self.gain.ground.obstacle is None and self.gain.mean is not None


class Comparisons(Mapping[str, Comparison]):
    """All comparisons of a campaign by id, in the order of their declaration."""

    def __init__(self, found: Iterable[Comparison]) -> None:
        self._by_id = {one.id: one for one in found}

    def __getitem__(self, key: str) -> Comparison:
        return self._by_id[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_id)

    def __len__(self) -> int:
        return len(self._by_id)

    def named(self, name: str, dataset: str | None = None, metric: Metric = "auc") -> list[Comparison]:
        """Those of one declaration, on all datasets or on one."""
        return [
            one
            for one in self.values()
            if one.id.partition("@")[0].partition(":")[0] == name
            and one.metric == metric
            and dataset in (None, one.dataset)
        ]


@lru_cache(maxsize=2)
def comparisons_of(evidence: Evidence) -> Comparisons:
    """Compute and correct every comparison that the campaign has cells for; once for each evidence."""
    found: dict[str, Comparison] = {}
    cells = {
        frozenset(one.at.items()): one
        for name in evidence.plan.campaign.experiments
        if name not in evidence.plan.timed
        for one in evidence.cells(name)
    }
    for dataset in evidence.plan.campaign.datasets:
        for declared in DECLARED:
            makers = {Declared: _differences, DeclaredBest: _best, DeclaredMean: _mean}
            maker = makers[type(declared)]
            found |= {one.id: one for one in maker(evidence, declared, dataset, cells, found)}
        if not in_paper(dataset):
            found |= {one.id: one for one in _own(evidence, dataset)}
    return Comparisons(_corrected(found.values()))


def comparison_id(name: str, dataset: str, *values: str, metric: Metric = "auc") -> str:
    """The id of a comparison.

    Examples
    --------
    >>> comparison_id("tf-loss", "frappe", "DCN"), comparison_id("ser", "frappe", metric="gauc")
    ('tf-loss:DCN@frappe', 'ser@frappe/gauc')
    """
    inner = f":{'+'.join(values)}" if values else ""
    return f"{name}{inner}@{dataset}{'' if metric == 'auc' else f'/{metric}'}"


# -- one cell less another ------------------------------------------------------------


def _differences(
    evidence: Evidence,
    declared: Declared,
    dataset: str,
    cells: Mapping[frozenset[tuple[str, str]], Observed],
    _: object,
) -> Iterator[Comparison]:
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
                _family(declared.family, metric, dataset),
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


def _family(family: str, metric: Metric, dataset: str) -> str:
    """A family is of one metric, and of the paper's datasets or of one that the paper does not have."""
    place = "" if in_paper(dataset) else f" on {dataset}"
    return f"{family}{'' if metric == 'auc' else f', {metric}'}{place}"


# -- one model and many ---------------------------------------------------------------


def _best(
    evidence: Evidence,
    declared: DeclaredBest,
    dataset: str,
    cells: Mapping[frozenset[tuple[str, str]], Observed],
    _: object,
) -> Iterator[Comparison]:
    own = cells.get(frozenset(_filled(declared.own, {}, dataset).items()))
    places = [_filled(at, {}, dataset) for at in declared.rivals]
    planned = [one for at in places if (one := cells.get(frozenset(at.items()))) is not None]
    if own is None or not planned:
        return
    prints = {at["model"]: printed_points(evidence, at, "auc") for at in places}
    known = {name: points for name, points in prints.items() if points is not None}
    best = max(known, key=lambda name: known[name]) if known else None
    own_print = printed_points(evidence, own.at, "auc")
    claimed = own_print - known[best] if best and own_print is not None else None
    yield _over_best(evidence, declared, own, planned, claimed, best or "")


def _over_best(
    evidence: Evidence,
    declared: DeclaredBest,
    own: Observed,
    rivals: Sequence[Observed],
    claimed: Decimal | None,
    best: str,
) -> Comparison:
    """A model over the best of those rivals that have all their runs; of all, where none has."""
    finished = [one for one in rivals if one.ground.obstacle is None]
    met = finished or list(rivals)
    by_label = {one.label: one for one in met}
    samples = {label: sample(one, "auc") for label, one in by_label.items()}
    own_sample = sample(own, "auc")
    found = over_best(own_sample, samples, evidence.prior(own_sample.data, "auc"), claimed)
    over = f"{declared.over}, {found.best}" if found.best else declared.over
    return Comparison(
        comparison_id(declared.name, own.cell.dataset),
        declared.question,
        _family(declared.family, "auc", own.cell.dataset),
        own.cell.dataset,
        declared.item,
        over,
        "auc",
        declared.paper,
        (own, by_label[found.best]) if found.best else (own,),
        found.gain,
        tuple(one.label for one in finished),
        len(declared.rivals),
        best if best != found.best else "",
    )


# -- the mean of many -----------------------------------------------------------------


def _mean(
    evidence: Evidence, declared: DeclaredMean, dataset: str, _: object, found: Mapping[str, Comparison]
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
        _family(declared.family, "auc", dataset),
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


# -- a user's own data ----------------------------------------------------------------


def _own(evidence: Evidence, dataset: str) -> Iterator[Comparison]:
    """Every model over every other, and each over the best of the others; a family each, Table IV and tuned apart."""
    campaign, tuned = evidence.plan.campaign, evidence.plan.tuned_experiments
    untuned = evidence.cells("table_4") if "table_4" in campaign.experiments else ()
    finals = [one for name in tuned for one in evidence.cells(name) if one.at["stage"] == FINAL]
    for name, cells, state in ((OWN, untuned, ""), (OWN_TUNED, finals, ", all tuned alike")):
        models = [one for one in cells if one.cell.dataset == dataset]
        for first, second in combinations(models, 2):
            yield _pair(evidence, name, f"every model over every other on {dataset}{state}", first, second)
        for model in models if len(models) > 1 else ():
            others = [one for one in models if one is not model]
            declared = DeclaredBest(
                f"{name}-best:{model.label}",
                "RQ3",
                f"a model over the best of the others{state}",
                model.label,
                "the best other model",
                {},
                tuple(one.at for one in others),
            )
            yield replace(_over_best(evidence, declared, model, others, None, ""), question=None)


def _pair(evidence: Evidence, name: str, family: str, first: Observed, second: Observed) -> Comparison:
    dataset = first.cell.dataset
    terms = [(1.0, sample(first, "auc")), (-1.0, sample(second, "auc"))]
    return Comparison(
        comparison_id(name, dataset, first.label, second.label),
        None,
        family,
        dataset,
        first.label,
        second.label,
        "auc",
        False,
        (first, second),
        gain_of(terms, evidence.prior(terms[0][1].data, "auc")),
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
