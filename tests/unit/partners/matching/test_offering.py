"""A matched call is offered to the best first, step by step to more, and at last to all."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given as given_that
from hypothesis import strategies as st

from services.partners import clock
from services.partners.domain.call import OFFER, UNTIL, Call
from services.partners.domain.matching.facts import Wanted
from services.partners.domain.matching.index import Index
from services.partners.domain.matching.offering import DeclineOffer, Rank, decline
from services.partners.domain.matching.refusals import HasAPart, OpenToAll
from services.partners.domain.matching.score import Match, Scale
from services.partners.domain.registry.partner import Partner, Seat
from services.partners.domain.registry.resource import Resource
from services.partners.domain.states import CallState
from services.partners.domain.terms import OfferStep, Terms
from shared.contracts.from_dispatch.works import NeedLineV2, PartnersCalledV2
from shared.contracts.from_partners import CallExpiredV1, CallOfferedV1, CallPublishedV1, OfferDeclinedV1
from shared.entry import Decision
from shared.problems import NotFound, WrongState
from tests.unit.partners.given import AREA, NOW, claiming, open_call, open_to_partners, partner, releasing
from tests.unit.partners.given import UNTIL as END

DAY = timedelta(days=1)
STEPS = (OfferStep(1, 1000, DAY), OfferStep(3, 5000, DAY))
TERMS = Terms(offer_steps=STEPS)
KILOMETRE = 0.009  # degrees of latitude


def with_pipe(number: int, kilometres: float) -> Partner:
    """A partner with enough pipe, so far away from the call."""
    pipe = Resource.model_validate(
        {"kind": "goods", "codes": ["pipe"], "name": {"zh": "管", "en": "pipe"}, "quantity": 50, "unit": "m",
         "area": "370203"}
    )  # fmt: skip
    return partner(number).but(
        resources=(pipe,), seat=Seat(longitude=120.36, latitude=36.09 + KILOMETRE * kilometres)
    )


NEAR, NEXT_DOOR, FAR, TOO_FAR = with_pipe(1, 0.1), with_pipe(2, 0.5), with_pipe(3, 3), with_pipe(4, 9)


def knowing(*partners: Partner) -> Rank:
    index = Index()
    index.keep({one.id: one for one in partners})

    def rank(wanted: Wanted) -> Sequence[Match]:
        return index.ranked(wanted, {}, Scale())

    return rank


ALL = knowing(NEAR, NEXT_DOOR, FAR, TOO_FAR)


def called(until: datetime = END, **more: Any) -> PartnersCalledV2:
    line = NeedLineV2(name="pipe", kind="goods", amount=12, unit="m")
    facts: dict[str, Any] = {
        "round": 1, "title": "下水管道破裂", "category": "sewage_pipe", "urgency": "general", "area": AREA,
        "longitude": 120.36, "latitude": 36.09, "lines": (line,), "exclusive": False,
        "offer": "matched", "until": until,
    }  # fmt: skip
    return PartnersCalledV2.model_validate(facts | more)


def opened(rank: Rank = ALL, terms: Terms = TERMS, **more: Any) -> Decision[Call]:
    return open_call(Call(), called(**more), at=NOW, terms=terms, rank=rank)


def struck(call: Call, rank: Rank = ALL) -> Decision[Call]:
    """When the next clock strikes."""
    name, at = min(call.due.items(), key=lambda one: one[1])
    return clock.strike(call, name, at, terms=TERMS, rank=rank)


def declining(call: Call, by: Partner, rank: Rank = ALL) -> Decision[Call]:
    return decline(
        call, DeclineOffer(reason="近期没有工人"), partner_id=by.id, at=NOW, terms=TERMS, rank=rank
    )


def asked(call: Call) -> list[int]:
    return [int(id[-12:]) for id in call.offered_to]


def test_the_best_within_reach_is_asked_first() -> None:
    published, offered = opened().events
    call = opened().state
    assert asked(call) == [1]
    assert call.due == {UNTIL: END, OFFER: NOW + DAY}
    assert isinstance(published, CallPublishedV1)
    assert published.offered == 1
    assert offered == CallOfferedV1(round=1, step=1, offered=1, to_all=False, until=NOW + DAY)
    assert call.is_offered_to(NEAR.id)
    assert not call.is_offered_to(FAR.id)


def test_silence_asks_more_and_farther_away_and_at_last_all() -> None:
    second = struck(opened().state)
    assert asked(second.state) == [1, 2, 3]
    assert second.events == (CallOfferedV1(round=1, step=2, offered=3, to_all=False, until=NOW + 2 * DAY),)
    last = struck(second.state)
    assert last.events == (CallOfferedV1(round=1, step=3, offered=0, to_all=True),)
    assert last.state.is_offered_to(TOO_FAR.id)
    assert last.state.due == {UNTIL: END}
    assert isinstance(struck(last.state).events[0], CallExpiredV1)


def test_a_step_that_finds_nobody_new_is_passed_over() -> None:
    assert asked(opened(knowing(FAR)).state) == [3]
    assert struck(opened(knowing(NEAR)).state, knowing(NEAR)).state.offered_to == ()
    nobody = opened(knowing(TOO_FAR))
    assert nobody.state.offered_to == ()
    assert nobody.events[1] == CallOfferedV1(round=1, step=3, offered=0, to_all=True)


def test_a_short_call_is_open_to_all_before_its_end() -> None:
    end = NOW + timedelta(hours=3)
    call = opened(until=end).state
    times = []
    while OFFER in call.due:
        times.append(call.due[OFFER] - NOW)
        call = struck(call).state
    assert times == [timedelta(hours=1), timedelta(hours=2)]
    assert (call.offered_to, call.state) == ((), CallState.OPEN)


def test_an_offer_that_all_have_declined_goes_on_at_once() -> None:
    call = struck(opened().state).state
    first = declining(call, FAR)
    assert first.events == (OfferDeclinedV1(round=1, partner_id=FAR.id, reason="近期没有工人"),)
    assert first.state.due == call.due
    assert declining(first.state, FAR).state is first.state
    second = declining(first.state, NEAR).state
    last = declining(second, NEXT_DOOR)
    assert [type(event) for event in last.events] == [OfferDeclinedV1, CallOfferedV1]
    assert (last.state.offered_to, last.state.due) == ((), {UNTIL: END})


def test_who_has_declined_is_not_waited_for_nor_asked_again_and_makes_room_for_another() -> None:
    more = knowing(NEAR, NEXT_DOOR, FAR, TOO_FAR, with_pipe(5, 2), with_pipe(6, 4.5))
    onwards = declining(opened(more).state, NEAR, more)
    assert asked(onwards.state) == [1, 2, 5, 3]
    declined = onwards.state.declined
    assert [one.partner_id for one in declined] == [NEAR.id]


def test_a_phone_number_in_a_reason_is_masked() -> None:
    assert DeclineOffer(reason="请打 13812345678").reason == "请打 ***"


def test_who_was_offered_nothing_has_nothing_to_decline() -> None:
    with pytest.raises(NotFound):
        declining(opened().state, FAR)
    with pytest.raises(NotFound):
        declining(Call(), FAR)
    with pytest.raises(OpenToAll):
        declining(open_to_partners(), FAR)
    held = claiming(opened().state, NEAR, pipe=5).state
    with pytest.raises(HasAPart):
        declining(held, NEAR)
    with pytest.raises(WrongState):
        declining(claiming(opened().state, NEAR, pipe=12).state, NEAR)


def test_a_chosen_partner_may_decline_and_nobody_else_is_asked() -> None:
    call = open_to_partners(offered_to=(NEAR,))
    after = declining(call, NEAR)
    assert (after.state.offered_to, after.state.due) == (call.offered_to, call.due)
    assert [type(event) for event in after.events] == [OfferDeclinedV1]


def test_nobody_is_asked_while_all_is_taken_and_what_comes_back_is_open_to_all() -> None:
    covered = claiming(opened().state, NEAR, pipe=12).state
    assert covered.state is CallState.COVERED
    assert OFFER not in covered.due
    assert not covered.is_offered_to(FAR.id)
    back = releasing(covered, NEAR).state
    assert (back.state, back.offered_to) == (CallState.OPEN, ())
    assert set(back.due) == {UNTIL}


def test_a_late_strike_finds_nothing_to_do() -> None:
    covered = claiming(opened().state, NEAR, pipe=12).state
    late = clock.strike(covered.with_clock(OFFER, NOW), OFFER, NOW, terms=TERMS, rank=ALL)
    assert (late.state, late.events) == (covered, ())


def test_the_same_message_twice_offers_once() -> None:
    call = opened().state
    assert open_call(call, called(), at=NOW, terms=TERMS, rank=ALL).state is call


@given_that(st.integers(0, 2**32))
def test_every_matched_call_is_open_to_all_before_it_ends(seed: int) -> None:
    """Whoever is there, whatever they decline, however short it is: an open call has a way on, and it never narrows."""
    chance = random.Random(seed)
    some = [with_pipe(n + 1, chance.random() * 8) for n in range(chance.randrange(8))]
    end = NOW + timedelta(minutes=chance.randint(1, 20_000))
    rank = knowing(*some)
    call = opened(rank, until=end).state
    while call.offered_to:
        before = call
        waiting = [one for one in some if str(one.id) in call.offered_to]
        if chance.random() < 0.5:
            call = declining(call, chance.choice(waiting), rank).state
        if call is before or OFFER in before.due:
            assert call.due.get(OFFER, NOW) < end
            call = struck(call, rank).state if call.offered_to else call
        assert not call.offered_to or set(before.offered_to) <= set(call.offered_to)
    assert call.state is CallState.OPEN
    assert call.due == {UNTIL: end}
