"""From run specifications to records: load the data once, train one after the other."""

from datetime import UTC, datetime

import numpy as np
import torch

from workflow.files import atomic_path, sha256_json
from workflow.spec import RunSpec
from workflow.train.custom import check_custom
from workflow.train.device import choose_device, hardware, peak_memory_bytes, reset_peak_memory, versions
from workflow.train.keep import Say, keep, scores_path, state_path, training_code
from workflow.train.loop import Result, train
from workflow.train.memory import keep_freed_memory
from workflow.train.record import Provenance, Record
from workflow.train.resident import Resident, load_resident


def train_runs(runs: list[RunSpec], device: str, threads: int, say: Say = print) -> None:
    """Train runs on one dataset; each record is kept as soon as its run ends."""
    torch.set_num_threads(threads)
    keep_freed_memory()
    chosen = choose_device(device)
    data = load_resident(runs[0].dataset.prepared_dir, chosen)
    for run in runs:
        check_custom(run, data)
    for number, run in enumerate(runs, start=1):
        say(f"run {number} of {len(runs)}: {run.record_path}")
        keep(run, train_one(run, data, chosen, threads, say))


def train_one(run: RunSpec, data: Resident, device: torch.device, threads: int, say: Say = print) -> Record:
    """Train one run and describe where its result comes from; scores go beside the record."""
    started = datetime.now(UTC).isoformat(timespec="seconds")
    code = training_code(run.model)
    stamp = sha256_json([run.canonical(), code, data.meta.fingerprint])
    reset_peak_memory(device)
    result = train(run, data, device, state_file=state_path(run), stamp=stamp, say=say)
    provenance = Provenance(
        data_origin=data.meta.origin,
        data_note=data.meta.origin_note,
        data_fingerprint=data.meta.fingerprint,
        raw_sha256={file.name: file.sha256 for file in data.meta.raw},
        code=code,
        versions=versions(),
        hardware=hardware(device),
        device=device.type,
        threads=threads,
        started=started,
        wall_s=result.wall_s,
        peak_memory_bytes=peak_memory_bytes(device),
    )
    _write_scores(run, result)
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
        provenance=provenance,
    )


def _write_scores(run: RunSpec, result: Result) -> None:
    for split, scores_N in result.scores.items():
        with atomic_path(scores_path(run, split)) as part, part.open("wb") as stream:
            np.save(stream, scores_N)
