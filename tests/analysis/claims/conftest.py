"""What a claim makes of records does not depend on where they lie: here they are in memory."""

from collections.abc import Callable

import pytest

from tests.analysis.conftest import Held
from workflow.spec import RunSpec
from workflow.train.record import ProbeData


@pytest.fixture
def put(held: Held) -> Callable[..., None]:
    """Return a function that makes the record of a run with given test scores."""
    return held.put


@pytest.fixture
def put_probed(held: Held) -> Callable[[RunSpec, ProbeData], None]:
    """Return a function that makes the record of a run with probe data."""
    return held.put_probed
