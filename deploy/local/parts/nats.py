"""nats-server: JetStream on disk, each message synced, users that can do what the contracts say."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from deploy.local.folder import Folder, Passwords, write_whole
from deploy.local.parts.part import Part
from deploy.local.probe import answers, document
from deploy.local.refusal import Refused
from deploy.nats.config import NotDurable, Server, check_durable, render


def url(port: int) -> str:
    """Where clients find it; without credentials."""
    return f"nats://127.0.0.1:{port}"


def nats(
    binary: Path,
    folder: Folder,
    port: int,
    monitor: int,
    passwords: Passwords,
    provision: Callable[[], Awaitable[None]],
) -> Part:
    """`provision` makes the streams; it runs at each start, for the store may have been lost in between."""
    server = Server(
        listen=f"127.0.0.1:{port}",
        monitor=f"127.0.0.1:{monitor}",
        store=str(folder.nats / "store"),
    )
    config = folder.nats / "server.conf"
    write_whole(config, render(server, passwords.nats), 0o600)

    async def prepare() -> None:
        try:
            check_durable(await document(monitor, "/varz"))
        except NotDurable as error:
            raise Refused(f"{error}; it is not used.") from error
        await provision()

    return Part(
        name="nats",
        command=[str(binary), "--config", str(config)],
        port=port,
        folder=folder.nats,
        ready=lambda: answers(monitor, "/healthz"),
        prepare=prepare,
    )
