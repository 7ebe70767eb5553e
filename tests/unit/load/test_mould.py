"""Copies of stored entries: of the same shape and size, and of another order."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import bson
from bson import CodecOptions
from bson.binary import UuidRepresentation
from bson.raw_bson import RawBSONDocument

from tests.load.mould import Fresh, Mould, id_at
from tests.load.people import Place, racer, resident

_CODEC: CodecOptions[dict[str, Any]] = CodecOptions(
    tz_aware=True, tzinfo=UTC, uuid_representation=UuidRepresentation.STANDARD
)
_RAW: CodecOptions[RawBSONDocument] = CodecOptions(
    document_class=RawBSONDocument, tz_aware=True, uuid_representation=UuidRepresentation.STANDARD
)
_AREA, _ELSEWHERE = "370203/370203013/370203013001/01", "370203/370203015/370203015012/07"
_MADE = datetime(2026, 3, 1, 12, tzinfo=UTC)
_ID, _OTHER = UUID("01a22b4c-b531-7458-8b74-c574ede7d804"), UUID("ecded560-7a0d-52cd-af92-97665e025fa3")


def _entry(id: UUID, area: str, at: datetime, due: datetime, person: str, partner: UUID) -> dict[str, Any]:
    codes = area.split("/")
    return {
        "_id": id,
        "state": {"area": area, "at": at, "due": {"close_by": due}, "owner": person, "partner": partner, "fen": 7},
        "find": {
            "areas": ["/".join(codes[: depth + 1]) for depth in range(4)], "next_at": due,
            "sums": [
                f"standing/{area}|m{at:%Y-%m}", f"standing/{area}|y{at:%Y}",
                f"{area}|d{at:%Y-%m-%d}", f"due d{due:%Y-%m-%d}|noise|",
                f"load/y{at:%Y}/m{at:%Y-%m}|{partner}",
            ],
        },
        "history": [{"at": at, "data": {"partner_id": str(partner), "unit": "/".join(codes[:3])}}],
        "keys": [{"a": f'{{"order_id":"{id}","orderer":"{person}"}}'.encode()}],
    }  # fmt: skip


def _copied(entry: dict[str, Any], fresh: Fresh) -> tuple[int, int, dict[str, Any]]:
    """Bytes before and after, and the copy."""
    raw = RawBSONDocument(bson.encode(entry, codec_options=_CODEC), _RAW)
    mould = Mould(
        entry["_id"], Place(120.36, 36.08, _AREA), {"intake": raw}, int(_MADE.timestamp() * 1000) + 1
    )
    ((service, copy),) = mould.copies(fresh, random.Random(1))
    assert service == "intake"
    return len(raw.raw), len(copy), bson.decode(copy, codec_options=_CODEC)


def test_a_copy_is_the_same_entry_of_another_order_person_partner_place_and_time() -> None:
    id, partner = id_at(1_700_000_000_000, random.Random(2)), UUID(int=77)
    day = timedelta(days=1)
    fresh = Fresh(
        id, _ELSEWHERE, resident(5), partner, shift=-86_400_000, ahead=5 * 86_400_000
    )  # into another month
    entry = _entry(_ID, _AREA, _MADE, _MADE + 2 * day, resident(3), UUID(racer(9)))
    before, after, copy = _copied(entry, fresh)
    assert copy == _entry(id, _ELSEWHERE, _MADE - day, _MADE + 7 * day, resident(5), partner)
    assert after == before


def test_two_copies_share_no_key_and_no_id_of_a_claim() -> None:
    entry = {
        "_id": _ID, "placed_key": f"resident:{resident(3)}:cfe8772bb99bdfd7", "at": _MADE,
        "claim_id": _OTHER, "cause": f"request:{_OTHER}",
    }  # fmt: skip
    raw = RawBSONDocument(bson.encode(entry, codec_options=_CODEC), _RAW)
    mould = Mould(_ID, Place(120.36, 36.08, _AREA), {"intake": raw}, int(_MADE.timestamp() * 1000) + 1)
    chance = random.Random(1)
    copies = []
    for n in range(2):
        fresh = Fresh(id_at(n, chance), _AREA, resident(4), UUID(int=1), 0, 0)
        copies += [bson.decode(copy, codec_options=_CODEC) for _, copy in mould.copies(fresh, chance)]
    one, other = copies
    assert one["placed_key"].startswith(f"resident:{resident(4)}:")
    assert len({entry["placed_key"], one["placed_key"], other["placed_key"]}) == 3
    assert len({_OTHER, one["claim_id"], other["claim_id"]}) == 3
    assert one["cause"] == f"request:{one['claim_id']}"


def test_ids_sort_by_the_time_in_which_they_were_given() -> None:
    chance = random.Random(1)
    ids = [id_at(milliseconds, chance) for milliseconds in (1, 2, 1_700_000_000_000)]
    assert ids == sorted(ids)
    assert {id.version for id in ids} == {7}
