"""Being on the spot, being kept from the work, and going on with it."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.partners.domain.call import Call
from services.partners.domain.claim import Block, Claim, Epoch, Photos, Survey
from services.partners.domain.claims.holding import held_by, must_be_undelivered
from services.partners.domain.claims.takeover import went_on
from services.partners.domain.claims.watch import watched
from services.partners.domain.terms import Terms
from services.partners.domain.words import Noted
from services.partners.domain.works.refusals import BlockedAlready, BlockTooLong, NotBlocked, TooManyReports
from shared.command import READ_IN_PUBLIC, Command, Note, Time
from shared.contracts.from_partners import WorkBlockedV1, WorkResumedV1, WorkSurveyedV1
from shared.contracts.message import mask
from shared.entry import Decision, decided, unchanged


class SurveySite(Noted):
    """What the partner found on the spot."""

    public_note: Annotated[Note, Field(min_length=1, description=READ_IN_PUBLIC)]
    photos: Photos = ()
    epoch: Epoch


class BlockWork(Noted):
    """What keeps the partner from its work, and until when."""

    reason: Annotated[Note, Field(min_length=1, description=READ_IN_PUBLIC)]
    until: Time
    epoch: Epoch


class ResumeWork(Command):
    """Nothing keeps the partner from its work any more."""

    epoch: Epoch


def survey(
    call: Call, claim_id: UUID, command: SurveySite, *, partner_id: UUID, at: datetime, terms: Terms
) -> Decision[Call]:
    """What the partner found on the spot → `work_surveyed`. It is no plan: what is due stays due."""
    held = held_by(call, claim_id, command.epoch, partner_id)
    found = Survey(note=mask(command.public_note), photos=command.photos, at=at)
    if held.surveys and held.surveys[-1].but(at=at) == found:
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
    held = held_by(call, claim_id, command.epoch, partner_id)
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
    held = held_by(call, claim_id, command.epoch, partner_id)
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
