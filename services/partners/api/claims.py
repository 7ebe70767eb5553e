"""Claims: lines of a call are taken, given back, taken over, taken away; and who leads."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from starlette.responses import Response

from services.partners.api.router import (
    HELD,
    PARTNER,
    Known,
    Members,
    Readers,
    Uses,
    answered,
    answered_partner,
    by_holder,
    on_call,
    on_claim,
    router,
    unless_known,
)
from services.partners.commands.take_on import take_on
from services.partners.domain.call import Call
from services.partners.domain.claims import claiming, lead, takeover
from services.partners.domain.claims.notes import noted
from services.partners.domain.claims.refusals import (
    AlreadyDelivered,
    CallOver,
    CoolingDown,
    ExclusivelyTaken,
    HoldsTooMany,
    LineTaken,
    NoSuchLine,
    NoTakeover,
    NotALead,
    NotDeclared,
    NotOffered,
    NotStale,
    NotYourCall,
    OwnClaim,
    OwnMatter,
    PledgeTooLarge,
    ReserveTooSmall,
    TakenAsAWhole,
    TakeoverWaits,
    TooFewFinished,
    TooManyClaims,
)
from services.partners.domain.registry.refusals import AreaNotServed, NotAPartner, NotVerified, Suspended
from services.partners.queries.claims import MyClaimsOut, ReserveOut, claims_of, reserve_for
from shared.entry import Decision
from shared.http import problems, reply, to_json
from shared.problems import NotFound, WrongState

_TAKING = (NotFound, NotAPartner, NotVerified, Suspended, AreaNotServed, OwnMatter, CoolingDown, HoldsTooMany,
           TooFewFinished, NotDeclared, ReserveTooSmall, WrongState)  # fmt: skip


@on_call(
    "claims",
    "/claims",
    *_TAKING,
    NotOffered,
    CallOver,
    NoSuchLine,
    LineTaken,
    PledgeTooLarge,
    ExclusivelyTaken,
    TakenAsAWhole,
    TooManyClaims,
)
async def post_claim(order_id: UUID, body: claiming.ClaimCall, asked: Members, use: Uses) -> Response:
    """Claim lines of a call. Repeating the request is safe; a refusal says what is still missing.

    The same amounts of the same lines that you hold already are a repetition, whatever the `Idempotency-Key`: nothing
    more is claimed. Who wants as much again gives another amount, or releases first and claims all at once.
    """
    entry = await take_on(
        use.calls,
        order_id,
        asked,
        lambda call, by: claiming.claim(call, body, order_id=order_id, by=by, at=asked.now, terms=use.terms),
        registry=use.registry,
        holders=use.holders,
        terms=use.terms,
    )
    return reply(entry, asked)


@on_claim("/release", *HELD)
async def post_release(
    order_id: UUID, claim_id: UUID, body: claiming.ReleaseClaim, asked: Members, use: Uses
) -> Response:
    """Give your lines back, with a reason. What you had taken is missing again at once."""
    return await by_holder(use, order_id, claim_id, asked, claiming.release, body)


@on_claim("/takeover", *_TAKING, AlreadyDelivered, OwnClaim, NotStale, TakeoverWaits)
async def post_takeover(
    order_id: UUID, claim_id: UUID, body: takeover.AskTakeover, asked: Members, use: Uses
) -> Response:
    """Ask for what another partner holds. If it keeps silent, the claim is yours when the time is over."""
    entry = await take_on(
        use.calls,
        order_id,
        asked,
        lambda call, by: takeover.ask_for(call, claim_id, body, by=by, at=asked.now, terms=use.terms),
        registry=use.registry,
        holders=use.holders,
        terms=use.terms,
    )
    return reply(entry, asked)


@on_claim("/takeover/answer", *HELD, NoTakeover)
async def post_takeover_answer(
    order_id: UUID, claim_id: UUID, body: takeover.AnswerTakeover, asked: Members, use: Uses
) -> Response:
    """Agree that another partner takes your claim over, or say why not. A plan or a report refuses it, too."""
    return await by_holder(
        use, order_id, claim_id, asked, partial(takeover.answer, able=use.registry.may_claim), body
    )


@on_claim("/takeover/withdrawal", NotFound, NotAPartner, NoTakeover)
async def post_takeover_withdrawal(
    order_id: UUID,
    claim_id: UUID,
    body: takeover.WithdrawTakeover,  # noqa: ARG001 - it says all by being sent
    asked: Members,
    use: Uses,
) -> Response:
    """Take your request back."""
    return await answered_partner(
        use,
        order_id,
        asked,
        lambda call, me: takeover.withdraw_request(
            call, claim_id, partner_id=me, at=asked.now, terms=use.terms
        ),
    )


@on_claim("/forced-release", NotFound, NotYourCall, WrongState)
async def post_forced_release(
    order_id: UUID, claim_id: UUID, body: lead.ForceRelease, asked: Readers, use: Uses
) -> Response:
    """Take a claim from its partner, with a reason: for the community and the levels above it.

    Also a part that is said to be delivered, as long as other parts are not.
    """

    def rule(call: Call) -> Decision[Call]:
        taken = lead.force_release(call, claim_id, body, by=asked.caller, at=asked.now, terms=use.terms)
        return noted(call, taken, claim_id, body, by=asked.caller, at=asked.now)

    return await answered(use, order_id, asked, rule)


@on_call("claims", "/lead", NotFound, NotYourCall, NotALead, WrongState)
async def post_lead(order_id: UUID, body: lead.ChooseLead, asked: Readers, use: Uses) -> Response:
    """Say which partner speaks for all: the staff, or the partner that leads now."""
    return await answered(use, order_id, asked, lambda call: lead.choose_lead(call, body, by=asked.caller))


@router.get("/claims/mine", tags=["matching"], response_model=MyClaimsOut, responses=problems(NotAPartner))
async def get_my_claims(asked: Members, use: Uses, known: Known = None) -> Response:
    """What you have in hand on all calls, what is due first comes first. With `If-None-Match`, as the board."""
    return unless_known(to_json(await claims_of(use.calls, asked.caller)), "application/json", known)


@router.get(PARTNER + "/reserve", tags=["partners"], responses=problems(NotFound))
async def get_reserve(id: UUID, asked: Readers, use: Uses) -> ReserveOut:
    """What a partner has, what of it is promised or given, and what is free: for its members and for staff."""
    return await reserve_for(use.calls, use.registry, id, asked.caller, use.terms, asked.now)
