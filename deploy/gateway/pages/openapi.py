"""/docs: every address of the API, from openapi.json."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from deploy.gateway.pages.fields import fields, kind, values
from deploy.gateway.pages.html import Child, Html, breakable, link, paragraphs, prose, table, tag

Document = Mapping[str, Any]

_SLUG = re.compile(r"`([a-z][a-z-]*)`: ")
_SAMPLES = {
    "uuid": "00000000-0000-0000-0000-000000000000",
    "date": "2026-07-21",
    "date-time": "2026-07-21T08:00:00Z",
}
# Of the demonstration, so that the request can really be tried.
_KNOWN: Mapping[str, Any] = {
    "category": "sewage_pipe",
    "department": "sewage",
    "latitude": 36.0927,
    "longitude": 120.3638,
}


def anchor(method: str, path: str) -> str:
    """Where an operation stands on the page: of `POST` and `/api/intake/v1/orders`."""
    return f"{method.lower()}{re.sub(r'[^a-z0-9]+', '-', path.lower())}".rstrip("-")


def body(document: Document) -> list[Child]:
    schemas = document["components"]["schemas"]
    return [
        tag("h1", "API 接口"),
        paragraphs(document["info"]["description"]),
        _how(),
        [_group(document, entry, schemas) for entry in document["tags"]],
        tag("h2", "Schemas 数据结构", id="schemas"),
        tag("p", "A field with a star must be given. Money is in fen, times are in UTC, places are WGS-84."),
        [_schema(name, schema) for name, schema in schemas.items()],
    ]


def _how() -> Html:
    said = (
        "Send the token as `Authorization: Bearer …`. What is open to everybody needs none.",
        "With an `Idempotency-Key` a POST may be repeated: the answer is the same.",
        "Lists come in pages: put `next` into the next request as `cursor`.",
        "An entry has an `ETag`; with `If-Match` nothing is decided on old news.",
    )
    refusals = tag("li", "Refusals are problem documents: ", link("/problems", "all of them"), ".")
    return tag("ul", [tag("li", prose(one)) for one in said], refusals)


def _refer(name: str) -> str:
    return f"#schema-{name}"


def _group(document: Document, entry: Mapping[str, str], schemas: Document) -> list[Child]:
    found = [
        _operation(method, path, operation, schemas)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if entry["name"] in operation.get("tags", ())
    ]
    return [
        tag("h2", entry["name"], tag("small", f" {entry['description']}"), id=f"tag-{entry['name']}"),
        found,
    ]


def _operation(method: str, path: str, operation: Document, schemas: Document) -> Html:
    said = " ".join(operation.get("description", operation.get("summary", "")).split(" "))
    first, _, rest = said.partition("\n\n")
    asked = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    return tag(
        "details",
        tag(
            "summary",
            tag("span", method.upper(), class_=f"method {method}"),
            tag("code", breakable(path, "/"), class_="path"),
            tag("span", prose(first), class_="says"),
        ),
        tag(
            "div",
            paragraphs(rest),
            _parameters(operation.get("parameters", ())),
            _asked(asked, schemas) if asked else None,
            tag("h4", "Answers"),
            table(("status", "meaning"), _answers(operation["responses"])),
            tag("h4", "Try it"),
            tag("pre", tag("code", _curl(method, path, operation, asked, schemas))),
        ),
        id=anchor(method, path),
    )


def _parameters(parameters: Any) -> list[Child]:
    rows = [
        [
            [tag("code", one["name"]), tag("b", "*", class_="must") if one.get("required") else None],
            one["in"],
            kind(one["schema"], _refer),
            prose(one.get("description", "")),
        ]
        for one in parameters
    ]
    return [tag("h4", "Parameters"), table(("name", "in", "type", "meaning"), rows)] if rows else []


def _asked(schema: Document, schemas: Document) -> list[Child]:
    name = schema.get("$ref", "").rpartition("/")[2]
    whole = schemas.get(name, schema)
    return [
        tag("h4", "Body: ", link(_refer(name), name)) if name else tag("h4", "Body"),
        paragraphs(whole.get("description", "")),
        fields(whole, _refer),
    ]


def _answers(responses: Document) -> Iterator[list[Child]]:
    for status, answer in sorted(responses.items()):
        says = answer.get("description", "")
        if slugs := _SLUG.findall(says):
            titles = _SLUG.split(says)[2::2]
            meaning: Child = [
                tag("div", link(f"/problems/{slug}", tag("code", slug)), " ", prose(title.strip()))
                for slug, title in zip(slugs, titles, strict=True)
            ]
        else:
            forms = answer.get("content", {})
            meaning = [
                [tag("div", kind(form["schema"], _refer) if form.get("schema") else tag("code", name))]
                for name, form in forms.items()
            ] or prose(says)
        yield [status, meaning]


def _schema(name: str, schema: Document) -> Html:
    return tag(
        "section",
        tag("h3", name),
        paragraphs(schema.get("description", "")),
        values(schema),
        fields(schema, _refer),
        id=f"schema-{name}",
    )


def _curl(method: str, path: str, operation: Document, asked: Document | None, schemas: Document) -> str:
    lines = ["curl" if method == "get" else f"curl -X {method.upper()}"]
    if "text/event-stream" in operation["responses"].get("200", {}).get("content", {}):
        lines[0] += " -N"
    lines[0] += f' "$HEHUO{path}"'
    lines.append('-H "Authorization: Bearer $TOKEN"')
    if method == "post":
        lines.append('-H "Idempotency-Key: $(uuidgen)"')
    if asked:
        lines.append("-H 'Content-Type: application/json'")
        lines.append(f"-d '{json.dumps(sample(asked, schemas), ensure_ascii=False)}'")
    return " \\\n  ".join(lines)


def sample(schema: Document, schemas: Document) -> Any:
    """Something of this form: what must be given, and no more."""
    if "$ref" in schema:
        return sample(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if options := schema.get("anyOf"):
        return sample(options[0], schemas)
    for given in ("default", "const"):
        if given in schema:
            return schema[given]
    return schema["enum"][0] if "enum" in schema else _sample_of_type(schema, schemas)


def _sample_of_type(schema: Document, schemas: Document) -> Any:
    match schema.get("type"):
        case "object":
            fields = schema.get("properties", {})
            required = schema.get("required", ())
            return {name: _KNOWN.get(name, sample(fields[name], schemas)) for name in required}
        case "array":
            return [sample(schema["items"], schemas)] if schema.get("minItems") else []
        case "integer" | "number":
            return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
        case "boolean":
            return True
        case _:
            return _SAMPLES.get(schema.get("format", ""), "…")
