"""A resident says how good the work is → `work_evaluated`, and `rework_requested` when it is not."""

from __future__ import annotations

from uuid import UUID

from services.evaluation.domain.evaluation import Evaluation, GiveVerdict, StrangerMayNotEvaluate, evaluate
from services.evaluation.store import Evaluations
from shared.asked import Asked
from shared.entry import Entry
from shared.problems import NotFound
from shared.store import retry_lost_races


@retry_lost_races
async def give_verdict(
    order_id: UUID, command: GiveVerdict, evaluations: Evaluations, asked: Asked
) -> Entry[Evaluation]:
    try:
        entry = await evaluations.load(order_id, asked)
    except NotFound:  # to a stranger, what is another's and what does not exist look the same
        raise StrangerMayNotEvaluate from None
    return await evaluations.save(entry, evaluate(entry.state, command, by=asked.caller, at=asked.now), asked)
