"""Who acts: a role with an id, and the part of the world it may touch."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class Role(StrEnum):
    """The roles of the token's `role` claim."""

    RESIDENT = "resident"
    BUILDING_LEADER = "building_leader"
    GRID_WORKER = "grid_worker"
    COMMUNITY = "community"
    STREET = "street"
    DISTRICT = "district"
    DEPARTMENT = "department"
    PARTNER = "partner"
    OPERATOR = "operator"
    SYSTEM = "system"  # what time or another list does; no token has it


STAFF = (Role.GRID_WORKER, Role.COMMUNITY, Role.STREET, Role.DISTRICT)


class By(NamedTuple):
    """Who did it, as histories and messages name them: never more than a role and an id."""

    role: str
    id: str


@dataclass(frozen=True, slots=True)
class Caller:
    """A person or a program whose token was checked.

    `area` is a path prefix (staff), `partner` and `department` are ids; each is None for roles without that scope.
    `until` is when the token is no longer good, in seconds since the epoch. Who acts for somebody who is away
    (`stands_in_for`) has their role and area in the place of their own.
    """

    id: str
    role: Role
    area: str | None = None
    partner: str | None = None
    department: str | None = None
    until: float = field(default=math.inf, compare=False)
    stands_in_for: str | None = None

    @property
    def by(self) -> By:
        return By(self.role.value, self.id)

    @property
    def seat(self) -> str:
        """Whose what they take becomes: their own, or of whom they stand in for."""
        return self.stands_in_for or self.id

    @property
    def ids(self) -> frozenset[str]:
        """All that they are known as: in person, as whom they stand in for, as their partner or department."""
        known = (self.id, self.stands_in_for, self.partner, self.department)
        return frozenset(one for one in known if one is not None)

    def covers(self, area: str) -> bool:
        """Whether an area path lies in the caller's own area."""
        return self.area is not None and lies_in(area, self.area)


def lies_in(area: str, within: str) -> bool:
    """Whether an area path is that area or something below it."""
    return f"{area}/".startswith(f"{within}/")


def above(area: str) -> list[str]:
    """An area path with everything it lies in, the widest first."""
    codes = area.split("/")
    return ["/".join(codes[: depth + 1]) for depth in range(len(codes))]


def system(name: str) -> Caller:
    """The caller that clocks and reactions act as."""
    return Caller(name, Role.SYSTEM)
