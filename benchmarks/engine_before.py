"""Our side of the engine benchmark with the forms of models that the shipped runs were trained with."""

from benchmarks.engine_job import read_job
from benchmarks.engine_ours import run
from models import MODELS
from tests.frozen import FORMS

if __name__ == "__main__":
    MODELS.update(FORMS)
    run(read_job())
