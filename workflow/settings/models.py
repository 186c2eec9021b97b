"""Settings of every model."""

from typing import Annotated, Any, ClassVar, Literal, Self, get_args

from pydantic import Field, model_validator

from workflow.settings.base import (
    Dfm,
    Fraction,
    Frozen,
    NonNegative,
    NonNegativeInt,
    Positive,
    Ssem,
    Units,
    Width,
)


class Network(Frozen):
    """Settings that all networks share. Only networks with two branches can be trained with L_TF."""

    two_branches: ClassVar[bool] = False
    embedding_dim: Annotated[int, Field(gt=0, le=4096, strict=True)] = 16


class MLPNetwork(Network):
    """A network with an MLP."""

    dropout: Fraction = 0.0
    batch_norm: bool = True


class DNN(MLPNetwork):
    """One MLP over the concatenated embeddings."""

    name: Literal["DNN"] = "DNN"
    hidden_units: Units = (400, 400, 400)


class DualMLP(MLPNetwork):
    """Two MLPs over one embedding table; their logits are fused by `dfm`."""

    two_branches = True
    name: Literal["DualMLP"] = "DualMLP"
    simple_units: Units = (400,)
    complex_units: Units = (400, 400, 400)
    dfm: Literal["Sum", "WSF"] = "Sum"


class TF4CTR(MLPNetwork):
    """The paper's model: SSEM, a simple and a complex encoder, DFM."""

    two_branches = True
    name: Literal["TF4CTR"] = "TF4CTR"
    ssem: Ssem = "SER"
    dfm: Dfm = "WSF"
    simple_units: Units = (400,)
    complex_units: Units = (400, 400, 400)
    temperature: Positive = 0.8
    noise_at_eval: bool = False

    @model_validator(mode="after")
    def _ser_halves(self) -> Self:
        if self.ssem == "SER" and self.embedding_dim % 2:
            raise ValueError(f"ssem SER halves embedding_dim, so it must be even, not {self.embedding_dim}")
        return self


class WideDeep(MLPNetwork):
    """A linear part beside an MLP."""

    two_branches = True
    name: Literal["WideDeep"] = "WideDeep"
    hidden_units: Units = (400, 400, 400)


class DeepFM(MLPNetwork):
    """A factorisation machine beside an MLP."""

    two_branches = True
    name: Literal["DeepFM"] = "DeepFM"
    hidden_units: Units = (400, 400, 400)


class DCN(MLPNetwork):
    """A cross network beside an MLP."""

    two_branches = True
    name: Literal["DCN"] = "DCN"
    cross_layers: Width = 3
    hidden_units: Units = (400, 400, 400)


class XDeepFM(MLPNetwork):
    """A compressed interaction network beside an MLP; `cin_units` are its maps per layer."""

    two_branches = True
    name: Literal["xDeepFM"] = "xDeepFM"
    cin_units: Annotated[Units, Field(min_length=1)] = (64,)
    hidden_units: Units = (400, 400, 400)


class AutoIntPlus(MLPNetwork):
    """Self-attention over fields beside an MLP; `attention_dim` is that of all heads together."""

    two_branches = True
    name: Literal["AutoInt+"] = "AutoInt+"
    attention_layers: Width = 5
    attention_dim: Width = 128
    heads: Width = 4
    residual: bool = True
    scale: bool = True
    layer_norm: bool = True
    wide: bool = False
    hidden_units: Units = (400, 400, 400)

    @model_validator(mode="after")
    def _heads_divide(self) -> Self:
        if self.attention_dim % self.heads:
            raise ValueError(f"attention_dim ({self.attention_dim}) must be a multiple of heads ({self.heads})")
        return self


class AFNPlus(MLPNetwork):
    """A logarithmic network, `afn_…`, beside an MLP."""

    two_branches = True
    name: Literal["AFN+"] = "AFN+"
    log_neurons: Width = 1000
    afn_units: Annotated[Units, Field(min_length=1)] = (400,)
    afn_dropout: Fraction = 0.4
    hidden_units: Units = (400, 400, 400)


class DCNv2(MLPNetwork):
    """A cross network with full matrices beside an MLP (the parallel structure)."""

    two_branches = True
    name: Literal["DCNv2"] = "DCNv2"
    cross_layers: Width = 4
    hidden_units: Units = (400, 400, 400)


class EDCN(MLPNetwork):
    """A cross and a dense network with bridges; `batch_norm` is that of both streams of a layer.

    FuxiCTR 2, the library of the TF4CTR authors, is `cross_residual: false` and `regulation: true`.
    """

    name: Literal["EDCN"] = "EDCN"
    cross_layers: Width = 3
    bridge: Literal["hadamard_product", "pointwise_addition", "concatenation", "attention_pooling"] = "hadamard_product"
    temperature: Positive = 5.0
    regulation: bool = True
    cross_residual: bool = True


class CL4CTR(MLPNetwork):
    """A factorisation machine, with an MLP unless `hidden_units` is empty, and three extra losses."""

    name: Literal["CL4CTR"] = "CL4CTR"
    hidden_units: Units = (400, 400, 400)
    mask: Literal["random", "feature", "dimension"] = "random"
    mask_rate: Fraction = 0.5
    encoder_layers: Width = 3
    feed_units: Width = 128
    encoder_dropout: Fraction = 0.2
    pairs: Literal["table", "batch"] = "table"
    alpha: NonNegative = 1.0
    beta: NonNegative = 0.01


class CL4CTRMLP(MLPNetwork):
    """What the TF4CTR authors ran as CL4CTR: an MLP with losses on two masked views."""

    name: Literal["CL4CTR-MLP"] = "CL4CTR-MLP"
    hidden_units: Units = (400, 400, 400)
    mask_rate: Fraction = 0.1
    encoder_units: Units = (400, 400)
    alpha: NonNegative = 1.0
    beta: NonNegative = 0.01


class EulerNet(Network):
    """Interactions of learned order; `shape` is the number of fields after each layer."""

    name: Literal["EulerNet"] = "EulerNet"
    shape: Annotated[Units, Field(min_length=1)] = (52,)
    layer_norm: bool = True
    explicit_dropout: Fraction = 0.0
    implicit_dropout: Fraction = 0.0


class FinalMLP(MLPNetwork):
    """Two MLPs with feature selection and bilinear fusion; contexts are numbers of fields, from 0."""

    name: Literal["FinalMLP"] = "FinalMLP"
    units_1: Annotated[Units, Field(min_length=1)] = (400,)
    units_2: Annotated[Units, Field(min_length=1)] = (400, 400, 400)
    dropout_2: Fraction | None = None  # of the second MLP, where it differs
    heads: Width = 10
    feature_selection: bool = True
    selection_units: Units = (400,)
    context_1: tuple[NonNegativeInt, ...] = ()
    context_2: tuple[NonNegativeInt, ...] = ()

    @model_validator(mode="after")
    def _heads_divide(self) -> Self:
        if self.units_1[-1] % self.heads or self.units_2[-1] % self.heads:
            raise ValueError(f"the last of units_1 and of units_2 must be multiples of heads ({self.heads})")
        return self


BaseSettings = Annotated[
    WideDeep | DeepFM | DCN | XDeepFM | AutoIntPlus | AFNPlus | DCNv2,
    Field(discriminator="name"),
]


class Framed(Frozen):
    """A two-branch model inside the framework: its explicit branch is the simple encoder.

    `base` are that model's own settings. `authors_code` is what the TF4CTR authors published
    under this name instead, for the three models that they published.
    """

    two_branches: ClassVar[bool] = True
    name: Literal["Framed"] = "Framed"
    base: BaseSettings = DeepFM()
    ssem: Ssem = "SER"
    dfm: Dfm = "WSF"
    temperature: Positive = 0.8
    noise_at_eval: bool = False
    authors_code: bool = False

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.ssem == "SER" and self.base.embedding_dim % 2:
            raise ValueError(f"ssem SER halves base.embedding_dim, so it must be even, not {self.base.embedding_dim}")
        if self.authors_code and self.base.name not in ("DeepFM", "WideDeep", "xDeepFM"):
            raise ValueError(f"authors_code exists for DeepFM, WideDeep and xDeepFM, not for {self.base.name}")
        if self.authors_code and self.base.name == "WideDeep" and self.ssem != "Share":
            raise ValueError("the authors' WideDeep has no SSEM; with authors_code, ssem must be Share")
        return self


class Custom(Frozen):
    """A user's model, `path/to/file.py:Class`, made with exactly these arguments."""

    two_branches: ClassVar[bool] = True  # whether it has two branches is only known when it starts
    name: Literal["Custom"] = "Custom"
    module: Annotated[str, Field(pattern=r"^[^:]+\.py:[A-Za-z_]\w*$")]
    arguments: dict[str, Any] = {}


ModelSettings = Annotated[
    DNN
    | DualMLP
    | TF4CTR
    | WideDeep
    | DeepFM
    | DCN
    | XDeepFM
    | AutoIntPlus
    | AFNPlus
    | DCNv2
    | EDCN
    | CL4CTR
    | CL4CTRMLP
    | EulerNet
    | FinalMLP
    | Framed
    | Custom,
    Field(discriminator="name"),
]

MODEL_CLASSES: dict[str, type[Frozen]] = {
    cls.model_fields["name"].default: cls for cls in get_args(get_args(ModelSettings)[0])
}
