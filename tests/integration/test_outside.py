"""Servers that somebody else runs: what cannot be used is said at once."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.local import binaries, outside
from deploy.local.folder import Passwords
from deploy.local.probe import listens
from deploy.local.refusal import Refused
from tests.integration.waiting import eventually


@pytest.mark.parametrize("url", ["nats://127.0.0.1:1", "nonsense"])
async def test_a_bus_that_is_not_there_is_refused_within_seconds(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "_ANSWERS_WITHIN", 1.0)
    with pytest.raises(Refused, match="cannot be used"):
        await outside.use_nats(url, Passwords({}, {}, ""))


@contextlib.asynccontextmanager
async def somebodys_nats(folder: Path, sync: str) -> AsyncIterator[str]:
    """A server that is not ours, and the address of its administrator, who sees everything."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = folder / "server.conf"
    config.write_text(
        f"""
        listen: "127.0.0.1:{port}"
        jetstream {{
          store_dir: "{folder}"
          {sync}
        }}
        accounts {{
          $SYS {{ users: [{{ user: admin, password: secret }}] }}
          PEOPLE {{ jetstream: enabled, users: [{{ user: somebody, password: secret }}] }}
        }}
        """,
        "utf-8",
    )
    binary = binaries.find(binaries.NATS_SERVER)
    server = await asyncio.create_subprocess_exec(
        str(binary), "--config", str(config), stderr=asyncio.subprocess.DEVNULL
    )
    try:
        await eventually(lambda: listens(port))
        yield f"127.0.0.1:{port}"
    finally:
        server.terminate()
        await server.wait()


@pytest.mark.parametrize(
    ("sync", "user", "said"),
    [
        ("sync_interval: always", "admin", None),
        ("", "admin", "runs without `sync_interval: always`.*not ours, so it is used all the same"),
        ("", "somebody", "does not say whether it has `sync_interval: always`"),
    ],
    ids=["syncs", "does not sync", "nobody knows"],
)
async def test_of_a_foreign_bus_that_may_lose_messages_it_is_said_and_it_is_used(
    tmp_path: Path, sync: str, user: str, said: str | None
) -> None:
    async with somebodys_nats(tmp_path, sync) as address:
        doubt = await outside.doubt_of(f"nats://{user}:secret@{address}")
    assert doubt == "" if said is None else re.search(said, doubt)
