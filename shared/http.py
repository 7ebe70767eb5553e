"""What the routes of a service are made of: who asks, the form of answers, pages, and documents on the wire."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

import orjson
from fastapi import Depends, FastAPI, Request
from pydantic import BaseModel
from starlette.responses import Response

from shared.asked import Asked, key_of
from shared.caller import Caller, Role
from shared.cursor import Page
from shared.edge import PROBLEM
from shared.entry import Entry
from shared.problems import (
    Changed,
    KeyReused,
    LostRace,
    Malformed,
    NotAllowed,
    NotSignedIn,
    RuleBroken,
    TooBusy,
    TooLarge,
    Unavailable,
)
from shared.telemetry import trace_from

U = TypeVar("U")
_LONGEST_KEY = 200
NOBODY = Caller("", Role.RESIDENT)  # whoever comes without a token, where that is allowed


class ProblemOut(BaseModel):
    """RFC 9457. More members may say what is true now."""

    type: str
    title: str
    status: int
    detail: str | None = None


def problems(*kinds: type[RuleBroken]) -> dict[int | str, dict[str, Any]]:
    """The refusals of a route, for its documentation."""
    found: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        entry = found.setdefault(
            kind.status,
            {
                "description": "",
                "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}},
            },
        )
        entry["description"] = f"{entry['description']} `{kind.slug()}`: {kind.title()}".strip()
    return found


def using(kind: type[U]) -> Callable[[Request], Awaitable[U]]:
    """A dependency: the service's own things (its entries, its registries), built once at start."""

    async def use(request: Request) -> U:  # a plain function would be sent to a thread, for nothing
        found = request.app.state.use
        assert isinstance(found, kind)
        return found

    return use


def signed_in(*roles: Role, anonymous: bool = False) -> Callable[[Request], Awaitable[Caller]]:
    """A dependency: the caller, if the role is one of these (no roles: any). Raises NotSignedIn, NotAllowed."""

    async def caller_of(request: Request) -> Caller:
        if request.scope["query_string"]:
            _refuse_unknown_parameters(request)
        caller = await request.app.state.tokens.caller(request.headers.get("authorization"))
        if caller is None:
            if anonymous:
                return NOBODY
            raise NotSignedIn
        if roles and caller.role not in roles:
            raise NotAllowed(f"this takes one of the roles {', '.join(sorted(roles))}")
        return caller  # type: ignore[no-any-return]  # app.state is open

    return caller_of


def _refuse_unknown_parameters(request: Request) -> None:
    """A misspelt filter must not silently show everything. Raises Malformed."""
    fields = request.scope["route"].dependant.query_params
    known = {name for field in fields for name in _names(field.alias, field.field_info.annotation)}
    unknown = sorted(set(request.query_params) - known)
    if unknown:
        raise Malformed(f"unknown parameter {unknown[0][:40]!r}; known: {', '.join(sorted(known)) or 'none'}")


def _names(alias: str, kind: Any) -> Iterable[str]:
    """What a parameter is called in the address; one that is a model is written as its fields."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [field.alias or name for name, field in kind.model_fields.items()]
    return [alias]


def asked_by(*roles: Role, anonymous: bool = False) -> Callable[[Request], Awaitable[Asked]]:
    """A dependency: everything about a request that a use case needs. Raises NotSignedIn, NotAllowed, Malformed."""
    who = signed_in(*roles, anonymous=anonymous)

    async def asked_of(request: Request) -> Asked:
        caller = await who(request)
        state, scope = request.app.state, request.scope
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        key = headers.get(b"idempotency-key") if scope["method"] == "POST" else None
        fingerprint = ""
        if key is not None:
            if not 0 < len(key) <= _LONGEST_KEY:
                raise Malformed(f"Idempotency-Key: 1 to {_LONGEST_KEY} characters")
            digest = hashlib.blake2b(f"{scope['method']} {scope['path']}\n".encode(), digest_size=16)
            digest.update(await request.body())
            key, fingerprint = key_of(caller, key), digest.hexdigest()
        trace = trace_from(headers.get(b"traceparent"))
        return Asked(
            caller=caller,
            now=state.database.now(),
            trace=trace,
            cause=f"request:{headers.get(b'x-request-id', trace[3:35])[:64]}",
            key=key,
            fingerprint=fingerprint,
            expects=_version(headers.get(b"if-match")),
            creates=scope["route"].status_code == 201,
            view=state.render,
            version=state.version,
        )

    return asked_of


def _version(etag: str | None) -> int | None:
    if etag is None or etag == "*":
        return None
    number = etag.removeprefix("W/").strip('"')
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise Malformed("If-Match: not an ETag of ours")
    return int(number)


def to_json(model: BaseModel) -> bytes:
    return model.__pydantic_serializer__.to_json(model)


def reply(entry: Entry[Any], asked: Asked) -> Response:
    """The entry as this caller sees it, with its ETag. What a retry of the same request gets again."""
    answer = asked.answer(entry)
    headers = {"etag": answer.etag, "cache-control": "no-store"}
    return Response(answer.body, answer.status, headers, "application/json")


def page_of(page: Page[Entry[Any]], asked: Asked) -> Response:
    """`{"items": […], "next": cursor or null}`: put the cursor into the next request, null is the end."""
    assert asked.view is not None
    items = b",".join(asked.view(entry, asked.caller) for entry in page.items)
    body = b'{"items":[' + items + b'],"next":' + orjson.dumps(page.next) + b"}"
    return Response(body, 200, {"cache-control": "no-store"}, "application/json")


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document: FastAPI's, with what every route of ours shares (token, keys, problems)."""
    if app.openapi_schema:
        return app.openapi_schema
    schema = FastAPI.openapi(app)
    components = schema.setdefault("components", {})
    components.setdefault("schemas", {})["ProblemOut"] = ProblemOut.model_json_schema()
    components["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "ES256"}
    }
    schema["security"] = [{"token": []}]
    key = {
        "name": "Idempotency-Key", "in": "header", "required": False,
        "description": "A retry with the same key gets the same answer; another body with it is refused.",
        "schema": {"type": "string", "maxLength": _LONGEST_KEY},
    }  # fmt: skip
    match = {
        "name": "If-Match", "in": "header", "required": False,
        "description": "The ETag you decided on; 412 if it was changed since.", "schema": {"type": "string"},
    }  # fmt: skip
    for operations in schema["paths"].values():
        for method, operation in operations.items():
            answers = operation["responses"]
            always: tuple[type[RuleBroken], ...] = (Malformed, NotSignedIn, NotAllowed, Unavailable, TooBusy)
            if method == "post":
                operation["parameters"] = [*operation.get("parameters", []), key, match]
                always += (KeyReused, Changed, LostRace, TooLarge)
            answers.pop("422", None)  # FastAPI's own form of it is not what we answer
            for status, answer in problems(*always).items():
                known = answers.setdefault(str(status), answer)
                if known is not answer:
                    known["description"] = f"{known['description']} {answer['description']}"
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    app.openapi_schema = schema
    return schema


__all__ = [
    "Asked", "Depends", "asked_by", "document", "page_of", "problems", "reply", "signed_in", "to_json", "using",
]  # fmt: skip
