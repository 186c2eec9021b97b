"""The command line: `python -m workflow COMMAND`. Snakemake's rules call it, and so can you."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from workflow.config import CAMPAIGN_VARIABLE, CampaignConfig, available, load_campaign
from workflow.errors import UserError, nearest
from workflow.files import NOT_WRITABLE, cannot_write, write_text
from workflow.names import below
from workflow.plan import Plan

if TYPE_CHECKING:
    from workflow.analysis.evidence.load import Evidence

DATA = Path("data")

# Heavy libraries (torch, polars, pandas, rich) are imported by the command that needs them,
# so that each job pays for its own only.
# ruff: noqa: PLC0415


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; a user's mistake is one message and status 1, without a traceback."""
    options = parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], None] = options.command
    try:
        command(options)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; finished runs are kept, run the same command again to go on", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output, such as `head`, has left
        return 0
    except OSError as error:
        if error.errno not in NOT_WRITABLE:
            raise
        place = Path(error.filename) if isinstance(error.filename, str) else Path()
        print(f"error: {cannot_write(place, error)}", file=sys.stderr)
        return 1
    return 0


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    top = argparse.ArgumentParser(prog="python -m workflow", description=__doc__)
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Callable[[argparse.Namespace], None]) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=command.__doc__, description=command.__doc__)
        sub.set_defaults(command=command)
        default = Path(os.environ.get(CAMPAIGN_VARIABLE, "config/paper.yaml"))
        sub.add_argument("--configfile", type=Path, default=default, help="the campaign (default: %(default)s)")
        return sub

    add("plan", show_plan)
    status = add("status", show_status)
    status.add_argument("--once", action="store_true", help="print once instead of following the campaign")
    fetch = add("fetch", run_fetch)
    fetch.add_argument("dataset", help="a name in config/datasets")
    fetch.add_argument("--out", type=Path, help="the archive to write (default: where the workflow expects it)")
    for name, command in (("twin", run_twin), ("prepare", run_prepare)):
        sub = add(name, command)
        sub.add_argument("dataset", help="a name in config/datasets, or the identity of a prepared dataset")
        sub.add_argument("--out" if name == "twin" else "--archive", type=Path, help="the archive")
    train = add("train", run_train)
    train.add_argument("name", nargs="?", help="a pack, or a run by its key (default: every run of the campaign)")
    again = add("retry", run_retry)
    again.add_argument("names", nargs="*", help="experiments, models, datasets or run keys (default: all)")
    again.add_argument("--dry-run", action="store_true", help="name the runs and drop nothing")
    add("time", run_time)
    wrap = add("export", run_export)
    wrap.add_argument("--out", type=Path, help="the folder to write (default: results/<campaign>)")
    unwrap = add("restore", run_restore)
    unwrap.add_argument("archive", type=Path, help="a folder that `export` wrote")
    join = add("merge", run_merge)
    join.add_argument("archives", type=Path, nargs="+", help="folders that `export` wrote")
    join.add_argument("--out", type=Path, required=True, help="the folder to write")
    check = add("verify", run_verify)
    check.add_argument("archive", type=Path, help="a folder that `export` wrote")
    check.add_argument("--strict", action="store_true", help="a cell that lacks seeds is a fault, too")
    check.add_argument("--retrain", type=int, default=0, metavar="N", help="train N of its runs again and compare")
    check.add_argument("--seed", type=int, default=0, help="draws those N (default: %(default)s)")
    add("collect", run_collect)
    render = add("render", run_render)
    render.add_argument("experiments", nargs="*", help="tables and figures (default: all of the campaign)")
    audit = add("audit", run_audit)
    audit.add_argument("--claim", action="append", default=[], help="show this claim in full; may be repeated")
    audit.add_argument("--layer", action="append", default=[], help="only this layer; may be repeated")
    audit.add_argument("--fail-on", metavar="VERDICT", help="end with status 1 where a claim has this verdict")
    audit.add_argument("--write", action="store_true", help="write audit.md, .csv and .json instead of printing")
    report = add("report", run_report)
    report.add_argument("--out", type=Path, help="the file to write (default: results/<campaign>/report.html)")
    summary = add("summary", run_summary)
    summary.add_argument(
        "--out", type=Path, default=Path("README.md"), help="the page to update (default: %(default)s)"
    )
    for name, command, place in (
        ("graph", write_graph, "docs/rules.svg"),
        ("schema", write_schema, "workflow/schemas/campaign.schema.json"),
    ):
        add(name, command).add_argument("--out", type=Path, default=Path(place), help="the file (default: %(default)s)")
    for command in (render, audit, report):
        command.add_argument("--from", dest="source", type=Path, help="an archive to read, and its campaign")
    return top


def campaign_of(options: argparse.Namespace) -> CampaignConfig:
    """The campaign that the command is about."""
    return load_campaign(options.configfile)


def evidence_of(options: argparse.Namespace, wanted: Callable[[Plan], list[str]] | None = None) -> "Evidence":
    """What the command looks at: records of the working directory, or an archive with its own campaign."""
    from workflow.analysis.evidence.load import Evidence
    from workflow.archive.layout import Archive

    source = Archive(options.source) if options.source else None
    plan = Plan(source.campaign if source else campaign_of(options))
    return Evidence.load(plan, wanted(plan) if wanted else None, source=source)


def show_plan(options: argparse.Namespace) -> None:
    """List experiments, runs and the estimated hours."""
    from workflow.status import plan_table

    plan_table(Plan(campaign_of(options)))


def show_status(options: argparse.Namespace) -> None:
    """Show what is done, experiment by experiment, while the campaign runs."""
    from workflow.status import follow

    follow(Plan(campaign_of(options)), once=options.once)


def run_fetch(options: argparse.Namespace) -> None:
    """Bring a dataset's raw archive here: local file, mirror, or public source."""
    from workflow.data.fetch import fetch
    from workflow.data.sources import raw_archive

    campaign = campaign_of(options)
    config, spec = dataset_of(Plan(campaign), options.dataset)
    fetch(config, campaign, options.out or below(DATA, raw_archive(config, spec)))


def run_twin(options: argparse.Namespace) -> None:
    """Write a dataset's synthetic twin in the archive's format."""
    from workflow.data.sources import raw_archive
    from workflow.data.twins import write_twin

    config, spec = dataset_of(Plan(campaign_of(options)), options.dataset)
    if spec.preparation.twin is None:
        raise UserError(f"{options.configfile}: twin: not set, so this campaign has no twin of {config.name}")
    write_twin(config, spec, options.out or below(DATA, raw_archive(config, spec)))


def run_prepare(options: argparse.Namespace) -> None:
    """Turn a raw archive into the arrays that runs read."""
    from workflow.data.prepare import prepare
    from workflow.data.sources import raw_archive

    config, spec = dataset_of(Plan(campaign_of(options)), options.dataset)
    prepare(config, spec, options.archive or raw_archive(config, spec), below(DATA, spec.prepared_dir))


def dataset_of(plan: Plan, name: str):
    """Configuration and specification of a dataset, by name or by identity."""
    for config, spec in plan.sources:
        if name in (config.name, spec.name, spec.id):
            return config, spec
    hint = nearest(name, plan.campaign.datasets)
    raise UserError(f"no dataset {name!r} in campaign {plan.campaign.campaign}; {hint}")


def run_train(options: argparse.Namespace) -> None:
    """Train the runs of a pack, a single run, or all that a campaign lacks."""
    from workflow.train.manifest import write_manifest
    from workflow.train.pack import train_pack, trainer

    plan = Plan(campaign_of(options))
    campaign = plan.campaign
    train = trainer(campaign.device, campaign.pack_workers, campaign.checkpoint_s)
    if options.name in plan.runs:
        train_pack((plan.runs[options.name][0],), train, flushed)
        return
    faults = []
    for pack in [plan.pack(options.name)] if options.name else plan.packs:
        try:
            train_pack(pack.runs, train, flushed)
            write_manifest(pack)
        except UserError as error:  # other packs have other data and models
            faults.append(str(error))
    if faults:
        raise UserError("\n".join(dict.fromkeys(faults)))


def run_retry(options: argparse.Namespace) -> None:
    """Drop failed records, so that Snakemake trains exactly these runs again."""
    from workflow.retry import retry

    for line in retry(Plan(campaign_of(options)), options.names, dry_run=options.dry_run):
        print(line)


def flushed(line: str) -> None:
    """Print at once: a log is read while it grows."""
    print(line, flush=True)


def run_export(options: argparse.Namespace) -> None:
    """Write the campaign's finished runs as an archive: to publish, to merge, to verify."""
    from workflow.archive.export import export

    plan = Plan(campaign_of(options))
    for path in export(plan, options.out or Path("results", plan.campaign.campaign)):
        print(path)


def run_restore(options: argparse.Namespace) -> None:
    """Put an archive's runs where training leaves them, so that a campaign goes on from them."""
    from workflow.archive.export import restore
    from workflow.archive.layout import Archive

    print(f"{len(restore(Archive(options.archive)))} runs restored from {options.archive}")


def run_merge(options: argparse.Namespace) -> None:
    """Join archives of one campaign; the same run twice is compared."""
    from workflow.archive.layout import Archive
    from workflow.archive.merge import merge

    for twice in merge([Archive(folder) for folder in options.archives], options.out):
        print(f"{twice.key}: {twice.how}")
    print(f"{options.out} written")


def run_verify(options: argparse.Namespace) -> None:
    """Say whether an archive can be believed: seals, protocol, possible numbers, runs trained again."""
    from workflow.archive.layout import Archive
    from workflow.archive.verify import check

    check(Archive(options.archive), options.retrain, options.seed, strict=options.strict, say=flushed)


def run_collect(options: argparse.Namespace) -> None:
    """Gather the campaign's records into one table of runs."""
    from workflow.analysis.evidence.collect import collect, write_parquet
    from workflow.analysis.evidence.load import Evidence

    plan = Plan(campaign_of(options))
    write_parquet(collect(Evidence.load(plan)), Path("results", plan.campaign.campaign, "runs.parquet"), plan)


def run_render(options: argparse.Namespace) -> None:
    """Write tables and figures from the records that exist; the rest says `not run`."""
    from workflow.analysis.tables import render as tables
    from workflow.analysis.tables import shown_by

    def wanted(plan: Plan) -> list[str]:
        return options.experiments or [*plan.campaign.experiments, "cost"]

    def shown(plan: Plan) -> list[str]:
        known = (*plan.campaign.experiments, *available("experiments"))
        return [
            name for name in dict.fromkeys(name for each in wanted(plan) for name in shown_by(each)) if name in known
        ]

    evidence = evidence_of(options, shown)
    name = evidence.plan.campaign.campaign
    for experiment in wanted(evidence.plan):
        if experiment.startswith("figure_"):
            from workflow.analysis.figures import render as figures

            figures.render(evidence, experiment, Path("figures", name))
        else:
            tables.render(evidence, experiment, Path("paper_tables", name))


def run_time(options: argparse.Namespace) -> None:
    """Time the first epoch and the inference of Table VI's models; leave the machine alone meanwhile."""
    from workflow.train.timing import time_models
    from workflow.train.timing_record import write_timing

    plan = Plan(campaign_of(options))
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
    write_timing(Path("results", campaign.campaign, "timing.json"), timing)


def run_audit(options: argparse.Namespace) -> None:
    """Say of every claim of the paper whether it holds: by itself, in the authors' logs, in our runs."""
    from workflow.analysis.claims.audit import audit, has_verdict, narrow, summary_line
    from workflow.analysis.claims.write import print_audit, write_audit

    evidence = evidence_of(options)
    result = audit(evidence)
    if options.write:
        write_audit(result, Path("paper_tables", evidence.plan.campaign.campaign))
    result = narrow(result, options.claim, options.layer)
    if options.write:
        print(summary_line(result))
    else:
        print_audit(result, details=bool(options.claim))
    if options.fail_on and has_verdict(result, options.fail_on):
        raise UserError(f"--fail-on {options.fail_on}: at least one claim has this verdict")


def run_report(options: argparse.Namespace) -> None:
    """Write the report: one HTML file with every verdict and the evidence behind it."""
    from workflow.analysis.report.page import write_report

    evidence = evidence_of(options)
    write_report(evidence, options.out or Path("results", evidence.plan.campaign.campaign, "report.html"))


def run_summary(options: argparse.Namespace) -> None:
    """Write what the audit finds without any run into the README, between its markers."""
    from workflow.analysis.report.readme import update

    update(options.out)


def write_graph(options: argparse.Namespace) -> None:
    """Draw the rules of a campaign, as docs/architecture.md shows those of the demo."""
    from workflow.graph import drawn, parsed, rule_graph

    write_text(options.out, drawn(parsed(rule_graph(options.configfile))))


def write_schema(options: argparse.Namespace) -> None:
    """Write the JSON schema of campaigns, for Snakemake and for editors."""
    write_text(options.out, schema_text())


def schema_text() -> str:
    """The JSON schema of campaigns, as text."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **CampaignConfig.model_json_schema()}
    return json.dumps(schema, indent=2) + "\n"


if __name__ == "__main__":
    sys.exit(main())
