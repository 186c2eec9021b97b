"""Forms of models that the shipped runs were trained with, word for word: oracles of the faster forms."""

FORMS = {"AFN+": "tests.models.frozen.afn:AFNPlus", "xDeepFM": "tests.models.frozen.xdeepfm:XDeepFM"}
