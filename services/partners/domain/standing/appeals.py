"""What is said of a partner's work, and what the partner says to it. What an appeal took away counts no more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import chain
from typing import Annotated, Literal
from uuid import UUID, uuid5

from pydantic import Field

from services.partners.domain.call import APPEAL, Appeal, Call, Verdict
from services.partners.domain.claim import Claim
from services.partners.domain.registry.refusals import OwnPartner
from services.partners.domain.standing.refusals import AppealDecided, AppealTooLate, NothingToAppeal
from services.partners.domain.states import ClaimState, Ending
from services.partners.domain.terms import Terms
from services.partners.domain.words import STAYS_WITH_PARTNER
from shared.caller import Caller, Role
from shared.command import Command, Remark
from shared.contracts.from_evaluation import WorkEvaluatedV1
from shared.contracts.message import Heard, copied
from shared.entry import Decision, decided, unchanged
from shared.problems import NotAllowed, NotFound

_VERDICTS_KEPT = 200
LOST = frozenset({Ending.TAKEN_BACK, Ending.FORCED, Ending.TAKEN_OVER})


class AppealTo(Command):
    """Against a verdict (`of`: its number), or against a claim that was taken away or late (`of`: its id)."""

    against: Literal["verdict", "claim"]
    of: Annotated[str, Field(pattern=r"^[0-9a-f-]{1,36}$")]
    reason: Annotated[Remark, Field(min_length=1, description=STAYS_WITH_PARTNER)]


class DecideAppeal(Command):
    """`upheld`: what it was against counts no more."""

    decision: Literal["upheld", "rejected"]
    answer: Annotated[Remark, Field(min_length=1, description=STAYS_WITH_PARTNER)]


def note_verdict(call: Call, heard: Heard[WorkEvaluatedV1]) -> Decision[Call]:
    """Of the work of whoever delivered it last, also where the call has ended since. Others did it: nothing here."""
    since = call.reopened_after if call.reopened_at and heard.at >= call.reopened_at else 0
    done = [
        claim for claim in call.claims if claim.deliveries and claim.round > since and _is_its_work(claim)
    ]
    if not done:
        return unchanged(call)
    round = max(claim.round for claim in done)
    partners = tuple(dict.fromkeys(claim.partner_id for claim in done if claim.round == round))
    said = Verdict(n=heard.n, round=round, partners=partners, verdict=heard.data.verdict, at=heard.at)
    return decided(call.but(verdicts=(*call.verdicts, said)[-_VERDICTS_KEPT:]))


def is_late(claim: Claim) -> bool | None:
    """Whether what was planned was done after the last day of the plan; None: there is nothing to compare."""
    done = done_at(claim)
    return None if done is None or claim.plan is None else done.date() > claim.plan.ends


def done_at(claim: Claim) -> datetime | None:
    """When the partner first said that its part is done, if it was accepted."""
    if claim.state is not ClaimState.FULFILLED:
        return None
    return claim.delivered_at


def appeal(
    call: Call,
    command: AppealTo,
    *,
    order_id: UUID,
    partner_id: UUID,
    person: str,
    at: datetime,
    terms: Terms,
) -> Decision[Call]:
    """Once against each thing. Raises NotFound, NothingToAppeal, AppealDecided, AppealTooLate."""
    happened_at = _counted_at(call, command, partner_id)
    for one in call.appeals:
        if (one.partner_id, one.against, one.of) == (partner_id, command.against, command.of):
            if one.reason == command.reason:
                return unchanged(call)
            raise AppealDecided(f"it is {one.decision}", decision=one.decision)
    if at > happened_at + terms.appeal_within:
        raise AppealTooLate(until=(happened_at + terms.appeal_within).isoformat())
    id = uuid5(order_id, f"{partner_id}/{command.against}/{command.of}")
    decide_by = terms.calendar.after(at, terms.appeal_answer)
    made = copied(Appeal, command, id=id, partner_id=partner_id, at=at, by=person, decide_by=decide_by)
    return decided(call.but(appeals=(*call.appeals, made)).with_clock(f"{APPEAL}{id}", decide_by))


def appeal_struck(call: Call, id: str, at: datetime, *, terms: Terms) -> Decision[Call]:
    """Nobody decided in time: the district has to. At the top it is overdue, and is waited for again and again.

    In time by the calendar as it is now: by a new list of holidays there may be time left.
    """
    clock = f"{APPEAL}{id}"
    waiting = next((one for one in call.appeals if str(one.id) == id and one.decision == "open"), None)
    if waiting is None:
        return decided(call.with_clock(clock, None))
    decide_by = terms.calendar.after(waiting.since or waiting.at, terms.appeal_answer)
    if decide_by > at:
        return decided(_with(call, waiting.but(decide_by=decide_by)).with_clock(clock, decide_by))
    decide_by, top = terms.calendar.after(at, terms.appeal_answer), Role.DISTRICT.value
    later = waiting.but(level=top, since=at, decide_by=decide_by, overdue=waiting.level == top)
    return decided(_with(call, later).with_clock(clock, decide_by))


def decide_appeal(
    call: Call,
    appeal_id: UUID,
    command: DecideAppeal,
    *,
    by: Caller,
    at: datetime,
    people_of: Callable[[UUID], frozenset[str]],
) -> Decision[Call]:
    """By the staff of the street or the district. `people_of`: the ids of the members of a partner.

    Raises NotFound, NotAllowed, OwnPartner, AppealDecided.
    """
    if not by.covers(call.area):
        raise NotFound
    if by.role not in (Role.STREET, Role.DISTRICT):
        raise NotAllowed("The street or the district decides this.")
    before = next((one for one in call.appeals if one.id == appeal_id), None)
    if before is None:
        raise NotFound
    its = (claim.people for claim in call.claims if claim.partner_id == before.partner_id)
    if by.id in {before.by, *people_of(before.partner_id), *chain.from_iterable(its)}:
        raise OwnPartner  # also who acted for it on this call and is no member now, or where it named none
    if before.decision != "open":
        if (before.decision, before.answer) == (command.decision, command.answer):
            return unchanged(call)
        raise AppealDecided(f"it is {before.decision}", decision=before.decision)
    after = before.but(decision=command.decision, answer=command.answer, decided_at=at)
    return decided(_with(call, after).with_clock(f"{APPEAL}{appeal_id}", None))


def _with(call: Call, changed: Appeal) -> Call:
    return call.but(appeals=tuple([changed if one.id == changed.id else one for one in call.appeals]))


def _is_its_work(claim: Claim) -> bool:
    """Dispatch and evaluation are heard in any order: a call may have ended before its verdict comes."""
    return claim.state in (ClaimState.ACTIVE, ClaimState.FULFILLED) or claim.ending is Ending.CALL_ENDED


def _counted_at(call: Call, command: AppealTo, partner_id: UUID) -> datetime:
    """When what the appeal is against happened."""
    if command.against == "verdict":
        for said in call.verdicts:
            if str(said.n) == command.of and partner_id in said.partners:
                if said.verdict == "satisfied":
                    raise NothingToAppeal
                return said.at
        raise NotFound
    for claim in call.claims:
        if str(claim.claim_id) == command.of and claim.partner_id == partner_id:
            if claim.ended_at is None or not (claim.ending in LOST or is_late(claim)):
                raise NothingToAppeal
            return claim.ended_at
    raise NotFound
