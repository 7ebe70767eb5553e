"""Promised and collected are two things: what households have paid, and what they get back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.clocks.record import Delay, Pause
from services.dispatch.domain.deliberation.consent import CloseRound, UnknownHousehold, settle
from services.dispatch.domain.deliberation.payment import (
    PaymentPassesShare,
    ReceiptIsKnown,
    RecordPayment,
    ReturnPassesPayment,
    TooManyPayments,
    pay,
    pay_back,
)
from services.dispatch.domain.deliberation.rounds import SharesArePaid, propose
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import NotYourLevel
from services.dispatch.domain.states import Level
from services.dispatch.domain.worklist import found_by
from services.dispatch.domain.works.closing import CloseDispatch, close
from services.dispatch.queries.views import DispatchOut
from shared.entry import Entry
from shared.problems import RuleBroken, WrongState
from tests.unit.dispatch.deliberation.test_rounds import votes
from tests.unit.dispatch.situations import situations
from tests.unit.dispatch.stories import (
    COMMUNITY,
    DISTRICT,
    GRID_WORKER,
    LIMITS,
    NO_NOTICE,
    NOW,
    ORDER,
    PROPOSAL,
    SEWAGE,
    STREET,
    later,
)

SHARE = 30_001  # of 1-101


def agreed() -> Dispatch:
    return situations()["in_deliberation, agreed"]


def paid(dispatch: Dispatch, fen: int, receipt: str = "A-1", flat: str = "1-101") -> Dispatch:
    command = RecordPayment(household=flat, fen=fen, receipt=receipt)
    return pay(dispatch, command, by=COMMUNITY, at=NOW, limits=LIMITS).state


def returned(dispatch: Dispatch, fen: int, receipt: str = "R-1", flat: str = "1-101") -> Dispatch:
    command = RecordPayment(household=flat, fen=fen, receipt=receipt)
    return pay_back(dispatch, command, by=COMMUNITY, at=later(days=1), limits=LIMITS).state


def test_a_household_pays_its_share_in_parts_and_never_more() -> None:
    dispatch = paid(paid(agreed(), 20_000), 10_001, "A-2")
    assert (dispatch.paid("1-101"), dispatch.paid()) == (SHARE, SHARE)
    with pytest.raises(PaymentPassesShare) as refused:
        paid(dispatch, 1, "A-3")
    assert refused.value.now == {"share": SHARE, "paid": SHARE}


def test_what_is_paid_changes_nothing_of_what_was_promised() -> None:
    assert paid(agreed(), SHARE).money == agreed().money


def test_the_same_receipt_twice_is_one_payment_and_stands_for_nothing_else() -> None:
    once = paid(agreed(), 100)
    assert paid(once, 100) is once
    for fen, flat in ((101, "1-101"), (100, "1-102")):
        with pytest.raises(ReceiptIsKnown):
            paid(once, fen, flat=flat)
    with pytest.raises(ReceiptIsKnown):
        returned(once, 100, "A-1")


def test_what_was_paid_can_be_returned_but_not_more_and_nothing_written_is_changed() -> None:
    dispatch = returned(paid(agreed(), 100), 60)
    assert dispatch.paid("1-101") == 40
    with pytest.raises(ReturnPassesPayment):
        returned(dispatch, 41, "R-2")
    with pytest.raises(ReturnPassesPayment):
        returned(dispatch, 1, "R-2", "1-102")
    assert [(one.fen, one.returned, one.receipt, one.recorded_by) for one in dispatch.payments] == [
        (100, False, "A-1", "community-yichun"),
        (60, True, "R-1", "community-yichun"),
    ]


def test_who_did_not_consent_owes_nothing() -> None:
    talking = situations()["in_deliberation, discussing"]
    said = CloseRound(consents=votes(f101="yes", f102="yes", f201="no"))
    some = settle(talking, 1, said, by=COMMUNITY, at=NOW, limits=NO_NOTICE).state
    assert paid(some, 30_000, flat="1-102").paid() == 30_000
    for flat in ("1-201", "1-202", "9-999"):
        with pytest.raises(UnknownHousehold):
            paid(some, 1, flat=flat)


def test_shares_that_are_paid_are_returned_before_they_are_discussed_anew() -> None:
    held = paid(agreed(), 100)
    with pytest.raises(SharesArePaid):
        propose(held, PROPOSAL, by=COMMUNITY, at=NOW, limits=LIMITS)
    assert propose(returned(held, 100), PROPOSAL, by=COMMUNITY, at=NOW, limits=LIMITS).events


def test_after_the_end_nothing_is_paid_any_more_but_what_was_paid_goes_back() -> None:
    command = CloseDispatch(outcome="not_solved", public_note="it cannot be")
    ended = close(paid(agreed(), 100), command, by=STREET, at=NOW, limits=LIMITS).state
    with pytest.raises(WrongState):
        paid(ended, 1, "A-2")
    assert returned(ended, 100).paid() == 0


def test_who_pays_while_the_matter_is_paused_has_paid() -> None:
    rest = Pause(kind=Delay.PAUSE, reason="frost", by="street", since=NOW, until=NOW + timedelta(days=1))
    assert paid(agreed().but(pauses=(rest,)), 100).paid() == 100


def test_what_was_closed_without_work_waits_for_the_community_until_the_money_is_back() -> None:
    command = CloseDispatch(outcome="not_solved", public_note="it cannot be")
    ended = close(paid(agreed(), 100), command, by=STREET, at=NOW, limits=LIMITS).state
    assert COMMUNITY.area in found_by(ended)["waits_for"]
    assert "waits_for" not in found_by(returned(ended, 100))
    assert "waits_for" not in found_by(ended.but(outcome="solved"))


def test_payments_are_many_but_not_endless() -> None:
    command = RecordPayment(household="1-101", fen=1, receipt="A-2")
    with pytest.raises(TooManyPayments):
        pay(paid(agreed(), 1), command, by=COMMUNITY, at=NOW, limits=Limits(payments=1))


def test_the_community_keeps_the_book() -> None:
    command = RecordPayment(household="1-101", fen=1, receipt="A-1")
    for rule in (pay, pay_back):
        with pytest.raises(NotYourLevel):
            rule(agreed(), command, by=GRID_WORKER, at=NOW, limits=LIMITS)


def test_a_receipt_is_no_telephone_number() -> None:
    with pytest.raises(ValidationError):
        RecordPayment(household="1-101", fen=1, receipt="13812345678")


def test_the_record_shows_what_is_collected_and_a_department_only_the_sum() -> None:
    has = {"departments": ("sewage",), "handled_by": "sewage"}
    entry = Entry(ORDER, paid(agreed(), 100).but(**has))
    own, theirs = DispatchOut.of(entry, COMMUNITY), DispatchOut.of(entry, SEWAGE)
    assert own.rounds[0].households is not None
    assert [one.paid for one in own.rounds[0].households] == [100, 0, 0, 0]
    assert (own.money.shares, own.money.collected, theirs.money.collected) == (120_001, 100, 100)
    assert own.payments is not None
    assert theirs.payments is None


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.booleans(),
            st.sampled_from(["1-101", "1-102", "9-999"]),
            st.integers(1, 40_000),
            st.integers(1, 9),
        ),
        max_size=30,
    )
)
def test_whatever_is_written_down_nobody_has_paid_more_than_the_share_or_less_than_nothing(
    steps: list[tuple[bool, str, int, int]],
) -> None:
    dispatch = agreed()
    for back, flat, fen, receipt in steps:
        before = dispatch.payments
        try:
            dispatch = (returned if back else paid)(dispatch, fen, str(receipt), flat)
        except RuleBroken:
            continue
        assert dispatch.payments[: len(before)] == before
    for flat, share in (("1-101", SHARE), ("1-102", 30_000)):
        assert 0 <= dispatch.paid(flat) <= share
    assert dispatch.paid() == dispatch.paid("1-101") + dispatch.paid("1-102")


def test_what_was_in_deadlock_is_left_unsolved_only_by_the_level_above() -> None:
    command = CloseDispatch(outcome="not_solved", public_note="nobody can")
    for situation in ("deadlocked", "in_deliberation, agreed"):
        with pytest.raises(NotYourLevel) as refused:
            close(situations()[situation], command, by=COMMUNITY, at=NOW, limits=LIMITS)
        assert refused.value.now == {"level": "street"}
        assert close(situations()[situation], command, by=STREET, at=NOW, limits=LIMITS).events
    assert close(situations()["in_handling"], command, by=COMMUNITY, at=NOW, limits=LIMITS).events
    top = situations()["deadlocked"].but(level=Level.DISTRICT)
    assert close(top, command, by=DISTRICT, at=NOW, limits=LIMITS).events
