"""What a partner has, what of it is promised, and what is free. Counted from its claims whenever somebody must know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.partners.domain.call import Written
from services.partners.domain.claim import FUNDS, Claim, Pledged
from services.partners.domain.registry.partner import Partner
from services.partners.domain.registry.resource import Key, Resource, keys_of
from services.partners.domain.states import ENDED, ClaimState
from shared.caller import lies_in


@dataclass(frozen=True, slots=True)
class Carried:
    """A claim of a partner, on whatever call. `forgiven`: an appeal was upheld against its loss."""

    order_id: UUID
    area: str
    claim: Claim
    forgiven: bool = False
    owed: Mapping[str, int] = field(default_factory=dict)  # by line, what came in and did not go back


def carried(
    order_id: UUID,
    area: str,
    claim: Claim,
    partner_id: UUID,
    *,
    forgiven: bool = False,
    record: Iterable[Written] = (),
) -> Carried:
    """A claim as this partner carries it: one that it asks to take over is carried as if it had it already."""
    owed: dict[str, int] = {}
    for one in record:
        if one.claim_id == claim.claim_id:
            owed[one.line] = owed.get(one.line, 0) + one.received
    if claim.partner_id != partner_id and claim.takeover is not None:
        claim = claim.but(partner_id=partner_id, at=claim.takeover.at)
    return Carried(order_id, area, claim, forgiven, owed)


@dataclass(slots=True)
class Stock:
    """One resource on one day: `free = declared - reserved - used`, never below zero."""

    resource: Resource
    reserved: int = 0  # promised by claims that are active
    used: int = 0  # given, in this period; goods for ever

    @property
    def free(self) -> int:
        return max(0, self.resource.quantity - self.reserved - self.used)

    def gives(self, line: Pledged, area: str) -> bool:
        """Whether the line could be met from it: the same kind of thing, in the same unit, where it is given."""
        own = self.resource
        same = own.kind == line.kind and own.unit == line.unit and lies_in(area, own.area)
        return same and (line.kind == FUNDS or _code(line.name) in own.codes)


def reserve_of(partner: Partner, carried: Iterable[Carried], at: datetime) -> tuple[Stock, ...]:
    """What the partner has of each resource that can be had that day. `at` says by its zone which day, month and year.

    Claims are met in the order in which they were made, each from the first resource that has something left.
    """
    stocks = tuple(Stock(one) for one in partner.resources if one.is_there_on(at.date()))
    for one in sorted(carried, key=lambda one: (one.claim.at, one.claim.claim_id)):
        for line in one.claim.lines:
            _draw(stocks, line, one, at)
    return stocks


def drawn_since(partner: Partner, at: datetime) -> dict[Key, datetime | None]:
    """By what can be asked for, since when a claim must have ended that can leave less of it; None: ever.

    What was given before came back with the month or the year (of the zone of `at`): it changes nothing in
    `reserve_of`.
    """
    year = at.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    begins = {"once": None, "year": year, "month": year.replace(month=at.month)}
    found: dict[Key, datetime | None] = {}
    for one in partner.resources:
        if not one.is_there_on(at.date()):
            continue
        since = begins[one.per]
        for key in keys_of(one):
            known = found.get(key, since)
            found[key] = None if known is None or since is None else min(known, since)
    return found


def thing_of(line: Pledged) -> str:
    """What a line asks for, in the words of `Resource.things`."""
    return FUNDS if line.kind == FUNDS else f"{line.kind}|{_code(line.name)}"


def free_for(stocks: Iterable[Stock], line: Pledged, area: str) -> int | None:
    """How much of a line is free; None when nothing of that sort was declared."""
    own = [stock for stock in stocks if stock.gives(line, area)]
    return sum(stock.free for stock in own) if own else None


def take(stocks: Iterable[Stock], line: Pledged, area: str) -> None:
    """Set it aside, so that the next line of the same claim finds less."""
    left = line.amount
    for stock in stocks:
        if stock.gives(line, area):
            part = min(left, stock.free)
            stock.reserved, left = stock.reserved + part, left - part


def _draw(stocks: Iterable[Stock], line: Pledged, one: Carried, at: datetime) -> None:
    over = one.claim.state in ENDED
    # What was received of a claim that ended is gone until it is returned.
    left = one.owed.get(line.name, 0) if over else line.amount
    for stock in stocks:
        if not stock.gives(line, one.area):
            continue
        if one.claim.state is ClaimState.ACTIVE:
            part = min(left, stock.free)
            stock.reserved += part
        else:
            came_back = _came_back(stock.resource, one.claim, at)
            part = min(left, stock.resource.quantity if came_back else stock.free)
            stock.used += 0 if came_back else part
        left -= part


def _came_back(resource: Resource, claim: Claim, at: datetime) -> bool:
    """Whether what was given can be had again: hours and money come anew with the month or the year."""
    if resource.per == "once" or claim.ended_at is None:
        return False
    then = claim.ended_at.astimezone(at.tzinfo)
    return then.year != at.year or (resource.per == "month" and then.month != at.month)


def _code(name: str) -> str:
    """`rack-2` is the second line of a need that was named `rack`; codes have no hyphen."""
    return name.partition("-")[0]
