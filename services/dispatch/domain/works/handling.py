"""A unit does it itself: it must not fall silent, for a clock waits for its word; and it says that it is done."""

from __future__ import annotations

from datetime import datetime

from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.clocks.watch import to_check, watched
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import must_have, must_see
from services.dispatch.domain.notes import keeps_note
from services.dispatch.domain.states import Clock, DispatchState
from services.dispatch.domain.words import Noted, PublicNote, PublicReason
from shared.caller import Caller
from shared.contracts.from_dispatch import HandlingReportedV1, WorkReportedV1
from shared.entry import Decision, decided, unchanged


class ReportHandling(Noted):
    """How it stands."""

    public_note: PublicReason


@keeps_note
def report(
    dispatch: Dispatch, command: ReportHandling, *, by: Caller, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """The unit says how it stands, and has its time anew."""
    must_see(dispatch, by)
    if dispatch.state in (DispatchState.ASSIGNED, DispatchState.IN_HANDLING) and (
        dispatch.reported_by, dispatch.report
    ) == (by.id, command.public_note):  # fmt: skip
        return unchanged(dispatch)
    dispatch.must_be(DispatchState.ASSIGNED, DispatchState.IN_HANDLING)
    must_have(dispatch, by)
    said = dispatch.but(reported_by=by.id, report=command.public_note).with_clock(Clock.RETURNED, None)
    return decided(watched(said, at=at, limits=limits), HandlingReportedV1(note=command.public_note))


class DeliverWork(Noted):
    """`public_note`: what was done."""

    public_note: PublicNote = ""


@keeps_note
def deliver(
    dispatch: Dispatch, command: DeliverWork, *, by: Caller, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """Whoever has it in hand (a person, a unit, a department that accepted it) says it is done. Raises TasksOpen."""
    must_see(dispatch, by)
    if (
        dispatch.state is DispatchState.TO_CHECK
        and by.id in dispatch.done_by
        and not dispatch.partners_did
        and command.public_note in ("", dispatch.work_note)
    ):
        return unchanged(dispatch)
    dispatch.must_be(DispatchState.ASSIGNED, DispatchState.IN_HANDLING)
    dispatch.must_have_no_open_task()
    must_have(dispatch, by)
    hands = dict.fromkeys((*dispatch.done_by, dispatch.handled_by or dispatch.assigned_to, by.id))
    done_by = tuple(one for one in hands if one)
    noted = command.public_note or dispatch.work_note
    delivered = dispatch.moved(DispatchState.TO_CHECK, done_by=done_by, partners_did=False, work_note=noted)
    return decided(to_check(delivered, at=at, limits=limits), WorkReportedV1(note=noted))
