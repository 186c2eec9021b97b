# pyright: reportMissingImports=false
"""FuxiCTR's side of the engine benchmark; runs under FuxiCTR's own interpreter.

Its training loop, evaluation, data loader, layers and optimiser are used as they are. The
models are put together here from its layers, because its package ships no DNN and no
DualMLP; the timed methods only add a clock to the ones that they call.
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

from benchmarks.engine_job import UNITS, Job, read_job, report


class Timed(BaseModel):
    """One or several MLPs over one embedding; their logits are added. Reports every epoch."""

    def __init__(self, feature_map: FeatureMap, job: Job, folder: Path):
        super().__init__(
            feature_map,
            model_id=job.model,
            # A weight of 0 has the loop compute the log loss too, as ours does.
            monitor={"AUC": 1, "gAUC": 1, "logloss": 0},
            metrics=["AUC", "gAUC", "logloss"],
            early_stop_patience=job.epochs + 1,
            embedding_regularizer=job.embedding_l2,
            model_root=str(folder),
            verbose=0,
        )
        self.embedding_layer = FeatureEmbedding(feature_map, job.embedding_dim)
        self.branches = torch.nn.ModuleList(
            MLP_Block(
                input_dim=feature_map.sum_emb_out_dim(),
                hidden_units=list(units),
                output_dim=1,
                dropout_rates=job.dropout,
                batch_norm=True,
            )
            for units in UNITS[job.model]
        )
        self.compile("adam", "binary_crossentropy", job.learning_rate)
        self.reset_parameters()
        self.model_to_device()
        self.eval_step_s = 0.0
        self.spent: dict[str, float] = {}

    def forward(self, inputs: Any) -> dict[str, torch.Tensor]:
        """Prediction from the sum of the branches' logits."""
        e_BD = self.embedding_layer(self.get_inputs(inputs), flatten_emb=True)
        z_B1 = sum(branch(e_BD) for branch in self.branches)
        return {"y_pred": self.output_activation(z_B1)}

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


def run(job: Job) -> None:
    """Train for `job.epochs` epochs with FuxiCTR's loop and its .npz loader, the faster of its two here."""
    torch.set_num_threads(job.threads)
    seed_everything(job.seed)
    folder = Path(job.data) / "fuxictr"
    feature_map = FeatureMap("engine-benchmark", str(folder))
    feature_map.load(str(folder / "feature_map.json"), {"group_id": "user", "embedding_dim": job.embedding_dim})
    train, valid = RankDataLoader(
        feature_map,
        stage="train",
        train_data=str(folder / "train.npz"),
        valid_data=str(folder / "valid.npz"),
        batch_size=job.batch_size,
        data_format="npz",
    )
    model = Timed(feature_map, job, folder)
    Path(model.model_dir).mkdir(exist_ok=True)
    model.fit(train, epochs=job.epochs, validation_data=valid, max_gradient_norm=job.max_gradient_norm)


if __name__ == "__main__":
    run(read_job())
