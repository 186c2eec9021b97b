"""A table of AUCs: its cells beside their prints, and the comparisons of its research question."""

from collections.abc import Iterable, Mapping, Sequence

from workflow.analysis.compare.comparison import Comparison
from workflow.analysis.compare.comparisons import Question
from workflow.analysis.compare.gains import reasons
from workflow.analysis.compare.numbers import Metric
from workflow.analysis.compare.together import together
from workflow.analysis.evidence.dataset import OnDataset, by_dataset
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.pages.document import Document, Section
from workflow.analysis.pages.notes import GAINS_NOTE, NUMBERS_NOTE, OWN_NOTE, data_line
from workflow.analysis.paper.prints import in_paper
from workflow.analysis.tables.differences import difference_data, gains_table, of_experiment, together_table
from workflow.analysis.tables.page import campaign_lines, long_data, runs_section, source_line, undefined_gauc
from workflow.analysis.tables.rows import (
    NAMES,
    Place,
    Row,
    counts_table,
    idle_line,
    number_data,
    numbers_table,
    rows_of,
)
from workflow.plan.config import load_experiment

Part = tuple[OnDataset, Sequence[Row], Sequence[Comparison]]  # what a table has of one dataset


def build_auc(
    evidence: Evidence,
    experiment: str,
    table: str,
    question: Question,
    places: Mapping[str, Place],
    note: str,
    *,
    metrics: tuple[Metric, ...] = ("auc",),
    ranked: Place | None = None,
    lines: Mapping[str, Sequence[str]] | None = None,
    sections: Iterable[Section] = (),
) -> Document:
    """Build the document of the paper's table of this number; `note` is about its settings.

    `places` are the columns that say which cell a line is, `ranked` is the group within which a row is ranked. `lines`
    are further ones of a dataset's section, `sections` further ones after the summary.
    """
    parts = [
        (
            on,
            rows_of(evidence, on, metrics),
            [
                one
                for one in of_experiment(evidence, experiment, on.dataset)
                if one.question in (question, None)  # None: on a user's data, every model with every other
            ],
        )
        for on in by_dataset(evidence, experiment)
    ]
    about_paper = not parts or any(in_paper(on.dataset) for on, *_ in parts)
    source = (source_line(evidence.paper, table),) if about_paper else ()
    return Document(
        name=experiment,
        number=evidence.paper.name_of(table) if about_paper else "",
        title=load_experiment(experiment).title
        if about_paper
        else f"Models on {', '.join(on.title for on, *_ in parts)}",
        lines=(*source, *campaign_lines(evidence, [experiment])),
        sections=(
            *_summary(evidence, experiment, parts),
            *sections,
            *(_section(part, places, ranked, (lines or {}).get(part[0].dataset, ())) for part in parts),
            *(runs_section(on.title, on.cells) for on, *_ in parts),
        ),
        notes=(NUMBERS_NOTE, GAINS_NOTE, note) if about_paper else (OWN_NOTE,),
        data=long_data(
            evidence,
            experiment,
            [
                *(line for _, rows, _ in parts for line in number_data(rows)),
                *(line for *_, gains in parts for line in difference_data(gains)),
            ],
        ),
    )


def _summary(evidence: Evidence, experiment: str, parts: Sequence[Part]) -> list[Section]:
    counted = [
        (on.title, f"printed {NAMES[metric]}s", [row.numbers[metric].verdict for row in rows if row.in_paper])
        for on, rows, _ in parts
        for metric in rows[0].numbers
    ]
    counted += [(on.title, "comparisons", [one.verdict for one in gains]) for on, _, gains in parts]
    titles = {on.dataset: on.title for on, *_ in parts}
    prints = [each for each in together(evidence) if each.table == experiment and each.dataset in titles]
    tables = (counts_table([each for each in counted if each[2]]), together_table(prints, titles))
    return [Section("Summary", tables=tables)] if any(table.rows for table in tables) else []


def _section(part: Part, places: Mapping[str, Place], ranked: Place | None, more: Sequence[str]) -> Section:
    on, rows, gains = part
    paper, others = ([row for row in rows if row.in_paper is wanted] for wanted in (True, False))
    beyond = ", beyond the paper" if in_paper(on.dataset) else ""  # not on a user's data
    lines = [data_line("Data", on.used), *more]
    lines += [*idle_line(paper), *idle_line(others, f"Not run{beyond}")]
    if not in_paper(on.dataset):
        lines += [*undefined_gauc(row.observed for row in rows), *reasons(one.gain for one in gains)]
    label: Mapping[str, Place] = {"Cell": lambda one: one.label}
    tables = [
        numbers_table(f"{NAMES[metric]}{name}", of, metric, columns, ranked)
        for of, name, columns in ((paper, "", places), (others, beyond, label))
        for metric in rows[0].numbers
    ]
    return Section(on.title, tuple(lines), (*tables, *(gains_table(gains, metric) for metric in rows[0].numbers)))
