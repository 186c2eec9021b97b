"""The tables of the paper and beyond it, as documents."""

from workflow.plan.places import TABLES

# Whose cells the cost table lists: those of Table IV all, of the others one per model and loss.
COSTED = ("table_4", "table_2", "table_5", "table_3")


def module_for(experiment: str) -> str:
    """The module that builds an experiment's table: its own, or the general one where the paper has none."""
    return experiment if experiment in TABLES else "own"


def shown_by(table: str) -> tuple[str, ...]:
    """Experiments whose runs a table or figure shows: its own, or those of the experiments that it is about."""
    return {"cost": COSTED, "figure_11": ("tuned",)}.get(table, (table,))
