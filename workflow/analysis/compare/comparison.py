"""A judged comparison. A family is computed and corrected when one of its comparisons is first requested."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from workflow.analysis.compare.comparisons import Question
from workflow.analysis.compare.gains import Gain, corrected
from workflow.analysis.compare.numbers import Metric
from workflow.analysis.compare.words import Verdict
from workflow.analysis.evidence.cells import Observed
from workflow.plan.config import load_dataset


@dataclass(frozen=True, eq=False)
class Family:
    """Comparisons whose p-values are corrected together; `to_come` more depend on settings that are not chosen yet."""

    members: list["Comparison"]
    to_come: int = 0

    @cached_property
    def gains(self) -> dict[str, Gain]:
        """Their gains, by id."""
        found = corrected([one.uncorrected() for one in self.members], self.to_come)
        return {one.id: gain for one, gain in zip(self.members, found, strict=True)}


@dataclass(frozen=True, eq=False)
class Comparison:
    """One gain on one dataset: its cells and its result.

    `terms` are its cells with their weights, those of the item first. `members` are the ids of the comparisons that a
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
    terms: tuple[tuple[float, Observed], ...]
    uncorrected: Callable[[], Gain]
    paper_points: Decimal | None = None
    members: tuple[str, ...] = ()
    planned: int = 0
    paper_over: str = ""
    judged: Family | None = None

    @property
    def name(self) -> str:
        """Its declaration with the values of the braces, such as pairing:SER+Sum."""
        return self.id.partition("@")[0]

    @property
    def cells(self) -> tuple[Observed, ...]:
        """Its cells."""
        return tuple(one for _, one in self.terms)

    @property
    def gain(self) -> Gain:
        """Its gain."""
        assert self.judged, f"{self.id} is of no family"
        return self.judged.gains[self.id]

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

    def named(self, name: str, dataset: str | None = None) -> list[Comparison]:
        """Those in AUC of one declaration, with or without the values of the braces, on all datasets or on one."""
        found = (one for one in self.values() if one.metric == "auc" and dataset in (None, one.dataset))
        return [one for one in found if name in (one.name, one.name.partition(":")[0])]


def comparison_id(name: str, dataset: str, *values: str, metric: Metric = "auc") -> str:
    """The id of a comparison, such as tf-loss:DCN@frappe or ser@frappe/gauc."""
    inner = f":{'+'.join(values)}" if values else ""
    return f"{name}{inner}@{dataset}{'' if metric == 'auc' else f'/{metric}'}"
