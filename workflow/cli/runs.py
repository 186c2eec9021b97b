"""Commands about runs: train, choose, retry, time, predict."""
# ruff: noqa: PLC0415

import argparse
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from workflow.cli.common import Add, add_campaign, after_campaign, campaigns, counted, flushed, place, plan_of
from workflow.errors import UserError, nearest
from workflow.files import atomic_path

if TYPE_CHECKING:
    from workflow.plan.campaign import Pack, Plan
    from workflow.spec import RunSpec
    from workflow.train.record import Record


def add_to(add: Add) -> None:
    """Add the commands."""
    train = add("train", run_train)
    train.add_argument("name", nargs="?", help="a pack, or a run by its key (default: every run of the campaign)")
    train.add_argument("--only", nargs="+", metavar="EXPERIMENT", help="train only the runs of these (default: all)")
    again = add("retry", run_retry)
    again.add_argument("names", nargs="*", help="a campaign, then experiments, models, datasets or run keys")
    again.add_argument("--dry-run", action="store_true", help="list the runs and delete nothing")
    select = add("choose", run_choose)
    select.add_argument("experiment", help="a tuned experiment of the campaign")
    select.add_argument("stage", choices=("trial", "finalist"))
    add_campaign(add("time", run_time))
    score = add("predict", predict)
    score.add_argument("run", help="a run's record, or its key, such as 0123456789ab/seed1")
    score.add_argument("table", type=place, help="rows in any format that a dataset may have, with or without a label")
    score.add_argument(
        "--out", type=place, default=place("predictions.csv"), help="CSV or .parquet (default: %(default)s)"
    )
    score.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="(default: %(default)s)")


def run_train(options: argparse.Namespace) -> None:
    """Train the runs of a pack, a single run, or all missing runs of a campaign."""
    from workflow.data.local import refuse_changed
    from workflow.train.manifest import write_manifest
    from workflow.train.pack import train_pack, trainer

    plan = plan_of(options)
    campaign = plan.campaign
    for name in options.only or ():
        if name not in campaign.experiments:
            known = nearest(name, campaign.experiments)
            raise UserError(f"{name}: is no experiment of campaign {campaign.campaign}; {known}")
    for config, spec in plan.sources:
        refuse_changed(config, spec, campaign)
    train = trainer(campaign.device, campaign.pack_workers, campaign.checkpoint_s)
    if options.name in plan.runs:
        train_pack((plan.runs[options.name][0],), train, flushed)
        return
    faults = []
    for at_hand, pack in [(plan, plan.pack(options.name))] if options.name else packs_to_train(plan):
        wanted = at_hand.keys_of(*(options.only or campaign.experiments))
        try:
            write_manifest(pack, train_pack(pack.runs, train, flushed, wanted))
        except UserError as error:  # free them: other packs have other data and models
            faults.append(str(error))
    if faults:
        raise UserError("\n".join(dict.fromkeys(faults)))


def packs_to_train(plan: "Plan") -> "Iterator[tuple[Plan, Pack]]":
    """All packs of a campaign in order, each with the current plan: later stages depend on earlier runs."""
    from workflow.train.choice import settle

    done: set[str] = set()
    while True:
        plan = settle(plan) if plan.tuned_experiments else plan
        pack = next((one for one in plan.packs if one.name not in done), None)
        if pack is None:
            return
        done.add(pack.name)
        yield plan, pack


def run_choose(options: argparse.Namespace) -> None:
    """Choose by validation which settings of a tuned experiment are trained further."""
    from workflow.train.choice import write_made

    plan = plan_of(options)
    if options.experiment not in plan.tuned_experiments:
        known = nearest(options.experiment, plan.tuned_experiments)
        raise UserError(
            f"{options.experiment}: is not a tuned experiment of campaign {plan.campaign.campaign}; {known}"
        )
    write_made(plan, options.experiment, options.stage)


def run_retry(options: argparse.Namespace) -> None:
    """Delete failed records, so that Snakemake trains exactly these runs again."""
    names = after_campaign(options, options.names)
    plan = plan_of(options)
    failed = failed_runs(plan, names)
    for run, record in failed:
        if not options.dry_run:
            run.record_path.unlink()
        why = str(record.failure).replace("tf4ctr retry CAMPAIGN", f"tf4ctr retry {options.configfile}")
        print(f"{run.dataset.name} {run.model.name} {run.key}: {why}")
    if not failed:
        print("no failed record: nothing to try again")
        return
    again = f"dropped; `tf4ctr run {options.configfile}` trains these runs again"
    print(counted(len(failed), "failed record"), "would be dropped" if options.dry_run else again)


def failed_runs(plan: "Plan", names: Sequence[str]) -> "list[tuple[RunSpec, Record]]":
    """Failed runs of experiments, models, datasets, or runs by `<id>` or `<id>/seed<seed>`; of all without a name."""
    from workflow.train.record import read_record

    called = {
        key: {key, run.id, run.model.name, run.dataset.name, *needed_by} for key, (run, needed_by) in plan.runs.items()
    }
    known = set[str]().union(*called.values())
    for name in names:
        if name not in known:
            short = known - {part for key in called for part in (key, key.partition("/")[0])}
            hint = nearest(name, [*short, *campaigns()])
            raise UserError(f"no run of campaign {plan.campaign.campaign} is called {name!r}; {hint}")
    failed = []
    for key, (run, _) in plan.runs.items():
        if not names or called[key].intersection(names):
            with suppress(FileNotFoundError, UserError):  # such a run is trained anyway
                record = read_record(run.record_path)
                failed += [(run, record)] if record.status == "failed" else []
    return failed


def run_time(options: argparse.Namespace) -> None:
    """Time the first epoch and the inference of Table VI's models; run nothing else meanwhile."""
    from workflow.train.timing import time_models
    from workflow.train.timing_record import write_timing

    plan = plan_of(options)
    if not plan.timed:
        raise UserError(f"{options.configfile}: experiments: none is timed; add table_6")
    campaign = plan.campaign
    cells = plan.timed_cells_of(plan.timed[0])
    timing = time_models(
        [(cell.label, cell.runs[0]) for cell in cells],
        cells[0].runs[0].dataset.prepared_dir,
        device=campaign.device,
        repeats=campaign.timing.repeats,
        say=flushed,
    )
    write_timing(plan.timing_path, timing)


def predict(options: argparse.Namespace) -> None:
    """Write the predicted probability of each row of a table, using a run whose campaign has `keep_weights: true`."""
    import polars as pl

    from workflow.train.record import record_named
    from workflow.train.weights import predict as probabilities

    path = record_of(options.run)
    probability_N = probabilities(record_named(path), path.with_suffix(".weights"), options.table, options.device)
    frame = pl.DataFrame({"row": range(1, len(probability_N) + 1), "probability": probability_N})
    with atomic_path(options.out) as part:
        frame.write_parquet(part) if options.out.suffix == ".parquet" else frame.write_csv(part)
    print(f"{options.out}: {len(frame):,} rows, mean probability {float(probability_N.mean()):.4f}")


def record_of(run: str) -> Path:
    """The record that a path or a run's key names."""
    if re.fullmatch(r"[0-9a-f]{12}/seed\d+", run):
        found = {f"{path.parent.name}/{path.stem}": path for path in Path("results/runs").glob("*/*/*/seed*.json")}
        if run not in found:
            raise UserError(f"no finished run {run} in results/runs; {nearest(run, found)}")
        return found[run]
    path = place(run)
    if not path.is_file():
        raise UserError(f"{run}: no such record; give results/runs/…/seed1.json, or a key such as 0123456789ab/seed1")
    return path
