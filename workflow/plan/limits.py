"""Whether data and a model can fit into a machine at all: about what they need, before any of it is made."""

from pydantic import BaseModel

from workflow.errors import UserError
from workflow.spec import DatasetSpec, RunSpec

MEMORY_BYTES = 256 << 30  # more than any device has, and thirty times what the largest run of the paper needs
BYTES_PER_WEIGHT = 16  # float32: weight, gradient and Adam's two moments
WIDTHS = ("shape",)  # and whatever ends in `units`: numbers of neurons, layer after layer
NO_WEIGHTS = ("embedding_dim", "heads")  # integers that decide no number of weights, or are counted by themselves


def columns_of(dataset: DatasetSpec) -> int:
    """Columns of x: one for each field, `max_len` for a list."""
    return sum(field.list.max_len if field.list else 1 for field in dataset.preparation.fields)


def check_rows(dataset: DatasetSpec, where: str) -> None:
    """Refuse a twin whose arrays no machine holds.

    Raises
    ------
    UserError
        With what they would need.
    """
    twin = dataset.preparation.twin
    rows = 1 if twin is None else twin.rows
    needed = rows * (columns_of(dataset) + 2) * 4
    _refuse(needed, f"{where}: {rows:,} rows of {columns_of(dataset):,} columns", "fewer rows (twin.rows)")


def check_run(run: RunSpec, features: int, where: str) -> None:
    """Refuse a run whose weights or batches no machine holds.

    Parameters
    ----------
    run : RunSpec
        The run.
    features : int
        Rows of its embedding tables; 0 where they are not known before the data are.
    where : str
        Names it in the message.

    Raises
    ------
    UserError
        With what it would need.
    """
    dim = _embedding_dim(run.model)
    width = columns_of(run.dataset) * dim
    embeddings = max(features, 3 * len(run.dataset.preparation.fields)) * dim  # a field has at least three ids
    _refuse(embeddings * BYTES_PER_WEIGHT, f"{where}: embeddings of {dim:,} columns", "a smaller embedding_dim")
    _refuse(_weights(run.model, width) * BYTES_PER_WEIGHT, f"{where}: the model's layers", "fewer or smaller layers")
    rows = run.training.batch_size
    if rows >= 1 << 31:
        raise UserError(f"{where}: training.batch_size: {rows:,} rows are more than any dataset has; take fewer")


def _embedding_dim(settings: BaseModel) -> int:
    own = getattr(settings, "embedding_dim", None)
    base = getattr(settings, "base", None)
    return int(own) if own is not None else _embedding_dim(base) if base is not None else 1


def _weights(settings: BaseModel, width: int) -> int:
    """Weights of layers whose first reads `width` numbers, as far as the settings tell."""
    total = 0
    for name, value in settings:
        if isinstance(value, BaseModel):
            total += _weights(value, width)
        elif isinstance(value, tuple) and (name.endswith("units") or name in WIDTHS):
            total += sum(a * b for a, b in zip((width, *value), value, strict=False))
        elif isinstance(value, int) and not isinstance(value, bool) and name not in NO_WEIGHTS:
            total += value * width
    return total


def _refuse(needed_bytes: int, what: str, remedy: str) -> None:
    if needed_bytes > MEMORY_BYTES:
        raise UserError(
            f"{what} would need about {readable(needed_bytes)} of memory, at most {readable(MEMORY_BYTES)} "
            f"are accepted; take {remedy}"
        )


def readable(size_bytes: int) -> str:
    """A size in the unit that fits it.

    Examples
    --------
    >>> readable(5 << 29)
    '2.5 GiB'
    """
    for power, unit in enumerate(("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")):
        if size_bytes < 1024 ** (power + 1):
            return f"{size_bytes / 1024**power:.3g} {unit}"
    return "more than 1,000 EiB"
