"""One whole system for all of these tests: real servers, real services, the real gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from deploy.demo.cast import Cast
from deploy.demo.check import Lists
from deploy.local.system import PARTS, System
from tests.integration.waiting import PATIENCE

WITHIN = PATIENCE  # seconds in which everything must have been heard


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    """Ready, on free ports, in a folder of its own; without the pages for people, which no test here reads."""
    parts = [part for part in PARTS if part != "web"]
    async with System(tmp_path_factory.mktemp("system"), only=parts) as system:
        yield system


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def cast(system: System) -> AsyncIterator[Cast]:
    """Everybody of the demonstration."""
    async with Cast(system.gateway_url, system.token, patience=WITHIN) as cast:
        yield cast


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def lists(system: System) -> AsyncIterator[Lists]:
    """The four databases, past the services."""
    async with Lists(system.mongo_admin_url) as lists:
        yield lists


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def plain(system: System) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the gateway without a token, that tries nothing twice: for requests as nobody should send them."""
    async with httpx.AsyncClient(base_url=system.gateway_url, trust_env=False, timeout=WITHIN) as client:
        yield client
