"""What open calls need, in memory: of a call that did not change since, nothing is read but its version."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from uuid import UUID

from services.partners.domain.matching.facts import Wanted
from services.partners.store import Calls

_MOST = 10_000  # calls; some 10 MB


class Needs:
    """Those that were looked at last."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._known: OrderedDict[UUID, tuple[int, Wanted]] = OrderedDict()

    async def of(self, versions: Mapping[UUID, int]) -> dict[UUID, Wanted]:
        """By call, what is missing in this version of it, or in a later one. Raises Unavailable."""
        found, new = dict[UUID, Wanted](), list[UUID]()
        for id, version in versions.items():
            known = self._known.get(id)
            if known is not None and known[0] == version:
                found[id] = known[1]
                self._known.move_to_end(id)
            else:
                new.append(id)
        if new:
            for id, entry in (await self._calls.load_many(new)).items():
                found[id] = Wanted.of(entry.state)
                self._known[id] = entry.version, found[id]
        while len(self._known) > _MOST:
            self._known.popitem(last=False)
        return found
