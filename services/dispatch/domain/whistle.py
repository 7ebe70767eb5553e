"""The whistle: a level calls the next one, which must answer; silence calls the one above by itself."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import must_answer, must_see
from services.dispatch.domain.ladder import Clock, DispatchState, Level
from services.dispatch.domain.limits import Limit, Limits
from services.dispatch.domain.record import Cause, Whistle
from services.dispatch.domain.supervision import supervise
from shared.caller import Caller
from shared.command import Command, Remark
from shared.contracts.from_dispatch.whistle_answered import WhistleAnsweredV1
from shared.contracts.from_dispatch.whistle_blown import WhistleBlownV1
from shared.entry import Decision, decided, unchanged
from shared.problems import RuleBroken

EMERGENCY = "emergency"


class NobodyAbove(RuleBroken):
    """There is no level above this one."""


class BlowWhistle(Command):
    """`joint` calls for several units at once; an `emergency` has the shortest time to answer."""

    kind: Literal["resident", "joint", "emergency"] = "resident"
    note: Remark = ""


class AnswerWhistle(Command):
    """`measures`: what the level is going to do."""

    measures: Remark = ""


def blow(
    dispatch: Dispatch, command: BlowWhistle, *, by: Caller, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """Call the next level. Raises NobodyAbove at the top."""
    must_see(dispatch, by)
    waiting = dispatch.whistle if dispatch.state is DispatchState.WHISTLED else None
    if waiting and (waiting.by, waiting.kind, waiting.note) == (by.id, command.kind, command.note):
        return unchanged(dispatch)
    dispatch.must_be(
        DispatchState.RECEIVED, DispatchState.ASSIGNED, DispatchState.IN_HANDLING, DispatchState.DEADLOCKED
    )
    must_answer(dispatch, by)
    above = dispatch.level.above
    if above is None:
        raise NobodyAbove("The district is the highest level.", level=dispatch.level.value)
    called = _Called(command.kind, command.note)
    return _whistle(dispatch, above, called, by=by.id, at=at, limits=limits)


def climb(dispatch: Dispatch, *, by: str, at: datetime, limits: Limits) -> Decision[Dispatch]:
    """Nobody answered in time: the next level is called. At the top, where nobody is left, supervision is raised."""
    above = dispatch.level.above
    if above is None:
        return supervise(dispatch, Cause.SILENCE, at=at, limits=limits)
    before = dispatch.whistle if dispatch.state is DispatchState.WHISTLED else None
    kind = EMERGENCY if dispatch.urgency == EMERGENCY else "resident"
    call = _Called(before.kind, before.note) if before else _Called(kind)
    return _whistle(dispatch, above, call, by=by, at=at, limits=limits, by_silence=True)


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
    answer_by = limits.end(Limit.ANSWER, at, urgency=urgency, category=dispatch.category, level=above)
    whistle = Whistle(
        kind=called.kind,
        from_level=dispatch.level,
        to_level=above,
        by=by,
        at=at,
        answer_by=answer_by,
        by_silence=by_silence,
        note=called.note,
    )
    whistled = dispatch.moved(
        DispatchState.WHISTLED, level=above, whistle=whistle, whistles=dispatch.whistles + 1, handled_by=None
    ).with_clock(Clock.WHISTLE, answer_by)
    told = WhistleBlownV1(
        kind=called.kind,
        from_level=dispatch.level,
        to_level=above,
        area=above.of(dispatch.area),
        answer_by=answer_by,
        by_silence=by_silence,
        note=called.note,
    )
    return decided(whistled, told)


def answer(dispatch: Dispatch, command: AnswerWhistle, *, by: Caller, at: datetime) -> Decision[Dispatch]:
    """The level that was called is there, or a higher one in its stead; it works on the matter from now on."""
    must_see(dispatch, by)
    last = dispatch.whistle
    if (
        dispatch.state is DispatchState.IN_HANDLING
        and last is not None
        and (last.answered_by, last.measures) == (by.id, command.measures)
    ):
        return unchanged(dispatch)
    dispatch.must_be(DispatchState.WHISTLED)
    must_answer(dispatch, by)
    assert last is not None, "a dispatch is whistled by a whistle"
    answered = last.model_copy(update={"answered_by": by.id, "answered_at": at, "measures": command.measures})
    taken = dispatch.moved(
        DispatchState.IN_HANDLING, whistle=answered, handled_by=dispatch.level.of(dispatch.area)
    )
    return decided(taken, WhistleAnsweredV1(level=dispatch.level, measures=command.measures))
