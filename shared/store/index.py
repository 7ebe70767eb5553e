"""Indexes, and the filter for an area with everything below it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pymongo import IndexModel


class Index(IndexModel):
    """`Index("state.area", "-_id", partial={…})`: ascending keys, descending ones with a minus."""

    def __init__(self, *keys: str, partial: Mapping[str, Any] | None = None, unique: bool = False) -> None:
        options: dict[str, Any] = {"unique": True} if unique else {}
        if partial is not None:
            options["partialFilterExpression"] = dict(partial)
        super().__init__([(key.lstrip("-"), -1 if key.startswith("-") else 1) for key in keys], **options)


INDEXES = (
    Index("untold", partial={"untold": {"$exists": True}}),
    Index("due_at", partial={"due_at": {"$exists": True}}),
    Index("placed_key", partial={"placed_key": {"$exists": True}}, unique=True),
)

EXPIRES = IndexModel("until", expireAfterSeconds=0)  # the server takes away what has this time behind it


def under(area: str) -> dict[str, Any]:
    """Matches an area path and everything below it: a range, so that an index serves it, never a pattern.

    Codes are digits and `0` is the character after `/`, so nothing else lies in between.
    """
    return {"$gte": area, "$lt": area + "0"}
