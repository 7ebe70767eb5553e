"""The staff of its area admit a partner to an alliance, or decline."""

from __future__ import annotations

from services.partners.books import Registry
from services.partners.domain import alliance
from services.partners.domain.alliance import Alliance, AnswerRequest
from shared.asked import Asked
from shared.store import Record, retry_lost_races


@retry_lost_races
async def answer_request(
    id: str, command: AnswerRequest, registry: Registry, asked: Asked
) -> Record[Alliance]:
    """Raises NotFound, NotAllowed, NotAsking."""
    before = await registry.alliances.get(id)
    after = alliance.answer_request(before.value, command, by=asked.caller, at=asked.now)
    if after is before.value:
        return before
    return await registry.alliances.put(id, after, on=before.version)
