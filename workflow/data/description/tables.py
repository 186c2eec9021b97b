"""A dataset's description as tables of text, for the terminal, Table I and notebooks."""

from workflow.data.description.facts import NAMES, Description
from workflow.data.description.remarks import share

SPLITS_HEADER = ("Split", "Rows", "Positive", "Users", "Users of one class", "Users not in train", "Rows also in train")
FIELDS_HEADER = ("Field", "Values", "Tokens", "Missing", "Unseen: valid", "Unseen: test", "Cut", "AUC alone")
Lines = list[tuple[str, ...]]


def split_lines(description: Description) -> Lines:
    """A line per split, under `SPLITS_HEADER`."""
    lines = []
    for name in NAMES:
        split = description.splits[name]
        users = (str(split.users), share(split.users_of_one_class, split.users)) if split.users else ("–", "–")
        new = share(split.users_not_in_training, split.users) if split.users and name != "train" else "–"
        equal = "–" if split.in_training is None or name == "train" else share(split.in_training, split.rows)
        lines.append((name, f"{split.rows:,}", share(split.positives, split.rows), *users, new, equal))
    return lines


def field_lines(description: Description) -> Lines:
    """A line per field, under `FIELDS_HEADER`. Shares are of rows; missing and cut of all splits together."""
    rows = {name: description.splits[name].rows for name in NAMES}
    total = sum(rows.values())
    return [
        (
            field.name,
            f"{field.distinct:,}",
            f"{field.vocabulary:,}",
            share(sum(field.missing.values()), total),
            share(field.unseen["valid"], rows["valid"]),
            share(field.unseen["test"], rows["test"]),
            share(sum(field.cut.values()), total),
            "–" if field.label_auc is None else f"{field.label_auc:.3f}",
        )
        for field in description.fields
    ]
