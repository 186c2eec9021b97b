"""The registry of claims: paper/claims.yaml, typed. Unknown keys are errors.

A claim says where it is, quotes a few words and states what must hold. Whether it does is for the functions that
`audit` lists to say, in up to four layers: the paper's own tables, the authors' logs, our runs, others' results.
"""

from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from workflow.errors import UserError
from workflow.plan.config import ROOT, read_yaml, validate
from workflow.settings import Frozen

Layer = Literal["paper", "logs", "runs", "published"]
LAYERS: tuple[Layer, ...] = get_args(Layer)
LAYER_TITLES: dict[Layer, str] = {
    "paper": "the paper against itself",
    "logs": "the paper against the authors' own logs",
    "runs": "the paper against our runs",
    "published": "the paper against others' published results",
}
Numeric = Literal[
    "arithmetic", "count", "gain", "average", "rank", "ratio", "spread", "timing", "parameters", "published"
]
Relative = Literal["ordering", "majority", "optimum", "trend", "significance", "support", "selection", "plausibility"]
Kind = Literal[Numeric, Relative, "theory", "mechanism", "setup", "hyperparameter", "dataset", "naming", "completeness"]
Rank = Literal["central", "secondary", "typographical"]
Reading = Literal["stated", "implied", "omitted"]
RANKS: tuple[Rank, ...] = get_args(Rank)
Text = Annotated[str, Field(min_length=1)]


class Claim(Frozen):
    """One statement of the paper.

    `quote` is null if the statement is a table's arithmetic or is only implied. `means` says what must hold, as a
    clause that can follow "the paper states that".
    """

    id: Annotated[str, Field(pattern=r"^[A-Z][A-Za-z0-9]*(\.[A-Za-z0-9_-]+)*$")]
    place: Text
    quote: Annotated[str, Field(min_length=1, max_length=90)] | None = None
    kind: Kind
    rank: Rank
    reading: Reading = "stated"
    caution: Text | None = None  # why the finding weighs less than it seems to
    means: Text
    wrong: Text | None = None  # what the answer says if it does not hold; {found} is what was computed

    @property
    def weighs(self) -> bool:
        """Whether a verdict against it is one against the paper's own words, without a caution."""
        return self.reading == "stated" and self.caution is None

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a reader has to know besides the verdict."""
        said = {"implied": "The paper implies this but does not state it.", "omitted": "The paper leaves this out."}
        return tuple(filter(None, (said.get(self.reading), self.caution)))


class _File(Frozen):
    claims: tuple[dict[str, Any], ...]


@cache
def load_claims(path: Path = ROOT / "paper" / "claims.yaml") -> tuple[Claim, ...]:
    """Read and check every claim, in the file's order; a `UserError` names file, claim and key."""
    found: dict[str, Claim] = {}
    for number, values in enumerate(validate(_File, read_yaml(path), str(path)).claims, 1):
        claim = validate(Claim, values, f"{path}: claim {values.get('id', f'number {number}')}")
        if claim.id in found:
            raise UserError(f"{path}: two claims have the id {claim.id}; give one of them another")
        found[claim.id] = claim
    return tuple(found.values())
