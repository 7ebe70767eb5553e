"""Several partners, several calls, any sequence: nobody is promised away more than it has, and every gap is exact."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.partners.domain.call import UNTIL, Call
from services.partners.domain.claim import Claim
from services.partners.domain.claims.claimant import Claimant
from services.partners.domain.claims.claiming import ReleaseClaim, claim, release
from services.partners.domain.claims.lead import ForceRelease, force_release
from services.partners.domain.claims.reserve import carried, reserve_of
from services.partners.domain.claims.takeover import (
    AnswerTakeover,
    AskTakeover,
    answer,
    ask_for,
    withdraw_request,
)
from services.partners.domain.registry.partner import Partner
from services.partners.domain.registry.resource import Name, Resource
from services.partners.domain.states import LIVE, CallState, ClaimState
from services.partners.domain.terms import Terms
from services.partners.domain.works.blocking import BlockWork, ResumeWork, block, resume
from services.partners.domain.works.working import (
    DeliverWork,
    ReportProgress,
    SubmitPlan,
    deliver,
    plan,
    progress,
)
from services.partners.queries.money import FundingOut
from shared.entry import Decision, Entry
from shared.problems import RuleBroken
from tests.unit.partners.given import (
    AREA,
    COMMUNITY,
    NOW,
    back_to_work,
    called,
    close,
    open_call,
    partner,
    pledge,
    strike,
    withdraw,
)

TERMS = Terms(
    takeover_any=True, cool_down=timedelta(hours=1), cool_down_forced=timedelta(hours=2), held_most=4
)
HAS = {"money": 900, "pipe": 15}  # of each partner
NEEDS = (("money", "funds", 600), ("pipe", "goods", 12))


def _resource(name: str, kind: str, quantity: int) -> Resource:
    thing = Name(zh="物", en="thing")
    unit = "fen" if kind == "funds" else "m"
    return Resource.model_validate(
        {"kind": kind, "codes": (name,), "name": thing, "quantity": quantity, "unit": unit, "area": "370203"}
    )


RESOURCES = (_resource("money", "funds", HAS["money"]), _resource("pipe", "goods", HAS["pipe"]))
PARTNERS = tuple(partner(n).but(resources=RESOURCES) for n in range(1, 5))
WHO, WHERE = st.sampled_from(PARTNERS), st.integers(0, 2)
LATE = (CallState.IN_WORK, CallState.DELIVERED)  # the sooner it ends, the less there is to see
AMOUNTS = st.fixed_dictionaries({}, optional={"money": st.integers(1, 700), "pipe": st.integers(1, 14)})


class AnyHands(RuleBasedStateMachine):
    """Three calls and four partners. Whoever asks for what is not allowed is refused, and nothing has changed."""

    def __init__(self) -> None:
        super().__init__()
        self.at = NOW
        self.calls = [
            open_call(Call(), called(*NEEDS, exclusive=n == 0), at=NOW, terms=TERMS).state for n in range(3)
        ]

    # ------------------------------------------------------------ helpers

    def order(self, n: int) -> UUID:
        return UUID(int=n + 1)

    def claimant(self, who: Partner) -> Claimant:
        """As the store counts it."""
        return Claimant(
            who,
            tuple(
                carried(self.order(n), AREA, one, who.id)
                for n, call in enumerate(self.calls)
                for one in call.claims
                if one.partner_id == who.id
                or (one.state is ClaimState.ACTIVE and one.takeover and one.takeover.partner_id == who.id)
            ),
        )

    def act(self, n: int, ask: Callable[[Call], Decision[Call]]) -> None:
        before = self.calls[n]
        try:
            self.calls[n] = ask(before).state
        except RuleBroken:
            return
        self.the_gap_is_what_is_not_held(before, self.calls[n])

    def on_a_claim(self, n: int, data: st.DataObject, ask: Callable[[Call, Claim], Decision[Call]]) -> None:
        call = self.calls[n]
        some = data.draw(st.sampled_from([call.active or call.claims] * 9 + [call.claims]))
        if some:
            one = data.draw(st.sampled_from(some))
            self.act(n, lambda call: ask(call, one))

    @staticmethod
    def the_gap_is_what_is_not_held(before: Call, after: Call) -> None:
        """Whatever changed hands, exactly what is no longer held is missing again."""
        if before.round != after.round:
            return
        for line in after.lines:
            was, now = [
                sum(one.amounts.get(line.name, 0) for one in call.holding) for call in (before, after)
            ]
            assert after.missing()[line.name] - before.missing()[line.name] == was - now

    # ------------------------------------------------------------ what partners do

    @rule(who=WHO, n=WHERE, wanted=AMOUNTS, whole=st.booleans())
    def claims(self, who: Partner, n: int, wanted: dict[str, int], whole: bool) -> None:
        if whole:
            wanted = {name: amount for name, amount in self.calls[n].missing().items() if amount}
        if wanted:
            by, order = self.claimant(who), self.order(n)
            self.act(
                n, lambda call: claim(call, pledge(**wanted), order_id=order, by=by, at=self.at, terms=TERMS)
            )

    @rule(n=WHERE, data=st.data())
    def releases(self, n: int, data: st.DataObject) -> None:
        self.on_a_claim(
            n,
            data,
            lambda call, one: release(
                call,
                one.claim_id,
                ReleaseClaim(reason="ill", epoch=one.epoch),
                partner_id=one.partner_id,
                at=self.at,
                terms=TERMS,
            ),
        )

    @rule(
        n=WHERE,
        data=st.data(),
        what=st.sampled_from(["plan", "plan", "report", "deliver", "block", "resume"]),
    )
    def works(self, n: int, data: st.DataObject, what: str) -> None:
        day = self.at.date()

        def ask(call: Call, one: Claim) -> Decision[Call]:
            how: dict[str, Any] = {"partner_id": one.partner_id, "at": self.at, "terms": TERMS}
            match what:
                case "plan":
                    word = SubmitPlan(
                        plan=f"{self.at}", starts=day, ends=day + timedelta(days=9), epoch=one.epoch
                    )
                    return plan(call, one.claim_id, word, person="li", **how)
                case "report":
                    said = ReportProgress(public_note=f"{self.at}", percent=9, epoch=one.epoch)
                    return progress(call, one.claim_id, said, person="li", **how)
                case "block":
                    until = self.at + timedelta(days=3)
                    return block(
                        call, one.claim_id, BlockWork(reason="rain", until=until, epoch=one.epoch), **how
                    )
                case "resume":
                    return resume(call, one.claim_id, ResumeWork(epoch=one.epoch), **how)
                case _:
                    return deliver(call, one.claim_id, DeliverWork(epoch=one.epoch), person="li", **how)

        self.on_a_claim(n, data, ask)

    @rule(who=WHO, n=WHERE, data=st.data())
    def asks_for_it(self, who: Partner, n: int, data: st.DataObject) -> None:
        by = self.claimant(who)
        self.on_a_claim(
            n,
            data,
            lambda call, one: ask_for(call, one.claim_id, AskTakeover(), by=by, at=self.at, terms=TERMS),
        )

    @rule(n=WHERE, data=st.data(), agreed=st.booleans())
    def answers(self, n: int, data: st.DataObject, agreed: bool) -> None:
        self.on_a_claim(
            n,
            data,
            lambda call, one: answer(
                call,
                one.claim_id,
                AnswerTakeover(agreed=agreed, reason="so", epoch=one.epoch),
                partner_id=one.partner_id,
                at=self.at,
                terms=TERMS,
            ),
        )

    @rule(who=WHO, n=WHERE, data=st.data())
    def gives_the_request_up(self, who: Partner, n: int, data: st.DataObject) -> None:
        self.on_a_claim(
            n,
            data,
            lambda call, one: withdraw_request(
                call, one.claim_id, partner_id=who.id, at=self.at, terms=TERMS
            ),
        )

    # ------------------------------------------------------------ what others do, and time

    @rule(n=WHERE, data=st.data())
    def is_taken_back(self, n: int, data: st.DataObject) -> None:
        command = ForceRelease(reason="nobody came")
        self.on_a_claim(
            n,
            data,
            lambda call, one: force_release(
                call, one.claim_id, command, by=COMMUNITY, at=self.at, terms=TERMS
            ),
        )

    @precondition(lambda self: any(call.state not in LIVE for call in self.calls))
    @rule(n=WHERE, exclusive=st.booleans())
    def is_called_anew(self, n: int, exclusive: bool) -> None:
        if self.calls[n].state in LIVE:
            return
        until = self.at + timedelta(days=10)
        anew = called(*NEEDS, round=self.calls[n].round + 1, exclusive=exclusive, until=until)
        self.act(n, lambda call: open_call(call, anew, at=self.at, terms=TERMS))

    @precondition(lambda self: any(call.state in LATE for call in self.calls))
    @rule(n=WHERE, what=st.sampled_from(["solved", "not_solved", "withdrawn", "not passed", "not passed"]))
    def dispatch_says(self, n: int, what: str) -> None:
        if self.calls[n].state not in LATE:
            return
        match what:
            case "withdrawn":
                self.act(n, lambda call: withdraw(call, round=call.round, at=self.at))
            case "not passed":
                self.act(n, lambda call: back_to_work(call, at=self.at, terms=TERMS))
            case _:
                self.act(n, lambda call: close(call, outcome=what, at=self.at))

    @rule()
    def time_passes(self) -> None:
        """Until the next clock of any call strikes."""
        due = [(at, n, name) for n, call in enumerate(self.calls) for name, at in call.due.items()]
        if not due:
            return
        at, n, name = min(due)
        self.at = max(self.at, at)
        before = self.calls[n]
        self.calls[n] = strike(before, name, self.at, terms=TERMS).state
        self.the_gap_is_what_is_not_held(before, self.calls[n])
        assert self.calls[n].due.get(name, self.at + timedelta.resolution) > self.at or (
            self.calls[n].due[name] != at
        ), f"{name} would strike again and again"

    @rule(minutes=st.integers(1, 200))
    def minutes_pass(self, minutes: int) -> None:
        self.at += timedelta(minutes=minutes)

    # ------------------------------------------------------------ what always holds

    @invariant()
    def pledges_never_pass_the_need(self) -> None:
        for call in self.calls:
            assert all(missing >= 0 for missing in call.missing().values())
            if call.exclusive:
                assert len({one.partner_id for one in call.active}) <= 1

    @invariant()
    def nobody_is_promised_away_more_than_it_has(self) -> None:
        for who in PARTNERS:
            carries = self.claimant(who).carries
            for stock in reserve_of(who, carries, self.at):
                (name,) = stock.resource.codes
                promised = sum(
                    one.claim.amounts.get(name, 0)
                    for one in carries
                    if one.claim.state in (ClaimState.ACTIVE, ClaimState.FULFILLED)
                )
                assert promised <= HAS[name]
                assert (
                    stock.free
                    == HAS[name] - promised
                    == stock.resource.quantity - stock.reserved - stock.used
                )
            assert sum(one.claim.state is ClaimState.ACTIVE for one in carries) <= TERMS.held_most

    @invariant()
    def the_funding_adds_up(self) -> None:
        for n, call in enumerate(self.calls):
            shown = FundingOut.of_call(Entry(self.order(n), call))
            if call.state in (CallState.WITHDRAWN, CallState.EXPIRED):
                assert (shown.cost, shown.gap) == (None, 0), "it came to nothing"
                continue
            assert shown.cost == shown.shares + shown.subsidies + shown.pledges + shown.gap

    @invariant()
    def every_live_call_has_a_clock_and_every_claim_its_own(self) -> None:
        for call in self.calls:
            assert (call.state in LIVE) or not call.due
            assert (UNTIL in call.due) == (call.state is CallState.OPEN)
            for one in call.active:
                clock, asked = f"claim/{one.epoch}", f"takeover/{one.epoch}"
                idle = one.delivered or (call.state is CallState.OPEN and one.plan is not None)
                assert (clock in call.due) == (one.block is not None or not idle)
                assert (asked in call.due) == (one.takeover is not None)
            assert len(call.due) <= 1 + 2 * len(call.active)
            if call.state in (CallState.COVERED, CallState.IN_WORK):
                assert call.due, "covered, and nobody is waited for"

    @invariant()
    def epochs_are_never_used_twice(self) -> None:
        for call in self.calls:
            epochs = [one.epoch for one in call.claims]
            assert len(set(epochs)) == len(epochs)
            assert len({one.claim_id for one in call.claims}) == len(call.claims)

    @invariant()
    def what_is_stored_is_what_is_read(self) -> None:
        for call in self.calls:
            assert Call.model_validate(call.model_dump()) == call


AnyHands.TestCase.settings = settings(max_examples=200, stateful_step_count=50, deadline=None)
test_any_hands_keep_the_reserve = AnyHands.TestCase
