"""What staff correct of an order reaches the partners who are asked for it, and those who have it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from deploy.demo.cast import Cast, Person, Place, everywhere
from deploy.demo.record import Record
from deploy.demo.story import dates, held
from tests.e2e.conftest import WITHIN
from tests.truth.test_02_recall import ask, correct, placed, seen

pytestmark = pytest.mark.asyncio(loop_scope="session")

HERE, THERE = everywhere()[44], everywhere()[3]  # a mile apart, in two streets
NEED = [{"name": "pump", "kind": "funds", "amount": 1000}]
BOARD = "/api/partners/v1/board"


async def called(cast: Cast) -> Record:
    """An order about something else that is open to partners."""
    record = Record(UUID(await placed(cast, "other", HERE)))
    community = cast.community(HERE)
    await ask(community, str(record.id), "assignment")
    await ask(community, str(record.id), "call", lines=NEED)
    await record.wait(cast.partner(0), "partners", "open", within=WITHIN)
    return record


async def on_board(partner: Person, record: Record) -> dict[str, Any]:
    board = await partner.get(f"{BOARD}?order=newest&limit=100")
    return next(one for one in board["items"] if one["order_id"] == str(record.id))


async def on_map(cast: Cast, record: Record) -> dict[str, Any]:
    features = (await cast.somebody("district", "district-1", area="370203").get(f"{BOARD}/map"))["features"]
    return next(one for one in features if one["id"] == str(record.id))


def away(point: Sequence[float], place: Place) -> float:
    """In degrees: strangers may be shown about where it is."""
    longitude, latitude = point
    return max(abs(longitude - place.longitude), abs(latitude - place.latitude))


async def test_an_open_call_is_shown_as_what_and_where_it_is_by_now(cast: Cast) -> None:
    """Staff put right what it is about, how urgent it is and where, while partners are asked.

    Before (e41bcb1): area and title followed; the call kept the category, board and map also the urgency and the point,
    beside a distance to nowhere.
    """
    record, partner = await called(cast), cast.partner(0)
    assert (await on_board(partner, record))["category"] == "other"
    await correct(cast, str(record.id), category="public_safety", place=THERE.wire())
    await record.wait(partner, "partners", "open", category="public_safety", area=THERE.area, within=WITHIN)
    shown = await on_board(partner, record)
    assert (shown["category"], shown["urgency"]) == ("public_safety", "emergency")
    assert away((shown["longitude"], shown["latitude"]), THERE) < 0.005
    point = await on_map(cast, record)
    assert (point["properties"]["category"], point["properties"]["urgency"]) == (
        "public_safety",
        "emergency",
    )
    assert away(point["geometry"]["coordinates"], THERE) < 0.005


async def test_who_has_the_work_reads_what_it_is_about_until_it_has_ended(cast: Cast) -> None:
    """It is corrected while partners have it, and again while their work waits for its check; then they do it again.

    Before (e41bcb1): the category of the first day, on the call and among the partner's claims.
    """
    record, partner = await called(cast), cast.partner(0)
    lines = [{"name": one["name"], "amount": one["amount"]} for one in NEED]
    taken = await record.ask(partner, "partners", "claims", {"lines": lines})
    claim, epoch = held(taken.body)
    await seen(cast, str(record.id), lambda it: it["state"] == "claimed")
    await correct(cast, str(record.id), category="street_light")
    await record.wait(partner, "partners", "covered", category="street_light", within=WITHIN)
    mine = (await partner.get("/api/partners/v1/claims/mine"))["items"]
    assert [one["category"] for one in mine if one["order_id"] == str(record.id)] == ["street_light"]

    plan = {"plan": "三天内完成", "epoch": epoch, **dates(3)}
    await record.ask(partner, "partners", f"claims/{claim}/plan", plan)
    done = {"public_note": "已完成", "epoch": epoch}
    await record.ask(partner, "partners", f"claims/{claim}/delivery", done)
    await seen(cast, str(record.id), lambda it: it["state"] == "to_check")
    await correct(cast, str(record.id), category="noise")
    await record.wait(partner, "partners", "delivered", category="noise", within=WITHIN)

    again = {"passed": False, "public_note": "还在响"}
    await ask(cast.community(HERE), str(record.id), "check", **again)
    await record.wait(partner, "partners", "in_work", category="noise", within=WITHIN)


async def test_a_call_that_is_over_tells_of_the_same_matter_as_the_order(cast: Cast) -> None:
    """Whoever had a part in it, and the staff, still see it; its figures go by the category of the order.

    Before (e41bcb1): title and area were of today, the category of the first day.
    """
    record, community = await called(cast), cast.community(HERE)
    await ask(community, str(record.id), "call/withdrawal")
    await record.wait(community, "partners", "withdrawn", within=WITHIN)
    await correct(cast, str(record.id), category="noise")
    await record.wait(community, "partners", "withdrawn", category="noise", within=WITHIN)
