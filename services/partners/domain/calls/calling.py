"""What becomes of a call by what dispatch and evaluation say, and by time.

Their messages come in any order relative to one another, so each rule here does nothing where it finds nothing to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.partners.domain.call import UNTIL, Call, Need
from services.partners.domain.claim import Claim
from services.partners.domain.claims.watch import watched
from services.partners.domain.matching.offering import Rank, nobody, offer_on
from services.partners.domain.states import CallState, ClaimState
from services.partners.domain.terms import Terms
from shared.contracts.from_dispatch import (
    AreaSucceededV1,
    CallChangedV1,
    CallCorrectedV1,
    CallWithdrawnV1,
    DispatchClosedV1,
    DispatchMovedV1,
    DispatchReopenedV1,
    DispatchRetitledV1,
    WorkCheckedV1,
)
from shared.contracts.from_dispatch.works import NeedLine, PartnersCalledV1, PartnersCalledV2
from shared.contracts.from_evaluation import ReworkRequestedV1
from shared.contracts.from_partners import CallExpiredV1, CallPublishedV1, ChangePublishedV1
from shared.contracts.message import Heard, copied
from shared.entry import Decision, decided, unchanged

_EARLIER_KEPT = 100  # claims of earlier rounds: enough to tell a displaced holder that it is displaced
_ACCEPTED = frozenset({"solved", "partly"})


def open_call(
    call: Call, heard: Heard[PartnersCalledV1 | PartnersCalledV2], *, terms: Terms, rank: Rank = nobody
) -> Decision[Call]:
    """The need stands on the board → `call_published`, `call_offered`. A higher round takes the place of any before."""
    called, at = heard.data, heard.at
    if called.round <= call.round:
        return unchanged(call)
    before = call.with_all_ended(at, "called anew", _delivered(call))
    opened = copied(
        Call,
        called,
        lines=_needs(called.lines),
        offered_to=tuple([partner.lower() for partner in called.offered_to]),
        matched=isinstance(called, PartnersCalledV2) and called.offer == "matched",
        claims=_kept(before),
        epoch=before.epoch,
        record=before.record,
        verdicts=before.verdicts,
        appeals=before.appeals,
        reopened_at=before.reopened_at,
        reopened_after=before.reopened_after,
        due=before.appealed,
    ).moved(CallState.OPEN, until=terms.until(called.until, at))
    offered = offer_on(opened, at=at, terms=terms, rank=rank) if opened.matched else decided(opened)
    opened = offered.state
    told = CallPublishedV1.of(opened, lines=len(opened.lines), offered=len(opened.offered_to))
    return decided(opened, told, *offered.events)


def change(call: Call, heard: Heard[CallChangedV1], *, terms: Terms) -> Decision[Call]:
    """More is needed, or for longer → `change_published`. What was taken stays taken; the rest is missing.

    What is delivered is delivered again with the rest, as dispatch had not heard of it when it asked for more.
    """
    changed, at = heard.data, heard.at
    if not call.is_live or changed.round != call.round or changed.change <= call.changes:
        return unchanged(call)
    assert call.until is not None, "a call that is live has an end"
    until = max(call.until, terms.until(changed.until, at))
    wider = call.but(lines=_needs(changed.lines), until=until, changes=changed.change)
    reopened = call.state is not CallState.OPEN and any(wider.missing().values())
    if reopened:
        wider = (_to_deliver(wider, at) if call.state is CallState.DELIVERED else wider).moved(CallState.OPEN)
    elif call.state is CallState.OPEN:
        wider = wider.with_clock(UNTIL, until)
    told = ChangePublishedV1(round=call.round, change=changed.change, gap=wider.gap, reopened=reopened)
    return decided(watched(wider, terms), told)


def move(call: Call, heard: Heard[DispatchMovedV1 | AreaSucceededV1]) -> Decision[Call]:
    """A call that there is lies in another area; one to come will say where."""
    return decided(call.but(area=heard.data.area)) if call.area else unchanged(call)


def withdraw(call: Call, heard: Heard[CallWithdrawnV1]) -> Decision[Call]:
    """Dispatch takes the call back: whoever took a part of it is free, and what was delivered was done.

    Dispatch knows, so nothing is told.
    """
    if not call.is_live or heard.data.round < call.round:
        return unchanged(call)
    ended = call.with_all_ended(heard.at, "the call was withdrawn", _delivered(call))
    return decided(ended.moved(CallState.WITHDRAWN))


def close(call: Call, heard: Heard[DispatchClosedV1]) -> Decision[Call]:
    """The dispatch has ended. What was solved, wholly or partly, is accepted; otherwise nothing of it counts as done.

    Of a call that still has a gap only those claims are fulfilled that delivered something.
    """
    if not call.is_live:
        return unchanged(call)
    every = frozenset(claim.claim_id for claim in call.active)
    done = _delivered(call) if call.state is CallState.OPEN else every
    if heard.data.outcome not in _ACCEPTED or not done:
        return decided(call.with_all_ended(heard.at, "the order was closed").moved(CallState.WITHDRAWN))
    return decided(call.with_all_ended(heard.at, "the order was closed", done).moved(CallState.ACCEPTED))


def note_reopening(call: Call, heard: Heard[DispatchReopenedV1]) -> Decision[Call]:
    """A call that ended stays ended; verdicts from now on are of what is done from now on."""
    return decided(call.but(reopened_at=heard.at, reopened_after=heard.data.calls))


def retitle(call: Call, heard: Heard[DispatchRetitledV1]) -> Decision[Call]:
    """It is shown as something else, whatever became of it."""
    return decided(call.but(title=heard.data.title))


def correct(call: Call, heard: Heard[CallCorrectedV1]) -> Decision[Call]:
    """It is about something else, more or less urgent, or elsewhere, whatever became of it.

    Whom it is offered to, and what was taken, stays: the next step looks at what it is now.
    """
    return decided(call.but(**dict(heard.data)))


def note_check(call: Call, heard: Heard[WorkCheckedV1], *, terms: Terms) -> Decision[Call]:
    """Failed: back to work. Passed: it stays delivered until the dispatch ends."""
    return unchanged(call) if heard.data.passed else back_to_work(call, heard, terms=terms)


def back_to_work(
    call: Call, heard: Heard[WorkCheckedV1] | Heard[ReworkRequestedV1], *, terms: Terms
) -> Decision[Call]:
    """The work did not pass, or did not satisfy: the same hands do it again, and deliver again."""
    if call.state is not CallState.DELIVERED:
        return unchanged(call)
    working = _to_deliver(call, heard.at).but(work_since=heard.at).moved(CallState.IN_WORK)
    return decided(watched(working, terms))


def _to_deliver(call: Call, at: datetime) -> Call:
    """Nobody has delivered yet, or not well enough. What is expected of each counts from now."""
    again = [
        claim.but(delivered=False, again_at=at) if claim.state is ClaimState.ACTIVE else claim
        for claim in call.claims
    ]
    return call.but(claims=tuple(again))


def _delivered(call: Call) -> frozenset[UUID]:
    """The claims whose part is done, whatever becomes of the rest.

    Where all parts were delivered none counts: word that they did not pass may be heard before or after.
    """
    if call.state is CallState.DELIVERED:
        return frozenset()
    opened = call.state is CallState.OPEN  # more is asked for, or another left: what was done stays so
    return frozenset(one.claim_id for one in call.active if one.delivered or (opened and one.deliveries))


def expire(call: Call, at: datetime) -> Decision[Call]:
    """Its end has come and something is still missing: what was taken and not delivered is free → `call_expired`."""
    ended = call.with_all_ended(at, "the call expired", _delivered(call)).moved(CallState.EXPIRED)
    return decided(ended, CallExpiredV1(round=call.round, gap=ended.gap))


def _kept(call: Call) -> tuple[Claim, ...]:
    """The latest claims of earlier rounds, and those of which something is on the record."""
    known = {one.claim_id for one in call.record}
    older = [claim for claim in call.claims[:-_EARLIER_KEPT] if claim.claim_id in known]
    return (*older, *call.claims[-_EARLIER_KEPT:])


def _needs(lines: Sequence[NeedLine]) -> tuple[Need, ...]:
    """The lines, each under a name of its own: claims name lines, so a second one of a name becomes `name-2`."""
    needs: dict[str, Need] = {}
    for line in lines:
        name, again = line.name, 1
        while name in needs:
            again += 1
            name = f"{line.name}-{again}"
        needs[name] = Need.model_validate({**line.model_dump(), "name": name})
    return tuple(needs.values())
