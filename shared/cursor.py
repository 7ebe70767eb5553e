"""Pages: a cursor names the last entry that was seen, so that pages neither skip nor repeat while the list grows."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from shared.problems import Malformed

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """At most 100 items, and the cursor of the next page or None."""

    items: tuple[T, ...]
    next: str | None


def encode_cursor(id: UUID) -> str:
    return base64.urlsafe_b64encode(id.bytes).decode().rstrip("=")


def decode_cursor(cursor: str) -> UUID:
    """Raises Malformed for anything this API did not give out."""
    try:
        return UUID(bytes=base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error) as error:
        raise Malformed("cursor: not one of ours") from error
