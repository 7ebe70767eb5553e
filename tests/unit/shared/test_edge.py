"""The edge: whatever a client sends, it gets a clear problem document, nothing of its own is echoed, nothing breaks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client import REGISTRY

from deploy.local import keys
from shared import quick
from shared.asked import AlreadyAnswered, Answer, Asked, key_of
from shared.caller import Caller, Role
from shared.http import document
from shared.problems import Changed, KeyReused, RuleBroken, Unavailable, WrongState
from tests.integration.waiting import eventually
from tests.unit.shared.lamps import (
    AT_ONCE,
    BODY_BYTES,
    ID,
    LampTaken,
    Use,
    is_problem,
)

# ---------------------------------------------------------------- answers


async def test_what_was_made_is_answered_as_the_caller_sees_it(client: httpx.AsyncClient) -> None:
    answer = await client.post("/lamps", json={"title": "a lamp"})
    assert (answer.status_code, answer.json()) == (201, {"title": "a lamp", "seen_by": "r1"})
    assert answer.headers["etag"] == '"3"'
    assert answer.headers["cache-control"] == "no-store"


async def test_a_page_is_items_and_a_cursor(client: httpx.AsyncClient) -> None:
    page = (await client.get("/lamps", params={"limit": 2})).json()
    assert [item["title"] for item in page["items"]] == ["a", "b"]
    assert page["next"] == "next-one"


async def test_a_repetition_gets_what_was_answered(client: httpx.AsyncClient, use: Use) -> None:
    use.error = AlreadyAnswered(Answer(201, b'{"as":"before"}', '"1"'))
    answer = await client.post("/lamps", json={"title": "a lamp"})
    assert (answer.status_code, answer.content) == (201, b'{"as":"before"}')
    assert (answer.headers["etag"], answer.headers["idempotent-replayed"]) == ('"1"', "true")


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("error", "status", "slug"),
    [
        (LampTaken("by r2", holder="r2"), 409, "lamp-taken"),
        (WrongState(), 409, "wrong-state"),
        (Changed(version=4), 412, "changed"),
        (KeyReused(), 409, "key-reused"),
        (Unavailable(), 503, "unavailable"),
    ],
)
async def test_a_broken_rule_is_a_problem_of_its_own_and_never_422(
    client: httpx.AsyncClient, use: Use, error: RuleBroken, status: int, slug: str
) -> None:
    use.error = error
    body = is_problem(await client.post("/lamps", json={"title": "a"}), status, f"/problems/{slug}")
    assert body["title"] == type(error).title()
    assert {key: body[key] for key in error.now} == dict(error.now)


async def test_a_fault_of_ours_says_nothing_about_itself(client: httpx.AsyncClient, use: Use) -> None:
    use.error = RuntimeError("secret connection string")
    answer = await client.post("/lamps", json={"title": "a"})
    assert is_problem(answer, 500, "about:blank")["title"] == "Something went wrong on our side."
    assert "secret" not in answer.text


async def test_what_is_away_says_when_to_come_again(client: httpx.AsyncClient, use: Use) -> None:
    use.error = Unavailable()
    assert (await client.post("/lamps", json={"title": "a"})).headers["retry-after"] == "1"


async def test_an_address_where_nothing_is(client: httpx.AsyncClient) -> None:
    is_problem(await client.get("/nothing"), 404, "/problems/not-found")
    is_problem(await client.get("/lamps/"), 404, "/problems/not-found")


async def test_a_method_that_an_address_does_not_take(client: httpx.AsyncClient) -> None:
    answer = await client.put("/lamps", json={})
    body = is_problem(answer, 405, "about:blank")
    assert body["title"] == "Method Not Allowed"
    assert answer.headers["allow"]


async def test_who_is_not_signed_in_is_told_how(client: httpx.AsyncClient) -> None:
    for header in ("", "Bearer nonsense", "Basic dXNlcg=="):
        answer = await client.post("/lamps", json={"title": "a"}, headers={"authorization": header})
        is_problem(answer, 401, "/problems/not-signed-in")
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_who_has_another_role_is_told_which_are_allowed(
    client: httpx.AsyncClient, folder: Path
) -> None:
    body = is_problem(await client.get("/staff"), 403, "/problems/not-allowed")
    assert body["detail"] == "this takes one of the roles district, street"
    street = keys.mint(folder, role="street", sub="s1", area="370203/1")
    assert (await client.get("/staff", headers={"authorization": f"Bearer {street}"})).text == "s1"


async def test_an_open_address_takes_whoever_comes(client: httpx.AsyncClient, use: Use) -> None:
    use.gate.set()
    client.headers.pop("authorization")
    assert (await client.get(f"/lamps/{ID}")).json()["seen_by"] == ""


# ---------------------------------------------------------------- what is malformed


MALFORMED = [
    b"",
    b"{",
    b"nonsense",
    b"\xff\xfe\x00",
    b"null",
    b"[]",
    b'"text"',
    b"{}",
    b'{"title": null}',
    b'{"title": ""}',
    b'{"title": {"$ne": null}}',
    b'{"title": "a", "unknown": 1}',
    b'{"title": "a\\u0000b"}',
    b'{"title": "a\\ud800b"}',
    b'{"title": true}',
    b'{"title": "a", "amount": ' + b"9" * 3000 + b"}",
    b'{"title": "a", "amount": NaN}',
    b'{"title": "a", "place": ' + b"[" * 3900 + b"}",
    b'{"title": "a", "place": ' + b"[" * 1900 + b"]" * 1900 + b"}",
    b'{"a":' * 650 + b"1" + b"}" * 650,
]


@pytest.mark.parametrize("address", ["/lamps", "/plain"])
@pytest.mark.parametrize("body", MALFORMED, ids=lambda body: body[:30].decode("ascii", "replace"))
async def test_a_malformed_body_is_422_and_never_500(
    client: httpx.AsyncClient, address: str, body: bytes
) -> None:
    answer = await client.post(address, content=body, headers={"content-type": "application/json"})
    is_problem(answer, 422, "/problems/malformed")


@pytest.mark.parametrize("amount", ["true", '"100"', "100.0", "1e2"])
async def test_a_number_is_a_number_and_nothing_that_could_be_read_as_one(
    client: httpx.AsyncClient, use: Use, amount: str
) -> None:
    body = b'{"title": "a", "amount": %s}' % amount.encode()
    answer = await client.post("/lamps", content=body, headers={"content-type": "application/json"})
    is_problem(answer, 422, "/problems/malformed")
    assert not use.asked


async def test_deep_json_is_malformed_where_any_json_is_taken(client: httpx.AsyncClient) -> None:
    deep = b'{"title": "a", "tags": ' + b"[" * 1900 + b"]" * 1900 + b"}"
    answer = await client.post("/plain", content=deep, headers={"content-type": "application/json"})
    is_problem(answer, 422, "/problems/malformed")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
async def test_a_body_that_says_it_is_something_else_is_malformed(
    client: httpx.AsyncClient, kind: str
) -> None:
    answer = await client.post("/lamps", content=b'{"title": "a"}', headers={"content-type": kind})
    is_problem(answer, 422, "/problems/malformed")


async def test_what_is_wrong_is_named_but_never_echoed(client: httpx.AsyncClient) -> None:
    personal = {"title": ["张三 13812345678"], "place": {"longitude": "home of Zhang San"}, "住址": "3-501"}
    answer = await client.post("/lamps", json=personal)
    body = is_problem(answer, 422, "/problems/malformed")
    assert {one["at"] for one in body["errors"]} >= {"body/title", "body/place/longitude"}
    for secret in ("张三", "13812345678", "Zhang San", "3-501"):
        assert secret not in answer.text
    assert all(set(one) == {"at", "problem"} for one in body["errors"])


async def test_a_flood_of_errors_is_cut(client: httpx.AsyncClient) -> None:
    many = {"title": "a", **{f"unknown{n}" * 3: n for n in range(120)}}
    body = is_problem(await client.post("/lamps", json=many), 422, "/problems/malformed")
    assert len(body["errors"]) <= 20


async def test_a_body_of_more_values_than_any_list_has_is_refused_unread(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bound of a list counts what is right in it, and each value that is wrong is a fault of its own."""
    monkeypatch.setattr(quick, "MOST_VALUES", 100)
    for many, says in ((100, "more than 100 commas"), (99, "see errors")):
        body = b'{"title":"a","x":[%s1]}' % (b"1," * (many - 1))
        answer = await client.post("/lamps", content=body, headers={"content-type": "application/json"})
        assert is_problem(answer, 422, "/problems/malformed")["detail"] == says


@pytest.mark.parametrize("id", ["x", "5", "..%2f..", "%00", "a" * 500])
async def test_an_id_that_is_none_is_malformed_or_nothing(
    client: httpx.AsyncClient, use: Use, id: str
) -> None:
    use.gate.set()
    assert (await client.get(f"/lamps/{id}")).status_code in (404, 422)


async def test_an_unknown_parameter_is_malformed(client: httpx.AsyncClient) -> None:
    for parameter in ("statee=open", "limit[$ne]=5", "state[$ne]=", "__proto__=1"):
        is_problem(await client.get(f"/lamps?{parameter}"), 422, "/problems/malformed")
    is_problem(await client.get("/lamps?limit=many"), 422, "/problems/malformed")


@pytest.mark.parametrize("etag", ["yesterday", "-1", '"1" "2"', "9" * 50, "٣", '"٣"'])
async def test_an_if_match_that_is_not_ours_is_malformed(client: httpx.AsyncClient, etag: str) -> None:
    answer = await client.post("/lamps", json={"title": "a"}, headers={b"if-match": etag.encode()})
    is_problem(answer, 422, "/problems/malformed")


@pytest.mark.parametrize(("etag", "version"), [('"7"', 7), ('W/"7"', 7), ("7", 7), ("*", None), (None, None)])
async def test_if_match_names_the_version_that_was_decided_on(
    client: httpx.AsyncClient, use: Use, etag: str | None, version: int | None
) -> None:
    await client.post("/lamps", json={"title": "a"}, headers={"if-match": etag} if etag else {})
    assert use.asked[0].expects == version


# ---------------------------------------------------------------- the key


async def test_the_key_is_bound_to_the_caller_and_the_fingerprint_to_what_was_asked(
    client: httpx.AsyncClient, use: Use
) -> None:
    async def ask(title: str, key: str | None) -> Asked:
        await client.post("/lamps", json={"title": title}, headers={"idempotency-key": key} if key else {})
        return use.asked[-1]

    first, same, other = await ask("a", "k"), await ask("a", "k"), await ask("b", "k")
    assert first.key is not None
    assert first.key.startswith("resident:")
    assert first.key.endswith(":r1:k")
    assert first.fingerprint == same.fingerprint != other.fingerprint
    assert (await ask("a", None)).key is None
    assert first.creates


def test_no_two_people_or_offices_have_one_key() -> None:
    scopes: list[dict[str, Any]] = [
        {}, {"area": "a"}, {"partner": "a"}, {"department": "a"}, {"area": "a", "partner": "b"},
        {"area": "a", "department": "b"}, {"area": "a|b"}, {"area": "a|9:partner:1:b"},
    ]  # fmt: skip
    callers = [Caller(id, role, **scope) for id in ("x", "x:k") for role in Role for scope in scopes]
    keys = {key_of(caller, key) for caller in callers for key in ("k", "k:k")}
    assert len(keys) == 2 * len(callers)


async def test_a_key_at_a_get_is_ignored(client: httpx.AsyncClient, use: Use) -> None:
    use.gate.set()
    answer = await client.get(f"/lamps/{ID}", headers={"idempotency-key": "k" * 500})
    assert (answer.status_code, use.asked[0].key) == (200, None)


@pytest.mark.parametrize("key", ["", "k" * 201])
async def test_a_key_has_1_to_200_characters(client: httpx.AsyncClient, key: str) -> None:
    answer = await client.post("/lamps", json={"title": "a"}, headers={"idempotency-key": key})
    is_problem(answer, 422, "/problems/malformed")


# ---------------------------------------------------------------- how much at once


@pytest.mark.parametrize("address", ["/lamps", "/plain"])
async def test_a_body_that_is_too_large_is_413(client: httpx.AsyncClient, use: Use, address: str) -> None:
    fits = json.dumps({"title": "a", "tags": []}).encode().ljust(BODY_BYTES)
    json_ = {"content-type": "application/json"}
    assert (await client.post("/plain", content=fits, headers=json_)).status_code == 200

    answer = await client.post(address, content=fits + b" ", headers=json_)

    body = is_problem(answer, 413, "/problems/too-large")
    assert body["most"] == BODY_BYTES
    assert use.asked == []


@pytest.mark.parametrize("address", ["/lamps", "/plain"])
async def test_a_body_that_does_not_say_how_long_it_is_is_counted(
    client: httpx.AsyncClient, address: str
) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(10_000):
            yield b" " * 1024

    answer = await client.post(address, content=endless(), headers={"content-type": "application/json"})
    is_problem(answer, 413, "/problems/too-large")


@pytest.mark.parametrize("length", ["-1", "abc", "1e3", "9" * 30])
async def test_a_length_that_is_none_is_refused(client: httpx.AsyncClient, length: str) -> None:
    headers = {"content-type": "application/json", "content-length": length}
    answer = await client.post("/lamps", content=b'{"title": "a"}', headers=headers)
    is_problem(answer, 413, "/problems/too-large")


async def inside(use: Use, wanted: int) -> None:
    await eventually(lambda: use.inside >= wanted)


async def test_when_too_much_is_in_work_reads_are_shed_first(client: httpx.AsyncClient, use: Use) -> None:
    """At three quarters of the bound; writes go on to the whole of it."""
    reads = [asyncio.create_task(client.get(f"/lamps/{ID}")) for _ in range(AT_ONCE * 3 // 4)]
    await inside(use, len(reads))
    shed = await client.get(f"/lamps/{ID}")
    is_problem(shed, 503, "/problems/too-busy")
    assert shed.headers["retry-after"] == "1"

    writes = [asyncio.create_task(client.post("/waiting")) for _ in range(AT_ONCE // 4)]
    await inside(use, AT_ONCE)
    is_problem(await client.post("/waiting"), 503, "/problems/too-busy")

    use.gate.set()
    answers = await asyncio.gather(*reads, *writes)
    assert {answer.status_code for answer in answers} == {200}
    assert (await client.get(f"/lamps/{ID}")).status_code == 200, "afterwards there is room again"


async def test_open_streams_do_not_count_as_work(client: httpx.AsyncClient, use: Use) -> None:
    streams = []
    for n in range(AT_ONCE * 2):
        streams.append(asyncio.create_task(client.get("/live")))
        await inside(use, n + 1)
    assert (await client.post("/lamps", json={"title": "a"})).status_code == 201
    use.gate.set()
    await asyncio.gather(*streams)

    use.gate.clear()
    writes = [asyncio.create_task(client.post("/waiting")) for _ in range(AT_ONCE)]
    await inside(use, len(streams) + AT_ONCE)
    is_problem(await client.post("/waiting"), 503, "/problems/too-busy")
    use.gate.set()
    await asyncio.gather(*writes)


async def test_a_client_that_goes_away_leaves_its_place(client: httpx.AsyncClient, use: Use) -> None:
    waiting = [asyncio.create_task(client.post("/waiting")) for _ in range(AT_ONCE)]
    await inside(use, AT_ONCE)
    for each in waiting:
        each.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    use.gate.set()
    assert (await client.post("/waiting")).status_code == 200


async def test_requests_are_measured_by_route_and_never_by_address(
    client: httpx.AsyncClient, use: Use
) -> None:
    use.gate.set()

    def count(route: str, status: str) -> float:
        labels = {"method": "GET", "route": route, "status": status}
        return REGISTRY.get_sample_value("hehuo_http_seconds_count", labels) or 0.0

    before = count("/v1/lamps/{id}", "200"), count("none", "404"), count("/v1/lamps/{id}", "422")
    await client.get(f"/lamps/{ID}")
    await client.get("/nothing/at/all")
    await client.get("/lamps/nonsense")
    after = count("/v1/lamps/{id}", "200"), count("none", "404"), count("/v1/lamps/{id}", "422")
    assert [round(b - a) for a, b in zip(before, after, strict=True)] == [1, 1, 1]


# ---------------------------------------------------------------- the document


def test_the_document_names_what_every_route_shares(app: FastAPI) -> None:
    described = document(app)
    post = described["paths"]["/v1/lamps"]["post"]
    assert {one["name"] for one in post["parameters"]} == {"Idempotency-Key", "If-Match"}
    assert "`lamp-taken`: Somebody else has this lamp." in post["responses"]["409"]["description"]
    assert "`key-reused`" in post["responses"]["409"]["description"]
    assert described["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert {"HTTPValidationError", "ValidationError"}.isdisjoint(described["components"]["schemas"])
    assert document(app) is described, "made once"
