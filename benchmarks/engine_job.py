"""The request to a contestant of the engine benchmark, and its answer.

Needs the standard library only: FuxiCTR's interpreter imports it too.
"""

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

PREFIX = "@epoch "
# Models that are MLPs over one embedding and nothing else, and the settings with the MLPs' units.
TOWERS = {"DNN": ("hidden_units",), "DualMLP": ("simple_units", "complex_units")}


@dataclass(frozen=True)
class Job:
    """One contestant's work: `epochs` passes over the set at `data`, the first a warm-up.

    `model` are the settings of a network, its `name` among them; `source` is a checkout of
    FuxiCTR, for the models of its zoo.
    """

    model: dict[str, Any]
    precision: str
    data: str
    epochs: int
    threads: int
    seed: int
    source: str = ""
    batch_size: int = 10_000
    embedding_l2: float = 0.1
    learning_rate: float = 1e-3
    max_gradient_norm: float = 10.0

    @property
    def name(self) -> str:
        """The model's name."""
        return self.model["name"]

    @property
    def towers(self) -> list[list[int]]:
        """Units of each MLP, for the models of `TOWERS`."""
        return [list(self.model[key]) for key in TOWERS[self.name]]

    def write(self, path: Path) -> None:
        """Write the job where the contestant's process reads it."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")


def read_job() -> Job:
    """Job named by the first command-line argument."""
    return Job(**json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))


def report(epoch: int, **values: float) -> None:
    """Tell the benchmark about an epoch, in a line that no library's output can be taken for."""
    print(PREFIX + json.dumps({"epoch": epoch, **values}), flush=True)
