"""The unit that has it must not fall silent: a clock waits for its word, and starts anew with each."""

from __future__ import annotations

from datetime import datetime

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import must_see
from services.dispatch.domain.ladder import DispatchState
from services.dispatch.domain.limits import Limits
from services.dispatch.domain.pause import must_have
from services.dispatch.domain.watch import watched
from services.dispatch.domain.words import Reason
from shared.caller import Caller
from shared.command import Command
from shared.contracts.from_dispatch.handling_reported import HandlingReportedV1
from shared.entry import Decision, decided, unchanged


class ReportHandling(Command):
    """How it stands, in words that the resident reads."""

    note: Reason


def report(
    dispatch: Dispatch, command: ReportHandling, *, by: Caller, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """The unit says how it stands, and has its time anew."""
    must_see(dispatch, by)
    if dispatch.state in (DispatchState.ASSIGNED, DispatchState.IN_HANDLING) and (
        dispatch.reported_by, dispatch.report
    ) == (by.id, command.note):  # fmt: skip
        return unchanged(dispatch)
    dispatch.must_be(DispatchState.ASSIGNED, DispatchState.IN_HANDLING)
    must_have(dispatch, by)
    said = dispatch.but(reported_by=by.id, report=command.note)
    return decided(watched(said, at=at, limits=limits), HandlingReportedV1(note=command.note))
