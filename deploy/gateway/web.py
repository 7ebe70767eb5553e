"""The small upstream of the gateway: what stands at every address that is not an API.

Pages and documents are made once at start from what `deploy.docs` generated; a request only looks one up. Nothing is
loaded from elsewhere, so that everything works without the internet, and there is no script on any page.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from deploy.docs.places import GENERATED
from deploy.gateway.pages import asyncapi, openapi, problems
from deploy.gateway.pages.frame import page
from deploy.gateway.pages.html import Child, Html, link, tag
from shared.problems import NotFound

HERE = Path(__file__).parent / "pages"
_HTML, _JSON = "text/html; charset=utf-8", "application/json"
_PROBLEM = "application/problem+json"
_FOR_EVER = "public, max-age=31536000, immutable"  # the address changes with the content
_LOOK_AGAIN = "public, max-age=60"  # then ask whether it has changed
_SAFE = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Content:
    """What stands at one address."""

    body: bytes
    media: str
    etag: str
    keep: str = _LOOK_AGAIN

    @classmethod
    def of(cls, body: bytes, media: str, keep: str = _LOOK_AGAIN) -> Content:
        return cls(body, media, f'"{_digest(body)}"', keep)


def _digest(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=8).hexdigest()


def app() -> Starlette:
    """The application. Raises OSError or ValueError when the generated documents are not there."""
    contents, missing = site(GENERATED)

    async def answer(request: Request) -> Response:
        path = request.url.path
        content = contents.get(path)
        if content is not None:
            return _answered(content, request)
        if path.endswith("/") and path.rstrip("/") in contents:
            return RedirectResponse(path.rstrip("/"), 308, _SAFE)
        if "text/html" in request.headers.get("accept", ""):
            return Response(missing.body, 404, _SAFE | {"cache-control": "no-store"}, missing.media)
        problem = {"type": f"/problems/{NotFound.slug()}", "title": NotFound.title(), "status": 404}
        return Response(json.dumps(problem), 404, _SAFE | {"cache-control": "no-store"}, _PROBLEM)

    async def health(_: Request) -> Response:
        return PlainTextResponse(
            "ready\n"
        )  # whoever answers has everything: it was made before the first request

    reads = ["GET", "HEAD"]
    return Starlette(
        routes=[
            Route("/livez", health, methods=reads),
            Route("/readyz", health, methods=reads),
            Route("/{path:path}", answer, methods=reads),
        ]
    )


def _answered(content: Content, request: Request) -> Response:
    headers = _SAFE | {"etag": content.etag, "cache-control": content.keep, "vary": "accept-encoding"}
    known = (tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(","))
    if any(tag in (content.etag, "*") for tag in known):
        return Response(None, 304, headers)
    return Response(content.body, 200, headers, content.media)


def site(documents: Path) -> tuple[dict[str, Content], Content]:
    """Everything by its address, and the page for where there is nothing. Raises OSError, ValueError."""
    api, messages, refusals = (
        json.loads((documents / f"{name}.json").read_bytes()) for name in ("openapi", "asyncapi", "problems")
    )
    found = _files(documents)
    fixed = {kind: next(path for path in found if path.endswith(kind)) for kind in (".css", ".svg")}

    def made(title: str, here: str, *body: Child, language: str = "en") -> Content:
        text = page(title, *body, here=here, style=fixed[".css"], icon=fixed[".svg"], language=language)
        return Content.of(text, _HTML)

    found |= {
        "/": made("居民点单", "/", Html((HERE / "home.html").read_text("utf-8")), language="zh-CN"),
        "/docs": made("API", "/docs", openapi.body(api)),
        "/docs/messages": made("Messages", "/docs/messages", asyncapi.body(messages)),
        "/problems": made("Problems", "/problems", problems.listed(refusals)),
        "/schemas": made("Schemas", "/schemas", _schemas(found)),
    }
    for one in refusals:
        here = f"/problems/{one['slug']}"
        found[here] = made(one["title"], here, problems.one(one, api["paths"]))
    return found, made("404", "", problems.missing())


def _files(documents: Path) -> dict[str, Content]:
    """What is served as it is."""
    found = {f"/{file.name}": Content.of(file.read_bytes(), _JSON) for file in documents.glob("*.json")}
    for file in sorted((documents / "schemas").glob("*.json")):
        found[f"/schemas/{file.name}"] = Content.of(file.read_bytes(), "application/schema+json")
    for name, media in (("style.css", "text/css; charset=utf-8"), ("icon.svg", "image/svg+xml")):
        body = (HERE / name).read_bytes()
        stem, _, suffix = name.partition(".")
        found[f"/static/{stem}-{_digest(body)}.{suffix}"] = Content.of(body, media, _FOR_EVER)
    return found


def _schemas(found: Mapping[str, Any]) -> list[Child]:
    paths = [path for path in found if path.startswith("/schemas/")]
    return [
        tag("h1", "Schemas of the messages 消息的数据结构"),
        tag("p", "JSON Schema of the body of every message. A released one never changes. Their meaning: ",
            link("/docs/messages", "messages"), "."),
        tag("ul", [tag("li", link(path, tag("code", path.rpartition("/")[2]))) for path in paths]),
    ]  # fmt: skip
