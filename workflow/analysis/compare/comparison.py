"""What a comparison is once it is judged, and that of one model over the best of many."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from workflow.analysis.compare.declared import Declaration, Question
from workflow.analysis.compare.gains import Gain
from workflow.analysis.compare.numbers import Metric
from workflow.analysis.compare.rivals import over_best
from workflow.analysis.compare.words import Verdict
from workflow.analysis.evidence.cells import Observed, sample
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.paper.prints import in_paper
from workflow.plan.config import load_dataset


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


class Comparisons(dict[str, Comparison]):
    """All comparisons of a campaign by id, in the order of their declaration."""

    def named(self, name: str, dataset: str | None = None, metric: Metric = "auc") -> list[Comparison]:
        """Those of one declaration, on all datasets or on one."""
        return [
            one
            for one in self.values()
            if one.id.partition("@")[0].partition(":")[0] == name
            and one.metric == metric
            and dataset in (None, one.dataset)
        ]


def comparison_id(name: str, dataset: str, *values: str, metric: Metric = "auc") -> str:
    """The id of a comparison.

    Examples
    --------
    >>> comparison_id("tf-loss", "frappe", "DCN"), comparison_id("ser", "frappe", metric="gauc")
    ('tf-loss:DCN@frappe', 'ser@frappe/gauc')
    """
    inner = f":{'+'.join(values)}" if values else ""
    return f"{name}{inner}@{dataset}{'' if metric == 'auc' else f'/{metric}'}"


def family_of(family: str, metric: Metric, dataset: str) -> str:
    """A family is of one metric, and of the paper's datasets or of one that the paper does not have."""
    place = "" if in_paper(dataset) else f" on {dataset}"
    return f"{family}{'' if metric == 'auc' else f', {metric}'}{place}"


def over_best_of(
    evidence: Evidence,
    declared: Declaration,
    own: Observed,
    rivals: Sequence[Observed],
    planned: int,
    claimed: Decimal | None = None,
    printed_best: str = "",
) -> Comparison:
    """A model over the best of those rivals that have all their runs; of all, where none has. `planned` are to come."""
    finished = [one for one in rivals if one.ground.obstacle is None]
    by_label = {one.label: one for one in finished or rivals}
    samples = {label: sample(one, "auc") for label, one in by_label.items()}
    own_sample, dataset = sample(own, "auc"), own.cell.dataset
    best, found = over_best(own_sample, samples, evidence.prior(own_sample.data, "auc"), claimed)
    return Comparison(
        comparison_id(declared.name, dataset),
        declared.question,
        family_of(declared.family, "auc", dataset),
        dataset,
        declared.item,
        f"{declared.over}, {best}" if best else declared.over,
        "auc",
        declared.paper,
        (own, by_label[best]) if best else (own,),
        found,
        tuple(one.label for one in finished),
        planned,
        printed_best if printed_best != best else "",
    )
