"""Being on the spot, being kept from the work, and going on with it."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from uuid import UUID

from services.partners.domain.asks import BlockWork, ResumeWork, SurveySite
from services.partners.domain.call import Block, Call, Claim, Survey
from services.partners.domain.holding import claim_of, must_be_undelivered, must_hold
from services.partners.domain.refusals import BlockedAlready, BlockTooLong, NotBlocked, TooManyReports
from services.partners.domain.takeover import went_on
from services.partners.domain.terms import Terms
from services.partners.domain.watch import watched
from shared.contracts.from_partners.work_blocked import WorkBlockedV1
from shared.contracts.from_partners.work_resumed import WorkResumedV1
from shared.contracts.from_partners.work_surveyed import WorkSurveyedV1
from shared.contracts.message import mask
from shared.entry import Decision, decided, unchanged


def survey(
    call: Call, claim_id: UUID, command: SurveySite, *, partner_id: UUID, at: datetime, terms: Terms
) -> Decision[Call]:
    """What the partner found on the spot → `work_surveyed`. It is no plan: what is due stays due."""
    held = _held(call, claim_id, command.epoch, partner_id)
    found = Survey(note=mask(command.note), photos=command.photos, at=at)
    if held.surveys and held.surveys[-1].model_copy(update={"at": at}) == found:
        return unchanged(call)
    must_be_undelivered(call, held)
    if len(held.surveys) >= terms.reports_most:
        raise TooManyReports(**call.now())
    told = WorkSurveyedV1(
        claim_id=claim_id, partner_name=held.partner_name, note=found.note, photos=len(found.photos)
    )
    return decided(call.with_claim(held.but(surveys=(*held.surveys, found))), told)


def block(
    call: Call, claim_id: UUID, command: BlockWork, *, partner_id: UUID, at: datetime, terms: Terms
) -> Decision[Call]:
    """Something keeps the partner from its work; its clock stands still → `work_blocked`.

    All blocks of a claim together may last so long as one may.
    """
    held = _held(call, claim_id, command.epoch, partner_id)
    reason = mask(command.reason)
    if held.block is not None:
        if (held.block.reason, held.block.until) == (reason, command.until):
            return unchanged(call)
        raise BlockedAlready(**call.now())
    must_be_undelivered(call, held)
    left = terms.block_most - timedelta(seconds=held.blocked_for)
    if not at < command.until <= at + left:
        raise BlockTooLong(f"at most until {(at + left).isoformat()}", **call.now())
    after, news = went_on(held.but(block=Block(reason=reason, at=at, until=command.until)), at)
    told = WorkBlockedV1(
        claim_id=claim_id, partner_name=held.partner_name, reason=reason, until=command.until
    )
    return decided(watched(call.with_claim(after), terms), told, *news)


def resume(
    call: Call, claim_id: UUID, command: ResumeWork, *, partner_id: UUID, at: datetime, terms: Terms
) -> Decision[Call]:
    """Nothing keeps the partner from its work any more → `work_resumed`."""
    held = _held(call, claim_id, command.epoch, partner_id)
    if held.block is None:
        if held.resumed_at is not None:
            return unchanged(call)
        raise NotBlocked(**call.now())
    after, told = unblocked(held, at)
    return decided(watched(call.with_claim(after), terms), *told)


def unblocked(held: Claim, at: datetime) -> tuple[Claim, tuple[WorkResumedV1, ...]]:
    """Its clock runs anew from now; nothing is told of a claim that was not blocked."""
    if held.block is None:
        return held, ()
    lasted = held.blocked_for + math.ceil((at - held.block.at).total_seconds())
    told = WorkResumedV1(claim_id=held.claim_id, partner_name=held.partner_name)
    return held.but(block=None, resumed_at=at, blocked_for=lasted), (told,)


def _held(call: Call, claim_id: UUID, epoch: int, partner_id: UUID) -> Claim:
    held = claim_of(call, claim_id, partner_id)
    must_hold(call, held, epoch)
    return held
