"""Messages of two senders in any relative order, and racers who decide on what they read a moment ago."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
from hypothesis import given, settings

from services.partners.bus import reactions
from services.partners.domain.call import Call
from services.partners.domain.claims.refusals import ExclusivelyTaken, LineTaken, PledgeTooLarge
from services.partners.domain.states import CallState
from shared.contracts.from_dispatch import CallChangedV1, CallWithdrawnV1, DispatchClosedV1, WorkCheckedV1
from shared.contracts.from_dispatch.works import NeedLineV2
from shared.contracts.from_evaluation import ReworkRequestedV1, WorkEvaluatedV1
from shared.contracts.message import Message
from tests.unit.partners.given import (
    FIRST,
    SECOND,
    TERMS,
    UNTIL,
    call_in,
    called,
    claiming,
    delivering,
    heard,
    open_to_partners,
    partner,
)

REACTIONS = reactions(TERMS)


def _shared(delivered: bool) -> Call:
    call = claiming(open_to_partners(), FIRST, pipe=12).state
    call = delivering(claiming(call, SECOND, money=600_000).state, FIRST).state
    return delivering(call, SECOND).state if delivered else call


def _changed(round: int, number: int) -> CallChangedV1:
    """Each change asks for one metre more than the one before."""
    lines = called().lines
    more = lines[1].model_copy(update={"amount": lines[1].amount + number})
    now = tuple(NeedLineV2.model_validate(line.model_dump()) for line in (lines[0], more))
    return CallChangedV1(round=round, change=number, lines=now, until=UNTIL)


STARTS = [*map(call_in, CallState), _shared(delivered=False), _shared(delivered=True)]
ROUNDS = st.integers(min_value=1, max_value=4)
BY_DISPATCH: st.SearchStrategy[Message] = st.one_of(
    ROUNDS.map(lambda number: called(round=number)),
    ROUNDS.map(lambda number: CallWithdrawnV1(round=number)),
    st.builds(_changed, ROUNDS, st.integers(1, 3)),
    st.booleans().map(lambda passed: WorkCheckedV1(passed=passed, partners=True)),
    st.sampled_from(["solved", "partly", "not_solved"]).map(
        lambda outcome: DispatchClosedV1(outcome=outcome, in_time=True)
    ),
)
BY_EVALUATION: st.SearchStrategy[Message] = st.one_of(
    ROUNDS.map(lambda number: ReworkRequestedV1(reason="leaks", round=number)),
    st.sampled_from(["satisfied", "unsatisfied"]).map(
        lambda verdict: WorkEvaluatedV1(verdict=verdict, result=3, speed=3, manner=3, round=1)
    ),
)


def _all_heard(call: Call, order: list[tuple[str, Message]]) -> tuple[Call, list[Message]]:
    told: list[Message] = []
    for sender, message in order:
        decision: Any = REACTIONS[type(message)](call, heard(message, sender=sender))
        call, told = decision.state, [*told, *decision.events]
    return call, told


@settings(max_examples=300)
@given(
    st.sampled_from(STARTS),
    st.lists(BY_DISPATCH, max_size=6),
    st.lists(BY_EVALUATION, max_size=3),
    st.randoms(use_true_random=False),
)
def test_the_order_of_two_senders_makes_no_difference(
    start: Call, by_dispatch: list[Message], by_evaluation: list[Message], chance: Any
) -> None:
    dispatch = [("dispatch", message) for message in by_dispatch]
    evaluation = [("evaluation", message) for message in by_evaluation]
    places = sorted(chance.sample(range(len(dispatch) + len(evaluation)), len(evaluation)))
    mixed = list(dispatch)
    for place, message in zip(places, evaluation, strict=True):
        mixed.insert(place, message)
    assert _all_heard(start, mixed) == _all_heard(start, [*dispatch, *evaluation])


class _Racer:
    """Reads, decides, and writes only if nobody wrote since: what the store does, without the store."""

    def __init__(self, number: int, amount: int | None) -> None:
        self.partner = partner(number)
        self.amount = amount
        self.seen: tuple[int, Call] | None = None
        self.answer: str | None = None

    def move(self, version: int, call: Call) -> Call | None:
        if self.seen is None:
            self.seen = (version, call)
            return None
        seen_version, seen = self.seen
        self.seen = None
        try:
            decision = claiming(seen, self.partner, money=self.amount or 100)
        except (LineTaken, PledgeTooLarge, ExclusivelyTaken) as refused:
            self.answer = refused.slug()
            return None
        if seen_version != version:
            return None  # lost: read again
        self.answer = "won"
        return decision.state


def _race(call: Call, racers: list[_Racer], chance: Any) -> Call:
    version = 0
    while waiting := [racer for racer in racers if racer.answer is None]:
        written = chance.choice(waiting).move(version, call)
        if written is not None:
            call, version = written, version + 1
    return call


@given(st.integers(2, 12), st.randoms(use_true_random=False))
def test_an_exclusive_call_has_one_winner_however_they_race(many: int, chance: Any) -> None:
    racers = [_Racer(number, None) for number in range(1, many + 1)]
    call = _race(open_to_partners(("money", "funds", 100), exclusive=True), racers, chance)
    answers = [racer.answer for racer in racers]
    assert answers.count("won") == 1
    assert answers.count("exclusively-taken") == many - 1
    assert call.taken() == {"money": 100}


@given(st.lists(st.integers(1, 60), min_size=2, max_size=12), st.randoms(use_true_random=False))
def test_shared_pledges_add_up_exactly_however_they_race(amounts: list[int], chance: Any) -> None:
    racers = [_Racer(number, amount) for number, amount in enumerate(amounts, 1)]
    call = _race(open_to_partners(("money", "funds", 100)), racers, chance)
    won = sum(racer.amount or 0 for racer in racers if racer.answer == "won")
    assert call.taken() == {"money": won}
    assert won <= 100
    assert (won == 100) == (call.state is CallState.COVERED)
    assert all(racer.amount and racer.amount > 100 - won for racer in racers if racer.answer != "won")
