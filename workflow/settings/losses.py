"""Settings of every loss."""

from typing import Annotated, Literal

from pydantic import Field

from workflow.settings.base import Frozen, NonNegative


class LogLoss(Frozen):
    """L_ctr alone."""

    name: Literal["log"] = "log"


class FocalLoss(Frozen):
    """Replaces L_ctr; the modulator is not detached."""

    name: Literal["focal"] = "focal"
    gamma: NonNegative = 2.0


class RCELoss(Frozen):
    """Replaces L_ctr; the weight is detached. 0.01 is the TF4CTR authors' constant."""

    name: Literal["rce"] = "rce"
    beta: NonNegative = 0.01


class TwinFocusLoss(Frozen):
    """L_ctr + L_TF (eq. 7 and 12); gamma = 0 is the plain auxiliary log loss."""

    name: Literal["twin_focus"] = "twin_focus"
    alpha: Annotated[float, Field(ge=0.0, le=1.0)] = 0.25
    c: Annotated[float, Field(ge=0.0, le=1.0)] = 0.7
    gamma: NonNegative = 1.0


LossSettings = Annotated[LogLoss | FocalLoss | RCELoss | TwinFocusLoss, Field(discriminator="name")]

LOSS_CLASSES: dict[str, type[Frozen]] = {
    cls.model_fields["name"].default: cls for cls in (LogLoss, FocalLoss, RCELoss, TwinFocusLoss)
}
