"""Comparisons as tables: a question's single ones and its mean, and all prints of a kind together."""

from collections.abc import Iterable, Mapping, Sequence
from math import sqrt

from workflow.analysis.compare.comparison import Comparison
from workflow.analysis.compare.gains import Gain
from workflow.analysis.compare.judge import comparisons_of
from workflow.analysis.compare.numbers import Metric
from workflow.analysis.compare.points import rounded
from workflow.analysis.compare.together import Together
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.pages.document import Entry, Field, Table, without_empty
from workflow.analysis.stats.samples import Interval, NoTest
from workflow.analysis.stats.uncertainty import Estimate
from workflow.analysis.tables.rows import NAMES, told

LUCK = {True: "yes", False: "no", None: ""}


def differences_table(caption: str, found: Sequence[Comparison]) -> Table:
    """A line per comparison that has run.

    The last column says, where our gain is smaller than the paper's, whether a single pair of runs
    could give the paper's by luck.
    """
    rows = tuple(_row(one) for one in found if one.gain.mean is not None)
    header = ("", "Over", "Gain: paper", "Ours [95 %]", "p, Holm", "Of", "Finding", "By luck")
    return without_empty(Table(caption, header, "llrrrrll", rows))


def _row(one: Comparison) -> tuple[Field, ...]:
    smaller = one.gain.paper_points is not None and (one.gain.mean or 0.0) < float(one.gain.paper_points) / 100
    return (
        one.item,
        f"{one.over} ({len(one.members)} of {one.planned})" if one.planned else one.over,
        f"{one.gain.paper}{f' over {one.paper_over}' if one.paper_over else ''}",
        Entry(one.gain.ours, runs=one.run_keys),
        one.gain.p_text,
        str(one.gain.family),
        told(one.verdict),
        LUCK[one.gain.by_luck] if smaller and one.ran else "",
    )


def together_table(found: Iterable[Together], titles: Mapping[str, str]) -> Table:
    """A line per dataset and kind of row."""
    rows = tuple(
        (titles[each.dataset], each.kind, f"{each.prints} of {each.planned}", each.ours, told(each.verdict))
        for each in found
    )
    header = ("Dataset", "Rows", "Prints", "Paper less ours, mean [95 %]", "Finding")
    return Table("All prints of a kind together", header, "llrrl", rows)


def of_experiment(evidence: Evidence, experiment: str, dataset: str) -> list[Comparison]:
    """Comparisons on a dataset in which an experiment has cells."""
    return [
        one
        for one in comparisons_of(evidence).values()
        if one.dataset == dataset and any(cell.cell.experiment == experiment for cell in one.cells)
    ]


def gains_tables(found: Sequence[Comparison], metrics: Iterable[Metric]) -> list[Table]:
    """A table of the comparisons of each metric."""
    return [
        differences_table(f"Gains of {NAMES[metric]}", [one for one in found if one.metric == metric])
        for metric in metrics
    ]


def long_data(rows: Iterable[dict[str, str]]) -> tuple[dict[str, str], ...]:
    """Numbers and comparisons as one table of long data; a column that a kind does not have is empty."""
    kept = list(rows)
    columns = dict.fromkeys(name for row in kept for name in row)
    return tuple({**dict.fromkeys(columns, ""), **row} for row in kept)


def difference_data(evidence: Evidence, experiment: str, found: Iterable[Comparison]) -> list[dict[str, str]]:
    """Long data: one mapping per comparison; gains in AUC."""
    return [
        {
            "campaign": evidence.plan.campaign.campaign,
            "experiment": experiment,
            "kind": "comparison",
            "id": one.id,
            "dataset": one.dataset,
            "item": one.item,
            "over": one.over,
            "metric": one.metric,
            "finding": one.verdict.word,
            "standing": one.gain.ground.standing or "",
            "family": one.family,
            "run_keys": " ".join(one.run_keys),
            **gain_data(one.gain),
        }
        for one in found
    ]


def gain_data(each: Gain) -> dict[str, str]:
    """A gain's numbers; differences in AUC."""
    found = each.estimate if isinstance(each.estimate, Estimate) else None
    plain = each.unmoderated.interval() if isinstance(each.unmoderated, Estimate) else None
    numbers = {
        "gain_paper": each.paper_points,
        "gain": each.mean,
        "gain_low": each.interval and each.interval.low,
        "gain_high": each.interval and each.interval.high,
        "se_seeds": found and sqrt(found.seed_variance),
        "se_testset": each.testset_se,
        "paired": found and int(each.paired),
        "low_unmoderated": plain and plain.low,
        "high_unmoderated": plain and plain.high,
        "g": each.effect.value if isinstance(each.effect, Interval) else None,
        "p": found and found.p,
        "p_permutation": None if isinstance(each.permutation, NoTest) else each.permutation,
        "p_corrected": each.p,
        "family_size": each.family,
        "detectable": each.detectable,
        "by_luck": None if each.by_luck is None else int(each.by_luck),
    }
    return {**{name: rounded(number) for name, number in numbers.items()}, "why_no_test": each.why_no_test}
