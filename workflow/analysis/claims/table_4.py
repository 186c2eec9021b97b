"""Table IV and section 4.2.3: TF4CTR beside ten baselines."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import partial
from itertools import product
from math import sqrt

from scipy import special

from workflow.analysis.claims.cases import DOUBT, OMISSION, PAPER, Check, Sign
from workflow.analysis.claims.logs import coverage, repeats
from workflow.analysis.claims.order import beats, closer, mean_gain, mean_near
from workflow.analysis.claims.order import spread as spread_of
from workflow.analysis.claims.results import Item, Outcome, number
from workflow.analysis.claims.runs import Case, Ours, RunCheck
from workflow.analysis.claims.table_2 import LOG, TF, auc_of, bar
from workflow.analysis.claims.table_3 import BEST, grid
from workflow.analysis.claims.terms import Term, count, mean, one, said, spread, term, top
from workflow.analysis.claims.weigh import prints
from workflow.analysis.evidence.cells import Sample
from workflow.analysis.paper.facts import Coordinates, Except, Fact, Frame, Match
from workflow.analysis.stats.effect import ALPHA

MODEL = "TF4CTR"
BASELINES = Except([MODEL])
FOUR = ("kkbox", "criteo", "ml-tag", "frappe")  # of Table II
FIVE = {"P41": "kkbox", "P42": "ml-1m", "P43": "ml-tag", "P44": "frappe", "P45": "criteo"}  # claims of a gain each
APART = ("ml-1m", "frappe")  # datasets on which the ten baselines lie far apart
P_LIMIT, P_RUNS = Fraction(1, 100), 5  # section 4.2.3: below 0.01, from five runs a side


def auc(frame: Frame, dataset: Match = None, model: Match = None) -> list[Fact]:
    """Printed AUCs of Table IV."""
    return frame.select("auc", table="4", dataset=dataset, model=model)


def own(frame: Frame, dataset: Match = None) -> list[Fact]:
    """Printed AUCs of TF4CTR."""
    return auc(frame, dataset, MODEL)


def best_baseline(frame: Frame, fact: Fact) -> Term:
    """The highest of the ten baselines on the dataset of a printed number."""
    return top(auc(frame, fact.at["dataset"], BASELINES))


def over_best(frame: Frame, fact: Fact) -> Term:
    """TF4CTR minus the highest of the ten."""
    return term(fact) - best_baseline(frame, fact)


def over_table_2(frame: Frame, fact: Fact) -> Term:
    """TF4CTR minus the highest of Table II."""
    return term(fact) - top(auc_of(frame, fact.at["dataset"]))


def gap(frame: Frame, fact: Fact) -> Term:
    """How far the ten baselines lie apart on the dataset of a printed number."""
    return spread(auc(frame, fact.at["dataset"], BASELINES))


# -- beside other tables and the logs -------------------------------------------------


def released(at: Coordinates) -> Coordinates | None:
    """S.T4: of this table only TF4CTR's logs are released."""
    return {"model": "TF4CTRv2", "ssem": "SER", "dfm": BEST.get(at["dataset"], "WSF")} if at["model"] == MODEL else None


def _edcn_on_ml_tag(frame: Frame) -> Outcome:
    nine = auc(frame, "ml-tag", Except(["EDCN", MODEL]))
    return DOUBT.single(top(nine, min) - one(auc(frame, "ml-tag", "EDCN")), "≤", spread(nine))


def seeds_logged(frame: Frame, seeds: int, least: int, model: Match = None) -> Outcome:
    """P36, P36.two and P67: configurations with so many seeds."""
    return repeats(frame, frame.select("test_auc", source="log", model=model), seeds, least)


# -- what the text says of it ---------------------------------------------------------


def _apart(frame: Frame, claim: str, sign: Sign) -> Outcome:
    return PAPER.each(own(frame, APART), sign, said(frame, claim, "gap"), of=partial(gap, frame))


def _over_dualmlp(frame: Frame, claim: str, loss: str) -> Outcome:
    gain = mean(own(frame, FOUR)) - mean(auc_of(frame, model="DualMLP", loss=loss))
    return PAPER.single(gain, "truncated to", said(frame, claim, "gain"))


def p_values(frame: Frame) -> Outcome:
    """P47: below the limit, and what spread over seeds each implies at its gap to the best baseline."""
    found: list[Item] = []
    for fact in frame.select("p_value", table="4"):
        gain = over_best(frame, own(frame, fact.at["dataset"])[0])
        sd = implied_sd(float(gain.number), float(fact.number), P_RUNS)
        shown = f"p = {fact.text} at a gap of {number(gain.value)} needs a pooled sd of {sd:.3f}"
        names = (fact.label, *(each.label for each in gain.facts))
        found.append(PAPER.item(fact.label, fact.number < P_LIMIT and gain.number > 0, shown, "p < 0.01", names))
    shown = "; ".join(item.measured for item in found)
    return PAPER.many(found, extra=f"A two-sided t test of {P_RUNS} + {P_RUNS} runs: {shown}.")


def implied_sd(gap: float, p: float, runs: int) -> float:
    """Pooled standard deviation at which so many runs a side give this two-sided p of Student's test."""
    return gap / (-float(special.stdtrit(2 * runs - 2, p / 2)) * sqrt(2 / runs))


ON_PAPER: Mapping[str, Check] = {
    "T4.T3": lambda frame: PAPER.each(
        own(frame, Except(["criteo"])), "=", lambda fact: top(grid(frame, "auc", fact.at["dataset"]))
    ),
    "T4.T2": lambda frame: PAPER.each(
        auc_of(frame, model=Except(["DualMLP"]), loss=LOG),
        "=",
        of=lambda fact: one(auc(frame, fact.at["dataset"], fact.at["model"])),
    ),
    "T4.edcn": _edcn_on_ml_tag,
    "T4.dualmlp": lambda frame: OMISSION.present(auc(frame, model="DualMLP"), "DualMLP in Table IV"),
    "T4.dualmlp-criteo": lambda frame: PAPER.each(
        auc_of(frame, model="DualMLP", loss=LOG), "<", partial(best_baseline, frame)
    ),
    "P36.ten": lambda frame: PAPER.each(
        own(frame),
        "=",
        said(frame, "P36.ten", "baselines"),
        of=lambda fact: count(auc(frame, fact.at["dataset"], BASELINES)),
    ),
    "P37": partial(_apart, claim="P37", sign="≤"),
    "P37.least": partial(_apart, claim="P37.least", sign="≥"),
    "P37.criteo": lambda frame: PAPER.each(
        own(frame, APART), "<", partial(gap, frame), of=gap(frame, own(frame, "criteo")[0])
    ),
    "P37.scale": lambda frame: PAPER.each(
        own(frame, ("kkbox", "ml-tag")), "<", gap(frame, own(frame, "ml-1m")[0]), of=partial(gap, frame)
    ),
    "P38": lambda frame: PAPER.single(mean(own(frame, FOUR)), "truncated to", said(frame, "P38", "auc")),
    "P39": partial(_over_dualmlp, claim="P39", loss=LOG),
    "P40": partial(_over_dualmlp, claim="P40", loss=TF),
    **{
        claim: lambda frame, claim=claim, name=name: PAPER.single(
            over_best(frame, own(frame, name)[0]), "=", said(frame, claim, "gain")
        )
        for claim, name in FIVE.items()
    },
    "P46": lambda frame: PAPER.each(own(frame), ">", said(frame, "P46", "bar"), of=partial(over_best, frame)),
    "P47": p_values,
    "P66": lambda frame: PAPER.best(own(frame), lambda fact: auc(frame, fact.at["dataset"]), alone=True),
    "P66.next-best": lambda frame: PAPER.each(
        own(frame, FOUR), "≥", lambda fact: top(auc_of(frame, fact.at["dataset"])), of=partial(best_baseline, frame)
    ),
    "P66.rivals": lambda frame: PAPER.each(own(frame, FOUR), "≥", bar(frame), of=partial(over_table_2, frame)),
}
ON_LOGS: Mapping[str, Check] = {
    "S.T4": lambda frame: coverage(frame, auc(frame), released),
    "S.T4.p": lambda frame: coverage(frame, frame.select("p_value", table="4"), lambda _: None),
    "P36": partial(seeds_logged, seeds=5, least=5, model="TF4CTRv2"),
    "P36.two": partial(seeds_logged, seeds=2, least=1),
    "P67": partial(seeds_logged, seeds=5, least=1),
}

# -- our runs -------------------------------------------------------------------------


def ours_of_ten(ours: Ours, dataset: str) -> list[Sample]:
    """The baselines on a dataset."""
    return ours.samples(auc(ours, dataset, BASELINES))


def _ours_apart(ours: Ours, claim: str, *, most: bool) -> list[Case]:
    return [spread_of(ours_of_ten(ours, name), said(ours, claim, "gap").number, name, most=most) for name in APART]


def _ours_closer(ours: Ours, own_sets: tuple[str, ...], others: tuple[str, ...]) -> list[Case]:
    pairs = product(own_sets, others)
    return [closer(ours_of_ten(ours, name), ours_of_ten(ours, other), name, other) for name, other in pairs]


def beside_dualmlp(ours: Ours, loss: str) -> list[tuple[Sample, Sample]]:
    """TF4CTR and DualMLP with a loss, on each of the four datasets."""
    pairs = ((fact, auc_of(ours, fact.at["dataset"], "DualMLP", loss)[0]) for fact in own(ours, FOUR))
    return [(ours.sample(fact.at), ours.sample(other.at)) for fact, other in pairs]


def _ours_over_dualmlp(ours: Ours, claim: str, loss: str) -> list[Item]:
    return [mean_gain(beside_dualmlp(ours, loss), Decimal(said(ours, claim, "gain").text))]


def _ours_beyond_the_bar(ours: Ours) -> Iterator[Item]:
    least = said(ours, "P46", "bar").number
    for fact in own(ours):
        yield ours.beyond(least, over_best(ours, fact).number > least, "tf4ctr", fact.at["dataset"])


def _over_rivals(ours: Ours) -> Iterator[Case]:
    least = bar(ours).number
    for fact in own(ours, FOUR):
        rivals, fails = auc_of(ours, fact.at["dataset"], loss=TF), over_table_2(ours, fact).number < least
        yield beats(*ours.against(fact, rivals), bar=least, as_printed=fails)


def over_all(ours: Ours, level: float = ALPHA) -> list[Item]:
    """P66, and P47 at the level of its p-values."""
    return [ours.gain("tf4ctr", fact.at["dataset"], level=level) for fact in own(ours)]


ON_RUNS: Mapping[str, RunCheck] = {
    "S.T4": lambda ours: prints(ours, auc(ours)),
    "P37": partial(_ours_apart, claim="P37", most=True),
    "P37.least": partial(_ours_apart, claim="P37.least", most=False),
    "P37.criteo": partial(_ours_closer, own_sets=("criteo",), others=APART),
    "P37.scale": partial(_ours_closer, own_sets=("kkbox", "ml-tag"), others=("ml-1m",)),
    "P38": lambda ours: [mean_near(ours, own(ours, FOUR), said(ours, "P38", "auc").number)],
    "P39": partial(_ours_over_dualmlp, claim="P39", loss=LOG),
    "P39.each": lambda ours: [ours.gain("tf4ctr-over-left-out", name, "DualMLP") for name in FOUR],
    "P40": partial(_ours_over_dualmlp, claim="P40", loss=TF),
    "P40.each": lambda ours: [beats(item, [other]) for item, other in beside_dualmlp(ours, TF)],
    **{claim: lambda ours, name=name: [ours.gain("tf4ctr", name)] for claim, name in FIVE.items()},
    # the lead over baselines that are finetuned as section 4.1 says: every model with one budget, chosen by validation
    **{f"B.{name}.tuned": lambda ours, name=name: [ours.gain("tuned", name)] for name in FIVE.values()},
    "P46": _ours_beyond_the_bar,
    "P47": lambda ours: over_all(ours, float(said(ours, "P47", "most").number)),
    "P66": over_all,
    "P66.rivals": _over_rivals,
}
