"""Models in several variants, one of them the reference: what Tables II and V share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from workflow.analysis.evidence.gains import Gain, corrected, gain, gain_data, reasons
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.evidence.verdict import Finding
from workflow.analysis.pages.document import Entry, Field, Mark, Section, Table, without_empty
from workflow.analysis.tables.blocks import Block, Row
from workflow.analysis.tables.columns import (
    delta,
    idle_line,
    is_idle,
    our_marks,
    our_value,
    paper_marks,
    points,
    told,
    verdict_counts,
)
from workflow.analysis.tables.frame import long_rows

RANK_NOTE = (
    "Among the rows of a model the best is bold and the second best is italic (underlined in LaTeX); "
    "the paper's values and ours are ranked apart, by what is printed."
)


@dataclass(frozen=True)
class Controls:
    """Which coordinate tells the variants, which of its values is the reference, and what they are called.

    `matched` names the reference that shares all other settings of a variant; where a block has
    it, the variant's gain is over that one.
    """

    coordinate: str
    reference: str
    over: str
    names: Mapping[str, str]
    matched: Mapping[str, str] = field(default_factory=dict)

    def variant(self, row: Row) -> str:
        """A row's variant, for readers."""
        value = row.at.get(self.coordinate, "")
        return self.names.get(value, value)

    def of(self, block: Block, row: Row) -> Row | None:
        """The row that a row is a gain over; None for the reference itself and where it is missing."""
        return self.match(block, row) or self.as_printed(block, row)

    def match(self, block: Block, row: Row) -> Row | None:
        """The reference with all other settings of a row, where there is one apart from the paper's."""
        value = self.matched.get(row.at.get(self.coordinate, ""))
        return None if value is None else block.at(row.at, **{self.coordinate: value})

    def as_printed(self, block: Block, row: Row) -> Row | None:
        """The reference that the paper's gain is over."""
        found = block.at(row.at, **{self.coordinate: self.reference})
        return None if found is row else found


Gains = Mapping[frozenset[tuple[str, str]], Gain]


def gains_of(evidence: Evidence, blocks: Sequence[Block], controls: Controls) -> Gains:
    """Gain of every row that has a reference; the gains of a variant over models and datasets are a family."""
    families: dict[tuple[str, bool], dict[frozenset[tuple[str, str]], Gain]] = {}
    for block in blocks:
        for row in block.rows:
            reference = controls.of(block, row)
            if reference is not None:
                printed = evidence.print_of(row.at, "gain")
                found = gain(row.auc.sample, reference.auc.sample, printed.points if printed else None)
                families.setdefault((controls.variant(row), row.in_paper), {})[row.key] = found
    return {
        key: each
        for family in families.values()
        for key, each in zip(family, corrected(list(family.values())), strict=True)
    }


# -- the answer first -----------------------------------------------------------------


def summary(blocks: Sequence[Block], controls: Controls, gains: Gains) -> Section:
    """Cells by verdict, and gains by verdict."""
    printed = [(block, [row.auc.verdict for row in block.rows if row.in_paper]) for block in blocks]
    counted = [(block.title, "AUC", verdicts) for block, verdicts in printed if verdicts]
    tables = [verdict_counts(counted)] if counted else []
    return Section(
        "Summary",
        tuple(reasons(gains.values())),
        (*tables, without_empty(_by_verdict(blocks, controls, gains))),
    )


def _by_verdict(blocks: Sequence[Block], controls: Controls, gains: Gains) -> Table:
    groups: dict[tuple[str, str], list[Gain]] = {}
    for block in blocks:
        for row in block.rows:
            if row.key in gains:
                groups.setdefault((block.title, controls.variant(row)), []).append(gains[row.key])
    shown = list(dict.fromkeys(each.verdict.shown for group in groups.values() for each in group))
    rows = tuple(
        (
            *title,
            _positive([each.paper_points for each in group]),
            _positive([each.mean for each in group]),
            *(str(sum(each.verdict.shown is word for each in group) or "–") for word in shown),
        )
        for title, group in groups.items()
    )
    header = ("Dataset", "", "Positive in the paper", "Positive in ours", *map(str, shown))
    return Table(f"Gains over {controls.over}", header, "llrr" + "r" * len(shown), rows)


def _positive(values: Sequence[Decimal | float | None]) -> str:
    known = [value for value in values if value is not None]
    return f"{sum(value > 0 for value in known)} of {len(known)}" if known else "–"


# -- a dataset ------------------------------------------------------------------------


def section(block: Block, controls: Controls, gains: Gains) -> Section:
    """The paper's rows of a dataset, and the rows beyond the paper."""
    models = list(dict.fromkeys(row.at.get("model", "") for row in block.rows))
    ordered = sorted(block.rows, key=lambda row: models.index(row.at.get("model", "")))  # stable: variants keep theirs
    paper = [row for row in ordered if row.in_paper]
    beyond = [row for row in ordered if not row.in_paper]
    idle = {model for model in models if all(is_idle(row) for row in paper if row.at.get("model") == model)}
    lines = (block.data_line, *idle_line(paper), *idle_line(beyond, (), f"Not run{block.beyond}"))
    ran = [row for row in beyond if not is_idle(row)]
    shown = [row for row in paper if row.at.get("model") not in idle]
    tables = [_paper_rows(shown, controls, gains)] if shown else []
    tables += [_beyond_rows("AUC" if block.own else "Beyond the paper", ran, controls, gains)] if ran else []
    return Section(block.title, lines, tuple(tables))


def _paper_rows(rows: list[Row], controls: Controls, gains: Gains) -> Table:
    theirs, ours = _within_models(rows)
    fields: list[tuple[Field, ...]] = []
    for before, row in zip([None, *rows], rows, strict=False):
        first = before is None or before.at["model"] != row.at["model"]
        fields.append(
            (
                row.at["model"] if first else "",
                controls.variant(row),
                Entry(points(row.auc.paper_points), theirs[row.key]),
                our_value(row.auc, ours[row.key]),
                delta(row.auc),
                told(row.auc.verdict),
                *gain_fields(gains.get(row.key)),
            )
        )
    header = (
        "Model",
        "",
        "Paper",
        "Ours",
        "Δ",
        "Finding",
        f"Gain over {controls.over}: paper",
        "ours",
        "p",
        "Finding",
    )
    group = len({controls.variant(row) for row in rows})
    return Table("AUC", header, "llrrrlrrrl", tuple(fields), group=group)


def _within_models(rows: list[Row]) -> tuple[dict[frozenset[tuple[str, str]], Mark], ...]:
    """Rank a model's variants among themselves, the paper's and ours."""
    theirs: dict[frozenset[tuple[str, str]], Mark] = {}
    ours: dict[frozenset[tuple[str, str]], Mark] = {}
    for model in dict.fromkeys(row.at["model"] for row in rows):
        own = [row for row in rows if row.at["model"] == model]
        theirs |= paper_marks(own)
        ours |= our_marks(own)
    return theirs, ours


def _beyond_rows(caption: str, rows: list[Row], controls: Controls, gains: Gains) -> Table:
    has_print = any(row.auc.paper_points is not None for row in rows)
    tells = has_print or any(row.auc.verdict.finding is not Finding.NO_PRINT for row in rows)
    fields = tuple(
        (
            row.at.get("model", row.label),
            controls.variant(row),
            our_value(row.auc),
            *((delta(row.auc),) if has_print else ()),
            *((told(row.auc.verdict),) if tells else ()),
            *gain_fields(gains.get(row.key))[1:],
        )
        for row in rows
    )
    header = ("Model", "", "Ours", *(("Δ",) if has_print else ()), *(("Finding",) if tells else ()))
    header += (f"Gain over {controls.over}", "p", "Finding")
    return Table(caption, header, "llr" + "r" * has_print + "l" * tells + "rrl", fields)


def gain_fields(each: Gain | None) -> tuple[Field, Field, Field, Field]:
    """Paper's gain, ours with its interval, p, verdict."""
    return ("", "", "", "") if each is None else (each.paper, each.ours, each.p_text, told(each.verdict))


def data(evidence: Evidence, experiment: str, block: Block, controls: Controls, gains: Gains) -> list[dict[str, str]]:
    """Long data: the compared number and its gain."""
    found = []
    for row, line in zip(block.rows, long_rows(evidence, experiment, block), strict=True):
        reference = controls.of(block, row)
        found.append({**line, **gain_data(gains.get(row.key), reference.label if reference else "")})
    return found
