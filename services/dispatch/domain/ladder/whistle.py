"""The whistle: a level calls the next one, which must answer; silence calls the one above by itself."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, model_validator

from services.dispatch.domain.clocks.limits import Limit, Limits, deadline_within
from services.dispatch.domain.clocks.watch import promised, waited_on, watched
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import must_answer, must_see
from services.dispatch.domain.ground.department import Department
from services.dispatch.domain.ground.unit import find_units
from services.dispatch.domain.ladder.joint import JOINT, answer_for_unit, call_together, with_whistle
from services.dispatch.domain.ladder.record import Report, Whistle
from services.dispatch.domain.notes import keeps_note
from services.dispatch.domain.states import Clock, DispatchState, Level
from services.dispatch.domain.supervision.raising import supervise
from services.dispatch.domain.supervision.record import Cause
from services.dispatch.domain.words import Noted, PublicNote
from shared.caller import Caller
from shared.command import Code, Time
from shared.contracts.from_dispatch import WhistleAnsweredV2, WhistleBlownV1
from shared.entry import Decision, decided, unchanged
from shared.problems import RuleBroken

EMERGENCY = "emergency"
BY_ITSELF = "clock"  # who blows the whistle when nobody does


class NobodyAbove(RuleBroken):
    """There is no level above this one."""


class BlowWhistle(Noted):
    """Calls the next level; an `emergency` has the shortest time to answer.

    A `joint` whistle may call several `units` at once instead: departments by id, and `community`, `street`,
    `district` where they are above.
    """

    kind: Literal["resident", "joint", "emergency"] = "resident"
    public_note: PublicNote = ""
    units: Annotated[tuple[Code, ...], Field(max_length=10)] = ()

    @model_validator(mode="after")
    def _several(self) -> Self:
        if self.units and self.kind != JOINT:
            raise ValueError("several units are called by a joint whistle")
        if len(set(self.units)) < len(self.units):
            raise ValueError("a unit is named twice")
        return self


class AnswerWhistle(Noted):
    """`measures`: what the unit is going to do, `deadline`: until when; `contacted`: which roles or units, no names."""

    measures: PublicNote = ""
    contacted: PublicNote = ""
    deadline: Time | None = None

    def report(self, by: Caller, at: datetime, limits: Limits) -> Report:
        """What was said, by whom and when. Raises DeadlineOutOfRange."""
        deadline = self.deadline and deadline_within(self.deadline, at, limits)
        return Report(by=by.id, at=at, measures=self.measures, contacted=self.contacted, deadline=deadline)


@keeps_note
def blow(
    dispatch: Dispatch,
    command: BlowWhistle,
    *,
    departments: tuple[Department, ...] = (),
    by: Caller,
    at: datetime,
    limits: Limits,
) -> Decision[Dispatch]:
    """Call the next level, or the units that are named.

    Raises UnknownDepartment, NobodyAbove at the top, LevelNotAbove.
    """
    must_see(dispatch, by)
    units = find_units(command.units, departments, dispatch.area)
    waiting = dispatch.whistle if dispatch.state is DispatchState.WHISTLED else None
    if (
        waiting is not None
        and (waiting.by, waiting.kind, waiting.note) == (by.id, command.kind, command.public_note)
        and {unit.id for unit in units} <= {unit.unit for unit in waiting.units}
    ):
        return unchanged(dispatch)
    dispatch.must_be(
        DispatchState.RECEIVED, DispatchState.ASSIGNED, DispatchState.IN_HANDLING, DispatchState.DEADLOCKED
    )
    must_answer(dispatch, by)
    if units:
        return call_together(dispatch, units, command.public_note, by=by, at=at, limits=limits)
    above = dispatch.level.above
    if above is None:
        raise NobodyAbove("The district is the highest level.", level=dispatch.level.value)
    called = _Called(command.kind, command.public_note)
    return _whistle(dispatch, above, called, by=by.id, at=at, limits=limits)


def climb(dispatch: Dispatch, *, at: datetime, limits: Limits) -> Decision[Dispatch]:
    """Nobody answered in time: the next level is called. At the top, where nobody is left, supervision is raised."""
    if dispatch.state is DispatchState.WHISTLED and dispatch.whistle is not None:
        dispatch = dispatch.but(whistle=dispatch.whistle.but(silent=True))
    above = dispatch.level.above
    if above is None:
        return supervise(dispatch, Cause.SILENCE, at=at, limits=limits)
    before = dispatch.whistle if dispatch.state is DispatchState.WHISTLED else None
    kind = EMERGENCY if dispatch.urgency == EMERGENCY else "resident"
    call = _Called(before.kind, before.note) if before else _Called(kind)
    return _whistle(dispatch, above, call, by=BY_ITSELF, at=at, limits=limits, by_silence=True)


class _Called(NamedTuple):
    kind: str
    note: str = ""


def _whistle(
    dispatch: Dispatch,
    above: Level,
    called: _Called,
    *,
    by: str,
    at: datetime,
    limits: Limits,
    by_silence: bool = False,
) -> Decision[Dispatch]:
    urgency = EMERGENCY if called.kind == EMERGENCY else dispatch.urgency
    term = limits.term(Limit.ANSWER, at, urgency=urgency, category=dispatch.category, level=above)
    whistle = Whistle(
        kind=called.kind,
        from_level=dispatch.level,
        to_level=above,
        by=by,
        at=at,
        answer_by=term.end,
        by_silence=by_silence,
        note=called.note,
    )
    whistled = with_whistle(dispatch, whistle, limits).moved(
        DispatchState.WHISTLED, level=above, handled_by=None
    )
    whistled = whistled.with_limit(Clock.WHISTLE, term, at=at, reminder=limits.reminder)
    return decided(whistled, WhistleBlownV1.of(whistle, area=above.of(dispatch.area)))


@keeps_note
def answer(
    dispatch: Dispatch, command: AnswerWhistle, *, by: Caller, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """The level that was called is there, or a higher one in its stead; it works on the matter from now on.

    Where several units were called, each answers for itself. Raises DeadlineOutOfRange, NotCalled, AnsweredAlready.
    """
    must_see(dispatch, by)
    last = dispatch.whistle
    if last is not None and last.units:
        return answer_for_unit(dispatch, last, command.report(by, at, limits), by=by, limits=limits)
    if (
        dispatch.state is DispatchState.IN_HANDLING
        and last is not None
        and (last.answered_by, last.measures, last.contacted, last.deadline)
        == (by.id, command.measures, command.contacted, command.deadline)
    ):
        return unchanged(dispatch)
    dispatch.must_be(DispatchState.WHISTLED)
    must_answer(dispatch, by)
    assert last is not None, "a dispatch is whistled by a whistle"
    said = command.report(by, at, limits)
    answered = last.but(
        answered_by=by.id,
        answered_at=at,
        measures=said.measures,
        contacted=said.contacted,
        deadline=said.deadline,
    )
    unit = dispatch.level.of(dispatch.area)
    taken = dispatch.moved(DispatchState.IN_HANDLING, whistle=answered, handled_by=unit)
    told = WhistleAnsweredV2.of(said, unit=unit, level=dispatch.level)
    if said.deadline:
        taken = promised(taken, said.deadline, at=at, limits=limits)
    return decided(watched(taken, at=at, limits=limits), told)


def fell_silent(dispatch: Dispatch, clock: Clock, *, at: datetime, limits: Limits) -> Decision[Dispatch]:
    """Whoever should act says nothing: the next level is whistled to. At the top, supervision, and it is waited on."""
    if dispatch.level.above is None:
        dispatch = waited_on(dispatch, clock, at=at, limits=limits)
    climbed = climb(dispatch, at=at, limits=limits)
    return Decision(watched(climbed.state, at=at, limits=limits), climbed.events)
