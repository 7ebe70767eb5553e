"""Whoever writes free text is told who reads it: every such field of a command says so in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from deploy.docs.openapi import of_service
from services.dispatch.domain.words import Noted
from services.partners.domain.words import STAYS_WITH_PARTNER
from shared.command import READ_AT_WORK, READ_IN_PUBLIC, STAYS_WITH_STAFF

READERS = {
    "dispatch": (READ_IN_PUBLIC, STAYS_WITH_STAFF),
    "partners": (READ_IN_PUBLIC, STAYS_WITH_STAFF, STAYS_WITH_PARTNER),
    "intake": (READ_IN_PUBLIC, STAYS_WITH_STAFF, READ_AT_WORK),
    "evaluation": (STAYS_WITH_STAFF,),
}
# Strings that are no words: where the next page begins, an exact number, a time, what an amount is counted in.
NO_WORDS = {"ApplyTerritory.cursor", "HouseholdIn.area", "PutDepartment.answer_limit", "NeedLineIn.unit"}
BOUNDED = {"pattern", "format", "enum", "const"}  # what has one of these is no free text


class Walk:
    """Through what the bodies of a service's requests may say, each schema once."""

    def __init__(self, service: str) -> None:
        self._document: dict[str, Any] = of_service(service)
        self.found: dict[str, str] = {}  # each field that takes any words, and its description
        self._seen: set[str] = set()
        for path in self._document["paths"].values():
            for operation in path.values():
                for content in operation.get("requestBody", {}).get("content", {}).values():
                    self._into(content["schema"], operation["operationId"], "")

    def _into(self, schema: dict[str, Any], path: str, said: str) -> None:
        name = schema.get("$ref", "").rpartition("/")[2]
        if name in self._seen:
            return
        if name:
            self._seen.add(name)
            self._into(self._document["components"]["schemas"][name], name, "")
        said = schema.get("description", said)
        if schema.get("type") == "string" and BOUNDED.isdisjoint(schema):
            self.found[path] = said
        for one in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *_items(schema)):
            self._into(one, path, said)
        for field, one in schema.get("properties", {}).items():
            self._into(one, f"{path}.{field}", "")
        if isinstance(schema.get("additionalProperties"), dict):
            self._into(schema["additionalProperties"], f"{path}.*", "")


def _items(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "items" in schema:
        yield schema["items"]


def free_text(service: str) -> dict[str, str]:
    return Walk(service).found


@pytest.mark.parametrize("service", READERS)
def test_every_free_text_says_who_reads_it(service: str) -> None:
    unsaid = [
        name
        for name, said in free_text(service).items()
        if name not in NO_WORDS and not said.startswith(READERS[service])
    ]
    assert not unsaid, f"who reads {sorted(unsaid)}? Use PublicNote, StaffNote, … or a description"


def test_no_word_is_excused_for_nothing() -> None:
    assert free_text("dispatch").keys() | free_text("partners").keys() >= NO_WORDS


@pytest.mark.parametrize("service", READERS)
def test_a_note_is_never_public_and_a_public_note_always(service: str) -> None:
    for name, said in free_text(service).items():
        field = name.rpartition(".")[2]
        if field == "note":
            assert said.startswith(READERS[service][1:]), name
        if field == "public_note":
            assert said == READ_IN_PUBLIC, name


def test_where_residents_read_something_the_staff_can_add_what_they_do_not() -> None:
    """Every command on a dispatch that takes public words takes a note as well: it has it from one class."""
    public = {
        name.partition(".")[0] for name, said in free_text("dispatch").items() if said == READ_IN_PUBLIC
    }
    parts = {"NameIn", "ContactIn", "LineIn", "TaskIn"}  # of a command, or of a register that everybody reads
    assert public - parts <= {one.__name__ for one in _below(Noted)}


def _below(kind: type[Noted]) -> Iterator[type[Noted]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)
