"""Messages of different senders, commands and clocks in any order: nothing breaks, nothing stops adding up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.dispatch.bus import reactions
from services.dispatch.clock import strike
from services.dispatch.domain.clocks.limits import Limit, Limits, Special
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ground.routing import Routing, Rule
from services.dispatch.domain.states import AMONG_US, NEXT, PAUSABLE, Clock, DispatchState, runs_in
from services.dispatch.domain.supervision.record import Cause
from services.dispatch.domain.works.checking import CheckWork, check
from services.dispatch.settings import Settings
from shared.caller import Caller
from shared.contracts.from_evaluation import EvaluationLapsedV1, ReworkRequestedV1, WorkEvaluatedV1
from shared.contracts.from_intake import (
    OrderAmendedV1,
    OrderAmendedV2,
    OrderPlacedV1,
    OrderReopenedV1,
    OrderRetitledV1,
    OrderWithdrawnV1,
    QuestionAnsweredV1,
)
from shared.contracts.from_intake.orders import Place
from shared.contracts.from_partners.calls import CallCoveredV1, CallExpiredV1, ChangePublishedV1
from shared.contracts.from_partners.claims import ClaimMadeV1, ClaimReleasedV1, PledgedLine
from shared.contracts.from_partners.works import WorkDeliveredV1, WorkDeliveredV2
from shared.contracts.message import Message
from shared.contracts.registry import heard_by
from shared.entry import Decision, NotYet
from shared.problems import RuleBroken
from tests.unit.dispatch.situations import commands, situations
from tests.unit.dispatch.stories import (
    CLAIM,
    COMMUNITY,
    DISTRICT,
    GRID_WORKER,
    LIMITS,
    NOW,
    PARTNER,
    SEWAGE,
    STREET,
    heard,
    order,
    somebody_is_waited_for,
)

RULES = [
    {"id": "loud", "name": "loud", "when": {"urgencies": ["emergency"]}, "then": {"department": "sewage"}},
    {
        "id": "noise",
        "name": "noise",
        "when": {"categories": ["noise"]},
        "then": {"department": "urban_management"},
    },
]
GROUND = (
    Settings().first_ground()._replace(routing=Routing(tuple(Rule.model_validate(one) for one in RULES), 1))
)
REACTIONS = reactions(lambda: GROUND, LIMITS)
Step = tuple[str, Callable[[Dispatch, datetime], Decision[Dispatch]]]

LINES = st.lists(
    st.builds(
        PledgedLine,
        name=st.sampled_from(["gap", "crew", "rack"]),
        kind=st.sampled_from(["funds", "labour"]),
        amount=st.integers(1, 10**7),
        unit=st.just("fen"),
    ),
    max_size=3,
).map(tuple)
ROUND = st.integers(1, 3)
IDS = st.sampled_from([CLAIM, PARTNER])
FEN = st.integers(0, 10**7)
AMENDED = OrderAmendedV1(
    category="noise", place=Place(longitude=120.3861, latitude=36.0972), reason="it is over there"
)
MESSAGES: st.SearchStrategy[Message] = st.one_of(
    st.just(order()),
    st.builds(OrderWithdrawnV1),
    st.builds(OrderReopenedV1, number=ROUND, reason=st.just("came_back")),
    st.builds(OrderRetitledV1, title=st.sampled_from(["a pipe", "a lamp"])),
    st.just(AMENDED),
    st.builds(
        OrderAmendedV2,
        category=st.sampled_from(["noise", "sewage_pipe"]),
        place=st.sampled_from([AMENDED.place, order().place]),
        reason=st.just("it is so"),
        urgency=st.sampled_from(["emergency", "urgent", "general"]),
    ),
    st.builds(QuestionAnsweredV1, number=ROUND),
    st.builds(
        ClaimMadeV1,
        round=ROUND,
        claim_id=IDS,
        partner_id=IDS,
        partner_name=st.just("宏图建筑"),
        epoch=ROUND,
        lines=LINES,
        gap=FEN,
    ),
    st.builds(ClaimReleasedV1, round=ROUND, claim_id=IDS, partner_id=IDS, gap=FEN, reopened=st.booleans()),
    st.builds(CallCoveredV1, round=ROUND, partners=st.just((PARTNER,)), pledged=FEN),
    st.builds(CallExpiredV1, round=ROUND, gap=FEN),
    st.builds(WorkDeliveredV1, round=ROUND, partners=st.just((PARTNER,))),
    st.builds(WorkDeliveredV2, round=ROUND, partners=st.just((PARTNER,)), people=st.just(("li",))),
    st.builds(
        WorkEvaluatedV1,
        verdict=st.sampled_from(["satisfied", "mostly", "unsatisfied"]),
        result=ROUND,
        speed=ROUND,
        manner=ROUND,
        round=ROUND,
    ),
    st.builds(ReworkRequestedV1, reason=st.just("bad"), round=ROUND),
    st.builds(EvaluationLapsedV1, round=ROUND),
)


def _hear(message: Message) -> Step:
    react = REACTIONS[type(message)]
    return f"hear {message!r}", lambda dispatch, at: react(dispatch, heard(message, at=at))


def _ask(name: str, by: Caller) -> Step:
    return f"{by.id}: {name}", lambda dispatch, at: commands(by, SEWAGE, at)[name](dispatch)


def _check(passed: bool) -> Step:
    command = CheckWork(passed=passed, public_note="so it is")
    return f"check {passed}", lambda dispatch, at: check(dispatch, command, by=STREET, at=at, limits=LIMITS)


def _strike(clock: Clock) -> Step:
    def struck(dispatch: Dispatch, at: datetime) -> Decision[Dispatch]:
        running = next((name for name in dispatch.due if Clock.of(name) is clock), clock)
        return strike(dispatch, running, at, limits=LIMITS)

    return f"strike {clock}", struck


STEPS: st.SearchStrategy[Step] = st.one_of(
    MESSAGES.map(_hear),
    st.builds(_ask, st.sampled_from(list(commands())), st.sampled_from([GRID_WORKER, COMMUNITY, DISTRICT])),
    st.booleans().map(_check),
    st.sampled_from(Clock).map(_strike),
)


def _recalled(dispatch: Dispatch) -> int:
    """How many of its whistles count for neither side."""
    whistles = (*dispatch.earlier_whistles, *([dispatch.whistle] if dispatch.whistle else ()))
    return sum(one.recalled is not None for one in whistles)


def to_be_heard(dispatch: Dispatch) -> set[str]:
    """The clocks of what has ended: by these others hear it, at once."""
    return {name for name in dispatch.due if Clock.of(name) in AMONG_US}


def _may_change_after_its_end(name: str) -> tuple[set[str], set[str]]:
    """What was paid may go back, a title be corrected; and what intake took before it heard of the end is kept."""
    may, tells = {"payments", "title", "about", "due"}, {"dispatch_retitled"}
    if "OrderAmended" in name:
        may |= {"category", "urgency", "answers", "longitude", "latitude", "address"}
        may |= {"area", "in_no_grid", "territory_version", "level", "assigned_to", "handled_by", "lead"}
        may |= {"whistle", "supervisions"}  # by the names of the units there
        tells |= {"area_succeeded", "call_corrected"}
    if "OrderWithdrawn" in name:
        may |= {"outcome", "closing_note", "money", "spent_rounds", "spent_payments"}
        tells |= {"dispatch_closed"}
    return may, tells


def consistent(dispatch: Dispatch) -> None:
    """What is true of every dispatch at every moment."""
    money = dispatch.money
    assert money.cost == money.shares + money.subsidies + money.pledged + money.gap
    assert money.gap >= 0
    assert all(runs_in(name, dispatch.state) for name in dispatch.due)
    open_ = dispatch.state not in (DispatchState.UNKNOWN, DispatchState.CLOSED)
    ends = Clock.PAUSE if dispatch.paused else Clock.OVERDUE if dispatch.overdue else Clock.CLOSE_BY
    if dispatch.state is DispatchState.TO_EVALUATE:
        ends = Clock.EVALUATION
    if dispatch.state is DispatchState.MERGED:
        assert {Clock.of(name) for name in dispatch.due} <= {Clock.ORIGINAL}
    else:
        assert ends in dispatch.due if open_ else not set(dispatch.due) - to_be_heard(dispatch)
        assert not open_ or somebody_is_waited_for(dispatch)
    assert not dispatch.paused or dispatch.state in PAUSABLE
    assert Dispatch.model_validate(dispatch.model_dump()) == dispatch


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(list(situations())), st.lists(STEPS, min_size=1, max_size=25))
def test_nothing_breaks_whatever_comes_in_whatever_order(start: str, steps: list[Step]) -> None:
    dispatch, at = situations()[start], NOW
    for name, step in steps:
        at += timedelta(hours=5)
        hears = name.startswith(("hear", "strike"))
        try:
            decision = step(dispatch, at)
        except RuleBroken:
            assert not hears, f"{name} was refused, and nobody can be told"
            continue
        except NotYet:
            assert name.startswith("hear")
            continue
        after = decision.state
        assert after.state in NEXT[dispatch.state] | {dispatch.state}, name
        reopened = after.reopenings > dispatch.reopenings
        if dispatch.state is DispatchState.CLOSED and not reopened:
            may, tells = _may_change_after_its_end(name)
            kept = {field: getattr(dispatch, field) for field in may}
            assert after.but(**kept) == dispatch
            assert {event.name for event in decision.events} <= tells
        counts = [
            (one.whistles + _recalled(one), len(one.referrals), one.reworks, len(one.rounds))
            for one in (dispatch, after)
        ]
        assert all(new >= old for old, new in zip(*counts, strict=True))
        assert after.refusals == sum(one.accepted is False and not one.recalled for one in after.referrals)
        assert set(dispatch.supervised) - {Cause.REFUSALS} <= set(after.supervised) or reopened
        for event in decision.events:
            assert type(event).model_validate_json(event.model_dump_json()) == event
        consistent(after)
        dispatch = after


def test_there_is_a_reaction_for_everything_that_is_heard() -> None:
    expected = {message for messages in heard_by("dispatch").values() for message in messages}
    assert set(REACTIONS) == expected


@pytest.mark.parametrize("message", [type for type in REACTIONS if not issubclass(type, OrderPlacedV1)])
def test_whatever_is_heard_before_the_order_waits_for_it(message: type[Message]) -> None:
    body = {
        "OrderWithdrawnV1": OrderWithdrawnV1(),
        "OrderAmendedV1": AMENDED,
        "OrderAmendedV2": OrderAmendedV2(**AMENDED.model_dump(), urgency="urgent"),
        "OrderReopenedV1": OrderReopenedV1(number=1, reason="came_back"),
        "OrderRetitledV1": OrderRetitledV1(title="a lamp"),
        "QuestionAnsweredV1": QuestionAnsweredV1(number=1),
        "ClaimMadeV1": ClaimMadeV1(
            round=1, claim_id=CLAIM, partner_id=PARTNER, partner_name="x", epoch=1, lines=(), gap=0
        ),
        "ClaimReleasedV1": ClaimReleasedV1(
            round=1, claim_id=CLAIM, partner_id=PARTNER, gap=0, reopened=False
        ),
        "CallCoveredV1": CallCoveredV1(round=1, partners=(), pledged=0),
        "CallExpiredV1": CallExpiredV1(round=1, gap=0),
        "ChangePublishedV1": ChangePublishedV1(round=1, change=1, gap=0, reopened=False),
        "WorkDeliveredV1": WorkDeliveredV1(round=1, partners=()),
        "WorkDeliveredV2": WorkDeliveredV2(round=1, partners=(), people=()),
        "WorkEvaluatedV1": WorkEvaluatedV1(verdict="satisfied", result=1, speed=1, manner=1, round=1),
        "ReworkRequestedV1": ReworkRequestedV1(reason="bad", round=1),
        "EvaluationLapsedV1": EvaluationLapsedV1(round=1),
    }[message.__name__]
    with pytest.raises(NotYet):
        REACTIONS[message](Dispatch(), heard(body))


def test_partners_who_deliver_again_before_we_hear_of_the_rework_wait_for_it() -> None:
    waiting = situations()["to_evaluate"]
    delivery = heard(WorkDeliveredV1(round=1, partners=(PARTNER,)))
    with pytest.raises(NotYet):
        REACTIONS[WorkDeliveredV1](waiting, delivery)
    again = REACTIONS[ReworkRequestedV1](waiting, heard(ReworkRequestedV1(reason="bad", round=1))).state
    assert REACTIONS[WorkDeliveredV1](again, delivery).state.state is DispatchState.TO_CHECK


def test_a_late_word_of_an_earlier_call_waits_for_nothing() -> None:
    waiting = situations()["to_evaluate"]
    decision = REACTIONS[CallExpiredV1](waiting, heard(CallExpiredV1(round=7, gap=0)))
    assert decision.state is waiting


def test_a_claim_heard_after_the_order_was_withdrawn_changes_nothing() -> None:
    closed = REACTIONS[OrderWithdrawnV1](situations()["called"], heard(OrderWithdrawnV1())).state
    claim = ClaimMadeV1(
        round=1,
        claim_id=UUID(int=5),
        partner_id=PARTNER,
        partner_name="x",
        epoch=1,
        lines=(PledgedLine(name="gap", kind="funds", amount=5, unit="fen"),),
        gap=5,
    )
    assert REACTIONS[ClaimMadeV1](closed, heard(claim)).state is closed


def test_limits_are_never_literals_in_a_rule() -> None:
    quick = Limits(
        special=(
            Special(limit=Limit.TAKE, within=timedelta(seconds=2)),
            Special(limit=Limit.CLOSE, within=timedelta(seconds=9)),
        )
    )
    found = reactions(lambda: GROUND, quick)[OrderPlacedV1](Dispatch(), heard(order())).state
    assert (found.due["dispatch"], found.due["close_by"]) == (
        NOW + timedelta(seconds=2),
        NOW + timedelta(seconds=9),
    )
