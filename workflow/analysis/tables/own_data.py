"""What Table I shows of the user's own datasets: their fields, what is unseen, and what to beware of."""

from workflow.analysis.pages.document import Section, Table
from workflow.analysis.tables.counts import DatasetCounts
from workflow.data.description.facts import Description, load_description
from workflow.data.description.remarks import remarks_on
from workflow.data.description.tables import FIELDS_HEADER, SPLITS_HEADER, field_lines, split_lines


def described(rows: list[DatasetCounts]) -> list[Section]:
    """A section for each prepared dataset of the user's own."""
    found = [(row.title, load_description(row.spec.prepared_dir)) for row in rows if row.own and row.meta]
    return [_section(title, description) for title, description in found if description is not None]


def _section(title: str, description: Description) -> Section:
    lines = tuple(f"{'Warning' if remark.is_warning else 'Note'}: {remark.text}." for remark in remarks_on(description))
    tables = (
        Table(f"{title}: splits", SPLITS_HEADER, "l" + "r" * (len(SPLITS_HEADER) - 1), tuple(split_lines(description))),
        Table(f"{title}: fields", FIELDS_HEADER, "l" + "r" * (len(FIELDS_HEADER) - 1), tuple(field_lines(description))),
    )
    return Section(f"{title} before training", lines, tables=tables)
