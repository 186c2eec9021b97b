"""What may be concluded from runs: the standing of their data and protocol, and missing runs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Self

from workflow.analysis.paper.prints import in_paper
from workflow.plan.campaign import Plan
from workflow.plan.config import DatasetConfig, Limits
from workflow.spec import RunSpec

Tone = Literal["good", "bad", "unsure", "data", "none"]


class Signed(StrEnum):
    """A word with its sign and tone.

    Signs are shapes, not colours: they stay apart in print and for every reader. The tone is a colour, never alone.
    """

    sign: str
    tone: Tone

    def __new__(cls, word: str, sign: str, tone: Tone) -> Self:
        """Make a member: the string that it is, and what is shown beside it."""
        made = str.__new__(cls, word)
        made._value_, made.sign, made.tone = word, sign, tone
        return made


class Standing(Signed):
    """Whether runs are evidence about the paper, by their data and protocol, from the strongest to the weakest."""

    PUBLISHED = ("published", "●", "none")  # the published bytes and split, the paper's protocol
    REDRAWN = ("redrawn", "°", "none")  # real data of the same source, a part of it drawn again
    OTHER_PROTOCOL = ("other protocol", "△", "unsure")  # a campaign's limits, preset or precision change the run
    OWN = ("own data", "□", "none")  # a dataset that the paper does not have
    STAND_IN = ("stand-in", "◇", "data")  # another log of the kind
    SYNTHETIC = ("synthetic", "◆", "data")


class Obstacle(Signed):
    """Why there is nothing to compare, in the order in which it is reported."""

    NOT_RUN = ("not run", "·", "none")
    FAILED = ("failed", "✗", "bad")
    INCOMPLETE = ("incomplete", "…", "none")


BEARING = (Standing.PUBLISHED, Standing.REDRAWN)  # standings that allow a finding about the paper
PAPER_PRESET = "paper"  # how the paper's library reads list columns
PAPER_PRECISION = "fp32"


def data_standing(config: DatasetConfig, origin: str, raw_sha256: Mapping[str, str]) -> tuple[Standing, str]:
    """The standing of data, and why, in a sentence, by the origin that the record gives and its raw files' SHA-256.

    Bytes that the configuration does not list are a stand-in.
    """
    if origin == "twin":
        return Standing.SYNTHETIC, "synthetic data"
    if not in_paper(config.name):
        return Standing.OWN, "a dataset that the paper does not have"
    for known in config.archives:
        if known.sha256 in raw_sha256.values():  # before any stated origin, as a digest cannot lie
            return Standing(known.standing), known.reason
    for known in config.archives:
        if known.sha256 == origin == "published":
            return Standing(known.standing), known.reason
    if origin == "published":
        return Standing.PUBLISHED, "the published files, by their checksums"
    return Standing.STAND_IN, "these bytes are none that the dataset's configuration lists"


def as_paper(plan: Plan) -> Plan:
    """The plan under the paper's protocol: no limits, its reading of lists, its precision."""
    changes = {"limits": Limits(), "preset": PAPER_PRESET, "precision": PAPER_PRECISION}
    campaign = plan.campaign.model_copy(update=changes)
    return plan if campaign == plan.campaign else Plan(campaign, plan.chosen_alike)


def keeps_protocol(run: RunSpec, papers: RunSpec) -> bool:
    """Whether a run is the one that the paper's protocol plans for its place, in the paper's precision."""
    return run.id == papers.id and run.training.precision == PAPER_PRECISION


def standing_of(data: Standing, protocol: bool) -> Standing:
    """The standing of a run from that of its data, and whether it keeps the paper's protocol."""
    return data if protocol or data not in BEARING else Standing.OTHER_PROTOCOL


# -- what a comparison rests on ---------------------------------------------------------


@dataclass(frozen=True)
class Ground:
    """What a comparison is based on: missing runs, if any, and the standing of its runs."""

    obstacle: Obstacle | None = None
    standing: Standing | None = None

    @property
    def bears(self) -> bool:
        """Whether it allows a finding about the paper."""
        return self.obstacle is None and self.standing in BEARING


NOT_RUN = Ground(Obstacle.NOT_RUN)


def ground_of(statuses: Iterable[str], standings: Iterable[Standing]) -> Ground:
    """The ground of a cell, by the status of each planned run: ok, failed or not run.

    A failed run makes the cell failed, as a mean over the others could be biased; a missing one makes it
    incomplete, for the same reason.
    """
    known: Mapping[str, Obstacle | None] = {"ok": None, "failed": Obstacle.FAILED, "not run": Obstacle.NOT_RUN}
    return Ground(_obstacle(known[status] for status in statuses), weakest(standings))


def joined(grounds: Iterable[Ground]) -> Ground:
    """The ground of a comparison of several cells: `not run` if none of them has run, and the weakest standing."""
    found = list(grounds)
    standings = (ground.standing for ground in found if ground.standing)
    return Ground(_obstacle(ground.obstacle for ground in found), weakest(standings))


def _obstacle(parts: Iterable[Obstacle | None]) -> Obstacle | None:
    """The obstacle of several parts: `not run` if all miss, failed if any failed, incomplete if some miss."""
    found = set(parts)
    if found <= {Obstacle.NOT_RUN}:
        return Obstacle.NOT_RUN
    if Obstacle.FAILED in found:
        return Obstacle.FAILED
    return Obstacle.INCOMPLETE if found - {None} else None


def weakest(standings: Iterable[Standing]) -> Standing | None:
    """The weakest of them; None if there are none."""
    return max(standings, key=list(Standing).index, default=None)
