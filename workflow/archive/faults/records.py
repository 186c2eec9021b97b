"""Faults of one record: every field that follows from others is computed again.

Shapes: U users of the test split, K bins of ŷ.
"""

import hashlib
import io
import json
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import fields
from functools import lru_cache
from math import isclose
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from workflow.data.store import Meta
from workflow.settings import Custom, ModelSettings
from workflow.train.metrics import LOGLOSS_CLIP
from workflow.train.placements import BLOCKS, UserSums
from workflow.train.record import HISTOGRAM_BINS, Epoch, Histogram, Parameters, Record

if TYPE_CHECKING:
    from models.embedding import Features

SHARED = ("positives_U", "negatives_U")  # the same in every run on a dataset
SAME = 1e-12  # between a metric and what the sums by user give for it: the last digits of a sum


def evaluation_is_random(model: ModelSettings) -> bool:
    """Whether two evaluations of the same weights may differ: VF's noise, or a user's model."""
    return isinstance(model, Custom) or (getattr(model, "noise_at_eval", False) and getattr(model, "dfm", "") == "VF")


def protocol_faults(record: Record) -> Iterator[str]:
    """Whether the epochs obey the stopping protocol that the specification states."""
    from workflow.train.checkpoint import Progress  # noqa: PLC0415
    from workflow.train.loop import follow_monitor, goes_on  # noqa: PLC0415

    progress = Progress(learning_rate=record.spec.optimizer.learning_rate)
    for number, epoch in enumerate(record.epochs, start=1):
        if not goes_on(record.spec, progress):
            yield f"epoch {number} follows where training had to stop"
            return
        if epoch.epoch != number or epoch.learning_rate != progress.learning_rate:
            by_protocol = f"the protocol gives {progress.learning_rate:g}"
            yield f"epoch {number}: learning rate {epoch.learning_rate:g}, {by_protocol}"
            return
        progress.epochs.append(epoch)
        follow_monitor(record.spec, progress, epoch.valid)
    if record.status != "ok":
        return
    if goes_on(record.spec, progress):
        yield f"stops after epoch {len(record.epochs)}, where the protocol goes on"
    if record.best_epoch != progress.best_epoch:
        yield f"best epoch {record.best_epoch}, the validation metrics say {progress.best_epoch}"
    elif not evaluation_is_random(record.spec.model) and record.valid != record.epochs[progress.best_epoch - 1].valid:
        yield "validation metrics are not those of the best epoch"


def number_faults(record: Record) -> Iterator[str]:
    """Numbers that no run can have, whatever its data."""
    for epoch in record.epochs:
        strength = record.spec.optimizer.embedding_l2
        if epoch.l2_penalty < 0 or (epoch.l2_penalty > 0 and strength == 0):
            yield f"epoch {epoch.epoch}: L2 penalty {epoch.l2_penalty:g} at strength {strength:g}"


def metric_faults(record: Record, sums: UserSums) -> Iterator[str]:
    """Whether the test metrics follow from the sums by user, and these are the file that the record names."""
    assert record.test is not None
    if record.files["user_sums.npz"] not in digests_of(sums):
        yield "the sums by user are not those that the record names by their SHA-256"
        return
    positives, negatives = sums.positives_U.sum(), sums.negatives_U.sum()
    for name, value in (
        ("AUC", sums.placements_positive_U.sum() / positives),
        ("AUC", sums.placements_negative_U.sum() / negatives),
        ("gAUC", grouped(sums)),
    ):
        said = record.test.gauc if name == "gAUC" else record.test.auc
        if (said is None) != (value is None):
            yield f"test {name} is {said}, the sums by user give {value}"
        elif said is not None and value is not None and not isclose(said, value, rel_tol=0, abs_tol=SAME):
            yield f"test {name} is {said:.9f}, the sums by user give {value:.9f}"


def pair_faults(sums: UserSums, one: UserSums | None) -> Iterator[str]:
    """Whether the sums of two runs' mean have the rows of one of them, and one AUC."""
    if one is None or any(not np.array_equal(getattr(sums, name), getattr(one, name)) for name in SHARED):
        yield "the sums by user of a pair are of other rows than its runs'"
        return
    aucs = (
        sums.placements_positive_U.sum() / sums.positives_U.sum(),
        sums.placements_negative_U.sum() / sums.negatives_U.sum(),
    )
    if not isclose(*aucs, rel_tol=0, abs_tol=SAME):
        yield f"the sums by user of a pair give the AUCs {aucs[0]:.9f} and {aucs[1]:.9f}"


def digests_of(sums: UserSums) -> Iterator[str]:
    """SHA-256 of the file that a run leaves of these sums, as the Pythons since 3.11.4 and those before write it."""
    stream = io.BytesIO()
    np.savez(stream, **{field.name: getattr(sums, field.name) for field in fields(UserSums)})
    content = stream.getvalue()
    return (hashlib.sha256(_zipped_as(content, since_3_11_4=since)).hexdigest() for since in (True, False))


def _zipped_as(content: bytes, *, since_3_11_4: bool) -> bytes:
    """A zip of stored members that may be large, with the headers of those Pythons.

    Since then a member's header leaves its sizes to the ZIP64 field and asks for a reader of ZIP64 (version 4.5).
    """
    form, entry = bytearray(content), int.from_bytes(content[-6:-2], "little")  # the directory begins there
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
    version = 45 if since_3_11_4 else 20
    for member in members:
        size_bytes = 0xFFFFFFFF if since_3_11_4 else member.file_size
        form[member.header_offset + 4] = version
        struct.pack_into("<LL", form, member.header_offset + 18, size_bytes, size_bytes)
        form[entry + 4] = form[entry + 6] = version  # the version's system lies between
        entry += 46 + sum(struct.unpack_from("<HHH", content, entry + 28))
    return bytes(form)


def grouped(sums: UserSums) -> float | None:
    """GAUC of the users that have both classes; None where there are no users."""
    both_U = ~np.isnan(sums.auc_U)
    if not both_U.any():
        return None
    return float(np.average(sums.auc_U[both_U], weights=(sums.positives_U + sums.negatives_U)[both_U]))


def count_faults(sums: UserSums, meta: Meta) -> Iterator[str]:
    """Whether the sums by user are those of the described test split."""
    split = meta.splits["test"]
    positives, rows = int(sums.positives_U.sum()), int(sums.positives_U.sum() + sums.negatives_U.sum())
    if (positives, rows) != (split.positives, split.rows):
        described = f"{split.positives:,} of {split.rows:,}"
        yield f"sums of {positives:,} positives of {rows:,} test rows, the data have {described}"
    users = len(sums.positives_U)
    if users != split.groups if split.groups else users > BLOCKS:
        yield f"sums of {users:,} users, the test split has {split.groups or BLOCKS:,}"


# -- probes ---------------------------------------------------------------------------


def probe_faults(record: Record, meta: Meta) -> Iterator[str]:
    """Whether the probes are the requested ones, and count all rows."""
    spec, probes, epochs = record.spec, record.probes, len(record.epochs)
    asked = {
        (epoch, split) for epoch in spec.probes.histogram_epochs if epoch <= epochs for split in ("train", "valid")
    }
    if {(one.epoch, one.split) for one in probes.histograms} != asked:
        yield "its histograms are not those of the epochs that its specification names"
    counted = {(epoch, split) for epoch in range(1, epochs + 1) for split in ("valid", "test")}
    if {(one.epoch, one.split) for one in probes.class_counts} != (counted if spec.probes.sample_classes else set()):
        yield "its counts of sample classes are not those that its specification asks for"
    norms = {epoch for epoch in spec.probes.gradient_norm_epochs if epoch <= epochs}
    if {one.epoch for one in probes.gradient_norms} != norms:
        yield "its gradient norms are not those of the epochs that its specification names"
    for one in (*probes.histograms, *probes.class_counts):
        split = meta.splits[one.split]
        if (sum(one.positives), sum(one.negatives)) != (split.positives, split.rows - split.positives):
            yield f"epoch {one.epoch}: counts of {one.split} rows do not add up to those of the data"
    for one in probes.histograms:
        if one.split == "valid" and one.epoch <= epochs:
            yield from histogram_faults(one, record.epochs[one.epoch - 1])


def histogram_faults(histogram: Histogram, epoch: Epoch) -> Iterator[str]:
    """Whether an epoch's validation metrics lie within the bounds of its binned scores."""
    positives_K, negatives_K = np.asarray(histogram.positives), np.asarray(histogram.negatives)
    below_K = np.cumsum(negatives_K) - negatives_K
    pairs = positives_K.sum() * negatives_K.sum()
    least = (positives_K * below_K).sum() / pairs
    most = least + (positives_K * negatives_K).sum() / pairs
    if not least - SAME <= epoch.valid.auc <= most + SAME:
        allowed = f"its histogram allows {least:.6f} to {most:.6f}"
        yield f"epoch {epoch.epoch}: validation AUC {epoch.valid.auc:.6f}, {allowed}"
    edges = np.clip(np.linspace(0, 1, HISTOGRAM_BINS + 1), LOGLOSS_CLIP, 1 - LOGLOSS_CLIP)
    low, high = edges[:-1], edges[1:]
    bounds = [_mean_loss(positives_K, p, negatives_K, q) for p, q in ((high, low), (low, high))]
    if not bounds[0] - 1e-6 <= epoch.valid.logloss <= bounds[1] + 1e-6:  # ŷ is in float32
        allowed = f"its histogram allows {bounds[0]:.6f} to {bounds[1]:.6f}"
        yield f"epoch {epoch.epoch}: validation log loss {epoch.valid.logloss:.6f}, {allowed}"


def _mean_loss(
    positives_K: npt.NDArray[np.int64],
    p_K: npt.NDArray[np.float64],
    negatives_K: npt.NDArray[np.int64],
    q_K: npt.NDArray[np.float64],
) -> float:
    """Log loss of positives at p and negatives at q."""
    total = -(positives_K * np.log(p_K)).sum() - (negatives_K * np.log1p(-q_K)).sum()
    return float(total / (positives_K.sum() + negatives_K.sum()))


# -- what follows from the code -------------------------------------------------------


def model_faults(record: Record, meta: Meta) -> Iterator[str]:
    """Whether parameters and evaluation batch are those of the model that the specification names.

    Only for records of this checkout's code, and the project's own models.
    """
    parameters, eval_batch_rows = _model(record.spec.model, meta)
    if record.parameters != parameters:
        said = record.parameters
        yield (
            f"{said.embedding:,} parameters in embeddings and {said.rest:,} others, its model has "
            f"{parameters.embedding:,} and {parameters.rest:,}"
        )
    if record.provenance.device == "cpu" and record.provenance.eval_batch_rows != eval_batch_rows:
        yield f"evaluated in batches of {record.provenance.eval_batch_rows:,} rows, its code takes {eval_batch_rows:,}"


def _model(model: ModelSettings, meta: Meta) -> tuple[Parameters, int]:
    import torch  # noqa: PLC0415

    from workflow.train.predict import evaluation_batch_rows  # noqa: PLC0415
    from workflow.train.resident import features_of  # noqa: PLC0415

    features = features_of(meta)
    parameters = _parameters(model.name, model.model_dump_json(exclude={"name"}), features)
    return parameters, evaluation_batch_rows(model, features, torch.device("cpu"))


@lru_cache(maxsize=1024)
def _parameters(name: str, settings: str, features: "Features") -> Parameters:
    """Counted on torch's `meta` device, where a table takes no memory."""
    import torch  # noqa: PLC0415

    from models import build_model  # noqa: PLC0415
    from models.embedding import parameter_counts  # noqa: PLC0415

    with torch.device("meta"):
        embedding, rest = parameter_counts(build_model(name, features, json.loads(settings)))
    return Parameters(embedding=embedding, rest=rest)
