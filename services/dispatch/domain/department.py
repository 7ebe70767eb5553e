"""Departments: units outside the ladder that orders are referred to."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from services.dispatch.domain.calendar import Within
from shared.problems import RuleBroken


class UnknownDepartment(RuleBroken):
    """There is no such department."""


class Name(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    zh: str
    en: str


class Department(BaseModel):
    """`remit` are categories it usually answers for; `answer_limit` shortens the limit that the urgency gives."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    name: Name
    remit: tuple[str, ...] = ()
    answer_limit: Within | None = None


def find_department(departments: tuple[Department, ...], id: str) -> Department:
    """Raises UnknownDepartment."""
    for department in departments:
        if department.id == id:
            return department
    raise UnknownDepartment(f"{id}: there are {', '.join(one.id for one in departments)}")
