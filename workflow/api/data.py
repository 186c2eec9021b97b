"""Datasets from frames and files."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import yaml

from workflow.data.description.facts import Description
from workflow.data.description.remarks import remarks_on
from workflow.data.description.tables import FIELDS_HEADER, SPLITS_HEADER, field_lines, split_lines
from workflow.data.drafts.draft import draft_of_table, name_of, yaml_of
from workflow.data.provide import described
from workflow.data.store import load_meta
from workflow.data.tables.place import require_once
from workflow.errors import UserError
from workflow.plan.cells import dataset_spec
from workflow.plan.config import CampaignConfig, DatasetConfig, validate
from workflow.reading import reason
from workflow.spec import DatasetSpec
from workflow.train.keep import Say

Frame = pd.DataFrame | pl.DataFrame


@dataclass(frozen=True)
class Dataset:
    """A prepared dataset."""

    config: DatasetConfig
    spec: DatasetSpec
    campaign: CampaignConfig
    description: Description
    fingerprint: str  # of the arrays: another dataset of the same name may replace them

    @property
    def splits(self) -> pd.DataFrame:
        """Rows, positives and users of each split."""
        return pd.DataFrame(split_lines(self.description), columns=list(SPLITS_HEADER)).set_index("Split")

    @property
    def fields(self) -> pd.DataFrame:
        """Values, tokens, and shares of missing, unseen and truncated values of each field."""
        return pd.DataFrame(field_lines(self.description), columns=list(FIELDS_HEADER)).set_index("Field")

    @property
    def remarks(self) -> list[str]:
        """Remarks on the data before training, warnings first."""
        return [remark.text for remark in remarks_on(self.description)]


def dataset(
    rows: Frame | Path | str,
    name: str | None = None,
    *,
    label: str | None = None,
    preparation: Mapping[str, Any] | None = None,
    say: Say = print,
) -> Dataset:
    """Prepare a dataset from a frame, a file, or a folder with files of train, valid and test.

    Parameters
    ----------
    rows : DataFrame, Path or str
        The rows, or where they are.
    name : str, optional
        Of a-z, 0-9 and -; by default the file's. A frame needs one.
    label : str, optional
        The label's column; guessed where it is not given.
    preparation : mapping, optional
        Keys of `preparation` in config/README.md, in the place of what is guessed.
    say : callable
        Receives progress lines.

    Raises
    ------
    UserError
        When a file, a column or a value is faulty, or no column looks like a label.
    """
    draft = draft_of_table(_as_file(rows, name), name, label)
    values = yaml.safe_load(yaml_of("dataset", draft))
    values["preparation"] |= preparation or {}
    if values["preparation"].get("group") is None:
        values["protocol"]["training"]["monitor"] = ["auc"]
    config = validate(DatasetConfig, values, f"dataset {draft.name}")
    local = {config.name: str(draft.source.resolve())}
    campaign = CampaignConfig(campaign="notebook", datasets=(config.name,), experiments=("notebook",), local=local)
    spec = dataset_spec(config, campaign)
    description = described(config, spec, campaign, say)
    return Dataset(config, spec, campaign, description, load_meta(spec.prepared_dir).fingerprint)


def require_unchanged(data: Dataset) -> None:
    """Refuse data whose arrays were replaced by those of other rows."""
    if load_meta(data.spec.prepared_dir).fingerprint != data.fingerprint:
        raise UserError(f"dataset {data.config.name}: was prepared from other data since; call api.dataset again")


def _as_file(rows: Frame | Path | str, name: str | None) -> Path:
    if isinstance(rows, str | Path):
        return Path(rows)
    if name is None:
        raise UserError("a frame has no name: give one, such as name='clicks'")
    path = Path("data/frames", f"{name_of(Path(), name)}.parquet")
    path.parent.mkdir(parents=True, exist_ok=True)
    as_polars(rows).write_parquet(path)
    return path


def as_polars(rows: Frame) -> pl.DataFrame:
    """The rows as a polars frame that can be written."""
    if isinstance(rows, pd.DataFrame):
        names = [str(name) for name in rows.columns]
        for name in names:
            require_once("the frame", name, names)
        return pl.DataFrame([_column(name, rows.iloc[:, place]) for place, name in enumerate(names)])
    for name in rows.select(pl.selectors.object()).columns:
        raise _mixed(name, "Python objects")
    return rows


def _column(name: str, values: pd.Series) -> pl.Series:
    try:
        return pl.from_pandas(values).alias(name)
    except (pa.ArrowException, pl.exceptions.PolarsError) as error:
        raise _mixed(name, reason(error)) from error


def _mixed(name: str, why: str) -> UserError:
    return UserError(f"the frame: column {name!r}: its values have no common type ({why}); make them numbers or text")
