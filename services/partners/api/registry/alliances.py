"""Alliances of partners (红色合伙人聚盟)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from fastapi import Path
from starlette.responses import Response

from services.partners.api.registry.partners import OWN, shown
from services.partners.api.router import AreaPath, Deciders, SignedIn, Use, Uses, router
from services.partners.commands.end_alliance import end_alliance
from services.partners.commands.put_alliance import put_alliance
from services.partners.domain.registry import alliance
from services.partners.domain.registry.refusals import (
    AllianceFull,
    AllianceInUse,
    AreaNotServed,
    NotAsking,
    NotVerified,
    Suspended,
)
from services.partners.queries.registry import AllianceOut, AlliancesOut, alliances_in
from shared.asked import Asked
from shared.command import Code
from shared.http import problems
from shared.problems import Changed, LostRace, NotFound
from shared.store import Record, decide_record

AllianceId = Annotated[Code, Path()]
_ONE = "/alliances/{id}"


def _out(record: Record[alliance.Alliance], use: Use, asked: Asked) -> Response:
    return shown(AllianceOut.of(record, asked.caller, use.registry.roster.partners), record.version)


async def _changed(
    use: Use, id: str, asked: Asked, rule: Callable[[alliance.Alliance], alliance.Alliance]
) -> Response:
    return _out(await decide_record(use.registry.alliances, id, asked, rule), use, asked)


@router.get("/alliances", tags=["alliances"])
async def get_alliances(asked: SignedIn, use: Uses, area: AreaPath | None = None) -> AlliancesOut:
    """The alliances, or those of an area and below."""
    return await alliances_in(use.registry, asked.caller, area)


@router.get(_ONE, tags=["alliances"], response_model=AllianceOut, responses=problems(NotFound))
async def get_alliance(id: AllianceId, asked: SignedIn, use: Uses) -> Response:
    """One alliance, with its ETag."""
    return _out(await use.registry.alliances.get(id), use, asked)


@router.put(_ONE, tags=["alliances"], response_model=AllianceOut, responses=problems(Changed, LostRace))
async def put_alliance_(id: AllianceId, body: alliance.PutAlliance, asked: Deciders, use: Uses) -> Response:
    """Make an alliance, or change it (`If-Match`: the ETag you looked at). For the staff of its area."""
    return _out(await put_alliance(id, body, use.registry, asked), use, asked)


@router.delete(
    _ONE, tags=["alliances"], status_code=204, responses=problems(NotFound, AllianceInUse, Changed, LostRace)
)
async def delete_alliance(id: AllianceId, asked: Deciders, use: Uses) -> Response:
    """It ends, once no partner belongs to it. For the staff of its area."""
    await end_alliance(id, use.registry, asked)
    return Response(status_code=204)


@router.post(
    _ONE + "/requests",
    tags=["alliances"],
    response_model=AllianceOut,
    responses=problems(*OWN, NotVerified, Suspended, AreaNotServed, AllianceFull),
)
async def post_request(id: AllianceId, body: alliance.AskToJoin, asked: SignedIn, use: Uses) -> Response:
    """A partner asks to belong to it. For owners of the partner."""
    partner = (await use.registry.get(body.partner_id)).value
    return await _changed(
        use, id, asked, lambda it: alliance.ask_to_join(it, partner, by=asked.caller, at=asked.now)
    )


@router.post(
    _ONE + "/requests/answer",
    tags=["alliances"],
    response_model=AllianceOut,
    responses=problems(NotFound, NotAsking, LostRace),
)
async def post_request_answer(
    id: AllianceId, body: alliance.AnswerRequest, asked: Deciders, use: Uses
) -> Response:
    """Admit a partner that asks, or decline. For the staff of its area."""
    return await _changed(
        use, id, asked, lambda it: alliance.answer_request(it, body, by=asked.caller, at=asked.now)
    )


@router.delete(
    _ONE + "/partners/{partner_id}", tags=["alliances"], response_model=AllianceOut, responses=problems(*OWN)
)
async def delete_alliance_partner(id: AllianceId, partner_id: UUID, asked: SignedIn, use: Uses) -> Response:
    """A partner belongs to it no more. For owners of the partner, and the staff of the alliance's area."""
    partner = (await use.registry.get(partner_id)).value
    return await _changed(
        use, id, asked, lambda it: alliance.leave(it, partner, by=asked.caller, at=asked.now)
    )
