"""Where a claim's cells are among our runs: joined with the paper's by equal coordinates."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from workflow.analysis.compare.judge import Comparisons, comparisons_of
from workflow.analysis.compare.swept import Swept, sweeps_of
from workflow.analysis.evidence.cells import Observed, Sample, mean_sample, sample
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.evidence.standing import NOT_RUN, Ground, joined
from workflow.analysis.paper.facts import Coordinates, Fact, Match, label, matches
from workflow.analysis.paper.prints import in_paper


@dataclass(frozen=True)
class Target:
    """A cell that a claim speaks of; `observed` is None where the campaign does not plan it."""

    at: Coordinates
    observed: Observed | None

    @property
    def label(self) -> str:
        """Where the paper has it."""
        return label(self.at)

    @property
    def ground(self) -> Ground:
        """What its runs are good for."""
        return self.observed.ground if self.observed else NOT_RUN

    def sample(self, metric: str) -> Sample:
        """One metric of its runs."""
        return sample(self.observed, metric) if self.observed else Sample((), NOT_RUN, metric)

    @property
    def keys(self) -> tuple[str, ...]:
        """Identities of the cell's runs."""
        return self.observed.keys if self.observed else ()


@dataclass(frozen=True)
class Pool:
    """The mean of several cells, seed by seed, as one cell: an AUC's errors over test sets are means of theirs."""

    at: Coordinates
    members: tuple[Target, ...]

    @property
    def label(self) -> str:
        """Where the paper has them."""
        return f"the mean of {len(self.members)} cells of {label(self.at)}"

    @property
    def ground(self) -> Ground:
        """What their runs are good for."""
        return joined(one.ground for one in self.members)

    def sample(self, metric: str) -> Sample:
        """Their mean of one metric: a value a seed, where all cells have it."""
        return mean_sample([one.sample(metric) for one in self.members])

    @property
    def keys(self) -> tuple[str, ...]:
        """Identities of the cells' runs."""
        return tuple(key for one in self.members for key in one.keys)


def pooled(targets: Iterable[Target], over: Sequence[str]) -> list[Pool]:
    """Put cells that differ in these coordinates only together."""
    found: dict[frozenset[tuple[str, str]], list[Target]] = {}
    for one in targets:
        found.setdefault(frozenset((key, value) for key, value in one.at.items() if key not in over), []).append(one)
    return [
        Pool({key: value for key, value in members[0].at.items() if key not in over}, tuple(members))
        for members in found.values()
    ]


@dataclass(frozen=True)
class Runs:
    """All cells of a campaign, as claims look for them."""

    evidence: Evidence

    @cached_property
    def cells(self) -> tuple[Observed, ...]:
        """Those of every experiment, on the paper's datasets: it claims nothing about others."""
        names = self.evidence.plan.campaign.experiments
        return tuple(one for name in names for one in self.evidence.cells(name) if in_paper(one.cell.dataset))

    @cached_property
    def _by_place(self) -> Mapping[frozenset[tuple[str, str]], Observed]:
        return {frozenset(one.at.items()): one for one in self.cells if not one.beyond}

    @cached_property
    def comparisons(self) -> Comparisons:
        """Every declared comparison, computed and corrected once for all that show it."""
        return comparisons_of(self.evidence)

    @cached_property
    def sweeps(self) -> Mapping[tuple[str, str], Swept]:
        """The sweeps of Figures 6 to 9 by experiment and dataset."""
        return sweeps_of(self.evidence)

    def printed(self, facts: Iterable[Fact]) -> list[Target]:
        """The cells of some prints, each once."""
        return list({frozenset(fact.at.items()): self.target(fact.at) for fact in facts}.values())

    def of(self, at: Mapping[str, Match]) -> list[Target]:
        """Cells of any experiment that have all these coordinates, printed or not."""
        return [Target(one.at, one) for one in self.cells if all(matches(one.at.get(key), at[key]) for key in at)]

    def target(self, at: Coordinates) -> Target:
        """The cell at a printed number's place."""
        return Target(at, self._by_place.get(frozenset(at.items())))

    def at(self, place: Coordinates) -> Target:
        """The cell at exactly these coordinates, of any experiment."""
        return Target(place, self._by_all.get(frozenset(place.items())))

    @cached_property
    def _by_all(self) -> Mapping[frozenset[tuple[str, str]], Observed]:
        return {frozenset(one.at.items()): one for one in self.cells}
