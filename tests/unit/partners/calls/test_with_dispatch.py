"""Dispatch and partners with messages under way in both directions: once all is heard, both know the same of a call."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.dispatch import bus as dispatch_bus
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.states import DispatchState
from services.dispatch.domain.works.call import CallPartners, LineIn, WithdrawCall, end_call, open_call
from services.dispatch.domain.works.changing import ChangeCall, change
from services.dispatch.domain.works.checking import CheckWork, check
from services.dispatch.settings import Settings
from services.partners import bus as partners_bus
from services.partners.domain.call import UNTIL as CLOCK
from services.partners.domain.call import Call
from services.partners.domain.states import CallState
from shared.contracts.from_intake import OrderAmendedV2
from shared.contracts.from_intake.orders import Place
from shared.contracts.message import Message
from shared.entry import Decision, NotYet
from shared.problems import RuleBroken
from tests.unit.dispatch.stories import COMMUNITY, LIMITS, NOW, in_community
from tests.unit.dispatch.stories import heard as as_heard
from tests.unit.partners.given import TERMS, asking, delivering, partner, planning, releasing, strike

DISPATCH = dispatch_bus.reactions(Settings().first_ground, LIMITS)
PARTNERS = partners_bus.reactions(TERMS)
PEOPLE = st.integers(min_value=1, max_value=5).map(partner)
FEN = st.integers(1, 1000)
# Of the order, whatever became of the call.
SAME = ("title", "area", "category", "urgency", "longitude", "latitude")
# What a dispatch must have come to when partners have, once nothing is under way.
COMES_TO = {
    CallState.OPEN: {DispatchState.CALLED},
    CallState.COVERED: {DispatchState.CLAIMED},
    CallState.IN_WORK: {DispatchState.CLAIMED},
    CallState.DELIVERED: {DispatchState.TO_CHECK, DispatchState.TO_EVALUATE},
    CallState.WITHDRAWN: {DispatchState.IN_HANDLING},
    CallState.EXPIRED: {DispatchState.IN_HANDLING},
}


class TwoLists(RuleBasedStateMachine):
    """One order in both lists. Each says things at any time; the other hears them in order, sooner or later."""

    @initialize(fen=FEN, crew=FEN, exclusive=st.booleans())
    def begun(self, fen: int, crew: int, exclusive: bool) -> None:
        self.dispatch, self.call = in_community(), Call()
        self.to_partners: list[Message] = []
        self.to_dispatch: list[Message] = []
        self.is_called(fen, crew, exclusive)
        self.partners_hear(every=True)

    def dispatch_does(self, rule: Callable[..., Decision[Dispatch]], command: object) -> None:
        try:
            decision = rule(self.dispatch, command, by=COMMUNITY, at=NOW, limits=LIMITS)
        except RuleBroken:
            return
        self.dispatch = decision.state
        self.to_partners += [one for one in decision.events if "partners" in one.heard_by]

    def partners_do(self, act: Callable[[], Decision[Call]]) -> None:
        try:
            decision = act()
        except (RuleBroken, IndexError):  # refused, or it has no claim
            return
        self.call = decision.state
        self.to_dispatch += [one for one in decision.events if "dispatch" in one.heard_by]

    # ------------------------------------------------------------ what they do

    @rule(fen=FEN, crew=FEN, exclusive=st.booleans())
    def is_called(self, fen: int, crew: int, exclusive: bool) -> None:
        lines = (
            LineIn(name="funds", kind="funds", amount=fen),
            LineIn(name="crew", kind="labour", amount=crew),
        )
        self.dispatch_does(open_call, CallPartners(lines=lines, exclusive=exclusive))

    @precondition(lambda self: self.dispatch.state in (DispatchState.CALLED, DispatchState.CLAIMED))
    @rule(name=st.sampled_from(["funds", "crew", "hall"]), more=FEN)
    def more_is_asked_for(self, name: str, more: int) -> None:
        assert self.dispatch.call is not None
        known = {line.name: line.amount for line in self.dispatch.call.lines}
        kind: Any = {"funds": "funds", "crew": "labour", "hall": "venue"}[name]
        line = LineIn(name=name, kind=kind, amount=known.get(name, 0) + more)
        self.dispatch_does(change, ChangeCall(lines=(line,)))

    @rule(really=st.sampled_from([False, False, False, False, True]))
    def is_withdrawn(self, really: bool) -> None:
        if really:  # seldom: it ends so much
            self.dispatch_does(end_call, WithdrawCall())

    @rule(
        category=st.sampled_from(["noise", "street_light"]),
        urgency=st.sampled_from(["general", "urgent"]),
        east=st.integers(0, 2),
    )
    def is_corrected(self, category: str, urgency: str, east: int) -> None:
        place = Place(longitude=120.3638 + east / 10_000, latitude=36.0927)
        amended = OrderAmendedV2(category=category, urgency=urgency, place=place, reason="seen")
        self.dispatch, said = _heard_by_dispatch(self.dispatch, amended)
        self.to_partners += said

    @precondition(lambda self: self.dispatch.state is DispatchState.TO_CHECK)
    @rule(passed=st.booleans())
    def is_checked(self, passed: bool) -> None:
        self.dispatch_does(check, CheckWork(passed=passed, public_note="seen"))

    @precondition(lambda self: self.call.state is CallState.OPEN)
    @rule(who=PEOPLE, whole=st.sampled_from([True, True, False]))
    def is_claimed(self, who: Any, whole: bool) -> None:
        missing = {name: most for name, most in self.call.missing().items() if most}
        wanted = missing if whole else {name: -(-most // 2) for name, most in missing.items()}
        self.partners_do(lambda: asking(self.call, who, wanted))

    @rule(who=PEOPLE, what=st.sampled_from([planning, releasing, delivering, delivering]))
    def is_worked_on(self, who: Any, what: Callable[..., Decision[Call]]) -> None:
        self.partners_do(lambda: what(self.call, who))

    @rule()
    def all_deliver(self) -> None:
        for who in map(partner, range(1, 6)):
            self.partners_do(partial(delivering, self.call, who))

    @precondition(lambda self: self.call.state is CallState.OPEN)
    @rule(really=st.sampled_from([False, False, False, False, True]))
    def expires(self, really: bool) -> None:
        if really:
            self.partners_do(lambda: strike(self.call, CLOCK, NOW))

    @precondition(lambda self: self.to_partners)
    @rule(every=st.booleans())
    def partners_hear(self, every: bool) -> None:
        for _ in range(len(self.to_partners) if every else 1):
            self.call, said = _heard_by_partners(self.call, self.to_partners.pop(0))
            self.to_dispatch += said

    @precondition(lambda self: self.to_dispatch)
    @rule(every=st.booleans())
    def dispatch_hears(self, every: bool) -> None:
        for _ in range(len(self.to_dispatch) if every else 1):
            self.dispatch, said = _heard_by_dispatch(self.dispatch, self.to_dispatch.pop(0))
            self.to_partners += said

    # ------------------------------------------------------------ what always holds

    @invariant()
    def once_all_is_heard_both_know_the_same(self) -> None:
        dispatch, call = self.dispatch, self.call
        to_partners, to_dispatch = list(self.to_partners), list(self.to_dispatch)
        while to_partners or to_dispatch:
            if to_partners:
                call, said = _heard_by_partners(call, to_partners.pop(0))
                to_dispatch += said
            else:
                dispatch, said = _heard_by_dispatch(dispatch, to_dispatch.pop(0))
                to_partners += said
        assert dispatch.state in COMES_TO[call.state], f"{call.state} {dispatch.state}"
        assert dispatch.call is not None
        assert dispatch.call.round == call.round
        assert [getattr(call, name) for name in SAME] == [getattr(dispatch, name) for name in SAME]
        assert dispatch.call.awaits == 0 or not call.is_live
        if call.is_live:
            assert [(one.name, one.amount) for one in dispatch.call.lines] == [
                (one.name, one.amount) for one in call.lines
            ]
            assert {one.id for one in dispatch.call.claims} == {one.claim_id for one in call.active}
            assert (dispatch.money.pledged, dispatch.money.gap) == (call.pledges, call.gap)
            assert dispatch.money.cost == call.known_cost
        else:
            assert (dispatch.money.pledged, dispatch.money.cost) == (0, 0)


def _heard_by_partners(call: Call, message: Message) -> tuple[Call, list[Message]]:
    decision: Decision[Any] = PARTNERS[type(message)](call, as_heard(message))
    return decision.state, [one for one in decision.events if "dispatch" in one.heard_by]


def _heard_by_dispatch(dispatch: Dispatch, message: Message) -> tuple[Dispatch, list[Message]]:
    try:
        decision: Decision[Any] = DISPATCH[type(message)](dispatch, as_heard(message))
    except NotYet as early:
        raise AssertionError(f"{message} waits for what nobody says") from early
    return decision.state, [one for one in decision.events if "partners" in one.heard_by]


TestTwoLists = TwoLists.TestCase
TestTwoLists.settings = settings(max_examples=150, stateful_step_count=50, deadline=None)
