"""What is supervised gets a lead unit: the district names it, it cannot refuse, and co-units do their parts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.clocks.watch import watched
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import must_answer, must_see
from services.dispatch.domain.ground.department import Department
from services.dispatch.domain.ground.unit import find_unit, find_units, with_departments
from services.dispatch.domain.notes import keeps_note
from services.dispatch.domain.record import Said
from services.dispatch.domain.states import WITH_PARTNERS, DispatchState, Level
from services.dispatch.domain.supervision.directing import must_be_supervised
from services.dispatch.domain.supervision.raising import with_supervision
from services.dispatch.domain.words import Noted, PublicNote
from services.dispatch.domain.works.tasks import TaskIn, is_given, with_task
from shared.caller import Caller
from shared.command import Code
from shared.contracts.from_dispatch import LeadNamedV1
from shared.contracts.message import Message
from shared.entry import Decision, decided, unchanged


class NameLead(Noted):
    """`unit`: a department, or `community`, `street`, `district`. Each co-unit has its part and its deadline."""

    unit: Code
    co_units: Annotated[tuple[TaskIn, ...], Field(max_length=9)] = ()
    public_note: PublicNote = ""


@keeps_note
def name_lead(
    dispatch: Dispatch,
    command: NameLead,
    *,
    departments: tuple[Department, ...],
    by: Caller,
    at: datetime,
    limits: Limits,
) -> Decision[Dispatch]:
    """The lead has it in hand from now on. While partners have it, it answers for their work instead.

    Named again with other words or parts it is told again; a part that a co-unit has already is not given twice.

    Raises UnknownDepartment, NotSupervised, TooManyTasks, DeadlineOutOfRange.
    """
    must_see(dispatch, by)
    lead = find_unit(command.unit, departments, dispatch.area)
    co_units = find_units(tuple(one.unit for one in command.co_units), departments, dispatch.area)
    parts = [one for one in zip(command.co_units, co_units, strict=True) if not is_given(dispatch, *one)]
    said = Said(by=by.id, text=command.public_note)
    if dispatch.lead == dispatch.handled_by == lead.id and dispatch.lead_named == said and not parts:
        return unchanged(dispatch)
    dispatch.must_be(
        DispatchState.ASSIGNED,
        DispatchState.WHISTLED,
        DispatchState.REFERRED,
        DispatchState.IN_HANDLING,
        DispatchState.DEADLOCKED,
        *WITH_PARTNERS,
    )
    must_answer(dispatch, by, least=Level.DISTRICT)
    open_one = must_be_supervised(dispatch)
    led = with_supervision(dispatch, open_one.but(unit=lead.id)).but(
        lead=lead.id,
        lead_named=said,
        handled_by=lead.id,
        departments=with_departments(dispatch.departments, lead),
        bound=with_departments(dispatch.bound, lead),
    )
    led = led.without_request() if lead.id != dispatch.handled_by else led
    if dispatch.state not in WITH_PARTNERS:
        led = led.moved(DispatchState.IN_HANDLING) if led.state is not DispatchState.IN_HANDLING else led
        led = watched(led, at=at, limits=limits)
    told: list[Message] = [
        LeadNamedV1(unit=lead.id, co_units=tuple(unit.id for unit in co_units), note=command.public_note)
    ]
    for part, unit in parts:
        led, given = with_task(led, part, unit, at=at, limits=limits)
        told.append(given)
    return decided(led, *told)
