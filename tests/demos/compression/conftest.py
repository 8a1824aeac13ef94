"""Each test of Compression meets the tab as a fresh process does."""

from collections.abc import Iterator

import pytest

from demos.compression import nets


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    """What was computed where the data were is forgotten: other tests have none."""
    yield
    for remembered in (nets.factorisation, nets.compress):
        remembered.cache_clear()
