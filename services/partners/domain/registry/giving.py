"""What a partner can give is added, changed and taken back by its members. What is promised stays promised."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from services.partners.domain.registry.members import must_be_of
from services.partners.domain.registry.partner import Registered
from services.partners.domain.registry.refusals import AreaNotServed, TooManyResources
from services.partners.domain.registry.resource import Resource
from shared.caller import Caller
from shared.problems import NotFound

_MOST = 200  # as many as a partner takes
_THINGS_KEPT = 1000


def add_resource(partner: Registered, resource: Resource, *, by: Caller, at: datetime) -> Registered:
    """Under an id that none of its resources ever had. The same twice is one."""
    must_be_of(partner, by)
    _must_be_served(partner, resource)
    if any(one.model_copy(update={"id": resource.id}) == resource for one in partner.resources):
        return partner
    if len(partner.resources) >= _MOST:
        raise TooManyResources(most=_MOST)
    taken = [int(one.id[1:]) for one in partner.resources if one.id[1:].isdecimal()]
    n = max(partner.resources_made, *taken, 0) + 1
    made = resource.model_copy(update={"id": f"r{n}"})
    after = partner.but(resources=(*partner.resources, made), resources_made=n)
    return after.noted(by, at, f"resource_added:{made.id}")


def change_resource(
    partner: Registered, id: str, resource: Resource, *, by: Caller, at: datetime
) -> Registered:
    """A quantity may become less than what is promised: then nothing of it is free."""
    must_be_of(partner, by)
    before = _own(partner, id)
    _must_be_served(partner, resource)
    after = resource.model_copy(update={"id": id})
    if after == before:
        return partner
    resources = tuple([after if one is before else one for one in partner.resources])
    gone = [thing for thing in before.things if thing not in after.things]
    return partner.but(resources=resources, withdrew=_with(partner, gone)).noted(
        by, at, f"resource_changed:{id}"
    )


def withdraw_resource(partner: Registered, id: str, *, by: Caller, at: datetime) -> Registered:
    """It is not offered any more; what was promised of it stays promised. Raises NotFound."""
    must_be_of(partner, by)
    gone = _own(partner, id)
    numbers = [int(id[1:])] if id[1:].isdecimal() else []
    return partner.but(
        resources=tuple([one for one in partner.resources if one is not gone]),
        resources_made=max(partner.resources_made, *numbers, 0),
        withdrew=_with(partner, gone.things),
    ).noted(by, at, f"resource_withdrawn:{id}")


def _with(partner: Registered, things: Iterable[str]) -> tuple[str, ...]:
    """What is promised of it stays a limit of what may be promised."""
    return tuple(dict.fromkeys((*partner.withdrew, *things)))[-_THINGS_KEPT:]


def _own(partner: Registered, id: str) -> Resource:
    for one in partner.resources:
        if one.id == id:
            return one
    raise NotFound


def _must_be_served(partner: Registered, resource: Resource) -> None:
    if not partner.serves(resource.area):
        raise AreaNotServed(resource.area, areas=list(partner.areas))
