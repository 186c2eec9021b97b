"""Sections 4.3 and 4.4.1: the sweeps of Figures 6 to 9, and what Figure 10 needs."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from workflow.analysis.claims.cases import LOGS, PAPER, Check, logged_at_all, side_by_side
from workflow.analysis.claims.order import beats
from workflow.analysis.claims.results import Item, Outcome
from workflow.analysis.claims.runs import Case, Ours, RunCheck, of_gain
from workflow.analysis.claims.table_3 import alpha
from workflow.analysis.claims.terms import said
from workflow.analysis.compare.swept import Swept
from workflow.analysis.compare.words import Finding
from workflow.analysis.evidence.standing import Obstacle, Standing
from workflow.analysis.paper.facts import Except, Fact, Frame

WSF = {"ssem": "SER", "dfm": "WSF"}
SWEPT_SETS = ("ml-tag", "frappe", "ml-1m")
SEEN: Mapping[Finding | Obstacle | None, bool] = {Finding.SEEN: True, Finding.NOT_SEEN: False}
FINAL_LOGS = {"ml-tag": "2244ac8b", "frappe": "422294bf", "ml-1m": "661e3269"}  # those of Table IV


def optima_of_c(frame: Frame) -> Outcome:
    """P54: each stated optimum beats every other c that was logged with the same settings."""

    def others(log: Fact) -> list[Fact]:
        found = frame.select("test_auc", source="log", dataset=log.at["dataset"], **WSF)
        return [one for one in found if {**one.at, "c": ""} == {**log.at, "c": ""} and one.at["c"] != log.at["c"]]

    cases: list[Item] = []
    for fact in frame.select("c", claim="P54"):
        own = frame.select("test_auc", source="log", dataset=fact.at["dataset"], **WSF, c=fact.text)
        beaten = [(log, other) for log in own for other in others(log)]
        holds = bool(beaten) and all(log.number > other.number for log, other in beaten)
        shown = [f"{log.text} over {other.text} at c {other.at['c']}" for log, other in beaten]
        names = tuple(dict.fromkeys(log.label for pair in beaten for log in pair))
        measured = "; ".join(shown) or "no log of another c"
        cases.append(LOGS.item(fact.label, holds, measured, "above every other c", names))
    return LOGS.many(cases, partly=Finding.PARTLY)


def _structures_used(frame: Frame) -> Outcome:
    used = {fact.key: fact for fact in frame.select("easy_hidden_units", source="log")}
    return LOGS.each(frame.select("units", claim="P58"), "=", of=lambda fact: used[FINAL_LOGS[fact.at["dataset"]]])


ON_PAPER: Mapping[str, Check] = {
    # the range has the six values of the sweep
    "P51": lambda frame: PAPER.single(
        (said(frame, "P51", "most") - said(frame, "P51", "least")) / said(frame, "P51", "step") + 1, "=", 6
    ),
    "P52": lambda frame: PAPER.each(frame.select("alpha", claim="P52"), "=", alpha(frame)),
    "P52.low": lambda frame: PAPER.each(frame.select("alpha", claim="P52"), "=", said(frame, "P51", "least")),
    "F8": lambda frame: side_by_side(frame, ("F8", "caption"), ("F8", "section")),
}
ON_LOGS: Mapping[str, Check] = {
    "P51": partial(logged_at_all, what="α of 0.45 to 0.65", model="TF4CTRv2", alpha=("0.45", "0.55", "0.65")),
    "P52": partial(logged_at_all, what="α of 0.45 on Frappe", model="TF4CTRv2", dataset="frappe", alpha="0.45"),
    "P53": partial(logged_at_all, what="another c on ML-tag", dataset="ml-tag", **WSF, c=Except(["0.9"])),
    "P54": optima_of_c,
    "P55": partial(logged_at_all, what="γ of 4 or 5", gamma=("4", "5")),
    "P57": partial(logged_at_all, what="structures B, C and E", units=("[800]", "[200, 200]", "[800, 800]")),
    "P58": _structures_used,
    "P59": partial(logged_at_all, what="structure E", units="[800, 800]"),
    "P61": partial(logged_at_all, what="a plain DualMLP", model="DualMLP"),
}

# -- our runs -------------------------------------------------------------------------


def optimum(ours: Ours, figure: str, dataset: str) -> Item | Case:
    """The optimum that the text states for a dataset, as the figure judges it."""
    name, found = f"optimum of figure {figure}, {dataset}", ours.swept(figure, dataset)
    if found is None:
        return Case(name, "the stated one", ())
    return judged(Item(name, found.verdict, "", " or ".join(found.stated)), found)


def trend(ours: Ours, figure: str, along: str, dataset: str, *, falling: bool) -> Item | Case:
    """The trend that the text states for a dataset, as the figure judges it."""
    sense, name = "falling" if falling else "rising", f"slope of auc along {along}, {dataset}"
    found = ours.swept(figure, dataset)
    if found is None:
        return Case(name, sense, ())
    gain, word = found.trend([float(point.at) for point in found.points], falling)
    shown = of_gain(name, gain, (), unit=f" a unit of {along}").measured
    return judged(Item(name, word, "" if shown == gain.verdict.word else shown, sense), found)


def judged(item: Item, found: Swept) -> Item:
    """What a figure says; without a number its word, or a dash for synthetic runs."""
    word = "–" if item.verdict.standing is Standing.SYNTHETIC else str(item.verdict)
    keys = tuple(key for point in found.points for key in point.samples["auc"].keys)
    return replace(item, measured=item.measured or word, evidence=keys, supports=SEEN.get(item.verdict.finding))


def _optima(ours: Ours, figure: str, datasets: tuple[str, ...] = SWEPT_SETS) -> list[Item | Case]:
    return [optimum(ours, figure, dataset) for dataset in datasets]


def _trends(
    ours: Ours, figure: str, along: str, datasets: tuple[str, ...] = SWEPT_SETS, *, falling: bool = True
) -> list[Item | Case]:
    return [trend(ours, figure, along, dataset, falling=falling) for dataset in datasets]


def structure_e(ours: Ours) -> list[Case]:
    """P59: E is below A and D."""
    units = ("[800, 800]", "[400]", "[400, 400]")
    places = [[{"figure": "9", "dataset": name, "units": each} for each in units] for name in SWEPT_SETS]
    samples = [[ours.sample(at) for at in each] for each in places]
    return [beats(item, rivals, below=True) for item, *rivals in samples]


ON_RUNS: Mapping[str, RunCheck] = {
    "P52": partial(_optima, figure="6"),
    "P52.trend": partial(_trends, figure="6", along="α"),
    "P53": partial(_optima, figure="7", datasets=("ml-tag",)),
    "P53.trend": partial(_trends, figure="7", along="c", datasets=("ml-tag",), falling=False),
    "P54": partial(_optima, figure="7", datasets=("frappe", "ml-1m")),
    "P56": partial(_optima, figure="8"),
    "P56.trend": partial(_trends, figure="8", along="γ"),
    "P58": partial(_optima, figure="9"),
    "P59": structure_e,
}
