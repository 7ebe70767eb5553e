"""An objection is answered → `objection_answered`, and when it is upheld `notice_closed`."""

from __future__ import annotations

from uuid import UUID

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.limits import Limits
from services.dispatch.domain.notice import AnswerObjection, answer_objector
from services.dispatch.store import Dispatches
from shared.asked import Asked
from shared.entry import Entry
from shared.store import retry_lost_races


@retry_lost_races
async def answer_objection(
    order_id: UUID,
    number: int,
    command: AnswerObjection,
    dispatches: Dispatches,
    limits: Limits,
    asked: Asked,
) -> Entry[Dispatch]:
    entry = await dispatches.load(order_id, asked)
    decision = answer_objector(entry.state, number, command, by=asked.caller, at=asked.now, limits=limits)
    return await dispatches.save(entry, decision, asked)
