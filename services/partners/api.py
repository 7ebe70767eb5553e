"""HTTP in: the board, claims and the work on them, the public funding, and the registry of partners."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from services.partners.commands.claim_call import claim_call
from services.partners.commands.deliver_work import deliver_work
from services.partners.commands.release_claim import release_claim
from services.partners.commands.report_progress import report_progress
from services.partners.commands.submit_plan import submit_plan
from services.partners.domain.asks import ClaimCall, DeliverWork, ReleaseClaim, ReportProgress, SubmitPlan
from services.partners.domain.partner import Partner, PartnerKind, ResourceKind
from services.partners.domain.refusals import (
    AlreadyDelivered,
    CallOver,
    DisplacedHolder,
    ExclusivelyTaken,
    LineTaken,
    NoSuchLine,
    NotAPartner,
    NotCovered,
    NotOffered,
    PlanOutOfTime,
    PledgeTooLarge,
    TakenAsAWhole,
    TooManyClaims,
    TooManyReports,
)
from services.partners.domain.states import CallState
from services.partners.domain.terms import Terms
from services.partners.queries import (
    CallOut,
    CallPage,
    FundingOut,
    PartnerPage,
    call_for,
    calls_for,
    funding_of,
)
from services.partners.store import Calls, Registry
from shared.caller import STAFF, Role
from shared.http import Asked, Depends, asked_by, page_of, problems, reply, using
from shared.problems import NotFound, WrongState
from shared.quick import QuickRoute


@dataclass(frozen=True, slots=True)
class Use:
    """What the routes need; built once at start."""

    calls: Calls
    registry: Registry
    terms: Terms


Uses = Annotated[Use, Depends(using(Use))]
SignedIn = Annotated[Asked, Depends(asked_by())]
Members = Annotated[Asked, Depends(asked_by(Role.PARTNER))]
Readers = Annotated[Asked, Depends(asked_by(Role.PARTNER, *STAFF))]
AreaPath = Annotated[str, Query(pattern=r"^[0-9]{6}(/[0-9A-Za-z_-]{1,20}){0,4}$")]
Cursor = Annotated[str | None, Query(max_length=64)]
Limit = Annotated[int, Query(ge=1, le=100)]

router = APIRouter(prefix="/api/partners/v1", route_class=QuickRoute)
CLAIMS = "/calls/{order_id}/claims"
CLAIM = CLAIMS + "/{claim_id}"
HELD = (NotFound, NotAPartner, DisplacedHolder, AlreadyDelivered, WrongState)


@router.get("/calls", tags=["calls"], response_model=CallPage, responses=problems(NotFound, NotAPartner))
async def get_calls(
    asked: Readers,
    use: Uses,
    state: CallState | None = None,
    area: AreaPath | None = None,
    mine: bool = False,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> Response:
    """The board, newest first. Partners: what is open to them and their own; `mine`: only that. Staff: their area."""
    page = await calls_for(
        use.calls, asked.caller, mine=mine, state=state, area=area, cursor=cursor, limit=limit
    )
    return page_of(page, asked)


@router.get("/calls/{order_id}", tags=["calls"], response_model=CallOut, responses=problems(NotFound))
async def get_call(order_id: UUID, asked: Readers, use: Uses) -> Response:
    """One call, for the partners it is open to and the staff of its area."""
    return reply(await call_for(use.calls, order_id, asked.caller), asked)


@router.get("/calls/{order_id}/funding", tags=["calls"], responses=problems(NotFound))
async def get_funding(order_id: UUID, asked: SignedIn, use: Uses) -> FundingOut:  # noqa: ARG001 - for whoever is signed in
    """The public funding of an order: cost = shares + subsidies + pledges + gap, in fen."""
    return await funding_of(use.calls, order_id)


@router.post(
    CLAIMS,
    tags=["claims"],
    response_model=CallOut,
    responses=problems(
        NotFound,
        NotAPartner,
        NotOffered,
        CallOver,
        NoSuchLine,
        LineTaken,
        PledgeTooLarge,
        ExclusivelyTaken,
        TakenAsAWhole,
        TooManyClaims,
        WrongState,
    ),
)
async def post_claim(order_id: UUID, body: ClaimCall, asked: Members, use: Uses) -> Response:
    """Claim lines of a call. Repeating the request is safe; a refusal says what is still missing."""
    return reply(await claim_call(order_id, body, use.calls, use.registry, use.terms, asked), asked)


@router.post(
    CLAIM + "/plan", tags=["claims"], response_model=CallOut, responses=problems(*HELD, PlanOutOfTime)
)
async def post_plan(order_id: UUID, claim_id: UUID, body: SubmitPlan, asked: Members, use: Uses) -> Response:
    """Say how and when the work will be done. A new plan takes the place of the old one."""
    return reply(await submit_plan(order_id, claim_id, body, use.calls, use.terms, asked), asked)


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
    return reply(await report_progress(order_id, claim_id, body, use.calls, use.terms, asked), asked)


@router.post(
    CLAIM + "/delivery", tags=["claims"], response_model=CallOut, responses=problems(*HELD, NotCovered)
)
async def post_delivery(
    order_id: UUID, claim_id: UUID, body: DeliverWork, asked: Members, use: Uses
) -> Response:
    """Say that your part is done. With the last part the acceptance check can begin."""
    return reply(await deliver_work(order_id, claim_id, body, use.calls, asked), asked)


@router.post(CLAIM + "/release", tags=["claims"], response_model=CallOut, responses=problems(*HELD))
async def post_release(
    order_id: UUID, claim_id: UUID, body: ReleaseClaim, asked: Members, use: Uses
) -> Response:
    """Give your lines back, with a reason. What you had taken is missing again at once."""
    return reply(await release_claim(order_id, claim_id, body, use.calls, use.terms, asked), asked)


@router.get("/partners", tags=["partners"])
async def get_partners(
    asked: SignedIn,  # noqa: ARG001 - for whoever is signed in
    use: Uses,
    kind: PartnerKind | None = None,
    resource: ResourceKind | None = None,
    area: AreaPath | None = None,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> PartnerPage:
    """The partners, with what they can give. `area`: those that serve all of it, or something in it."""
    page = await use.registry.page(kind=kind, resource=resource, area=area, cursor=cursor, limit=limit)
    return PartnerPage(items=list(page.items), next=page.next)


@router.get("/partners/{id}", tags=["partners"], responses=problems(NotFound))
async def get_partner(id: UUID, asked: SignedIn, use: Uses) -> Partner:  # noqa: ARG001 - for whoever is signed in
    """One partner."""
    return await use.registry.get(id)
