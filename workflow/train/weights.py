"""Weights of finished runs, kept on request with the vocabulary of training, and new rows scored by them.

The file lies beside the record and is no part of it: a run is the same run with and without.

Shapes: N rows, C columns of x.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from models import build_model
from models.embedding import Features
from workflow.data.encode.coding import FILE, Coding, load_coding
from workflow.data.encode.scoring import frames_to_score
from workflow.errors import UserError
from workflow.provenance.seal import unsealed
from workflow.reading import in_one_line, regular_bytes
from workflow.spec import RunSpec
from workflow.train.checkpoint import State, read_tensors, write_tensors
from workflow.train.device import be_deterministic, choose_device, set_precision
from workflow.train.keep import is_of_this_code, stamp_of, weights_path
from workflow.train.own import begin_anew, offer_tokens, seed_all
from workflow.train.predict import Predictor, evaluation_batch_rows
from workflow.train.record import Record
from workflow.train.resident import ResidentSplit

TRAIN_AGAIN = "set `keep_weights: true` in the campaign and run it again"


def refuse_without_vocabulary(run: RunSpec) -> None:
    """Refuse to keep weights without the vocabulary that predicting needs."""
    folder = run.dataset.prepared_dir
    if run.training.keep_weights and not (folder / FILE).is_file():
        raise UserError(f"{folder}: has no {FILE}, which keep_weights needs; delete the folder and prepare again")


def write_weights(record: Record, model: nn.Module) -> None:
    """Keep the weights of a trained model, before its record is written."""
    coding = load_coding(record.spec.dataset.prepared_dir)
    assert coding is not None  # `refuse_without_vocabulary`
    content = {"stamp": _stamp(record), "vocabulary": coding.model_dump_json(), "state": model.state_dict()}
    write_tensors(weights_path(record.spec), content)


def read_weights(path: Path, record: Record, device: torch.device) -> tuple[Coding, State]:
    """Read the weights beside a record."""
    missing = f"{path}: no such file, as the run's weights were not kept; {TRAIN_AGAIN}"
    with in_one_line(path, "weights", f"delete it and {TRAIN_AGAIN}", missing):
        saved = read_tensors(regular_bytes(path), device)
        if saved["stamp"] != _stamp(record):
            raise UserError(f"{path}: belongs to another training than the record; {TRAIN_AGAIN}")
        return unsealed(saved["vocabulary"].encode(), Coding, str(path), "vocabulary"), saved["state"]


def predict(record: Record, weights: Path, table: Path, device: str = "auto") -> npt.NDArray[np.float32]:
    """Score the rows of a table in their order; it may have any supported format, with or without a label.

    Returns the probability of a click, float32 of shape (N,). Values that are not in training count as unseen, as in
    the run's own test.
    """
    run = record.spec
    if record.status != "ok":
        raise UserError(f"{run.record_path}: the run failed ({record.failure}), so it has no weights")
    if not is_of_this_code(record):
        raise UserError(f"{run.record_path}: trained by other code of {run.model.name} than is here; train it again")
    chosen = choose_device(device)
    coding, state = read_weights(weights, record, chosen)
    x_NC = rows_of(table, coding)
    model, autocast = _loaded(run, coding, state, weights, chosen), set_precision(run.training.precision, chosen)
    batch_rows = record.provenance.eval_batch_rows or evaluation_batch_rows(run.model, _features(coding), chosen)
    nothing_N = np.zeros(len(x_NC), dtype=np.float32)
    split = ResidentSplit(torch.from_numpy(x_NC).to(chosen), torch.from_numpy(nothing_N), nothing_N, None)
    return Predictor(model, autocast, batch_rows)(split)


def rows_of(table: Path, coding: Coding) -> npt.NDArray[np.int32]:
    """A table as x_NC; for the errors see `predict`."""
    if not table.is_file():
        raise UserError(f"{table}: no such file")
    frames = frames_to_score(table, coding.preparation)
    return np.concatenate([coding.encode(frame, place) for place, frame in frames])


def _loaded(run: RunSpec, coding: Coding, state: State, path: Path, device: torch.device) -> nn.Module:
    be_deterministic()
    torch.set_num_threads(run.training.threads)
    begin_anew()
    offer_tokens(coding)
    seed_all(run.seed)
    settings = run.model.model_dump(exclude={"name"})
    with in_one_line(path, "weights", TRAIN_AGAIN):
        model = build_model(run.model.name, _features(coding), settings).to(device)
        model.load_state_dict(state)
    return model


def _features(coding: Coding) -> Features:
    metas = [one.meta for one in coding.fields]
    return Features(
        vocab_sizes=tuple(meta.vocab_size for meta in metas),
        columns=tuple(meta.columns for meta in metas),
        pooling=tuple(meta.pooling for meta in metas),
    )


def _stamp(record: Record) -> str:
    return stamp_of(record.spec, record.provenance.code, record.provenance.data_fingerprint)
