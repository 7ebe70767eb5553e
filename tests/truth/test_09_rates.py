"""One definition in words per rate: what nobody had to answer is in none, an honest end answers, each has its limit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio

from deploy.demo.cast import Cast, Person, Place, Refused, everywhere
from deploy.demo.check import Lists, settle
from deploy.demo.record import Record
from deploy.demo.waiting import until
from deploy.local.system import PARTS, System
from tests.e2e.conftest import WITHIN

pytestmark = pytest.mark.asyncio(loop_scope="session")

PLACE = everywhere()[22]
HURRIED = {"HEHUO_DISPATCH_TAKE_GENERAL": "PT8S", "HEHUO_DISPATCH_ANSWER_GENERAL": "PT1H"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hurried(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cast]:
    """Everybody, in a system in which a grid worker has eight seconds and a level an hour."""
    parts = [part for part in PARTS if part != "web"]
    async with (
        System(tmp_path_factory.mktemp("hurried-rates"), only=parts, env=HURRIED) as system,
        Cast(system.gateway_url, system.token, patience=WITHIN) as cast,
    ):
        yield cast


async def placed(cast: Cast, place: Place = PLACE) -> Record:
    record = Record()
    body = {"category": "street_light", "text": "路灯不亮。", "place": place.wire()}
    await record.order(cast.resident(22), body)
    await record.wait(cast.community(place), "dispatch", "received", within=WITHIN)
    return record


async def rates(staff: Person, since: datetime, area: str = PLACE.area) -> dict[str, Any]:
    begin = since.isoformat().replace("+00:00", "Z")
    return await staff.get(f"/api/evaluation/v1/rates?area={area}&since={begin}")


def response(found: dict[str, Any]) -> tuple[float, int]:
    return found["response"]["numerator"], found["response"]["denominator"]


async def test_what_was_withdrawn_is_in_no_rate(cast: Cast, lists: Lists) -> None:
    """A resident takes an order back a moment later: nobody has failed to answer it.

    Before (0378ae5): the response rate was 0 of 1.
    """
    community, since = cast.community(PLACE), datetime.now(UTC)
    withdrawn = await placed(cast)
    await withdrawn.ask(cast.resident(22), "intake", "withdrawal", {"reason": "又亮了"})
    withdrawn.outcome = "withdrawn"
    await settle(lists, [withdrawn], WITHIN)
    found = await rates(community, since)
    assert response(found) == (0, 0)
    assert (found["on_time"]["denominator"], found["counts"]["withdrawn"]) == (0, 1)


async def test_an_honest_end_is_an_answer(cast: Cast, lists: Lists) -> None:
    """The community says at once that it is not for it to do, by which rule; that is an answer, in time.

    Before (0378ae5): the response rate was 0 of 1, for nobody had taken it in hand.
    """
    community, since = cast.community(PLACE), datetime.now(UTC)
    record = await placed(cast)
    end = {"outcome": "out_of_remit", "public_note": "归物业公司管", "rule": "物业管理条例第三十五条"}
    await record.ask(community, "dispatch", "closure", end)
    record.outcome = "out_of_remit"
    await settle(lists, [record], WITHIN)
    assert response(await rates(community, since)) == (1, 1)


async def test_what_is_not_yet_due_is_not_unanswered(cast: Cast, lists: Lists) -> None:
    """An order that was placed a moment ago can still be answered in time.

    Before (0378ae5): the response rate was 0 of 1.
    """
    community, since = cast.community(PLACE), datetime.now(UTC)
    record = await placed(cast)
    await settle(lists, [record], WITHIN)
    found = await rates(community, since)
    assert (found["counts"]["dispatched"], *response(found)) == (1, 0, 0)
    await record.ask(cast.grid_worker(PLACE), "dispatch", "assignment", {})
    await settle(lists, [record], WITHIN)
    assert response(await rates(community, since)) == (1, 1)


async def test_who_answers_within_their_own_limit_answers_in_time(hurried: Cast) -> None:
    """The grid worker calls the community at once; it has an hour, and answers after the worker's eight seconds.

    Before (0378ae5): the response rate was 0 of 1, counted by the limit of the grid worker.
    """
    community, since = hurried.community(PLACE), datetime.now(UTC)
    record = await placed(hurried)
    seen = await record.see(community, "dispatch")
    assert seen is not None
    await record.ask(hurried.grid_worker(PLACE), "dispatch", "whistle", {})
    end = datetime.fromisoformat(seen["answer_by"])

    async def over() -> bool | None:
        return datetime.now(UTC) > end or None

    await until(over, "the limit of the grid worker to be over", WITHIN)
    await record.ask(community, "dispatch", "whistle/answer", {"measures": "已到现场"})

    async def counted() -> bool | None:
        return response(await rates(community, since)) == (1, 1) or None

    await until(counted, "the answer to be counted as in time", WITHIN)


async def test_silence_counts_as_soon_as_the_limit_has_passed(hurried: Cast) -> None:
    """Nobody takes it: from the end of the limit on it is unanswered, whoever comes later.

    Before (0378ae5): the denominator held it from the beginning, so it could not be told from one not yet due.
    """
    community, since = hurried.community(PLACE), datetime.now(UTC)
    record = await placed(hurried)
    assert response(await rates(community, since))[1] == 0
    await record.wait(community, "dispatch", "whistled", within=WITHIN)

    async def counted() -> bool | None:
        return response(await rates(community, since)) == (0, 1) or None

    await until(counted, "the silence to be counted", WITHIN)
    await record.ask(community, "dispatch", "whistle/answer", {"measures": "已到现场"})
    await record.wait(community, "dispatch", "in_handling", within=WITHIN)
    assert response(await rates(community, since)) == (0, 1)


@pytest.mark.parametrize("name", ["category", "department"])
async def test_of_what_was_never_counted_there_are_no_zeros(cast: Cast, name: str) -> None:
    """A mistyped category or department is not one in which nothing is wrong.

    Before (e41bcb1): 200 with zeros.
    """
    with pytest.raises(Refused) as refused:
        await cast.person("district-shibei").get(f"/api/evaluation/v1/rates?{name}=street_lihgt")
    assert (refused.value.status, refused.value.slug) == (404, "not-found")


async def test_an_area_nobody_knows_is_not_found(cast: Cast) -> None:
    """A mistyped area is not an area in which nothing is wrong; everybody else learns nothing of one with little in it.

    Before (0378ae5): 200 with zeros.
    """
    for person, area in ((cast.person("district-shibei"), "370203/370203999"), (cast.resident(22), "370212")):
        with pytest.raises(Refused) as refused:
            await person.get(f"/api/evaluation/v1/rates?area={area}")
        assert (refused.value.status, refused.value.slug) == (404, "not-found")
    shown = await cast.resident(22).get("/api/evaluation/v1/rates?area=370203/370203999")
    assert set(shown["counts"].values()) == {None}


async def test_the_orders_behind_a_figure_are_listed(cast: Cast, lists: Lists) -> None:
    """Who doubts a figure reads the orders that it counts.

    Before (0378ae5): there was no such list (404).
    """
    community, since = cast.community(PLACE), datetime.now(UTC)
    one, other = await placed(cast), await placed(cast)
    await one.ask(cast.grid_worker(PLACE), "dispatch", "assignment", {})
    await settle(lists, [one, other], WITHIN)
    begin = since.isoformat().replace("+00:00", "Z")
    query = f"/api/evaluation/v1/rates/orders?area={PLACE.area}&since={begin}&figure="
    for figure, records in (("dispatched", [other, one]), ("answered_in_time", [one]), ("withdrawn", [])):
        page = await community.get(f"{query}{figure}")
        assert [item["order_id"] for item in page["items"]] == [str(it.id) for it in records]
