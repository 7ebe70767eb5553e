"""The read side: evaluations as each caller may see them, and the rates."""

from __future__ import annotations

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel

from services.evaluation.domain.evaluation import Evaluation, EvaluationState, Given, Verdict
from services.evaluation.domain.rates import Rates, rates_of
from services.evaluation.store import Among, Evaluations
from shared.caller import STAFF, Caller
from shared.contracts.message import copied
from shared.entry import Entry
from shared.problems import NotFound


class VerdictOut(BaseModel):
    """One verdict. Whose it is, is not said; `mine` tells a resident their own."""

    round: int
    at: datetime
    verdict: Verdict
    result: int
    speed: int
    manner: int
    reason: str | None
    words: str
    mine: bool

    @classmethod
    def of(cls, given: Given, caller: Caller) -> Self:
        return copied(cls, given, mine=given.resident == caller.id)


class EvaluationOut(BaseModel):
    """The evaluation of one order: for its resident and the staff of its area."""

    order_id: UUID
    state: EvaluationState
    title: str
    category: str
    urgency: str
    area: str
    round: int
    until: datetime | None
    reworks: int
    reopenings: int
    verdict: Verdict | None
    verdicts: list[VerdictOut]
    dispatched_at: datetime | None
    answer_by: datetime | None
    answered_at: datetime | None
    close_by: datetime | None
    closed_at: datetime | None
    outcome: str | None
    in_time: bool | None
    department: str | None

    @classmethod
    def of(cls, entry: Entry[Evaluation], caller: Caller) -> Self:
        it = entry.state
        verdicts = [VerdictOut.of(given, caller) for given in it.verdicts] if it.is_seen_by(caller) else []
        return copied(cls, it, order_id=entry.id, verdicts=verdicts)


class RatesOut(Rates):
    """The rates with what they were asked for."""

    area: str
    since: datetime | None
    until: datetime | None
    category: str | None
    department: str | None


async def evaluation_for(evaluations: Evaluations, order_id: UUID, caller: Caller) -> Entry[Evaluation]:
    """The evaluation, if the caller may see it. Raises NotFound otherwise, as if there were none."""
    entry = await evaluations.peek(order_id)
    if not entry.state.is_seen_by(caller):
        raise NotFound
    return entry


async def rates_among(
    evaluations: Evaluations, among: Among, caller: Caller, *, mostly_weight: float, least: int, now: datetime
) -> RatesOut:
    """Staff see the figures of their area whole; everybody else what at least so many evaluations say."""
    counts = await evaluations.counts(among, now=now)
    if not (caller.role in STAFF and caller.covers(among.area)):
        counts = counts.for_the_public(least)
    rates = rates_of(counts, mostly_weight)
    return RatesOut(
        **{name: getattr(rates, name) for name in Rates.model_fields},
        area=among.area,
        since=among.since,
        until=among.until,
        category=among.category,
        department=among.department,
    )
