"""Whatever is sent: a clear problem document, nothing stored, nothing broken."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from deploy.demo.cast import Cast, everywhere
from deploy.demo.check import Lists
from deploy.demo.record import Record
from deploy.local import keys
from deploy.local.system import System
from tests.e2e.conftest import WITHIN

pytestmark = pytest.mark.asyncio(loop_scope="session")

PLACE = everywhere()[30]
ORDERS = "/api/intake/v1/orders"
GOOD: dict[str, Any] = {"category": "noise", "text": "太吵了。", "place": PLACE.wire()}


def order(**changed: Any) -> bytes:
    return json.dumps({**GOOD, **changed}).encode()


def with_number(digits: str) -> bytes:
    """An order at a longitude that is written like this."""
    text = json.dumps({**GOOD, "place": {**PLACE.wire(), "longitude": 0}})
    return text.replace('"longitude": 0', f'"longitude": {digits}').encode()


MALFORMED = {
    "nothing at all": b"",
    "no JSON": b"category=noise&text=loud",
    "half of it": order()[:-5],
    "bytes that are no text": b"\xff\xfe" + order(),
    "a list": b"[]",
    "null": b"null",
    "a text": b'"order"',
    "100,000 brackets": b"[" * 100_000,
    "an object 30,000 deep": b'{"a":' * 30_000 + b"1" + b"}" * 30_000,
    "depth where a text belongs": order(text=json.loads("[" * 500 + "]" * 500)),
    "an operator where a text belongs": order(category={"$ne": None}),
    "an operator among the fields": order(**{"$where": "sleep(1000)"}),
    "an operator as the place": order(place={"$gt": ""}),
    "an operator as for whom": order(ordered_for={"$exists": True}),
    "a field that nobody knows": order(colour="red"),
    "a field that nobody knows, inside": order(place={**PLACE.wire(), "altitude": 5}),
    "the state of an order": order(progress="closed", owners=["me"]),
    "a number where a text belongs": order(text=7),
    "a text where a number belongs": order(place={**PLACE.wire(), "longitude": "east"}),
    "no category": json.dumps({key: GOOD[key] for key in ("text", "place")}).encode(),
    "a text of nothing but spaces": order(text=" \t \n "),
    "a text that nobody can see": order(text="\u200b\u3164"),
    "a mark that turns the text": order(title="路灯\u202e不亮"),
    "a text that is too long": order(text="长" * 4001),
    "a null character": order(text="a\x00b"),
    "an escape character": order(title="\x1b[31mred"),
    "half a surrogate pair": b'{"category":"noise","text":"\\ud800","place":{"longitude":120.36,"latitude":36.09}}',
    "a number of 5,000 digits": with_number("9" * 5000),
    "a number of 5,000 digits after the point": with_number("0." + "9" * 5000 + "e9999"),
    "a number larger than any": with_number("1e999"),
    "NaN": with_number("NaN"),
    "Infinity": with_number("-Infinity"),
    "a place off the globe": order(place={"longitude": 190, "latitude": 36}),
    "an urgency that does not exist": order(urgency="yesterday"),
    "a telephone number as an id": order(ordered_for="13800000000"),
    "a telephone number in a code": order(category="call_13800000000"),
    "a contact without a number": order(contact={"name": "王", "phone": "call me"}),
}


def is_problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The problem document of an answer; it never repeats what was sent, nor shows anything of the inside."""
    assert answer.status_code == status, answer.text[:500]
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.content) < 8000
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == status
    assert problem["title"]
    assert problem["type"].startswith("/problems/")
    for inside in ("Traceback", "pydantic", "mongo", "site-packages", "sleep(1000)"):
        assert inside not in answer.text
    return problem


def signed(system: System, **who: Any) -> dict[str, str]:
    return {"authorization": f"Bearer {system.token(**who)}", "content-type": "application/json"}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
async def test_an_order_that_is_none_is_refused_and_nothing_is_stored(
    system: System, plain: httpx.AsyncClient, lists: Lists, body: bytes
) -> None:
    before = await lists.ids("intake")
    answer = await plain.post(
        ORDERS, content=body, headers=signed(system, role="resident", sub="resident-30")
    )
    assert is_problem(answer, 422)["type"] == "/problems/malformed"
    assert await lists.ids("intake") == before


async def test_a_body_that_is_too_large_is_refused_and_nothing_is_stored(
    system: System, plain: httpx.AsyncClient, lists: Lists
) -> None:
    before = await lists.ids("intake")
    headers = signed(system, role="resident", sub="resident-30")
    for _ in range(10):  # the service must not answer and hang up while the gateway still sends
        answer = await plain.post(ORDERS, content=order(text="x" * 2 * 1024 * 1024), headers=headers)
        assert is_problem(answer, 413)["type"] == "/problems/too-large"
        answer = await plain.post(ORDERS, content=in_pieces(2048), headers=headers)
        assert is_problem(answer, 413)["type"] == "/problems/too-large"
    assert await lists.ids("intake") == before


async def in_pieces(kib: int) -> AsyncIterator[bytes]:
    """A body that does not say how long it is."""
    for _ in range(kib):
        yield b"x" * 1024


@pytest.mark.parametrize(
    ("who", "status"),
    [({}, 401), ({"role": "partner", "sub": "p"}, 403), ({"role": "resident", "sub": "r"}, 422)],
)
async def test_whoever_is_refused_with_a_large_body_is_told_why(
    system: System, plain: httpx.AsyncClient, who: dict[str, str], status: int
) -> None:
    headers = signed(system, **who) if who else {}
    for _ in range(10):
        is_problem(await plain.post(ORDERS, content=order(text="x" * 250 * 1024), headers=headers), status)
        is_problem(await plain.post(ORDERS, content=in_pieces(250), headers=headers), status)


async def test_a_body_of_10_mib_and_a_byte_is_refused_before_it_has_come(system: System) -> None:
    url = httpx.URL(system.gateway_url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    headers = signed(system, role="resident", sub="resident-30")
    lines = [f"POST {ORDERS} HTTP/1.1", "host: gateway", f"content-length: {10 * 1024 * 1024 + 1}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    writer.write("\r\n".join([*lines, "", ""]).encode() + b"{")
    try:
        status = await asyncio.wait_for(reader.readline(), WITHIN)
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), WITHIN)
    finally:
        writer.close()
    assert status.split()[1] == b"413"
    assert b"application/problem+json" in head


async def test_texts_in_any_script_are_taken_as_they_are(system: System, cast: Cast) -> None:
    text = "路灯 🔦 <script>alert(1)</script> ضوء الشارع 𠜎 '; db.dropDatabase() // {{7*7}} ${jndi:ldap://x}"
    placed = await cast.resident(31).post(ORDERS, {**GOOD, "text": text})
    assert placed["text"] == text


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("rounds", {"proposal": "平均", "cost": -1, "households": [{"id": "1"}]}),
        ("rounds", {"proposal": "平均", "cost": 0, "households": [{"id": "1"}]}),
        ("rounds", {"proposal": "平均", "cost": 2**63, "households": [{"id": "1"}]}),
        ("rounds", {"proposal": "平均", "cost": 10.5, "households": [{"id": "1"}]}),
        ("rounds", {"proposal": "平均", "cost": True, "households": [{"id": "1"}]}),
        ("rounds", {"proposal": "平均", "cost": "100", "households": [{"id": "1"}]}),
        ("rounds", {"proposal": "平均", "cost": 100.0, "households": [{"id": "1"}]}),
        ("rounds", {"proposal": "平均", "cost": 100, "households": [{"id": "王阿姨 13800000000"}]}),
        ("rounds", {"proposal": "平均", "cost": 100, "households": [{"id": "1"}, {"id": "1"}]}),
        ("call", {"lines": [{"name": "funds", "kind": "funds", "amount": -5}]}),
        ("call", {"lines": [{"name": "funds", "kind": "funds", "amount": 10**30}]}),
        ("call", {"lines": [{"name": "$inc", "kind": "goods", "amount": 1}]}),
        ("call", {"lines": [{"name": "a.b", "kind": "goods", "amount": 1}]}),
        ("call", {"lines": []}),
        ("call", {"lines": [{"name": "x", "kind": "goods", "amount": 1}], "until": "0000-01-01T00:00:00Z"}),
        ("call", {"lines": [{"name": "x", "kind": "goods", "amount": 1}], "offered_to": ["me"]}),
        ("check", {"passed": "perhaps"}),
        ("check", {"passed": 1}),
        ("assignment", {"to": "13800000000"}),
        ("call", {"lines": [{"name": "x", "kind": "goods", "amount": 1, "unit": "138 0000 0000"}]}),
    ],
)
async def test_money_and_dates_that_cannot_be_are_refused_and_nothing_changes(
    system: System, plain: httpx.AsyncClient, cast: Cast, lists: Lists, what: str, body: dict[str, Any]
) -> None:
    record, community = Record(), cast.community(PLACE)
    await record.order(cast.resident(32), GOOD)
    await record.wait(community, "dispatch", "received", within=WITHIN)
    await record.ask(community, "dispatch", "assignment", {})
    before = await lists.entry("dispatch", record.id)
    headers = signed(system, role="community", sub="c", area=PLACE.community)
    answer = await plain.post(record.path("dispatch", what), json=body, headers=headers)
    is_problem(answer, 422)
    after = await lists.entry("dispatch", record.id)
    assert (after["version"], after["state"]) == (before["version"], before["state"])


@pytest.mark.parametrize("year", ["2200-12-31T23:59:59Z", "2000-01-01T00:00:00Z"])
async def test_a_call_ends_in_the_future_and_not_in_another_age(
    system: System, plain: httpx.AsyncClient, cast: Cast, year: str
) -> None:
    record, community = Record(), cast.community(PLACE)
    await record.order(cast.resident(33), GOOD)
    await record.wait(community, "dispatch", "received", within=WITHIN)
    await record.ask(community, "dispatch", "assignment", {})
    body = {"lines": [{"name": "x", "kind": "goods", "amount": 1}], "until": year}
    headers = signed(system, role="community", sub="c", area=PLACE.community)
    answer = await plain.post(record.path("dispatch", "call"), json=body, headers=headers)
    assert is_problem(answer, 409)["type"] == "/problems/call-end-out-of-range"


@pytest.mark.parametrize(
    "path",
    [
        f"{ORDERS}?area[$ne]=x",
        f"{ORDERS}?area=370203/../..",
        f"{ORDERS}?limit=0",
        f"{ORDERS}?limit=1000000",
        f"{ORDERS}?limit=%F0%9F%94%A6",
        f"{ORDERS}?cursor=%24where",
        f"{ORDERS}?progress=everything",
        f"{ORDERS}/not-an-id",
        "/api/evaluation/v1/rates?since=0000-01-01T00:00:00Z",
        "/api/evaluation/v1/rates?since=9999-12-31T23:59:59Z",
        "/api/evaluation/v1/rates?category[$gt]=",
        "/api/dispatch/v1/territory/locate?longitude=nan&latitude=36",
        "/api/dispatch/v1/territory/locate?longitude=1e400&latitude=36",
        "/api/partners/v1/partners?kind=%00",
    ],
)
async def test_parameters_that_make_no_sense_are_refused(
    system: System, plain: httpx.AsyncClient, path: str
) -> None:
    answer = await plain.get(path, headers=signed(system, role="resident", sub="resident-30"))
    is_problem(answer, 422)


@pytest.mark.parametrize(
    ("name", "value"),
    [("idempotency-key", "k" * 201), ("if-match", "yesterday"), ("last-event-id", "-1")],
)
async def test_headers_that_make_no_sense_are_refused(
    system: System, plain: httpx.AsyncClient, cast: Cast, name: str, value: str
) -> None:
    record = Record()
    await record.order(cast.resident(30), GOOD)
    headers = {**signed(system, role="resident", sub="resident-30"), name: value}
    if name == "last-event-id":
        answer = await plain.get(record.path("intake", "live"), headers=headers)
    else:
        answer = await plain.post(record.path("intake", "withdrawal"), json={}, headers=headers)
    is_problem(answer, 422)


# ------------------------------------------------------------------------------------------------------- tokens


def claims(**changed: Any) -> dict[str, Any]:
    now = int(time.time())
    known = {"iss": keys.ISSUER, "aud": keys.AUDIENCE, "sub": "resident-30", "role": "resident"}
    return {**known, "iat": now, "exp": now + 3600, **changed}


def ours(system: System, kid: str | None = None, **changed: Any) -> str:
    """Signed with the system's own key."""
    key = ECKey.import_key((system.folder.keys / "demo.pem").read_text())
    return jwt.encode({"alg": "ES256", "kid": kid or key.thumbprint()}, claims(**changed), key)


def foreign(system: System) -> str:
    """Signed with a key of somebody else, that says it was ours."""
    known = ECKey.import_key((system.folder.keys / "demo.pem").read_text()).thumbprint()
    return jwt.encode({"alg": "ES256", "kid": known}, claims(), ECKey.generate_key("P-256"))


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def unsigned(_: System) -> str:
    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims(role='district', area='370203'))}."


def by_public_key(system: System) -> str:
    """The public key taken for a shared secret."""
    secret = Path(system.folder.keys / "jwks.json").read_bytes()
    said = f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(claims(role='district', area='370203'))}"
    mark = hmac.new(secret, said.encode(), hashlib.sha256).digest()
    return f"{said}.{base64.urlsafe_b64encode(mark).rstrip(b'=').decode()}"


def promoted(system: System) -> str:
    """A good token whose holder wrote another role into it."""
    head, _, mark = ours(system).split(".")
    return f"{head}.{part(claims(role='district', area='370203'))}.{mark}"


def without_end(system: System) -> str:
    key = ECKey.import_key((system.folder.keys / "demo.pem").read_text())
    endless = claims()
    del endless["exp"]
    return jwt.encode({"alg": "ES256", "kid": key.thumbprint()}, endless, key)


TOKENS = {
    "no token": lambda _: "let-me-in",
    "three dots": lambda _: "...",
    "5,000 characters": lambda _: "a" * 5000,
    "signed by somebody else": foreign,
    "alg none": unsigned,
    "the public key as a secret": by_public_key,
    "another role written into it": promoted,
    "expired": lambda system: ours(system, exp=int(time.time()) - 3600),
    "without an end": without_end,
    "not yet valid": lambda system: ours(system, nbf=int(time.time()) + 3600),
    "for another audience": lambda system: ours(system, aud="somebody-else"),
    "of another issuer": lambda system: ours(system, iss="http://elsewhere"),
    "of an unknown key": lambda system: ours(system, kid="another"),
    "of a role that does not exist": lambda system: ours(system, role="emperor"),
    "of the role that is no person": lambda system: ours(system, role="system"),
    "of nobody": lambda system: ours(system, sub=None),
}


@pytest.mark.parametrize("make", TOKENS.values(), ids=TOKENS.keys())
@pytest.mark.parametrize("past_the_gateway", [False, True], ids=["at the gateway", "past the gateway"])
async def test_a_token_that_is_none_is_refused_and_nothing_is_stored(
    system: System, plain: httpx.AsyncClient, lists: Lists, make: Any, past_the_gateway: bool
) -> None:
    before = await lists.ids("intake")
    url = f"{system.service_urls('intake')[0]}{ORDERS}" if past_the_gateway else ORDERS
    answer = await plain.post(url, json=GOOD, headers={"authorization": f"Bearer {make(system)}"})
    assert is_problem(answer, 401)["type"] == "/problems/not-signed-in"
    assert answer.headers.get("www-authenticate", "").startswith("Bearer")
    assert await lists.ids("intake") == before


async def test_without_a_token_nothing_but_the_public_figures_is_shown(plain: httpx.AsyncClient) -> None:
    is_problem(await plain.post(ORDERS, json=GOOD), 401)
    is_problem(await plain.get(ORDERS), 401)
    assert (await plain.get("/api/evaluation/v1/rates")).status_code == 200
    assert (await plain.get("/api/intake/v1/categories")).status_code == 200


async def test_what_a_caller_says_of_himself_in_headers_counts_for_nothing(
    system: System, plain: httpx.AsyncClient, cast: Cast
) -> None:
    record = Record()
    await record.order(cast.resident(34), GOOD)
    forged = {
        "x-user": "resident-34",
        "x-role": "district",
        "x-area": "370203",
        "x-forwarded-for": "127.0.0.1",
    }
    headers = {**signed(system, role="resident", sub="resident-35"), **forged}
    is_problem(await plain.get(record.path("intake"), headers=headers), 404)


@pytest.mark.parametrize("path", ["/api/intake/v1/nothing", "/api/nobody/v1/orders", "/livez", "/metrics"])
async def test_what_is_not_there_is_not_found(system: System, plain: httpx.AsyncClient, path: str) -> None:
    answer = await plain.get(path, headers=signed(system, role="operator", sub="operator"))
    assert answer.status_code in (404, 503)  # 503: the pages for people are not running in these tests
