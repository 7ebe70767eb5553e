"""What ids are called: areas, departments and people of the staff, beside every answer that names them.

All of it is in memory. Whatever an answer shows is looked at, not fields of certain names, so none is forgotten. The
names of areas and departments are public; those of people stand in the answers that show their ids, and nowhere else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel

from services.dispatch.books import Books
from services.dispatch.domain.ground.area import BUILDING
from services.dispatch.domain.ground.ground import Ground
from services.dispatch.domain.words import Name
from shared.contracts.called import Called, called

Names = dict[str, Called]


class WithNames(BaseModel):
    """An answer that shows ids. `names`: by id, of the areas, departments and people of the staff in it."""

    names: Names = {}


N = TypeVar("N", bound=WithNames)


def named(answer: N, books: Books) -> N:
    """The same answer, with the names of all that it shows."""
    return answer.model_copy(update={"names": names_of(_words_in(answer), books)})


def names_of(ids: Iterable[Any], books: Books) -> Names:
    """By id, for those that are known; of areas that are gone nobody knows the name any more."""
    ground, people = books.now, books.register.people
    areas, offices = ground.territory.areas, _offices(ground)
    found: Names = {}
    for id in sorted({one for one in ids if one in areas or one in offices or one in people}):
        if area := areas.get(id):
            found[id] = _called(area.properties.name)
        else:
            found[id] = _called(offices[id]) if id in offices else called(people[id].name)
    return found


def _offices(ground: Ground) -> Mapping[str, Name]:
    """Also of those that were deleted: what they did stands under their id."""
    return {one.id: one.name for one in (*ground.former, *ground.departments)}


def _called(name: Name) -> Called:
    return called(name.zh, name.en)


def _words_in(shown: Any) -> Iterator[str]:
    """Every text that is shown as a whole, but those of a fixed list."""
    if type(shown) is str:
        yield shown
        return
    if isinstance(shown, BaseModel):
        shown = shown.__dict__
    if isinstance(shown, Mapping):
        shown = shown.values()
    elif not isinstance(shown, list | tuple):
        return
    for one in shown:
        yield from _words_in(one)


class NamesOut(BaseModel):
    """By area path and by id: the areas of the district, and the departments, also those that were deleted."""

    areas: Names
    departments: Names


class PublicNames:
    """Everybody loads them: made once for each version."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._of = (-1, -1)
        self._made = (b"", "")

    def now(self) -> tuple[bytes, str]:
        """The JSON of `NamesOut`, and its ETag: the same wherever it is the same."""
        ground = self._books.now
        of = (ground.territory.version, ground.departments_version)
        if of != self._of:
            areas = (one for one in ground.territory.areas.values() if one.kind != BUILDING)
            body = orjson.dumps(
                {
                    "areas": {one.code: _called(one.properties.name) for one in areas},
                    "departments": {id: _called(name) for id, name in _offices(ground).items()},
                }
            )
            digest = hashlib.blake2b(body, digest_size=12).hexdigest()
            self._of, self._made = of, (body, f'"{digest}"')
        return self._made
