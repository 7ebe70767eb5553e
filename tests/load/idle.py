"""What everything costs while nobody asks for anything."""

from __future__ import annotations

import time

from tests.load.counters import cpu, rest, spent
from tests.load.figures import Seen
from tests.load.place import Bench

_CALM = 12.0  # seconds after the start until what is done once has been done
_SHOWN = ("find commands", "single updates", "journal flushes", "aggregate commands", "getMore commands",
          "insert commands", "bus messages in", "bus messages out")  # fmt: skip


async def at_rest(bench: Bench) -> list[Seen]:
    """CPU and what the servers count, for each second in which nothing happens."""
    await rest(min(_CALM, bench.wanted.rest))
    counted, used, begun = await bench.counters.read(), cpu(bench.system), time.perf_counter()
    await rest(bench.wanted.rest)
    seconds = time.perf_counter() - begun
    cost = {part: each * 1000 for part, each in spent(used, cpu(bench.system), seconds).items()}
    counts = spent(counted, await bench.counters.read(), seconds)
    cost.pop("client", None)
    return [
        Seen("at rest, CPU of everything", sum(cost.values()), "ms a second"),
        *(Seen(f"at rest, CPU of {part}", each, "ms a second") for part, each in cost.items()),
        *(Seen(f"at rest, {name}", counts.get(name, 0.0), "a second") for name in _SHOWN),
    ]
