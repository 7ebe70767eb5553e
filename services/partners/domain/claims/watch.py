"""What is expected of each partner, and until when: the clocks of claims.

A claim has one clock. It strikes for a reminder, then when nothing came in time (it is stale, and others may ask for
it), then when it goes back to the call; and when a block has lasted as long as it may.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from services.partners.domain.call import Call
from services.partners.domain.claim import Claim
from services.partners.domain.states import CallState, ClaimState
from services.partners.domain.terms import Terms

CLAIM = "claim/"  # and the epoch: the clock of one claim
TAKEOVER = "takeover/"  # and the epoch: the clock of a request to take it over
PLAN, PROGRESS = "plan", "progress"


def watched(call: Call, terms: Terms) -> Call:
    """Every active claim has the clocks that it needs now, and no other."""
    due = {name: at for name, at in call.due.items() if not name.startswith((CLAIM, TAKEOVER))}
    claims = []
    for one in call.claims:
        claim = one
        if claim.state is ClaimState.ACTIVE:
            claim, strikes = _watched(claim, call, terms)
            if strikes is not None:
                due[f"{CLAIM}{claim.epoch}"] = strikes
            if claim.takeover is not None:
                due[f"{TAKEOVER}{claim.epoch}"] = claim.takeover.until
        claims.append(claim)
    return call.but(claims=tuple(claims), due=due)


def claim_at(call: Call, clock: str) -> Claim | None:
    """The active claim that a clock belongs to."""
    epoch = clock.partition("/")[2]
    return next((claim for claim in call.active if str(claim.epoch) == epoch), None)


def _watched(claim: Claim, call: Call, terms: Terms) -> tuple[Claim, datetime | None]:
    """The claim with what is expected of it, and when its clock strikes next."""
    expected = None if claim.block else _expected(claim, call, terms)
    if expected is None:
        idle = claim.but(waits_for=None, due=None, stale_at=None)
        return idle, claim.block.until if claim.block else None
    what, since, due = expected
    claim = claim.but(waits_for=what, due=due)
    if claim.stale_at is not None:
        return claim, claim.stale_at + terms.take_back_after
    remind = due - terms.remind_before
    return claim, remind if remind > since and claim.reminded_of != due else due


def _expected(claim: Claim, call: Call, terms: Terms) -> tuple[str, datetime, datetime] | None:
    """What is expected, since when, and until when."""
    if claim.delivered or call.state is CallState.DELIVERED:
        return None
    plan = claim.plan
    if plan is None:
        since = max([claim.at, *filter(None, (claim.resumed_at, claim.again_at))])
        return PLAN, since, terms.calendar.after(since, terms.plan_within)
    if call.state is CallState.OPEN:
        return None  # it has a plan, and waits for others to take the rest
    heard = [one.at for one in claim.reports[-1:]]
    since = max(plan.at, _begin(plan.starts), *heard, *filter(None, (call.work_since, claim.resumed_at)))
    due, ends = since + terms.progress_every, _begin(plan.ends + timedelta(days=1))
    return PROGRESS, since, min(due, ends) if ends > since else due


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
