"""What surrounds the tables of a page: the place in the paper, and the campaign's runs with their records."""

from collections.abc import Iterable, Mapping, Sequence

from workflow.analysis.evidence.cells import Observed
from workflow.analysis.evidence.load import Evidence, campaign_runs, status_of
from workflow.analysis.pages.document import Entry, Field, Section, as_text, table_of
from workflow.analysis.pages.notes import limits_notes, precision_notes, runs_note
from workflow.analysis.paper.prints import Paper, in_paper
from workflow.plan.config import load_dataset
from workflow.spec import RunSpec
from workflow.train.record import Record


def source_line(paper: Paper, table: str) -> str:
    """Which paper, and where in it."""
    return f"Paper: {paper.about.title} ({paper.about.cited}), {paper.place_of(table)}."


def campaign_lines(evidence: Evidence, experiments: Sequence[str]) -> list[str]:
    """The campaign and machines of the runs, their precision, and the campaign's limits."""
    campaign = evidence.plan.campaign
    done, planned = campaign_runs(evidence, experiments)
    finished = [record for _, _, record in done if record.status == "ok"]
    machines = [(record.provenance.device, record.spec.training.precision) for record in finished]
    used = [(load_dataset(dataset).title, cell, record.spec.training.precision) for dataset, cell, record in done]
    lines = [runs_note(campaign.campaign, machines, len(done) - len(finished), planned), *precision_notes(used)]
    return lines + limits_notes(campaign.limits, experiments, any(map(in_paper, campaign.datasets)))


def runs_section(title: str, cells: Sequence[Observed]) -> Section:
    """One line per run, with its record."""
    runs = [
        (observed, run, record)
        for observed in cells
        for run, record in zip(observed.cell.runs, observed.records, strict=True)
    ]
    rows = [_run(observed, run, record) for observed, run, record in runs if record]
    missing = len(runs) - len(rows)
    lines = [f"{missing} of {len(runs)} planned runs have no record yet."] if missing else []
    archive = next((observed.archive for observed in cells if observed.archive), None)
    if archive and rows:
        command = f"./tf4ctr restore {archive.rpartition('/')[0] or '.'}"
        lines.append(f"Each record is a line of {archive}; {command} writes each to its own file.")
    tables = (table_of("One line per run", rows),)
    return Section(f"Runs behind each cell: {title}", tuple(lines), tables, appendix=True)


def _run(observed: Observed, run: RunSpec, record: Record) -> Mapping[str, Field]:
    test, best = record.test, record.best_epoch
    return {
        "Cell": observed.label,
        "Seed": str(run.seed),
        "Status": f"failed: {record.failure}" if record.status == "failed" else status_of(record),
        "Best epoch": f"{best} of {len(record.epochs)}" if best else "–",
        "Test AUC": score(test.auc if test else None),
        "Test gAUC": score(test.gauc if test else None),
        "Settings from": observed.cell.source
        or ("chosen by validation" if "stage" in observed.at else "dataset's settings"),
        "Record": Entry(run.key, record=observed.file_of(run), runs=(run.key,)),
    }


def undefined_gauc(cells: Iterable[Observed]) -> list[str]:
    """Why runs on data with users have no gAUC; empty if they have one."""
    records = [record for one in cells for record in one.finished]
    missing = [one for one in records if one.test and one.test.gauc is None and one.spec.dataset.preparation.group]
    return ["gAUC is undefined: no user has test rows of both classes."] if missing else []


def score(value: float | None) -> str:
    """An AUC with six decimals, or a dash."""
    return "–" if value is None else f"{value:.6f}"


def long_data(evidence: Evidence, experiment: str, rows: Iterable[Mapping[str, object]]) -> tuple[dict[str, str], ...]:
    """Rows of an experiment's long data as text, each with all columns, empty where a kind of row lacks one."""
    place = {"campaign": evidence.plan.campaign.campaign, "experiment": experiment}
    kept = [{**place, **{name: as_text(value) for name, value in row.items()}} for row in rows]
    columns = dict.fromkeys(name for row in kept for name in row)
    return tuple({**dict.fromkeys(columns, ""), **row} for row in kept)
