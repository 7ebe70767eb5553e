"""What is shown: forms of answers, each as its reader may see it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel

from services.dispatch.domain.clocks.record import Pause, TimeRequest
from services.dispatch.domain.deliberation.record import Payment
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ground.record import Routed
from services.dispatch.domain.ladder.record import Referral, Whistle
from services.dispatch.domain.notes import may_read
from services.dispatch.domain.part import own_part
from services.dispatch.domain.record import KeptNote
from services.dispatch.domain.states import DispatchState, Level
from services.dispatch.domain.supervision.record import Cause, Supervision
from services.dispatch.domain.worklist import answers_for, is_with
from services.dispatch.domain.works.record import Binding, Check, Ended, Task
from services.dispatch.queries.deliberation import MoneyOut, RoundOut
from services.dispatch.queries.names import WithNames
from services.dispatch.queries.told import HappenedOut
from services.dispatch.queries.works import CallOut
from shared.caller import Caller, Role
from shared.contracts.message import copied
from shared.entry import Entry


class PlaceOut(BaseModel):
    """WGS-84, degrees. `address`, in a resident's words: for the staff, and for a department as long as it has it."""

    longitude: float
    latitude: float
    address: str


def may_find(found: Mapping[str, Any], caller: Caller) -> bool:
    """Whether the caller reads more than what is kept for who had a part, and the address, which names flats."""
    return caller.role is not Role.DEPARTMENT or is_with(found, caller.department)


# Of which other orders this one repeats, or is repeated by, only the staff read the ids.
_NO_OTHER_ORDERS: dict[str, Any] = {"duplicate_of": None, "binding": None, "duplicates": []}


class DispatchOut(WithNames):
    """The whole record of one dispatch. `clocks`: what runs, and until when.

    A department whose part is over reads what that was (referrals, tasks, its answers to whistles, what the district
    directed it to do), where it lies, the state and the outcome; all else is for it as if there were none.
    """

    order_id: UUID
    state: DispatchState
    level: Level
    answers_for: (
        str | None
    )  # the one unit that answers for it now: the path of its area, or a department's id
    area: str
    in_no_grid: bool
    territory_version: int
    routed: Routed | None
    title: str
    kind: str
    category: str
    urgency: str
    place: PlaceOut
    opened_at: datetime | None
    answer_by: datetime | None
    close_by: datetime | None
    clocks: dict[str, datetime]
    overdue: bool
    paused: Pause | None
    pauses: list[Pause]
    time_requests: list[TimeRequest]
    report: str
    supervised: list[Cause]
    supervisions: list[Supervision]
    whistles: int
    refusals: int
    reworks: int
    assigned_to: str | None
    handled_by: str | None
    whistle: Whistle | None
    earlier_whistles: list[Whistle]
    referrals: list[Referral]
    bound: list[str]
    lead: str | None
    tasks: list[Task]
    deadlock: str
    rounds: list[RoundOut]
    on_notice: bool  # what was agreed last is on public notice now
    call: CallOut | None
    money: MoneyOut
    payments: list[Payment] | None  # for the staff of the area
    done_by: list[str]
    partners_did: bool
    work_note: str
    check: Check | None
    check_level: Level | None  # was asked besides, for nobody checked it in time
    in_time: bool | None  # whether the unit was; decided with the passed check, or with the end
    partly: bool
    outcome: str | None
    duplicate_of: str | None
    binding: Binding | None  # to the order that it repeats, or the last there was
    duplicates: list[str]  # the orders that repeat it
    closing_note: str
    closed_at: datetime | None
    reopenings: int
    endings: list[Ended]  # how it had ended before it was opened again
    # words that stay with the staff: for them, and for a department while it has the work
    notes: list[KeptNote] | None

    @classmethod
    def of(cls, entry: Entry[Dispatch], caller: Caller) -> Self:
        reads = may_read(entry.state, caller)
        it = entry.state if reads else own_part(entry.state, caller.department or "")
        return copied(
            cls,
            it,
            order_id=entry.id,
            place=copied(PlaceOut, it),
            answers_for=answers_for(it) if reads else None,
            clocks=dict(it.due),
            rounds=[RoundOut.of(round, caller, it) for round in it.rounds],
            on_notice=it.on_notice is not None,
            call=CallOut.of(it.call, it.money) if it.call else None,
            notes=list(it.notes) if reads else None,
            payments=None if caller.role is Role.DEPARTMENT else list(it.payments),
            **(_NO_OTHER_ORDERS if caller.role is Role.DEPARTMENT else {}),
            money=MoneyOut.of(it.money, it.paid()),
        )


class DispatchRow(BaseModel):
    """One row of a list. `next_at`: when the next of its clocks ends."""

    order_id: UUID
    version: int
    state: DispatchState
    level: Level
    answers_for: str | None
    area: str
    in_no_grid: bool
    title: str
    kind: str
    category: str
    urgency: str
    place: PlaceOut
    opened_at: datetime
    answer_by: datetime | None
    next_at: datetime | None
    close_by: datetime
    overdue: bool
    supervised: list[Cause]
    whistles: int
    refusals: int
    reworks: int
    assigned_to: str | None
    handled_by: str | None


class DispatchPage(WithNames):
    items: list[DispatchRow]
    next: str | None


class CountsOut(BaseModel):
    """How many there are in each list, and in each state that is not the end; 1000 stands for that many or more."""

    all: int
    ours: int
    mine: int
    waiting: int
    overdue: int
    due: int
    by_state: dict[DispatchState, int]


class SavedFilterOut(BaseModel):
    """A list with a filter that somebody keeps under a name."""

    name: str
    query: dict[str, str]


class SavedFiltersOut(BaseModel):
    items: list[SavedFilterOut]


class HistoryOut(WithNames):
    """Everything that happened, oldest first; for a department whose part is over, until it was."""

    items: list[HappenedOut]


class RecordOut(WithNames):
    """The whole record of an order in this list."""

    dispatch: DispatchOut
    history: list[HappenedOut]
