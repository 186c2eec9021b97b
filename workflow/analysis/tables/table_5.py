"""Table V: three models alone and inside the framework."""

from decimal import Decimal
from functools import partial
from pathlib import Path

from workflow.analysis.evidence.gains import GAIN_COLUMNS, GAIN_NOTE
from workflow.analysis.evidence.number import Metric
from workflow.analysis.evidence.prints import Paper
from workflow.analysis.pages.document import Document
from workflow.analysis.tables import variants
from workflow.analysis.tables.blocks import COLUMNS, Prints
from workflow.analysis.tables.comparison import compare_cells
from workflow.analysis.tables.variants import Role
from workflow.plan import Plan

INSIDE = " in TF4CTR"
AUTHORS = " (authors' code)"
OVER = "the model alone"


def build(plan: Plan, experiment: str, out: Path, paper: Paper) -> Document:
    """Compare models alone and in the framework with the paper, dataset by dataset.

    Cells are labelled "<model>", "<model> in TF4CTR" and "<model> in TF4CTR (authors' code)".
    """
    roles = partial(role, paper)
    compared = compare_cells(plan, experiment, paper, prints)
    blocks = compared.blocks
    gains = variants.gains_of(blocks, roles)
    return compared.document(
        table=paper.table_5,
        out=out,
        sections=(
            *([variants.summary(blocks, roles, gains, OVER)] if blocks else []),
            *(variants.section(block, roles, gains, OVER) for block in blocks),
        ),
        notes=(
            variants.RANK_NOTE,
            "† Settings of this cell come from the authors: a log, or a released grid whose one value, or whose value "
            "equal to the dataset's final settings, is used. The last column of the runs says which.",
            "“In TF4CTR” is the framework as the paper defines it. The authors published other models under that name: "
            "DeepFM's FM term is one number per batch, WideDeep has no SSEM, xDeepFM's linear part joins the final "
            "logit only. The paper's numbers probably come from that code, so its rows, beyond the paper, are compared "
            "with the same print. DeepFM's predictions depend there on how the evaluation is cut into batches.",
            GAIN_NOTE,
            "p is Holm-corrected over the gains of this table.",
        ),
        print_notes=(),
        columns=(*COLUMNS, *GAIN_COLUMNS),
        data=lambda block: variants.data(plan, experiment, block, roles, gains),
    )


def prints(paper: Paper, dataset: str) -> Prints:
    """What the paper prints for a dataset, by label."""
    found: dict[str, dict[Metric, Decimal]] = {}
    for model, row in paper.table_5.models.items():
        if dataset in row.plain:
            found[model] = {"auc": row.plain[dataset]}
            found[model + INSIDE] = {"auc": row.framework[dataset]}
            found[model + INSIDE + AUTHORS] = found[model + INSIDE]
    return found


def role(paper: Paper, dataset: str, label: str) -> Role:
    """Read a label."""
    variant = label.removesuffix(AUTHORS)
    model = variant.removesuffix(INSIDE)
    if label != variant:
        return Role(model, (INSIDE + AUTHORS).strip(), model)
    known = paper.table_5.models.get(model)
    in_paper = label in prints(paper, dataset)
    if label == model:
        return Role(model, "alone", in_paper=in_paper)
    return Role(model, INSIDE.strip(), model, known.gain.get(dataset) if known else None, in_paper)
