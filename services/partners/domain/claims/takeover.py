"""Asking for what another partner holds. Whoever keeps silent loses it; whoever goes on with its work keeps it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid5

from pydantic import Field, model_validator

from services.partners.domain.call import Call
from services.partners.domain.claim import Claim, Epoch, TakeOver
from services.partners.domain.claims.claimant import Claimant, must_be_free_to_claim, must_carry
from services.partners.domain.claims.holding import (
    any_claim_of,
    claim_of,
    let_go,
    must_be_undelivered,
    must_hold,
    taken,
)
from services.partners.domain.claims.refusals import (
    CoolingDown,
    NoTakeover,
    NotStale,
    OwnClaim,
    TakeoverWaits,
)
from services.partners.domain.claims.watch import watched
from services.partners.domain.states import CallState, ClaimState, Ending
from services.partners.domain.terms import Terms
from services.partners.domain.words import Noted
from shared.command import READ_IN_PUBLIC, Command, Note
from shared.contracts.from_partners import TakeoverAskedV1, TakeoverEndedV1
from shared.contracts.message import Message, mask
from shared.entry import Decision, decided, unchanged
from shared.problems import NotFound, WrongState

Able = Callable[[UUID], bool]  # whether a partner may claim now

_KEPT = 10  # requests that led to nothing, of one claim
_AGREED, _SILENCE, _REFUSED, _WITHDRAWN, _OVERTAKEN = "agreed", "silence", "refused", "withdrawn", "overtaken"


class AskTakeover(Command):
    """Another partner would do it; the lines count as its own until the request has ended."""

    reason: Annotated[Note, Field(description=READ_IN_PUBLIC)] = ""


class WithdrawTakeover(Command):
    """Whoever asked does not want it any more."""


class AnswerTakeover(Noted):
    """The holder agrees, or says why not."""

    agreed: bool
    reason: Annotated[Note, Field(description=READ_IN_PUBLIC)] = ""
    epoch: Epoch

    @model_validator(mode="after")
    def _no_needs_a_reason(self) -> AnswerTakeover:
        if not self.agreed and not self.reason:
            raise ValueError("a refusal needs a reason")
        return self


def anybody(_: UUID) -> bool:
    """Where no partners are known."""
    return True


def ask_for(
    call: Call, claim_id: UUID, command: AskTakeover, *, by: Claimant, at: datetime, terms: Terms
) -> Decision[Call]:
    """Another partner asks for the claim as it is → `takeover_asked`. It carries the lines from now on."""
    partner = by.partner
    if call.state is CallState.BLANK or not call.is_offered_to(partner.id):
        raise NotFound
    held = any_claim_of(call, claim_id)
    waits, reason = held.takeover, mask(command.reason)
    if waits is not None and (waits.partner_id, waits.reason) == (partner.id, reason):
        return unchanged(call)
    if held.was_done and not call.is_done_by(partner.id):
        raise NotStale(**call.now())  # whether it is silent now would tell that it was to be done again
    if held.state is not ClaimState.ACTIVE:
        raise WrongState(f"the claim is {held.state.value}", **call.now())
    if held.partner_id == partner.id:
        raise OwnClaim(**call.now())
    must_be_undelivered(call, held)
    if waits is not None:
        raise TakeoverWaits(until=waits.until.isoformat(), **call.now())
    if held.stale_at is None and not terms.takeover_any:
        raise NotStale(**call.now())
    _must_not_nag(held, partner.id, at, terms)
    must_be_free_to_claim(call, by, at, terms)
    must_carry(call, held.lines, by, at, terms)
    asked = TakeOver(
        partner_id=partner.id,
        partner_name=str(partner.name),
        reason=reason,
        at=at,
        until=at + terms.takeover_silence,
        by=by.person or "",
    )
    after = watched(call.with_claim(held.but(takeover=asked)), terms)
    return decided(after, TakeoverAskedV1.of(asked, claim_id=claim_id))


def answer(
    call: Call,
    claim_id: UUID,
    command: AnswerTakeover,
    *,
    partner_id: UUID,
    at: datetime,
    terms: Terms,
    able: Able = anybody,
) -> Decision[Call]:
    """The holder agrees, and the claim changes hands, or refuses with a reason → `takeover_ended`."""
    held = claim_of(call, claim_id, partner_id)
    if command.agreed and held.state is ClaimState.TAKEN_OVER and held.epoch == command.epoch:
        return unchanged(call)
    must_hold(call, held, command.epoch)
    reason = mask(command.reason)
    if held.takeover is None:
        last = held.takeovers[-1] if held.takeovers else None
        if not command.agreed and last and (last.outcome, last.answer) == (_REFUSED, reason):
            return unchanged(call)
        raise NoTakeover(**call.now())
    if command.agreed:
        return granted(call, held, _AGREED, at, terms, able)
    after, told = ended(held, _REFUSED, at, reason)
    return decided(watched(call.with_claim(after), terms), *told)


def withdraw_request(
    call: Call, claim_id: UUID, *, partner_id: UUID, at: datetime, terms: Terms
) -> Decision[Call]:
    """Whoever asked does not want it any more → `takeover_ended`."""
    held = any_claim_of(call, claim_id)
    if held.takeover is None or held.takeover.partner_id != partner_id:
        last = [one for one in held.takeovers if one.partner_id == partner_id][-1:]
        if last and last[0].outcome == _WITHDRAWN:
            return unchanged(call)
        raise NoTakeover(**call.now()) if call.is_offered_to(partner_id) else NotFound
    after, told = ended(held, _WITHDRAWN, at)
    return decided(watched(call.with_claim(after), terms), *told)


def silent(call: Call, held: Claim, at: datetime, terms: Terms, able: Able = anybody) -> Decision[Call]:
    """The holder did not answer in time."""
    if held.takeover is None or at < held.takeover.until:
        return decided(watched(call, terms))
    return granted(call, held, _SILENCE, at, terms, able)


def granted(call: Call, held: Claim, how: str, at: datetime, terms: Terms, able: Able) -> Decision[Call]:
    """The same lines in other hands, under a higher epoch → `claim_released`, `claim_made`, `call_covered`.

    Whoever asked and may claim nothing any more, gets nothing: the holder goes on.
    """
    asked = held.takeover
    assert asked is not None, "somebody asked for it"
    if not able(asked.partner_id):
        kept, over = ended(held, _OVERTAKEN, at, "it may claim nothing now")
        return decided(watched(call.with_claim(kept), terms), *over)
    _, told = ended(held, how, at)
    left, released = let_go(
        call, held.but(takeover=None), Ending.TAKEN_OVER, "taken over", at=at, terms=terms
    )
    epoch = left.epoch + 1
    made = Claim(
        claim_id=uuid5(held.claim_id, f"{asked.partner_id}/{epoch}"),
        round=held.round,
        partner_id=asked.partner_id,
        partner_name=asked.partner_name,
        epoch=epoch,
        lines=held.lines,
        at=at,
        people=(asked.by,) if asked.by else (),
    )
    after, news = taken(left, made, at, terms)
    if call.state is CallState.IN_WORK:
        after = after.moved(CallState.IN_WORK)  # the others work on
    return decided(after, *told, released, *news)


def went_on(held: Claim, at: datetime) -> tuple[Claim, tuple[Message, ...]]:
    """The holder was heard of: it is not stale, and nobody takes over from who works."""
    after, told = ended(held, _OVERTAKEN, at) if held.takeover else (held, ())
    return after.but(stale_at=None), told


def ended(held: Claim, outcome: str, at: datetime, reason: str = "") -> tuple[Claim, tuple[Message, ...]]:
    asked = held.takeover
    assert asked is not None, "somebody asked for it"
    over = asked.but(outcome=outcome, answer=reason, ended_at=at)
    told = TakeoverEndedV1.of(over, claim_id=held.claim_id, reason=reason)
    return held.but(takeover=None, takeovers=(*held.takeovers, over)[-_KEPT:]), (told,)


def _must_not_nag(held: Claim, partner_id: UUID, at: datetime, terms: Terms) -> None:
    """Who was refused, or gave it up, waits as who gave a claim back."""
    lost = [one.ended_at for one in held.takeovers if one.partner_id == partner_id and one.ended_at]
    if lost and at < lost[-1] + terms.cool_down:
        raise CoolingDown(again_at=(lost[-1] + terms.cool_down).isoformat())
