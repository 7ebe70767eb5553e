"""A call that is open can become longer or larger; what was taken of it is never wronged."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.states import DispatchState
from services.dispatch.domain.words import KEPT_FROM_RESIDENTS
from services.dispatch.domain.works.call import (
    CallPartners,
    FundsMustMatchGap,
    LatestIsPast,
    LineIn,
    open_call,
)
from services.dispatch.domain.works.changing import ChangeCall, ClaimsWouldBeWronged, TooManyLines, change
from services.dispatch.domain.works.claims import note_change, note_claim
from shared.command import READ_IN_PUBLIC
from shared.contracts.from_dispatch.works import CallChangedV1
from shared.contracts.from_partners.calls import ChangePublishedV1
from shared.entry import Decision
from tests.unit.dispatch.situations import situations
from tests.unit.dispatch.stories import (
    COMMUNITY,
    LIMITS,
    NOW,
    RACK,
    claim_of,
    covered,
    delivered,
    funds,
    heard,
    in_community,
    later,
    only,
)

CALLED = situations()["called"]
GAP = CALLED.money.gap
TODAY = NOW.date()


def changing(dispatch: Dispatch, *lines: LineIn, **more: Any) -> Decision[Dispatch]:
    command = ChangeCall(lines=lines, **more)
    return change(dispatch, command, by=COMMUNITY, at=NOW, limits=LIMITS)


def crew(amount: int, **more: Any) -> LineIn:
    return LineIn(name="crew", kind="labour", amount=amount, **more)


def called_for(fen: int) -> Dispatch:
    """What nobody discussed: the call says what it costs."""
    need = CallPartners(lines=(LineIn(name="gap", kind="funds", amount=fen),))
    return open_call(in_community(), need, by=COMMUNITY, at=NOW, limits=LIMITS).state


def published(change: int = 1, *, round: int = 1, reopened: bool = True) -> Any:
    return heard(ChangePublishedV1(round=round, change=change, gap=0, reopened=reopened))


def test_more_of_a_line_and_a_new_line_are_told_with_the_whole_need() -> None:
    decision = changing(CALLED, crew(3), LineIn(name="hall", kind="venue", amount=1, unit="day"))
    said = only(decision, CallChangedV1)
    assert [(line.name, line.amount) for line in said.lines] == [("gap", GAP), ("crew", 3), ("hall", 1)]
    assert (said.round, said.change, said.until) == (1, 1, CALLED.call.until if CALLED.call else None)
    again = changing(decision.state, crew(4))
    assert only(again, CallChangedV1).change == 2


def test_who_says_why_is_not_told_that_residents_read_it() -> None:
    """Unless they do. Before (698984d): "Residents read this.", and partners alone heard it, who show it nowhere."""
    reason = ChangeCall.model_fields["reason"]
    assert reason.description == (
        READ_IN_PUBLIC if "intake" in CallChangedV1.heard_by else KEPT_FROM_RESIDENTS
    )


def test_a_change_asked_for_twice_is_made_once() -> None:
    after = changing(CALLED, crew(3), until=later(days=20)).state
    assert changing(after, crew(3), until=later(days=20)).state is after


def test_the_end_may_be_later_and_a_line_of_use_for_longer() -> None:
    dated = changing(CALLED, LineIn(name="hall", kind="venue", amount=1, latest=TODAY)).state
    after = changing(
        dated,
        LineIn(name="hall", kind="venue", amount=1, latest=TODAY + timedelta(days=1)),
        until=later(days=20),
    ).state
    assert after.call is not None
    assert after.call.until == later(days=20)
    assert after.call.lines[-1].latest == TODAY + timedelta(days=1)
    assert after.call.awaits == 1, "the second change asks for nothing more"


WRONG: dict[str, tuple[tuple[LineIn, ...], dict[str, Any]]] = {
    "less of a line": ((crew(1),), {}),
    "another kind": ((LineIn(name="crew", kind="goods", amount=2),), {}),
    "another unit": ((crew(2, unit="hours"),), {}),
    "of use for a shorter time": ((crew(2, latest=TODAY),), {}),
    "an earlier end": ((), {"until": later(days=1)}),
}


@pytest.mark.parametrize("why", WRONG)
def test_what_would_wrong_a_claim_is_refused(why: str) -> None:
    lines, more = WRONG[why]
    with pytest.raises(ClaimsWouldBeWronged):
        changing(CALLED, *lines, **more)


def test_one_who_takes_all_of_it_is_not_asked_for_more_afterwards() -> None:
    exclusive = open_call(in_community(), RACK, by=COMMUNITY, at=NOW, limits=LIMITS).state
    with pytest.raises(ClaimsWouldBeWronged):
        changing(exclusive, LineIn(name="rack", kind="goods", amount=2))
    assert changing(exclusive, until=later(days=20)).events


def test_after_a_delivery_nothing_more_is_asked_for() -> None:
    claimed = covered(CALLED).but(partners_did=True)
    with pytest.raises(ClaimsWouldBeWronged):
        changing(claimed, crew(3))


def test_a_new_line_is_still_of_use() -> None:
    with pytest.raises(LatestIsPast):
        changing(CALLED, LineIn(name="hall", kind="venue", amount=1, latest=TODAY - timedelta(days=2)))


def test_a_call_has_so_many_lines_at_most() -> None:
    many = [LineIn(name=f"line-{n}", kind="goods", amount=1) for n in range(60)]
    dispatch = changing(changing(CALLED, *many[:20]).state, *many[20:40]).state
    with pytest.raises(TooManyLines):
        changing(dispatch, *many[40:])


def test_a_cost_that_was_agreed_does_not_grow_and_one_known_only_from_the_call_does() -> None:
    with pytest.raises(FundsMustMatchGap) as refused:
        changing(CALLED, LineIn(name="gap", kind="funds", amount=GAP + 1))
    assert refused.value.now == {"gap": GAP}
    after = changing(
        note_claim(called_for(700), claim_of(funds(500))).state,
        LineIn(name="gap", kind="funds", amount=900),
    )
    assert (after.state.money.cost, after.state.money.pledged, after.state.money.gap) == (900, 500, 400)


def test_money_may_be_asked_for_where_no_cost_was_known() -> None:
    goods = CallPartners(lines=(LineIn(name="rack", kind="goods", amount=1),))
    dispatch = open_call(in_community(), goods, by=COMMUNITY, at=NOW, limits=LIMITS).state
    after = changing(dispatch, LineIn(name="gap", kind="funds", amount=900)).state
    assert (after.money.cost, after.money.from_call) == (900, True)
    with pytest.raises(FundsMustMatchGap):
        changing(dispatch, LineIn(name="gap", kind="funds"))
    with pytest.raises(FundsMustMatchGap):
        changing(after, LineIn(name="gap-2", kind="funds", amount=1))


def test_a_call_that_was_covered_is_open_again_when_partners_show_that_it_grew() -> None:
    grown = changing(covered(CALLED), crew(3)).state
    assert grown.state is DispatchState.CLAIMED
    assert note_change(grown, published()).state.state is DispatchState.CALLED
    for said in (published(round=2), published(0, reopened=False)):
        assert note_change(grown, said).state is grown


def test_what_is_delivered_while_more_is_asked_for_waits_for_the_rest() -> None:
    grown = changing(covered(CALLED), crew(3)).state
    assert delivered(grown) is grown
    shown = note_change(grown, published(reopened=False)).state
    assert delivered(shown).state is DispatchState.TO_CHECK


def test_a_longer_call_does_not_wait_for_partners() -> None:
    longer = changing(covered(CALLED), until=later(days=20)).state
    assert delivered(longer).state is DispatchState.TO_CHECK
