"""A call to partners: the need in lines, open to all or offered to chosen ones, until it ends."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from services.dispatch.domain.clocks.limits import Limits, chosen_end
from services.dispatch.domain.clocks.watch import returned
from services.dispatch.domain.deliberation.record import Money
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import at_least, must_answer, must_see
from services.dispatch.domain.notes import keeps_note
from services.dispatch.domain.record import Said
from services.dispatch.domain.states import WITH_A_UNIT, WITH_PARTNERS, DispatchState, Level
from services.dispatch.domain.words import Noted, PublicNote
from services.dispatch.domain.works.record import Call, CalledLine
from shared.caller import Caller
from shared.command import Command, Day, Time
from shared.contracts.from_dispatch import CallWithdrawnV1
from shared.contracts.from_dispatch.works import NeedLineV2, PartnersCalledV2
from shared.contracts.message import copied, names_nobody
from shared.entry import Decision, decided, unchanged
from shared.problems import RuleBroken

FUNDS = "funds"


class FundsMustMatchGap(RuleBroken):
    """What is called for in funds must be the gap, neither more nor less."""


class CallEndOutOfRange(RuleBroken):
    """A call ends in the future, and not later than its longest time allows."""


class TooManyCalls(RuleBroken):
    """Partners were called often enough; another way out is needed."""


class LineIn(Command):
    """`amount`: fen for funds (left out, the gap), whole units for everything else. `latest`: the last day of use."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,40}$"), AfterValidator(names_nobody)]
    kind: Literal["funds", "goods", "labour", "venue", "professional_service", "data"]
    amount: Annotated[int, Field(gt=0, le=2**53)] | None = None
    unit: Annotated[str, StringConstraints(pattern=r"^[\w ]{1,20}$"), AfterValidator(names_nobody)] | None = (
        None
    )
    text: PublicNote = ""
    latest: Day | None = None

    @model_validator(mode="after")
    def _counted(self) -> Self:
        if self.kind == FUNDS and self.unit not in (None, "fen"):
            raise ValueError("funds are counted in fen")
        if self.kind != FUNDS and self.amount is None:
            raise ValueError("only the amount of funds can be left out")
        return self


class CallPartners(Noted):
    """Who is asked: the partners of `offered_to`, or all; `matched`: those who fit best first, step by step all.

    `until` is left out for the usual time.
    """

    lines: Annotated[tuple[LineIn, ...], Field(min_length=1, max_length=20)]
    exclusive: bool = False
    offered_to: Annotated[tuple[UUID, ...], Field(max_length=50)] = ()
    matched: bool = False
    until: Time | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len({line.name for line in self.lines}) < len(self.lines):
            raise ValueError("a line is named twice")
        if sum(line.kind == FUNDS for line in self.lines) > 1:
            raise ValueError("there is one line of funds at most")
        if self.matched and self.offered_to:
            raise ValueError("either partners are chosen, or those who fit best are found")
        return self


class LatestIsPast(RuleBroken):
    """The last day on which a line is of use is past already."""


class CallIsOpen(RuleBroken):
    """The need is open to partners: change the call, or withdraw it and call again."""


class WithdrawCall(Noted):
    reason: PublicNote = ""


@keeps_note
def open_call(
    dispatch: Dispatch, command: CallPartners, *, by: Caller, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """Open the need to partners.

    Raises CallIsOpen, RoundIsOpen, OnNotice, FundsMustMatchGap, CallEndOutOfRange, LatestIsPast, TooManyCalls.
    """
    must_see(dispatch, by)
    if dispatch.state is DispatchState.CALLED and _same(dispatch, command):
        return unchanged(dispatch)
    if dispatch.state in WITH_PARTNERS:
        raise CallIsOpen(state=dispatch.state.value)
    dispatch.must_be(*WITH_A_UNIT)
    must_answer(dispatch, by, least=Level.COMMUNITY)
    dispatch.must_not_be_discussed()
    must_be_of_use(command.lines, at)
    number = dispatch.call.round + 1 if dispatch.call else 1
    if number > limits.calls:
        raise TooManyCalls(f"Partners were called {limits.calls} times.")
    money = _money_for(dispatch.money, command)
    call = Call(
        round=number,
        lines=_lines(command, money),
        exclusive=command.exclusive,
        offered_to=tuple(str(partner) for partner in command.offered_to),
        until=chosen_end(
            command.until, at, usual=limits.call, longest=limits.longest_call, refusal=CallEndOutOfRange
        ),
        matched=command.matched,
        back_to=DispatchState.IN_HANDLING if dispatch.state is DispatchState.ASSIGNED else dispatch.state,
    )
    called = dispatch.moved(
        DispatchState.CALLED, call=call, money=money, level=at_least(dispatch.level, Level.COMMUNITY)
    )
    return decided(called, _told(called, call))


def must_be_of_use(lines: Iterable[LineIn], at: datetime) -> None:
    """Raises LatestIsPast."""
    yesterday = at.date() - timedelta(days=1)  # a day of grace: `at` is UTC, the day meant may be another
    if any(line.latest and line.latest < yesterday for line in lines):
        raise LatestIsPast


@keeps_note
def end_call(
    dispatch: Dispatch, command: WithdrawCall, *, by: Caller, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """The need is no longer open; whoever took a part of it is free, and the unit that called has it again."""
    must_see(dispatch, by)
    said = Said(by=by.id, text=command.reason)
    if (
        dispatch.call is not None
        and dispatch.call.ended == WITHDRAWN
        and dispatch.call.said == said
        and dispatch.state is dispatch.call.back_to
    ):
        return unchanged(dispatch)
    dispatch.must_be(*WITH_PARTNERS)
    must_answer(dispatch, by, least=Level.COMMUNITY)
    assert dispatch.call is not None, "a dispatch is called by a call"
    told = CallWithdrawnV1(round=dispatch.call.round, reason=command.reason)
    withdrawn = dispatch.but(call=dispatch.call.but(said=said))
    return decided(call_ended(withdrawn, WITHDRAWN, at=at, limits=limits), told)


WITHDRAWN = "withdrawn"

EXPIRED = "expired"


def call_ended(dispatch: Dispatch, how: str, *, at: datetime, limits: Limits) -> Dispatch:
    """Back to where it was called from, with a clock of its own; nothing is pledged any more."""
    assert dispatch.call is not None, "a dispatch is called by a call"
    ended = dispatch.call.but(ended=how, claims=())
    back = dispatch.moved(ended.back_to, call=ended, money=dispatch.money.after_call())
    if back.state is DispatchState.IN_HANDLING and back.handled_by is None:
        back = back.but(handled_by=back.level.of(back.area))
    return returned(back, at=at, limits=limits)


def _told(dispatch: Dispatch, call: Call) -> PartnersCalledV2:
    money, bound = dispatch.money, dispatch.bound_round
    offer: Literal["open", "chosen", "matched"] = "chosen" if call.offered_to else "open"
    return PartnersCalledV2.of(
        dispatch,
        round=call.round,
        lines=tuple(NeedLineV2.model_validate(line.model_dump()) for line in call.lines),
        exclusive=call.exclusive,
        offer="matched" if call.matched else offer,
        offered_to=call.offered_to,
        until=call.until,
        cost=0 if money.from_call else money.cost,  # 0: nobody agreed on one
        shares=money.shares,
        subsidies=money.subsidies,
        own_of=tuple(own for own in (dispatch.ordered_by, dispatch.handled_by) if own),
        households=tuple(one.id for one in bound.households) if bound else (),
    )


def _money_for(money: Money, command: CallPartners) -> Money:
    """Where the cost is known, funds are called for exactly when something is missing, and exactly that much.

    Where it is not, what is called for is all that is known of the cost.
    """
    funds = next((line for line in command.lines if line.kind == FUNDS), None)
    if not money.cost:
        if funds is None:
            return money
        if funds.amount is None:
            raise FundsMustMatchGap("The cost is not known: say how much is needed.", gap=0)
        return Money(cost=funds.amount, from_call=True)
    if (funds is None) != (money.gap == 0):
        raise FundsMustMatchGap(f"The gap is {money.gap} fen.", gap=money.gap)
    if funds is not None and funds.amount not in (None, money.gap):
        raise FundsMustMatchGap(f"The gap is {money.gap} fen.", gap=money.gap)
    return money


def _lines(command: CallPartners, money: Money) -> tuple[CalledLine, ...]:
    return tuple(needed(line, line.amount or money.gap) for line in command.lines)


def needed(line: LineIn, amount: int) -> CalledLine:
    """The line as it is kept."""
    unit = "fen" if line.kind == FUNDS else line.unit or "unit"
    return copied(CalledLine, line, amount=amount, unit=unit)


def _same(dispatch: Dispatch, command: CallPartners) -> bool:
    call = dispatch.call
    assert call is not None, "a dispatch is called by a call"
    return (
        call.lines == _lines(command, dispatch.money.with_pledges(0))
        and call.exclusive == command.exclusive
        and call.matched == command.matched
        and call.offered_to == tuple(str(partner) for partner in command.offered_to)
        and command.until in (None, call.until)
    )
