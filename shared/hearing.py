"""Messages as they arrive, and what to do with them: the one failure policy.

- applied → acknowledged, after the save
- already done, or its order is parked → acknowledged unread
- overtaken (an earlier number is missing, or failed) → waits here, and is applied with that one; if the gap lasts, the
  sender is asked to tell again
- a passing failure (the database is away) → waits at the server, longer each time, for as long as it takes; what is of
  one order comes back together
- a fault of ours in a reaction → the same, but after some tries set aside
- hopeless (nobody can read it) → copied to ASIDE with the reason, its order parked, then terminated
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from nats.aio.msg import Msg
from pydantic import ValidationError

from shared.caller import By
from shared.contracts.message import Heard, Message
from shared.contracts.registry import every_message
from shared.entry import Decision

Reaction = Callable[[Any, Heard[Any]], Decision[Any]]
Reactions = Mapping[type[Message], Reaction]

_MOST = 2**31  # histories are bounded far below; a larger number would not even fit into the database


@dataclass(frozen=True, slots=True, eq=False)
class Arrived:
    """One delivery. `heard` is None when it cannot be read; `reason` says why, and `order_id` may still be known."""

    raw: Msg
    sender: str
    order_id: UUID | None
    n: int
    heard: Heard[Any] | None
    reason: str = ""

    @property
    def tries(self) -> int:
        return int(self.raw.metadata.num_delivered or 1)

    @property
    def sequence(self) -> int:
        """Its number in the stream; the same each time it is delivered."""
        return int(self.raw.metadata.sequence.stream)

    @property
    def again(self) -> bool:
        """Whether it was told because somebody missed something of its order."""
        return ":again-" in (self.raw.headers or {}).get("Nats-Msg-Id", "")


def read(raw: Msg, *, sender: str, listener: str) -> Arrived:
    """Parse one delivery. Never raises: what cannot be read says why."""
    headers = raw.headers or {}
    try:
        order_id: UUID | None = UUID(headers.get("ce-subject", ""))
        n = int(headers.get("hehuo-n", "0"))
        n = n if 0 <= n < _MOST else 0
    except ValueError:
        order_id, n = None, 0
    kind = every_message().get((sender, headers.get("ce-type", "")))
    if kind is None:
        return Arrived(raw, sender, order_id, n, None, f"unknown type {headers.get('ce-type', '')[:80]!r}")
    try:
        body = orjson.loads(raw.data)
        heard: Heard[Any] = Heard(
            order_id=UUID(body["order_id"]),
            sender=sender,
            n=int(body["n"]),
            after=int(body["after"].get(listener, 0)),
            at=datetime.fromisoformat(body["at"]),
            by=By(str(body["by"]["role"]), str(body["by"]["id"])),
            cause=str(body["cause"]),
            trace=headers.get("traceparent", ""),
            data=kind.model_validate(body["data"], extra="ignore"),
        )
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['type']}" for one in error.errors()[:5])
        return Arrived(raw, sender, order_id, n, None, f"does not validate: {wrong}")
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        return Arrived(raw, sender, order_id, n, None, f"cannot be read: {type(error).__name__}")
    if heard.order_id != order_id or heard.n != n:
        return Arrived(raw, sender, order_id, n, None, "body and headers name different orders or numbers")
    if not 0 <= heard.after < heard.n < _MOST:
        return Arrived(raw, sender, order_id, n, None, "the numbers cannot be")
    if heard.at.tzinfo is None:
        return Arrived(raw, sender, order_id, n, None, "the time has no zone")
    return Arrived(raw, sender, order_id, n, heard)


def patience(tries: int, *, least: float = 0.2, most: float = 30.0) -> float:
    """Seconds until the next try: doubling, with jitter, so that a crowd does not come back together."""
    return float(min(most, least * 2 ** min(tries, 12)) * random.uniform(0.5, 1.0))  # noqa: S311
