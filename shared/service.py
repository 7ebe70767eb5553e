"""Builds one service out of its parts, and runs them: opened in order at start, drained in order at the end."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, Generic

from fastapi import APIRouter, FastAPI
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp

from shared.auth import Tokens
from shared.bus import Bus
from shared.caller import Caller
from shared.clock import AmongUs, Clock, Strike
from shared.edge import PLAIN, Edge, answer_problems
from shared.entry import Entry, S
from shared.hearing import Reactions
from shared.http import document, to_json
from shared.live import Live
from shared.reconcile import Reconciler
from shared.relay import Relay
from shared.settings import ServiceSettings, examples_of
from shared.store import Database, Entries, Index
from shared.telemetry import log, name_spans, set_up_logs

# the driver works in threads: at Python's 5 ms each of its steps waits for the busy loop
_SWITCH_SECONDS = 0.0005
_log = log(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service(Generic[S]):
    """What makes a service the one it is; everything else is the same for all."""

    name: str
    title: str
    settings: ServiceSettings
    state: type[S]
    entries: type[Entries[S]]
    collection: str
    indexes: Iterable[Index]
    router: APIRouter
    view: Callable[[Entry[S], Caller], BaseModel]
    version: Callable[[Entry[S], Caller], int] | None = (
        None  # where one that rises with each save would tell too much
    )
    reactions: Reactions
    strike: Strike
    among_us: AmongUs | None = None  # clocks by which one entry reaches another
    use: Callable[[Any, Any, Any], Awaitable[Any]]  # (entries, database, live) → what the routes use
    beside: Callable[[Any], AbstractAsyncContextManager[Any]] = nullcontext  # (use): entered while it serves
    larger_at: Mapping[str, int] = field(default_factory=dict)  # paths that take larger bodies: bytes


@dataclass(slots=True)
class _Running:
    database: Database
    relay: Relay
    reconciler: Reconciler
    bus: Bus
    clock: Clock
    live: Live
    ready: bool = False


class _Application(FastAPI):
    """FastAPI with nothing around its routes but our edge and the answers to refusals.

    What else it puts there has nothing to do here (the edge bounds bodies and answers what is our fault; only routes
    that are not quick keep files to close) and took a tenth of the time of a request.
    """

    def build_middleware_stack(self) -> ASGIApp:
        app: ASGIApp = ExceptionMiddleware(self.router, handlers=self.exception_handlers)
        for kind, args, kwargs in reversed(self.user_middleware):
            app = kind(app, *args, **kwargs)
        return app


def serve(service: Service[Any]) -> FastAPI:
    """The application. Nothing connects before it starts."""
    settings = service.settings
    set_up_logs(service.name, settings.log_level)
    if settings.traces:
        name_spans(service.name)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        running = await _start(service, app)
        try:
            with _at_the_signal(running.live.end):
                async with service.beside(app.state.use):
                    yield
        finally:
            await _drain(running)

    app = _Application(
        title=service.title,
        version="1",
        lifespan=lifespan,
        openapi_url=f"/api/{service.name}/v1/openapi.json",
        docs_url=None,  # the gateway has one page for all services, and it works without the internet
        redoc_url=None,
        redirect_slashes=False,
        telemetry={
            "tracing": settings.traces,
            "auto_configure": settings.traces,
            "operation_spans": False,
            "metrics": False,  # shared/telemetry.py has ours, and the logs
            "logs": False,
            "exclude": lambda scope: scope["path"] in PLAIN or scope["path"].endswith("/live"),
        },
    )
    app.openapi = lambda: document(app)  # type: ignore[method-assign]  # FastAPI's documented way to extend it
    app.state.settings = settings
    app.state.render = lambda entry, caller: to_json(service.view(entry, caller))
    app.state.version = service.version
    app.router.routes.extend(service.router.routes)  # itself, not included: see shared/quick.py
    answer_problems(app)
    _health(app)
    app.add_middleware(
        Edge,
        requests_at_once=settings.requests_at_once,
        body_bytes=settings.body_bytes,
        larger_at=service.larger_at,
    )
    return app


async def _start(service: Service[Any], app: FastAPI) -> _Running:
    settings = service.settings
    if left := examples_of(type(settings), os.environ):
        _log.info("these are still the example's", settings=left)
    database = Database(settings, service.name)
    await database.open()
    relay = Relay(service.name, settings, database)
    entries = await database.entries(
        service.entries, service.collection, service.state, service.indexes, relay.after_save
    )
    bus = Bus(service.name, settings, database, entries, service.state, relay, service.reactions)
    running = _Running(
        database,
        relay,
        Reconciler(settings, database, relay.stream, lambda: relay.tell_again(None, 1, None)),
        bus,
        Clock(settings, database, entries, service.strike, service.among_us),
        Live(settings, entries, database.now),
    )
    app.state.database, app.state.entries, app.state.running = database, entries, running
    app.state.tokens = Tokens(settings, database.now)
    app.state.use = await service.use(entries, database, running.live)
    relay.start(entries)
    running.reconciler.start()
    bus.start()
    running.clock.start()
    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.collect()
    gc.freeze()  # what was loaded at start stays: the collector need not look at it again
    running.ready = True
    _log.info("ready")
    return running


@contextmanager
def _at_the_signal(act: Callable[[], None]) -> Iterator[None]:
    """Do this as soon as the process is told to stop, before whoever else hears of it does anything.

    The server waits for its connections before it lets us drain, and a live stream has no end of its own.
    """
    loop = asyncio.get_running_loop()
    before: dict[int, Callable[[int, FrameType | None], Any]] = {}

    def handle(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(act)
        before[number](number, frame)

    if threading.current_thread() is threading.main_thread():  # only there can signals be heard
        for told in (signal.SIGTERM, signal.SIGINT):
            if callable(known := signal.getsignal(told)):
                before[told] = known
                signal.signal(told, handle)
    try:
        yield
    finally:
        for number, known in before.items():
            signal.signal(number, known)


async def _drain(running: _Running) -> None:
    """No more work comes in; finish what is in hand, tell it, and close."""
    running.ready = False
    await running.live.close()
    await running.bus.stop_listening()
    await running.clock.stop()
    await running.reconciler.stop()
    await running.relay.stop()
    await running.bus.close()
    await running.database.close()
    _log.info("drained")


def _health(app: FastAPI) -> None:
    async def livez(request: Request) -> Response:
        running: _Running | None = getattr(request.app.state, "running", None)
        if running is not None and running.ready and running.bus.lost:
            return PlainTextResponse("lost the bus for ever\n", 503)
        return PlainTextResponse("alive\n")

    async def readyz(request: Request) -> Response:
        """Ready with the own database; a bus that is away makes nothing unready, for what is said is told later."""
        running: _Running | None = getattr(request.app.state, "running", None)
        if running is None or not running.ready or not await running.database.answers():
            return PlainTextResponse("not ready\n", 503)
        return PlainTextResponse("ready\n" if running.bus.connected else "ready, without the bus\n")

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    for path, route in zip(PLAIN, (livez, readyz, metrics), strict=True):
        app.add_route(path, route, methods=["GET"], include_in_schema=False)
