"""What cannot fit is refused before it is made; what the paper runs is not."""

from typing import Any

import pytest

from workflow.errors import UserError
from workflow.plan.campaign import Plan
from workflow.plan.config import check_campaign
from workflow.plan.limits import readable


def expand(**changes: Any) -> None:
    values = {"campaign": "mine", "datasets": ["criteo"], "experiments": ["table_4", "table_6"], **changes}
    plan = Plan(check_campaign({"every_dataset": True, **values}, "mine.yaml"))
    assert plan.packs
    assert plan.sources


def test_the_paper_s_own_runs_fit() -> None:
    expand()
    expand(twin={"rows": 45_840_617})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"twin": {"rows": 10**12}}, "1,000,000,000,000 rows of 39 columns would need about 149 TiB of memory"),
        ({"timing": {"twin_rows": 10**12}}, "dataset kkbox-twin: 1,000,000,000,000 rows"),
        ({"limits": {"network": {"embedding_dim": 10**9}}}, "embeddings of 1,000,000,000 columns would need about"),
        ({"limits": {"network": {"hidden_units": [10**6, 10**6]}}}, "the model's layers would need about 14.6 TiB"),
        ({"limits": {"network": {"log_neurons": 10**12}}}, "the model's layers"),
        ({"limits": {"training": {"batch_size": 10**15}}}, "training.batch_size: 1,000,000,000,000,000 rows"),
        ({"limits": {"network": {"embedding_dim": 10**17}}}, "more than 1,000 EiB"),
    ],
)
def test_what_fits_nowhere_is_refused_with_what_it_needs(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(UserError) as caught:
        expand(**changes)
    assert words in str(caught.value)
    assert "; take fewer" in str(caught.value) or "; take a smaller" in str(caught.value)


@pytest.mark.parametrize(
    ("size", "text"), [(1, "1 B"), (1536, "1.5 KiB"), (1 << 60, "1 EiB"), (1 << 80, "more than 1,000 EiB")]
)
def test_sizes(size: int, text: str) -> None:
    assert readable(size) == text
