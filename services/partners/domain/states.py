"""The states of a call and of a claim, and every legal move."""

from __future__ import annotations

from enum import StrEnum


class CallState(StrEnum):
    """Where a call stands."""

    BLANK = "blank"  # heard of, but nobody called the partners
    OPEN = "open"  # something is missing
    COVERED = "covered"  # every line is taken
    IN_WORK = "in_work"
    DELIVERED = "delivered"  # every partner says that its part is done
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"  # its end came before everything was taken


class ClaimState(StrEnum):
    """Where one partner's claim stands."""

    ACTIVE = "active"
    RELEASED = "released"
    TAKEN_OVER = "taken_over"  # by another partner, with the same lines
    FULFILLED = "fulfilled"


class Ending(StrEnum):
    """Why a claim is no longer held, unless it was fulfilled."""

    GIVEN_BACK = "given_back"  # by the partner
    TAKEN_BACK = "taken_back"  # by time: nothing was heard of it
    FORCED = "forced"  # by the staff
    TAKEN_OVER = "taken_over"  # by another partner
    CALL_ENDED = "call_ended"  # nothing the partner did


# Every move within one round. A call with a higher round is a new one: it begins at BLANK again.
NEXT: dict[CallState, frozenset[CallState]] = {
    CallState.BLANK: frozenset({CallState.OPEN}),
    CallState.OPEN: frozenset(
        {CallState.COVERED, CallState.ACCEPTED, CallState.WITHDRAWN, CallState.EXPIRED}
    ),
    CallState.COVERED: frozenset(
        {CallState.OPEN, CallState.IN_WORK, CallState.DELIVERED, CallState.ACCEPTED, CallState.WITHDRAWN}
    ),
    CallState.IN_WORK: frozenset(
        {CallState.OPEN, CallState.DELIVERED, CallState.ACCEPTED, CallState.WITHDRAWN}
    ),
    CallState.DELIVERED: frozenset(
        {CallState.OPEN, CallState.IN_WORK, CallState.ACCEPTED, CallState.WITHDRAWN}
    ),
    CallState.ACCEPTED: frozenset(),
    CallState.WITHDRAWN: frozenset(),
    CallState.EXPIRED: frozenset(),
}

# What comes after `covered` moves with checks and verdicts: for whoever has no part in it, it is `covered`.
AS_COVERED = frozenset({CallState.COVERED, CallState.IN_WORK, CallState.DELIVERED, CallState.ACCEPTED})

LIVE = frozenset({CallState.OPEN, CallState.COVERED, CallState.IN_WORK, CallState.DELIVERED})

ENDED = frozenset({ClaimState.RELEASED, ClaimState.TAKEN_OVER})  # nothing came of it
