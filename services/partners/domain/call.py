"""A need that partners may take, line by line: what is known of it, and what follows from that."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from services.partners.domain.claim import FUNDS, Claim
from services.partners.domain.states import AS_COVERED, LIVE, NEXT, CallState, ClaimState, Ending
from shared.caller import STAFF, Caller, Role
from shared.entry import Kept, State
from shared.problems import WrongState

APPEAL = "appeal/"  # and its id: until it is decided
UNTIL = "until"  # the clock that ends an open call
OFFER = "offer"  # the clock that offers it to more


class Need(Kept):
    """One line of the need. `amount` is fen for funds, whole units for everything else."""

    name: str
    kind: str
    amount: int
    unit: str
    text: str = ""
    latest: date | None = None  # the last day on which it is of use


class Deed(StrEnum):
    """What became of something that was pledged."""

    CONFIRMED = "confirmed"  # by the partner: the money stands ready
    RECEIVED = "received"  # money was paid, goods were handed over, hours were worked
    RETURNED = "returned"  # of what was received; also where it was written down by mistake


class Written(Kept):
    """One thing that became of a pledge. Nothing that is written is ever changed: a mistake is written against."""

    deed: Deed
    claim_id: UUID
    line: str
    kind: str
    amount: int  # fen for funds
    at: datetime
    by: str
    day: date | None = None  # when it was received or returned
    reference: str = ""  # number of the paper; no other deed of the order has the same
    document: str = ""  # SHA-256 of the paper
    reason: str = ""

    @property
    def received(self) -> int:
        """What it adds to what has come in: what went back is taken off."""
        return {Deed.RECEIVED: self.amount, Deed.RETURNED: -self.amount}.get(self.deed, 0)

    def stands_for(self, other: Written) -> bool:
        """Whether both are the same paper, whoever wrote it down and when."""
        return self.but(at=other.at, by=other.by) == other


class Declined(Kept):
    """A partner does not want what it was offered."""

    partner_id: UUID
    reason: str
    at: datetime


class Verdict(Kept):
    """What one household said of the work, and of whose work. Who said it stays in evaluation."""

    n: int  # of evaluation's history: no other verdict of the order has the same
    round: int  # of the call
    partners: tuple[UUID, ...]  # whose work it was
    verdict: str  # satisfied, mostly, unsatisfied
    at: datetime


class Appeal(Kept):
    """A partner says that something should not count against it; staff of the street or district decide."""

    id: UUID
    partner_id: UUID
    against: str  # verdict or claim
    of: str  # the number of the verdict, the id of the claim
    reason: str
    at: datetime
    by: str = ""  # id of the person who made it
    since: datetime | None = None  # the level has it; when it was made, where nothing is said
    decide_by: datetime | None = None  # then the next level has to
    level: str = "street"  # that has to decide, or a higher one
    overdue: bool = False  # the highest did not decide in time
    decision: str = "open"  # upheld, rejected
    answer: str = ""
    decided_at: datetime | None = None


class KeptNote(Kept):
    """A word about a claim that stays with its partner and the staff."""

    claim_id: UUID
    at: datetime
    role: str
    by: str  # id of the person
    text: str


class Call(State):
    """The call of one order. Blank until dispatch calls the partners.

    `epoch` rises with every change of hands. `claims` are those of this round and the latest of earlier rounds.
    """

    state: CallState = CallState.BLANK
    round: int = 0
    changes: int = 0  # how often it was changed in this round
    title: str = ""
    category: str = ""
    urgency: str = ""
    area: str = ""
    longitude: float | None = None  # WGS-84, degrees; None: told before places were
    latitude: float | None = None
    lines: tuple[Need, ...] = ()
    exclusive: bool = False
    offered_to: tuple[str, ...] = ()  # partner ids; empty: open to all
    matched: bool = False  # offered to those who fit best first, and step by step to all
    offer_step: int = 0  # of a matched call: how far it is offered by now
    declined: tuple[Declined, ...] = ()
    own_of: tuple[str, ...] = ()  # ids of those whose own matter it is
    households: tuple[str, ...] = ()  # flats of the area that bear a share of it
    until: datetime | None = None
    cost: int = 0  # fen, as dispatch told them
    shares: int = 0
    subsidies: int = 0
    claims: tuple[Claim, ...] = ()
    epoch: int = 0
    record: tuple[Written, ...] = ()  # append-only, of all rounds
    work_since: datetime | None = None  # since when the partners can work: covered, or back to work
    chosen_lead: UUID | None = None  # the partner that was chosen to speak for all
    verdicts: tuple[Verdict, ...] = ()  # the latest, of all rounds
    reopened_at: datetime | None = (
        None  # when the order was opened again; what is said since is of other work
    )
    reopened_after: int = 0  # … than that of the rounds up to this
    appeals: tuple[Appeal, ...] = ()  # of all rounds
    notes: tuple[KeptNote, ...] = ()  # words that residents do not read, oldest first

    # ------------------------------------------------------------ who holds what

    @property
    def active(self) -> tuple[Claim, ...]:
        return tuple([claim for claim in self.claims if claim.state is ClaimState.ACTIVE])

    @property
    def holding(self) -> tuple[Claim, ...]:
        """The claims of this round that keep their lines from everybody else."""
        kept = (ClaimState.ACTIVE, ClaimState.FULFILLED)
        return tuple([claim for claim in self.claims if claim.round == self.round and claim.state in kept])

    @property
    def partners(self) -> tuple[UUID, ...]:
        """Who has a part of it, each once, the first to come first."""
        return tuple(dict.fromkeys(claim.partner_id for claim in self.holding))

    @property
    def people(self) -> tuple[str, ...]:
        """Ids of the persons who acted for them, each once."""
        return tuple(dict.fromkeys(person for claim in self.holding for person in claim.people))

    @property
    def lead(self) -> UUID | None:
        """The partner that speaks for all: the chosen one as long as it has a part, else the first that came."""
        able = [claim.partner_id for claim in self.active]
        return self.chosen_lead if self.chosen_lead in able else next(iter(able), None)

    @property
    def last_epoch(self) -> int:
        """That of the last who claimed: it does not move with how that ended."""
        return max((claim.epoch for claim in self.claims), default=0)

    @property
    def plain_lead(self) -> UUID | None:
        """The same, also when the work is done."""
        return self.chosen_lead if self.chosen_lead in self.partners else next(iter(self.partners), None)

    def is_offered_to(self, partner_id: UUID) -> bool:
        return not self.offered_to or str(partner_id) in self.offered_to

    def is_seen_by(self, caller: Caller) -> bool:
        """Staff see the calls of their area; partners what is open to them, and what they ever had a part in."""
        if self.state is CallState.BLANK:
            return False
        if caller.role is Role.PARTNER and caller.partner is not None:
            mine = any(str(claim.partner_id) == caller.partner for claim in self.claims)
            return mine or not self.offered_to or caller.partner in self.offered_to
        return caller.role in STAFF and caller.covers(self.area)

    def is_followed_by(self, caller: Caller) -> bool:
        """Of those who see it, the staff and whoever has a part: they see how the work goes, and what is said of it."""
        return caller.role in STAFF or self.is_done_by(caller.partner)

    def is_done_by(self, partner: UUID | str | None) -> bool:
        return str(partner) in map(str, self.partners)

    @property
    def plain_state(self) -> CallState:
        """All that everybody may know of its state: whether partners can still take something."""
        return CallState.COVERED if self.state in AS_COVERED else self.state

    # ------------------------------------------------------------ what is missing

    def taken(self) -> dict[str, int]:
        """By line, what partners took of it."""
        taken = {line.name: 0 for line in self.lines}
        for claim in self.holding:
            for line in claim.lines:
                taken[line.name] += line.amount
        return taken

    def missing(self) -> dict[str, int]:
        """By line, what nobody took yet. Never negative."""
        taken = self.taken()
        return {line.name: line.amount - taken[line.name] for line in self.lines}

    @property
    def gap(self) -> int:
        """Fen that are missing on the lines of funds."""
        missing = self.missing()
        return sum(missing[line.name] for line in self.lines if line.kind == FUNDS)

    @property
    def pledges(self) -> int:
        """Fen that partners pledged on the lines of funds."""
        return sum(line.amount for line in self.lines if line.kind == FUNDS) - self.gap

    @property
    def shown_gap(self) -> int:
        """Fen that this call asks for still: one that ended asks for nothing."""
        return 0 if self._came_to_nothing else self.gap

    @property
    def known_cost(self) -> int | None:
        """Fen. None when none is known, or dispatch told one that does not add up: figures that are shown always do.

        Nor of a call that came to nothing: what is agreed since is told with the next one.
        """
        if self._came_to_nothing:
            return None
        total = self.shares + self.subsidies + self.pledges + self.shown_gap
        return total if total and (self._says_the_cost or total == self.cost) else None

    @property
    def _came_to_nothing(self) -> bool:
        return self.state in (CallState.WITHDRAWN, CallState.EXPIRED)

    @property
    def _says_the_cost(self) -> bool:
        """Nobody agreed on a cost: it is what the call asks for, as long as the call stands."""
        return self.cost == self.shares == self.subsidies == 0

    def now(self) -> Mapping[str, Any]:
        """What is true, for whoever was refused, whether they have a part in it or not."""
        return {"state": self.plain_state.value, "missing": self.missing(), "gap": self.gap}

    # ------------------------------------------------------------ how it changes

    def must_be(self, *allowed: CallState) -> None:
        if self.state not in allowed:
            raise WrongState(f"the call is {self.state.value}", **{**self.now(), "state": self.state.value})

    def must_be_open(self) -> None:
        """For whoever has no part in it."""
        if self.state is not CallState.OPEN:
            raise WrongState(f"the call is {self.plain_state.value}", **self.now())

    @property
    def appealed(self) -> dict[str, datetime]:
        """The clocks of its appeals: they run also when it has ended."""
        return {name: at for name, at in self.due.items() if name.startswith(APPEAL)}

    def moved(self, to: CallState, *, until: datetime | None = None) -> Self:
        """In another state. The one place that checks the table; an open call has an end, the others need none."""
        if to not in NEXT[self.state]:
            raise WrongState(f"a call that is {self.state.value} cannot become {to.value}", **self.now())
        ends = self.until if until is None else until
        if to not in LIVE:
            return self.but(state=to, until=ends, due=self.appealed, work_since=None)
        works_since = None if to is CallState.OPEN else self.work_since
        moved = self.but(state=to, until=ends, work_since=works_since)
        moved = moved.with_clock(UNTIL, ends if to is CallState.OPEN else None)
        if self.matched and self.state is not CallState.BLANK:
            # What comes back is open to all at once: whoever fits best had its time.
            offered_to = () if to is CallState.OPEN else self.offered_to
            moved = moved.but(offered_to=offered_to).with_clock(OFFER, None)
        return moved

    def with_claim(self, claim: Claim) -> Self:
        """With a new claim, or a claim changed."""
        known = [claim if old.claim_id == claim.claim_id else old for old in self.claims]
        if claim not in known:
            known.append(claim)
        return self.but(claims=tuple(known))

    def with_all_ended(self, at: datetime, reason: str, fulfilled: frozenset[UUID] = frozenset()) -> Self:
        """Nobody holds anything any more; these claims were fulfilled, the others are released."""
        claims = []
        for claim in self.claims:
            if claim.state is not ClaimState.ACTIVE:
                claims.append(claim)
            elif claim.claim_id in fulfilled:
                claims.append(claim.fulfilled(at))
            else:
                claims.append(claim.ended(Ending.CALL_ENDED, at, reason))
        return self.but(claims=tuple(claims), epoch=self.epoch + len(self.active))

    @property
    def is_live(self) -> bool:
        return self.state in LIVE
