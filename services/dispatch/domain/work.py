"""Work that a unit did itself, the acceptance check of any work, and doing it again."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from services.dispatch.domain.checklist import must_pass
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.document import DocumentIn, documents_of
from services.dispatch.domain.duty import must_answer, must_see
from services.dispatch.domain.ladder import DispatchState
from services.dispatch.domain.limits import Limits
from services.dispatch.domain.record import Cause, Check, CheckedItem
from services.dispatch.domain.supervision import then_supervise
from services.dispatch.domain.watch import watched
from shared.caller import Caller
from shared.command import Code, Command, Remark
from shared.contracts.from_dispatch.work_checked import WorkCheckedV1
from shared.contracts.from_dispatch.work_reported import WorkReportedV1
from shared.entry import Decision, decided, unchanged
from shared.problems import NotAllowed


class OwnWork(NotAllowed):
    """Nobody passes the check of their own work."""


class DeliverWork(Command):
    """`note`: what was done."""

    note: Remark = ""


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


def deliver(dispatch: Dispatch, command: DeliverWork, *, by: Caller) -> Decision[Dispatch]:
    """Whoever has it in hand (a person, a unit, a department that accepted it) says it is done. Raises TasksOpen."""
    must_see(dispatch, by)
    if dispatch.state is DispatchState.TO_CHECK and by.id in dispatch.done_by and not dispatch.partners_did:
        return unchanged(dispatch)
    dispatch.must_be(DispatchState.ASSIGNED, DispatchState.IN_HANDLING)
    dispatch.must_have_no_open_task()
    hand = dispatch.handled_by or dispatch.assigned_to
    if hand is None or hand not in (by.id, by.department):
        must_answer(dispatch, by)
    done_by = tuple(one for one in dict.fromkeys((*dispatch.done_by, hand, by.id)) if one)
    noted = command.note or dispatch.work_note
    delivered = dispatch.moved(DispatchState.TO_CHECK, done_by=done_by, partners_did=False, work_note=noted)
    return decided(delivered, WorkReportedV1(note=noted))


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
    if last and dispatch.state in after and last.model_copy(update={"at": at}) == found:
        return unchanged(dispatch)
    dispatch.must_be(DispatchState.TO_CHECK)
    must_answer(dispatch, by)
    if command.passed:
        dispatch.must_have_no_open_task()
    if command.passed and not {by.id, by.partner, by.department}.isdisjoint(dispatch.done_by):
        raise OwnWork
    must_pass(found.items, limits.checklists.get(dispatch.category, ()), passed=command.passed)
    checked = dispatch.but(check=found)
    if command.passed:
        done = checked.moved(DispatchState.TO_EVALUATE)
        return decided(done, _told(done, command))
    again = _again(checked, at, limits)
    return _counted(decided(again, _told(again, command)), at, limits)


def rework(dispatch: Dispatch, *, at: datetime, limits: Limits) -> Decision[Dispatch]:
    """The residents are not satisfied: the same hands do it again, and it is counted."""
    dispatch.must_be_known()
    if dispatch.state is not DispatchState.TO_EVALUATE:
        return unchanged(dispatch)
    return _counted(decided(_again(dispatch, at, limits)), at, limits)


def _again(dispatch: Dispatch, at: datetime, limits: Limits) -> Dispatch:
    to = DispatchState.CLAIMED if dispatch.partners_did else DispatchState.IN_HANDLING
    return watched(dispatch.moved(to, reworks=dispatch.reworks + 1, partly=False), at=at, limits=limits)


def _counted(decision: Decision[Dispatch], at: datetime, limits: Limits) -> Decision[Dispatch]:
    if decision.state.reworks < limits.strikes:
        return decision
    return then_supervise(decision, Cause.REWORKS, at=at, limits=limits)


def _told(dispatch: Dispatch, command: CheckWork) -> WorkCheckedV1:
    return WorkCheckedV1(
        passed=command.passed,
        note=command.note,
        reworks=dispatch.reworks,
        done_by=dispatch.done_by,
        partners=dispatch.partners_did,
    )
