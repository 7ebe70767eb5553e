"""A unit that is asked to act: a level of the ladder by its area, or a department by its id."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from services.dispatch.domain.clocks.limits import Limit, Limits
from services.dispatch.domain.ground.department import Department, find_department
from services.dispatch.domain.states import Level
from shared.calendar import Allowance, Term, allowance
from shared.caller import Caller


class Unit(NamedTuple):
    """`id` is the area path of a level, or the id of a department; `level` is None for a department."""

    id: str
    level: Level | None = None
    answer_limit: Allowance | None = None

    def term(self, urgency: str, category: str, at: datetime, limits: Limits) -> Term:
        """When it must have answered what it is asked now; a department may promise to be sooner."""
        department = None if self.level else self.id
        usual = limits.term(
            Limit.ANSWER, at, urgency=urgency, category=category, level=self.level, department=department
        )
        return (
            limits.calendar.term(at, *map(allowance, usual.allowed), self.answer_limit)
            if self.answer_limit
            else usual
        )


def find_unit(name: str, departments: tuple[Department, ...], area: str) -> Unit:
    """`community`, `street` or `district` is that level of the area; anything else a department.

    Raises UnknownDepartment.
    """
    if name in tuple(Level):
        level = Level(name)
        return Unit(level.of(area), level)
    department = find_department(departments, name)
    return Unit(department.id, None, department.answer_limit)


def unit_called(name: str, area: str) -> str:
    """The id of the unit that is called by this name, whether or not it is there."""
    return Level(name).of(area) if name in tuple(Level) else name


def find_units(names: tuple[str, ...], departments: tuple[Department, ...], area: str) -> tuple[Unit, ...]:
    """Raises UnknownDepartment."""
    return tuple(find_unit(name, departments, area) for name in names)


def with_departments(known: tuple[str, ...], *units: Unit) -> tuple[str, ...]:
    """Ids of departments, with those of these units that are departments: each once, in order."""
    return tuple(dict.fromkeys((*known, *(unit.id for unit in units if unit.level is None))))


def acts_for(by: Caller, unit: str) -> bool:
    """Whether the caller is of this unit."""
    return unit in (by.department, by.area)
