"""The training loss of a run: L_ctr or its replacement, L_TF, and a model's own extra loss."""

from torch import Tensor

from models.logits import Logits
from models.losses import focal_loss, log_loss, rce_loss, twin_focus_loss
from workflow.settings import FocalLoss, LogLoss, LossSettings, RCELoss, TwinFocusLoss


def objective(loss: LossSettings, logits: Logits, y_B: Tensor) -> Tensor:
    """Mean loss of a batch, without the L2 term, which acts on gradients.

    Raises
    ------
    TypeError
        When L_TF meets a model with one branch; the specification refuses that earlier.
    """
    match loss:
        case LogLoss():
            value = log_loss(logits.z_B, y_B)
        case FocalLoss():
            value = focal_loss(logits.z_B, y_B, gamma=loss.gamma)
        case RCELoss():
            value = rce_loss(logits.z_B, y_B, beta=loss.beta)
        case TwinFocusLoss():
            if logits.z_s_B is None or logits.z_c_B is None:
                raise TypeError("twin_focus needs a model with two branches")
            twin = twin_focus_loss(logits.z_s_B, logits.z_c_B, y_B, alpha=loss.alpha, c=loss.c, gamma=loss.gamma)
            value = log_loss(logits.z_B, y_B) + twin
    return value if logits.auxiliary is None else value + logits.auxiliary
