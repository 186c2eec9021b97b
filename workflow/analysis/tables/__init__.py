"""The tables of the paper and beyond it, as documents."""

from collections.abc import Iterable

from workflow.plan.places import TABLES, is_users

# Whose cells the cost table lists, besides experiments of the user's own: those of Table IV all, of the others one per
# model and loss.
COSTED = ("table_4", "table_2", "table_5", "table_3")


def module_for(experiment: str) -> str:
    """The module that builds an experiment's table: its own, or the general one where the paper has none."""
    return experiment if experiment in TABLES else "own"


def shown_by(table: str, experiments: Iterable[str]) -> tuple[str, ...]:
    """Those of a campaign's experiments whose runs a table or figure shows: its own, or those that it is about."""
    every = tuple(experiments)
    shown = {"cost": (*filter(is_users, every), *COSTED), "figure_11": ("tuned",)}.get(table, (table,))
    return tuple(name for name in shown if name in every)
