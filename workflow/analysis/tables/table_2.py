"""Table II: six models with four losses, and the gain of each loss over the log loss."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from workflow.analysis.evidence.gains import GAIN_NOTE, corrected, gain, in_points
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.evidence.number import signed, truncate
from workflow.analysis.pages.document import Document, Field, Section, Table, without_empty
from workflow.analysis.paper.facts import Fact
from workflow.analysis.paper.prints import Paper
from workflow.analysis.tables import variants
from workflow.analysis.tables.blocks import Block, Row, blocks_of
from workflow.analysis.tables.columns import is_idle, points, told
from workflow.analysis.tables.frame import document
from workflow.analysis.tables.variants import Controls

LOG, TF, AUXILIARY = "log", "twin_focus", "auxiliary"
LOSSES = {
    LOG: "Log loss",
    "focal": "Focal",
    "rce": "R-CE",
    TF: "TF",
    AUXILIARY: "auxiliary log (TF, γ=0)",
    "rce-0.2": "rce (β=0.2)",
    "log-matched": "log (settings of the TF row)",
}
MATCHED = "log-matched"
# DualMLP's TF row differs from its log row in fusion, dropout and monitor too: this one does not.
CONTROLS = Controls("loss", LOG, "log loss", LOSSES, {TF: MATCHED, AUXILIARY: MATCHED})


def build(evidence: Evidence, experiment: str) -> Document:
    """Compare the losses with the paper's rows: averages by two rules, and a section per dataset."""
    paper, blocks = evidence.paper, blocks_of(evidence, experiment)
    gains = variants.gains_of(evidence, blocks, CONTROLS)
    return document(
        evidence,
        experiment,
        "2",
        blocks,
        sections=(
            *([variants.summary(blocks, CONTROLS, gains), _focusing(blocks)] if blocks else []),
            *([_matched(blocks, gains)] if blocks else []),
            _averages(blocks, paper),
            *(variants.section(block, CONTROLS, gains) for block in blocks),
        ),
        ranks=variants.RANK_NOTE,
        notes=(
            "† Settings of DualMLP's TF row come from the authors' log that gives the printed value, and its two rows "
            "beyond the paper share them. For the other models no setting of the TF loss was published: they use "
            "α, c and γ of the dataset's final TF4CTR run and keep all else of their log-loss row.",
            "No log of the authors exists for any row with log, focal or R-CE loss; γ = 2 and β = 0.01 are constants "
            "of their git history.",
            GAIN_NOTE,
            "p is Holm-corrected over the models and datasets of each loss.",
        ),
        print_notes=_print_notes(paper),
        data=lambda block: variants.data(evidence, experiment, block, CONTROLS, gains),
    )


def _print_notes(paper: Paper) -> list[str]:
    return [
        f"{fact.at['model']}, {LOSSES[fact.at['loss']]}: {fact.note}"
        for fact in paper.frame.select("mean_gain", table="2")
        if fact.note
    ]


# -- is it the focusing? --------------------------------------------------------------


def _focusing(blocks: Sequence[Block]) -> Section:
    found = [(block, trio) for block in blocks for trio in _with_auxiliary(block)]
    last = corrected([gain(focused.auc.sample, plain.auc.sample) for _, (focused, _, plain) in found])
    rows: list[tuple[Field, ...]] = []
    idle = sum(any(map(is_idle, trio)) for _, trio in found)
    for (block, (focused, log, plain)), each in zip(found, last, strict=True):
        if any(map(is_idle, (focused, log, plain))):
            continue
        over_log = (gain(row.auc.sample, log.auc.sample).ours for row in (focused, plain))
        rows.append((block.title, focused.at["model"], *over_log, each.ours, told(each.verdict)))
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
            "and only what TF gains over it is due to focusing. The paper has no such row. Holm over these rows.",
            *([f"Not run with all three losses: {idle} of {idle + len(rows)} models."] if idle else []),
        ),
        (Table("Gain of the TF loss in two parts", header, "llrrrl", tuple(rows)),) if rows else (),
    )


def _matched(blocks: Sequence[Block], gains: variants.Gains) -> Section:
    rows: list[tuple[Field, ...]] = []
    for block in blocks:
        for row in block.rows:
            log = CONTROLS.as_printed(block, row)
            if CONTROLS.match(block, row) is not None and log is not None:
                each = gains[row.key]
                own = gain(row.auc.sample, log.auc.sample)
                rows.append((block.title, row.label, each.paper, own.ours, each.ours, told(each.verdict)))
    header = ("Dataset", "Row", "Gain: paper", "over its log row", "over log with its settings", "Verdict of the last")
    return Section(
        "The same settings on both sides",
        (
            "These rows differ from the log-loss row that the paper compares them with in more than the loss. Their "
            "gain, in every table here and in the audit, is that over a log-loss row with all their settings.",
        ),
        (Table("Gain over the log loss, as printed and matched", header, "llrrrl", tuple(rows)),),
    )


def _with_auxiliary(block: Block) -> list[tuple[Row, Row, Row]]:
    """By model its rows with TF, log and auxiliary log loss, where it has all three."""
    focused = [row for row in block.rows if row.at.get("loss") == TF]
    found = [(row, CONTROLS.of(block, row), block.at(row.at, loss=AUXILIARY)) for row in focused]
    return [(row, log, plain) for row, log, plain in found if log and plain]


# -- averages -------------------------------------------------------------------------


def _averages(blocks: Sequence[Block], paper: Paper) -> Section:
    rows = [
        (mean.at["model"] if mean.at["loss"] == LOG else "", LOSSES[mean.at["loss"]], *_average(blocks, mean, paper))
        for mean in paper.frame.select("mean_auc", table="2")
    ]
    header = ("Model", "Loss", "AVG.AUC paper", "ours", "AVG.RI paper", "by its rule", "mean of gains")
    lines = (
        "AVG.AUC is the mean over the paper's four datasets, truncated. The paper's AVG.RI is the difference of two "
        "such truncated means (“by its rule”, recomputed from its prints), not the mean of the four gains.",
        f"Ours needs runs on all four; this campaign has {', '.join(block.title for block in blocks) or 'none'}.",
    )
    table = Table("Over datasets", (*header, "ours by that rule", "ours, mean"), "llrrrrrrr", tuple(rows), group=4)
    return Section("Averages", lines, (without_empty(table),))


def _average(blocks: Sequence[Block], mean: Fact, paper: Paper) -> tuple[Field, ...]:
    model, loss = mean.at["model"], mean.at["loss"]
    auc, log_auc = printed_auc(paper, model, loss), printed_auc(paper, model, LOG)
    printed = paper.frame.at(mean.at, "mean_gain")
    ours, base = _mean_of(blocks, list(auc), model, loss), _mean_of(blocks, list(auc), model, LOG)
    ours_print = "–" if ours is None else str(truncate(ours))
    if loss == LOG:
        return (points(mean.points), ours_print, "", "", "", "", "")
    return (
        points(mean.points),
        ours_print,
        "–" if printed is None else signed(printed.points),
        signed(truncated_mean(auc) - truncated_mean(log_auc)),
        f"{float(mean_gain(auc, log_auc)):+.4f}".replace("-", "−"),
        "–" if ours is None or base is None else signed(truncate(ours) - truncate(base)),
        "–" if ours is None or base is None else in_points(float(ours - base)),
    )


def printed_auc(paper: Paper, model: str, loss: str) -> dict[str, Decimal]:
    """The printed AUCs of a row by dataset, in points."""
    found = paper.frame.select("auc", table="2", model=model, loss=loss)
    return {fact.at["dataset"]: fact.points for fact in found}


def _mean_of(blocks: Sequence[Block], datasets: list[str], model: str, loss: str) -> Fraction | None:
    """Our mean over all of `datasets`; None where one of them has no value."""
    wanted = {"table": "2", "model": model, "loss": loss}
    rows = [block.at(wanted, dataset=block.dataset) for block in blocks if block.dataset in datasets]
    means = [mean for row in rows if row and (mean := row.auc.exact_mean) is not None]
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
