"""Models in several variants, one of them the reference: what Tables II and V share."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from workflow.analysis.evidence.gains import Claim, Gain, corrected, gain, gain_data, gain_fields, reasons
from workflow.analysis.pages.document import Entry, Field, Mark, Section, Table
from workflow.analysis.pages.notes import data_line, used_data
from workflow.analysis.tables.blocks import Block, comparison, long_rows, marks, our_value, points, verdict_counts
from workflow.plan import Plan

RANK_NOTE = (
    "Among the rows of a model the best is bold and the second best is italic (underlined in LaTeX); "
    "the paper's values and ours are ranked apart, by what is printed."
)


@dataclass(frozen=True)
class Role:
    """What a cell is: a model's variant, the cell that it is a gain over, and what the paper prints."""

    model: str
    variant: str
    reference: str | None = None  # label of a cell of the same dataset
    paper_gain: Decimal | None = None
    in_paper: bool = False


Roles = Callable[[str, str], Role]  # from dataset and label
Gains = Mapping[tuple[str, str], Gain]  # by dataset and label


def gains_of(blocks: Sequence[Block], roles: Roles) -> dict[tuple[str, str], Gain]:
    """Gain of every cell that has a reference; Holm over the paper's rows, and apart over those beyond."""
    found: dict[tuple[str, str], Gain] = {}
    for in_paper in (True, False):
        family: dict[tuple[str, str], Gain] = {}
        for block in blocks:
            for label, cell in block.auc.items():
                role = roles(block.dataset, label)
                if role.reference and role.reference in block.auc and role.in_paper is in_paper:
                    family[block.dataset, label] = gain(cell, block.auc[role.reference], role.paper_gain)
        found |= dict(zip(family, corrected(list(family.values())), strict=True))
    return found


# -- the answer first -----------------------------------------------------------------


def summary(blocks: Sequence[Block], roles: Roles, gains: Gains, over: str) -> Section:
    """Cells by verdict, and gains by verdict."""
    counted = [
        (
            block.title,
            "AUC",
            [cell.verdict for label, cell in block.auc.items() if roles(block.dataset, label).in_paper],
        )
        for block in blocks
    ]
    return Section(
        "Summary", tuple(reasons(gains.values())), (verdict_counts(counted), _claims(blocks, roles, gains, over))
    )


def _claims(blocks: Sequence[Block], roles: Roles, gains: Gains, over: str) -> Table:
    groups: dict[tuple[str, str], list[Gain]] = {}
    for block in blocks:
        for label in block.auc:
            if (block.dataset, label) in gains:
                group = (block.title, roles(block.dataset, label).variant)
                groups.setdefault(group, []).append(gains[block.dataset, label])
    shown = [claim for claim in Claim if any(claim is each.claim for group in groups.values() for each in group)]
    rows = tuple(
        (
            title,
            variant,
            _positive([each.paper_points for each in group]),
            _positive([each.mean for each in group]),
            *(str(sum(each.claim is claim for each in group) or "–") for claim in shown),
        )
        for (title, variant), group in groups.items()
    )
    header = ("Dataset", "", "Positive in the paper", "Positive in ours", *map(str, shown))
    return Table(f"Gains over {over}", header, "llrr" + "r" * len(shown), rows)


def _positive(values: Sequence[Decimal | float | None]) -> str:
    known = [value for value in values if value is not None]
    return f"{sum(value > 0 for value in known)} of {len(known)}" if known else "–"


# -- a dataset ------------------------------------------------------------------------


def section(block: Block, roles: Roles, gains: Gains, over: str) -> Section:
    """The paper's rows of a dataset, and the rows beyond the paper."""
    ours = {label: roles(block.dataset, label) for label in block.auc}
    models = list(dict.fromkeys(role.model for role in ours.values()))
    ordered = sorted(ours, key=lambda label: models.index(ours[label].model))  # stable: variants keep their order
    paper = [label for label in ordered if ours[label].in_paper]
    beyond = [label for label in ordered if not ours[label].in_paper]
    group = len({ours[label].variant for label in paper})
    tables = [_paper_rows(block, paper, ours, gains, over, group)] if paper else []
    tables += [_beyond_rows(block, beyond, ours, gains, over)] if beyond else []
    return Section(block.title, (data_line("Data", used_data(block.rows)),), tuple(tables))


def _paper_rows(
    block: Block, labels: list[str], roles: Mapping[str, Role], gains: Gains, over: str, group: int
) -> Table:
    paper_marks = _marks_within(labels, roles, {label: block.auc[label].paper_points for label in labels})
    our_marks = _marks_within(labels, roles, {label: block.auc[label].ours_points for label in labels})
    rows: list[tuple[Field, ...]] = []
    for number, label in enumerate(labels):
        cell, role = block.auc[label], roles[label]
        rows.append(
            (
                role.model if number == 0 or roles[labels[number - 1]].model != role.model else "",
                role.variant,
                Entry(points(cell.paper_points), paper_marks[label]),
                our_value(cell, our_marks[label]),
                comparison(cell),
                *gain_fields(gains.get((block.dataset, label))),
            )
        )
    header = ("Model", "", "Paper", "Ours", "Δ", f"Gain over {over}: paper", "ours", "p", "Verdict")
    return Table("AUC", header, "llrrrrrrl", tuple(rows), group=group)


def _marks_within(
    labels: list[str], roles: Mapping[str, Role], values: Mapping[str, Decimal | None]
) -> dict[str, Mark]:
    """Rank a model's variants among themselves."""
    found: dict[str, Mark] = {}
    for model in dict.fromkeys(roles[label].model for label in labels):
        found |= marks({label: values[label] for label in labels if roles[label].model == model})
    return found


def _beyond_rows(block: Block, labels: list[str], roles: Mapping[str, Role], gains: Gains, over: str) -> Table:
    rows = tuple(
        (
            roles[label].model,
            roles[label].variant,
            our_value(block.auc[label]),
            comparison(block.auc[label]),
            *gain_fields(gains.get((block.dataset, label)))[1:],
        )
        for label in labels
    )
    compared = "Δ" if any(block.auc[label].paper_points is not None for label in labels) else ""
    header = ("Model", "", "Ours", compared, f"Gain over {over}", "p", "Verdict")
    return Table("Beyond the paper", header, "llrrrrl", rows)


def data(plan: Plan, experiment: str, block: Block, roles: Roles, gains: Gains) -> list[dict[str, str]]:
    """Long data: the compared number and its gain."""
    return [
        {
            **row,
            **gain_data(gains.get((block.dataset, row["cell"])), roles(block.dataset, row["cell"]).reference or ""),
        }
        for row in long_rows(plan, experiment, block)
    ]
