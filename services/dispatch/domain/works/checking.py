"""The acceptance check of any work, with the list of its category, and doing it again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.clocks.watch import watched
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import must_answer, must_see
from services.dispatch.domain.record import DocumentIn, documents_of
from services.dispatch.domain.states import DispatchState
from services.dispatch.domain.supervision.raising import then_supervise
from services.dispatch.domain.supervision.record import Cause
from services.dispatch.domain.works.record import Check, CheckedItem, ListedItem
from shared.caller import Caller
from shared.command import Code, Command, Remark
from shared.contracts.from_dispatch import WorkCheckedV1
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


class CheckedItemIn(Command):
    """One item of the category's list, as it was found."""

    code: Code
    passed: bool
    note: Remark = ""


Photos = Annotated[tuple[DocumentIn, ...], Field(max_length=20)]


class CheckWork(Command):
    """A check that failed says what is wrong. `before` and `after` are photos, kept elsewhere."""

    passed: bool
    note: Remark = ""
    items: Annotated[tuple[CheckedItemIn, ...], Field(max_length=50)] = ()
    before: Photos = ()
    after: Photos = ()

    @model_validator(mode="after")
    def _reasoned(self) -> Self:
        if not self.passed and not self.note:
            raise ValueError("a check that failed needs a note")
        if len({item.code for item in self.items}) < len(self.items):
            raise ValueError("an item is checked twice")
        return self


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
        note=command.note,
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
        done = checked.moved(DispatchState.TO_EVALUATE)
        return decided(done, _told(done, command))
    again = _again(checked, at, limits)
    return _counted(decided(again, _told(again, command)), at, limits)


def rework(dispatch: Dispatch, heard: Heard[ReworkRequestedV1], *, limits: Limits) -> Decision[Dispatch]:
    """The residents are not satisfied: the same hands do it again, and it is counted."""
    dispatch.must_be_known()
    if dispatch.state is not DispatchState.TO_EVALUATE:
        return unchanged(dispatch)
    return _counted(decided(_again(dispatch, heard.at, limits)), heard.at, limits)


def _again(dispatch: Dispatch, at: datetime, limits: Limits) -> Dispatch:
    to = DispatchState.CLAIMED if dispatch.partners_did else DispatchState.IN_HANDLING
    return watched(dispatch.moved(to, reworks=dispatch.reworks + 1, partly=False), at=at, limits=limits)


def _counted(decision: Decision[Dispatch], at: datetime, limits: Limits) -> Decision[Dispatch]:
    if decision.state.reworks < limits.strikes:
        return decision
    return then_supervise(decision, Cause.REWORKS, at=at, limits=limits)


def _told(dispatch: Dispatch, command: CheckWork) -> WorkCheckedV1:
    return WorkCheckedV1.of(
        dispatch, passed=command.passed, note=command.note, partners=dispatch.partners_did
    )
