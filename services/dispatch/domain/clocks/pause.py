"""More time: a pause, a deferral or an extension is asked for by the unit that has it, and granted by the next level.

While it is paused the clocks stand still and nobody can do anything to it but resume it. A pause ends by itself.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from services.dispatch.domain.clocks.limits import Limit, Limits, chosen_end
from services.dispatch.domain.clocks.record import Delay, Pause, TimeRequest
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import LEVEL_OF, NotYourLevel, must_have, must_see
from services.dispatch.domain.notes import keeps_note
from services.dispatch.domain.states import (
    AMONG_US,
    EXTENSIBLE,
    PAUSABLE,
    Clock,
    Level,
    runs_in,
)
from services.dispatch.domain.words import Noted, PublicNote, PublicReason
from shared.calendar import Calendar, Term
from shared.caller import Caller, Role
from shared.command import Time
from shared.contracts.from_dispatch import (
    DispatchPausedV1,
    DispatchResumedV1,
    ExtensionGrantedV1,
    MoreTimeAskedV1,
    MoreTimeRefusedV1,
)
from shared.entry import Decision, decided, unchanged
from shared.problems import NotAllowed, RuleBroken, WrongState


class TimeOutOfRange(RuleBroken):
    """So much time cannot be asked for."""


class TimeAskedAlready(RuleBroken):
    """More time was asked for already; wait for the answer."""


class TooManyDelays(RuleBroken):
    """There was more time often enough; another way out is needed."""


class NoTimeAsked(RuleBroken):
    """Nobody asked for more time."""


class OwnRequest(NotAllowed):
    """Somebody else has to decide what you asked for."""


class NotPaused(WrongState):
    """It is not paused."""


class AskForTime(Noted):
    """Until when. A pause or a deferral stops the clocks until then; an extension lets it end then at the latest."""

    kind: Literal["pause", "deferral", "extension"]
    reason: PublicReason
    until: Time


class AnswerTimeRequest(Noted):
    """`public_note`: why not; what is granted is told with the reason that it was asked for with."""

    granted: bool
    public_note: PublicNote = ""


class Resume(Noted):
    public_note: PublicNote = ""


@keeps_note
def ask_for_time(
    dispatch: Dispatch, command: AskForTime, *, by: Caller, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """The unit that has it asks; the next level decides, the district about its own.

    Raises TimeAskedAlready, TooManyDelays, TimeOutOfRange.
    """
    must_see(dispatch, by)
    kind = Delay(command.kind)
    waiting = dispatch.time_request
    until = command.until
    said = (kind, command.reason, until, by.id)
    if waiting and (waiting.kind, waiting.reason, waiting.until, waiting.by) == said:
        return unchanged(dispatch)
    dispatch.must_be(*(EXTENSIBLE if kind is Delay.EXTENSION else PAUSABLE))
    must_have(dispatch, by)
    if waiting:
        raise TimeAskedAlready(decided_by=waiting.decided_by.value)
    if len(dispatch.time_requests) >= limits.delays:
        raise TooManyDelays(f"It was asked for {limits.delays} times.")
    begins = max(at, dispatch.close_by or at) if kind is Delay.EXTENSION else at
    longest = limits.longest_delay[kind]
    chosen_end(until, begins, usual=longest, longest=longest, refusal=TimeOutOfRange)
    own = LEVEL_OF.get(by.role, Level.GRID)
    level = max(dispatch.level, own, key=lambda one: one.rank)
    decider = dispatch.level if by.role is Role.DEPARTMENT else level.above or Level.DISTRICT
    request = TimeRequest(kind=kind, reason=command.reason, until=until, by=by.id, at=at, decided_by=decider)
    asked = dispatch.but(time_requests=(*dispatch.time_requests, request))
    asked = asked.with_limit(
        Clock.TIME_REQUEST, decide_by(asked, decider, at, limits), at=at, reminder=limits.reminder
    )
    return decided(asked, MoreTimeAskedV1(kind=kind, reason=command.reason, until=until, decided_by=decider))


def decide_by(dispatch: Dispatch, level: Level, at: datetime, limits: Limits) -> Term:
    """As for any answer of a level."""
    urgency, category = dispatch.urgency, dispatch.category
    return limits.term(Limit.ANSWER, at, urgency=urgency, category=category, level=level)


@keeps_note
def answer_time_request(
    dispatch: Dispatch, command: AnswerTimeRequest, *, by: Caller, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """Grant it, and it holds from now on; or refuse it. Raises NoTimeAsked, OwnRequest, TimeOutOfRange."""
    must_see(dispatch, by)
    last = dispatch.time_requests[-1] if dispatch.time_requests else None
    if last and (last.granted, last.answered_by, last.note) == (command.granted, by.id, command.public_note):
        return unchanged(dispatch)
    dispatch.must_be(*EXTENSIBLE)
    request = dispatch.time_request
    if request is None:
        raise NoTimeAsked
    level = LEVEL_OF.get(by.role)
    if level is None or level.rank < request.decided_by.rank:
        raise NotYourLevel(f"The {request.decided_by} level has to do this.", level=request.decided_by.value)
    if request.by in by.ids and level is not Level.DISTRICT:
        raise OwnRequest
    answer = {
        "granted": command.granted,
        "answered_by": by.id,
        "answered_at": at,
        "note": command.public_note,
    }
    answered = dispatch.but(time_requests=(*dispatch.time_requests[:-1], request.but(**answer)))
    answered = answered.with_clock(Clock.TIME_REQUEST, None)
    if not command.granted:
        return decided(answered, MoreTimeRefusedV1(kind=request.kind, note=command.public_note))
    if request.until <= at:
        raise TimeOutOfRange("What was asked for is over already.", until=request.until.isoformat())
    if request.kind is Delay.EXTENSION:
        until = max(request.until, dispatch.close_by or request.until)  # a pause may have moved the end since
        longer = answered.but(close_by=until, overdue=False)
        # The clock may have been replaced by the one that runs when it is overdue.
        longer = longer.with_limit(Clock.CLOSE_BY, until, at=at, reminder=limits.reminder)
        for name, end in longer.due.items():  # and so may what the unit promised
            if Clock.of(name) is Clock.DEADLINE and end < until:
                longer = longer.with_limit(name, until, at=at, reminder=limits.reminder)
        told = ExtensionGrantedV1(reason=request.reason, close_by=until)
        return decided(longer.with_clock(Clock.OVERDUE, None), told)
    dispatch.must_be(*PAUSABLE)
    return pause(answered, request.kind, reason=request.reason, until=request.until, by=by.id, at=at)


@keeps_note
def resume(
    dispatch: Dispatch, command: Resume, *, by: Caller, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """The unit that has it goes on before the pause is over. Raises NotPaused."""
    must_see(dispatch, by)
    if dispatch.paused is None:
        last = dispatch.pauses[-1] if dispatch.pauses else None
        again = last and (last.ended, last.ended_by, last.note) == (RESUMED, by.id, command.public_note)
        if again and dispatch.state in PAUSABLE:
            return unchanged(dispatch)
        raise NotPaused
    must_have(dispatch, by)
    return resumed(dispatch, RESUMED, at=at, calendar=limits.calendar, by=by.id, note=command.public_note)


TIME, RESUMED, ANSWERED = "time", "resumed", "answered"


def pause(
    dispatch: Dispatch,
    kind: Delay,
    *,
    reason: str,
    until: datetime,
    by: str,
    at: datetime,
    number: int = 0,
) -> Decision[Dispatch]:
    """All clocks stand still but supervision, which watches on, and what other orders hear. `number`: of a question."""
    go_on = {Clock.SUPERVISION, *AMONG_US}
    kept = {name: end for name, end in dispatch.due.items() if Clock.of(name) in go_on}
    stopped = {name: end for name, end in dispatch.due.items() if name not in kept}
    new = Pause(kind=kind, reason=reason, by=by, since=at, until=until, stopped=stopped, number=number)
    paused = dispatch.but(pauses=(*dispatch.pauses, new), due={**kept, Clock.PAUSE.value: until})
    return decided(paused, DispatchPausedV1(kind=kind, reason=reason, until=until))


def pause_is_over(dispatch: Dispatch, *, at: datetime, limits: Limits) -> Decision[Dispatch]:
    """By itself, at its end."""
    return resumed(dispatch, TIME, at=at, calendar=limits.calendar)


def resumed(
    dispatch: Dispatch, how: str, *, at: datetime, calendar: Calendar, by: str | None = None, note: str = ""
) -> Decision[Dispatch]:
    """The clocks go on with what was left of their time."""
    ending = dispatch.paused
    if ending is None:
        return unchanged(dispatch)
    went_on = {
        name: calendar.moved(due, since=ending.since, until=at)
        for name, due in ending.stopped.items()
        if runs_in(name, dispatch.state)
    }
    running = {name: due for name, due in dispatch.due.items() if name != Clock.PAUSE}
    ended = ending.but(ended=how, ended_at=at, ended_by=by, note=note)
    again = dispatch.but(
        pauses=(*dispatch.pauses[:-1], ended),
        due={**went_on, **running},
        close_by=went_on.get(Clock.CLOSE_BY, dispatch.close_by),
    )
    assert again.close_by is not None, "what has a unit has an end"
    return decided(again, DispatchResumedV1(kind=ending.kind, how=how, close_by=again.close_by, note=note))
