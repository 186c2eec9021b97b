"""From finished runs in the working directory to an archive, and back."""

from pathlib import Path

from workflow.archive.layout import Archive, Contents
from workflow.archive.write import write_archive
from workflow.data.store import load_meta
from workflow.errors import UserError
from workflow.plan import Plan
from workflow.spec import RunSpec
from workflow.train.keep import file_path, read_user_sums
from workflow.train.placements import UserSums, write_sums
from workflow.train.record import Record, read_record, write_record
from workflow.train.timing_record import read_timing


def gather(plan: Plan) -> Contents:
    """What the working directory has of a campaign.

    Raises
    ------
    UserError
        When a record is damaged, or a file beside it is not the one that it names.
    """
    campaign = plan.campaign.model_copy(update={"mirror": None, "local": {}})  # paths of this machine
    records: dict[str, Record] = {}
    sums: dict[str, UserSums] = {}
    for key, (run, _) in plan.runs.items():
        try:
            records[key] = read_record(run.record_path)
        except FileNotFoundError:
            continue
        if records[key].status == "ok":
            sums[key] = _left_by(records[key])
    metas = {spec.id: load_meta(spec.prepared_dir) for spec in plan.datasets if spec.is_prepared}
    timing = read_timing(plan.timing_path)
    return Contents(campaign, records, sums, metas, timing)


def _left_by(record: Record) -> UserSums:
    found = read_user_sums(record)
    if found is None:
        path = file_path(record.spec, "user_sums.npz")
        raise UserError(f"{path}: is missing; delete {record.spec.record_path} and run the same command again")
    return found


def export(plan: Plan, folder: Path) -> list[Path]:
    """Write the campaign's finished runs as an archive; give its files."""
    contents = gather(plan)
    if not contents.records:
        raise UserError(f"campaign {plan.campaign.campaign}: no finished run to export; train first")
    return write_archive(folder, contents)


def restore(archive: Archive) -> list[RunSpec]:
    """Put an archive's runs where training leaves them, so that none is trained again; give those that were lacking.

    A record that stands already is left as it is.
    """
    restored = []
    for key, record in archive.records.items():
        run = record.spec
        if not run.record_path.exists():
            if key in archive.sums:
                write_sums(file_path(run, "user_sums.npz"), archive.sums[key])
            write_record(run.record_path, record)
            restored.append(run)
    return restored
