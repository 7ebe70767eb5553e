"""The lines of a resident's timeline in words: Chinese with English beside, and what matters of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

Data = Mapping[str, Any]


class Words(NamedTuple):
    """Chinese and English."""

    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.zh} {self.en}"


ROLES: Mapping[str, Words] = {
    "resident": Words("居民", "resident"),
    "building_leader": Words("楼长", "building leader"),
    "grid_worker": Words("网格员", "grid worker"),
    "community": Words("社区", "community"),
    "street": Words("街道", "street"),
    "district": Words("区", "district"),
    "department": Words("部门", "department"),
    "partner": Words("合伙人", "partner"),
    "operator": Words("运维", "operator"),
    "system": Words("系统", "system"),
}
LEVELS: Mapping[str, str] = {"grid": "网格", "community": "社区", "street": "街道", "district": "区"}
VERDICTS: Mapping[str, Words] = {
    "satisfied": Words("满意", "satisfied"),
    "mostly": Words("基本满意", "mostly satisfied"),
    "unsatisfied": Words("不满意", "unsatisfied"),
}
OUTCOMES: Mapping[str, Words] = {
    "solved": Words("已解决", "solved"),
    "partly": Words("部分解决", "partly solved"),
    "not_solved": Words("未解决", "not solved"),
    "out_of_remit": Words("不属于受理范围", "out of remit"),
    "withdrawn": Words("已撤回", "withdrawn"),
    "duplicate": Words("重复", "duplicate"),
}
TAKEOVERS: Mapping[str, Words] = {
    "agreed": Words("同意", "agreed"),
    "silence": Words("逾期未答复，准予接手", "granted, nobody answered"),
    "refused": Words("不同意", "refused"),
    "withdrawn": Words("已撤回", "withdrawn"),
    "overtaken": Words("原合伙人继续办理", "the holder goes on"),
}

REOPENINGS: Mapping[str, Words] = {
    "not_done": Words("没有做完", "not done"),
    "came_back": Words("问题再次出现", "it came back"),
    "wrongly_closed": Words("误结案", "wrongly closed"),
    "other": Words("其他原因", "another reason"),
}


def yuan(fen: int) -> str:
    """Fen as people read them: 18,600.00."""
    return f"{fen // 100:,}.{fen % 100:02d}"


def role_of(line: Data) -> Words:
    """Who it was. What a list did by itself on hearing something has its service's name."""
    if line["role"] == "system":
        return Words("系统", line["service"])
    return ROLES.get(line["role"], Words("", line["role"]))


def title_of(line: Data) -> Words:
    """What happened."""
    event, data = line["event"], line["data"]
    if event == "referral_answered":
        return Words("部门受理", "accepted") if data["accepted"] else Words("部门退单", "refused")
    if event == "work_checked":
        return Words("验收通过", "check passed") if data["passed"] else Words("验收未通过", "check failed")
    if event == "round_closed":
        return Words("议事通过", "agreed") if data["agreed"] else Words("议事未通过", "not agreed")
    known = _EVENTS.get(event)
    return known[0] if known else Words("", event.replace("_", " "))


def detail_of(line: Data) -> str:
    """What matters of it; empty when the title says all."""
    known = _EVENTS.get(line["event"])
    return known[1](line["data"]) if known else ""


def _text(name: str) -> Callable[[Data], str]:
    return lambda data: str(data[name])


def _partner(data: Data) -> str:
    return " / ".join(data["partner_name"].values())


def _nothing(_: Data) -> str:
    return ""


def _taken(data: Data) -> str:
    parts = [
        f"{yuan(line['amount'])} 元 yuan"
        if line["kind"] == "funds"
        else f"{line['amount']} {line['unit']} ({line['name']})"
        for line in data["lines"]
    ]
    return f"{_partner(data)}: {', '.join(parts)}"


def _so_much(data: Data) -> str:
    fen = data["kind"] == "funds"
    what = f"{yuan(data['amount'])} 元 yuan" if fen else f"{data['amount']} {data['unit']}"
    return f"{_partner(data)}: {what}" + (f", {data['reason']}" if "reason" in data else "")


_EVENTS: Mapping[str, tuple[Words, Callable[[Data], str]]] = {
    "order_placed": (Words("居民点单", "ordered"), _text("title")),
    "order_amended": (Words("更正", "corrected"), lambda d: f"{d['category']}: {d['reason']}"),
    "dispatch_moved": (Words("移交", "handed over"), _text("area")),
    "order_withdrawn": (Words("撤回点单", "withdrawn"), _text("reason")),
    "order_retitled": (Words("更改标题", "title changed"), _text("title")),
    "order_reopened": (Words("重新打开", "opened again"), lambda d: str(REOPENINGS[d["reason"]])),
    "dispatch_reopened": (Words("重新办理", "taken up again"), lambda d: f"至 until {d['close_by'][:16]}"),
    "dispatch_opened": (Words("网格接收", "received"), _text("area")),
    "dispatch_assigned": (Words("签收", "taken in hand"), lambda d: f"{LEVELS[d['level']]} {d['level']}"),
    "work_handed_over": (Words("交接", "handed on"), lambda d: f"{LEVELS[d['level']]} {d['level']}"),
    "whistle_blown": (
        Words("吹哨", "whistle"),
        lambda d: (
            f"{LEVELS[d['from_level']]} → {LEVELS[d['to_level']]} {d['from_level']} → {d['to_level']}"
            + (f": {d['note']}" if d["note"] else "")
        ),
    ),
    "joint_whistle_blown": (
        Words("联合吹哨", "joint whistle"),
        lambda d: ", ".join(unit["unit"] for unit in d["units"]) + (f": {d['note']}" if d["note"] else ""),
    ),
    "refusal_disputed": (Words("退单异议", "refusal disputed"), _text("reason")),
    "dispute_ruled": (Words("异议裁定", "dispute decided"), _text("note")),
    "lead_named": (Words("指定牵头单位", "lead named"), _text("unit")),
    "task_given": (Words("分派任务", "task"), lambda d: f"{d['unit']}: {d['title']}"),
    "task_ended": (Words("任务办结", "task ended"), lambda d: f"{d['unit']}: {d['ended']}"),
    "task_late": (Words("任务逾期", "task late"), _text("unit")),
    "supervision_directed": (Words("督办要求", "supervision"), lambda d: f"{d['unit']}: {d['measures']}"),
    "supervision_overdue": (Words("督办逾期", "supervision overdue"), _text("unit")),
    "supervision_closed": (Words("督办办结", "supervision closed"), _text("result")),
    "whistle_ended": (Words("不再等候", "no longer waiting"), _text("note")),
    "whistle_answered": (Words("报到", "answered"), _text("measures")),
    "referral_made": (Words("转办", "referred"), lambda d: f"→ {d['department']}: {d['note']}"),
    "referral_answered": (
        Words("部门答复", "department answered"),
        lambda d: d["department"] if d["accepted"] else f"{d['department']}, {d['reason']}: {d['rule']}",
    ),
    "referral_recalled": (
        Words("收回转办", "referral taken back"),
        lambda d: f"{d['department']}: {d['reason']}",
    ),
    "whistle_recalled": (Words("收回吹哨", "whistle taken back"), _text("reason")),
    "department_succeeded": (
        Words("部门变更", "department succeeded"),
        lambda d: f"{d['department']} → {d['successor']}",
    ),
    "clocks_recounted": (
        Words("时限重算", "time counted anew"),
        lambda d: f"{d['urgency']}, 至 until {d['close_by'][:16]}",
    ),
    "deadlock_declared": (Words("陷入僵局", "deadlock"), _text("reason")),
    "round_opened": (
        Words("议事开始", "discussion"),
        lambda d: f"第 {d['number']} 轮 round {d['number']}, {yuan(d['cost'])} 元 yuan: {d['proposal']}",
    ),
    "round_closed": (
        Words("议事结果", "result"),
        lambda d: (
            f"{d['consenting']}/{d['households']} 户同意 households agree"
            + (f", 分摊 shares {yuan(d['shares'])}, 缺口 gap {yuan(d['gap'])} 元 yuan" if d["agreed"] else "")
        ),
    ),
    "notice_opened": (Words("公示", "public notice"), lambda d: f"至 until {d['until'][:16]}"),
    "objection_raised": (Words("公示异议", "objection"), _nothing),
    "objection_answered": (
        Words("异议答复", "objection answered"),
        lambda d: f"{'成立 upheld' if d['upheld'] else '不成立 rejected'}: {d['reason']}",
    ),
    "notice_closed": (
        Words("公示结束", "notice over"),
        lambda d: "生效 it stands" if d["stands"] else "作废 it is void",
    ),
    "call_published": (
        Words("向合伙人发布", "open to partners"),
        lambda d: f"定向 {d['offered']} 家 offered to {d['offered']}" if d["offered"] else "面向全体 to all",
    ),
    "call_offered": (
        Words("择优推送", "offered"),
        lambda d: (
            "面向全体 open to all"
            if d["to_all"]
            else f"{d['offered']} 家 partners, 至 until {d['until'][:16]}"
        ),
    ),
    "offer_declined": (Words("合伙人婉拒", "offer declined"), _text("reason")),
    "change_published": (Words("需求变更", "need changed"), lambda d: f"缺口 gap {yuan(d['gap'])} 元 yuan"),
    "call_withdrawn": (Words("撤回需求", "call withdrawn"), _text("reason")),
    "call_expired": (Words("需求到期", "call expired"), _nothing),
    "claim_made": (Words("合伙人接单", "claimed"), _taken),
    "claim_released": (Words("合伙人退单", "claim released"), _text("reason")),
    "claim_reminded": (
        Words("提醒合伙人", "partner reminded"),
        lambda d: f"{_partner(d)}: 至 until {d['ends'][:16]}",
    ),
    "claim_stale": (Words("合伙人逾期无音讯", "no word of the partner"), _partner),
    "takeover_asked": (
        Words("申请接手", "another partner asks for it"),
        lambda d: f"{_partner(d)}: 至 until {d['until'][:16]}",
    ),
    "takeover_ended": (
        Words("接手申请结束", "request ended"),
        lambda d: f"{_partner(d)}: {TAKEOVERS[d['outcome']]}" + (f", {d['reason']}" if d["reason"] else ""),
    ),
    "lead_chosen": (Words("牵头合伙人", "partner that leads"), _partner),
    "work_blocked": (
        Words("工作受阻", "blocked"),
        lambda d: f"{_partner(d)}: {d['reason']}, 至 until {d['until'][:16]}",
    ),
    "work_resumed": (Words("恢复工作", "goes on"), _partner),
    "work_surveyed": (Words("现场勘察", "on the spot"), lambda d: f"{_partner(d)}: {d['note']}"),
    "pledge_received": (Words("认捐到位", "pledge received"), _so_much),
    "pledge_returned": (Words("认捐退还", "pledge returned"), _so_much),
    "call_covered": (Words("认领完毕", "fully taken"), _nothing),
    "plan_submitted": (Words("方案", "plan"), lambda d: f"{d['starts']} – {d['ends']}: {d['plan']}"),
    "progress_reported": (Words("进展", "progress"), lambda d: f"{d['percent']} % {d['note']}"),
    "work_delivered": (Words("完工", "delivered"), _text("note")),
    "work_checked": (Words("验收", "check"), _text("note")),
    "evaluation_opened": (Words("请居民评单", "please evaluate"), _nothing),
    "evaluation_lapsed": (Words("无人评单", "nobody evaluated"), _nothing),
    "work_evaluated": (
        Words("居民评单", "evaluated"),
        lambda d: f"{VERDICTS[d['verdict']]} ({d['result']}, {d['speed']}, {d['manner']})",
    ),
    "rework_requested": (Words("返工", "to be done again"), _text("reason")),
    "supervision_raised": (Words("督办", "supervised"), _text("cause")),
    "more_time_asked": (Words("申请延时", "more time asked for"), _text("reason")),
    "more_time_refused": (Words("不予延时", "no more time"), _text("note")),
    "dispatch_paused": (Words("暂停", "paused"), lambda d: f"{d['reason']}, 至 until {d['until'][:16]}"),
    "dispatch_resumed": (Words("恢复", "goes on"), lambda d: f"期限 ends by {d['close_by'][:16]}"),
    "extension_granted": (Words("准予延期", "extended"), lambda d: f"期限 ends by {d['close_by'][:16]}"),
    "next_level_asked": (
        Words("上一级处理", "the next level is asked"),
        lambda d: f"{d['from_level']} → {d['to_level']}",
    ),
    "end_moved": (Words("期限变更", "another end"), lambda d: f"期限 ends by {d['close_by'][:16]}"),
    "question_asked": (Words("询问居民", "the resident is asked"), _text("question")),
    "question_answered": (Words("居民答复", "the resident answered"), _nothing),
    "handling_reported": (Words("处理情况", "how it stands"), _text("note")),
    "reminder_sent": (Words("催办", "reminder"), lambda d: f"{d['level']}: 至 until {d['ends'][:16]}"),
    "dispatch_merged": (Words("并案", "dealt with together with another order"), _text("note")),
    "dispatch_unmerged": (
        Words("分案续办", "on its own again"),
        lambda d: f"{LEVELS[d['level']]} {d['level']}: 期限 ends by {d['close_by'][:16]}",
    ),
    "dispatch_closed": (Words("办结", "closed"), lambda d: str(OUTCOMES.get(d["outcome"], d["outcome"]))),
}
