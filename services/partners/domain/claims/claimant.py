"""Who claims: what keeps one partner from taking more than it can carry, too soon again, or what is its own matter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.partners.domain.call import Call
from services.partners.domain.claim import Claim, Pledged
from services.partners.domain.claims.refusals import (
    CoolingDown,
    HoldsTooMany,
    NotDeclared,
    OwnMatter,
    ReserveTooSmall,
    TooFewFinished,
)
from services.partners.domain.claims.reserve import Carried, free_for, reserve_of, take, thing_of
from services.partners.domain.registry.partner import Partner
from services.partners.domain.registry.refusals import AreaNotServed
from services.partners.domain.states import ClaimState, Ending
from services.partners.domain.terms import Terms
from shared.caller import lies_in

_BACK = (Ending.GIVEN_BACK, Ending.TAKEN_BACK, Ending.FORCED, Ending.TAKEN_OVER)


@dataclass(frozen=True, slots=True)
class Claimant:
    """A partner that asks for lines of a call. `carries`: its claims on all calls, ended ones too that still matter."""

    partner: Partner
    carries: tuple[Carried, ...] = ()
    person: str | None = None  # id of who asks for it
    people: frozenset[str] = frozenset()  # ids of whoever acts for it, and of its unit
    withdrew: frozenset[str] = frozenset()  # things of resources that it took back
    homes: tuple[tuple[str, str], ...] = ()  # area and flat of its people

    @property
    def held(self) -> int:
        return sum(one.claim.state is ClaimState.ACTIVE for one in self.carries)


def must_be_free_to_claim(call: Call, by: Claimant, at: datetime, terms: Terms) -> None:
    """What the call itself shows. Raises AreaNotServed, OwnMatter, CoolingDown."""
    named = str(by.partner.id) in call.offered_to  # it was asked by name
    if not (terms.elsewhere_allowed or named or by.partner.serves(call.area)):
        raise AreaNotServed(call.area, areas=list(by.partner.areas), **call.now())
    if not terms.own_matter_allowed and _is_own(call, by):
        raise OwnMatter(**call.now())
    lost = [
        one.ended_at + _pause(one.ending, terms)
        for one in call.claims
        if one.partner_id == by.partner.id and one.ended_at is not None and one.ending in _BACK
    ]
    if lost and at < max(lost):
        raise CoolingDown(again_at=max(lost).isoformat(), **call.now())


def must_carry(call: Call, lines: tuple[Pledged, ...], by: Claimant, at: datetime, terms: Terms) -> None:
    """What its other claims leave. Raises HoldsTooMany, TooFewFinished, NotDeclared, ReserveTooSmall."""
    if by.held >= terms.held_most:
        raise HoldsTooMany(f"{by.held} are in your hands", **call.now())
    _must_finish_enough(call, by, at, terms)
    stocks = reserve_of(by.partner, by.carries, at.astimezone(terms.zone))
    for line in lines:
        free = free_for(stocks, line, call.area)
        if free is None:
            if _was_declared(line, by):
                raise ReserveTooSmall(f"{line.name}: 0 free", free={line.name: 0}, **call.now())
            if not terms.undeclared_allowed:
                raise NotDeclared(line.name, **call.now())
            continue
        if line.amount > free:
            raise ReserveTooSmall(f"{line.name}: {free} free", free={line.name: free}, **call.now())
        take(stocks, line, call.area)


def _must_finish_enough(call: Call, by: Claimant, at: datetime, terms: Terms) -> None:
    """Of the orders that ended lately, each once: what is long past, or was forgiven, keeps nobody out."""
    since = at - terms.finished_within
    lately = [one for one in by.carries if one.claim.ended_at is not None and one.claim.ended_at > since]
    finished = len({one.order_id for one in lately if one.claim.state is ClaimState.FULFILLED})
    lost = {one.order_id for one in lately if is_lost(one.claim) and not one.forgiven}
    ended = finished + len(lost)
    if ended >= terms.finished_from and finished * 100 < ended * terms.finished_least:
        raise TooFewFinished(f"{finished} of {ended} were finished", **call.now())


def is_lost(claim: Claim) -> bool:
    """Whether it ended without being finished, and not because the call did."""
    return claim.ending in _BACK


def finished_enough(lost: int, terms: Terms) -> int | None:
    """So many finished orders let a partner claim, however many more there are; None: no number does."""
    least = terms.finished_least
    if least == 100:
        return None
    return max(terms.finished_from, -(-lost * least // (100 - least)))


def _was_declared(line: Pledged, by: Claimant) -> bool:
    """Who says how much it has of a thing promises no more of it: not in another unit, nor after it took that back."""
    thing = thing_of(line)
    if any(thing in one.things for one in by.partner.resources):
        return True
    held = [one.claim for one in by.carries if one.claim.state is ClaimState.ACTIVE]
    promised = [thing_of(own) for claim in held for own in claim.lines]
    return thing in by.withdrew and thing in promised


def _is_own(call: Call, by: Claimant) -> bool:
    if by.people & set(call.own_of):
        return True
    return any(flat in call.households and lies_in(call.area, area) for area, flat in by.homes)


def _pause(ending: Ending | None, terms: Terms) -> timedelta:
    return terms.cool_down_forced if ending is Ending.FORCED else terms.cool_down
