"""The read side: evaluations as each caller may see them, and the rates."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Self
from uuid import UUID

from pydantic import BaseModel, TypeAdapter

from services.evaluation.domain.evaluation import Evaluation, EvaluationState, Given, Verdict
from services.evaluation.domain.publishing import is_public, published
from services.evaluation.domain.rates import Counts, Rates, counts_in, rates_of
from services.evaluation.store import Among, Evaluations
from shared.asked import Asked
from shared.caller import Caller, lies_in, system
from shared.contracts.message import copied
from shared.entry import Entry
from shared.periods import month_before, month_of
from shared.problems import NotFound, NotPublic
from shared.store import Versions

_MOST, _PAGES = 100, 10
_MONTH = TypeAdapter(dict[str, Counts])


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
    """The evaluation of one order: for its resident and the staff of its area.

    What areas and departments are called: `GET /api/dispatch/v1/names`.
    """

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
    """The rates with what they were asked for. `published`: as everybody sees them, frozen when they were published.

    What areas and departments are called: `GET /api/dispatch/v1/names`.
    """

    area: str
    since: datetime | None
    until: datetime | None
    category: str | None
    department: str | None
    published: bool

    @classmethod
    def of(cls, counts: Counts, among: Among, mostly_weight: float, *, published: bool = False) -> Self:
        rates = rates_of(counts, mostly_weight)
        return cls(
            **{name: getattr(rates, name) for name in Rates.model_fields},
            **asdict(among),
            published=published,
        )


class CountedPage(BaseModel):
    """Orders that a figure is made of, newest first."""

    items: list[EvaluationOut]
    next: str | None


async def evaluation_for(evaluations: Evaluations, order_id: UUID, caller: Caller) -> Entry[Evaluation]:
    """The evaluation, if the caller may see it. Raises NotFound otherwise, as if there were none."""
    entry = await evaluations.peek(order_id)
    if not entry.state.is_seen_by(caller):
        raise NotFound
    return entry


async def rates_for_staff(
    evaluations: Evaluations, among: Among, caller: Caller, *, mostly_weight: float
) -> RatesOut:
    """The figures of their area, as they are now.

    Raises NotFound for an area, a category or a department of which nothing was ever counted: zeros would tell of
    something that is not there.
    """
    counts = await evaluations.counts(among)
    own = among.area == caller.area or among.area.count("/") == 0
    if not own and not await evaluations.sums.knows(among.area):
        raise NotFound("area: nothing was ever counted there")
    if counts == Counts():
        root = among.area.partition("/")[0]
        for name in ("category", "department"):
            only = {name: getattr(among, name)}
            if only[name] and await evaluations.counts(Among(root, **only)) == Counts():
                raise NotFound(f"{name}: nothing was ever counted of it")
    return RatesOut.of(counts, among, mostly_weight)


async def counted_among(
    evaluations: Evaluations, among: Among, figure: str, *, cursor: str | None, limit: int
) -> tuple[list[Entry[Evaluation]], str | None]:
    """The orders behind a figure: those, and only those, that it counts.

    At most so many, and not more than a few pages are looked at: `next` goes on where it stopped.
    """
    found: list[Entry[Evaluation]] = []
    for _ in range(_PAGES):
        page = await evaluations.page(among.filter(), cursor=cursor, limit=limit)
        found += [entry for entry in page.items if counts_in(entry.state, figure)]
        cursor = page.next
        if cursor is None or len(found) + limit > _MOST:
            break
    return found, cursor


class Publication:
    """The rates of whole months, as everybody sees them: made once, kept, and never made again."""

    def __init__(
        self, evaluations: Evaluations, kept: Versions, *, root: str, least: int, after: timedelta
    ) -> None:
        """`root` is there though nothing was counted yet; `after`: how long after its end a month is published."""
        self._root = root
        self._evaluations = evaluations
        self._kept = kept
        self._least = least
        self._after = after
        self._months: dict[int, dict[str, Counts]] = {}  # they do not change

    async def counts(self, among: Among, asked: Asked) -> tuple[Counts, Among]:
        """What is published of an area and a month, the last one when none is named.

        Where nothing was ever counted everything is hidden as where little was: that there is something would tell.
        Raises NotPublic, NotFound for an area of another jurisdiction.
        """
        zone = self._evaluations.zone
        last = month_before(asked.now - self._after, zone)
        since, until = among.since or last[0], among.until or last[1]
        whole = (since, until) == month_before(until, zone) and until <= last[1]
        if not whole or among.category or among.department or not is_public(among.area):
            raise NotPublic(last=last[0].isoformat(), until=last[1].isoformat())
        areas = await self._month(month_of(since, zone), asked)
        if not lies_in(among.area, self._root):
            raise NotFound
        return areas.get(among.area, Counts.hidden()), replace(among, since=since, until=until)

    async def _month(self, month: str, asked: Asked) -> dict[str, Counts]:
        number = int(month[1:].replace("-", ""))
        if number not in self._months:
            nobody = replace(asked, caller=system("publication"))
            body = await self._kept.made_once(number, partial(self._published, month), nobody)
            self._months[number] = _MONTH.validate_json(body)
        return self._months[number]

    async def _published(self, month: str) -> bytes:
        found = await self._evaluations.counts_of_month(month)
        shown = published(found, self._least)
        known = {self._root, *filter(is_public, found)}
        return _MONTH.dump_json({area: shown.get(area, Counts.hidden()) for area in sorted(known)})
