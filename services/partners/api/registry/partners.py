"""The registry: who the partners are; who wants to be one; who decides about it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from fastapi.types import DecoratedCallable
from pydantic import BaseModel
from starlette.responses import Response

from services.partners.api.router import (
    PARTNER,
    AreaPath,
    Cursor,
    Deciders,
    Limit,
    SignedIn,
    Use,
    Uses,
    router,
)
from services.partners.commands.apply_again import apply_again
from services.partners.commands.apply_as_partner import apply_as_partner
from services.partners.commands.leave_registry import leave_registry
from services.partners.domain.registry import registering
from services.partners.domain.registry.partner import PartnerKind, PartnerState, Registered
from services.partners.domain.registry.refusals import (
    AlreadyApplied,
    HoldsClaims,
    NotAMember,
    NotAnOwner,
    OutsideDistrict,
    OwnPartner,
    SuspensionOver,
)
from services.partners.domain.registry.resource import ResourceKind
from services.partners.queries.registry import (
    PartnerPage,
    PublicPartner,
    RegistrationOut,
    public_partner,
    registration_for,
    registrations_in,
)
from shared.asked import Asked
from shared.http import problems, to_json
from shared.problems import Changed, LostRace, NoSuchName, NotFound, RuleBroken, WrongState
from shared.store import Record

OWN = (NotFound, NotAMember, NotAnOwner, Changed, LostRace)
_DECIDED = (NotFound, OwnPartner, WrongState, Changed, LostRace)


def shown(out: BaseModel, version: int, status: int = 200) -> Response:
    """A document with its ETag."""
    headers = {"etag": f'"{version}"', "cache-control": "no-store"}
    return Response(to_json(out), status, headers, "application/json")


def registration(record: Record[Registered], asked: Asked, status: int = 200) -> Response:
    return shown(RegistrationOut.of(record, asked.caller, asked.now), record.version, status)


def on_partner(
    path: str, *refusals: type[RuleBroken], method: str = "POST"
) -> Callable[[DecoratedCallable], DecoratedCallable]:
    """The route of what is asked of one partner: answered with all that is kept of it, or refused."""
    return router.api_route(
        PARTNER + path,
        methods=[method],
        tags=["registry"],
        response_model=RegistrationOut,
        responses=problems(*refusals),
    )


async def changed(use: Use, id: UUID, asked: Asked, rule: Callable[[Registered], Registered]) -> Response:
    """What the caller sees of the partner after the rule has changed it."""
    return registration(await use.registry.change(id, rule, asked), asked)


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


@router.post(
    "/partners",
    tags=["registry"],
    status_code=201,
    response_model=RegistrationOut,
    responses=problems(AlreadyApplied, OutsideDistrict, NoSuchName, LostRace),
)
async def post_partner(body: registering.ApplyAsPartner, asked: SignedIn, use: Uses) -> Response:
    """Apply as a partner. Staff of its area verify it or refuse it; whoever applies is its owner."""
    return registration(await apply_as_partner(body, use.registry, use.terms, asked), asked, 201)


@router.get(PARTNER, tags=["partners"], responses=problems(NotFound))
async def get_partner(id: UUID, asked: SignedIn, use: Uses) -> PublicPartner:  # noqa: ARG001 - for whoever is signed in
    """The public page of a partner."""
    return await public_partner(use.registry, id)


@on_partner("", *OWN, NoSuchName, method="PUT")
async def put_partner(id: UUID, body: registering.EditPartner, asked: SignedIn, use: Uses) -> Response:
    """Change what the partner says of itself (`If-Match`: the ETag you looked at). For its members."""
    return await changed(
        use, id, asked, lambda it: registering.edit(it, body, by=asked.caller, at=asked.now, terms=use.terms)
    )


@router.get("/registrations", tags=["registry"], responses=problems(NotFound))
async def get_registrations(
    asked: Deciders,
    use: Uses,
    state: PartnerState = PartnerState.APPLIED,
    area: AreaPath | None = None,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> PartnerPage:
    """Who waits for your decision, who came first first; or the partners of your area in another state."""
    return await registrations_in(
        use.registry, asked.caller, state=state, area=area, cursor=cursor, limit=limit
    )


@on_partner("/registration", NotFound, NotAMember, method="GET")
async def get_registration(id: UUID, asked: SignedIn, use: Uses) -> Response:
    """All that is kept of a partner, with its changes: for its members, and for the staff that decides."""
    return registration(await registration_for(use.registry, id, asked.caller), asked)


@on_partner("/application", *OWN, AlreadyApplied, OutsideDistrict, NoSuchName, WrongState)
async def post_application(
    id: UUID, body: registering.ApplyAsPartner, asked: SignedIn, use: Uses
) -> Response:
    """Apply again after a refusal or after leaving; or correct an application that waits. For its owners."""
    return registration(await apply_again(id, body, use.registry, use.terms, asked), asked)


@on_partner("/verification", *_DECIDED)
async def post_verification(id: UUID, asked: Deciders, use: Uses) -> Response:
    """The partner is who it says; it may claim. For the staff of an area that has all of the partner's in it."""
    return await changed(use, id, asked, lambda it: registering.verify(it, by=asked.caller, at=asked.now))


@on_partner("/refusal", *_DECIDED)
async def post_refusal(id: UUID, body: registering.RefusePartner, asked: Deciders, use: Uses) -> Response:
    """The application is refused, and why. It may be made again."""
    return await changed(
        use, id, asked, lambda it: registering.refuse(it, body, by=asked.caller, at=asked.now)
    )


@on_partner("/suspension", *_DECIDED, SuspensionOver)
async def post_suspension(id: UUID, body: registering.SuspendPartner, asked: Deciders, use: Uses) -> Response:
    """The partner can take nothing more, until then or until it is reinstated. What it holds it can finish."""
    return await changed(
        use, id, asked, lambda it: registering.suspend(it, body, by=asked.caller, at=asked.now)
    )


@on_partner("/reinstatement", *_DECIDED)
async def post_reinstatement(id: UUID, asked: Deciders, use: Uses) -> Response:
    """The suspension ends."""
    return await changed(use, id, asked, lambda it: registering.reinstate(it, by=asked.caller, at=asked.now))


@on_partner("/departure", *OWN, HoldsClaims, WrongState)
async def post_departure(id: UUID, body: registering.LeaveRegistry, asked: SignedIn, use: Uses) -> Response:
    """The partner leaves, once it has nothing in hand. It may apply again. For its owners."""
    return registration(await leave_registry(id, body, use.calls, use.registry, asked), asked)
