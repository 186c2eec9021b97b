"""Table IV: TF4CTR against ten baselines on five datasets, five seeds each."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from workflow.analysis.evidence.gains import GAIN_COLUMNS, GAIN_NOTE, Gain, corrected, gain, gain_data, p_value, reasons
from workflow.analysis.evidence.prints import Paper
from workflow.analysis.evidence.rivals import Contest, contest, power_line
from workflow.analysis.pages.document import Document, Entry, Field, Section, Table
from workflow.analysis.pages.notes import data_line, used_data
from workflow.analysis.stats.exact import smallest_p
from workflow.analysis.stats.samples import MIN_SEEDS, NoTest
from workflow.analysis.stats.tests import Test
from workflow.analysis.tables.blocks import (
    COLUMNS,
    RANK_NOTE,
    Block,
    Prints,
    comparison,
    long_rows,
    marks,
    our_value,
    points,
    verdict_counts,
)
from workflow.analysis.tables.comparison import compare_cells
from workflow.plan import Plan

MODEL = "TF4CTR"
CHOICE_NOTE = (
    "The best baseline is known only after the fact. So a gain is shown only if TF4CTR beats every baseline: the p "
    "“against all” is the largest of the single Welch p-values, which needs no further correction. A loss to the best "
    "pays for the choice: its p is multiplied by the number of baselines. Holm's correction over datasets follows."
)
PAIR_NOTE = (
    "Runs of two models with the same seed number are no pairs: they draw different random numbers from it. "
    "So tests are for two independent sets (Welch's t; the exact permutation test beside it supposes no distribution)."
)


def build(plan: Plan, experiment: str, out: Path, paper: Paper) -> Document:
    """Compare the models with the paper's, and TF4CTR with the best and with every other model.

    Cells are labelled by the model.
    """
    compared = compare_cells(plan, experiment, paper, prints)
    blocks = compared.blocks
    gains = {block.dataset: gains_over(block) for block in blocks}
    return compared.document(
        table=paper.table_4,
        out=out,
        sections=(
            *([_summary(blocks, paper), _gain_section(blocks, paper), _scores(blocks, paper)] if blocks else []),
            *(_section(block, gains[block.dataset]) for block in blocks),
        ),
        notes=(
            RANK_NOTE,
            "† Settings of this cell come from a log: TF4CTR's from the authors' log that gives the printed value, "
            "EulerNet's from its own authors'. The paper gives no setting of any baseline; their structure, "
            "with its source, stands in the configuration of each dataset.",
            "The paper prints one run per cell (TF4CTR's is seed 2023), ours are means over seeds.",
            GAIN_NOTE,
            CHOICE_NOTE,
            PAIR_NOTE,
        ),
        print_notes=(
            f"{block.title}: {row.note}"
            for block in blocks
            if (row := paper.table_4.datasets.get(block.dataset)) and row.note
        ),
        columns=(*COLUMNS, *GAIN_COLUMNS),
        data=lambda block: _data(plan, experiment, block, gains[block.dataset]),
    )


def prints(paper: Paper, dataset: str) -> Prints:
    """What the paper prints for a dataset, by label."""
    row = paper.table_4.datasets.get(dataset)
    return {label: {"auc": value} for label, value in row.auc.items()} if row else {}


def baselines(paper: Paper) -> list[str]:
    """The paper's ten."""
    labels = dict.fromkeys(label for row in paper.table_4.datasets.values() for label in row.auc)
    return [label for label in labels if label != MODEL]


def gains_over(block: Block) -> dict[str, Gain]:
    """TF4CTR's gain over every other row of a dataset, Holm-corrected over them."""
    if MODEL not in block.auc:
        return {}
    others = [label for label in block.auc if label != MODEL]
    return dict(zip(others, corrected([gain(block.auc[MODEL], block.auc[label]) for label in others]), strict=True))


# -- the answer first -----------------------------------------------------------------


def _summary(blocks: Sequence[Block], paper: Paper) -> Section:
    known = {*baselines(paper), MODEL}
    counted = [
        (block.title, "AUC", [cell.verdict for label, cell in block.auc.items() if label in known]) for block in blocks
    ]
    return Section("Summary", tables=(verdict_counts(counted),))


def _gain_section(blocks: Sequence[Block], paper: Paper) -> Section:
    ten = baselines(paper)
    further = list(
        dict.fromkeys(
            label for block in blocks for label in block.auc if label not in ten and not label.startswith(MODEL)
        )
    )
    families = [("Against the paper's ten baselines", ten)]
    families += [(f"Against these and {', '.join(further)}", [*ten, *further])] if further else []
    tables, lines = [], []
    for caption, rivals in families:
        contests = contests_of(blocks, paper, rivals)
        tables.append(_gain_table(caption, blocks, paper, contests))
        if rivals is ten:
            lines += reasons(each.gain for each in contests.values())
            found = (
                power_line(block.title, contests[block.dataset].gain) for block in blocks if block.dataset in contests
            )
            lines += [line for line in found if line]
    seeds = max((cell.planned for block in blocks for cell in block.auc.values()), default=0)
    if seeds >= MIN_SEEDS:
        lines.append(_floor_line(seeds))
    return Section("TF4CTR against the best baseline", tuple(lines), tuple(tables))


def _floor_line(seeds: int) -> str:
    floor = smallest_p(seeds, "permutation")
    return (
        f"With {seeds} runs a side no exact permutation test can give a p-value below {p_value(floor)}; "
        "a smaller one, such as the paper's, can only come from a t test and its suppositions."
    )


def contests_of(blocks: Sequence[Block], paper: Paper, rivals: Sequence[str]) -> dict[str, Contest]:
    """TF4CTR against `rivals` by dataset, Holm-corrected over datasets."""
    found: dict[str, Contest] = {}
    for block in blocks:
        row = paper.table_4.datasets.get(block.dataset)
        printed: Mapping[str, Decimal] = row.auc if row else {}
        met = contest(block.auc, MODEL, rivals, printed)
        if met is not None:
            found[block.dataset] = met
    judged = corrected([each.gain for each in found.values()])
    return {name: replace(each, gain=after) for (name, each), after in zip(found.items(), judged, strict=True)}


def _gain_table(caption: str, blocks: Sequence[Block], paper: Paper, contests: Mapping[str, Contest]) -> Table:
    before = {block.dataset: block for block in blocks}
    rows = []
    for name, each in contests.items():
        printed = paper.table_4.datasets.get(name)
        exact_test = each.gain.permutation
        rows.append(
            (
                before[name].title,
                each.paper_best or "–",
                each.best or "–",
                each.gain.paper,
                each.gain.ours,
                "–" if printed is None else f"{float(printed.p_value):.2e}",
                p_value(each.p_best),
                p_value(exact_test.p if isinstance(exact_test, Test) else None),
                each.gain.p_text,
                str(each.gain.claim),
            )
        )
    header = ("Dataset", "Best: paper", "Best: ours", "Gain: paper", "Gain: ours", "p: paper", "Welch p")
    header += ("permutation p", "p against all, Holm", "Verdict")
    return Table(caption, header, "lllrrrrrrl", tuple(rows))


def _scores(blocks: Sequence[Block], paper: Paper) -> Section:
    labels = list(dict.fromkeys(label for block in blocks for label in block.auc))
    labels.sort(key=lambda label: label not in {*baselines(paper), MODEL})  # stable: the paper's first
    ranks = [
        (
            marks({label: cell.paper_points for label, cell in block.auc.items()}),
            marks({label: cell.ours_points for label, cell in block.auc.items()}),
        )
        for block in blocks
    ]
    rows: list[tuple[Field, ...]] = []
    for label in labels:
        fields: list[tuple[Field, Field, Field]] = []
        for block, (theirs, ours) in zip(blocks, ranks, strict=True):
            cell = block.auc.get(label)
            if cell is None:
                fields.append(("", "", ""))
                continue
            fields.append(
                (
                    Entry(points(cell.paper_points), theirs[label]),
                    our_value(cell, ours[label]),
                    comparison(cell),
                )
            )
        for name, what, index in ((label, "paper", 0), ("", "ours", 1), ("", "Δ", 2)):
            rows.append((name, what, *(each[index] for each in fields)))
    header = ("Model", "", *(block.title for block in blocks))
    return Section("AUC", tables=(Table("All models", header, "ll" + "r" * len(blocks), tuple(rows), group=3),))


# -- a dataset ------------------------------------------------------------------------


def _section(block: Block, gains: Mapping[str, Gain]) -> Section:
    rows = tuple(
        (label, Entry(block.auc[label].ours, runs=block.auc[label].run_keys), *_statistics(each))
        for label, each in gains.items()
    )
    header = ("Model", "AUC", "TF4CTR's gain [95 %]", "Hedges g [95 %]", "Welch p", "Holm", "permutation p", "Verdict")
    lines = [data_line("Data", used_data(block.rows)), *reasons(gains.values())]
    table = Table("TF4CTR against every other model", header, "lrrrrrrl", rows)
    return Section(block.title, tuple(lines), (table,) if rows else ())


def _statistics(each: Gain) -> tuple[Field, ...]:
    found = each.comparison
    exact_test = each.permutation
    effect = (
        "–"
        if isinstance(found, NoTest)
        else f"{found.effect.value:.1f} [{found.effect.low:.1f}, {found.effect.high:.1f}]"
    )
    return (
        each.ours,
        effect.replace("-", "−"),
        p_value(None if isinstance(found, NoTest) else found.welch.p),
        each.p_text,
        p_value(exact_test.p if isinstance(exact_test, Test) else None),
        str(each.claim),
    )


def _data(plan: Plan, experiment: str, block: Block, gains: Mapping[str, Gain]) -> list[dict[str, str]]:
    """Long data; a row's gain is TF4CTR's over it."""
    return [{**row, **gain_data(gains.get(row["cell"]), row["cell"])} for row in long_rows(plan, experiment, block)]
