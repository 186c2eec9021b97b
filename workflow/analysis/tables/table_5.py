"""Table V: three models alone and inside the framework."""

from workflow.analysis.evidence.gains import GAIN_NOTE
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.pages.document import Document
from workflow.analysis.tables import variants
from workflow.analysis.tables.blocks import blocks_of
from workflow.analysis.tables.frame import document
from workflow.analysis.tables.variants import Controls

NAMES = {"plain": "alone", "framework": "in TF4CTR", "authors": "in TF4CTR (authors' code)"}
CONTROLS = Controls("variant", "plain", "the model alone", NAMES)


def build(evidence: Evidence, experiment: str) -> Document:
    """Compare models alone and in the framework with the paper, dataset by dataset."""
    blocks = blocks_of(evidence, experiment)
    gains = variants.gains_of(evidence, blocks, CONTROLS)
    return document(
        evidence,
        experiment,
        "5",
        blocks,
        sections=(
            *([variants.summary(blocks, CONTROLS, gains)] if blocks else []),
            *(variants.section(block, CONTROLS, gains) for block in blocks),
        ),
        ranks=variants.RANK_NOTE,
        notes=(
            "† Settings of this cell come from the authors: a log, or a released grid whose one value, or whose value "
            "equal to the dataset's final settings, is used. The last column of the runs says which.",
            "“In TF4CTR” is the framework as the paper defines it. The authors published other models under that name: "
            "DeepFM's FM term is one number per batch, WideDeep has no SSEM, xDeepFM's linear part joins the final "
            "logit only. The paper's numbers probably come from that code, so its rows, beyond the paper, are compared "
            "with the same print. DeepFM's predictions depend there on how the evaluation is cut into batches.",
            GAIN_NOTE,
            "p is Holm-corrected over the gains of this table.",
        ),
        data=lambda block: variants.data(evidence, experiment, block, CONTROLS, gains),
    )
