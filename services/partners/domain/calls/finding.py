"""What lists find a call by, and what it adds to the sums that are kept beside them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Any

from services.partners.domain.call import Call
from services.partners.domain.claim import Claim
from services.partners.domain.claims.claimant import is_lost
from services.partners.domain.matching.loads import given_by, held_in, said_by
from services.partners.domain.registry.resource import key_of
from services.partners.domain.standing.impact import PICTURED, adds_by_month, is_pictured
from services.partners.domain.standing.rules import EVENT
from services.partners.domain.standing.score import happened
from services.partners.domain.states import ENDED, CallState, ClaimState
from shared.periods import month_of, year_of


def found_by(call: Call) -> dict[str, Any]:
    """`wants`: what is missing while it is open; `holders`: who has a claim in hand.

    `over`: of each claim that ended, for what it can still matter to its partner, and when it ended.
    `happened`: what counts for the standing of its partners, of which the latest are shown.
    """
    found: dict[str, Any] = {}
    if call.state is CallState.OPEN:
        missing = call.missing()
        keys = [key_of(line.kind, line.unit, line.name) for line in call.lines if missing[line.name]]
        found["wants"] = list(dict.fromkeys(keys))
    if call.active:
        found["holders"] = list(dict.fromkeys(claim.partner_id for claim in call.active))
    over = [
        {"of": f"{claim.partner_id}|{what}", "at": claim.ended_at}
        for claim in call.claims
        if claim.ended_at
        for what in _matters(call, claim)
    ]
    if over:
        found["over"] = over
    counts = [{**one._asdict(), "event": one.event.value} for one in happened(call)]
    if counts:
        found["happened"] = counts
    return found


def added_by(call: Call, zone: tzinfo) -> dict[str, Counter[str]] | None:
    """By key, what the call adds to the sums: for its area, month and year, and for each partner and month.

    None as long as nobody took anything; from then on also nothing is something: it may have been more before.
    """
    if not call.verdicts and not call.claims:
        return None
    sums: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one in happened(call):
        month = month_of(one.at, zone)
        for of in (month, year_of(month)):
            # In sixteen parts: a sum of all partners would be too large to be moved quickly.
            key = f"{standing_path(call.area)}|{of}|{one.partner_id.hex[-1]}"
            sums[key][f"{one.partner_id}|{one.event.value}"] += 1
        its = sums[f"{load_paths(one.at, zone)[-1]}|{one.partner_id}"]
        its.update(said_by(one))
        its[f"{EVENT}{one.event.value}"] += 1
    for claim in call.active:
        sums[f"{LOAD}|{claim.partner_id}"].update(held_in(claim.lines))
    for claim in call.claims:
        if claim.state is ClaimState.FULFILLED and claim.ended_at:
            key = f"{load_paths(claim.ended_at, zone)[-1]}|{claim.partner_id}"
            sums[key].update(given_by(claim.lines, call.area))
    for partner_id in {claim.partner_id for claim in call.claims}:
        for at, came in adds_by_month(call, partner_id, zone):
            sums[f"{load_paths(at, zone)[-1]}|{partner_id}"].update(came)
    return {key: its for key, its in sums.items() if its}


LOAD = "load"  # where it is also summed up what each has in hand


def load_paths(at: datetime, zone: tzinfo) -> tuple[str, str, str]:
    """Where it is summed up what partners gave and did: ever, in the year, in the month of that time."""
    month = month_of(at, zone)
    year = f"{LOAD}/{year_of(month)}"
    return LOAD, year, f"{year}/{month}"


def standing_path(area: str | None) -> str:
    """Where it is summed up, by month and year, what happened to partners in an area; None: everywhere."""
    return f"standing/{area}" if area else "standing"


def _matters(call: Call, claim: Claim) -> Iterator[str]:
    """`done`, `lost`, and the key of every line of which something is gone, which leaves less of a resource."""
    if claim.state is ClaimState.FULFILLED:
        yield "done"
        if is_pictured(claim):
            yield PICTURED
    elif is_lost(claim):
        yield "lost"
    came = {one.line for one in call.record if one.claim_id == claim.claim_id and one.received}
    gone = [line for line in claim.lines if claim.state not in ENDED or line.name in came]
    yield from dict.fromkeys(key_of(line.kind, line.unit, line.name) for line in gone)
