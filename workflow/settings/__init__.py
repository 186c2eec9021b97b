"""Settings of every model and loss in a run specification, with their defaults.

One class per model and per loss. The names of a class's keys are the keyword arguments
of the module in `models/` (a test holds the two together), so a setting has one name
everywhere: in YAML, in the record and in the code. Nothing here imports torch.
"""

from workflow.settings.base import Frozen, NonNegative, NonNegativeInt, PositiveInt, Width
from workflow.settings.losses import LOSS_CLASSES, FocalLoss, LogLoss, LossSettings, RCELoss, TwinFocusLoss
from workflow.settings.models import (
    DNN,
    MODEL_CLASSES,
    TF4CTR,
    AFNPlus,
    Custom,
    DeepFM,
    DualMLP,
    Framed,
    ModelSettings,
    XDeepFM,
)

__all__ = [
    "DNN",
    "LOSS_CLASSES",
    "MODEL_CLASSES",
    "TF4CTR",
    "AFNPlus",
    "Custom",
    "DeepFM",
    "DualMLP",
    "FocalLoss",
    "Framed",
    "Frozen",
    "LogLoss",
    "LossSettings",
    "ModelSettings",
    "NonNegative",
    "NonNegativeInt",
    "PositiveInt",
    "RCELoss",
    "TwinFocusLoss",
    "Width",
    "XDeepFM",
]
