"""The resident's timeline: the same whatever order the other lists are heard in."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake.bus import REACTIONS
from services.intake.clock import strike
from services.intake.domain.order import Order, WithdrawOrder, withdraw
from services.intake.domain.timeline import Line, Progress
from services.intake.queries import OrderOut, live_lines
from shared.contracts import from_dispatch as dispatch
from shared.contracts import from_partners as partners
from shared.contracts.from_dispatch.ladder import CalledUnit
from shared.contracts.from_evaluation import EvaluationLapsedV1, EvaluationOpenedV1
from shared.contracts.message import Heard, Message
from shared.contracts.registry import heard_by
from shared.entry import Entry
from tests.unit.intake.given import (
    AREA,
    DISTRICT,
    FIRST,
    NOON,
    ORDER,
    RESIDENT,
    evaluated,
    golden_a,
    hear,
    heard,
    placed,
    told,
)

GOLDEN = told(*golden_a())


@st.composite
def interleavings(draw: st.DrawFn, sequences: dict[str, list[Heard[Any]]]) -> list[Heard[Any]]:
    """Each sender's messages in order, mixed in any way."""
    rest = {sender: list(messages) for sender, messages in sequences.items()}
    mixed = []
    while rest:
        sender = draw(st.sampled_from(sorted(rest)))
        mixed.append(rest[sender].pop(0))
        if not rest[sender]:
            del rest[sender]
    return mixed


def by_time(order: Order) -> list[Line]:
    """The lines as things happened; what happened at once in the order of a life."""
    lists = ("intake", "dispatch", "partners", "evaluation")
    return sorted(order.timeline, key=lambda line: (line.at, lists.index(line.service), line.n))


def without_arrival(order: Order) -> dict[str, Any]:
    """The order as it reads: lines as things happened, without the numbers of their arrival."""
    read = order.but(timeline=tuple(by_time(order))).model_dump()
    for line in read["timeline"]:
        del line["number"]
    return read


AS_IT_HAPPENED = hear(
    placed(),
    *sorted((one for messages in GOLDEN.values() for one in messages), key=lambda one: (one.at, one.n)),
)


def test_everything_that_intake_hears_has_a_reaction() -> None:
    expected = {message for messages in heard_by("intake").values() for message in messages}
    assert set(REACTIONS) == expected


def test_the_golden_case_leads_to_the_end_step_by_step() -> None:
    order, seen = placed(), [Progress.PLACED]
    for line in by_time(AS_IT_HAPPENED)[1:]:
        order = order.with_line(line)
        if order.progress is not seen[-1]:
            seen.append(order.progress)
    assert [str(progress) for progress in seen] == [
        "placed", "accepted", "dispatched", "whistled", "dispatched", "being_discussed", "open_to_partners", "claimed",
        "in_work", "to_be_checked", "to_be_evaluated", "rework", "to_be_checked", "to_be_evaluated", "closed",
    ]  # fmt: skip
    assert order.progress is AS_IT_HAPPENED.progress is Progress.CLOSED
    assert AS_IT_HAPPENED.outcome == "solved"


@settings(max_examples=300, deadline=None)
@given(interleavings(GOLDEN))
def test_the_golden_case_ends_the_same_however_the_lists_are_heard(mixed: list[Heard[Any]]) -> None:
    order = hear(placed(), *mixed)
    assert without_arrival(order) == without_arrival(AS_IT_HAPPENED)
    assert [line.number for line in order.timeline] == list(range(1, len(mixed) + 2))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_progress_is_the_same_at_every_moment_that_knows_the_same(data: st.DataObject) -> None:
    """Also with a withdrawal somewhere, and with only a part of what was said."""
    known = {
        sender: messages[: data.draw(st.integers(0, len(messages)))] for sender, messages in GOLDEN.items()
    }
    known = {sender: messages for sender, messages in known.items() if messages}
    withdrawn = data.draw(st.booleans())
    start = placed()
    if withdrawn:
        start = withdraw(start, WithdrawOrder(), by=RESIDENT, at=NOON).state
    one = hear(start, *data.draw(interleavings(known)))
    other = hear(start, *data.draw(interleavings(known)))
    assert without_arrival(one) == without_arrival(other)


def test_a_late_message_of_another_list_does_not_set_the_order_back() -> None:
    said = told(
        (1, partners.ProgressReportedV1(claim_id=FIRST, partner_name="海岸建设", note="…", percent=10)),
        (2, EvaluationOpenedV1(until=NOON, round=1)),
    )
    order = hear(placed(), *said["evaluation"], *said["partners"])
    assert order.progress is Progress.TO_BE_EVALUATED
    assert [line.event for line in by_time(order)][-1] == "evaluation_opened"


def test_a_list_whose_clock_is_slow_still_moves_the_order() -> None:
    slow = told(*((minute - 60, message) for minute, message in golden_a()[:3]))["dispatch"]
    assert [hear(placed(), *slow[:n]).progress for n in (1, 2, 3)] == ["accepted", "dispatched", "whistled"]


def test_after_the_end_everything_is_only_noted() -> None:
    said = told(
        (1, dispatch.DispatchClosedV1(outcome="not_solved", in_time=False)),
        (2, EvaluationOpenedV1(until=NOON, round=1)),
    )
    order = hear(placed(), *said["dispatch"], *said["evaluation"])
    assert order.progress is Progress.CLOSED
    assert len(order.timeline) == 3


def test_the_timeline_names_nobody() -> None:
    text = json.dumps([line.model_dump(mode="json") for line in AS_IT_HAPPENED.timeline], ensure_ascii=False)
    for person in ("r-li", "s-1", "g-06"):
        assert person not in text
    assert "海岸建设" in text  # partners want to be seen
    assert "sewage_office" in text


PLEDGED: dict[str, Any] = {
    "claim_id": FIRST,
    "partner_id": FIRST,
    "partner_name": "海岸建设",
    "kind": "funds",
    "amount": 1,
    "unit": "fen",
}


def reopened(*, taken: bool, calls: int = 0) -> dispatch.DispatchReopenedV1:
    return dispatch.DispatchReopenedV1(
        number=1, level="grid", taken=taken, close_by=NOON, calls=calls, cost=0, shares=0, subsidies=0
    )


DETOURS: list[tuple[Message, str | None]] = [
    (dispatch.DispatchMergedV1(original=ORDER, note="the same"), "merged"),
    (
        dispatch.DispatchUnmergedV1(cause="original_ended", level="grid", answer_by=NOON, close_by=NOON),
        "dispatched",
    ),
    (dispatch.SupervisionRaisedV1(cause="silence"), None),
    (reopened(taken=True), "dispatched"),
    (reopened(taken=False), None),
    (dispatch.DispatchOverdueV1(close_by=NOON), None),
    (
        dispatch.DispatchMovedV1(area=AREA, from_area=AREA, level="grid", in_no_grid=False, cause="transfer"),
        None,
    ),
    (
        dispatch.JointWhistleBlownV1(from_level="community", units=(CalledUnit(unit="a", answer_by=NOON),)),
        "whistled",
    ),
    (dispatch.WhistleAnsweredV2(unit="sewage", level=None, waiting=1), None),
    (dispatch.WhistleAnsweredV2(unit="370203", level="district"), "dispatched"),
    (dispatch.RefusalDisputedV1(department="sewage", to_level="street", answer_by=NOON), "dispatched"),
    (dispatch.DisputeRuledV1(department="sewage", upheld=False), "dispatched"),
    (dispatch.LeadNamedV1(unit="sewage"), None),
    (dispatch.TaskGivenV1(number=1, title="a fence", unit="sewage", deadline=NOON), None),
    (dispatch.TaskEndedV1(number=1, unit="sewage", ended="done", late=False), None),
    (dispatch.TaskLateV1(number=1, unit="sewage", deadline=NOON), None),
    (partners.ClaimRemindedV1(claim_id=FIRST, partner_name="a", waits_for="plan", ends=NOON), None),
    (partners.ClaimStaleV1(claim_id=FIRST, partner_name="a", waits_for="plan", taken_back_at=NOON), None),
    (partners.TakeoverAskedV1(claim_id=FIRST, partner_id=FIRST, partner_name="b", until=NOON), None),
    (partners.TakeoverEndedV1(claim_id=FIRST, partner_id=FIRST, partner_name="b", outcome="refused"), None),
    (partners.WorkBlockedV1(claim_id=FIRST, partner_name="a", reason="rain", until=NOON), None),
    (partners.WorkResumedV1(claim_id=FIRST, partner_name="a"), None),
    (partners.WorkSurveyedV1(claim_id=FIRST, partner_name="a", note="rust", photos=1), None),
    (partners.LeadChosenV1(round=1, partner_id=FIRST, partner_name="b"), None),
    (dispatch.SupervisionDirectedV1(unit="sewage", measures="a new pipe", due=NOON), None),
    (dispatch.SupervisionOverdueV1(unit="sewage", due=NOON), None),
    (dispatch.SupervisionClosedV1(result="done"), None),
    (dispatch.WhistleEndedV1(level="community", absent=("sewage",)), "dispatched"),
    (dispatch.WhistleRecalledV1(level="grid", units=("370203",), reason="not needed"), "dispatched"),
    (dispatch.WhistleRecalledV1(level="grid", units=("a",), reason="the wrong one", waiting=1), None),
    (dispatch.ReferralRecalledV1(department="sewage", reason="the wrong one"), None),
    (dispatch.DepartmentSucceededV1(department="sewage", successor="water"), None),
    (dispatch.ClocksRecountedV1(urgency="urgent", answer_by=None, close_by=NOON), None),
    (dispatch.WorkReportedV1(note="cleaned"), "to_be_checked"),
    (dispatch.CallWithdrawnV1(round=1), "dispatched"),
    (partners.CallExpiredV1(round=1, gap=0), "dispatched"),
    (EvaluationLapsedV1(round=1), None),
    (partners.ChangePublishedV1(round=1, change=1, gap=2, reopened=False), None),
    (partners.ChangePublishedV1(round=1, change=1, gap=2, reopened=True), "open_to_partners"),
    (partners.PledgeReceivedV1(**PLEDGED), None),
    (partners.CallOfferedV1(round=1, step=1, offered=3, to_all=False, until=NOON), None),
    (partners.OfferDeclinedV1(round=1, partner_id=FIRST, reason="no builders"), None),
    (partners.PledgeReturnedV1(**PLEDGED, reason="it gave up"), None),
    (dispatch.ReferralAnsweredV1(department="sewage_office", accepted=True), "in_work"),
    (dispatch.WorkCheckedV1(passed=False, reworks=1, done_by=("g-06",)), "rework"),
    (
        partners.ClaimReleasedV1(round=1, claim_id=FIRST, partner_id=FIRST, gap=1, reopened=True),
        "open_to_partners",
    ),
    (
        dispatch.RoundClosedV2(
            number=1,
            agreed=True,
            binds=False,
            cost=9,
            shares=4,
            subsidies=0,
            gap=5,
            consenting=2,
            households=2,
        ),
        "being_discussed",
    ),
    (dispatch.NoticeOpenedV1(number=1, until=NOON, shares=4, subsidies=0, gap=5), "being_discussed"),
    (dispatch.ObjectionRaisedV1(number=1, objections=1), "being_discussed"),
    (dispatch.ObjectionAnsweredV1(number=1, upheld=False, reason="as was agreed"), "being_discussed"),
    (
        dispatch.NoticeClosedV1(number=1, stands=True, objections=1, cost=9, shares=4, subsidies=0, gap=5),
        "being_discussed",
    ),
    (
        dispatch.DispatchMovedV1(
            area=AREA, from_area="370203", level="grid", in_no_grid=False, cause="transfer"
        ),
        None,
    ),
    (dispatch.MoreTimeAskedV1(kind="pause", reason="frost", until=NOON, decided_by="street"), None),
    (dispatch.MoreTimeRefusedV1(kind="pause", note="it thaws"), None),
    (
        dispatch.NextLevelAskedV1(clock="check", from_level="community", to_level="street", answer_by=NOON),
        None,
    ),
    (dispatch.EndMovedV1(close_by=NOON, cause="rework"), None),
    (dispatch.DispatchPausedV1(kind="pause", reason="frost", until=NOON), None),
    (dispatch.DispatchResumedV1(kind="pause", how="time", close_by=NOON), None),
    (dispatch.ExtensionGrantedV1(reason="the part is ordered", close_by=NOON), None),
    (dispatch.QuestionAskedV1(number=1, question="since when?", until=NOON), None),
    (dispatch.WorkHandedOverV1(to="g-07", level="grid"), None),
    (dispatch.HandlingReportedV1(note="they dig"), None),
    (dispatch.ReminderSentV1(clock="whistle", level="street", ends=NOON), None),
]


def test_everything_that_is_heard_can_be_noted_and_stored() -> None:
    messages = [message for _, message in golden_a()] + [message for message, _ in DETOURS]
    unseen = dispatch.AreaSucceededV1(area="370203/1/2/4", from_area=AREA)
    assert {type(message) for message in (*messages, unseen)} == set(REACTIONS)
    after = hear(placed(), heard(unseen, n=1, at=NOON))
    assert (after.area, after.timeline) == (unseen.area, placed().timeline)
    for message in messages:
        order = hear(placed(), heard(message, n=1, at=NOON))
        assert order.timeline[-1].event == message.name
        assert order.timeline[-1].data
        assert Order.model_validate(order.model_dump()) == order


@pytest.mark.parametrize(("message", "progress"), DETOURS)
def test_detours_lead_where_they_should(message: Message, progress: str | None) -> None:
    assert hear(placed(), heard(message, n=1, at=NOON)).timeline[-1].progress == progress


def test_an_order_that_only_others_know_of_is_still_a_valid_entry() -> None:
    """After a restore intake may hear of an order before it knows it again."""
    order = hear(Order(), *GOLDEN["dispatch"])
    assert (order.progress, order.area, order.placed_by) == (Progress.CLOSED, AREA, None)
    assert OrderOut.of(Entry(ORDER, order), DISTRICT).place is None


def test_no_clock_runs_in_intake() -> None:
    assert strike(placed().with_clock("old", NOON), "old", NOON).state.due == {}


# ── the live stream


def live(order: Order) -> list[Any]:
    return live_lines(Entry(UUID(int=0), order, version=1))


@settings(max_examples=100, deadline=None)
@given(interleavings(GOLDEN), st.integers(0, 30))
def test_whoever_comes_back_gets_the_same_events_as_whoever_stayed(mixed: list[Heard[Any]], cut: int) -> None:
    """What was sent before a break and what is sent after it make the whole, whenever the break was."""
    early = live(hear(placed(), *mixed[:cut]))
    late = live(hear(placed(), *mixed))
    assert [(one.id, one.event, one.data) for one in early] == [
        (one.id, one.event, one.data) for one in late[: len(early)]
    ]
    assert [one.id for one in late] == list(range(1, len(late) + 1))


def test_the_stream_of_a_closed_order_ends_after_its_newest_line() -> None:
    events = live(AS_IT_HAPPENED)
    assert [one.last for one in events] == [False] * (len(events) - 1) + [True]
    assert not any(one.last for one in live(placed()))


def test_the_stream_shows_the_gap_closing() -> None:
    gaps = [one.data["funding"]["gap"] for one in live(AS_IT_HAPPENED)]
    assert [gap for gap, before in zip(gaps[1:], gaps, strict=False) if gap != before] == [
        3_500_000, 3_000_000, 3_500_000, 0,
    ]  # fmt: skip
    assert live(AS_IT_HAPPENED)[-1].data["progress"] == "closed"
    assert str(ORDER) not in json.dumps(live(AS_IT_HAPPENED)[-1].data)


def test_of_an_order_that_is_repeated_only_what_is_done_is_shown_and_without_an_id() -> None:
    theirs = hear(
        placed(),
        heard(dispatch.DispatchAssignedV1(to="g-06", level="grid"), n=1, at=NOON),
        heard(dispatch.QuestionAskedV1(number=1, question="who has the key?", until=NOON), n=2, at=NOON),
        heard(
            dispatch.DispatchPausedV1(kind="question", reason="who has the key?", until=NOON), n=3, at=NOON
        ),
        heard(evaluated("unsatisfied", 1), n=1, at=NOON),
        heard(dispatch.HandlingReportedV1(note="the pump is there"), n=4, at=NOON),
    )
    mine = placed()
    events = live_lines(Entry(ORDER, mine, version=1), Entry(FIRST, theirs, version=1))
    shown = [event for event in events if event.id is None]
    assert [event.event for event in shown] == ["dispatch_assigned", "handling_reported"]
    assert {event.data["line"]["number"] for event in shown} == {0}
    assert len({event.key for event in shown}) == 2
    assert [event.id for event in events if event.id is not None] == [1]
    gone = theirs.but(progress=Progress.WITHDRAWN)
    assert not [one for one in live_lines(Entry(ORDER, mine), Entry(FIRST, gone)) if one.id is None]


@pytest.mark.parametrize(
    ("outcome", "follows"), [("duplicate", True), ("withdrawn", False), ("partly", False)]
)
def test_what_ended_with_another_order_still_shows_it(outcome: str, follows: bool) -> None:
    merged = heard(dispatch.DispatchMergedV1(original=FIRST), n=1, at=NOON)
    closed = heard(dispatch.DispatchClosedV1(outcome=outcome, in_time=True), n=2, at=NOON)
    assert (hear(placed(), merged, closed).original == FIRST) is follows
