"""Pages: a cursor names the last entry that was seen, so that pages neither skip nor repeat while the list grows."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar
from uuid import UUID

from shared.problems import Malformed

T = TypeVar("T")
_EPOCH = datetime.fromtimestamp(0, UTC)
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """At most 100 items, and the cursor of the next page or None."""

    items: tuple[T, ...]
    next: str | None


def encode_cursor(id: UUID, at: datetime | None = None) -> str:
    """`at`: the time that the list is ordered by, in whole milliseconds; None when it is ordered by id alone."""
    when = b"" if at is None else ((at - _EPOCH) // _MILLISECOND).to_bytes(8, "big", signed=True)
    return base64.urlsafe_b64encode(id.bytes + when).decode().rstrip("=")


def decode_cursor(cursor: str) -> UUID:
    """Raises Malformed for anything this API did not give out."""
    return _decode(cursor, 16)[0]


def decode_timed_cursor(cursor: str) -> tuple[datetime, UUID]:
    """Raises Malformed for anything this API did not give out."""
    id, when = _decode(cursor, 24)
    try:
        return _EPOCH + int.from_bytes(when, "big", signed=True) * _MILLISECOND, id
    except OverflowError as error:
        raise Malformed("cursor: not one of ours") from error


def _decode(cursor: str, length: int) -> tuple[UUID, bytes]:
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (ValueError, binascii.Error) as error:
        raise Malformed("cursor: not one of ours") from error
    if len(raw) != length:
        raise Malformed("cursor: not one of this list")
    return UUID(bytes=raw[:16]), raw[16:]
