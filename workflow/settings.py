"""Settings of every model and loss: what a run specification may say, with its defaults.

One class per model and per loss. The names of a class's keys are the keyword arguments
of the module in `models/` (a test holds the two together), so a setting has one name
everywhere: in YAML, in the record and in the code. Nothing here imports torch.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveInt

Units = tuple[PositiveInt, ...]
Fraction = Annotated[float, Field(ge=0.0, lt=1.0)]
NonNegative = Annotated[float, Field(ge=0.0)]
Ssem = Literal["Share", "SER", "GM", "MoE"]
Dfm = Literal["Sum", "WSF", "VF", "CF", "MoEF"]


class Frozen(BaseModel):
    """Base of all configuration: immutable, unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


# -- models ---------------------------------------------------------------------------


class Network(Frozen):
    """What every network shares."""

    embedding_dim: PositiveInt = 16
    dropout: Fraction = 0.0
    batch_norm: bool = True


class DNN(Network):
    """One MLP over the concatenated embeddings."""

    name: Literal["DNN"] = "DNN"
    hidden_units: Units = (400, 400, 400)


class DualMLP(Network):
    """Two MLPs over one embedding table; their logits are fused by `dfm`."""

    name: Literal["DualMLP"] = "DualMLP"
    simple_units: Units = (400,)
    complex_units: Units = (400, 400, 400)
    dfm: Literal["Sum", "WSF"] = "Sum"


class TF4CTR(Network):
    """The paper's model: SSEM, a simple and a complex encoder, DFM."""

    name: Literal["TF4CTR"] = "TF4CTR"
    ssem: Ssem = "SER"
    dfm: Dfm = "WSF"
    simple_units: Units = (400,)
    complex_units: Units = (400, 400, 400)
    temperature: Annotated[float, Field(gt=0.0)] = 0.8
    noise_at_eval: bool = False


ModelSettings = Annotated[DNN | DualMLP | TF4CTR, Field(discriminator="name")]


# -- losses ---------------------------------------------------------------------------


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

MODEL_CLASSES: dict[str, type[Network]] = {cls.model_fields["name"].default: cls for cls in (DNN, DualMLP, TF4CTR)}
LOSS_CLASSES: dict[str, type[Frozen]] = {
    cls.model_fields["name"].default: cls for cls in (LogLoss, FocalLoss, RCELoss, TwinFocusLoss)
}
