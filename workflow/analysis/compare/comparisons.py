"""Every comparison of the project, declared once. Tables, claims, figures, the answer and README look it up by id.

An id is the declaration's name, what stands for `{}` in it, and the dataset: tf-loss:DCN@frappe. A
name in braces stands for each value of `each` in turn. A comparison exists where the campaign plans
all of its cells. p-values are corrected within a family, over all datasets of the paper, and
nowhere else: what the paper itself compares for a research question is one, what we add beyond the
paper is one for each question that we add.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from workflow.analysis.compare.numbers import METRICS, Metric
from workflow.analysis.evidence.cells import MEAN_OF_TWO
from workflow.analysis.paper.facts import Coordinates

Question = Literal["RQ1", "RQ2", "RQ3", "RQ4", "RQ5", "RQ6"]


@dataclass(frozen=True)
class Declared:
    """One cell less another; `plus` and `minus` may have several cells, which add up, as in an interaction.

    Cells are coordinates without the dataset. `question` is None of a user's own models. `item` and `over` are for
    readers, in "<item> over <over>". `paper` says whether the paper makes this comparison; else it is ours. `printed`
    are the cells whose printed difference is the paper's gain, where they are not these. With `best` it is over the
    best of `minus` that has all its runs, and the paper's gain over the best that it prints. `mean_of` names a
    declaration: the mean of its gains, over the models that have all their runs, is a question's own answer.
    """

    name: str
    question: Question | None
    family: str
    item: str
    over: str
    plus: tuple[Coordinates, ...] = ()
    minus: tuple[Coordinates, ...] = ()
    each: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    paper: bool = False
    printed: tuple[Coordinates, Coordinates] | None = None
    metrics: tuple[Metric, ...] = ("auc",)
    best: bool = False
    mean_of: str = ""


TEN = ("WideDeep", "DeepFM", "DCN", "xDeepFM", "AutoInt+", "AFN+", "DCNv2", "EDCN", "CL4CTR", "EulerNet")
LEFT_OUT = ("DualMLP", "FinalMLP", "CL4CTR-MLP")
FRAMED = ("DeepFM", "WideDeep", "xDeepFM")
DUAL, OTHERS = ("DualMLP",), ("AutoInt+", "DeepFM", "DCN", "DCNv2", "AFN+")
SIX = (*DUAL, *OTHERS)  # of Table II
WSF, SUM = {"ssem": "SER", "dfm": "WSF"}, {"ssem": "SER", "dfm": "Sum"}
WIDE = {"variant": "embedding-24"}


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


# -- RQ1: the loss --------------------------------------------------------------------


TF, LOG, MATCHED, FREE = "twin_focus", "log", "log-matched", "auxiliary"
ALIKE, SETTINGS = "log loss (matched)", "settings of DualMLP's TF row"


def _with(
    name: str, family: str, item: str, over: str, losses: tuple[str, str], models: tuple[str, ...], paper: bool = False
) -> Declared:
    """A model of Table II with one loss over the same model with another."""
    plus, minus = ((_loss(each),) for each in losses)
    each = {"model": models, **({"loss": ("focal", "rce")} if "{loss}" in losses else {})}
    printed = (_loss(TF), _loss(LOG)) if losses == (TF, MATCHED) else None
    return Declared(name, "RQ1", family, f"{{model}} with {item}", over, plus, minus, each, paper, printed)


# DualMLP's TF row differs from its log row in fusion, dropout and monitor too: log-matched does not.
LOSSES = (
    _with("tf-loss", "TF loss", "the TF loss", ALIKE, (TF, MATCHED), DUAL, paper=True),
    _with("tf-loss", "TF loss", "the TF loss", "log loss", (TF, LOG), OTHERS, paper=True),
    _with("other-loss", "focal and R-CE loss", "{loss} loss", "log loss", ("{loss}", LOG), SIX, paper=True),
    _with(
        "tf-over-other", "TF loss over similar losses", "the TF loss", "{loss} loss", (TF, "{loss}"), SIX, paper=True
    ),
    _with("focusing", "focusing", "the TF loss", "γ = 0", (TF, FREE), SIX),
    _with("auxiliary", "auxiliary log losses", "γ = 0", ALIKE, (FREE, MATCHED), DUAL),
    _with("auxiliary", "auxiliary log losses", "γ = 0", "log loss", (FREE, LOG), OTHERS),
    _with("rce-0.2", "R-CE with β = 0.2", "R-CE, β = 0.2", "log loss", ("rce-0.2", LOG), SIX),
    _with("tf-loss-as-printed", SETTINGS, "the TF loss", "its log-loss row", (TF, LOG), DUAL),
    _with("tf-settings", SETTINGS, "the TF row's settings", "log loss", (MATCHED, LOG), DUAL),
    Declared(
        "tf-loss-mean", "RQ1", "TF loss, mean of models", "The TF loss", "log loss", paper=True, mean_of="tf-loss"
    ),
    Declared("focusing-mean", "RQ1", "focusing, mean of models", "The TF loss", "γ = 0", mean_of="focusing"),
)

# -- RQ2: embeddings and fusion -------------------------------------------------------


def _parts(
    name: str, item: str, over: str, plus: Coordinates, minus: Coordinates, family: str = "parts of the gain"
) -> Declared:
    """What one part of the method adds."""
    return Declared(name, "RQ2", family, item, over, (plus,), (minus,))


TWO = _part("DNN", LOG, variant=MEAN_OF_TWO)
LOG_IN_SER = {"table": "3", **WSF, "loss": "log"}
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
    _parts("tf-loss-in-ser", "SER+WSF with the TF loss", "log loss", _grid("SER", "WSF"), LOG_IN_SER),
    Declared(
        *("ser-times-tf-loss", "RQ2", "parts of the gain", "The TF loss inside SER", "the TF loss in DualMLP"),
        plus=(_grid("SER", "WSF"), _loss(MATCHED, "DualMLP")),
        minus=(LOG_IN_SER, _loss(TF, "DualMLP")),
    ),
    _parts("auxiliary-in-ser", "SER+WSF with γ = 0", "log loss", _part("TF4CTR", FREE, **WSF), LOG_IN_SER),
    Declared(
        *("focusing-in-ser", "RQ2", "parts of the gain", "SER+{dfm} with the TF loss", "γ = 0"),
        plus=(_grid("SER", "{dfm}"),),
        minus=(_part("TF4CTR", FREE, ssem="SER", dfm="{dfm}"),),
        each={"dfm": ("WSF", "Sum")},
    ),
    _parts("ser-with-log", "SER+WSF with log loss", "DualMLP with log loss", LOG_IN_SER, _model("DualMLP")),
    _parts(
        "ser-size-with-auxiliary",
        "SER+Sum with γ = 0",
        "DualMLP, embedding 24, γ = 0",
        _part("TF4CTR", FREE, **SUM),
        _part("DualMLP", FREE, **WIDE),
    ),
    _parts(
        "size-alone", "DNN with embedding 24", "DNN with embedding 16", _part("DNN", LOG, **WIDE), _part("DNN", LOG)
    ),
    # What two MLPs give that are trained apart and share nothing: no framework, no loss, the mean of their logits.
    *(
        _parts(f"two-mlps-over-{name}", "The mean of two DNNs' logits", over, TWO, minus, "two MLPs trained apart")
        for name, over, minus in (
            ("one", "one DNN", _part("DNN", LOG)),
            ("size", "one DNN with embedding 24", _part("DNN", LOG, **WIDE)),
            ("dualmlp", "DualMLP with log loss", _model("DualMLP")),
            ("tf4ctr", "TF4CTR", _model("TF4CTR")),
        )
    ),
)

# -- RQ3: TF4CTR and other models; in Table VII, beyond the paper, every model is tuned alike ---------


def _leads(
    name: str, family: str, over: str, minus: Coordinates, paper: bool = False, **each: tuple[str, ...]
) -> Declared:
    """TF4CTR over another model, as in Table IV, or both tuned."""
    tuned = minus["table"] == "7"
    own = _tuned("TF4CTR") if tuned else _model("TF4CTR")
    return Declared(name, "RQ3", family, "TF4CTR, tuned" if tuned else "TF4CTR", over, (own,), (minus,), each, paper)


SAME_SIZE = _tuned("DualMLP", loss=FREE, **WIDE)
MODELS = (
    Declared(
        *("tf4ctr", "RQ3", "TF4CTR over the best baseline", "TF4CTR", "the best baseline"),
        plus=(_model("TF4CTR"),),
        minus=tuple(map(_model, TEN)),
        paper=True,
        best=True,
    ),
    _leads("tf4ctr-over", "TF4CTR over single baselines", "{model}", _model("{model}"), paper=True, model=TEN),
    _leads(
        "tf4ctr-over-left-out",
        "TF4CTR over models that Table IV leaves out",
        "{model}",
        _model("{model}"),
        model=LEFT_OUT,
    ),
    _leads(
        "tf4ctr-over-size",
        "TF4CTR over one embedding of the same size",
        "one embedding of size 24",
        _model("TF4CTR", variant="share-24"),
    ),
    _leads(
        "tf4ctr-over-variant",
        "TF4CTR over variants of baselines",
        "{model} ({variant})",
        _model("{model}", variant="{variant}"),
        model=("EulerNet", "EDCN"),
        variant=("authors", "library"),
    ),
    Declared(
        *("tuned", "RQ3", "TF4CTR over the best baseline, all tuned alike", "TF4CTR, tuned", "the best tuned baseline"),
        plus=(_tuned("TF4CTR"),),
        minus=(*map(_tuned, (*TEN, *LEFT_OUT)), SAME_SIZE),
        best=True,
    ),
    _leads(
        "tuned-over",
        "TF4CTR over single baselines, all tuned alike",
        "{model}, tuned",
        _tuned("{model}"),
        model=TEN,
    ),
    _leads(
        "tuned-over-left-out",
        "TF4CTR over models that Table IV leaves out, all tuned alike",
        "{model}, tuned",
        _tuned("{model}"),
        model=LEFT_OUT,
    ),
    _leads(
        "tuned-over-size",
        "TF4CTR over two MLPs of the same size and losses, both tuned",
        "DualMLP (embedding 24, auxiliary log losses), tuned",
        SAME_SIZE,
    ),
)

# -- RQ4: the framework around other models -------------------------------------------


def _frames(name: str, family: str, item: str, over: str, variants: tuple[str, str], paper: bool = False) -> Declared:
    """A model of Table V in one way over the same in another; the print is of the framework over the model alone."""
    plus, minus = ((_framed(each),) for each in variants)
    printed = (_framed("framework"), _framed("plain")) if variants[0] != "plain-l2" else None
    return Declared(name, "RQ4", family, item, over, plus, minus, {"model": FRAMED}, paper, printed)


FRAMEWORK = (
    _frames("framework", "framework", "{model} in the framework", "{model} alone", ("framework", "plain"), paper=True),
    _frames(
        "framework-same-l2",
        "framework, same L2 on both sides",
        "{model} in the framework",
        "{model} alone with the same embedding L2",
        ("framework", "plain-l2"),
    ),
    _frames(
        "authors-framework",
        "the authors' framework",
        "{model} in the authors' code",
        "{model} alone",
        ("authors", "plain"),
    ),
    _frames("plain-l2", "embedding L2 of xDeepFM", "{model} with embedding L2 0.5", "with 0.1", ("plain-l2", "plain")),
    Declared(
        "framework-mean",
        "RQ4",
        "framework, mean of models",
        "The framework",
        "the models alone",
        paper=True,
        mean_of="framework",
    ),
)
DECLARED: tuple[Declared, ...] = (*LOSSES, *PAIRINGS, *MODELS, *FRAMEWORK)
