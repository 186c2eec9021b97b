"""The same weights in FuxiCTR's models and in ours: logits and gradients in float64.

Optional. FuxiCTR 2.3.10 and its model zoo are no dependency; `python -m benchmarks.fuxictr_env`
puts both into .venv-fuxictr (FUXICTR_SOURCE may name a checkout instead).
`pytest tests/models/test_fuxictr.py -rP` prints the largest differences.
"""

import json
import os
import subprocess
from dataclasses import asdict
from pathlib import Path

import numpy
import pytest
import torch
from torch import nn

from benchmarks import fuxictr_env, fuxictr_zoo
from models import build_model
from models.losses import log_loss
from tests.models.fuxictr_cases import CASES, DIM, Arrays, Case
from tests.models.toys import LISTS, batch
from workflow.settings import MODEL_CLASSES, Frozen

ROOT = Path(__file__).parents[2]
PYTHON = fuxictr_env.ENVIRONMENT / "bin" / "python"
SOURCE = Path(os.environ.get("FUXICTR_SOURCE", fuxictr_env.ENVIRONMENT / "source"))
REMEDY = "`python -m benchmarks.fuxictr_env` fetches it"
ROWS, LARGEST = 64, 1e-8

pytestmark = [
    pytest.mark.skipif(not PYTHON.exists(), reason=f"no FuxiCTR: {REMEDY}"),
    pytest.mark.skipif(not (SOURCE / "model_zoo").is_dir(), reason=f"no model zoo of FuxiCTR: {REMEDY}"),
]


def settings(case: Case) -> Frozen:
    return MODEL_CLASSES[case.name].model_validate(case.ours | {"embedding_dim": DIM})


def our_model(case: Case) -> nn.Module:
    """Ours, with weights and running statistics that matter, in float64."""
    torch.manual_seed(0)
    model = build_model(case.name, LISTS, settings(case).model_dump()).double()
    with torch.no_grad():
        for key, value in model.state_dict().items():
            if key.endswith("weight_VD"):
                value.copy_(torch.where(value == 0, 0.0, torch.randn_like(value)))
            elif key.endswith("running_var"):
                value.uniform_(0.5, 2.0)
            elif value.is_floating_point():
                value.normal_(std=0.5)
    return model


def data() -> Arrays:
    y_B = numpy.random.default_rng(0).integers(0, 2, ROWS).astype(float)
    return {"x_BC": batch(LISTS, ROWS).long().numpy(), "y_B": y_B}


def our_answer(model: nn.Module) -> tuple[Arrays, Arrays]:
    """Logits and loss, and gradients by our names."""
    arrays = data()
    x_BC, y_B = torch.from_numpy(arrays["x_BC"]).int(), torch.from_numpy(arrays["y_B"])
    z_B = model.eval()(x_BC).z_B.detach()
    trained_B = model.train()(x_BC).z_B
    loss = log_loss(trained_B, y_B)
    loss.backward()
    gradients = {key: p.grad.numpy() for key, p in model.named_parameters() if p.grad is not None}
    answers = {"eval_B": z_B.numpy(), "train_B": trained_B.detach().numpy(), "loss": loss.detach().numpy()}
    return answers, gradients


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Answers of FuxiCTR for all cases, from one process."""
    folder = tmp_path_factory.mktemp("fuxictr")
    for key, case in CASES.items():
        state = {name: value.numpy() for name, value in our_model(case).state_dict().items()}
        weights = {f"w:{name}": make(state) for name, make in case.names.items()}
        fields = [f"f{index}" for index in range(LISTS.fields)]
        arguments = fuxictr_zoo.arguments(settings(case).model_dump(), fields)
        off = case.ours.get("regulation") is False
        job = {"model": case.name, "features": asdict(LISTS), "arguments": arguments, "equal_gates": off}
        (folder / f"{key}.json").write_text(json.dumps(job))
        numpy.savez(folder / f"{key}.npz", **data(), **weights)  # pyright: ignore[reportArgumentType]
    command = [str(PYTHON), str(Path(__file__).with_name("fuxictr_oracle.py")), str(SOURCE), str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


@pytest.mark.parametrize("key", CASES)
def test_same_weights_give_the_same_logits_and_gradients(key: str, oracle: Path):
    case = CASES[key]
    answers, gradients = our_answer(our_model(case))
    with numpy.load(oracle / f"{key}.out.npz") as file:
        theirs = dict(file)
    logits = max(float(numpy.abs(answers[name] - theirs[name]).max()) for name in ("eval_B", "train_B"))
    found = {name.removeprefix("g:") for name in theirs if name.startswith("g:")}
    differences = [float(numpy.abs(case.names[name](gradients) - theirs[f"g:{name}"]).max()) for name in found]
    print(f"{key}: logits {logits:.1e}, gradients {max(differences):.1e}, {len(found)} tensors")
    assert numpy.ptp(answers["eval_B"]) > 0.01
    assert found == {name for name in case.names if "running_" not in name and "num_batches" not in name}
    assert logits < LARGEST
    assert max(differences) < LARGEST
    assert abs(answers["loss"] - theirs["loss"]) < LARGEST
