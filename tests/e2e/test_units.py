"""Units are whistled to together, refuse, are overruled, do their parts: through the gateway, as residents see it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from deploy.demo.cast import Cast, Refused, everywhere
from deploy.demo.check import Lists, settle
from deploy.demo.record import Record
from tests.e2e.conftest import WITHIN

pytestmark = pytest.mark.asyncio(loop_scope="session")

PLACE = everywhere()[24]
STREET = PLACE.community.rpartition("/")[0]


async def test_a_department_that_is_overruled_does_it_with_others(cast: Cast, lists: Lists) -> None:
    record, resident, community = Record(), cast.resident(24), cast.community(PLACE)
    sewage = cast.department("sewage")
    street = cast.somebody("street", "street-units", area=STREET)
    district = cast.somebody("district", "district-units", area=STREET.partition("/")[0])
    await record.order(resident, {"category": "sewage_pipe", "text": "污水管破了。", "place": PLACE.wire()})
    await record.wait(community, "dispatch", "received", within=WITHIN)
    await record.ask(community, "dispatch", "assignment", {})

    called = {"kind": "joint", "units": ["sewage", "street"], "public_note": "请到现场"}
    await record.ask(community, "dispatch", "whistle", called)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    answer = {"measures": "来看", "contacted": "楼长", "deadline": tomorrow.isoformat()}
    await record.ask(sewage, "dispatch", "whistle/answer", answer)
    await record.ask(street, "dispatch", "whistle/answer", {"measures": "协调"})
    await record.ask(community, "dispatch", "referral", {"department": "sewage"})
    no = {"accepted": False, "reason": "out_of_remit", "rule": "居民自行改管"}
    await record.ask(sewage, "dispatch", "referral/answer", no)
    await record.ask(community, "dispatch", "referral/dispute", {"reason": "公共管道"})
    await record.ask(
        street, "dispatch", "referral/dispute/ruling", {"upheld": False, "public_note": "由其办理"}
    )

    part = {"title": "围挡", "unit": "street", "deadline": tomorrow.isoformat()}
    await record.ask(sewage, "dispatch", "tasks", part)
    with pytest.raises(Refused) as refused:
        await sewage.post(record.path("dispatch", "delivery"), {})
    assert (refused.value.slug, refused.value.status) == ("tasks-open", 409)
    await record.ask(street, "dispatch", "tasks/1/result", {"public_note": "已围挡"})
    await record.ask(sewage, "dispatch", "delivery", {"public_note": "已修"})

    with pytest.raises(Refused) as refused:
        await district.post(record.path("dispatch", "supervision/result"), {"result": "好"})
    assert refused.value.slug == "not-supervised"
    await record.ask(community, "dispatch", "closure", {"outcome": "partly", "public_note": "路面未修"})
    seen = await record.wait(community, "dispatch", "to_evaluate", within=WITHIN)
    assert seen["partly"]
    figures = await community.get(
        "/api/dispatch/v1/figures?until=2100-01-01T00:00:00Z&since=2099-06-01T00:00:00Z"
    )
    assert figures["dispatches"] == 0
    assert (await district.get("/api/dispatch/v1/supervisions"))["items"] == []
    await settle(lists, [record], WITHIN)
    timeline = [line["event"] for line in (await resident.get(record.path("intake")))["timeline"]]
    expected = [
        "joint_whistle_blown",
        "whistle_answered",
        "whistle_answered",
        "referral_made",
        "referral_answered",
    ]
    expected += [
        "refusal_disputed",
        "dispute_ruled",
        "task_given",
        "task_ended",
        "work_reported",
        "work_checked",
    ]
    assert [event for event in timeline if event in expected] == expected
