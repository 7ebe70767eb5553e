"""Entries, and guards, as this process saved them last: the next decision need not read what it wrote itself.

A guess, never the truth: another replica may have saved since. A save is guarded by the version, so a wrong guess
costs a miss and changes nothing; and whoever would refuse, or change nothing, by a guess looks first.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, Protocol, TypeVar
from uuid import UUID

_MOST = 1000  # entries; some 20 MB
_LUCK = 0.7  # share of good guesses below which looking first is cheaper
_WEIGHT = 1 / 32  # of the latest guess in that share
_TRY_EVERY = 32  # without luck, how often to see whether it has turned (other replicas come and go)


class _Versioned(Protocol):
    @property
    def id(self) -> UUID: ...

    @property
    def version(self) -> int: ...


V = TypeVar("V", bound=_Versioned)


class Remembered(Generic[V]):
    """Only what was saved durably is remembered: what was merely read may be taken back by another primary."""

    def __init__(self) -> None:
        self._entries: OrderedDict[UUID, V] = OrderedDict()
        self._luck = 1.0
        self._asked = 0

    def guess(self, id: UUID) -> V | None:
        entry = self._entries.get(id)
        if entry is not None and self._luck < _LUCK:
            self._asked += 1
            return None if self._asked % _TRY_EVERY else entry
        return entry

    def saved(self, entry: V) -> None:
        guessed = self._entries.pop(entry.id, None)
        self._entries[entry.id] = entry
        if guessed is not None and guessed.version == entry.version - 1:
            self._luck += _WEIGHT * (1 - self._luck)
        if len(self._entries) > _MOST:
            self._entries.popitem(last=False)

    def missed(self, id: UUID) -> None:
        if self._entries.pop(id, None) is not None:
            self._luck -= _WEIGHT * self._luck
