"""The registry of partners, as those who want to be one and those who decide meet it: through the gateway."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

import httpx
import pytest

from deploy.demo.waiting import until
from deploy.local.system import System
from tests.e2e.conftest import WITHIN
from tests.e2e.desk import Desk

STREET = "370203/370203014"
COMMUNITY = f"{STREET}/370203014008"
TELEPHONE = "0532-55598761"
APPLICATION: dict[str, Any] = {
    "kind": "shop",
    "name": {"zh": "便民维修部"},
    "areas": [COMMUNITY],
    "licence": "91370203MA3CXYZ",
    "contact": {"name": "王师傅", "telephone": TELEPHONE},
}
RACK = {
    "kind": "goods",
    "codes": ["rack"],
    "name": {"zh": "晾衣架"},
    "quantity": 3,
    "unit": "piece",
    "area": COMMUNITY,
}
People = Callable[..., Desk]


@pytest.fixture
def people(system: System, plain: httpx.AsyncClient) -> People:
    """Somebody of partners, by the claims of their token; each test has residents of its own."""
    own = uuid4().hex[:8]

    def somebody(sub: str, role: str = "resident", **scope: str) -> Desk:
        sub = f"{sub}-{own}" if role in ("resident", "partner") else sub
        return Desk(plain, system.token(role=role, sub=sub, **scope), "partners")

    somebody.own = own  # type: ignore[attr-defined]
    return somebody


async def answers(acting: Desk, status: int) -> bool | None:
    """Every replica knows within a second who is a member."""
    return (await acting.look("/calls")).status_code == status or None


async def verified(people: People) -> str:
    """The id of a partner that wang applied for."""
    made = await people("wang").ask("POST", "/partners", 201, json=APPLICATION)
    id: str = made.json()["id"]
    await staff(people).ask("POST", f"/partners/{id}/verification", 200)
    return id


def staff(people: People) -> Desk:
    return people("community-1", "community", area=COMMUNITY)


async def test_somebody_applies_is_refused_applies_again_and_is_verified(people: People) -> None:
    wang, stranger, community = people("wang"), people("zhao"), staff(people)
    key = {"idempotency-key": f"apply-{uuid4()}"}
    made = await wang.ask("POST", "/partners", 201, json=APPLICATION, headers=key)
    again = await wang.ask("POST", "/partners", 201, json=APPLICATION, headers=key)
    assert (again.json()["id"], again.headers["etag"]) == (made.json()["id"], made.headers["etag"])
    other = await wang.ask("POST", "/partners", 409, json=APPLICATION)
    assert other.json()["type"] == "/problems/already-applied"
    one = f"/partners/{made.json()['id']}"

    for path in (one, f"{one}/registration"):
        await stranger.ask("GET", path, 404)
    elsewhere = people("community-2", "community", area="370203/370203015/370203015005")
    await elsewhere.ask("POST", f"{one}/verification", 404)
    await stranger.ask("POST", f"{one}/verification", 403)
    waits = (await community.ask("GET", "/registrations", 200)).text
    assert made.json()["id"] in waits
    assert TELEPHONE not in waits
    assert (await community.ask("GET", f"{one}/registration", 200)).json()["contact"][
        "telephone"
    ] == TELEPHONE

    await community.ask("POST", f"{one}/refusal", 422, json={"reason": ""})
    refused = await community.ask("POST", f"{one}/refusal", 200, json={"reason": "执照照片看不清"})
    assert (await wang.ask("GET", f"{one}/registration", 200)).json()["reason"] == "执照照片看不清"
    await wang.ask(
        "POST", f"{one}/application", 412, json=APPLICATION, headers={"if-match": made.headers["etag"]}
    )
    seen = {"if-match": refused.headers["etag"]}
    await wang.ask("POST", f"{one}/application", 200, json=APPLICATION, headers=seen)
    await community.ask("POST", f"{one}/verification", 200)

    page = await stranger.ask("GET", one, 200)
    assert (page.json()["state"], page.json()["alliances"]) == ("verified", [])
    for secret in (TELEPHONE, "王师傅", "91370203MA3CXYZ"):
        assert secret not in page.text


async def test_who_is_invited_acts_for_the_partner_and_who_is_removed_does_not(people: People) -> None:
    id = await verified(people)
    one, own = f"/partners/{id}", people.own  # type: ignore[attr-defined]
    wang, li, acting = people("wang"), people("li"), people("li", "partner", partner=id)
    assert (await acting.ask("GET", "/calls", 403)).json()["type"] == "/problems/not-a-partner"

    await wang.ask("POST", f"{one}/invitations", 200, json={"person": f"li-{own}"})
    mine = (await li.ask("GET", "/memberships", 200)).json()["items"]
    assert [(each["partner_id"], each["role"], each["until"] is None) for each in mine] == [
        (id, "member", False)
    ]
    await li.ask("POST", f"{one}/invitations/answer", 204, json={"accept": True})
    await until(partial(answers, acting, 200), "the members are known", WITHIN)
    await li.ask("POST", f"{one}/resources", 200, json=RACK)
    changed = await li.ask("PUT", f"{one}/resources/r1", 200, json={**RACK, "quantity": 1})
    assert [each["quantity"] for each in changed.json()["resources"]] == [1]
    await li.ask("DELETE", f"{one}/resources/r1", 200)

    home = {"area": COMMUNITY, "household": "1-101"}
    await li.ask("PUT", f"{one}/home", 204, json={"home": home})
    assert (await li.ask("GET", "/memberships", 200)).json()["items"][0]["home"] == home
    for path in (one, f"{one}/registration", "/memberships"):
        assert "1-101" not in (await wang.ask("GET", path, 200)).text
    await people("zhao").ask("PUT", f"{one}/home", 403, json={"home": home})

    await li.ask("DELETE", f"{one}/members/wang-{own}", 403)
    await wang.ask("DELETE", f"{one}/members/wang-{own}", 409)
    await wang.ask("DELETE", f"{one}/members/li-{own}", 204)
    await until(partial(answers, acting, 403), "the members are known", WITHIN)
    await li.ask("GET", f"{one}/registration", 403)


async def test_who_is_suspended_claims_nothing_until_it_is_reinstated(people: People) -> None:
    id = await verified(people)
    one, community = f"/partners/{id}", staff(people)
    claims, body = f"/calls/{uuid4()}/claims", {"lines": [{"name": "money", "amount": 1}]}
    acting = people("wang", "partner", partner=id)
    assert (await acting.ask("POST", claims, 404, json=body)).json()["type"] == "/problems/not-found"
    await community.ask("POST", f"{one}/suspension", 200, json={"reason": "整改"})
    assert (await acting.ask("POST", claims, 403, json=body)).json()["type"] == "/problems/suspended"
    assert (await people("zhao").ask("GET", one, 200)).json()["state"] == "suspended"
    await community.ask("POST", f"{one}/reinstatement", 200)
    await acting.ask("POST", claims, 404, json=body)

    await people("wang").ask("POST", f"{one}/departure", 200, json={})
    assert (await acting.ask("POST", claims, 403, json=body)).json()["type"] == "/problems/not-verified"


async def test_a_partner_joins_an_alliance_of_its_area(people: People) -> None:
    id, name = await verified(people), f"red_{uuid4().hex[:8]}"
    alliance, wang, community = f"/alliances/{name}", people("wang"), staff(people)
    put = {"name": {"zh": "红色合伙人聚盟"}, "area": COMMUNITY}
    await wang.ask("PUT", alliance, 403, json=put)
    made = await community.ask("PUT", alliance, 200, json=put)
    await community.ask("PUT", alliance, 412, json=put | {"name": {"zh": "x"}}, headers={"if-match": '"9"'})
    asked = await wang.ask("POST", f"{alliance}/requests", 200, json={"partner_id": id})
    assert (asked.json()["partners"], asked.json()["asking"]) == ([], None)
    answer = {"partner_id": id, "admit": True}
    await community.ask("POST", f"{alliance}/requests/answer", 200, json=answer)
    listed = (await wang.ask("GET", f"/alliances?area={STREET}", 200)).json()["items"]
    assert [each["partners"] for each in listed if each["id"] == name] == [[id]]
    page = await wang.ask("GET", f"/partners/{id}", 200)
    assert [each["id"] for each in page.json()["alliances"]] == [name]
    await community.ask("DELETE", alliance, 409)
    await wang.ask("DELETE", f"{alliance}/partners/{id}", 200)
    assert made.headers["etag"] != (await community.ask("GET", alliance, 200)).headers["etag"]
    await community.ask("DELETE", alliance, 204)
