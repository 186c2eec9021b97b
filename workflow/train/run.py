"""From run specifications to records: load the data once, and train the runs in turn."""

import gc
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import torch

from models import built_models
from models.own_code import loaded
from workflow.errors import UserError
from workflow.files import atomic_path, sha256_file
from workflow.provenance.own_code import keep_files, own_fingerprint, read_here
from workflow.spec import RunSpec
from workflow.train.device import choose_device, hardware, peak_memory_bytes, reset_peak_memory, versions
from workflow.train.failures import failure_of
from workflow.train.keep import Say, file_path, stamp_of, state_path, training_code
from workflow.train.loop import Result, train
from workflow.train.memory import keep_freed_memory
from workflow.train.own import begin_anew, check_own, seed_all
from workflow.train.placements import user_sums, write_sums
from workflow.train.record import FileName, Parameters, Provenance, Record, write_record
from workflow.train.resident import Resident, ResidentSplit, load_resident
from workflow.train.resuming import drop_unfit
from workflow.train.weights import refuse_without_vocabulary, write_weights

Ended = tuple[str | None, bool]  # of an attempt: a refusal, and whether nothing unforeseen happened


@dataclass(frozen=True)
class Bench:
    """What a process shares among all runs that it trains."""

    data: Resident
    device: torch.device
    checkpoint_s: float


def train_runs(runs: list[RunSpec], device: str, checkpoint_s: float, say: Say = print) -> list[str]:
    """Train runs on one dataset in this process; return refusals, a line each."""
    bench = set_up(runs[0], device, checkpoint_s)
    refusals = []
    for number, run in enumerate(runs, start=1):
        say(f"run {number} of {len(runs)}: {run.record_path}")
        refusal, _ = attempt(run, bench, say)
        refusals += [refusal] if refusal else []
    return refusals


def set_up(run: RunSpec, device: str, checkpoint_s: float, gpu: int | None = None) -> Bench:
    """Load what all runs on this run's dataset share."""
    refuse_without_vocabulary(run)
    keep_freed_memory()
    chosen = choose_device(device, gpu)
    return Bench(load_resident(run.dataset.prepared_dir, chosen), chosen, checkpoint_s)


def attempt(run: RunSpec, bench: Bench, say: Say, begun: Callable[[Record], None] = lambda _: None) -> Ended:
    """Train a run and write its record, even if it fails: only a fault of the disk or the machine stops other runs.

    `begun` gets, before the first step, the record to write should this process not live on. Gives why the run could
    not even start, for the user to fix, and whether nothing unforeseen happened, which may have left anything behind.
    """
    begin_anew()
    try:
        draft = unfinished(run, bench)
    except UserError as error:
        return str(error), True
    begun(draft)
    try:
        check_own(run, bench.data)
    except UserError as error:  # a failed record, so that tables show the failure
        failure = " ".join(str(error).split())
        say(f"{run.key}: failed: {failure}")
        write_record(run.record_path, with_own_files(draft.model_copy(update={"failure": failure})))
        return None, True
    if loaded().digests:
        begun(draft := with_own_files(draft))
    reset_peak_memory(bench.device)
    with built_models() as built:
        try:
            record, clean = finished(draft, train_one(run, bench, draft, say), bench), True
            if run.training.keep_weights and record.status == "ok":
                write_weights(with_own_files(record), built[0])
        except UserError:
            raise
        except Exception as error:
            say(traceback.format_exc().rstrip())
            record, clean = draft.model_copy(update={"failure": failure_of(error)}), False
            say(f"{run.key}: failed: {record.failure}")
        built.clear()
    write_record(run.record_path, with_own_files(record))
    if not clean:
        release_memory()  # after the error, which kept the frames and their tensors alive, is gone
    return None, clean


def with_own_files(record: Record) -> Record:
    """A record with all that its own model has loaded so far, and the fingerprint made of it; others as they are."""
    found = loaded()
    if not found.digests:
        return record
    keep_files(found.digests, found.sources)
    contents = {name: found.sources.get(name) or read_here(name) for name in found.digests}
    changes = {"own_files": dict(found.digests), "code": own_fingerprint(contents)}
    return record.model_copy(update={"provenance": record.provenance.model_copy(update=changes)})


def release_memory() -> None:
    """Free the memory of a run before the next one starts."""
    gc.collect()
    if torch.cuda.is_initialized():
        torch.cuda.empty_cache()


def unfinished(run: RunSpec, bench: Bench) -> Record:
    """A failed record without its reason: the provenance as far as it is known before the run starts."""
    meta, device = bench.data.meta, bench.device
    # Of a CPU also the instructions that torch's kernels use: last digits depend on them.
    instructions = "" if device.type == "cuda" else f", {torch.backends.cpu.get_cpu_capability()}"
    provenance = Provenance(
        data_origin=meta.origin,
        data_note=meta.origin_note,
        data_fingerprint=meta.fingerprint,
        raw_sha256={file.name: file.sha256 for file in meta.raw},
        code=training_code(run.model),
        versions=versions(),
        hardware=f"{hardware(device)}{instructions}",
        device=device.type,
        eval_batch_rows=0,
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        wall_s=0.0,
        peak_memory_bytes=0,
    )
    return Record(
        spec=run,
        status="failed",
        failure="unfinished",
        epochs=(),
        best_epoch=None,
        valid=None,
        test=None,
        parameters=Parameters(embedding=0, rest=0),
        provenance=provenance,
    )


def train_one(run: RunSpec, bench: Bench, draft: Record, say: Say = print) -> Result:
    """Train one run, continuing from its state if there is one of the same code and data."""
    stamp = stamp_of(run, draft.provenance.code, draft.provenance.data_fingerprint)
    drop_unfit(run, bench.data, bench.device, state_path(run), stamp, say)
    seed_all(run.seed)
    return train(
        run,
        bench.data,
        bench.device,
        state_file=state_path(run),
        stamp=stamp,
        checkpoint_s=bench.checkpoint_s,
        say=say,
    )


def finished(draft: Record, result: Result, bench: Bench) -> Record:
    """The record of a completed run, written with its files."""
    measured = {
        "eval_batch_rows": result.eval_batch_rows,
        "wall_s": result.wall_s,
        "peak_memory_bytes": peak_memory_bytes(bench.device),
    }
    return Record(
        spec=draft.spec,
        status="failed" if result.failure else "ok",
        failure=result.failure,
        epochs=result.epochs,
        best_epoch=result.best_epoch,
        valid=result.valid,
        test=result.test,
        parameters=result.parameters,
        probes=result.probes,
        files=_write_files(draft.spec, result, bench.data.test),
        provenance=draft.provenance.model_copy(update=measured),
    )


def _write_files(run: RunSpec, result: Result, test: ResidentSplit) -> dict[FileName, str]:
    """Write the files beside a record, before the record; return the SHA-256 of each."""
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
