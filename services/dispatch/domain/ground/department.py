"""Departments: units outside the ladder that orders are referred to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, StringConstraints

from services.dispatch.domain.states import Level
from services.dispatch.domain.words import Name
from shared.calendar import Within
from shared.command import READ_IN_PUBLIC, Code, Command, Note
from shared.entry import Kept
from shared.problems import RuleBroken


def names_no_level(id: str) -> str:
    """Where a unit is named, that would be the level of the area. Raises ValueError."""
    if id in tuple(Level):
        raise ValueError("this is the name of a level")
    return id


class UnknownDepartment(RuleBroken):
    """There is no such department."""


class DepartmentInUse(RuleBroken):
    """Somebody waits for this department: a routing rule hands orders to it, or open orders need a successor.

    `rules` are those rules, or `orders` the first of those orders.
    """


class Contact(Kept):
    """How to reach the office itself: of a unit, never of a person. It is shown, and stands in no event and no log."""

    phone: Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 -]{2,18}[0-9]$")] | None = None
    address: Annotated[Note, Field(description=READ_IN_PUBLIC)] = ""
    hours: Annotated[Note, Field(description=READ_IN_PUBLIC)] = ""  # as people say it


class Department(Kept):
    """`remit` are categories it usually answers for; `answer_limit` shortens the limit that the urgency gives."""

    id: Code
    name: Name
    remit: tuple[Code, ...] = ()
    contact: Contact = Contact()
    answer_limit: Within | None = None
    version: int = 1  # rises with every change
    deleted: bool = False  # kept so that its id is never used again


class ContactIn(Contact, Command):
    """How to reach the office itself."""


class NameIn(Name, Command):
    """Chinese, and English where there is a name."""


class PutDepartment(Command):
    """A department as it shall be."""

    name: NameIn
    remit: Annotated[tuple[Code, ...], Field(max_length=200)] = ()
    contact: ContactIn = ContactIn()
    answer_limit: Within | None = None


def find_department(departments: Sequence[Department], id: str) -> Department:
    """Raises UnknownDepartment."""
    for department in departments:
        if department.id == id:
            return department
    raise UnknownDepartment(f"{id}: there are {', '.join(one.id for one in departments)}")
