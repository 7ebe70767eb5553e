"""What ids are called: areas, departments and people of the staff, beside every answer that names them.

All of it is in memory. Whatever an answer shows is looked at, not fields of certain names, so none is forgotten. The
names of areas and departments are public; those of people stand in the answers that show their ids, and nowhere else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any, TypeVar
from uuid import UUID

import orjson
from pydantic import BaseModel

from services.dispatch.books import Books
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ground.area import BUILDING
from services.dispatch.domain.ground.ground import Ground
from services.dispatch.domain.words import Name
from shared.contracts.called import Called, apart, called

Names = dict[str, Called]


class WithNames(BaseModel):
    """An answer that shows ids. `names`: by id, of the areas, departments and people of the staff in it; of one order
    also of the partners that had a claim, and of officers, who are called what their department is."""

    names: Names = {}


A = TypeVar("A", bound=WithNames)


class NamesOut(BaseModel):
    """By area path and by id: the areas of the district, and the departments, also those that were deleted."""

    areas: Names
    departments: Names


class Naming:
    """What everything is called now. Made anew with each version of the territory and of the departments."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._ground: Ground | None = None
        self._known: Names = {}
        self._public = (b"", "")

    def beside(self, answer: A, dispatch: Dispatch | None = None) -> A:
        """The same answer, with the names of all that it shows; of what is in the `dispatch` also those of partners,
        and officers of departments by the name of these."""
        texts = set[str]()
        _collect(answer.__dict__.values(), texts)
        names = self.by_id(texts)
        if dispatch is not None:
            names = self._who_acted(dispatch, texts) | names
        return answer.model_copy(update={"names": names})

    def _who_acted(self, dispatch: Dispatch, shown: set[str]) -> Names:
        claims = dispatch.call.claims if dispatch.call else ()
        partners = {**{str(one.partner): one.name for one in claims}, **dispatch.partners}
        named = {id: apart(name) for id, name in partners.items()}
        offices = self.by_id(dispatch.officers.values())
        named |= {id: offices[one] for id, one in dispatch.officers.items() if one in offices}
        return {id: name for id, name in named.items() if id in shown}

    def by_id(self, ids: Iterable[Any]) -> Names:
        """By id, of those that are known; what an area was called that is gone nobody knows any more."""
        self._learn()
        known, people = self._known, self._books.register.people
        found: Names = {}
        for id in ids:
            if id in known:
                found[id] = known[id]
            elif id in people:
                found[id] = {"zh": people[id].name}
        return found

    def of_everything(self) -> tuple[bytes, str]:
        """The JSON of `NamesOut`, and its ETag: the same wherever it is the same."""
        self._learn()
        return self._public

    def _learn(self) -> None:
        ground = self._books.now
        if ground is self._ground:
            return
        offices = {one.id: _called(one.name) for one in (*ground.former, *ground.departments)}
        areas = {code: _called(one.properties.name) for code, one in ground.territory.areas.items()}
        levels = {code: areas[code] for code, one in ground.territory.areas.items() if one.kind != BUILDING}
        body = orjson.dumps({"areas": levels, "departments": offices})
        etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
        self._ground, self._known, self._public = ground, offices | areas, (body, etag)


def _called(name: Name) -> Called:
    return called(name.zh, name.en)


def _collect(parts: Iterable[Any], texts: set[str]) -> None:
    """Every text that is shown as a whole, but those of a fixed list."""
    for one in parts:
        kind = type(one)
        if kind is str:
            texts.add(one)
        elif kind is UUID:
            texts.add(str(one))
        elif kind is list or kind is tuple:
            _collect(one, texts)
        elif kind is dict:
            _collect(one.values(), texts)
        elif isinstance(one, BaseModel):
            _collect(one.__dict__.values(), texts)
