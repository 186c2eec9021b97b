"""From run specifications to records: load the data once, train one after the other."""

from datetime import UTC, datetime

import numpy as np
import torch

from workflow.files import atomic_path, sha256_file, sha256_json
from workflow.spec import RunSpec
from workflow.train.custom import check_custom
from workflow.train.device import choose_device, hardware, peak_memory_bytes, reset_peak_memory, versions
from workflow.train.keep import Say, file_path, keep, state_path, training_code
from workflow.train.loop import Result, train
from workflow.train.memory import keep_freed_memory
from workflow.train.placements import user_sums, write_sums
from workflow.train.record import FileName, Provenance, Record
from workflow.train.resident import Resident, ResidentSplit, load_resident


def train_runs(runs: list[RunSpec], device: str, checkpoint_s: float, say: Say = print) -> None:
    """Train runs on one dataset; each record is kept as soon as its run ends."""
    keep_freed_memory()
    chosen = choose_device(device)
    data = load_resident(runs[0].dataset.prepared_dir, chosen)
    for run in runs:
        check_custom(run, data)
    for number, run in enumerate(runs, start=1):
        say(f"run {number} of {len(runs)}: {run.record_path}")
        keep(run, train_one(run, data, chosen, checkpoint_s, say))


def train_one(run: RunSpec, data: Resident, device: torch.device, checkpoint_s: float, say: Say = print) -> Record:
    """Train one run and describe where its result comes from; scores go beside the record."""
    started = datetime.now(UTC).isoformat(timespec="seconds")
    code = training_code(run.model)
    stamp = sha256_json([run.canonical(), code, data.meta.fingerprint])
    reset_peak_memory(device)
    result = train(run, data, device, state_file=state_path(run), stamp=stamp, checkpoint_s=checkpoint_s, say=say)
    provenance = Provenance(
        data_origin=data.meta.origin,
        data_note=data.meta.origin_note,
        data_fingerprint=data.meta.fingerprint,
        raw_sha256={file.name: file.sha256 for file in data.meta.raw},
        code=code,
        versions=versions(),
        hardware=hardware(device),
        device=device.type,
        eval_batch_rows=result.eval_batch_rows,
        started=started,
        wall_s=result.wall_s,
        peak_memory_bytes=peak_memory_bytes(device),
    )
    files = _write_files(run, result, data.test)
    return Record(
        spec=run,
        status="failed" if result.failure else "ok",
        failure=result.failure,
        epochs=result.epochs,
        best_epoch=result.best_epoch,
        valid=result.valid,
        test=result.test,
        parameters=result.parameters,
        probes=result.probes,
        files=files,
        provenance=provenance,
    )


def _write_files(run: RunSpec, result: Result, test: ResidentSplit) -> dict[FileName, str]:
    """Write what lies beside a record, before the record; give the SHA-256 of each file."""
    if result.test is None:
        return {}
    sums = file_path(run, "user_sums.npz")
    write_sums(sums, user_sums(test.labels_N, result.scores["test"], test.group_N))
    files: dict[FileName, str] = {"user_sums.npz": sha256_file(sums)}
    names: dict[str, FileName] = {"valid": "valid_scores.npy", "test": "test_scores.npy"}
    for split, name in names.items() if run.training.keep_scores else ():
        path = file_path(run, name)
        with atomic_path(path) as part, part.open("wb") as stream:
            np.save(stream, result.scores[split])
        files[name] = sha256_file(path)
    return files
