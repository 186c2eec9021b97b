"""From finished runs in the working directory to an archive, and back."""

from collections.abc import Iterable
from pathlib import Path

from workflow.archive.configuration import brought_along
from workflow.archive.layout import Contents, RunArchive, undescribed
from workflow.archive.own_models import gathered, lacking
from workflow.archive.write import refuse_loss, refuse_mixed_data, write_archive
from workflow.data.store import Meta, load_meta
from workflow.errors import UserError
from workflow.files import write_bytes
from workflow.plan.campaign import Plan
from workflow.provenance.own_code import STORE
from workflow.provenance.seal import Sealed, sealed_if_there, write_sealed
from workflow.spec import DatasetSpec, RunSpec
from workflow.train.choice import finished, follow
from workflow.train.keep import Say, file_path, read_user_sums
from workflow.train.pairs import pair_path, pair_sums, pairs_among
from workflow.train.placements import UserSums, write_sums
from workflow.train.record import Record, read_record, write_record
from workflow.train.timing_record import read_timing, write_timing


def gather(plan: Plan) -> Contents:
    """Everything of a campaign in the working directory."""
    campaign = plan.campaign.model_copy(update={"mirror": None, "local": {}})  # paths of this machine
    plan, choices = follow(campaign, finished)
    records: dict[str, Record] = {}
    sums: dict[str, UserSums] = {}
    for key, (run, _) in plan.runs.items():
        try:
            records[key] = read_record(run.record_path)
        except FileNotFoundError:
            continue
        if records[key].status == "ok":
            found = read_user_sums(records[key])
            if found is None:
                path = file_path(run, "user_sums.npz")
                raise UserError(f"{path}: is missing; delete {run.record_path} and run the same command again")
            sums[key] = found
    metas = {spec.id: meta for spec in plan.datasets if (meta := _described(spec, records.values()))}
    timing = read_timing(plan.timing_path)
    own_files, pairs = gathered(records.values()), pair_sums(records.values())
    return Contents(campaign, records, sums, metas, timing, own_files, brought_along(campaign), choices, pairs)


def _described(spec: DatasetSpec, records: Iterable[Record]) -> Meta | None:
    """The description of the data that a dataset's runs read: prepared here, or restored with the runs."""
    prepared = load_meta(spec.prepared_dir) if spec.is_prepared else None
    kept = sealed_if_there(_kept_meta(spec), Meta, "description of prepared data")
    found = [meta for meta in (prepared, kept) if meta]
    read = {record.provenance.data_fingerprint for record in records if record.spec.dataset == spec}
    return next((meta for meta in found if meta.fingerprint in read), found[0] if found else None)


def _kept_meta(spec: DatasetSpec) -> Path:
    """Where `restore` puts a description: in data/prepared it would mean that the arrays are there."""
    return Path("results/restored", spec.name, f"{spec.id}.json")


def export(plan: Plan, folder: Path, *, force: bool = False, say: Say = print) -> list[Path]:
    """Write the campaign's finished runs as an archive and return its files. `force` overwrites one with more runs."""
    contents = gather(plan)
    if not contents.records:
        raise UserError(f"campaign {plan.campaign.campaign}: no finished run to export; train first")
    refuse_mixed_data(contents, f"`tf4ctr run {plan.campaign.campaign}` trains those on other data than now again")
    for line in undescribed(contents):
        say(f"{line}; prepare it here, or `restore` the archive that the runs came from, and export again")
    for line in lacking(contents.records.values(), contents.own_files):
        say(line)
    if not force:
        refuse_loss(folder, contents)
    return write_archive(folder, contents)


def _restore_pairs(contents: Contents) -> None:
    """Sums of pairs of runs whose scores stayed where they were trained."""
    for key, first, second in pairs_among(contents.records.values()):
        if key in contents.pairs and not (path := pair_path(first, second)).exists():
            write_sums(path, contents.pairs[key])


def restore(archive: RunArchive) -> list[RunSpec]:
    """Put an archive's runs where training writes them, so that none is trained again; return those that were missing.

    What the archive says of their data and its timing comes along, for a later export, and so do the files of models
    of users, in a store from which nothing runs. Existing files are left as they are. Nothing of a damaged archive
    is restored.
    """
    contents, restored = archive.contents(), []
    for key, record in contents.records.items():
        run = record.spec
        if not run.record_path.exists():
            if key in contents.sums:
                write_sums(file_path(run, "user_sums.npz"), contents.sums[key])
            write_record(run.record_path, record)
            restored.append(run)
    _restore_pairs(contents)
    for digest, content in contents.own_files.items():
        if not (STORE / digest).exists():
            write_bytes(STORE / digest, content)
    kept: dict[Path, Sealed] = {_kept_meta(meta.dataset): meta for meta in contents.metas.values()}
    kept |= {choice.path: choice for choice in contents.choices.values()}
    for path, value in kept.items():
        if not path.exists():
            write_sealed(path, value)
    if contents.timing is not None and not contents.plan.timing_path.exists():
        write_timing(contents.plan.timing_path, contents.timing)
    return restored
