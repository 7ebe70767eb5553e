"""Territory, departments and people, as those who keep them meet them: through the gateway."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from deploy.demo.cast import Cast
from deploy.demo.waiting import until
from deploy.local.system import System
from tests.e2e.conftest import WITHIN
from tests.e2e.desk import Desk

GRID = "370203/370203027/370203027018/01"
COMMUNITY, GEOJSON = GRID.rpartition("/")[0], {"content-type": "application/geo+json"}


@pytest.fixture
def district(system: System, plain: httpx.AsyncClient) -> Desk:
    return Desk(plain, system.token(role="district", sub="district-1", area="370203"))


@pytest.fixture
def community(system: System, plain: httpx.AsyncClient) -> Desk:
    return Desk(plain, system.token(role="community", sub="community-1", area=COMMUNITY))


def house(number: int, position: list[float]) -> dict[str, Any]:
    properties = {"code": f"{GRID}/{number}", "name": {"zh": f"{number}号楼"}, "households": 24}
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Point", "coordinates": position},
    }


async def test_a_part_of_the_territory_is_imported_and_read_back(district: Desk, community: Desk) -> None:
    before = await district.ask("GET", f"/territory?area={GRID}", 200)
    assert before.headers["content-type"] == "application/geo+json"
    now = before.json()
    west, south = now["features"][0]["geometry"]["coordinates"][0][0]
    now["features"].append(house(1, [west + 0.0001, south + 0.0001]))
    part = f"/territory?area={GRID}"

    await community.ask("PUT", part, 403, json=now, headers=GEOJSON)
    stale = {"if-match": '"99"', **GEOJSON}
    await district.ask("PUT", part, 412, json=now, headers=stale)
    fresh = {"if-match": before.headers["etag"], **GEOJSON}
    made = (await district.ask("PUT", part, 200, json=now, headers=fresh)).json()
    assert (made["changed"], made["households"], made["buildings"]) == (True, 24, 1)
    again = (await district.ask("PUT", part, 200, json=now, headers=GEOJSON)).json()
    assert (again["changed"], again["version"]) == (False, made["version"])

    newest = (await community.ask("GET", "/territory/versions", 200)).json()["items"][0]
    assert (newest["number"], newest["by"]) == (made["version"], {"role": "district", "id": "district-1"})
    changes = await community.ask("GET", f"/territory/versions/{made['version']}/changes", 200)
    assert [(one["code"], one["what"]) for one in changes.json()["items"]] == [(f"{GRID}/1", "added")]
    old = await community.ask("GET", f"/territory/versions/{made['version'] - 1}?area={GRID}", 200)
    assert old.json() == before.json()


async def test_of_a_faulty_territory_nothing_is_taken(district: Desk) -> None:
    before = await district.ask("GET", "/territory", 200)
    wrong = {"type": "FeatureCollection", "features": [*before.json()["features"], house(2, [120.39, 36.08])]}
    refused = (await district.ask("PUT", "/territory", 409, json=wrong, headers=GEOJSON)).json()
    assert refused["type"] == "/problems/territory-faulty"
    assert (refused["faults"][0]["code"], refused["faults"][0]["fault"]) == (f"{GRID}/2", "outside_parent")
    assert (await district.ask("GET", "/territory", 200)).headers["etag"] == before.headers["etag"]
    for body in ("[]", "{", '{"type": "FeatureCollection"}', "[" * 100_000):
        await district.ask("PUT", "/territory", 422, content=body, headers=GEOJSON)


async def test_departments_are_kept_by_the_district(district: Desk, community: Desk) -> None:
    gas = {"name": {"zh": "燃气公司"}, "remit": ["heating"], "contact": {"phone": "0532-5550000"}}
    await community.ask("PUT", "/departments/gas", 403, json=gas)
    made = await district.ask("PUT", "/departments/gas", 200, json=gas)
    assert made.json()["contact"]["phone"] == "0532-5550000"
    first = {"if-match": made.headers["etag"]}
    changed = await district.ask("PUT", "/departments/gas", 200, json={**gas, "remit": []}, headers=first)
    await district.ask("PUT", "/departments/gas", 412, json=gas, headers=first)
    shown = await community.ask("GET", "/departments/gas", 200)
    assert (shown.headers["etag"], shown.json()["remit"]) == (changed.headers["etag"], [])
    await district.ask("DELETE", "/departments/gas", 412, headers=first)
    await district.ask("DELETE", "/departments/gas", 204)
    await district.ask("DELETE", "/departments/gas", 404)
    await community.ask("GET", "/departments/gas", 404)


async def test_people_are_kept_by_the_level_above(
    system: System, plain: httpx.AsyncClient, community: Desk
) -> None:
    always = [
        {"days": [1, 2, 3, 4, 5, 6, 7], "between": {"begins": "00:00", "ends": "12:00"}},
        {"days": [1, 2, 3, 4, 5, 6, 7], "between": {"begins": "12:00", "ends": "00:00"}},
    ]
    sun = {"name": "孙", "role": "grid_worker", "area": GRID, "duty": always, "substitutes": ["li"]}
    worker = Desk(plain, system.token(role="grid_worker", sub="sun", area=GRID))
    await worker.ask("PUT", "/staff/sun", 403, json=sun)
    nobody = (await community.ask("PUT", "/staff/sun", 409, json=sun)).json()
    assert (nobody["type"], nobody["id"]) == ("/problems/unknown-person", "li")
    await community.ask("PUT", "/staff/li", 200, json={"name": "李", "role": "grid_worker", "area": GRID})
    made = await community.ask("PUT", "/staff/sun", 200, json=sun)
    await community.ask("PUT", "/staff/x", 409, json={**sun, "area": f"{COMMUNITY}/99"})
    assert [one["id"] for one in (await worker.ask("GET", "/staff", 200)).json()["items"]] == ["li", "sun"]

    async def there() -> list[tuple[str, str | None]]:
        unit = (await worker.ask("GET", f"/duty?area={GRID}", 200)).json()["units"][0]
        return [(one["id"], one["stands_in_for"]) for one in unit["on_duty"]]

    assert await there() == [("sun", None)]
    away = [{"since": "2020-01-01T00:00:00Z", "until": "2090-01-01T00:00:00Z"}]
    seen = {"if-match": made.headers["etag"]}
    await community.ask("PUT", "/staff/sun", 200, json={**sun, "away": away}, headers=seen)
    await community.ask("PUT", "/staff/sun", 412, json=sun, headers=seen)
    assert await there() == [("li", "sun")]

    elsewhere = "370203/370203015/370203015005"
    stranger = Desk(plain, system.token(role="community", sub="community-2", area=elsewhere))
    await stranger.ask("GET", "/staff/sun", 404)
    await stranger.ask("DELETE", "/staff/sun", 404)
    await stranger.ask("PUT", "/staff/sun", 404, json={**sun, "area": f"{elsewhere}/01"})
    for id in ("sun", "li"):
        await community.ask("DELETE", f"/staff/{id}", 204)
    assert await there() == []


async def test_an_office_number_is_in_no_log(system: System, district: Desk) -> None:
    number = "0532-55512345"
    office = {"name": {"zh": "排水"}, "contact": {"phone": number}}
    await district.ask("PUT", "/departments/water", 200, json=office)
    logs = [file.read_text("utf-8", "replace") for file in system.folder.root.rglob("*.log")]
    assert logs
    assert not [log for log in logs if number in log]
    await district.ask("DELETE", "/departments/water", 204)


async def _lies_in(cast: Cast, id: str, area: str, resident: int = 7) -> bool | None:
    """For `until`: the resident reads where their order lies."""
    order = await cast.resident(resident).get(f"/api/intake/v1/orders/{id}")
    return True if order["area"] == area else None


async def test_rules_are_tried_kept_and_decide(
    system: System, plain: httpx.AsyncClient, district: Desk, community: Desk, cast: Cast
) -> None:
    place = cast.place("harbin_road")
    where = {"longitude": place.longitude, "latitude": place.latitude}
    pipes = {
        "id": "parking_first",
        "name": "停车归街道",
        "when": {"categories": ["parking"], "area": place.area},
        "then": {"level": "street", "unit": "patrol-1"},
    }
    shadowed = {**pipes, "id": "never", "when": {"categories": ["parking"], "area": f"{place.area}"}}
    draft = {"rules": [pipes, shadowed]}
    patrol = {"name": "夜巡", "role": "grid_worker", "area": place.area}
    await district.ask("PUT", "/staff/patrol-1", 200, json=patrol)

    tried = {"category": "parking", **where, **draft}
    trial = (await community.ask("POST", "/routing/trial", 200, json=tried)).json()
    assert trial["decided"]["rule"] == "parking_first"
    assert trial["never_match"] == {"never": ["parking_first"]}
    assert [look["fits"] for look in trial["looks"]] == [True, True]
    other = (await community.ask("POST", "/routing/trial", 200, json={**tried, "category": "noise"})).json()
    assert (other["decided"], other["looks"][0]["not_so"]) == (None, ["category noise"])

    before = await district.ask("GET", "/routing", 200)
    await community.ask("PUT", "/routing", 403, json=draft)
    for refused in ([pipes, pipes], [{**pipes, "then": {"department": "nobody"}}]):
        await district.ask("PUT", "/routing", 409, json={"rules": refused})
    seen = {"if-match": before.headers["etag"]}
    version = (await district.ask("PUT", "/routing", 200, json=draft, headers=seen)).json()["version"]
    await district.ask("PUT", "/routing", 412, json=draft, headers=seen)

    order = {"category": "parking", "text": "车位被占。", "place": where}
    id = (await cast.resident(7).post("/api/intake/v1/orders", order))["id"]

    async def routed() -> dict[str, Any] | None:
        answer = await district.look(f"/dispatches/{id}")
        return answer.json() if answer.status_code == 200 else None

    found = await until(routed, "the order to be dispatched", WITHIN)
    assert found["level"] == "street"
    decided = found["routed"]
    assert [decided[of] for of in ("rule", "version", "unit")] == ["parking_first", version, "patrol-1"]
    named = (await district.ask("DELETE", "/staff/patrol-1", 409)).json()
    assert named["rules"] == ["parking_first", "never"]
    await district.ask("PUT", "/routing", 200, json={"rules": []})
    old = (await district.ask("GET", f"/routing/versions/{version}", 200)).json()
    assert [one["id"] for one in old["rules"]] == ["parking_first", "never"]

    next_door = f"{place.area[:-1]}5"
    body = {"to": next_door, "reason": "路的另一侧"}
    moved = (await district.ask("POST", f"/dispatches/{id}/transfer", 200, json=body)).json()
    assert (moved["area"], moved["level"]) == (next_door, "street")
    await district.ask("POST", f"/dispatches/{id}/transfer", 409, json={**body, "to": f"{place.area[:-1]}9"})

    await until(lambda: _lies_in(cast, id, next_door), "intake to know where it lies", WITHIN)
    office = system.token(role="district", sub="district-1", area="370203")
    amended = await plain.post(
        f"/api/intake/v1/orders/{id}/amendment",
        json={"category": "noise", "place": where, "reason": "看错了"},
        headers={"authorization": f"Bearer {office}"},
    )
    assert amended.status_code == 200, amended.text
    await until(lambda: _lies_in(cast, id, place.area), "it to be found again", WITHIN)
    again = (await district.ask("GET", f"/dispatches/{id}", 200)).json()
    assert (again["category"], again["level"], again["routed"]) == ("noise", "grid", None)
    await district.ask("DELETE", "/staff/patrol-1", 204)


async def test_the_newest_territory_is_applied_some_at_a_time(
    district: Desk, community: Desk, cast: Cast
) -> None:
    place = cast.place("harbin_road")
    where = {"longitude": place.longitude, "latitude": place.latitude}
    order = {"category": "noise", "text": "太吵。", "place": where}
    id = (await cast.resident(8).post("/api/intake/v1/orders", order))["id"]
    await until(lambda: _lies_in(cast, id, place.area, 8), "it to be dispatched", WITHIN)
    looked, cursor = 0, None
    while True:
        batch = await district.ask("POST", "/territory/application", 200, json={"cursor": cursor})
        looked += batch.json()["looked"]
        cursor = batch.json()["next"]
        if cursor is None:
            break
    assert looked >= 1
    await community.ask("POST", "/territory/application", 403, json={})
