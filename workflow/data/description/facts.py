"""Facts about a dataset, for the user to read before training.

They lie in description.json beside the arrays. Runs do not depend on them.
"""

from pathlib import Path
from typing import Annotated, get_args

from pydantic import Field, NonNegativeInt

from workflow.data.store import SplitName
from workflow.provenance.seal import Sealed, sealed_if_there
from workflow.settings import Frozen
from workflow.spec import DatasetSpec

FILE = "description.json"
NAMES: tuple[SplitName, ...] = get_args(SplitName)
Rows = dict[SplitName, NonNegativeInt]


class FieldFacts(Frozen):
    """One field: rows of each split by what the vocabulary of training makes of their value."""

    name: str
    distinct: NonNegativeInt  # raw values in all splits
    vocabulary: NonNegativeInt  # tokens with an id of their own
    missing: Rows
    unseen: Rows  # values that no training row has; of a list, any of its tokens
    alike: Rows  # of those, the ones that equal a training value as numbers, or but for spaces
    rare: Rows  # values that training has fewer than min_count times
    cut: Rows  # lists longer than max_len
    label_auc: Annotated[float, Field(ge=0.0, le=1.0)] | None  # of validation, by each value's rate in training
    marks: tuple[str, ...] = ()  # values that often mean a missing one


class SplitFacts(Frozen):
    """One split."""

    rows: NonNegativeInt
    positives: NonNegativeInt
    users: NonNegativeInt  # 0 where the dataset has no user column
    users_of_one_class: NonNegativeInt
    users_not_in_training: NonNegativeInt
    gauc: bool  # whether some user has rows of both classes
    repeated: NonNegativeInt | None  # rows with the fields of an earlier row of the split; None: not searched
    in_training: NonNegativeInt | None  # rows whose fields are those of a training row


class Description(Sealed):
    """description.json."""

    dataset: DatasetSpec
    title: str
    fields: tuple[FieldFacts, ...]
    splits: dict[SplitName, SplitFacts]


def load_description(directory: Path) -> Description | None:
    """What is known of a prepared dataset; None where it was prepared before descriptions were written."""
    return sealed_if_there(directory / FILE, Description, "description of a dataset")
