"""Code that the shipped runs were trained with and that has changed since, word for word: whole files, and lines.

It is the oracle of today's forms.
"""

FORMS = {"AFN+": "tests.frozen.models.afn:AFNPlus", "xDeepFM": "tests.frozen.models.xdeepfm:XDeepFM"}
LINES = {  # today's, and what stood there
    "workflow/train/device.py": {
        'torch.set_deterministic_debug_mode("warn")': "torch.use_deterministic_algorithms(True, warn_only=True)",
    },
    "workflow/train/loop.py": {
        "from workflow.train.adam import EagerAdam\n": "",
        "EagerAdam(": "torch.optim.Adam(",
    },
    "workflow/train/predict.py": {
        "evaluation_depends_on_batch, widest_bytes": "evaluation_depends_on_batch, row_cost",
        "row_bytes": "widest_bytes",
        "return widest_bytes(name, features, json.loads(settings))": "return row_cost(name, features, json.loads(settings)).widest_bytes",  # noqa: E501
    },
}
