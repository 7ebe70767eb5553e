"""Envoy: the one door. It reads where the services are from files that are replaced when one moves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.gateway.render import Gateway, write
from deploy.local.folder import Folder
from deploy.local.parts.part import Part
from deploy.local.probe import answers, ask, listens

_DRAINS_WITHIN = 5.0


def gateway(
    binary: Path,
    folder: Folder,
    setting: Gateway,
    addresses: Mapping[str, Sequence[tuple[str, int]]],
) -> Part:
    write(folder.gateway, setting, addresses=addresses)

    async def ready() -> bool:
        if setting.tls:
            return await answers(setting.admin_port, "/ready") and await listens(setting.port)
        # Envoy says that it is ready also when it refused its rules; this address is refused by them.
        return await answers(setting.port, "/livez", 404)

    async def drain() -> None:
        """Take no new connections, and give requests under way a moment to end."""
        await ask(setting.admin_port, "/drain_listeners", "POST")
        deadline = time.monotonic() + _DRAINS_WITHIN
        while time.monotonic() < deadline:
            _, body = await ask(setting.admin_port, "/stats?filter=http.edge.downstream_rq_active$")
            if not body or int(body.split()[-1]) == 0:
                return
            await asyncio.sleep(0.1)

    return Part(
        name="gateway",
        command=[
            str(binary),
            *("-c", "bootstrap.yaml"),
            *("--concurrency", "1"),
            "--disable-hot-restart",
            *("--log-level", "warning"),
            *(
                "--component-log-level",
                "http:critical",
            ),  # says addresses and whole paths of people's requests
        ],
        port=setting.port,
        folder=folder.gateway,
        ready=ready,
        drain=drain,
        stops_within=5.0,
    )
