"""Gains that the paper claims, with ours: what the answer and the forest plot are made of."""

from collections.abc import Mapping
from dataclasses import dataclass

from workflow.analysis.compare.gains import Gain
from workflow.analysis.compare.judge import OWN, Comparison, comparisons_of
from workflow.analysis.compare.numbers import Number
from workflow.analysis.compare.together import TABLES, printed_numbers
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.paper.prints import in_paper
from workflow.analysis.report.order import in_paper_order
from workflow.analysis.stats.samples import Interval
from workflow.analysis.tables.rows import titled


@dataclass(frozen=True)
class Contrast:
    """One gain on one dataset. `item` says of what, `over` over what, `keys` are the runs behind it.

    `paper_over` says over what the paper's gain is, where its best is another.
    """

    dataset: str
    item: str
    over: str
    gain: Gain
    keys: tuple[str, ...]
    paper_over: str = ""

    @property
    def interval(self) -> Interval | None:
        """Ours with its 95 % interval, as an AUC; None where runs allow none."""
        return self.gain.interval

    @property
    def ran(self) -> bool:
        """Whether all its runs ended with a result."""
        return self.gain.ground.obstacle is None and self.gain.mean is not None

    @property
    def tells(self) -> bool:
        """Whether they also support a conclusion about the paper."""
        return self.ran and self.gain.ground.bears


@dataclass(frozen=True)
class Question:
    """What one part of the method gains, on every dataset.

    `subject` and `over` make the sentences "<subject> over <over>" and "<subject> gains over <over>";
    `anchor` is the table's.
    """

    name: str
    title: str
    subject: str
    over: str
    anchor: str
    contrasts: tuple[Contrast, ...]


# Name → declarations, title, subject, over, table.
_ASKED: Mapping[str, tuple[tuple[str, ...], str, str, str, str]] = {
    "baselines": (("tf4ctr",), "TF4CTR over the best baseline", "TF4CTR", "the best baseline", "table-4"),
    "left out": (
        ("tf4ctr-over-left-out",),
        "TF4CTR over models that Table IV leaves out",
        *("TF4CTR", "models that Table IV leaves out", "table-4"),
    ),
    "ser": (("pairing:SER+Sum",), "SER over a shared embedding (Sum)", "SER", "a shared embedding", "table-3"),
    "fusion": (("fusion:WSF",), "WSF over the sum (SER)", "WSF", "the sum of both logits", "table-3"),
    "loss": (("tf-loss", "tf-loss-mean"), "TF loss over log loss", "The TF loss", "the log loss", "table-2"),
    "focusing": (
        ("focusing",),
        "Focusing: TF loss over the same loss with γ = 0",
        *("Focusing", "the same loss with γ = 0", "table-2"),
    ),
    "size": (
        ("tf4ctr-over-size",),
        "TF4CTR over one shared embedding of the same size (24)",
        *("TF4CTR with SER", "one shared embedding of the same size (24)", "table-4"),
    ),
    "framework": (
        ("framework", "framework-mean"),
        "A model in the framework over the model alone",
        *("A model in the framework", "the model alone", "table-5"),
    ),
}


def questions_of(evidence: Evidence) -> tuple[Question, ...]:
    """Every question that the campaign has cells for on the paper's datasets, in the order in which a reader asks."""
    found = comparisons_of(evidence).values()
    asked = []
    for name, (declared, title, subject, over, anchor) in _ASKED.items():
        own = tuple(
            _contrast(one)
            for one in found
            if one.metric == "auc"
            and in_paper(one.dataset)
            and (one.id.partition("@")[0] in declared or one.id.partition("@")[0].partition(":")[0] in declared)
        )
        asked += [Question(name, title, subject, over, anchor, own)] if own else []
    return tuple(asked)


def own_contrasts(evidence: Evidence) -> tuple[Contrast, ...]:
    """On each dataset that the paper does not have, TF4CTR over the best of all other models of Table IV."""
    found = comparisons_of(evidence).values()
    return tuple(_contrast(one) for one in found if one.id.startswith(f"{OWN}-best:TF4CTR@"))


def _contrast(one: Comparison) -> Contrast:
    over = f"{one.over} ({len(one.members)} of {one.planned})" if one.planned else one.over
    return Contrast(titled(one.dataset, one.cells), one.item, over, one.gain, one.run_keys, one.paper_over)


# -- printed numbers ------------------------------------------------------------------


@dataclass(frozen=True)
class Printed:
    """One printed AUC or gAUC, and ours."""

    table: str  # its experiment, such as table_3
    title: str  # the paper's name of the table
    dataset: str
    cell: str
    metric: str
    number: Number


def prints_of(evidence: Evidence) -> tuple[Printed, ...]:
    """Every AUC and gAUC of the paper's tables that the campaign has a cell for, in the paper's order."""
    return tuple(
        Printed(
            name,
            evidence.paper.name_of(name.removeprefix("table_")),
            titled(one.cell.dataset, [one]),
            one.label,
            each.metric,
            each,
        )
        for name in in_paper_order(evidence.plan.campaign.experiments)
        if name in TABLES
        for dataset in evidence.datasets_of(name)
        for metric in (("auc", "gauc") if name == "table_3" else ("auc",))
        for one, each in printed_numbers(evidence, dataset, name, metric)
    )
