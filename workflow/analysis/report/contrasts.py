"""Gains that the paper claims, beside ours: what the answer and the forest plot are made of."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from workflow.analysis.evidence.gains import Gain, corrected, gain
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.evidence.number import Number
from workflow.analysis.evidence.verdict import OBSTACLES
from workflow.analysis.report.order import in_paper_order
from workflow.analysis.stats.samples import Interval
from workflow.analysis.tables import table_2, table_4, table_5, variants
from workflow.analysis.tables.blocks import Block, Row, blocks_of


@dataclass(frozen=True)
class Contrast:
    """One gain on one dataset. `item` says of what, `over` over what, `keys` are the runs behind it.

    `paper_over` says over what the paper's gain is, where its best is another; `aside` what does not
    count yet and might.
    """

    dataset: str
    item: str
    over: str
    gain: Gain
    keys: tuple[str, ...]
    paper_over: str = ""
    aside: str = ""

    @property
    def interval(self) -> Interval | None:
        """Ours with its 95 % interval, as an AUC; None where runs allow none."""
        return self.gain.interval

    @property
    def ran(self) -> bool:
        """Whether all its runs ended with a result."""
        return self.gain.ground.obstacle not in OBSTACLES and self.gain.mean is not None

    @property
    def tells(self) -> bool:
        """Whether they also bear a finding about the paper."""
        return self.ran and self.gain.ground.bears


@dataclass(frozen=True)
class Question:
    """What one part of the method gains, asked on every dataset: one family of tests.

    `subject` and `over` make the sentences "<subject> over <over>" and "<subject> gains over <over>";
    `anchor` is the table's.
    """

    name: str
    title: str
    subject: str
    over: str
    anchor: str
    contrasts: tuple[Contrast, ...]


def questions_of(evidence: Evidence) -> tuple[Question, ...]:
    """Every question that the campaign has cells for on the paper's datasets, in the order in which a reader asks.

    Parameters
    ----------
    evidence : Evidence
        What there is of the campaign.

    Returns
    -------
    tuple of Question
        Gains are Holm-corrected within each: over datasets, models or both.
    """
    names = [name for name in evidence.plan.campaign.experiments if name in _OF]
    blocks = {name: [block for block in blocks_of(evidence, name) if not block.own] for name in names}
    asked = (ask(evidence, blocks[name]) for name, questions in _OF.items() if name in blocks for ask in questions)
    order = ("baselines", "left out", "ser", "fusion", "loss", "focusing", "size", "framework")
    return tuple(sorted((one for one in asked if one.contrasts), key=lambda one: order.index(one.name)))


def own_contrasts(evidence: Evidence) -> tuple[Contrast, ...]:
    """On each dataset that the paper does not have, TF4CTR over the best of all other models of Table IV."""
    if "table_4" not in evidence.plan.campaign.experiments:
        return ()
    blocks = [block for block in blocks_of(evidence, "table_4") if block.own]
    others = list(dict.fromkeys(row.label for block in blocks for row in block.rows if "variant" not in row.at))
    met = table_4.contests_of(blocks, [label for label in others if label != table_4.MODEL])
    return tuple(
        Contrast(block.title, table_4.MODEL, f"{each.best}, the best other model", each.gain, ())
        for block in blocks
        if (each := met.get(block.dataset)) and each.best
    )


# -- Table IV -------------------------------------------------------------------------


def _baselines(evidence: Evidence, blocks: Sequence[Block]) -> Question:
    """TF4CTR over the best of the paper's baselines, or of those that have all their runs, as Table IV judges it."""
    ten = table_4.baselines(evidence.paper)
    whole, finished = table_4.contests_of(blocks, ten), table_4.finished_of(blocks, ten)
    found = []
    for block in blocks:
        own, met = table_4.own_row(block), finished.get(block.dataset) or whole.get(block.dataset)
        if own is None or met is None:
            continue
        best = next((row for row in block.rows if row.label == met.best), None)
        over, aside = "the best baseline" if best is None else f"{best.label}, the best of {len(ten)} baselines", ""
        if block.dataset in finished:
            over = f"{met.best}, the best of the {met.rivals} of {len(ten)} baselines that have finished"
            begun = [row for row in block.rows if row.label in ten and row.auc.values and not table_4.is_done(row)]
            aside = ", ".join(f"{row.label} stands at {row.auc.ours}" for row in begun)
        keys = own.auc.run_keys if best is None else _keys(own, best)
        printed = table_4.paper_best(block, ten)
        paper_over = printed.label if printed is not None and printed is not best else ""
        found.append(Contrast(block.title, "TF4CTR", over, met.gain, keys, paper_over, aside))
    return Question(
        "baselines",
        "TF4CTR over the best baseline",
        "TF4CTR",
        "the best baseline",
        "table-4",
        tuple(found),
    )


def _left_out(evidence: Evidence, blocks: Sequence[Block]) -> Question:
    """TF4CTR over the models that the paper's Table IV leaves out, such as the DualMLP that it builds on."""
    ten = table_4.baselines(evidence.paper)
    pairs = [
        (block, own, row)
        for block in blocks
        if (own := table_4.own_row(block))
        for row in block.rows
        if row is not own and row.label not in ten and "variant" not in row.at
    ]
    return Question(
        "left out",
        "TF4CTR over models that Table IV leaves out",
        "TF4CTR",
        "models that Table IV leaves out",
        "table-4",
        _pairs((block, "TF4CTR", own, other) for block, own, other in pairs),
    )


def _size(_: Evidence, blocks: Sequence[Block]) -> Question:
    pairs = [(block, own, block.at(own.at, variant="share-24")) for block in blocks if (own := table_4.own_row(block))]
    return Question(
        "size",
        "TF4CTR over one shared embedding of the same size (24)",
        "TF4CTR with SER",
        "one shared embedding of the same size (24)",
        "table-4",
        _pairs((block, "TF4CTR", own, other) for block, own, other in pairs),
    )


# -- Tables II, III and V -------------------------------------------------------------


def _ser(_: Evidence, blocks: Sequence[Block]) -> Question:
    contrasts = _grid(blocks, "Sum", lambda row: {**row.at, "ssem": "Share"}, "SER+Sum", "Share+Sum")
    return Question("ser", "SER over a shared embedding (Sum)", "SER", "a shared embedding", "table-3", contrasts)


def _fusion(_: Evidence, blocks: Sequence[Block]) -> Question:
    contrasts = _grid(blocks, "WSF", lambda row: {**row.at, "dfm": "Sum"}, "SER+WSF", "SER+Sum")
    return Question("fusion", "WSF over the sum (SER)", "WSF", "the sum of both logits", "table-3", contrasts)


def _grid(
    blocks: Sequence[Block], dfm: str, reference: Callable[[Row], Mapping[str, str]], item: str, over: str
) -> tuple[Contrast, ...]:
    found = []
    for block in blocks:
        own = block.at({"table": "3", "dataset": block.dataset, "ssem": "SER", "dfm": dfm})
        if own is not None:
            found.append((block, item, own, block.at(reference(own))))
    return _pairs(found, over)


def _loss(evidence: Evidence, blocks: Sequence[Block]) -> Question:
    gains = variants.gains_of(evidence, blocks, table_2.CONTROLS)
    over = {table_2.LOG: "log loss", table_2.MATCHED: "log loss with the TF row's settings"}
    found = tuple(
        Contrast(block.title, row.at["model"], over[other.at["loss"]], gains[row.key], _keys(row, other))
        for block in blocks
        for row in block.rows
        if row.at.get("loss") == table_2.TF and (other := table_2.CONTROLS.of(block, row))
    )
    return Question("loss", "TF loss over log loss", "The TF loss", "the log loss", "table-2", found)


def _focusing(_: Evidence, blocks: Sequence[Block]) -> Question:
    rows = [(block, row) for block in blocks for row in block.rows if row.at.get("loss") == table_2.TF]
    pairs = [(block, row.at["model"], row, block.at(row.at, loss=table_2.AUXILIARY)) for block, row in rows]
    return Question(
        "focusing",
        "Focusing: TF loss over the same loss with γ = 0",
        "Focusing",
        "the same loss with γ = 0",
        "table-2",
        _pairs(pairs, "γ = 0"),
    )


def _framework(evidence: Evidence, blocks: Sequence[Block]) -> Question:
    gains = variants.gains_of(evidence, blocks, table_5.CONTROLS)
    found = tuple(
        Contrast(block.title, row.at["model"], "the model alone", gains[row.key], _keys(row, other))
        for block in blocks
        for row in block.rows
        if row.at.get("variant") == "framework" and (other := table_5.CONTROLS.of(block, row))
    )
    return Question(
        "framework",
        "A model in the framework over the model alone",
        "A model in the framework",
        "the model alone",
        "table-5",
        found,
    )


_OF: Mapping[str, tuple[Callable[[Evidence, Sequence[Block]], Question], ...]] = {
    "table_4": (_baselines, _left_out, _size),
    "table_3": (_ser, _fusion),
    "table_2": (_loss, _focusing),
    "table_5": (_framework,),
}


# -- parts ----------------------------------------------------------------------------


def _pairs(pairs: Iterable[tuple[Block, str, Row, Row | None]], over: str = "") -> tuple[Contrast, ...]:
    """Gains of rows over rows, one family."""
    return _holm(
        Contrast(
            block.title,
            item,
            over or other.label,
            gain(own.auc.sample, other.auc.sample, _claimed(own, other)),
            _keys(own, other),
        )
        for block, item, own, other in pairs
        if other is not None
    )


def _holm(contrasts: Iterable[Contrast]) -> tuple[Contrast, ...]:
    found = list(contrasts)
    judged = corrected([one.gain for one in found])
    return tuple(replace(one, gain=each) for one, each in zip(found, judged, strict=True))


def _claimed(own: Row, other: Row | None) -> Decimal | None:
    """The gain that the paper prints: one print less the other, where both rows are the paper's."""
    prints = [row.auc.paper_points for row in (own, other) if row and row.in_paper]
    known = [print_ for print_ in prints if print_ is not None]
    return known[0] - known[1] if len(known) == 2 else None


def _keys(own: Row, other: Row) -> tuple[str, ...]:
    return (*own.auc.run_keys, *other.auc.run_keys)


# -- printed numbers ------------------------------------------------------------------


@dataclass(frozen=True)
class Printed:
    """One printed AUC or gAUC beside ours."""

    table: str  # its experiment, such as table_3
    title: str  # the paper's name of the table
    dataset: str
    cell: str
    metric: str
    number: Number


def prints_of(evidence: Evidence) -> tuple[Printed, ...]:
    """Every AUC and gAUC of the paper's tables that the campaign has a cell for, in the paper's order."""
    return tuple(
        Printed(name, evidence.paper.name_of(name.removeprefix("table_")), block.title, row.label, metric, each)
        for name in in_paper_order(evidence.plan.campaign.experiments)
        if name in _OF
        for block in blocks_of(evidence, name, ("auc", "gauc") if name == "table_3" else ("auc",))
        for row in block.rows
        if row.in_paper
        for metric, each in row.numbers.items()
        if each.paper_points is not None
    )
