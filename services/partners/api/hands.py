"""A claim in other hands: asked for by another partner, taken back by the staff; and who leads."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from services.partners.api.router import AT, CLAIM, HELD, Members, Readers, Uses, router
from services.partners.commands.answer_takeover import answer_takeover
from services.partners.commands.ask_takeover import ask_takeover
from services.partners.commands.choose_lead import choose_lead
from services.partners.commands.force_release import force_release
from services.partners.commands.withdraw_takeover import withdraw_takeover
from services.partners.domain.asks import (
    AnswerTakeover,
    AskTakeover,
    ChooseLead,
    ForceRelease,
    WithdrawTakeover,
)
from services.partners.domain.refusals import (
    AlreadyDelivered,
    CoolingDown,
    HoldsTooMany,
    NoTakeover,
    NotALead,
    NotAPartner,
    NotDeclared,
    NotStale,
    NotYourCall,
    OwnClaim,
    OwnMatter,
    ReserveTooSmall,
    TakeoverWaits,
    TooFewFinished,
)
from services.partners.domain.registry_refusals import AreaNotServed, NotVerified, Suspended
from services.partners.queries.calls import CallOut
from shared.http import problems, reply
from shared.problems import NotFound, WrongState

_TAKEOVER = CLAIM + "/takeover"


@router.post(
    _TAKEOVER,
    tags=["claims"],
    response_model=CallOut,
    responses=problems(
        NotFound,
        NotAPartner,
        NotVerified,
        Suspended,
        AreaNotServed,
        WrongState,
        AlreadyDelivered,
        OwnClaim,
        NotStale,
        TakeoverWaits,
        CoolingDown,
        OwnMatter,
        HoldsTooMany,
        TooFewFinished,
        NotDeclared,
        ReserveTooSmall,
    ),
)
async def post_takeover(
    order_id: UUID, claim_id: UUID, body: AskTakeover, asked: Members, use: Uses
) -> Response:
    """Ask for what another partner holds. If it keeps silent, the claim is yours when the time is over."""
    entry = await ask_takeover(
        order_id, claim_id, body, use.calls, use.registry, use.holders, use.terms, asked
    )
    return reply(entry, asked)


@router.post(
    _TAKEOVER + "/answer", tags=["claims"], response_model=CallOut, responses=problems(*HELD, NoTakeover)
)
async def post_takeover_answer(
    order_id: UUID, claim_id: UUID, body: AnswerTakeover, asked: Members, use: Uses
) -> Response:
    """Agree that another partner takes your claim over, or say why not. A plan or a report refuses it, too."""
    return reply(
        await answer_takeover(order_id, claim_id, body, use.calls, use.registry, use.terms, asked), asked
    )


@router.post(
    _TAKEOVER + "/withdrawal",
    tags=["claims"],
    response_model=CallOut,
    responses=problems(NotFound, NotAPartner, NoTakeover),
)
async def post_takeover_withdrawal(
    order_id: UUID,
    claim_id: UUID,
    body: WithdrawTakeover,  # noqa: ARG001 - it says all by being sent
    asked: Members,
    use: Uses,
) -> Response:
    """Take your request back."""
    return reply(await withdraw_takeover(order_id, claim_id, use.calls, use.terms, asked), asked)


@router.post(
    CLAIM + "/forced-release",
    tags=["claims"],
    response_model=CallOut,
    responses=problems(NotFound, NotYourCall, WrongState),
)
async def post_forced_release(
    order_id: UUID, claim_id: UUID, body: ForceRelease, asked: Readers, use: Uses
) -> Response:
    """Take a claim from its partner, with a reason: for the community and the levels above it.

    Also a part that is said to be delivered, as long as other parts are not.
    """
    return reply(await force_release(order_id, claim_id, body, use.calls, use.terms, asked), asked)


@router.post(
    AT + "/lead",
    tags=["claims"],
    response_model=CallOut,
    responses=problems(NotFound, NotYourCall, NotALead, WrongState),
)
async def post_lead(order_id: UUID, body: ChooseLead, asked: Readers, use: Uses) -> Response:
    """Say which partner speaks for all: the staff, or the partner that leads now."""
    return reply(await choose_lead(order_id, body, use.calls, asked), asked)
