"""The project as a Python API, for notebooks: the same data, training and statistics as the command line.

    from workflow import api

    data = api.dataset("clicks.csv")          # or a pandas or polars frame and a name
    data.fields                               # what is unseen, missing, suspicious
    deepfm = api.fit(data, "DeepFM", seeds=(1, 2, 3))
    dcnv2 = api.fit(data, {"name": "DCNv2", "cross_layers": 2}, seeds=(1, 2, 3))
    api.compare(dcnv2, deepfm)                # gain, its 95 % interval, p, and a word
    api.predict(dcnv2.records[0], "new.csv")  # of runs fitted with keep_weights=True

Everything is kept below the working directory, as a campaign keeps it: `data/` and `results/runs/`. A run
that is there already is not trained again.
"""

from workflow.api.comparison import Comparison, compare
from workflow.api.data import Dataset, dataset
from workflow.api.training import Runs, fit, load, predict, track

__all__ = ["Comparison", "Dataset", "Runs", "compare", "dataset", "fit", "load", "predict", "track"]
