"""Reading a delivery: a good one becomes a message, anything else a reason, and nothing an exception."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from nats.aio.msg import Msg

from shared.caller import By
from shared.contracts.from_intake import OrderPlacedV1, OrderWithdrawnV1
from shared.hearing import Arrived, patience, read

ID = UUID("01890000-0000-7000-8000-0000000000ff")
BODY: dict[str, Any] = {
    "order_id": str(ID),
    "after": {"dispatch": 2},
    "n": 3,
    "at": "2026-03-01T08:00:00.123000+00:00",
    "by": {"role": "resident", "id": "r1"},
    "cause": "request:1",
    "data": {"reason": "it was the fuse"},
}
HEADERS = {"ce-subject": str(ID), "hehuo-n": "3", "ce-type": "order_withdrawn.v1", "traceparent": "00-a-b-01"}


def delivery(data: bytes, headers: dict[str, str] | None) -> Msg:
    client: Any = None  # nothing is acknowledged here
    return Msg(client, "intake.order_withdrawn.v1.370203.ff", "", data, headers)


def hear(body: Any = BODY, headers: dict[str, str] | None = HEADERS) -> Arrived:
    return read(delivery(orjson.dumps(body), headers), sender="intake", listener="dispatch")


def test_a_good_message_is_heard_as_it_was_said() -> None:
    arrived = hear()
    heard = arrived.heard
    assert heard is not None
    assert (arrived.order_id, arrived.n, arrived.reason) == (ID, 3, "")
    assert (heard.order_id, heard.sender, heard.n, heard.after) == (ID, "intake", 3, 2)
    assert (heard.by, heard.cause, heard.trace) == (By("resident", "r1"), "request:1", "00-a-b-01")
    assert heard.at == datetime(2026, 3, 1, 8, 0, 0, 123000, UTC)
    assert heard.data == OrderWithdrawnV1(reason="it was the fuse")


def test_what_a_newer_sender_says_more_is_ignored() -> None:
    more = {**BODY, "more": 1, "data": {**BODY["data"], "later": {"a": 1}}}
    arrived = hear(more)
    assert arrived.heard is not None
    assert arrived.heard.data == OrderWithdrawnV1(reason="it was the fuse")


def test_who_is_not_named_in_after_has_missed_nothing() -> None:
    arrived = hear({**BODY, "after": {"evaluation": 1}})
    assert arrived.heard is not None
    assert arrived.heard.after == 0


def test_the_type_decides_with_the_sender() -> None:
    raw = delivery(orjson.dumps(BODY), HEADERS)
    assert read(raw, sender="intake", listener="dispatch").heard is not None
    assert read(raw, sender="partners", listener="dispatch").reason == "unknown type 'order_withdrawn.v1'"


def test_what_does_not_validate_says_where_but_not_what() -> None:
    data = {"kind": 5, "title": "x", "place": {"longitude": "13812345678", "latitude": []}}
    arrived = hear({**BODY, "data": data}, {**HEADERS, "ce-type": "order_placed.v1"})
    assert arrived.reason.startswith(
        "does not validate: kind: string_type; category: missing; place.latitude"
    )
    assert "13812345678" not in arrived.reason
    assert OrderPlacedV1.type() == "order_placed.v1"


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        (None, "unknown type ''"),
        ({}, "unknown type ''"),
        ({**HEADERS, "ce-type": "order_withdrawn.v2"}, "unknown type 'order_withdrawn.v2'"),
        ({**HEADERS, "ce-type": "x" * 1000}, "unknown type '" + "x" * 80 + "'"),
        ({**HEADERS, "ce-subject": "nobody"}, "body and headers name different orders or numbers"),
        ({**HEADERS, "hehuo-n": "4"}, "body and headers name different orders or numbers"),
        ({**HEADERS, "hehuo-n": "three"}, "body and headers name different orders or numbers"),
        ({**HEADERS, "hehuo-n": "9" * 5000}, "body and headers name different orders or numbers"),
    ],
)
def test_headers_that_are_wrong_are_a_reason(headers: dict[str, str] | None, reason: str) -> None:
    arrived = hear(headers=headers)
    assert (arrived.heard, arrived.reason) == (None, reason)


@pytest.mark.parametrize(
    ("n", "after"), [(0, 0), (-3, 0), (3, 3), (3, 4), (3, -1), (2**31, 0), (2**63, 0), (10**300, 1)]
)
def test_numbers_that_cannot_be_are_a_reason(n: int, after: int) -> None:
    """They would wait for ever, be taken for done, or not fit into the database."""
    arrived = read(
        delivery(
            b'{"order_id":"%s","after":{"dispatch":%d},"n":%d,"at":"2026-03-01T08:00:00+00:00",'
            b'"by":{"role":"a","id":"b"},"cause":"","data":{}}' % (str(ID).encode(), after, n),
            {**HEADERS, "hehuo-n": str(n)},
        ),
        sender="intake",
        listener="dispatch",
    )
    assert arrived.heard is None
    assert arrived.reason
    assert 0 <= arrived.n < 2**31, "and it can be noted with the order"


@pytest.mark.parametrize("at", ["2026-03-01T08:00:00", "2026-03-01", "yesterday", 5, None, ""])
def test_a_time_without_a_zone_is_a_reason(at: Any) -> None:
    arrived = hear({**BODY, "at": at})
    assert arrived.heard is None
    assert arrived.reason.startswith(("cannot be read", "the time has no zone"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.binary(), st.none() | st.dictionaries(st.sampled_from(sorted(HEADERS)) | TEXT, TEXT))
def test_bytes_of_any_kind_never_raise(data: bytes, headers: dict[str, str] | None) -> None:
    for more in ({}, {"ce-type": "order_withdrawn.v1"}):
        arrived = read(delivery(data, {**(headers or {}), **more}), sender="intake", listener="dispatch")
        assert arrived.heard is not None or arrived.reason


@given(st.sampled_from([*BODY, "everything"]), JSON)
@example("n", 1e308)
@example("everything", [])
@example("after", {"dispatch": "x"})
@example("by", {"role": None})
@example("data", {"reason": "x" * 501})
def test_json_of_any_kind_never_raises(field: str, value: Any) -> None:
    body = value if field == "everything" else {**BODY, field: value}
    try:
        data = orjson.dumps(body)
    except (TypeError, ValueError):  # what cannot be written cannot arrive
        return
    arrived = read(delivery(data, HEADERS), sender="intake", listener="dispatch")
    assert (arrived.heard is None) == bool(arrived.reason)
    assert len(arrived.reason) < 1000


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[" * 100_000,
        b'{"a":' * 5000,
        b'{"order_id": 1e400}',
        orjson.dumps(BODY).replace(b'"n":3', b'"n":1e400'),
        orjson.dumps(BODY).replace(b'"dispatch":2', b'"dispatch":-1e400'),
        b'{"n": ' + b"9" * 5000 + b"}",
        b"\x00\xff",
        b'"\\ud800"',
        b"null",
        b"NaN",
    ],
)
def test_known_monsters_never_raise(data: bytes) -> None:
    assert read(delivery(data, HEADERS), sender="intake", listener="dispatch").reason


# ---------------------------------------------------------------- patience


@given(st.integers(0, 10**9), st.floats(0.01, 5))
def test_patience_grows_within_its_bounds(tries: int, least: float) -> None:
    pause = patience(tries, least=least)
    assert min(30.0, least) / 2 <= pause <= 30.0


def test_patience_doubles_and_then_stays() -> None:
    most = [max(patience(tries) for _ in range(200)) for tries in range(20)]
    assert all(later >= earlier * 0.9 for earlier, later in pairwise(most))
    assert most[0] <= 0.2
    assert 25 < most[19] <= 30
    assert max(patience(3, most=0.5) for _ in range(100)) <= 0.5


def test_a_crowd_does_not_come_back_together() -> None:
    assert len({patience(5) for _ in range(50)}) > 40
