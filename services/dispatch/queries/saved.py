"""Filters that somebody keeps under a name. They are the person's own: nobody else sees or changes them."""

from __future__ import annotations

from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import BaseModel

from services.dispatch.queries.views import SavedFilterOut, SavedFiltersOut
from shared.caller import Caller
from shared.contracts.message import copied
from shared.problems import RuleBroken
from shared.store import Documents

MOST = 50


class TooManyFilters(RuleBroken):
    """You keep as many filters as one can; remove one first."""


class SavedFilter(BaseModel):
    """`query` is what the address of the list would say."""

    person: str
    name: str
    query: dict[str, str]


class SavedFilters:
    """One document for each filter, so that two devices at once do not undo one another."""

    def __init__(self, documents: Documents[SavedFilter]) -> None:
        self._documents = documents

    async def of(self, caller: Caller) -> SavedFiltersOut:
        page = await self._documents.page({"value.person": _person(caller)}, limit=MOST)
        items = [copied(SavedFilterOut, one) for one in page.items]
        return SavedFiltersOut(items=sorted(items, key=lambda one: one.name))

    async def keep(self, caller: Caller, name: str, query: dict[str, str]) -> SavedFilterOut:
        """Raises TooManyFilters."""
        kept = await self.of(caller)
        if len(kept.items) >= MOST and all(one.name != name for one in kept.items):
            raise TooManyFilters(f"{MOST} filters")
        value = SavedFilter(person=_person(caller), name=name, query=query)
        await self._documents.put(_id(caller, name), value)
        return SavedFilterOut(name=name, query=query)

    async def remove(self, caller: Caller, name: str) -> None:
        """Removing what is not there is fine: it is not there."""
        await self._documents.remove(_id(caller, name))


def _person(caller: Caller) -> str:
    """Staff take their filters along into another area; an officer of a department is known by the department."""
    office = f"{len(caller.department)}:{caller.department}:" if caller.department else ""
    return f"{caller.role}:{office}{caller.id}"


def _id(caller: Caller, name: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"{_person(caller)}:{name}")
