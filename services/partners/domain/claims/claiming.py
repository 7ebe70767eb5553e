"""Taking lines of a call, and giving them back. Pledges never pass the need; an exclusive call has one winner."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid5

from pydantic import Field, model_validator

from services.partners.domain.call import Call
from services.partners.domain.claim import Claim, Epoch, Pledged
from services.partners.domain.claims.claimant import Claimant, must_be_free_to_claim, must_carry
from services.partners.domain.claims.holding import claim_of, let_go, must_be_undelivered, must_hold, taken
from services.partners.domain.claims.refusals import (
    CallOver,
    ExclusivelyTaken,
    LineTaken,
    NoSuchLine,
    NotOffered,
    PledgeTooLarge,
    TakenAsAWhole,
    TooManyClaims,
)
from services.partners.domain.states import ENDED, CallState, ClaimState, Ending
from services.partners.domain.terms import Terms
from services.partners.domain.words import Noted
from shared.command import READ_IN_PUBLIC, Command, Note
from shared.contracts.message import Part, mask
from shared.entry import Decision, decided, unchanged
from shared.problems import NotFound


class WantedLine(Part):
    """So much of one line: fen for funds, whole units for everything else."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$")]
    amount: Annotated[int, Field(strict=True, gt=0, le=2**53)]


class ClaimCall(Command):
    """Lines of the call, wholly or in part."""

    lines: Annotated[tuple[WantedLine, ...], Field(min_length=1, max_length=50)]

    @model_validator(mode="after")
    def _each_line_once(self) -> ClaimCall:
        if len({line.name for line in self.lines}) < len(self.lines):
            raise ValueError("each line may be named once")
        return self


class ReleaseClaim(Noted):
    """The partner gives its lines back, and says why."""

    reason: Annotated[Note, Field(min_length=1, description=READ_IN_PUBLIC)]
    epoch: Epoch


def claim(
    call: Call, command: ClaimCall, *, order_id: UUID, by: Claimant, at: datetime, terms: Terms
) -> Decision[Call]:
    """Give the lines to the first partner who asks in time → `claim_made`, and `call_covered` with the last line."""
    wanted = {line.name: line.amount for line in command.lines}
    partner = by.partner
    if any(own.partner_id == partner.id and own.amounts == wanted for own in call.active):
        return unchanged(call)  # asking twice is not asking for more: phones retry
    _must_be_open_to(call, partner.id, at)
    _must_fit(call, wanted, partner.id)
    must_be_free_to_claim(call, by, at, terms)
    if sum(own.partner_id == partner.id for own in call.active) >= terms.claims_of_one:
        raise TooManyClaims(f"{terms.claims_of_one} are yours", **call.now())
    call = _with_room(call, terms)
    made = _made(call, wanted, order_id=order_id, by=by, at=at)
    must_carry(call, made.lines, by, at, terms)
    after, told = taken(call, made, at, terms)
    return decided(after, *told)


def release(
    call: Call, claim_id: UUID, command: ReleaseClaim, *, partner_id: UUID, at: datetime, terms: Terms
) -> Decision[Call]:
    """The partner gives its lines back; exactly that is missing again → `claim_released`."""
    held, reason = claim_of(call, claim_id, partner_id), mask(command.reason)
    if (held.state, held.epoch, held.reason) == (ClaimState.RELEASED, command.epoch, reason):
        return unchanged(call)
    must_hold(call, held, command.epoch)
    must_be_undelivered(call, held)
    left, told = let_go(call, held, Ending.GIVEN_BACK, reason, at=at, terms=terms)
    return decided(left, told)


def _must_be_open_to(call: Call, partner_id: UUID, at: datetime) -> None:
    """A call that is fully taken passes here: which line is taken, and by whom, says more than its state."""
    if call.state is CallState.BLANK:
        raise NotFound
    if not call.is_offered_to(partner_id):
        if not any(claim.partner_id == partner_id for claim in call.claims):
            raise NotFound  # it does not see the call either
        raise NotOffered
    over = call.state is CallState.OPEN and call.until is not None and at >= call.until
    if over or call.plain_state not in (CallState.OPEN, CallState.COVERED):
        raise CallOver(f"the call is {call.state.value}" if not over else "its end has passed", **call.now())


def _must_fit(call: Call, wanted: Mapping[str, int], partner_id: UUID) -> None:
    if call.exclusive and any(other.partner_id != partner_id for other in call.holding):
        raise ExclusivelyTaken(**call.now())
    missing = call.missing()
    for name, amount in wanted.items():
        if name not in missing:
            raise NoSuchLine(name, **call.now())
        if missing[name] == 0:
            raise LineTaken(name, **call.now())
        if amount > missing[name]:
            raise PledgeTooLarge(f"{name}: {missing[name]} still missing", **call.now())
    if call.exclusive and wanted != {name: amount for name, amount in missing.items() if amount}:
        raise TakenAsAWhole(**call.now())
    # A claim needs an open call; one with nothing missing was refused line by line above.
    call.must_be_open()


def _with_room(call: Call, terms: Terms) -> Call:
    """The oldest that ended make room, but those of which something is on the record or was appealed."""
    over = len(call.claims) + 1 - terms.claims_most
    if over <= 0:
        return call
    kept = {str(one.claim_id) for one in call.record} | {one.of for one in call.appeals}
    gone = [one.claim_id for one in call.claims if one.state in ENDED and str(one.claim_id) not in kept][
        :over
    ]
    if len(gone) < over:
        raise TooManyClaims(f"{len(call.claims)} in all", **call.now())
    return call.but(claims=tuple([one for one in call.claims if one.claim_id not in gone]))


def _made(call: Call, wanted: Mapping[str, int], *, order_id: UUID, by: Claimant, at: datetime) -> Claim:
    epoch, partner = call.epoch + 1, by.partner
    lines = [
        Pledged(name=line.name, kind=line.kind, amount=wanted[line.name], unit=line.unit)
        for line in call.lines
        if line.name in wanted
    ]
    return Claim(
        # From what it is made of, so that the rule stays pure: no two claims of an order have the same epoch.
        claim_id=uuid5(order_id, f"{call.round}/{partner.id}/{epoch}"),
        round=call.round,
        partner_id=partner.id,
        partner_name=str(partner.name),
        epoch=epoch,
        lines=tuple(lines),
        at=at,
        people=(by.person,) if by.person else (),
    )
