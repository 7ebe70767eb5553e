"""Any sequence of commands, messages of partners, and time: the money adds up, somebody answers, there is a way out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.dispatch.bus import reactions
from services.dispatch.clock import strike
from services.dispatch.domain.deliberation.consent import (
    CloseRound,
    ConsentIn,
    RecordConsents,
    record,
    settle,
)
from services.dispatch.domain.deliberation.notice import (
    AnswerObjection,
    RaiseObjection,
    answer_objector,
    object_to,
)
from services.dispatch.domain.deliberation.payment import RecordPayment, pay, pay_back
from services.dispatch.domain.deliberation.record import Consent
from services.dispatch.domain.deliberation.rounds import HouseholdIn, OpenRound, propose
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.states import AMONG_US, Clock, DispatchState
from services.dispatch.domain.works.call import CallPartners, LineIn, open_call
from services.dispatch.domain.works.changing import ChangeCall, change
from services.dispatch.domain.works.checking import CheckWork, check
from services.dispatch.queries.views import DispatchOut
from services.dispatch.settings import Settings
from shared.caller import Caller
from shared.contracts.from_evaluation import ReworkRequestedV1, WorkEvaluatedV1
from shared.contracts.from_intake import OrderReopenedV1
from shared.contracts.from_partners.calls import CallCoveredV1, CallExpiredV1, ChangePublishedV1
from shared.contracts.from_partners.claims import ClaimReleasedV1, PledgedLine
from shared.contracts.from_partners.works import WorkDeliveredV2
from shared.contracts.message import Message
from shared.entry import Decision, Entry
from shared.problems import RuleBroken
from tests.unit.dispatch.situations import commands, situations
from tests.unit.dispatch.stories import (
    COMMUNITY,
    DISTRICT,
    GRID_WORKER,
    LIMITS,
    NOW,
    ORDER,
    PARTNER,
    SEWAGE,
    STREET,
    claim_of,
    heard,
    opened,
    somebody_is_waited_for,
)  # fmt: skip
from tests.unit.dispatch.way_out import COLLEAGUE, towards_the_end

REACTIONS = reactions(Settings().first_ground, LIMITS)
SOMEBODY = st.sampled_from([GRID_WORKER, COMMUNITY, STREET, DISTRICT])
FLATS = st.sampled_from([f"1-{flat}" for flat in (101, 102, 201, 202)])
CONSENTS = st.lists(st.builds(ConsentIn, household=FLATS, consent=st.sampled_from(Consent)), max_size=4).map(
    lambda said: tuple({one.household: one for one in said}.values())
)
FEN = st.integers(0, 2_000_000)
PARTNERS_HAVE_IT = (DispatchState.CALLED, DispatchState.CLAIMED)
GONE = (DispatchState.UNKNOWN, DispatchState.CLOSED)


class AnySequence(RuleBasedStateMachine):
    """One dispatch. What partners say is what they could say; everything else is asked as it comes.

    Nobody closes it by hand, for then nothing more would happen: that it could be closed is tried after each step.
    """

    def __init__(self) -> None:
        super().__init__()
        self.at = NOW
        self.dispatch = opened()
        self.claims = 0

    def ask(
        self, rule: Callable[..., Decision[Dispatch]], *asked: object, by: Caller, **more: object
    ) -> None:
        """Whoever asks for what is not allowed is refused, and nothing has changed."""
        try:
            self.dispatch = rule(self.dispatch, *asked, by=by, **more).state
        except RuleBroken:
            return

    def hear(self, message: Message) -> None:
        react = REACTIONS[type(message)]
        self.dispatch = react(self.dispatch, heard(message, at=self.at)).state

    # ------------------------------------------------------------ what is asked

    @initialize(where=st.sampled_from([name for name in situations() if name not in ("unknown", "closed")]))
    def begin_somewhere(self, where: str) -> None:
        self.dispatch = situations()[where]

    @rule(name=st.sampled_from([name for name in commands() if name != "closure"]), by=SOMEBODY)
    def any_command(self, name: str, by: Caller) -> None:
        self.ask(lambda it, by: commands(by, SEWAGE, self.at)[name](it), by=by)

    @rule(
        cost=st.integers(1, 1_000_000),
        to_share=st.none() | FEN,
        use=st.lists(st.integers(0, 50), min_size=4, max_size=4),
        pays=st.sampled_from([100, 50, 0]),
        exemptions=st.sampled_from(["others", "subsidy"]),
        by=SOMEBODY,
    )
    def propose_it(
        self, cost: int, to_share: int | None, use: list[int], pays: int, exemptions: str, by: Caller
    ) -> None:
        flats = [
            HouseholdIn(id=f"1-{flat}", use=use[n] + (n == 0), pays=pays if n == 1 else 100)
            for n, flat in enumerate((101, 102, 201, 202))
        ]
        command = OpenRound.model_validate(
            {
                "proposal": "by use",
                "cost": cost,
                "allocation": "by_use",
                "to_share": to_share,
                "households": flats,
                "exemptions": exemptions,
            }
        )
        self.ask(propose, command, by=by, at=self.at, limits=LIMITS)

    @precondition(lambda self: self.dispatch.rounds)
    @rule(said=CONSENTS.filter(bool), by=SOMEBODY)
    def write_down(self, said: tuple[ConsentIn, ...], by: Caller) -> None:
        command = RecordConsents(consents=said)
        self.ask(record, len(self.dispatch.rounds), command, by=by, at=self.at)

    @precondition(lambda self: self.dispatch.rounds)
    @rule(said=CONSENTS, all_say=st.none() | st.just(Consent.YES), subsidies=FEN, by=SOMEBODY)
    def close_it(
        self, said: tuple[ConsentIn, ...], all_say: Consent | None, subsidies: int, by: Caller
    ) -> None:
        last = self.dispatch.rounds[-1]
        if all_say:
            said = tuple(ConsentIn(household=one.id, consent=all_say) for one in last.households)
        command = CloseRound(consents=said, subsidies=subsidies)
        self.ask(settle, last.number, command, by=by, at=self.at, limits=LIMITS)

    @precondition(lambda self: self.dispatch.open_round)
    @rule()
    def all_agree_and_nobody_objects(self) -> None:
        """A short cut to shares that bind."""
        self.close_it((), Consent.YES, 0, DISTRICT)
        if self.dispatch.on_notice:
            self.at = max(self.at, self.dispatch.due[Clock.NOTICE])
            self.dispatch = strike(self.dispatch, Clock.NOTICE, self.at, limits=LIMITS).state

    @precondition(lambda self: not self.dispatch.money.cost)
    @rule(fen=st.integers(1, 10**6))
    def call_for_what_nobody_discussed(self, fen: int) -> None:
        need = CallPartners(lines=(LineIn(name="funds", kind="funds", amount=fen),))
        self.ask(open_call, need, by=DISTRICT, at=self.at, limits=LIMITS)

    @precondition(lambda self: self.dispatch.on_notice)
    @rule(flat=FLATS, upheld=st.none() | st.booleans(), by=SOMEBODY)
    def object_or_answer(self, flat: str, upheld: bool | None, by: Caller) -> None:
        number = len(self.dispatch.rounds)
        no = RaiseObjection(household=flat, reason="no")
        self.ask(object_to, number, no, by=by, at=self.at, limits=LIMITS)
        if upheld is not None:
            command = AnswerObjection(household=flat, upheld=upheld, reason="so")
            self.ask(answer_objector, number, command, by=by, at=self.at, limits=LIMITS)

    @precondition(lambda self: self.dispatch.bound_round)
    @rule(flat=FLATS, fen=st.integers(1, 50_000), receipt=st.integers(1, 9), back=st.booleans())
    def pay_it(self, flat: str, fen: int, receipt: int, back: bool) -> None:
        before = self.dispatch.payments
        command = RecordPayment(household=flat, fen=fen, receipt=str(receipt))
        self.ask(pay_back if back else pay, command, by=DISTRICT, at=self.at, limits=LIMITS)
        assert self.dispatch.payments[: len(before)] == before

    @rule(passed=st.booleans())
    def check_it(self, passed: bool) -> None:
        self.ask(check, CheckWork(passed=passed, public_note="seen"), by=COLLEAGUE, at=self.at, limits=LIMITS)

    # ------------------------------------------------------------ what is heard

    @precondition(lambda self: self.dispatch.state is DispatchState.CALLED)
    @rule(whole=st.booleans())
    def partners_claim(self, whole: bool) -> None:
        call = self.dispatch.call
        assert call is not None
        self.claims += 1
        missing = {line: line.amount - call.claimed(line.name) for line in call.lines}
        lines = tuple(
            PledgedLine(name=line.name, kind=line.kind, amount=part, unit=line.unit)
            for line, left in missing.items()
            if (part := left if whole else left // 2)
        )
        claim = claim_of(*lines, round=call.round, id=UUID(int=self.claims))
        self.dispatch = REACTIONS[type(claim.data)](self.dispatch, claim).state
        if whole:
            self.hear(CallCoveredV1(round=call.round, partners=(PARTNER,), pledged=call.pledged()))

    @precondition(lambda self: self.dispatch.state in PARTNERS_HAVE_IT)
    @rule(more=st.integers(0, 10**6), labour=st.integers(1, 9))
    def more_is_asked_for(self, more: int, labour: int) -> None:
        call, before = self.dispatch.call, self.dispatch.money
        assert call is not None
        lines = [LineIn(name="labour", kind="labour", amount=labour)]
        lines += [
            LineIn(name=line.name, kind="funds", amount=line.amount + more)
            for line in call.lines
            if line.kind == "funds"
        ]
        command = ChangeCall(lines=tuple(lines))
        self.ask(change, command, by=DISTRICT, at=self.at, limits=LIMITS)
        after = self.dispatch.money
        assert (after.shares, after.subsidies, after.pledged) == (
            before.shares,
            before.subsidies,
            before.pledged,
        )
        assert before.from_call or after.cost == before.cost

    @precondition(lambda self: self.dispatch.state in PARTNERS_HAVE_IT and self.dispatch.call.awaits)
    @rule()
    def partners_show_the_change(self) -> None:
        call = self.dispatch.call
        assert call is not None
        reopened = self.dispatch.state is DispatchState.CLAIMED
        said = ChangePublishedV1(round=call.round, change=call.changes, gap=0, reopened=reopened)
        self.hear(said)
        assert self.dispatch.state is DispatchState.CALLED

    @precondition(lambda self: self.dispatch.state in PARTNERS_HAVE_IT and self.dispatch.call.claims)
    @rule()
    def partners_release(self) -> None:
        call = self.dispatch.call
        assert call is not None
        self.hear(
            ClaimReleasedV1(
                round=call.round,
                claim_id=call.claims[0].id,
                partner_id=PARTNER,
                gap=0,
                reopened=self.dispatch.state is DispatchState.CLAIMED,
            )
        )

    @precondition(lambda self: self.dispatch.state is DispatchState.CALLED)
    @rule()
    def the_call_expires(self) -> None:
        assert self.dispatch.call is not None
        self.hear(CallExpiredV1(round=self.dispatch.call.round, gap=0))
        assert Clock.RETURNED in self.dispatch.due

    @precondition(lambda self: self.dispatch.state is DispatchState.CLAIMED)
    @rule()
    def partners_deliver(self) -> None:
        assert self.dispatch.call is not None
        self.hear(WorkDeliveredV2(round=self.dispatch.call.round, partners=(PARTNER,), people=("li",)))

    @precondition(lambda self: self.dispatch.state is DispatchState.TO_EVALUATE)
    @rule(satisfied=st.booleans())
    def residents_say(self, satisfied: bool) -> None:
        if satisfied:
            self.hear(WorkEvaluatedV1(verdict="satisfied", result=5, speed=5, manner=5, round=1))
        else:
            self.hear(ReworkRequestedV1(reason="bad", round=1))

    @precondition(lambda self: self.dispatch.state is DispatchState.CLOSED)
    @rule()
    def residents_open_it_again(self) -> None:
        self.hear(OrderReopenedV1(number=self.dispatch.reopenings + 1, reason="came_back"))
        assert self.dispatch.state is not DispatchState.CLOSED

    @precondition(lambda self: self.dispatch.due)
    @rule()
    def time_passes(self) -> None:
        """Until the next clock strikes."""
        name, due = min(self.dispatch.due.items(), key=lambda one: one[1])
        self.at = max(self.at, due)
        self.dispatch = strike(self.dispatch, name, self.at, limits=LIMITS).state

    @rule(hours=st.integers(1, 30))
    def hours_pass(self, hours: int) -> None:
        """Not beyond the next clock: it would have struck."""
        then = self.at + timedelta(hours=hours)
        self.at = max(self.at, min([then, *self.dispatch.due.values()]))

    # ------------------------------------------------------------ what always holds

    @invariant()
    def the_money_adds_up(self) -> None:
        money = self.dispatch.money
        assert money.cost == money.shares + money.subsidies + money.pledged + money.gap
        assert min(money.gap, money.shares, money.subsidies, money.pledged) >= 0
        call = self.dispatch.call
        assert money.pledged == (call.pledged() if call and call.ended is None else 0)
        shown = DispatchOut.of(Entry(ORDER, self.dispatch), COMMUNITY).money
        assert shown.cost == shown.shares + shown.subsidies + shown.pledged + shown.gap
        bound = self.dispatch.bound_round
        if bound is None:
            assert (money.shares, self.dispatch.paid()) == (0, 0)
            return
        shares = {one.id: one.share if one.consents else 0 for one in bound.households}
        assert (money.cost, money.shares) == (bound.cost, sum(shares.values()))
        assert all(0 <= self.dispatch.paid(flat) <= share for flat, share in shares.items())
        assert shown.collected == sum(self.dispatch.paid(flat) for flat in shares) <= money.shares

    @invariant()
    def somebody_answers_for_it(self) -> None:
        it = self.dispatch
        match it.state:
            case DispatchState.ASSIGNED:
                unit: str | None = it.assigned_to
            case DispatchState.IN_HANDLING:
                unit = it.handled_by or it.assigned_to
            case DispatchState.REFERRED:
                unit = it.referrals[-1].department
            case _:
                unit = it.level.of(it.area)
        assert unit

    @invariant()
    def a_clock_runs(self) -> None:
        it = self.dispatch
        if it.state in (*GONE, DispatchState.MERGED):
            assert {Clock.of(name) for name in it.due} <= AMONG_US
            return
        assert somebody_is_waited_for(it)
        ends = {Clock.PAUSE, Clock.OVERDUE, Clock.CLOSE_BY, Clock.EVALUATION}
        assert ends & {Clock.of(name) for name in it.due}
        if it.state is DispatchState.TO_EVALUATE:
            assert {Clock.of(name) for name in it.due} == {Clock.EVALUATION}  # only the residents have time
        assert not it.overdue or it.state is not DispatchState.TO_EVALUATE
        assert it.open_round is None or it.due[Clock.ROUND] == it.open_round.until
        assert it.on_notice is None or Clock.NOTICE in it.due
        if it.state is DispatchState.IN_DELIBERATION and not (it.open_round or it.on_notice):
            assert Clock.RETURNED in it.due

    @invariant()
    def there_is_a_way_out(self) -> None:
        """A few steps of whoever must act now lead to an honest end."""
        it = self.dispatch
        for _ in range(5 + len(it.tasks)):
            if it.state is DispatchState.CLOSED:
                assert {Clock.of(name) for name in it.due} <= AMONG_US
                assert it.money.gap >= 0
                return
            it = towards_the_end(it, self.at)
        raise AssertionError(f"no way out of {self.dispatch.state}")


TestAnySequence = AnySequence.TestCase
TestAnySequence.settings = settings(max_examples=250, stateful_step_count=50, deadline=None)
