"""Remarks on a dataset's description for the user, serious ones first.

A remark has a code, so that programs need not read its words.
"""

from collections.abc import Iterator
from typing import Literal

from workflow.data.description.facts import NAMES, Description, FieldFacts, SplitFacts, load_description
from workflow.data.store import SplitName
from workflow.settings import Frozen
from workflow.spec import DatasetSpec

Code = Literal[
    "unseen_in_test",  # far more than in validation
    "unseen",  # nearly every value of validation
    "rare",  # values of many training rows share one id
    "label",  # a field reveals the label
    "constant",
    "cut",
    "marks",  # values that look like missing ones
    "few_of_a_class",  # in validation or test
    "no_gauc",
    "repeated_rows",
    "rows_in_training",
    "users_not_in_training",
]
WARNINGS: frozenset[Code] = frozenset({"unseen_in_test", "unseen", "label", "constant", "few_of_a_class"})
FAR_ABOVE, TIMES = 0.05, 2.0  # of unseen values in test over those in validation
NEARLY_ALL = 0.9
MANY = 0.1  # of training rows
LABEL_AUC = 0.98
SOME = 0.01
FEW_ROWS = 10  # of a class: the AUC's standard error is then about 0.1


class Remark(Frozen):
    """One thing to know about the data, and what can be done."""

    code: Code
    field: str | None
    split: SplitName | None
    text: str

    @property
    def is_warning(self) -> bool:
        """Whether results on these data are likely to mislead."""
        return self.code in WARNINGS


def remarks_on(description: Description) -> list[Remark]:
    """All remarks, warnings first."""
    found = [
        Remark(code=code, field=field.name, split=split, text=f"{field.name}: {text}")
        for field in description.fields
        for code, split, text in _of_field(description, field)
    ] + [
        Remark(code=code, field=None, split=name, text=f"{name}: {text}")
        for name in NAMES
        for code, text in _of_split(name, description.splits[name])
    ]
    return sorted(found, key=lambda remark: not remark.is_warning)


def warnings_on(spec: DatasetSpec) -> list[str]:
    """Warnings about prepared data, a line each; none for synthetic data."""
    description = None if spec.preparation.twin else load_description(spec.prepared_dir)
    remarks = remarks_on(description) if description else []
    return [f"warning: {spec.name}: {remark.text}" for remark in remarks if remark.is_warning]


def share(rows: int, of: int) -> str:
    """A share in percent, never rounded to none or to all.

    >>> share(0, 10), share(1, 100_000), share(123, 1000), share(99_999, 100_000), share(7, 7)
    ('0 %', '< 0.1 %', '12.3 %', '> 99.9 %', '100 %')
    """
    if rows in (0, of):
        return "100 %" if rows else "0 %"
    percent = 100 * rows / of
    return "< 0.1 %" if percent < 0.1 else "> 99.9 %" if percent > 99.9 else f"{percent:.1f} %"


def _of_field(description: Description, field: FieldFacts) -> Iterator[tuple[Code, SplitName | None, str]]:
    rows: dict[SplitName, int] = {name: split.rows for name, split in description.splits.items()}
    unseen = {name: field.unseen[name] / count for name, count in rows.items()}
    shown = {name: share(field.unseen[name], count) for name, count in rows.items()}
    if unseen["test"] > unseen["valid"] + FAR_ABOVE and unseen["test"] > TIMES * unseen["valid"]:
        told = f"{shown['test']} of the test rows have a value that no training row has; in validation {shown['valid']}"
        yield "unseen_in_test", "test", told + _cause(field, "test")
    elif unseen["valid"] > NEARLY_ALL:
        hint = ". Models learn nothing from such a field (an id of rows, a time): leave it out"
        told = f"{shown['valid']} of the validation rows have a new value"
        yield "unseen", "valid", told + (_cause(field, "valid") or hint)
    if field.rare["train"] > MANY * rows["train"]:
        fewer = f"fewer than {description.dataset.preparation.min_count} times"
        told = (
            f"{share(field.rare['train'], rows['train'])} of the training rows have a value that occurs there {fewer}"
        )
        yield "rare", "train", f"{told}; all such values have one id (min_count: 1 gives each its own)"
    if field.label_auc is not None and field.label_auc >= LABEL_AUC:
        told = f"alone it predicts the label of validation rows with AUC {field.label_auc:.3f}"
        yield "label", "valid", f"{told}. Is it known before the click?"
    if field.vocabulary + bool(sum(field.missing.values())) <= 1 and field.distinct <= 1:
        yield "constant", None, "every row has the same value; leave it out"
    if field.marks:
        listed = ", ".join(f"'{mark}'" for mark in field.marks)
        yield "marks", None, f"{listed} counted as a value; if it stands for a missing one, add it to `missing`"
    if cut := sum(field.cut.values()):
        kept = next(one.list for one in description.dataset.preparation.fields if one.name == field.name)
        assert kept is not None  # as only lists are cut
        other = "last" if kept.keep == "first" else "first"
        told = f"{share(cut, sum(rows.values()))} of the rows have more than {kept.max_len} tokens"
        remedy = f"(list.keep: {other}, or a larger list.max_len)"
        yield "cut", None, f"{told}; the {kept.keep} {kept.max_len} are kept {remedy}"


def _cause(field: FieldFacts, split: SplitName) -> str:
    """Other spellings of the same number, if they are most of the unseen values."""
    if 2 * field.alike[split] <= field.unseen[split]:
        return ""
    return (
        f". {share(field.alike[split], field.unseen[split])} of these equal a training value as numbers or but for "
        "spaces, such as 7.0 and 7: write them alike, or set `transform: number` for this field"
    )


def _of_split(name: SplitName, split: SplitFacts) -> Iterator[tuple[Code, str]]:
    if split.repeated and split.repeated > SOME * split.rows:
        told = f"{share(split.repeated, split.rows)} of the rows have the same fields as an earlier row of the split"
        yield "repeated_rows", f"{told}; no model can tell them apart where their labels differ"
    if name == "train":
        return
    rarer = min(split.positives, split.rows - split.positives)
    if rarer < FEW_ROWS:
        kind = "positive" if rarer == split.positives else "negative"
        told = f"{rarer} {kind} row{'s' * (rarer != 1)} of {split.rows:,}, so that its AUC is hardly known"
        yield "few_of_a_class", f"{told}; take more rows"
    if split.users and not split.gauc:
        yield "no_gauc", "no user has rows of both classes, so gAUC is undefined; monitor auc only"
    if split.in_training and split.in_training > SOME * split.rows:
        told = f"{share(split.in_training, split.rows)} of the rows have the same fields as a training row"
        yield "rows_in_training", told
    if split.users_not_in_training:
        told = f"{share(split.users_not_in_training, split.users)} of the users have no training row"
        yield "users_not_in_training", told
