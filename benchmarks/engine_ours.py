"""Our side of the engine benchmark: the training loop as the workflow runs it."""

import sys
from pathlib import Path

import torch

from benchmarks import engine_data
from benchmarks.engine_job import Job, read_job, report
from workflow.settings import LogLoss
from workflow.spec import Optimizer, RunSpec, Training
from workflow.train.loop import train
from workflow.train.memory import keep_freed_memory
from workflow.train.resident import load_resident


def run_spec(job: Job) -> RunSpec:
    """The job as a run; patience outlasts it, so that no epoch is missing."""
    return RunSpec.model_validate(
        {
            "dataset": engine_data.dataset_spec(),
            "model": job.model,
            "loss": LogLoss(),
            "optimizer": Optimizer(
                learning_rate=job.learning_rate,
                embedding_l2=job.embedding_l2,
                max_gradient_norm=job.max_gradient_norm,
            ),
            "training": Training.model_validate(
                {
                    "batch_size": job.batch_size,
                    "max_epochs": job.epochs,
                    "patience": job.epochs + 1,
                    "precision": job.precision,
                    "threads": job.threads,
                }
            ),
            "seed": job.seed,
        }
    )


def run(job: Job) -> None:
    """Train for `job.epochs` epochs and report what the record says of each."""
    torch.set_num_threads(job.threads)
    keep_freed_memory()  # as `workflow.train.run` does
    device = torch.device("cpu")
    data = load_resident(Path(job.data), device)
    state_file = Path("run.state").absolute()
    result = train(run_spec(job), data, device, state_file=state_file, stamp="benchmark", say=print)
    if result.failure:
        sys.exit(result.failure)
    for epoch in result.epochs:
        gauc = epoch.valid.gauc or 0.0
        report(epoch.epoch, train_s=epoch.train_s, eval_s=epoch.eval_s, auc=epoch.valid.auc, gauc=gauc)


if __name__ == "__main__":
    run(read_job())
