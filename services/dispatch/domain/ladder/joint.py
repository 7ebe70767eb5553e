"""A joint whistle that calls several units at once: each answers for itself, and who is silent is climbed over."""

from __future__ import annotations

from datetime import datetime

from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.clocks.watch import promised, watched
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import LEVEL_OF, at_least, must_answer, must_see
from services.dispatch.domain.ground.unit import Unit, acts_for, with_departments
from services.dispatch.domain.ladder.record import Report, Whistle, WhistledUnit
from services.dispatch.domain.notes import keeps_note
from services.dispatch.domain.states import Clock, DispatchState, Level
from services.dispatch.domain.supervision.raising import supervise
from services.dispatch.domain.supervision.record import Cause
from services.dispatch.domain.words import Noted, PublicReason
from shared.caller import Caller
from shared.contracts.from_dispatch import WhistleAnsweredV2, WhistleBlownV1, WhistleEndedV1
from shared.contracts.from_dispatch.ladder import CalledUnit, JointWhistleBlownV1
from shared.entry import Decision, decided, unchanged
from shared.problems import NotAllowed, RuleBroken


class NotCalled(NotAllowed):
    """This whistle did not call you."""


class AnsweredAlready(RuleBroken):
    """This unit has answered already."""


class NobodyIsWaitedFor(RuleBroken):
    """Only a whistle that calls several units can go on without the rest."""


class LevelNotAbove(RuleBroken):
    """A whistle calls levels above the one that answers for it now."""


JOINT = "joint"


class EndWhistle(Noted):
    """Go on without those who have not answered. `public_note` says why."""

    public_note: PublicReason


def call_together(
    dispatch: Dispatch, units: tuple[Unit, ...], note: str, *, by: Caller, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """Call several units. The level that calls goes on answering for the dispatch; departments are called by
    communities and higher levels only.

    Raises LevelNotAbove.
    """
    least = Level.COMMUNITY if any(unit.level is None for unit in units) else Level.GRID
    must_answer(dispatch, by, least=least)
    own = at_least(dispatch.level, least)
    levels = [unit.level for unit in units if unit.level is not None]
    for level in levels:
        if level.rank <= own.rank:
            raise LevelNotAbove(f"The {own} level answers for it.", level=own.value)
    asked = (dispatch.urgency, dispatch.category, at, limits)
    terms = {one.id: one.term(*asked) for one in units}
    called = tuple(WhistledUnit(unit=one.id, level=one.level, answer_by=terms[one.id].end) for one in units)
    whistle = Whistle(
        kind=JOINT,
        from_level=own,
        to_level=max((own, *levels), key=lambda level: level.rank),
        by=by.id,
        at=at,
        answer_by=max(one.answer_by for one in called),
        note=note,
        units=called,
    )
    departments = with_departments(dispatch.departments, *units)
    whistled = with_whistle(dispatch, whistle, limits).moved(
        DispatchState.WHISTLED, level=own, departments=departments, handled_by=None
    )
    for one in called:
        whistled = whistled.with_term(clock_for(one.unit), terms[one.unit], at=at)
    told = tuple(CalledUnit(unit=one.unit, answer_by=one.answer_by) for one in called)
    return decided(whistled, JointWhistleBlownV1(from_level=own, units=told, note=note))


def with_whistle(dispatch: Dispatch, whistle: Whistle, limits: Limits) -> Dispatch:
    """The same dispatch with one whistle more; the record keeps so many of each level."""
    before = dispatch.earlier_whistles
    if dispatch.whistle is not None:
        of_level = [one for one in before if one.to_level is dispatch.whistle.to_level]
        if len(of_level) >= limits.whistles_kept:
            before = tuple(one for one in before if one is not of_level[0])
        before = (*before, dispatch.whistle)
    return dispatch.but(whistle=whistle, earlier_whistles=before, whistles=dispatch.whistles + 1)


@keeps_note
def end_whistle(
    dispatch: Dispatch, command: EndWhistle, *, by: Caller, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """The level that called several units works on it with those who came. Raises NobodyIsWaitedFor."""
    must_see(dispatch, by)
    whistle = dispatch.whistle
    if (
        dispatch.state is DispatchState.IN_HANDLING
        and whistle is not None
        and whistle.units
        and (whistle.answered_by, whistle.measures) == (by.id, command.public_note)
    ):
        return unchanged(dispatch)
    dispatch.must_be(DispatchState.WHISTLED)
    must_answer(dispatch, by)
    assert whistle is not None, "a dispatch is whistled by a whistle"
    if not whistle.units:
        raise NobodyIsWaitedFor
    return decided(*gone_on(dispatch, whistle, by.id, at, command.public_note, limits=limits))


def answer_for_unit(
    dispatch: Dispatch, whistle: Whistle, said: Report, *, by: Caller, limits: Limits
) -> Decision[Dispatch]:
    """One unit is there; with the last one that is waited for, the level that called works on the matter.

    Raises NotCalled, AnsweredAlready.
    """
    if any(one.report and one.report.but(at=said.at) == said for one in whistle.units):
        return unchanged(dispatch)
    dispatch.must_be(DispatchState.WHISTLED)
    unit = _mine(whistle, by)
    if unit.recalled is not None:
        raise NotCalled
    if unit.report is not None:
        raise AnsweredAlready(unit=unit.unit)
    answered = _with_unit(whistle, unit.but(report=said))
    waiting = sum(one.waits for one in answered.units)
    told = WhistleAnsweredV2.of(said, unit=unit.unit, level=unit.level, waiting=waiting)
    if waiting:
        return decided(dispatch.but(whistle=answered).with_clock(clock_for(unit.unit), None), told)
    taken, *_ = gone_on(dispatch, answered, by.id, said.at, "", limits=limits)
    return decided(taken, told)


def unit_silent(dispatch: Dispatch, id: str, *, at: datetime, limits: Limits) -> Decision[Dispatch]:
    """Noted, and the level above is called too, unless it was. At the top supervision is raised.

    Above a department is the level above the one that called it.
    """
    whistle = dispatch.whistle
    unit = next((one for one in whistle.units if one.unit == id), None) if whistle else None
    if whistle is None or unit is None or not unit.waits:
        return decided(dispatch)
    noted = _with_unit(whistle, unit.but(silent=True))
    below = unit.level or dispatch.level
    above = below.above
    if above is not None and above.of(dispatch.area) not in {one.unit for one in whistle.units}:
        return _called_too(dispatch, noted, below, above, at=at, limits=limits)
    silent = dispatch.but(whistle=noted)
    raised = supervise(silent, Cause.SILENCE, at=at, limits=limits) if above is None else decided(silent)
    if any(one.waits for one in noted.units):
        return Decision(raised.state, raised.events)
    taken, ended = gone_on(raised.state, noted, None, at, "", limits=limits)
    return decided(taken, *raised.events, ended)


def _called_too(
    dispatch: Dispatch, whistle: Whistle, below: Level, above: Level, *, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    term = Unit("", above).term(dispatch.urgency, dispatch.category, at, limits)
    unit = WhistledUnit(unit=above.of(dispatch.area), level=above, answer_by=term.end, called_at=at)
    more = whistle.but(units=(*whistle.units, unit), to_level=at_least(whistle.to_level, above))
    called = dispatch.but(whistle=more).with_term(clock_for(unit.unit), term, at=at)
    told = WhistleBlownV1(
        kind=whistle.kind,
        from_level=below,
        to_level=above,
        area=unit.unit,
        answer_by=term.end,
        by_silence=True,
        note=whistle.note,
    )
    return decided(called, told)


def clock_for(unit: str) -> str:
    """The name of the clock of one unit."""
    return f"{Clock.UNIT}/{unit}"


def gone_on(
    dispatch: Dispatch, whistle: Whistle, by: str | None, at: datetime, note: str, *, limits: Limits
) -> tuple[Dispatch, WhistleEndedV1]:
    """The level that called works on it, and waits for nobody any more."""
    ended = whistle.but(answered_by=by, answered_at=at, measures=note)
    level = dispatch.level
    taken = dispatch.moved(DispatchState.IN_HANDLING, whistle=ended, handled_by=level.of(dispatch.area))
    absent = tuple(one.unit for one in ended.units if one.report is None and one.recalled is None)
    for one in ended.units:
        if one.report and one.report.deadline:
            taken = promised(taken, one.report.deadline, at=at, limits=limits, unit=one.unit)
    return watched(taken, at=at, limits=limits), WhistleEndedV1(level=level, absent=absent, note=note)


def _mine(whistle: Whistle, by: Caller) -> WhistledUnit:
    """The caller's own unit; for staff also the lowest that is waited for below them. Raises NotCalled."""
    level = LEVEL_OF.get(by.role)
    below = sorted(
        (one for one in whistle.units if one.waits and one.level and level and one.level.rank < level.rank),
        key=lambda one: one.answer_by,
    )
    for unit in (*(one for one in whistle.units if acts_for(by, one.unit)), *below):
        return unit
    raise NotCalled


def _with_unit(whistle: Whistle, changed: WhistledUnit) -> Whistle:
    units = tuple(changed if one.unit == changed.unit else one for one in whistle.units)
    return whistle.but(units=units)
