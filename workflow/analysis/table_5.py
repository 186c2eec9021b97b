"""Table V: three models alone and inside the framework."""

from decimal import Decimal
from pathlib import Path

from workflow.analysis import variants
from workflow.analysis.blocks import COLUMNS, COUNT_NOTE, Prints, blocks_of, evidence
from workflow.analysis.cells import DELTA_NOTE, Metric
from workflow.analysis.collect import collect
from workflow.analysis.document import Document
from workflow.analysis.gains import GAIN_COLUMNS, GAIN_NOTE
from workflow.analysis.notes import campaign_notes, legend
from workflow.analysis.paper import Paper
from workflow.analysis.variants import Role
from workflow.config import load_experiment
from workflow.plan import Plan

INSIDE = " in TF4CTR"
AUTHORS = " (authors' code)"
OVER = "the model alone"


def build(plan: Plan, experiment: str, out: Path, paper: Paper) -> Document:
    """Compare models alone and in the framework with the paper, from records only.

    Parameters
    ----------
    plan : Plan
        The expanded campaign.
    experiment : str
        The experiment whose cells are labelled "<model>", "<model> in TF4CTR" and
        "<model> in TF4CTR (authors' code)".
    out : Path
        Folder of the rendered table; links to records are relative to it.
    paper : Paper
        What the paper prints.

    Returns
    -------
    Document
        A summary, a section per dataset, and the runs behind each cell.
    """

    def roles(dataset: str, label: str) -> Role:
        return role(paper, dataset, label)

    frame = collect(plan, (experiment,))
    blocks = blocks_of(plan, experiment, frame, lambda name: prints(paper, name), ("auc",))
    gains = variants.gains_of(blocks, roles)
    cells = [cell for block in blocks for cell in block.auc.values()]
    return Document(
        name=experiment.replace("_", "-"),
        title=f"{paper.table_5.location.partition(',')[0]}: {load_experiment(experiment).title}",
        lines=(f"Paper: {paper.paper.title} (arXiv {paper.paper.arxiv}), {paper.table_5.location}.",),
        sections=(
            *([variants.summary(blocks, roles, gains, OVER)] if blocks else []),
            *(variants.section(block, roles, gains, OVER) for block in blocks),
            *(evidence(block, out) for block in blocks),
        ),
        notes=(
            *legend(cell.verdict for cell in cells if cell.ours_points is not None),
            DELTA_NOTE,
            variants.RANK_NOTE,
            "† Settings of this cell come from the authors: a log, or a released grid whose one value, or whose value "
            "equal to the dataset's final settings, is used. The last column of the runs says which.",
            "“In TF4CTR” is the framework as the paper defines it. The authors published other models under that name: "
            "DeepFM's FM term is one number per batch, WideDeep has no SSEM, xDeepFM's linear part joins the final "
            "logit only. The paper's numbers probably come from that code, so its rows, beyond the paper, are compared "
            "with the same print. DeepFM's predictions depend there on how the evaluation is cut into batches.",
            GAIN_NOTE,
            "p is Holm-corrected over the gains of this table.",
            COUNT_NOTE,
            *campaign_notes(plan, frame),
        ),
        columns=(*COLUMNS, *GAIN_COLUMNS),
        data=tuple(row for block in blocks for row in variants.data(plan, experiment, block, roles, gains)),
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
