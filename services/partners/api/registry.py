"""The registry: who the partners are, and what they can give."""

from __future__ import annotations

from uuid import UUID

from services.partners.api.router import AreaPath, Cursor, Limit, SignedIn, Uses, router
from services.partners.domain.partner import Partner, PartnerKind
from services.partners.domain.resource import ResourceKind
from services.partners.queries.registry import PartnerPage
from shared.http import problems
from shared.problems import NotFound


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
    return (await use.registry.get(id)).value.public()
