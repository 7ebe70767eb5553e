"""A call that is open is changed so that no claim is wronged: a later end, more of a line, a new line, another text.

Whoever called for too much, or by another offer, withdraws and calls again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, model_validator

from services.dispatch.domain.clocks.limits import Limits, chosen_end
from services.dispatch.domain.deliberation.record import Money
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import must_answer, must_see
from services.dispatch.domain.notes import keeps_note
from services.dispatch.domain.record import Said
from services.dispatch.domain.states import WITH_PARTNERS, Level
from services.dispatch.domain.words import KEPT_FROM_RESIDENTS, Noted
from services.dispatch.domain.works.call import (
    FUNDS,
    CallEndOutOfRange,
    FundsMustMatchGap,
    LineIn,
    must_be_of_use,
    needed,
)
from services.dispatch.domain.works.record import Call, CalledLine
from shared.caller import Caller
from shared.command import Remark, Time
from shared.contracts.from_dispatch import CallChangedV1
from shared.contracts.from_dispatch.works import NeedLineV2
from shared.entry import Decision, decided, unchanged
from shared.problems import RuleBroken


class ClaimsWouldBeWronged(RuleBroken):
    """An open call can become longer or larger; for anything else withdraw it and call again."""


class TooManyLines(RuleBroken):
    """A call has so many lines at most."""


class NothingChanges(RuleBroken):
    """The call is already as it would be."""


class ChangeCall(Noted):
    """`lines`: those that change or are new, each whole; the others stay. `until`: the new end, if there is one.

    Partners and residents are told what is new, and not the `reason`.
    """

    lines: Annotated[tuple[LineIn, ...], Field(max_length=20)] = ()
    until: Time | None = None
    reason: Annotated[Remark, Field(description=KEPT_FROM_RESIDENTS)] = ""

    @model_validator(mode="after")
    def _changes_something(self) -> ChangeCall:
        if not self.lines and self.until is None:
            raise ValueError("nothing is changed")
        if len({line.name for line in self.lines}) < len(self.lines):
            raise ValueError("a line is named twice")
        return self


@keeps_note
def change(
    dispatch: Dispatch, command: ChangeCall, *, by: Caller, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """More is asked of the partners, or for longer → `call_changed`.

    Raises ClaimsWouldBeWronged, FundsMustMatchGap, CallEndOutOfRange, LatestIsPast, TooManyLines, NothingChanges.
    """
    must_see(dispatch, by)
    dispatch.must_be(*WITH_PARTNERS)
    must_answer(dispatch, by, least=Level.COMMUNITY)
    call = dispatch.call
    assert call is not None, "a dispatch is called by a call"
    must_be_of_use(command.lines, at)
    lines = _changed(call.lines, command)
    until = _later(call, command, at, limits)
    said = Said(by=by.id, text=command.reason)
    if lines == call.lines and until == call.until:
        if command.reason and call.said != said:
            raise NothingChanges
        return unchanged(dispatch)
    grows = [(line.name, line.amount) for line in lines] != [(line.name, line.amount) for line in call.lines]
    if grows:
        _may_grow(dispatch, call)
    if len(lines) > _MOST_LINES:
        raise TooManyLines(f"{len(lines)} of {_MOST_LINES}")
    number = call.changes + 1
    awaits = number if grows else call.awaits
    changed = dispatch.but(
        call=call.but(lines=lines, until=until, changes=number, awaits=awaits, said=said),
        money=_money_for(dispatch.money, lines),
    )
    told = CallChangedV1(
        round=call.round,
        change=number,
        lines=tuple(NeedLineV2.model_validate(line.model_dump()) for line in lines),
        until=until,
        reason=command.reason,
    )
    return decided(changed, told)


_MOST_LINES = 50  # what the contract of a claim can name


def _changed(lines: tuple[CalledLine, ...], command: ChangeCall) -> tuple[CalledLine, ...]:
    """Raises ClaimsWouldBeWronged for a line that becomes less, other, or of use for a shorter time."""
    wanted = {line.name: needed(line, line.amount or 0) for line in command.lines}
    for old in lines:
        new = wanted.get(old.name)
        if new is None:
            continue
        if (new.kind, new.unit) != (old.kind, old.unit) or new.amount < old.amount:
            raise ClaimsWouldBeWronged(f"{old.name}: {old.amount} {old.unit} are called for")
        if new.latest is not None and (old.latest is None or new.latest < old.latest):
            raise ClaimsWouldBeWronged(f"{old.name}: it is of use until {old.latest or 'any day'}")
    kept = tuple(wanted.pop(old.name, old) for old in lines)
    return (*kept, *wanted.values())


def _later(call: Call, command: ChangeCall, at: datetime, limits: Limits) -> datetime:
    if command.until is None or command.until == call.until:
        return call.until
    if command.until < call.until:
        raise ClaimsWouldBeWronged(f"it is open until {call.until.isoformat()}")
    return chosen_end(
        command.until, at, usual=limits.call, longest=limits.longest_call, refusal=CallEndOutOfRange
    )


def _may_grow(dispatch: Dispatch, call: Call) -> None:
    if call.exclusive:
        raise ClaimsWouldBeWronged("One partner takes it as a whole.")
    if dispatch.partners_did:
        raise ClaimsWouldBeWronged("The work was delivered once.")


def _money_for(money: Money, lines: tuple[CalledLine, ...]) -> Money:
    """A cost that is known only from the call grows with it; one that was agreed has its gap, and no more.

    Raises FundsMustMatchGap.
    """
    funds = [line.amount for line in lines if line.kind == FUNDS]
    called = sum(funds)
    if len(funds) > 1 or 0 in funds:
        raise FundsMustMatchGap("There is one line of funds at most, and it says how much.")
    if money.from_call or not money.cost:
        return Money(cost=called, pledged=money.pledged, from_call=True) if called else money
    missing = money.with_pledges(0).gap
    if called != missing:
        raise FundsMustMatchGap(f"The gap is {missing} fen.", gap=missing)
    return money
