"""Table IV and section 4.2.3: TF4CTR beside ten baselines."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import partial
from math import sqrt

from scipy import special

from workflow.analysis.claims.cases import DOUBT, OMISSION, PAPER, Check, Seen, Sign, best_of
from workflow.analysis.claims.logs import AUC, coverage, repeats
from workflow.analysis.claims.order import closer, mean_gain, mean_near
from workflow.analysis.claims.order import spread as spread_of
from workflow.analysis.claims.results import Outcome, number
from workflow.analysis.claims.runs import Case, Ours, Side
from workflow.analysis.claims.table_2 import LOG, TF, auc_of, bar
from workflow.analysis.claims.table_3 import BEST, grid
from workflow.analysis.claims.terms import Term, bottom, count, mean, one, said, spread, term, top
from workflow.analysis.claims.tested import Tested, beats
from workflow.analysis.claims.weigh import RunCheck, conclude, prints
from workflow.analysis.paper.facts import Coordinates, Except, Fact, Frame, Match
from workflow.analysis.stats.effect import ALPHA

MODEL = "TF4CTR"
BASELINES = Except([MODEL])
FOUR = ("kkbox", "criteo", "ml-tag", "frappe")  # of Table II
FIVE = {"P41": "kkbox", "P42": "ml-1m", "P43": "ml-tag", "P44": "frappe", "P45": "criteo"}  # claims of a gain each
P_LIMIT, P_RUNS = Fraction(1, 100), 5  # section 4.2.3: below 0.01, from five runs a side


def auc(frame: Frame, dataset: Match = None, model: Match = None) -> list[Fact]:
    """Printed AUCs of Table IV."""
    return frame.select("auc", table="4", dataset=dataset, model=model)


def own(frame: Frame, dataset: Match = None) -> list[Fact]:
    """TF4CTR's."""
    return auc(frame, dataset, MODEL)


def best_baseline(frame: Frame, fact: Fact) -> Term:
    """The highest of the ten on the dataset of a print."""
    return top(auc(frame, fact.at["dataset"], BASELINES))


def over_best(frame: Frame, fact: Fact) -> Term:
    """TF4CTR less the highest of the ten."""
    return term(fact) - best_baseline(frame, fact)


def over_table_2(frame: Frame, fact: Fact) -> Term:
    """TF4CTR less the highest of Table II."""
    return term(fact) - top(auc_of(frame, fact.at["dataset"]))


def gap(frame: Frame, fact: Fact) -> Term:
    """How far the ten lie apart on the dataset of a print."""
    return spread(auc(frame, fact.at["dataset"], BASELINES))


# -- beside other tables and the logs -------------------------------------------------


def logged(frame: Frame) -> Outcome:
    """S.T4: TF4CTR's logs alone are released."""

    def logs_of(at: Coordinates) -> list[Fact]:
        if at["model"] != MODEL:
            return []
        dfm = BEST.get(at["dataset"], "WSF")
        return frame.select("test_auc", source="log", model="TF4CTRv2", dataset=at["dataset"], ssem="SER", dfm=dfm)

    return coverage(frame, auc(frame), logs_of, AUC)


def edcn_on_ml_tag(frame: Frame) -> Outcome:
    """T4.edcn."""
    nine = auc(frame, "ml-tag", Except(["EDCN", MODEL]))
    return DOUBT.single(bottom(nine) - one(auc(frame, "ml-tag", "EDCN")), "≤", spread(nine))


def seeds_logged(frame: Frame, seeds: int, least: int, model: Match = None) -> Outcome:
    """P36, P36.two and P67: configurations with so many seeds."""
    return repeats(frame, frame.select("test_auc", source="log", model=model), seeds, least)


# -- what the text says of it ---------------------------------------------------------


def apart(frame: Frame, claim: str, sign: Sign) -> Outcome:
    """P37 and P37.least."""
    return PAPER.each(own(frame, ("ml-1m", "frappe")), partial(gap, frame), sign, said(frame, claim, "gap"))


def over_dualmlp(frame: Frame, claim: str, loss: str) -> Outcome:
    """P39 and P40."""
    gain = mean(own(frame, FOUR)) - mean(auc_of(frame, model="DualMLP", loss=loss))
    return PAPER.single(gain, "truncated to", said(frame, claim, "gain"))


def p_values(frame: Frame) -> Outcome:
    """P47: below the limit, and what spread over seeds each implies at its gap to the best baseline."""
    found: list[Seen] = []
    for fact in frame.select("p_value", table="4"):
        gain = over_best(frame, own(frame, fact.at["dataset"])[0])
        sd = implied_sd(float(gain.number), float(fact.number), P_RUNS)
        shown = f"p = {fact.text} at a gap of {number(gain.value)} needs a pooled sd of {sd:.3f}"
        names = (fact.label, *(each.label for each in gain.facts))
        found.append(Seen(fact.label, fact.number < P_LIMIT and gain.number > 0, shown, "p < 0.01", names))
    shown = "; ".join(case.found for case in found)
    return PAPER.many(found, extra=f"A two-sided t test of {P_RUNS} + {P_RUNS} runs: {shown}.")


def implied_sd(gap: float, p: float, runs: int) -> float:
    """Pooled standard deviation at which `runs` a side give a two-sided p-value of Student's test for a gap of means.

    Examples
    --------
    >>> round(implied_sd(0.26, 2.44e-4, 5), 3)
    0.066
    """
    return gap / (-float(special.stdtrit(2 * runs - 2, p / 2)) * sqrt(2 / runs))


ON_PAPER: Mapping[str, Check] = {
    "T4.T3": lambda frame: PAPER.each(
        own(frame, Except(["criteo"])), term, "=", lambda fact: top(grid(frame, "auc", fact.at["dataset"]))
    ),
    "T4.T2": lambda frame: PAPER.each(
        auc_of(frame, model=Except(["DualMLP"]), loss=LOG),
        lambda fact: one(auc(frame, fact.at["dataset"], fact.at["model"])),
        "=",
        term,
    ),
    "T4.edcn": edcn_on_ml_tag,
    "T4.dualmlp": lambda frame: OMISSION.present(auc(frame, model="DualMLP"), "DualMLP in Table IV"),
    "T4.dualmlp-criteo": lambda frame: PAPER.each(
        auc_of(frame, model="DualMLP", loss=LOG), term, "<", partial(best_baseline, frame)
    ),
    "P36.ten": lambda frame: PAPER.each(
        own(frame),
        lambda fact: count(auc(frame, fact.at["dataset"], BASELINES)),
        "=",
        said(frame, "P36.ten", "baselines"),
    ),
    "P37": lambda frame: apart(frame, "P37", "≤"),
    "P37.least": lambda frame: apart(frame, "P37.least", "≥"),
    "P37.criteo": lambda frame: PAPER.each(
        own(frame, ("ml-1m", "frappe")), gap(frame, own(frame, "criteo")[0]), "<", partial(gap, frame)
    ),
    "P37.scale": lambda frame: PAPER.each(
        own(frame, ("kkbox", "ml-tag")), partial(gap, frame), "<", gap(frame, own(frame, "ml-1m")[0])
    ),
    "P38": lambda frame: PAPER.single(mean(own(frame, FOUR)), "truncated to", said(frame, "P38", "auc")),
    "P39": lambda frame: over_dualmlp(frame, "P39", LOG),
    "P40": lambda frame: over_dualmlp(frame, "P40", TF),
    **{
        claim: lambda frame, claim=claim, name=name: PAPER.single(
            over_best(frame, own(frame, name)[0]), "=", said(frame, claim, "gain")
        )
        for claim, name in FIVE.items()
    },
    "P46": lambda frame: PAPER.each(own(frame), partial(over_best, frame), ">", said(frame, "P46", "bar")),
    "P47": p_values,
    "P66": lambda frame: PAPER.many(best_of(fact, auc(frame, fact.at["dataset"]), alone=True) for fact in own(frame)),
    "P66.next-best": lambda frame: PAPER.each(
        own(frame, FOUR), partial(best_baseline, frame), "≥", lambda fact: top(auc_of(frame, fact.at["dataset"]))
    ),
    "P66.rivals": lambda frame: PAPER.each(own(frame, FOUR), partial(over_table_2, frame), "≥", bar(frame)),
}
ON_LOGS: Mapping[str, Check] = {
    "S.T4": logged,
    "S.T4.p": lambda frame: coverage(frame, frame.select("p_value", table="4"), lambda _: [], {"p_value": "p_value"}),
    "P36": lambda frame: seeds_logged(frame, 5, 5, "TF4CTRv2"),
    "P36.two": lambda frame: seeds_logged(frame, 2, 1),
    "P67": lambda frame: seeds_logged(frame, 5, 1),
}

# -- our runs -------------------------------------------------------------------------


def ours_of_ten(frame: Frame, ours: Ours, dataset: str) -> list[Side]:
    """The baselines on a dataset."""
    return ours.sides(auc(frame, dataset, BASELINES))


def ours_apart(claim: str, *, most: bool) -> RunCheck:
    """P37 and P37.least."""
    return lambda frame, ours: conclude(
        spread_of(ours_of_ten(frame, ours, name), said(frame, claim, "gap").number, name, most=most)
        for name in ("ml-1m", "frappe")
    )


def ours_closer(own_sets: tuple[str, ...], others: tuple[str, ...]) -> RunCheck:
    """P37.criteo and P37.scale."""
    return lambda frame, ours: conclude(
        closer(ours_of_ten(frame, ours, name), ours_of_ten(frame, ours, other), name, other)
        for name in own_sets
        for other in others
    )


def beside_dualmlp(frame: Frame, ours: Ours, loss: str) -> list[tuple[Side, Side]]:
    """TF4CTR and DualMLP with a loss, on each of the four datasets."""
    pairs = ((fact, auc_of(frame, fact.at["dataset"], "DualMLP", loss)[0]) for fact in own(frame, FOUR))
    return [(ours.side(fact.at), ours.side(other.at)) for fact, other in pairs]


def ours_over_dualmlp(claim: str, loss: str) -> RunCheck:
    """P39 and P40."""
    return lambda frame, ours: conclude(
        [mean_gain(beside_dualmlp(frame, ours, loss), Decimal(said(frame, claim, "gain").text))]
    )


def ours_beyond_the_bar(frame: Frame, ours: Ours) -> Iterator[Case]:
    """P46."""
    least = said(frame, "P46", "bar").number
    for fact in own(frame):
        yield ours.beyond(least, over_best(frame, fact).number > least, "tf4ctr", fact.at["dataset"])


def over_rivals(frame: Frame, ours: Ours) -> Iterator[Tested]:
    """P66.rivals."""
    least = bar(frame).number
    for fact in own(frame, FOUR):
        rivals, fails = auc_of(frame, fact.at["dataset"], loss=TF), over_table_2(frame, fact).number < least
        yield beats(*ours.against(fact, rivals), bar=least, as_printed=fails)


def over_all(frame: Frame, ours: Ours, level: float = ALPHA) -> Outcome:
    """P66, and P47 at the level of its p-values."""
    return conclude(ours.gain("tf4ctr", fact.at["dataset"], level=level) for fact in own(frame))


ON_RUNS: Mapping[str, RunCheck] = {
    "S.T4": lambda frame, ours: prints(ours, auc(frame)),
    "P37": ours_apart("P37", most=True),
    "P37.least": ours_apart("P37.least", most=False),
    "P37.criteo": ours_closer(("criteo",), ("ml-1m", "frappe")),
    "P37.scale": ours_closer(("kkbox", "ml-tag"), ("ml-1m",)),
    "P38": lambda frame, ours: conclude([mean_near(ours, own(frame, FOUR), said(frame, "P38", "auc").number)]),
    "P39": ours_over_dualmlp("P39", LOG),
    "P39.each": lambda _, ours: conclude(ours.gain("tf4ctr-over-left-out", name, "DualMLP") for name in FOUR),
    "P40": ours_over_dualmlp("P40", TF),
    "P40.each": lambda frame, ours: conclude(beats(item, [other]) for item, other in beside_dualmlp(frame, ours, TF)),
    **{claim: lambda _, ours, name=name: conclude([ours.gain("tf4ctr", name)]) for claim, name in FIVE.items()},
    # the lead over baselines that are finetuned as section 4.1 says: every model with one budget, chosen by validation
    **{f"B.{name}.tuned": lambda _, ours, name=name: conclude([ours.gain("tuned", name)]) for name in FIVE.values()},
    "P46": lambda frame, ours: conclude(ours_beyond_the_bar(frame, ours)),
    "P47": lambda frame, ours: over_all(frame, ours, float(said(frame, "P47", "most").number)),
    "P66": over_all,
    "P66.rivals": lambda frame, ours: conclude(over_rivals(frame, ours)),
}
