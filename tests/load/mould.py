"""Copies of what a real life left in the four lists: byte for byte the same, with other ids, times, people and places.

A stored entry is BSON; everything that must differ from copy to copy has a fixed length there, so a copy is the bytes
with holes filled in. That is two orders of magnitude quicker than making the documents anew, and keeps their real
shape and size: histories, kept answers and all.
"""

from __future__ import annotations

import random
import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from bson.raw_bson import RawBSONDocument

from shared.periods import day_of, month_of, year_of
from tests.load.people import Place

_UUID_TEXT = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
ZONE = ZoneInfo("Asia/Shanghai")
_RESIDENT = re.compile(rb"bench-\d{9}")


class Fresh(NamedTuple):
    """What is new in a copy. `shift` and `ahead` in milliseconds: for times that were past, and for those to come."""

    id: UUID
    area: str
    resident: str
    partner: UUID
    shift: int
    ahead: int


class Mould:
    """One order as it stands in the lists. `made_at` (milliseconds): what is later was still to come then."""

    def __init__(self, id: UUID, place: Place, lists: Mapping[str, RawBSONDocument], made_at: int) -> None:
        self.made_at = made_at
        self._times: set[int] = set()
        self._others: set[UUID] = set()
        for document in lists.values():
            self._look(document)
            self._others |= {UUID(text.decode()) for text in _UUID_TEXT.findall(document.raw)}
        self._others.discard(id)
        self._partners = {one for one in self._others if one.int >> 112 == 0x0190}  # see people.racer
        self._others -= self._partners
        residents = {text for one in lists.values() for text in _RESIDENT.findall(one.raw)}
        placed = str(lists["intake"].get("placed_key", ""))
        needles = {
            id.bytes: "id", str(id).encode(): "id text", **_parts(place.area),
            **dict.fromkeys(residents, "resident"),
            **{struct.pack("<q", at): f"time {at}" for at in self._times},
            **{_day(at): f"day {at}" for at in self._times if at > made_at},
            **{one.bytes: "partner" for one in self._partners},
            **{str(one).encode(): "partner text" for one in self._partners},
            **{one.bytes: f"{one}" for one in self._others},
            **{str(one).encode(): f"{one} text" for one in self._others},
            **{value: name for name, value in _month(made_at).items()},
        }  # fmt: skip
        if placed:
            needles[placed.rpartition(":")[2].encode()] = "key"
        longest_first = sorted(needles, key=len, reverse=True)
        pattern = re.compile(b"|".join(map(re.escape, longest_first)))
        self._lists = {
            service: (
                one.raw,
                [(found.start(), needles[found.group()]) for found in pattern.finditer(one.raw)],
            )
            for service, one in lists.items()
        }

    def _look(self, value: Any) -> None:
        """Find every time and every id in it."""
        if isinstance(value, Mapping):
            for each in value.values():
                self._look(each)
        elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
            for each in value:
                self._look(each)
        elif isinstance(value, datetime):
            self._times.add(round(value.timestamp() * 1000))
        elif isinstance(value, UUID):
            self._others.add(value)

    @property
    def opened_at(self) -> int:
        """The first time in it, in milliseconds."""
        return min(self._times)

    def copies(self, fresh: Fresh, chance: random.Random) -> Iterator[tuple[str, bytes]]:
        """The entry of each list that has one."""
        values = {
            "id": fresh.id.bytes, "id text": str(fresh.id).encode(), **_named_parts(fresh.area),
            "resident": fresh.resident.encode(), "key": chance.randbytes(8).hex().encode(),
            "partner": fresh.partner.bytes, "partner text": str(fresh.partner).encode(),
            **_month(self.made_at + fresh.shift),
        }  # fmt: skip
        for at in self._times:
            moved = at + (fresh.ahead if at > self.made_at else fresh.shift)
            values[f"time {at}"], values[f"day {at}"] = struct.pack("<q", moved), _day(moved)
        for one in self._others:
            other = UUID(int=one.int ^ chance.getrandbits(60))
            values[f"{one}"], values[f"{one} text"] = other.bytes, str(other).encode()
        for service, (raw, holes) in self._lists.items():
            copy = bytearray(raw)
            for start, name in holes:
                value = values[name]
                copy[start : start + len(value)] = value
            yield service, bytes(copy)


def _month(milliseconds: int) -> dict[str, bytes]:
    """As keys of sums name it: see shared/periods.py, services/partners/domain/calls/finding.py."""
    at = datetime.fromtimestamp(milliseconds / 1000, UTC)
    month, day = month_of(at, ZONE), day_of(at, ZONE)
    return {
        "month": f"|{month}".encode(), "day": f"|{day}".encode(), "year": f"|{year_of(month)}".encode(),
        "year and month": f"/{year_of(month)}/{month}|".encode(),
    }  # fmt: skip


def _day(milliseconds: int) -> bytes:
    """As a sum names the day of a limit: see services/evaluation/domain/rates.py."""
    return f" {day_of(datetime.fromtimestamp(milliseconds / 1000, UTC), ZONE)}|".encode()


def _parts(area: str) -> dict[bytes, str]:
    return {value: name for name, value in _named_parts(area).items()}


def _named_parts(area: str) -> dict[str, bytes]:
    """A grid's path, its community's and its street's: all grids' are of one length."""
    codes = area.split("/")
    return {f"area {depth}": "/".join(codes[:depth]).encode() for depth in (2, 3, 4)}


def id_at(milliseconds: int, chance: random.Random) -> UUID:
    """An id that was given then (UUIDv7)."""
    return UUID(
        int=milliseconds << 80 | 7 << 76 | chance.getrandbits(12) << 64 | 2 << 62 | chance.getrandbits(62)
    )
