"""It is handed to another grid → `dispatch_moved`."""

from __future__ import annotations

from uuid import UUID

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.limits import Limits
from services.dispatch.domain.moving import TransferDispatch, transfer
from services.dispatch.domain.territory import Territory
from services.dispatch.store import Dispatches
from shared.asked import Asked
from shared.entry import Entry
from shared.store import retry_lost_races


@retry_lost_races
async def transfer_dispatch(
    order_id: UUID,
    command: TransferDispatch,
    dispatches: Dispatches,
    territory: Territory,
    limits: Limits,
    asked: Asked,
) -> Entry[Dispatch]:
    entry = await dispatches.load(order_id, asked)
    decision = transfer(
        entry.state, command, by=asked.caller, territory=territory, at=asked.now, limits=limits
    )
    return await dispatches.save(entry, decision, asked)
