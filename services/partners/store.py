"""The collection `calls`, its indexes and its queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from services.partners.domain.call import Call, Written
from services.partners.domain.calls.finding import LOAD, added_by, found_by, load_paths, standing_path
from services.partners.domain.claim import Claim
from services.partners.domain.claims.claimant import finished_enough, is_lost
from services.partners.domain.claims.reserve import Carried, carried, drawn_since
from services.partners.domain.matching.loads import Done
from services.partners.domain.registry.partner import Partner
from services.partners.domain.registry.resource import Key
from services.partners.domain.standing.impact import (
    PHOTOS_OF,
    PICTURED,
    Photos,
    each_once,
    photos_among,
)
from services.partners.domain.standing.period import Span
from services.partners.domain.standing.rules import EVENT, Event
from services.partners.domain.standing.score import Counts, Happened
from services.partners.domain.states import AS_COVERED, ENDED, CallState, ClaimState
from services.partners.domain.terms import Terms
from shared.entry import Entry
from shared.periods import month_of, year_of
from shared.store import Entries, Index, Page, under
from shared.store.listing import Row
from shared.store.sums import SUMMED, Sums, adds

INDEXES = (
    Index("state.state", "_id"),
    Index("state.area", "state.state", "_id"),
    Index("state.claims.partner_id", "_id"),
    Index("find.holders", "_id", partial={"find.holders": {"$exists": True}}),
    Index("find.wants", "state.area", partial={"find.wants": {"$exists": True}}),
    Index("find.over.of", "find.over.at", partial={"find.over": {"$exists": True}}),
    Index("find.happened.partner_id", "find.happened.at", partial={"find.happened": {"$exists": True}}),
    *SUMMED,
    Index(
        "state.claims.takeover.partner_id", partial={"state.claims.takeover.partner_id": {"$exists": True}}
    ),
    Index("state.area", "_id", partial={"state.appeals.decision": "open"}),
)
PLACED = ("state.longitude", "state.latitude", "state.title", "state.category", "state.urgency", "state.until",
          "state.lines.kind", "state.offered_to", "find.holders")  # fmt: skip
_ALL_OPEN = 5000  # calls that a board or a map looks at, the newest of them

Number = Callable[[Counter[str]], int]  # of something, in a sum
_WHO = ("partner_id", "takeover.partner_id")  # who carries a claim: who holds it, and who asks for it


class Calls(Entries[Call]):
    def found_by(self, entry: Entry[Call]) -> dict[str, Any]:
        added = added_by(entry.state, self.zone)
        return found_by(entry.state) if added is None else found_by(entry.state) | adds(added)

    @cached_property
    def sums(self) -> Sums:
        """What partners have in hand, gave and did, ever and lately; what happened to them, by area and month."""
        return Sums(self._collection, self._reads)

    async def of_partner(
        self,
        partner_id: UUID,
        *,
        mine: bool,
        state: CallState | None,
        area: str | None,
        cursor: str | None,
        limit: int,
    ) -> Page[Entry[Call]]:
        """The board of a partner, newest order first: what is open to it, and what it has or had a part in."""
        own = {"state.claims.partner_id": partner_id}
        which: dict[str, Any] = own if mine else {"$or": [_to_take(partner_id), own]}
        shown = {} if state is None else _shown_to(partner_id, state)
        return await self.page({"$and": [which, shown, _narrowed(None, area)]}, cursor=cursor, limit=limit)

    async def of_area(
        self, area: str, *, state: CallState | None, cursor: str | None, limit: int
    ) -> Page[Entry[Call]]:
        """The calls of an area and everything below it, newest order first."""
        return await self.page(_narrowed(state, area), cursor=cursor, limit=limit)

    async def carried_by(self, partner: Partner, at: datetime, terms: Terms) -> tuple[Carried, ...]:
        """The claims of a partner, on all calls, that can matter to one more: see `domain/claims/claimant.py`.

        What it has in hand and what it asks to take over; what it lost lately, and as much of what it finished as is
        enough to outweigh that; and where something of what it declares is gone.
        """
        id, since = partner.id, at - terms.finished_within
        lost = _over(id, ["lost"], {"$gt": since})
        gone = [
            _over(id, [key], {"$gte": first} if first else None)
            for key, first in drawn_since(partner, at.astimezone(self.zone)).items()
        ]
        found = await self._claims_of(id, {"$or": [*_in_hand(id), lost, *gone]})
        ill = {one.order_id for one in found if is_lost(one.claim) and not one.forgiven}
        if ill:
            done = _over(id, ["done"], {"$gt": since})
            known = {one.order_id for one in found}
            more = await self._claims_of(id, done, most=finished_enough(len(ill), terms))
            found += [one for one in more if one.order_id not in known]
        return tuple(found)

    async def held_number(self, partner_id: UUID) -> int:
        """How many claims a partner has in hand, and asks for."""
        found = await self._claims_of(partner_id, {"$or": _in_hand(partner_id)})
        return sum(one.claim.state is ClaimState.ACTIVE for one in found)

    async def _claims_of(
        self, partner_id: UUID, wanted: Mapping[str, Any], most: int | None = None
    ) -> list[Carried]:
        """What a partner has, had or asks for on these calls."""
        its = {"$or": [{"$eq": [f"$$this.{who}", partner_id]} for who in _WHO]}
        upheld = {
            "$and": [{"$eq": ["$$this.decision", "upheld"]}, {"$eq": ["$$this.partner_id", partner_id]}]
        }
        found = await self.aggregate(
            [
                {"$match": wanted},
                *([{"$limit": most}] if most else []),
                {
                    "$project": {
                        "area": "$state.area",
                        "claims": {"$filter": {"input": "$state.claims", "cond": its}},
                        "upheld": {"$filter": {"input": "$state.appeals", "cond": upheld}},
                        "record": "$state.record",
                    }
                },
            ]
        )
        return [
            carried(
                row["_id"],
                row["area"],
                claim,
                partner_id,
                forgiven=str(claim.claim_id) in _forgiven(row),
                record=record,
            )
            for row in found
            for record in ([Written.model_validate(one) for one in row.get("record") or ()],)
            for claim in map(Claim.model_validate, row["claims"])
            if claim.partner_id == partner_id or claim.state is ClaimState.ACTIVE
        ]

    async def fitting(self, partner_id: UUID, area: str | None, keys: Iterable[Key]) -> dict[UUID, int]:
        """The versions of what a partner may take and something of these is missing, newest order first."""
        wanted = {**_to_take(partner_id), "find.wants": {"$in": list(keys)}, **_narrowed(None, area)}
        return {
            row["_id"]: row["version"] for row in await self.every_row(wanted, ("version",), most=_ALL_OPEN)
        }

    async def held_by(self, partner_id: UUID) -> list[tuple[UUID, Call]]:
        """The calls of which a partner has a part in hand, newest order first."""
        return await self._whole({"find.holders": partner_id})

    async def places_to_take(self, partner_id: UUID, area: str | None) -> list[Row]:
        """Where that is which a partner may take, as a map shows it, newest order first."""
        return await self.every_row({**_to_take(partner_id), **_narrowed(None, area)}, PLACED, most=_ALL_OPEN)

    async def places_open_in(self, area: str) -> list[Row]:
        """Where that is which is open in an area, newest order first."""
        return await self.every_row(_narrowed(CallState.OPEN, area), PLACED, most=_ALL_OPEN)

    async def _whole(self, wanted: dict[str, Any]) -> list[tuple[UUID, Call]]:
        return [
            (row["_id"], Call.model_validate(row["state"]))
            for row in await self.every_row(wanted, ("state",), most=_ALL_OPEN)
        ]

    async def counts_of(self, partner_id: UUID) -> Counts:
        """What happened to one partner, ever."""
        await self.sums.count()
        ever = await self._ever(partner_id)
        return Counts(
            {Event(name.removeprefix(EVENT)): n for name, n in ever.items() if name.startswith(EVENT)}
        )

    async def happened_to(self, partner_id: UUID, *, most: int) -> list[tuple[UUID, Happened]]:
        """The latest of what counts for or against a partner, with the order, the latest first."""
        since = await self._since(partner_id, _number_of_events, most)
        lately = {"$elemMatch": {"partner_id": partner_id, "at": {"$gte": since}}}
        rows = await self.every_row({"find.happened": lately}, ("find.happened",), most=0)
        its = [(row["_id"], one) for row in rows for one in _happened(row) if one.partner_id == partner_id]
        return sorted(its, key=lambda one: one[1].at, reverse=True)[:most]

    async def came_to(self, partner_id: UUID, span: Span | None) -> tuple[Counter[str], list[Photos]]:
        """What the work of a partner came to that was accepted in a period, or ever; and photos of the latest."""
        await self.sums.count()
        if span is None:
            since = await self._since(partner_id, _pictured, PHOTOS_OF)
            shown = await self._where_over(partner_id, PICTURED, {"$gte": since})
            return each_once(await self._ever(partner_id)), photos_among(shown, partner_id, lambda _: True)

        first, end = month_of(span.since, self.zone), month_of(span.until, self.zone)
        months = {
            month: its
            for year in {span.since.year, span.until.year}
            for month, its in (await self._months(partner_id, year)).items()
            if first <= month < end
        }
        total: Counter[str] = Counter()
        for its in months.values():
            total.update(each_once(its, first))
        month, _ = _reached(months, _pictured, PHOTOS_OF)
        since = self._begin(month) if month else span.since
        shown = await self._where_over(partner_id, PICTURED, {"$gte": since, "$lt": span.until})
        return total, photos_among(shown, partner_id, lambda at: span.since <= at < span.until)

    async def _ever(self, partner_id: UUID) -> Counter[str]:
        key = f"{LOAD}|{partner_id}"
        return (await self.sums.these([key])).get(key, Counter())

    async def _months(self, partner_id: UUID, year: int) -> dict[str, Counter[str]]:
        """By month of a year, what a partner did and what happened to it."""
        paths = [load_paths(self._begin(f"m{year}-{month:02}"), self.zone)[-1] for month in range(1, 13)]
        return await self._by_end_of_path(paths, partner_id)

    async def _by_end_of_path(self, paths: Iterable[str], partner_id: UUID) -> dict[str, Counter[str]]:
        found = await self.sums.these(f"{path}|{partner_id}" for path in paths)
        return {key.partition("|")[0].rpartition("/")[2]: its for key, its in found.items()}

    async def _since(self, partner_id: UUID, number: Number, most: int) -> datetime:
        """The begin of the latest month since which a partner has so many of these, or all."""
        paths = [load_paths(self._begin(f"m{year}-01"), self.zone)[1] for year in range(2000, 2100)]
        year, left = _reached(await self._by_end_of_path(paths, partner_id), number, most)
        month, _ = (
            _reached(await self._months(partner_id, int(year[1:])), number, left) if year else (None, 0)
        )
        return self._begin(month) if month else datetime.fromtimestamp(0, UTC)

    def _begin(self, month: str) -> datetime:
        return datetime.fromisoformat(f"{month[1:]}-01").replace(tzinfo=self.zone)

    async def _where_over(
        self, partner_id: UUID, what: str, when: Mapping[str, datetime]
    ) -> list[tuple[UUID, Call]]:
        return await self._whole(_over(partner_id, [what], when))

    async def counts(self, area: str | None, span: Span | None) -> dict[UUID, Counts]:
        """By partner, what happened on the calls of an area in a period, or ever."""
        await self.sums.count()
        first, end = "y", "y~"
        if span:
            first, end = (month_of(at, self.zone) for at in (span.since, span.until))
            if span.kind == "year":
                first, end = year_of(first), year_of(end)
        total: Counter[str] = Counter()
        for its in (await self.sums.within(standing_path(area), first, end)).values():
            total.update(its)
        return _by_partner(total)

    async def months_before(self, end: str) -> tuple[str, ...]:
        """The months before that one in which something happened to partners, the first first."""
        await self.sums.count()
        found = await self.sums.within(standing_path(None), "m", end)
        return tuple(sorted({name.partition("|")[0] for name in found}))

    async def of_month(self, month: str) -> dict[UUID, Counter[str]]:
        """By partner, what happened to it in a month, and what its work came to that was accepted then."""
        await self.sums.count()
        path = load_paths(self._begin(month), self.zone)[-1]
        return {UUID(of): each_once(its, month) for of, its in (await self.sums.within(path)).items()}

    async def done_in(self, paths: Iterable[str]) -> dict[str, dict[UUID, Done]]:
        """By path (see `load_paths`) and partner, what became of its claims."""
        return {
            path: {UUID(of): Done.of(its) for of, its in (await self.sums.within(path)).items()}
            for path in paths
        }

    async def done_changed(self, after: int) -> list[tuple[str, UUID, Done]]:
        """Of all paths, those that moved since the batch of that number."""
        return [(path, UUID(of), Done.of(its)) for path, of, its in await self.sums.changed(LOAD, after)]

    async def appealed(self, area: str, *, cursor: str | None, limit: int) -> Page[Entry[Call]]:
        """Those of an area with an appeal that waits."""
        return await self.page(
            {"state.appeals.decision": "open", "state.area": under(area)}, cursor=cursor, limit=limit
        )


def _in_hand(partner_id: UUID) -> list[dict[str, Any]]:
    return [{"find.holders": partner_id}, {"state.claims.takeover.partner_id": partner_id}]


def _over(partner_id: UUID, what: Iterable[str], when: Mapping[str, datetime] | None) -> dict[str, Any]:
    """Where claims of a partner ended then for which that is so: see `domain/calls/finding.py`."""
    one: dict[str, Any] = {"of": {"$in": [f"{partner_id}|{each}" for each in what]}}
    return {"find.over": {"$elemMatch": {**one, "at": when} if when else one}}


def _number_of_events(sums: Counter[str]) -> int:
    return sum(n for name, n in sums.items() if name.startswith(EVENT))


def _pictured(sums: Counter[str]) -> int:
    return sums[PICTURED]


def _reached(sums: Mapping[str, Counter[str]], number: Number, most: int) -> tuple[str | None, int]:
    """Which of these, from the last back, brings the number to so many; and how many are missing before it."""
    for name in sorted(sums, reverse=True):
        if number(sums[name]) >= most:
            return name, most
        most -= number(sums[name])
    return None, most


def _by_partner(total: Mapping[str, int]) -> dict[UUID, Counts]:
    counts: dict[UUID, Counts] = {}
    for name, n in total.items():
        of, _, event = name.partition("|")
        counts.setdefault(UUID(of), Counts())[Event(event)] = n
    return counts


def _forgiven(row: dict[str, Any]) -> set[str]:
    return {one["of"] for one in row["upheld"] or () if one["against"] == "claim"}


def _to_take(partner_id: UUID) -> dict[str, Any]:
    return {"state.state": CallState.OPEN.value, "state.offered_to": {"$in": [[], str(partner_id)]}}


def _shown_to(partner_id: UUID, state: CallState) -> dict[str, Any]:
    """What this partner sees in that state: see `Call.is_followed_by`."""
    its = {"$and": [
        {"$eq": ["$$this.partner_id", partner_id]},
        {"$eq": ["$$this.round", "$state.round"]},
        {"$in": ["$$this.state", [one.value for one in ClaimState if one not in ENDED]]},
    ]}  # fmt: skip
    held = {"$gt": [{"$size": {"$filter": {"input": "$state.claims", "cond": its}}}, 0]}
    so = {"state.state": state.value}
    if state not in AS_COVERED:
        return so
    follows = {**so, "state.claims.partner_id": partner_id, "$expr": held}
    if state is not CallState.COVERED:
        return follows
    plain = {"state.state": {"$in": [one.value for one in AS_COVERED]}, "$expr": {"$not": [held]}}
    return {"$or": [follows, plain]}


def _happened(row: dict[str, Any]) -> list[Happened]:
    listed = row.get("find", {}).get("happened", ())
    return [Happened(**{**one, "event": Event(one["event"])}) for one in listed]


def _narrowed(state: CallState | None, area: str | None) -> dict[str, Any]:
    found: dict[str, Any] = {} if state is None else {"state.state": state.value}
    return found if area is None else {**found, "state.area": under(area)}
