"""Golden case B: the drying rack at 26 Liaoyuan Road. A need, offered to exactly the partners who can, goods only."""

from __future__ import annotations

from deploy.demo.cast import Person
from deploy.demo.story import Case, Story, dates, step

RACKS = 1  # pieces


@step(
    "楼长代居民点单",
    "The leader of building 26 reports it for a resident",
    by="building-leader-26",
    leads_to={"intake": "accepted", "dispatch": "received", "evaluation": "waiting"},
    shows=("order_placed", "dispatch_opened"),
)
async def order(case: Case, me: Person) -> None:
    body = {
        "kind": "need",
        "category": "drying_rack",
        "title": "院内缺少晾衣架 No drying rack in the yard",
        "text": "院子建成二十多年，晾晒的地方很少，居民把被子搭在树上和电线上。",
        "place": case.cast.place(case.story.place).wire(),
        "channel": "building_leader",
        "ordered_for": case.resident.id,
    }
    await case.record.order(me, body)


@step(
    "网格员受理",
    "The grid worker takes it and passes it to the community",
    by="grid-worker-liaoyuan",
    leads_to={"dispatch": "assigned", "intake": "dispatched"},
    shows=("dispatch_assigned",),
)
async def take(case: Case, me: Person) -> None:
    await case.ask(me, "dispatch", "assignment")


@step(
    "精准派单",
    "The community offers it to exactly the partners who can",
    by="community-yichun-2",
    leads_to={"dispatch": "called", "partners": "open", "intake": "open_to_partners"},
    shows=("call_published",),
)
async def call(case: Case, me: Person) -> None:
    place = case.cast.place(case.story.place)
    line = {"name": "rack", "kind": "goods", "amount": RACKS, "unit": "piece"}
    need = {
        "area": place.area,
        "longitude": place.longitude,
        "latitude": place.latitude,
        "category": "drying_rack",
        "lines": [line],
        "exclusive": True,
    }
    able = (await me.post("/api/partners/v1/matches", need))["items"]
    case.notes += [
        f"{' / '.join(one['partner_name'].values())}: {one['words']['zh']} ({one['words']['en']})"
        for one in able
    ]
    await case.ask(
        me,
        "dispatch",
        "call",
        lines=[{**line, "text": "防锈钢制晾衣架"}],
        exclusive=True,
        offered_to=[one["partner_id"] for one in able],
    )


@step(
    "合伙人接单",
    "The hardware shop gives a rust-proof steel rack",
    by="partner-hardware",
    leads_to={"partners": "covered", "dispatch": "claimed", "intake": "claimed"},
    shows=("claim_made", "call_covered"),
)
async def claim(case: Case, me: Person) -> None:
    await case.take_all(me)


@step(
    "安装方案",
    "It says when the rack will be put up",
    by="partner-hardware",
    leads_to={"partners": "in_work"},
    shows=("plan_submitted",),
)
async def plan(case: Case, me: Person) -> None:
    await case.work(me, "plan", plan="在院内东侧空地安装晾衣架 In the east of the yard", **dates(2))


@step(
    "安装完成",
    "The rack stands",
    by="partner-hardware",
    leads_to={"partners": "delivered", "dispatch": "to_check", "intake": "to_be_checked"},
    shows=("work_delivered",),
)
async def deliver(case: Case, me: Person) -> None:
    await case.work(me, "delivery", public_note="已安装牢固 It stands firmly")


@step(
    "验收",
    "The community checks it: passed",
    by="community-yichun-2",
    leads_to={"dispatch": "to_evaluate", "evaluation": "open", "intake": "to_be_evaluated"},
    shows=("work_checked", "evaluation_opened"),
)
async def check(case: Case, me: Person) -> None:
    await case.ask(me, "dispatch", "check", passed=True, public_note="稳固，可以使用 Firm, ready for use")


@step(
    "居民评单",
    "The resident for whom it was ordered is satisfied",
    by="resident-liaoyuan-1",
    leads_to={"evaluation": "evaluated", "dispatch": "closed", "partners": "accepted", "intake": "closed"},
    shows=("work_evaluated", "dispatch_closed"),
)
async def evaluate(case: Case, me: Person) -> None:
    await case.ask(
        me,
        "evaluation",
        "verdicts",
        verdict="satisfied",
        result=5,
        speed=5,
        manner=5,
        words="终于有地方晒被子了",
    )
    await case.ended()


DRYING_RACK = Story(
    zh="辽源路26号：晾衣架",
    en="The drying rack, 26 Liaoyuan Road",
    place="liaoyuan_road_26",
    resident="resident-liaoyuan-1",
    community="community-yichun-2",
    steps=(order, take, call, claim, plan, deliver, check, evaluate),
)
