"""One dispatch: everything the list knows about an order. Frozen; rules make new ones of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, Self

from pydantic import Field

from services.dispatch.domain.clocks.record import Pause, Span, TimeRequest
from services.dispatch.domain.deliberation.record import Money, Payment, Round
from services.dispatch.domain.ground.record import Routed
from services.dispatch.domain.ladder.record import Dispute, Referral, Whistle
from services.dispatch.domain.record import KeptNote, Said
from services.dispatch.domain.states import ASKED, EXTENSIBLE, NEXT, Clock, DispatchState, Level, runs_in
from services.dispatch.domain.supervision.record import Cause, Supervision
from services.dispatch.domain.works.record import Binding, Call, Check, Ended, Task
from shared.calendar import Term
from shared.entry import NotYet, State
from shared.problems import RuleBroken, WrongState


class RoundIsOpen(RuleBroken):
    """The households are still discussing; close the round first."""


class OnNotice(RuleBroken):
    """What was agreed is on public notice; wait until it is over."""


class TasksOpen(RuleBroken):
    """Tasks of it have not ended: they must be done or cancelled first."""


class IsPaused(WrongState):
    """It is paused; resume it first."""


class Dispatch(State):
    """`Dispatch()` is blank: the order is heard of and nothing is known yet."""

    state: DispatchState = DispatchState.UNKNOWN
    level: Level = Level.GRID  # who answers for it now, or must answer the whistle
    area: str = ""  # where it lies; a path of codes
    in_no_grid: bool = False
    territory_version: int = 0  # in which the area was found; 0: before versions were kept
    transferred: Said | None = None  # the last time that somebody handed it to another grid
    routed: Routed | None = None  # which rule decided who has it first; None: no rule did

    title: str = ""
    kind: str = ""
    category: str = ""
    urgency: str = ""
    longitude: float = 0.0
    latitude: float = 0.0
    address: str = ""
    answers: Mapping[str, str] = Field(default_factory=dict)  # chosen, by the question of the category
    ordered_by: str = ""  # id of the one whose evaluation counts; empty: nobody with an account
    opened_at: datetime | None = None
    close_by: datetime | None = None

    overdue: bool = False
    supervised: tuple[Cause, ...] = ()  # a set, in the order they were raised
    supervisions: tuple[Supervision, ...] = ()  # each raised by some of the causes; at most the last is open
    whistles: int = 0
    refusals: int = 0
    reworks: int = 0

    assigned_to: str | None = None  # id of a person or a unit
    handled_by: str | None = None  # area path of a unit, or id of a department
    departments: tuple[str, ...] = ()  # that were asked, and not by mistake: see `part.py`
    # by department whose part is over: the number of the last event that it reads
    read_until: Mapping[str, int] = Field(default_factory=dict)
    whistle: Whistle | None = None  # the last one
    # oldest first; of each level called only so many of the latest
    earlier_whistles: tuple[Whistle, ...] = ()
    referrals: tuple[Referral, ...] = ()
    bound: tuple[str, ...] = ()  # departments that cannot refuse: overruled, or named as the lead
    lead: str | None = None  # the unit that the district named; co-units have tasks
    lead_named: Said | None = None
    tasks: tuple[Task, ...] = ()
    deadlock: str = ""  # the reason given
    rounds: tuple[Round, ...] = ()
    call: Call | None = None
    money: Money = Money()
    payments: tuple[Payment, ...] = ()  # append-only

    time_requests: tuple[TimeRequest, ...] = ()  # at most the last waits for its answer
    pauses: tuple[Pause, ...] = ()  # at most the last is open
    report: str = ""  # what the unit that has it said last, on its way
    reported_by: str = ""

    # by clock, or `objection/<household>`: of what ends that a calendar has a say in were counted
    spans: Mapping[str, Span] = Field(default_factory=dict)

    done_by: tuple[str, ...] = ()  # ids of the partners, units and persons who did the work
    partners_did: bool = False
    work_note: str = ""  # of the last delivery by the unit itself
    partners: Mapping[str, str] = Field(
        default_factory=dict
    )  # by id, what those are called who ever had a claim
    officers: Mapping[str, str] = Field(
        default_factory=dict
    )  # by id, of which department who acted for it is
    check: Check | None = None
    check_level: Level | None = None  # the level that was asked besides, for nobody checked it in time
    # whether the unit was in time; decided when the check passes, or with the end
    in_time: bool | None = None
    partly: bool = False  # what waits for its evaluation is done in part only
    outcome: str | None = None
    duplicate_of: str | None = None  # id of the order that it repeats
    binding: Binding | None = None  # to the order that it repeats, or the last there was
    duplicates: tuple[str, ...] = ()  # ids of the orders that repeat it
    closing_note: str = ""
    closed_at: datetime | None = None
    about: str = ""  # the title without the name of the place; empty: opened before it was kept apart
    reopenings: int = 0
    endings: tuple[Ended, ...] = ()  # before it was opened again, oldest first
    spent_rounds: int = (
        0  # of deliberation, whose money went into work that was done before it was opened again
    )
    spent_payments: int = 0
    # whether the first answer came before any limit for one had passed; None: that is open
    answered_in_time: bool | None = None
    notes: tuple[KeptNote, ...] = ()  # words that stay with the staff, oldest first; see `notes.py`

    @property
    def answer_by(self) -> datetime | None:
        """When whoever has it must have answered; None when no answer is due."""
        return min((at for name, at in self.due.items() if Clock.of(name) in ASKED), default=None)

    @property
    def supervision(self) -> Supervision | None:
        """The one that is open."""
        return self.supervisions[-1] if self.supervisions and self.supervisions[-1].is_open else None

    @property
    def paused(self) -> Pause | None:
        """The pause that is open."""
        return self.pauses[-1] if self.pauses and self.pauses[-1].ended_at is None else None

    @property
    def time_request(self) -> TimeRequest | None:
        """The request for more time that waits for its answer."""
        last = self.time_requests[-1] if self.time_requests else None
        return last if last and last.granted is None and not last.lapsed else None

    @property
    def open_round(self) -> Round | None:
        return self.rounds[-1] if self.rounds and self.rounds[-1].is_open else None

    @property
    def on_notice(self) -> Round | None:
        """The round whose result is on public notice now."""
        last = self.rounds[-1] if self.rounds else None
        return last if last and last.notice and last.notice.closed_at is None else None

    @property
    def bound_round(self) -> Round | None:
        """The round whose shares bind the households: the last that was agreed and stands."""
        return next((one for one in reversed(self.rounds[self.spent_rounds :]) if one.binds), None)

    def paid(self, household: str | None = None) -> int:
        """Fen that this household, or all of them, have paid and not got back, and that no work was done for yet."""
        mine = (one for one in self.payments[self.spent_payments :] if household in (None, one.household))
        return sum(-one.fen if one.returned else one.fen for one in mine)

    def with_all_spent(self) -> Self:
        """The same; what households agreed and paid so far was for work that was done."""
        return self.but(money=Money(), spent_rounds=len(self.rounds), spent_payments=len(self.payments))

    def with_round(self, changed: Round) -> Self:
        """The same, with this round in the place of the one that has its number."""
        rounds = (changed if one.number == changed.number else one for one in self.rounds)
        return self.but(rounds=tuple(rounds))

    def with_clock(self, name: str, at: datetime | None) -> Self:
        changed = super().with_clock(name, at)
        if at is None:  # nothing is left to remind of
            changed = super(Dispatch, changed).with_clock(f"{Clock.REMINDER}/{name}", None)
        if name not in self.spans:
            return changed
        return changed.but(spans={key: span for key, span in self.spans.items() if key != name})

    def with_span(self, name: str, term: Term, *, at: datetime) -> Self:
        """With what an end was counted of, if a calendar has a say in it."""
        spans = {key: span for key, span in self.spans.items() if key != name}
        if term.counted:
            spans[name] = Span(begin=at, allowed=term.allowed)
        return self.but(spans=spans)

    def with_term(self, name: str, term: Term, *, at: datetime) -> Self:
        """With a clock that runs until its time is over by the calendar."""
        return self.with_clock(name, term.end).with_span(name, term, at=at)

    def with_limit(self, clock: str, until: datetime | Term, *, at: datetime, reminder: Fraction) -> Self:
        """With a clock that runs `until` then; a reminder comes when this part of its time has passed, of 1 never."""
        if isinstance(until, Term):
            started, end = self.with_term(clock, until, at=at), until.end
        else:
            started, end = self.with_clock(clock, until), until
        if reminder >= 1:
            return started
        passed = (end - at) // timedelta(milliseconds=1) * reminder
        return started.with_clock(f"{Clock.REMINDER}/{clock}", at + timedelta(milliseconds=int(passed)))

    def must_be_known(self) -> None:
        """For reactions: raises NotYet while intake's word of the order is missing."""
        if self.state is DispatchState.UNKNOWN:
            raise NotYet("intake has not said what was ordered")

    def must_be(self, *states: DispatchState) -> None:
        """Raises WrongState with the present state, IsPaused."""
        if self.state not in states:
            raise WrongState(f"The dispatch is {self.state}.", state=self.state.value)
        if self.paused is not None:
            raise IsPaused(f"Until {self.paused.until.isoformat()}.", until=self.paused.until.isoformat())

    @property
    def dispute(self) -> Dispute | None:
        """The one that waits for its ruling."""
        last = self.referrals[-1].dispute if self.referrals else None
        return last if last is not None and last.upheld is None else None

    def must_have_no_open_task(self) -> None:
        """Raises TasksOpen."""
        waiting = [task.number for task in self.tasks if task.ended is None]
        if waiting:
            raise TasksOpen(f"Tasks {', '.join(map(str, waiting))}", tasks=waiting)

    def must_not_be_discussed(self) -> None:
        """Raises RoundIsOpen, OnNotice."""
        if self.open_round is not None:
            raise RoundIsOpen(f"Round {self.open_round.number} is open.", round=self.open_round.number)
        if self.on_notice is not None and self.on_notice.notice is not None:
            until = self.on_notice.notice.until.isoformat()
            raise OnNotice(f"Until {until}.", round=self.on_notice.number, until=until)

    def moved(self, to: DispatchState, **changes: Any) -> Dispatch:
        """The one place where the state changes: only as NEXT allows, and clocks stop that have lost their reason.

        A matter that came back is not waiting any more once somebody moves it; nor is a request for more time of a unit
        that has it no more. Raises WrongState.
        """
        if to not in NEXT[self.state]:
            raise WrongState(f"A dispatch that is {self.state} cannot become {to}.", state=self.state.value)
        due = {name: at for name, at in self.due.items() if name != Clock.RETURNED and runs_in(name, to)}
        spans = {name: span for name, span in self.spans.items() if name in due}
        after = self.but(state=to, due=due, spans=spans, **changes)
        return after if to in EXTENSIBLE and after.in_hands == self.in_hands else after.without_request()

    @property
    def in_hands(self) -> tuple[Level, str | None, str | None]:
        """Who answers for it and who has it."""
        return self.level, self.assigned_to, self.handled_by

    @property
    def hand_rests(self) -> bool:
        """While partners hold a claim of the open call, the department that had it in hand has it not.

        But if the district directs it to act: then it leads.
        """
        claimed = self.call is not None and self.call.ended is None and self.call.claims
        leads = self.supervision is not None and self.supervision.unit == self.handled_by
        return bool(claimed) and self.handled_by in self.departments and not leads

    def without_request(self) -> Dispatch:
        """The request for more time that waits, if there is one, lapses."""
        if self.time_request is None:
            return self
        lapsed = self.time_request.but(lapsed=True)
        asked = (*self.time_requests[:-1], lapsed)
        return self.but(time_requests=asked).with_clock(Clock.TIME_REQUEST, None)
