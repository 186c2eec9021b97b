"""What builds each table."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

from workflow.analysis.evidence.load import Evidence
from workflow.analysis.pages.document import Document
from workflow.analysis.pages.files import write_document
from workflow.analysis.tables import cost, own, selection, table_1, table_2, table_3, table_4, table_5, table_6, tuned
from workflow.errors import UserError, nearest

BUILDERS: Mapping[str, Callable[[Evidence, str], Document]] = {
    "table_1": table_1.build,
    "table_2": table_2.build,
    "table_3": table_3.build,
    "table_4": table_4.build,
    "table_5": table_5.build,
    "table_6": table_6.build,
    "selection": selection.build,
    "tuned": tuned.build,
    "cost": cost.build,
}


@lru_cache(maxsize=16)  # the report shows the tables that were written
def build(evidence: Evidence, experiment: str) -> Document:
    """Build a table's document; an experiment that the paper does not have gets a general one."""
    if experiment not in (*BUILDERS, *evidence.plan.campaign.experiments):
        raise UserError(f"experiment {experiment!r} has no table; {nearest(experiment, BUILDERS)}")
    return BUILDERS.get(experiment, own.build)(evidence, experiment)


def render(evidence: Evidence, experiment: str, out: Path) -> list[Path]:
    """Build a table and write <out>/<experiment>.md, .tex and .csv, such as into paper_tables/<campaign>."""
    return write_document(build(evidence, experiment), out / experiment)
