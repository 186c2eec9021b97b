"""Records of tuned runs that were never trained."""

from tests.made_records import made_record
from workflow.plan.config import CampaignConfig, check_campaign
from workflow.spec import RunSpec
from workflow.train.record import Metrics, Record, write_record


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
    """A finished run: the worse on validation, the better on test."""
    valid, test = (Metrics(auc=auc, gauc=auc, logloss=0.3) for auc in (valid_auc, 1 - valid_auc))
    return made_record(run, test, valid, data_origin="other")


def finish(run: RunSpec, valid_auc: float) -> None:
    """Leave its record in the working directory."""
    write_record(run.record_path, record_of(run, valid_auc))
