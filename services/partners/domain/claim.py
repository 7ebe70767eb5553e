"""What one partner took of a call, and what is known of its work on it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field

from services.partners.domain.states import ClaimState, Ending
from shared.entry import Kept

FUNDS = "funds"
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]  # SHA-256 of a file
Photos = Annotated[tuple[Digest, ...], Field(max_length=10)]
Epoch = Annotated[int, Field(strict=True, ge=1, le=2**31)]


class Pledged(Kept):
    """So much of one line, as a partner took it."""

    name: str
    kind: str
    amount: int
    unit: str


class Step(Kept):
    """One step of a plan."""

    text: str
    ends: date


class Plan(Kept):
    """How and when a partner will do its part."""

    text: str
    starts: date
    ends: date
    at: datetime
    steps: tuple[Step, ...] = ()
    people: int | None = None  # how many will work
    documents: tuple[str, ...] = ()  # SHA-256 of each


class Survey(Kept):
    """What a partner found on the spot."""

    note: str
    photos: tuple[str, ...] = ()  # SHA-256 of each
    at: datetime


class Report(Kept):
    """How far a partner's part is."""

    percent: int
    note: str
    at: datetime
    photos: tuple[str, ...] = ()  # SHA-256 of each


class Block(Kept):
    """What keeps a partner from its work; its clock stands still until then at the latest."""

    reason: str
    at: datetime
    until: datetime


class TakeOver(Kept):
    """Another partner asks for a claim. Its lines count as the asker's own from then on."""

    partner_id: UUID
    partner_name: str
    reason: str
    at: datetime
    until: datetime  # then silence grants it
    by: str = ""  # id of the person who asked
    outcome: str = ""  # refused, withdrawn, overtaken; empty: it waits
    answer: str = ""
    ended_at: datetime | None = None


class Claim(Kept):
    """What one partner took. `epoch` tells it from every other claim of this order; no other claim has the same."""

    claim_id: UUID
    round: int
    partner_id: UUID
    partner_name: str
    epoch: int
    lines: tuple[Pledged, ...]
    at: datetime
    state: ClaimState = ClaimState.ACTIVE
    plan: Plan | None = None
    reports: tuple[Report, ...] = ()
    delivered: bool = False  # its part is done, as far as the partner says
    deliveries: int = 0  # how often: rework takes `delivered` back, but not what was done
    delivered_at: datetime | None = None  # for the first time
    people: tuple[str, ...] = ()  # ids of the persons who acted on it for the partner
    ended_at: datetime | None = None
    ending: Ending | None = None  # None: active, fulfilled, or ended before this was kept
    reason: str = ""  # why it was released
    waits_for: str | None = None  # plan or progress; None: nothing is expected of the partner now
    due: datetime | None = None  # when it must be there
    reminded_of: datetime | None = None  # the end that the partner was reminded of
    stale_at: datetime | None = None  # since when nothing was heard of it in time
    resumed_at: datetime | None = None  # when a block ended
    again_at: datetime | None = None  # when what it had delivered was asked for again
    block: Block | None = None
    blocked_for: int = 0  # seconds of all blocks that have ended
    surveys: tuple[Survey, ...] = ()
    takeover: TakeOver | None = None  # the request that waits
    takeovers: tuple[TakeOver, ...] = ()  # the latest that did not lead to it

    @property
    def amounts(self) -> dict[str, int]:
        return {line.name: line.amount for line in self.lines}

    @property
    def plain_state(self) -> ClaimState:
        """All that everybody may know of its state: whether it is given back, or in other hands."""
        return ClaimState.ACTIVE if self.state is ClaimState.FULFILLED else self.state

    @property
    def was_done(self) -> bool:
        """Once, or for good. Since then it goes by checks and verdicts."""
        return self.state is ClaimState.FULFILLED or (self.state is ClaimState.ACTIVE and self.deliveries > 0)

    def acted_on(self, person: str) -> Self:
        """By somebody for the partner, who stays known for it."""
        return self if person in self.people else self.but(people=(*self.people, person))

    def fulfilled(self, at: datetime) -> Self:
        """It counts as delivered, whatever was heard before."""
        return self._over(state=ClaimState.FULFILLED, ended_at=at, delivered=True)

    def ended(self, ending: Ending, at: datetime, reason: str) -> Self:
        """In nobody's hands, or in another's; it does not count as delivered, whatever was heard before."""
        state = ClaimState.TAKEN_OVER if ending is Ending.TAKEN_OVER else ClaimState.RELEASED
        return self._over(state=state, ending=ending, ended_at=at, reason=reason, delivered=False)

    def _over(self, **changes: Any) -> Self:
        """Nothing is expected of it, and nobody waits for it."""
        none = dict.fromkeys(("waits_for", "due", "stale_at", "again_at", "block", "takeover"))
        return self.but(**none, **changes)
