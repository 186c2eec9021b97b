"""The layout of an archive: files in one folder, each listed in `SHA256SUMS`.

campaign.json             the campaign, as its configuration resolves
records.jsonl.gz          a sealed record a line, in the order of dataset, model, identity, seed
user_sums-<dataset>.npz   of every run of a dataset what it wrote about its test split
pair_sums-<dataset>.npz   the same of the mean logit of two runs, of every pair of runs that kept their scores
meta-<dataset>.json       the sealed description of a dataset's prepared data; no row of it
choices.json              what tuning chose, where anything was tuned: a list of sealed choices
timing.json               Table VI, where it was timed
own_models.zip            files of models of one's own, as <SHA-256>/<path>, where a run has one
configuration.json        datasets and experiments that the project does not have, where the campaign names some
Snakefile                 the workflow's targets, as they were
ro-crate-metadata.json    what all this is, for machines
SHA256SUMS                as `sha256sum --check` reads it
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from workflow.archive.configuration import Configuration, lend
from workflow.archive.faults.data import data_faults, provenance_faults
from workflow.archive.faults.records import metric_faults, pair_faults
from workflow.archive.own_models import unpacked
from workflow.archive.sums import unpacked_sums
from workflow.data.store import Meta
from workflow.errors import UserError
from workflow.files import sha256_file
from workflow.plan.campaign import Plan
from workflow.plan.cells import config_name
from workflow.plan.config import CampaignConfig, check_campaign, load_dataset
from workflow.provenance.seal import S, unsealed
from workflow.reading import SMALL_BYTES, gunzipped, in_one_line, regular_bytes
from workflow.spec import DatasetSpec, RunSpec
from workflow.train.choice import Choice, recorded
from workflow.train.pairs import pairs_among
from workflow.train.placements import UserSums
from workflow.train.record import Record
from workflow.train.timing_record import TimingRecord

RECORDS, CAMPAIGN, TIMING, SUMS = "records.jsonl.gz", "campaign.json", "timing.json", "SHA256SUMS"
CHOICES = "choices.json"
WORKFLOW, CRATE = "Snakefile", "ro-crate-metadata.json"
OWN_MODELS, CONFIGURATION = "own_models.zip", "configuration.json"
BESIDE = ("report.html", "runs.parquet")  # other files that the workflow writes to results/<campaign>
REMEDY = "take the archive from its source again"


def is_own_name(name: str) -> bool:
    """Whether a file of this name may belong to an archive, or be one that the workflow puts beside it."""
    fixed = (RECORDS, CAMPAIGN, CHOICES, TIMING, SUMS, WORKFLOW, CRATE, OWN_MODELS, CONFIGURATION, *BESIDE)
    return name in fixed or re.fullmatch(r"((user|pair)_sums-[a-z0-9-]+\.npz|meta-[a-z0-9-]+\.json)", name) is not None


@dataclass(frozen=True)
class Contents:
    """The whole content of an archive, in memory."""

    campaign: CampaignConfig
    records: Mapping[str, Record]  # by run key
    sums: Mapping[str, UserSums]  # by run key, of every run that ended well
    metas: Mapping[str, Meta]  # by identity of the prepared data
    timing: TimingRecord | None = None
    own_files: Mapping[str, bytes] = field(default_factory=dict)  # by SHA-256, what models of one's own have loaded
    configuration: Configuration = field(default_factory=dict)  # what the project does not have
    choices: Mapping[str, Choice] = field(default_factory=dict)  # by round
    pairs: Mapping[str, UserSums] = field(default_factory=dict)  # by both run keys, see `workflow.train.pairs`

    @property
    def plan(self) -> Plan:
        """The campaign, expanded as far as its choices say."""
        return Plan(self.campaign, recorded(self.choices))


def undescribed(contents: Contents) -> list[str]:
    """Datasets that runs read and nothing describes, a line each."""
    counts = Counter((record.spec.dataset.name, record.spec.dataset.id) for record in contents.records.values())
    return [
        f"{name}: {runs} records and no description of their data (meta-{name}.json)"
        for (name, identity), runs in sorted(counts.items())
        if identity not in contents.metas
    ]


@dataclass(frozen=True)
class RunArchive:
    """An archive of finished runs on disk, each part read once. A `Source` of evidence.

    Every file is checked against `SHA256SUMS`, and every record against its seal, when it is read.
    """

    folder: Path
    digests: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digests", _digests(self.folder))

    @property
    def identifier(self) -> str:
        """Its citable identifier: the SHA-256 of the list of its files."""
        return sha256_file(self.folder / SUMS)

    @cached_property
    def campaign(self) -> CampaignConfig:
        """The campaign that the archive is of."""
        where = str(self.folder / CAMPAIGN)
        with in_one_line(self.folder / CONFIGURATION, "configuration", REMEDY):
            lend(self.configuration, str(self.folder / CONFIGURATION))
        with in_one_line(where, "campaign", REMEDY):
            return check_campaign(json.loads(self._bytes(CAMPAIGN)), where)

    @cached_property
    def records(self) -> dict[str, Record]:
        """Every record, by run key."""
        with in_one_line(self.folder / RECORDS, "records", REMEDY):
            lines = gunzipped(self._bytes(RECORDS)).splitlines()
        found: dict[str, Record] = {}
        for number, line in enumerate(lines, start=1):
            where = f"{self.folder / RECORDS}, line {number}"
            record = unsealed(line, Record, where, "record", REMEDY)
            if record.spec.key in found:
                raise UserError(f"{where}: a second record of run {record.spec.key}; {REMEDY}")
            found[record.spec.key] = record
        if not found:
            raise UserError(f"{self.folder / RECORDS}: has no record; {REMEDY}")
        return found

    @cached_property
    def sums(self) -> dict[str, UserSums]:
        """Sums by user of every run's test split, by run key."""
        return self._sums("user_sums-")

    @cached_property
    def pairs(self) -> dict[str, UserSums]:
        """Sums by user of the mean logit of two runs, by the pair's key."""
        return self._sums("pair_sums-")

    def _sums(self, start: str) -> dict[str, UserSums]:
        found: dict[str, UserSums] = {}
        for name in self.digests:
            if name.startswith(start):
                with in_one_line(self.folder / name, "sums by user", REMEDY):
                    found |= unpacked_sums(self._bytes(name))
        return found

    @cached_property
    def metas(self) -> dict[str, Meta]:
        """Descriptions of prepared data, by identity."""
        names = [name for name in self.digests if name.startswith("meta-")]
        found = [self._sealed(name, Meta, "description of prepared data") for name in names]
        return {meta.dataset.id: meta for meta in found}

    @cached_property
    def own_files(self) -> dict[str, bytes]:
        """Files that users' models have loaded, by SHA-256; only those that a record names."""
        if OWN_MODELS not in self.digests:
            return {}
        promised = {digest for one in self.records.values() for digest in one.provenance.own_files.values()}
        return unpacked(self._bytes(OWN_MODELS), promised, str(self.folder / OWN_MODELS))

    @cached_property
    def configuration(self) -> dict[str, dict[str, Any]]:
        """Datasets and experiments that the archive brings along."""
        if CONFIGURATION not in self.digests:
            return {}
        with in_one_line(self.folder / CONFIGURATION, "configuration", REMEDY):
            return json.loads(self._bytes(CONFIGURATION))

    def own_file(self, record: Record) -> Callable[[str], bytes]:
        """Reads the files of a record's own model."""

        def read(name: str) -> bytes:
            digest = record.provenance.own_files[name]
            if digest not in self.own_files:
                raise UserError(f"{self.folder}: {record.spec.key}: {name} is not in {OWN_MODELS}")
            return self.own_files[digest]

        return read

    @cached_property
    def choices(self) -> dict[str, Choice]:
        """What tuning chose, by round."""
        if CHOICES not in self.digests:
            return {}
        where = str(self.folder / CHOICES)
        with in_one_line(self.folder / CHOICES, "list of choices", REMEDY):
            texts = [json.dumps(value).encode() for value in json.loads(self._bytes(CHOICES))]
        found = [unsealed(text, Choice, where, "choice", REMEDY) for text in texts]
        return {choice.round: choice for choice in found}

    @cached_property
    def plan(self) -> Plan:
        """The campaign, expanded as far as its choices say."""
        return Plan(self.campaign, recorded(self.choices))

    def contents(self) -> Contents:
        """All of it; files that only people and other programs read are also checked against their digests."""
        for name in self.digests:
            self._bytes(name)
        parts = {one.name: getattr(self, one.name) for one in fields(Contents) if one.name != "timing"}
        return Contents(**parts, timing=self.timing(self.plan))

    @property
    def unlisted(self) -> list[str]:
        """Names in the folder that `SHA256SUMS` does not list, so that they cannot be checked."""
        known = {SUMS, *BESIDE, *self.digests}
        return sorted(path.name for path in self.folder.iterdir() if path.name not in known)

    @property
    def records_file(self) -> Path:
        """The file that has every record."""
        return self.folder / RECORDS

    def record(self, run: RunSpec) -> Record | None:
        """The record of a run; its statements about data must agree with their description."""
        record, meta = self.records.get(run.key), self.metas.get(run.dataset.id)
        if record is not None and meta is not None:
            self._refuse(f"{RECORDS}#{run.key}", provenance_faults(record.provenance, meta))
        return record

    def user_sums(self, record: Record) -> UserSums | None:
        """A run's sums by user of its test split; they must give the record's metrics."""
        found = self.sums.get(record.spec.key)
        if found is not None and record.test is not None:
            self._refuse(f"{RECORDS}#{record.spec.key}", metric_faults(record, found))
        return found

    def pair_sums(self, records: Iterable[Record]) -> Mapping[str, UserSums]:
        """What pairs of runs leave of their test split."""
        found = {key: self.pairs[key] for key, _, _ in pairs_among(records) if key in self.pairs}
        for key, sums in found.items():
            self._refuse(f"pair {key}", pair_faults(sums, self.sums.get(key.partition("+")[0])))
        return found

    def meta(self, spec: DatasetSpec) -> Meta | None:
        """The description of a dataset's prepared data; its statements must be possible."""
        found = self.metas.get(spec.id)
        if found is not None:
            self._refuse(f"meta-{spec.name}.json", data_faults(load_dataset(config_name(spec)), found))
        return found

    def _refuse(self, name: str, faults: Iterable[str]) -> None:
        for fault in faults:
            raise UserError(f"{self.folder / name}: {fault}; `verify {self.folder}` lists all faults; {REMEDY}")

    def timing(self, plan: Plan) -> TimingRecord | None:
        """The timing of the archive's own campaign."""
        if TIMING not in self.digests or plan.campaign.campaign != self.campaign.campaign:
            return None
        return self._sealed(TIMING, TimingRecord, "record of a timing")

    def _sealed(self, name: str, cls: type[S], what: str) -> S:
        return unsealed(self._bytes(name), cls, str(self.folder / name), what, REMEDY)

    def _bytes(self, name: str) -> bytes:
        """Content of a file, checked against its digest."""
        path = self.folder / name
        if name not in self.digests:
            raise UserError(f"{path}: not named in {SUMS}, so this archive is incomplete; {REMEDY}")
        with in_one_line(path, "file", REMEDY, f"{path}: cannot be read (No such file or directory); {REMEDY}"):
            content = regular_bytes(path)
        if hashlib.sha256(content).hexdigest() != self.digests[name]:
            raise UserError(f"{path}: its SHA-256 is not that of {SUMS}; {REMEDY}")
        return content


def _digests(folder: Path) -> dict[str, str]:
    path = folder / SUMS
    missing = f"{path}: no such file, so {folder} is no archive; `export` writes one"
    with in_one_line(path, "list of checksums", f"{folder} is no archive without it; `export` writes one", missing):
        lines = regular_bytes(path, SMALL_BYTES).decode().splitlines()
    found = {}
    for line in lines:
        match = re.fullmatch(r"([0-9a-f]{64})  ([A-Za-z0-9][A-Za-z0-9._-]*)", line)
        if match is None:
            raise UserError(f"{path}: not a line of sha256sum: {line[:80]!r}; {REMEDY}")
        found[match[2]] = match[1]
    return found
