"""A process of its own that saves with a guard and freezes in the middle: `… NAMESPACE URL ENTRY HOLDER`.

Started by test_guarding.py, which ends it. It says `frozen` before it stops for ever.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from typing import Any
from uuid import UUID

import shared.store.guards as guarding
from shared.settings import ServiceSettings
from shared.store import Database
from tests.integration.shared.toy import Toy, Toys, answered, asked, counted

_apply = guarding._apply


def _apply_and_freeze(*write: Any) -> None:
    _apply(*write)
    print("frozen", flush=True)
    signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)  # this thread first: not one step further


async def save(namespace: str, url: str, id: UUID, holder: UUID) -> None:
    setattr(guarding, "_apply", _apply_and_freeze)  # noqa: B010 - not a name that it offers
    database = Database(ServiceSettings(mongo_url=url, namespace=namespace), "dispatch")
    await database.open()
    entries = await database.entries(Toys, "toys", Toy, (), lambda _: None)
    guard = await database.guards("holders").read(holder)
    entry = await entries.peek(id)
    request = asked(database.now())
    await entries.save(entry, counted(entry.state, answered()), request, guard=guard)


if __name__ == "__main__":
    asyncio.run(save(sys.argv[1], sys.argv[2], UUID(sys.argv[3]), UUID(sys.argv[4])))
