"""The networks of the engine benchmark: those of Figure 2 and Table IV on Frappe, as the paper sets them."""

from collections.abc import Iterator

from workflow.plan.campaign import Plan
from workflow.plan.config import ROOT, load_campaign
from workflow.settings import ModelSettings

CAMPAIGN = ROOT / "config" / "small.yaml"
# TF4CTR is no peer of anything in FuxiCTR; DNN is Figure 2's, and every other ratio's yardstick.
LEFT_OUT = {"TF4CTR"}


def networks() -> dict[str, ModelSettings]:
    """Settings of each model by name, the DNN and the DualMLP first."""
    found = dict(_networks())
    return {name: found[name] for name in sorted(found, key=lambda name: name not in ("DNN", "DualMLP"))}


def _networks() -> Iterator[tuple[str, ModelSettings]]:
    plan = Plan(load_campaign(CAMPAIGN))
    for cell in (*plan.cells_of("figure_2"), *plan.cells_of("table_4")):
        model = cell.runs[0].model
        if cell.dataset == "frappe" and cell.label == model.name and model.name not in LEFT_OUT:
            yield model.name, model
