"""The read side: the routing rules, which of them can never decide, and a dry run."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel

from services.dispatch.domain.ground import Ground
from services.dispatch.domain.limits import Limits
from services.dispatch.domain.routing import Routed, Routing, Rule, TryRouting, case_of, look
from services.dispatch.domain.shadow import never_match


class RoutingOut(BaseModel):
    """The rules in their order. `never_match`: rules that can never decide, and those before that do instead."""

    version: int
    rules: list[Rule]
    never_match: dict[str, list[str]]

    @classmethod
    def of(cls, routing: Routing) -> Self:
        return cls(version=routing.version, rules=list(routing.rules), never_match=never_match(routing.rules))


class LookOut(BaseModel):
    """One rule: what of it is so for this order, and what is not. It fits when nothing is not so."""

    rule: str
    fits: bool
    so: list[str]
    not_so: list[str]


class TrialOut(BaseModel):
    """`decided`: what the first rule says that fits; null: none does, and the grid (or community) has it."""

    area: str
    in_no_grid: bool
    local_time: datetime
    workday: bool
    decided: Routed | None
    looks: list[LookOut]
    never_match: dict[str, list[str]]


def trial_of(command: TryRouting, ground: Ground, limits: Limits, now: datetime) -> TrialOut:
    """Nothing is changed and nothing is kept."""
    found = ground.territory.find(command.longitude, command.latitude)
    case = case_of(
        command.category, command.urgency, found.area, command.answers, command.at or now, limits.calendar
    )
    routing = ground.routing if command.rules is None else Routing(command.rules)
    looks = [look(rule, case) for rule in routing.rules]
    return TrialOut(
        area=found.area,
        in_no_grid=found.in_no_grid,
        local_time=case.at,
        workday=case.workday,
        decided=routing.decide(case),
        looks=[
            LookOut(rule=one.rule.id, fits=not one.not_so, so=list(one.so), not_so=list(one.not_so))
            for one in looks
        ],
        never_match=never_match(routing.rules),
    )
