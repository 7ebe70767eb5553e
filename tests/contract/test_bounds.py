"""Every number that a request may say has an end that the database can hold: beyond it would be an error of ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from deploy.docs.openapi import of_service
from shared.naming import SERVICES

_MOST = 2**63 - 1


def numbers(service: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each with where it stands: in the address, a header or a body."""
    document = of_service(service)
    schemas = document["components"]["schemas"]

    def within(
        where: str, schema: dict[str, Any], seen: tuple[str, ...] = ()
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        if name := schema.get("$ref", "").rpartition("/")[2]:
            if name not in seen:
                yield from within(name, schemas[name], (*seen, name))
            return
        if schema.get("type") in ("integer", "number") and not {"enum", "const"} & schema.keys():
            yield where, schema
        for one in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
            yield from within(where, one, seen)
        parts = {"[]": schema.get("items"), ".*": schema.get("additionalProperties")}
        parts |= {f".{field}": one for field, one in schema.get("properties", {}).items()}
        for part, one in parts.items():
            if isinstance(one, dict):
                yield from within(where + part, one, seen)

    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for asked in operation.get("parameters", ()):
                yield from within(f"{method} {path} {asked['name']}", asked["schema"])
            for content in operation.get("requestBody", {}).get("content", {}).values():
                yield from within(operation["operationId"], content["schema"])


@pytest.mark.parametrize("service", SERVICES)
def test_every_number_of_a_request_has_an_end(service: str) -> None:
    found = dict(numbers(service))
    assert found
    endless = [
        where
        for where, schema in found.items()
        if not -_MOST <= schema.get("maximum", schema.get("exclusiveMaximum", 2.0**70)) <= _MOST
    ]
    assert not endless
