"""Whether an archive's statements about its data are possible, by the configuration's checksums and counts."""

from collections.abc import Iterator
from math import isclose

from workflow.data.store import Meta, fingerprint
from workflow.plan.config import DatasetConfig
from workflow.train.record import Provenance

FEATURES_WITHIN = 0.01  # of the published count: another seed of a split moves it by less


def data_faults(config: DatasetConfig, meta: Meta) -> Iterator[str]:
    """Faults of a description of prepared data."""
    twin = meta.dataset.preparation.twin is not None
    if twin != (meta.origin == "twin"):
        yield f"origin {meta.origin!r}, but its specification says that the data are {'' if twin else 'not '}synthetic"
    if meta.fingerprint != fingerprint(meta.fields, {str(name): split for name, split in meta.splits.items()}):
        yield "its fingerprint is not that of its fields and splits"
    if meta.origin == "published":
        yield from _unproved(config, meta)
    raw = {file.sha256 for file in meta.raw}
    standings = {known.standing for known in config.archives if known.sha256 in raw}
    if not twin and (meta.origin == "published" or standings & {"published", "redrawn"}):
        yield from _other_counts(config, meta)


def _unproved(config: DatasetConfig, meta: Meta) -> Iterator[str]:
    """A claim of published bytes that the configuration's SHA-256 sums or the files contradict."""
    raw = {file.sha256 for file in meta.raw}
    for known in config.archives:
        if known.sha256 in raw:
            yield f"origin 'published', but {config.source.archive} has the SHA-256 of other bytes: {known.reason}"
    if config.source.sha256 is not None and config.source.sha256 not in raw:
        yield f"origin 'published', but no raw file has the SHA-256 of the published {config.source.archive}"
    elif not all(file.published for file in meta.raw[1:] or meta.raw):
        yield "origin 'published', but not every raw file is marked so"


def _other_counts(config: DatasetConfig, meta: Meta) -> Iterator[str]:
    """Real data have the published number of rows, and about as many distinct values."""
    for name, rows in config.published.rows.items():
        if meta.splits[name].rows != rows:
            yield f"{meta.splits[name].rows:,} {name} rows, the real data have {rows:,}"
    features = config.published.features
    if features is not None and not isclose(meta.features, features, rel_tol=FEATURES_WITHIN):
        yield f"{meta.features:,} features, the real data have {features:,}"


def provenance_faults(provenance: Provenance, meta: Meta) -> Iterator[str]:
    """Contradictions between a record and the description of its data."""
    if meta.fingerprint != provenance.data_fingerprint:
        yield f"was trained on other data than {meta.dataset.name}'s description"
        return
    if provenance.data_origin != meta.origin:
        yield f"data origin {provenance.data_origin!r}, the description of its data says {meta.origin!r}"
    if provenance.data_note != meta.origin_note:
        yield "its note on the data is not that of their description"
    if provenance.raw_sha256 != {file.name: file.sha256 for file in meta.raw}:
        yield "the SHA-256 sums of its raw files are not those of the description"
