"""Printed numbers: paper/prints.csv, one per row, with its place and our note."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated

from pydantic import Field

from workflow.analysis.paper.facts import Fact, Frame
from workflow.errors import UserError, nearest
from workflow.plan.config import ROOT, CampaignConfig, read_yaml, validate
from workflow.plan.places import is_users
from workflow.plan.reading import read_rows
from workflow.settings import Frozen

PRINTS_PATH = ROOT / "paper" / "prints.csv"
COORDINATES = ("table", "claim", "dataset", "model", "loss", "ssem", "dfm", "variant")
COLUMNS = ("place", *COORDINATES, "metric", "printed", "note")
# Metrics that may be words.
WORDS = ("split", "text", "table", "caption", "section", "units", "gamma", "b", "c", "e")


class About(Frozen):
    """Which paper, and which of its versions is audited."""

    title: str
    arxiv: str
    version: Annotated[str, Field(pattern=r"^v[1-9]\d*$")]

    @property
    def cited(self) -> str:
        """The version as it is cited."""
        return f"arXiv {self.arxiv}{self.version}"


@dataclass(frozen=True)
class Paper:
    """One version of the paper, with all its printed numbers."""

    about: About
    prints: tuple[Fact, ...]

    @cached_property
    def frame(self) -> Frame:
        """Its prints."""
        return Frame(self.prints)

    @cached_property
    def _places(self) -> Mapping[str, str]:
        return {fact.at["table"]: fact.place for fact in self.prints if "table" in fact.at}

    def place_of(self, table: str) -> str:
        """Where a table is, such as "Table IV, section 4.2.3"."""
        return self._places[table]

    def name_of(self, table: str) -> str:
        """What the paper calls a table, such as "Table IV"."""
        return self._places[table].partition(",")[0]

    def values_of(self, table: str, coordinate: str) -> Sequence[str]:
        """Values of a coordinate in a table, in the order of the print."""
        return list(dict.fromkeys(fact.at[coordinate] for fact in self.prints if fact.at.get("table") == table))


@cache
def load_paper(path: Path = PRINTS_PATH) -> Paper:
    """Read and check the transcription of the audited version, or of another by its file's name: prints.v2.csv.

    A `UserError` names the line that prints one place twice, or has a word where a number belongs.
    """
    about_path = ROOT / "paper" / "about.yaml"
    about = validate(About, read_yaml(about_path), str(about_path))
    _, _, version = path.stem.partition(".")
    if version:
        about = validate(About, {**about.model_dump(), "version": version}, str(path))
    rows = read_rows(path)
    if unknown := [name for name in rows[0] if name not in COLUMNS]:
        raise UserError(f"{path}: no column {unknown[0]!r}; {nearest(unknown[0], COLUMNS)}")
    if missing := [name for name in COLUMNS if name not in rows[0]]:
        raise UserError(f"{path}: lacks column {missing[0]!r}; restore it: git checkout -- {path}")
    found: dict[tuple[object, ...], Fact] = {}
    for line, row in enumerate(rows, start=2):
        fact = _read(row, f"{path}: line {line}")
        key = (frozenset(fact.at.items()), fact.metric)
        if key in found:
            raise UserError(f"{path}: line {line}: prints {fact.label} a second time; remove one of the two")
        found[key] = fact
    return Paper(about, tuple(found.values()))


def _read(row: Mapping[str, str], where: str) -> Fact:
    at = {name: row[name] for name in COORDINATES if row[name]}
    fact = Fact(at, row["metric"], row["printed"], place=row["place"], note=row["note"])
    if isinstance(fact.value, str) and fact.metric not in WORDS:
        raise UserError(f"{where}: printed: {fact.text!r} is not a number; write it as the paper prints it")
    return fact


@cache
def in_paper(dataset: str) -> bool:
    """Whether the paper has a dataset of this name; others are the user's own."""
    return dataset in load_paper().values_of("1", "dataset")


def only_own(campaign: CampaignConfig) -> bool:
    """Whether a campaign is the user's own: it has no dataset of the paper, or no experiment of the project."""
    return not any(map(in_paper, campaign.datasets)) or all(map(is_users, campaign.experiments))
