"""Of what runs are evidence: the standing of their data, and whether they keep the paper's protocol."""

from collections.abc import Mapping

from workflow.analysis.evidence.verdict import BEARING, Standing
from workflow.analysis.paper.prints import in_paper
from workflow.plan.campaign import Plan
from workflow.plan.config import ArchiveStanding, DatasetConfig, Limits
from workflow.spec import RunSpec

PAPER_PRESET = "paper"  # how the paper's library reads columns that hold lists
PAPER_PRECISION = "fp32"


def data_standing(config: DatasetConfig, origin: str, raw_sha256: Mapping[str, str]) -> tuple[Standing, str]:
    """What data are evidence of, and why, in a sentence.

    Parameters
    ----------
    config : DatasetConfig
        Lists the archives that are known by their SHA-256.
    origin : str
        published, other or twin, as the record says.
    raw_sha256 : mapping of str to str
        SHA-256 of the raw files by name, the archive's among them.

    Returns
    -------
    tuple of (Standing, str)
        Bytes that the configuration does not list are a stand-in; a dataset that the paper does not
        have is the user's own.
    """
    if origin == "twin":
        return Standing.TWIN, "synthetic data"
    if not in_paper(config.name):
        return Standing.OWN, "a dataset that the paper does not have"
    for known in config.archives:
        if known.sha256 in raw_sha256.values():  # before any claim: a digest is what it is
            return _STANDINGS[known.standing], known.reason
    for known in config.archives:
        if known.sha256 == origin == "published":
            return _STANDINGS[known.standing], known.reason
    if origin == "published":
        return Standing.DIRECT, "the published files, by their checksums"
    return Standing.STAND_IN, "these bytes are none that the dataset's configuration lists"


_STANDINGS: Mapping[ArchiveStanding, Standing] = {
    "direct": Standing.DIRECT,
    "close": Standing.CLOSE,
    "stand-in": Standing.STAND_IN,
}


def as_paper(plan: Plan) -> Plan:
    """The plan as the paper's protocol has it: no limits, its reading of lists, its precision."""
    changes = {"limits": Limits(), "preset": PAPER_PRESET, "precision": PAPER_PRECISION}
    campaign = plan.campaign.model_copy(update=changes)
    return plan if campaign == plan.campaign else Plan(campaign)


def keeps_protocol(run: RunSpec, papers: RunSpec) -> bool:
    """Whether a run is the one that the paper's protocol plans in its place, in the paper's precision."""
    return run.id == papers.id and run.training.precision == PAPER_PRECISION


def standing_of(data: Standing, protocol: bool) -> Standing:
    """The standing of a run from that of its data, and whether it keeps the paper's protocol."""
    return data if protocol or data not in BEARING else Standing.OTHER_PROTOCOL
