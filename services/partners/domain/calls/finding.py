"""What lists find a call by."""

from __future__ import annotations

from typing import Any

from services.partners.domain.call import Call
from services.partners.domain.matching.facts import key_of
from services.partners.domain.standing.score import happened
from services.partners.domain.states import CallState, ClaimState


def found_by(call: Call) -> dict[str, Any]:
    """`wants`: what is missing while it is open; `holders`: who has a claim in hand.

    `happened`: what counts for the standing of its partners, so that it is added up without reading the calls.
    `given_at`: when the last claim was fulfilled; `judged_at`: when the last verdict was given, or an appeal decided.
    """
    found: dict[str, Any] = {}
    if call.state is CallState.OPEN:
        missing = call.missing()
        keys = [key_of(line.kind, line.unit, line.name) for line in call.lines if missing[line.name]]
        found["wants"] = list(dict.fromkeys(keys))
    if call.active:
        found["holders"] = list(dict.fromkeys(claim.partner_id for claim in call.active))
    given = [
        claim.ended_at for claim in call.claims if claim.state is ClaimState.FULFILLED and claim.ended_at
    ]
    if given:
        found["given_at"] = max(given)
    judged = [*(one.at for one in call.verdicts), *(one.decided_at for one in call.appeals if one.decided_at)]
    if judged:
        found["judged_at"] = max(judged)
    counts = [{**one._asdict(), "event": one.event.value} for one in happened(call)]
    if counts:
        found["happened"] = counts
    return found
