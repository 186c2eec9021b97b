"""Records of runs that were never trained."""

from collections.abc import Callable, Sequence

from workflow.plan.campaign import Plan
from workflow.plan.config import CampaignConfig, check_campaign
from workflow.spec import RunSpec
from workflow.train.record import Epoch, Metrics, Parameters, Provenance, Record
from workflow.train.timing_record import Timed, TimingRecord

HEX = "ab" * 32


def made_record(
    run: RunSpec,
    test: Metrics,
    valid: Metrics | None = None,
    failure: str | None = None,
    sums: str = HEX,
    **provenance: object,
) -> Record:
    """A run of one epoch, finished or failed; `valid` is that of the test split by default, `sums` a digest."""
    valid = valid or test
    epoch = Epoch(epoch=1, train_loss=0.5, l2_penalty=0.1, learning_rate=1e-3, train_s=2.0, eval_s=0.5, valid=valid)
    known = {
        "data_origin": "published",
        "data_note": "",
        "data_fingerprint": HEX,
        "raw_sha256": {"archive.zip": HEX, "train.csv": HEX},
        "code": HEX,
        "versions": {"torch": "2"},
        "hardware": "a machine",
        "device": "cpu",
        "eval_batch_rows": 8192,
        "started": "2024-01-01T00:00:00Z",
        "wall_s": 3.5,
        "peak_memory_bytes": 1000,
    }
    return Record(
        spec=run,
        status="failed" if failure else "ok",
        failure=failure,
        epochs=(epoch,),
        best_epoch=None if failure else 1,
        valid=None if failure else valid,
        test=None if failure else test,
        parameters=Parameters(embedding=10, rest=5),
        files={} if failure else {"user_sums.npz": sums},
        provenance=Provenance.model_validate({**known, **provenance}),
    )


def made_timing(
    plan: Plan, seconds: Callable[[int, str], tuple[Sequence[float], Sequence[float]]], origin: str = "published"
) -> TimingRecord:
    """The timing of Table VI: rounds of training and inference by a model's place and label."""
    rounds = [(cell, *seconds(place, cell.label)) for place, cell in enumerate(plan.timed_cells_of("table_6"))]
    models = tuple(
        Timed(
            label=cell.label,
            spec=cell.runs[0],
            train_s=tuple(train_s),
            infer_s=tuple(infer_s),
            peak_memory_bytes=2**30,
            parameters=Parameters(embedding=10, rest=5),
        )
        for cell, train_s, infer_s in rounds
    )
    values = {"models": models, "train_rows": 10, "valid_rows": 10, "data_origin": origin, "data_note": ""}
    machine = {"data_fingerprint": HEX, "code": HEX, "versions": {}, "hardware": "a machine", "device": "cpu"}
    return TimingRecord.model_validate({**values, **machine, "started": "now", "others_share": 0.25})


# -- tuned ----------------------------------------------------------------------------


def tuned_campaign(*models: str) -> CampaignConfig:
    """Five trials and two finalists a model on Frappe."""
    tuning = {"models": list(models), "trials": 5, "finalists": 2}
    values = {"campaign": "mine", "datasets": ["frappe"], "experiments": ["tuned"], "seeds": [1, 2], "tuning": tuning}
    return check_campaign(values, "test")


def tuned_record(run: RunSpec, valid_auc: float) -> Record:
    """A finished run: the worse on validation, the better on test."""
    valid, test = (Metrics(auc=auc, gauc=auc, logloss=0.3) for auc in (valid_auc, 1 - valid_auc))
    return made_record(run, test, valid, data_origin="other")
