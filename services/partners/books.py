"""The registry of partners and their alliances, kept in the database; the roster of those who may claim is in memory.

A change is at once in the memory of the replica that made it; the others look every second. Matching ranks the roster,
so that no rule has to ask the database for ten thousand partners.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from services.partners.domain.claims.claimant import Claimant
from services.partners.domain.registry.alliance import Alliance
from services.partners.domain.registry.partner import (
    Partner,
    PartnerKind,
    PartnerState,
    Registered,
    must_act_for,
    partner_of,
)
from services.partners.domain.registry.refusals import NotAPartner
from services.partners.domain.registry.registering import end_suspension
from services.partners.domain.registry.resource import ResourceKind
from shared.asked import Asked
from shared.caller import Caller, Role, above, system
from shared.cursor import Page, decode_cursor, encode_cursor
from shared.fresh import kept_fresh
from shared.problems import LostRace, NotFound
from shared.store import Database, Index, Record, Records, decide_record, under

_LOOK_SECONDS = 1.0
_OVERLAP = timedelta(minutes=2)  # what is saved later may bear an earlier time: look back so far
_ENDS = timedelta(minutes=1)  # so often it is asked whose suspension has ended, whatever is known here
_INDEXES = (
    Index("value.changed_at"),
    Index("value.kind", "_id"),
    Index("value.areas", "_id"),
    Index("value.resources.kind", "_id"),
    Index("value.members.person", partial={"value.members.person": {"$exists": True}}),
    Index("value.invitations.person", partial={"value.invitations.person": {"$exists": True}}),
    Index("value.suspended_until", partial={"value.state": "suspended"}),
    Index("value.applicant", partial={"value.state": "applied", "value.applicant": {"$gt": ""}}, unique=True),
)
_ALLIANCE_INDEXES = (Index("value.area"), Index("value.partners"))
_MOST_AT_ONCE = 100  # suspensions that end


class Roster(NamedTuple):
    """Everybody who may claim, as it was at one moment. `number` rises with every change."""

    partners: Mapping[UUID, Partner] = {}
    number: int = 0


class Registry:
    """Made before the database is there, opened when it is."""

    def __init__(self, first: Iterable[Partner]) -> None:
        """`first` are entered as verified, those of them that are not there yet."""
        self._first = tuple(first)
        self._looked_at = datetime.fromtimestamp(0, UTC) + _OVERLAP
        self._ended_at = datetime.fromtimestamp(0, UTC)
        self._seen: dict[str, int] = {}  # versions of those that changed lately: each is read once
        self._members: dict[UUID, frozenset[str]] = {}  # of those that named some
        self._suspended: dict[UUID, datetime] = {}  # until then
        self.roster = Roster()

    async def open(self, database: Database) -> None:
        self._database = database
        self._records: Records[Registered] = await database.records("registry", Registered, _INDEXES)
        self.alliances: Records[Alliance] = await database.records("alliances", Alliance, _ALLIANCE_INDEXES)
        self._refreshing = asyncio.Lock()
        known = {record.value.id for record in await self._records.many(str(one.id) for one in self._first)}
        for partner in self._first:
            if partner.id not in known:
                entered = Registered(**partner.model_dump(), changed_at=database.now())
                with suppress(LostRace):  # another replica was first
                    await self._records.put(str(partner.id), entered, on=0)
        await self.refresh()

    # ---------------------------------------------------------------- one partner

    async def get(self, id: UUID) -> Record[Registered]:
        """Raises NotFound."""
        return await self._records.get(str(id))

    async def known(self, id: UUID) -> Registered | None:
        return next((record.value for record in await self._records.many([str(id)])), None)

    async def claimant(self, caller: Caller) -> Claimant:
        """The partner that the caller acts for, as it is now; what it carries is not counted.

        Raises NotAPartner, NotVerified, Suspended.
        """
        try:
            partner = (await self.get(partner_of(caller))).value
        except NotFound as error:
            raise NotAPartner from error
        people = [member.person for member in partner.members]
        must_act_for(people, caller)
        partner.must_be_able_to_claim()
        return Claimant(
            partner.public(),
            person=caller.id,
            people=frozenset((caller.id, str(partner.id), *people)),
            withdrew=frozenset(partner.withdrew),
            homes=tuple([(one.home.area, one.home.household) for one in partner.members if one.home]),
        )

    async def put(self, partner: Registered, asked: Asked, *, on: int) -> Record[Registered]:
        """Keep it in place of the version `on`; 0: it is new. Raises LostRace."""
        kept = await self._records.put(str(partner.id), partner.but(changed_at=asked.now), on=on)
        await self.refresh()
        return kept

    async def change(
        self, id: UUID, rule: Callable[[Registered], Registered], asked: Asked
    ) -> Record[Registered]:
        """Keep what a rule makes of it; the same object is kept as it is. Raises NotFound, Changed."""

        def dated(before: Registered) -> Registered:
            after = rule(before)
            return before if after is before else after.but(changed_at=asked.now)

        kept = await decide_record(self._records, str(id), asked, dated)
        await self.refresh()
        return kept

    def may_claim(self, id: UUID) -> bool:
        """As far as it is known here, by the second."""
        return id in self.roster.partners

    def must_act(self, caller: Caller) -> None:
        """The one place where authority to act for a partner is read, beside its token. Raises NotAPartner.

        Whoever was removed elsewhere is refused within a second.
        """
        if caller.role is Role.PARTNER and caller.partner:
            with suppress(ValueError):  # no id of a partner: refused where it is asked for
                must_act_for(self.people_of(UUID(caller.partner)), caller)

    def people_of(self, id: UUID) -> frozenset[str]:
        """The members of a partner, as they were a second ago at most. A partner that named none has none."""
        return self._members.get(id, frozenset())

    async def applied_by(self, person: str) -> Record[Registered] | None:
        """The application of somebody that waits."""
        waits = {"value.members.person": person, "value.state": PartnerState.APPLIED.value}
        return next(iter(await self._records.find(waits, 1)), None)

    async def alliances_of(self, id: UUID) -> list[Record[Alliance]]:
        """Those it belongs to, or asks to."""
        either = [{f"value.{how}": str(id)} for how in ("partners", "asking")]
        return await self.alliances.find({"$or": either}, 0)

    async def around(self, person: str) -> list[Record[Registered]]:
        """Where somebody is a member, or is invited; at most a hundred."""
        either = [{"value.members.person": person}, {"value.invitations.person": person}]
        return await self._records.find({"$or": either}, 100)

    async def page(
        self,
        *,
        kind: PartnerKind | None,
        resource: ResourceKind | None,
        area: str | None,
        cursor: str | None,
        limit: int,
    ) -> Page[Partner]:
        """Those who may claim, by id. `area`: those that serve all of it, or something in it."""
        wanted: dict[str, Any] = {"value.state": PartnerState.VERIFIED.value}
        if kind is not None:
            wanted["value.kind"] = kind.value
        if resource is not None:
            wanted["value.resources.kind"] = resource
        if area is not None:
            wanted["$or"] = [
                {"value.areas": {"$in": above(area)}},
                {"value.areas": {"$elemMatch": under(area)}},
            ]
        return await self._page(wanted, cursor, limit)

    async def within(
        self, area: str, *, all_in: str, state: PartnerState, cursor: str | None, limit: int
    ) -> Page[Partner]:
        """In a state, by id: those that serve something in the area, and nothing outside of the other one."""
        least, end = under(all_in)["$gte"], under(all_in)["$lt"]
        wanted = {
            "value.state": state.value,
            "value.areas": {"$elemMatch": under(area)},
            "$nor": [{"value.areas": {"$lt": least}}, {"value.areas": {"$gte": end}}],
        }
        return await self._page(wanted, cursor, limit)

    async def _page(self, wanted: dict[str, Any], cursor: str | None, limit: int) -> Page[Partner]:
        if cursor is not None:
            wanted["_id"] = {"$gt": str(decode_cursor(cursor))}
        found = await self._records.find(wanted, limit + 1)
        items = tuple(record.value.public() for record in found[:limit])
        return Page(items, encode_cursor(items[-1].id) if len(found) > limit else None)

    # ---------------------------------------------------------------- the roster

    async def refresh(self) -> None:
        """Put what has changed into the roster. Raises Unavailable."""
        async with self._refreshing:
            since, now = (self._looked_at - _OVERLAP).isoformat(), self._database.now()
            lately = await self._records.versions({"value.changed_at": {"$gte": since}})
            news = [id for id, version in lately.items() if self._seen.get(id) != version]
            changed = [record.value for record in await self._records.many(news)] if news else []
            self._looked_at, self._seen = now, lately
            if not changed:
                return
            partners = dict(self.roster.partners)
            for one in changed:
                self._members[one.id] = frozenset(member.person for member in one.members)
                self._suspended.pop(one.id, None)
                if one.state is PartnerState.SUSPENDED and one.suspended_until:
                    self._suspended[one.id] = one.suspended_until
                if one.may_claim:
                    partners[one.id] = one.public()
                else:
                    partners.pop(one.id, None)
            if partners != self.roster.partners:
                self.roster = Roster(partners, self.roster.number + 1)

    def kept_fresh(self) -> AbstractAsyncContextManager[None]:
        """Look for changes as long as this lasts: each second, for whoever was removed is refused by it."""
        return kept_fresh(self._tick, every=_LOOK_SECONDS, what="partners", still=lambda _: False)

    async def end_suspensions(self) -> None:
        """Reinstate whose suspension has come to its end; of several replicas one does. Raises Unavailable."""
        now = self._database.now()
        ended = {
            "value.state": PartnerState.SUSPENDED.value,
            "value.suspended_until": {"$lt": now.isoformat()},
        }
        for one in await self._records.find(ended, _MOST_AT_ONCE):
            after = end_suspension(one.value, by=system("clock"), at=now)
            if after is not one.value:
                with suppress(LostRace):
                    await self._records.put(str(after.id), after.but(changed_at=now), on=one.version)

    async def _tick(self) -> None:
        now = self._database.now()
        if now - self._ended_at > _ENDS or any(until < now for until in self._suspended.values()):
            await self.end_suspensions()
            self._ended_at = now
        await self.refresh()
