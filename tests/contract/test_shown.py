"""Nothing that dispatch tells is shown to a department before somebody has said that it may be."""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from pydantic import BaseModel

from services.dispatch.queries.told import COUNTED, HIDDEN, SHOWN, happened_for
from shared.caller import Caller, Role
from shared.contracts.message import Message
from tests.contract.told import MESSAGES, golden, named

DISPATCH = [message for message in MESSAGES if message.sender == "dispatch"]
DEPARTMENT = Caller("d", Role.DEPARTMENT, department="sewage")
WORKER = Caller("w", Role.GRID_WORKER, area="370203")


def _fields(kind: Any) -> Iterator[str]:
    """The names of a model's fields, and of those of its parts."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            yield name
            yield from _fields(field.annotation)
    elif get_origin(kind) in (tuple, list, dict, Union, UnionType, Annotated):
        for one in get_args(kind):
            yield from _fields(one)


def _event(message: type[Message], by: str = "grid_worker") -> dict[str, Any]:
    body = golden(message)["body"]
    return {**body, "type": message.type(), "by": {"role": by, "id": "somebody"}}


@pytest.mark.parametrize("message", DISPATCH, ids=named)
def test_somebody_has_said_of_each_field_whether_a_department_may_read_it(message: type[Message]) -> None:
    unsaid = set(_fields(message)) - SHOWN - HIDDEN
    assert not unsaid, f"is a department shown {sorted(unsaid)}? Say so in services/dispatch/queries/told.py"


@pytest.mark.parametrize("message", DISPATCH, ids=named)
def test_a_department_is_shown_what_may_be_shown_and_staff_all_of_it(message: type[Message]) -> None:
    event = _event(message)
    assert happened_for(event, WORKER).data == event["data"]
    shown = happened_for(event, DEPARTMENT).data
    hidden = HIDDEN & event["data"].keys() if message.name not in COUNTED else set()
    assert shown == {name: value for name, value in event["data"].items() if name not in hidden}


def test_nothing_that_is_hidden_is_shown() -> None:
    assert not SHOWN & HIDDEN


def test_what_counts_households_counts_and_names_none() -> None:
    for message in DISPATCH:
        if message.name in COUNTED:
            assert message.model_fields["households"].annotation is int


@pytest.mark.parametrize("role", Role)
def test_a_department_reads_ids_of_offices_and_of_nobody_else(role: Role) -> None:
    event = _event(DISPATCH[0], by=role.value)
    office = role in (*_STAFF, Role.DEPARTMENT, Role.SYSTEM)
    assert happened_for(event, DEPARTMENT).by.id == ("somebody" if office else None)
    assert happened_for(event, WORKER).by.id == "somebody"


def test_a_field_that_nobody_knows_is_hidden() -> None:
    event = _event(DISPATCH[0])
    event["data"] = {"flat": "1-101", "note": "看过", "units": [{"unit": "sewage", "flat": "1-101"}]}
    assert happened_for(event, DEPARTMENT).data == {"note": "看过", "units": [{"unit": "sewage"}]}


_STAFF = (Role.GRID_WORKER, Role.COMMUNITY, Role.STREET, Role.DISTRICT)
