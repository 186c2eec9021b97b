"""Comparisons as tables: a question's single ones and their mean, and the printed numbers of a kind judged jointly."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import sqrt

from workflow.analysis.compare.comparison import Comparison
from workflow.analysis.compare.gains import Gain
from workflow.analysis.compare.judge import comparisons_of
from workflow.analysis.compare.numbers import Metric
from workflow.analysis.compare.together import Together
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.pages.document import Entry, Field, Table, table_of
from workflow.analysis.stats.samples import Interval, NoTest
from workflow.analysis.stats.uncertainty import Estimate
from workflow.analysis.tables.rows import NAMES

LUCK = {True: "yes", False: "no", None: ""}


def gains_table(found: Sequence[Comparison], metric: Metric) -> Table:
    """A line per comparison of a metric that has run.

    The last column says whether a single pair of runs could give the paper's gain by luck, if ours is smaller.
    """
    rows = (_row(one) for one in found if one.metric == metric and one.gain.mean is not None)
    return table_of(f"Gains of {NAMES[metric]}", rows)


def _row(one: Comparison) -> Mapping[str, Field]:
    smaller = one.gain.paper_points is not None and (one.gain.mean or 0.0) < float(one.gain.paper_points) / 100
    return {
        "": one.item,
        "Over": f"{one.over} ({len(one.members)} of {one.planned})" if one.planned else one.over,
        "Gain: paper": f"{one.gain.paper}{f' over {one.paper_over}' if one.paper_over else ''}",
        "Ours [95 %]": Entry(one.gain.ours, runs=one.run_keys),
        "p, Holm": one.gain.p_text,
        "Family size": str(one.gain.family),
        "Finding": one.verdict,
        "By chance": LUCK[one.gain.by_luck] if smaller and one.ran else "",
    }


def together_table(found: Iterable[Together], titles: Mapping[str, str]) -> Table:
    """A line per dataset and kind of row."""
    rows = [
        {
            "Dataset": titles[each.dataset],
            "Rows": each.kind,
            "Printed numbers": f"{each.prints} of {each.planned}",
            "Paper minus ours, mean [95 %]": each.ours,
            "Finding": each.verdict,
        }
        for each in found
    ]
    return table_of("All printed numbers of a kind, judged jointly", rows)


def of_experiment(evidence: Evidence, experiment: str, dataset: str) -> list[Comparison]:
    """Comparisons on a dataset that involve a cell of the experiment."""
    return [
        one
        for one in comparisons_of(evidence).values()
        if one.dataset == dataset and any(cell.cell.experiment == experiment for cell in one.cells)
    ]


def difference_data(found: Iterable[Comparison]) -> Iterator[dict[str, object]]:
    """Long data: one mapping per comparison; gains in AUC."""
    for one in found:
        yield {
            "kind": "comparison",
            "id": one.id,
            "dataset": one.dataset,
            "item": one.item,
            "over": one.over,
            "metric": one.metric,
            "finding": one.verdict,
            "standing": one.gain.ground.standing,
            "family": one.family,
            "run_keys": one.run_keys,
            **gain_data(one.gain),
        }


def gain_data(each: Gain) -> dict[str, object]:
    """A gain's numbers; differences in AUC."""
    found = each.estimate if isinstance(each.estimate, Estimate) else None
    plain = each.unmoderated.interval() if isinstance(each.unmoderated, Estimate) else None
    return {
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
        "why_no_test": each.why_no_test,
    }
