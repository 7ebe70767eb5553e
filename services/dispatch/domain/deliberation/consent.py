"""What the households say to a proposal, one by one, and what comes of it: agreed or not, and the gap."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction
from typing import Annotated, Self

from pydantic import Field, model_validator

from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.clocks.watch import returned, watched
from services.dispatch.domain.deliberation.record import Consent, Money, Notice, Round, Subsidy
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import must_answer, must_be_staff, must_see
from services.dispatch.domain.states import Clock, DispatchState, Level
from services.dispatch.domain.words import KEPT_FROM_RESIDENTS, Flat, Minutes, Title
from shared.caller import Caller
from shared.command import Command
from shared.contracts.from_dispatch import NoticeOpenedV1, RoundClosedV2
from shared.contracts.message import Fen
from shared.entry import Decision, decided, unchanged
from shared.problems import NotFound, RuleBroken


class SubsidiesPassCost(RuleBroken):
    """Shares and subsidies together are more than the matter costs."""


class RoundIsClosed(RuleBroken):
    """The result of this round stands."""


class UnknownHousehold(RuleBroken):
    """This household takes no part in the round."""


class ConsentIn(Command):
    household: Flat
    consent: Consent


class _Said(Command):
    @model_validator(mode="after")
    def _once_each(self) -> Self:
        consents: Iterable[ConsentIn] = getattr(self, "consents", ())
        named = [one.household for one in consents]
        if len(set(named)) < len(named):
            raise ValueError("a household is named twice")
        return self


class RecordConsents(_Said):
    """What some households say, or say now; as long as the round is open they may change their mind."""

    consents: Annotated[tuple[ConsentIn, ...], Field(min_length=1, max_length=500)]


class SubsidyIn(Command):
    source: Annotated[Title, Field(description=KEPT_FROM_RESIDENTS)]
    fen: Fen


class CloseRound(_Said):
    """What was said besides what is recorded already; a household that says nothing at all is silent.

    `subsidies` in fen, from whatever public purse, or by their sources.
    """

    consents: Annotated[tuple[ConsentIn, ...], Field(max_length=500)] = ()
    subsidies: Fen | Annotated[tuple[SubsidyIn, ...], Field(max_length=20)] = 0
    minutes: Annotated[Minutes | None, Field(description=KEPT_FROM_RESIDENTS)] = None

    def grants(self) -> tuple[Subsidy, ...]:
        if isinstance(self.subsidies, int):
            return (Subsidy(source="", fen=self.subsidies),) if self.subsidies else ()
        return tuple(Subsidy(source=one.source, fen=one.fen) for one in self.subsidies)


def record(
    dispatch: Dispatch, number: int, command: RecordConsents, *, by: Caller, at: datetime
) -> Decision[Dispatch]:
    """Write down what households say, and who wrote it down. Any staff of the area may: it goes from door to door.

    Nothing is told of it before the round is closed. Raises NotFound, RoundIsClosed, UnknownHousehold.
    """
    must_see(dispatch, by)
    must_be_staff(by)
    round = round_of(dispatch, number)
    if not round.is_open:
        raise RoundIsClosed(f"Round {number} is closed.", agreed=round.agreed)
    dispatch.must_be(DispatchState.IN_DELIBERATION)
    said = _saying(round, command.consents, by=by.id, at=at)
    if said == round:
        return unchanged(dispatch)
    return decided(dispatch.with_round(said))


def settle(
    dispatch: Dispatch, number: int, command: CloseRound, *, by: Caller, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """Close the round with what was said. What is agreed is on public notice, and binds when that is over.

    A round that failed changes nothing about the money: the unit says what comes next.

    Raises NotFound, RoundIsClosed, UnknownHousehold, SubsidiesPassCost.
    """
    must_see(dispatch, by)
    before = round_of(dispatch, number)
    closed = _result(_saying(before, command.consents, by=by.id, at=at), command, at)
    if not before.is_open:
        if before.but(closed_at=at) == closed:
            return unchanged(dispatch)
        raise RoundIsClosed(f"Round {number} is closed.", agreed=before.agreed)
    dispatch.must_be(DispatchState.IN_DELIBERATION)
    must_answer(dispatch, by, least=Level.COMMUNITY)
    return _closed(dispatch, closed, at=at, limits=limits)


def round_is_over(dispatch: Dispatch, *, at: datetime, limits: Limits) -> Decision[Dispatch]:
    """Its time has come: it is closed with what was said until then."""
    if dispatch.open_round is None:
        return decided(dispatch)
    return _closed(dispatch, _result(dispatch.open_round, CloseRound(), at), at=at, limits=limits)


def is_agreed(round: Round) -> bool:
    """Enough of the households said anything, and enough of those said yes."""
    yes = round.count(Consent.YES)
    heard = yes + round.count(Consent.NO)
    enough = heard >= Fraction(round.quorum) * len(round.households)
    return yes > 0 and enough and yes >= Fraction(round.threshold) * heard


def round_of(dispatch: Dispatch, number: int) -> Round:
    """Raises NotFound."""
    if not 1 <= number <= len(dispatch.rounds):
        raise NotFound
    return dispatch.rounds[number - 1]


def _closed(dispatch: Dispatch, closed: Round, *, at: datetime, limits: Limits) -> Decision[Dispatch]:
    if closed.gap < 0:
        raise SubsidiesPassCost(f"{-closed.gap} fen too much", cost=closed.cost, shares=closed.shares)
    term = limits.calendar.term(at, limits.notice) if closed.agreed and limits.notice else None
    notice = Notice(opened_at=at, until=term.end) if term else None
    closed = closed.but(notice=notice)
    dispatch = dispatch.with_round(closed).with_clock(Clock.ROUND, None)
    consenting, households = closed.count(Consent.YES), len(closed.households)
    told = RoundClosedV2.of(closed, consenting=consenting, households=households)
    if term is not None:
        opened = NoticeOpenedV1.of(closed, until=term.end)
        return decided(dispatch.with_term(Clock.NOTICE, term, at=at), told, opened)
    if closed.agreed:
        return decided(bind(dispatch, closed, at=at, limits=limits), told)
    return decided(returned(dispatch, at=at, limits=limits), told)


def _saying(round: Round, consents: tuple[ConsentIn, ...], *, by: str, at: datetime) -> Round:
    said = {one.household: one.consent for one in consents}
    unknown = said.keys() - {household.id for household in round.households}
    if unknown:
        raise UnknownHousehold(", ".join(sorted(unknown)))
    households = tuple(one.saying(said.get(one.id, one.consent), by=by, at=at) for one in round.households)
    return round.but(households=households)


def _result(said: Round, command: CloseRound, at: datetime) -> Round:
    yes = [household for household in said.households if household.consent is Consent.YES]
    grants = command.grants()
    return said.but(
        closed_at=at,
        agreed=is_agreed(said),
        minutes=command.minutes or "",
        shares=sum(household.share for household in yes),
        subsidies=sum(household.relief for household in yes) + sum(grant.fen for grant in grants),
        grants=grants,
    )


def bind(dispatch: Dispatch, agreed: Round, *, at: datetime, limits: Limits) -> Dispatch:
    """The shares bind. When nothing is missing the unit goes on by itself; a gap waits for partners or a next round."""
    money = Money(cost=agreed.cost, shares=agreed.shares, subsidies=agreed.subsidies)
    dispatch = dispatch.but(money=money)
    if money.gap:
        return returned(dispatch, at=at, limits=limits)
    own = dispatch.moved(DispatchState.IN_HANDLING, handled_by=dispatch.level.of(dispatch.area))
    return watched(own, at=at, limits=limits)
