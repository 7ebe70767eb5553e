"""In any order and with any amounts: pledges never pass the need, the money adds up, a release re-opens its gap."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.partners.domain.call import UNTIL as CLOCK
from services.partners.domain.call import Call, Deed, Written
from services.partners.domain.claims.refusals import LineTaken, NoSuchLine, PledgeTooLarge
from services.partners.domain.states import CallState, ClaimState
from services.partners.domain.works.working import DeliverWork, deliver
from services.partners.queries.money import FundingOut, FundingPage
from shared.contracts.from_partners import ClaimMadeV1, WorkDeliveredV2
from shared.entry import Decision, Entry
from shared.problems import RuleBroken
from tests.unit.partners.given import (
    FIRST,
    LATER,
    NOW,
    ORDER,
    TERMS,
    UNTIL,
    asking,
    back_to_work,
    called,
    changing,
    claiming,
    close,
    confirming,
    delivering,
    held_by,
    open_call,
    open_to_partners,
    partner,
    planning,
    receiving,
    releasing,
    reporting,
    returning,
    strike,
    withdraw,
)

AMOUNTS = st.integers(min_value=1, max_value=2**40)
PEOPLE = st.integers(min_value=1, max_value=5)
NEEDS = st.lists(
    st.tuples(st.sampled_from(["funds", "goods", "labour"]), AMOUNTS), min_size=1, max_size=4
).map(lambda some: tuple((f"line-{n}", kind, amount) for n, (kind, amount) in enumerate(some)))


@given(NEEDS, st.lists(st.tuples(PEOPLE, st.integers(0, 4), AMOUNTS), max_size=30))
def test_pledges_never_pass_the_need(
    needs: tuple[tuple[str, str, int], ...], asks: list[tuple[int, int, int]]
) -> None:
    call = open_to_partners(*needs)
    taken = {name: 0 for name, _, _ in needs}
    for who, line, amount in asks:
        name = f"line-{line}"
        try:
            decision = asking(call, partner(who), {name: amount})
        except PledgeTooLarge:
            assert amount > call.missing()[name] > 0
        except LineTaken:
            assert call.missing()[name] == 0
        except NoSuchLine:
            assert name not in taken
        else:
            taken[name] += amount if decision.events else 0
            call = decision.state
    assert call.taken() == taken
    assert all(taken[name] <= amount for name, _, amount in needs)
    assert (call.state is CallState.COVERED) == all(taken[name] == amount for name, _, amount in needs)


@given(st.lists(AMOUNTS, min_size=1, max_size=6), st.data())
def test_released_money_reopens_exactly_its_gap(pledges: list[int], data: st.DataObject) -> None:
    call = open_to_partners(("money", "funds", sum(pledges)), cost=None)
    for number, amount in enumerate(pledges, 1):
        call = claiming(call, partner(number), money=amount).state
    assert call.gap == 0
    gap = 0
    for number in data.draw(st.permutations(range(1, len(pledges) + 1))):
        call = releasing(call, partner(number)).state
        gap += pledges[number - 1]
        assert call.gap == gap
        assert call.pledges == sum(pledges) - gap


@pytest.mark.parametrize(("cost", "shown"), [(800_000, 800_000), (0, None), (799_999, None), (800_001, None)])
def test_a_cost_that_does_not_add_up_is_not_shown(cost: int, shown: int | None) -> None:
    assert funding(open_to_partners(cost=cost)).cost == shown


def funding(call: Call) -> FundingOut:
    return FundingOut.of_call(Entry(ORDER, call))


def withdrawn(call: Call) -> Call:
    return withdraw(call, round=1, at=NOW).state


def expired(call: Call) -> Call:
    return strike(call, CLOCK, NOW).state


@pytest.mark.parametrize("end", [withdrawn, expired], ids=["withdrawn", "expired"])
@pytest.mark.parametrize("discussed", [True, False])
def test_a_call_that_came_to_nothing_no_longer_says_what_the_matter_costs(
    end: Callable[[Call], Call], discussed: bool
) -> None:
    call = open_to_partners() if discussed else open_to_partners(cost=0, shares=0, subsidies=0)
    shown = funding(claiming(call, FIRST, money=200_000).state)
    assert (shown.cost, shown.pledges, shown.gap) == (800_000 if discussed else 600_000, 200_000, 400_000)
    shown = funding(end(call))
    assert (shown.cost, shown.pledges, shown.gap) == (None, 0, 0)


class AnyLife(RuleBasedStateMachine):
    """A call under any sequence of commands, messages and time; the invariants hold after each step."""

    @initialize(needs=NEEDS, exclusive=st.booleans(), discussed=st.booleans())
    def opened(self, needs: tuple[tuple[str, str, int], ...], exclusive: bool, discussed: bool) -> None:
        self.needs = needs
        self.money: dict[str, Any] = {} if discussed else {"cost": 0, "shares": 0, "subsidies": 0}
        self.at = NOW
        self.call = Call()
        self.ids: set[UUID] = set()
        self.record: tuple[Written, ...] = ()
        self.delivered = 0
        self.step(open_call(Call(), called(*needs, exclusive=exclusive, **self.money), at=NOW, terms=TERMS))

    def step(self, decision: Decision[Call]) -> None:
        assert decision.state.epoch >= self.call.epoch
        for event in decision.events:
            if isinstance(event, ClaimMadeV1):
                assert event.claim_id not in self.ids
                assert event.epoch == decision.state.epoch > self.call.epoch
                self.ids.add(event.claim_id)
            if isinstance(event, WorkDeliveredV2):
                assert self.call.state is not CallState.DELIVERED
        if not decision.events and decision.state is not self.call:
            assert decision.state != self.call
        self.call = decision.state
        self.at += timedelta(minutes=1)

    @rule(who=PEOPLE, data=st.data())
    def claims(self, who: int, data: st.DataObject) -> None:
        open_lines = {name: amount for name, amount in self.call.missing().items() if amount}
        chosen = data.draw(st.sets(st.sampled_from(sorted(self.call.missing())), min_size=1))
        wanted = {
            name: open_lines.get(name, 1)
            if self.call.exclusive or data.draw(st.booleans())
            else data.draw(AMOUNTS)
            for name in (sorted(open_lines) or chosen if self.call.exclusive else sorted(chosen))
        }
        try:
            self.step(asking(self.call, partner(who), wanted, at=self.at))
        except RuleBroken:
            return

    @rule(who=PEOPLE, what=st.sampled_from([planning, reporting, delivering]))
    def works(self, who: int, what: object) -> None:
        try:
            held_by(self.call, partner(who))
        except IndexError:
            return
        try:
            self.step(what(self.call, partner(who)))  # type: ignore[operator]
        except RuleBroken:
            return

    @precondition(lambda self: self.call.state is CallState.COVERED)
    @rule()
    def all_of_it_is_done(self) -> None:
        """Left to chance, no life came so far."""
        for claim in self.call.active:  # a partner may have several
            done = DeliverWork(public_note="it works", epoch=claim.epoch)
            id, who = claim.claim_id, claim.partner_id
            self.step(deliver(self.call, id, done, partner_id=who, person="member", at=LATER, terms=TERMS))
        assert self.call.state is CallState.DELIVERED

    @rule(who=PEOPLE)
    def releases(self, who: int) -> None:
        try:
            held = held_by(self.call, partner(who))
        except IndexError:
            return
        before, gap = self.call, self.call.gap
        try:
            decision = releasing(self.call, partner(who), at=self.at)
        except RuleBroken:
            return
        given_back = sum(line.amount for line in held.lines if line.kind == "funds")
        assert decision.state.gap == gap + (given_back if decision.state is not before else 0)
        self.step(decision)

    @precondition(lambda self: self.call.claims)
    @rule(amount=AMOUNTS, data=st.data(), number=st.integers(1, 6))
    def money_and_goods_come_and_go(self, amount: int, data: st.DataObject, number: int) -> None:
        claim = data.draw(st.sampled_from(self.call.claims))
        line = data.draw(st.sampled_from(claim.lines))
        act = data.draw(st.sampled_from([receiving, returning]))
        within = data.draw(st.sampled_from([amount, min(amount, line.amount), line.amount]))
        reference = f"{act.__name__}-{number}"
        how = {"name": line.name, "reference": reference, "claim_id": claim.claim_id, "at": self.at}
        try:
            self.step(act(self.call, FIRST, within, **how))
        except RuleBroken:
            return

    @rule(who=PEOPLE)
    def confirms(self, who: int) -> None:
        try:
            self.step(confirming(self.call, partner(who)))
        except (RuleBroken, IndexError):
            return

    @precondition(lambda self: self.call.is_live and not self.call.exclusive)
    @rule(amount=AMOUNTS, data=st.data(), days=st.integers(0, 9))
    def more_is_needed(self, amount: int, data: st.DataObject, days: int) -> None:
        grows = [one for one in self.call.lines if one.kind != "funds" or self.money]
        line = data.draw(st.sampled_from(grows)) if grows else None
        taken = self.call.taken()
        besides = ("besides", "goods", amount)
        more = [(), (besides,)] + ([((line.name, line.kind, amount),)] if line else [])
        before = self.call.gap
        until = UNTIL + timedelta(days=days)
        self.step(changing(self.call, *data.draw(st.sampled_from(more)), until=until))
        assert {name: self.call.taken()[name] for name in taken} == taken
        assert self.call.gap >= before

    @rule()
    def does_not_pass(self) -> None:
        self.step(back_to_work(self.call))

    @precondition(lambda self: self.call.state is CallState.OPEN)
    @rule()
    def expires(self) -> None:
        self.step(strike(self.call, CLOCK, self.at))

    @rule(outcome=st.sampled_from(["solved", "partly", "not_solved"]))
    def is_closed(self, outcome: str) -> None:
        self.step(close(self.call, outcome=outcome, at=self.at))

    @rule()
    def is_withdrawn(self) -> None:
        self.step(withdraw(self.call, round=self.call.round, at=self.at))

    @rule(exclusive=st.booleans())
    def is_called_anew(self, exclusive: bool) -> None:
        anew = called(*self.needs, round=self.call.round + 1, exclusive=exclusive, **self.money)
        self.step(open_call(self.call, anew, at=self.at, terms=TERMS))

    @invariant()
    def the_money_adds_up(self) -> None:
        shown = FundingOut.of_call(Entry(ORDER, self.call))
        total = shown.shares + shown.subsidies + shown.pledges + shown.gap
        nothing = self.call.state in (CallState.WITHDRAWN, CallState.EXPIRED)
        assert shown.cost == (None if nothing else total or None)
        assert shown.gap >= 0
        assert shown.pledges >= 0

    @invariant()
    def the_record_is_append_only_and_says_what_is_shown(self) -> None:
        record = self.call.record
        assert record[: len(self.record)] == self.record
        self.record = record
        assert len({one.reference for one in record if one.reference}) == sum(
            bool(one.reference) for one in record
        )
        shown = FundingPage.of_call(Entry(ORDER, self.call))
        for deed, fen in ((Deed.RECEIVED, shown.paid), (Deed.RETURNED, shown.returned)):
            assert fen == sum(one.amount for one in record if one.deed is deed and one.kind == "funds")
        assert shown.pledges == sum(one.promised for one in shown.pledged_by) >= shown.confirmed
        assert shown.owed == sum(one.owed for one in shown.pledged_by)
        over = {one.claim_id for one in self.call.claims if one.state is ClaimState.FULFILLED}
        for one in shown.pledged_by:
            assert one.paid - one.returned >= 0
            kept = one.paid - one.returned - one.owed
            # of an earlier round; that it was fulfilled is shown to nobody here
            assert kept <= one.promised or one.claim_id in over
            assert one.confirmed in (0, one.promised)

    @invariant()
    def no_line_is_taken_beyond_the_need(self) -> None:
        assert all(missing >= 0 for missing in self.call.missing().values())

    @invariant()
    def the_state_says_what_is_so(self) -> None:
        everything = not any(self.call.missing().values())
        if self.call.state in (CallState.COVERED, CallState.IN_WORK, CallState.DELIVERED):
            assert everything
        if self.call.state in (CallState.OPEN, CallState.WITHDRAWN, CallState.EXPIRED):
            assert not everything
        assert (self.call.state is CallState.DELIVERED) == (
            bool(self.call.active) and all(claim.delivered for claim in self.call.active) and everything
        )
        assert (CLOCK in self.call.due) == (self.call.state is CallState.OPEN)
        assert bool(self.call.due) <= self.call.is_live
        assert bool(self.call.active) <= self.call.is_live

    @invariant()
    def an_exclusive_call_has_one_holder(self) -> None:
        if self.call.exclusive:
            assert len({claim.partner_id for claim in self.call.active}) <= 1

    @invariant()
    def epochs_are_never_used_twice(self) -> None:
        epochs = [claim.epoch for claim in self.call.claims]
        assert len(set(epochs)) == len(epochs)
        assert all(
            claim.round == self.call.round for claim in self.call.claims if claim.state is ClaimState.ACTIVE
        )

    @invariant()
    def what_is_stored_is_what_is_read(self) -> None:
        assert Call.model_validate(self.call.model_dump()) == self.call


AnyLife.TestCase.settings = settings(max_examples=120, stateful_step_count=30, deadline=None)
test_any_life_keeps_the_books = AnyLife.TestCase
