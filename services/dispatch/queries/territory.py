"""The read side: the territory, its versions and what changed between them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Self

import shapely
from pydantic import BaseModel

from services.dispatch.books import Books
from services.dispatch.domain.area import Area
from services.dispatch.domain.department import Name
from services.dispatch.domain.territory import Territory
from shared.store import Version

_MOST = 1000  # changes that are shown


class LocatedOut(BaseModel):
    """The area path of a point. In no grid: of the nearest community. `version` is that of the territory."""

    area: str
    name: Name | None
    in_no_grid: bool
    version: int


class TerritoryOut(BaseModel):
    """One version, in figures. `changed`: whether this request made it."""

    version: int
    changed: bool
    streets: int
    communities: int
    grids: int
    buildings: int
    households: int

    @classmethod
    def of(cls, territory: Territory, *, changed: bool) -> Self:
        return cls(version=territory.version, changed=changed, **territory.summary())


class ByWhomOut(BaseModel):
    role: str
    id: str


class VersionOut(BaseModel):
    number: int
    at: datetime
    by: ByWhomOut


class VersionsOut(BaseModel):
    """Newest first. `next`: put it into `before` for those before."""

    items: list[VersionOut]
    next: int | None

    @classmethod
    def of(cls, versions: Sequence[Version]) -> Self:
        items = [
            VersionOut(number=one.number, at=one.at, by=ByWhomOut(role=one.by.role, id=one.by.id))
            for one in versions
        ]
        return cls(items=items, next=items[-1].number if items and items[-1].number > 1 else None)


class ChangeOut(BaseModel):
    """`square_metres`: what belongs to one of the two shapes and not to both."""

    code: str
    what: Literal["added", "removed", "reshaped", "renamed"]
    square_metres: float | None = None


class ChangesOut(BaseModel):
    """What is different in `version`, compared with `since`. `count` may be more than is shown."""

    version: int
    since: int
    count: int
    items: list[ChangeOut]


def located(territory: Territory, longitude: float, latitude: float) -> LocatedOut:
    """Raises OutsideTerritory."""
    found = territory.locate(longitude, latitude)
    return LocatedOut(
        area=found.area,
        name=territory.name_of(found.area),
        in_no_grid=found.in_no_grid,
        version=found.version,
    )


async def changes_between(books: Books, version: int, since: int) -> ChangesOut:
    """Raises NotFound."""
    new, old = await books.version(version), await books.version(since)
    found = []
    for code in sorted(new.areas.keys() | old.areas.keys()):
        change = _change(code, new.areas.get(code), old.areas.get(code), new)
        if change is not None:
            found.append(change)
    return ChangesOut(version=version, since=since, count=len(found), items=found[:_MOST])


def _change(code: str, now: Area | None, before: Area | None, territory: Territory) -> ChangeOut | None:
    """`renamed` stands for everything that is said of an area besides where it is."""
    if now is None or before is None:
        return ChangeOut(code=code, what="added" if before is None else "removed")
    if now.feature == before.feature:
        return None
    if now.shape != before.shape:
        moved = None
        if now.shape is not None and before.shape is not None:
            moved = round(territory.square_metres(shapely.symmetric_difference(now.shape, before.shape)), 1)
        return ChangeOut(code=code, what="reshaped", square_metres=moved)
    return ChangeOut(code=code, what="renamed")
