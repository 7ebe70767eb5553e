"""The staff of an area make an alliance of partners, or change it."""

from __future__ import annotations

from services.partners.books import Registry
from services.partners.domain.registry.alliance import Alliance, PutAlliance, keep
from shared.asked import Asked
from shared.store import Record, retry_lost_races


@retry_lost_races
async def put_alliance(id: str, command: PutAlliance, registry: Registry, asked: Asked) -> Record[Alliance]:
    """Raises NotAllowed, Changed."""
    known = await registry.alliances.many([id])
    before, on = known[0] if known else (None, 0)
    after = keep(before, id, command, by=asked.caller, at=asked.now)
    asked.must_expect(on)
    return known[0] if after is before else await registry.alliances.put(id, after, on=on)
