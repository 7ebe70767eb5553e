"""Golden case C, of our own: a ramp on Harbin Road. Three partners share one need, one drops out, two close the gap."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from deploy.demo.cast import Person
from deploy.demo.story import LOCAL, Case, Story, dates, step

FUNDS, RAIL = 6_000_00, 600_00  # fen: what is called for at first, and what a handrail costs besides
FIRST, DROPPED, LAST = 2_000_00, 3_000_00, 1_600_00  # what the three pledge
AGAIN = (1_800_00, 1_200_00)  # what the first and the last add when the second drops out
PAID = 1_000_00  # what the second had paid until then
MASONS = 16  # hours


@step(
    "居民点单",
    "A resident asks for a ramp at the entrance",
    by="resident-harbin-1",
    leads_to={"intake": "accepted", "dispatch": "received", "evaluation": "waiting"},
    shows=("order_placed", "dispatch_opened"),
)
async def order(case: Case, me: Person) -> None:
    body = {
        "kind": "need",
        "category": "elderly_care",
        "title": "单元门口缺少坡道 No ramp at the entrance",
        "text": "单元门口有四级台阶，坐轮椅的老人进出要人抬。",
        "place": case.cast.place(case.story.place).wire(),
    }
    await case.record.order(me, body)


@step(
    "网格员受理",
    "The grid worker takes it",
    by="grid-worker-06",
    leads_to={"dispatch": "assigned", "intake": "dispatched"},
    shows=("dispatch_assigned",),
)
async def take(case: Case, me: Person) -> None:
    await case.ask(me, "dispatch", "assignment")


@step(
    "向合伙人发布",
    "The community opens the need: money and masons, to be shared",
    by="community-yichun",
    leads_to={"dispatch": "called", "partners": "open", "intake": "open_to_partners"},
    shows=("call_published",),
)
async def call(case: Case, me: Person) -> None:
    masons = {"name": "mason", "kind": "labour", "amount": MASONS, "unit": "hours"}
    await case.ask(me, "dispatch", "call", lines=[_funds(FUNDS), masons])


@step(
    "第一家认领",
    "Hongtu gives a part of the money, and the masons",
    by="partner-hongtu",
    leads_to={"partners": "open"},
    shows=("claim_made",),
)
async def first(case: Case, me: Person) -> None:
    await _claim(case, me, FIRST, mason=MASONS)


@step(
    "需求增加",
    "A handrail is needed too; what was claimed stays claimed",
    by="community-yichun",
    leads_to={"dispatch": "called"},
    shows=("change_published",),
)
async def more(case: Case, me: Person) -> None:
    await case.ask(me, "dispatch", "call/changes", lines=[_funds(FUNDS + RAIL)], reason="还需安装扶手")


@step(
    "第二家认领",
    "Seacoast pledges most of the rest",
    by="partner-third",
    leads_to={"partners": "open"},
    shows=("claim_made",),
)
async def second(case: Case, me: Person) -> None:
    await _claim(case, me, DROPPED)
    claim, epoch = case.claim
    await case.ask(me, "partners", f"claims/{claim}/confirmation", epoch=epoch)


@step(
    "第一笔款到位",
    "The community writes down what Seacoast has paid",
    by="community-yichun",
    leads_to={"partners": "open"},
    shows=("pledge_received",),
)
async def paid(case: Case, me: Person) -> None:
    await case.ask(me, "partners", f"claims/{case.claim[0]}/receipts", **_paper("SJ-0001"))


@step(
    "第三家补足",
    "Zhishu pledges the rest: nothing is missing",
    by="partner-data",
    leads_to={"partners": "covered", "dispatch": "claimed", "intake": "claimed"},
    shows=("claim_made", "call_covered"),
)
async def third(case: Case, me: Person) -> None:
    dropped = case.claim
    await _claim(case, me, LAST)
    case.claim = dropped


@step(
    "第二家退出",
    "Seacoast drops out, and exactly its part is missing again",
    by="partner-third",
    leads_to={"partners": "open", "dispatch": "called", "intake": "open_to_partners"},
    shows=("claim_released",),
)
async def drop_out(case: Case, me: Person) -> None:
    await case.work(me, "release", reason="中央厨房急需检修，资金另有用途")


@step(
    "退还已付款",
    "What it had paid goes back",
    by="community-yichun",
    leads_to={"partners": "open"},
    shows=("pledge_returned",),
)
async def give_back(case: Case, me: Person) -> None:
    body = {**_paper("TK-0001"), "reason": "退出认领"}
    await case.ask(me, "partners", f"claims/{case.claim[0]}/returns", **body)


@step(
    "第一家追加",
    "Hongtu adds a part of what is missing",
    by="partner-hongtu",
    leads_to={"partners": "open"},
    shows=("claim_made",),
)
async def first_adds(case: Case, me: Person) -> None:
    await _claim(case, me, AGAIN[0])


@step(
    "第三家追加",
    "Zhishu adds the rest",
    by="partner-data",
    leads_to={"partners": "covered", "dispatch": "claimed", "intake": "claimed"},
    shows=("claim_made", "call_covered"),
)
async def third_adds(case: Case, me: Person) -> None:
    await _claim(case, me, AGAIN[1])


@step(
    "施工方案",
    "Hongtu says when it builds",
    by="partner-hongtu",
    leads_to={"partners": "in_work"},
    shows=("plan_submitted",),
)
async def plan(case: Case, me: Person) -> None:
    claim, epoch = (await _own(case, me))[0]
    body = {"plan": "浇筑坡道，安装扶手 Cast the ramp, put up the rail", **dates(5), "epoch": epoch}
    await case.ask(me, "partners", f"claims/{claim}/plan", **body)


@step(
    "坡道完工",
    "The ramp is built",
    by="partner-hongtu",
    leads_to={"partners": "in_work"},
    shows=("progress_reported", "progress_reported"),
)
async def build(case: Case, me: Person) -> None:
    await _deliver(case, me, "坡道已建成 The ramp is built")


@step(
    "款项到位",
    "Zhishu has given its part as well: all is done",
    by="partner-data",
    leads_to={"partners": "delivered", "dispatch": "to_check", "intake": "to_be_checked"},
    shows=("progress_reported", "work_delivered"),
)
async def finish(case: Case, me: Person) -> None:
    await _deliver(case, me, "扶手款已付清 The rail is paid")


@step(
    "验收",
    "The community checks it: passed",
    by="community-yichun",
    leads_to={"dispatch": "to_evaluate", "evaluation": "open", "intake": "to_be_evaluated"},
    shows=("work_checked", "evaluation_opened"),
)
async def check(case: Case, me: Person) -> None:
    await case.ask(me, "dispatch", "check", passed=True, public_note="坡度合适 The slope is right")


@step(
    "居民评单",
    "The resident is satisfied",
    by="resident-harbin-1",
    leads_to={"evaluation": "evaluated", "dispatch": "closed", "partners": "accepted", "intake": "closed"},
    shows=("work_evaluated", "dispatch_closed"),
)
async def evaluate(case: Case, me: Person) -> None:
    marks = {"verdict": "satisfied", "result": 5, "speed": 5, "manner": 5}
    await case.ask(me, "evaluation", "verdicts", **marks, words="轮椅能自己进门了")
    await case.ended()


def _funds(fen: int) -> dict[str, Any]:
    return {"name": "funds", "kind": "funds", "amount": fen}


def _paper(reference: str) -> dict[str, Any]:
    day = datetime.now(LOCAL).date().isoformat()
    return {"name": "funds", "amount": PAID, "day": day, "reference": reference}


async def _claim(case: Case, me: Person, fen: int, **more: int) -> None:
    wanted = {"funds": fen, **more}
    lines = [{"name": name, "amount": amount} for name, amount in wanted.items()]
    case.hold(await case.ask(me, "partners", "claims", lines=lines))


async def _own(case: Case, me: Person) -> list[tuple[str, int]]:
    """Id and epoch of every claim that this partner holds."""
    seen = await case.record.wait(me, "partners", "covered", "in_work", within=case.within)
    return [
        (one["claim_id"], one["epoch"]) for one in seen["claims"] if one["mine"] and one["state"] == "active"
    ]


async def _deliver(case: Case, me: Person, note: str) -> None:
    for claim, epoch in await _own(case, me):
        await case.ask(me, "partners", f"claims/{claim}/delivery", public_note=note, epoch=epoch)


RAMP = Story(
    zh="哈尔滨路：单元门口的坡道",
    en="The ramp, Harbin Road",
    place="harbin_road",
    resident="resident-harbin-1",
    community="community-yichun",
    steps=(
        order, take, call, first, more, second, paid, third, drop_out, give_back, first_adds, third_adds,
        plan, build, finish, check, evaluate,
    ),
)  # fmt: skip
