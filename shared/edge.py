"""The outermost layer of every service: how much is in work, how long it took, and what a refusal looks like.

Here, and only here, a refusal becomes a status and a problem document (RFC 9457).
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.asked import AlreadyAnswered
from shared.problems import (
    Malformed,
    NotFound,
    NotSignedIn,
    RuleBroken,
    TooBusy,
    TooLarge,
    TooManyStreams,
    Unavailable,
)
from shared.telemetry import REQUESTS, SHED, log

PROBLEM = "application/problem+json"
PLAIN = ("/livez", "/readyz", "/metrics")
_log = log(__name__)


def problem(broken: RuleBroken, headers: Mapping[str, str] | None = None, **more: Any) -> Response:
    """The problem document of a refusal. `now` of the refusal stands in it as members of its own."""
    kind = type(broken)
    body = {"type": f"/problems/{kind.slug()}", "title": kind.title(), "status": kind.status}
    if broken.detail:
        body["detail"] = broken.detail
    extra = dict(headers or {})
    if isinstance(broken, Unavailable):
        extra["retry-after"] = "1"
    if isinstance(broken, TooManyStreams):
        extra["retry-after"] = "5"
    if isinstance(broken, NotSignedIn):
        extra["www-authenticate"] = "Bearer"
    content = orjson.dumps({**body, **broken.now, **more}, default=str)
    return Response(content, kind.status, extra, PROBLEM)


def _broken() -> Response:
    body = {"type": "about:blank", "title": "Something went wrong on our side.", "status": 500}
    return Response(orjson.dumps(body), 500, None, PROBLEM)


class Edge:
    """Bounds the requests in work and their bodies, and measures them. Reads are shed first, claims and orders last."""

    def __init__(
        self,
        app: ASGIApp,
        requests_at_once: int,
        body_bytes: int,
        larger_at: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        """`larger_at`: paths that take more bytes."""
        self._app = app
        self._most = requests_at_once
        self._largest = body_bytes
        self._larger_at = larger_at
        self._in_work = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in PLAIN:
            await self._app(scope, receive, send)
            return
        bound = self._most * 3 // 4 if scope["method"] in ("GET", "HEAD") else self._most
        if self._in_work >= bound:
            SHED.inc()
            await problem(TooBusy())(scope, receive, send)
            return
        largest = self._larger_at.get(scope["path"], self._largest)
        length = next((value for name, value in scope["headers"] if name == b"content-length"), None)
        if length is None:
            receive = _counted(receive, largest)
        elif not length.isdigit() or len(length.lstrip(b"0")) > 12 or int(length) > largest:
            await problem(TooLarge(most=largest), {"connection": "close"})(scope, receive, send)
            return
        begun, status, live, begun_to_answer = time.perf_counter(), 500, False, False
        self._in_work += 1

        async def observed(message: Message) -> None:
            nonlocal status, live, begun_to_answer
            if message["type"] == "http.response.start":
                status, begun_to_answer = message["status"], True
                if not live and (b"content-type", b"text/event-stream; charset=utf-8") in message["headers"]:
                    live = True  # a stream lasts for hours and costs nothing: it does not count as work
                    self._in_work -= 1
            await send(message)

        try:
            await self._app(scope, receive, observed)
        except Exception as error:
            _log.error("a request failed by a fault of ours", path=scope["path"], exc_info=error)
            if begun_to_answer:  # what is on its way cannot be taken back: only the connection can end
                raise
            # Not raised further: the server would close a connection on which others' requests come.
            await _broken()(scope, receive, observed)
        finally:
            if not live:
                self._in_work -= 1
                route = getattr(scope.get("route"), "path", "none")
                REQUESTS.labels(scope["method"], route, str(status)).observe(time.perf_counter() - begun)


def _counted(receive: Receive, most: int) -> Receive:
    """For bodies that do not say how long they are. Raises TooLarge while they come in."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise TooLarge(most=most)
        return message

    return counted


def answer_problems(app: FastAPI) -> None:
    """Teach an application to answer with problem documents, whoever refuses. What is our fault the edge answers."""

    async def refused(_: Request, error: Exception) -> Response:
        assert isinstance(error, RuleBroken)
        return problem(error)

    async def answered(_: Request, error: Exception) -> Response:
        assert isinstance(error, AlreadyAnswered)
        known = error.answer
        headers = {"etag": known.etag, "idempotent-replayed": "true"}
        return Response(known.body, known.status, headers, "application/json")

    async def malformed(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return problem(Malformed("see errors"), errors=_what_is_wrong(error.errors()))

    async def framework(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if isinstance(error.__cause__, RuleBroken):  # while the body came in
            return problem(error.__cause__)
        if error.status_code == 400:  # a body that is not even JSON: too deep, not text
            return problem(Malformed(str(error.detail)))
        if error.status_code == NotFound.status:
            return problem(NotFound("there is nothing at this address"))
        title = str(error.detail)
        body = {"type": "about:blank", "title": title, "status": error.status_code}
        return Response(orjson.dumps(body), error.status_code, dict(error.headers or {}), PROBLEM)

    async def gone(_: Request, __: Exception) -> Response:
        return Response(status_code=499)  # the client hung up; nobody reads this, and it is no fault of ours

    async def too_deep(_: Request, __: Exception) -> Response:
        return problem(Malformed("the body is nested too deeply"))

    app.add_exception_handler(RuleBroken, refused)
    app.add_exception_handler(AlreadyAnswered, answered)
    app.add_exception_handler(RequestValidationError, malformed)
    app.add_exception_handler(HTTPException, framework)
    app.add_exception_handler(RecursionError, too_deep)
    app.add_exception_handler(ClientDisconnect, gone)


def _what_is_wrong(errors: Sequence[Any]) -> list[dict[str, str]]:
    """Where and why, never what was sent: it may be personal."""
    return [
        {"at": "/".join(str(part) for part in error["loc"][:12])[:200], "problem": str(error["msg"])[:200]}
        for error in errors[:20]
    ]
