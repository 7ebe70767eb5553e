"""Rows of the work lists, their counts, and the map: shaped from stored fields, without building the entry."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from async_lru import alru_cache

from services.dispatch.domain.part import BLANK, KEPT
from services.dispatch.domain.states import ASKED, Clock
from services.dispatch.domain.worklist import OURS
from services.dispatch.queries.names import Naming
from services.dispatch.queries.views import DispatchRow, may_find
from services.dispatch.store import Dispatches, Queue
from shared.caller import Caller
from shared.store.listing import Row

_MADE = ("order_id", "version", "place", "answer_by", "next_at", "answers_for")
_AS_IT_IS = tuple(name for name in DispatchRow.model_fields if name not in _MADE)
_BLANK = {name: getattr(BLANK, name) for name in _AS_IT_IS}
_IDS = ("area", "answers_for", "assigned_to", "handled_by")  # of a row
_MOST_PLACES = 5000
_TIMES = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z  # rows have theirs without a zone
_FRESH_SECONDS = 1.0
_ON_THE_MAP = ("state", "level", "category", "urgency", "overdue")


def page_json(rows: Iterable[Row], next: str | None, caller: Caller, naming: Naming) -> bytes:
    """The JSON of a `DispatchPage`."""
    items = [_row(row, caller) for row in rows]
    names = naming.by_id({item[name] for item in items for name in _IDS})
    return orjson.dumps({"items": items, "next": next, "names": names}, option=_TIMES)


def _row(row: Row, caller: Caller) -> dict[str, Any]:
    state = row["state"]
    due = state.get("due", {})
    found = row.get("find", {})
    if not may_find(found, caller):  # its part is over
        found, due, kept = {}, {}, {name: state[name] for name in state.keys() & KEPT}
        state = {**_BLANK, **kept, "address": ""}
    place = {name: state[name] for name in ("longitude", "latitude", "address")}
    return {
        "order_id": row["_id"],
        "version": row["version"],
        "place": place,
        "answer_by": min([at for name, at in due.items() if Clock.of(name) in ASKED], default=None),
        "next_at": found.get("next_at"),
        "answers_for": next((one[1:] for one in found.get("has", ()) if one[0] == OURS), None),
        **{name: state[name] for name in _AS_IT_IS},
    }


class Maps:
    """Lists as points. A whole street looks at the same map: each is made at most once a second."""

    def __init__(self, dispatches: Dispatches) -> None:
        self._dispatches = dispatches
        self.of = alru_cache(maxsize=256, ttl=_FRESH_SECONDS)(self._made)

    async def _made(self, queue: Queue) -> bytes:
        """The newest 5,000 of a list as a GeoJSON feature collection."""
        return _geojson(await self._dispatches.places(queue, most=_MOST_PLACES))


def _geojson(rows: Iterable[Row]) -> bytes:
    """A GeoJSON feature collection of points, WGS-84."""
    features = [
        {
            "type": "Feature",
            "id": row["_id"],
            "geometry": {
                "type": "Point",
                "coordinates": (row["state"]["longitude"], row["state"]["latitude"]),
            },
            "properties": {name: row["state"][name] for name in _ON_THE_MAP},
        }
        for row in rows
    ]
    return orjson.dumps({"type": "FeatureCollection", "features": features})
