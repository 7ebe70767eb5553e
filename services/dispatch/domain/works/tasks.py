"""A matter is split: units do parts of it, each by its own deadline. It ends only after them."""

from __future__ import annotations

from datetime import datetime

from services.dispatch.domain.clocks.limits import Limits, deadline_within
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import must_answer, must_see
from services.dispatch.domain.ground.department import Department
from services.dispatch.domain.ground.unit import Unit, acts_for, find_unit, with_departments
from services.dispatch.domain.notes import keeps_note
from services.dispatch.domain.states import Clock, DispatchState, Level
from services.dispatch.domain.words import Noted, PublicNote, PublicReason
from services.dispatch.domain.works.record import Task
from shared.caller import Caller
from shared.command import Code, Command, Time
from shared.contracts.from_dispatch import TaskEndedV1, TaskGivenV1, TaskLateV1
from shared.entry import Decision, decided, unchanged
from shared.problems import NotFound, RuleBroken

DONE, CANCELLED = "done", "cancelled"


class TooManyTasks(RuleBroken):
    """It is split into enough parts."""


class TaskEnded(RuleBroken):
    """This task has ended already."""


class TaskIn(Command):
    """`unit`: a department, or `community`, `street`, `district`."""

    title: PublicReason
    unit: Code
    deadline: Time


class GiveTask(TaskIn, Noted):
    """As one part of a matter that is split."""


class FinishTask(Noted):
    """`public_note`: what was done."""

    public_note: PublicNote = ""


class CancelTask(Noted):
    reason: PublicReason


@keeps_note
def give_task(
    dispatch: Dispatch,
    command: GiveTask,
    *,
    departments: tuple[Department, ...],
    by: Caller,
    at: datetime,
    limits: Limits,
) -> Decision[Dispatch]:
    """Give a part to a unit: by the level that answers for the dispatch, or by the unit that has it in hand.

    Raises UnknownDepartment, TooManyTasks, DeadlineOutOfRange.
    """
    must_see(dispatch, by)
    unit = find_unit(command.unit, departments, dispatch.area)
    dispatch.must_be(DispatchState.ASSIGNED, DispatchState.IN_HANDLING)
    _must_lead(dispatch, by)
    if is_given(dispatch, command, unit):
        return unchanged(dispatch)
    given, told = with_task(dispatch, command, unit, at=at, limits=limits)
    return decided(given, told)


def is_given(dispatch: Dispatch, command: TaskIn, unit: Unit) -> bool:
    """Whether the unit has this very part, by this deadline."""
    part = (command.title, unit.id, command.deadline)
    return any(one.ended is None and (one.title, one.unit, one.deadline) == part for one in dispatch.tasks)


def with_task(
    dispatch: Dispatch, command: TaskIn, unit: Unit, *, at: datetime, limits: Limits
) -> tuple[Dispatch, TaskGivenV1]:
    """One part more, with its clock. Raises TooManyTasks, DeadlineOutOfRange."""
    number = len(dispatch.tasks) + 1
    if number > limits.tasks:
        raise TooManyTasks(f"It has {len(dispatch.tasks)} parts.")
    deadline = deadline_within(command.deadline, at, limits)
    task = Task(number=number, title=command.title, unit=unit.id, deadline=deadline, given_at=at)
    given = dispatch.but(
        tasks=(*dispatch.tasks, task), departments=with_departments(dispatch.departments, unit)
    ).with_clock(_clock(number), deadline)
    return given, TaskGivenV1.of(task)


@keeps_note
def finish_task(
    dispatch: Dispatch, number: int, command: FinishTask, *, by: Caller, at: datetime
) -> Decision[Dispatch]:
    """The unit has done its part, or the level that answers for the dispatch says so. Raises TaskEnded."""
    must_see(dispatch, by)
    task = _task(dispatch, number)
    if not acts_for(by, task.unit):
        must_answer(dispatch, by, least=Level.COMMUNITY)
    if (task.ended, task.note) == (DONE, command.public_note) and by.id in dispatch.done_by:
        return unchanged(dispatch)
    hands = dict.fromkeys((*dispatch.done_by, task.unit, by.id))
    return _ended(dispatch.but(done_by=tuple(hands)), task, DONE, command.public_note, at)


@keeps_note
def cancel_task(
    dispatch: Dispatch, number: int, command: CancelTask, *, by: Caller, at: datetime
) -> Decision[Dispatch]:
    """The part is not needed any more. Raises TaskEnded."""
    must_see(dispatch, by)
    task = _task(dispatch, number)
    _must_lead(dispatch, by)
    if (task.ended, task.note) == (CANCELLED, command.reason):
        return unchanged(dispatch)
    return _ended(dispatch, task, CANCELLED, command.reason, at)


def task_late(dispatch: Dispatch, number: str) -> Decision[Dispatch]:
    """Noted and told; it may still be done, or cancelled by who gave it."""
    task = _task(dispatch, int(number))
    late = _with(dispatch, task.but(late=True))
    return decided(late, TaskLateV1.of(task))


def _ended(dispatch: Dispatch, task: Task, how: str, note: str, at: datetime) -> Decision[Dispatch]:
    if task.ended is not None:
        raise TaskEnded(ended=task.ended)
    ended = task.but(ended=how, ended_at=at, note=note)
    return decided(_with(dispatch, ended), TaskEndedV1.of(ended))


def _task(dispatch: Dispatch, number: int) -> Task:
    for task in dispatch.tasks:
        if task.number == number:
            return task
    raise NotFound


def _with(dispatch: Dispatch, changed: Task) -> Dispatch:
    tasks = tuple(changed if task.number == changed.number else task for task in dispatch.tasks)
    return dispatch.but(tasks=tasks).with_clock(_clock(changed.number), None)


def _must_lead(dispatch: Dispatch, by: Caller) -> None:
    if dispatch.handled_by is None or dispatch.hand_rests or not acts_for(by, dispatch.handled_by):
        must_answer(dispatch, by, least=Level.COMMUNITY)


def _clock(number: int) -> str:
    return f"{Clock.TASK}/{number}"
