"""Training in processes of their own, several at once on one device. Does not load torch itself.

Each worker loads torch and the data once and takes run after run. One that dies, as of a
machine without memory, takes only its run with it: the failure is recorded, and another worker
goes on with the rest. Also a single run at a time is trained so, for that reason.
"""

import os
import signal
import threading
from collections import deque
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, Literal

from workflow.errors import UserError
from workflow.settings import Custom
from workflow.spec import RunSpec
from workflow.train.failures import LESS_MEMORY, failure_of, failure_of_process
from workflow.train.gpus import claim_gpu, visible_gpus
from workflow.train.keep import Say, has_cuda
from workflow.train.record import Record, write_record

Kind = Literal["say", "begun", "done", "error"]  # messages of a worker


@dataclass
class Worker:
    """A process, the run that it has, and the record to write should it die."""

    process: SpawnProcess
    pipe: Connection
    run: RunSpec
    draft: Record | None = None
    started: bool = False  # whether it has data and device and has begun a run


def train_in_workers(
    runs: list[RunSpec], device: str, checkpoint_s: float, workers: int, say: Say = print
) -> list[str]:
    """Train runs on one dataset, `workers` at a time; return refusals, a line each."""
    waiting, refusals, team = deque(runs), [], {}
    # Claimed by this process, because all workers of a job share its GPU.
    gpu = claim_gpu(visible_gpus()) if has_cuda(device) else None
    try:
        while waiting or team:
            while waiting and len(team) < workers:
                worker = _start(_next(waiting, len(runs), say), device, checkpoint_s, gpu)
                team[worker.pipe] = worker
            for pipe in wait(list(team)):
                worker = team[pipe]
                kind, content = _heard(worker)
                if kind == "say":
                    say(content)
                elif kind == "begun":
                    worker.draft, worker.started = content, True
                elif kind == "error":
                    raise UserError(content)
                elif kind == "done":
                    refusal, clean = content
                    refusals += [refusal] if refusal else []
                    if waiting and clean and _may_follow(worker.run, waiting[0]) and _give(worker, waiting[0]):
                        _next(waiting, len(runs), say)
                    else:
                        _end(team.pop(pipe))
                else:
                    waiting.extendleft(_bury(team.pop(pipe), say))
    finally:
        for worker in team.values():
            worker.process.kill()
            _end(worker)
    return refusals


def _next(waiting: deque[RunSpec], total: int, say: Say) -> RunSpec:
    run = waiting.popleft()
    say(f"run {total - len(waiting)} of {total}: {run.record_path}")
    return run


def _start(run: RunSpec, device: str, checkpoint_s: float, gpu: int | None) -> Worker:
    context = get_context("spawn")  # a forked process cannot use CUDA
    ours, theirs = context.Pipe()
    process = context.Process(target=work, args=(theirs, run, device, checkpoint_s, gpu), daemon=True)
    process.start()
    theirs.close()  # so that the end of the only holder is noticed
    return Worker(process, ours, run)


def _heard(worker: Worker) -> tuple[Kind | Literal["died"], Any]:
    try:
        return worker.pipe.recv()
    except (EOFError, OSError):
        return "died", None


def _end(worker: Worker) -> None:
    """End a worker and wait for it, so that its memory is free."""
    worker.pipe.close()
    worker.process.join()
    worker.process.close()


def _may_follow(before: RunSpec, run: RunSpec) -> bool:
    """Whether a process may take another run: the code of an own model may have changed torch for other models."""
    last = before.model
    return not isinstance(last, Custom) or (isinstance(run.model, Custom) and run.model.module == last.module)


def _give(worker: Worker, run: RunSpec) -> bool:
    """Give a worker its next run; False if it has ended."""
    try:
        worker.pipe.send(run)
    except OSError:
        return False
    worker.run, worker.draft = run, None
    return True


def _bury(worker: Worker, say: Say) -> list[RunSpec]:
    """Record the run of a dead worker as failed; return it if it had not begun."""
    worker.process.join()
    failure = failure_of_process(worker.process.exitcode)
    _end(worker)
    if not worker.started:
        raise UserError(f"{worker.run.dataset.name}: no run can start: {failure}")
    if worker.draft is None:
        return [worker.run]
    say(f"{worker.run.key}: failed: {failure}")
    write_record(worker.run.record_path, worker.draft.model_copy(update={"failure": failure}))
    return []


# -- in the worker --------------------------------------------------------------------


def work(pipe: Connection, run: RunSpec, device: str, checkpoint_s: float, gpu: int | None) -> None:
    """Train `run`, then those that come through the pipe, until it is closed or an error may have left its mark."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the job's process decides
    threading.Thread(target=_die_with_the_job, daemon=True).start()

    def tell(kind: Kind, content: Any) -> None:
        pipe.send((kind, content))

    try:
        from workflow.train.run import attempt, set_up  # noqa: PLC0415

        bench = set_up(run, device, checkpoint_s, gpu)
        clean = True
        while clean:
            refusal, clean = attempt(run, bench, lambda line: tell("say", line), lambda draft: tell("begun", draft))
            tell("done", (refusal, clean))
            run = pipe.recv() if clean else run
    except EOFError:
        return  # nothing is left to do
    except UserError as error:
        tell("error", str(error))
    except MemoryError as error:
        tell("error", f"{run.dataset.name}: the data do not fit ({error}): {LESS_MEMORY}")
    except Exception as error:
        tell("error", f"{run.dataset.name}: no run can start: {failure_of(error)}")


def _die_with_the_job() -> None:
    """End this process when the job's does, however that ends: the lock on its runs is then gone."""
    job = parent_process()
    if job is not None:
        job.join()
        os._exit(1)
