"""Routes without FastAPI's general solver of dependencies, where ours are simple.

FastAPI reads the signature, documents the route and matches it as ever; only the call is made directly: path
parameters, one JSON body, one model of query parameters, dependencies that take the request and nothing else, and a
Response as the result. Anything richer is left to FastAPI. It takes about half off the time of a small request, if
the route stands on the application itself: an included router is asked, and asks its own routes, at every request.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, get_type_hints

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from fastapi.params import Depends, Query
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.problems import Malformed

Take = Callable[[Request], Awaitable[Any]]  # one argument of the endpoint, out of the request
_ELSEWHERE: tuple[Match, Scope] = (Match.NONE, {})
# Of one body: an object takes 2 KiB while it is read, and each way in which one is wrong another. The longest list of
# all, 500 rules of routing, may have 20 values in each.
MOST_VALUES = 10_000
_MOST_SAID = 1_000  # ways; of those who read an answer nobody reads so many


class QuickRoute(APIRoute):
    """For `APIRouter(route_class=QuickRoute)`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        takes = _plan(self)
        # FastAPI's own way needs a stack of what is to be closed; shared/service.py puts none around all.
        self.app = AsyncExitStackMiddleware(self.app) if takes is None else _direct(self.endpoint, takes)
        self._end = self.path_format.rpartition("}")[2]

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's own way, for bodies that are bounded like all others."""
        answer = super().get_route_handler()

        async def bounded(request: Request) -> Response:
            if self.body_field is not None:
                await _body_of(request)  # the request keeps it
            return await answer(request)

        return bounded

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Of sixty routes all are asked until one says yes; most see by its end that a path is not theirs."""
        return super().matches(scope) if scope["path"].endswith(self._end) else _ELSEWHERE


def _direct(endpoint: Callable[..., Awaitable[Response]], takes: list[tuple[str, Take]]) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        response = await endpoint(**{name: await take(request) for name, take in takes})
        await response(scope, receive, send)

    return app


def _plan(route: APIRoute) -> list[tuple[str, Take]] | None:
    """How to get each argument, who asks before what is asked; None when FastAPI must do it."""
    hints = get_type_hints(route.endpoint, include_extras=True)
    if not issubclass(hints.get("return", object), Response):
        return None
    path = {field.name for field in route.dependant.path_params}
    callers: list[tuple[str, Take]] = []
    rest: list[tuple[str, Take]] = []
    for name in inspect.signature(route.endpoint).parameters:
        hint = hints[name]
        depends = next((one for one in getattr(hint, "__metadata__", ()) if isinstance(one, Depends)), None)
        if depends is not None:
            take = _from_request(depends.dependency)
            if take is None:
                return None
            callers.append((name, take))
        elif (model := _query_model(hint)) is not None:
            rest.append((name, _from_query(model)))
        elif name in path:
            rest.append((name, _from_path(name, hint)))
        elif isinstance(hint, type) and issubclass(hint, BaseModel):
            rest.append((name, _from_body(hint)))
        else:
            return None
    return [*callers, *rest]


def _from_request(dependency: Callable[..., Any] | None) -> Take | None:
    """The dependency itself, if it takes the request and nothing else."""
    if dependency is None or not inspect.iscoroutinefunction(dependency):
        return None
    hints = get_type_hints(dependency)
    hints.pop("return", None)
    return dependency if list(hints.values()) == [Request] else None


def _from_path(name: str, hint: Any) -> Take:
    adapter: TypeAdapter[Any] = TypeAdapter(hint)

    async def take(request: Request) -> Any:
        try:
            return adapter.validate_strings(request.path_params[name])
        except ValidationError as error:
            raise _malformed("path", error, name) from error

    return take


def _query_model(hint: Any) -> type[BaseModel] | None:
    """The model of `Annotated[Model, Query()]`."""
    kinds: tuple[Any, ...] = getattr(hint, "__metadata__", ())
    model = getattr(hint, "__origin__", None)
    if (
        len(kinds) == 1
        and isinstance(kinds[0], Query)
        and isinstance(model, type)
        and issubclass(model, BaseModel)
    ):
        return model
    return None


def _from_query(model: type[BaseModel]) -> Take:
    async def take(request: Request) -> BaseModel:
        given = request.query_params.multi_items() if request.scope["query_string"] else []
        wanted = dict(given)
        if len(wanted) < len(given):
            raise Malformed("a parameter is named twice")
        try:
            return model.model_validate_strings(wanted)
        except ValidationError as error:
            raise _malformed("query", error) from error

    return take


def _from_body(model: type[BaseModel]) -> Take:
    async def take(request: Request) -> BaseModel:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
            raise Malformed("the body must be JSON, with content-type application/json")
        body = await _body_of(request)
        try:
            return model.model_validate_json(body, strict=True)  # `true` is no fen, and "100" neither
        except ValidationError as error:
            raise _malformed("body", error) from error

    return take


async def _body_of(request: Request) -> bytes:
    """Raises Malformed for one with more values than any list may have: it is counted before anything is made of it."""
    body = await request.body()
    if body.count(b",") >= MOST_VALUES:
        raise Malformed(f"more than {MOST_VALUES} commas")
    return body


def _malformed(where: str, error: ValidationError, *name: str) -> RequestValidationError | Malformed:
    if error.error_count() > _MOST_SAID:
        return Malformed(f"wrong in {error.error_count()} ways")
    wrong = error.errors(include_url=False, include_context=False, include_input=False)
    return RequestValidationError([{**one, "loc": (where, *name, *one["loc"])} for one in wrong])
