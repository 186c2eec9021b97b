"""Timing of several models in turns: first training epoch, and inference on validation.

Each round trains every model once from its start, in an order that moves by one from round
to round, so that a slow minute of the machine does not fall on one model. The first round
warms up on a few batches and is not counted.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import torch

from models import MODELS
from models.embedding import parameter_counts
from workflow.provenance.code import code_fingerprint
from workflow.spec import RunSpec
from workflow.train.device import (
    choose_device,
    hardware,
    peak_memory_bytes,
    reset_peak_memory,
    synchronize,
    versions,
)
from workflow.train.loop import run_epoch, start
from workflow.train.memory import keep_freed_memory
from workflow.train.other_work import OtherWork
from workflow.train.record import Parameters
from workflow.train.resident import Resident, ResidentSplit, load_resident
from workflow.train.timing_record import Timed, TimingRecord

WARM_UP_BATCHES = 3


Reading = tuple[float, float, int, Parameters]  # seconds of training and of inference, peak memory in bytes


def time_models(
    runs: Sequence[tuple[str, RunSpec]],
    directory: Path,
    *,
    device: str,
    repeats: int,
    say: Callable[[str], None] = print,
) -> TimingRecord:
    """Time every run's first epoch and its inference, `repeats` times in turns."""
    keep_freed_memory()
    chosen = choose_device(device)
    data = load_resident(directory, chosen)
    readings: dict[str, list[Reading]] = {label: [] for label, _ in runs}
    for label, run in runs:
        time_one(run, warm_up_part(data, run), chosen)
        say(f"{label}: warm")
    started, others = datetime.now(UTC).isoformat(timespec="seconds"), OtherWork()
    for number in range(repeats):
        for label, run in rotated(runs, number):
            readings[label].append(time_one(run, data, chosen))
            say(f"round {number + 1} of {repeats}, {label}: {readings[label][-1][0]:.2f} s")
    models = []
    for label, run in runs:
        train_s, infer_s, peaks, parameters = zip(*readings[label], strict=True)
        memory = {"peak_memory_bytes": max(peaks), "parameters": parameters[0]}
        models.append(Timed(label=label, spec=run, train_s=train_s, infer_s=infer_s, **memory))
    return TimingRecord(
        models=tuple(models),
        train_rows=data.train.rows,
        valid_rows=data.valid.rows,
        data_origin=data.meta.origin,
        data_note=data.meta.origin_note,
        data_fingerprint=data.meta.fingerprint,
        code=code_fingerprint("workflow.train.timing", *(MODELS[run.model.name] for _, run in runs)),
        versions=versions(),
        hardware=hardware(chosen),
        device=chosen.type,
        started=started,
        others_share=others.share(),
    )


def time_one(spec: RunSpec, data: Resident, device: torch.device) -> Reading:
    """Train one epoch from the start, then predict validation once more with the clock on."""
    reset_peak_memory(device)
    run = start(spec, data, device)
    train_s = run_epoch(run).train_s  # its clock waits for the device
    synchronize(device)
    started = time.monotonic()
    run.predict(data.valid)
    infer_s = time.monotonic() - started
    embedding, rest = parameter_counts(run.model)
    return train_s, infer_s, peak_memory_bytes(device), Parameters(embedding=embedding, rest=rest)


def rotated(runs: Sequence[tuple[str, RunSpec]], by: int) -> list[tuple[str, RunSpec]]:
    """The runs, beginning with another one each round."""
    shift = by % len(runs)
    return [*runs[shift:], *runs[:shift]]


def warm_up_part(data: Resident, run: RunSpec) -> Resident:
    """The data with a few training batches only."""
    rows = min(data.train.rows, WARM_UP_BATCHES * run.training.batch_size)
    split = data.train
    group_N = None if split.group_N is None else split.group_N[:rows]
    return replace(data, train=ResidentSplit(split.x_NC[:rows], split.y_N[:rows], split.labels_N[:rows], group_N))
