"""What becomes of a pledge is written down, once, within bounds, and never changed; the figures follow from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.partners.domain.call import Call, Deed
from services.partners.domain.claims.refusals import DisplacedHolder
from services.partners.domain.money.pledges import ConfirmPledge, Figures, confirm, net
from services.partners.domain.money.refusals import (
    DayIsAhead,
    DayIsBefore,
    NotPledged,
    OwnPledge,
    PledgeIsOver,
    ReceiptPassesPledge,
    RecordIsFull,
    ReferenceIsKnown,
    ReturnPassesReceipt,
)
from services.partners.domain.states import CallState
from services.partners.domain.terms import Terms
from services.partners.queries.calls import ClaimOut
from services.partners.queries.money import FundingPage
from shared.caller import Caller, Role
from shared.contracts.from_partners import PledgeReceivedV1, PledgeReturnedV1
from shared.entry import Entry
from shared.problems import NotFound, RuleBroken
from tests.unit.partners.given import (
    COMMUNITY,
    FIRST,
    LATER,
    NOW,
    ORDER,
    SECOND,
    TERMS,
    call_in,
    called,
    claiming,
    close,
    confirming,
    delivering,
    held_by,
    member,
    open_call,
    open_to_partners,
    receiving,
    releasing,
    returning,
    withdraw,
)


def test_nobody_writes_down_what_became_of_a_pledge_they_acted_for() -> None:
    call = receiving(half(), FIRST).state
    confirmed = Caller("li", Role.PARTNER, partner=str(FIRST.id))
    held = held_by(call, FIRST)
    said = confirm(
        call, held.claim_id, ConfirmPledge(epoch=held.epoch), partner_id=FIRST.id, at=LATER, by=confirmed
    )
    for person in (member(FIRST).id, "li"):
        officer = replace(COMMUNITY, id=person)
        with pytest.raises(OwnPledge):
            receiving(said.state, FIRST, reference="R-2", by=officer)
        with pytest.raises(OwnPledge):
            returning(said.state, FIRST, by=officer)


def half() -> Call:
    """The first partner pledged 3,000 of 6,000 yuan, and 5 m of pipe."""
    return claiming(open_to_partners(), FIRST, money=300_000, pipe=5).state


def figures(call: Call) -> Figures:
    return Figures.of(call, held_by(call, FIRST))


def page(call: Call) -> FundingPage:
    return FundingPage.of_call(Entry(ORDER, call))


def test_a_pledge_is_promised_confirmed_paid_and_returned() -> None:
    call = half()
    assert figures(call) == Figures(promised=300_000)
    call = confirming(call, FIRST).state
    assert figures(call) == Figures(promised=300_000, confirmed=300_000)
    paid = receiving(call, FIRST, 200_000)
    held = held_by(call, FIRST)
    assert paid.events == (
        PledgeReceivedV1(
            claim_id=held.claim_id, partner_id=FIRST.id, partner_name=held.partner_name,
            kind="funds", amount=200_000, unit="fen",
        ),
    )  # fmt: skip
    call = returning(paid.state, FIRST, 50_000).state
    assert figures(call) == Figures(300_000, 300_000, 200_000, 50_000)


def test_goods_and_hours_are_received_too_and_are_no_money() -> None:
    call = receiving(half(), FIRST, 5, name="pipe").state
    assert net(call, held_by(call, FIRST).claim_id, "pipe") == 5
    assert figures(call) == Figures(promised=300_000)


@pytest.mark.parametrize("act", [confirming, receiving, returning])
def test_what_is_written_twice_is_written_once(act: Callable[..., Any]) -> None:
    call = act(receiving(half(), FIRST, reference="R-0").state, FIRST).state
    assert act(call, FIRST).state is call


REFUSED: dict[str, tuple[Callable[[Call], Any], type[RuleBroken]]] = {
    "more than was pledged": (lambda call: receiving(call, FIRST, 300_001), ReceiptPassesPledge),
    "more pipe than was pledged": (lambda call: receiving(call, FIRST, 6, name="pipe"), ReceiptPassesPledge),
    "a line it did not pledge": (lambda call: receiving(call, FIRST, name="labour"), NotPledged),
    "more back than came in": (lambda call: returning(call, FIRST, 1), ReturnPassesReceipt),
    "a day to come": (
        lambda call: receiving(call, FIRST, day=NOW.date() + timedelta(days=2)),
        DayIsAhead,
    ),
    "a day before the pledge": (
        lambda call: receiving(call, FIRST, day=LATER.date() - timedelta(days=2)),
        DayIsBefore,
    ),
    "another town's staff": (
        lambda call: receiving(call, FIRST, by=Caller("c", Role.COMMUNITY, area="370202")),
        NotFound,
    ),
    "a full record": (lambda call: receiving(call, FIRST, terms=Terms(record_most=0)), RecordIsFull),
    "an old epoch": (lambda call: confirming(call, FIRST, epoch=99), DisplacedHolder),
    "no claim of that id": (lambda call: receiving(call, FIRST, claim_id=ORDER), NotFound),
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_cannot_be_so_is_not_written(why: str) -> None:
    act, refusal = REFUSED[why]
    with pytest.raises(refusal) as refused:
        act(half())
    assert type(refused.value) is refusal


def test_a_full_record_takes_back_all_of_what_came_in_and_nothing_else() -> None:
    call, full = receiving(half(), FIRST, 300).state, Terms(record_most=1)
    with pytest.raises(RecordIsFull):
        returning(call, FIRST, 299, terms=full)
    settled = returning(call, FIRST, 300, terms=full).state
    assert net(settled, held_by(settled, FIRST).claim_id, "money") == 0


def test_only_money_is_confirmed() -> None:
    call = claiming(open_to_partners(), FIRST, pipe=5).state
    with pytest.raises(NotPledged):
        confirming(call, FIRST)


def test_a_reference_stands_for_one_thing() -> None:
    call = receiving(half(), FIRST, 1000, reference="R-1").state
    for act in (receiving, returning):
        with pytest.raises(ReferenceIsKnown):
            act(call, FIRST, 999, reference="R-1")


def test_a_mistake_is_written_against_and_then_the_right_sum_fits() -> None:
    call = receiving(half(), FIRST, 300_000, reference="R-1").state
    with pytest.raises(ReceiptPassesPledge):
        receiving(call, FIRST, 1, reference="R-2")
    call = returning(call, FIRST, 300_000, reason="a slip, 13800000000").state
    assert call.record[-1].reason == "a slip, ***"
    call = receiving(call, FIRST, 200_000, reference="R-3").state
    assert [one.deed for one in call.record] == [Deed.RECEIVED, Deed.RETURNED, Deed.RECEIVED]
    assert figures(call).paid - figures(call).returned == 200_000


def test_what_was_paid_is_owed_back_after_a_release_until_it_is_returned() -> None:
    call = releasing(receiving(half(), FIRST, 200_000).state, FIRST).state
    assert figures(call) == Figures(paid=200_000, owed=200_000)
    assert call.gap == 600_000
    with pytest.raises(PledgeIsOver):
        receiving(call, FIRST, 1, reference="R-2")
    call = returning(call, FIRST, 200_000).state
    assert figures(call) == Figures(paid=200_000, returned=200_000)


def test_whoever_takes_its_part_anew_pledges_anew() -> None:
    call = releasing(receiving(half(), FIRST, 200_000).state, FIRST).state
    call = claiming(call, FIRST, money=100_000).state
    shown = page(call)
    assert [(one.state.value, one.promised, one.owed) for one in shown.pledged_by] == [
        ("released", 0, 200_000),
        ("active", 100_000, 0),
    ]
    assert (shown.pledges, shown.paid, shown.owed) == (100_000, 200_000, 200_000)


def test_what_was_paid_stays_on_the_record_through_every_end_and_every_call() -> None:
    call = receiving(half(), FIRST, 200_000).state
    record = call.record
    call = withdraw(call, round=1, at=LATER).state
    assert (call.record, page(call).owed) == (record, 200_000)
    for round in range(2, 140):
        call = open_call(call, called(round=round), at=LATER, terms=TERMS).state
        call = claiming(call, SECOND, pipe=12, money=600_000).state
    assert call.record == record
    assert figures(call) == Figures(paid=200_000, owed=200_000)
    assert len(call.claims) < 110


def test_some_pay_when_the_work_is_accepted_and_owe_nothing() -> None:
    call = close(delivering(call_in(CallState.COVERED), FIRST).state, outcome="solved", at=LATER).state
    call = receiving(call, FIRST, 600_000).state
    assert figures(call) == Figures(promised=600_000, paid=600_000)


def test_the_page_is_public_and_papers_are_not() -> None:
    call = receiving(half(), FIRST, 1000).state
    assert "R-1" not in page(call).model_dump_json()
    seen = [
        len(ClaimOut.of(call, held_by(call, FIRST), who, follows=False).record)
        for who in (member(FIRST), COMMUNITY, member(SECOND))
    ]
    assert seen == [1, 1, 0]


def test_the_staff_are_told_of_a_return_with_its_reason() -> None:
    call = receiving(half(), FIRST, 1000).state
    (told,) = returning(call, FIRST, 400).events
    assert isinstance(told, PledgeReturnedV1)
    assert (told.amount, told.reason) == (400, "it gave up")
