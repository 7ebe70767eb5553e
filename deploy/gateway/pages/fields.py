"""Fields of a JSON Schema as a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from deploy.docs.shape import words
from deploy.gateway.pages.html import Child, Html, link, prose, table, tag

Schema = Mapping[str, Any]


def kind(schema: Schema, refer: Callable[[str], str]) -> list[Child]:
    """The type in words; names of other schemas are links to `refer(name)`."""
    return [
        link(refer(word.ref), word.text) if word.ref else tag("code", word.text) if word.code else word.text
        for word in words(schema)
    ]


def fields(schema: Schema, refer: Callable[[str], str]) -> Html:
    """Name, type, meaning. A name with a star must be given."""

    def rows() -> Iterator[list[Child]]:
        required = schema.get("required", ())
        for name, shape in schema.get("properties", {}).items():
            star = tag("b", "*", class_="must", title="must be given") if name in required else None
            yield [[tag("code", name), star], kind(shape, refer), prose(shape.get("description", ""))]

    return table(("field", "type", "meaning"), rows())


def values(schema: Schema) -> Html | None:
    """The values of an enumeration."""
    if "enum" not in schema:
        return None
    return tag("p", [[tag("code", str(one)), " "] for one in schema["enum"]])
