"""Verification of an archive: seals, protocol, possible numbers, and runs trained again.

A seal and `SHA256SUMS` find accidents, not forgers, who can write both again. What a forger
cannot so easily do is forge a number and everything that depends on it: the sums by user must give the
record's AUC and gAUC, the learning rates must follow from the validation metrics, and the run
must come out again when it is trained again.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from workflow.archive.configuration import experiments_of
from workflow.archive.crate import commit_in
from workflow.archive.faults.data import data_faults, provenance_faults
from workflow.archive.faults.losses import loss_faults
from workflow.archive.faults.records import (
    count_faults,
    evaluation_is_random,
    metric_faults,
    model_faults,
    number_faults,
    pair_faults,
    probe_faults,
    protocol_faults,
)
from workflow.archive.layout import CHOICES, CRATE, REMEDY, SUMS, Contents, RunArchive, undescribed
from workflow.archive.retrain import Again, retrain
from workflow.errors import UserError
from workflow.plan.campaign import Plan
from workflow.plan.cells import config_name
from workflow.plan.places import config_root
from workflow.provenance.equivalents import Relation
from workflow.reading import in_one_line, regular_bytes
from workflow.settings import Custom
from workflow.spec import DatasetSpec, RunSpec
from workflow.train.choice import Choice, follow
from workflow.train.keep import code_relation, is_of_this_code
from workflow.train.pairs import pairs_among
from workflow.train.record import Record


@dataclass(frozen=True)
class Findings:
    """The findings; without a fault every check has passed."""

    faults: tuple[str, ...]
    incomplete: tuple[str, ...]  # cells that lack seeds and so have no finding
    unchecked: tuple[str, ...]  # statements that nothing in the archive supports
    codes: Counter[Relation]  # records by how their code relates to this checkout's

    @property
    def records(self) -> str:
        """How many records there are, and what code made them.

        >>> Findings((), (), (), Counter({"this code": 3, "last digits": 2})).records
        "5 records, 0 of them by other code than this checkout's, 2 by code that differs in last digits"
        """
        words = f"{self.codes.total()} records, {self.codes['other']} of them by other code than this checkout's"
        words += f", {self.codes['same bits']} by code that gives the same bits" if self.codes["same bits"] else ""
        digits = f", {self.codes['last digits']} by code that differs in last digits"
        return words + (digits if self.codes["last digits"] else "")


def check(archive: RunArchive, retrained: int, seed: int, *, strict: bool, say: Callable[[str], None]) -> None:
    """Verify an archive, train some of its runs again, and report."""
    found = verify(archive)
    for line in found.faults:
        say(f"fault: {line}")
    for line in found.incomplete:
        say(f"incomplete, so that no finding rests on it: {line}")
    for line in found.unchecked:
        say(f"not checked: {line}")
    faults = len(found.faults) + (len(found.incomplete) if strict else 0)
    for again in retrain(archive, sample(archive, retrained, seed), say) if retrained else ():
        lines = faults_again(again, exactly=not differs_in_digits(again.record, archive))
        for line in lines:
            say(f"fault: {again.record.spec.key}: {line}")
        if not lines:
            kind = "this kind of machine" if again.same_machine else "another kind of machine"
            kind += ", by code that differs in last digits" if differs_in_digits(again.record, archive) else ""
            say(f"{again.record.spec.key}: {again.how}, on {kind}")
        faults += len(lines)
    if found.codes["other"]:
        say(f"to train runs of other code again: {checkout_of(archive)}, then `verify --retrain`")
    if retrained and found.codes.total() == found.codes["other"]:
        raise UserError(f"{archive.folder}: no run was made by this checkout's code; {checkout_of(archive)}")
    if faults:
        raise UserError(f"{archive.folder}: {found.records}: {faults} fault{'s' if faults > 1 else ''}")
    say(f"{archive.folder}: identifier {archive.identifier}")
    say(f"{archive.folder}: {found.records}: no fault found")


def checkout_of(archive: RunArchive) -> str:
    """How to get the code that an archive was exported with."""
    if CRATE not in archive.digests:
        return "check out the commit that its authors name"
    with in_one_line(archive.folder / CRATE, "metadata", REMEDY):
        commit = commit_in(regular_bytes(archive.folder / CRATE))
    return f"git checkout {commit}" if commit else "check out the commit that its authors name"


def differs_in_digits(record: Record, archive: RunArchive) -> bool:
    """Whether the record's code is equivalent to this checkout's but gives other last digits."""
    return code_relation(record, archive.own_file(record)) == "last digits"


def faults_again(again: Again, *, exactly: bool) -> list[str]:
    """Faults of runs whose records conflict with training again."""
    if again.faults:
        return list(again.faults)
    if again.how is None:
        return ["another result"]
    return [f"{again.how}, on this kind of machine"] if exactly and again.same_machine and again.how != "equal" else []


def verify(archive: RunArchive) -> Findings:
    """Check every file and record of an archive."""
    contents = archive.contents()
    plan = contents.plan
    with experiments_of(contents.configuration):
        own = Plan(contents.campaign, plan.chosen)
        unasked = [fault for record in archive.records.values() for fault in plan_faults(record, own)]
        chosen = list(choice_faults(contents))
    faults = [f"{name}: not named in {SUMS}; remove it, or export again" for name in archive.unlisted]
    faults += undescribed(contents)
    faults += [
        f"meta-{spec.name}.json: {fault}"
        for config, spec in plan.sources
        if spec.id in contents.metas
        for fault in data_faults(config, contents.metas[spec.id])
    ]
    read = {record.spec.dataset.id for record in archive.records.values()}
    unknown = contents.metas.keys() - read - {spec.id for _, spec in plan.sources}
    faults += [f"meta-{contents.metas[one].dataset.name}.json: describes data that no run reads" for one in unknown]
    faults += [fault for record in archive.records.values() for fault in faults_of(record, archive)]
    faults += unasked
    faults += [
        f"{key}: sums by user of a run that has no record" for key in archive.sums.keys() - archive.records.keys()
    ]
    faults += pair_faults_of(archive)
    faults += chosen
    codes: Counter[Relation] = Counter(
        code_relation(record, archive.own_file(record)) for record in archive.records.values()
    )
    return Findings(tuple(faults), tuple(incomplete(archive, own)), tuple(unchecked(contents, plan)), codes)


def choice_faults(contents: Contents) -> Iterator[str]:
    """Choices that differ from those that the records give, or that the archive lacks.

    Every choice is made again from the validation metrics of the archive's own records.
    """
    _, supported = follow(contents.campaign, lambda run: contents.records.get(run.key))
    for identity, choice in contents.choices.items():
        where = f"{CHOICES}: {choice.dataset} {choice.model}, {choice.stage}"
        if identity not in supported:
            yield f"{where}: is a choice of no round of the campaign whose runs have finished"
        elif choice.candidates != supported[identity].candidates:
            yield f"{where}: names other candidates or validation metrics than the records"
        elif choice != supported[identity]:
            best = _named(supported[identity])
            yield f"{where}: chooses {_named(choice)}, validation supports {best}"
    for identity in supported.keys() - contents.choices.keys():
        choice = supported[identity]
        yield f"{CHOICES}: {choice.dataset} {choice.model}, {choice.stage}: the choice is missing"


def _called(record: Record) -> str:
    return f"{record.spec.dataset.name} {record.spec.model.name} {record.spec.key}"


def _named(choice: Choice) -> str:
    inside = (position for position in choice.chosen if position < len(choice.candidates))
    return " and ".join(choice.candidates[position].label for position in inside) or "nothing"


def pair_faults_of(archive: RunArchive) -> Iterator[str]:
    """Faults of the means of two runs."""
    able = {key for key, _, _ in pairs_among(archive.records.values())}
    for key, sums in archive.pairs.items():
        if key not in able:
            yield f"{key}: sums by user of a pair of runs of which one has no record, or kept no scores"
        else:
            yield from (f"{key}: {fault}" for fault in pair_faults(sums, archive.sums.get(key.partition("+")[0])))


def plan_faults(record: Record, plan: Plan) -> Iterator[str]:
    """That the campaign asks for no such run. It might, if a file here described the run's data as they were."""
    if record.spec.key not in plan.runs:
        told = f"{_called(record)}: no run of campaign {plan.campaign.campaign}"
        file = config_root() / "datasets" / f"{config_name(record.spec.dataset)}.yaml"
        edited = any(described_otherwise(record.spec.dataset, one) for one in plan.datasets) and file.is_file()
        yield f"{told}; {file} describes other data of this name" if edited else told


def described_otherwise(data: DatasetSpec, here: DatasetSpec) -> bool:
    """Whether two datasets, both real or one twin, differ by their file alone."""
    return (data.name, data.preparation.twin) == (here.name, here.preparation.twin) and data.id != here.id


def faults_of(record: Record, archive: RunArchive) -> Iterator[str]:
    """Faults of one record."""
    spec, sums = record.spec, archive.sums.get(record.spec.key)
    meta = archive.metas.get(spec.dataset.id)
    found = [*protocol_faults(record), *number_faults(record)]
    if meta is not None:
        found += [*provenance_faults(record.provenance, meta), *probe_faults(record, meta), *loss_faults(record, meta)]
    if record.status == "ok":
        found += metric_faults(record, sums) if sums is not None else ["has no sums by user"]
        found += count_faults(sums, meta) if sums is not None and meta is not None else []
        found += model_faults(record, meta) if meta is not None and is_checkable(record) else []
    elif record.test is not None or sums is not None:
        found.append("failed, and yet has results on the test split")
    yield from (f"{_called(record)}: {fault}" for fault in found)


def is_checkable(record: Record) -> bool:
    """Whether what follows from the model's code can be computed here."""
    return not isinstance(record.spec.model, Custom) and is_of_this_code(record)


def unchecked(contents: Contents, plan: Plan) -> Iterator[str]:
    """Statements of an archive that only training again can check."""
    ended = [record for record in contents.records.values() if record.status == "ok"]
    yield f"{len(ended)} runs: losses; log losses and validation metrics within bounds; what they ran on and when"
    yield f"{len(ended)} runs: that the code they name is the code that ran"
    random_ones = sum(evaluation_is_random(record.spec.model) for record in ended)
    if random_ones:
        yield f"{random_ones} runs: validation metrics of the best epoch (their evaluation may draw random numbers)"
    if others := sum(not is_checkable(record) for record in ended):
        yield f"{others} runs of other code or own models: parameter counts, rows of an evaluation batch"
    if others := len(contents.records.keys() - plan.runs.keys()):
        yield f"{others} runs are of experiments that the archive describes otherwise than this checkout"
    if contents.pairs:
        yield f"{len(contents.pairs)} pairs of runs: the AUC of their mean logit; `export` computes it from kept scores"
    for meta in contents.metas.values():
        data = "title and best possible AUC" if meta.origin == "twin" else "title, SHA-256 sums and counts of its data"
        yield f"{meta.dataset.name}: {data}; preparing it again checks them"


def incomplete(archive: RunArchive, plan: Plan) -> Iterator[str]:
    """Cells with some of their seeds: a selection of seeds would look like this."""
    lacking: dict[str, set[int]] = defaultdict(set)
    having: dict[str, RunSpec] = {}
    for key, (run, _) in plan.runs.items():
        if key in archive.records:
            having[run.id] = run
        else:
            lacking[run.id].add(run.seed)
    for identity, run in having.items():
        if identity in lacking:
            seeds = ", ".join(map(str, sorted(lacking[identity])))
            yield f"{run.dataset.name} {run.model.name} {identity}: lacks seed {seeds}"


def sample(archive: RunArchive, count: int, seed: int) -> list[Record]:
    """Draw finished runs to train again; the same seed draws the same."""
    able = [
        record
        for _, record in sorted(archive.records.items())
        if record.status == "ok" and is_of_this_code(record, archive.own_file(record))
    ]
    return random.Random(seed).sample(able, min(count, len(able)))
