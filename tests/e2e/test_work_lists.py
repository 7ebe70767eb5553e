"""Work lists through the gateway: everybody finds what waits for them, and only that."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_asyncio

from deploy.demo.cast import Cast, Person, Place, Refused, everywhere
from deploy.local.system import System
from tests.e2e.conftest import WITHIN
from tests.integration.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

LISTS = "/api/dispatch/v1"
HERE = everywhere()[3]


async def ids(person: Person, query: str) -> list[str]:
    """The orders of a list, through all its pages of two."""
    found: list[str] = []
    cursor = ""
    while True:
        page = await person.get(f"{LISTS}/dispatches?{query}&limit=2{cursor}")
        found += [row["order_id"] for row in page["items"]]
        if page["next"] is None:
            return found
        cursor = f"&cursor={page['next']}"


async def placed(cast: Cast, place: Place, number: int) -> str:
    body = {"category": "street_light", "text": f"灯不亮 {number}", "place": place.wire()}
    order = str((await cast.resident(number).post("/api/intake/v1/orders", body))["id"])
    worker = cast.grid_worker(place)

    async def there() -> bool:
        try:
            return bool(await worker.get(f"{LISTS}/dispatches/{order}"))
        except Refused:
            return False

    await eventually(there, within=WITHIN)
    return order


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def five(cast: Cast) -> list[str]:
    """Five orders of one grid: nobody's, a worker's, whistled, referred to a department, nobody's."""
    orders = [await placed(cast, HERE, number) for number in range(5)]
    worker, community = cast.grid_worker(HERE), cast.community(HERE)
    await worker.post(f"{LISTS}/dispatches/{orders[1]}/assignment", {})
    await worker.post(f"{LISTS}/dispatches/{orders[2]}/whistle", {"kind": "resident"})
    await community.post(f"{LISTS}/dispatches/{orders[3]}/assignment", {})
    await community.post(f"{LISTS}/dispatches/{orders[3]}/referral", {"department": "sewage"})
    return orders


async def test_everybody_finds_what_waits_for_them(cast: Cast, five: list[str]) -> None:
    worker, community, sewage = cast.grid_worker(HERE), cast.community(HERE), cast.department("sewage")
    area = f"&area={HERE.area}"
    assert await ids(worker, "list=waiting") == [five[4], five[0]]
    assert await ids(worker, "list=mine") == [five[1]]
    assert await ids(community, f"list=waiting{area}") == [five[2]]
    assert await ids(community, f"list=mine{area}") == [five[3]]
    assert five[3] in await ids(sewage, "list=waiting")
    assert await ids(community, f"list=all{area}") == five[::-1], "newest first, every page once"


async def test_what_ends_sooner_stands_first(cast: Cast, five: list[str]) -> None:
    rows = (await cast.grid_worker(HERE).get(f"{LISTS}/dispatches?list=due&hours=720&limit=100"))["items"]
    ends = [row["next_at"] for row in rows]
    assert {row["order_id"] for row in rows} == set(five)
    assert ends == sorted(ends)
    assert await ids(cast.grid_worker(HERE), "list=due&hours=720") == [row["order_id"] for row in rows]


async def test_a_row_says_what_the_whole_record_says(cast: Cast, five: list[str]) -> None:
    worker = cast.grid_worker(HERE)
    for row in (await worker.get(f"{LISTS}/dispatches?list=due&hours=720"))["items"]:
        whole = await worker.get(f"{LISTS}/dispatches/{row['order_id']}")
        shared = row.keys() & whole.keys()
        assert {"opened_at", "close_by", "answer_by", "place", "supervised"} <= shared
        assert {name: row[name] for name in shared} == {name: whole[name] for name in shared}
        assert row["next_at"] == min(
            at for clock, at in whole["clocks"].items() if not clock.startswith("reminder/")
        )


async def test_the_counts_are_those_of_the_lists(cast: Cast, five: list[str]) -> None:
    counts = await cast.grid_worker(HERE).get(f"{LISTS}/counts?hours=720")
    assert {name: counts[name] for name in ("all", "mine", "waiting", "overdue", "due")} == {
        "all": 5,
        "mine": 1,
        "waiting": 2,
        "overdue": 0,
        "due": 5,
    }
    assert {state: n for state, n in counts["by_state"].items() if n} == {
        "received": 2,
        "assigned": 1,
        "whistled": 1,
        "referred": 1,
    }


async def test_the_map_shows_the_same_as_the_list(cast: Cast, five: list[str]) -> None:
    found = await cast.grid_worker(HERE).get(f"{LISTS}/map?state=received")
    assert found["type"] == "FeatureCollection"
    assert {feature["id"] for feature in found["features"]} == {five[0], five[4]}
    assert found["features"][0]["geometry"]["coordinates"] == [HERE.longitude, HERE.latitude]


async def test_the_whole_record_comes_in_one_call(cast: Cast, five: list[str]) -> None:
    record = await cast.community(HERE).get(f"{LISTS}/dispatches/{five[3]}/record")
    assert record["dispatch"]["order_id"] == five[3]
    assert [one["type"] for one in record["history"]] == [
        "dispatch_opened.v1",
        "limit_judged.v1",
        "dispatch_assigned.v1",
        "referral_made.v1",
    ]


@pytest.mark.parametrize(
    "query",
    [
        "list=theirs",
        "limit=0",
        "limit=101",
        "cursor=nonsense",
        "hours=9999",
        "state=open&state=closed",
        "colour=red",
    ],
)
async def test_a_list_nobody_has_is_malformed(cast: Cast, query: str) -> None:
    with pytest.raises(Refused) as refused:
        await cast.grid_worker(HERE).get(f"{LISTS}/dispatches?{query}")
    assert (refused.value.status, refused.value.slug) == (422, "malformed")


async def test_a_filter_is_kept_for_its_owner_only(cast: Cast, plain: Any, system: System) -> None:
    url = f"{LISTS}/filters/晚点 of mine"

    async def asks(method: str, token: str, url: str, body: Any = None) -> tuple[int, Any]:
        headers = {"authorization": f"Bearer {token}"}
        answer = await plain.request(method, url, headers=headers, json=body)
        return answer.status_code, answer.json() if answer.content else None

    mine = system.token(role="grid_worker", sub="filters-mine", area=HERE.area)
    other = system.token(role="grid_worker", sub="filters-other", area=HERE.area)
    query = {"list": "due", "hours": "4"}
    assert await asks("PUT", mine, url, {"query": query}) == (200, {"name": "晚点 of mine", "query": query})
    assert (await asks("GET", mine, f"{LISTS}/filters"))[1] == {
        "items": [{"name": "晚点 of mine", "query": query}]
    }
    assert (await asks("GET", other, f"{LISTS}/filters"))[1] == {"items": []}
    assert (await asks("PUT", mine, url, {"query": {"list": "theirs"}}))[0] == 422
    assert (await asks("DELETE", other, url))[0] == 204
    assert len((await asks("GET", mine, f"{LISTS}/filters"))[1]["items"]) == 1
    assert (await asks("DELETE", mine, url))[0] == 204
    assert (await asks("GET", mine, f"{LISTS}/filters"))[1] == {"items": []}
