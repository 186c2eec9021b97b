# pyright: reportMissingImports=false
"""FuxiCTR's side of the engine benchmark; runs under FuxiCTR's own interpreter.

Its training loop, evaluation, data loader, models and optimiser are used as they are; the
timed methods only add a clock to the ones that they call. The DNN and the DualMLP are put
together here from its layers: its package has no models, and its model zoo no DualMLP.
"""

from pathlib import Path
from time import perf_counter
from typing import Any

import torch
from fuxictr.features import FeatureMap
from fuxictr.pytorch.dataloaders import RankDataLoader
from fuxictr.pytorch.layers import FeatureEmbedding, MLP_Block
from fuxictr.pytorch.models import BaseModel
from fuxictr.pytorch.torch_utils import seed_everything

from benchmarks import fuxictr_zoo
from benchmarks.engine_job import TOWERS, Job, read_job, report


class Towers(BaseModel):
    """MLPs over one embedding, whose logits are added: one is the zoo's DNN, two are the DualMLP."""

    def __init__(
        self, feature_map: FeatureMap, towers: list[list[int]], embedding_dim: int, dropout: float, **rest: Any
    ):
        super().__init__(feature_map, **rest)
        self.embedding_layer = FeatureEmbedding(feature_map, embedding_dim)
        self.branches = torch.nn.ModuleList(
            MLP_Block(
                input_dim=feature_map.sum_emb_out_dim(),
                hidden_units=units,
                output_dim=1,
                dropout_rates=dropout,
                batch_norm=True,
            )
            for units in towers
        )
        self.compile(rest["optimizer"], rest["loss"], rest["learning_rate"])
        self.reset_parameters()
        self.model_to_device()

    def forward(self, inputs: Any) -> dict[str, torch.Tensor]:
        """Prediction from the sum of the branches' logits."""
        e_BD = self.embedding_layer(self.get_inputs(inputs), flatten_emb=True)
        z_B1 = sum(branch(e_BD) for branch in self.branches)
        return {"y_pred": self.output_activation(z_B1)}


class Clock(BaseModel):
    """Methods of FuxiCTR's models with a clock around them; reports every epoch."""

    eval_step_s: float
    spent: dict[str, float]

    def train_epoch(self, data_generator: Any) -> None:
        """An epoch, whose time without the evaluation in it is training."""
        start = perf_counter()
        super().train_epoch(data_generator)
        train_s = perf_counter() - start - self.eval_step_s
        report(self._epoch_index + 1, train_s=train_s, **self.spent)

    def eval_step(self) -> None:
        """Evaluation and checkpoint; only the evaluation counts, the checkpoint for neither part."""
        start = perf_counter()
        super().eval_step()
        self.eval_step_s = perf_counter() - start

    def evaluate(self, data_generator: Any, metrics: Any = None) -> Any:
        """Evaluation, timed whole."""
        start = perf_counter()
        logs = super().evaluate(data_generator, metrics)
        self.spent["eval_s"] = perf_counter() - start
        return logs

    def evaluate_metrics(self, y_true: Any, y_pred: Any, metrics: Any, group_id: Any = None) -> Any:
        """Metrics, the group AUC apart; FuxiCTR computes it in a pool of processes."""
        plain = [metric for metric in metrics if metric != "gAUC"]
        logs = super().evaluate_metrics(y_true, y_pred, plain, group_id)
        start = perf_counter()
        logs |= super().evaluate_metrics(y_true, y_pred, ["gAUC"], group_id)
        self.spent["gauc_s"] = perf_counter() - start
        self.spent |= {"auc": float(logs["AUC"]), "gauc": float(logs["gAUC"])}
        return logs


def make(job: Job, feature_map: FeatureMap, folder: Path) -> Clock:
    """Build FuxiCTR's model for the job, with the clock in front of its methods."""
    common = {
        "learning_rate": job.learning_rate,
        "optimizer": "adam",
        "loss": "binary_crossentropy",
        # A weight of 0 has the loop compute the log loss too, as ours does.
        "monitor": {"AUC": 1, "gAUC": 1, "logloss": 0},
        "metrics": ["AUC", "gAUC", "logloss"],
        "early_stop_patience": job.epochs + 1,
        "embedding_regularizer": job.embedding_l2,
        "model_id": "timed",
        "model_root": str(folder),
        "verbose": 0,
    }
    if job.name in TOWERS:
        cls, own = Towers, {key: job.model[key] for key in ("embedding_dim", "dropout")} | {"towers": job.towers}
    else:
        cls, own = (
            fuxictr_zoo.model_class(Path(job.source), job.name),
            fuxictr_zoo.arguments(job.model, list(feature_map.features)),
        )
    model = type("Timed", (Clock, cls), {})(feature_map, **own, **common)
    model.eval_step_s, model.spent = 0.0, {}
    return model


def run(job: Job) -> None:
    """Train for `job.epochs` epochs with FuxiCTR's loop and its .npz loader, the faster of its two here."""
    torch.set_num_threads(job.threads)
    seed_everything(job.seed)
    folder = Path(job.data) / "fuxictr"
    feature_map = FeatureMap("engine-benchmark", str(folder))
    feature_map.load(
        str(folder / "feature_map.json"), {"group_id": "user", "embedding_dim": job.model["embedding_dim"]}
    )
    train, valid = RankDataLoader(
        feature_map,
        stage="train",
        train_data=str(folder / "train.npz"),
        valid_data=str(folder / "valid.npz"),
        batch_size=job.batch_size,
        data_format="npz",
    )
    model = make(job, feature_map, folder)
    Path(model.model_dir).mkdir(exist_ok=True)
    model.fit(train, epochs=job.epochs, validation_data=valid, max_gradient_norm=job.max_gradient_norm)


if __name__ == "__main__":
    run(read_job())
