"""Records of tuned runs that were never trained."""

from workflow.plan.config import CampaignConfig, check_campaign
from workflow.spec import RunSpec
from workflow.train.record import Epoch, Metrics, Parameters, Provenance, Record, write_record

HEX = "ab" * 32


def tuned_campaign(*models: str) -> CampaignConfig:
    """Five trials and two finalists a model on Frappe."""
    values = {
        "campaign": "mine",
        "datasets": ["frappe"],
        "experiments": ["tuned"],
        "seeds": [1, 2],
        "tuning": {"models": list(models), "trials": 5, "finalists": 2},
    }
    return check_campaign(values, "test")


def record_of(run: RunSpec, valid_auc: float) -> Record:
    """A finished run of one epoch: the worse on validation, the better on test."""
    metrics = Metrics(auc=valid_auc, gauc=valid_auc, logloss=0.3)
    provenance = Provenance(
        data_origin="other",
        data_note="",
        data_fingerprint=HEX,
        raw_sha256={},
        code=HEX,
        versions={},
        hardware="a machine",
        device="cpu",
        eval_batch_rows=8192,
        started="2024-01-01T00:00:00Z",
        wall_s=1.0,
        peak_memory_bytes=1,
    )
    epoch = Epoch(epoch=1, train_loss=0.5, l2_penalty=0.1, learning_rate=1e-3, train_s=1.0, eval_s=0.1, valid=metrics)
    return Record(
        spec=run,
        status="ok",
        epochs=(epoch,),
        best_epoch=1,
        valid=metrics,
        test=Metrics(auc=1 - valid_auc, gauc=1 - valid_auc, logloss=0.3),
        parameters=Parameters(embedding=1, rest=1),
        files={"user_sums.npz": HEX},
        provenance=provenance,
    )


def finish(run: RunSpec, valid_auc: float) -> None:
    """Leave its record in the working directory."""
    write_record(run.record_path, record_of(run, valid_auc))
