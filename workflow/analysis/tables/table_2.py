"""Table II: six models with four losses, and the gain of each loss over the log loss."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import partial
from pathlib import Path

from workflow.analysis.evidence.gains import GAIN_COLUMNS, GAIN_NOTE, gain, in_points
from workflow.analysis.evidence.number import ResultCell, signed, truncate
from workflow.analysis.evidence.prints import LossRow, Paper
from workflow.analysis.pages.document import Document, Field, Section, Table
from workflow.analysis.stats.samples import fraction
from workflow.analysis.tables import variants
from workflow.analysis.tables.blocks import COLUMNS, Block, Prints, points
from workflow.analysis.tables.comparison import compare_cells
from workflow.analysis.tables.variants import Role
from workflow.plan import Plan

LOSSES = {"log": "Log loss", "focal": "Focal", "rce": "R-CE", "twin_focus": "TF"}
BETWEEN = " + "
LOG = "log"
TF = "twin_focus"
AUXILIARY = "auxiliary log (TF, γ=0)"
OVER = "log loss"


def build(plan: Plan, experiment: str, out: Path, paper: Paper) -> Document:
    """Compare the losses with the paper's rows: averages by two rules, and a section per dataset.

    Cells are labelled "<model> + <loss>".
    """
    roles = partial(role, paper)
    compared = compare_cells(plan, experiment, paper, prints)
    blocks = compared.blocks
    gains = variants.gains_of(blocks, roles)
    return compared.document(
        table=paper.table_2,
        out=out,
        sections=(
            *([variants.summary(blocks, roles, gains, OVER), _focusing(blocks)] if blocks else []),
            _averages(blocks, paper),
            *(variants.section(block, roles, gains, OVER) for block in blocks),
        ),
        notes=(
            variants.RANK_NOTE,
            "† Settings of DualMLP's TF row come from the authors' log that gives the printed value, and its two rows "
            "beyond the paper share them. For the other models no setting of the TF loss was published: they use "
            "α, c and γ of the dataset's final TF4CTR run and keep all else of their log-loss row.",
            "No log of the authors exists for any row with log, focal or R-CE loss; γ = 2 and β = 0.01 are constants "
            "of their git history.",
            GAIN_NOTE,
            "p is Holm-corrected over the paper's gains of this table, and apart over those beyond the paper.",
        ),
        print_notes=_print_notes(paper),
        columns=(*COLUMNS, *GAIN_COLUMNS),
        data=lambda block: variants.data(plan, experiment, block, roles, gains),
    )


def prints(paper: Paper, dataset: str) -> Prints:
    """What the paper prints for a dataset, by label."""
    return {
        model + BETWEEN + loss: {"auc": row.auc[dataset]}
        for model, group in paper.table_2.models.items()
        for loss, row in group.losses.items()
        if dataset in row.auc
    }


def role(paper: Paper, dataset: str, label: str) -> Role:
    """Read a label."""
    model, _, loss = label.partition(BETWEEN)
    row = _row(paper, model, loss)
    reference = None if loss == LOG else model + BETWEEN + LOG
    return Role(model, LOSSES.get(loss, loss), reference, row.gain.get(dataset) if row else None, row is not None)


def _row(paper: Paper, model: str, loss: str) -> LossRow | None:
    group = paper.table_2.models.get(model)
    return next((row for name, row in group.losses.items() if name == loss), None) if group else None


def _print_notes(paper: Paper) -> list[str]:
    return [
        f"{model}, {LOSSES[loss]}: {row.note}"
        for model, group in paper.table_2.models.items()
        for loss, row in group.losses.items()
        if row.note
    ]


# -- is it the focusing? --------------------------------------------------------------


def _focusing(blocks: Sequence[Block]) -> Section:
    rows = [
        (block.title if first else "", model, *_split(block.auc, model))
        for block in blocks
        for first, model in _with_auxiliary(block)
    ]
    header = (
        "Dataset",
        "Model",
        "TF over log",
        "auxiliary log over log",
        "TF over auxiliary log",
        "Verdict of the last",
    )
    return Section(
        "What the focusing adds",
        (
            "TF with γ = 0 is the plain log loss on both branches. So its gain is that of auxiliary supervision, "
            "and only what TF gains over it is due to focusing. The paper has no such row.",
        ),
        (Table("Gain of the TF loss in two parts", header, "llrrrl", tuple(rows)),),
    )


def _with_auxiliary(block: Block) -> list[tuple[bool, str]]:
    models = dict.fromkeys(label.partition(BETWEEN)[0] for label in block.auc)
    wanted = (LOG, TF, AUXILIARY)
    found = [model for model in models if all(model + BETWEEN + loss in block.auc for loss in wanted)]
    return [(model == found[0], model) for model in found]


def _split(cells: Mapping[str, ResultCell], model: str) -> tuple[Field, ...]:
    log, focused, auxiliary = (cells[model + BETWEEN + loss] for loss in (LOG, TF, AUXILIARY))
    last = gain(focused, auxiliary)
    return gain(focused, log).ours, gain(auxiliary, log).ours, last.ours, str(last.claim)


# -- averages -------------------------------------------------------------------------


def _averages(blocks: Sequence[Block], paper: Paper) -> Section:
    by_dataset = {block.dataset: block.auc for block in blocks}
    rows = [
        (model if loss == LOG else "", LOSSES[loss], *_average(by_dataset, model, loss, row, group.losses[LOG]))
        for model, group in paper.table_2.models.items()
        for loss, row in group.losses.items()
    ]
    header = ("Model", "Loss", "AVG.AUC paper", "ours", "AVG.RI paper", "by its rule", "mean of gains")
    lines = (
        "AVG.AUC is the mean over the paper's four datasets, truncated. The paper's AVG.RI is the difference of two "
        "such truncated means (“by its rule”, recomputed from its prints), not the mean of the four gains.",
        f"Ours needs runs on all four; this campaign has {', '.join(block.title for block in blocks) or 'none'}.",
    )
    return Section(
        "Averages",
        lines,
        (Table("Over datasets", (*header, "ours by that rule", "ours, mean"), "llrrrrrrr", tuple(rows), group=4),),
    )


def _average(
    by_dataset: Mapping[str, Mapping[str, ResultCell]], model: str, loss: str, row: LossRow, log_row: LossRow
) -> tuple[Field, ...]:
    ours = _mean_of(by_dataset, list(row.auc), model + BETWEEN + loss)
    base = _mean_of(by_dataset, list(row.auc), model + BETWEEN + LOG)
    ours_print = "–" if ours is None else str(truncate(ours))
    if loss == LOG:
        return (points(row.mean_auc), ours_print, "", "", "", "", "")
    return (
        points(row.mean_auc),
        ours_print,
        "–" if row.mean_gain is None else signed(row.mean_gain),
        signed(truncated_mean(row.auc) - truncated_mean(log_row.auc)),
        f"{float(mean_gain(row.auc, log_row.auc)):+.4f}".replace("-", "−"),
        "–" if ours is None or base is None else signed(truncate(ours) - truncate(base)),
        "–" if ours is None or base is None else in_points(float(ours - base)),
    )


def _mean_of(by_dataset: Mapping[str, Mapping[str, ResultCell]], datasets: list[str], label: str) -> Fraction | None:
    """Our mean over all of `datasets`; None where one of them has no value."""
    cells = [by_dataset.get(name, {}).get(label) for name in datasets]
    means = [sum(map(fraction, cell.values), Fraction(0)) / cell.runs for cell in cells if cell and cell.runs]
    return sum(means, Fraction(0)) / len(means) if len(means) == len(datasets) else None


def truncated_mean(auc_points: Mapping[str, Decimal]) -> Decimal:
    """AVG.AUC as the paper computes it: the mean of its prints, truncated to two decimals.

    Examples
    --------
    >>> truncated_mean({"a": Decimal("81.31"), "b": Decimal("98.65")})
    Decimal('89.98')
    """
    return truncate(sum(map(Fraction, auc_points.values()), Fraction(0)) / len(auc_points) / 100)


def mean_gain(auc_points: Mapping[str, Decimal], log_points: Mapping[str, Decimal]) -> Fraction:
    """AVG.RI as its name says: the mean of the gains over log loss, in points."""
    gains = [Fraction(auc_points[name]) - Fraction(log_points[name]) for name in auc_points]
    return sum(gains, Fraction(0)) / len(gains)
