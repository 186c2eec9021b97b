"""Rows of the user's files, counted before they are prepared, so that `plan` need not assume their number."""

from dataclasses import replace
from typing import TYPE_CHECKING

from workflow.cost.epochs import Data, published_data
from workflow.data.local import is_whole, originals
from workflow.data.sources import local_path
from workflow.errors import UserError
from workflow.plan.campaign import Plan
from workflow.plan.config import CampaignConfig, DatasetConfig
from workflow.reading import in_one_line
from workflow.spec import DatasetSpec

if TYPE_CHECKING:
    from workflow.data.tables.files import Files

SAMPLE_BYTES = 32 << 20  # the rest of a larger file is assumed to have lines of the same length


def own_data(plan: Plan) -> dict[str, Data]:
    """By identity, the size of datasets that `local` names and that are not prepared yet, from their files."""
    found = {}
    for config, spec in plan.sources:
        if config.name not in plan.campaign.local or spec.preparation.twin or spec.is_prepared:
            continue
        if rows := rows_in(config, plan.campaign, spec):
            train, valid, test = rows
            found[spec.id] = replace(published_data(spec), train_rows=train, valid_rows=valid, test_rows=test)
    return found


def rows_in(config: DatasetConfig, campaign: CampaignConfig, spec: DatasetSpec) -> tuple[int, int, int] | None:
    """Rows of train, valid and test; None where the files cannot be read as they are, which fetching reports."""
    from workflow.data.tables.files import Files, open_archive  # noqa: PLC0415

    source = local_path(config.name, campaign)
    if source is None or config.preparation.format not in ("csv", "split-csv"):
        return None
    files = config.preparation.files
    try:
        with in_one_line(source, "file", "fetch it"):
            taken = originals(config, source)
            if is_whole(config, source):
                with open_archive(source, only_file=len(files) == 1) as opened:
                    counts = {key: _rows(opened, name) for key, name in files.items()}
            else:
                counts = {key: _rows(Files(), str(taken[name])) for key, name in files.items()}
    except (UserError, FileNotFoundError):
        return None
    if config.preparation.format == "split-csv":
        return counts["train"], counts["valid"], counts["test"]
    (total,) = counts.values()
    parts = spec.preparation.split.parts if spec.preparation.split else (8, 1, 1)
    train, valid, test = (total * part // sum(parts) for part in parts)
    return train, valid, test


def _rows(files: "Files", name: str) -> int:
    """Rows below the header; of a longer text than the sample, an estimate."""
    from workflow.data.tables.content import kind_of, opened, text_blocks  # noqa: PLC0415 - loads pyarrow

    kind = kind_of(files, name)
    if kind == "parquet":
        import pyarrow.parquet as pq  # noqa: PLC0415

        with opened(files, name, kind) as stream:
            return pq.ParquetFile(stream).metadata.num_rows
    is_plain = kind == "text" and b"\0" not in files.start(name, 1024)  # else its size is not that of the text
    lines = read = 0
    for block in text_blocks(files, name, 1 << 20):
        lines += block.count(b"\n")
        read += len(block)
        if is_plain and read >= SAMPLE_BYTES:
            lines = round(lines * files.size(name) / read)
            break
    return max(0, lines - 1)
