"""What every test may ask for. Nothing is started for a test that does not ask."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from shared.naming import Names
from tests.parts import Servers, namespace, started


@pytest.fixture(scope="session")
async def servers() -> AsyncIterator[Servers]:
    """MongoDB and NATS, one of each for the whole run."""
    async with started() as servers:
        yield servers


@pytest.fixture
async def names(servers: Servers) -> AsyncIterator[Names]:
    """A namespace of this test's own: databases, streams and consumers."""
    async with namespace(servers) as names:
        yield names
