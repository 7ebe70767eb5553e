"""Every state meets every command: it moves as the table says, or is refused with a problem of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from services.partners.domain.call import OFFER, Call, Deed, Written
from services.partners.domain.call import UNTIL as CLOCK
from services.partners.domain.claims.refusals import (
    AlreadyDelivered,
    CallOver,
    DisplacedHolder,
    LineTaken,
    NoTakeover,
    NotStale,
)
from services.partners.domain.money.refusals import PledgeIsOver
from services.partners.domain.registry.partner import Partner
from services.partners.domain.standing.appeals import AppealTo, DecideAppeal, appeal, decide_appeal
from services.partners.domain.standing.refusals import NothingToAppeal
from services.partners.domain.states import NEXT, CallState, ClaimState
from services.partners.domain.terms import Terms
from services.partners.domain.works.refusals import NotBlocked, NotCovered
from shared.caller import Caller, Role
from shared.entry import Decision
from shared.problems import NotFound, RuleBroken, WrongState
from tests.unit.partners.claims.test_hands import answering, asking_for, giving_up
from tests.unit.partners.claims.test_lead import forcing, leading
from tests.unit.partners.given import (
    FIRST,
    LATER,
    ORDER,
    SECOND,
    TERMS,
    UNTIL,
    back_to_work,
    call_in,
    called,
    changing,
    claiming,
    close,
    confirming,
    declining,
    delivering,
    expire,
    held_by,
    note_verdict,
    open_call,
    open_to_partners,
    planning,
    receiving,
    releasing,
    reporting,
    returning,
    strike,
    taking_all,
    withdraw,
)
from tests.unit.partners.works.test_blocking import blocking, resuming, surveying

STREET = Caller("street-1", Role.STREET, area="370203/370203014")
Act = Callable[[Call], Decision[Call]]


def _of_a_holder(act: Callable[..., Decision[Call]]) -> Act:
    """A blank call has no claim to act on: there is nothing of that id."""

    def acts(call: Call) -> Decision[Call]:
        if not call.claims:
            raise NotFound
        return act(call, FIRST)

    return acts


def _paid(call: Call, by: Partner) -> Call:
    """As if it had been paid while the claim was held."""
    deed = Written(
        deed=Deed.RECEIVED,
        claim_id=held_by(call, by).claim_id,
        line="money",
        kind="funds",
        amount=1000,
        at=LATER,
        by="",
    )
    return call.but(record=(deed,))


def _offered(call: Call) -> Call:
    """As if it had been offered to those who fit best, if it was called at all."""
    if call.state is CallState.BLANK:
        return call
    offered_to = (str(FIRST.id), str(SECOND.id))
    return call.but(matched=True, offered_to=offered_to).with_clock(OFFER, LATER)


def _blocked(call: Call) -> Call:
    """Wherever it could be."""
    live = call.state in (CallState.OPEN, CallState.COVERED, CallState.IN_WORK)
    return blocking(call).state if live else call


def _asked(call: Call, by: Partner) -> Call:
    """The second partner asks for what this one holds, wherever it could ever have."""
    return asking_for(call, SECOND, terms=ANY).state if held_by(call, by).state is ClaimState.ACTIVE else call


def _wanted(act: Callable[[Call], Decision[Call]]) -> Act:
    """A delivered claim cannot be asked for, so no answer can be due."""

    def acts(call: Call, by: Partner) -> Decision[Call]:
        try:
            return act(_asked(call, by))
        except NotStale as refused:
            if call.state is CallState.DELIVERED:
                raise NoTakeover from refused
            raise

    return _of_a_holder(acts)


def _silence(call: Call) -> Decision[Call]:
    """Nothing is heard of the first claim, long enough for it to be stale and to go back."""
    once = strike(call, "claim/1", LATER + timedelta(days=100)).state
    return strike(once, "claim/1", LATER + timedelta(days=200))


ANY = Terms(takeover_any=True)


def appealing(call: Call, by: Partner) -> Decision[Call]:
    command = AppealTo(against="claim", of=str(held_by(call, by).claim_id), reason="it was not us")
    return appeal(call, command, order_id=ORDER, partner_id=by.id, person="li", at=LATER, terms=TERMS)


COMMANDS: dict[str, Act] = {
    "claim a part": lambda call: claiming(call, SECOND, pipe=1),
    "claim the rest": lambda call: claiming(call, SECOND, money=300_000, pipe=12),
    "plan": _of_a_holder(planning),
    "report": _of_a_holder(reporting),
    "deliver": _of_a_holder(delivering),
    "release": _of_a_holder(releasing),
    "confirm": _of_a_holder(confirming),
    "money is paid": _of_a_holder(receiving),
    "money goes back": _of_a_holder(lambda call, by: returning(_paid(call, by), by)),
    "be on the spot": _of_a_holder(lambda call, _: surveying(call)),
    "be blocked": _of_a_holder(lambda call, _: blocking(call)),
    "go on": _of_a_holder(lambda call, _: resuming(_blocked(call))),
    "ask to take over": _of_a_holder(lambda call, _: asking_for(call, SECOND, terms=ANY)),
    "agree to it": _wanted(lambda call: answering(call, agreed=True)),
    "refuse it": _wanted(lambda call: answering(call, agreed=False)),
    "give it up": _wanted(lambda call: giving_up(call, SECOND)),
    "nobody answers": _wanted(lambda call: strike(call, "takeover/1", LATER + timedelta(days=9))),
    "nothing is heard": _silence,
    "the staff take it": _of_a_holder(lambda call, _: forcing(call)),
    "a lead is chosen": _of_a_holder(leading),
    "called anew": lambda call: open_call(call, called(round=2), at=LATER, terms=TERMS),
    "more is needed": lambda call: changing(call, ("fitters", "labour", 8)),
    "needed for longer": lambda call: changing(call, until=UNTIL + timedelta(days=1)),
    "withdrawn": lambda call: withdraw(call, round=1, at=LATER),
    "closed, solved": lambda call: close(call, outcome="solved", at=LATER),
    "closed, not solved": lambda call: close(call, outcome="not_solved", at=LATER),
    "not passed": back_to_work,
    "evaluated": lambda call: note_verdict(call, n=1, verdict="satisfied", at=LATER),
    "appeal": _of_a_holder(appealing),
    "appeal decided": lambda call: decide_appeal(
        call,
        ORDER,
        DecideAppeal(decision="upheld", answer="ok"),
        by=STREET,
        at=LATER,
        people_of=lambda _: frozenset(),
    ),
    "its end": lambda call: strike(call, CLOCK, UNTIL),
    "decline": lambda call: declining(_offered(call), SECOND),
    "more are asked": lambda call: strike(_offered(call), OFFER, LATER),
}

SAME = "same"  # the very same state, and nothing is told
B, O, C, W, D, A, X, E = CallState  # noqa: E741 - the columns below
Expected = CallState | type[RuleBroken] | str

Missing, Over, Taken, Early = NotFound, CallOver, LineTaken, NotCovered
Nothing = NothingToAppeal
Done, Gone, Wrong, NotDue = AlreadyDelivered, DisplacedHolder, WrongState, PledgeIsOver
Nobody, NotKept = NoTakeover, NotBlocked

# fmt: off
WALK: dict[str, tuple[Expected, ...]] = {
    #                      blank      open       covered    in work    delivered  accepted   withdrawn  expired
    "claim a part":       (Missing,   O,         Taken,     Taken,     Taken,     Taken,     Over,      Over),
    "claim the rest":     (Missing,   C,         Taken,     Taken,     Taken,     Taken,     Over,      Over),
    "plan":               (Missing,   O,         W,         W,         Done,      Wrong,     Gone,      Gone),
    "report":             (Missing,   Early,     W,         SAME,      Done,      Wrong,     Gone,      Gone),
    "deliver":            (Missing,   Early,     D,         D,         SAME,      Wrong,     Gone,      Gone),
    "release":            (Missing,   O,         O,         O,         Wrong,     Wrong,     Gone,      Gone),
    "confirm":            (Missing,   O,         C,         W,         D,         Wrong,     Gone,      Gone),
    "money is paid":      (Missing,   O,         C,         W,         D,         A,         NotDue,    NotDue),
    "money goes back":    (Missing,   O,         C,         W,         D,         A,         X,         E),
    "be on the spot":     (Missing,   O,         C,         W,         Wrong,     Wrong,     Gone,      Gone),
    "be blocked":         (Missing,   O,         C,         W,         Wrong,     Wrong,     Gone,      Gone),
    "go on":              (Missing,   O,         C,         W,         NotKept,   Wrong,     Gone,      Gone),
    "ask to take over":   (Missing,   O,         C,         W,         NotStale,  NotStale,  Wrong,     Wrong),
    "agree to it":        (Missing,   O,         C,         W,         Nobody,    Wrong,     Gone,      Gone),
    "refuse it":          (Missing,   O,         C,         W,         Nobody,    Wrong,     Gone,      Gone),
    "give it up":         (Missing,   O,         C,         W,         Nobody,    Nobody,    Nobody,    Nobody),
    "nobody answers":     (Missing,   O,         C,         W,         Nobody,    A,         X,         E),
    "nothing is heard":   (B,         O,         O,         O,         D,         A,         X,         E),
    "the staff take it":  (Missing,   O,         O,         O,         Wrong,     Wrong,     Wrong,     Wrong),
    "a lead is chosen":   (Missing,   O,         C,         W,         D,         Wrong,     Wrong,     Wrong),
    "called anew":        (O,         O,         O,         O,         O,         O,         O,         O),
    "more is needed":     (SAME,      O,         O,         O,         O,         SAME,      SAME,      SAME),
    "needed for longer":  (SAME,      O,         C,         W,         D,         SAME,      SAME,      SAME),
    "withdrawn":          (SAME,      X,         X,         X,         X,         SAME,      SAME,      SAME),
    "closed, solved":     (SAME,      X,         A,         A,         A,         SAME,      SAME,      SAME),
    "closed, not solved": (SAME,      X,         X,         X,         X,         SAME,      SAME,      SAME),
    "not passed":         (SAME,      SAME,      SAME,      SAME,      W,         SAME,      SAME,      SAME),
    "evaluated":          (SAME,      SAME,      SAME,      SAME,      D,         A,         SAME,      SAME),
    "appeal":             (Missing,   Nothing,   Nothing,   Nothing,   Nothing,   Nothing,   Nothing,   Nothing),
    "appeal decided":     (Missing,   Missing,   Missing,   Missing,   Missing,   Missing,   Missing,   Missing),
    "its end":            (B,         E,         C,         W,         D,         A,         X,         E),
    "decline":            (Missing,   O,         Wrong,     Wrong,     Wrong,     Wrong,     Wrong,     Wrong),
    "more are asked":     (B,         O,         C,         W,         D,         A,         X,         E),
}
# fmt: on


@pytest.mark.parametrize("state", CallState)
@pytest.mark.parametrize("command", WALK)
def test_every_state_meets_every_command(state: CallState, command: str) -> None:
    call = call_in(state)
    expected = WALK[command][list(CallState).index(state)]
    if isinstance(expected, type) and issubclass(expected, RuleBroken):
        with pytest.raises(expected) as refused:
            COMMANDS[command](call)
        assert type(refused.value) is expected
        assert refused.value.title()
        return
    decision = COMMANDS[command](call)
    if expected == SAME:
        assert decision.state is call
        assert decision.events == ()
        return
    assert decision.state.state is expected
    begins = CallState.BLANK if decision.state.round > call.round else state
    assert expected is begins or expected in NEXT[begins]


def test_the_walk_leaves_no_command_out() -> None:
    assert set(WALK) == set(COMMANDS)
    assert set(NEXT) == set(CallState)


def test_every_legal_move_is_made_by_some_command() -> None:
    made = {(B, O)}
    shared = claiming(claiming(open_to_partners(), FIRST, pipe=12).state, SECOND, money=600_000).state
    half_done = releasing(delivering(shared, FIRST).state, SECOND).state  # delivered in part, and open again
    for call in [*map(call_in, CallState), half_done, taking_all(half_done, SECOND).state]:
        for act in COMMANDS.values():
            try:
                after = act(call).state
            except RuleBroken:
                continue
            if after.round == call.round and after.state is not call.state:
                made.add((call.state, after.state))
    assert made == {(state, after) for state, some in NEXT.items() for after in some}


@pytest.mark.parametrize("state", CallState)
@pytest.mark.parametrize("to", CallState)
def test_no_other_move_is_possible(state: CallState, to: CallState) -> None:
    call = call_in(state)
    if to in NEXT[state]:
        assert call.moved(to, until=UNTIL).state is to
    else:
        with pytest.raises(WrongState):
            call.moved(to)


def test_nobody_holds_anything_of_a_call_that_ended() -> None:
    for state in (A, X, E):
        assert all(claim.state is not ClaimState.ACTIVE for claim in call_in(state).claims)


def test_expiry_is_for_open_calls() -> None:
    with pytest.raises(WrongState):
        expire(call_in(CallState.COVERED), UNTIL)
