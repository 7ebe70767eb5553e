"""Shapes of queries: what was asked without whom it was asked about, and which of them read too much."""

from __future__ import annotations

from typing import Any

from tests.load.queries import Shape, growing, shape_of

_SECRET = "13800000000"


def _seen(**more: Any) -> dict[str, Any]:
    return {
        "op": "query", "ns": "intake.orders", "docsExamined": 900, "keysExamined": 950, "nreturned": 20, "millis": 3,
        "planSummary": "IXSCAN { a: 1 }",
        "command": {"filter": {"owner": _SECRET, "$or": [{"a": {"$gt": _SECRET}}], "ids": [_SECRET]}, "limit": 21},
        **more,
    }  # fmt: skip


def test_no_value_is_left_in_a_shape() -> None:
    one = shape_of("intake", _seen())
    assert _SECRET not in str(one)
    assert one.what == "orders: query {owner: ?, $or: [{a: {$gt: ?}}], ids: ?} limit"
    pipeline = [{"$match": {"owner": _SECRET}}, {"$group": {"_id": _SECRET}}]
    assert shape_of("intake", _seen(command={"pipeline": pipeline})).what == (
        "orders: aggregate $match {owner: ?} $group"
    )
    update = _seen(op="update", command={"q": {"_id": _SECRET, "version": 7}, "u": {"$set": {"a": _SECRET}}})
    assert shape_of("intake", update).what == "orders: update {_id: ?, version: ?}"


def test_a_query_is_wasteful_when_it_examines_far_more_than_it_returns() -> None:
    one = shape_of("intake", _seen())
    assert (one.examined, one.keys, one.returned, one.wasteful) == (900, 950, 20, True)
    assert not shape_of("intake", _seen(docsExamined=21, keysExamined=22)).wasteful
    assert not shape_of("intake", _seen(docsExamined=900, nreturned=900)).wasteful
    assert shape_of("intake", _seen(docsExamined=0, nreturned=1)).wasteful  # keys alone are read as well


def test_what_examines_more_when_more_is_stored_grows() -> None:
    def one(what: str, examined: int) -> Shape:
        return Shape("intake", what, 1, examined, examined, 1, 0, "")

    small = [one("steady", 100), one("growing", 100), one("tiny", 1)]
    large = [one("steady", 100), one("growing", 1000), one("tiny", 40), one("new", 9000)]
    assert growing(small, large, 1.2) == [(small[1], large[1])]
