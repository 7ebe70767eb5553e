"""OpenAPI: each service's own document, and all of them joined as the gateway shows them."""

from __future__ import annotations

import copy
import importlib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from deploy.docs.shape import refs
from shared.naming import SERVICES

_ABOUT = (
    "One order is one thread through four lists: intake takes it, dispatch sees to it that somebody answers for it, "
    "partners take it on, and the residents say whether it is good. The same id names it everywhere. Refusals are "
    "problem documents (RFC 9457); each has a page at its `type`. "
    "Repeating a POST with the same Idempotency-Key is safe. Times and days are of the years 2000 to 2200."
)
_SLUG = re.compile(r"`([a-z][a-z-]*)`:")

Document = dict[str, Any]


@cache
def of_service(service: str) -> Document:
    """What the running service answers at `/api/<service>/v1/openapi.json`."""
    app = importlib.import_module(f"services.{service}.app").app()
    found: Document = app.openapi()
    return found


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and operation, in the document's order."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def problems_of(operation: Mapping[str, Any]) -> list[str]:
    """Slugs of the problems that an operation says it may answer."""
    return [
        slug
        for answer in operation["responses"].values()
        for slug in _SLUG.findall(answer.get("description", ""))
    ]


def joined() -> Document:
    """All services in one document. Paths are theirs already; schemas that differ under one name get the service's."""
    documents = {service: copy.deepcopy(of_service(service)) for service in SERVICES}
    own = _differing({service: document["components"]["schemas"] for service, document in documents.items()})
    paths: Document = {}
    schemas: Document = {}
    for service, document in documents.items():
        names = {
            name: f"{service.capitalize()}{name}" if name in own else name
            for name in document["components"]["schemas"]
        }
        renamed = _renamed(document, names)
        paths |= renamed["paths"]
        schemas |= {names[name]: body for name, body in renamed["components"]["schemas"].items()}
    return {
        "openapi": documents[SERVICES[0]]["openapi"],
        "info": {"title": "Hehuo", "version": "1", "description": _ABOUT},
        "servers": [{"url": "/"}],
        "security": documents[SERVICES[0]]["security"],
        "tags": _tags(documents),
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": documents[SERVICES[0]]["components"]["securitySchemes"],
        },
    }


def _differing(by_service: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Names that mean different things in different services, or that speak of such."""
    known: dict[str, list[Any]] = {}
    for schemas in by_service.values():
        for name, body in schemas.items():
            known.setdefault(name, []).append(body)
    shared = {name: bodies for name, bodies in known.items() if len(bodies) > 1}
    differing = {name for name, bodies in shared.items() if any(body != bodies[0] for body in bodies)}
    while more := {
        name for name, bodies in shared.items() if name not in differing and set(refs(bodies[0])) & differing
    }:
        differing |= more
    return differing


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {
            key: f"#/components/schemas/{names[one.rpartition('/')[2]]}"
            if key == "$ref"
            else _renamed(one, names)
            for key, one in value.items()
        }
    return [_renamed(one, names) for one in value] if isinstance(value, list) else value


def _tags(documents: Mapping[str, Document]) -> list[dict[str, str]]:
    """Each tag once, with the service that keeps it."""
    found: dict[str, str] = {}
    for document in documents.values():
        for _, _, operation in operations(document):
            for tag in operation.get("tags", ()):
                found.setdefault(tag, document["info"]["title"])
    return [{"name": tag, "description": title} for tag, title in found.items()]
