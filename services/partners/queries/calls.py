"""What each caller is shown of a call."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from types import MappingProxyType
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from services.partners.domain.call import OFFER, Appeal, Call, Declined, Deed
from services.partners.domain.claim import Block, Claim, Plan, Pledged, Step, TakeOver
from services.partners.domain.registry.partner import partner_of
from services.partners.domain.states import CallState, ClaimState, Ending
from services.partners.queries.money import FundingOut
from services.partners.queries.registry import Known, Names, names_of
from services.partners.store import Calls
from shared.caller import STAFF, Caller, Role
from shared.contracts.called import Called, apart
from shared.contracts.message import copied
from shared.entry import Entry
from shared.problems import NotFound
from shared.store import Page


class LineOut(BaseModel):
    """One line of the need: fen for funds, whole units for everything else. `amount = taken + missing`."""

    name: str
    kind: str
    text: str
    unit: str
    amount: int
    taken: int
    missing: int


def lines_of(call: Call) -> list[LineOut]:
    taken = call.taken()
    return [
        copied(LineOut, line, taken=taken[line.name], missing=line.amount - taken[line.name])
        for line in call.lines
    ]


class PledgedOut(Pledged):
    """So much of one line."""


class StepOut(Step):
    """One step of a plan."""


class SurveyOut(BaseModel):
    """What a partner found on the spot."""

    note: str
    photos: list[str]
    at: datetime


class PlanOut(BaseModel):
    """A work plan."""

    plan: str
    starts: date
    ends: date
    at: datetime
    steps: list[StepOut] = []
    people: int | None = None
    documents: list[str] = []

    @classmethod
    def of(cls, plan: Plan) -> Self:
        return cls(plan=plan.text, **plan.model_dump(exclude={"text"}))


class ReportOut(BaseModel):
    """A report of progress."""

    percent: int
    note: str
    at: datetime
    photos: list[str]  # SHA-256 of each


class DeedOut(BaseModel):
    """One thing that became of a pledge, as it was written down."""

    deed: Deed
    line: str
    amount: int
    at: datetime
    day: date | None
    reference: str
    document: str
    reason: str


class TakeoverOut(BaseModel):
    """A request to take a claim over: for who holds it, who asks, and the staff."""

    partner_id: UUID
    partner_name: Called
    reason: str
    at: datetime
    until: datetime
    outcome: str
    answer: str

    @classmethod
    def of(cls, asked: TakeOver) -> Self:
        return copied(cls, asked, partner_name=apart(asked.partner_name))


class NoteOut(BaseModel):
    """A word of the partner or of the staff that residents do not read."""

    at: datetime
    role: str
    by: str
    text: str


class BlockOut(Block):
    """What keeps a partner from its work."""


class ClaimOut(BaseModel):
    """A partner's claim. Epoch, plan, reports, record, reason and notes: only for the partner itself and the staff.

    `waits_for` and `due`: what is expected of the partner next, and until when; `stale`: it did not come.
    These move with checks and verdicts. So for whoever has no part of the call a claim is `active` as long as its lines
    are taken, `stale` only before it was delivered, and its end, percent, `delivered`, `waits_for` and `due` are null.
    """

    claim_id: UUID
    round: int
    partner_id: UUID
    partner_name: Called
    mine: bool
    state: ClaimState
    at: datetime
    ended_at: datetime | None
    lines: list[PledgedOut]
    percent: int | None
    delivered: bool | None
    lead: bool
    waits_for: str | None
    due: datetime | None
    stale: bool
    taken_over_at: datetime | None  # unless the holder is heard of
    block: BlockOut | None = None
    surveys: list[SurveyOut] = []
    takeover: TakeoverOut | None = None
    takeovers: list[TakeoverOut] = []
    ending: Ending | None = None
    epoch: int | None = None
    plan: PlanOut | None = None
    reports: list[ReportOut] = []
    record: list[DeedOut] = []
    reason: str | None = None
    notes: list[NoteOut] = []

    @classmethod
    def of(
        cls, call: Call, claim: Claim, caller: Caller, *, follows: bool, plain_lead: UUID | None = None
    ) -> Self:
        """`follows`: the caller reads how the work goes; for whoever does not, `plain_lead` leads."""
        mine = _is_mine(claim, caller)
        asks = claim.takeover
        shown = cls(
            claim_id=claim.claim_id,
            round=claim.round,
            partner_id=claim.partner_id,
            partner_name=apart(claim.partner_name),
            mine=mine,
            state=claim.state,
            at=claim.at,
            ended_at=claim.ended_at,
            lines=[copied(PledgedOut, line) for line in claim.lines],
            percent=claim.reports[-1].percent if claim.reports else 0,
            delivered=claim.delivered,
            lead=claim in call.active and claim.partner_id == call.lead,
            waits_for=claim.waits_for,
            due=claim.due,
            stale=claim.stale_at is not None,
            taken_over_at=asks.until if asks else None,
        )
        if not (mine or follows):
            for name in _OF_THE_WORK:
                setattr(shown, name, None)
            shown.state, shown.stale = claim.plain_state, shown.stale and not claim.was_done
            shown.lead = plain_lead == claim.partner_id
        if asks and caller.role is Role.PARTNER and str(asks.partner_id) == caller.partner:
            shown.takeover = TakeoverOut.of(asks)
        if not (mine or caller.role in STAFF):
            return shown
        shown.epoch = claim.epoch
        shown.ending = claim.ending
        shown.takeover = TakeoverOut.of(asks) if asks else None
        shown.takeovers = [TakeoverOut.of(one) for one in claim.takeovers]
        shown.surveys = [copied(SurveyOut, one) for one in claim.surveys]
        shown.block = copied(BlockOut, claim.block) if claim.block else None
        if claim.plan is not None:
            shown.plan = PlanOut.of(claim.plan)
        shown.reports = [copied(ReportOut, one) for one in claim.reports]
        shown.record = [copied(DeedOut, one) for one in call.record if one.claim_id == claim.claim_id]
        shown.reason = claim.reason
        shown.notes = [copied(NoteOut, one) for one in call.notes if one.claim_id == claim.claim_id]
        return shown


_OF_THE_WORK = ("ended_at", "percent", "delivered", "waits_for", "due")


class AppealOut(BaseModel):
    """An appeal against what counts. `of`: the number of a verdict, or the id of a claim."""

    id: UUID
    partner_id: UUID
    against: str
    of: str
    reason: str
    at: datetime
    decide_by: datetime | None
    level: str
    overdue: bool
    decision: str
    answer: str
    decided_at: datetime | None


class DeclinedOut(Declined):
    """A partner that did not want what it was offered."""


class CallOut(FundingOut):
    """A call as this caller sees it. Released claims, appeals: only for the partner itself and the staff.

    `state`: as it is for the staff and whoever has a part of it; for other partners as for everybody, see `FundingOut`.
    `names`: of the partners in it, by id. What areas are called: `GET /api/dispatch/v1/names`.
    """

    title: str
    category: str
    area: str
    exclusive: bool
    until: datetime | None
    offered: bool
    lines: list[LineOut]
    claims: list[ClaimOut]
    appeals: list[AppealOut]
    offered_until: datetime | None  # then it is offered to more
    offered_to: list[str] | None = None  # only for the staff
    declined: list[DeclinedOut] | None = None  # only for the staff
    names: Names = Field(default={})

    @classmethod
    def of(cls, entry: Entry[Call], caller: Caller, known: Known = MappingProxyType({})) -> Self:
        call = entry.state
        staff = caller.role in STAFF
        holding = {claim.claim_id for claim in call.holding}
        follows = call.is_followed_by(caller)
        plain_lead = None if follows else call.plain_lead
        shown = cls(
            **FundingOut.of_call(entry, plain=not follows).model_dump(),
            title=call.title,
            category=call.category,
            area=call.area,
            exclusive=call.exclusive,
            until=call.until,
            offered=bool(call.offered_to),
            offered_until=call.due.get(OFFER),
            lines=lines_of(call),
            claims=[
                ClaimOut.of(call, claim, caller, follows=follows, plain_lead=plain_lead)
                for claim in call.claims
                if staff or claim.claim_id in holding or _is_mine(claim, caller)
            ],
            appeals=[copied(AppealOut, one) for one in call.appeals if staff or _is_mine(one, caller)],
            offered_to=list(call.offered_to) if staff else None,
            declined=[copied(DeclinedOut, one) for one in call.declined] if staff else None,
        )
        of_claims: list[ClaimOut | TakeoverOut] = [*shown.claims]
        of_claims += [one.takeover for one in shown.claims if one.takeover]
        ids = [one.partner_id for one in (*of_claims, *shown.appeals, *(shown.declined or ()))]
        shown.names = {one.partner_id: one.partner_name for one in of_claims}
        shown.names |= names_of((*ids, *(shown.offered_to or ())), known)
        return shown


def version_for(entry: Entry[Call], caller: Caller) -> int:
    """As its ETag says it. Who has no part of it has one of what they see: it moves with nothing else."""
    if entry.state.is_followed_by(caller):
        return entry.version
    shown = CallOut.of(entry, caller).model_dump_json().encode()
    return (
        int.from_bytes(hashlib.blake2b(shown, digest_size=4).digest()) >> 3
    )  # nine digits, as If-Match takes them


class CallPage(BaseModel):
    """A page of calls."""

    items: list[CallOut]
    next: str | None


async def call_for(calls: Calls, order_id: UUID, caller: Caller) -> Entry[Call]:
    """The call, if the caller may see it. Raises NotFound otherwise, as if there were none."""
    entry = await calls.peek(order_id)
    if not entry.state.is_seen_by(caller):
        raise NotFound
    return entry


async def calls_for(
    calls: Calls,
    caller: Caller,
    *,
    mine: bool,
    state: CallState | None,
    area: str | None,
    cursor: str | None,
    limit: int,
) -> Page[Entry[Call]]:
    """Partners: their board. Staff: the calls of their area, or of a part of it."""
    if caller.role is Role.PARTNER:
        return await calls.of_partner(
            partner_of(caller), mine=mine, state=state, area=area, cursor=cursor, limit=limit
        )
    if area is not None and not caller.covers(area):
        raise NotFound("area: not one of yours")
    within = area or caller.area
    if within is None:
        return Page((), None)
    return await calls.of_area(within, state=state, cursor=cursor, limit=limit)


def _is_mine(one: Claim | Appeal, caller: Caller) -> bool:
    return caller.role is Role.PARTNER and str(one.partner_id) == caller.partner
