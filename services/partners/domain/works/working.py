"""Doing what was claimed: plan, progress, delivery. Only the holder with the present epoch may.

`person` is who acts for the partner: whoever did a part of the work neither checks nor evaluates it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from services.partners.domain.call import Call
from services.partners.domain.claim import Claim, Epoch, Photos, Plan, Report, Step
from services.partners.domain.claims.holding import held_by
from services.partners.domain.claims.refusals import AlreadyDelivered
from services.partners.domain.claims.takeover import went_on
from services.partners.domain.claims.watch import watched
from services.partners.domain.states import CallState
from services.partners.domain.terms import Terms
from services.partners.domain.words import STAYS_WITH_PARTNER, Noted, PublicNote
from services.partners.domain.works.blocking import unblocked
from services.partners.domain.works.refusals import NotCovered, PlanOutOfTime, TooManyReports
from shared.command import READ_IN_PUBLIC, Day, Line, Prose
from shared.contracts.from_partners import PlanSubmittedV1, ProgressReportedV1, WorkDeliveredV2
from shared.contracts.message import Part, copied, mask
from shared.entry import Decision, decided, unchanged

_TOLD = 500  # characters of a plan that are told to others; the whole of it stays here


class StepIn(Part):
    """One step of the work, and the day on which it is done."""

    text: Annotated[Line, AfterValidator(mask), Field(description=STAYS_WITH_PARTNER)]
    ends: Day


class SubmitPlan(Noted):
    """How and when the work will be done. `epoch` is the claim's, as it was told when it was made."""

    plan: Annotated[
        Prose, Field(description=f"{READ_IN_PUBLIC} So much of it as is told: {_TOLD} characters.")
    ]
    starts: Day
    ends: Day
    steps: Annotated[tuple[StepIn, ...], Field(max_length=50)] = ()
    people: Annotated[int, Field(strict=True, ge=1, le=10_000)] | None = None
    documents: Photos = ()
    epoch: Epoch

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> SubmitPlan:
        if self.ends < self.starts:
            raise ValueError("a plan ends on the day it starts, or later")
        if any(not self.starts <= step.ends <= self.ends for step in self.steps):
            raise ValueError("every step ends within the dates of the plan")
        return self


class ReportProgress(Noted):
    """How far the work is."""

    public_note: PublicNote = ""
    percent: Annotated[int, Field(strict=True, ge=0, le=100)]
    photos: Photos = ()
    epoch: Epoch


class DeliverWork(Noted):
    """The partner's part of the work is done."""

    public_note: PublicNote = ""
    photos: Photos = ()
    epoch: Epoch


def plan(
    call: Call,
    claim_id: UUID,
    command: SubmitPlan,
    *,
    partner_id: UUID,
    person: str,
    at: datetime,
    terms: Terms,
) -> Decision[Call]:
    """The work plan; a new one takes the place of the old one → `plan_submitted`.

    A plan may come before the call is covered: it helps others to join.
    """
    held = _at_work(call, claim_id, command.epoch, partner_id)
    text = mask(command.plan)
    steps = tuple([copied(Step, step) for step in command.steps])
    made = copied(Plan, command, text=text, at=at, steps=steps)
    if held.plan and held.plan.but(at=at) == made:
        return unchanged(call)
    call.must_be(CallState.OPEN, CallState.COVERED, CallState.IN_WORK)
    _must_be_in_time(command.starts, command.ends, at.date(), terms)
    told = PlanSubmittedV1.of(made, claim_id=claim_id, partner_name=held.partner_name, plan=text[:_TOLD])
    after, news = went_on(held.acted_on(person).but(plan=made), at)
    return decided(watched(_begun(call.with_claim(after)), terms), told, *news)


def progress(
    call: Call,
    claim_id: UUID,
    command: ReportProgress,
    *,
    partner_id: UUID,
    person: str,
    at: datetime,
    terms: Terms,
) -> Decision[Call]:
    """What was done since the last report → `progress_reported`."""
    held = _at_work(call, claim_id, command.epoch, partner_id)
    note = mask(command.public_note)
    report = Report(percent=command.percent, note=note, at=at, photos=command.photos)
    if held.reports and held.reports[-1].but(at=at) == report:
        return unchanged(call)
    _must_be_covered(call)
    if len(held.reports) >= terms.reports_most:
        raise TooManyReports(**call.now())
    after, news = went_on(held.acted_on(person).but(reports=(*held.reports, report)), at)
    after, resumed = unblocked(after, at)  # who reports is kept from nothing
    return decided(watched(_begun(call.with_claim(after)), terms), _told(held, report), *resumed, *news)


def deliver(
    call: Call,
    claim_id: UUID,
    command: DeliverWork,
    *,
    partner_id: UUID,
    person: str,
    at: datetime,
    terms: Terms,
) -> Decision[Call]:
    """The partner's part is done → `progress_reported`; with the last part `work_delivered` instead."""
    held = held_by(call, claim_id, command.epoch, partner_id)
    note = mask(command.public_note)
    report = Report(percent=100, note=note, at=at, photos=command.photos)
    if held.delivered:
        if held.reports and held.reports[-1].but(at=at) == report:
            return unchanged(call)
        raise AlreadyDelivered(**call.now())
    _must_be_covered(call)
    done = held.acted_on(person).but(
        delivered=True,
        deliveries=held.deliveries + 1,
        delivered_at=held.delivered_at or at,
        reports=(*held.reports, report),
    )
    done, overtaken = went_on(done, at)
    done, resumed = unblocked(done, at)
    news = (*resumed, *overtaken)
    after = call.with_claim(done)
    if not all(claim.delivered for claim in after.active):
        return decided(watched(_begun(after), terms), _told(held, report), *news)
    told = WorkDeliveredV2(round=call.round, partners=after.partners, people=after.people, note=note)
    return decided(watched(after.moved(CallState.DELIVERED), terms), *news, told)


def _at_work(call: Call, claim_id: UUID, epoch: int, partner_id: UUID) -> Claim:
    held = held_by(call, claim_id, epoch, partner_id)
    if held.delivered:
        raise AlreadyDelivered(**call.now())
    return held


def _must_be_covered(call: Call) -> None:
    if call.state is CallState.OPEN:
        raise NotCovered(**call.now())
    call.must_be(CallState.COVERED, CallState.IN_WORK)


def _must_be_in_time(starts: date, ends: date, today: date, terms: Terms) -> None:
    yesterday = today - timedelta(days=1)  # a day of grace: `today` is UTC, the partner's day may be another
    earliest, latest = today - terms.plan_maximum, today + terms.plan_begins_within
    if ends < yesterday or not earliest <= starts <= latest or ends > today + terms.plan_maximum:
        raise PlanOutOfTime(f"{starts} to {ends}")


def _begun(call: Call) -> Call:
    """Work on a covered call has begun."""
    return call.moved(CallState.IN_WORK) if call.state is CallState.COVERED else call


def _told(held: Claim, report: Report) -> ProgressReportedV1:
    return ProgressReportedV1.of(report, claim_id=held.claim_id, partner_name=held.partner_name)
