"""Which records count as this checkout's: those of its own code, and those of code that was proved equivalent."""

from functools import cache
from typing import Literal

from workflow.plan.config import ROOT
from workflow.plan.reading import read_yaml, validate
from workflow.settings.base import Frozen

FILE = ROOT / "workflow/provenance/equivalents.yaml"
Relation = Literal["this code", "same bits", "last digits", "other"]


class Equivalent(Frozen):
    """A fingerprint whose records stand beside those of the frozen code, and the test that proves it."""

    code: str
    differs: Literal["nothing", "last digits"]
    than: str = ""  # fingerprint of the code that it is compared with; the frozen code where empty
    proof: str  # a test, as pytest names it


class Family(Frozen):
    """The frozen fingerprint of a model's code, and its equivalents."""

    frozen: str
    equivalents: tuple[Equivalent, ...] = ()

    @property
    def same_bits(self) -> dict[str, str]:
        """By fingerprint, the earliest code whose results it repeats bit for bit."""
        found = {self.frozen: self.frozen}
        for one in self.equivalents:
            found[one.code] = found[one.than or self.frozen] if one.differs == "nothing" else one.code
        return found


class Families(Frozen):
    """Content of `equivalents.yaml`, by model; `Framed DeepFM` is a framed one."""

    models: dict[str, Family]


@cache
def families() -> dict[str, Family]:
    """Read `equivalents.yaml`."""
    return validate(Families, {"models": read_yaml(FILE)}, str(FILE)).models


def relation(code: str, current: str, model: str) -> Relation:
    """How the code that made a record relates to the code of this checkout (`current`), by fingerprints.

    "same bits" or "last digits" only where the file lists both: a change that nobody proved makes all earlier records
    foreign.
    """
    if code == current:
        return "this code"
    known = families()[model].same_bits if model in families() else {}
    if code not in known or current not in known:
        return "other"
    return "same bits" if known[code] == known[current] else "last digits"


def moves_digits(code: str, model: str) -> bool:
    """Whether this code of a model is listed as one that differs from the frozen code in last digits."""
    family = families().get(model)
    return family is not None and family.same_bits.get(code, family.frozen) != family.frozen


def representative(current: str, model: str) -> str:
    """One fingerprint for all equivalents of a checkout's code: that of the frozen code.

    Snakemake starts a job again when a parameter of it changes; an equivalent code changes none.
    """
    family = families().get(model)
    return family.frozen if family and current in family.same_bits else current
