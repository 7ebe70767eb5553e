"""Whatever people write on a claim, the number of a person in it is neither kept, nor told, nor shown to anybody."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from services.partners.domain.call import Call
from services.partners.domain.claims.claimant import Claimant
from services.partners.domain.claims.claiming import ReleaseClaim, release
from services.partners.domain.claims.lead import ForceRelease, force_release
from services.partners.domain.claims.takeover import AskTakeover, ask_for
from services.partners.domain.works.working import DeliverWork, ReportProgress, deliver, progress
from services.partners.queries.calls import CallOut
from shared.caller import Caller, Role
from shared.entry import Decision, Entry
from tests.unit.partners.claims.test_hands import answering, asking_for, covered, stale
from tests.unit.partners.given import (
    COMMUNITY,
    FIRST,
    LATER,
    ORDER,
    SECOND,
    TERMS,
    held_by,
    member,
    planning,
    receiving,
    releasing,
    returning,
)
from tests.unit.partners.works.test_blocking import blocking, surveying

NUMBER = "13812345678"
WRITTEN = f"ask {NUMBER}, behind the gate"
KEPT = "ask ***, behind the gate"
DISTRICT = Caller("district", Role.DISTRICT, area="370203")


def _progress(call: Call) -> Decision[Call]:
    held = held_by(call, FIRST)
    command = ReportProgress(public_note=WRITTEN, percent=10, epoch=held.epoch)
    return progress(call, held.claim_id, command, partner_id=FIRST.id, person="zhao", at=LATER, terms=TERMS)


def _delivery(call: Call) -> Decision[Call]:
    held = held_by(call, FIRST)
    command = DeliverWork(public_note=WRITTEN, epoch=held.epoch)
    return deliver(call, held.claim_id, command, partner_id=FIRST.id, person="zhao", at=LATER, terms=TERMS)


def _release(call: Call) -> Decision[Call]:
    held = held_by(call, FIRST)
    command = ReleaseClaim(reason=WRITTEN, epoch=held.epoch)
    return release(call, held.claim_id, command, partner_id=FIRST.id, at=LATER, terms=TERMS)


def _forced(call: Call) -> Decision[Call]:
    claim_id = held_by(call, FIRST).claim_id
    return force_release(call, claim_id, ForceRelease(reason=WRITTEN), by=COMMUNITY, at=LATER, terms=TERMS)


def _asked_for(call: Call) -> Decision[Call]:
    silent = stale(call)
    held, by = held_by(silent, FIRST), Claimant(SECOND, person="qian")
    at = held.stale_at or LATER
    return ask_for(silent, held.claim_id, AskTakeover(reason=WRITTEN), by=by, at=at, terms=TERMS)


def _declined(call: Call) -> Decision[Call]:
    return answering(asking_for(stale(call), SECOND).state, agreed=False, reason=WRITTEN)


def _gone_back(call: Call) -> Decision[Call]:
    return returning(releasing(receiving(call, FIRST).state, FIRST).state, FIRST, reason=WRITTEN)


WRITES: Mapping[str, Callable[[Call], Decision[Call]]] = {
    "plan": lambda call: planning(call, FIRST, WRITTEN),
    "progress": _progress,
    "delivery": _delivery,
    "survey": lambda call: surveying(call, WRITTEN),
    "block": lambda call: blocking(call, reason=WRITTEN),
    "release": _release,
    "forced release": _forced,
    "takeover": _asked_for,
    "answer to a takeover": _declined,
    "return": _gone_back,
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_number_that_somebody_writes_is_nowhere_and_the_rest_of_the_text_is_there(
    write: Callable[[Call], Decision[Call]],
) -> None:
    decision = write(covered())
    entry = Entry(ORDER, decision.state, version=1)
    shown = [CallOut.of(entry, who) for who in (member(FIRST), member(SECOND), COMMUNITY, DISTRICT)]
    everywhere = [one.model_dump_json() for one in (decision.state, *decision.events, *shown)]
    assert decision.events, "nothing was written"
    assert not [text for text in everywhere if NUMBER in text]
    assert [text for text in everywhere if KEPT in text], "what was written is not the number alone"
