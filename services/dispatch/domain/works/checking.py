"""The acceptance check of any work, with the list of its category, and doing it again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.clocks.watch import waited_on, watched
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import must_answer, must_see
from services.dispatch.domain.notes import keeps_note
from services.dispatch.domain.record import DocumentIn, documents_of
from services.dispatch.domain.states import Clock, DispatchState
from services.dispatch.domain.supervision.raising import supervise, then_supervise, watched_again
from services.dispatch.domain.supervision.record import Cause
from services.dispatch.domain.words import Noted, PublicNote
from services.dispatch.domain.works.record import Check, CheckedItem, ListedItem
from shared.caller import Caller
from shared.command import Code
from shared.contracts.from_dispatch import EndMovedV1, NextLevelAskedV1, ReminderSentV1, WorkCheckedV1
from shared.contracts.from_evaluation import ReworkRequestedV1
from shared.contracts.message import Heard
from shared.entry import Decision, decided, unchanged
from shared.problems import NotAllowed, RuleBroken


class ChecklistNotPassed(RuleBroken):
    """Work passes when everything on the list of its category was looked at, and nothing failed."""


class NotOnList(RuleBroken):
    """This is not on the list of the category."""


def must_pass(items: Sequence[CheckedItem], wanted: Sequence[ListedItem], *, passed: bool) -> None:
    """Raises NotOnList for an item that nobody asked for, and ChecklistNotPassed for work that may not pass yet."""
    codes = {one.code for one in wanted}
    if strange := [one.code for one in items if one.code not in codes]:
        raise NotOnList(", ".join(strange))
    good = {one.code for one in items if one.passed}
    if passed and (open_ := sorted(codes - good)):
        raise ChecklistNotPassed(", ".join(open_), missing=open_)


class OwnWork(NotAllowed):
    """Nobody passes the check of their own work."""


class CheckedItemIn(Noted):
    """One item of the category's list, as it was found."""

    code: Code
    passed: bool


Photos = Annotated[tuple[DocumentIn, ...], Field(max_length=20)]


class CheckWork(Noted):
    """A check that failed says what is wrong. `before` and `after` are photos, kept elsewhere."""

    passed: bool
    public_note: PublicNote = ""
    items: Annotated[tuple[CheckedItemIn, ...], Field(max_length=50)] = ()
    before: Photos = ()
    after: Photos = ()

    @model_validator(mode="after")
    def _reasoned(self) -> Self:
        if not self.passed and not self.public_note:
            raise ValueError("a check that failed needs a public_note")
        if len({item.code for item in self.items}) < len(self.items):
            raise ValueError("an item is checked twice")
        return self


@keeps_note
def check(
    dispatch: Dispatch, command: CheckWork, *, by: Caller, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """Passed: the residents are asked. Failed: the same hands do it again, and it is counted.

    Raises OwnWork, TasksOpen, NotOnList, ChecklistNotPassed.
    """
    must_see(dispatch, by)
    last = dispatch.check
    after = (
        (DispatchState.TO_EVALUATE,) if command.passed else (DispatchState.CLAIMED, DispatchState.IN_HANDLING)
    )
    found = Check(
        passed=command.passed,
        note=command.public_note,
        by=by.id,
        at=at,
        items=tuple(CheckedItem(**item.model_dump()) for item in command.items),
        before=documents_of(command.before),
        after=documents_of(command.after),
    )
    if last and dispatch.state in after and last.but(at=at) == found:
        return unchanged(dispatch)
    dispatch.must_be(DispatchState.TO_CHECK)
    must_answer(dispatch, by)
    if command.passed:
        dispatch.must_have_no_open_task()
    if command.passed and not by.ids.isdisjoint(dispatch.done_by):
        raise OwnWork
    must_pass(found.items, limits.checklists.get(dispatch.category, ()), passed=command.passed)
    checked = dispatch.but(check=found)
    if command.passed:
        done = passed(checked, at=at, limits=limits)
        return decided(done, _told(done, command))
    again = _again(checked, at, limits)
    return _counted(decided(again, _told(again, command)), at, limits)


def rework(dispatch: Dispatch, heard: Heard[ReworkRequestedV1], *, limits: Limits) -> Decision[Dispatch]:
    """The residents are not satisfied: the same hands do it again, and it is counted."""
    dispatch.must_be_known()
    if dispatch.state is not DispatchState.TO_EVALUATE:
        return unchanged(dispatch)
    end = limits.calendar.term(heard.at, limits.rework)
    again = _again(dispatch.but(close_by=end.end), heard.at, limits)
    again = again.with_limit(Clock.CLOSE_BY, end, at=heard.at, reminder=limits.reminder)
    again = watched_again(again, at=heard.at, limits=limits)
    told = EndMovedV1(close_by=end.end, cause="rework")
    return _counted(decided(again, told), heard.at, limits)


def passed(dispatch: Dispatch, *, at: datetime, limits: Limits, **changes: Any) -> Dispatch:
    """The unit has done its part, in time or not: that is decided now. Then the residents have their time."""
    done = dispatch.moved(
        DispatchState.TO_EVALUATE,
        in_time=was_in_time(dispatch, at),
        overdue=False,
        check_level=None,
        **changes,
    )
    window = limits.calendar.term(at + limits.window, limits.overdue)  # evaluation tells when it is over
    return done.with_term(Clock.EVALUATION, window, at=at + limits.window)


def was_in_time(dispatch: Dispatch, at: datetime) -> bool:
    """Whether the unit was, if it ends now. What was late once, before it was done again, stays so."""
    if dispatch.state is DispatchState.TO_EVALUATE and dispatch.in_time is not None:
        return dispatch.in_time
    if dispatch.state is DispatchState.TO_EVALUATE and dispatch.check is not None:
        at = dispatch.check.at  # stored before this was decided with the check
    late = dispatch.close_by is None or at > dispatch.close_by
    if dispatch.paused is not None:  # its end has stood still since, so only what was late before is late
        late = dispatch.overdue
    return not late and dispatch.in_time is not False


def check_silent(dispatch: Dispatch, *, at: datetime, limits: Limits) -> Decision[Dispatch]:
    """Nobody has looked at the work: the level above is asked too. At the top supervision is raised."""
    last = dispatch.check_level or dispatch.level
    again = waited_on(dispatch, Clock.CHECK, at=at, limits=limits)
    if last.above is None:
        return supervise(again, Cause.SILENCE, at=at, limits=limits)
    told = NextLevelAskedV1(
        clock=Clock.CHECK, from_level=last, to_level=last.above, answer_by=again.due[Clock.CHECK]
    )
    return decided(again.but(check_level=last.above), told)


def not_evaluated(dispatch: Dispatch, *, at: datetime, limits: Limits) -> Decision[Dispatch]:
    """The residents' time is over and nobody has told how it ended: the level is reminded, again and again."""
    term = limits.calendar.term(at, limits.overdue)
    again = dispatch.with_term(Clock.EVALUATION, term, at=at)
    return decided(again, ReminderSentV1(clock=Clock.EVALUATION, level=dispatch.level, ends=term.end))


def _again(dispatch: Dispatch, at: datetime, limits: Limits) -> Dispatch:
    to = DispatchState.CLAIMED if dispatch.partners_did else DispatchState.IN_HANDLING
    return watched(dispatch.moved(to, reworks=dispatch.reworks + 1, partly=False), at=at, limits=limits)


def _counted(decision: Decision[Dispatch], at: datetime, limits: Limits) -> Decision[Dispatch]:
    if decision.state.reworks < limits.strikes:
        return decision
    return then_supervise(decision, Cause.REWORKS, at=at, limits=limits)


def _told(dispatch: Dispatch, command: CheckWork) -> WorkCheckedV1:
    return WorkCheckedV1.of(
        dispatch, passed=command.passed, note=command.public_note, partners=dispatch.partners_did
    )
