"""Lists for a test, closed after it; whatever they left running fails the test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from shared.hearing import patience
from shared.naming import Names
from tests.integration.shared.toy import Lists, no_task_is_left
from tests.parts import Servers


@pytest.fixture
async def lists(servers: Servers, names: Names) -> AsyncIterator[Lists]:
    before = asyncio.all_tasks()
    lists = Lists(servers, names)
    try:
        yield lists
    finally:
        await lists.close()
    await no_task_is_left(before)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests in which messages wait at the server, but for how long is not the point: a tenth of it."""

    def shorter(tries: int, *, least: float = 0.2, most: float = 30.0) -> float:
        return patience(tries, least=least / 10, most=most / 10)

    monkeypatch.setattr("shared.bus.patience", shorter)
    monkeypatch.setattr("shared.pull._PAUSE", 0.05)
    monkeypatch.setattr("shared.pull._LOOK", 0.1)
