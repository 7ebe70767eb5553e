"""The territory, or a part of it, is as this GeoJSON says → a new version, or none when nothing is different."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson

from services.dispatch.books import Books
from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.ground.territory import Territory
from shared.asked import Asked
from shared.problems import Malformed
from shared.store import retry_lost_races


@retry_lost_races
async def import_territory(
    document: bytes, within: str | None, books: Books, limits: Limits, asked: Asked
) -> tuple[Territory, bool]:
    """The territory as it is then, and whether this made a new version of it.

    Raises TerritoryFaulty, Changed, Malformed.
    """
    before = (await books.governed_by(asked.caller)).territory
    asked.must_expect(before.version)
    after = await asyncio.to_thread(_next, before, document, within, limits.sliver)
    if after is not before:
        await books.write_territory(after, asked)
    return after, after is not before


def _next(before: Territory, document: bytes, within: str | None, sliver: float) -> Territory:
    """It takes a second for some thousand grids, so it is done beside the requests."""
    return before.with_part(_features(document), within=within or before.code, sliver=sliver)


def _features(document: bytes) -> list[Any]:
    try:
        read = orjson.loads(document)
    except orjson.JSONDecodeError:
        read = None
    features = read.get("features") if isinstance(read, dict) else None
    if not isinstance(features, list) or read.get("type") != "FeatureCollection":
        raise Malformed("the body must be a GeoJSON FeatureCollection")
    return features
