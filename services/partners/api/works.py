"""The work on what was claimed: plan, progress, delivery."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from services.partners.api.router import CLAIM, HELD, Members, Uses, router
from services.partners.domain.registry.partner import partner_of
from services.partners.domain.works.blocking import BlockWork, ResumeWork, SurveySite, block, resume, survey
from services.partners.domain.works.refusals import (
    BlockedAlready,
    BlockTooLong,
    NotBlocked,
    NotCovered,
    PlanOutOfTime,
    TooManyReports,
)
from services.partners.domain.works.working import (
    DeliverWork,
    ReportProgress,
    SubmitPlan,
    deliver,
    plan,
    progress,
)
from services.partners.queries.calls import CallOut
from shared.http import problems, reply
from shared.store import decide


@router.post(
    CLAIM + "/plan", tags=["claims"], response_model=CallOut, responses=problems(*HELD, PlanOutOfTime)
)
async def post_plan(order_id: UUID, claim_id: UUID, body: SubmitPlan, asked: Members, use: Uses) -> Response:
    """Say how and when the work will be done. A new plan takes the place of the old one."""
    me = partner_of(asked.caller)  # first: whoever is no partner learns nothing of any call
    entry = await decide(
        use.calls,
        order_id,
        asked,
        lambda call: plan(
            call, claim_id, body, partner_id=me, person=asked.caller.id, at=asked.now, terms=use.terms
        ),
    )
    return reply(entry, asked)


@router.post(
    CLAIM + "/progress",
    tags=["claims"],
    response_model=CallOut,
    responses=problems(*HELD, NotCovered, TooManyReports),
)
async def post_progress(
    order_id: UUID, claim_id: UUID, body: ReportProgress, asked: Members, use: Uses
) -> Response:
    """Say how far the work is."""
    me = partner_of(asked.caller)  # first: whoever is no partner learns nothing of any call
    entry = await decide(
        use.calls,
        order_id,
        asked,
        lambda call: progress(
            call, claim_id, body, partner_id=me, person=asked.caller.id, at=asked.now, terms=use.terms
        ),
    )
    return reply(entry, asked)


@router.post(
    CLAIM + "/delivery", tags=["claims"], response_model=CallOut, responses=problems(*HELD, NotCovered)
)
async def post_delivery(
    order_id: UUID, claim_id: UUID, body: DeliverWork, asked: Members, use: Uses
) -> Response:
    """Say that your part is done. With the last part the acceptance check can begin."""
    me = partner_of(asked.caller)  # first: whoever is no partner learns nothing of any call
    entry = await decide(
        use.calls,
        order_id,
        asked,
        lambda call: deliver(
            call, claim_id, body, partner_id=me, person=asked.caller.id, at=asked.now, terms=use.terms
        ),
    )
    return reply(entry, asked)


@router.post(
    CLAIM + "/survey", tags=["claims"], response_model=CallOut, responses=problems(*HELD, TooManyReports)
)
async def post_survey(
    order_id: UUID, claim_id: UUID, body: SurveySite, asked: Members, use: Uses
) -> Response:
    """Say what you found on the spot."""
    me = partner_of(asked.caller)  # first: whoever is no partner learns nothing of any call
    entry = await decide(
        use.calls,
        order_id,
        asked,
        lambda call: survey(call, claim_id, body, partner_id=me, at=asked.now, terms=use.terms),
    )
    return reply(entry, asked)


@router.post(
    CLAIM + "/block",
    tags=["claims"],
    response_model=CallOut,
    responses=problems(*HELD, BlockedAlready, BlockTooLong),
)
async def post_block(order_id: UUID, claim_id: UUID, body: BlockWork, asked: Members, use: Uses) -> Response:
    """Say what keeps you from the work, and until when: its clock stands still so long."""
    me = partner_of(asked.caller)  # first: whoever is no partner learns nothing of any call
    entry = await decide(
        use.calls,
        order_id,
        asked,
        lambda call: block(call, claim_id, body, partner_id=me, at=asked.now, terms=use.terms),
    )
    return reply(entry, asked)


@router.post(
    CLAIM + "/resumption", tags=["claims"], response_model=CallOut, responses=problems(*HELD, NotBlocked)
)
async def post_resumption(
    order_id: UUID, claim_id: UUID, body: ResumeWork, asked: Members, use: Uses
) -> Response:
    """Say that you go on: the clock runs again."""
    me = partner_of(asked.caller)  # first: whoever is no partner learns nothing of any call
    entry = await decide(
        use.calls,
        order_id,
        asked,
        lambda call: resume(call, claim_id, body, partner_id=me, at=asked.now, terms=use.terms),
    )
    return reply(entry, asked)
