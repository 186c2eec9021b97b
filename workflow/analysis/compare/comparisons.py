"""Every comparison of the project, declared once. Tables, claims, figures, the answer and README look it up by id.

An id is the declaration's name, what stands for `{}` in it, and the dataset: tf-loss:DCN@frappe. A
name in braces stands for each value of `each` in turn. A comparison exists where the campaign plans
all of its cells. p-values are corrected within a family, over all datasets of the paper, and
nowhere else: what the paper itself compares for a research question is one, what we add beyond the
paper is one for each question that we add.
"""

from workflow.analysis.compare.declared import Coordinates, Declaration, Declared, DeclaredBest, DeclaredMean
from workflow.analysis.compare.numbers import METRICS
from workflow.analysis.evidence.cells import MEAN_OF_TWO

TEN = ("WideDeep", "DeepFM", "DCN", "xDeepFM", "AutoInt+", "AFN+", "DCNv2", "EDCN", "CL4CTR", "EulerNet")
LEFT_OUT = ("DualMLP", "FinalMLP", "CL4CTR-MLP")
LOSS_MODELS = ("DualMLP", "AutoInt+", "DeepFM", "DCN", "DCNv2", "AFN+")
FRAMED = ("DeepFM", "WideDeep", "xDeepFM")


def _loss(loss: str, model: str = "{model}") -> Coordinates:
    return {"table": "2", "model": model, "loss": loss}


def _grid(ssem: str, dfm: str) -> Coordinates:
    return {"table": "3", "ssem": ssem, "dfm": dfm}


def _model(model: str, **variant: str) -> Coordinates:
    return {"table": "4", "model": model, **variant}


def _tuned(model: str, **more: str) -> Coordinates:
    return {"table": "7", "model": model, "stage": "final", **more}


def _framed(variant: str) -> Coordinates:
    return {"table": "5", "model": "{model}", "variant": variant}


def _part(model: str, loss: str, **more: str) -> Coordinates:
    return {"table": "components", "model": model, "loss": loss, **more}


OTHERS = {"model": LOSS_MODELS[1:]}
WSF = {"ssem": "SER", "dfm": "WSF"}
SUM = {"ssem": "SER", "dfm": "Sum"}
MATCHED = "log loss (matched)"
WIDE = {"variant": "embedding-24"}

# -- RQ1: the loss --------------------------------------------------------------------
# DualMLP's TF row differs from its log row in fusion, dropout and monitor too: log-matched does not.
LOSSES = (
    Declared(
        *("tf-loss", "RQ1", "TF loss", "{model} with the TF loss", MATCHED),
        plus=(_loss("twin_focus"),),
        minus=(_loss("log-matched"),),
        each={"model": ("DualMLP",)},
        paper=True,
        printed=(_loss("twin_focus"), _loss("log")),
    ),
    Declared(
        *("tf-loss", "RQ1", "TF loss", "{model} with the TF loss", "log loss"),
        plus=(_loss("twin_focus"),),
        minus=(_loss("log"),),
        each=OTHERS,
        paper=True,
    ),
    Declared(
        *("other-loss", "RQ1", "focal and R-CE loss", "{model} with {loss} loss", "log loss"),
        plus=(_loss("{loss}"),),
        minus=(_loss("log"),),
        each={"model": LOSS_MODELS, "loss": ("focal", "rce")},
        paper=True,
    ),
    Declared(
        *("tf-over-other", "RQ1", "TF loss over similar losses", "{model} with the TF loss", "{loss} loss"),
        plus=(_loss("twin_focus"),),
        minus=(_loss("{loss}"),),
        each={"model": LOSS_MODELS, "loss": ("focal", "rce")},
        paper=True,
    ),
    Declared(
        *("focusing", "RQ1", "focusing", "{model} with the TF loss", "γ = 0"),
        plus=(_loss("twin_focus"),),
        minus=(_loss("auxiliary"),),
        each={"model": LOSS_MODELS},
    ),
    Declared(
        *("auxiliary", "RQ1", "auxiliary log losses", "{model} with γ = 0", MATCHED),
        plus=(_loss("auxiliary"),),
        minus=(_loss("log-matched"),),
        each={"model": ("DualMLP",)},
    ),
    Declared(
        *("auxiliary", "RQ1", "auxiliary log losses", "{model} with γ = 0", "log loss"),
        plus=(_loss("auxiliary"),),
        minus=(_loss("log"),),
        each=OTHERS,
    ),
    Declared(
        *("rce-0.2", "RQ1", "R-CE with β = 0.2", "{model} with R-CE, β = 0.2", "log loss"),
        plus=(_loss("rce-0.2"),),
        minus=(_loss("log"),),
        each={"model": LOSS_MODELS},
    ),
    Declared(
        *("tf-loss-as-printed", "RQ1", "settings of DualMLP's TF row", "{model} with the TF loss", "its log-loss row"),
        plus=(_loss("twin_focus"),),
        minus=(_loss("log"),),
        each={"model": ("DualMLP",)},
        printed=(_loss("twin_focus"), _loss("log")),
    ),
    Declared(
        *("tf-settings", "RQ1", "settings of DualMLP's TF row", "{model} with the TF row's settings", "log loss"),
        plus=(_loss("log-matched"),),
        minus=(_loss("log"),),
        each={"model": ("DualMLP",)},
    ),
    DeclaredMean(
        *("tf-loss-mean", "RQ1", "TF loss, mean of models", "The TF loss", "log loss"),
        of="tf-loss",
        paper=True,
    ),
    DeclaredMean(
        *("focusing-mean", "RQ1", "focusing, mean of models", "The TF loss", "γ = 0"),
        of="focusing",
    ),
)

# -- RQ2: embeddings and fusion -------------------------------------------------------
LOG_IN_SER = {"table": "3", "ssem": "SER", "dfm": "WSF", "loss": "log"}
PAIRINGS = (
    Declared(
        *("fusion", "RQ2", "fusion", "SER+{dfm}", "SER+Sum"),
        plus=(_grid("SER", "{dfm}"),),
        minus=(_grid("SER", "Sum"),),
        each={"dfm": ("WSF", "VF", "CF", "MoEF")},
        paper=True,
        metrics=METRICS,
    ),
    Declared(
        *("pairing", "RQ2", "pairings", "{ssem}+{dfm}", "Share+Sum"),
        plus=(_grid("{ssem}", "{dfm}"),),
        minus=(_grid("Share", "Sum"),),
        each={"ssem": ("SER", "GM", "MoE", "Share"), "dfm": ("WSF", "VF", "CF", "MoEF", "Sum")},
        paper=True,
        metrics=METRICS,
    ),
    Declared(
        *("tf-loss-in-ser", "RQ2", "parts of the gain", "SER+WSF with the TF loss", "log loss"),
        plus=(_grid("SER", "WSF"),),
        minus=(LOG_IN_SER,),
    ),
    Declared(
        *("ser-times-tf-loss", "RQ2", "parts of the gain", "The TF loss inside SER", "the TF loss in DualMLP"),
        plus=(_grid("SER", "WSF"), _loss("log-matched", "DualMLP")),
        minus=(LOG_IN_SER, _loss("twin_focus", "DualMLP")),
    ),
    Declared(
        *("auxiliary-in-ser", "RQ2", "parts of the gain", "SER+WSF with γ = 0", "log loss"),
        plus=(_part("TF4CTR", "auxiliary", **WSF),),
        minus=(LOG_IN_SER,),
    ),
    Declared(
        *("focusing-in-ser", "RQ2", "parts of the gain", "SER+{dfm} with the TF loss", "γ = 0"),
        plus=(_grid("SER", "{dfm}"),),
        minus=(_part("TF4CTR", "auxiliary", ssem="SER", dfm="{dfm}"),),
        each={"dfm": ("WSF", "Sum")},
    ),
    Declared(
        *("ser-with-log", "RQ2", "parts of the gain", "SER+WSF with log loss", "DualMLP with log loss"),
        plus=(LOG_IN_SER,),
        minus=(_model("DualMLP"),),
    ),
    Declared(
        *("ser-size-with-auxiliary", "RQ2", "parts of the gain", "SER+Sum with γ = 0", "DualMLP, embedding 24, γ = 0"),
        plus=(_part("TF4CTR", "auxiliary", **SUM),),
        minus=(_part("DualMLP", "auxiliary", **WIDE),),
    ),
    Declared(
        *("size-alone", "RQ2", "parts of the gain", "DNN with embedding 24", "DNN with embedding 16"),
        plus=(_part("DNN", "log", **WIDE),),
        minus=(_part("DNN", "log"),),
    ),
)

# What two MLPs give that are trained apart and share nothing: no framework, no loss, the mean of their logits.
ENSEMBLE = ("RQ2", "two MLPs trained apart", "The mean of two DNNs' logits")
TWO_MLPS = tuple(
    Declared(f"two-mlps-over-{name}", *ENSEMBLE, over, plus=(_part("DNN", "log", variant=MEAN_OF_TWO),), minus=(minus,))
    for name, over, minus in (
        ("one", "one DNN", _part("DNN", "log")),
        ("size", "one DNN with embedding 24", _part("DNN", "log", **WIDE)),
        ("dualmlp", "DualMLP with log loss", _model("DualMLP")),
        ("tf4ctr", "TF4CTR", _model("TF4CTR")),
    )
)

# -- RQ3: TF4CTR and other models -----------------------------------------------------
MODELS = (
    DeclaredBest(
        *("tf4ctr", "RQ3", "TF4CTR over the best baseline", "TF4CTR", "the best baseline"),
        own=_model("TF4CTR"),
        rivals=tuple(_model(name) for name in TEN),
        paper=True,
    ),
    Declared(
        *("tf4ctr-over", "RQ3", "TF4CTR over single baselines", "TF4CTR", "{model}"),
        plus=(_model("TF4CTR"),),
        minus=(_model("{model}"),),
        each={"model": TEN},
        paper=True,
    ),
    Declared(
        *("tf4ctr-over-left-out", "RQ3", "TF4CTR over models that Table IV leaves out", "TF4CTR", "{model}"),
        plus=(_model("TF4CTR"),),
        minus=(_model("{model}"),),
        each={"model": LEFT_OUT},
    ),
    Declared(
        *("tf4ctr-over-size", "RQ3", "TF4CTR over one embedding of the same size"),
        *("TF4CTR", "one embedding of size 24"),
        plus=(_model("TF4CTR"),),
        minus=(_model("TF4CTR", variant="share-24"),),
    ),
    Declared(
        *("tf4ctr-over-variant", "RQ3", "TF4CTR over variants of baselines", "TF4CTR", "{model} ({variant})"),
        plus=(_model("TF4CTR"),),
        minus=(_model("{model}", variant="{variant}"),),
        each={"model": ("EulerNet", "EDCN"), "variant": ("authors", "library")},
    ),
)

# Every model tuned alike (Table VII, beyond the paper).
TUNED = (
    DeclaredBest(
        *("tuned", "RQ3", "TF4CTR over the best baseline, all tuned alike", "TF4CTR, tuned", "the best tuned baseline"),
        own=_tuned("TF4CTR"),
        rivals=(*map(_tuned, (*TEN, *LEFT_OUT)), _tuned("DualMLP", loss="auxiliary", **WIDE)),
    ),
    Declared(
        *("tuned-over", "RQ3", "TF4CTR over single baselines, all tuned alike", "TF4CTR, tuned", "{model}, tuned"),
        plus=(_tuned("TF4CTR"),),
        minus=(_tuned("{model}"),),
        each={"model": TEN},
    ),
    Declared(
        *("tuned-over-left-out", "RQ3", "TF4CTR over models that Table IV leaves out, all tuned alike"),
        *("TF4CTR, tuned", "{model}, tuned"),
        plus=(_tuned("TF4CTR"),),
        minus=(_tuned("{model}"),),
        each={"model": LEFT_OUT},
    ),
    Declared(
        *("tuned-over-size", "RQ3", "TF4CTR over two MLPs of the same size and losses, both tuned"),
        *("TF4CTR, tuned", "DualMLP (embedding 24, auxiliary log losses), tuned"),
        plus=(_tuned("TF4CTR"),),
        minus=(_tuned("DualMLP", loss="auxiliary", **WIDE),),
    ),
)

# -- RQ4: the framework around other models -------------------------------------------
FRAMEWORK = (
    Declared(
        *("framework", "RQ4", "framework", "{model} in the framework", "{model} alone"),
        plus=(_framed("framework"),),
        minus=(_framed("plain"),),
        each={"model": FRAMED},
        paper=True,
    ),
    Declared(
        *("framework-same-l2", "RQ4", "framework, same L2 on both sides"),
        *("{model} in the framework", "{model} alone with the same embedding L2"),
        plus=(_framed("framework"),),
        minus=(_framed("plain-l2"),),
        each={"model": FRAMED},
        printed=(_framed("framework"), _framed("plain")),
    ),
    Declared(
        *("authors-framework", "RQ4", "the authors' framework", "{model} in the authors' code", "{model} alone"),
        plus=(_framed("authors"),),
        minus=(_framed("plain"),),
        each={"model": FRAMED},
        printed=(_framed("framework"), _framed("plain")),
    ),
    Declared(
        *("plain-l2", "RQ4", "embedding L2 of xDeepFM", "{model} with embedding L2 0.5", "with 0.1"),
        plus=(_framed("plain-l2"),),
        minus=(_framed("plain"),),
        each={"model": FRAMED},
    ),
    DeclaredMean(
        *("framework-mean", "RQ4", "framework, mean of models", "The framework", "the models alone"),
        of="framework",
        paper=True,
    ),
)

DECLARED: tuple[Declaration, ...] = (*LOSSES, *PAIRINGS, *TWO_MLPS, *MODELS, *TUNED, *FRAMEWORK)
