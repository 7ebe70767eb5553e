"""One replica of a service, and the small upstream of the gateway: Python processes that serve HTTP."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import deploy
from deploy.gateway.render import WEB
from deploy.local.parts.part import Part, nothing
from deploy.local.probe import answers

ROOT = Path(deploy.__path__[0]).parent  # where `services`, `shared` and `deploy` are
_DRAINS_WITHIN = 10  # seconds for requests under way when a service is told to stop
_KEEP_ALIVE = 75  # seconds; longer than the gateway's, so that the gateway always hangs up first


def module(service: str) -> str:
    """What to import for a service."""
    return "deploy.gateway.web" if service == WEB else f"services.{service}.app"


def service(
    kind: str,
    name: str,
    port: int,
    environment: Mapping[str, str],
    drain: Callable[[], Awaitable[None]] = nothing,
) -> Part:
    """A replica called `name` (intake.1) of the service `kind` (intake)."""
    return Part(
        name=name,
        command=[
            *(sys.executable, "-m", "uvicorn", "--factory", f"{module(kind)}:app"),
            *("--host", "127.0.0.1"),
            *("--port", str(port)),
            *("--loop", "uvloop"),
            *("--http", "httptools"),
            *("--no-access-log", "--no-proxy-headers", "--no-server-header"),
            *("--log-level", "warning"),
            *("--backlog", "2048"),
            *("--timeout-keep-alive", str(_KEEP_ALIVE)),
            *("--timeout-graceful-shutdown", str(_DRAINS_WITHIN)),
        ],
        port=port,
        folder=ROOT,
        ready=lambda: answers(port, "/readyz"),
        drain=drain,
        environment={**environment, "PYTHONUNBUFFERED": "1"},
        stops_within=_DRAINS_WITHIN + 15.0,
    )
