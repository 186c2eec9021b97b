"""Drop failed records, so that their runs, and no others, are trained again."""

from collections.abc import Sequence

from workflow.errors import UserError, nearest
from workflow.plan.campaign import Plan
from workflow.spec import RunSpec
from workflow.train.record import Record, read_record


def failed_runs(plan: Plan, names: Sequence[str] = ()) -> list[tuple[RunSpec, Record]]:
    """Failed runs of the campaign.

    Parameters
    ----------
    plan : Plan
        The expanded campaign.
    names : sequence of str
        Experiments, models, datasets, or runs by `<id>` or `<id>/seed<seed>`; none of them: all.

    Raises
    ------
    UserError
        When a name is none of these in the campaign.
    """
    known = {name for run, needed_by in plan.runs.values() for name in (*_names(run), *needed_by)}
    for name in names:
        if name not in known:
            short = known - {key for key in known if "/" in key} - {run.id for run, _ in plan.runs.values()}
            raise UserError(f"no run of campaign {plan.campaign.campaign} is called {name!r}; {nearest(name, short)}")
    failed = []
    for run, needed_by in plan.runs.values():
        if not names or not set(names).isdisjoint({*_names(run), *needed_by}):
            record = _failure(run)
            failed += [(run, record)] if record else []
    return failed


def _names(run: RunSpec) -> tuple[str, ...]:
    return run.key, run.id, run.model.name, run.dataset.name


def _failure(run: RunSpec) -> Record | None:
    try:
        record = read_record(run.record_path)
    except (FileNotFoundError, UserError):
        return None  # to be trained in any case
    return record if record.status == "failed" else None


def retry(plan: Plan, names: Sequence[str], *, dry_run: bool) -> list[str]:
    """Remove the records of failed runs, unless it is a dry run; give a line for each and a last one."""
    failed = failed_runs(plan, names)
    lines = []
    for run, record in failed:
        if not dry_run:
            run.record_path.unlink()
        lines.append(f"{run.dataset.name} {run.model.name} {run.key}: {record.failure}")
    if not failed:
        return ["no failed record: nothing to try again"]
    what = f"{len(failed)} failed record{'' if len(failed) == 1 else 's'}"
    again = f"`tf4ctr run {plan.campaign.campaign}` trains these runs again"
    return [*lines, f"{what} would be dropped" if dry_run else f"{what} dropped; {again}"]
