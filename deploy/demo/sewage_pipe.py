"""Golden case A: the broken sewage pipe on Harbin Road. A deadlock, two rounds of discussion, a gap, one partner."""

from __future__ import annotations

from deploy.demo.cast import Person
from deploy.demo.story import Case, Story, dates, step

COST = 28_600_00  # fen
TO_SHARE = 10_000_00  # fen; seven households cannot share it evenly
GAP = COST - TO_SHARE
HOUSEHOLDS = ("1-101", "1-102", "1-201", "1-202", "1-301", "1-302", "1-401")
_FIRST_SAID = ("yes", "yes", "yes", "no", "no")  # the other two say nothing: not enough agree


@step(
    "居民点单",
    "A resident reports it in the Party-Mass E-Home app",
    by="resident-harbin-1",
    leads_to={"intake": "accepted", "dispatch": "received", "evaluation": "waiting"},
    shows=("order_placed", "dispatch_opened"),
)
async def order(case: Case, me: Person) -> None:
    body = {
        "category": "sewage_pipe",
        "title": "人行道下污水管破裂外溢 Broken sewage pipe",
        "text": "哈尔滨路人行道下面的污水管坏了，污水冒到路面上，气味很大，老人走过容易滑倒。",
        "place": case.cast.place(case.story.place).wire(),
        "channel": "app",
        "contact": {"name": "王阿姨", "phone": "13800000000"},
    }
    await case.record.order(me, body)


@step(
    "网格员到场",
    "The grid worker takes it and looks at once",
    by="grid-worker-06",
    leads_to={"dispatch": "assigned", "intake": "dispatched"},
    shows=("dispatch_assigned",),
)
async def take(case: Case, me: Person) -> None:
    await case.ask(me, "dispatch", "assignment")


@step(
    "网格吹哨",
    "The grid worker whistles to the community",
    by="grid-worker-06",
    leads_to={"dispatch": "whistled", "intake": "whistled"},
    shows=("whistle_blown",),
)
async def whistle(case: Case, me: Person) -> None:
    await case.ask(
        me,
        "dispatch",
        "whistle",
        kind="joint",
        public_note="管道破裂，网格无法处理 The pipe is broken; more than a grid can mend",
    )


@step(
    "社区报到",
    "The community secretary answers and looks at it on the spot",
    by="community-yichun",
    leads_to={"dispatch": "in_handling", "intake": "dispatched"},
    shows=("whistle_answered",),
)
async def answer(case: Case, me: Person) -> None:
    await case.ask(
        me,
        "dispatch",
        "whistle/answer",
        measures="与网格支部书记、楼长一同现场查看 On the spot with grid branch and building leader",
    )


@step(
    "转办部门",
    "It is referred to the Sewage Management Office",
    by="community-yichun",
    leads_to={"dispatch": "referred", "intake": "dispatched"},
    shows=("referral_made",),
)
async def refer(case: Case, me: Person) -> None:
    await case.ask(
        me,
        "dispatch",
        "referral",
        department="sewage",
        public_note="请派人维修 Please send somebody to mend it",
    )


@step(
    "部门退单",
    "The office refuses: the residents had altered the pipe themselves",
    by="officer-sewage",
    leads_to={"dispatch": "in_handling", "intake": "dispatched"},
    shows=("referral_answered",),
)
async def refuse(case: Case, me: Person) -> None:
    await case.ask(
        me,
        "dispatch",
        "referral/answer",
        accepted=False,
        reason="out_of_remit",
        rule="居民自行改动的管道不属于养护范围 Pipes that residents altered are not ours to keep up",
    )


@step(
    "陷入僵局",
    "Deadlock: nobody is responsible",
    by="community-yichun",
    leads_to={"dispatch": "deadlocked", "intake": "dispatched"},
    shows=("deadlock_declared",),
)
async def deadlock(case: Case, me: Person) -> None:
    await case.ask(
        me,
        "dispatch",
        "deadlock",
        reason="部门不受理，居民无力独自承担 The office refuses, the residents cannot pay alone",
    )


@step(
    "第一轮议事",
    "First round: the households are to pay everything",
    by="community-yichun",
    leads_to={"dispatch": "in_deliberation", "intake": "being_discussed"},
    shows=("round_opened",),
)
async def first_round(case: Case, me: Person) -> None:
    await case.ask(
        me,
        "dispatch",
        "rounds",
        proposal="由七户平均承担全部费用 Seven households pay all of it in equal shares",
        cost=COST,
        households=_households(),
    )


@step(
    "第一轮未通过",
    "Not agreed: three yes, two no, two silent",
    by="community-yichun",
    leads_to={"dispatch": "in_deliberation", "intake": "being_discussed"},
    shows=("round_closed",),
)
async def first_result(case: Case, me: Person) -> None:
    await case.ask(me, "dispatch", "rounds/1/result", consents=_said(*_FIRST_SAID))


@step(
    "第二轮议事",
    "Second round: the households share 10,000 yuan equally",
    by="community-yichun",
    leads_to={"dispatch": "in_deliberation", "intake": "being_discussed"},
    shows=("round_opened",),
)
async def second_round(case: Case, me: Person) -> None:
    await case.ask(
        me,
        "dispatch",
        "rounds",
        proposal="七户平均分摊一万元，其余向合伙人求助 They share 10,000 yuan, partners are asked for the rest",
        cost=COST,
        to_share=TO_SHARE,
        households=_households(),
    )


@step(
    "第二轮通过并公示",
    "All seven agree, nobody objects to the public notice; a large gap stays",
    by="community-yichun",
    leads_to={"dispatch": "in_deliberation", "intake": "being_discussed"},
    shows=("round_closed", "notice_opened", "notice_closed"),
)
async def second_result(case: Case, me: Person) -> None:
    await case.ask(me, "dispatch", "rounds/2/result", consents=_said(*["yes"] * len(HOUSEHOLDS)))


@step(
    "向合伙人发布",
    "The need goes to the partners: the gap, and pipe fitters",
    by="community-yichun",
    leads_to={"dispatch": "called", "partners": "open", "intake": "open_to_partners"},
    shows=("call_published",),
)
async def call(case: Case, me: Person) -> None:
    lines = [
        {"name": "gap", "kind": "funds", "text": "维修费用缺口"},
        {"name": "fitters", "kind": "labour", "amount": 40, "unit": "hours", "text": "管道工"},
    ]
    await case.ask(me, "dispatch", "call", lines=lines, exclusive=True)


@step(
    "合伙人接单",
    "Hongtu Construction takes all of it: the gap is closed",
    by="partner-hongtu",
    leads_to={"partners": "covered", "dispatch": "claimed", "intake": "claimed"},
    shows=("claim_made", "call_covered"),
)
async def claim(case: Case, me: Person) -> None:
    await case.take_all(me)


@step(
    "施工方案",
    "Its builders look on the spot and fix the plan",
    by="partner-hongtu",
    leads_to={"partners": "in_work"},
    shows=("plan_submitted",),
)
async def plan(case: Case, me: Person) -> None:
    await case.work(
        me,
        "plan",
        plan="开挖人行道，更换十二米管道，恢复路面 Open the pavement, replace twelve metres, close it",
        **dates(5),
    )


@step(
    "施工进展",
    "The old pipe is out, the new one is in",
    by="partner-hongtu",
    leads_to={"partners": "in_work", "intake": "in_work"},
    shows=("progress_reported",),
)
async def progress(case: Case, me: Person) -> None:
    await case.work(me, "progress", percent=60, public_note="旧管已拆除，新管已铺设 The new pipe is in")


@step(
    "完工",
    "The pipe works, the pavement is closed again",
    by="partner-hongtu",
    leads_to={"partners": "delivered", "dispatch": "to_check", "intake": "to_be_checked"},
    shows=("work_delivered",),
)
async def deliver(case: Case, me: Person) -> None:
    await case.work(me, "delivery", public_note="通水试验合格，路面已恢复 Water runs, the pavement is closed")


@step(
    "验收",
    "The community checks it: passed",
    by="community-yichun",
    leads_to={"dispatch": "to_evaluate", "evaluation": "open", "intake": "to_be_evaluated"},
    shows=("work_checked", "evaluation_opened"),
)
async def check(case: Case, me: Person) -> None:
    photo = {"name": "road.jpg", "sha256": "0" * 64, "size": 482_113}
    await case.ask(
        me,
        "dispatch",
        "check",
        passed=True,
        public_note="不再外溢 Nothing flows over any more",
        items=[{"code": "flows", "passed": True}, {"code": "surface", "passed": True}],
        before=[photo],
        after=[{**photo, "sha256": "1" * 64}],
    )


@step(
    "居民评单",
    "The resident is satisfied; the order is closed",
    by="resident-harbin-1",
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
        speed=4,
        manner=5,
        words="路面干净了，谢谢！",
    )
    await case.ended()


def _households() -> list[dict[str, str]]:
    return [{"id": flat} for flat in HOUSEHOLDS]


def _said(*consents: str) -> list[dict[str, str]]:
    """What the first so many households said."""
    return [
        {"household": flat, "consent": consent} for flat, consent in zip(HOUSEHOLDS, consents, strict=False)
    ]


SEWAGE_PIPE = Story(
    zh="哈尔滨路：破裂的污水管",
    en="The broken sewage pipe, Harbin Road",
    place="harbin_road",
    resident="resident-harbin-1",
    community="community-yichun",
    steps=(
        order, take, whistle, answer, refer, refuse, deadlock, first_round, first_result, second_round,
        second_result, call, claim, plan, progress, deliver, check, evaluate,
    ),
)  # fmt: skip
