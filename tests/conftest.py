"""What every test may ask for. Nothing is started for a test that does not ask."""

from __future__ import annotations

from collections.abc import AsyncIterator

import hypothesis
import pytest
import structlog

from shared.naming import Names
from tests.parts import Servers, namespace, started


def pytest_configure() -> None:
    """No test is bound to a time, for machines differ.

    Logs are plain lines that pytest shows with a failure; structlog's own default draws every traceback.
    """
    hypothesis.settings.register_profile("hehuo", deadline=None)
    hypothesis.settings.load_profile("hehuo")
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["event"]),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


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
