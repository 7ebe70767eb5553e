"""`hehuo status`: what runs, what it costs, what waits."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path
from typing import Any

import psutil
from nats.aio.client import Client
from nats.js.api import StreamInfo
from nats.js.errors import NotFoundError
from rich.console import Console
from rich.table import Table

from deploy.ctl import given_up
from deploy.ctl.bus import bus
from deploy.ctl.trouble import Trouble
from deploy.ctl.up import running
from deploy.local.folder import Folder
from shared.contracts.registry import heard_by
from shared.naming import SERVICES, Names

_NAMES = Names()
_FULL = 0.7  # part of a stream's size from which it is an alarm


def memory(pid: int) -> float:
    """Memory of a process in MiB: its own, and its share of what it has in common with others (PSS)."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
        found = re.search(r"^Pss: +(\d+) kB", rollup, re.MULTILINE)
        return int(found[1]) / 1024 if found else 0.0
    except OSError:
        pass
    try:
        return float(psutil.Process(pid).memory_info().rss) / 1024 / 1024
    except psutil.Error:
        return 0.0


def cpu_seconds(pid: int) -> float:
    """CPU time that a process has used so far."""
    try:
        times = psutil.Process(pid).cpu_times()
        return float(times.user + times.system)
    except psutil.Error:
        return 0.0


async def show(data: Path, nats_url: str | None) -> None:
    """Print the table. Raises Trouble when nothing runs in the folder."""
    state = running(data)
    if state:
        _processes(state)
    elif not nats_url:
        raise Trouble(f"Nothing runs in {Folder(data).root}; `hehuo up` starts it.")
    try:
        async with bus(data, nats_url) as client:
            await _bus(client)
    except Trouble as trouble:
        print(trouble)
        sys.exit(1)


def _processes(state: dict[str, Any]) -> None:
    table = Table(box=None, pad_edge=False)
    table.add_column("part")
    table.add_column("state")
    table.add_column("address")
    for column in ("pid", "restarts", "PSS MiB", "CPU s"):
        table.add_column(column, justify="right")
    own = {
        "pid": state["pid"],
        "address": "",
        "state": "ready" if state["ready"] else "starting",
        "restarts": 0,
    }
    total = [0.0, 0.0]
    for name, part in [*state["parts"].items(), ("supervisor", own)]:
        pid = part["pid"]
        cost = (memory(pid), cpu_seconds(pid)) if pid else (0.0, 0.0)
        total = [total[0] + cost[0], total[1] + cost[1]]
        table.add_row(
            name,
            part["state"],
            part["address"],
            str(pid or ""),
            str(part["restarts"]),
            f"{cost[0]:.0f}",
            f"{cost[1]:.1f}",
        )
    table.add_row("together", "", "", "", "", f"{total[0]:.0f}", f"{total[1]:.1f}", style="bold")
    Console().print(table)
    print(f"\ngateway  {state['gateway_url']}")


async def _bus(client: Client) -> None:
    js = client.jetstream(timeout=5)

    async def stream(name: str) -> StreamInfo | None:
        try:
            return await js.stream_info(_NAMES.stream(name))
        except NotFoundError:
            return None

    async def waiting(listener: str) -> int | None:
        """Messages that a listener has still to apply, or None if a consumer of it is missing."""
        try:
            infos = [await js.consumer_info(_NAMES.stream(sender), listener) for sender in heard_by(listener)]
        except NotFoundError:
            return None
        return sum((info.num_pending or 0) + (info.num_ack_pending or 0) for info in infos)

    lags = await asyncio.gather(*(waiting(listener) for listener in SERVICES))
    shown = ", ".join(
        f"{listener} {'no consumer' if lag is None else lag}"
        for listener, lag in zip(SERVICES, lags, strict=True)
    )
    print(f"to hear  {shown}")
    streams = dict(
        zip((*SERVICES, "aside"), await asyncio.gather(*map(stream, (*SERVICES, "aside"))), strict=True)
    )
    aside = streams["aside"]
    print(f"aside    {aside.state.messages if aside else 'no stream'}")
    print(f"given up {await given_up.count(client)}")
    for name, info in streams.items():
        most = (info.config.max_bytes or 0) if info else 0
        if info and most > 0 and info.state.bytes > _FULL * most:
            print(f"alarm    the stream {_NAMES.stream(name)} is {info.state.bytes / most:.0%} full")
