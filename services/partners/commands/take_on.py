"""A partner takes lines of a call, or asks for what another one holds: only what it can carry besides the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from services.partners.books import Registry
from services.partners.domain.call import Call
from services.partners.domain.claims.claimant import Claimant
from services.partners.domain.terms import Terms
from services.partners.store import Calls
from shared.asked import Asked
from shared.entry import Decision, Entry
from shared.problems import RuleBroken, Unavailable
from shared.store import Guards, retry_lost_races


@dataclass(frozen=True, slots=True)
class _Taking:
    calls: Calls
    holders: Guards
    rule: Callable[[Call, Claimant], Decision[Call]]
    by: Claimant
    asked: Asked
    terms: Terms

    async def on(self, entry: Entry[Call]) -> Entry[Call]:
        """What the partner carries is only counted for whoever does not lose by what the call shows: most do."""
        decision = self.rule(entry.state, self.by)
        if decision.state is entry.state:
            return await self.calls.save(entry, decision, self.asked)
        guard = await self.holders.read(self.by.partner.id)  # before anything is counted
        by = replace(
            self.by, carries=await self.calls.carried_by(self.by.partner, self.asked.now, self.terms)
        )
        return await self.calls.save(entry, self.rule(entry.state, by), self.asked, guard=guard)


@retry_lost_races  # losing means reading what the winner wrote, and answering by the rule
async def take_on(
    calls: Calls,
    order_id: UUID,
    asked: Asked,
    rule: Callable[[Call, Claimant], Decision[Call]],
    *,
    registry: Registry,
    holders: Guards,
    terms: Terms,
) -> Entry[Call]:
    """Like `decide`, but what the partner carries is counted, and saved only if it is still so.

    Rivals of one process take turns on what it remembers of the call. Who loses by that makes way at once, and looks:
    all who lost read it together.
    Raises whatever the rule refuses, NotAPartner, NotVerified and Suspended.
    """
    taking = _Taking(calls, holders, rule, await registry.claimant(asked.caller), asked, terms)
    async with holders.turn(order_id):
        if (guess := calls.guess(order_id)) is not None:
            try:
                return await taking.on(guess)
            except Unavailable:
                raise
            except RuleBroken:
                pass
    entry = await calls.load(order_id, asked)
    if rule(entry.state, taking.by).state is entry.state:
        return await taking.on(entry)
    async with holders.turn(order_id):  # others may have been first meanwhile, here or elsewhere
        return await taking.on(await calls.load(order_id, asked))
