"""The collection `calls`, its indexes and its queries."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from services.partners.domain.call import Call, Written
from services.partners.domain.calls.finding import found_by
from services.partners.domain.claim import Claim
from services.partners.domain.claims.reserve import Carried, carried
from services.partners.domain.matching.facts import Key
from services.partners.domain.matching.loads import Given, Held, Said, lines_of, said_of
from services.partners.domain.standing.rules import Event
from services.partners.domain.standing.score import Counts, Happened
from services.partners.domain.states import CallState, ClaimState
from shared.entry import Entry
from shared.store import Entries, Index, Page, under
from shared.store.listing import Row

INDEXES = (
    Index("state.state", "_id"),
    Index("state.area", "state.state", "_id"),
    Index("state.claims.partner_id", "_id"),
    Index("find.holders", "_id", partial={"find.holders": {"$exists": True}}),
    Index("find.wants", "state.area", partial={"find.wants": {"$exists": True}}),
    Index("find.given_at", partial={"find.given_at": {"$exists": True}}),
    Index("find.happened.partner_id", partial={"find.happened.partner_id": {"$exists": True}}),
    Index("find.judged_at", partial={"find.judged_at": {"$exists": True}}),
    Index(
        "state.claims.takeover.partner_id", partial={"state.claims.takeover.partner_id": {"$exists": True}}
    ),
    Index("state.area", "_id", partial={"state.appeals.decision": "open"}),
)
PLACED = ("state.longitude", "state.latitude", "state.title", "state.category", "state.urgency", "state.until",
          "state.lines.kind", "state.offered_to")  # fmt: skip
_ALL_OPEN = 5000  # calls that a board or a map looks at, the newest of them

_WHO = ("partner_id", "takeover.partner_id")  # who carries a claim: who holds it, and who asks for it


class Calls(Entries[Call]):
    def found_by(self, state: Call) -> dict[str, Any]:
        return found_by(state)

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
        return await self.page({**which, **_narrowed(state, area)}, cursor=cursor, limit=limit)

    async def of_area(
        self, area: str, *, state: CallState | None, cursor: str | None, limit: int
    ) -> Page[Entry[Call]]:
        """The calls of an area and everything below it, newest order first."""
        return await self.page(_narrowed(state, area), cursor=cursor, limit=limit)

    async def carried_by(self, partner_id: UUID) -> tuple[Carried, ...]:
        """Every claim of a partner, on all calls, ended ones included; and what it asks to take over."""
        its = {"$or": [{"$eq": [f"$$this.{who}", partner_id]} for who in _WHO]}
        upheld = {
            "$and": [{"$eq": ["$$this.decision", "upheld"]}, {"$eq": ["$$this.partner_id", partner_id]}]
        }
        found = await self.aggregate(
            [
                {"$match": {"$or": [{f"state.claims.{who}": partner_id} for who in _WHO]}},
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
        return tuple(
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
        )

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

    async def in_hand(self) -> list[Held]:
        """Every claim that is active, of all partners."""
        found = await self.aggregate(
            [{"$match": {"find.holders": {"$exists": True}}}, _claims(ClaimState.ACTIVE)]
        )
        return [Held(one["partner_id"], lines_of(one["lines"])) for row in found for one in row["claims"]]

    async def given_since(self, since: datetime) -> dict[UUID, list[Given]]:
        """By call, every claim that was fulfilled, of calls on which one was since then."""
        found = await self.aggregate(
            [{"$match": {"find.given_at": {"$gte": since}}}, _claims(ClaimState.FULFILLED)]
        )
        return {
            row["_id"]: [
                Given(one["partner_id"], row["area"], lines_of(one["lines"]), one["ended_at"].date())
                for one in row["claims"]
            ]
            for row in found
        }

    async def said_since(self, since: datetime) -> dict[UUID, list[Said]]:
        """By call, what counts of all that residents said, of calls on which something was said since then."""
        rows = await self.every_row({"find.judged_at": {"$gte": since}}, ("find.happened",), most=0)
        return {row["_id"]: list(said_of(_happened(row))) for row in rows}

    async def happened_to(self, partner_id: UUID) -> list[tuple[UUID, Happened]]:
        """What counts for or against a partner, with the order."""
        rows = await self.every_row({"find.happened.partner_id": partner_id}, ("find.happened",), most=0)
        return [(row["_id"], one) for row in rows for one in _happened(row) if one.partner_id == partner_id]

    async def counts(
        self, area: str | None, since: datetime | None, until: datetime | None
    ) -> dict[UUID, Counts]:
        """By partner, what happened on the calls of an area in [since, until)."""
        bounds = {"$gte": since, "$lt": until}
        within = {sign: at for sign, at in bounds.items() if at is not None}
        found = await self.aggregate(
            [
                {"$match": {"find.happened.partner_id": {"$exists": True}, **_narrowed(None, area)}},
                {"$unwind": "$find.happened"},
                {"$match": {"find.happened.at": within} if within else {}},
                {
                    "$group": {
                        "_id": {"of": "$find.happened.partner_id", "event": "$find.happened.event"},
                        "n": {"$sum": 1},
                    }
                },
            ]
        )
        counts: dict[UUID, Counts] = {}
        for row in found:
            counts.setdefault(row["_id"]["of"], Counts())[Event(row["_id"]["event"])] = row["n"]
        return counts

    async def done_by(self, partner_id: UUID) -> list[tuple[UUID, Call]]:
        """The calls in which a partner has or had a part, the newest first."""
        rows = await self.every_row({"state.claims.partner_id": partner_id}, ("state",), most=0)
        return [(row["_id"], Call.model_validate(row["state"])) for row in rows]

    async def appealed(self, area: str, *, cursor: str | None, limit: int) -> Page[Entry[Call]]:
        """Those of an area with an appeal that waits."""
        return await self.page(
            {"state.appeals.decision": "open", "state.area": under(area)}, cursor=cursor, limit=limit
        )


def _claims(state: ClaimState) -> dict[str, Any]:
    its = {"$filter": {"input": "$state.claims", "cond": {"$eq": ["$$this.state", state.value]}}}
    return {"$project": {"area": "$state.area", "claims": its}}


def _forgiven(row: dict[str, Any]) -> set[str]:
    return {one["of"] for one in row["upheld"] or () if one["against"] == "claim"}


def _to_take(partner_id: UUID) -> dict[str, Any]:
    return {"state.state": CallState.OPEN.value, "state.offered_to": {"$in": [[], str(partner_id)]}}


def _happened(row: dict[str, Any]) -> list[Happened]:
    listed = row.get("find", {}).get("happened", ())
    return [Happened(**{**one, "event": Event(one["event"])}) for one in listed]


def _narrowed(state: CallState | None, area: str | None) -> dict[str, Any]:
    found: dict[str, Any] = {} if state is None else {"state.state": state.value}
    return found if area is None else {**found, "state.area": under(area)}
